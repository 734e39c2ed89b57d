# 繁體中文. How texts are written: see en.ftl.

date-format = %Y/%m/%d
span-seconds = { $n } 秒
span-minutes = { $n } 分鐘
span-hours = { $n } 小時

# --- answers that can't be read
too-long = 內容太長，請重新輸入。
not-plain = 無法辨識，請重新輸入。
choose-again = 請輸入上面列出的選項之一。
choose-number = 請輸入電話號碼本身。

# --- when nothing goes
unavailable = 目前無法重設。
server-changed = 伺服器停止回應。請重新輸入。
resting =
    錯誤的驗證碼過多。
    此帳戶的重設功能已暫停，{ $time }後可再次使用。
too-many-starts = 嘗試次數過多，請在 { $time }後再試。
go-on-prompt = 按 Enter 繼續: {""}

# --- recovery
recover-menu = 您想怎樣證明是您本人？
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     寄到您登錄的電子郵件地址的驗證碼
recover-menu-app = {"  "}app   驗證器應用程式中的驗證碼
recover-menu-codes = {"  "}code  復原碼，或服務台提供的代碼
recover-menu-recovery-code = {"  "}code  復原碼
recover-menu-helpdesk-code = {"  "}code  服務台提供的代碼
recover-menu-contact = {"  "}或者輸入您的電話號碼或電子郵件地址
recover-menu-number = {"  "}或者輸入您登錄的電話號碼
recover-menu-address = {"  "}或者輸入另一個登錄的電子郵件地址
recover-menu-prompt = 您的選擇 (按 Enter 返回): {""}
recover-menu-prompt-mandatory = 您的選擇: {""}
one-more-proof =
    驗證碼正確。
    此帳戶還需要透過另一種方式再驗證一次。
proof-gone = 已逾時。請按 Enter 重新開始。
recover-left = 已中止。沒有任何變更。
recover-given-up =
    輸入了太多未列出的選項。
    沒有任何變更。

# --- codes
code-sent-email =
    如果此帳戶登錄了電子郵件地址，
    驗證碼已寄到該地址，{ $minutes } 分鐘內有效。
code-sent-contact =
    如果它已為此帳戶登錄，
    驗證碼已傳送到那裡，{ $minutes } 分鐘內有效。
code-called =
    如果這是為此帳戶登錄的電話，
    電話很快會響，驗證碼將播報兩次。
    { $minutes } 分鐘內有效。
code-sent-to =
    驗證碼已傳送，{ $minutes } 分鐘內有效。
    傳送至 { $contact }。
code-sent-earlier =
    先前傳送的驗證碼仍然有效。
    { $time }後可以重新傳送。
code-resumed-email = 先前以電子郵件寄出的驗證碼仍然有效。
code-resumed-contact =
    先前傳送到您所輸入的聯絡方式的驗證碼
    仍然有效。
code-resumed-to =
    要完成登錄，請輸入已傳送的驗證碼，
    傳送至 { $contact }。
code-not-yet = { $time }後可以重新傳送驗證碼。
code-usage = 請輸入驗證碼，或: new (重新傳送), other (其他方式), Enter (返回)
code-usage-call = 請輸入驗證碼，或: new (重新傳送), call (電話播報), other (其他方式)
code-usage-new = 請輸入驗證碼，或: new (重新傳送), other (變更), Enter (返回)
code-usage-mandatory = 請輸入驗證碼，或: new (重新傳送), other (其他方式)
code-usage-new-mandatory = 請輸入驗證碼，或: new (重新傳送), other (變更)
code-usage-token = 使用復原碼或服務台提供的代碼，請輸入: code
code-prompt = 驗證碼: {""}
code-refused = 驗證碼不正確。
code-malformed = 驗證碼為 { $digits } 位數字。
code-wrong =
    驗證碼不正確，還可以嘗試 { $left } 次。
code-worn-out =
    驗證碼不正確。
    此驗證碼已不能再使用，請輸入 new 重新傳送。
code-expired =
    驗證碼已過期。
    請輸入 new 重新傳送。

# --- codes that somebody has already
token-app = 請輸入驗證器應用程式顯示的驗證碼。
token-app-wrong =
    驗證碼不正確，還可以嘗試 { $left } 次。
    每個驗證碼半分鐘內有效，只能使用一次。
token-code = 請輸入復原碼，或服務台給您的代碼。
token-helpdesk = 請輸入服務台給您的代碼。
token-code-wrong =
    代碼不正確，還可以嘗試 { $left } 次。
    每個代碼只能使用一次。
