# Français. How texts are written: see en.ftl.

date-format = %d/%m/%Y
span-seconds = { $n ->
    [one] { $n } seconde
   *[other] { $n } secondes
}
span-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
span-hours = { $n ->
    [one] { $n } heure
   *[other] { $n } heures
}

# --- answers that can't be read
too-long = C'est trop long. Veuillez le saisir à nouveau.
not-plain = C'est illisible. Veuillez le saisir à nouveau.
choose-again = Veuillez saisir une des réponses affichées.
choose-number = Veuillez saisir le numéro de téléphone lui-même.

# --- when nothing goes
unavailable = La réinitialisation est indisponible.
server-changed = Le serveur ne répond plus. Répondez à nouveau.
resting =
    Trop de codes erronés.
    La réinitialisation est suspendue pour ce compte ; réessayez dans { $time }.
too-many-starts = Trop d'essais. Réessayez dans { $time }.
go-on-prompt = Appuyez sur Entrée pour continuer : {""}

# --- recovery
recover-menu = Comment voulez-vous prouver votre identité ?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     un code à votre adresse e-mail enregistrée
recover-menu-app = {"  "}app   un code de votre application d'authentification
recover-menu-codes = {"  "}code  un code de secours ou un code de l'assistance
recover-menu-recovery-code = {"  "}code  un code de secours
recover-menu-helpdesk-code = {"  "}code  un code de l'assistance
recover-menu-contact = {"  "}ou saisissez votre numéro de téléphone ou adresse e-mail
recover-menu-number = {"  "}ou saisissez votre numéro de téléphone enregistré
recover-menu-address = {"  "}ou saisissez une autre adresse e-mail enregistrée
recover-menu-prompt = Votre choix (Entrée pour revenir) : {""}
recover-menu-prompt-mandatory = Votre choix : {""}
one-more-proof =
    Ce code était correct.
    Votre compte en demande un autre, par un autre moyen.
proof-gone = Délai dépassé. Appuyez sur Entrée pour recommencer.
recover-left = Réinitialisation abandonnée. Rien n'a changé.
recover-given-up =
    Trop de réponses n'étaient pas proposées.
    Rien n'a changé.

# --- codes
code-sent-email =
    Si ce compte a une adresse e-mail enregistrée,
    un code vient d'y être envoyé. Il est valable { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-sent-contact =
    Si cela est enregistré pour ce compte,
    un code vient d'y être envoyé. Il est valable { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-called =
    Si ce téléphone est enregistré pour ce compte,
    il sonne dans un instant et le code est lu deux fois.
    Il est valable { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-sent-to =
    Un code a été envoyé. Il est valable { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
    Il est envoyé à { $contact }.
code-sent-earlier =
    Un code envoyé auparavant est encore valable.
    Un autre pourra être envoyé dans { $time }.
code-resumed-email = Un code envoyé par e-mail est encore valable.
code-resumed-contact =
    Un code envoyé à l'adresse ou au numéro saisi
    auparavant est encore valable.
code-resumed-to =
    Pour terminer l'enregistrement, saisissez le code
    envoyé à { $contact }.
code-not-yet = Un autre code sera possible dans { $time }.
code-usage = Saisissez le code, ou : new (autre code), other (autre moyen), Entrée (retour)
code-usage-call = Saisissez le code, ou : new (autre), call (lecture), other (autre moyen)
code-usage-new = Saisissez le code, ou : new (autre code), other (corriger), Entrée (retour)
code-usage-mandatory = Saisissez le code, ou : new (autre code), other (autre moyen)
code-usage-new-mandatory = Saisissez le code, ou : new (autre code), other (corriger)
code-usage-token = Pour un code de secours ou de l'assistance, saisissez : code
code-prompt = Code : {""}
code-refused = Ce code n'est pas correct.
code-malformed = Un code compte { $digits } chiffres.
code-wrong =
    Ce code n'est pas correct. { $left ->
        [one] Encore un essai.
       *[other] Encore { $left } essais.
    }
code-worn-out =
    Ce code n'est pas correct.
    Il ne peut plus être essayé ; saisissez new pour un autre.
code-expired =
    Ce code a expiré.
    Saisissez new pour un autre.

# --- codes that somebody has already
token-app = Saisissez le code affiché par votre application.
token-app-wrong =
    Ce code n'est pas correct. { $left ->
        [one] Encore un essai.
       *[other] Encore { $left } essais.
    }
    Un code est valable une demi-minute, et une seule fois.
