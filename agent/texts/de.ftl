# Deutsch. How texts are written: see en.ftl.

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } Sekunde
   *[other] { $n } Sekunden
}
span-minutes = { $n ->
    [one] { $n } Minute
   *[other] { $n } Minuten
}
span-hours = { $n ->
    [one] { $n } Stunde
   *[other] { $n } Stunden
}

# --- answers that can't be read
too-long = Das war zu lang. Bitte noch einmal eingeben.
not-plain = Das ist nicht lesbar. Bitte noch einmal eingeben.
choose-again = Bitte eine der gezeigten Antworten eingeben.
choose-number = Bitte die Telefonnummer selbst eingeben.

# --- when nothing goes
unavailable = Zurücksetzen ist im Moment nicht möglich.
server-changed = Der Server antwortet nicht. Bitte erneut antworten.
resting =
    Zu viele falsche Codes.
    Zurücksetzen ruht für dieses Konto; in { $time } geht es wieder.
too-many-starts = Zu viele Versuche. Bitte in { $time } wieder.
go-on-prompt = Weiter mit Enter: {""}

# --- recovery
recover-menu = Wie möchten Sie zeigen, dass Sie es sind?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     ein Code an Ihre registrierte E-Mail-Adresse
recover-menu-app = {"  "}app   ein Code aus Ihrer Authenticator-App
recover-menu-codes = {"  "}code  ein Wiederherstellungscode oder einer vom Helpdesk
recover-menu-recovery-code = {"  "}code  ein Wiederherstellungscode
recover-menu-helpdesk-code = {"  "}code  ein Code vom Helpdesk
recover-menu-contact = {"  "}oder geben Sie Ihre Telefonnummer oder E-Mail-Adresse ein
recover-menu-number = {"  "}oder geben Sie Ihre registrierte Telefonnummer ein
recover-menu-address = {"  "}oder geben Sie eine andere registrierte E-Mail-Adresse ein
recover-menu-prompt = Ihre Wahl (Enter für zurück): {""}
recover-menu-prompt-mandatory = Ihre Wahl: {""}
one-more-proof =
    Dieser Code war richtig.
    Ihr Konto braucht noch einen auf einem anderen Weg.
proof-gone = Das hat zu lange gedauert. Neu beginnen: Enter.
recover-left = Sie haben abgebrochen. Nichts wurde geändert.
recover-given-up =
    Zu viele Antworten waren keine der gezeigten.
    Nichts wurde geändert.

# --- codes
code-sent-email =
    Falls für dieses Konto eine E-Mail-Adresse
    registriert ist, ist ein Code dorthin unterwegs. Er gilt { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }.
code-sent-contact =
    Falls das für dieses Konto registriert ist,
    ist ein Code dorthin unterwegs. Er gilt { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }.
code-called =
    Falls das Telefon für dieses Konto registriert ist,
    klingelt es gleich, und der Code wird zweimal vorgelesen.
    Er gilt { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }.
code-sent-to =
    Ein Code ist unterwegs. Er gilt { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }.
    Er geht an { $contact }.
code-sent-earlier =
    Ein früher gesendeter Code gilt noch.
    Ein weiterer kann in { $time } gesendet werden.
code-resumed-email = Ein früher per E-Mail gesendeter Code gilt noch.
code-resumed-contact =
    Ein Code, der an die eingegebene Adresse oder
    Nummer ging, gilt noch.
code-resumed-to =
    Um die Registrierung abzuschließen, geben Sie
    den Code ein, der an { $contact } ging.
code-not-yet = Ein weiterer Code ist in { $time } möglich.
code-usage = Code eingeben oder: new (neuer Code), other (anderer Weg), Enter (zurück).
code-usage-call = Code eingeben oder: new (neuer), call (vorlesen), other (anderer Weg).
code-usage-new = Code eingeben oder: new (neuer Code), other (ändern), Enter (zurück).
code-usage-mandatory = Code eingeben oder: new (neuer Code), other (anderer Weg).
code-usage-new-mandatory = Code eingeben oder: new (neuer Code), other (ändern).
code-usage-token = Für einen Wiederherstellungscode oder einen vom Helpdesk eingeben: code
code-prompt = Code: {""}
code-refused = Dieser Code ist nicht richtig.
code-malformed = Ein Code hat { $digits } Ziffern.
code-wrong =
    Dieser Code ist nicht richtig. { $left ->
        [one] Noch ein Versuch.
       *[other] Noch { $left } Versuche.
    }
