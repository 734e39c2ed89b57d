# Bahasa Indonesia. How texts are written: see en.ftl. Nouns stay as they are after a number. Users are addressed as "Anda".

date-format = %d/%m/%Y
span-seconds = { $n } detik
span-minutes = { $n } menit
span-hours = { $n } jam

# --- answers that can't be read
too-long = Terlalu panjang. Silakan ketik lagi.
not-plain = Tidak dapat dibaca. Silakan ketik lagi.
choose-again = Silakan ketik salah satu jawaban yang ditampilkan.
choose-number = Silakan ketik nomor teleponnya.

# --- when nothing goes
unavailable = Pengaturan ulang belum tersedia saat ini.
server-changed = Server berhenti merespons. Silakan jawab lagi.
resting =
    Terlalu banyak kode yang salah.
    Pengaturan ulang akun ini ditangguhkan. Coba lagi dalam { $time }.
too-many-starts = Terlalu banyak percobaan. Coba lagi dalam { $time }.
go-on-prompt = Tekan Enter untuk melanjutkan: {""}

# --- recovery
recover-menu = Bagaimana Anda ingin membuktikan bahwa ini Anda?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     kode ke alamat email Anda yang terdaftar
recover-menu-app = {"  "}app   kode dari aplikasi autentikator Anda
recover-menu-codes = {"  "}code  kode pemulihan atau kode dari helpdesk
recover-menu-recovery-code = {"  "}code  kode pemulihan
recover-menu-helpdesk-code = {"  "}code  kode dari helpdesk
recover-menu-contact = {"  "}atau ketik nomor telepon atau alamat email Anda
recover-menu-number = {"  "}atau ketik nomor telepon Anda yang terdaftar
recover-menu-address = {"  "}atau ketik alamat email terdaftar yang lain
recover-menu-prompt = Pilihan Anda (Enter untuk kembali): {""}
recover-menu-prompt-mandatory = Pilihan Anda: {""}
one-more-proof =
    Kode itu benar.
    Akun Anda memerlukan satu lagi, dengan cara lain.
proof-gone = Terlalu lama. Tekan Enter untuk mulai lagi.
recover-left = Anda keluar. Tidak ada yang diubah.
recover-given-up =
    Terlalu banyak jawaban di luar yang ditampilkan.
    Tidak ada yang diubah.

# --- codes
code-sent-email =
    Jika akun ini memiliki alamat email terdaftar,
    kode sedang dikirim ke sana. Kode berlaku { $minutes } menit.
code-sent-contact =
    Jika itu terdaftar untuk akun ini,
    kode sedang dikirim ke sana. Kode berlaku { $minutes } menit.
code-called =
    Jika telepon itu terdaftar untuk akun ini,
    telepon akan berdering dan kode dibacakan dua kali.
    Kode berlaku { $minutes } menit.
code-sent-to =
    Kode sedang dikirim. Kode berlaku { $minutes } menit.
    Tujuannya { $contact }.
code-sent-earlier =
    Kode yang dikirim sebelumnya masih berlaku.
    Kode lain dapat dikirim dalam { $time }.
code-resumed-email = Kode yang dikirim lewat email masih berlaku.
code-resumed-contact =
    Kode yang dikirim ke kontak yang Anda ketik
    sebelumnya masih berlaku.
code-resumed-to =
    Untuk menyelesaikan pendaftaran, ketik kode
    yang dikirim ke { $contact }.
code-not-yet = Kode lain dapat dikirim dalam { $time }.
code-usage = Ketik kode, atau: new (kode lain), other (cara lain), Enter (kembali).
code-usage-call = Ketik kode, atau: new (kode lain), call (dibacakan), other (cara lain).
code-usage-new = Ketik kode, atau: new (kode lain), other (ubah), Enter (kembali).
code-usage-mandatory = Ketik kode, atau: new (kode lain), other (cara lain).
code-usage-new-mandatory = Ketik kode, atau: new (kode lain), other (ubah).
code-usage-token = Untuk kode pemulihan atau kode dari helpdesk, ketik: code
code-prompt = Kode: {""}
code-refused = Kode itu tidak benar.
code-malformed = Kode terdiri dari { $digits } angka.
code-wrong =
    Kode itu tidak benar. Sisa percobaan: { $left }.
code-worn-out =
    Kode itu tidak benar.
    Kode itu tidak dapat dipakai lagi. Ketik new untuk kode lain.