token-code = Saisissez un code de secours ou de l'assistance.
token-helpdesk = Saisissez le code donné par l'assistance.
token-code-wrong =
    Ce code n'est pas correct. { $left ->
        [one] Encore un essai.
       *[other] Encore { $left } essais.
    }
    Chaque code sert une seule fois.
token-usage = Saisissez le code, ou : other (autre moyen), Entrée (retour)

# --- the new password
password-rules =
    Choisissez un mot de passe d'au moins { $length } signes.
    Quelques mots sans rapport entre eux conviennent bien.
password-rules-digits = { $n ->
    [one] Cette machine exige un chiffre.
   *[other] Cette machine exige { $n } chiffres.
}
password-rules-capitals = { $n ->
    [one] Cette machine exige une majuscule.
   *[other] Cette machine exige { $n } majuscules.
}
password-rules-small = { $n ->
    [one] Cette machine exige une minuscule.
   *[other] Cette machine exige { $n } minuscules.
}
password-rules-others = { $n ->
    [one] Cette machine exige un signe, comme un tiret.
   *[other] Cette machine exige { $n } signes, comme des tirets.
}
password-rules-kinds = Majuscules, minuscules, chiffres, signes : { $n } types.
password-rules-history = Un ancien mot de passe n'est pas accepté.
password-rules-banned = Certains mots sont interdits ; on vous le dira.
password-encrypts = Ce que l'ancien chiffre reste verrouillé.
recovery-codes-left =
    { $left ->
        [0] C'était le dernier de vos codes de secours.
        [one] Il vous reste un code de secours.
       *[other] Il vous reste { $left } codes de secours.
    }
password-prompt = Nouveau mot de passe : {""}
password-takes = Le changement peut prendre jusqu'à une minute.
password-again-prompt = Encore une fois : {""}
password-mismatch = Les deux diffèrent. Veuillez recommencer.
password-empty = Rien n'a été saisi. Veuillez en choisir un.
password-too-short =
    C'est trop court. { $more ->
        [one] Il manque un caractère.
       *[other] Il manque { $more } caractères.
    }
password-too-long = C'est trop long : 511 octets au plus.
password-has-name =
    Il contient votre nom ou celui de cette machine.
    Veuillez en choisir un autre.
password-banned =
    Il contient un mot interdit ici :
    { $word }
    Veuillez en choisir un autre.
password-blanks =
    Il commence ou finit par une espace.
    Elle risque de se perdre ; veuillez en choisir un autre.
password-keyboard =
    Une suite de touches se devine vite.
    Veuillez en choisir un autre.
password-repeats =
    Il se répète et se devine facilement.
    Veuillez en choisir un autre.
password-sequence =
    C'est une suite comme abc ou 1234.
    Elle se devine vite ; veuillez en choisir un autre.
password-date =
    Une date se devine vite.
    Veuillez en choisir un autre.
password-common =
    C'est l'un des plus courants, ou presque.
    Veuillez en choisir un autre.
password-word =
    C'est un seul mot ou un nom.
    Il se devine vite ; mettez-en plusieurs.
password-weak =
    Il est facile à deviner.
    Plus long, ou avec un mot de plus, il conviendra.
password-same =
    C'est celui que vous avez déjà, il reste valable.
    Veuillez en choisir un nouveau.
password-refused =
    Cette machine ne l'accepte pas :
    { $reason }
password-refused-there =
    L'annuaire ne l'accepte pas :
    { $reason }
password-short-there =
    C'est trop court pour l'annuaire.
    Choisissez-en un plus long.
password-young =
    Il a été changé il y a peu.
    L'annuaire permettra le prochain changement plus tard.
not-changed =
    Rien n'a changé ; l'ancien reste valable.
    Veuillez réessayer plus tard.
