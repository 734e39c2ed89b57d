# Magyar. How texts are written: see en.ftl. Nouns stay as they are after a number. Spans of time stand before "múlva". Users are
# addressed formally, without a pronoun where that can be. No article stands right before a name that is put in.

date-format = %Y.%m.%d.
span-seconds = { $n } másodperc
span-minutes = { $n } perc
span-hours = { $n } óra

# --- answers that can't be read
too-long = Túl hosszú volt. Írja be újra.
not-plain = Ez nem olvasható. Írja be újra.
choose-again = A felsorolt válaszok egyikét írja be.
choose-number = Magát a telefonszámot írja be.

# --- when nothing goes
unavailable = A visszaállítás most nem érhető el.
server-changed = A kiszolgáló nem válaszol. Kérjük, válaszoljon újra.
resting =
    Túl sok hibás kód.
    A fiók visszaállítása fel van függesztve. Próbálja újra { $time } múlva.
too-many-starts = Túl sok próbálkozás. Próbálja újra { $time } múlva.
go-on-prompt = A folytatáshoz nyomjon Entert: {""}

# --- recovery
recover-menu = Hogyan szeretné igazolni, hogy Ön az?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     kód a regisztrált e-mail-címére
recover-menu-app = {"  "}app   kód a hitelesítő alkalmazásából
recover-menu-codes = {"  "}code  helyreállítási kód vagy az ügyfélszolgálattól kapott kód
recover-menu-recovery-code = {"  "}code  helyreállítási kód
recover-menu-helpdesk-code = {"  "}code  az ügyfélszolgálattól kapott kód
recover-menu-contact = {"  "}vagy írja be a telefonszámát vagy az e-mail-címét
recover-menu-number = {"  "}vagy írja be a regisztrált telefonszámát
recover-menu-address = {"  "}vagy írjon be egy másik regisztrált e-mail-címet
recover-menu-prompt = Választása (Enter: vissza): {""}
recover-menu-prompt-mandatory = Választása: {""}
one-more-proof =
    A kód helyes volt.
    A fiókhoz még egy kell, más módon.
proof-gone = Túl sokáig tartott. Újrakezdés: Enter.
recover-left = Kilépett a visszaállításból. Semmi sem változott.
recover-given-up =
    Túl sok válasz nem a felsoroltak közül való volt.
    Semmi sem változott.

# --- codes
code-sent-email =
    Ha a fiókhoz tartozik regisztrált e-mail-cím,
    a kód már úton van oda, { $minutes } percig érvényes.
code-sent-contact =
    Ha ez a fiókhoz regisztrálva van,
    a kód már úton van oda, { $minutes } percig érvényes.
code-called =
    Ha ez a telefon a fiókhoz regisztrálva van,
    hamarosan csörög, és a kód kétszer elhangzik.
    A kód { $minutes } percig érvényes.
code-sent-to =
    A kód úton van, { $minutes } percig érvényes.
    Címzett: { $contact }.
code-sent-earlier =
    Egy korábban küldött kód még érvényes.
    Újabb kód { $time } múlva küldhető.
code-resumed-email = Egy korábban e-mailben küldött kód még érvényes.
code-resumed-contact =
    Egy korábban a beírt címre vagy számra küldött
    kód még érvényes.
code-resumed-to =
    A regisztráció befejezéséhez írja be a kódot.
    Címzettje: { $contact }.
code-not-yet = Újabb kód { $time } múlva küldhető.
code-usage = Írja be a kódot, vagy: new (új kód), other (más mód), Enter (vissza).
code-usage-call = Írja be a kódot, vagy: new (új), call (felolvasás), other (más mód).
code-usage-new = Írja be a kódot, vagy: new (új kód), other (módosítás), Enter (vissza).
code-usage-mandatory = Írja be a kódot, vagy: new (új kód), other (más mód).
code-usage-new-mandatory = Írja be a kódot, vagy: new (új kód), other (módosítás).
code-usage-token = Helyreállítási vagy az ügyfélszolgálattól kapott kódhoz írja be: code
code-prompt = Kód: {""}
code-refused = A kód nem helyes.
code-malformed = Egy kód { $digits } számjegyből áll.
code-wrong =
    A kód nem helyes. Hátralévő próbálkozások: { $left }.
code-worn-out =
    A kód nem helyes.
    Többé nem használható. Új kódhoz írja be: new.
