# 简体中文. How texts are written: see en.ftl.

date-format = %Y-%m-%d
span-seconds = { $n } 秒
span-minutes = { $n } 分钟
span-hours = { $n } 小时

# --- answers that can't be read
too-long = 内容太长，请重新输入。
not-plain = 无法识别，请重新输入。
choose-again = 请输入上面列出的选项之一。
choose-number = 请输入电话号码本身。

# --- when nothing goes
unavailable = 目前无法重置。
server-changed = 服务器停止响应。请重新输入。
resting =
    错误的验证码过多。
    此账户的重置功能已暂停，{ $time }后可再次使用。
too-many-starts = 尝试次数过多，请在 { $time }后再试。
go-on-prompt = 按 Enter 继续: {""}

# --- recovery
recover-menu = 您想怎样证明是您本人？
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     发送到您登记的电子邮箱的验证码
recover-menu-app = {"  "}app   身份验证器应用中的验证码
recover-menu-codes = {"  "}code  恢复代码，或服务台提供的代码
recover-menu-recovery-code = {"  "}code  恢复代码
recover-menu-helpdesk-code = {"  "}code  服务台提供的代码
recover-menu-contact = {"  "}或者输入您的电话号码或电子邮箱
recover-menu-number = {"  "}或者输入您登记的电话号码
recover-menu-address = {"  "}或者输入另一个登记的电子邮箱
recover-menu-prompt = 您的选择 (按 Enter 返回): {""}
recover-menu-prompt-mandatory = 您的选择: {""}
one-more-proof =
    验证码正确。
    此账户还需要通过另一种方式再验证一次。
proof-gone = 已超时。请按 Enter 重新开始。
recover-left = 已中止。没有任何更改。
recover-given-up =
    输入了太多未列出的选项。
    没有任何更改。

# --- codes
code-sent-email =
    如果此账户登记了电子邮箱，
    验证码已发送到该邮箱，{ $minutes } 分钟内有效。
code-sent-contact =
    如果它已为此账户登记，
    验证码已发送到那里，{ $minutes } 分钟内有效。
code-called =
    如果这是为此账户登记的电话，
    电话很快会响，验证码将播报两次。
    { $minutes } 分钟内有效。
code-sent-to =
    验证码已发送，{ $minutes } 分钟内有效。
    发送至 { $contact }。
code-sent-earlier =
    之前发送的验证码仍然有效。
    { $time }后可以重新发送。
code-resumed-email = 之前通过邮件发送的验证码仍然有效。
code-resumed-contact =
    之前发送到您所输入的联系方式的验证码
    仍然有效。
code-resumed-to =
    要完成登记，请输入已发送的验证码，
    发送至 { $contact }。
code-not-yet = { $time }后可以重新发送验证码。
code-usage = 请输入验证码，或: new (重新发送), other (其他方式), Enter (返回)
code-usage-call = 请输入验证码，或: new (重新发送), call (电话播报), other (其他方式)
code-usage-new = 请输入验证码，或: new (重新发送), other (更改), Enter (返回)
code-usage-mandatory = 请输入验证码，或: new (重新发送), other (其他方式)
code-usage-new-mandatory = 请输入验证码，或: new (重新发送), other (更改)
code-usage-token = 使用恢复代码或服务台提供的代码，请输入: code
code-prompt = 验证码: {""}
code-refused = 验证码不正确。
code-malformed = 验证码为 { $digits } 位数字。
code-wrong =
    验证码不正确，还可以尝试 { $left } 次。
code-worn-out =
    验证码不正确。
    此验证码已不能再使用，请输入 new 重新发送。
code-expired =
    验证码已过期。
    请输入 new 重新发送。

# --- codes that somebody has already
token-app = 请输入身份验证器应用显示的验证码。
token-app-wrong =
    验证码不正确，还可以尝试 { $left } 次。
    每个验证码半分钟内有效，只能使用一次。
token-code = 请输入恢复代码，或服务台给您的代码。
token-helpdesk = 请输入服务台给您的代码。
token-code-wrong =
    代码不正确，还可以尝试 { $left } 次。
    每个代码只能使用一次。
token-usage = 请输入代码，或: other (其他方式), Enter (返回)

