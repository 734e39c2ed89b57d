# Čeština. How texts are written: see en.ftl. Spans of time stand after "za", in the accusative. Users are addressed as "vy".

date-format = %d.%m.%Y
span-seconds = { $n ->
    [one] { $n } sekundu
    [few] { $n } sekundy
   *[other] { $n } sekund
}
span-minutes = { $n ->
    [one] { $n } minutu
    [few] { $n } minuty
   *[other] { $n } minut
}
span-hours = { $n ->
    [one] { $n } hodinu
    [few] { $n } hodiny
   *[other] { $n } hodin
}

# --- answers that can't be read
too-long = To bylo příliš dlouhé. Zadejte to prosím znovu.
not-plain = To nelze přečíst. Zadejte to prosím znovu.
choose-again = Zadejte prosím jednu z uvedených odpovědí.
choose-number = Zadejte prosím samotné telefonní číslo.

# --- when nothing goes
unavailable = Obnovení hesla teď není k dispozici.
server-changed = Server přestal odpovídat. Odpovězte prosím znovu.
resting =
    Příliš mnoho chybných kódů.
    Obnovení je pro tento účet pozastaveno. Zkuste to znovu za { $time }.
too-many-starts = Příliš mnoho pokusů. Zkuste to znovu za { $time }.
go-on-prompt = Pokračujte stisknutím klávesy Enter: {""}

# --- recovery
recover-menu = Jak chcete prokázat, že jste to vy?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     kód na vaši registrovanou e-mailovou adresu
recover-menu-app = {"  "}app   kód z vaší ověřovací aplikace
recover-menu-codes = {"  "}code  záložní kód nebo kód od technické podpory
recover-menu-recovery-code = {"  "}code  záložní kód
recover-menu-helpdesk-code = {"  "}code  kód od technické podpory
recover-menu-contact = {"  "}nebo zadejte své telefonní číslo či e-mailovou adresu
recover-menu-number = {"  "}nebo zadejte své registrované telefonní číslo
recover-menu-address = {"  "}nebo zadejte jinou registrovanou e-mailovou adresu
recover-menu-prompt = Vaše volba (Enter - zpět): {""}
recover-menu-prompt-mandatory = Vaše volba: {""}
one-more-proof =
    Tento kód byl správný.
    Váš účet vyžaduje ještě jeden, jiným způsobem.
proof-gone = Trvalo to příliš dlouho. Enter - začít znovu.
recover-left = Obnovení bylo ukončeno. Nic se nezměnilo.
recover-given-up =
    Příliš mnoho odpovědí nebylo mezi uvedenými.
    Nic se nezměnilo.

# --- codes
code-sent-email =
    Pokud má tento účet registrovanou e-mailovou adresu,
    kód je na cestě. Platí { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
       *[other] { $minutes } minut
    }.
code-sent-contact =
    Pokud je tento údaj u účtu registrován,
    kód je na cestě. Platí { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
       *[other] { $minutes } minut
    }.
code-called =
    Pokud je tento telefon u účtu registrován,
    za okamžik zazvoní a kód bude přečten dvakrát.
    Platí { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
       *[other] { $minutes } minut
    }.
code-sent-to =
    Kód je na cestě. Platí { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
       *[other] { $minutes } minut
    }.
    Byl odeslán na { $contact }.
code-sent-earlier =
    Dříve odeslaný kód stále platí.
    Další lze odeslat za { $time }.
code-resumed-email = Kód odeslaný dříve e-mailem stále platí.
code-resumed-contact =
    Kód odeslaný dříve na údaj, který jste zadali,
    stále platí.
code-resumed-to =
    Registraci dokončíte zadáním kódu,
    který byl odeslán na { $contact }.
code-not-yet = Další kód lze odeslat za { $time }.
code-usage = Zadejte kód, nebo: new (nový kód), other (jiný způsob), Enter (zpět).
code-usage-call = Zadejte kód, nebo: new (nový), call (přečíst), other (jiný způsob).
code-usage-new = Zadejte kód, nebo: new (nový kód), other (změnit), Enter (zpět).
code-usage-mandatory = Zadejte kód, nebo: new (nový kód), other (jiný způsob).
code-usage-new-mandatory = Zadejte kód, nebo: new (nový kód), other (změnit).
code-usage-token = Pro záložní kód nebo kód od technické podpory zadejte: code
code-prompt = Kód: {""}
code-refused = Tento kód není správný.
code-malformed = Počet číslic v kódu: { $digits }.
code-wrong =
    Tento kód není správný. { $left ->
        [one] Zbývá jeden pokus.
        [few] Zbývají { $left } pokusy.
       *[other] Zbývá { $left } pokusů.
    }
