# 한국어. How texts are written: see en.ftl.

date-format = %Y-%m-%d
span-seconds = { $n }초
span-minutes = { $n }분
span-hours = { $n }시간

# --- answers that can't be read
too-long = 너무 깁니다. 다시 입력해 주세요.
not-plain = 읽을 수 없습니다. 다시 입력해 주세요.
choose-again = 표시된 항목 중 하나를 입력해 주세요.
choose-number = 전화번호 자체를 입력해 주세요.

# --- when nothing goes
unavailable = 지금은 재설정할 수 없습니다.
server-changed = 서버가 응답하지 않습니다. 다시 입력하십시오.
resting =
    잘못된 코드가 너무 많습니다.
    이 계정의 재설정이 중지되었습니다. { $time } 후에 다시 쓸 수 있습니다.
too-many-starts = 시도가 너무 많습니다. { $time } 후에 다시 하세요.
go-on-prompt = 계속하려면 Enter를 누르세요: {""}

# --- recovery
recover-menu = 본인임을 어떻게 확인하시겠습니까?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     등록된 이메일 주소로 받는 코드
recover-menu-app = {"  "}app   인증 앱의 코드
recover-menu-codes = {"  "}code  복구 코드 또는 지원 센터에서 받은 코드
recover-menu-recovery-code = {"  "}code  복구 코드
recover-menu-helpdesk-code = {"  "}code  지원 센터에서 받은 코드
recover-menu-contact = {"  "}또는 전화번호나 이메일 주소를 입력
recover-menu-number = {"  "}또는 등록된 전화번호를 입력
recover-menu-address = {"  "}또는 등록된 다른 이메일 주소를 입력
recover-menu-prompt = 선택 (Enter: 뒤로): {""}
recover-menu-prompt-mandatory = 선택: {""}
one-more-proof =
    코드가 확인되었습니다.
    이 계정은 다른 방법으로 한 번 더 확인해야 합니다.
proof-gone = 시간이 지났습니다. Enter를 눌러 다시 시작하세요.
recover-left = 중단했습니다. 바뀐 것이 없습니다.
recover-given-up =
    표시되지 않은 답이 너무 많아 끝냅니다.
    바뀐 것이 없습니다.

# --- codes
code-sent-email =
    이 계정에 등록된 이메일 주소가 있으면
    그곳으로 코드를 보냈습니다. { $minutes }분 동안 유효합니다.
code-sent-contact =
    이 계정에 등록된 것이 맞으면
    그곳으로 코드를 보냈습니다. { $minutes }분 동안 유효합니다.
code-called =
    이 계정에 등록된 전화가 맞으면
    곧 전화가 울리고 코드를 두 번 읽어 드립니다.
    { $minutes }분 동안 유효합니다.
code-sent-to =
    코드를 보냈습니다. { $minutes }분 동안 유효합니다.
    받는 곳: { $contact }
code-sent-earlier =
    앞서 보낸 코드가 아직 유효합니다.
    { $time } 후에 새로 보낼 수 있습니다.
code-resumed-email = 앞서 이메일로 보낸 코드가 아직 유효합니다.
code-resumed-contact =
    앞서 입력하신 연락처로 보낸 코드가
    아직 유효합니다.
code-resumed-to =
    등록을 마치려면 다음으로 보낸 코드를
    입력해 주세요: { $contact }
code-not-yet = { $time } 후에 새 코드를 보낼 수 있습니다.
code-usage = 코드를 입력하거나: new (새 코드), other (다른 방법), Enter (뒤로)
code-usage-call = 코드를 입력하거나: new (새 코드), call (전화로 듣기), other (다른 방법)
code-usage-new = 코드를 입력하거나: new (새 코드), other (변경), Enter (뒤로)
code-usage-mandatory = 코드를 입력하거나: new (새 코드), other (다른 방법)
code-usage-new-mandatory = 코드를 입력하거나: new (새 코드), other (변경)
code-usage-token = 복구 코드나 지원 센터에서 받은 코드를 쓰려면 입력: code
code-prompt = 코드: {""}
code-refused = 코드가 올바르지 않습니다.
code-malformed = 코드는 숫자 { $digits }자리입니다.
code-wrong =
    코드가 올바르지 않습니다. { $left }번 남았습니다.
code-worn-out =
    코드가 올바르지 않습니다.
    더는 쓸 수 없습니다. 새 코드를 받으려면 new를 입력하세요.
code-expired =
    코드의 유효 시간이 지났습니다.
    새 코드를 받으려면 new를 입력하세요.