# --- the new password
password-rules =
    请设置至少 { $length } 个字符的新密码。
    建议使用几个互不相关的词语。
password-rules-digits = 本机要求至少 { $n } 个数字。
password-rules-capitals = 本机要求至少 { $n } 个大写字母。
password-rules-small = 本机要求至少 { $n } 个小写字母。
password-rules-others = 本机要求至少 { $n } 个符号，例如短横线。
password-rules-kinds = 大写、小写、数字、符号: 使用其中 { $n } 种。
password-rules-history = 不能使用以前用过的密码。
password-rules-banned = 有些词语不能使用，届时会提示您。
password-encrypts = 旧密码加密的内容仍无法打开。
recovery-codes-left =
    { $left ->
        [0] 这是您的最后一个恢复代码。
       *[other] 您还剩 { $left } 个恢复代码。
    }
password-prompt = 新密码: {""}
password-takes = 设置最多可能需要一分钟。
password-again-prompt = 再次输入: {""}
password-mismatch = 两次输入不一致，请重新设置。
password-empty = 没有输入内容，请设置新密码。
password-too-short =
    密码太短，还需要 { $more } 个字符。
password-too-long = 密码太长，最多 511 字节。
password-has-name =
    其中包含您的名字或本机的名称。
    请换一个。
password-banned =
    其中包含这里禁用的词语:
    { $word }
    请换一个。
password-blanks =
    开头或结尾有空格。
    这些空格容易丢失，请换一个。
password-keyboard =
    键盘上相邻的按键容易被猜到。
    请换一个。
password-repeats =
    重复的内容容易被猜到。
    请换一个。
password-sequence =
    这是 abc 或 1234 之类的连续字符。
    容易被猜到，请换一个。
password-date =
    日期容易被猜到。
    请换一个。
password-common =
    这是最常用的密码之一，或与之相近。
    请换一个。
password-word =
    只有一个单词或名字。
    容易被猜到，请组合几个词语。
password-weak =
    容易被猜到。
    请加长，或者再加一个词语。
password-same =
    这就是您现在的密码，仍然有效。
    请设置一个新的。
password-refused =
    本机不接受该密码:
    { $reason }
password-refused-there =
    目录服务不接受该密码:
    { $reason }
password-short-there =
    对目录服务来说太短。
    请换一个更长的。
password-young =
    不久前刚更改过。
    目录服务稍后才允许下一次更改。
not-changed =
    没有任何更改，原来的仍然有效。
    请稍后再试。
not-sure =
    更改可能没有成功。
    请先试新的，再试原来的。

# --- after a recovery
recover-sessions-ended = 已结束 { $n } 个打开的会话。
recover-ssh-keys = 仍有 { $n } 个 SSH 密钥可以登录，请检查。
recover-ssh-unseen = 有 SSH 密钥无法查看，请自行检查。
recover-refused-here =
    更改已完成，但本机尚未得知。
    如果被拒绝，请几分钟后再试。

# --- an account that too many wrong passwords have locked
unlock-menu =
    密码错误次数过多，此账户已锁定。
    设置新密码即可解锁。如果您想起了原来的密码，
    请输入 unlock，然后用它登录。
unlock-prompt = 按 Enter 设置新密码，或输入 unlock: {""}
unlocked =
    已解除锁定。请使用原来的密码
    登录。
unlock-not-sure =
    帐户可能仍被锁定。
    请先试原来的密码；
    如果被拒绝，请重新开始。

# --- registration
method-email = 电子邮箱
method-phone = 电话 (短信)
method-app = 手机上的身份验证器应用
register-menu =
    如果忘记密码，可以用验证码登录。
    验证码要怎样发送给您？
register-menu-two =
    如果忘记密码，可以用验证码登录。
    此账户需要以下方式中的两种:
register-menu-more =
    以防忘记密码，此账户还需要
    登记一种方式:
register-several = 也可以选择多项，例如: 1 2
register-helpdesk = 如果服务台给了您代码，也可以输入 code
register-menu-prompt = { $n ->
    [2] 1 或 2
   *[other] 1、2 或 3
    } (按 Enter 暂不登记): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 或 2
   *[other] 1、2 或 3
    }: {""}
