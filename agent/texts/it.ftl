# Italiano. How texts are written: see en.ftl. What can stand above a password prompt says "reimpostazione" alone.

date-format = %d/%m/%Y
span-seconds = { $n ->
    [one] { $n } secondo
   *[other] { $n } secondi
}
span-minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minuti
}
span-hours = { $n ->
    [one] { $n } ora
   *[other] { $n } ore
}

# --- answers that can't be read
too-long = Testo troppo lungo. Digitarlo di nuovo.
not-plain = Testo illeggibile. Digitarlo di nuovo.
choose-again = Digitare una delle risposte indicate.
choose-number = Digitare proprio il numero di telefono.

# --- when nothing goes
unavailable = Reimpostazione al momento non disponibile.
server-changed = Il server non risponde più. Rispondere di nuovo.
resting =
    Troppi codici errati.
    La reimpostazione di questo account è sospesa; riprovare tra { $time }.
too-many-starts = Troppi tentativi. Riprovare tra { $time }.
go-on-prompt = Premere Invio per continuare: {""}

# --- recovery
recover-menu = Come confermare la propria identità?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     un codice all'indirizzo e-mail registrato
recover-menu-app = {"  "}app   un codice dell'app di autenticazione
recover-menu-codes = {"  "}code  un codice di recupero o dell'assistenza
recover-menu-recovery-code = {"  "}code  un codice di recupero
recover-menu-helpdesk-code = {"  "}code  un codice dell'assistenza
recover-menu-contact = {"  "}oppure digitare il numero di telefono o l'indirizzo e-mail
recover-menu-number = {"  "}oppure digitare il numero di telefono registrato
recover-menu-address = {"  "}oppure digitare un altro indirizzo e-mail registrato
recover-menu-prompt = Scelta (Invio per tornare): {""}
recover-menu-prompt-mandatory = Scelta: {""}
one-more-proof =
    Il codice era corretto.
    L'account ne richiede un altro, per un'altra via.
proof-gone = Tempo scaduto. Premere Invio per ricominciare.
recover-left = Procedura interrotta. Nulla è cambiato.
recover-given-up =
    Troppe risposte non erano tra quelle indicate.
    Nulla è cambiato.

# --- codes
code-sent-email =
    Se questo account ha un indirizzo e-mail registrato,
    un codice è in arrivo. È valido per { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }.
code-sent-contact =
    Se è registrato per questo account,
    un codice è in arrivo. È valido per { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }.
code-called =
    Se è un telefono registrato per questo account,
    squillerà tra poco e il codice verrà letto due volte.
    È valido per { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }.
code-sent-to =
    Un codice è in arrivo. È valido per { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }.
    Va a { $contact }.
code-sent-earlier =
    Un codice inviato prima è ancora valido.
    Se ne può inviare un altro tra { $time }.
code-resumed-email = Un codice inviato per e-mail è ancora valido.
code-resumed-contact =
    Un codice inviato al recapito digitato prima
    è ancora valido.
code-resumed-to =
    Per completare la registrazione, digitare il codice
    inviato a { $contact }.
code-not-yet = Un altro codice sarà possibile tra { $time }.
code-usage = Digitare il codice, o: new (altro codice), other (altra via), Invio (indietro)
code-usage-call = Digitare il codice, o: new (altro), call (lettura), other (altra via)
code-usage-new = Digitare il codice, o: new (altro codice), other (cambiare), Invio (indietro)
code-usage-mandatory = Digitare il codice, o: new (altro codice), other (altra via)
code-usage-new-mandatory = Digitare il codice, o: new (altro codice), other (cambiare)
code-usage-token = Per un codice di recupero o dell'assistenza, digitare: code
code-prompt = Codice: {""}
code-refused = Il codice non è corretto.
code-malformed = Un codice ha { $digits } cifre.
code-wrong =
    Il codice non è corretto. { $left ->
        [one] Resta un tentativo.
       *[other] Restano { $left } tentativi.
    }
