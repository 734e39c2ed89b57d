# Svenska. How texts are written: see en.ftl. Users are addressed as "du".

date-format = %Y-%m-%d
span-seconds = { $n ->
    [one] { $n } sekund
   *[other] { $n } sekunder
}
span-minutes = { $n ->
    [one] { $n } minut
   *[other] { $n } minuter
}
span-hours = { $n ->
    [one] { $n } timme
   *[other] { $n } timmar
}

# --- answers that can't be read
too-long = Det var för långt. Skriv det igen.
not-plain = Det går inte att läsa. Skriv det igen.
choose-again = Skriv ett av svaren som visas.
choose-number = Skriv själva telefonnumret.

# --- when nothing goes
unavailable = Återställning är inte tillgänglig just nu.
server-changed = Servern svarar inte längre. Svara igen.
resting =
    För många felaktiga koder.
    Återställning är tillfälligt spärrad för kontot. Försök igen om { $time }.
too-many-starts = För många försök. Försök igen om { $time }.
go-on-prompt = Tryck på Enter för att fortsätta: {""}

# --- recovery
recover-menu = Hur vill du visa att det är du?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     en kod till din registrerade e-postadress
recover-menu-app = {"  "}app   en kod från din autentiseringsapp
recover-menu-codes = {"  "}code  en återställningskod eller en kod från supporten
recover-menu-recovery-code = {"  "}code  en återställningskod
recover-menu-helpdesk-code = {"  "}code  en kod från supporten
recover-menu-contact = {"  "}eller skriv ditt telefonnummer eller din e-postadress
recover-menu-number = {"  "}eller skriv ditt registrerade telefonnummer
recover-menu-address = {"  "}eller skriv en annan registrerad e-postadress
recover-menu-prompt = Ditt val (Enter för att gå tillbaka): {""}
recover-menu-prompt-mandatory = Ditt val: {""}
one-more-proof =
    Koden var rätt.
    Ditt konto kräver en till, på ett annat sätt.
proof-gone = Det tog för lång tid. Börja om med Enter.
recover-left = Du avbröt återställningen. Inget har ändrats.
recover-given-up =
    För många svar var inte bland dem som visades.
    Inget har ändrats.

# --- codes
code-sent-email =
    Om kontot har en registrerad e-postadress är
    en kod på väg dit. Den gäller i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minuter
    }.
code-sent-contact =
    Om det är registrerat för det här kontot är
    en kod på väg dit. Den gäller i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minuter
    }.
code-called =
    Om telefonen är registrerad för det här kontot
    ringer den strax, och koden läses upp två gånger.
    Den gäller i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minuter
    }.
code-sent-to =
    En kod är på väg. Den gäller i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minuter
    }.
    Den skickas till { $contact }.
code-sent-earlier =
    En kod som skickats tidigare gäller fortfarande.
    En ny kan skickas om { $time }.
code-resumed-email = En kod som skickats med e-post gäller fortfarande.
code-resumed-contact =
    En kod som skickats till adressen eller numret
    som du skrev gäller fortfarande.
code-resumed-to =
    Slutför registreringen genom att skriva koden
    som skickades till { $contact }.
code-not-yet = En ny kod kan skickas om { $time }.
code-usage = Skriv koden, eller: new (ny kod), other (annat sätt), Enter (tillbaka).
code-usage-call = Skriv koden, eller: new (ny), call (läs upp), other (annat sätt).
code-usage-new = Skriv koden, eller: new (ny kod), other (ändra), Enter (tillbaka).
code-usage-mandatory = Skriv koden, eller: new (ny kod), other (annat sätt).
code-usage-new-mandatory = Skriv koden, eller: new (ny kod), other (ändra).
code-usage-token = För en återställningskod eller en kod från supporten, skriv: code
code-prompt = Kod: {""}
code-refused = Koden är inte rätt.
code-malformed = En kod har { $digits } siffror.
code-wrong =
    Koden är inte rätt. { $left ->
        [one] Ett försök återstår.
       *[other] { $left } försök återstår.
    }
