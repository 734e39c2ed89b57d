# Nederlands. How texts are written: see en.ftl.

date-format = %d-%m-%Y
span-seconds = { $n ->
    [one] { $n } seconde
   *[other] { $n } seconden
}
span-minutes = { $n ->
    [one] { $n } minuut
   *[other] { $n } minuten
}
span-hours = { $n } uur

# --- answers that can't be read
too-long = Dat was te lang. Typ het opnieuw.
not-plain = Dat is niet leesbaar. Typ het opnieuw.
choose-again = Typ een van de getoonde antwoorden.
choose-number = Typ het telefoonnummer zelf.

# --- when nothing goes
unavailable = Opnieuw instellen is nu niet mogelijk.
server-changed = De server antwoordt niet meer. Antwoord opnieuw.
resting =
    Te veel verkeerde codes.
    Opnieuw instellen rust voor dit account; over { $time } kan het weer.
too-many-starts = Te veel pogingen. Probeer het over { $time } weer.
go-on-prompt = Druk op Enter om door te gaan: {""}

# --- recovery
recover-menu = Hoe wilt u laten zien dat u het bent?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     een code naar uw geregistreerde e-mailadres
recover-menu-app = {"  "}app   een code uit uw authenticator-app
recover-menu-codes = {"  "}code  een herstelcode of een van de helpdesk
recover-menu-recovery-code = {"  "}code  een herstelcode
recover-menu-helpdesk-code = {"  "}code  een code van de helpdesk
recover-menu-contact = {"  "}of typ uw telefoonnummer of e-mailadres
recover-menu-number = {"  "}of typ uw geregistreerde telefoonnummer
recover-menu-address = {"  "}of typ een ander geregistreerd e-mailadres
recover-menu-prompt = Uw keuze (Enter om terug te gaan): {""}
recover-menu-prompt-mandatory = Uw keuze: {""}
one-more-proof =
    Die code was juist.
    Uw account vraagt er nog een, langs een andere weg.
proof-gone = Dat duurde te lang. Druk op Enter om te beginnen.
recover-left = U bent gestopt. Er is niets gewijzigd.
recover-given-up =
    Te veel antwoorden stonden er niet bij.
    Er is niets gewijzigd.

# --- codes
code-sent-email =
    Als dit account een geregistreerd e-mailadres heeft,
    is er een code onderweg. Die is { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    } geldig.
code-sent-contact =
    Als dat voor dit account geregistreerd is,
    is er een code onderweg. Die is { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    } geldig.
code-called =
    Als die telefoon voor dit account geregistreerd is,
    gaat hij zo over en wordt de code twee keer voorgelezen.
    Die is { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    } geldig.
code-sent-to =
    Er is een code onderweg. Die is { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    } geldig.
    Hij gaat naar { $contact }.
code-sent-earlier =
    Een eerder verstuurde code is nog geldig.
    Over { $time } kan er een nieuwe worden verstuurd.
code-resumed-email = Een eerder gemailde code is nog geldig.
code-resumed-contact =
    Een code die eerder naar het getypte adres of
    nummer ging, is nog geldig.
code-resumed-to =
    Typ om uw registratie af te ronden de code
    die naar { $contact } is gestuurd.
code-not-yet = Een nieuwe code kan over { $time }.
code-usage = Typ de code, of: new (nieuwe code), other (andere weg), Enter (terug).
code-usage-call = Typ de code, of: new (nieuwe), call (voorlezen), other (andere weg).
code-usage-new = Typ de code, of: new (nieuwe code), other (wijzigen), Enter (terug).
code-usage-mandatory = Typ de code, of: new (nieuwe code), other (andere weg).
code-usage-new-mandatory = Typ de code, of: new (nieuwe code), other (wijzigen).
code-usage-token = Voor een herstelcode of een code van de helpdesk typt u: code
code-prompt = Code: {""}
code-refused = Die code is niet juist.
code-malformed = Een code heeft { $digits } cijfers.
code-wrong =
    Die code is niet juist. { $left ->
        [one] Nog één poging.
       *[other] Nog { $left } pogingen.
    }
code-worn-out =
    Die code is niet juist.
    Hij geldt niet meer; typ new voor een andere.