register-email-only =
    如果忘记密码，可以用邮件验证码登录。
    请为此登记一个电子邮箱。
register-phone-only =
    如果忘记密码，可以用手机验证码登录。
    请为此登记一个电话号码。
register-app-only =
    如果忘记密码，可以用手机上的
    身份验证器应用登录。请为此登记一个。
register-only-prompt = 输入 y 立即登记 (按 Enter 暂不登记): {""}
register-only-prompt-mandatory = 输入 y 立即登记: {""}
register-mandatory =
    不能再推迟了。
    不登记，本次登录将到此结束。
register-denied = 请重新登录并完成登记。
register-not-now =
    目前无法登记。
    您可以继续，以后会再次询问。
register-by-hand = 登记后可用验证码重置: sspr enroll
register-changed =
    登记内容在此期间已被更改。
    没有保存任何内容，请重新开始。
register-email =
    请提供电子邮箱地址。
    请选择不必登录本机就能查看的邮箱。
register-phone = 请提供电话号码，将收到短信验证码。
email-prompt = 电子邮箱 (按 Enter 返回): {""}
number-prompt = 电话号码 (按 Enter 返回): {""}
registered =
    登记完成。如果忘记密码，
    在要求输入密码的地方直接按 Enter 即可。
app-scan = 请用手机上的身份验证器应用扫描。
app-beside = 无法扫描？请输入此密钥 (基于时间):
app-swap-beside = 无法读取？请输入: swap
app-usage-picture = 请输入显示的验证码，或: swap (颜色), text (无图), Enter (返回)
app-key = 请在身份验证器应用中添加账户。
app-key-lines =
    账户: { $host } 上的 { $account }
    密钥类型: 基于时间，6 位数字

    {"    "}{ $key }
app-usage = 请输入应用随后显示的验证码，或按 Enter 返回。
app-usage-key = 请输入应用显示的验证码，或: picture (二维码，{ $lines } 行), Enter (返回)
app-prompt = 验证码: {""}
app-wrong = 验证码不正确，还可以尝试 { $left } 次。
app-anew = 没有成功。请在应用中删除后重新开始。
reconfirm = 这些联系方式仍然有效吗？
reconfirm-prompt = 有效请输入 y，更改请输入 c (按 Enter 稍后再说): {""}
too-quick = 输入太快，请先阅读以下内容。
imported =
    管理员为您登记了以下内容，以便您忘记密码时
    可以用验证码登录。这是您的吗？
imported-prompt = y 或 n (按 Enter 暂不处理): {""}
imported-prompt-mandatory = y、n 或 later: {""}
codes-shown =
    以下是十个恢复代码，供没有其他办法时使用。
    每个代码可以重置一次密码。
codes-keep =
    请写在纸上保管，以后不会再显示。
    要获取新的代码，请运行: sspr codes
codes-unseen =
    已为您生成十个恢复代码，您可能还没有看到。
    要显示新的代码吗？
codes-off = 本机不使用恢复代码。
remove =
    这将删除所有可用于重置密码的方式:
remove-prompt = 输入 remove 删除 (按 Enter 保留): {""}
removed =
    已没有任何登记。
    要重新登记，请运行: sspr enroll

# --- contacts that can't be taken
contact-empty = 没有输入内容。
contact-too-long = 内容太长。
email-no-at =
    电子邮箱地址中应有 @，
    例如 ann@example.org。
email-no-dot =
    @ 后面必须是完整的域名，
    例如 ann@example.org。
email-several = 请只输入一个地址。
email-display-name = 请只输入地址，不要加括号。
email-bad-domain = @ 后面的内容不是域名。
email-bad-local = @ 前面的内容不正确。
email-not-ascii = @ 前面只能使用普通字母和数字。
number-not-one = 这不是电话号码。
number-needs-country =
    请连同国家代码一起输入，
    例如 +86 131 2345 6789。
number-invalid =
    没有这个号码。
    请检查数字和国家代码。
email-refused-domain =
    不能使用 { $domain } 的地址，
    需要时您可能无法打开它。请换一个。
contact-known = 已经登记过了。请换一个。
number-not-textable =
    该号码无法接收短信。
    请换一个。