code-worn-out =
    Il codice non è corretto.
    Non si può più provare; digitare new per averne un altro.
code-expired =
    Il codice è scaduto.
    Digitare new per averne un altro.

# --- codes that somebody has already
token-app = Digitare il codice mostrato dall'app.
token-app-wrong =
    Il codice non è corretto. { $left ->
        [one] Resta un tentativo.
       *[other] Restano { $left } tentativi.
    }
    Un codice vale mezzo minuto e una sola volta.
token-code = Digitare un codice di recupero o dell'assistenza.
token-helpdesk = Digitare il codice avuto dall'assistenza.
token-code-wrong =
    Il codice non è corretto. { $left ->
        [one] Resta un tentativo.
       *[other] Restano { $left } tentativi.
    }
    Ogni codice vale una sola volta.
token-usage = Digitare il codice, o: other (altra via), Invio (indietro)

# --- the new password
password-rules =
    Scegliere una password di almeno { $length } caratteri.
    Vanno bene alcune parole che non c'entrano l'una con l'altra.
password-rules-digits = { $n ->
    [one] Questa macchina richiede una cifra.
   *[other] Questa macchina richiede { $n } cifre.
}
password-rules-capitals = { $n ->
    [one] Questa macchina richiede una maiuscola.
   *[other] Questa macchina richiede { $n } maiuscole.
}
password-rules-small = { $n ->
    [one] Questa macchina richiede una minuscola.
   *[other] Questa macchina richiede { $n } minuscole.
}
password-rules-others = { $n ->
    [one] Questa macchina richiede un segno, come un trattino.
   *[other] Questa macchina richiede { $n } segni, come trattini.
}
password-rules-kinds = Maiuscole, minuscole, cifre, segni: usarne { $n } tipi.
password-rules-history = Una già usata non viene accettata.
password-rules-banned = Alcune parole sono vietate; verrà segnalato.
password-encrypts = Ciò che cifra quella vecchia resta bloccato.
recovery-codes-left =
    { $left ->
        [0] Era l'ultimo dei codici di recupero.
        [one] Resta un codice di recupero.
       *[other] Restano { $left } codici di recupero.
    }
password-prompt = Nuova password: {""}
password-takes = Il cambio può richiedere fino a un minuto.
password-again-prompt = Ancora la stessa: {""}
password-mismatch = Le due non coincidono. Scegliere di nuovo.
password-empty = Nessun testo. Scegliere una nuova password.
password-too-short =
    È troppo corta. { $more ->
        [one] Manca un carattere.
       *[other] Mancano { $more } caratteri.
    }
password-too-long = È troppo lunga: al massimo 511 byte.
password-has-name =
    Contiene il proprio nome o quello della macchina.
    Sceglierne un'altra.
password-banned =
    Contiene una parola vietata qui:
    { $word }
    Sceglierne un'altra.
password-blanks =
    Inizia o finisce con uno spazio.
    Lì gli spazi si perdono; sceglierne un'altra.
password-keyboard =
    È una fila di tasti, facile da indovinare.
    Sceglierne un'altra.
password-repeats =
    Si ripete ed è facile da indovinare.
    Sceglierne un'altra.
password-sequence =
    È una sequenza come abc o 1234.
    Si indovina presto; sceglierne un'altra.
password-date =
    È una data, che si indovina presto.
    Sceglierne un'altra.
password-common =
    È tra le più usate, o le somiglia.
    Sceglierne un'altra.
password-word =
    È una sola parola o un nome.
    Si indovina presto; metterne insieme alcune.
password-weak =
    È facile da indovinare.
    Più lunga, o con una parola in più, andrà bene.
password-same =
    È quella attuale, che vale ancora.
    Sceglierne una nuova.
password-refused =
    Questa macchina non la accetta:
    { $reason }
password-refused-there =
    La directory non la accetta:
    { $reason }
password-short-there =
    È troppo corta per la directory.
    Sceglierne una più lunga.
password-young =
    È stata cambiata da poco.
    La directory consente il prossimo cambio più tardi.
