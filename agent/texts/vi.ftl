# Tiếng Việt. How texts are written: see en.ftl. Letters are precomposed (NFC). Nouns stay as they are after a number. Users are
# addressed as "bạn".

date-format = %d/%m/%Y
span-seconds = { $n } giây
span-minutes = { $n } phút
span-hours = { $n } giờ

# --- answers that can't be read
too-long = Quá dài. Vui lòng nhập lại.
not-plain = Không đọc được. Vui lòng nhập lại.
choose-again = Vui lòng nhập một trong các câu trả lời đã nêu.
choose-number = Vui lòng nhập chính số điện thoại.

# --- when nothing goes
unavailable = Hiện không thể đặt lại.
server-changed = Máy chủ đã ngừng phản hồi. Vui lòng trả lời lại.
resting =
    Quá nhiều mã sai.
    Việc đặt lại của tài khoản này bị tạm dừng. Hãy thử lại sau { $time }.
too-many-starts = Quá nhiều lần thử. Hãy thử lại sau { $time }.
go-on-prompt = Nhấn Enter để tiếp tục: {""}

# --- recovery
recover-menu = Bạn muốn xác nhận danh tính bằng cách nào?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     mã gửi đến địa chỉ email đã đăng ký của bạn
recover-menu-app = {"  "}app   mã từ ứng dụng xác thực của bạn
recover-menu-codes = {"  "}code  mã khôi phục hoặc mã từ bộ phận hỗ trợ
recover-menu-recovery-code = {"  "}code  mã khôi phục
recover-menu-helpdesk-code = {"  "}code  mã từ bộ phận hỗ trợ
recover-menu-contact = {"  "}hoặc nhập số điện thoại hay địa chỉ email của bạn
recover-menu-number = {"  "}hoặc nhập số điện thoại đã đăng ký của bạn
recover-menu-address = {"  "}hoặc nhập một địa chỉ email khác đã đăng ký
recover-menu-prompt = Lựa chọn của bạn (Enter để quay lại): {""}
recover-menu-prompt-mandatory = Lựa chọn của bạn: {""}
one-more-proof =
    Mã đó đúng.
    Tài khoản của bạn cần thêm một mã nữa, bằng cách khác.
proof-gone = Đã quá lâu. Nhấn Enter để bắt đầu lại.
recover-left = Bạn đã thoát. Không có gì thay đổi.
recover-given-up =
    Quá nhiều câu trả lời không nằm trong số đã nêu.
    Không có gì thay đổi.

# --- codes
code-sent-email =
    Nếu tài khoản này có địa chỉ email đã đăng ký,
    mã đang được gửi đến đó. Mã có hiệu lực trong { $minutes } phút.
code-sent-contact =
    Nếu thông tin đó đã đăng ký cho tài khoản này,
    mã đang được gửi đến đó. Mã có hiệu lực trong { $minutes } phút.
code-called =
    Nếu điện thoại đó đã đăng ký cho tài khoản này,
    điện thoại sẽ đổ chuông và mã được đọc hai lần.
    Mã có hiệu lực trong { $minutes } phút.
code-sent-to =
    Mã đang được gửi, có hiệu lực trong { $minutes } phút.
    Mã được gửi đến { $contact }.
code-sent-earlier =
    Mã đã gửi trước đó vẫn còn hiệu lực.
    Có thể gửi mã khác sau { $time }.
code-resumed-email = Mã đã gửi qua email trước đó vẫn còn hiệu lực.
code-resumed-contact =
    Mã đã gửi đến liên hệ mà bạn nhập trước đó
    vẫn còn hiệu lực.
code-resumed-to =
    Để hoàn tất đăng ký, hãy nhập mã
    đã gửi đến { $contact }.