code-worn-out =
    Tento kód není správný.
    Už jej nelze použít. Pro další zadejte new.
code-expired =
    Platnost tohoto kódu vypršela.
    Pro další zadejte new.

# --- codes that the user has already
token-app = Zadejte kód, který ukazuje ověřovací aplikace.
token-app-wrong =
    Tento kód není správný. { $left ->
        [one] Zbývá jeden pokus.
        [few] Zbývají { $left } pokusy.
       *[other] Zbývá { $left } pokusů.
    }
    Každý kód platí půl minuty a jen jednou.
token-code = Zadejte záložní kód nebo kód od technické podpory.
token-helpdesk = Zadejte kód od technické podpory.
token-code-wrong =
    Tento kód není správný. { $left ->
        [one] Zbývá jeden pokus.
        [few] Zbývají { $left } pokusy.
       *[other] Zbývá { $left } pokusů.
    }
    Každý kód platí jen jednou.
token-usage = Zadejte kód, nebo: other (jiný způsob), Enter (zpět).

# --- the new password
password-rules =
    Zvolte nové heslo. Nejmenší počet znaků: { $length }.
    Dobře poslouží několik slov, která spolu nesouvisejí.
password-rules-digits = { $n ->
    [one] Tento počítač vyžaduje číslici.
    [few] Tento počítač vyžaduje { $n } číslice.
   *[other] Tento počítač vyžaduje { $n } číslic.
}
password-rules-capitals = { $n ->
    [one] Tento počítač vyžaduje velké písmeno.
    [few] Tento počítač vyžaduje { $n } velká písmena.
   *[other] Tento počítač vyžaduje { $n } velkých písmen.
}
password-rules-small = { $n ->
    [one] Tento počítač vyžaduje malé písmeno.
    [few] Tento počítač vyžaduje { $n } malá písmena.
   *[other] Tento počítač vyžaduje { $n } malých písmen.
}
password-rules-others = { $n ->
    [one] Tento počítač vyžaduje symbol, třeba pomlčku.
    [few] Tento počítač vyžaduje { $n } symboly, třeba -.
   *[other] Tento počítač vyžaduje { $n } symbolů, třeba -.
}
password-rules-kinds = Velká a malá písmena, číslice, symboly: druhů { $n }.
password-rules-history = Dříve použitá hesla nebudou přijata.
password-rules-banned = Některá slova jsou zakázána. Dozvíte se která.
password-encrypts = Data zašifrovaná starým heslem zůstanou zamčená.
recovery-codes-left =
    { $left ->
        [0] To byl váš poslední záložní kód.
        [one] Zbývá vám jeden záložní kód.
        [few] Zbývají vám { $left } záložní kódy.
       *[other] Zbývá vám { $left } záložních kódů.
    }
password-prompt = Nové heslo: {""}
password-takes = Nastavení může trvat až minutu.
password-again-prompt = Totéž znovu: {""}
password-mismatch = Hesla se neshodují. Zvolte je prosím znovu.
password-empty = Nic nebylo zadáno. Zvolte prosím nové heslo.
password-too-short =
    Heslo je příliš krátké. { $more ->
        [one] Chybí jeden znak.
        [few] Chybějí { $more } znaky.
       *[other] Chybí { $more } znaků.
    }
password-too-long = Heslo je příliš dlouhé. Nejvýše 511 bajtů.
password-has-name =
    Obsahuje vaše jméno nebo název tohoto počítače.
    Zvolte prosím jiné.
password-banned =
    Obsahuje slovo, které je zde zakázáno:
    { $word }
    Zvolte prosím jiné.
password-blanks =
    Začíná nebo končí mezerou.
    Mezery se tam ztrácejí. Zvolte prosím jiné.
password-keyboard =
    Je to řada kláves, kterou lze snadno uhodnout.
    Zvolte prosím jiné.
password-repeats =
    Opakuje se a lze je snadno uhodnout.
    Zvolte prosím jiné.
password-sequence =
    Je to posloupnost jako abc nebo 1234.
    Lze ji snadno uhodnout. Zvolte prosím jiné.
password-date =
    Je to datum, které lze snadno uhodnout.
    Zvolte prosím jiné.
password-common =
    Používá se velmi často, nebo se takovému podobá.
    Zvolte prosím jiné.
