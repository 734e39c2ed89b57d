# 日本語. How texts are written: see en.ftl.

date-format = %Y/%m/%d
span-seconds = { $n }秒
span-minutes = { $n }分
span-hours = { $n }時間

# --- answers that can't be read
too-long = 長すぎます。もう一度入力してください。
not-plain = 読み取れません。もう一度入力してください。
choose-again = 表示された中から選んで入力してください。
choose-number = 電話番号そのものを入力してください。

# --- when nothing goes
unavailable = 現在、再設定は利用できません。
server-changed = サーバーが応答しません。もう一度入力してください。
resting =
    コードの誤りが多すぎます。
    このアカウントの再設定は休止中です。{ $time }後に利用できます。
too-many-starts = 回数が多すぎます。{ $time }後にお試しください。
go-on-prompt = Enter を押すと続行します: {""}

# --- recovery
recover-menu = ご本人であることをどう確認しますか?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     登録済みのメールアドレスに届くコード
recover-menu-app = {"  "}app   認証アプリのコード
recover-menu-codes = {"  "}code  リカバリーコード、またはヘルプデスクからのコード
recover-menu-recovery-code = {"  "}code  リカバリーコード
recover-menu-helpdesk-code = {"  "}code  ヘルプデスクからのコード
recover-menu-contact = {"  "}または電話番号かメールアドレスを入力
recover-menu-number = {"  "}または登録済みの電話番号を入力
recover-menu-address = {"  "}または別の登録済みメールアドレスを入力
recover-menu-prompt = 選択 (Enter で戻る): {""}
recover-menu-prompt-mandatory = 選択: {""}
one-more-proof =
    コードが確認できました。
    このアカウントでは、別の方法による確認がもう一つ必要です。
proof-gone = 時間切れです。Enter を押して最初から始めてください。
recover-left = 中止しました。何も変更していません。
recover-given-up =
    表示にない入力が続いたため、終了しました。
    何も変更していません。

# --- codes
code-sent-email =
    メールアドレスが登録されていれば、
    そこにコードを送信しました。{ $minutes }分間有効です。
code-sent-contact =
    このアカウントに登録されていれば、
    そこにコードを送信しました。{ $minutes }分間有効です。
code-called =
    このアカウントに登録された電話であれば、
    まもなく電話が鳴り、コードを2回読み上げます。
    { $minutes }分間有効です。
code-sent-to =
    コードを送信しました。{ $minutes }分間有効です。
    送り先: { $contact }
code-sent-earlier =
    先に送信したコードがまだ有効です。
    { $time }後に送り直せます。
code-resumed-email = 先にメールで送信したコードがまだ有効です。
code-resumed-contact =
    先に入力された連絡先に送信したコードが
    まだ有効です。
code-resumed-to =
    登録を完了するには、次の送り先に届いたコードを
    入力してください: { $contact }
code-not-yet = { $time }後に送り直せます。
code-usage = コードを入力、または: new (再送), other (別の方法), Enter (戻る)
code-usage-call = コードを入力、または: new (再送), call (読み上げ), other (別の方法)
code-usage-new = コードを入力、または: new (再送), other (送り先を変更), Enter (戻る)
code-usage-mandatory = コードを入力、または: new (再送), other (別の方法)
code-usage-new-mandatory = コードを入力、または: new (再送), other (送り先を変更)
code-usage-token = リカバリーコードやヘルプデスクのコードを使うには、次を入力: code
code-prompt = コード: {""}
code-refused = コードが正しくありません。
code-malformed = コードは{ $digits }桁の数字です。
code-wrong =
    コードが正しくありません。残り{ $left }回です。
code-worn-out =
    コードが正しくありません。
    このコードはもう使えません。new と入力すると送り直します。
code-expired =
    コードの有効期限が切れました。
    new と入力すると送り直します。

# --- codes that somebody has already
token-app = 認証アプリに表示されたコードを入力してください。
token-app-wrong =
    コードが正しくありません。残り{ $left }回です。
    コードは30秒間、一度だけ使えます。
token-code = リカバリーコードなど手元のコードを入力してください。
token-helpdesk = ヘルプデスクから受け取ったコードを入力してください。
token-code-wrong =
    コードが正しくありません。残り{ $left }回です。
    各コードは一度だけ使えます。
token-usage = コードを入力、または: other (別の方法), Enter (戻る)

# --- the new password
password-rules =
    { $length }文字以上の新しいパスワードを決めてください。
    関連のない単語をいくつか並べるのがおすすめです。