code-worn-out =
    Dieser Code ist nicht richtig.
    Er gilt nun nicht mehr; mit new kommt ein neuer.
code-expired =
    Dieser Code ist inzwischen zu alt.
    Mit new kommt ein neuer.

# --- codes that somebody has already
token-app = Geben Sie den Code ein, den Ihre App anzeigt.
token-app-wrong =
    Dieser Code ist nicht richtig. { $left ->
        [one] Noch ein Versuch.
       *[other] Noch { $left } Versuche.
    }
    Ein Code gilt eine halbe Minute lang und nur einmal.
token-code = Wiederherstellungscode oder Code vom Helpdesk?
token-helpdesk = Geben Sie den Code vom Helpdesk ein.
token-code-wrong =
    Dieser Code ist nicht richtig. { $left ->
        [one] Noch ein Versuch.
       *[other] Noch { $left } Versuche.
    }
    Jeder Code gilt einmal.
token-usage = Code eingeben oder: other (anderer Weg), Enter (zurück).

# --- the new password
password-rules =
    Neues Passwort mit mindestens { $length } Zeichen wählen.
    Gut sind ein paar Wörter, die nichts miteinander zu tun haben.
password-rules-digits = { $n ->
    [one] Dieser Rechner verlangt eine Ziffer darin.
   *[other] Dieser Rechner verlangt { $n } Ziffern darin.
}
password-rules-capitals = { $n ->
    [one] Dieser Rechner verlangt einen Großbuchstaben.
   *[other] Dieser Rechner verlangt { $n } Großbuchstaben.
}
password-rules-small = { $n ->
    [one] Dieser Rechner verlangt einen Kleinbuchstaben.
   *[other] Dieser Rechner verlangt { $n } Kleinbuchstaben.
}
password-rules-others = { $n ->
    [one] Dieser Rechner verlangt ein Zeichen wie -.
   *[other] Dieser Rechner verlangt { $n } Zeichen wie -.
}
password-rules-kinds = Groß, klein, Ziffern, Zeichen: { $n } davon verwenden.
password-rules-history = Ein schon einmal benutztes geht nicht.
password-rules-banned = Manche Wörter sind hier gesperrt; es wird gesagt.
password-encrypts = Was das alte verschlüsselt, bleibt gesperrt.
recovery-codes-left =
    { $left ->
        [0] Das war Ihr letzter Wiederherstellungscode.
        [one] Sie haben noch einen Wiederherstellungscode.
       *[other] Sie haben noch { $left } Wiederherstellungscodes.
    }
password-prompt = Neues Passwort: {""}
password-takes = Das Setzen kann bis zu einer Minute dauern.
password-again-prompt = Noch einmal dasselbe: {""}
password-mismatch = Die beiden waren verschieden. Bitte neu wählen.
password-empty = Nichts eingegeben. Bitte ein Passwort wählen.
password-too-short =
    Das ist zu kurz. { $more ->
        [one] Es fehlt ein Zeichen.
       *[other] Es fehlen { $more } Zeichen.
    }
password-too-long = Das ist zu lang. Höchstens 511 Bytes gehen.
password-has-name =
    Darin steht Ihr Name oder der dieses Rechners.
    Bitte wählen Sie ein anderes.
password-banned =
    Darin steht ein Wort, das hier gesperrt ist:
    { $word }
    Bitte wählen Sie ein anderes.
password-blanks =
    Es beginnt oder endet mit einem Leerzeichen.
    Die gehen dort leicht verloren; bitte wählen Sie ein anderes.