code-expired =
    Kode itu sudah kedaluwarsa.
    Ketik new untuk kode lain.

# --- codes that the user has already
token-app = Ketik kode dari aplikasi autentikator Anda.
token-app-wrong =
    Kode itu tidak benar. Sisa percobaan: { $left }.
    Setiap kode berlaku sekali, selama setengah menit.
token-code = Ketik kode pemulihan, atau kode dari helpdesk.
token-helpdesk = Ketik kode yang diberikan helpdesk.
token-code-wrong =
    Kode itu tidak benar. Sisa percobaan: { $left }.
    Setiap kode berlaku sekali.
token-usage = Ketik kode, atau: other (cara lain), Enter (kembali).

# --- the new password
password-rules =
    Pilih kata sandi baru, minimal { $length } karakter.
    Beberapa kata yang tidak berkaitan cocok untuk ini.
password-rules-digits = Mesin ini mewajibkan { $n } angka.
password-rules-capitals = Mesin ini mewajibkan { $n } huruf besar.
password-rules-small = Mesin ini mewajibkan { $n } huruf kecil.
password-rules-others = Mesin ini mewajibkan { $n } simbol, seperti -.
password-rules-kinds = Huruf besar, huruf kecil, angka, simbol: pakai { $n }.
password-rules-history = Kata sandi yang pernah dipakai akan ditolak.
password-rules-banned = Beberapa kata dilarang. Anda akan diberi tahu.
password-encrypts = Data yang dienkripsi dengan yang lama tetap terkunci.
recovery-codes-left =
    { $left ->
        [0] Itu kode pemulihan terakhir Anda.
       *[other] Sisa kode pemulihan Anda: { $left }.
    }
password-prompt = Kata sandi baru: {""}
password-takes = Pengubahan dapat memakan waktu hingga satu menit.
password-again-prompt = Ketik yang sama lagi: {""}
password-mismatch = Keduanya tidak sama. Silakan pilih lagi.
password-empty = Tidak ada yang diketik. Pilih kata sandi baru.
password-too-short =
    Terlalu pendek. Kurang { $more } karakter.
password-too-long = Terlalu panjang. Batasnya 511 bita.
password-has-name =
    Mengandung nama Anda atau nama mesin ini.
    Silakan pilih yang lain.
password-banned =
    Mengandung kata yang dilarang di sini:
    { $word }
    Silakan pilih yang lain.
password-blanks =
    Diawali atau diakhiri dengan spasi.
    Spasi di sana akan hilang. Silakan pilih yang lain.
password-keyboard =
    Itu deretan tombol yang mudah ditebak.
    Silakan pilih yang lain.
password-repeats =
    Berulang-ulang dan mudah ditebak.
    Silakan pilih yang lain.
password-sequence =
    Itu urutan seperti abc atau 1234.
    Mudah ditebak. Silakan pilih yang lain.
password-date =
    Itu tanggal yang mudah ditebak.
    Silakan pilih yang lain.
password-common =
    Sangat umum dipakai, atau mirip dengan yang umum.
    Silakan pilih yang lain.
password-word =
    Itu hanya satu kata atau nama.
    Mudah ditebak. Gabungkan beberapa kata.
password-weak =
    Mudah ditebak.
    Buat lebih panjang, atau tambahkan satu kata.
password-same =
    Itu kata sandi Anda sekarang, dan masih berlaku.
    Silakan pilih yang baru.
password-refused =
    Mesin ini menolak kata sandi itu:
    { $reason }
password-refused-there =
    Direktori menolak kata sandi itu:
    { $reason }
password-short-there =
    Itu terlalu pendek untuk direktori.
    Silakan pilih yang lebih panjang.
password-young =
    Itu baru saja diubah.
    Direktori mengizinkan perubahan berikutnya nanti.
not-changed =
    Tidak ada yang diubah; yang lama masih berlaku.
    Silakan coba lagi nanti.
not-sure =
    Perubahan mungkin belum berhasil.
    Coba yang baru dahulu, lalu yang lama.