code-worn-out =
    Koden är inte rätt.
    Den kan inte användas mer. Skriv new för en ny.
code-expired =
    Koden gäller inte längre.
    Skriv new för en ny.

# --- codes that the user has already
token-app = Skriv koden som din autentiseringsapp visar.
token-app-wrong =
    Koden är inte rätt. { $left ->
        [one] Ett försök återstår.
       *[other] { $left } försök återstår.
    }
    Varje kod fungerar en gång, i en halv minut.
token-code = Skriv en återställningskod eller supportens kod.
token-helpdesk = Skriv koden som du fick av supporten.
token-code-wrong =
    Koden är inte rätt. { $left ->
        [one] Ett försök återstår.
       *[other] { $left } försök återstår.
    }
    Varje kod fungerar en gång.
token-usage = Skriv koden, eller: other (annat sätt), Enter (tillbaka).

# --- the new password
password-rules =
    Välj ett nytt lösenord med minst { $length } tecken.
    Några ord som inte hör ihop fungerar bra.
password-rules-digits = { $n ->
    [one] Den här datorn kräver en siffra.
   *[other] Den här datorn kräver { $n } siffror.
}
password-rules-capitals = { $n ->
    [one] Den här datorn kräver en stor bokstav.
   *[other] Den här datorn kräver { $n } stora bokstäver.
}
password-rules-small = { $n ->
    [one] Den här datorn kräver en liten bokstav.
   *[other] Den här datorn kräver { $n } små bokstäver.
}
password-rules-others = { $n ->
    [one] Den här datorn kräver ett tecken som bindestreck.
   *[other] Den här datorn kräver { $n } tecken som bindestreck.
}
password-rules-kinds = Stora och små bokstäver, siffror, tecken: { $n } slag.
password-rules-history = Lösenord som du använt tidigare godtas inte.
password-rules-banned = Vissa ord är förbjudna. Du får veta vilka.
password-encrypts = Data som det gamla krypterar förblir låsta.
recovery-codes-left =
    { $left ->
        [0] Det var din sista återställningskod.
        [one] Du har en återställningskod kvar.
       *[other] Du har { $left } återställningskoder kvar.
    }
password-prompt = Nytt lösenord: {""}
password-takes = Det kan ta upp till en minut att ändra det.
password-again-prompt = Samma igen: {""}
password-mismatch = De två är inte lika. Välj igen.
password-empty = Inget skrevs. Välj ett nytt lösenord.
password-too-short =
    Det är för kort. { $more ->
        [one] Ett tecken till behövs.
       *[other] { $more } tecken till behövs.
    }
password-too-long = Det är för långt. Högst 511 byte.
password-has-name =
    Det innehåller ditt namn eller den här datorns namn.
    Välj ett annat.
password-banned =
    Det innehåller ett ord som är förbjudet här:
    { $word }
    Välj ett annat.
password-blanks =
    Det börjar eller slutar med ett mellanslag.
    Mellanslag där går förlorade. Välj ett annat.
password-keyboard =
    Det är en rad tangenter, som är lätt att gissa.
    Välj ett annat.
password-repeats =
    Det upprepar sig och är lätt att gissa.
    Välj ett annat.
password-sequence =
    Det är en följd som abc eller 1234.
    Den är lätt att gissa. Välj ett annat.
password-date =
    Det är ett datum, som är lätt att gissa.
    Välj ett annat.
password-common =
    Det är mycket vanligt, eller liknar ett vanligt.
    Välj ett annat.
password-word =
    Det är ett enda ord eller namn.
    Det är lätt att gissa. Sätt ihop några ord.
password-weak =
    Det är lätt att gissa.
    Gör det längre, eller lägg till ett ord.
password-same =
    Det är ditt nuvarande, och det gäller fortfarande.
    Välj ett nytt.
password-refused =
    Den här datorn godtar inte det lösenordet:
    { $reason }