password-word =
    Je to jediné slovo nebo jméno.
    Lze je snadno uhodnout. Spojte několik slov.
password-weak =
    Lze je snadno uhodnout.
    Prodlužte je nebo přidejte slovo.
password-same =
    To je vaše současné heslo a stále platí.
    Zvolte prosím nové.
password-refused =
    Tento počítač toto heslo odmítá:
    { $reason }
password-refused-there =
    Adresářová služba toto heslo odmítá:
    { $reason }
password-short-there =
    Pro adresářovou službu je příliš krátké.
    Zvolte prosím delší.
password-young =
    Heslo bylo změněno před chvílí.
    Adresářová služba dovolí další změnu později.
not-changed =
    Nic se nezměnilo; dosavadní heslo stále platí.
    Zkuste to prosím později.
not-sure =
    Změna se možná nezdařila.
    Zkuste nejprve nové heslo, potom dosavadní.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Jedno otevřené sezení bylo ukončeno.
    [few] Ukončena byla { $n } otevřená sezení.
   *[other] Ukončeno bylo { $n } otevřených sezení.
}
recover-ssh-keys = { $n ->
    [one] Jeden klíč SSH vás stále přihlásí; ověřte jej.
    [few] { $n } klíče SSH vás stále přihlásí; ověřte je.
   *[other] { $n } klíčů SSH vás stále přihlásí; ověřte je.
}
recover-ssh-unseen = Některé klíče SSH nelze přečíst; ověřte je.
recover-refused-here =
    Změna je provedena. Tento počítač ji ještě nevidí:
    pokud vás odmítne, zkuste to za pár minut znovu.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Příliš mnoho chybných hesel tento účet uzamklo.
    Nové heslo jej odemkne. Pokud si na staré přece jen vzpomenete,
    zadejte unlock a přihlaste se jím.
unlock-prompt = Enter - nové heslo, nebo unlock: {""}
unlocked =
    Účet je odemčen. Přihlaste se svým
    dosavadním heslem.
unlock-not-sure =
    Účet je možná stále uzamčen.
    Zkuste dosavadní heslo.
    Pokud nebude přijato, začněte znovu.

# --- registration
method-email = e-mail
method-phone = telefon, zprávou SMS
method-app = ověřovací aplikace v telefonu
register-menu =
    Pokud se jednou nebudete moci přihlásit, pomůže
    kód. Kam vám jej máme poslat?
register-menu-two =
    Pokud se jednou nebudete moci přihlásit, pomohou
    kódy. Váš účet vyžaduje dva z těchto způsobů:
register-menu-more =
    Váš účet vyžaduje ještě jeden způsob pro případ,
    že se jednou nebudete moci přihlásit:
register-several = Nebo více najednou, například: 1 2
register-helpdesk = Nebo code, pokud vám kód dala technická podpora.
register-menu-prompt = { $n ->
    [2] 1 nebo 2
   *[other] 1, 2 nebo 3
    } (Enter - teď ne): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 nebo 2
   *[other] 1, 2 nebo 3
    }: {""}
register-email-only =
    Pokud se jednou nebudete moci přihlásit, pomůže
    kód poslaný e-mailem. Zaregistrujte pro něj adresu.
register-phone-only =
    Pokud se jednou nebudete moci přihlásit, pomůže
    kód poslaný na telefon. Zaregistrujte pro něj číslo.
register-app-only =
    Pokud se jednou nebudete moci přihlásit, pomůže
    ověřovací aplikace v telefonu. Zaregistrujte ji.
register-only-prompt = Registrovat: zadejte y (Enter - teď ne): {""}
register-only-prompt-mandatory = Pro registraci zadejte y: {""}
register-mandatory =
    Registraci už nelze odložit:
    bez ní přihlášení končí zde.
register-denied = Přihlaste se znovu a zaregistrujte se.
register-not-now =
    Registrace teď nefunguje.
    Můžete pokračovat; dotaz se objeví znovu.
register-by-hand = Registrace pro obnovení hesla kódem: sspr enroll
register-changed =
    Vaše registrace se mezitím změnila.
    Nic nebylo uloženo. Začněte prosím znovu.
register-email =
    Jaká e-mailová adresa?
    Zvolte takovou, kterou můžete číst bez přihlášení zde.
register-phone = Jaké číslo? Přijde na ně zpráva SMS s kódem.
email-prompt = E-mailová adresa (Enter - zpět): {""}
number-prompt = Telefonní číslo (Enter - zpět): {""}
registered =
    Hotovo, registrace je dokončena. Nebudete-li se moci
    přihlásit, u výzvy jen stiskněte Enter a nic nepište.
