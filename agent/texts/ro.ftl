# Română. How texts are written: see en.ftl. Letters with a comma below, not a cedilla. From 20 on, "de" stands between number and
# noun. Users are addressed formally, in the plural.

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } secundă
    [few] { $n } secunde
   *[other] { $n } de secunde
}
span-minutes = { $n ->
    [one] { $n } minut
    [few] { $n } minute
   *[other] { $n } de minute
}
span-hours = { $n ->
    [one] { $n } oră
    [few] { $n } ore
   *[other] { $n } de ore
}

# --- answers that can't be read
too-long = Textul este prea lung. Introduceți-l din nou.
not-plain = Textul nu poate fi citit. Introduceți-l din nou.
choose-again = Introduceți unul dintre răspunsurile afișate.
choose-number = Introduceți chiar numărul de telefon.

# --- when nothing goes
unavailable = Resetarea nu este disponibilă acum.
server-changed = Serverul nu mai răspunde. Răspundeți din nou.
resting =
    Prea multe coduri greșite.
    Resetarea este suspendată pentru acest cont. Reîncercați peste { $time }.
too-many-starts = Prea multe încercări. Reîncercați peste { $time }.
go-on-prompt = Apăsați Enter pentru a continua: {""}

# --- recovery
recover-menu = Cum doriți să dovediți că sunteți dvs.?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     un cod la adresa dvs. de e-mail înregistrată
recover-menu-app = {"  "}app   un cod din aplicația dvs. de autentificare
recover-menu-codes = {"  "}code  un cod de recuperare sau unul de la asistență
recover-menu-recovery-code = {"  "}code  un cod de recuperare
recover-menu-helpdesk-code = {"  "}code  un cod de la asistență
recover-menu-contact = {"  "}sau introduceți numărul de telefon ori adresa de e-mail
recover-menu-number = {"  "}sau introduceți numărul de telefon înregistrat
recover-menu-address = {"  "}sau introduceți altă adresă de e-mail înregistrată
recover-menu-prompt = Alegerea dvs. (Enter pentru înapoi): {""}
recover-menu-prompt-mandatory = Alegerea dvs.: {""}
one-more-proof =
    Codul a fost corect.
    Contul dvs. mai cere unul, pe altă cale.
proof-gone = A durat prea mult. Apăsați Enter pentru reluare.
recover-left = Ați părăsit resetarea. Nu s-a schimbat nimic.
recover-given-up =
    Prea multe răspunsuri nu erau printre cele afișate.
    Nu s-a schimbat nimic.

# --- codes
code-sent-email =
    Dacă acest cont are o adresă de e-mail înregistrată,
    un cod este pe drum. Este valabil { $minutes ->
        [one] { $minutes } minut
        [few] { $minutes } minute
       *[other] { $minutes } de minute
    }.
code-sent-contact =
    Dacă aceasta este înregistrată pentru acest cont,
    un cod este pe drum. Este valabil { $minutes ->
        [one] { $minutes } minut
        [few] { $minutes } minute
       *[other] { $minutes } de minute
    }.
code-called =
    Dacă acest telefon este înregistrat pentru cont,
    va suna imediat, iar codul va fi citit de două ori.
    Este valabil { $minutes ->
        [one] { $minutes } minut
        [few] { $minutes } minute
       *[other] { $minutes } de minute
    }.
code-sent-to =
    Un cod este pe drum. Este valabil { $minutes ->
        [one] { $minutes } minut
        [few] { $minutes } minute
       *[other] { $minutes } de minute
    }.
    A fost trimis la { $contact }.
code-sent-earlier =
    Un cod trimis anterior este încă valabil.
    Altul poate fi trimis peste { $time }.
code-resumed-email = Un cod trimis anterior prin e-mail este valabil.
code-resumed-contact =
    Un cod trimis anterior la contactul introdus
    este încă valabil.
