# Polski. How texts are written: see en.ftl. Spans of time stand after "za", in the accusative.

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } sekundę
    [few] { $n } sekundy
   *[many] { $n } sekund
}
span-minutes = { $n ->
    [one] { $n } minutę
    [few] { $n } minuty
   *[many] { $n } minut
}
span-hours = { $n ->
    [one] { $n } godzinę
    [few] { $n } godziny
   *[many] { $n } godzin
}

# --- answers that can't be read
too-long = To było za długie. Proszę wpisać ponownie.
not-plain = Nie da się tego odczytać. Proszę wpisać ponownie.
choose-again = Proszę wpisać jedną z podanych odpowiedzi.
choose-number = Proszę wpisać sam numer telefonu.

# --- when nothing goes
unavailable = Resetowanie jest teraz niedostępne.
server-changed = Serwer przestał odpowiadać. Odpowiedz jeszcze raz.
resting =
    Zbyt wiele błędnych kodów.
    Resetowanie dla tego konta jest wstrzymane; zadziała za { $time }.
too-many-starts = Zbyt wiele prób. Proszę spróbować za { $time }.
go-on-prompt = Enter, aby kontynuować: {""}

# --- recovery
recover-menu = Jak potwierdzić tożsamość?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     kod na zarejestrowany adres e-mail
recover-menu-app = {"  "}app   kod z aplikacji uwierzytelniającej
recover-menu-codes = {"  "}code  kod odzyskiwania lub kod od pomocy technicznej
recover-menu-recovery-code = {"  "}code  kod odzyskiwania
recover-menu-helpdesk-code = {"  "}code  kod od pomocy technicznej
recover-menu-contact = {"  "}lub proszę wpisać swój numer telefonu albo adres e-mail
recover-menu-number = {"  "}lub proszę wpisać zarejestrowany numer telefonu
recover-menu-address = {"  "}lub proszę wpisać inny zarejestrowany adres e-mail
recover-menu-prompt = Wybór (Enter, aby wrócić): {""}
recover-menu-prompt-mandatory = Wybór: {""}
one-more-proof =
    Kod był poprawny.
    To konto wymaga jeszcze jednego, inną drogą.
proof-gone = Minął czas. Naciśnij Enter, aby zacząć od nowa.
recover-left = Przerwano. Nic nie zmieniono.
recover-given-up =
    Za dużo odpowiedzi spoza podanych.
    Nic nie zmieniono.

# --- codes
code-sent-email =
    Jeśli to konto ma zarejestrowany adres e-mail,
    kod jest już w drodze. Jest ważny { $minutes ->
        [one] { $minutes } minutę
        [few] { $minutes } minuty
       *[many] { $minutes } minut
    }.
code-sent-contact =
    Jeśli jest to zarejestrowane dla tego konta,
    kod jest już w drodze. Jest ważny { $minutes ->
        [one] { $minutes } minutę
        [few] { $minutes } minuty
       *[many] { $minutes } minut
    }.
code-called =
    Jeśli ten telefon jest zarejestrowany dla konta,
    zaraz zadzwoni, a kod zostanie odczytany dwa razy.
    Jest ważny { $minutes ->
        [one] { $minutes } minutę
        [few] { $minutes } minuty
       *[many] { $minutes } minut
    }.
code-sent-to =
    Kod jest w drodze. Jest ważny { $minutes ->
        [one] { $minutes } minutę
        [few] { $minutes } minuty
       *[many] { $minutes } minut
    }.
    Wysłano go na { $contact }.
code-sent-earlier =
    Wysłany wcześniej kod jest nadal ważny.
    Następny można wysłać za { $time }.
code-resumed-email = Kod wysłany wcześniej e-mailem jest nadal ważny.
code-resumed-contact =
    Kod wysłany wcześniej na wpisany adres lub numer
    jest nadal ważny.
code-resumed-to =
    Aby dokończyć rejestrację, proszę wpisać kod
    wysłany na { $contact }.