password-rules-digits = このマシンでは数字が{ $n }文字以上必要です。
password-rules-capitals = このマシンでは大文字が{ $n }文字以上必要です。
password-rules-small = このマシンでは小文字が{ $n }文字以上必要です。
password-rules-others = このマシンでは - などの記号が{ $n }文字以上必要です。
password-rules-kinds = 大文字、小文字、数字、記号のうち{ $n }種類を使用。
password-rules-history = 以前に使ったものは使えません。
password-rules-banned = 使えない単語があります。その場合はお知らせします。
password-encrypts = 旧パスワードで暗号化したものは開けないままです。
recovery-codes-left =
    { $left ->
        [0] 今のものが最後のリカバリーコードでした。
       *[other] リカバリーコードは残り{ $left }個です。
    }
password-prompt = 新しいパスワード: {""}
password-takes = 設定には最大 1 分ほどかかることがあります。
password-again-prompt = もう一度入力: {""}
password-mismatch = 一致しません。もう一度決めてください。
password-empty = 空です。新しいパスワードを入力してください。
password-too-short =
    短すぎます。あと{ $more }文字必要です。
password-too-long = 長すぎます。511バイトまでです。
password-has-name =
    お名前またはこのマシンの名前が含まれています。
    別のものにしてください。
password-banned =
    ここで禁止されている単語が含まれています:
    { $word }
    別のものにしてください。
password-blanks =
    先頭または末尾に空白があります。
    空白は失われることがあるため、別のものにしてください。
password-keyboard =
    キーの並びは推測されやすいものです。
    別のものにしてください。
password-repeats =
    同じものの繰り返しは推測されやすいものです。
    別のものにしてください。
password-sequence =
    abc や 1234 のような連続した文字です。
    推測されやすいため、別のものにしてください。
password-date =
    日付は推測されやすいものです。
    別のものにしてください。
password-common =
    よく使われるもの、またはそれに似たものです。
    別のものにしてください。
password-word =
    一つの単語または名前だけです。
    推測されやすいため、いくつか組み合わせてください。
password-weak =
    推測されやすいものです。
    長くするか、単語をもう一つ加えてください。
password-same =
    現在のものと同じで、そのまま使えます。
    新しいものにしてください。
password-refused =
    このマシンでは使えません:
    { $reason }
password-refused-there =
    ディレクトリでは使えません:
    { $reason }
password-short-there =
    ディレクトリには短すぎます。
    もっと長いものにしてください。
password-young =
    少し前に変更されたばかりです。
    次の変更は、しばらくするとディレクトリが許可します。
not-changed =
    変更していません。今までのものが使えます。
    しばらくしてからお試しください。
not-sure =
    変更できていない可能性があります。
    まず新しいもの、だめなら以前のものをお試しください。

# --- after a recovery
recover-sessions-ended = 開いていたセッション{ $n }個を終了しました。
recover-ssh-keys = まだ使える SSH 鍵が{ $n }個あります。確認してください。
recover-ssh-unseen = 確認できない SSH 鍵があります。ご確認ください。
recover-refused-here =
    変更しました。このマシンにはまだ反映されていません。
    拒否されたら、数分後にもう一度お試しください。

# --- an account that too many wrong passwords have locked
unlock-menu =
    パスワードの誤りが多く、ロックされています。
    新しいパスワードを決めるとロックが外れます。以前のものを覚えていれば、
    unlock と入力し、それでサインインしてください。
unlock-prompt = Enter で新しいパスワード、または unlock: {""}
unlocked =
    ロックを外しました。今までのパスワードで
    サインインしてください。
unlock-not-sure =
    ロックが解除されていない可能性があります。
    これまでのパスワードを試し、だめなら最初から
    やり直してください。

# --- registration
method-email = メール
method-phone = 電話 (SMS)
method-app = スマートフォンの認証アプリ
register-menu =
    パスワードを忘れたとき、コードで入れます。
    コードの受け取り方を選んでください。
register-menu-two =
    パスワードを忘れたとき、コードで入れます。
    このアカウントでは次のうち二つが必要です。
register-menu-more =
    パスワードを忘れたときのために、
    もう一つの方法が必要です。
register-several = 複数も可、例: 1 2
register-helpdesk = または code (ヘルプデスクからコードを受け取った場合)
register-menu-prompt = { $n ->
    [2] 1 か 2
   *[other] 1, 2, 3 のいずれか
    } (Enter で後回し): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 か 2
   *[other] 1, 2, 3 のいずれか
    }: {""}