code-expired =
    Die code is te oud.
    Typ new voor een andere.

# --- codes that somebody has already
token-app = Typ de code die uw app toont.
token-app-wrong =
    Die code is niet juist. { $left ->
        [one] Nog één poging.
       *[other] Nog { $left } pogingen.
    }
    Een code geldt een halve minuut, en één keer.
token-code = Typ een herstelcode of een code van de helpdesk.
token-helpdesk = Typ de code die u van de helpdesk kreeg.
token-code-wrong =
    Die code is niet juist. { $left ->
        [one] Nog één poging.
       *[other] Nog { $left } pogingen.
    }
    Elke code geldt één keer.
token-usage = Typ de code, of: other (andere weg), Enter (terug).

# --- the new password
password-rules =
    Kies een wachtwoord van ten minste { $length } tekens.
    Een paar woorden die niets met elkaar te maken hebben, werken goed.
password-rules-digits = { $n ->
    [one] Deze machine vraagt om een cijfer.
   *[other] Deze machine vraagt om { $n } cijfers.
}
password-rules-capitals = { $n ->
    [one] Deze machine vraagt om een hoofdletter.
   *[other] Deze machine vraagt om { $n } hoofdletters.
}
password-rules-small = { $n ->
    [one] Deze machine vraagt om een kleine letter.
   *[other] Deze machine vraagt om { $n } kleine letters.
}
password-rules-others = { $n ->
    [one] Deze machine vraagt om een teken, zoals een -.
   *[other] Deze machine vraagt om { $n } tekens, zoals een -.
}
password-rules-kinds = Hoofd- en kleine letters, cijfers, tekens: { $n }.
password-rules-history = Een dat u eerder gebruikte, wordt niet aangenomen.
password-rules-banned = Sommige woorden mogen hier niet; u hoort het dan.
password-encrypts = Wat het oude versleutelt, blijft op slot.
recovery-codes-left =
    { $left ->
        [0] Dat was de laatste van uw herstelcodes.
        [one] U hebt nog één herstelcode.
       *[other] U hebt nog { $left } herstelcodes.
    }
password-prompt = Nieuw wachtwoord: {""}
password-takes = Het instellen kan tot een minuut duren.
password-again-prompt = Nog een keer hetzelfde: {""}
password-mismatch = De twee waren niet gelijk. Kies opnieuw.
password-empty = Er is niets getypt. Kies een nieuw wachtwoord.
password-too-short =
    Dat is te kort. { $more ->
        [one] Er ontbreekt een teken.
       *[other] Er ontbreken { $more } tekens.
    }
password-too-long = Dat is te lang. Hooguit 511 bytes.
password-has-name =
    Uw naam of die van deze machine staat erin.
    Kies een ander.
password-banned =
    Er staat een woord in dat hier niet mag:
    { $word }
    Kies een ander.
password-blanks =
    Het begint of eindigt met een spatie.
    Die gaan daar verloren; kies een ander.
password-keyboard =
    Een rij toetsen wordt snel geraden.
    Kies een ander.
password-repeats =
    Het herhaalt zich en is makkelijk te raden.
    Kies een ander.
password-sequence =
    Dat is een reeks zoals abc of 1234.
    Die wordt snel geraden; kies een ander.
password-date =
    Een datum wordt snel geraden.
    Kies een ander.
password-common =
    Het is een van de meest gebruikte, of lijkt erop.
    Kies een ander.
password-word =
    Dat is één woord of een naam.
    Het wordt snel geraden; zet er een paar bij elkaar.
password-weak =
    Dat is makkelijk te raden.
    Langer, of met een woord meer, is het goed.
password-same =
    Dat is het huidige, en dat geldt nog.
    Kies een nieuw.
password-refused =
    Deze machine neemt het niet aan:
    { $reason }
password-refused-there =
    De directory neemt het niet aan:
    { $reason }
password-short-there =
    Dat is te kort voor de directory.
    Kies een langer.
password-young =
    Het is kort geleden gewijzigd.
    De directory staat de volgende wijziging later toe.
not-changed =
    Er is niets gewijzigd; het vorige geldt nog.
    Probeer het later nog eens.