# --- after a recovery
recover-sessions-ended = { $n } sesi yang terbuka telah diakhiri.
recover-ssh-keys = { $n } kunci SSH masih dapat masuk; periksalah.
recover-ssh-unseen = Beberapa kunci SSH tidak terbaca; periksalah.
recover-refused-here =
    Perubahan sudah dibuat. Mesin ini belum melihatnya:
    jika Anda ditolak, coba lagi dalam beberapa menit.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Terlalu banyak kata sandi salah mengunci akun ini.
    Kata sandi baru akan membukanya. Jika Anda ternyata ingat yang lama,
    ketik unlock, lalu masuk dengannya.
unlock-prompt = Enter untuk kata sandi baru, atau unlock: {""}
unlocked =
    Kunci akun sudah dibuka. Masuklah dengan kata sandi
    Anda yang lama.
unlock-not-sure =
    Akun mungkin masih terkunci.
    Coba kata sandi Anda yang lama.
    Jika ditolak, mulai dari awal.

# --- registration
method-email = email
method-phone = telepon, lewat SMS
method-app = aplikasi autentikator di ponsel
register-menu =
    Jika suatu hari Anda tidak dapat masuk, sebuah kode
    dapat membantu. Ke mana kode dikirim?
register-menu-two =
    Jika suatu hari Anda tidak dapat masuk, kode dapat
    membantu. Akun Anda memerlukan dua dari cara ini:
register-menu-more =
    Akun Anda memerlukan satu cara lagi,
    jika suatu hari Anda tidak dapat masuk:
register-several = Atau beberapa, misalnya: 1 2
register-helpdesk = Atau ketik code, jika helpdesk memberi Anda kode.
register-menu-prompt = { $n ->
    [2] 1 atau 2
   *[other] 1, 2 atau 3
    } (Enter untuk nanti): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 atau 2
   *[other] 1, 2 atau 3
    }: {""}
register-email-only =
    Jika suatu hari Anda tidak dapat masuk, kode lewat
    email dapat membantu. Daftarkan alamat untuk itu.
register-phone-only =
    Jika suatu hari Anda tidak dapat masuk, kode lewat
    telepon dapat membantu. Daftarkan nomor untuk itu.
register-app-only =
    Jika suatu hari Anda tidak dapat masuk, aplikasi
    autentikator di ponsel dapat membantu. Daftarkan satu untuk itu.
register-only-prompt = Daftar sekarang? Ketik y (Enter untuk nanti): {""}
register-only-prompt-mandatory = Ketik y untuk mendaftar sekarang: {""}
register-mandatory =
    Pendaftaran tidak dapat ditunda lagi:
    tanpa itu, proses masuk berakhir di sini.
register-denied = Untuk masuk, ulangi proses masuk dan daftarlah.
register-not-now =
    Pendaftaran tidak berfungsi saat ini.
    Anda dapat melanjutkan, dan akan ditanya lagi.
register-by-hand = Daftar untuk pengaturan ulang: sspr enroll
register-changed =
    Pendaftaran Anda berubah sementara itu.
    Tidak ada yang disimpan. Silakan mulai dari awal.
register-email =
    Alamat email yang mana?
    Pilih yang dapat Anda baca tanpa masuk di sini.
register-phone = Nomor yang mana? Nomor itu akan menerima SMS kode.
email-prompt = Alamat email (Enter untuk kembali): {""}
number-prompt = Nomor telepon (Enter untuk kembali): {""}
registered =
    Selesai, Anda sudah terdaftar. Jika suatu hari tidak
    dapat masuk, cukup tekan Enter tanpa mengetik apa pun.
app-scan = Pindai dengan aplikasi autentikator di ponsel.
app-beside = Tanpa kamera? Ketik kunci ini (berbasis waktu):
app-swap-beside = Tak terbaca? Ketik: swap
app-usage-picture = Ketik kode, atau: swap (warna), text (tanpa gambar), Enter (kembali).
app-key = Tambahkan akun ke aplikasi autentikator di ponsel.
app-key-lines =
    Akun: { $account } di { $host }
    Jenis kunci: berbasis waktu, 6 angka

    {"    "}{ $key }
app-usage = Ketik kode yang kemudian ditampilkan aplikasi, atau Enter untuk kembali.
app-usage-key = Ketik kode, atau: picture (kode QR, { $lines } baris), Enter (kembali).
app-prompt = Kode: {""}
app-wrong = Kode itu tidak benar. Sisa percobaan: { $left }.
app-anew = Gagal. Hapus di aplikasi, lalu mulai dari awal.
reconfirm = Apakah Anda masih dapat dihubungi seperti ini?
reconfirm-prompt = y jika ya, c untuk mengubah (Enter untuk nanti): {""}
too-quick = Terlalu cepat. Silakan baca ini dahulu.
imported =
    Administrator memasukkan ini untuk Anda, agar kode
    membantu jika suatu hari Anda tidak dapat masuk. Ini milik Anda?