register-email-only =
    パスワードを忘れたとき、コードで入れます。
    コードを受け取るメールアドレスを登録してください。
register-phone-only =
    パスワードを忘れたとき、コードで入れます。
    コードを受け取る電話番号を登録してください。
register-app-only =
    パスワードを忘れたとき、スマートフォンの
    認証アプリのコードで入れます。登録してください。
register-only-prompt = 今登録するには y を入力 (Enter で後回し): {""}
register-only-prompt-mandatory = 登録するには y を入力: {""}
register-mandatory =
    これ以上後回しにはできません。
    登録しないとサインインはここで終わります。
register-denied = もう一度サインインして登録してください。
register-not-now =
    現在、登録できません。
    このまま続行できます。次回またお尋ねします。
register-by-hand = 再設定のために登録できます: sspr enroll
register-changed =
    その間に登録内容が変更されました。
    何も保存していません。最初から始めてください。
register-email =
    メールアドレスを入力してください。
    ここにサインインしなくても読めるものにしてください。
register-phone = 電話番号は? SMS でコードが届きます。
email-prompt = メールアドレス (Enter で戻る): {""}
number-prompt = 電話番号 (Enter で戻る): {""}
registered =
    登録が完了しました。パスワードを忘れたときは、
    入力を求められたところで Enter だけを押してください。
app-scan = スマートフォンの認証アプリで読み取ってください。
app-beside = カメラがない場合は、このキーを時間ベースで入力:
app-swap-beside = 読み取れない場合は入力: swap
app-usage-picture = 表示されたコードを入力、または: swap (色), text (画像なし), Enter (戻る)
app-key = 認証アプリにアカウントを追加してください。
app-key-lines =
    アカウント: { $host } の { $account }
    キーの種類: 時間ベース、6桁

    {"    "}{ $key }
app-usage = アプリに表示されたコードを入力、または Enter で戻ってください。
app-usage-key = アプリのコードを入力、または: picture (QRコード、{ $lines }行), Enter (戻る)
app-prompt = コード: {""}
app-wrong = コードが正しくありません。残り{ $left }回です。
app-anew = うまくいきません。アプリから削除してやり直します。
reconfirm = 連絡先はこのままでよろしいですか?
reconfirm-prompt = このままなら y、変更は c (Enter で後回し): {""}
too-quick = 入力が早すぎます。先にお読みください。
imported =
    パスワードを忘れたときコードを送れるよう、
    管理者が登録しました。ご本人のものですか?
imported-prompt = y または n (Enter で後回し): {""}
imported-prompt-mandatory = y, n または later: {""}
codes-shown =
    リカバリーコード10個です。他に方法がないとき、
    それぞれ一度だけパスワードを再設定できます。
codes-keep =
    紙に書いて保管してください。二度と表示されません。
    新しく作るには: sspr codes
codes-unseen =
    リカバリーコード10個がまだ確認されていません。
    新しいコードを表示しますか。
codes-off = このマシンではリカバリーコードを使いません。
remove =
    パスワードを再設定する手段をすべて削除します:
remove-prompt = 削除するには remove と入力 (Enter で残す): {""}
removed =
    登録はすべて削除されました。
    もう一度登録するには: sspr enroll

# --- contacts that can't be taken
contact-empty = 何も入力されていません。
contact-too-long = 長すぎます。
email-no-at =
    メールアドレスには @ が必要です。
    例: ann@example.org
email-no-dot =
    @ の後には完全なドメインが必要です。
    例: ann@example.org
email-several = アドレスは一つだけ入力してください。
email-display-name = 括弧を付けずにアドレスだけを入力してください。
email-bad-domain = @ の後がドメインではありません。
email-bad-local = @ の前が正しくありません。
email-not-ascii = @ の前に使えるのは半角英数字だけです。
number-not-one = 電話番号ではありません。
number-needs-country =
    国番号を付けて入力してください。
    例: +81 90 1234 5678
number-invalid =
    その番号は存在しません。
    数字と国番号を確かめてください。
email-refused-domain =
    { $domain } のアドレスは使えません。
    必要なときに読めないおそれがあります。別のものにしてください。
contact-known = すでに登録されています。別のものにしてください。
number-not-textable =
    その番号では SMS を受け取れません。
    別の番号を入力してください。