# --- codes that somebody has already
token-app = 인증 앱에 표시된 코드를 입력해 주세요.
token-app-wrong =
    코드가 올바르지 않습니다. { $left }번 남았습니다.
    코드는 30초 동안 한 번만 쓸 수 있습니다.
token-code = 복구 코드나 지원 센터에서 받은 코드를 입력하세요.
token-helpdesk = 지원 센터에서 받은 코드를 입력하세요.
token-code-wrong =
    코드가 올바르지 않습니다. { $left }번 남았습니다.
    코드마다 한 번만 쓸 수 있습니다.
token-usage = 코드를 입력하거나: other (다른 방법), Enter (뒤로)

# --- the new password
password-rules =
    { $length }자 이상의 새 비밀번호를 정해 주세요.
    서로 관련 없는 단어 몇 개를 쓰면 좋습니다.
password-rules-digits = 이 컴퓨터는 숫자를 { $n }개 이상 요구합니다.
password-rules-capitals = 이 컴퓨터는 대문자를 { $n }개 이상 요구합니다.
password-rules-small = 이 컴퓨터는 소문자를 { $n }개 이상 요구합니다.
password-rules-others = 이 컴퓨터는 - 같은 기호를 { $n }개 이상 요구합니다.
password-rules-kinds = 대문자, 소문자, 숫자, 기호 중 { $n }종류를 쓰세요.
password-rules-history = 전에 쓰던 비밀번호는 쓸 수 없습니다.
password-rules-banned = 쓸 수 없는 단어가 있으며, 그때 알려 드립니다.
password-encrypts = 이전 비밀번호로 암호화한 것은 열리지 않습니다.
recovery-codes-left =
    { $left ->
        [0] 마지막 복구 코드였습니다.
       *[other] 복구 코드가 { $left }개 남았습니다.
    }
password-prompt = 새 비밀번호: {""}
password-takes = 설정에 최대 1분이 걸릴 수 있습니다.
password-again-prompt = 다시 한 번: {""}
password-mismatch = 두 번이 서로 다릅니다. 다시 정해 주세요.
password-empty = 입력이 없습니다. 새 비밀번호를 정해 주세요.
password-too-short =
    너무 짧습니다. { $more }자가 더 필요합니다.
password-too-long = 너무 깁니다. 최대 511바이트입니다.
password-has-name =
    사용자 이름이나 이 컴퓨터의 이름이 들어 있습니다.
    다른 것으로 정해 주세요.
password-banned =
    여기서 금지된 단어가 들어 있습니다:
    { $word }
    다른 것으로 정해 주세요.
password-blanks =
    처음이나 끝에 공백이 있습니다.
    그런 공백은 없어질 수 있으니 다른 것으로 정해 주세요.
password-keyboard =
    이어진 자판은 쉽게 추측됩니다.
    다른 것으로 정해 주세요.
password-repeats =
    반복되어 쉽게 추측됩니다.
    다른 것으로 정해 주세요.
password-sequence =
    abc나 1234 같은 연속된 글자입니다.
    쉽게 추측되니 다른 것으로 정해 주세요.
password-date =
    날짜는 쉽게 추측됩니다.
    다른 것으로 정해 주세요.
password-common =
    가장 많이 쓰이는 것이거나 비슷한 것입니다.
    다른 것으로 정해 주세요.
password-word =
    단어나 이름 하나뿐입니다.
    쉽게 추측되니 몇 개를 함께 써 주세요.
password-weak =
    쉽게 추측됩니다.
    더 길게 하거나 단어를 하나 더해 주세요.
password-same =
    지금 쓰시는 것과 같으며 그대로 쓸 수 있습니다.
    새것으로 정해 주세요.
password-refused =
    이 컴퓨터에서 받아들이지 않습니다:
    { $reason }
password-refused-there =
    디렉터리에서 받아들이지 않습니다:
    { $reason }
password-short-there =
    디렉터리에서 쓰기에는 너무 짧습니다.
    더 긴 것을 고르세요.
password-young =
    조금 전에 바뀌었습니다.
    다음 변경은 나중에 디렉터리에서 허용됩니다.
not-changed =
    바뀐 것이 없습니다. 이전 것을 그대로 쓰세요.
    나중에 다시 시도해 주세요.
not-sure =
    변경되지 않았을 수 있습니다.
    새것을 먼저, 그다음 이전 것을 시도해 보세요.