code-not-yet = Có thể gửi mã khác sau { $time }.
code-usage = Nhập mã, hoặc: new (mã khác), other (cách khác), Enter (quay lại).
code-usage-call = Nhập mã, hoặc: new (mã khác), call (nghe đọc mã), other (cách khác).
code-usage-new = Nhập mã, hoặc: new (mã khác), other (thay đổi), Enter (quay lại).
code-usage-mandatory = Nhập mã, hoặc: new (mã khác), other (cách khác).
code-usage-new-mandatory = Nhập mã, hoặc: new (mã khác), other (thay đổi).
code-usage-token = Nếu có mã khôi phục hoặc mã từ bộ phận hỗ trợ, hãy nhập: code
code-prompt = Mã: {""}
code-refused = Mã đó không đúng.
code-malformed = Mã gồm { $digits } chữ số.
code-wrong =
    Mã đó không đúng. Số lần thử còn lại: { $left }.
code-worn-out =
    Mã đó không đúng.
    Không thể dùng mã đó nữa. Nhập new để nhận mã khác.
code-expired =
    Mã đó đã hết hạn.
    Nhập new để nhận mã khác.

# --- codes that the user has already
token-app = Nhập mã mà ứng dụng xác thực của bạn hiển thị.
token-app-wrong =
    Mã đó không đúng. Số lần thử còn lại: { $left }.
    Mỗi mã chỉ dùng được một lần, trong nửa phút.
token-code = Nhập mã khôi phục hoặc mã từ bộ phận hỗ trợ.
token-helpdesk = Nhập mã mà bộ phận hỗ trợ đã cung cấp.
token-code-wrong =
    Mã đó không đúng. Số lần thử còn lại: { $left }.
    Mỗi mã chỉ dùng được một lần.
token-usage = Nhập mã, hoặc: other (cách khác), Enter (quay lại).

# --- the new password
password-rules =
    Chọn mật khẩu mới, ít nhất { $length } ký tự.
    Vài từ không liên quan với nhau là lựa chọn tốt.
password-rules-digits = Máy này yêu cầu { $n } chữ số.
password-rules-capitals = Máy này yêu cầu { $n } chữ hoa.
password-rules-small = Máy này yêu cầu { $n } chữ thường.
password-rules-others = Máy này yêu cầu { $n } ký hiệu, ví dụ -.
password-rules-kinds = Chữ hoa, chữ thường, chữ số, ký hiệu: dùng { $n } loại.
password-rules-history = Mật khẩu bạn đã từng dùng sẽ bị từ chối.
password-rules-banned = Một số từ bị cấm. Bạn sẽ được báo từ nào.
password-encrypts = Dữ liệu mã hóa bằng mật khẩu cũ vẫn bị khóa.
recovery-codes-left =
    { $left ->
        [0] Đó là mã khôi phục cuối cùng của bạn.
       *[other] Số mã khôi phục còn lại của bạn: { $left }.
    }
password-prompt = Mật khẩu mới: {""}
password-takes = Việc thay đổi có thể mất đến một phút.
password-again-prompt = Nhập lại lần nữa: {""}
password-mismatch = Hai lần nhập không khớp. Vui lòng chọn lại.
password-empty = Bạn chưa nhập gì. Vui lòng chọn mật khẩu mới.
password-too-short =
    Quá ngắn. Cần thêm { $more } ký tự.
password-too-long = Quá dài. Giới hạn là 511 byte.
password-has-name =
    Mật khẩu chứa tên của bạn hoặc tên của máy này.
    Vui lòng chọn mật khẩu khác.
password-banned =
    Mật khẩu chứa một từ bị cấm ở đây:
    { $word }
    Vui lòng chọn mật khẩu khác.
password-blanks =
    Mật khẩu bắt đầu hoặc kết thúc bằng dấu cách.
    Dấu cách ở đó sẽ bị mất. Vui lòng chọn mật khẩu khác.
password-keyboard =
    Đó là một dãy phím, rất dễ đoán.
    Vui lòng chọn mật khẩu khác.
password-repeats =
    Mật khẩu lặp đi lặp lại và dễ đoán.
    Vui lòng chọn mật khẩu khác.
password-sequence =
    Đó là một chuỗi như abc hoặc 1234.
    Rất dễ đoán. Vui lòng chọn mật khẩu khác.