code-expired =
    A kód lejárt.
    Új kódhoz írja be: new.

# --- codes that the user has already
token-app = Írja be a hitelesítő alkalmazás kódját.
token-app-wrong =
    A kód nem helyes. Hátralévő próbálkozások: { $left }.
    Minden kód egyszer használható, fél percig.
token-code = Helyreállítási vagy ügyfélszolgálati kód?
token-helpdesk = Írja be az ügyfélszolgálattól kapott kódot.
token-code-wrong =
    A kód nem helyes. Hátralévő próbálkozások: { $left }.
    Minden kód egyszer használható.
token-usage = Írja be a kódot, vagy: other (más mód), Enter (vissza).

# --- the new password
password-rules =
    Válasszon új jelszót, legalább { $length } karaktert.
    Néhány egymáshoz nem kapcsolódó szó jól megfelel.
password-rules-digits = Ez a gép legalább { $n } számjegyet vár el.
password-rules-capitals = Ez a gép legalább { $n } nagybetűt vár el.
password-rules-small = Ez a gép legalább { $n } kisbetűt vár el.
password-rules-others = Ez a gép legalább { $n } jelet vár el, például -.
password-rules-kinds = Nagybetű, kisbetű, számjegy, jel: legalább { $n } fajta.
password-rules-history = A korábban használt jelszavak nem fogadhatók el.
password-rules-banned = Egyes szavak tiltottak. Megtudja, melyek.
password-encrypts = A régivel titkosított adatok zárolva maradnak.
recovery-codes-left =
    { $left ->
        [0] Ez volt az utolsó helyreállítási kódja.
       *[other] Hátralévő helyreállítási kódjai: { $left }.
    }
password-prompt = Új jelszó: {""}
password-takes = A beállítás akár egy percig is tarthat.
password-again-prompt = Ugyanaz még egyszer: {""}
password-mismatch = A kettő nem egyezik. Válasszon újra.
password-empty = Nem írt be semmit. Válasszon új jelszót.
password-too-short =
    Túl rövid. Még { $more } karakter hiányzik.
password-too-long = Túl hosszú. A korlát 511 bájt.
password-has-name =
    Az Ön neve vagy a gép neve szerepel benne.
    Válasszon másikat.
password-banned =
    Olyan szó van benne, amely itt tiltott:
    { $word }
    Válasszon másikat.
password-blanks =
    Szóközzel kezdődik vagy végződik.
    Az ott elveszik. Válasszon másikat.
password-keyboard =
    Ez egy billentyűsor, amely könnyen kitalálható.
    Válasszon másikat.
password-repeats =
    Ismétlődik, és könnyen kitalálható.
    Válasszon másikat.
password-sequence =
    Ez egy sorozat, mint az abc vagy az 1234.
    Könnyen kitalálható. Válasszon másikat.
password-date =
    Ez egy dátum, amely könnyen kitalálható.
    Válasszon másikat.
password-common =
    Nagyon gyakori, vagy egy gyakorira hasonlít.
    Válasszon másikat.
password-word =
    Ez egyetlen szó vagy név.
    Könnyen kitalálható. Kapcsoljon össze néhány szót.
password-weak =
    Könnyen kitalálható.
    Legyen hosszabb, vagy toldja meg egy szóval.
password-same =
    Ez a jelenlegi jelszava, és még érvényes.
    Válasszon újat.
password-refused =
    Ez a gép nem fogadja el ezt a jelszót:
    { $reason }
password-refused-there =
    A címtár nem fogadja el ezt a jelszót:
    { $reason }
password-short-there =
    Ez túl rövid a címtár számára.
    Válasszon hosszabbat.
password-young =
    Nemrég módosították.
    A címtár később engedi a következő módosítást.
not-changed =
    Semmi sem változott; az eddigi még érvényes.
    Próbálja újra később.
not-sure =
    Lehet, hogy a módosítás nem sikerült.
    Előbb az újat próbálja, azután az eddigit.

# --- after a recovery
recover-sessions-ended = Befejezett nyitott munkamenetek: { $n }.
recover-ssh-keys = { $n } SSH-kulcs még beengedi; ellenőrizze.
recover-ssh-unseen = Néhány SSH-kulcs nem olvasható; ellenőrizze őket.
recover-refused-here =
    A módosítás kész. Ez a gép még nem látja:
    ha elutasítja, próbálja újra néhány perc múlva.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Túl sok hibás jelszó zárolta ezt a fiókot.
    Egy új jelszó feloldja. Ha mégis emlékszik a régire,
    írja be: unlock, és azzal jelentkezzen be.