code-resumed-to =
    Pentru a încheia înregistrarea, introduceți codul
    trimis la { $contact }.
code-not-yet = Alt cod poate fi trimis peste { $time }.
code-usage = Introduceți codul sau: new (alt cod), other (altă cale), Enter (înapoi).
code-usage-call = Introduceți codul sau: new (altul), call (ascultare), other (altă cale).
code-usage-new = Introduceți codul sau: new (alt cod), other (schimbare), Enter (înapoi).
code-usage-mandatory = Introduceți codul sau: new (alt cod), other (altă cale).
code-usage-new-mandatory = Introduceți codul sau: new (alt cod), other (schimbare).
code-usage-token = Pentru un cod de recuperare sau de la asistență, introduceți: code
code-prompt = Cod: {""}
code-refused = Codul nu este corect.
code-malformed = Numărul de cifre al unui cod: { $digits }.
code-wrong =
    Codul nu este corect. { $left ->
        [one] Mai este o încercare.
        [few] Mai sunt { $left } încercări.
       *[other] Mai sunt { $left } de încercări.
    }
code-worn-out =
    Codul nu este corect.
    Nu mai poate fi folosit. Pentru altul, introduceți new.
code-expired =
    Codul a expirat.
    Pentru altul, introduceți new.

# --- codes that the user has already
token-app = Introduceți codul din aplicația de autentificare.
token-app-wrong =
    Codul nu este corect. { $left ->
        [one] Mai este o încercare.
        [few] Mai sunt { $left } încercări.
       *[other] Mai sunt { $left } de încercări.
    }
    Fiecare cod merge o singură dată, timp de o jumătate de minut.
token-code = Introduceți un cod de recuperare sau de asistență.
token-helpdesk = Introduceți codul primit de la asistență.
token-code-wrong =
    Codul nu este corect. { $left ->
        [one] Mai este o încercare.
        [few] Mai sunt { $left } încercări.
       *[other] Mai sunt { $left } de încercări.
    }
    Fiecare cod merge o singură dată.
token-usage = Introduceți codul sau: other (altă cale), Enter (înapoi).

# --- the new password
password-rules =
    Alegeți o parolă nouă. Lungimea minimă: { $length }.
    Câteva cuvinte fără legătură între ele sunt potrivite.
password-rules-digits = { $n ->
    [one] Acest calculator cere o cifră.
    [few] Acest calculator cere { $n } cifre.
   *[other] Acest calculator cere { $n } de cifre.
}
password-rules-capitals = { $n ->
    [one] Acest calculator cere o literă mare.
    [few] Acest calculator cere { $n } litere mari.
   *[other] Acest calculator cere { $n } de litere mari.
}
password-rules-small = { $n ->
    [one] Acest calculator cere o literă mică.
    [few] Acest calculator cere { $n } litere mici.
   *[other] Acest calculator cere { $n } de litere mici.
}
password-rules-others = { $n ->
    [one] Acest calculator cere un simbol, precum -.
    [few] Acest calculator cere { $n } simboluri, precum -.
   *[other] Acest calculator cere { $n } de simboluri, precum -.
}
password-rules-kinds = Litere mari/mici, cifre, simboluri: folosiți { $n }.
password-rules-history = Parolele folosite anterior sunt refuzate.
password-rules-banned = Unele cuvinte sunt interzise. Veți afla care.
password-encrypts = Datele criptate cu cea veche rămân blocate.
recovery-codes-left =
    { $left ->
        [0] A fost ultimul dvs. cod de recuperare.
        [one] V-a mai rămas un cod de recuperare.
        [few] V-au mai rămas { $left } coduri de recuperare.
       *[other] V-au mai rămas { $left } de coduri de recuperare.
    }