password-date =
    Đó là một ngày tháng, rất dễ đoán.
    Vui lòng chọn mật khẩu khác.
password-common =
    Mật khẩu rất phổ biến, hoặc gần giống như vậy.
    Vui lòng chọn mật khẩu khác.
password-word =
    Đó chỉ là một từ hoặc một cái tên.
    Rất dễ đoán. Hãy kết hợp vài từ.
password-weak =
    Mật khẩu dễ đoán.
    Hãy làm cho nó dài hơn hoặc thêm một từ.
password-same =
    Đó là mật khẩu hiện tại, và nó vẫn còn hiệu lực.
    Vui lòng chọn mật khẩu mới.
password-refused =
    Máy này từ chối mật khẩu đó:
    { $reason }
password-refused-there =
    Dịch vụ thư mục từ chối mật khẩu đó:
    { $reason }
password-short-there =
    Quá ngắn đối với dịch vụ thư mục.
    Vui lòng chọn cái dài hơn.
password-young =
    Vừa được thay đổi cách đây không lâu.
    Dịch vụ thư mục cho phép lần thay đổi tiếp theo sau.
not-changed =
    Không có gì thay đổi; mật khẩu cũ vẫn dùng được.
    Vui lòng thử lại sau.
not-sure =
    Có thể việc thay đổi chưa thành công.
    Hãy thử mật khẩu mới trước, rồi đến mật khẩu cũ.

# --- after a recovery
recover-sessions-ended = Đã kết thúc { $n } phiên đang mở.
recover-ssh-keys = { $n } khóa SSH vẫn đăng nhập được; hãy kiểm tra.
recover-ssh-unseen = Không đọc được một số khóa SSH; hãy kiểm tra.
recover-refused-here =
    Đã đổi xong. Máy này chưa thấy thay đổi đó:
    nếu bị từ chối, hãy thử lại sau vài phút.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Quá nhiều mật khẩu sai đã khóa tài khoản này.
    Mật khẩu mới sẽ mở khóa. Nếu bạn vẫn nhớ mật khẩu cũ,
    hãy nhập unlock rồi đăng nhập bằng mật khẩu đó.
unlock-prompt = Enter để đặt mật khẩu mới, hoặc unlock: {""}
unlocked =
    Tài khoản đã được mở khóa. Hãy đăng nhập bằng
    mật khẩu cũ của bạn.
unlock-not-sure =
    Tài khoản có thể vẫn bị khóa.
    Hãy thử mật khẩu cũ của bạn.
    Nếu bị từ chối, hãy bắt đầu lại.

# --- registration
method-email = email
method-phone = điện thoại, qua tin nhắn
method-app = ứng dụng xác thực trên điện thoại
register-menu =
    Nếu có ngày bạn không đăng nhập được, một mã sẽ
    giúp bạn vào. Mã nên được gửi đến đâu?
register-menu-two =
    Nếu có ngày bạn không đăng nhập được, các mã sẽ
    giúp bạn vào. Tài khoản của bạn cần hai trong số này:
register-menu-more =
    Tài khoản của bạn cần thêm một cách nữa,
    phòng khi bạn không đăng nhập được:
register-several = Hoặc nhiều cách, ví dụ: 1 2
register-helpdesk = Hoặc nhập code, nếu bộ phận hỗ trợ đã cho bạn mã.
register-menu-prompt = { $n ->
    [2] 1 hoặc 2
   *[other] 1, 2 hoặc 3
    } (Enter để bỏ qua): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 hoặc 2
   *[other] 1, 2 hoặc 3
    }: {""}
register-email-only =
    Nếu có ngày bạn không đăng nhập được, mã gửi qua
    email sẽ giúp bạn vào. Hãy đăng ký một địa chỉ cho việc đó.
register-phone-only =
    Nếu có ngày bạn không đăng nhập được, mã gửi đến
    điện thoại sẽ giúp bạn vào. Hãy đăng ký một số cho việc đó.
