# Norsk bokmål. How texts are written: see en.ftl. Users are addressed as "du".

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } sekund
   *[other] { $n } sekunder
}
span-minutes = { $n ->
    [one] { $n } minutt
   *[other] { $n } minutter
}
span-hours = { $n ->
    [one] { $n } time
   *[other] { $n } timer
}

# --- answers that can't be read
too-long = Det var for langt. Skriv det igjen.
not-plain = Det kan ikke leses. Skriv det igjen.
choose-again = Skriv et av svarene som vises.
choose-number = Skriv selve telefonnummeret.

# --- when nothing goes
unavailable = Tilbakestilling er ikke tilgjengelig nå.
server-changed = Serveren svarer ikke lenger. Svar på nytt.
resting =
    For mange feil koder.
    Tilbakestilling er satt på pause for denne kontoen. Prøv igjen om { $time }.
too-many-starts = For mange forsøk. Prøv igjen om { $time }.
go-on-prompt = Trykk Enter for å fortsette: {""}

# --- recovery
recover-menu = Hvordan vil du vise at det er deg?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     en kode til din registrerte e-postadresse
recover-menu-app = {"  "}app   en kode fra autentiseringsappen din
recover-menu-codes = {"  "}code  en gjenopprettingskode eller en kode fra brukerstøtte
recover-menu-recovery-code = {"  "}code  en gjenopprettingskode
recover-menu-helpdesk-code = {"  "}code  en kode fra brukerstøtte
recover-menu-contact = {"  "}eller skriv telefonnummeret eller e-postadressen din
recover-menu-number = {"  "}eller skriv det registrerte telefonnummeret ditt
recover-menu-address = {"  "}eller skriv en annen registrert e-postadresse
recover-menu-prompt = Ditt valg (Enter for å gå tilbake): {""}
recover-menu-prompt-mandatory = Ditt valg: {""}
one-more-proof =
    Koden var riktig.
    Kontoen din krever én til, på en annen måte.
proof-gone = Det tok for lang tid. Start på nytt med Enter.
recover-left = Du avbrøt tilbakestillingen. Ingenting er endret.
recover-given-up =
    For mange svar var ikke blant dem som ble vist.
    Ingenting er endret.

# --- codes
code-sent-email =
    Hvis kontoen har en registrert e-postadresse,
    er en kode på vei dit. Den gjelder i { $minutes ->
        [one] { $minutes } minutt
       *[other] { $minutes } minutter
    }.
code-sent-contact =
    Hvis det er registrert for denne kontoen,
    er en kode på vei dit. Den gjelder i { $minutes ->
        [one] { $minutes } minutt
       *[other] { $minutes } minutter
    }.
code-called =
    Hvis telefonen er registrert for denne kontoen,
    ringer den om et øyeblikk, og koden leses opp to ganger.
    Den gjelder i { $minutes ->
        [one] { $minutes } minutt
       *[other] { $minutes } minutter
    }.
code-sent-to =
    En kode er på vei. Den gjelder i { $minutes ->
        [one] { $minutes } minutt
       *[other] { $minutes } minutter
    }.
    Den er sendt til { $contact }.
code-sent-earlier =
    En kode som ble sendt tidligere, gjelder fortsatt.
    En ny kan sendes om { $time }.
code-resumed-email = En kode sendt på e-post tidligere gjelder fortsatt.
code-resumed-contact =
    En kode som ble sendt til adressen eller nummeret
    du skrev, gjelder fortsatt.
code-resumed-to =
    Fullfør registreringen ved å skrive koden
    som ble sendt til { $contact }.
code-not-yet = En ny kode kan sendes om { $time }.
code-usage = Skriv koden, eller: new (ny kode), other (annen måte), Enter (tilbake).
code-usage-call = Skriv koden, eller: new (ny), call (les opp), other (annen måte).
code-usage-new = Skriv koden, eller: new (ny kode), other (endre), Enter (tilbake).
code-usage-mandatory = Skriv koden, eller: new (ny kode), other (annen måte).
code-usage-new-mandatory = Skriv koden, eller: new (ny kode), other (endre).
code-usage-token = Har du en gjenopprettingskode eller en fra brukerstøtte, skriv: code
code-prompt = Kode: {""}
code-refused = Koden er ikke riktig.
code-malformed = En kode har { $digits } sifre.
code-wrong =
    Koden er ikke riktig. { $left ->
        [one] Ett forsøk gjenstår.
       *[other] { $left } forsøk gjenstår.
    }