not-changed =
    Nulla è cambiato; la precedente vale ancora.
    Riprovare più tardi.
not-sure =
    La modifica potrebbe non essere riuscita.
    Provare prima la nuova, poi la precedente.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Una sessione aperta è stata chiusa.
   *[other] { $n } sessioni aperte sono state chiuse.
}
recover-ssh-keys = { $n ->
    [one] Una chiave SSH dà ancora accesso; verificarla.
   *[other] { $n } chiavi SSH danno ancora accesso; verificarle.
}
recover-ssh-unseen = Non tutte le chiavi SSH sono leggibili; verificarle.
recover-refused-here =
    La modifica è fatta. Questa macchina non la vede
    ancora: se l'accesso è rifiutato, riprovare tra qualche minuto.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Troppi tentativi errati hanno bloccato l'account.
    Una nuova password toglie il blocco. Se si ricorda quella precedente,
    digitare unlock e accedere con essa.
unlock-prompt = Invio per una nuova password, o unlock: {""}
unlocked =
    Il blocco è stato tolto. Accedere con
    la password precedente.
unlock-not-sure =
    L'account potrebbe essere ancora bloccato.
    Provare quella di prima; se viene rifiutata,
    ricominciare.

# --- registration
method-email = e-mail
method-phone = telefono, via SMS
method-app = app di autenticazione su un telefono
register-menu =
    Se un giorno non si riesce ad accedere, si può
    entrare con un codice. Dove inviarlo?
register-menu-two =
    Se un giorno non si riesce ad accedere, si può
    entrare con dei codici. L'account richiede due di queste vie:
register-menu-more =
    L'account richiede un'altra via, nel caso
    un giorno non si riesca ad accedere:
register-several = O più d'una, ad esempio: 1 2
register-helpdesk = Oppure code, se l'assistenza gliene ha dato uno.
register-menu-prompt = { $n ->
    [2] 1 o 2
   *[other] 1, 2 o 3
    } (Invio per più tardi): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 o 2
   *[other] 1, 2 o 3
    }: {""}
register-email-only =
    Se un giorno non si riesce ad accedere, si può
    entrare con un codice per e-mail. Registrare un indirizzo.
register-phone-only =
    Se un giorno non si riesce ad accedere, si può
    entrare con un codice al telefono. Registrare un numero.
register-app-only =
    Se un giorno non si riesce ad accedere, si può
    entrare con un'app di autenticazione. Registrarne una.
register-only-prompt = Digitare y per registrare (Invio: più tardi): {""}
register-only-prompt-mandatory = Digitare y per registrare ora: {""}
register-mandatory =
    Non si può più rimandare:
    senza registrazione l'accesso termina qui.
register-denied = Per entrare, accedere di nuovo e registrarsi.
register-not-now =
    Al momento non è possibile.
    Si può proseguire; la domanda verrà riproposta.
register-by-hand = Per registrarsi alla reimpostazione: sspr enroll
register-changed =
    Intanto i dati registrati sono cambiati.
    Nulla è stato salvato; ricominciare.
register-email =
    Quale indirizzo e-mail?
    Sceglierne uno che si possa leggere senza accedere qui.
register-phone = Quale numero? Riceverà un SMS con un codice.
email-prompt = Indirizzo e-mail (Invio per tornare): {""}
number-prompt = Numero di telefono (Invio per tornare): {""}
registered =
    Fatto, registrazione completata. Se un giorno non si
    riesce ad accedere, premere Invio senza digitare nulla.
app-scan = Inquadrare con un'app di autenticazione.
app-beside = Senza fotocamera, digitare questa chiave (a tempo):
app-swap-beside = Non si legge? Digitare: swap
app-usage-picture = Digitare il codice, o: swap (colori), text (senza immagine), Invio (indietro)
app-key = Aggiungere un account all'app di autenticazione.
app-key-lines =
    Account: { $account } su { $host }
    Tipo di chiave: a tempo, 6 cifre

    {"    "}{ $key }