unlock-prompt = Enter: új jelszó, vagy unlock: {""}
unlocked =
    A fiók feloldva. Jelentkezzen be az eddigi
    jelszavával.
unlock-not-sure =
    Lehet, hogy a fiók még zárolva van.
    Próbálja az eddigi jelszavát.
    Ha nem fogadja el, kezdje elölről.

# --- registration
method-email = e-mail
method-phone = telefon, SMS-ben
method-app = hitelesítő alkalmazás a telefonon
register-menu =
    Ha egyszer nem tud bejelentkezni, egy kód
    beengedheti. Hová küldjük?
register-menu-two =
    Ha egyszer nem tud bejelentkezni, kódok
    engedhetik be. A fiókhoz ezek közül kettő kell:
register-menu-more =
    A fiókhoz még egy mód kell arra az esetre,
    ha egyszer nem tud bejelentkezni:
register-several = Vagy több is, például: 1 2
register-helpdesk = Vagy code, ha az ügyfélszolgálat adott egyet.
register-menu-prompt = { $n ->
    [2] 1 vagy 2
   *[other] 1, 2 vagy 3
    } (Enter: most nem): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 vagy 2
   *[other] 1, 2 vagy 3
    }: {""}
register-email-only =
    Ha egyszer nem tud bejelentkezni, egy e-mailben
    küldött kód beengedheti. Regisztráljon hozzá egy címet.
register-phone-only =
    Ha egyszer nem tud bejelentkezni, egy telefonra
    küldött kód beengedheti. Regisztráljon hozzá egy számot.
register-app-only =
    Ha egyszer nem tud bejelentkezni, egy telefonos
    hitelesítő alkalmazás beengedheti. Regisztráljon egyet.
register-only-prompt = Regisztrál most? Írja be: y (Enter: most nem): {""}
register-only-prompt-mandatory = A regisztráláshoz írja be: y: {""}
register-mandatory =
    A regisztráció tovább nem halasztható:
    nélküle a bejelentkezés itt véget ér.
register-denied = Jelentkezzen be újra, és regisztráljon.
register-not-now =
    A regisztráció most nem működik.
    Folytathatja; a kérdés később újra megjelenik.
register-by-hand = Regisztráció a visszaállításhoz: sspr enroll
register-changed =
    A regisztrációja időközben megváltozott.
    Semmi sem lett elmentve. Kezdje elölről.
register-email =
    Melyik e-mail-cím?
    Olyat válasszon, amelyet itteni bejelentkezés nélkül is el tud olvasni.
register-phone = Melyik szám? Egy kódot kap SMS-ben.
email-prompt = E-mail-cím (Enter: vissza): {""}
number-prompt = Telefonszám (Enter: vissza): {""}
registered =
    Kész, a regisztráció megtörtént. Ha egyszer nem tud
    bejelentkezni, csak nyomjon Entert, és ne írjon be semmit.
app-scan = Olvassa be telefonos hitelesítő alkalmazással.
app-beside = Nincs kamera? Írja be a kulcsot (időalapú):
app-swap-beside = Nem olvasható? Írja: swap
app-usage-picture = Írja be a kódot, vagy: swap (színek), text (kép nélkül), Enter (vissza).
app-key = Vegyen fel egy fiókot a hitelesítő alkalmazásban.
app-key-lines =
    Fiók: { $account }, gép: { $host }
    Kulcs típusa: időalapú, 6 számjegy

    {"    "}{ $key }
app-usage = Írja be az alkalmazás által mutatott kódot, vagy nyomjon Entert (vissza).
app-usage-key = Írja be a kódot, vagy: picture (QR-kód, { $lines } sor), Enter (vissza).
app-prompt = Kód: {""}
app-wrong = A kód nem helyes. Hátralévő próbálkozások: { $left }.
app-anew = Nem sikerült. Törölje az alkalmazásban, kezdje újra.
reconfirm = Még mindig elérhető így?
reconfirm-prompt = y, ha igen, c, ha módosítja (Enter: később): {""}
too-quick = Ez túl gyors volt. Előbb olvassa el ezt.
imported =
    A rendszergazda ezt beírta Ön helyett, hogy egy kód
    beengedje, ha egyszer nem tud bejelentkezni. Ez az Öné?