token-usage = 請輸入代碼，或: other (其他方式), Enter (返回)

# --- the new password
password-rules =
    請設定至少 { $length } 個字元的新密碼。
    建議使用幾個互不相關的詞語。
password-rules-digits = 本機要求至少 { $n } 個數字。
password-rules-capitals = 本機要求至少 { $n } 個大寫字母。
password-rules-small = 本機要求至少 { $n } 個小寫字母。
password-rules-others = 本機要求至少 { $n } 個符號，例如連字號。
password-rules-kinds = 大寫、小寫、數字、符號: 使用其中 { $n } 種。
password-rules-history = 不能使用以前用過的密碼。
password-rules-banned = 有些詞語不能使用，屆時會提示您。
password-encrypts = 舊密碼加密的內容仍無法開啟。
recovery-codes-left =
    { $left ->
        [0] 這是您的最後一個復原碼。
       *[other] 您還剩 { $left } 個復原碼。
    }
password-prompt = 新密碼: {""}
password-takes = 設定最多可能需要一分鐘。
password-again-prompt = 再次輸入: {""}
password-mismatch = 兩次輸入不一致，請重新設定。
password-empty = 沒有輸入內容，請設定新密碼。
password-too-short =
    密碼太短，還需要 { $more } 個字元。
password-too-long = 密碼太長，最多 511 位元組。
password-has-name =
    其中包含您的名字或本機的名稱。
    請換一個。
password-banned =
    其中包含這裡禁用的詞語:
    { $word }
    請換一個。
password-blanks =
    開頭或結尾有空格。
    這些空格容易遺失，請換一個。
password-keyboard =
    鍵盤上相鄰的按鍵容易被猜到。
    請換一個。
password-repeats =
    重複的內容容易被猜到。
    請換一個。
password-sequence =
    這是 abc 或 1234 之類的連續字元。
    容易被猜到，請換一個。
password-date =
    日期容易被猜到。
    請換一個。
password-common =
    這是最常用的密碼之一，或與之相近。
    請換一個。
password-word =
    只有一個單字或名字。
    容易被猜到，請組合幾個詞語。
password-weak =
    容易被猜到。
    請加長，或者再加一個詞語。
password-same =
    這就是您現在的密碼，仍然有效。
    請設定一個新的。
password-refused =
    本機不接受此密碼:
    { $reason }
password-refused-there =
    目錄服務不接受此密碼:
    { $reason }
password-short-there =
    對目錄服務來說太短。
    請換一個更長的。
password-young =
    不久前剛變更過。
    目錄服務稍後才允許下一次變更。
not-changed =
    沒有任何變更，原來的仍然有效。
    請稍後再試。
not-sure =
    變更可能沒有成功。
    請先試新的，再試原來的。

# --- after a recovery
recover-sessions-ended = 已結束 { $n } 個開啟的工作階段。
recover-ssh-keys = 仍有 { $n } 個 SSH 金鑰可以登入，請檢查。
recover-ssh-unseen = 有 SSH 金鑰無法檢視，請自行檢查。
recover-refused-here =
    變更已完成，但本機尚未得知。
    如果被拒絕，請幾分鐘後再試。

# --- an account that too many wrong passwords have locked
unlock-menu =
    密碼錯誤次數過多，此帳戶已鎖定。
    設定新密碼即可解鎖。如果您想起了原來的密碼，
    請輸入 unlock，然後用它登入。
unlock-prompt = 按 Enter 設定新密碼，或輸入 unlock: {""}
unlocked =
    已解除鎖定。請使用原來的密碼
    登入。
unlock-not-sure =
    帳戶可能仍被鎖定。
    請先試原來的密碼；
    如果被拒絕，請重新開始。

# --- registration
method-email = 電子郵件
method-phone = 電話 (簡訊)
method-app = 手機上的驗證器應用程式
register-menu =
    如果忘記密碼，可以用驗證碼登入。
    驗證碼要怎樣傳送給您？
register-menu-two =
    如果忘記密碼，可以用驗證碼登入。
    此帳戶需要以下方式中的兩種:
register-menu-more =
    以防忘記密碼，此帳戶還需要
    登錄一種方式:
register-several = 也可以選擇多項，例如: 1 2
register-helpdesk = 如果服務台給了您代碼，也可以輸入 code
register-menu-prompt = { $n ->
    [2] 1 或 2
   *[other] 1、2 或 3
    } (按 Enter 暫不登錄): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 或 2
   *[other] 1、2 或 3
    }: {""}