imported-prompt = y atau n (Enter untuk nanti): {""}
imported-prompt-mandatory = y, n atau later: {""}
codes-shown =
    Sepuluh kode pemulihan, untuk keadaan darurat.
    Masing-masing berlaku sekali, jika Anda tidak dapat masuk.
codes-keep =
    Simpan di kertas: kode tidak ditampilkan lagi.
    Untuk yang baru, jalankan: sspr codes
codes-unseen =
    Sepuluh kode pemulihan dibuat untuk Anda, dan Anda
    mungkin belum pernah melihatnya. Mau yang baru?
codes-off = Kode pemulihan tidak digunakan di mesin ini.
remove =
    Ini menghapus semua cara mengatur ulang kata sandi:
remove-prompt = Ketik remove untuk menghapus (Enter: simpan): {""}
removed =
    Tidak ada lagi yang terdaftar.
    Untuk mendaftar lagi, jalankan: sspr enroll

# --- contacts that can't be taken
contact-empty = Tidak ada yang diketik.
contact-too-long = Terlalu panjang.
email-no-at =
    Alamat email mengandung @,
    seperti ann@example.org.
email-no-dot =
    Setelah @ harus ada domain lengkap,
    seperti ann@example.org.
email-several = Silakan ketik satu alamat saja.
email-display-name = Silakan ketik alamatnya saja, tanpa kurung.
email-bad-domain = Bagian setelah @ bukan domain.
email-bad-local = Bagian sebelum @ tidak mungkin benar.
email-not-ascii = Sebelum @ hanya boleh ada huruf biasa.
number-not-one = Itu bukan nomor telepon.
number-needs-country =
    Silakan ketik dengan kode negaranya,
    seperti +62 812 3456 7890.
number-invalid =
    Tidak ada nomor seperti itu.
    Silakan periksa angka dan kode negaranya.
email-refused-domain =
    Alamat di { $domain } tidak diterima di sini:
    Anda mungkin tidak dapat membukanya saat perlu. Silakan pilih yang lain.
contact-known = Itu sudah terdaftar. Silakan pilih yang lain.
number-not-textable =
    Nomor seperti itu tidak dapat menerima SMS.
    Silakan pilih yang lain.

# --- the command
enroll-password = Buktikan dahulu bahwa ini Anda.
current-password-prompt = Kata sandi saat ini: {""}
enroll-wrong-password =
    Itu bukan kata sandi Anda saat ini.
    Tidak ada yang diubah.
enroll-not-served = Layanan ini tidak aktif untuk akun ini.
enroll-unchanged = Tidak ada yang diubah.
enroll-no-way =
    Tidak ada yang diubah: itu memerlukan kode.
    Jika Anda tidak dapat memperolehnya lagi, hubungi helpdesk.
enroll-lost = Tidak punya satu pun? Helpdesk dapat membantu.
enroll-menu = Yang membantu jika Anda tidak dapat masuk:
enroll-menu-nothing = Belum ada cara masuk cadangan yang terdaftar:
enroll-menu-missing =
    Yang membantu jika Anda tidak dapat masuk.
    Akun Anda memerlukan satu lagi, dari jenis lain:
enroll-menu-prompt = Sebuah nomor (Enter jika sudah selesai): {""}
enroll-add-email = tambah alamat email
enroll-add-phone = tambah telepon
enroll-add-app = tambah aplikasi autentikator
enroll-remove = hapus
enroll-prefer = gunakan sebelum yang lain
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 atau 2
    } (Enter untuk kembali): {""}
enroll-last =
    Itu satu-satunya; tidak dapat dihapus.
    Tambahkan yang lain dahulu, atau jalankan: sspr remove
enroll-saved = Tersimpan.
line-email = email    { $contact }
line-phone = telepon  { $contact }
line-app = aplikasi autentikator
mark-preferred = (dipakai dahulu)
mark-unconfirmed = (belum dikonfirmasi)
status-nothing = Tidak ada yang terdaftar. Jalankan: sspr enroll
status-too-few =
    Akun Anda memerlukan satu lagi, dari jenis lain.
    Jalankan: sspr enroll