# --- the command
enroll-password = まず、ご本人であることを確認します。
current-password-prompt = 現在のパスワード: {""}
enroll-wrong-password =
    現在のパスワードと違います。
    何も変更していません。
enroll-not-served = このアカウントでは利用できません。
enroll-unchanged = 何も変更していません。
enroll-no-way =
    何も変更していません。コードが必要です。
    受け取る方法がもうなければ、ヘルプデスクにご相談ください。
enroll-lost = どれも使えないときはヘルプデスクにご相談ください。
enroll-menu = パスワードを再設定できる手段:
enroll-menu-nothing = パスワードを再設定する手段は未登録です:
enroll-menu-missing =
    パスワードを再設定できる手段。
    このアカウントでは、別の種類がもう一つ必要です:
enroll-menu-prompt = 番号 (Enter で終了): {""}
enroll-add-email = メールアドレスを追加
enroll-add-phone = 電話を追加
enroll-add-app = 認証アプリを追加
enroll-remove = 削除する
enroll-prefer = 優先して使う
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 か 2
    } (Enter で戻る): {""}
enroll-last =
    これしかないため、これだけを削除できません。
    先に別のものを追加するか、次を実行してください: sspr remove
enroll-saved = 保存しました。
line-email = メール  { $contact }
line-phone = 電話    { $contact }
line-app = 認証アプリ
mark-preferred = (優先)
mark-unconfirmed = (未確認)
status-nothing = 何も登録されていません。実行: sspr enroll
status-too-few =
    別の種類がもう一つ必要です。
    実行: sspr enroll
status-registered = パスワード再設定用の登録:
status-codes = 残りのリカバリーコード: { $left }
status-confirmed = 最終確認: { $date }
status-unconfirmed = 未確認のものはサインイン時にお尋ねします。
status-used = 最終使用: { $date }
status-unused = 未使用
status-not-asked = 現在、再設定では求められません。
status-asks-one = 再設定では、このうち1つを求めます。
status-asks-two = 再設定では、種類の異なる2つを求めます。

# --- the line in a shell of somebody who is not registered
hint-enroll = パスワードを忘れたときに備えて: sspr enroll
hint-codes = リカバリーコードを表示できます: sspr codes

# --- mail, text messages and calls
call-language = ja-JP
call-opening = こんにちは。{ $host } のコードをお知らせします。
call-again = もう一度お知らせします。
call-closing = 失礼いたします。
mail-code-subject = { $host } のコード
mail-code-recover =
    { $code } は、{ $host } の { $account } のパスワードを再設定するためのコードです。

    { $until } まで有効です。コードを求められた画面に入力し、誰にも教えないでください。
    お心当たりがない場合は、何もする必要はありません。コードがなければ何も起こりません。
mail-code-register =
    { $code } は、このアドレスを { $host } の { $account } に登録するためのコードです。

    { $until } まで有効です。コードを求められた画面に入力し、誰にも教えないでください。
    お心当たりがない場合は、何もする必要はありません。
mail-code-enroll =
    { $code } は、{ $host } の { $account } の連絡先を変更するためのコードです。

    { $until } まで有効です。コードを求められた画面に入力し、誰にも教えないでください。
    お心当たりがない場合は、誰かがパスワードを知っています。すぐにパスワードを変更し、管理者に知らせてください。
mail-code-desk =
    { $code } は、ヘルプデスクがお尋ねするコードです。{ $host } の { $account } に関するものです。

    { $until } まで有効です。ご自分でヘルプデスクに電話した場合にだけ読み上げてください。ご本人であることを確かめるためのもので、何も再設定しません。
    電話をしていない場合は、このコードを誰にも教えず、管理者に知らせてください。
text-code-desk = { $code } は { $host } の { $account } についてヘルプデスクがお尋ねするコードです。ご自分で電話していなければ誰にも教えないでください。
text-code-enroll = { $code } は { $host } の { $account } の連絡先を変更するコードです。お心当たりがなければ、すぐにパスワードを変更してください。
text-code-recover = { $code } は { $host } の { $account } のパスワードを再設定するコードです。誰にも教えないでください。
text-code-register = { $code } は { $host } の { $account } にこの番号を登録するコードです。誰にも教えないでください。
mail-recovered-subject = { $host } の { $account } のパスワードが再設定されました
mail-recovered =
    { $when } に、{ $host } の { $account } のパスワードが再設定されました ({ $service }、{ $source } から)。

    ご本人であれば、問題ありません。
    ご本人でない場合は、すぐにもう一度再設定して相手を締め出し、管理者に知らせてください。