register-email-only =
    如果忘記密碼，可以用郵件驗證碼登入。
    請為此登錄一個電子郵件地址。
register-phone-only =
    如果忘記密碼，可以用手機驗證碼登入。
    請為此登錄一個電話號碼。
register-app-only =
    如果忘記密碼，可以用手機上的
    驗證器應用程式登入。請為此登錄一個。
register-only-prompt = 輸入 y 立即登錄 (按 Enter 暫不登錄): {""}
register-only-prompt-mandatory = 輸入 y 立即登錄: {""}
register-mandatory =
    不能再延後了。
    不登錄，這次登入將到此結束。
register-denied = 請重新登入並完成登錄。
register-not-now =
    目前無法登錄。
    您可以繼續，之後會再次詢問。
register-by-hand = 登錄後可用驗證碼重設: sspr enroll
register-changed =
    登錄內容在此期間已被變更。
    沒有儲存任何內容，請重新開始。
register-email =
    請提供電子郵件地址。
    請選擇不必登入本機就能查看的信箱。
register-phone = 請提供電話號碼，將收到簡訊驗證碼。
email-prompt = 電子郵件地址 (按 Enter 返回): {""}
number-prompt = 電話號碼 (按 Enter 返回): {""}
registered =
    登錄完成。如果忘記密碼，
    在要求輸入密碼的地方直接按 Enter 即可。
app-scan = 請用手機上的驗證器應用程式掃描。
app-beside = 無法掃描？請輸入此金鑰 (以時間為基礎):
app-swap-beside = 無法讀取？請輸入: swap
app-usage-picture = 請輸入顯示的驗證碼，或: swap (顏色), text (無圖), Enter (返回)
app-key = 請在驗證器應用程式中新增帳戶。
app-key-lines =
    帳戶: { $host } 上的 { $account }
    金鑰類型: 以時間為基礎，6 位數字

    {"    "}{ $key }
app-usage = 請輸入應用程式隨後顯示的驗證碼，或按 Enter 返回。
app-usage-key = 請輸入應用程式顯示的驗證碼，或: picture (QR 碼，{ $lines } 行), Enter (返回)
app-prompt = 驗證碼: {""}
app-wrong = 驗證碼不正確，還可以嘗試 { $left } 次。
app-anew = 沒有成功。請在應用程式中刪除後重新開始。
reconfirm = 這些聯絡方式仍然有效嗎？
reconfirm-prompt = 有效請輸入 y，變更請輸入 c (按 Enter 稍後再說): {""}
too-quick = 輸入太快，請先閱讀以下內容。
imported =
    管理員為您登錄了以下內容，以便您忘記密碼時
    可以用驗證碼登入。這是您的嗎？
imported-prompt = y 或 n (按 Enter 暫不處理): {""}
imported-prompt-mandatory = y、n 或 later: {""}
codes-shown =
    以下是十個復原碼，供沒有其他辦法時使用。
    每個復原碼可以重設一次密碼。
codes-keep =
    請寫在紙上保管，以後不會再顯示。
    要取得新的復原碼，請執行: sspr codes
codes-unseen =
    已為您產生十個復原碼，您可能還沒有看到。
    要顯示新的復原碼嗎？
codes-off = 本機不使用復原碼。
remove =
    這將刪除所有可用於重設密碼的方式:
remove-prompt = 輸入 remove 刪除 (按 Enter 保留): {""}
removed =
    已沒有任何登錄。
    要重新登錄，請執行: sspr enroll

# --- contacts that can't be taken
contact-empty = 沒有輸入內容。
contact-too-long = 內容太長。
email-no-at =
    電子郵件地址中應有 @，
    例如 ann@example.org。
email-no-dot =
    @ 後面必須是完整的網域，
    例如 ann@example.org。
email-several = 請只輸入一個地址。
email-display-name = 請只輸入地址，不要加括號。
email-bad-domain = @ 後面的內容不是網域。
email-bad-local = @ 前面的內容不正確。
email-not-ascii = @ 前面只能使用一般英文字母和數字。
number-not-one = 這不是電話號碼。
number-needs-country =
    請連同國碼一起輸入，
    例如 +886 912 345 678。
number-invalid =
    沒有這個號碼。
    請檢查數字和國碼。
email-refused-domain =
    不能使用 { $domain } 的地址，
    需要時您可能無法開啟它。請換一個。