password-keyboard =
    Eine Tastenreihe ist schnell erraten.
    Bitte wählen Sie ein anderes.
password-repeats =
    Es wiederholt sich und ist leicht zu erraten.
    Bitte wählen Sie ein anderes.
password-sequence =
    Das ist eine Folge wie abc oder 1234.
    Sie ist schnell erraten; bitte wählen Sie ein anderes.
password-date =
    Ein Datum ist schnell erraten.
    Bitte wählen Sie ein anderes.
password-common =
    Es gehört zu den häufigsten oder ähnelt einem.
    Bitte wählen Sie ein anderes.
password-word =
    Das ist ein einzelnes Wort oder ein Name.
    Es ist schnell erraten; nehmen Sie ein paar zusammen.
password-weak =
    Das ist leicht zu erraten.
    Länger oder mit einem Wort mehr wird es gut.
password-same =
    Das ist Ihr bisheriges, und es gilt weiter.
    Bitte wählen Sie ein neues.
password-refused =
    Dieser Rechner nimmt es nicht an:
    { $reason }
password-refused-there =
    Das Verzeichnis nimmt es nicht an:
    { $reason }
password-short-there =
    Für das Verzeichnis ist es zu kurz.
    Bitte wählen Sie ein längeres.
password-young =
    Es wurde vor kurzem erst geändert.
    Das Verzeichnis erlaubt die nächste Änderung später.
not-changed =
    Nichts wurde geändert; das bisherige gilt weiter.
    Bitte versuchen Sie es später noch einmal.
not-sure =
    Die Änderung ist vielleicht nicht gelungen.
    Versuchen Sie zuerst das neue, dann das bisherige.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Eine offene Sitzung wurde beendet.
   *[other] { $n } offene Sitzungen wurden beendet.
}
recover-ssh-keys = { $n ->
    [one] Ein SSH-Schlüssel gilt noch für Sie; bitte prüfen.
   *[other] { $n } SSH-Schlüssel gelten noch für Sie; bitte prüfen.
}
recover-ssh-unseen = Nicht alle SSH-Schlüssel waren lesbar; bitte prüfen.
recover-refused-here =
    Die Änderung ist erfolgt. Dieser Rechner sieht sie
    noch nicht. Weist er Sie ab, versuchen Sie es in einigen Minuten erneut.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Zu viele falsche Passwörter haben das Konto gesperrt.
    Ein neues Passwort hebt die Sperre auf. Falls Sie das alte doch wissen,
    geben Sie unlock ein und melden sich damit an.
unlock-prompt = Enter für ein neues Passwort, oder unlock: {""}
unlocked =
    Die Sperre ist aufgehoben. Melden Sie sich mit
    Ihrem bisherigen Passwort an.
unlock-not-sure =
    Die Sperre besteht vielleicht noch.
    Versuchen Sie das bisherige Passwort; wird es
    abgelehnt, beginnen Sie noch einmal.

# --- registration
method-email = E-Mail
method-phone = Telefon, per SMS
method-app = Authenticator-App auf einem Telefon
register-menu =
    Falls Sie Ihr Passwort einmal vergessen, hilft
    ein Code. Wie kann er Sie erreichen?
register-menu-two =
    Falls Sie Ihr Passwort einmal vergessen, helfen
    Codes. Ihr Konto braucht zwei von diesen Wegen:
register-menu-more =
    Ihr Konto braucht noch einen Weg, falls Sie
    Ihr Passwort einmal vergessen:
register-several = Oder mehrere, zum Beispiel: 1 2
register-helpdesk = Oder code, wenn der Helpdesk Ihnen einen gegeben hat.
register-menu-prompt = { $n ->
    [2] 1 oder 2
   *[other] 1, 2 oder 3
    } (Enter für später): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 oder 2
   *[other] 1, 2 oder 3
    }: {""}
register-email-only =
    Falls Sie Ihr Passwort einmal vergessen, hilft
    ein Code per E-Mail. Registrieren Sie dafür eine Adresse.