not-sure =
    De wijziging is misschien niet gelukt.
    Probeer eerst het nieuwe, dan het vorige.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Eén open sessie is beëindigd.
   *[other] { $n } open sessies zijn beëindigd.
}
recover-ssh-keys = { $n ->
    [one] Eén SSH-sleutel geeft nog toegang; controleer hem.
   *[other] { $n } SSH-sleutels geven nog toegang; controleer ze.
}
recover-ssh-unseen = Niet alle SSH-sleutels waren te zien; controleer ze.
recover-refused-here =
    De wijziging is gedaan. Deze machine ziet haar nog
    niet: wordt u geweigerd, probeer het dan over enkele minuten opnieuw.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Te veel verkeerde wachtwoorden vergrendelden het.
    Een nieuw wachtwoord heft dat op. Weet u het oude toch nog,
    typ dan unlock en meld u daarmee aan.
unlock-prompt = Enter voor een nieuw wachtwoord, of unlock: {""}
unlocked =
    De vergrendeling is eraf. Meld u aan met het
    wachtwoord dat u had.
unlock-not-sure =
    Het account is misschien nog vergrendeld.
    Probeer het wachtwoord dat u had; wordt het
    geweigerd, begin dan opnieuw.

# --- registration
method-email = e-mail
method-phone = telefoon, per sms
method-app = authenticator-app op een telefoon
register-menu =
    Mocht u ooit uw wachtwoord vergeten, dan helpt
    een code. Hoe kan die u bereiken?
register-menu-two =
    Mocht u ooit uw wachtwoord vergeten, dan helpen
    codes. Uw account vraagt er twee van deze:
register-menu-more =
    Uw account vraagt nog een weg, voor als u ooit
    uw wachtwoord vergeet:
register-several = Of meer dan een, zoals: 1 2
register-helpdesk = Of code, als de helpdesk u er een heeft gegeven.
register-menu-prompt = { $n ->
    [2] 1 of 2
   *[other] 1, 2 of 3
    } (Enter voor niet nu): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 of 2
   *[other] 1, 2 of 3
    }: {""}
register-email-only =
    Mocht u ooit uw wachtwoord vergeten, dan helpt
    een code per e-mail. Registreer er een adres voor.
register-phone-only =
    Mocht u ooit uw wachtwoord vergeten, dan helpt
    een code per telefoon. Registreer er een nummer voor.
register-app-only =
    Mocht u ooit uw wachtwoord vergeten, dan helpt
    een authenticator-app op een telefoon. Registreer er een voor.
register-only-prompt = Nu registreren? Typ y (Enter voor niet nu): {""}
register-only-prompt-mandatory = Typ y om nu te registreren: {""}
register-mandatory =
    Uitstellen kan niet langer:
    zonder registratie eindigt de aanmelding hier.
register-denied = Meld u opnieuw aan en registreer u.
register-not-now =
    Het lukt nu niet.
    U kunt doorgaan; het wordt u opnieuw gevraagd.
register-by-hand = Registreer u voor opnieuw instellen: sspr enroll
register-changed =
    Wat geregistreerd is, is intussen gewijzigd.
    Er is niets opgeslagen; begin opnieuw.
register-email =
    Welk e-mailadres?
    Neem er een dat u kunt lezen zonder u hier aan te melden.
register-phone = Welk nummer? Het krijgt een sms met een code.
email-prompt = E-mailadres (Enter om terug te gaan): {""}
number-prompt = Telefoonnummer (Enter om terug te gaan): {""}
registered =
    Klaar, u bent geregistreerd. Wachtwoord vergeten?
    Druk dan op Enter waar ernaar gevraagd wordt.
app-scan = Scan dit met een authenticator-app op een telefoon.
app-beside = Geen camera? Typ deze sleutel in de app (tijdbasis):
app-swap-beside = Niet leesbaar? Typ: swap
app-usage-picture = Typ de code, of: swap (kleuren), text (geen beeld), Enter (terug).
app-key = Voeg een account toe aan een authenticator-app.
app-key-lines =
    Account: { $account } op { $host }
    Soort sleutel: op tijdbasis, 6 cijfers

    {"    "}{ $key }