contact-known = 已經登錄過了。請換一個。
number-not-textable =
    此號碼無法接收簡訊。
    請換一個。

# --- the command
enroll-password = 請先證明是您本人。
current-password-prompt = 目前密碼: {""}
enroll-wrong-password =
    目前密碼不正確。
    沒有任何變更。
enroll-not-served = 此帳戶未開通自助服務。
enroll-unchanged = 沒有任何變更。
enroll-no-way =
    沒有任何變更：這需要驗證碼。
    如果已無法收到驗證碼，請聯絡服務台。
enroll-lost = 這些都無法使用了？請聯絡服務台。
enroll-menu = 可以重設您密碼的方式:
enroll-menu-nothing = 尚未登錄重設密碼的方式:
enroll-menu-missing =
    可以重設您密碼的方式。
    此帳戶還需要一種不同的方式:
enroll-menu-prompt = 編號 (按 Enter 結束): {""}
enroll-add-email = 新增電子郵件地址
enroll-add-phone = 新增電話
enroll-add-app = 新增驗證器應用程式
enroll-remove = 刪除
enroll-prefer = 優先使用
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 或 2
    } (按 Enter 返回): {""}
enroll-last =
    這是唯一的方式，不能單獨刪除。
    請先新增另一種，或執行: sspr remove
enroll-saved = 已儲存。
line-email = 郵件  { $contact }
line-phone = 電話  { $contact }
line-app = 驗證器應用程式
mark-preferred = (優先使用)
mark-unconfirmed = (尚未確認)
status-nothing = 尚未登錄。請執行: sspr enroll
status-too-few =
    此帳戶還需要一種不同的方式。
    請執行: sspr enroll
status-registered = 已登錄，用於重設密碼:
status-codes = 剩餘的復原碼: { $left }
status-confirmed = 上次確認: { $date }
status-unconfirmed = 未確認的內容會在登入時詢問。
status-used = 上次使用: { $date }
status-unused = 尚未使用
status-not-asked = 目前重設時不會要求它。
status-asks-one = 重設時會要求其中一項。
status-asks-two = 重設時會要求其中不同種類的兩項。

# --- the line in a shell of somebody who is not registered
hint-enroll = 以防忘記密碼，請執行: sspr enroll
hint-codes = 您有復原碼可以檢視: sspr codes

# --- mail, text messages and calls
call-language = zh-TW
call-opening = 您好，以下是 { $host } 的驗證碼。
call-again = 再重複一次，您的驗證碼是：
call-closing = 再見。
mail-code-subject = { $host } 的驗證碼
mail-code-recover =
    { $code } 是您用於重設 { $host } 上 { $account } 的密碼的驗證碼。

    有效期至 { $until }。請在要求輸入的地方輸入，不要告訴任何人。
    如果不是您本人操作，無需理會：沒有驗證碼就不會發生任何事。
mail-code-register =
    { $code } 是您用於將此地址登錄到 { $host } 上 { $account } 的驗證碼。

    有效期至 { $until }。請在要求輸入的地方輸入，不要告訴任何人。
    如果不是您本人操作，無需理會。
mail-code-enroll =
    { $code } 是您用於變更 { $host } 上 { $account } 的聯絡方式的驗證碼。

    有效期至 { $until }。請在要求輸入的地方輸入，不要告訴任何人。
    如果不是您本人操作，表示有人知道您的密碼。請立即變更密碼並通知管理員。
mail-code-desk =
    { $code } 是服務台向您詢問的驗證碼，涉及 { $host } 上的 { $account }。

    有效期至 { $until }。只有在您本人致電服務台時才讀出它：它用於確認您的身分，不會重設任何內容。
    如果您沒有致電，請勿將此驗證碼告訴任何人，並通知管理員。
text-code-desk = { $code } 是服務台就 { $host } 上的 { $account } 向您詢問的驗證碼。若非您本人致電，請勿告訴任何人。
text-code-enroll = { $code } 是變更 { $host } 上 { $account } 聯絡方式的驗證碼。非本人操作請立即變更密碼。
text-code-recover = { $code } 是重設 { $host } 上 { $account } 密碼的驗證碼。請勿告訴任何人。
text-code-register = { $code } 是將此號碼登錄到 { $host } 上 { $account } 的驗證碼。請勿告訴任何人。
mail-recovered-subject = { $host } 上 { $account } 的密碼已重設
mail-recovered =
    { $host } 上 { $account } 的密碼已於 { $when } 重設 (透過 { $service }，來自 { $source })。

    如果是您本人操作，一切正常。
    如果不是您本人操作：請立即再次重設以阻止他人，並通知管理員。
