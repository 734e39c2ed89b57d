# Türkçe. How texts are written: see en.ftl. Nouns after a number stay in the singular.

date-format = %d.%m.%Y
span-seconds = { $n } saniye
span-minutes = { $n } dakika
span-hours = { $n } saat

# --- answers that can't be read
too-long = Çok uzun oldu. Lütfen yeniden yazın.
not-plain = Okunamıyor. Lütfen yeniden yazın.
choose-again = Lütfen gösterilen yanıtlardan birini yazın.
choose-number = Lütfen telefon numarasının kendisini yazın.

# --- when nothing goes
unavailable = Sıfırlama şu anda kullanılamıyor.
server-changed = Sunucu artık yanıt vermiyor. Yeniden yanıtlayın.
resting =
    Çok fazla yanlış kod girildi.
    Bu hesap için sıfırlama durduruldu; { $time } sonra yeniden çalışır.
too-many-starts = Çok fazla deneme. { $time } sonra deneyin.
go-on-prompt = Devam etmek için Enter'a basın: {""}

# --- recovery
recover-menu = Siz olduğunuzu nasıl göstermek istersiniz?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     kayıtlı e-posta adresinize gelen kod
recover-menu-app = {"  "}app   kimlik doğrulama uygulamanızdaki kod
recover-menu-codes = {"  "}code  kurtarma kodu ya da yardım masasının verdiği kod
recover-menu-recovery-code = {"  "}code  kurtarma kodu
recover-menu-helpdesk-code = {"  "}code  yardım masasının verdiği kod
recover-menu-contact = {"  "}ya da telefon numaranızı veya e-posta adresinizi yazın
recover-menu-number = {"  "}ya da kayıtlı telefon numaranızı yazın
recover-menu-address = {"  "}ya da başka bir kayıtlı e-posta adresi yazın
recover-menu-prompt = Seçiminiz (geri dönmek için Enter): {""}
recover-menu-prompt-mandatory = Seçiminiz: {""}
one-more-proof =
    Kod doğruydu.
    Hesabınız için başka bir yoldan bir kod daha gerekiyor.
proof-gone = Süre doldu. Yeniden başlamak için Enter'a basın.
recover-left = Vazgeçtiniz. Hiçbir şey değişmedi.
recover-given-up =
    Gösterilenlerin dışında çok fazla yanıt verildi.
    Hiçbir şey değişmedi.

# --- codes
code-sent-email =
    Bu hesabın kayıtlı bir e-posta adresi varsa
    oraya bir kod gönderildi. Kod { $minutes } dakika geçerlidir.
code-sent-contact =
    Bu hesap için kayıtlıysa
    oraya bir kod gönderildi. Kod { $minutes } dakika geçerlidir.
code-called =
    Bu telefon bu hesap için kayıtlıysa
    birazdan çalar ve kod iki kez okunur.
    Kod { $minutes } dakika geçerlidir.
code-sent-to =
    Kod gönderildi. { $minutes } dakika geçerlidir.
    Gönderildiği yer: { $contact }
code-sent-earlier =
    Daha önce gönderilen kod hâlâ geçerli.
    { $time } sonra yenisi gönderilebilir.
code-resumed-email = E-postayla gönderilen kod hâlâ geçerli.
code-resumed-contact =
    Daha önce yazdığınız adrese ya da numaraya
    gönderilen kod hâlâ geçerli.
code-resumed-to =
    Kaydınızı tamamlamak için şuraya gönderilen kodu
    yazın: { $contact }
code-not-yet = { $time } sonra yeni kod gönderilebilir.
code-usage = Kodu yazın ya da: new (yeni kod), other (başka yol), Enter (geri).
code-usage-call = Kodu yazın ya da: new (yeni), call (sesli okuma), other (başka yol).
code-usage-new = Kodu yazın ya da: new (yeni kod), other (değiştir), Enter (geri).
code-usage-mandatory = Kodu yazın ya da: new (yeni kod), other (başka yol).
code-usage-new-mandatory = Kodu yazın ya da: new (yeni kod), other (değiştir).
code-usage-token = Kurtarma kodu ya da yardım masasının kodu için şunu yazın: code
code-prompt = Kod: {""}
code-refused = Bu kod doğru değil.
code-malformed = Kod { $digits } rakamdan oluşur.
code-wrong =
    Bu kod doğru değil. { $left } deneme kaldı.