register-phone-only =
    Falls Sie Ihr Passwort einmal vergessen, hilft
    ein Code aufs Telefon. Registrieren Sie dafür eine Nummer.
register-app-only =
    Falls Sie Ihr Passwort einmal vergessen, hilft
    eine Authenticator-App auf einem Telefon. Registrieren Sie eine.
register-only-prompt = Jetzt registrieren: y (Enter für später): {""}
register-only-prompt-mandatory = Zum Registrieren y eingeben: {""}
register-mandatory =
    Es lässt sich nicht weiter aufschieben:
    ohne Registrierung endet die Anmeldung hier.
register-denied = Melden Sie sich erneut an und registrieren sich.
register-not-now =
    Im Moment geht es nicht.
    Sie können fortfahren und werden wieder gefragt.
register-by-hand = Für das Zurücksetzen registrieren: sspr enroll
register-changed =
    Was registriert ist, wurde inzwischen geändert.
    Nichts wurde gespeichert; bitte beginnen Sie noch einmal.
register-email =
    Welche E-Mail-Adresse?
    Nehmen Sie eine, die Sie ohne Anmeldung hier lesen können.
register-phone = Welche Nummer? Sie erhält eine SMS mit einem Code.
email-prompt = E-Mail-Adresse (Enter für zurück): {""}
number-prompt = Telefonnummer (Enter für zurück): {""}
registered =
    Fertig, Sie sind registriert. Passwort vergessen?
    Dann drücken Sie einfach Enter, wo danach gefragt wird.
app-scan = Mit einer Authenticator-App auf dem Telefon scannen.
app-beside = Keine Kamera? Diesen Schlüssel eingeben, zeitbasiert:
app-swap-beside = Nicht lesbar? Eingeben: swap
app-usage-picture = Code eingeben oder: swap (Farben), text (ohne Bild), Enter (zurück).
app-key = Konto in einer Authenticator-App hinzufügen.
app-key-lines =
    Konto: { $account } auf { $host }
    Art des Schlüssels: zeitbasiert, 6 Ziffern

    {"    "}{ $key }
app-usage = Geben Sie den Code ein, den die App dann zeigt, oder Enter für zurück.
app-usage-key = Code aus der App eingeben oder: picture (QR-Code, { $lines } Zeilen), Enter (zurück).
app-prompt = Code: {""}
app-wrong = Dieser Code ist nicht richtig. { $left ->
        [one] Noch ein Versuch.
       *[other] Noch { $left } Versuche.
    }
app-anew = Das ging nicht. In der App löschen und neu beginnen.
reconfirm = Sind Sie noch so zu erreichen?
reconfirm-prompt = y, wenn es stimmt, c zum Ändern (Enter für später): {""}
too-quick = Das kam zu schnell. Bitte erst lesen.
imported =
    Ihre Administration hat dies für Sie eingetragen,
    damit ein Code hilft, wenn Sie Ihr Passwort vergessen. Gehört es Ihnen?
imported-prompt = y oder n (Enter für später): {""}
imported-prompt-mandatory = y, n oder later: {""}
codes-shown =
    Zehn Wiederherstellungscodes für den Notfall.
    Mit jedem können Sie Ihr Passwort einmal zurücksetzen.
codes-keep =
    Bewahren Sie sie auf Papier auf: Sie werden nicht
    noch einmal gezeigt. Neue erhalten Sie mit: sspr codes
codes-unseen =
    Für Sie gibt es zehn Wiederherstellungscodes, die
    Sie vielleicht nie gesehen haben. Möchten Sie neue?
codes-off = Wiederherstellungscodes gibt es hier nicht.
remove =
    Das entfernt alles, was Ihr Passwort zurücksetzt:
remove-prompt = Zum Entfernen remove eingeben (Enter: behalten): {""}
removed =
    Es ist nichts mehr registriert.
    Erneut registrieren: sspr enroll

# --- contacts that can't be taken
contact-empty = Es wurde nichts eingegeben.
contact-too-long = Das ist zu lang.
email-no-at =
    In einer E-Mail-Adresse steht ein @,
    wie in ann@example.org.