code-worn-out =
    Koden er ikke riktig.
    Den kan ikke brukes mer. Skriv new for å få en ny.
code-expired =
    Koden er utløpt.
    Skriv new for å få en ny.

# --- codes that the user has already
token-app = Skriv koden som autentiseringsappen viser.
token-app-wrong =
    Koden er ikke riktig. { $left ->
        [one] Ett forsøk gjenstår.
       *[other] { $left } forsøk gjenstår.
    }
    Hver kode virker én gang, i et halvt minutt.
token-code = Skriv gjenopprettings- eller brukerstøttekoden.
token-helpdesk = Skriv koden du fikk av brukerstøtte.
token-code-wrong =
    Koden er ikke riktig. { $left ->
        [one] Ett forsøk gjenstår.
       *[other] { $left } forsøk gjenstår.
    }
    Hver kode virker én gang.
token-usage = Skriv koden, eller: other (annen måte), Enter (tilbake).

# --- the new password
password-rules =
    Velg et nytt passord på minst { $length } tegn.
    Noen få ord som ikke hører sammen, fungerer bra.
password-rules-digits = { $n ->
    [one] Denne maskinen krever et siffer.
   *[other] Denne maskinen krever { $n } sifre.
}
password-rules-capitals = { $n ->
    [one] Denne maskinen krever en stor bokstav.
   *[other] Denne maskinen krever { $n } store bokstaver.
}
password-rules-small = { $n ->
    [one] Denne maskinen krever en liten bokstav.
   *[other] Denne maskinen krever { $n } små bokstaver.
}
password-rules-others = { $n ->
    [one] Denne maskinen krever et tegn som bindestrek.
   *[other] Denne maskinen krever { $n } tegn som bindestrek.
}
password-rules-kinds = Store og små bokstaver, sifre, tegn: bruk { $n } slag.
password-rules-history = Passord du har brukt før, blir avvist.
password-rules-banned = Noen ord er forbudt. Du får vite hvilke.
password-encrypts = Data som det gamle krypterer, forblir låst.
recovery-codes-left =
    { $left ->
        [0] Det var din siste gjenopprettingskode.
        [one] Du har én gjenopprettingskode igjen.
       *[other] Du har { $left } gjenopprettingskoder igjen.
    }
password-prompt = Nytt passord: {""}
password-takes = Det kan ta opptil et minutt å endre det.
password-again-prompt = Det samme igjen: {""}
password-mismatch = De to er ikke like. Velg på nytt.
password-empty = Ingenting ble skrevet. Velg et nytt passord.
password-too-short =
    Det er for kort. { $more ->
        [one] Det mangler ett tegn.
       *[other] Det mangler { $more } tegn.
    }
password-too-long = Det er for langt. Høyst 511 byte.
password-has-name =
    Det inneholder navnet ditt eller maskinens navn.
    Velg et annet.
password-banned =
    Det inneholder et ord som er forbudt her:
    { $word }
    Velg et annet.
password-blanks =
    Det begynner eller slutter med et mellomrom.
    Mellomrom der går tapt. Velg et annet.
password-keyboard =
    Det er en rekke taster, som er lett å gjette.
    Velg et annet.
password-repeats =
    Det gjentar seg og er lett å gjette.
    Velg et annet.
password-sequence =
    Det er en følge som abc eller 1234.
    Den er lett å gjette. Velg et annet.
password-date =
    Det er en dato, som er lett å gjette.
    Velg et annet.
password-common =
    Det er svært vanlig, eller ligner et som er det.
    Velg et annet.
password-word =
    Det er ett enkelt ord eller navn.
    Det er lett å gjette. Sett sammen noen få ord.
password-weak =
    Det er lett å gjette.
    Gjør det lengre, eller legg til et ord.
password-same =
    Det er ditt nåværende, og det gjelder fortsatt.
    Velg et nytt.