# --- the command
enroll-password = 请先证明是您本人。
current-password-prompt = 当前密码: {""}
enroll-wrong-password =
    当前密码不正确。
    没有任何更改。
enroll-not-served = 此账户未开通自助服务。
enroll-unchanged = 没有任何更改。
enroll-no-way =
    没有任何更改：这需要验证码。
    如果已无法收到验证码，请联系服务台。
enroll-lost = 这些都无法使用了？请联系服务台。
enroll-menu = 可以重置您密码的方式:
enroll-menu-nothing = 尚未登记重置密码的方式:
enroll-menu-missing =
    可以重置您密码的方式。
    此账户还需要一种不同的方式:
enroll-menu-prompt = 编号 (按 Enter 结束): {""}
enroll-add-email = 添加电子邮箱
enroll-add-phone = 添加电话
enroll-add-app = 添加身份验证器应用
enroll-remove = 删除
enroll-prefer = 优先使用
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 或 2
    } (按 Enter 返回): {""}
enroll-last =
    这是唯一的方式，不能单独删除。
    请先添加另一种，或运行: sspr remove
enroll-saved = 已保存。
line-email = 邮箱  { $contact }
line-phone = 电话  { $contact }
line-app = 身份验证器应用
mark-preferred = (优先使用)
mark-unconfirmed = (尚未确认)
status-nothing = 尚未登记。请运行: sspr enroll
status-too-few =
    此账户还需要一种不同的方式。
    请运行: sspr enroll
status-registered = 已登记，用于重置密码:
status-codes = 剩余的恢复代码: { $left }
status-confirmed = 上次确认: { $date }
status-unconfirmed = 未确认的内容会在登录时询问。
status-used = 上次使用: { $date }
status-unused = 尚未使用
status-not-asked = 目前重置时不会要求它。
status-asks-one = 重置时会要求其中一项。
status-asks-two = 重置时会要求其中不同种类的两项。

# --- the line in a shell of somebody who is not registered
hint-enroll = 以防忘记密码，请运行: sspr enroll
hint-codes = 您有恢复代码可以查看: sspr codes

# --- mail, text messages and calls
call-language = zh-CN
call-opening = 您好，以下是 { $host } 的验证码。
call-again = 再重复一次，您的验证码是：
call-closing = 再见。
mail-code-subject = { $host } 的验证码
mail-code-recover =
    { $code } 是您用于重置 { $host } 上 { $account } 的密码的验证码。

    有效期至 { $until }。请在要求输入的地方输入，不要告诉任何人。
    如果不是您本人操作，无需理会：没有验证码就不会发生任何事。
mail-code-register =
    { $code } 是您用于将此地址登记到 { $host } 上 { $account } 的验证码。

    有效期至 { $until }。请在要求输入的地方输入，不要告诉任何人。
    如果不是您本人操作，无需理会。
mail-code-enroll =
    { $code } 是您用于更改 { $host } 上 { $account } 的联系方式的验证码。

    有效期至 { $until }。请在要求输入的地方输入，不要告诉任何人。
    如果不是您本人操作，说明有人知道您的密码。请立即更改密码并通知管理员。
mail-code-desk =
    { $code } 是服务台向您询问的验证码，涉及 { $host } 上的 { $account }。

    有效期至 { $until }。只有在您本人致电服务台时才读出它：它用于确认您的身份，不会重置任何内容。
    如果您没有致电，请勿将此验证码告诉任何人，并通知管理员。
text-code-desk = { $code } 是服务台就 { $host } 上的 { $account } 向您询问的验证码。若非您本人致电，请勿告诉任何人。
text-code-enroll = { $code } 是更改 { $host } 上 { $account } 联系方式的验证码。非本人操作请立即更改密码。
text-code-recover = { $code } 是重置 { $host } 上 { $account } 密码的验证码。请勿告诉任何人。
text-code-register = { $code } 是将此号码登记到 { $host } 上 { $account } 的验证码。请勿告诉任何人。
mail-recovered-subject = { $host } 上 { $account } 的密码已重置
mail-recovered =
    { $host } 上 { $account } 的密码已于 { $when } 重置 (通过 { $service }，来自 { $source })。

    如果是您本人操作，一切正常。
    如果不是您本人操作：请立即再次重置以阻止他人，并通知管理员。