app-usage = Digitare il codice che l'app mostra allora, o Invio per tornare.
app-usage-key = Digitare il codice, o: picture (codice QR, { $lines } righe), Invio (indietro)
app-prompt = Codice: {""}
app-wrong = Il codice non è corretto. { $left ->
        [one] Resta un tentativo.
       *[other] Restano { $left } tentativi.
    }
app-anew = Non riuscito. Eliminarlo dall'app e ricominciare.
reconfirm = I recapiti sono ancora questi?
reconfirm-prompt = y se è così, c per cambiarli (Invio per più tardi): {""}
too-quick = Troppo in fretta. Prima leggere quanto segue.
imported =
    L'amministratore ha inserito questo recapito, perché
    un codice possa aiutare se non si riesce ad accedere. È corretto?
imported-prompt = y o n (Invio per più tardi): {""}
imported-prompt-mandatory = y, n o later: {""}
codes-shown =
    Dieci codici di recupero, per ogni evenienza.
    Ognuno permette di rientrare una volta.
codes-keep =
    Conservarli su carta: non verranno più mostrati.
    Per averne di nuovi, eseguire: sspr codes
codes-unseen =
    Sono stati creati dieci codici di recupero che forse
    non sono mai stati visti. Se ne vogliono di nuovi?
codes-off = Qui non si usano codici di recupero.
remove =
    Questo elimina tutto ciò che reimposta la password:
remove-prompt = Digitare remove per farlo (Invio: mantenere): {""}
removed =
    Non è più registrato nulla.
    Per registrarsi di nuovo, eseguire: sspr enroll

# --- contacts that can't be taken
contact-empty = Non è stato digitato nulla.
contact-too-long = È troppo lungo.
email-no-at =
    Un indirizzo e-mail contiene una @,
    come ann@example.org.
email-no-dot =
    Dopo la @ serve un dominio completo,
    come in ann@example.org.
email-several = Digitare un solo indirizzo.
email-display-name = Digitare solo l'indirizzo, senza parentesi.
email-bad-domain = Ciò che segue la @ non è un dominio.
email-bad-local = Ciò che precede la @ non è valido.
email-not-ascii = Prima della @ solo lettere senza accenti.
number-not-one = Non è un numero di telefono.
number-needs-country =
    Digitarlo con il prefisso del paese,
    come +39 312 345 6789.
number-invalid =
    Il numero non esiste.
    Controllare le cifre e il paese.
email-refused-domain =
    Un indirizzo di { $domain } qui non va bene:
    all'occorrenza potrebbe non essere leggibile. Sceglierne un altro.
contact-known = È già registrato. Sceglierne un altro.
number-not-textable =
    Un numero così non riceve SMS.
    Sceglierne un altro.

# --- the command
enroll-password = Prima occorre confermare la propria identità.
current-password-prompt = Password attuale: {""}
enroll-wrong-password =
    Non è la password attuale.
    Nulla è cambiato.
enroll-not-served = Il servizio non è attivo per questo account.
enroll-unchanged = Nulla è cambiato.
enroll-no-way =
    Nulla è cambiato: serve un codice.
    Se non è più possibile riceverne, può aiutare l'assistenza.
enroll-lost = Nulla di questo a portata? Può aiutare l'assistenza.
enroll-menu = Se non si riesce ad accedere, si può usare:
enroll-menu-nothing = Nessuna via di reimpostazione registrata:
enroll-menu-missing =
    Se non si riesce ad accedere, si può usare questo.
    L'account richiede un'altra via, di tipo diverso:
enroll-menu-prompt = Un numero (Invio per terminare): {""}
enroll-add-email = aggiungere un indirizzo e-mail
enroll-add-phone = aggiungere un telefono
enroll-add-app = aggiungere un'app di autenticazione
enroll-remove = eliminarlo
enroll-prefer = usarlo prima dell'altro
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 o 2
    } (Invio per tornare): {""}