code-not-yet = Następny kod można wysłać za { $time }.
code-usage = Wpisz kod lub: new (nowy kod), other (inna droga), Enter (powrót).
code-usage-call = Wpisz kod lub: new (nowy), call (odczytanie), other (inna droga).
code-usage-new = Wpisz kod lub: new (nowy kod), other (zmiana), Enter (powrót).
code-usage-mandatory = Wpisz kod lub: new (nowy kod), other (inna droga).
code-usage-new-mandatory = Wpisz kod lub: new (nowy kod), other (zmiana).
code-usage-token = Aby użyć kodu odzyskiwania lub kodu od pomocy technicznej, wpisz: code
code-prompt = Kod: {""}
code-refused = Ten kod jest niepoprawny.
code-malformed = Liczba cyfr w kodzie: { $digits }.
code-wrong =
    Ten kod jest niepoprawny. { $left ->
        [one] Pozostała jedna próba.
        [few] Pozostały { $left } próby.
       *[many] Pozostało { $left } prób.
    }
code-worn-out =
    Ten kod jest niepoprawny.
    Nie można już go użyć; wpisz new, aby dostać inny.
code-expired =
    Ten kod stracił ważność.
    Wpisz new, aby dostać inny.

# --- codes that somebody has already
token-app = Proszę wpisać kod z aplikacji.
token-app-wrong =
    Ten kod jest niepoprawny. { $left ->
        [one] Pozostała jedna próba.
        [few] Pozostały { $left } próby.
       *[many] Pozostało { $left } prób.
    }
    Kod jest ważny pół minuty i tylko raz.
token-code = Kod odzyskiwania lub kod od pomocy technicznej?
token-helpdesk = Wpisz kod od pomocy technicznej.
token-code-wrong =
    Ten kod jest niepoprawny. { $left ->
        [one] Pozostała jedna próba.
        [few] Pozostały { $left } próby.
       *[many] Pozostało { $left } prób.
    }
    Każdy kod działa tylko raz.
token-usage = Wpisz kod lub: other (inna droga), Enter (powrót).

# --- the new password
password-rules =
    Nowe hasło: co najmniej { $length } znaków.
    Dobre jest kilka słów, które do siebie nie pasują.
password-rules-digits = { $n ->
    [one] Ten komputer wymaga cyfry w haśle.
    [few] Ten komputer wymaga { $n } cyfr w haśle.
   *[many] Ten komputer wymaga { $n } cyfr w haśle.
}
password-rules-capitals = { $n ->
    [one] Ten komputer wymaga wielkiej litery.
    [few] Ten komputer wymaga { $n } wielkich liter.
   *[many] Ten komputer wymaga { $n } wielkich liter.
}
password-rules-small = { $n ->
    [one] Ten komputer wymaga małej litery.
    [few] Ten komputer wymaga { $n } małych liter.
   *[many] Ten komputer wymaga { $n } małych liter.
}
password-rules-others = { $n ->
    [one] Ten komputer wymaga znaku takiego jak -.
    [few] Ten komputer wymaga { $n } znaków takich jak -.
   *[many] Ten komputer wymaga { $n } znaków takich jak -.
}
password-rules-kinds = Wielkie i małe litery, cyfry, znaki: rodzajów { $n }.
password-rules-history = Hasło używane wcześniej nie zostanie przyjęte.
password-rules-banned = Niektóre słowa są tu zabronione; pojawi się uwaga.
password-encrypts = Co szyfruje stare hasło, pozostaje zablokowane.
recovery-codes-left =
    { $left ->
        [0] To był ostatni kod odzyskiwania.
        [one] Pozostał jeden kod odzyskiwania.
        [few] Pozostały { $left } kody odzyskiwania.
       *[many] Pozostało { $left } kodów odzyskiwania.
    }