password-refused-there =
    Katalogtjänsten godtar inte det lösenordet:
    { $reason }
password-short-there =
    Det är för kort för katalogtjänsten.
    Välj ett längre.
password-young =
    Det ändrades för en kort stund sedan.
    Katalogtjänsten tillåter nästa ändring senare.
not-changed =
    Inget har ändrats; det gamla gäller fortfarande.
    Försök igen senare.
not-sure =
    Ändringen kanske inte har gått igenom.
    Försök först med det nya, sedan med det gamla.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] En öppen session avslutades.
   *[other] { $n } öppna sessioner avslutades.
}
recover-ssh-keys = { $n ->
    [one] En SSH-nyckel kan ännu logga in dig; kontrollera.
   *[other] { $n } SSH-nycklar kan ännu logga in dig; kontrollera.
}
recover-ssh-unseen = Vissa SSH-nycklar kunde inte läsas; kontrollera dem.
recover-refused-here =
    Ändringen är gjord. Den här datorn ser den inte än:
    om du nekas, försök igen om några minuter.

# --- an account that too many wrong passwords have locked
unlock-menu =
    För många felaktiga lösenord har låst kontot.
    Ett nytt lösenord låser upp det. Om du trots allt minns det gamla,
    skriv unlock och logga in med det.
unlock-prompt = Enter för ett nytt lösenord, eller unlock: {""}
unlocked =
    Kontot är upplåst. Logga in med lösenordet
    som du hade.
unlock-not-sure =
    Kontot kan fortfarande vara låst.
    Försök med lösenordet som du hade.
    Om det inte godtas, börja om.

# --- registration
method-email = e-post
method-phone = telefon, med SMS
method-app = autentiseringsapp i en telefon
register-menu =
    Om du inte kan logga in någon gång kan en kod
    släppa in dig. Vart ska den skickas?
register-menu-two =
    Om du inte kan logga in någon gång kan koder
    släppa in dig. Ditt konto kräver två av dessa:
register-menu-more =
    Ditt konto kräver ett sätt till att släppa in dig,
    om du inte kan logga in någon gång:
register-several = Eller flera, till exempel: 1 2
register-helpdesk = Eller skriv code, om du fick en av supporten.
register-menu-prompt = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    } (Enter för inte nu): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    }: {""}
register-email-only =
    Om du inte kan logga in någon gång kan en kod
    med e-post släppa in dig. Registrera en adress för det.
register-phone-only =
    Om du inte kan logga in någon gång kan en kod
    till telefonen släppa in dig. Registrera ett nummer för det.
register-app-only =
    Om du inte kan logga in någon gång kan en
    autentiseringsapp i en telefon släppa in dig. Registrera en för det.
register-only-prompt = Registrera nu? Skriv y (Enter för inte nu): {""}
register-only-prompt-mandatory = Skriv y för att registrera nu: {""}
register-mandatory =
    Registreringen kan inte skjutas upp längre:
    utan den slutar inloggningen här.
register-denied = Logga in igen och registrera dig för att komma in.
register-not-now =
    Registreringen fungerar inte just nu.
    Du kan fortsätta, och får frågan igen.
register-by-hand = Registrera dig för återställning: sspr enroll
register-changed =
    Din registrering ändrades under tiden.
    Inget har sparats. Börja om.
register-email =
    Vilken e-postadress?
    Välj en som du kan läsa utan att logga in här.
register-phone = Vilket nummer? Det får ett SMS med en kod.
email-prompt = E-postadress (Enter för att gå tillbaka): {""}
number-prompt = Telefonnummer (Enter för att gå tillbaka): {""}
registered =
    Klart, du är registrerad. Om du inte kan logga in
    någon gång, tryck bara på Enter vid frågan och skriv inget.