email-no-dot =
    Nach dem @ muss eine vollständige Domain stehen,
    wie in ann@example.org.
email-several = Bitte nur eine Adresse eingeben.
email-display-name = Bitte nur die Adresse, ohne Klammern.
email-bad-domain = Was nach dem @ steht, ist keine Domain.
email-bad-local = Was vor dem @ steht, kann nicht sein.
email-not-ascii = Vor dem @ sind nur einfache Zeichen möglich.
number-not-one = Das ist keine Telefonnummer.
number-needs-country =
    Bitte mit der Landesvorwahl eingeben,
    wie in +49 151 23456789.
number-invalid =
    Diese Nummer gibt es nicht.
    Bitte prüfen Sie Ziffern und Landesvorwahl.
email-refused-domain =
    Eine Adresse bei { $domain } geht hier nicht:
    Im Notfall kommen Sie vielleicht nicht daran. Bitte nehmen Sie eine andere.
contact-known = Das ist schon registriert. Bitte etwas anderes.
number-not-textable =
    Eine solche Nummer kann keine SMS empfangen.
    Bitte nehmen Sie eine andere.

# --- the command
enroll-password = Zeigen Sie zuerst, dass Sie es sind.
current-password-prompt = Bisheriges Passwort: {""}
enroll-wrong-password =
    Das ist nicht Ihr bisheriges Passwort.
    Nichts wurde geändert.
enroll-not-served = Für dieses Konto ist das nicht eingeschaltet.
enroll-unchanged = Nichts wurde geändert.
enroll-no-way =
    Nichts wurde geändert: Dazu braucht es einen Code.
    Wenn keiner mehr zu bekommen ist, kann der Helpdesk helfen.
enroll-lost = Nichts davon zur Hand? Der Helpdesk kann helfen.
enroll-menu = Was Ihr Passwort zurücksetzen kann:
enroll-menu-nothing = Zum Zurücksetzen ist noch nichts registriert:
enroll-menu-missing =
    Was Ihr Passwort zurücksetzen kann.
    Ihr Konto braucht noch eines, von anderer Art:
enroll-menu-prompt = Eine Nummer (Enter, wenn Sie fertig sind): {""}
enroll-add-email = eine E-Mail-Adresse hinzufügen
enroll-add-phone = ein Telefon hinzufügen
enroll-add-app = eine Authenticator-App hinzufügen
enroll-remove = entfernen
enroll-prefer = vor dem anderen verwenden
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 oder 2
    } (Enter für zurück): {""}
enroll-last =
    Mehr ist nicht da; es kann nicht allein weg.
    Fügen Sie zuerst etwas hinzu, oder: sspr remove
enroll-saved = Gespeichert.
line-email = E-Mail   { $contact }
line-phone = Telefon  { $contact }
line-app = Authenticator-App
mark-preferred = (zuerst verwendet)
mark-unconfirmed = (noch nicht bestätigt)
status-nothing = Nichts ist registriert. Aufruf: sspr enroll
status-too-few =
    Ihr Konto braucht noch eines, von anderer Art.
    Aufruf: sspr enroll
status-registered = Zum Zurücksetzen des Passworts registriert:
status-codes = Übrige Wiederherstellungscodes: { $left }
status-confirmed = Zuletzt bestätigt: { $date }
status-unconfirmed = Nach Unbestätigtem wird bei einer Anmeldung gefragt.
status-used = zuletzt benutzt: { $date }
status-unused = noch nicht benutzt
status-not-asked = Ein Zurücksetzen fragt derzeit nicht danach.
status-asks-one = Ein Zurücksetzen fragt nach einem davon.
status-asks-two = Ein Zurücksetzen fragt nach zweien davon, von verschiedener Art.

# --- the line in a shell of somebody who is not registered
hint-enroll = Falls Sie Ihr Passwort vergessen: sspr enroll
hint-codes = Wiederherstellungscodes liegen bereit: sspr codes