status-registered = Terdaftar untuk pengaturan ulang kata sandi:
status-codes = Sisa kode pemulihan: { $left }
status-confirmed = Terakhir dikonfirmasi: { $date }
status-unconfirmed = Anda akan ditanya tentang yang belum dikonfirmasi.
status-used = terakhir dipakai: { $date }
status-unused = belum pernah dipakai
status-not-asked = Pengaturan ulang tidak memintanya saat ini.
status-asks-one = Pengaturan ulang meminta salah satunya.
status-asks-two = Pengaturan ulang meminta dua di antaranya, beda jenis.

# --- the line in the shell of a user who is not registered
hint-enroll = Jika Anda lupa kata sandi: sspr enroll
hint-codes = Kode pemulihan menunggu Anda: sspr codes

# --- mail, text messages and calls
call-language = id-ID
call-opening = Halo. Ini kode Anda untuk { $host }.
call-again = Sekali lagi, kode Anda adalah:
call-closing = Sampai jumpa.
mail-code-subject = Kode Anda untuk { $host }
mail-code-recover =
    { $code } adalah kode Anda untuk mengatur ulang kata sandi { $account } di { $host }.

    Kode berlaku hingga { $until }. Ketik di tempat Anda memintanya, dan jangan berikan kepada siapa pun.
    Jika Anda tidak memintanya, Anda tidak perlu melakukan apa pun: tanpa kode ini tidak terjadi apa-apa.
mail-code-register =
    { $code } adalah kode Anda untuk mendaftarkan alamat ini bagi { $account } di { $host }.

    Kode berlaku hingga { $until }. Ketik di tempat Anda memintanya, dan jangan berikan kepada siapa pun.
    Jika Anda tidak memintanya, Anda tidak perlu melakukan apa pun.
mail-code-enroll =
    { $code } adalah kode Anda untuk mengubah kontak { $account } di { $host }.

    Kode berlaku hingga { $until }. Ketik di tempat Anda memintanya, dan jangan berikan kepada siapa pun.
    Jika Anda tidak memintanya, ada orang yang tahu kata sandi Anda. Ubahlah sekarang dan beri tahu administrator Anda.
mail-code-desk =
    { $code } adalah kode yang ditanyakan helpdesk kepada Anda, tentang { $account } di { $host }.

    Kode berlaku hingga { $until }. Bacakan hanya jika Anda sendiri yang menelepon helpdesk: kode ini menunjukkan siapa Anda dan tidak mengatur ulang apa pun.
    Jika Anda tidak menelepon, jangan berikan kode ini kepada siapa pun, dan beri tahu administrator Anda.
text-code-desk = { $code } adalah kode yang ditanyakan helpdesk tentang { $account } di { $host }. Bukan Anda yang menelepon? Jangan berikan kepada siapa pun.
text-code-enroll = { $code } adalah kode untuk mengubah kontak { $account } di { $host }. Bukan Anda? Ubah kata sandi Anda sekarang.
text-code-recover = { $code } adalah kode untuk mengatur ulang kata sandi { $account } di { $host }. Jangan berikan kepada siapa pun.
text-code-register = { $code } adalah kode untuk mendaftarkan nomor ini bagi { $account } di { $host }. Jangan berikan kepada siapa pun.
mail-recovered-subject = Kata sandi { $account } di { $host } telah diatur ulang
mail-recovered =
    Kata sandi { $account } di { $host } diatur ulang pada { $when }, lewat { $service } dari { $source }.

    Jika itu Anda, tidak ada yang perlu dilakukan.
    Jika bukan Anda: atur ulang lagi sekarang untuk menutup akses orang lain, dan beri tahu administrator Anda.
text-recovered = Kata sandi { $account } di { $host } diatur ulang pada { $when } dari { $source }. Bukan Anda? Atur ulang sekarang dan beri tahu administrator Anda.
mail-unlocked-subject = Kunci akun { $account } di { $host } telah dibuka
mail-unlocked =
    Terlalu banyak kata sandi salah telah mengunci { $account } di { $host }. Kunci akun dibuka pada { $when }, lewat { $service } dari { $source }. Kata sandi tidak diubah.

    Jika itu Anda, tidak ada yang perlu dilakukan.
    Jika bukan Anda: beri tahu administrator Anda.