code-worn-out =
    Bu kod doğru değil.
    Artık denenemez; yenisi için new yazın.
code-expired =
    Bu kodun süresi doldu.
    Yenisi için new yazın.

# --- codes that somebody has already
token-app = Uygulamanızın gösterdiği kodu yazın.
token-app-wrong =
    Bu kod doğru değil. { $left } deneme kaldı.
    Bir kod yarım dakika ve bir kez geçerlidir.
token-code = Kurtarma kodunu ya da yardım masasının kodunu yazın.
token-helpdesk = Yardım masasının verdiği kodu yazın.
token-code-wrong =
    Bu kod doğru değil. { $left } deneme kaldı.
    Her kod bir kez geçerlidir.
token-usage = Kodu yazın ya da: other (başka yol), Enter (geri).

# --- the new password
password-rules =
    En az { $length } karakterlik yeni bir parola seçin.
    Birbiriyle ilgisi olmayan birkaç kelime iyi olur.
password-rules-digits = Bu makine en az { $n } rakam istiyor.
password-rules-capitals = Bu makine en az { $n } büyük harf istiyor.
password-rules-small = Bu makine en az { $n } küçük harf istiyor.
password-rules-others = Bu makine - gibi en az { $n } işaret istiyor.
password-rules-kinds = Büyük/küçük harf, rakam, işaret: { $n } tür kullanın.
password-rules-history = Daha önce kullandığınız bir parola kabul edilmez.
password-rules-banned = Bazı kelimeler yasak; olursa size söylenir.
password-encrypts = Eski parolanın şifrelediği şeyler kilitli kalır.
recovery-codes-left =
    { $left ->
        [0] Bu, kurtarma kodlarınızın sonuncusuydu.
       *[other] { $left } kurtarma kodunuz kaldı.
    }
password-prompt = Yeni parola: {""}
password-takes = Ayarlamak bir dakika kadar sürebilir.
password-again-prompt = Aynısını yeniden: {""}
password-mismatch = İkisi aynı değil. Lütfen yeniden seçin.
password-empty = Bir şey yazılmadı. Lütfen bir parola seçin.
password-too-short =
    Çok kısa. { $more } karakter daha gerekir.
password-too-long = Çok uzun. En fazla 511 bayt olabilir.
password-has-name =
    İçinde adınız ya da bu makinenin adı var.
    Lütfen başka bir parola seçin.
password-banned =
    İçinde burada yasak olan bir kelime var:
    { $word }
    Lütfen başka bir parola seçin.
password-blanks =
    Boşlukla başlıyor ya da bitiyor.
    Oradaki boşluklar kaybolur; lütfen başka bir parola seçin.
password-keyboard =
    Bir tuş sırası, çabuk tahmin edilir.
    Lütfen başka bir parola seçin.
password-repeats =
    Kendini yineliyor ve kolay tahmin edilir.
    Lütfen başka bir parola seçin.
password-sequence =
    abc ya da 1234 gibi bir dizi.
    Çabuk tahmin edilir; lütfen başka bir parola seçin.
password-date =
    Bir tarih, çabuk tahmin edilir.
    Lütfen başka bir parola seçin.
password-common =
    En çok kullanılanlardan biri ya da benzeri.
    Lütfen başka bir parola seçin.
password-word =
    Tek bir kelime ya da ad.
    Çabuk tahmin edilir; birkaçını birleştirin.
password-weak =
    Kolay tahmin edilir.
    Daha uzunu ya da bir kelime fazlası iyi olur.
password-same =
    Bu zaten şimdiki parolanız ve hâlâ geçerli.
    Lütfen yeni bir parola seçin.
password-refused =
    Bu makine bunu kabul etmiyor:
    { $reason }
password-refused-there =
    Dizin bunu kabul etmiyor:
    { $reason }
password-short-there =
    Dizin için çok kısa.
    Lütfen daha uzun bir tane seçin.
password-young =
    Kısa süre önce değiştirildi.
    Dizin, sonraki değişikliğe daha sonra izin verir.
not-changed =
    Hiçbir şey değişmedi; eskisi hâlâ geçerli.
    Lütfen daha sonra yeniden deneyin.
not-sure =
    Değişiklik yapılamamış olabilir.
    Önce yenisini, sonra eskisini deneyin.