not-sure =
    La modification n'a peut-être pas abouti.
    Essayez d'abord le nouveau, puis l'ancien.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Une session ouverte a été fermée.
   *[other] { $n } sessions ouvertes ont été fermées.
}
recover-ssh-keys = { $n ->
    [one] Une clé SSH donne encore accès ; vérifiez-la.
   *[other] { $n } clés SSH donnent encore accès ; vérifiez-les.
}
recover-ssh-unseen = Certaines clés SSH n'ont pu être lues ; vérifiez-les.
recover-refused-here =
    C'est modifié. Cette machine ne le voit pas encore :
    si elle vous refuse, réessayez dans quelques minutes.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Trop d'essais erronés ont verrouillé ce compte.
    Un nouveau mot de passe lève le verrou. Si l'ancien vous revient,
    saisissez unlock et connectez-vous avec lui.
unlock-prompt = Entrée : nouveau mot de passe, ou unlock : {""}
unlocked =
    Le verrou est levé. Connectez-vous avec
    votre mot de passe habituel.
unlock-not-sure =
    Le compte est peut-être encore verrouillé.
    Essayez votre mot de passe ; s'il est refusé,
    recommencez.

# --- registration
method-email = e-mail
method-phone = téléphone, par SMS
method-app = application d'authentification sur un téléphone
register-menu =
    Si vous oubliez un jour votre mot de passe, un code
    vous laissera entrer. Où peut-il vous joindre ?
register-menu-two =
    Si vous oubliez un jour votre mot de passe, des codes
    vous laisseront entrer. Votre compte demande deux de ces moyens :
register-menu-more =
    Votre compte demande un moyen de plus, au cas où
    vous oublieriez votre mot de passe :
register-several = Ou plusieurs, par exemple : 1 2
register-helpdesk = Ou code, si l'assistance vous en a donné un.
register-menu-prompt = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    } (Entrée pour plus tard) : {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    } : {""}
register-email-only =
    Si vous oubliez un jour votre mot de passe, un code
    par e-mail vous laissera entrer. Enregistrez une adresse.
register-phone-only =
    Si vous oubliez un jour votre mot de passe, un code
    par téléphone vous laissera entrer. Enregistrez un numéro.
register-app-only =
    Si vous oubliez un jour votre mot de passe, une
    application d'authentification peut aider. Enregistrez-en une.
register-only-prompt = y pour enregistrer (Entrée pour plus tard) : {""}
register-only-prompt-mandatory = Saisissez y pour enregistrer : {""}
register-mandatory =
    Il n'est plus possible de remettre à plus tard :
    sans enregistrement, la connexion s'arrête ici.
register-denied = Reconnectez-vous et enregistrez-vous.
register-not-now =
    Ce n'est pas possible en ce moment.
    Vous pouvez continuer ; la question reviendra.
register-by-hand = Pour réinitialiser, enregistrez-vous : sspr enroll
register-changed =
    L'enregistrement a été modifié entre-temps.
    Rien n'a été conservé ; veuillez recommencer.
register-email =
    Quelle adresse e-mail ?
    Choisissez-en une que vous pouvez lire sans vous connecter ici.
register-phone = Quel numéro ? Il recevra un SMS avec un code.
email-prompt = Adresse e-mail (Entrée pour revenir) : {""}
number-prompt = Numéro de téléphone (Entrée pour revenir) : {""}
registered =
    C'est enregistré. En cas d'oubli du mot de passe,
    appuyez simplement sur Entrée là où il est demandé.
app-scan = À scanner avec une application d'authentification.
app-beside = Sans caméra, saisissez cette clé (temporelle) :
app-swap-beside = Illisible ? Tapez : swap
app-usage-picture = Saisissez le code, ou : swap (couleurs), text (sans image), Entrée (retour)
app-key = Ajoutez un compte à l'application.
app-key-lines =
    Compte : { $account } sur { $host }
    Type de clé : temporelle, 6 chiffres

    {"    "}{ $key }
app-usage = Saisissez le code que l'application affiche alors, ou Entrée pour revenir.
app-usage-key = Saisissez le code, ou : picture (code QR, { $lines } lignes), Entrée (retour)
app-prompt = Code : {""}
app-wrong = Ce code n'est pas correct. { $left ->
        [one] Encore un essai.
       *[other] Encore { $left } essais.
    }