password-prompt = Nowe hasło: {""}
password-takes = Zmiana może potrwać do minuty.
password-again-prompt = Jeszcze raz to samo: {""}
password-mismatch = Hasła się różnią. Proszę wybrać ponownie.
password-empty = Nic nie wpisano. Proszę wybrać nowe hasło.
password-too-short =
    Za krótkie. { $more ->
        [one] Brakuje jednego znaku.
        [few] Brakuje { $more } znaków.
       *[many] Brakuje { $more } znaków.
    }
password-too-long = Za długie. Najwyżej 511 bajtów.
password-has-name =
    Zawiera Twoją nazwę lub nazwę tego komputera.
    Proszę wybrać inne.
password-banned =
    Zawiera słowo, które jest tu zabronione:
    { $word }
    Proszę wybrać inne.
password-blanks =
    Zaczyna się lub kończy spacją.
    Spacje tam giną; proszę wybrać inne.
password-keyboard =
    To rząd klawiszy, łatwy do odgadnięcia.
    Proszę wybrać inne.
password-repeats =
    Powtarza się i łatwo je odgadnąć.
    Proszę wybrać inne.
password-sequence =
    To ciąg taki jak abc lub 1234.
    Łatwo go odgadnąć; proszę wybrać inne.
password-date =
    To data, łatwa do odgadnięcia.
    Proszę wybrać inne.
password-common =
    To jedno z najczęstszych lub podobne do takiego.
    Proszę wybrać inne.
password-word =
    To pojedyncze słowo lub imię.
    Łatwo je odgadnąć; proszę połączyć kilka.
password-weak =
    Łatwo je odgadnąć.
    Dłuższe lub z jeszcze jednym słowem będzie dobre.
password-same =
    To jest obecne hasło i nadal działa.
    Proszę wybrać nowe.
password-refused =
    Ten komputer go nie przyjmuje:
    { $reason }
password-refused-there =
    Usługa katalogowa go nie przyjmuje:
    { $reason }
password-short-there =
    Dla usługi katalogowej jest za krótkie.
    Proszę wybrać dłuższe.
password-young =
    Zmieniono je przed chwilą.
    Usługa katalogowa pozwoli na następną zmianę później.
not-changed =
    Nic nie zmieniono; dotychczasowe nadal działa.
    Proszę spróbować później.
not-sure =
    Zmiana mogła się nie udać.
    Proszę najpierw użyć nowego, potem poprzedniego.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Zakończono jedną otwartą sesję.
    [few] Zakończono { $n } otwarte sesje.
   *[many] Zakończono { $n } otwartych sesji.
}
recover-ssh-keys = { $n ->
    [one] Jeden klucz SSH nadal daje dostęp; sprawdź go.
    [few] { $n } klucze SSH nadal dają dostęp; sprawdź je.
   *[many] { $n } kluczy SSH nadal daje dostęp; sprawdź je.
}
recover-ssh-unseen = Nie odczytano wszystkich kluczy SSH; sprawdź je.
recover-refused-here =
    Zmieniono. Ten komputer jeszcze tego nie widzi:
    jeśli odmówi, spróbuj ponownie za kilka minut.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Zbyt wiele błędnych haseł zablokowało to konto.
    Nowe hasło zdejmie blokadę. Jeśli jednak pamiętasz dotychczasowe,
    wpisz unlock i zaloguj się nim.
unlock-prompt = Enter: nowe hasło, albo unlock: {""}
unlocked =
    Blokada została zdjęta. Proszę zalogować się
    dotychczasowym hasłem.
unlock-not-sure =
    Konto może być nadal zablokowane.
    Proszę użyć dotychczasowego hasła; jeśli nie
    zadziała, proszę zacząć od nowa.

# --- registration
method-email = e-mail
method-phone = telefon, przez SMS
method-app = aplikacja uwierzytelniająca w telefonie
register-menu =
    Gdyby kiedyś hasło zostało zapomniane, pomoże kod.
    Jak może do Ciebie trafić?