app-scan = Naskenujte ověřovací aplikací v telefonu.
app-beside = Bez fotoaparátu? Zadejte klíč (podle času):
app-swap-beside = Nelze přečíst? Zadejte: swap
app-usage-picture = Zadejte kód, nebo: swap (barvy), text (bez obrázku), Enter (zpět).
app-key = Přidejte účet do ověřovací aplikace v telefonu.
app-key-lines =
    Účet: { $account } na { $host }
    Typ klíče: podle času, 6 číslic

    {"    "}{ $key }
app-usage = Zadejte kód, který pak aplikace ukáže, nebo stiskněte Enter (zpět).
app-usage-key = Zadejte kód z aplikace, nebo: picture (QR kód, řádků: { $lines }), Enter (zpět).
app-prompt = Kód: {""}
app-wrong = Tento kód není správný. { $left ->
        [one] Zbývá jeden pokus.
        [few] Zbývají { $left } pokusy.
       *[other] Zbývá { $left } pokusů.
    }
app-anew = Nezdařilo se. Smažte to v aplikaci a začněte znovu.
reconfirm = Jsou tyto údaje stále platné?
reconfirm-prompt = y, pokud ano, c pro změnu (Enter - později): {""}
too-quick = Bylo to příliš rychlé. Nejprve si to přečtěte.
imported =
    Správce to zadal za vás, aby vám kód pomohl,
    pokud se jednou nebudete moci přihlásit. Je to vaše?
imported-prompt = y nebo n (Enter - teď ne): {""}
imported-prompt-mandatory = y, n nebo later: {""}
codes-shown =
    Deset záložních kódů pro případ nouze.
    Každý vám jednou umožní přístup, když se nemůžete přihlásit.
codes-keep =
    Uložte si je na papíře: znovu se nezobrazí.
    Nové získáte příkazem: sspr codes
codes-unseen =
    Bylo pro vás vytvořeno deset záložních kódů, které
    jste možná nikdy neviděli. Chcete nové?
codes-off = Záložní kódy se na tomto počítači nepoužívají.
remove =
    Tím odstraníte vše, čím lze obnovit vaše heslo:
remove-prompt = Pro odstranění zadejte remove (Enter - ponechat): {""}
removed =
    Nic už není registrováno.
    Novou registraci spustíte příkazem: sspr enroll

# --- contacts that can't be taken
contact-empty = Nic nebylo zadáno.
contact-too-long = To je příliš dlouhé.
email-no-at =
    E-mailová adresa obsahuje znak @,
    jako například ann@example.org.
email-no-dot =
    Za znakem @ musí být úplná doména,
    jako například ann@example.org.
email-several = Zadejte prosím jen jednu adresu.
email-display-name = Zadejte prosím jen adresu, bez závorek.
email-bad-domain = To, co je za znakem @, není doména.
email-bad-local = To, co je před znakem @, není správně.
email-not-ascii = Před znakem @ mohou být jen písmena bez diakritiky.
number-not-one = To není telefonní číslo.
number-needs-country =
    Zadejte je prosím s předvolbou země,
    jako například +420 601 123 456.
number-invalid =
    Takové číslo neexistuje.
    Zkontrolujte prosím číslice a předvolbu země.
email-refused-domain =
    Adresu v doméně { $domain } zde nelze použít:
    v případě potřeby se k ní možná nedostanete. Zvolte prosím jinou.
contact-known = To už je registrováno. Zvolte prosím něco jiného.
number-not-textable =
    Na takové číslo nelze poslat zprávu SMS.
    Zvolte prosím jiné.

# --- the command
enroll-password = Nejprve prokažte, že jste to vy.
current-password-prompt = Současné heslo: {""}
enroll-wrong-password =
    To není vaše současné heslo.
    Nic se nezměnilo.
enroll-not-served = Pro tento účet není tato služba zapnuta.
enroll-unchanged = Nic se nezměnilo.
enroll-no-way =
    Nic se nezměnilo: je k tomu potřeba kód.
    Pokud už žádný nemůžete získat, obraťte se na technickou podporu.
enroll-lost = Nic z toho nemáte? Pomůže technická podpora.
enroll-menu = Co vám umožní přístup, když se nemůžete přihlásit:
enroll-menu-nothing = Zatím není registrován žádný způsob:
enroll-menu-missing =
    Co vám umožní přístup, když se nemůžete přihlásit.
    Váš účet vyžaduje ještě jeden způsob, jiného druhu:
enroll-menu-prompt = Číslo (Enter - hotovo): {""}
enroll-add-email = přidat e-mailovou adresu
enroll-add-phone = přidat telefon
enroll-add-app = přidat ověřovací aplikaci
enroll-remove = odstranit
enroll-prefer = používat před druhým
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 nebo 2
    } (Enter - zpět): {""}
enroll-last =
    Je to váš jediný způsob; nelze jej odstranit.
    Přidejte nejprve jiný, nebo spusťte: sspr remove
enroll-saved = Uloženo.
line-email = e-mail   { $contact }
line-phone = telefon  { $contact }
line-app = ověřovací aplikace
mark-preferred = (používá se jako první)
mark-unconfirmed = (zatím nepotvrzeno)
status-nothing = Nic není registrováno. Spusťte: sspr enroll
status-too-few =
    Váš účet vyžaduje ještě jeden způsob, jiného druhu.
    Spusťte: sspr enroll
status-registered = Registrováno pro obnovení hesla:
status-codes = Zbývající záložní kódy: { $left }
status-confirmed = Naposledy potvrzeno: { $date }
status-unconfirmed = Na to, co ještě není potvrzeno, se systém zeptá.
status-used = naposledy použito: { $date }
status-unused = zatím nepoužito
status-not-asked = Obnovení o to teď nežádá.
status-asks-one = Obnovení požádá o jednu z těchto možností.
status-asks-two = Obnovení požádá o dvě z nich, každou jiného druhu.

# --- the line in the shell of a user who is not registered
hint-enroll = Pro případ, že zapomenete heslo: sspr enroll
hint-codes = Čekají na vás záložní kódy: sspr codes

# --- mail, text messages and calls
call-language = cs-CZ
call-opening = Dobrý den. Toto je váš kód pro { $host }.
call-again = Ještě jednou, váš kód je:
call-closing = Na shledanou.
mail-code-subject = Váš kód pro { $host }
mail-code-recover =
    { $code } je váš kód pro obnovení hesla účtu { $account } na { $host }.

    Platí do { $until }. Zadejte jej tam, kde jste o něj požádali, a nikomu jej nesdělujte.
    Pokud jste o něj nežádali, nemusíte nic dělat: bez kódu se nic nestane.
mail-code-register =
    { $code } je váš kód pro registraci této adresy k účtu { $account } na { $host }.

    Platí do { $until }. Zadejte jej tam, kde jste o něj požádali, a nikomu jej nesdělujte.
    Pokud jste o něj nežádali, nemusíte nic dělat.
mail-code-enroll =
    { $code } je váš kód pro změnu kontaktních údajů účtu { $account } na { $host }.

    Platí do { $until }. Zadejte jej tam, kde jste o něj požádali, a nikomu jej nesdělujte.
    Pokud jste o něj nežádali, někdo zná vaše heslo. Ihned je změňte a řekněte to správci.
mail-code-desk =
    { $code } je kód, na který se vás ptá technická podpora. Týká se účtu { $account } na { $host }.

    Platí do { $until }. Přečtěte jej jen tehdy, pokud jste podpoře sami zavolali: ukazuje, kdo jste, a nic neobnovuje.
    Pokud jste nevolali, nikomu tento kód neříkejte a informujte správce.
text-code-desk = { $code } je kód, na který se ptá technická podpora kvůli účtu { $account } na { $host }. Nevolali jste? Nikomu jej nesdělujte.
text-code-enroll = { $code } je kód pro změnu kontaktních údajů účtu { $account } na { $host }. Nejste to vy? Ihned změňte heslo.
text-code-recover = { $code } je kód pro obnovení hesla účtu { $account } na { $host }. Nikomu jej nesdělujte.
text-code-register = { $code } je kód pro registraci tohoto čísla k účtu { $account } na { $host }. Nikomu jej nesdělujte.
mail-recovered-subject = Heslo účtu { $account } na { $host } bylo obnoveno
mail-recovered =
    Heslo účtu { $account } na { $host } bylo obnoveno { $when }, přes { $service } z { $source }.

    Pokud jste to byli vy, nemusíte nic dělat.
    Pokud ne: ihned je obnovte znovu, abyste ostatním zabránili v přístupu, a řekněte to správci.