password-prompt = Parola nouă: {""}
password-takes = Setarea poate dura până la un minut.
password-again-prompt = Aceeași, din nou: {""}
password-mismatch = Cele două nu coincid. Alegeți din nou.
password-empty = Nu ați introdus nimic. Alegeți o parolă nouă.
password-too-short =
    Este prea scurtă. { $more ->
        [one] Mai trebuie un caracter.
        [few] Mai trebuie { $more } caractere.
       *[other] Mai trebuie { $more } de caractere.
    }
password-too-long = Este prea lungă. Limita este de 511 octeți.
password-has-name =
    Conține numele dvs. sau numele calculatorului.
    Alegeți alta.
password-banned =
    Conține un cuvânt interzis aici:
    { $word }
    Alegeți alta.
password-blanks =
    Începe sau se termină cu un spațiu.
    Spațiile de acolo se pierd. Alegeți alta.
password-keyboard =
    Este un șir de taste, ușor de ghicit.
    Alegeți alta.
password-repeats =
    Se repetă și este ușor de ghicit.
    Alegeți alta.
password-sequence =
    Este o secvență precum abc sau 1234.
    Este ușor de ghicit. Alegeți alta.
password-date =
    Este o dată calendaristică, ușor de ghicit.
    Alegeți alta.
password-common =
    Este foarte folosită sau seamănă cu una care este.
    Alegeți alta.
password-word =
    Este un singur cuvânt sau nume.
    Este ușor de ghicit. Combinați câteva cuvinte.
password-weak =
    Este ușor de ghicit.
    Faceți-o mai lungă sau adăugați un cuvânt.
password-same =
    Este cea actuală, care este încă valabilă.
    Alegeți una nouă.
password-refused =
    Acest calculator refuză această parolă:
    { $reason }
password-refused-there =
    Serviciul de director refuză această parolă:
    { $reason }
password-short-there =
    Este prea scurtă pentru serviciul de director.
    Alegeți una mai lungă.
password-young =
    A fost schimbată de curând.
    Serviciul de director permite următoarea schimbare mai târziu.
not-changed =
    Nu s-a schimbat nimic; cea veche este încă valabilă.
    Reîncercați mai târziu.
not-sure =
    Este posibil ca schimbarea să nu fi reușit.
    Încercați întâi cea nouă, apoi pe cea veche.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] O sesiune deschisă a fost încheiată.
    [few] { $n } sesiuni deschise au fost încheiate.
   *[other] { $n } de sesiuni deschise au fost încheiate.
}
recover-ssh-keys = { $n ->
    [one] O cheie SSH vă mai dă acces; verificați-o.
    [few] { $n } chei SSH vă mai dau acces; verificați-le.
   *[other] { $n } de chei SSH vă mai dau acces; verificați-le.
}
recover-ssh-unseen = Unele chei SSH nu au putut fi citite; verificați-le.
recover-refused-here =
    S-a schimbat. Acest calculator încă nu vede asta:
    dacă vă refuză, reîncercați peste câteva minute.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Prea multe parole greșite au blocat acest cont.
    O parolă nouă îl deblochează. Dacă vă amintiți totuși cea veche,
    introduceți unlock și conectați-vă cu ea.
unlock-prompt = Enter pentru o parolă nouă, sau unlock: {""}
unlocked =
    Contul este deblocat. Conectați-vă cu parola
    pe care ați avut-o.
unlock-not-sure =
    Este posibil ca acest cont să fie încă blocat.
    Încercați parola pe care ați avut-o.
    Dacă este refuzată, luați-o de la capăt.

# --- registration
method-email = e-mail
method-phone = telefon, prin SMS
method-app = aplicație de autentificare pe un telefon
register-menu =
    Dacă într-o zi nu vă puteți conecta, un cod vă
    poate da acces. Unde să fie trimis?
register-menu-two =
    Dacă într-o zi nu vă puteți conecta, codurile vă
    pot da acces. Contul dvs. cere două dintre acestea:
register-menu-more =
    Contul dvs. mai cere o cale de acces, pentru cazul
    în care nu vă puteți conecta:
register-several = Sau mai multe, de exemplu: 1 2
register-helpdesk = Sau code, dacă asistența v-a dat unul.
register-menu-prompt = { $n ->
    [2] 1 sau 2
   *[other] 1, 2 sau 3
    } (Enter pentru nu acum): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 sau 2
   *[other] 1, 2 sau 3
    }: {""}
register-email-only =
    Dacă într-o zi nu vă puteți conecta, un cod prin
    e-mail vă poate da acces. Înregistrați o adresă pentru el.
register-phone-only =
    Dacă într-o zi nu vă puteți conecta, un cod pe
    telefon vă poate da acces. Înregistrați un număr pentru el.
register-app-only =
    Dacă într-o zi nu vă puteți conecta, o aplicație de
    autentificare pe un telefon vă poate da acces. Înregistrați una.
register-only-prompt = Înregistrați acum? Tastați y (Enter: nu acum): {""}
register-only-prompt-mandatory = Tastați y pentru a înregistra acum: {""}
register-mandatory =
    Înregistrarea nu mai poate fi amânată:
    fără ea, conectarea se oprește aici.
register-denied = Pentru acces, conectați-vă din nou și răspundeți.
register-not-now =
    Înregistrarea nu funcționează acum.
    Puteți continua și veți fi întrebat din nou.
register-by-hand = Înregistrarea pentru resetare: sspr enroll
register-changed =
    Înregistrarea dvs. s-a schimbat între timp.
    Nu s-a salvat nimic. Luați-o de la capăt.
register-email =
    Ce adresă de e-mail?
    Alegeți una pe care o puteți citi fără a vă conecta aici.
register-phone = Ce număr? Va primi un SMS cu un cod.
email-prompt = Adresa de e-mail (Enter pentru înapoi): {""}
number-prompt = Numărul de telefon (Enter pentru înapoi): {""}
registered =
    Gata, înregistrarea este făcută. Dacă într-o zi nu vă
    puteți conecta, apăsați doar Enter, fără a scrie nimic.
app-scan = Scanați cu o aplicație de autentificare.
app-beside = Fără cameră? Introduceți cheia (bazată pe timp):
app-swap-beside = Nu se citește? Scrieți: swap
app-usage-picture = Introduceți codul sau: swap (culori), text (fără imagine), Enter (înapoi).
app-key = Adăugați un cont în aplicația de autentificare.
app-key-lines =
    Cont: { $account } pe { $host }
    Tipul cheii: bazată pe timp, 6 cifre

    {"    "}{ $key }
app-usage = Introduceți codul pe care îl arată aplicația sau apăsați Enter (înapoi).
app-usage-key = Introduceți codul sau: picture (cod QR, rânduri: { $lines }), Enter (înapoi).
app-prompt = Cod: {""}
app-wrong = Codul nu este corect. { $left ->
        [one] Mai este o încercare.
        [few] Mai sunt { $left } încercări.
       *[other] Mai sunt { $left } de încercări.
    }
app-anew = Nu a mers. Ștergeți din aplicație și reluați.
reconfirm = Mai puteți fi contactat astfel?
reconfirm-prompt = y dacă da, c pentru schimbare (Enter: mai târziu): {""}
too-quick = A fost prea repede. Citiți întâi acest text.
imported =
    Administratorul a introdus acest contact pentru ca un
    cod să vă dea acces dacă nu vă puteți conecta. Este al dvs.?
imported-prompt = y sau n (Enter pentru nu acum): {""}
imported-prompt-mandatory = y, n sau later: {""}
codes-shown =
    Zece coduri de recuperare, pentru urgențe.
    Fiecare vă dă acces o dată, dacă nu vă puteți conecta.
codes-keep =
    Păstrați-le pe hârtie: nu mai sunt afișate.
    Pentru altele noi, rulați: sspr codes