register-menu-two =
    Gdyby kiedyś hasło zostało zapomniane, pomogą kody.
    To konto wymaga dwóch z tych sposobów:
register-menu-more =
    To konto wymaga jeszcze jednego sposobu, na
    wypadek zapomnienia hasła:
register-several = Albo kilka, na przykład: 1 2
register-helpdesk = Albo code, jeśli podała go pomoc techniczna.
register-menu-prompt = { $n ->
    [2] 1 lub 2
   *[other] 1, 2 lub 3
    } (Enter, jeśli nie teraz): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 lub 2
   *[other] 1, 2 lub 3
    }: {""}
register-email-only =
    Gdyby kiedyś hasło zostało zapomniane, pomoże kod
    wysłany e-mailem. Proszę zarejestrować adres.
register-phone-only =
    Gdyby kiedyś hasło zostało zapomniane, pomoże kod
    wysłany na telefon. Proszę zarejestrować numer.
register-app-only =
    Gdyby kiedyś hasło zostało zapomniane, pomoże
    aplikacja uwierzytelniająca w telefonie. Proszę ją zarejestrować.
register-only-prompt = y, aby zarejestrować (Enter: nie teraz): {""}
register-only-prompt-mandatory = Wpisz y, aby zarejestrować: {""}
register-mandatory =
    Nie można tego dłużej odkładać:
    bez rejestracji logowanie kończy się tutaj.
register-denied = Proszę zalogować się ponownie i zarejestrować.
register-not-now =
    Teraz to niemożliwe.
    Można kontynuować; pytanie pojawi się ponownie.
register-by-hand = Zarejestruj się do resetowania: sspr enroll
register-changed =
    W międzyczasie zmieniono zarejestrowane dane.
    Niczego nie zapisano; proszę zacząć od nowa.
register-email =
    Jaki adres e-mail?
    Najlepiej taki, który można czytać bez logowania tutaj.
register-phone = Jaki numer? Przyjdzie na niego SMS z kodem.
email-prompt = Adres e-mail (Enter, aby wrócić): {""}
number-prompt = Numer telefonu (Enter, aby wrócić): {""}
registered =
    Gotowe, rejestracja zakończona. Nie pamiętasz hasła?
    Po prostu naciśnij Enter tam, gdzie trzeba je podać.
app-scan = Proszę zeskanować aplikacją uwierzytelniającą.
app-beside = Bez aparatu: proszę wpisać ten klucz (czasowy):
app-swap-beside = Nie czyta? Proszę wpisać: swap
app-usage-picture = Wpisz kod lub: swap (kolory), text (bez obrazu), Enter (powrót).
app-key = Proszę dodać konto w aplikacji.
app-key-lines =
    Konto: { $account } na { $host }
    Rodzaj klucza: czasowy, 6 cyfr

    {"    "}{ $key }
app-usage = Wpisz kod, który pokaże aplikacja, albo Enter, aby wrócić.
app-usage-key = Wpisz kod z aplikacji lub: picture (kod QR, wierszy: { $lines }), Enter (powrót).
app-prompt = Kod: {""}
app-wrong = Ten kod jest niepoprawny. { $left ->
        [one] Pozostała jedna próba.
        [few] Pozostały { $left } próby.
       *[many] Pozostało { $left } prób.
    }
app-anew = Nie udało się. Usuń to w aplikacji i zacznij znów.
reconfirm = Czy te dane są nadal aktualne?
reconfirm-prompt = y, jeśli tak, c, aby zmienić (Enter: nie teraz): {""}
too-quick = To było zbyt szybko. Proszę najpierw przeczytać.
imported =
    Administrator wpisał to za Ciebie, aby kod pomógł,
    gdy hasło zostanie zapomniane. Czy to Twoje?
imported-prompt = y lub n (Enter, jeśli nie teraz): {""}
imported-prompt-mandatory = y, n lub later: {""}
codes-shown =
    Dziesięć kodów odzyskiwania na wszelki wypadek.
    Każdy pozwala raz zresetować hasło.