password-refused =
    Denne maskinen avviser det passordet:
    { $reason }
password-refused-there =
    Katalogtjenesten avviser det passordet:
    { $reason }
password-short-there =
    Det er for kort for katalogtjenesten.
    Velg et lengre.
password-young =
    Det ble endret for kort tid siden.
    Katalogtjenesten tillater neste endring senere.
not-changed =
    Ingenting er endret; det gamle gjelder fortsatt.
    Prøv igjen senere.
not-sure =
    Endringen har kanskje ikke gått gjennom.
    Prøv først det nye, deretter det gamle.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Én åpen økt ble avsluttet.
   *[other] { $n } åpne økter ble avsluttet.
}
recover-ssh-keys = { $n ->
    [one] Én SSH-nøkkel kan fortsatt logge deg inn; sjekk den.
   *[other] { $n } SSH-nøkler kan ennå logge deg inn; sjekk dem.
}
recover-ssh-unseen = Noen SSH-nøkler kunne ikke leses; sjekk dem.
recover-refused-here =
    Endringen er gjort. Maskinen ser den ikke ennå:
    blir du avvist, prøv igjen om noen minutter.

# --- an account that too many wrong passwords have locked
unlock-menu =
    For mange feil passord har låst kontoen.
    Et nytt passord låser den opp. Hvis du likevel husker det gamle,
    skriv unlock og logg inn med det.
unlock-prompt = Enter for et nytt passord, eller unlock: {""}
unlocked =
    Kontoen er låst opp. Logg inn med passordet
    du hadde.
unlock-not-sure =
    Kontoen kan fortsatt være låst.
    Prøv passordet du hadde.
    Hvis det avvises, begynn på nytt.

# --- registration
method-email = e-post
method-phone = telefon, med SMS
method-app = autentiseringsapp på en telefon
register-menu =
    Hvis du en dag ikke kan logge inn, kan en kode
    slippe deg inn. Hvor skal den sendes?
register-menu-two =
    Hvis du en dag ikke kan logge inn, kan koder
    slippe deg inn. Kontoen din krever to av disse:
register-menu-more =
    Kontoen din krever én måte til å slippe deg inn,
    hvis du en dag ikke kan logge inn:
register-several = Eller flere, for eksempel: 1 2
register-helpdesk = Eller skriv code, hvis brukerstøtte ga deg en.
register-menu-prompt = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    } (Enter for ikke nå): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    }: {""}
register-email-only =
    Hvis du en dag ikke kan logge inn, kan en kode
    på e-post slippe deg inn. Registrer en adresse for det.
register-phone-only =
    Hvis du en dag ikke kan logge inn, kan en kode
    til telefonen slippe deg inn. Registrer et nummer for det.
register-app-only =
    Hvis du en dag ikke kan logge inn, kan en
    autentiseringsapp på en telefon slippe deg inn. Registrer en for det.
register-only-prompt = Registrere nå? Skriv y (Enter for ikke nå): {""}
register-only-prompt-mandatory = Skriv y for å registrere nå: {""}
register-mandatory =
    Registreringen kan ikke utsettes lenger:
    uten den slutter innloggingen her.
register-denied = Logg inn igjen og registrer deg for å komme inn.
register-not-now =
    Registreringen virker ikke akkurat nå.
    Du kan fortsette, og blir spurt igjen.
register-by-hand = Registrer deg for tilbakestilling: sspr enroll
register-changed =
    Registreringen din ble endret i mellomtiden.
    Ingenting er lagret. Begynn på nytt.
register-email =
    Hvilken e-postadresse?
    Velg en du kan lese uten å logge inn her.
register-phone = Hvilket nummer? Det får en SMS med en kode.
email-prompt = E-postadresse (Enter for å gå tilbake): {""}
number-prompt = Telefonnummer (Enter for å gå tilbake): {""}
registered =
    Ferdig, du er registrert. Hvis du en dag ikke kan
    logge inn, trykk bare Enter ved ledeteksten og skriv ingenting.