app-scan = Skanna med en autentiseringsapp i en telefon.
app-beside = Ingen kamera? Skriv in nyckeln, tidsbaserad:
app-swap-beside = Oläslig? Skriv: swap
app-usage-picture = Skriv koden, eller: swap (färger), text (ingen bild), Enter (tillbaka).
app-key = Lägg till ett konto i en autentiseringsapp.
app-key-lines =
    Konto: { $account } på { $host }
    Typ av nyckel: tidsbaserad, 6 siffror

    {"    "}{ $key }
app-usage = Skriv koden som appen då visar, eller tryck på Enter för att gå tillbaka.
app-usage-key = Skriv appens kod, eller: picture (QR-kod, { $lines } rader), Enter (tillbaka).
app-prompt = Kod: {""}
app-wrong = Koden är inte rätt. { $left ->
        [one] Ett försök återstår.
       *[other] { $left } försök återstår.
    }
app-anew = Det gick inte. Ta bort det i appen och börja om.
reconfirm = Går det fortfarande att nå dig så här?
reconfirm-prompt = y om det stämmer, c för att ändra (Enter: senare): {""}
too-quick = Det gick för fort. Läs det här först.
imported =
    Din administratör har fyllt i det här åt dig, så att
    en kod kan släppa in dig om du inte kan logga in. Är det ditt?
imported-prompt = y eller n (Enter för inte nu): {""}
imported-prompt-mandatory = y, n eller later: {""}
codes-shown =
    Tio återställningskoder, när inget annat finns.
    Var och en släpper in dig en gång, om du inte kan logga in.
codes-keep =
    Spara dem på papper: de visas inte igen.
    För nya, kör: sspr codes
codes-unseen =
    Tio återställningskoder skapades åt dig, och du
    har kanske aldrig sett dem. Vill du ha nya?
codes-off = Återställningskoder används inte på den här datorn.
remove =
    Det här tar bort allt som kan återställa lösenordet:
remove-prompt = Skriv remove för att göra det (Enter: behåll): {""}
removed =
    Inget är längre registrerat.
    För att registrera igen, kör: sspr enroll

# --- contacts that can't be taken
contact-empty = Inget skrevs.
contact-too-long = Det är för långt.
email-no-at =
    En e-postadress innehåller ett @,
    som i ann@example.org.
email-no-dot =
    Efter @ måste det stå en fullständig domän,
    som i ann@example.org.
email-several = Skriv bara en adress.
email-display-name = Skriv bara adressen, utan hakparenteser.
email-bad-domain = Det som står efter @ är ingen domän.
email-bad-local = Det som står före @ kan inte stämma.
email-not-ascii = Bara vanliga bokstäver utan prickar får stå före @.
number-not-one = Det är inget telefonnummer.
number-needs-country =
    Skriv det med landsnummer,
    som i +46 70 123 45 67.
number-invalid =
    Numret finns inte.
    Kontrollera siffrorna och landet.
email-refused-domain =
    En adress hos { $domain } kan inte användas här:
    du kanske inte når den när du behöver den. Välj en annan.
contact-known = Det är redan registrerat. Välj ett annat.
number-not-textable =
    Ett sådant nummer kan inte ta emot SMS.
    Välj ett annat.

# --- the command
enroll-password = Visa först att det är du.
current-password-prompt = Nuvarande lösenord: {""}
enroll-wrong-password =
    Det är inte ditt nuvarande lösenord.
    Inget har ändrats.
enroll-not-served = Tjänsten är inte påslagen för det här kontot.
enroll-unchanged = Inget har ändrats.
enroll-no-way =
    Inget har ändrats: det kräver en kod.
    Om du inte längre kan få någon, fråga supporten.
enroll-lost = Har du inget av dessa? Supporten kan hjälpa dig.
enroll-menu = Det här kan släppa in dig om du inte kan logga in:
enroll-menu-nothing = Inget är ännu registrerat som kan släppa in dig:
enroll-menu-missing =
    Det här kan släppa in dig om du inte kan logga in.
    Ditt konto kräver ett till, av ett annat slag:
enroll-menu-prompt = Ett nummer (Enter när du är klar): {""}
enroll-add-email = lägg till en e-postadress
enroll-add-phone = lägg till en telefon
enroll-add-app = lägg till en autentiseringsapp
enroll-remove = ta bort
enroll-prefer = använd före den andra
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 eller 2
    } (Enter för att gå tillbaka): {""}
enroll-last =
    Det är det enda som finns; det kan inte tas bort.
    Lägg till ett annat först, eller kör: sspr remove
enroll-saved = Sparat.
line-email = e-post   { $contact }
line-phone = telefon  { $contact }
line-app = autentiseringsapp
mark-preferred = (används först)
mark-unconfirmed = (ännu inte bekräftat)
status-nothing = Inget är registrerat. Kör: sspr enroll
status-too-few =
    Ditt konto kräver ett till, av ett annat slag.
    Kör: sspr enroll
status-registered = Registrerat för återställning av lösenordet:
status-codes = Återställningskoder kvar: { $left }
status-confirmed = Senast bekräftat: { $date }
status-unconfirmed = Du får frågor om det som ännu inte är bekräftat.
status-used = senast använt: { $date }
status-unused = inte använt ännu
status-not-asked = En återställning frågar inte efter det nu.
status-asks-one = En återställning frågar efter ett av dessa.
status-asks-two = En återställning frågar efter två av dessa, av olika slag.

# --- the line in the shell of a user who is not registered
hint-enroll = Om du glömmer ditt lösenord: sspr enroll
hint-codes = Återställningskoder väntar på dig: sspr codes

# --- mail, text messages and calls
call-language = sv-SE
call-opening = Hej. Här är din kod för { $host }.
call-again = En gång till, din kod är:
call-closing = Hej då.
mail-code-subject = Din kod för { $host }
mail-code-recover =
    { $code } är din kod för att återställa lösenordet för { $account } på { $host }.

    Den gäller till { $until }. Skriv den där du bad om den och ge den inte till någon.
    Om du inte bad om den behöver du inte göra något: utan koden händer ingenting.
mail-code-register =
    { $code } är din kod för att registrera den här adressen för { $account } på { $host }.

    Den gäller till { $until }. Skriv den där du bad om den och ge den inte till någon.
    Om du inte bad om den behöver du inte göra något.
mail-code-enroll =
    { $code } är din kod för att ändra hur { $account } på { $host } kan nås.

    Den gäller till { $until }. Skriv den där du bad om den och ge den inte till någon.
    Om du inte bad om den känner någon till ditt lösenord. Byt det nu och säg till din administratör.
mail-code-desk =
    { $code } är koden som supporten frågar dig efter. Den gäller { $account } på { $host }.

    Den gäller till { $until }. Läs upp den bara om du själv har ringt supporten: den visar vem du är och återställer ingenting.
    Om du inte har ringt, ge inte koden till någon och säg till din administratör.
text-code-desk = { $code } är koden som supporten frågar efter, för { $account } på { $host }. Har du inte ringt själv? Ge den inte till någon.
text-code-enroll = { $code } är din kod för att ändra hur { $account } på { $host } kan nås. Inte du? Byt lösenord nu.
text-code-recover = { $code } är din kod för att återställa lösenordet för { $account } på { $host }. Ge den inte till någon.
text-code-register = { $code } är din kod för att registrera det här numret för { $account } på { $host }. Ge den inte till någon.
mail-recovered-subject = Lösenordet för { $account } på { $host } har återställts
mail-recovered =
    Lösenordet för { $account } på { $host } återställdes { $when }, via { $service } från { $source }.

    Om det var du behöver du inte göra något.
    Om det inte var du: återställ det igen nu för att stänga ute andra, och säg till din administratör.