imported-prompt = y vagy n (Enter: most nem): {""}
imported-prompt-mandatory = y, n vagy later: {""}
codes-shown =
    Tíz helyreállítási kód, ha más nincs kéznél.
    Mindegyik egyszer beengedi, ha nem tud bejelentkezni.
codes-keep =
    Papíron őrizze meg őket: többé nem jelennek meg.
    Újakat így kaphat: sspr codes
codes-unseen =
    Tíz helyreállítási kód készült Önnek, amelyeket
    talán sosem látott. Szeretne újakat?
codes-off = A gépen nincsenek használatban helyreállítási kódok.
remove =
    Ez mindent töröl, ami visszaállíthatja a jelszavát:
remove-prompt = Törléshez írja be: remove (Enter: megtartás): {""}
removed =
    Már semmi sincs regisztrálva.
    Újbóli regisztráció: sspr enroll

# --- contacts that can't be taken
contact-empty = Nem írt be semmit.
contact-too-long = Ez túl hosszú.
email-no-at =
    Az e-mail-címben @ jel van,
    például: ann@example.org.
email-no-dot =
    A @ jel után teljes tartománynévnek kell állnia,
    például: ann@example.org.
email-several = Csak egy címet írjon be.
email-display-name = Csak a címet írja be, zárójelek nélkül.
email-bad-domain = A @ jel utáni rész nem tartománynév.
email-bad-local = A @ jel előtti rész nem lehet helyes.
email-not-ascii = A @ jel előtt csak ékezet nélküli betűk állhatnak.
number-not-one = Ez nem telefonszám.
number-needs-country =
    Az országhívó számmal együtt írja be,
    például: +36 20 123 4567.
number-invalid =
    Nincs ilyen szám.
    Ellenőrizze a számjegyeket és az országhívó számot.
email-refused-domain =
    Itt nem használható ez a tartomány: { $domain }.
    Talán épp akkor nem éri el, amikor kell. Válasszon másikat.
contact-known = Ez már regisztrálva van. Válasszon másikat.
number-not-textable =
    Az ilyen szám nem tud SMS-t fogadni.
    Válasszon másikat.

# --- the command
enroll-password = Előbb igazolja, hogy Ön az.
current-password-prompt = Jelenlegi jelszó: {""}
enroll-wrong-password =
    Ez nem a jelenlegi jelszava.
    Semmi sem változott.
enroll-not-served = A szolgáltatás nincs bekapcsolva ehhez a fiókhoz.
enroll-unchanged = Semmi sem változott.
enroll-no-way =
    Semmi sem változott: ehhez kód kell.
    Ha már nem tud kapni, forduljon az ügyfélszolgálathoz.
enroll-lost = Egyik sincs kéznél? Az ügyfélszolgálat segíthet.
enroll-menu = Ami beengedi, ha nem tud bejelentkezni:
enroll-menu-nothing = Még semmi sincs regisztrálva, ami beengedhetné:
enroll-menu-missing =
    Ami beengedi, ha nem tud bejelentkezni.
    A fiókhoz még egy kell, másfajta:
enroll-menu-prompt = Egy szám (Enter, ha kész): {""}
enroll-add-email = e-mail-cím hozzáadása
enroll-add-phone = telefon hozzáadása
enroll-add-app = hitelesítő alkalmazás hozzáadása
enroll-remove = eltávolítás
enroll-prefer = használat a másik előtt
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 vagy 2
    } (Enter: vissza): {""}
enroll-last =
    Ez az egyetlen; nem távolítható el.
    Előbb adjon hozzá másikat, vagy futtassa: sspr remove
enroll-saved = Elmentve.
line-email = e-mail   { $contact }
line-phone = telefon  { $contact }
line-app = hitelesítő alkalmazás
mark-preferred = (ez az első)
mark-unconfirmed = (még nincs megerősítve)
status-nothing = Semmi sincs regisztrálva. Futtassa: sspr enroll
status-too-few =
    A fiókhoz még egy kell, másfajta.
    Futtassa: sspr enroll