app-scan = Skann med en autentiseringsapp på en telefon.
app-beside = Ikke kamera? Skriv nøkkelen i appen, tidsbasert:
app-swap-beside = Uleselig? Skriv: swap
app-usage-picture = Skriv koden, eller: swap (farger), text (uten bilde), Enter (tilbake).
app-key = Legg til en konto i en autentiseringsapp.
app-key-lines =
    Konto: { $account } på { $host }
    Nøkkeltype: tidsbasert, 6 sifre

    {"    "}{ $key }
app-usage = Skriv koden som appen da viser, eller trykk Enter for å gå tilbake.
app-usage-key = Skriv appens kode, eller: picture (QR-kode, { $lines } linjer), Enter (tilbake).
app-prompt = Kode: {""}
app-wrong = Koden er ikke riktig. { $left ->
        [one] Ett forsøk gjenstår.
       *[other] { $left } forsøk gjenstår.
    }
app-anew = Det virket ikke. Slett det i appen; begynn på nytt.
reconfirm = Kan du fortsatt nås slik?
reconfirm-prompt = y hvis ja, c for å endre (Enter for senere): {""}
too-quick = Det gikk for fort. Les dette først.
imported =
    Administratoren har skrevet dette for deg, så en
    kode kan slippe deg inn hvis du ikke kan logge inn. Er det ditt?
imported-prompt = y eller n (Enter for ikke nå): {""}
imported-prompt-mandatory = y, n eller later: {""}
codes-shown =
    Ti gjenopprettingskoder, når du ikke har noe annet.
    Hver kode slipper deg inn én gang, hvis du ikke kan logge inn.
codes-keep =
    Ta vare på dem på papir: de vises ikke igjen.
    For nye, kjør: sspr codes
codes-unseen =
    Det ble laget ti gjenopprettingskoder til deg, som du
    kanskje aldri har sett. Vil du ha nye?
codes-off = Gjenopprettingskoder brukes ikke på denne maskinen.
remove =
    Dette fjerner alt som kan tilbakestille passordet:
remove-prompt = Skriv remove for å gjøre det (Enter: behold): {""}
removed =
    Ingenting er registrert lenger.
    For å registrere igjen, kjør: sspr enroll

# --- contacts that can't be taken
contact-empty = Ingenting ble skrevet.
contact-too-long = Det er for langt.
email-no-at =
    En e-postadresse inneholder @,
    som i ann@example.org.
email-no-dot =
    Etter @ må det stå et fullstendig domene,
    som i ann@example.org.
email-several = Skriv bare én adresse.
email-display-name = Skriv bare adressen, uten parenteser.
email-bad-domain = Det som står etter @, er ikke et domene.
email-bad-local = Det som står før @, kan ikke stemme.
email-not-ascii = Før @ kan det bare stå a-z, ikke æ, ø eller å.
number-not-one = Det er ikke et telefonnummer.
number-needs-country =
    Skriv det med landskode,
    som i +47 406 12 345.
number-invalid =
    Det nummeret finnes ikke.
    Kontroller sifrene og landskoden.
email-refused-domain =
    En adresse hos { $domain } kan ikke brukes her:
    kanskje når du den ikke når du trenger den. Velg en annen.
contact-known = Det er allerede registrert. Velg noe annet.
number-not-textable =
    Et slikt nummer kan ikke motta SMS.
    Velg et annet.

# --- the command
enroll-password = Vis først at det er deg.
current-password-prompt = Nåværende passord: {""}
enroll-wrong-password =
    Det er ikke ditt nåværende passord.
    Ingenting er endret.
enroll-not-served = Tjenesten er ikke slått på for denne kontoen.
enroll-unchanged = Ingenting er endret.
enroll-no-way =
    Ingenting er endret: det krever en kode.
    Hvis du ikke lenger kan få en, spør brukerstøtte.
enroll-lost = Har du ingen av disse? Brukerstøtte kan hjelpe.
enroll-menu = Dette slipper deg inn hvis du ikke kan logge inn:
enroll-menu-nothing = Ingenting er ennå registrert for å slippe deg inn:
enroll-menu-missing =
    Dette slipper deg inn hvis du ikke kan logge inn.
    Kontoen din krever én til, av et annet slag:
enroll-menu-prompt = Et nummer (Enter når du er ferdig): {""}
enroll-add-email = legg til en e-postadresse
enroll-add-phone = legg til en telefon
enroll-add-app = legg til en autentiseringsapp
enroll-remove = fjern
enroll-prefer = bruk før den andre
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 eller 2
    } (Enter for å gå tilbake): {""}
enroll-last =
    Det er den eneste du har; den kan ikke fjernes.
    Legg til en annen først, eller kjør: sspr remove
enroll-saved = Lagret.
line-email = e-post   { $contact }
line-phone = telefon  { $contact }
line-app = autentiseringsapp
mark-preferred = (brukes først)
mark-unconfirmed = (ikke bekreftet ennå)
status-nothing = Ingenting er registrert. Kjør: sspr enroll
status-too-few =
    Kontoen din krever én til, av et annet slag.
    Kjør: sspr enroll
status-registered = Registrert for tilbakestilling av passordet:
status-codes = Gjenopprettingskoder igjen: { $left }
status-confirmed = Sist bekreftet: { $date }
status-unconfirmed = Du blir spurt om det som ikke er bekreftet ennå.
status-used = sist brukt: { $date }
status-unused = ikke brukt ennå
status-not-asked = En tilbakestilling spør ikke om den nå.
status-asks-one = En tilbakestilling spør om én av disse.
status-asks-two = En tilbakestilling spør om to av disse, av ulik type.

# --- the line in the shell of a user who is not registered
hint-enroll = I tilfelle du glemmer passordet: sspr enroll
hint-codes = Gjenopprettingskoder venter på deg: sspr codes

# --- mail, text messages and calls
call-language = nb-NO
call-opening = Hei. Dette er koden din for { $host }.
call-again = En gang til, koden din er:
call-closing = Ha det.
mail-code-subject = Koden din for { $host }
mail-code-recover =
    { $code } er koden din for å tilbakestille passordet til { $account } på { $host }.

    Den gjelder til { $until }. Skriv den der du ba om den, og gi den ikke til noen.
    Hvis du ikke ba om den, trenger du ikke å gjøre noe: uten koden skjer det ingenting.
mail-code-register =
    { $code } er koden din for å registrere denne adressen for { $account } på { $host }.

    Den gjelder til { $until }. Skriv den der du ba om den, og gi den ikke til noen.
    Hvis du ikke ba om den, trenger du ikke å gjøre noe.
mail-code-enroll =
    { $code } er koden din for å endre hvordan { $account } på { $host } kan nås.

    Den gjelder til { $until }. Skriv den der du ba om den, og gi den ikke til noen.
    Hvis du ikke ba om den, kjenner noen passordet ditt. Bytt det nå og si fra til administratoren.
mail-code-desk =
    { $code } er koden som brukerstøtten spør deg om. Det gjelder { $account } på { $host }.

    Den gjelder til { $until }. Les den bare opp hvis du selv har ringt brukerstøtten: den viser hvem du er, og tilbakestiller ingenting.
    Hvis du ikke har ringt, må du ikke gi koden til noen. Si fra til administratoren din.
text-code-desk = { $code } er koden som brukerstøtten spør om, for { $account } på { $host }. Har du ikke ringt selv? Gi den ikke til noen.
text-code-enroll = { $code } er koden din for å endre hvordan { $account } på { $host } kan nås. Ikke deg? Bytt passord nå.
text-code-recover = { $code } er koden din for å tilbakestille passordet til { $account } på { $host }. Gi den ikke til noen.
text-code-register = { $code } er koden din for å registrere dette nummeret for { $account } på { $host }. Gi den ikke til noen.
mail-recovered-subject = Passordet til { $account } på { $host } ble tilbakestilt
mail-recovered =
    Passordet til { $account } på { $host } ble tilbakestilt { $when }, via { $service } fra { $source }.

    Hvis det var deg, trenger du ikke å gjøre noe.
    Hvis det ikke var deg: tilbakestill det igjen nå for å stenge andre ute, og si fra til administratoren.
text-recovered = Passordet til { $account } på { $host } ble tilbakestilt { $when } fra { $source }. Ikke deg? Tilbakestill det nå og si fra til administratoren.
mail-unlocked-subject = { $account } på { $host } ble låst opp
mail-unlocked =
    For mange feil passord hadde låst { $account } på { $host }. Kontoen ble låst opp { $when }, via { $service } fra { $source }. Passordet ble ikke endret.

    Hvis det var deg, trenger du ikke å gjøre noe.
    Hvis det ikke var deg: si fra til administratoren.