# --- after a recovery
recover-sessions-ended = 열려 있던 세션 { $n }개를 끝냈습니다.
recover-ssh-keys = SSH 키 { $n }개가 아직 유효합니다. 확인하세요.
recover-ssh-unseen = 확인하지 못한 SSH 키가 있을 수 있습니다. 확인하세요.
recover-refused-here =
    바뀌었습니다. 이 컴퓨터에는 아직 반영되지 않았습니다.
    거부되면 몇 분 뒤에 다시 시도해 주세요.

# --- an account that too many wrong passwords have locked
unlock-menu =
    비밀번호가 여러 번 틀려 계정이 잠겼습니다.
    새 비밀번호를 정하면 잠금이 풀립니다. 이전 것이 기억나면
    unlock을 입력하고 그것으로 로그인하세요.
unlock-prompt = 새 비밀번호는 Enter, 또는 unlock: {""}
unlocked =
    잠금이 풀렸습니다. 쓰시던 비밀번호로
    로그인하세요.
unlock-not-sure =
    아직 잠겨 있을 수 있습니다.
    쓰던 암호를 입력해 보고, 거부되면 처음부터
    다시 하세요.

# --- registration
method-email = 이메일
method-phone = 전화 (문자)
method-app = 휴대전화의 인증 앱
register-menu =
    비밀번호를 잊었을 때 코드로 들어올 수 있습니다.
    코드를 어떻게 받으시겠습니까?
register-menu-two =
    비밀번호를 잊었을 때 코드로 들어올 수 있습니다.
    이 계정은 다음 중 두 가지가 필요합니다:
register-menu-more =
    비밀번호를 잊을 때를 대비해 이 계정은
    방법이 하나 더 필요합니다:
register-several = 여러 개도 됩니다. 예: 1 2
register-helpdesk = 또는 code (지원 센터에서 코드를 받은 경우)
register-menu-prompt = { $n ->
    [2] 1 또는 2
   *[other] 1, 2, 3 중 하나
    } (Enter: 나중에): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 또는 2
   *[other] 1, 2, 3 중 하나
    }: {""}
register-email-only =
    비밀번호를 잊었을 때 코드로 들어올 수 있습니다.
    코드를 받을 이메일 주소를 등록해 주세요.
register-phone-only =
    비밀번호를 잊었을 때 코드로 들어올 수 있습니다.
    코드를 받을 전화번호를 등록해 주세요.
register-app-only =
    비밀번호를 잊었을 때 휴대전화의 인증 앱으로
    들어올 수 있습니다. 앱을 등록해 주세요.
register-only-prompt = 지금 등록하려면 y 입력 (Enter: 나중에): {""}
register-only-prompt-mandatory = 지금 등록하려면 y 입력: {""}
register-mandatory =
    더는 미룰 수 없습니다.
    등록하지 않으면 로그인이 여기서 끝납니다.
register-denied = 다시 로그인하여 등록해 주세요.
register-not-now =
    지금은 할 수 없습니다.
    계속하실 수 있으며, 다음에 다시 여쭙겠습니다.
register-by-hand = 재설정을 위해 등록하세요: sspr enroll
register-changed =
    그사이 등록 내용이 바뀌었습니다.
    저장된 것이 없습니다. 다시 시작해 주세요.
register-email =
    이메일 주소를 알려 주세요.
    이곳에 로그인하지 않아도 읽을 수 있는 주소로 해 주세요.
register-phone = 전화번호를 알려 주세요. 코드가 문자로 갑니다.
email-prompt = 이메일 주소 (Enter: 뒤로): {""}
number-prompt = 전화번호 (Enter: 뒤로): {""}
registered =
    등록되었습니다. 비밀번호를 잊으시면
    비밀번호를 묻는 곳에서 그냥 Enter를 누르세요.
app-scan = 휴대전화의 인증 앱으로 스캔해 주세요.
app-beside = 카메라가 없으면 이 키를 입력하세요 (시간 기반):
app-swap-beside = 읽히지 않으면 입력하세요: swap
app-usage-picture = 표시된 코드를 입력하거나: swap (색), text (그림 없이), Enter (뒤로)
app-key = 인증 앱에 계정을 추가해 주세요.
app-key-lines =
    계정: { $host }의 { $account }
    키 종류: 시간 기반, 6자리

    {"    "}{ $key }