text-recovered = { $host } の { $account } のパスワードが { $when } に { $source } から再設定されました。お心当たりがなければ、すぐに再設定し、管理者に知らせてください。
mail-unlocked-subject = { $host } の { $account } のロックが外れました
mail-unlocked =
    パスワードの誤りが多く、{ $host } の { $account } がロックされていました。{ $when } にロックが外されました ({ $service }、{ $source } から)。パスワードは変わっていません。

    ご本人であれば、問題ありません。
    ご本人でない場合は、管理者に知らせてください。
text-unlocked = { $host } の { $account } のロックが { $when } に { $source } から外されました。パスワードは変わっていません。お心当たりがなければ、管理者に知らせてください。
mail-contact-changed-subject = { $host } の { $account } の連絡先が変更されました
mail-contact-changed =
    { $when } に、{ $host } の { $account } のパスワードを再設定する手段が変更されました ({ $service }、{ $source } から)。

    { $change }

    ご本人であれば、問題ありません。
    ご本人でない場合は、すぐにパスワードを変更し、管理者に知らせてください。
text-contact-changed = { $host } の { $account } のパスワード再設定: { $change } { $when }。お心当たりがなければ、パスワードを変更し、管理者に知らせてください。
text-about-email = メールアドレス { $contact }
text-about-phone = 電話 { $contact }
text-about-app = 認証アプリ
text-change-added = 追加: { $what }。
text-change-announced = { $from } に追加予定 (ディレクトリより): { $what }。
text-change-removed = 削除: { $what }。
text-change-preferred = 今後の優先: { $what }。
text-change-codes = リカバリーコードが新しくなり、古いものは使えません。
text-change-everything = 削除: 登録されていたものすべて。
mail-test-subject = { $host } からのテストメッセージ
mail-test =
    { $host } がパスワード再設定のために送るメールのテストです。
    管理者が依頼しました。コードは含まれず、何もする必要はありません。
text-test = { $host } からのテスト: パスワード再設定の SMS は届いています。何もする必要はありません。
text-source-shell = このマシンのシェル
mail-blocked-subject = { $host } の { $account } のパスワード再設定は休止中です
mail-blocked =
    { $host } の { $account } に対して誤ったコードが何度も入力されました。最後は { $when } です ({ $service }、{ $source } から)。

    このアカウントのコードによる再設定はしばらく休止します。パスワードはこれまでどおり使えます。
    ご本人でない場合は、誰かが侵入を試みました。何も変更されていません。管理者に知らせてください。
text-blocked = { $host } の { $account } に誤ったコードが何度も入力されました ({ $source } から)。再設定はしばらく休止します。パスワードは使えます。お心当たりがなければ管理者に知らせてください。
mail-admin-recovered-subject = { $host } の管理者 { $account } のパスワードが再設定されました
mail-admin-recovered =
    { $when } に、{ $host } の { $account } のパスワードが再設定されました ({ $service }、{ $source } から)。管理者のアカウントです。

    { $account } 本人でない場合は、すぐにアカウントをロックし (例: "usermod -L { $account }")、ジャーナルを確認してください。
mail-many-failures-subject = { $host } で誤ったコードが多数入力されました
mail-many-failures =
    { $when } までの 1 時間に、{ $host } で [limits] failed_proofs_per_hour を超える数の誤ったコードが入力されました。最後の入力は { $service }、{ $source } からです。

    誰かが推測している可能性があります。アカウントごとの上限があるため、急ぐ必要はありません。対象のアカウントと接続元は "sspr admin audit" で確認できます。収まるまで、再設定時の応答が最大 1 秒遅くなります。
mail-failures-at-source-subject = { $host } で同じ接続元から誤ったコードが多数入力されました
mail-failures-at-source =
    { $when } までの 1 時間に、{ $host } で 1 つの接続元から、[limits] failed_proofs_per_hour のうち 1 つの接続元に許される数を超える誤ったコードが入力されました。最後の入力は { $service }、{ $source } からです。

    その接続元で誰かが推測している可能性があります。アカウントごとの上限があるため、急ぐ必要はありません。対象のアカウントは "sspr admin audit" で確認できます。収まるまで、この接続元に限り再設定時の応答が最大 1 秒遅くなります。このメールは 1 日に 1 回までです。ほかの接続元は監査記録にあります。