app-usage = Typ de code die de app dan toont, of druk op Enter om terug te gaan.
app-usage-key = Typ de code uit de app, of: picture (QR-code, { $lines } regels), Enter (terug).
app-prompt = Code: {""}
app-wrong = Die code is niet juist. { $left ->
        [one] Nog één poging.
       *[other] Nog { $left } pogingen.
    }
app-anew = Dat lukte niet. Wis het in de app en begin opnieuw.
reconfirm = Bent u nog zo te bereiken?
reconfirm-prompt = y als het klopt, c wijzigt het (Enter voor later): {""}
too-quick = Dat ging te snel. Lees dit eerst.
imported =
    Uw beheerder heeft dit voor u ingevuld, zodat een
    code helpt als u uw wachtwoord vergeet. Is het van u?
imported-prompt = y of n (Enter voor niet nu): {""}
imported-prompt-mandatory = y, n of later: {""}
codes-shown =
    Tien herstelcodes, voor als er niets anders is.
    Met elk kunt u uw wachtwoord één keer opnieuw instellen.
codes-keep =
    Bewaar ze op papier: ze worden niet meer getoond.
    Voor nieuwe: sspr codes
codes-unseen =
    Er zijn tien herstelcodes voor u gemaakt, die u
    misschien nooit hebt gezien. Wilt u nieuwe?
codes-off = Herstelcodes worden hier niet gebruikt.
remove =
    Dit wist alles wat uw wachtwoord kan herstellen:
remove-prompt = Typ remove om dat te doen (Enter: houden): {""}
removed =
    Er is niets meer geregistreerd.
    Opnieuw registreren: sspr enroll

# --- contacts that can't be taken
contact-empty = Er is niets getypt.
contact-too-long = Dat is te lang.
email-no-at =
    In een e-mailadres staat een @,
    zoals in ann@example.org.
email-no-dot =
    Na de @ hoort een volledig domein,
    zoals in ann@example.org.
email-several = Typ één adres.
email-display-name = Typ alleen het adres, zonder haakjes.
email-bad-domain = Wat na de @ staat, is geen domein.
email-bad-local = Wat voor de @ staat, kan niet.
email-not-ascii = Voor de @ kunnen alleen gewone letters staan.
number-not-one = Dat is geen telefoonnummer.
number-needs-country =
    Typ het met het landnummer,
    zoals in +31 6 12345678.
number-invalid =
    Dat nummer bestaat niet.
    Controleer de cijfers en het land.
email-refused-domain =
    Een adres bij { $domain } kan hier niet:
    misschien kunt u er dan net niet bij. Neem een ander.
contact-known = Dat is al geregistreerd. Neem een ander.
number-not-textable =
    Zo'n nummer kan geen sms krijgen.
    Neem een ander.

# --- the command
enroll-password = Laat eerst zien dat u het bent.
current-password-prompt = Huidig wachtwoord: {""}
enroll-wrong-password =
    Dat is niet uw huidige wachtwoord.
    Er is niets gewijzigd.
enroll-not-served = Voor dit account staat dit niet aan.
enroll-unchanged = Er is niets gewijzigd.
enroll-no-way =
    Er is niets gewijzigd: daar is een code voor nodig.
    Kunt u er geen meer krijgen, dan kan de helpdesk helpen.
enroll-lost = Niets hiervan bij de hand? De helpdesk kan helpen.
enroll-menu = Wat uw wachtwoord kan herstellen:
enroll-menu-nothing = Er is nog geen weg tot herstel geregistreerd:
enroll-menu-missing =
    Wat uw wachtwoord kan herstellen.
    Uw account vraagt er nog een, van een andere soort:
enroll-menu-prompt = Een nummer (Enter als u klaar bent): {""}
enroll-add-email = een e-mailadres toevoegen
enroll-add-phone = een telefoon toevoegen
enroll-add-app = een authenticator-app toevoegen
enroll-remove = verwijderen
enroll-prefer = vóór de andere gebruiken
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 of 2
    } (Enter om terug te gaan): {""}
enroll-last =
    Meer is er niet; alleen kan het niet weg.
    Voeg eerst een ander toe, of typ: sspr remove