# --- mail, text messages and calls
call-language = de-DE
call-opening = Guten Tag. Hier ist Ihr Code für { $host }.
call-again = Noch einmal, Ihr Code lautet:
call-closing = Auf Wiederhören.
mail-code-subject = Ihr Code für { $host }
mail-code-recover =
    { $code } ist Ihr Code, um das Passwort von { $account } auf { $host } zurückzusetzen.

    Er gilt bis { $until }. Geben Sie ihn dort ein, wo Sie ihn angefordert haben, und geben Sie ihn niemandem weiter.
    Falls Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun: Ohne den Code geschieht nichts.
mail-code-register =
    { $code } ist Ihr Code, um diese Adresse für { $account } auf { $host } zu registrieren.

    Er gilt bis { $until }. Geben Sie ihn dort ein, wo Sie ihn angefordert haben, und geben Sie ihn niemandem weiter.
    Falls Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun.
mail-code-enroll =
    { $code } ist Ihr Code, um zu ändern, wie { $account } auf { $host } zu erreichen ist.

    Er gilt bis { $until }. Geben Sie ihn dort ein, wo Sie ihn angefordert haben, und geben Sie ihn niemandem weiter.
    Falls Sie ihn nicht angefordert haben, kennt jemand Ihr Passwort. Ändern Sie es sofort und sagen Sie es Ihrer Administration.
mail-code-desk =
    { $code } ist der Code, nach dem der Helpdesk Sie fragt. Es geht um { $account } auf { $host }.

    Er gilt bis { $until }. Lesen Sie ihn nur vor, wenn Sie selbst beim Helpdesk angerufen haben: Er zeigt, wer Sie sind, und setzt nichts zurück.
    Falls Sie nicht angerufen haben, sagen Sie den Code niemandem, und benachrichtigen Sie Ihren Administrator.
text-code-desk = { $code } ist der Code, nach dem der Helpdesk Sie fragt. Es geht um { $account } auf { $host }. Nicht selbst angerufen? Sagen Sie ihn niemandem.
text-code-enroll = { $code } ist Ihr Code, um die Kontaktdaten von { $account } auf { $host } zu ändern. Nicht Sie? Ändern Sie sofort Ihr Passwort.
text-code-recover = { $code } ist Ihr Code, um das Passwort von { $account } auf { $host } zurückzusetzen. Geben Sie ihn niemandem weiter.
text-code-register = { $code } ist Ihr Code, um diese Nummer für { $account } auf { $host } zu registrieren. Geben Sie ihn niemandem weiter.
mail-recovered-subject = Das Passwort von { $account } auf { $host } wurde zurückgesetzt
mail-recovered =
    Das Passwort von { $account } auf { $host } wurde am { $when } zurückgesetzt, bei { $service } von { $source } aus.

    Waren Sie es, ist alles in Ordnung.
    Waren Sie es nicht: Setzen Sie es sofort noch einmal zurück, um andere auszusperren, und sagen Sie es Ihrer Administration.
text-recovered = Das Passwort von { $account } auf { $host } wurde am { $when } von { $source } aus zurückgesetzt. Nicht Sie? Setzen Sie es sofort zurück und sagen Sie es Ihrer Administration.
mail-unlocked-subject = { $account } auf { $host } wurde entsperrt
mail-unlocked =
    Zu viele falsche Passwörter hatten { $account } auf { $host } gesperrt. Am { $when } wurde die Sperre aufgehoben, bei { $service } von { $source } aus. Das Passwort blieb, wie es war.

    Waren Sie es, ist alles in Ordnung.
    Waren Sie es nicht: Sagen Sie es Ihrer Administration.
text-unlocked = { $account } auf { $host } wurde am { $when } von { $source } aus entsperrt. Das Passwort blieb, wie es war. Nicht Sie? Sagen Sie es Ihrer Administration.
mail-contact-changed-subject = Die Kontaktdaten von { $account } auf { $host } wurden geändert
mail-contact-changed =
    Was das Passwort von { $account } auf { $host } zurücksetzen kann, wurde am { $when } geändert, bei { $service } von { $source } aus.

    { $change }

    Waren Sie es, ist alles in Ordnung.
    Waren Sie es nicht: Ändern Sie sofort Ihr Passwort und sagen Sie es Ihrer Administration.