status-registered = A jelszó visszaállításához regisztrálva:
status-codes = Hátralévő helyreállítási kódok: { $left }
status-confirmed = Utoljára megerősítve: { $date }
status-unconfirmed = Ami még nincs megerősítve, arra rákérdezünk.
status-used = utoljára használva: { $date }
status-unused = még nem használt
status-not-asked = A visszaállítás ezt most nem kéri.
status-asks-one = A visszaállítás ezek egyikét kéri.
status-asks-two = A visszaállítás ezek közül kettőt kér, különböző fajtát.

# --- the line in the shell of a user who is not registered
hint-enroll = Ha elfelejtené a jelszavát: sspr enroll
hint-codes = Helyreállítási kódok várják: sspr codes

# --- mail, text messages and calls
call-language = hu-HU
call-opening = Jó napot kívánok. Ez az Ön kódja ehhez: { $host }.
call-again = Még egyszer, az Ön kódja:
call-closing = Viszonthallásra.
mail-code-subject = Az Ön kódja ehhez: { $host }
mail-code-recover =
    { $code } az Ön kódja a jelszó visszaállításához. Fiók: { $account }, gép: { $host }.

    Érvényes eddig: { $until }. Ott írja be, ahol kérte, és ne adja meg senkinek.
    Ha nem Ön kérte, nincs teendője: a kód nélkül nem történik semmi.
mail-code-register =
    { $code } az Ön kódja ennek a címnek a regisztrálásához. Fiók: { $account }, gép: { $host }.

    Érvényes eddig: { $until }. Ott írja be, ahol kérte, és ne adja meg senkinek.
    Ha nem Ön kérte, nincs teendője.
mail-code-enroll =
    { $code } az Ön kódja az elérhetőségek módosításához. Fiók: { $account }, gép: { $host }.

    Érvényes eddig: { $until }. Ott írja be, ahol kérte, és ne adja meg senkinek.
    Ha nem Ön kérte, valaki tudja a jelszavát. Azonnal változtassa meg, és szóljon a rendszergazdának.
mail-code-desk =
    { $code } az a kód, amelyet az ügyfélszolgálat kér Öntől. Fiók: { $account }, gép: { $host }.

    Érvényes eddig: { $until }. Csak akkor olvassa fel, ha Ön hívta az ügyfélszolgálatot: azt mutatja, kicsoda Ön, és semmit sem állít vissza.
    Ha nem Ön telefonált, ne adja meg senkinek, és szóljon a rendszergazdának.
text-code-desk = { $code } az a kód, amelyet az ügyfélszolgálat kér ({ $account }, { $host }). Nem Ön telefonált? Ne adja meg senkinek.
text-code-enroll = { $code } a kód az elérhetőségek módosításához ({ $account }, { $host }). Nem Ön volt? Azonnal változtassa meg a jelszavát.
text-code-recover = { $code } a kód a jelszó visszaállításához ({ $account }, { $host }). Ne adja meg senkinek.
text-code-register = { $code } a kód ennek a számnak a regisztrálásához ({ $account }, { $host }). Ne adja meg senkinek.
mail-recovered-subject = Jelszó visszaállítva: { $account }, { $host }
mail-recovered =
    A jelszó vissza lett állítva. Fiók: { $account }, gép: { $host }, időpont: { $when }, szolgáltatás: { $service }, forrás: { $source }.

    Ha Ön volt, nincs teendője.
    Ha nem Ön volt: azonnal állítsa vissza újra, hogy mások ne férjenek hozzá, és szóljon a rendszergazdának.
text-recovered = A jelszó vissza lett állítva ({ $account }, { $host }): { $when }, { $source }. Nem Ön volt? Azonnal állítsa vissza, és szóljon a rendszergazdának.
mail-unlocked-subject = Fiók feloldva: { $account }, { $host }
mail-unlocked =
    Túl sok hibás jelszó zárolta ezt a fiókot: { $account }, gép: { $host }. A fiók fel lett oldva. Időpont: { $when }, szolgáltatás: { $service }, forrás: { $source }. A jelszó nem változott.

    Ha Ön volt, nincs teendője.
    Ha nem Ön volt: szóljon a rendszergazdának.