app-anew = Échec. Supprimez-le de l'application et recommencez.
reconfirm = Peut-on toujours vous joindre ainsi ?
reconfirm-prompt = y si oui, c pour modifier (Entrée pour plus tard) : {""}
too-quick = C'était trop rapide. Veuillez d'abord lire ceci.
imported =
    Votre administrateur a saisi ceci pour vous, afin
    qu'un code vous aide en cas d'oubli. Est-ce bien à vous ?
imported-prompt = y ou n (Entrée pour plus tard) : {""}
imported-prompt-mandatory = y, n ou later : {""}
codes-shown =
    Dix codes de secours, si rien d'autre n'est possible.
    Chacun permet de réinitialiser une fois votre mot de passe.
codes-keep =
    Gardez-les sur papier : ils ne seront plus affichés.
    Pour en obtenir d'autres : sspr codes
codes-unseen =
    Dix codes de secours ont été créés ; il se peut que
    vous ne les ayez jamais vus. En voulez-vous de nouveaux ?
codes-off = Les codes de secours ne sont pas utilisés ici.
remove =
    Ceci retire tout ce qui permet la réinitialisation :
remove-prompt = Saisissez remove pour le faire (Entrée : garder) : {""}
removed =
    Plus rien n'est enregistré.
    Pour vous enregistrer à nouveau : sspr enroll

# --- contacts that can't be taken
contact-empty = Rien n'a été saisi.
contact-too-long = C'est trop long.
email-no-at =
    Une adresse e-mail contient un @,
    comme ann@example.org.
email-no-dot =
    Après le @, il faut un domaine complet,
    comme dans ann@example.org.
email-several = Veuillez saisir une seule adresse.
email-display-name = Veuillez saisir l'adresse seule, sans chevrons.
email-bad-domain = Ce qui suit le @ n'est pas un domaine.
email-bad-local = Ce qui précède le @ ne convient pas.
email-not-ascii = Avant le @, seules les lettres simples vont.
number-not-one = Ce n'est pas un numéro de téléphone.
number-needs-country =
    Veuillez le saisir avec l'indicatif du pays,
    comme +33 6 12 34 56 78.
number-invalid =
    Ce numéro n'existe pas.
    Vérifiez ses chiffres et son pays.
email-refused-domain =
    Une adresse chez { $domain } ne convient pas :
    vous pourriez ne pas y accéder le moment venu. Choisissez-en une autre.
contact-known = C'est déjà enregistré. Veuillez en choisir un autre.
number-not-textable =
    Un tel numéro ne reçoit pas de SMS.
    Veuillez en choisir un autre.

# --- the command
enroll-password = Montrez d'abord que c'est bien vous.
current-password-prompt = Mot de passe actuel : {""}
enroll-wrong-password =
    Ce n'est pas votre mot de passe actuel.
    Rien n'a changé.
enroll-not-served = Ce service n'est pas activé pour ce compte.
enroll-unchanged = Rien n'a changé.
enroll-no-way =
    Rien n'a changé : cela demande un code.
    S'il n'y a plus moyen d'en recevoir, l'assistance peut vous aider.
enroll-lost = Rien de tout cela ? L'assistance peut vous aider.
enroll-menu = Ce qui peut réinitialiser votre mot de passe :
enroll-menu-nothing = Aucun moyen de réinitialisation enregistré :
enroll-menu-missing =
    Ce qui peut réinitialiser votre mot de passe.
    Votre compte en demande un de plus, d'un autre type :
enroll-menu-prompt = Un numéro (Entrée pour terminer) : {""}
enroll-add-email = ajouter une adresse e-mail
enroll-add-phone = ajouter un téléphone
enroll-add-app = ajouter une application d'authentification
enroll-remove = le retirer
enroll-prefer = l'utiliser avant l'autre
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 ou 2
    } (Entrée pour revenir) : {""}
enroll-last =
    C'est le seul ; il ne peut pas partir seul.
    Ajoutez-en d'abord un autre, ou lancez : sspr remove