# --- after a recovery
recover-sessions-ended = Açık olan { $n } oturum kapatıldı.
recover-ssh-keys = { $n } SSH anahtarı hâlâ geçerli; denetleyin.
recover-ssh-unseen = SSH anahtarlarının tümüne bakılamadı; denetleyin.
recover-refused-here =
    Değişiklik yapıldı. Bu makine onu henüz görmüyor:
    sizi reddederse birkaç dakika sonra yeniden deneyin.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Çok sayıda yanlış parola bu hesabı kilitledi.
    Yeni bir parola kilidi kaldırır. Eskisini hatırlıyorsanız
    unlock yazın ve onunla oturum açın.
unlock-prompt = Yeni parola için Enter ya da unlock: {""}
unlocked =
    Kilit kaldırıldı. Eski parolanızla
    oturum açın.
unlock-not-sure =
    Hesap hâlâ kilitli olabilir.
    Eski parolanızı deneyin; reddedilirse
    yeniden başlayın.

# --- registration
method-email = e-posta
method-phone = telefon, SMS ile
method-app = telefonda kimlik doğrulama uygulaması
register-menu =
    Parolanızı unutursanız bir kodla girebilirsiniz.
    Kod size nasıl ulaşsın?
register-menu-two =
    Parolanızı unutursanız kodlarla girebilirsiniz.
    Hesabınız için bunlardan ikisi gerekli:
register-menu-more =
    Parolanızı unutmanıza karşı hesabınız için
    bir yol daha gerekli:
register-several = Ya da birkaçı, örneğin: 1 2
register-helpdesk = Ya da yardım masası bir kod verdiyse: code
register-menu-prompt = { $n ->
    [2] 1 ya da 2
   *[other] 1, 2 ya da 3
    } (şimdi değilse Enter): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 ya da 2
   *[other] 1, 2 ya da 3
    }: {""}
register-email-only =
    Parolanızı unutursanız bir kodla girebilirsiniz.
    Kodun geleceği bir e-posta adresi kaydedin.
register-phone-only =
    Parolanızı unutursanız bir kodla girebilirsiniz.
    Kodun geleceği bir telefon numarası kaydedin.
register-app-only =
    Parolanızı unutursanız telefondaki bir kimlik
    doğrulama uygulamasıyla girebilirsiniz. Bir uygulama kaydedin.
register-only-prompt = Kaydetmek için y (şimdi değilse Enter): {""}
register-only-prompt-mandatory = Şimdi kaydetmek için y yazın: {""}
register-mandatory =
    Artık ertelenemez:
    kayıt olmadan oturum açma burada biter.
register-denied = Girmek için yeniden oturum açıp kaydolun.
register-not-now =
    Şu anda yapılamıyor.
    Devam edebilirsiniz; yeniden sorulacak.
register-by-hand = Sıfırlama için kaydolun: sspr enroll
register-changed =
    Kayıtlı bilgiler bu arada değişti.
    Hiçbir şey kaydedilmedi; lütfen yeniden başlayın.
register-email =
    Hangi e-posta adresi?
    Burada oturum açmadan okuyabileceğiniz bir adres seçin.
register-phone = Hangi numara? Kod içeren bir SMS gönderilecek.
email-prompt = E-posta adresi (geri dönmek için Enter): {""}
number-prompt = Telefon numarası (geri dönmek için Enter): {""}
registered =
    Tamam, kaydoldunuz. Parolanızı unutursanız
    sorulduğu yerde Enter'a basmanız yeterli.
app-scan = Telefondaki kimlik doğrulama uygulamasıyla tarayın.
app-beside = Kamera yok mu? Bu zaman tabanlı anahtarı yazın:
app-swap-beside = Okunmuyor mu? Yazın: swap
app-usage-picture = Kodu yazın ya da: swap (renkler), text (resimsiz), Enter (geri).
app-key = Kimlik doğrulama uygulamasına bir hesap ekleyin.
app-key-lines =
    Hesap: { $host } üzerinde { $account }
    Anahtar türü: zaman tabanlı, 6 rakam

    {"    "}{ $key }
app-usage = Uygulamanın gösterdiği kodu yazın ya da geri dönmek için Enter'a basın.
app-usage-key = Uygulamadaki kodu yazın ya da: picture (karekod, { $lines } satır), Enter (geri).
app-prompt = Kod: {""}
app-wrong = Bu kod doğru değil. { $left } deneme kaldı.
app-anew = Olmadı. Uygulamadan silin ve yeniden başlayın.
reconfirm = Size hâlâ böyle ulaşılabiliyor mu?
reconfirm-prompt = Evetse y, değiştirmek için c (sonrası için Enter): {""}
too-quick = Çok hızlı oldu. Lütfen önce okuyun.
imported =
    Parolanızı unutursanız kod gelsin diye yöneticiniz
    bunu sizin için girdi. Size mi ait?