register-app-only =
    Nếu có ngày bạn không đăng nhập được, ứng dụng
    xác thực trên điện thoại sẽ giúp bạn vào. Hãy đăng ký một ứng dụng.
register-only-prompt = Đăng ký ngay? Nhập y (Enter để bỏ qua): {""}
register-only-prompt-mandatory = Nhập y để đăng ký ngay: {""}
register-mandatory =
    Không thể hoãn việc đăng ký được nữa:
    nếu không đăng ký, việc đăng nhập dừng tại đây.
register-denied = Hãy đăng nhập lại và đăng ký để vào được.
register-not-now =
    Hiện không thể đăng ký.
    Bạn có thể tiếp tục và sẽ được hỏi lại.
register-by-hand = Đăng ký để đặt lại bằng mã: sspr enroll
register-changed =
    Đăng ký của bạn đã thay đổi trong lúc đó.
    Chưa lưu gì cả. Vui lòng bắt đầu lại.
register-email =
    Địa chỉ email nào?
    Hãy chọn địa chỉ bạn đọc được mà không cần đăng nhập ở đây.
register-phone = Số nào? Số đó sẽ nhận tin nhắn có mã.
email-prompt = Địa chỉ email (Enter để quay lại): {""}
number-prompt = Số điện thoại (Enter để quay lại): {""}
registered =
    Xong, bạn đã đăng ký. Nếu có ngày bạn không đăng
    nhập được, chỉ cần nhấn Enter mà không nhập gì.
app-scan = Quét mã bằng ứng dụng xác thực trên điện thoại.
app-beside = Không có camera? Nhập khóa (theo thời gian):
app-swap-beside = Không đọc được? Nhập: swap
app-usage-picture = Nhập mã, hoặc: swap (đổi màu), text (không ảnh), Enter (quay lại).
app-key = Thêm tài khoản vào ứng dụng xác thực.
app-key-lines =
    Tài khoản: { $account } trên { $host }
    Loại khóa: theo thời gian, 6 chữ số

    {"    "}{ $key }
app-usage = Nhập mã mà ứng dụng hiển thị sau đó, hoặc nhấn Enter để quay lại.
app-usage-key = Nhập mã, hoặc: picture (mã QR, { $lines } dòng), Enter (quay lại).
app-prompt = Mã: {""}
app-wrong = Mã đó không đúng. Số lần thử còn lại: { $left }.
app-anew = Không được. Hãy xóa trong ứng dụng và bắt đầu lại.
reconfirm = Vẫn có thể liên hệ với bạn bằng cách này chứ?
reconfirm-prompt = y nếu đúng, c để thay đổi (Enter để sau): {""}
too-quick = Quá nhanh. Vui lòng đọc nội dung này trước.
imported =
    Quản trị viên đã nhập thông tin này cho bạn, để mã
    giúp bạn vào nếu không đăng nhập được. Đây là của bạn chứ?
imported-prompt = y hoặc n (Enter để bỏ qua): {""}
imported-prompt-mandatory = y, n hoặc later: {""}
codes-shown =
    Mười mã khôi phục, khi không còn cách nào khác.
    Mỗi mã giúp bạn vào một lần, nếu bạn không đăng nhập được.
codes-keep =
    Hãy ghi ra giấy: mã sẽ không hiển thị lại.
    Để có mã mới, hãy chạy: sspr codes
codes-unseen =
    Mười mã khôi phục đã được tạo cho bạn, có thể bạn
    chưa từng thấy. Bạn có muốn mã mới không?
codes-off = Mã khôi phục không được dùng trên máy này.
remove =
    Thao tác này xóa mọi cách đặt lại mật khẩu của bạn:
remove-prompt = Nhập remove để xóa (Enter để giữ lại): {""}
removed =
    Không còn gì được đăng ký.
    Để đăng ký lại, hãy chạy: sspr enroll

# --- contacts that can't be taken
contact-empty = Bạn chưa nhập gì.
contact-too-long = Quá dài.
email-no-at =
    Địa chỉ email có ký tự @,
    ví dụ ann@example.org.