text-recovered = Heslo účtu { $account } na { $host } bylo obnoveno { $when } z { $source }. Nebyli jste to vy? Ihned je obnovte znovu a řekněte to správci.
mail-unlocked-subject = Účet { $account } na { $host } byl odemčen
mail-unlocked =
    Příliš mnoho chybných hesel uzamklo účet { $account } na { $host }. Účet byl odemčen { $when }, přes { $service } z { $source }. Heslo se nezměnilo.

    Pokud jste to byli vy, nemusíte nic dělat.
    Pokud ne: řekněte to správci.
text-unlocked = Účet { $account } na { $host } byl odemčen { $when } z { $source }. Heslo se nezměnilo. Nebyli jste to vy? Řekněte to správci.
mail-contact-changed-subject = Kontaktní údaje účtu { $account } na { $host } byly změněny
mail-contact-changed =
    To, čím lze obnovit heslo účtu { $account } na { $host }, bylo změněno { $when }, přes { $service } z { $source }.

    { $change }

    Pokud jste to byli vy, nemusíte nic dělat.
    Pokud ne: ihned změňte heslo a řekněte to správci.
text-contact-changed = Obnovení hesla účtu { $account } na { $host }: { $change } { $when }. Nebyli jste to vy? Změňte heslo a řekněte to správci.
text-about-email = e-mailová adresa { $contact }
text-about-phone = telefon { $contact }
text-about-app = ověřovací aplikace
text-change-added = Přidáno: { $what }.
text-change-announced = Bude přidáno { $from } z adresáře: { $what }.
text-change-removed = Odstraněno: { $what }.
text-change-preferred = Od nynějška se použije jako první: { $what }.
text-change-codes = Jsou nové záložní kódy; staré už neplatí.
text-change-everything = Odstraněno: vše, co bylo registrováno.
mail-test-subject = Zkušební zpráva z { $host }
mail-test =
    Toto je zkouška pošty, kterou { $host } posílá pro obnovení hesla.
    Vyžádal si ji správce. Neobsahuje žádný kód a nemusíte nic dělat.
text-test = Zkouška z { $host }: zprávy SMS pro obnovení hesla docházejí. Nemusíte nic dělat.
text-source-shell = shellu na tomto počítači
mail-blocked-subject = Obnovení hesla účtu { $account } na { $host } je pozastaveno
mail-blocked =
    Pro účet { $account } na { $host } bylo zadáno příliš mnoho chybných kódů. Poslední přišel { $when }, přes { $service } z { $source }.

    Obnovení hesla je pro tento účet na čas pozastaveno. Vaše heslo platí jako dosud.
    Pokud jste to nebyli vy, někdo se pokusil o přístup. Nic se nezměnilo. Řekněte to správci.
text-blocked = Příliš mnoho chybných kódů pro { $account } na { $host }, poslední z { $source }. Obnovení je na čas pozastaveno, heslo platí jako dosud. Nebyli jste to vy? Řekněte to správci.
mail-admin-recovered-subject = Heslo správce { $account } na { $host } bylo obnoveno
mail-admin-recovered =
    Heslo účtu { $account } na { $host } bylo obnoveno { $when }, přes { $service } z { $source }. Je to účet správce.

    Pokud to neudělal { $account }: ihned účet uzamkněte, například příkazem "usermod -L { $account }", a podívejte se do žurnálu.
mail-many-failures-subject = Mnoho chybných kódů na { $host }
mail-many-failures =
    Během hodiny před { $when } bylo na { $host } zadáno více chybných kódů, než dovoluje [limits] failed_proofs_per_hour. Poslední přišel přes { $service } z { $source }.

    Možná někdo hádá. Každý účet má vlastní omezení, takže není třeba nic dělat hned; "sspr admin audit" ukáže, kterých účtů se to týkalo a odkud. Než to skončí, trvají odpovědi při obnovení až o sekundu déle.
mail-failures-at-source-subject = Mnoho chybných kódů z jednoho zdroje na { $host }
mail-failures-at-source =
    Během hodiny před { $when } zadal jeden zdroj na { $host } více chybných kódů, než kolik smí jediný zdroj: více než svůj podíl z [limits] failed_proofs_per_hour. Poslední přišel přes { $service } z { $source }.

    Možná tam někdo hádá. Každý účet má vlastní omezení, takže není třeba nic dělat hned; "sspr admin audit" ukáže, kterých účtů se to týkalo. Než to skončí, trvají odpovědi při obnovení až o sekundu déle pro tento zdroj a pro nikoho jiného. Taková zpráva přijde nejvýše jednou denně; další zdroje jsou v záznamu auditu.
