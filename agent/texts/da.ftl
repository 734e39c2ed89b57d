# Dansk. How texts are written: see en.ftl. Users are addressed as "du".

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } sekund
   *[other] { $n } sekunder
}
span-minutes = { $n ->
    [one] { $n } minut
   *[other] { $n } minutter
}
span-hours = { $n ->
    [one] { $n } time
   *[other] { $n } timer
}

# --- answers that can't be read
too-long = Det var for langt. Skriv det igen.
not-plain = Det kan ikke læses. Skriv det igen.
choose-again = Skriv et af de viste svar.
choose-number = Skriv selve telefonnummeret.

# --- when nothing goes
unavailable = Nulstilling er ikke tilgængelig lige nu.
server-changed = Serveren svarer ikke længere. Svar venligst igen.
resting =
    For mange forkerte koder.
    Nulstilling er sat på pause for denne konto. Prøv igen om { $time }.
too-many-starts = For mange forsøg. Prøv igen om { $time }.
go-on-prompt = Tryk på Enter for at fortsætte: {""}

# --- recovery
recover-menu = Hvordan vil du vise, at det er dig?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     en kode til din registrerede e-mailadresse
recover-menu-app = {"  "}app   en kode fra din godkendelsesapp
recover-menu-codes = {"  "}code  en gendannelseskode eller en kode fra helpdesken
recover-menu-recovery-code = {"  "}code  en gendannelseskode
recover-menu-helpdesk-code = {"  "}code  en kode fra helpdesken
recover-menu-contact = {"  "}eller skriv dit telefonnummer eller din e-mailadresse
recover-menu-number = {"  "}eller skriv dit registrerede telefonnummer
recover-menu-address = {"  "}eller skriv en anden registreret e-mailadresse
recover-menu-prompt = Dit valg (Enter for at gå tilbage): {""}
recover-menu-prompt-mandatory = Dit valg: {""}
one-more-proof =
    Den kode var rigtig.
    Din konto kræver en til, ad en anden vej.
proof-gone = Det tog for lang tid. Begynd forfra med Enter.
recover-left = Du afbrød nulstillingen. Intet er ændret.
recover-given-up =
    For mange svar var ikke blandt de viste.
    Intet er ændret.

# --- codes
code-sent-email =
    Hvis kontoen har en registreret e-mailadresse,
    er en kode på vej dertil. Den gælder i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minutter
    }.
code-sent-contact =
    Hvis det er registreret for denne konto,
    er en kode på vej dertil. Den gælder i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minutter
    }.
code-called =
    Hvis telefonen er registreret for denne konto,
    ringer den om et øjeblik, og koden læses op to gange.
    Den gælder i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minutter
    }.
code-sent-to =
    En kode er på vej. Den gælder i { $minutes ->
        [one] { $minutes } minut
       *[other] { $minutes } minutter
    }.
    Den er sendt til { $contact }.
code-sent-earlier =
    En tidligere sendt kode gælder stadig.
    En ny kan sendes om { $time }.
code-resumed-email = En kode sendt tidligere med e-mail gælder stadig.
code-resumed-contact =
    En kode, der blev sendt til den adresse eller det
    nummer, du skrev, gælder stadig.
code-resumed-to =
    Afslut registreringen ved at skrive koden,
    der blev sendt til { $contact }.
code-not-yet = En ny kode kan sendes om { $time }.
code-usage = Skriv koden, eller: new (ny kode), other (anden vej), Enter (tilbage).
code-usage-call = Skriv koden, eller: new (ny), call (læs op), other (anden vej).
code-usage-new = Skriv koden, eller: new (ny kode), other (ret), Enter (tilbage).
code-usage-mandatory = Skriv koden, eller: new (ny kode), other (anden vej).
code-usage-new-mandatory = Skriv koden, eller: new (ny kode), other (ret).
code-usage-token = Har du en gendannelseskode eller en fra helpdesken, så skriv: code
code-prompt = Kode: {""}
code-refused = Den kode er ikke rigtig.
code-malformed = En kode har { $digits } cifre.
code-wrong =
    Den kode er ikke rigtig. { $left ->
        [one] Der er ét forsøg tilbage.
       *[other] Der er { $left } forsøg tilbage.
    }