imported-prompt = y ya da n (şimdi değilse Enter): {""}
imported-prompt-mandatory = y, n ya da later: {""}
codes-shown =
    Elinizde başka yol kalmazsa on kurtarma kodu.
    Her biri parolanızı bir kez sıfırlar.
codes-keep =
    Kâğıtta saklayın: bir daha gösterilmez.
    Yenileri için çalıştırın: sspr codes
codes-unseen =
    Sizin için on kurtarma kodu oluşturuldu; belki
    hiç görmediniz. Yenilerini ister misiniz?
codes-off = Bu makinede kurtarma kodu kullanılmıyor.
remove =
    Bu, parolanızı sıfırlayabilen her şeyi siler:
remove-prompt = Silmek için remove yazın (kalsın: Enter): {""}
removed =
    Artık kayıtlı bir şey yok.
    Yeniden kaydolmak için çalıştırın: sspr enroll

# --- contacts that can't be taken
contact-empty = Bir şey yazılmadı.
contact-too-long = Çok uzun.
email-no-at =
    E-posta adresinde @ bulunur,
    örneğin ann@example.org.
email-no-dot =
    @ işaretinden sonra tam bir alan adı gelmelidir,
    örneğin ann@example.org.
email-several = Lütfen tek bir adres yazın.
email-display-name = Lütfen yalnızca adresi, ayraçsız yazın.
email-bad-domain = @ işaretinden sonrası bir alan adı değil.
email-bad-local = @ işaretinden öncesi geçerli değil.
email-not-ascii = @ öncesinde yalnızca düz harfler olabilir.
number-not-one = Bu bir telefon numarası değil.
number-needs-country =
    Lütfen ülke koduyla yazın,
    örneğin +90 501 234 56 78.
number-invalid =
    Böyle bir numara yok.
    Rakamları ve ülkeyi denetleyin.
email-refused-domain =
    { $domain } adresi burada kullanılamaz:
    gerektiğinde ona ulaşamayabilirsiniz. Lütfen başka bir adres seçin.
contact-known = Bu zaten kayıtlı. Lütfen başkasını seçin.
number-not-textable =
    Böyle bir numara SMS alamaz.
    Lütfen başka bir numara seçin.

# --- the command
enroll-password = Önce siz olduğunuzu gösterin.
current-password-prompt = Şimdiki parola: {""}
enroll-wrong-password =
    Bu şimdiki parolanız değil.
    Hiçbir şey değişmedi.
enroll-not-served = Bu hesap için hizmet açık değil.
enroll-unchanged = Hiçbir şey değişmedi.
enroll-no-way =
    Hiçbir şey değişmedi: bunun için kod gerekir.
    Artık kod alamıyorsanız yardım masası yardımcı olabilir.
enroll-lost = Hiçbiri elinizde değil mi? Yardım masasına sorun.
enroll-menu = Parolanızı sıfırlayabilenler:
enroll-menu-nothing = Parolanızı sıfırlamak için kayıtlı yol yok:
enroll-menu-missing =
    Parolanızı sıfırlayabilenler.
    Hesabınız için başka türden bir yol daha gerekli:
enroll-menu-prompt = Bir numara (bitince Enter): {""}
enroll-add-email = e-posta adresi ekle
enroll-add-phone = telefon ekle
enroll-add-app = kimlik doğrulama uygulaması ekle
enroll-remove = sil
enroll-prefer = ötekinden önce kullan
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 ya da 2
    } (geri dönmek için Enter): {""}
enroll-last =
    Başka kayıt yok; tek başına silinemez.
    Önce başkasını ekleyin ya da çalıştırın: sspr remove
enroll-saved = Kaydedildi.
line-email = e-posta  { $contact }
line-phone = telefon  { $contact }
line-app = kimlik doğrulama uygulaması
mark-preferred = (önce kullanılır)
mark-unconfirmed = (henüz onaylanmadı)
status-nothing = Kayıtlı bir şey yok. Çalıştırın: sspr enroll
status-too-few =
    Hesabınız için başka türden bir yol daha gerekli.
    Çalıştırın: sspr enroll