email-no-dot =
    Sau @ phải là tên miền đầy đủ,
    ví dụ ann@example.org.
email-several = Vui lòng chỉ nhập một địa chỉ.
email-display-name = Vui lòng chỉ nhập địa chỉ, không có dấu ngoặc.
email-bad-domain = Phần sau @ không phải là tên miền.
email-bad-local = Phần trước @ không hợp lệ.
email-not-ascii = Trước @ chỉ có thể là chữ cái không dấu.
number-not-one = Đó không phải là số điện thoại.
number-needs-country =
    Vui lòng nhập kèm mã quốc gia,
    ví dụ +84 91 234 56 78.
number-invalid =
    Không có số như vậy.
    Vui lòng kiểm tra các chữ số và mã quốc gia.
email-refused-domain =
    Không dùng được địa chỉ tại { $domain } ở đây:
    bạn có thể không mở được nó khi cần. Vui lòng chọn địa chỉ khác.
contact-known = Đã đăng ký rồi. Vui lòng chọn cái khác.
number-not-textable =
    Số như vậy không nhận được tin nhắn.
    Vui lòng chọn số khác.

# --- the command
enroll-password = Trước tiên hãy xác nhận đó là bạn.
current-password-prompt = Mật khẩu hiện tại: {""}
enroll-wrong-password =
    Đó không phải là mật khẩu hiện tại của bạn.
    Không có gì thay đổi.
enroll-not-served = Dịch vụ này không bật cho tài khoản này.
enroll-unchanged = Không có gì thay đổi.
enroll-no-way =
    Không có gì thay đổi: việc đó cần một mã.
    Nếu bạn không thể nhận mã nữa, hãy hỏi bộ phận hỗ trợ.
enroll-lost = Không có cách nào ở trên? Hãy hỏi bộ phận hỗ trợ.
enroll-menu = Những gì giúp bạn vào nếu không đăng nhập được:
enroll-menu-nothing = Chưa đăng ký gì để giúp bạn vào:
enroll-menu-missing =
    Những gì giúp bạn vào nếu không đăng nhập được.
    Tài khoản của bạn cần thêm một cách, thuộc loại khác:
enroll-menu-prompt = Một số (Enter khi đã xong): {""}
enroll-add-email = thêm địa chỉ email
enroll-add-phone = thêm điện thoại
enroll-add-app = thêm ứng dụng xác thực
enroll-remove = xóa
enroll-prefer = dùng trước cái còn lại
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 hoặc 2
    } (Enter để quay lại): {""}
enroll-last =
    Đó là cách duy nhất của bạn; không thể xóa.
    Hãy thêm cách khác trước, hoặc chạy: sspr remove
enroll-saved = Đã lưu.
line-email = email       { $contact }
line-phone = điện thoại  { $contact }
line-app = ứng dụng xác thực
mark-preferred = (dùng trước)
mark-unconfirmed = (chưa xác nhận)
status-nothing = Chưa đăng ký gì. Hãy chạy: sspr enroll
status-too-few =
    Tài khoản của bạn cần thêm một cách, thuộc loại khác.
    Hãy chạy: sspr enroll
status-registered = Đã đăng ký để đặt lại mật khẩu:
status-codes = Số mã khôi phục còn lại: { $left }
status-confirmed = Xác nhận lần cuối: { $date }
status-unconfirmed = Bạn sẽ được hỏi về những gì chưa xác nhận.
status-used = dùng lần cuối: { $date }
status-unused = chưa dùng
status-not-asked = Hiện việc đặt lại không hỏi cách này.
status-asks-one = Việc đặt lại hỏi một trong các cách này.
status-asks-two = Việc đặt lại hỏi hai trong các cách này, khác loại.

# --- the line in the shell of a user who is not registered
hint-enroll = Phòng khi bạn quên mật khẩu: sspr enroll
hint-codes = Mã khôi phục đang chờ bạn: sspr codes