code-worn-out =
    Den kode er ikke rigtig.
    Den kan ikke bruges mere. Skriv new for at få en ny.
code-expired =
    Den kode er udløbet.
    Skriv new for at få en ny.

# --- codes that the user has already
token-app = Skriv den kode, som din godkendelsesapp viser.
token-app-wrong =
    Den kode er ikke rigtig. { $left ->
        [one] Der er ét forsøg tilbage.
       *[other] Der er { $left } forsøg tilbage.
    }
    Hver kode virker én gang, i et halvt minut.
token-code = Skriv en gendannelseskode eller helpdeskens kode.
token-helpdesk = Skriv den kode, du fik af helpdesken.
token-code-wrong =
    Den kode er ikke rigtig. { $left ->
        [one] Der er ét forsøg tilbage.
       *[other] Der er { $left } forsøg tilbage.
    }
    Hver kode virker én gang.
token-usage = Skriv koden, eller: other (anden vej), Enter (tilbage).

# --- the new password
password-rules =
    Vælg en ny adgangskode på mindst { $length } tegn.
    Nogle få ord, der ikke hører sammen, er gode.
password-rules-digits = { $n ->
    [one] Denne maskine kræver et ciffer.
   *[other] Denne maskine kræver { $n } cifre.
}
password-rules-capitals = { $n ->
    [one] Denne maskine kræver et stort bogstav.
   *[other] Denne maskine kræver { $n } store bogstaver.
}
password-rules-small = { $n ->
    [one] Denne maskine kræver et lille bogstav.
   *[other] Denne maskine kræver { $n } små bogstaver.
}
password-rules-others = { $n ->
    [one] Denne maskine kræver et tegn såsom en bindestreg.
   *[other] Denne maskine kræver { $n } tegn såsom en bindestreg.
}
password-rules-kinds = Store og små bogstaver, cifre, tegn: brug { $n } slags.
password-rules-history = Adgangskoder, du har brugt før, afvises.
password-rules-banned = Nogle ord er forbudt. Du får at vide hvilke.
password-encrypts = Data, som den gamle krypterer, forbliver låst.
recovery-codes-left =
    { $left ->
        [0] Det var din sidste gendannelseskode.
        [one] Du har én gendannelseskode tilbage.
       *[other] Du har { $left } gendannelseskoder tilbage.
    }
password-prompt = Ny adgangskode: {""}
password-takes = Det kan tage op til et minut at ændre den.
password-again-prompt = Den samme igen: {""}
password-mismatch = De to er ikke ens. Vælg igen.
password-empty = Der blev intet skrevet. Vælg en ny adgangskode.
password-too-short =
    Den er for kort. { $more ->
        [one] Der mangler ét tegn.
       *[other] Der mangler { $more } tegn.
    }
password-too-long = Den er for lang. Højst 511 byte.
password-has-name =
    Den indeholder dit navn eller denne maskines navn.
    Vælg en anden.
password-banned =
    Den indeholder et ord, der er forbudt her:
    { $word }
    Vælg en anden.
password-blanks =
    Den begynder eller slutter med et mellemrum.
    Mellemrum går tabt der. Vælg en anden.
password-keyboard =
    Det er en række taster, som er let at gætte.
    Vælg en anden.
password-repeats =
    Den gentager sig og er let at gætte.
    Vælg en anden.
password-sequence =
    Det er en følge som abc eller 1234.
    Den er let at gætte. Vælg en anden.
password-date =
    Det er en dato, som er let at gætte.
    Vælg en anden.
password-common =
    Den er meget almindelig, eller ligner en, der er.
    Vælg en anden.
password-word =
    Det er et enkelt ord eller navn.
    Det er let at gætte. Sæt nogle få ord sammen.
password-weak =
    Den er let at gætte.
    Gør den længere, eller tilføj et ord.
password-same =
    Det er din nuværende, og den gælder stadig.
    Vælg en ny.
password-refused =
    Denne maskine afviser den adgangskode:
    { $reason }
password-refused-there =
    Katalogtjenesten afviser den adgangskode:
    { $reason }
password-short-there =
    Den er for kort til katalogtjenesten.
    Vælg en længere.