status-registered = Parola sıfırlama için kayıtlı:
status-codes = Kalan kurtarma kodları: { $left }
status-confirmed = Son onay: { $date }
status-unconfirmed = Onaylanmamış olan bir oturum açışta sorulur.
status-used = son kullanım: { $date }
status-unused = henüz kullanılmadı
status-not-asked = Sıfırlama şu anda bunu istemez.
status-asks-one = Sıfırlama bunlardan birini ister.
status-asks-two = Sıfırlama bunlardan farklı türde ikisini ister.

# --- the line in a shell of somebody who is not registered
hint-enroll = Parolanızı unutmanıza karşı: sspr enroll
hint-codes = Kurtarma kodlarınız sizi bekliyor: sspr codes

# --- mail, text messages and calls
call-language = tr-TR
call-opening = Merhaba. { $host } için kodunuz şu:
call-again = Bir kez daha, kodunuz şu:
call-closing = Hoşça kalın.
mail-code-subject = { $host } için kodunuz
mail-code-recover =
    { $code }: { $host } üzerindeki { $account } hesabının parolasını sıfırlama kodunuz.

    { $until } saatine kadar geçerlidir. İstediğiniz yere yazın ve kimseye vermeyin.
    Siz istemediyseniz bir şey yapmanız gerekmez: kod olmadan hiçbir şey olmaz.
mail-code-register =
    { $code }: bu adresi { $host } üzerindeki { $account } hesabına kaydetme kodunuz.

    { $until } saatine kadar geçerlidir. İstediğiniz yere yazın ve kimseye vermeyin.
    Siz istemediyseniz bir şey yapmanız gerekmez.
mail-code-enroll =
    { $code }: { $host } üzerindeki { $account } hesabının iletişim bilgilerini değiştirme kodunuz.

    { $until } saatine kadar geçerlidir. İstediğiniz yere yazın ve kimseye vermeyin.
    Siz istemediyseniz biri parolanızı biliyor. Parolanızı hemen değiştirin ve yöneticinize haber verin.
mail-code-desk =
    { $code }: yardım masasının sizden istediği kod. { $host } üzerindeki { $account } hesabı hakkındadır.

    { $until } saatine kadar geçerlidir. Yalnızca yardım masasını kendiniz aradıysanız okuyun: kim olduğunuzu gösterir, hiçbir şeyi sıfırlamaz.
    Siz aramadıysanız bu kodu kimseye söylemeyin ve yöneticinize haber verin.
text-code-desk = { $code }: { $host } üzerindeki { $account } hesabı için yardım masasının istediği kod. Siz aramadıysanız kimseye söylemeyin.
text-code-enroll = { $code }: { $host } üzerindeki { $account } hesabının iletişim bilgilerini değiştirme kodunuz. Siz değilseniz parolanızı hemen değiştirin.
text-code-recover = { $code }: { $host } üzerindeki { $account } hesabının parolasını sıfırlama kodunuz. Kimseye vermeyin.
text-code-register = { $code }: bu numarayı { $host } üzerindeki { $account } hesabına kaydetme kodunuz. Kimseye vermeyin.
mail-recovered-subject = { $host } üzerindeki { $account } hesabının parolası sıfırlandı
mail-recovered =
    { $host } üzerindeki { $account } hesabının parolası { $when } tarihinde sıfırlandı ({ $service }, kaynak: { $source }).

    Sizseniz sorun yok.
    Siz değilseniz: başkalarını dışarıda bırakmak için hemen yeniden sıfırlayın ve yöneticinize haber verin.
text-recovered = { $host } üzerindeki { $account } hesabının parolası { $when } tarihinde sıfırlandı (kaynak: { $source }). Siz değilseniz hemen sıfırlayın ve yöneticinize haber verin.
mail-unlocked-subject = { $host } üzerindeki { $account } hesabının kilidi kaldırıldı
mail-unlocked =
    Çok sayıda yanlış parola { $host } üzerindeki { $account } hesabını kilitlemişti. Kilit { $when } tarihinde kaldırıldı ({ $service }, kaynak: { $source }). Parola değişmedi.

    Sizseniz sorun yok.
    Siz değilseniz: yöneticinize haber verin.