# --- mail, text messages and calls
call-language = vi-VN
call-opening = Xin chào. Đây là mã của bạn cho { $host }.
call-again = Xin nhắc lại, mã của bạn là:
call-closing = Xin tạm biệt.
mail-code-subject = Mã của bạn cho { $host }
mail-code-recover =
    { $code } là mã để bạn đặt lại mật khẩu của { $account } trên { $host }.

    Mã có hiệu lực đến { $until }. Hãy nhập mã ở nơi bạn đã yêu cầu và đừng đưa cho bất kỳ ai.
    Nếu bạn không yêu cầu, bạn không cần làm gì: không có mã thì không có gì xảy ra.
mail-code-register =
    { $code } là mã để bạn đăng ký địa chỉ này cho { $account } trên { $host }.

    Mã có hiệu lực đến { $until }. Hãy nhập mã ở nơi bạn đã yêu cầu và đừng đưa cho bất kỳ ai.
    Nếu bạn không yêu cầu, bạn không cần làm gì.
mail-code-enroll =
    { $code } là mã để bạn thay đổi thông tin liên hệ của { $account } trên { $host }.

    Mã có hiệu lực đến { $until }. Hãy nhập mã ở nơi bạn đã yêu cầu và đừng đưa cho bất kỳ ai.
    Nếu bạn không yêu cầu, có người biết mật khẩu của bạn. Hãy đổi mật khẩu ngay và báo cho quản trị viên.
mail-code-desk =
    { $code } là mã mà bộ phận hỗ trợ hỏi bạn, về { $account } trên { $host }.

    Mã có hiệu lực đến { $until }. Chỉ đọc mã nếu chính bạn đã gọi cho bộ phận hỗ trợ: mã cho biết bạn là ai và không đặt lại gì cả.
    Nếu bạn không gọi, đừng đưa mã này cho bất kỳ ai và hãy báo cho quản trị viên.
text-code-desk = { $code } là mã mà bộ phận hỗ trợ hỏi bạn về { $account } trên { $host }. Bạn không tự gọi? Đừng đưa cho bất kỳ ai.
text-code-enroll = { $code } là mã để thay đổi thông tin liên hệ của { $account } trên { $host }. Không phải bạn? Hãy đổi mật khẩu ngay.
text-code-recover = { $code } là mã để đặt lại mật khẩu của { $account } trên { $host }. Đừng đưa cho bất kỳ ai.
text-code-register = { $code } là mã để đăng ký số này cho { $account } trên { $host }. Đừng đưa cho bất kỳ ai.
mail-recovered-subject = Mật khẩu của { $account } trên { $host } đã được đặt lại
mail-recovered =
    Mật khẩu của { $account } trên { $host } đã được đặt lại vào { $when }, qua { $service } từ { $source }.

    Nếu là bạn, bạn không cần làm gì.
    Nếu không phải bạn: hãy đặt lại lần nữa ngay để chặn người khác, và báo cho quản trị viên.
text-recovered = Mật khẩu của { $account } trên { $host } đã được đặt lại vào { $when } từ { $source }. Không phải bạn? Hãy đặt lại ngay và báo cho quản trị viên.
mail-unlocked-subject = { $account } trên { $host } đã được mở khóa
mail-unlocked =
    Quá nhiều mật khẩu sai đã khóa { $account } trên { $host }. Tài khoản được mở khóa vào { $when }, qua { $service } từ { $source }. Mật khẩu không thay đổi.

    Nếu là bạn, bạn không cần làm gì.
    Nếu không phải bạn: hãy báo cho quản trị viên.
text-unlocked = { $account } trên { $host } được mở khóa vào { $when } từ { $source }. Mật khẩu không thay đổi. Không phải bạn? Hãy báo cho quản trị viên.
mail-contact-changed-subject = Thông tin liên hệ của { $account } trên { $host } đã thay đổi
mail-contact-changed =
    Cách đặt lại mật khẩu của { $account } trên { $host } đã thay đổi vào { $when }, qua { $service } từ { $source }.

    { $change }

    Nếu là bạn, bạn không cần làm gì.
    Nếu không phải bạn: hãy đổi mật khẩu ngay và báo cho quản trị viên.