text-unlocked = Kunci akun { $account } di { $host } dibuka pada { $when } dari { $source }. Kata sandi tidak diubah. Bukan Anda? Beri tahu administrator Anda.
mail-contact-changed-subject = Kontak { $account } di { $host } telah diubah
mail-contact-changed =
    Cara mengatur ulang kata sandi { $account } di { $host } diubah pada { $when }, lewat { $service } dari { $source }.

    { $change }

    Jika itu Anda, tidak ada yang perlu dilakukan.
    Jika bukan Anda: ubah kata sandi Anda sekarang dan beri tahu administrator Anda.
text-contact-changed = Pengaturan ulang kata sandi { $account } di { $host }: { $change } { $when }. Bukan Anda? Ubah kata sandi dan beri tahu administrator Anda.
text-about-email = alamat email { $contact }
text-about-phone = telepon { $contact }
text-about-app = aplikasi autentikator
text-change-added = Ditambahkan: { $what }.
text-change-announced = Akan ditambahkan pada { $from } dari direktori: { $what }.
text-change-removed = Dihapus: { $what }.
text-change-preferred = Mulai sekarang dipakai dahulu: { $what }.
text-change-codes = Ada kode pemulihan baru; yang lama tidak berlaku lagi.
text-change-everything = Dihapus: semua yang terdaftar.
mail-test-subject = Pesan uji dari { $host }
mail-test =
    Ini uji coba email yang dikirim { $host } untuk pengaturan ulang kata sandi.
    Administrator memintanya. Pesan ini tidak memuat kode, dan tidak ada yang perlu dilakukan.
text-test = Uji coba dari { $host }: SMS untuk pengaturan ulang kata sandi sampai. Tidak ada yang perlu dilakukan.
text-source-shell = shell di mesin ini
mail-blocked-subject = Pengaturan ulang ditangguhkan untuk { $account } di { $host }
mail-blocked =
    Terlalu banyak kode salah diketik untuk { $account } di { $host }. Yang terakhir pada { $when }, lewat { $service } dari { $source }.

    Pengaturan ulang kata sandi akun ini ditangguhkan untuk sementara. Kata sandi Anda tetap berfungsi seperti biasa.
    Jika bukan Anda, ada orang yang mencoba masuk. Tidak ada yang diubah. Beri tahu administrator Anda.
text-blocked = Terlalu banyak kode salah untuk { $account } di { $host }, terakhir dari { $source }. Pengaturan ulang ditangguhkan sementara. Kata sandi Anda tetap berfungsi. Bukan Anda? Beri tahu administrator Anda.
mail-admin-recovered-subject = Kata sandi administrator { $account } di { $host } telah diatur ulang
mail-admin-recovered =
    Kata sandi { $account } di { $host } diatur ulang pada { $when }, lewat { $service } dari { $source }. Akun ini milik administrator.

    Jika bukan { $account } yang melakukannya: kunci akun sekarang, misalnya dengan "usermod -L { $account }", dan lihat jurnal.
mail-many-failures-subject = Banyak kode salah di { $host }
mail-many-failures =
    Dalam satu jam sebelum { $when }, lebih banyak kode salah diketik di { $host } daripada yang diizinkan [limits] failed_proofs_per_hour. Yang terakhir datang lewat { $service } dari { $source }.

    Mungkin ada yang menebak. Setiap akun punya batas sendiri, jadi tidak ada yang harus segera dilakukan; "sspr admin audit" menunjukkan akun mana dan dari mana. Sampai selesai, jawaban pada pengaturan ulang lebih lama hingga satu detik.
mail-failures-at-source-subject = Banyak kode salah dari satu sumber di { $host }
mail-failures-at-source =
    Dalam satu jam sebelum { $when }, satu sumber mengetik lebih banyak kode salah di { $host } daripada yang diizinkan bagi satu sumber: lebih dari bagiannya dari [limits] failed_proofs_per_hour. Yang terakhir datang lewat { $service } dari { $source }.

    Mungkin ada yang menebak di sana. Setiap akun punya batas sendiri, jadi tidak ada yang harus segera dilakukan; "sspr admin audit" menunjukkan akun mana. Sampai selesai, jawaban pada pengaturan ulang lebih lama hingga satu detik bagi sumber ini saja. Email seperti ini datang paling banyak sekali sehari; sumber lain ada di catatan audit.