password-young =
    Den blev ændret for kort tid siden.
    Katalogtjenesten tillader den næste ændring senere.
not-changed =
    Intet er ændret; den gamle gælder stadig.
    Prøv igen senere.
not-sure =
    Ændringen er måske ikke lykkedes.
    Prøv først den nye, derefter den gamle.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Én åben session blev afsluttet.
   *[other] { $n } åbne sessioner blev afsluttet.
}
recover-ssh-keys = { $n ->
    [one] Én SSH-nøgle kan stadig logge dig ind; se efter.
   *[other] { $n } SSH-nøgler kan stadig logge dig ind; se efter.
}
recover-ssh-unseen = Nogle SSH-nøgler kunne ikke læses; se dem efter.
recover-refused-here =
    Ændringen er foretaget. Denne maskine ser den
    ikke endnu: Bliver du afvist, så prøv igen om nogle minutter.

# --- an account that too many wrong passwords have locked
unlock-menu =
    For mange forkerte adgangskoder har låst kontoen.
    En ny adgangskode låser den op. Hvis du alligevel husker den gamle,
    så skriv unlock, og log ind med den.
unlock-prompt = Enter for en ny adgangskode, eller unlock: {""}
unlocked =
    Kontoen er låst op. Log ind med den
    adgangskode, du havde.
unlock-not-sure =
    Kontoen er måske stadig låst.
    Prøv den adgangskode, du havde.
    Hvis den afvises, så begynd forfra.

# --- registration
method-email = e-mail
method-phone = telefon, med sms
method-app = godkendelsesapp på en telefon
register-menu =
    Hvis du en dag ikke kan logge ind, kan en kode
    lukke dig ind. Hvor skal den sendes hen?
register-menu-two =
    Hvis du en dag ikke kan logge ind, kan koder
    lukke dig ind. Din konto kræver to af disse:
register-menu-more =
    Din konto kræver endnu en vej ind, hvis du
    en dag ikke kan logge ind:
register-several = Eller flere, for eksempel: 1 2
register-helpdesk = Eller skriv code, hvis helpdesken gav dig en.
register-menu-prompt = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    } (Enter for ikke nu): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 eller 2
   *[other] 1, 2 eller 3
    }: {""}
register-email-only =
    Hvis du en dag ikke kan logge ind, kan en kode
    med e-mail lukke dig ind. Registrer en adresse til det.
register-phone-only =
    Hvis du en dag ikke kan logge ind, kan en kode
    til telefonen lukke dig ind. Registrer et nummer til det.
register-app-only =
    Hvis du en dag ikke kan logge ind, kan en
    godkendelsesapp på en telefon lukke dig ind. Registrer en til det.
register-only-prompt = Registrer nu? Skriv y (Enter for ikke nu): {""}
register-only-prompt-mandatory = Skriv y for at registrere nu: {""}
register-mandatory =
    Registreringen kan ikke udsættes længere:
    uden den slutter dette login her.
register-denied = Log ind igen, og registrer dig, for at komme ind.
register-not-now =
    Registrering virker ikke lige nu.
    Du kan fortsætte og bliver spurgt igen.
register-by-hand = Registrer dig til nulstilling med kode: sspr enroll
register-changed =
    Din registrering blev ændret i mellemtiden.
    Intet er gemt. Begynd forfra.
register-email =
    Hvilken e-mailadresse?
    Vælg en, som du kan læse uden at logge ind her.
register-phone = Hvilket nummer? Det får en sms med en kode.
email-prompt = E-mailadresse (Enter for at gå tilbage): {""}
number-prompt = Telefonnummer (Enter for at gå tilbage): {""}
registered =
    Færdig, du er registreret. Hvis du en dag ikke kan
    logge ind, så tryk bare på Enter, og skriv intet.
app-scan = Skan med en godkendelsesapp på en telefon.
app-beside = Intet kamera? Skriv nøglen i appen, tidsbaseret:
app-swap-beside = Ulæselig? Skriv: swap
app-usage-picture = Skriv koden, eller: swap (farver), text (intet billede), Enter (tilbage).
app-key = Tilføj en konto i en godkendelsesapp på en telefon.
app-key-lines =
    Konto: { $account } på { $host }
    Nøgletype: tidsbaseret, 6 cifre

    {"    "}{ $key }