text-recovered = { $host } 上 { $account } 的密码已于 { $when } 从 { $source } 重置。非本人操作请立即重置并通知管理员。
mail-unlocked-subject = { $host } 上的 { $account } 已解除锁定
mail-unlocked =
    由于密码错误次数过多，{ $host } 上的 { $account } 曾被锁定。锁定已于 { $when } 解除 (通过 { $service }，来自 { $source })。密码没有改变。

    如果是您本人操作，一切正常。
    如果不是您本人操作：请通知管理员。
text-unlocked = { $host } 上的 { $account } 已于 { $when } 从 { $source } 解除锁定，密码没有改变。非本人操作请通知管理员。
mail-contact-changed-subject = { $host } 上 { $account } 的联系方式已更改
mail-contact-changed =
    { $host } 上可以重置 { $account } 密码的方式已于 { $when } 更改 (通过 { $service }，来自 { $source })。

    { $change }

    如果是您本人操作，一切正常。
    如果不是您本人操作：请立即更改密码并通知管理员。
text-contact-changed = { $host } 上 { $account } 的密码重置: { $change } { $when }。非本人操作请更改密码并通知管理员。
text-about-email = 电子邮箱 { $contact }
text-about-phone = 电话 { $contact }
text-about-app = 身份验证器应用
text-change-added = 已添加: { $what }。
text-change-announced = 将于 { $from } 从目录添加: { $what }。
text-change-removed = 已删除: { $what }。
text-change-preferred = 今后优先使用: { $what }。
text-change-codes = 已生成新的恢复代码，旧的不再有效。
text-change-everything = 已删除: 所有登记的内容。
mail-test-subject = 来自 { $host } 的测试消息
mail-test =
    这是 { $host } 为重置密码所发邮件的测试。
    由管理员发起。其中没有验证码，您无需做任何事。
text-test = 来自 { $host } 的测试: 用于重置密码的短信可以送达。您无需做任何事。
text-source-shell = 本机的 shell
mail-blocked-subject = { $host } 上 { $account } 的密码重置已暂停
mail-blocked =
    { $host } 上的 { $account } 被输入了过多错误的验证码，最后一次是 { $when } (通过 { $service }，来自 { $source })。

    此账户的验证码重置功能将暂停一段时间。您的密码仍可照常使用。
    如果不是您本人操作：有人试图进入。没有任何更改，请通知管理员。
text-blocked = { $host } 上的 { $account } 被输入了过多错误的验证码 (来自 { $source })。重置功能暂停一段时间，密码照常使用。非本人操作请通知管理员。
mail-admin-recovered-subject = { $host } 上管理员 { $account } 的密码已重置
mail-admin-recovered =
    { $host } 上 { $account } 的密码已于 { $when } 重置 (通过 { $service }，来自 { $source })。这是管理员账户。

    如果不是 { $account } 本人操作：请立即锁定该账户，例如用 "usermod -L { $account }"，并查看日志。
mail-many-failures-subject = { $host } 上有许多错误的验证码
mail-many-failures =
    在 { $when } 之前的一小时内，{ $host } 上输入的错误验证码超过了 [limits] failed_proofs_per_hour 的限制。最后一次通过 { $service }，来自 { $source }。

    可能有人在猜测。每个账户都有自己的限制，因此不必着急；"sspr admin audit" 会显示涉及哪些账户以及来自何处。在此期间，重置时的响应最多会慢一秒。
mail-failures-at-source-subject = { $host } 上同一来源输入了许多错误的验证码
mail-failures-at-source =
    在 { $when } 之前的一小时内，同一来源在 { $host } 上输入的错误验证码超过了 [limits] failed_proofs_per_hour 中单个来源的份额。最后一次通过 { $service }，来自 { $source }。

    可能有人在那里猜测。每个账户都有自己的限制，因此不必着急；"sspr admin audit" 会显示涉及哪些账户。在此期间，只有该来源在重置时的响应最多会慢一秒。此类邮件每天最多一封；其他来源见审计记录。