codes-unseen =
    Au fost create zece coduri de recuperare pentru dvs.,
    pe care poate nu le-ați văzut. Doriți altele noi?
codes-off = Codurile de recuperare nu sunt folosite aici.
remove =
    Aceasta elimină tot ce vă poate reseta parola:
remove-prompt = Tastați remove pentru eliminare (Enter: păstrare): {""}
removed =
    Nu mai este înregistrat nimic.
    Pentru o nouă înregistrare, rulați: sspr enroll

# --- contacts that can't be taken
contact-empty = Nu ați introdus nimic.
contact-too-long = Este prea lung.
email-no-at =
    O adresă de e-mail conține @,
    ca în ann@example.org.
email-no-dot =
    După @ trebuie să fie un domeniu complet,
    ca în ann@example.org.
email-several = Introduceți o singură adresă.
email-display-name = Introduceți doar adresa, fără paranteze.
email-bad-domain = Ceea ce urmează după @ nu este un domeniu.
email-bad-local = Ceea ce este înainte de @ nu poate fi corect.
email-not-ascii = Înainte de @ pot fi doar litere fără diacritice.
number-not-one = Nu este un număr de telefon.
number-needs-country =
    Introduceți-l cu prefixul țării,
    ca în +40 712 345 678.
number-invalid =
    Acest număr nu există.
    Verificați cifrele și prefixul țării.
email-refused-domain =
    O adresă la { $domain } nu este acceptată:
    s-ar putea să nu aveți acces la ea la nevoie. Alegeți alta.
contact-known = Este deja înregistrat. Alegeți altceva.
number-not-textable =
    Un astfel de număr nu poate primi SMS-uri.
    Alegeți altul.

# --- the command
enroll-password = Dovediți întâi că sunteți dvs.
current-password-prompt = Parola actuală: {""}
enroll-wrong-password =
    Nu este parola dvs. actuală.
    Nu s-a schimbat nimic.
enroll-not-served = Serviciul nu este activat pentru acest cont.
enroll-unchanged = Nu s-a schimbat nimic.
enroll-no-way =
    Nu s-a schimbat nimic: este nevoie de un cod.
    Dacă nu mai puteți primi unul, contactați asistența.
enroll-lost = Nu aveți nimic la îndemână? Asistența vă ajută.
enroll-menu = Ce vă poate da acces dacă nu vă puteți conecta:
enroll-menu-nothing = Nu este înregistrată încă nicio cale de acces:
enroll-menu-missing =
    Ce vă poate da acces dacă nu vă puteți conecta.
    Contul dvs. mai cere o cale, de alt fel:
enroll-menu-prompt = Un număr (Enter când ați terminat): {""}
enroll-add-email = adăugați o adresă de e-mail
enroll-add-phone = adăugați un telefon
enroll-add-app = adăugați o aplicație de autentificare
enroll-remove = eliminați
enroll-prefer = folosiți înaintea celeilalte
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 sau 2
    } (Enter pentru înapoi): {""}
enroll-last =
    Este singura cale; nu poate fi eliminată.
    Adăugați întâi alta sau rulați: sspr remove
enroll-saved = Salvat.
line-email = e-mail   { $contact }
line-phone = telefon  { $contact }
line-app = aplicație de autentificare
mark-preferred = (folosit primul)
mark-unconfirmed = (încă neconfirmat)
status-nothing = Nu este înregistrat nimic. Rulați: sspr enroll
status-too-few =
    Contul dvs. mai cere o cale, de alt fel.
    Rulați: sspr enroll
status-registered = Înregistrat pentru resetarea parolei:
status-codes = Coduri de recuperare rămase: { $left }
status-confirmed = Ultima confirmare: { $date }
status-unconfirmed = Veți fi întrebat despre ce nu este confirmat.
status-used = folosit ultima dată: { $date }
status-unused = încă nefolosit
status-not-asked = Resetarea nu îl cere acum.
status-asks-one = Resetarea cere una dintre acestea.
status-asks-two = Resetarea cere două dintre acestea, de tipuri diferite.