text-contact-changed = Zurücksetzen des Passworts von { $account } auf { $host }: { $change } { $when }. Nicht Sie? Ändern Sie Ihr Passwort und sagen Sie es Ihrer Administration.
text-about-email = die E-Mail-Adresse { $contact }
text-about-phone = das Telefon { $contact }
text-about-app = die Authenticator-App
text-change-added = Hinzugefügt: { $what }.
text-change-announced = Wird am { $from } aus dem Verzeichnis hinzugefügt: { $what }.
text-change-removed = Entfernt: { $what }.
text-change-preferred = Ab jetzt zuerst verwendet: { $what }.
text-change-codes = Es gibt neue Wiederherstellungscodes; die alten gelten nicht mehr.
text-change-everything = Entfernt: alles, was registriert war.
mail-test-subject = Testnachricht von { $host }
mail-test =
    Dies ist ein Test der E-Mails, die { $host } zum Zurücksetzen von Passwörtern sendet.
    Eine Administratorin oder ein Administrator hat ihn angefordert. Er enthält keinen Code; es ist nichts zu tun.
text-test = Test von { $host }: SMS zum Zurücksetzen von Passwörtern kommen an. Es ist nichts zu tun.
text-source-shell = einer Shell auf diesem Rechner
mail-blocked-subject = Das Zurücksetzen des Passworts von { $account } auf { $host } ruht
mail-blocked =
    Für { $account } auf { $host } wurden zu viele falsche Codes eingegeben, zuletzt am { $when }, bei { $service } von { $source } aus.

    Zurücksetzen mit Code ruht für dieses Konto eine Weile. Ihr Passwort gilt weiter.
    Waren Sie es nicht: Jemand wollte hinein. Nichts wurde geändert; sagen Sie es Ihrer Administration.
text-blocked = Zu viele falsche Codes für { $account } auf { $host }, zuletzt von { $source } aus. Zurücksetzen ruht eine Weile, Ihr Passwort gilt weiter. Nicht Sie? Sagen Sie es Ihrer Administration.
mail-admin-recovered-subject = Das Passwort von { $account } (Administration) auf { $host } wurde zurückgesetzt
mail-admin-recovered =
    Das Passwort von { $account } auf { $host } wurde am { $when } zurückgesetzt, bei { $service } von { $source } aus. Das Konto gehört zur Administration.

    War es nicht { $account }: Sperren Sie das Konto sofort, etwa mit "usermod -L { $account }", und sehen Sie ins Journal.
mail-many-failures-subject = Viele falsche Codes auf { $host }
mail-many-failures =
    In der Stunde vor { $when } wurden auf { $host } mehr falsche Codes eingegeben, als [limits] failed_proofs_per_hour erlaubt. Der letzte kam bei { $service } von { $source } aus.

    Vielleicht rät jemand. Jedes Konto hat seine eigene Grenze, es eilt also nicht; "sspr admin audit" zeigt, um welche Konten es ging und von wo. Bis es vorbei ist, dauern Antworten beim Zurücksetzen bis zu einer Sekunde länger.
mail-failures-at-source-subject = Viele falsche Codes von einer Stelle auf { $host }
mail-failures-at-source =
    In der Stunde vor { $when } kamen von einer einzigen Stelle mehr falsche Codes auf { $host }, als einer Stelle von [limits] failed_proofs_per_hour zustehen. Der letzte kam bei { $service } von { $source } aus.

    Vielleicht rät dort jemand. Jedes Konto hat seine eigene Grenze, es eilt also nicht; "sspr admin audit" zeigt, um welche Konten es ging. Bis es vorbei ist, dauern Antworten beim Zurücksetzen für diese Stelle bis zu einer Sekunde länger, für alle anderen nicht. Eine solche Mail kommt höchstens einmal am Tag; weitere Stellen stehen im Audit-Protokoll.