app-usage = 앱에 표시되는 코드를 입력하거나, Enter를 눌러 돌아가세요.
app-usage-key = 앱에 표시된 코드를 입력하거나: picture (QR 코드, { $lines }줄), Enter (뒤로)
app-prompt = 코드: {""}
app-wrong = 코드가 올바르지 않습니다. { $left }번 남았습니다.
app-anew = 실패했습니다. 앱에서 지우고 다시 시작하세요.
reconfirm = 연락처가 아직 그대로입니까?
reconfirm-prompt = 그대로면 y, 바꾸려면 c (Enter: 나중에): {""}
too-quick = 너무 빨랐습니다. 먼저 읽어 주세요.
imported =
    비밀번호를 잊으면 코드를 받을 수 있도록 관리자가
    대신 입력했습니다. 본인 것입니까?
imported-prompt = y 또는 n (Enter: 나중에): {""}
imported-prompt-mandatory = y, n 또는 later: {""}
codes-shown =
    다른 방법이 없을 때 쓸 복구 코드 열 개입니다.
    코드마다 비밀번호를 한 번 재설정할 수 있습니다.
codes-keep =
    종이에 적어 두세요. 다시 표시되지 않습니다.
    새로 받으려면 실행: sspr codes
codes-unseen =
    복구 코드 열 개를 아직 확인하지 않으셨습니다.
    새 코드를 표시할까요?
codes-off = 이 컴퓨터에서는 복구 코드를 쓰지 않습니다.
remove =
    비밀번호를 재설정할 수 있는 것을 모두 지웁니다:
remove-prompt = 지우려면 remove 입력 (Enter: 그대로): {""}
removed =
    이제 등록된 것이 없습니다.
    다시 등록하려면 실행: sspr enroll

# --- contacts that can't be taken
contact-empty = 입력이 없습니다.
contact-too-long = 너무 깁니다.
email-no-at =
    이메일 주소에는 @가 있어야 합니다.
    예: ann@example.org
email-no-dot =
    @ 뒤에는 완전한 도메인이 있어야 합니다.
    예: ann@example.org
email-several = 주소를 하나만 입력해 주세요.
email-display-name = 괄호 없이 주소만 입력해 주세요.
email-bad-domain = @ 뒤가 도메인이 아닙니다.
email-bad-local = @ 앞이 올바르지 않습니다.
email-not-ascii = @ 앞에는 영문자와 숫자만 쓸 수 있습니다.
number-not-one = 전화번호가 아닙니다.
number-needs-country =
    국가 번호와 함께 입력해 주세요.
    예: +82 10 1234 5678
number-invalid =
    없는 번호입니다.
    숫자와 국가를 확인해 주세요.
email-refused-domain =
    { $domain } 주소는 쓸 수 없습니다.
    필요할 때 열지 못할 수 있습니다. 다른 주소를 입력해 주세요.
contact-known = 이미 등록되어 있습니다. 다른 것을 입력해 주세요.
number-not-textable =
    문자를 받을 수 없는 번호입니다.
    다른 번호를 입력해 주세요.

# --- the command
enroll-password = 먼저 본인임을 확인합니다.
current-password-prompt = 현재 비밀번호: {""}
enroll-wrong-password =
    현재 비밀번호가 아닙니다.
    바뀐 것이 없습니다.
enroll-not-served = 이 계정에서는 쓸 수 없습니다.
enroll-unchanged = 바뀐 것이 없습니다.
enroll-no-way =
    바뀐 것이 없습니다. 코드가 필요합니다.
    더는 받을 방법이 없으면 지원 센터에 문의하세요.
enroll-lost = 쓸 수 있는 것이 없으면 지원 센터에 문의하세요.
enroll-menu = 비밀번호를 재설정할 수 있는 방법:
enroll-menu-nothing = 등록된 재설정 방법이 아직 없습니다:
enroll-menu-missing =
    비밀번호를 재설정할 수 있는 방법.
    이 계정은 다른 종류가 하나 더 필요합니다:
enroll-menu-prompt = 번호 (Enter: 마침): {""}
enroll-add-email = 이메일 주소 추가
enroll-add-phone = 전화 추가
enroll-add-app = 인증 앱 추가
enroll-remove = 지우기
enroll-prefer = 먼저 쓰기
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 또는 2
    } (Enter: 뒤로): {""}
enroll-last =
    이것뿐이어서 이것만 지울 수 없습니다.
    먼저 다른 것을 추가하거나 실행: sspr remove
enroll-saved = 저장했습니다.
line-email = 이메일  { $contact }
line-phone = 전화    { $contact }
line-app = 인증 앱
mark-preferred = (먼저 사용)
mark-unconfirmed = (미확인)
status-nothing = 등록된 것이 없습니다. 실행: sspr enroll
status-too-few =
    이 계정은 다른 종류가 하나 더 필요합니다.
    실행: sspr enroll