text-unlocked = { $host } üzerindeki { $account } hesabının kilidi { $when } tarihinde kaldırıldı (kaynak: { $source }). Parola değişmedi. Siz değilseniz yöneticinize haber verin.
mail-contact-changed-subject = { $host } üzerindeki { $account } hesabının iletişim bilgileri değişti
mail-contact-changed =
    { $host } üzerindeki { $account } hesabının parolasını sıfırlayabilenler { $when } tarihinde değiştirildi ({ $service }, kaynak: { $source }).

    { $change }

    Sizseniz sorun yok.
    Siz değilseniz: parolanızı hemen değiştirin ve yöneticinize haber verin.
text-contact-changed = { $host } üzerindeki { $account } için parola sıfırlama: { $change } { $when }. Siz değilseniz parolanızı değiştirin ve yöneticinize haber verin.
text-about-email = e-posta adresi { $contact }
text-about-phone = telefon { $contact }
text-about-app = kimlik doğrulama uygulaması
text-change-added = Eklendi: { $what }.
text-change-announced = { $from } tarihinde dizinden eklenecek: { $what }.
text-change-removed = Silindi: { $what }.
text-change-preferred = Artık önce kullanılan: { $what }.
text-change-codes = Yeni kurtarma kodları var; eskileri artık geçersiz.
text-change-everything = Silindi: kayıtlı olan her şey.
mail-test-subject = { $host } deneme iletisi
mail-test =
    Bu, { $host } makinesinin parola sıfırlama için gönderdiği e-postanın bir denemesidir.
    Bir yönetici istedi. Kod içermez ve bir şey yapmanız gerekmez.
text-test = { $host } denemesi: parola sıfırlama SMS'leri ulaşıyor. Bir şey yapmanız gerekmez.
text-source-shell = bu makinede bir kabuk
mail-blocked-subject = { $host } üzerindeki { $account } için parola sıfırlama durduruldu
mail-blocked =
    { $host } üzerindeki { $account } için çok sayıda yanlış kod yazıldı, sonuncusu { $when } tarihinde ({ $service }, kaynak: { $source }).

    Bu hesap için kodla sıfırlama bir süre durduruldu. Parolanız eskisi gibi çalışır.
    Siz değilseniz: biri girmeye çalıştı. Hiçbir şey değişmedi; yöneticinize haber verin.
text-blocked = { $host } üzerindeki { $account } için çok sayıda yanlış kod (son kaynak: { $source }). Sıfırlama bir süre durduruldu; parolanız çalışır. Siz değilseniz yöneticinize haber verin.
mail-admin-recovered-subject = { $host } üzerindeki yönetici { $account } hesabının parolası sıfırlandı
mail-admin-recovered =
    { $host } üzerindeki { $account } hesabının parolası { $when } tarihinde sıfırlandı ({ $service }, kaynak: { $source }). Bu bir yönetici hesabıdır.

    { $account } yapmadıysa: hesabı hemen kilitleyin, örneğin "usermod -L { $account }" ile, ve günlüğe bakın.
mail-many-failures-subject = { $host } üzerinde çok sayıda yanlış kod
mail-many-failures =
    { $when } öncesindeki bir saatte { $host } üzerinde [limits] failed_proofs_per_hour sınırından fazla yanlış kod yazıldı. Sonuncusu { $service } üzerinden geldi, kaynak: { $source }.

    Biri tahmin ediyor olabilir. Her hesabın kendi sınırı vardır, bu yüzden acele gerekmez; "sspr admin audit" hangi hesapların söz konusu olduğunu ve nereden gelindiğini gösterir. Bitene kadar sıfırlamadaki yanıtlar bir saniyeye kadar daha uzun sürer.
mail-failures-at-source-subject = { $host } üzerinde tek bir kaynaktan çok sayıda yanlış kod
mail-failures-at-source =
    { $when } öncesindeki bir saatte tek bir kaynaktan { $host } üzerinde, [limits] failed_proofs_per_hour sınırından bir kaynağa düşen paydan fazla yanlış kod yazıldı. Sonuncusu { $service } üzerinden geldi, kaynak: { $source }.

    Orada biri tahmin ediyor olabilir. Her hesabın kendi sınırı vardır, bu yüzden acele gerekmez; "sspr admin audit" hangi hesapların söz konusu olduğunu gösterir. Bitene kadar sıfırlamadaki yanıtlar yalnızca bu kaynak için bir saniyeye kadar daha uzun sürer. Böyle bir e-posta günde en çok bir kez gelir; diğer kaynaklar denetim kaydındadır.