enroll-last =
    È l'unico che c'è; non si può togliere da solo.
    Aggiungerne prima un altro, o eseguire: sspr remove
enroll-saved = Salvato.
line-email = e-mail    { $contact }
line-phone = telefono  { $contact }
line-app = app di autenticazione
mark-preferred = (usato per primo)
mark-unconfirmed = (non ancora confermato)
status-nothing = Nulla è registrato. Eseguire: sspr enroll
status-too-few =
    L'account richiede un'altra via, di tipo diverso.
    Eseguire: sspr enroll
status-registered = Registrato per reimpostare la password:
status-codes = Codici di recupero rimasti: { $left }
status-confirmed = Ultima conferma: { $date }
status-unconfirmed = Ciò che non è confermato verrà chiesto a un accesso.
status-used = ultimo uso: { $date }
status-unused = non ancora usato
status-not-asked = La reimpostazione ora non lo chiede.
status-asks-one = La reimpostazione chiede uno di questi.
status-asks-two = La reimpostazione ne chiede due, di tipo diverso.

# --- the line in a shell of somebody who is not registered
hint-enroll = In caso di password dimenticata: sspr enroll
hint-codes = Ci sono codici di recupero da leggere: sspr codes

# --- mail, text messages and calls
call-language = it-IT
call-opening = Buongiorno. Questo è il codice per { $host }.
call-again = Ancora una volta, il codice è:
call-closing = Arrivederci.
mail-code-subject = Il codice per { $host }
mail-code-recover =
    { $code } è il codice per reimpostare la password di { $account } su { $host }.

    È valido fino alle { $until }. Digitarlo dove è stato richiesto e non darlo a nessuno.
    Se non è stato richiesto, non occorre fare nulla: senza il codice non succede niente.
mail-code-register =
    { $code } è il codice per registrare questo indirizzo per { $account } su { $host }.

    È valido fino alle { $until }. Digitarlo dove è stato richiesto e non darlo a nessuno.
    Se non è stato richiesto, non occorre fare nulla.
mail-code-enroll =
    { $code } è il codice per cambiare i recapiti di { $account } su { $host }.

    È valido fino alle { $until }. Digitarlo dove è stato richiesto e non darlo a nessuno.
    Se non è stato richiesto, qualcuno conosce la password. Cambiarla subito e avvisare l'amministratore.
mail-code-desk =
    { $code } è il codice chiesto dall'assistenza. Riguarda { $account } su { $host }.

    È valido fino alle { $until }. Leggerlo solo se si è chiamata l'assistenza di persona: mostra chi chiama e non reimposta nulla.
    Se non si è chiamato, non dare il codice a nessuno e avvisare l'amministratore.
text-code-desk = { $code } è il codice chiesto dall'assistenza per { $account } su { $host }. Nessuna chiamata fatta? Non darlo a nessuno.
text-code-enroll = { $code } è il codice per cambiare i recapiti di { $account } su { $host }. Non richiesto? Cambiare subito la password.
text-code-recover = { $code } è il codice per reimpostare la password di { $account } su { $host }. Non darlo a nessuno.
text-code-register = { $code } è il codice per registrare questo numero per { $account } su { $host }. Non darlo a nessuno.
mail-recovered-subject = La password di { $account } su { $host } è stata reimpostata
mail-recovered =
    La password di { $account } su { $host } è stata reimpostata il { $when }, tramite { $service } da { $source }.

    Se la richiesta era propria, va tutto bene.
    In caso contrario: reimpostarla subito per escludere altri e avvisare l'amministratore.
text-recovered = La password di { $account } su { $host } è stata reimpostata il { $when } da { $source }. Non richiesto? Reimpostarla subito e avvisare l'amministratore.
mail-unlocked-subject = { $account } su { $host } è stato sbloccato
mail-unlocked =
    Troppe password errate avevano bloccato { $account } su { $host }. Il { $when } il blocco è stato tolto, tramite { $service } da { $source }. La password è rimasta la stessa.

    Se la richiesta era propria, va tutto bene.
    In caso contrario: avvisare l'amministratore.