enroll-saved = Enregistré.
line-email = e-mail     { $contact }
line-phone = téléphone  { $contact }
line-app = application d'authentification
mark-preferred = (utilisé en premier)
mark-unconfirmed = (pas encore confirmé)
status-nothing = Rien n'est enregistré. Lancez : sspr enroll
status-too-few =
    Votre compte en demande un de plus, d'un autre type.
    Lancez : sspr enroll
status-registered = Enregistré pour la réinitialisation :
status-codes = Codes de secours restants : { $left }
status-confirmed = Dernière confirmation : { $date }
status-unconfirmed = Ce qui n'est pas confirmé sera demandé lors d'une connexion.
status-used = dernière utilisation : { $date }
status-unused = pas encore utilisé
status-not-asked = La réinitialisation ne le demande pas pour l'instant.
status-asks-one = La réinitialisation demande l'un d'eux.
status-asks-two = La réinitialisation en demande deux, de types différents.

# --- the line in a shell of somebody who is not registered
hint-enroll = En cas d'oubli de votre mot de passe : sspr enroll
hint-codes = Des codes de secours vous attendent : sspr codes

# --- mail, text messages and calls
call-language = fr-FR
call-opening = Bonjour. Voici votre code pour { $host }.
call-again = Encore une fois, votre code est :
call-closing = Au revoir.
mail-code-subject = Votre code pour { $host }
mail-code-recover =
    { $code } est votre code pour réinitialiser le mot de passe de { $account } sur { $host }.

    Il est valable jusqu'à { $until }. Saisissez-le là où vous l'avez demandé et ne le donnez à personne.
    Si vous ne l'avez pas demandé, vous n'avez rien à faire : sans le code, rien ne se passe.
mail-code-register =
    { $code } est votre code pour enregistrer cette adresse pour { $account } sur { $host }.

    Il est valable jusqu'à { $until }. Saisissez-le là où vous l'avez demandé et ne le donnez à personne.
    Si vous ne l'avez pas demandé, vous n'avez rien à faire.
mail-code-enroll =
    { $code } est votre code pour modifier les coordonnées de { $account } sur { $host }.

    Il est valable jusqu'à { $until }. Saisissez-le là où vous l'avez demandé et ne le donnez à personne.
    Si vous ne l'avez pas demandé, quelqu'un connaît votre mot de passe. Changez-le tout de suite et prévenez votre administrateur.
mail-code-desk =
    { $code } est le code que l'assistance vous demande. Il concerne { $account } sur { $host }.

    Il est valable jusqu'à { $until }. Ne le lisez que si vous avez vous-même appelé l'assistance : il montre qui vous êtes et ne réinitialise rien.
    Si vous n'avez pas appelé, ne donnez ce code à personne et prévenez votre administrateur.
text-code-desk = { $code } : code que l'assistance vous demande pour { $account } sur { $host }. Vous n'avez pas appelé ? Ne le donnez à personne.
text-code-enroll = { $code } : votre code pour modifier les coordonnées de { $account } sur { $host }. Pas vous ? Changez tout de suite votre mot de passe.
text-code-recover = { $code } : votre code pour réinitialiser le mot de passe de { $account } sur { $host }. Ne le donnez à personne.
text-code-register = { $code } : votre code pour enregistrer ce numéro pour { $account } sur { $host }. Ne le donnez à personne.
mail-recovered-subject = Le mot de passe de { $account } sur { $host } a été réinitialisé
mail-recovered =
    Le mot de passe de { $account } sur { $host } a été réinitialisé le { $when }, par { $service } depuis { $source }.

    Si c'était vous, tout va bien.
    Si ce n'était pas vous : réinitialisez-le tout de suite pour en exclure les autres, et prévenez votre administrateur.
text-recovered = Le mot de passe de { $account } sur { $host } a été réinitialisé le { $when } depuis { $source }. Pas vous ? Réinitialisez-le tout de suite et prévenez votre administrateur.
mail-unlocked-subject = { $account } sur { $host } a été déverrouillé
mail-unlocked =
    Trop de mots de passe erronés avaient verrouillé { $account } sur { $host }. Le { $when }, le verrou a été levé, par { $service } depuis { $source }. Le mot de passe est resté le même.

    Si c'était vous, tout va bien.
    Si ce n'était pas vous : prévenez votre administrateur.