app-usage = Skriv den kode, som appen så viser, eller tryk på Enter for at gå tilbage.
app-usage-key = Skriv appens kode, eller: picture (QR-kode, { $lines } linjer), Enter (tilbage).
app-prompt = Kode: {""}
app-wrong = Den kode er ikke rigtig. { $left ->
        [one] Der er ét forsøg tilbage.
       *[other] Der er { $left } forsøg tilbage.
    }
app-anew = Det lykkedes ikke. Slet det i appen; begynd forfra.
reconfirm = Kan du stadig kontaktes sådan?
reconfirm-prompt = y hvis ja, c for at ændre (Enter for senere): {""}
too-quick = Det gik for hurtigt. Læs dette først.
imported =
    Din administrator har skrevet dette for dig, så en
    kode kan lukke dig ind, hvis du ikke kan logge ind. Er det dit?
imported-prompt = y eller n (Enter for ikke nu): {""}
imported-prompt-mandatory = y, n eller later: {""}
codes-shown =
    Ti gendannelseskoder, når intet andet er ved hånden.
    Hver kode lukker dig ind én gang, hvis du ikke kan logge ind.
codes-keep =
    Gem dem på papir: de vises ikke igen.
    Få nye med: sspr codes
codes-unseen =
    Der blev lavet ti gendannelseskoder til dig, som du
    måske aldrig har set. Vil du have nye?
codes-off = Gendannelseskoder bruges ikke på denne maskine.
remove =
    Dette fjerner alt, der kan nulstille din adgangskode:
remove-prompt = Skriv remove for at gøre det (Enter: behold): {""}
removed =
    Intet er længere registreret.
    Registrer igen med: sspr enroll

# --- contacts that can't be taken
contact-empty = Der blev intet skrevet.
contact-too-long = Det er for langt.
email-no-at =
    I en e-mailadresse er der et @,
    som i ann@example.org.
email-no-dot =
    Efter @ skal der stå et fuldt domæne,
    som i ann@example.org.
email-several = Skriv kun én adresse.
email-display-name = Skriv kun adressen, uden parenteser.
email-bad-domain = Det, der står efter @, er ikke et domæne.
email-bad-local = Det, der står før @, kan ikke passe.
email-not-ascii = Før @ kan der kun stå a-z, ikke æ, ø eller å.
number-not-one = Det er ikke et telefonnummer.
number-needs-country =
    Skriv det med landekode,
    som i +45 20 12 34 56.
number-invalid =
    Det nummer findes ikke.
    Kontrollér cifrene og landekoden.
email-refused-domain =
    En adresse hos { $domain } kan ikke bruges her:
    du kan måske ikke læse den, når du har brug for det. Vælg en anden.
contact-known = Det er allerede registreret. Vælg noget andet.
number-not-textable =
    Et sådant nummer kan ikke modtage sms'er.
    Vælg et andet.

# --- the command
enroll-password = Vis først, at det er dig.
current-password-prompt = Nuværende adgangskode: {""}
enroll-wrong-password =
    Det er ikke din nuværende adgangskode.
    Intet er ændret.
enroll-not-served = Selvbetjening er ikke slået til for denne konto.
enroll-unchanged = Intet er ændret.
enroll-no-way =
    Intet er ændret: det kræver en kode.
    Hvis du ikke længere kan få en, så spørg helpdesken.
enroll-lost = Har du intet af dette? Helpdesken kan hjælpe.
enroll-menu = Det kan lukke dig ind, hvis du ikke kan logge ind:
enroll-menu-nothing = Der er endnu intet registreret til at lukke dig ind:
enroll-menu-missing =
    Det kan lukke dig ind, hvis du ikke kan logge ind.
    Din konto kræver endnu en, af en anden slags:
enroll-menu-prompt = Et nummer (Enter når du er færdig): {""}
enroll-add-email = tilføj en e-mailadresse
enroll-add-phone = tilføj en telefon
enroll-add-app = tilføj en godkendelsesapp
enroll-remove = fjern
enroll-prefer = brug før den anden
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 eller 2
    } (Enter for at gå tilbage): {""}