text-unlocked = { $account } på { $host } ble låst opp { $when } fra { $source }. Passordet ble ikke endret. Ikke deg? Si fra til administratoren.
mail-contact-changed-subject = Kontaktopplysningene for { $account } på { $host } ble endret
mail-contact-changed =
    Det som kan tilbakestille passordet til { $account } på { $host }, ble endret { $when }, via { $service } fra { $source }.

    { $change }

    Hvis det var deg, trenger du ikke å gjøre noe.
    Hvis det ikke var deg: bytt passord nå og si fra til administratoren.
text-contact-changed = Tilbakestilling av passord for { $account } på { $host }: { $change } { $when }. Ikke deg? Bytt passord og si fra til administratoren.
text-about-email = e-postadressen { $contact }
text-about-phone = telefonen { $contact }
text-about-app = autentiseringsappen
text-change-added = Lagt til: { $what }.
text-change-announced = Legges til { $from } fra katalogen: { $what }.
text-change-removed = Fjernet: { $what }.
text-change-preferred = Brukes først fra nå av: { $what }.
text-change-codes = Det finnes nye gjenopprettingskoder; de gamle virker ikke lenger.
text-change-everything = Fjernet: alt som var registrert.
mail-test-subject = Testmelding fra { $host }
mail-test =
    Dette er en test av e-posten som { $host } sender for tilbakestilling av passord.
    En administrator ba om den. Den inneholder ingen kode, og du trenger ikke å gjøre noe.
text-test = Test fra { $host }: SMS for tilbakestilling av passord kommer fram. Du trenger ikke å gjøre noe.
text-source-shell = et skall på denne maskinen
mail-blocked-subject = Tilbakestilling er satt på pause for { $account } på { $host }
mail-blocked =
    For mange feil koder ble skrevet for { $account } på { $host }. Den siste kom { $when }, via { $service } fra { $source }.

    Tilbakestilling av passordet er satt på pause for denne kontoen en stund. Passordet ditt virker som før.
    Hvis det ikke var deg, har noen prøvd å komme inn. Ingenting er endret. Si fra til administratoren.
text-blocked = For mange feil koder for { $account } på { $host }, sist fra { $source }. Tilbakestilling er satt på pause. Passordet ditt virker som før. Ikke deg? Si fra til administratoren.
mail-admin-recovered-subject = Passordet til administratoren { $account } på { $host } ble tilbakestilt
mail-admin-recovered =
    Passordet til { $account } på { $host } ble tilbakestilt { $when }, via { $service } fra { $source }. Kontoen tilhører en administrator.

    Hvis { $account } ikke gjorde det: lås kontoen nå, for eksempel med "usermod -L { $account }", og se i journalen.
mail-many-failures-subject = Mange feil koder på { $host }
mail-many-failures =
    I timen før { $when } ble det skrevet flere feil koder på { $host } enn [limits] failed_proofs_per_hour tillater. Den siste kom via { $service } fra { $source }.

    Kanskje gjetter noen. Hver konto har sin egen grense, så ingenting må gjøres med en gang; "sspr admin audit" viser hvilke kontoer det gjaldt, og hvorfra. Svar ved en tilbakestilling tar opptil et sekund lenger til det er over.
mail-failures-at-source-subject = Mange feil koder fra én kilde på { $host }
mail-failures-at-source =
    I timen før { $when } skrev én kilde flere feil koder på { $host } enn en enkelt kilde får lov til: mer enn sin del av [limits] failed_proofs_per_hour. Den siste kom via { $service } fra { $source }.

    Kanskje gjetter noen der. Hver konto har sin egen grense, så ingenting må gjøres med en gang; "sspr admin audit" viser hvilke kontoer det gjaldt. Til det er over, tar svar ved en tilbakestilling opptil et sekund lenger for denne kilden, og for ingen andre. En slik e-post kommer høyst én gang om dagen; flere kilder står i revisjonsloggen.