status-registered = 비밀번호 재설정용 등록:
status-codes = 남은 복구 코드: { $left }
status-confirmed = 마지막 확인: { $date }
status-unconfirmed = 확인되지 않은 것은 로그인할 때 여쭙니다.
status-used = 마지막 사용: { $date }
status-unused = 아직 사용하지 않음
status-not-asked = 지금은 재설정할 때 묻지 않습니다.
status-asks-one = 재설정할 때 이 중 하나를 묻습니다.
status-asks-two = 재설정할 때 종류가 다른 두 가지를 묻습니다.

# --- the line in a shell of somebody who is not registered
hint-enroll = 비밀번호를 잊을 때를 대비해: sspr enroll
hint-codes = 복구 코드를 볼 수 있습니다: sspr codes

# --- mail, text messages and calls
call-language = ko-KR
call-opening = 안녕하세요. { $host } 코드를 알려 드립니다.
call-again = 다시 한번 알려 드립니다.
call-closing = 감사합니다.
mail-code-subject = { $host } 코드
mail-code-recover =
    { $code }: { $host }의 { $account } 비밀번호를 재설정하기 위한 코드입니다.

    { $until }까지 유효합니다. 요청하신 곳에 입력하고 누구에게도 알려 주지 마세요.
    요청하지 않으셨다면 아무것도 하실 필요가 없습니다. 코드가 없으면 아무 일도 일어나지 않습니다.
mail-code-register =
    { $code }: 이 주소를 { $host }의 { $account }에 등록하기 위한 코드입니다.

    { $until }까지 유효합니다. 요청하신 곳에 입력하고 누구에게도 알려 주지 마세요.
    요청하지 않으셨다면 아무것도 하실 필요가 없습니다.
mail-code-enroll =
    { $code }: { $host }의 { $account } 연락처를 변경하기 위한 코드입니다.

    { $until }까지 유효합니다. 요청하신 곳에 입력하고 누구에게도 알려 주지 마세요.
    요청하지 않으셨다면 누군가 비밀번호를 알고 있습니다. 지금 바로 비밀번호를 바꾸고 관리자에게 알려 주세요.
mail-code-desk =
    { $code }: 지원 센터가 물어보는 코드입니다. { $host }의 { $account }에 관한 것입니다.

    { $until }까지 유효합니다. 직접 지원 센터에 전화하신 경우에만 읽어 주세요. 본인 확인용이며 아무것도 재설정하지 않습니다.
    전화하지 않으셨다면 이 코드를 누구에게도 알려 주지 말고 관리자에게 알리세요.
text-code-desk = { $code }: { $host }의 { $account }에 대해 지원 센터가 묻는 코드입니다. 직접 전화하지 않으셨다면 누구에게도 알려 주지 마세요.
text-code-enroll = { $code }: { $host }의 { $account } 연락처 변경 코드입니다. 본인이 아니라면 지금 비밀번호를 바꾸세요.
text-code-recover = { $code }: { $host }의 { $account } 비밀번호 재설정 코드입니다. 누구에게도 알려 주지 마세요.
text-code-register = { $code }: 이 번호를 { $host }의 { $account }에 등록하는 코드입니다. 누구에게도 알려 주지 마세요.
mail-recovered-subject = { $host }의 { $account } 비밀번호가 재설정되었습니다
mail-recovered =
    { $when }에 { $host }의 { $account } 비밀번호가 재설정되었습니다 ({ $service }, { $source }에서).

    본인이라면 문제가 없습니다.
    본인이 아니라면 지금 바로 다시 재설정하여 다른 사람을 막고 관리자에게 알려 주세요.
text-recovered = { $host }의 { $account } 비밀번호가 { $when }에 { $source }에서 재설정되었습니다. 본인이 아니라면 지금 재설정하고 관리자에게 알려 주세요.
mail-unlocked-subject = { $host }의 { $account } 잠금이 풀렸습니다
mail-unlocked =
    비밀번호가 여러 번 틀려 { $host }의 { $account } 계정이 잠겨 있었습니다. { $when }에 잠금이 풀렸습니다 ({ $service }, { $source }에서). 비밀번호는 그대로입니다.

    본인이라면 문제가 없습니다.
    본인이 아니라면 관리자에게 알려 주세요.