enroll-saved = Opgeslagen.
line-email = e-mail    { $contact }
line-phone = telefoon  { $contact }
line-app = authenticator-app
mark-preferred = (eerst gebruikt)
mark-unconfirmed = (nog niet bevestigd)
status-nothing = Er is niets geregistreerd. Typ: sspr enroll
status-too-few =
    Uw account vraagt er nog een, van een andere soort.
    Typ: sspr enroll
status-registered = Geregistreerd om het wachtwoord te herstellen:
status-codes = Resterende herstelcodes: { $left }
status-confirmed = Laatst bevestigd: { $date }
status-unconfirmed = Naar wat niet bevestigd is, wordt bij een aanmelding gevraagd.
status-used = laatst gebruikt: { $date }
status-unused = nog niet gebruikt
status-not-asked = Bij het herstellen wordt er nu niet om gevraagd.
status-asks-one = Bij het herstellen wordt om één hiervan gevraagd.
status-asks-two = Bij het herstellen wordt om twee hiervan gevraagd, van verschillende soort.

# --- the line in a shell of somebody who is not registered
hint-enroll = Voor als u uw wachtwoord vergeet: sspr enroll
hint-codes = Er liggen herstelcodes voor u klaar: sspr codes

# --- mail, text messages and calls
call-language = nl-NL
call-opening = Goedendag. Dit is uw code voor { $host }.
call-again = Nog een keer, uw code is:
call-closing = Tot ziens.
mail-code-subject = Uw code voor { $host }
mail-code-recover =
    { $code } is uw code om het wachtwoord van { $account } op { $host } opnieuw in te stellen.

    De code geldt tot { $until }. Typ hem waar u erom vroeg en geef hem aan niemand.
    Hebt u er niet om gevraagd, dan hoeft u niets te doen: zonder de code gebeurt er niets.
mail-code-register =
    { $code } is uw code om dit adres te registreren voor { $account } op { $host }.

    De code geldt tot { $until }. Typ hem waar u erom vroeg en geef hem aan niemand.
    Hebt u er niet om gevraagd, dan hoeft u niets te doen.
mail-code-enroll =
    { $code } is uw code om de contactgegevens van { $account } op { $host } te wijzigen.

    De code geldt tot { $until }. Typ hem waar u erom vroeg en geef hem aan niemand.
    Hebt u er niet om gevraagd, dan kent iemand uw wachtwoord. Wijzig het nu en waarschuw uw beheerder.
mail-code-desk =
    { $code } is de code waar de helpdesk u om vraagt. Het gaat om { $account } op { $host }.

    De code geldt tot { $until }. Lees hem alleen voor als u de helpdesk zelf hebt gebeld: hij laat zien wie u bent en stelt niets opnieuw in.
    Hebt u niet gebeld, geef deze code dan aan niemand en waarschuw uw beheerder.
text-code-desk = { $code } is de code waar de helpdesk u om vraagt, over { $account } op { $host }. Niet zelf gebeld? Geef hem aan niemand.
text-code-enroll = { $code } is uw code om de contactgegevens van { $account } op { $host } te wijzigen. Was u dit niet? Wijzig nu uw wachtwoord.
text-code-recover = { $code } is uw code om het wachtwoord van { $account } op { $host } opnieuw in te stellen. Geef hem aan niemand.
text-code-register = { $code } is uw code om dit nummer te registreren voor { $account } op { $host }. Geef hem aan niemand.
mail-recovered-subject = Het wachtwoord van { $account } op { $host } is opnieuw ingesteld
mail-recovered =
    Het wachtwoord van { $account } op { $host } is op { $when } opnieuw ingesteld, via { $service } vanaf { $source }.

    Was u het, dan is alles in orde.
    Was u het niet: stel het nu opnieuw in om anderen buiten te sluiten en waarschuw uw beheerder.
text-recovered = Het wachtwoord van { $account } op { $host } is op { $when } vanaf { $source } opnieuw ingesteld. Was u dit niet? Stel het nu opnieuw in en waarschuw uw beheerder.
mail-unlocked-subject = { $account } op { $host } is ontgrendeld
mail-unlocked =
    Te veel verkeerde wachtwoorden hadden { $account } op { $host } vergrendeld. Op { $when } is de vergrendeling opgeheven, via { $service } vanaf { $source }. Het wachtwoord bleef zoals het was.

    Was u het, dan is alles in orde.
    Was u het niet: waarschuw uw beheerder.