text-contact-changed = Đặt lại mật khẩu của { $account } trên { $host }: { $change } { $when }. Không phải bạn? Hãy đổi mật khẩu và báo cho quản trị viên.
text-about-email = địa chỉ email { $contact }
text-about-phone = điện thoại { $contact }
text-about-app = ứng dụng xác thực
text-change-added = Đã thêm: { $what }.
text-change-announced = Sẽ được thêm vào ngày { $from } từ thư mục: { $what }.
text-change-removed = Đã xóa: { $what }.
text-change-preferred = Từ nay được dùng trước: { $what }.
text-change-codes = Có mã khôi phục mới; mã cũ không còn hiệu lực.
text-change-everything = Đã xóa: mọi thứ đã đăng ký.
mail-test-subject = Tin nhắn thử từ { $host }
mail-test =
    Đây là thư thử mà { $host } gửi cho việc đặt lại mật khẩu.
    Quản trị viên đã yêu cầu. Thư không có mã nào, và bạn không cần làm gì.
text-test = Thử từ { $host }: tin nhắn đặt lại mật khẩu đến được. Bạn không cần làm gì.
text-source-shell = một shell trên máy này
mail-blocked-subject = Việc đặt lại của { $account } trên { $host } bị tạm dừng
mail-blocked =
    Quá nhiều mã sai được nhập cho { $account } trên { $host }. Lần cuối vào { $when }, qua { $service } từ { $source }.

    Việc đặt lại mật khẩu của tài khoản này bị tạm dừng một thời gian. Mật khẩu của bạn vẫn dùng được như trước.
    Nếu không phải bạn, có người đã cố xâm nhập. Không có gì thay đổi. Hãy báo cho quản trị viên.
text-blocked = Quá nhiều mã sai cho { $account } trên { $host }, lần cuối từ { $source }. Việc đặt lại bị tạm dừng; mật khẩu của bạn vẫn dùng được. Không phải bạn? Hãy báo cho quản trị viên.
mail-admin-recovered-subject = Mật khẩu của quản trị viên { $account } trên { $host } đã được đặt lại
mail-admin-recovered =
    Mật khẩu của { $account } trên { $host } đã được đặt lại vào { $when }, qua { $service } từ { $source }. Đây là tài khoản của quản trị viên.

    Nếu không phải { $account } làm: hãy khóa tài khoản ngay, ví dụ bằng "usermod -L { $account }", và xem nhật ký hệ thống.
mail-many-failures-subject = Nhiều mã sai trên { $host }
mail-many-failures =
    Trong giờ trước { $when }, số mã sai được nhập trên { $host } nhiều hơn mức [limits] failed_proofs_per_hour cho phép. Mã cuối cùng đến qua { $service } từ { $source }.

    Có thể có người đang đoán. Mỗi tài khoản có giới hạn riêng nên không cần làm gì ngay; "sspr admin audit" cho biết đó là những tài khoản nào và từ đâu. Cho đến khi kết thúc, mỗi câu trả lời khi đặt lại chậm hơn tối đa một giây.
mail-failures-at-source-subject = Nhiều mã sai từ một nguồn trên { $host }
mail-failures-at-source =
    Trong giờ trước { $when }, một nguồn đã nhập trên { $host } nhiều mã sai hơn mức cho phép đối với một nguồn: nhiều hơn phần của nó trong [limits] failed_proofs_per_hour. Mã cuối cùng đến qua { $service } từ { $source }.

    Có thể có người đang đoán ở đó. Mỗi tài khoản có giới hạn riêng nên không cần làm gì ngay; "sspr admin audit" cho biết đó là những tài khoản nào. Cho đến khi kết thúc, mỗi câu trả lời khi đặt lại chậm hơn tối đa một giây đối với nguồn này, và không với ai khác. Thư như thế này đến nhiều nhất mỗi ngày một lần; các nguồn khác có trong nhật ký kiểm tra.