text-unlocked = A fiók fel lett oldva ({ $account }, { $host }): { $when }, { $source }. A jelszó nem változott. Nem Ön volt? Szóljon a rendszergazdának.
mail-contact-changed-subject = Elérhetőségek módosítva: { $account }, { $host }
mail-contact-changed =
    Megváltozott, hogy mi állíthatja vissza a jelszót. Fiók: { $account }, gép: { $host }, időpont: { $when }, szolgáltatás: { $service }, forrás: { $source }.

    { $change }

    Ha Ön volt, nincs teendője.
    Ha nem Ön volt: azonnal változtassa meg a jelszavát, és szóljon a rendszergazdának.
text-contact-changed = Jelszó-visszaállítás ({ $account }, { $host }): { $change } { $when }. Nem Ön volt? Változtassa meg a jelszavát, és szóljon a rendszergazdának.
text-about-email = e-mail-cím: { $contact }
text-about-phone = telefon: { $contact }
text-about-app = hitelesítő alkalmazás
text-change-added = Hozzáadva: { $what }.
text-change-announced = Hozzáadás a címtárból ekkor: { $from }: { $what }.
text-change-removed = Eltávolítva: { $what }.
text-change-preferred = Mostantól az első: { $what }.
text-change-codes = Új helyreállítási kódok vannak; a régiek már nem érvényesek.
text-change-everything = Eltávolítva: minden, ami regisztrálva volt.
mail-test-subject = Próbaüzenet innen: { $host }
mail-test =
    Ez a jelszó-visszaállításhoz küldött levelek próbája. Küldő gép: { $host }.
    Egy rendszergazda kérte. Nincs benne kód, és nincs teendője.
text-test = Próba ({ $host }): a jelszó-visszaállítás SMS-ei megérkeznek. Nincs teendője.
text-source-shell = parancsértelmező ezen a gépen
mail-blocked-subject = A jelszó-visszaállítás felfüggesztve: { $account }, { $host }
mail-blocked =
    Túl sok hibás kódot írtak be. Fiók: { $account }, gép: { $host }. Az utolsó: { $when }, szolgáltatás: { $service }, forrás: { $source }.

    Ennek a fióknak a jelszó-visszaállítása egy időre fel van függesztve. A jelszava ugyanúgy működik, mint eddig.
    Ha nem Ön volt, valaki be akart jutni. Semmi sem változott. Szóljon a rendszergazdának.
text-blocked = Túl sok hibás kód ({ $account }, { $host }), az utolsó forrása: { $source }. A visszaállítás egy időre felfüggesztve, a jelszava működik. Nem Ön volt? Szóljon a rendszergazdának.
mail-admin-recovered-subject = Rendszergazda jelszava visszaállítva: { $account }, { $host }
mail-admin-recovered =
    A jelszó vissza lett állítva. Fiók: { $account }, gép: { $host }, időpont: { $when }, szolgáltatás: { $service }, forrás: { $source }. A fiók rendszergazdáé.

    Ha nem { $account } tette: azonnal zárolja a fiókot, például így: "usermod -L { $account }", és nézze meg a naplót.
mail-many-failures-subject = Sok hibás kód: { $host }
mail-many-failures =
    Az ezt megelőző órában ({ $when }) több hibás kódot írtak be ezen a gépen: { $host }, mint amennyit a [limits] failed_proofs_per_hour megenged. Az utolsó: szolgáltatás: { $service }, forrás: { $source }.

    Lehet, hogy valaki találgat. Minden fióknak saját korlátja van, ezért nem sürgős; a "sspr admin audit" megmutatja, mely fiókokról volt szó, és honnan. Amíg ez tart, a visszaállítás válaszai legfeljebb egy másodperccel tovább tartanak.
mail-failures-at-source-subject = Sok hibás kód egyetlen forrásból: { $host }
mail-failures-at-source =
    Az ezt megelőző órában ({ $when }) egyetlen forrás több hibás kódot írt be ezen a gépen: { $host }, mint amennyit egy forrás szabad: többet, mint a része a [limits] failed_proofs_per_hour értékéből. Az utolsó: szolgáltatás: { $service }, forrás: { $source }.

    Lehet, hogy ott valaki találgat. Minden fióknak saját korlátja van, ezért nem sürgős; a "sspr admin audit" megmutatja, mely fiókokról volt szó. Amíg ez tart, a visszaállítás válaszai ennek a forrásnak legfeljebb egy másodperccel tovább tartanak, másnak nem. Ilyen levél naponta legfeljebb egyszer jön; a további forrásokat az ellenőrzési napló tartalmazza.