text-unlocked = { $account } su { $host } è stato sbloccato il { $when } da { $source }. La password è rimasta la stessa. Non richiesto? Avvisare l'amministratore.
mail-contact-changed-subject = I recapiti di { $account } su { $host } sono cambiati
mail-contact-changed =
    Ciò che può reimpostare la password di { $account } su { $host } è cambiato il { $when }, tramite { $service } da { $source }.

    { $change }

    Se la modifica era propria, va tutto bene.
    In caso contrario: cambiare subito la password e avvisare l'amministratore.
text-contact-changed = Reimpostazione per { $account } su { $host }: { $change } { $when }. Non richiesto? Cambiare la password e avvisare l'amministratore.
text-about-email = l'indirizzo e-mail { $contact }
text-about-phone = il telefono { $contact }
text-about-app = l'app di autenticazione
text-change-added = Aggiunto: { $what }.
text-change-announced = Verrà aggiunto il { $from } dalla directory: { $what }.
text-change-removed = Eliminato: { $what }.
text-change-preferred = D'ora in poi usato per primo: { $what }.
text-change-codes = Ci sono nuovi codici di recupero; i precedenti non valgono più.
text-change-everything = Eliminato: tutto ciò che era registrato.
mail-test-subject = Messaggio di prova da { $host }
mail-test =
    Questa è una prova dei messaggi che { $host } invia per reimpostare le password.
    L'ha richiesta un amministratore. Non contiene codici e non occorre fare nulla.
text-test = Prova da { $host }: gli SMS per reimpostare le password arrivano. Non occorre fare nulla.
text-source-shell = una shell su questa macchina
mail-blocked-subject = Reimpostazione sospesa per { $account } su { $host }
mail-blocked =
    Sono stati digitati troppi codici errati per { $account } su { $host }, l'ultimo il { $when }, tramite { $service } da { $source }.

    La reimpostazione tramite codice è sospesa per un po' per questo account. La password funziona come prima.
    Se i codici non erano propri: qualcuno ha tentato di entrare. Nulla è cambiato; avvisare l'amministratore.
text-blocked = Troppi codici errati per { $account } su { $host }, l'ultimo da { $source }. Reimpostazione sospesa per un po'; la password vale ancora. Non richiesto? Avvisare l'amministratore.
mail-admin-recovered-subject = La password dell'amministratore { $account } su { $host } è stata reimpostata
mail-admin-recovered =
    La password di { $account } su { $host } è stata reimpostata il { $when }, tramite { $service } da { $source }. È un account di amministratore.

    Se non è stato { $account }: bloccare subito l'account, ad esempio con "usermod -L { $account }", e consultare il journal.
mail-many-failures-subject = Molti codici errati su { $host }
mail-many-failures =
    Nell'ora precedente a { $when } su { $host } sono stati digitati più codici errati di quanti ne consenta [limits] failed_proofs_per_hour. L'ultimo è arrivato tramite { $service } da { $source }.

    Qualcuno forse sta indovinando. Ogni account ha il proprio limite, quindi non c'è fretta; "sspr admin audit" mostra di quali account si trattava e da dove. Finché non finisce, le risposte alla reimpostazione richiedono fino a un secondo in più.
mail-failures-at-source-subject = Molti codici errati da una sola origine su { $host }
mail-failures-at-source =
    Nell'ora precedente a { $when } una sola origine ha digitato su { $host } più codici errati di quanti gliene spettino di [limits] failed_proofs_per_hour. L'ultimo è arrivato tramite { $service } da { $source }.

    Qualcuno forse sta indovinando lì. Ogni account ha il proprio limite, quindi non c'è fretta; "sspr admin audit" mostra di quali account si trattava. Finché non finisce, le risposte alla reimpostazione richiedono fino a un secondo in più per questa origine, e per nessun altro. Un messaggio così arriva al massimo una volta al giorno; le altre origini sono nel registro di audit.