codes-keep =
    Proszę zachować je na papierze: nie pojawią się
    ponownie. Nowe kody: sspr codes
codes-unseen =
    Utworzono dziesięć kodów odzyskiwania; możliwe, że
    nigdy ich nie pokazano. Czy utworzyć nowe?
codes-off = Kody odzyskiwania nie są tu używane.
remove =
    To usunie wszystko, co pozwala zresetować hasło:
remove-prompt = Wpisz remove, aby usunąć (Enter: zostaw): {""}
removed =
    Nic już nie jest zarejestrowane.
    Ponowna rejestracja: sspr enroll

# --- contacts that can't be taken
contact-empty = Nic nie wpisano.
contact-too-long = To jest za długie.
email-no-at =
    W adresie e-mail jest znak @,
    jak w ann@example.org.
email-no-dot =
    Po @ musi stać pełna domena,
    jak w ann@example.org.
email-several = Proszę wpisać tylko jeden adres.
email-display-name = Proszę wpisać sam adres, bez nawiasów.
email-bad-domain = To, co stoi po @, nie jest domeną.
email-bad-local = To, co stoi przed @, jest niepoprawne.
email-not-ascii = Przed @ mogą stać tylko zwykłe litery.
number-not-one = To nie jest numer telefonu.
number-needs-country =
    Proszę wpisać go z numerem kraju,
    jak w +48 512 345 678.
number-invalid =
    Nie ma takiego numeru.
    Proszę sprawdzić cyfry i kraj.
email-refused-domain =
    Adres w { $domain } nie może tu być użyty:
    w razie potrzeby może być niedostępny. Proszę wybrać inny.
contact-known = To już zarejestrowano. Proszę wybrać coś innego.
number-not-textable =
    Taki numer nie odbiera SMS-ów.
    Proszę wybrać inny.

# --- the command
enroll-password = Najpierw proszę potwierdzić swoją tożsamość.
current-password-prompt = Obecne hasło: {""}
enroll-wrong-password =
    To nie jest obecne hasło.
    Nic nie zmieniono.
enroll-not-served = Dla tego konta usługa nie jest włączona.
enroll-unchanged = Nic nie zmieniono.
enroll-no-way =
    Nic nie zmieniono: do tego potrzebny jest kod.
    Jeśli nie można go już otrzymać, pomoże pomoc techniczna.
enroll-lost = Nic z tego nie działa? Pomoże pomoc techniczna.
enroll-menu = Co pozwala zresetować hasło:
enroll-menu-nothing = Nie zarejestrowano jeszcze żadnego sposobu:
enroll-menu-missing =
    Co pozwala zresetować hasło.
    To konto wymaga jeszcze jednego, innego rodzaju:
enroll-menu-prompt = Numer (Enter, aby zakończyć): {""}
enroll-add-email = dodaj adres e-mail
enroll-add-phone = dodaj telefon
enroll-add-app = dodaj aplikację uwierzytelniającą
enroll-remove = usuń
enroll-prefer = używaj przed drugim
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 lub 2
    } (Enter, aby wrócić): {""}
enroll-last =
    To jedyny sposób; nie można go usunąć.
    Proszę najpierw dodać inny albo użyć: sspr remove
enroll-saved = Zapisano.
line-email = e-mail   { $contact }
line-phone = telefon  { $contact }
line-app = aplikacja uwierzytelniająca
mark-preferred = (używany najpierw)
mark-unconfirmed = (niepotwierdzony)
status-nothing = Nic nie zarejestrowano. Polecenie: sspr enroll
status-too-few =
    To konto wymaga jeszcze jednego, innego rodzaju.
    Polecenie: sspr enroll