text-recovered = { $host } 上 { $account } 的密碼已於 { $when } 從 { $source } 重設。非本人操作請立即重設並通知管理員。
mail-unlocked-subject = { $host } 上的 { $account } 已解除鎖定
mail-unlocked =
    由於密碼錯誤次數過多，{ $host } 上的 { $account } 曾被鎖定。鎖定已於 { $when } 解除 (透過 { $service }，來自 { $source })。密碼沒有改變。

    如果是您本人操作，一切正常。
    如果不是您本人操作：請通知管理員。
text-unlocked = { $host } 上的 { $account } 已於 { $when } 從 { $source } 解除鎖定，密碼沒有改變。非本人操作請通知管理員。
mail-contact-changed-subject = { $host } 上 { $account } 的聯絡方式已變更
mail-contact-changed =
    { $host } 上可以重設 { $account } 密碼的方式已於 { $when } 變更 (透過 { $service }，來自 { $source })。

    { $change }

    如果是您本人操作，一切正常。
    如果不是您本人操作：請立即變更密碼並通知管理員。
text-contact-changed = { $host } 上 { $account } 的密碼重設: { $change } { $when }。非本人操作請變更密碼並通知管理員。
text-about-email = 電子郵件地址 { $contact }
text-about-phone = 電話 { $contact }
text-about-app = 驗證器應用程式
text-change-added = 已新增: { $what }。
text-change-announced = 將於 { $from } 從目錄新增: { $what }。
text-change-removed = 已刪除: { $what }。
text-change-preferred = 今後優先使用: { $what }。
text-change-codes = 已產生新的復原碼，舊的不再有效。
text-change-everything = 已刪除: 所有登錄的內容。
mail-test-subject = 來自 { $host } 的測試訊息
mail-test =
    這是 { $host } 為重設密碼所寄郵件的測試。
    由管理員發起。其中沒有驗證碼，您無需做任何事。
text-test = 來自 { $host } 的測試: 用於重設密碼的簡訊可以送達。您無需做任何事。
text-source-shell = 本機的 shell
mail-blocked-subject = { $host } 上 { $account } 的密碼重設已暫停
mail-blocked =
    { $host } 上的 { $account } 被輸入了過多錯誤的驗證碼，最後一次是 { $when } (透過 { $service }，來自 { $source })。

    此帳戶的驗證碼重設功能將暫停一段時間。您的密碼仍可照常使用。
    如果不是您本人操作：有人試圖進入。沒有任何變更，請通知管理員。
text-blocked = { $host } 上的 { $account } 被輸入了過多錯誤的驗證碼 (來自 { $source })。重設功能暫停一段時間，密碼照常使用。非本人操作請通知管理員。
mail-admin-recovered-subject = { $host } 上管理員 { $account } 的密碼已重設
mail-admin-recovered =
    { $host } 上 { $account } 的密碼已於 { $when } 重設 (透過 { $service }，來自 { $source })。這是管理員帳戶。

    如果不是 { $account } 本人操作：請立即鎖定該帳戶，例如用 "usermod -L { $account }"，並查看日誌。
mail-many-failures-subject = { $host } 上有許多錯誤的驗證碼
mail-many-failures =
    在 { $when } 之前的一小時內，{ $host } 上輸入的錯誤驗證碼超過了 [limits] failed_proofs_per_hour 的限制。最後一次透過 { $service }，來自 { $source }。

    可能有人在猜測。每個帳戶都有自己的限制，因此不必著急；"sspr admin audit" 會顯示涉及哪些帳戶以及來自何處。在此期間，重設時的回應最多會慢一秒。
mail-failures-at-source-subject = { $host } 上同一來源輸入了許多錯誤的驗證碼
mail-failures-at-source =
    在 { $when } 之前的一小時內，同一來源在 { $host } 上輸入的錯誤驗證碼超過了 [limits] failed_proofs_per_hour 中單一來源的份額。最後一次透過 { $service }，來自 { $source }。

    可能有人在那裡猜測。每個帳戶都有自己的限制，因此不必著急；"sspr admin audit" 會顯示涉及哪些帳戶。在此期間，只有該來源在重設時的回應最多會慢一秒。此類郵件每天最多一封；其他來源見稽核記錄。