text-unlocked = { $account } sur { $host } a été déverrouillé le { $when } depuis { $source }. Le mot de passe est resté le même. Pas vous ? Prévenez votre administrateur.
mail-contact-changed-subject = Les coordonnées de { $account } sur { $host } ont été modifiées
mail-contact-changed =
    Ce qui peut réinitialiser le mot de passe de { $account } sur { $host } a été modifié le { $when }, par { $service } depuis { $source }.

    { $change }

    Si c'était vous, tout va bien.
    Si ce n'était pas vous : changez tout de suite votre mot de passe et prévenez votre administrateur.
text-contact-changed = Réinitialisation pour { $account } sur { $host } : { $change } { $when }. Pas vous ? Changez votre mot de passe et prévenez votre administrateur.
text-about-email = l'adresse e-mail { $contact }
text-about-phone = le téléphone { $contact }
text-about-app = l'application d'authentification
text-change-added = Ajouté : { $what }.
text-change-announced = Sera ajouté le { $from } depuis l'annuaire : { $what }.
text-change-removed = Retiré : { $what }.
text-change-preferred = Désormais utilisé en premier : { $what }.
text-change-codes = Il y a de nouveaux codes de secours ; les anciens ne valent plus rien.
text-change-everything = Retiré : tout ce qui était enregistré.
mail-test-subject = Message d'essai de { $host }
mail-test =
    Ceci est un essai des messages que { $host } envoie pour la réinitialisation des mots de passe.
    Un administrateur l'a demandé. Il ne contient aucun code et il n'y a rien à faire.
text-test = Essai de { $host } : les SMS de réinitialisation arrivent bien. Il n'y a rien à faire.
text-source-shell = un shell sur cette machine
mail-blocked-subject = Réinitialisation suspendue pour { $account } sur { $host }
mail-blocked =
    Trop de codes erronés ont été saisis pour { $account } sur { $host }, le dernier le { $when }, par { $service } depuis { $source }.

    La réinitialisation par code est suspendue quelque temps pour ce compte. Votre mot de passe fonctionne comme avant.
    Si ce n'était pas vous : quelqu'un a tenté d'entrer. Rien n'a changé ; prévenez votre administrateur.
text-blocked = Trop de codes erronés pour { $account } sur { $host }, le dernier depuis { $source }. Réinitialisation suspendue quelque temps ; votre mot de passe reste valable. Pas vous ? Prévenez votre administrateur.
mail-admin-recovered-subject = Le mot de passe de l'administrateur { $account } sur { $host } a été réinitialisé
mail-admin-recovered =
    Le mot de passe de { $account } sur { $host } a été réinitialisé le { $when }, par { $service } depuis { $source }. C'est un compte d'administrateur.

    Si ce n'était pas { $account } : verrouillez le compte tout de suite, par exemple avec "usermod -L { $account }", et consultez le journal.
mail-many-failures-subject = De nombreux codes erronés sur { $host }
mail-many-failures =
    Dans l'heure précédant { $when }, plus de codes erronés ont été saisis sur { $host } que [limits] failed_proofs_per_hour ne le permet. Le dernier est venu par { $service } depuis { $source }.

    Quelqu'un essaie peut-être de deviner. Chaque compte a sa propre limite, rien ne presse donc ; "sspr admin audit" montre de quels comptes il s'agissait et d'où. En attendant, les réponses lors d'une réinitialisation prennent jusqu'à une seconde de plus.
mail-failures-at-source-subject = De nombreux codes erronés depuis une même source sur { $host }
mail-failures-at-source =
    Dans l'heure précédant { $when }, une seule source a saisi sur { $host } plus de codes erronés que sa part de [limits] failed_proofs_per_hour. Le dernier est venu par { $service } depuis { $source }.

    Quelqu'un essaie peut-être de deviner à cet endroit. Chaque compte a sa propre limite, rien ne presse donc ; "sspr admin audit" montre de quels comptes il s'agissait. En attendant, les réponses lors d'une réinitialisation prennent jusqu'à une seconde de plus pour cette source, et pour personne d'autre. Un tel message arrive au plus une fois par jour ; les autres sources figurent dans le journal d'audit.