status-registered = Zarejestrowano do resetowania hasła:
status-codes = Pozostałe kody odzyskiwania: { $left }
status-confirmed = Ostatnio potwierdzono: { $date }
status-unconfirmed = O niepotwierdzone pojawi się pytanie przy logowaniu.
status-used = ostatnio użyto: { $date }
status-unused = jeszcze nie użyto
status-not-asked = Resetowanie na razie o to nie pyta.
status-asks-one = Resetowanie pyta o jedną z tych metod.
status-asks-two = Resetowanie pyta o dwie z nich, różnego rodzaju.

# --- the line in a shell of somebody who is not registered
hint-enroll = Na wypadek zapomnienia hasła: sspr enroll
hint-codes = Czekają kody odzyskiwania: sspr codes

# --- mail, text messages and calls
call-language = pl-PL
call-opening = Dzień dobry. Oto kod dla { $host }.
call-again = Jeszcze raz, kod to:
call-closing = Do widzenia.
mail-code-subject = Kod dla { $host }
mail-code-recover =
    { $code } to kod do zresetowania hasła konta { $account } na { $host }.

    Jest ważny do { $until }. Proszę wpisać go tam, gdzie o niego poproszono, i nikomu go nie podawać.
    Jeśli to nie Twoja prośba, nie trzeba nic robić: bez kodu nic się nie stanie.
mail-code-register =
    { $code } to kod do zarejestrowania tego adresu dla konta { $account } na { $host }.

    Jest ważny do { $until }. Proszę wpisać go tam, gdzie o niego poproszono, i nikomu go nie podawać.
    Jeśli to nie Twoja prośba, nie trzeba nic robić.
mail-code-enroll =
    { $code } to kod do zmiany danych kontaktowych konta { $account } na { $host }.

    Jest ważny do { $until }. Proszę wpisać go tam, gdzie o niego poproszono, i nikomu go nie podawać.
    Jeśli to nie Twoja prośba, ktoś zna Twoje hasło. Proszę je natychmiast zmienić i powiadomić administratora.
mail-code-desk =
    { $code } to kod, o który prosi pomoc techniczna. Dotyczy konta { $account } na { $host }.

    Jest ważny do { $until }. Proszę go odczytać tylko wtedy, gdy to Państwo zadzwonili do pomocy technicznej: potwierdza on, kto dzwoni, i niczego nie resetuje.
    Jeśli nikt od Państwa nie dzwonił, proszę nikomu nie podawać tego kodu i powiadomić administratora.
text-code-desk = { $code } to kod, o który prosi pomoc techniczna w sprawie konta { $account } na { $host }. To nie Ty dzwonisz? Nie podawaj go nikomu.
text-code-enroll = { $code } to kod do zmiany danych kontaktowych konta { $account } na { $host }. To nie Ty? Natychmiast zmień hasło.
text-code-recover = { $code } to kod do zresetowania hasła konta { $account } na { $host }. Nie podawaj go nikomu.
text-code-register = { $code } to kod do zarejestrowania tego numeru dla konta { $account } na { $host }. Nie podawaj go nikomu.
mail-recovered-subject = Zresetowano hasło konta { $account } na { $host }
mail-recovered =
    Hasło konta { $account } na { $host } zresetowano { $when }, przez { $service } z { $source }.

    Jeśli to Ty, wszystko w porządku.
    Jeśli nie: proszę zresetować je natychmiast jeszcze raz, by odciąć innych, i powiadomić administratora.
text-recovered = Hasło konta { $account } na { $host } zresetowano { $when } z { $source }. To nie Ty? Zresetuj je natychmiast i powiadom administratora.
mail-unlocked-subject = Odblokowano konto { $account } na { $host }
mail-unlocked =
    Zbyt wiele błędnych haseł zablokowało konto { $account } na { $host }. Blokadę zdjęto { $when }, przez { $service } z { $source }. Hasło pozostało bez zmian.

    Jeśli to Ty, wszystko w porządku.
    Jeśli nie: proszę powiadomić administratora.