# --- the line in the shell of a user who is not registered
hint-enroll = În caz că uitați parola: sspr enroll
hint-codes = Vă așteaptă coduri de recuperare: sspr codes

# --- mail, text messages and calls
call-language = ro-RO
call-opening = Bună ziua. Acesta este codul dvs. pentru { $host }.
call-again = Încă o dată, codul dvs. este:
call-closing = La revedere.
mail-code-subject = Codul dvs. pentru { $host }
mail-code-recover =
    { $code } este codul dvs. pentru resetarea parolei contului { $account } pe { $host }.

    Este valabil până la { $until }. Introduceți-l acolo unde l-ați cerut și nu îl dați nimănui.
    Dacă nu l-ați cerut, nu trebuie să faceți nimic: fără cod nu se întâmplă nimic.
mail-code-register =
    { $code } este codul dvs. pentru înregistrarea acestei adrese la contul { $account } pe { $host }.

    Este valabil până la { $until }. Introduceți-l acolo unde l-ați cerut și nu îl dați nimănui.
    Dacă nu l-ați cerut, nu trebuie să faceți nimic.
mail-code-enroll =
    { $code } este codul dvs. pentru schimbarea datelor de contact ale contului { $account } pe { $host }.

    Este valabil până la { $until }. Introduceți-l acolo unde l-ați cerut și nu îl dați nimănui.
    Dacă nu l-ați cerut, cineva vă știe parola. Schimbați-o acum și anunțați administratorul.
mail-code-desk =
    { $code } este codul pe care vi-l cere asistența tehnică. Este despre contul { $account } pe { $host }.

    Este valabil până la { $until }. Citiți-l cu voce tare numai dacă ați sunat chiar dvs. la asistență: arată cine sunteți și nu resetează nimic.
    Dacă nu ați sunat, nu dați nimănui acest cod și anunțați administratorul.
text-code-desk = { $code } este codul cerut de asistența tehnică pentru contul { $account } pe { $host }. Nu ați sunat dvs.? Nu îl dați nimănui.
text-code-enroll = { $code } este codul pentru schimbarea datelor de contact ale { $account } pe { $host }. Nu ați fost dvs.? Schimbați parola acum.
text-code-recover = { $code } este codul pentru resetarea parolei contului { $account } pe { $host }. Nu îl dați nimănui.
text-code-register = { $code } este codul pentru înregistrarea acestui număr la contul { $account } pe { $host }. Nu îl dați nimănui.
mail-recovered-subject = Parola contului { $account } pe { $host } a fost resetată
mail-recovered =
    Parola contului { $account } pe { $host } a fost resetată la { $when }, prin { $service } din { $source }.

    Dacă ați fost dvs., nu trebuie să faceți nimic.
    Dacă nu: resetați-o din nou acum, pentru a bloca accesul altora, și anunțați administratorul.
text-recovered = Parola contului { $account } pe { $host } a fost resetată la { $when } din { $source }. Nu ați fost dvs.? Resetați-o acum și anunțați administratorul.
mail-unlocked-subject = Contul { $account } pe { $host } a fost deblocat
mail-unlocked =
    Prea multe parole greșite blocaseră contul { $account } pe { $host }. Contul a fost deblocat la { $when }, prin { $service } din { $source }. Parola nu a fost schimbată.

    Dacă ați fost dvs., nu trebuie să faceți nimic.
    Dacă nu: anunțați administratorul.
text-unlocked = Contul { $account } pe { $host } a fost deblocat la { $when } din { $source }. Parola nu a fost schimbată. Nu ați fost dvs.? Anunțați administratorul.
mail-contact-changed-subject = Datele de contact ale contului { $account } pe { $host } s-au schimbat
mail-contact-changed =
    Ceea ce poate reseta parola contului { $account } pe { $host } s-a schimbat la { $when }, prin { $service } din { $source }.

    { $change }

    Dacă ați fost dvs., nu trebuie să faceți nimic.
    Dacă nu: schimbați parola acum și anunțați administratorul.