text-recovered = Lösenordet för { $account } på { $host } återställdes { $when } från { $source }. Inte du? Återställ det nu och säg till din administratör.
mail-unlocked-subject = { $account } på { $host } har låsts upp
mail-unlocked =
    För många felaktiga lösenord hade låst { $account } på { $host }. Kontot låstes upp { $when }, via { $service } från { $source }. Lösenordet ändrades inte.

    Om det var du behöver du inte göra något.
    Om det inte var du: säg till din administratör.
text-unlocked = { $account } på { $host } låstes upp { $when } från { $source }. Lösenordet ändrades inte. Inte du? Säg till din administratör.
mail-contact-changed-subject = Hur { $account } på { $host } kan nås har ändrats
mail-contact-changed =
    Det som kan återställa lösenordet för { $account } på { $host } ändrades { $when }, via { $service } från { $source }.

    { $change }

    Om det var du behöver du inte göra något.
    Om det inte var du: byt lösenord nu och säg till din administratör.
text-contact-changed = Lösenordsåterställning för { $account } på { $host }: { $change } { $when }. Inte du? Byt lösenord och säg till din administratör.
text-about-email = e-postadressen { $contact }
text-about-phone = telefonen { $contact }
text-about-app = autentiseringsappen
text-change-added = Tillagt: { $what }.
text-change-announced = Läggs till { $from } från katalogen: { $what }.
text-change-removed = Borttaget: { $what }.
text-change-preferred = Används först från och med nu: { $what }.
text-change-codes = Det finns nya återställningskoder; de gamla gäller inte längre.
text-change-everything = Borttaget: allt som var registrerat.
mail-test-subject = Testmeddelande från { $host }
mail-test =
    Det här är ett test av e-posten som { $host } skickar för lösenordsåterställning.
    En administratör bad om det. Det innehåller ingen kod, och du behöver inte göra något.
text-test = Test från { $host }: SMS för lösenordsåterställning kommer fram. Du behöver inte göra något.
text-source-shell = ett skal på den här datorn
mail-blocked-subject = Lösenordsåterställning är spärrad för { $account } på { $host }
mail-blocked =
    För många felaktiga koder skrevs för { $account } på { $host }. Den senaste kom { $when }, via { $service } från { $source }.

    Lösenordsåterställning är spärrad för kontot ett tag. Ditt lösenord fungerar som vanligt.
    Om det inte var du har någon försökt komma in. Inget har ändrats. Säg till din administratör.
text-blocked = För många felaktiga koder för { $account } på { $host }, senast från { $source }. Återställning är spärrad ett tag. Ditt lösenord fungerar som vanligt. Inte du? Säg till din administratör.
mail-admin-recovered-subject = Lösenordet för administratören { $account } på { $host } har återställts
mail-admin-recovered =
    Lösenordet för { $account } på { $host } återställdes { $when }, via { $service } från { $source }. Kontot tillhör en administratör.

    Om { $account } inte gjorde det: lås kontot nu, till exempel med "usermod -L { $account }", och titta i journalen.
mail-many-failures-subject = Många felaktiga koder på { $host }
mail-many-failures =
    Under timmen före { $when } skrevs fler felaktiga koder på { $host } än vad [limits] failed_proofs_per_hour tillåter. Den senaste kom via { $service } från { $source }.

    Kanske gissar någon. Varje konto har sin egen gräns, så inget behöver göras genast; "sspr admin audit" visar vilka konton det gällde och varifrån. Svar vid en återställning tar upp till en sekund längre tills det är över.
mail-failures-at-source-subject = Många felaktiga koder från en enda källa på { $host }
mail-failures-at-source =
    Under timmen före { $when } skrev en källa fler felaktiga koder på { $host } än vad en enda källa får: mer än sin del av [limits] failed_proofs_per_hour. Den senaste kom via { $service } från { $source }.

    Kanske gissar någon där. Varje konto har sin egen gräns, så inget behöver göras genast; "sspr admin audit" visar vilka konton det gällde. Tills det är över tar svar vid en återställning upp till en sekund längre för den källan, och för ingen annan. Ett sådant brev kommer högst en gång om dagen; fler källor finns i granskningsloggen.