text-unlocked = { $host }의 { $account } 잠금이 { $when }에 { $source }에서 풀렸습니다. 비밀번호는 그대로입니다. 본인이 아니라면 관리자에게 알려 주세요.
mail-contact-changed-subject = { $host }의 { $account } 연락처가 변경되었습니다
mail-contact-changed =
    { $when }에 { $host }의 { $account } 비밀번호를 재설정할 수 있는 방법이 변경되었습니다 ({ $service }, { $source }에서).

    { $change }

    본인이라면 문제가 없습니다.
    본인이 아니라면 지금 바로 비밀번호를 바꾸고 관리자에게 알려 주세요.
text-contact-changed = { $host }의 { $account } 비밀번호 재설정: { $change } { $when }. 본인이 아니라면 비밀번호를 바꾸고 관리자에게 알려 주세요.
text-about-email = 이메일 주소 { $contact }
text-about-phone = 전화 { $contact }
text-about-app = 인증 앱
text-change-added = 추가됨: { $what }.
text-change-announced = { $from }에 추가 예정(디렉터리에서): { $what }.
text-change-removed = 지워짐: { $what }.
text-change-preferred = 이제부터 먼저 사용: { $what }.
text-change-codes = 새 복구 코드가 생겼으며, 이전 것은 쓸 수 없습니다.
text-change-everything = 지워짐: 등록된 모든 것.
mail-test-subject = { $host }의 시험 메시지
mail-test =
    { $host }에서 비밀번호 재설정을 위해 보내는 메일의 시험입니다.
    관리자가 요청했습니다. 코드가 없으며 아무것도 하실 필요가 없습니다.
text-test = { $host } 시험: 비밀번호 재설정 문자가 도착합니다. 아무것도 하실 필요가 없습니다.
text-source-shell = 이 컴퓨터의 셸
mail-blocked-subject = { $host }의 { $account } 비밀번호 재설정이 중지되었습니다
mail-blocked =
    { $host }의 { $account }에 잘못된 코드가 너무 많이 입력되었습니다. 마지막은 { $when }입니다 ({ $service }, { $source }에서).

    이 계정의 코드 재설정이 한동안 중지됩니다. 비밀번호는 그대로 쓸 수 있습니다.
    본인이 아니라면 누군가 들어오려고 했습니다. 바뀐 것은 없습니다. 관리자에게 알려 주세요.
text-blocked = { $host }의 { $account }에 잘못된 코드가 너무 많이 입력되었습니다 ({ $source }에서). 재설정이 한동안 중지되며 비밀번호는 그대로입니다. 본인이 아니라면 관리자에게 알려 주세요.
mail-admin-recovered-subject = { $host }의 관리자 { $account } 비밀번호가 재설정되었습니다
mail-admin-recovered =
    { $when }에 { $host }의 { $account } 비밀번호가 재설정되었습니다 ({ $service }, { $source }에서). 관리자 계정입니다.

    { $account } 본인이 아니라면 바로 계정을 잠그고 (예: "usermod -L { $account }") 저널을 확인하세요.
mail-many-failures-subject = { $host }에서 틀린 코드가 많이 입력되었습니다
mail-many-failures =
    { $when } 이전 한 시간 동안 { $host }에서 [limits] failed_proofs_per_hour 한도보다 많은 틀린 코드가 입력되었습니다. 마지막 입력은 { $service }, { $source }에서 왔습니다.

    누군가 추측하고 있을 수 있습니다. 계정마다 한도가 있으므로 서두를 필요는 없습니다. 어떤 계정이었고 어디에서 왔는지는 "sspr admin audit"로 볼 수 있습니다. 끝날 때까지 재설정 중 응답이 최대 1초 늦어집니다.
mail-failures-at-source-subject = { $host }에서 한 출처로부터 틀린 코드가 많이 입력되었습니다
mail-failures-at-source =
    { $when } 이전 한 시간 동안 { $host }에서 한 출처가 [limits] failed_proofs_per_hour 한도 중 한 출처에 허용된 몫보다 많은 틀린 코드를 입력했습니다. 마지막 입력은 { $service }, { $source }에서 왔습니다.

    그곳에서 누군가 추측하고 있을 수 있습니다. 계정마다 한도가 있으므로 서두를 필요는 없습니다. 어떤 계정이었는지는 "sspr admin audit"로 볼 수 있습니다. 끝날 때까지 이 출처에만 재설정 중 응답이 최대 1초 늦어집니다. 이런 메일은 하루에 한 번만 옵니다. 다른 출처는 감사 기록에 있습니다.