enroll-last =
    Det er din eneste; den kan ikke fjernes.
    Tilføj en anden først, eller kør: sspr remove
enroll-saved = Gemt.
line-email = e-mail   { $contact }
line-phone = telefon  { $contact }
line-app = godkendelsesapp
mark-preferred = (bruges først)
mark-unconfirmed = (endnu ikke bekræftet)
status-nothing = Intet er registreret. Kør: sspr enroll
status-too-few =
    Din konto kræver endnu en, af en anden slags.
    Kør: sspr enroll
status-registered = Registreret til nulstilling af adgangskoden:
status-codes = Gendannelseskoder tilbage: { $left }
status-confirmed = Sidst bekræftet: { $date }
status-unconfirmed = Du bliver spurgt om det, der endnu ikke er bekræftet.
status-used = sidst brugt: { $date }
status-unused = endnu ikke brugt
status-not-asked = En nulstilling spørger ikke om den nu.
status-asks-one = En nulstilling spørger om én af disse.
status-asks-two = En nulstilling spørger om to af disse, af forskellig slags.

# --- the line in the shell of a user who is not registered
hint-enroll = Hvis du glemmer din adgangskode: sspr enroll
hint-codes = Gendannelseskoder venter på dig: sspr codes

# --- mail, text messages and calls
call-language = da-DK
call-opening = Goddag. Her er din kode til { $host }.
call-again = En gang til, din kode er:
call-closing = Farvel.
mail-code-subject = Din kode til { $host }
mail-code-recover =
    { $code } er din kode til at nulstille adgangskoden for { $account } på { $host }.

    Den gælder indtil { $until }. Skriv den der, hvor du bad om den, og giv den ikke til nogen.
    Hvis du ikke bad om den, behøver du ikke gøre noget: uden koden sker der intet.
mail-code-register =
    { $code } er din kode til at registrere denne adresse for { $account } på { $host }.

    Den gælder indtil { $until }. Skriv den der, hvor du bad om den, og giv den ikke til nogen.
    Hvis du ikke bad om den, behøver du ikke gøre noget.
mail-code-enroll =
    { $code } er din kode til at ændre, hvordan { $account } på { $host } kan kontaktes.

    Den gælder indtil { $until }. Skriv den der, hvor du bad om den, og giv den ikke til nogen.
    Hvis du ikke bad om den, kender nogen din adgangskode. Skift den nu, og fortæl det til din administrator.
mail-code-desk =
    { $code } er den kode, som helpdesken beder dig om. Det drejer sig om { $account } på { $host }.

    Den gælder indtil { $until }. Læs den kun op, hvis du selv har ringet til helpdesken: den viser, hvem du er, og nulstiller intet.
    Hvis du ikke har ringet, så giv ikke koden til nogen, og sig det til din administrator.
text-code-desk = { $code } er den kode, som helpdesken beder om, for { $account } på { $host }. Har du ikke selv ringet? Giv den ikke til nogen.
text-code-enroll = { $code } er din kode til at ændre, hvordan { $account } på { $host } kan kontaktes. Ikke dig? Skift din adgangskode nu.
text-code-recover = { $code } er din kode til at nulstille adgangskoden for { $account } på { $host }. Giv den ikke til nogen.
text-code-register = { $code } er din kode til at registrere dette nummer for { $account } på { $host }. Giv den ikke til nogen.
mail-recovered-subject = Adgangskoden for { $account } på { $host } blev nulstillet
mail-recovered =
    Adgangskoden for { $account } på { $host } blev nulstillet { $when }, via { $service } fra { $source }.

    Hvis det var dig, behøver du ikke gøre noget.
    Hvis det ikke var dig: nulstil den igen nu for at lukke andre ude, og fortæl det til din administrator.
text-recovered = Adgangskoden for { $account } på { $host } blev nulstillet { $when } fra { $source }. Ikke dig? Nulstil den nu, og fortæl det til din administrator.
mail-unlocked-subject = { $account } på { $host } blev låst op
mail-unlocked =
    For mange forkerte adgangskoder havde låst { $account } på { $host }. Kontoen blev låst op { $when }, via { $service } fra { $source }. Adgangskoden blev ikke ændret.

    Hvis det var dig, behøver du ikke gøre noget.
    Hvis det ikke var dig: fortæl det til din administrator.