text-contact-changed = Resetarea parolei contului { $account } pe { $host }: { $change } { $when }. Nu ați fost dvs.? Schimbați parola și anunțați administratorul.
text-about-email = adresa de e-mail { $contact }
text-about-phone = telefonul { $contact }
text-about-app = aplicația de autentificare
text-change-added = Adăugat: { $what }.
text-change-announced = Va fi adăugat la { $from } din director: { $what }.
text-change-removed = Eliminat: { $what }.
text-change-preferred = Folosit primul de acum înainte: { $what }.
text-change-codes = Există coduri de recuperare noi; cele vechi nu mai sunt valabile.
text-change-everything = Eliminat: tot ce era înregistrat.
mail-test-subject = Mesaj de test de la { $host }
mail-test =
    Acesta este un test al mesajelor pe care { $host } le trimite pentru resetarea parolei.
    A fost cerut de un administrator. Nu conține niciun cod și nu trebuie să faceți nimic.
text-test = Test de la { $host }: SMS-urile pentru resetarea parolei ajung. Nu trebuie să faceți nimic.
text-source-shell = un shell de pe acest calculator
mail-blocked-subject = Resetarea este suspendată pentru { $account } pe { $host }
mail-blocked =
    Au fost introduse prea multe coduri greșite pentru { $account } pe { $host }. Ultimul a fost la { $when }, prin { $service } din { $source }.

    Resetarea parolei este suspendată o vreme pentru acest cont. Parola dvs. funcționează ca înainte.
    Dacă nu ați fost dvs., cineva a încercat să intre. Nu s-a schimbat nimic. Anunțați administratorul.
text-blocked = Prea multe coduri greșite pentru { $account } pe { $host }, ultimul din { $source }. Resetarea este suspendată o vreme; parola funcționează. Nu ați fost dvs.? Anunțați administratorul.
mail-admin-recovered-subject = Parola administratorului { $account } pe { $host } a fost resetată
mail-admin-recovered =
    Parola contului { $account } pe { $host } a fost resetată la { $when }, prin { $service } din { $source }. Contul este al unui administrator.

    Dacă nu a făcut-o { $account }: blocați contul acum, de exemplu cu "usermod -L { $account }", și consultați jurnalul.
mail-many-failures-subject = Multe coduri greșite pe { $host }
mail-many-failures =
    În ora dinainte de { $when } au fost introduse pe { $host } mai multe coduri greșite decât permite [limits] failed_proofs_per_hour. Ultimul a venit prin { $service } din { $source }.

    Poate cineva încearcă să ghicească. Fiecare cont are propria limită, deci nu este nevoie să faceți ceva imediat; "sspr admin audit" arată despre ce conturi era vorba și de unde. Până când se termină, răspunsurile la o resetare durează cu până la o secundă mai mult.
mail-failures-at-source-subject = Multe coduri greșite dintr-o singură sursă pe { $host }
mail-failures-at-source =
    În ora dinainte de { $when }, o singură sursă a introdus pe { $host } mai multe coduri greșite decât îi este permis unei surse: mai mult decât partea sa din [limits] failed_proofs_per_hour. Ultimul a venit prin { $service } din { $source }.

    Poate cineva de acolo încearcă să ghicească. Fiecare cont are propria limită, deci nu este nevoie să faceți ceva imediat; "sspr admin audit" arată despre ce conturi era vorba. Până când se termină, răspunsurile la o resetare durează cu până la o secundă mai mult pentru această sursă și pentru nimeni altcineva. Un astfel de mesaj vine cel mult o dată pe zi; celelalte surse sunt în jurnalul de audit.