text-unlocked = { $account } op { $host } is op { $when } ontgrendeld vanaf { $source }. Het wachtwoord bleef zoals het was. Was u dit niet? Waarschuw uw beheerder.
mail-contact-changed-subject = De contactgegevens van { $account } op { $host } zijn gewijzigd
mail-contact-changed =
    Wat het wachtwoord van { $account } op { $host } kan herstellen, is op { $when } gewijzigd, via { $service } vanaf { $source }.

    { $change }

    Was u het, dan is alles in orde.
    Was u het niet: wijzig nu uw wachtwoord en waarschuw uw beheerder.
text-contact-changed = Herstel van { $account } op { $host }: { $change } { $when }. Was u dit niet? Wijzig uw wachtwoord en waarschuw uw beheerder.
text-about-email = het e-mailadres { $contact }
text-about-phone = de telefoon { $contact }
text-about-app = de authenticator-app
text-change-added = Toegevoegd: { $what }.
text-change-announced = Wordt op { $from } toegevoegd vanuit de directory: { $what }.
text-change-removed = Verwijderd: { $what }.
text-change-preferred = Vanaf nu eerst gebruikt: { $what }.
text-change-codes = Er zijn nieuwe herstelcodes; de oude zijn niets meer waard.
text-change-everything = Verwijderd: alles wat geregistreerd was.
mail-test-subject = Testbericht van { $host }
mail-test =
    Dit is een test van de e-mail die { $host } verstuurt om wachtwoorden opnieuw in te stellen.
    Een beheerder vroeg erom. Er staat geen code in en u hoeft niets te doen.
text-test = Test van { $host }: sms'jes om wachtwoorden opnieuw in te stellen komen aan. U hoeft niets te doen.
text-source-shell = een shell op deze machine
mail-blocked-subject = Herstel van het wachtwoord van { $account } op { $host } rust
mail-blocked =
    Er zijn te veel verkeerde codes getypt voor { $account } op { $host }, de laatste op { $when }, via { $service } vanaf { $source }.

    Herstel met een code rust een tijd voor dit account. Uw wachtwoord werkt als voorheen.
    Was u het niet: iemand probeerde binnen te komen. Er is niets gewijzigd; waarschuw uw beheerder.
text-blocked = Te veel verkeerde codes voor { $account } op { $host }, de laatste vanaf { $source }. Herstel rust een tijd; uw wachtwoord werkt nog. Was u dit niet? Waarschuw uw beheerder.
mail-admin-recovered-subject = Het wachtwoord van beheerder { $account } op { $host } is opnieuw ingesteld
mail-admin-recovered =
    Het wachtwoord van { $account } op { $host } is op { $when } opnieuw ingesteld, via { $service } vanaf { $source }. Het is een beheerdersaccount.

    Was het niet { $account }: vergrendel het account nu, bijvoorbeeld met "usermod -L { $account }", en bekijk het journaal.
mail-many-failures-subject = Veel onjuiste codes op { $host }
mail-many-failures =
    In het uur voor { $when } zijn op { $host } meer onjuiste codes getypt dan [limits] failed_proofs_per_hour toestaat. De laatste kwam via { $service } vanaf { $source }.

    Misschien zit iemand te raden. Elk account heeft een eigen limiet, dus er is geen haast; "sspr admin audit" laat zien om welke accounts het ging en van waar. Tot het voorbij is, duren antwoorden bij het opnieuw instellen tot een seconde langer.
mail-failures-at-source-subject = Veel onjuiste codes vanaf één plek op { $host }
mail-failures-at-source =
    In het uur voor { $when } zijn op { $host } vanaf één plek meer onjuiste codes getypt dan haar deel van [limits] failed_proofs_per_hour. De laatste kwam via { $service } vanaf { $source }.

    Misschien zit daar iemand te raden. Elk account heeft een eigen limiet, dus er is geen haast; "sspr admin audit" laat zien om welke accounts het ging. Tot het voorbij is, duren antwoorden bij het opnieuw instellen voor deze plek tot een seconde langer, en voor niemand anders. Zo'n e-mail komt hoogstens één keer per dag; andere plekken staan in het auditlogboek.