text-unlocked = { $account } på { $host } blev låst op { $when } fra { $source }. Adgangskoden blev ikke ændret. Ikke dig? Fortæl det til din administrator.
mail-contact-changed-subject = Kontaktoplysningerne for { $account } på { $host } blev ændret
mail-contact-changed =
    Det, der kan nulstille adgangskoden for { $account } på { $host }, blev ændret { $when }, via { $service } fra { $source }.

    { $change }

    Hvis det var dig, behøver du ikke gøre noget.
    Hvis det ikke var dig: skift din adgangskode nu, og fortæl det til din administrator.
text-contact-changed = Nulstilling af adgangskode for { $account } på { $host }: { $change } { $when }. Ikke dig? Skift din adgangskode, og fortæl det til din administrator.
text-about-email = e-mailadressen { $contact }
text-about-phone = telefonen { $contact }
text-about-app = godkendelsesappen
text-change-added = Tilføjet: { $what }.
text-change-announced = Tilføjes { $from } fra kataloget: { $what }.
text-change-removed = Fjernet: { $what }.
text-change-preferred = Bruges først fra nu af: { $what }.
text-change-codes = Der er nye gendannelseskoder; de gamle virker ikke længere.
text-change-everything = Fjernet: alt, hvad der var registreret.
mail-test-subject = Testmeddelelse fra { $host }
mail-test =
    Dette er en test af den e-mail, som { $host } sender ved nulstilling af adgangskoder.
    En administrator bad om den. Den indeholder ingen kode, og du behøver ikke gøre noget.
text-test = Test fra { $host }: sms'er til nulstilling af adgangskoder kommer frem. Du behøver ikke gøre noget.
text-source-shell = en shell på denne maskine
mail-blocked-subject = Nulstilling af adgangskode er sat på pause for { $account } på { $host }
mail-blocked =
    Der blev skrevet for mange forkerte koder for { $account } på { $host }. Den sidste kom { $when }, via { $service } fra { $source }.

    Nulstilling af adgangskoden er sat på pause for denne konto i et stykke tid. Din adgangskode virker som før.
    Hvis det ikke var dig, har nogen forsøgt at komme ind. Intet er ændret. Fortæl det til din administrator.
text-blocked = For mange forkerte koder for { $account } på { $host }, sidst fra { $source }. Nulstilling er sat på pause. Din adgangskode virker som før. Ikke dig? Fortæl det til din administrator.
mail-admin-recovered-subject = Adgangskoden for administratoren { $account } på { $host } blev nulstillet
mail-admin-recovered =
    Adgangskoden for { $account } på { $host } blev nulstillet { $when }, via { $service } fra { $source }. Kontoen tilhører en administrator.

    Hvis { $account } ikke gjorde det: lås kontoen nu, for eksempel med "usermod -L { $account }", og se i journalen.
mail-many-failures-subject = Mange forkerte koder på { $host }
mail-many-failures =
    I timen før { $when } blev der skrevet flere forkerte koder på { $host }, end [limits] failed_proofs_per_hour tillader. Den sidste kom via { $service } fra { $source }.

    Måske gætter nogen. Hver konto har sin egen grænse, så intet skal gøres med det samme; "sspr admin audit" viser, hvilke konti det drejede sig om, og hvorfra. Svar ved en nulstilling tager op til et sekund længere, indtil det er overstået.
mail-failures-at-source-subject = Mange forkerte koder fra én kilde på { $host }
mail-failures-at-source =
    I timen før { $when } skrev én kilde flere forkerte koder på { $host }, end en enkelt kilde må: mere end sin andel af [limits] failed_proofs_per_hour. Den sidste kom via { $service } fra { $source }.

    Måske gætter nogen dér. Hver konto har sin egen grænse, så intet skal gøres med det samme; "sspr admin audit" viser, hvilke konti det drejede sig om. Indtil det er overstået, tager svar ved en nulstilling op til et sekund længere for denne kilde og for ingen anden. Sådan en mail kommer højst én gang om dagen; flere kilder står i revisionssporet.