text-unlocked = Konto { $account } na { $host } odblokowano { $when } z { $source }. Hasło pozostało bez zmian. To nie Ty? Powiadom administratora.
mail-contact-changed-subject = Zmieniono dane kontaktowe konta { $account } na { $host }
mail-contact-changed =
    To, co pozwala zresetować hasło konta { $account } na { $host }, zmieniono { $when }, przez { $service } z { $source }.

    { $change }

    Jeśli to Ty, wszystko w porządku.
    Jeśli nie: proszę natychmiast zmienić hasło i powiadomić administratora.
text-contact-changed = Resetowanie hasła konta { $account } na { $host }: { $change } { $when }. To nie Ty? Zmień hasło i powiadom administratora.
text-about-email = adres e-mail { $contact }
text-about-phone = telefon { $contact }
text-about-app = aplikacja uwierzytelniająca
text-change-added = Dodano: { $what }.
text-change-announced = Zostanie dodane { $from } z katalogu: { $what }.
text-change-removed = Usunięto: { $what }.
text-change-preferred = Odtąd używane najpierw: { $what }.
text-change-codes = Są nowe kody odzyskiwania; poprzednie już nie działają.
text-change-everything = Usunięto: wszystko, co było zarejestrowane.
mail-test-subject = Wiadomość testowa z { $host }
mail-test =
    To test wiadomości, które { $host } wysyła przy resetowaniu haseł.
    Poprosił o niego administrator. Nie zawiera kodu i nie trzeba nic robić.
text-test = Test z { $host }: SMS-y do resetowania haseł docierają. Nie trzeba nic robić.
text-source-shell = powłoki na tym komputerze
mail-blocked-subject = Resetowanie hasła konta { $account } na { $host } wstrzymane
mail-blocked =
    Dla konta { $account } na { $host } wpisano zbyt wiele błędnych kodów, ostatnio { $when }, przez { $service } z { $source }.

    Resetowanie kodem jest dla tego konta na jakiś czas wstrzymane. Hasło działa jak dotąd.
    Jeśli to nie Ty: ktoś próbował się dostać. Nic nie zmieniono; proszę powiadomić administratora.
text-blocked = Zbyt wiele błędnych kodów dla { $account } na { $host }, ostatnio z { $source }. Resetowanie wstrzymane na jakiś czas; hasło działa jak dotąd. To nie Ty? Powiadom administratora.
mail-admin-recovered-subject = Zresetowano hasło administratora { $account } na { $host }
mail-admin-recovered =
    Hasło konta { $account } na { $host } zresetowano { $when }, przez { $service } z { $source }. To konto administratora.

    Jeśli nie zrobił tego { $account }: proszę natychmiast zablokować konto, na przykład poleceniem "usermod -L { $account }", i przejrzeć dziennik.
mail-many-failures-subject = Wiele błędnych kodów na { $host }
mail-many-failures =
    W ciągu godziny przed { $when } na { $host } wpisano więcej błędnych kodów, niż pozwala [limits] failed_proofs_per_hour. Ostatni przyszedł przez { $service } z { $source }.

    Być może ktoś zgaduje. Każde konto ma własny limit, więc nie ma pośpiechu; "sspr admin audit" pokazuje, o które konta chodziło i skąd. Do tego czasu odpowiedzi przy resetowaniu trwają do sekundy dłużej.
mail-failures-at-source-subject = Wiele błędnych kodów z jednego źródła na { $host }
mail-failures-at-source =
    W ciągu godziny przed { $when } z jednego źródła wpisano na { $host } więcej błędnych kodów, niż wynosi jego część [limits] failed_proofs_per_hour. Ostatni przyszedł przez { $service } z { $source }.

    Być może ktoś tam zgaduje. Każde konto ma własny limit, więc nie ma pośpiechu; "sspr admin audit" pokazuje, o które konta chodziło. Do tego czasu odpowiedzi przy resetowaniu trwają do sekundy dłużej tylko dla tego źródła. Taka wiadomość przychodzi najwyżej raz dziennie; inne źródła są w dzienniku audytu.
