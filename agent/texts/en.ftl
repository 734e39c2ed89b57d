# Every text that a user reads: plain, short, and it says what to do next. No text that can stand above the first password
# prompt contains the word that sshpass waits for.
#
# To add a text: put it here and into the file of every other language, with the same placeholders and as many lines; until
# then it shows in English, and a test says what is missing. The first line of what a dialogue says has at most 53 columns
# (ssh puts the name before it), each further one 78; Chinese, Japanese and Korean characters take two. The words that
# users type (e, y, new, other, ...) are the same everywhere. A number that a noun follows chooses its plural form as its
# language has them: one and other; in Polish, Russian and Ukrainian one, few and many; in Czech and Romanian one, few and
# other; in Turkish, Hungarian and Asian languages none. Spans of time stand after "in". Users are addressed as the desktops of
# their language do it: Sie, vous, usted, u, です・ます, but du in the north, and sinä. If you change what a text means, change it
# in all files. Keys that begin with mail- and text- are sent; administrators may replace them.

# How a date is written, as for strftime(3).
date-format = %Y-%m-%d
span-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
span-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
span-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}

# --- answers that can't be read
too-long = That was too long. Please type it again.
not-plain = That can't be read. Please type it again.
choose-again = Please type one of the answers shown.
choose-number = Please type the phone number itself.

# --- when nothing goes
unavailable = Reset isn't available right now.
server-changed = The server stopped answering. Please answer again.
resting =
    Too many wrong codes.
    Reset is suspended for this account. Try again in { $time }.
too-many-starts = Too many tries. Try again in { $time }.
go-on-prompt = Press Enter to go on: {""}

# --- recovery
recover-menu = How do you want to show that it is you?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     a code to your registered email address
recover-menu-app = {"  "}app   a code from your authenticator app
recover-menu-codes = {"  "}code  a recovery code or one from the help desk
recover-menu-recovery-code = {"  "}code  a recovery code
recover-menu-helpdesk-code = {"  "}code  a code from the help desk
recover-menu-contact = {"  "}or type your phone number or email address
recover-menu-number = {"  "}or type your registered phone number
recover-menu-address = {"  "}or type another registered email address
recover-menu-prompt = Your choice (Enter to go back): {""}
recover-menu-prompt-mandatory = Your choice: {""}
one-more-proof =
    That code was correct.
    Your account needs one more, another way.
proof-gone = That took too long. Press Enter to begin again.
recover-left = You left the reset. Nothing was changed.
recover-given-up =
    Too many answers were not among those shown.
    Nothing was changed.

# --- codes
code-sent-email =
    If this account has a registered email address,
    a code is on its way there. It is good for { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-sent-contact =
    If that is registered for this account,
    a code is on its way there. It is good for { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-called =
    If that is a phone registered for this account,
    it rings in a moment, and the code is read out twice.
    It is good for { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
code-sent-to =
    A code is on its way. It is good for { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }.
    It goes to { $contact }.
code-sent-earlier =
    A code was sent before and is still good.
    Another can be sent in { $time }.
code-resumed-email = A code was sent by email before and is still good.
code-resumed-contact =
    A code was sent to the contact that you typed
    before, and is still good.
code-resumed-to =
    To finish your registration, type the code
    that went to { $contact }.
code-not-yet = Another code can be sent in { $time }.
code-usage = Type the code, or: new (another code), other (another way), Enter (back).
code-usage-call = Type the code, or: new (another), call (read it out), other (another way).
code-usage-new = Type the code, or: new (another code), other (change it), Enter (back).
# Where it can't be put off, as the first question: Enter is no answer then.
code-usage-mandatory = Type the code, or: new (another code), other (another way).
code-usage-new-mandatory = Type the code, or: new (another code), other (change it).
code-usage-token = For a recovery code, or one from the help desk, type: code
code-prompt = Code: {""}
code-refused = That code is not right.
code-malformed = A code has { $digits } digits.
code-wrong =
    That code is not right. { $left ->
        [one] One try is left.
       *[other] { $left } tries are left.
    }
code-worn-out =
    That code is not right.
    No tries are left for it. Type new for another.
code-expired =
    That code has expired.
    Type new for another.

# --- codes that the user has already
token-app = Type the code that your authenticator app shows.
token-app-wrong =
    That code is not right. { $left ->
        [one] One try is left.
       *[other] { $left } tries are left.
    }
    Each code works once, for half a minute.
token-code = Type a recovery code, or what the help desk gave you.
token-helpdesk = Type the code that the help desk gave you.
token-code-wrong =
    That code is not right. { $left ->
        [one] One try is left.
       *[other] { $left } tries are left.
    }
    Each code works once.
token-usage = Type the code, or: other (another way), Enter (back).

# --- the new password
password-rules =
    Choose a new password of at least { $length } characters.
    A few unrelated words work well.
password-rules-digits = { $n ->
    [one] This machine requires a digit.
   *[other] This machine requires { $n } digits.
}
password-rules-capitals = { $n ->
    [one] This machine requires a capital letter.
   *[other] This machine requires { $n } capital letters.
}
password-rules-small = { $n ->
    [one] This machine requires a lowercase letter.
   *[other] This machine requires { $n } lowercase letters.
}
password-rules-others = { $n ->
    [one] This machine requires a symbol, such as a dash.
   *[other] This machine requires { $n } symbols, such as dashes.
}
password-rules-kinds = Use { $n } of capitals, lowercase, digits, symbols.
password-rules-history = Passwords that you used before are refused.
password-rules-banned = Some words are banned. You will be told which.
password-encrypts = Data that the old one encrypts stays locked.
recovery-codes-left =
    { $left ->
        [0] That was your last recovery code.
        [one] You have one recovery code left.
       *[other] You have { $left } recovery codes left.
    }
password-prompt = New password: {""}
password-takes = Setting it can take up to a minute.
password-again-prompt = Type it again: {""}
password-mismatch = The two do not match. Please choose again.
password-empty = Nothing was typed. Please choose a new password.
password-too-short =
    That is too short. { $more ->
        [one] It needs one more character.
       *[other] It needs { $more } more characters.
    }
password-too-long = That is too long. The limit is 511 bytes.
password-has-name =
    That contains your name or this machine's name.
    Please choose another.
password-banned =
    That contains a word that is banned here:
    { $word }
    Please choose another.
password-blanks =
    That begins or ends with a space.
    Spaces there get lost. Please choose another.
password-keyboard =
    That is a row of keys, which is easy to guess.
    Please choose another.
password-repeats =
    That repeats itself and is easy to guess.
    Please choose another.
password-sequence =
    That is a sequence such as abc or 1234.
    It is easy to guess. Please choose another.
password-date =
    That is a date, which is easy to guess.
    Please choose another.
password-common =
    That is very commonly used, or close to it.
    Please choose another.
password-word =
    That is a single word or name.
    It is easy to guess. Combine a few words.
password-weak =
    That is easy to guess.
    Make it longer, or add a word.
password-same =
    That is the one you have now, and it still works.
    Please choose a new one.
password-refused =
    This machine refuses that password:
    { $reason }
password-refused-there =
    The directory refuses that password:
    { $reason }
password-short-there =
    That is too short for the directory.
    Please choose a longer one.
password-young =
    That was changed a short while ago.
    The directory allows the next change later.
not-changed =
    Nothing was changed; what you had still works.
    Please try again later.
not-sure =
    The change may not have gone through.
    Try the new one first, then the old one.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] One open session was ended.
   *[other] { $n } open sessions were ended.
}
recover-ssh-keys = { $n ->
    [one] One SSH key can still sign in as you; check it.
   *[other] { $n } SSH keys can still sign in as you; check them.
}
recover-ssh-unseen = Some SSH keys could not be read; check them.
recover-refused-here =
    The change is made. This machine can't see it yet:
    if it refuses you, try again in a few minutes.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Too many wrong passwords have locked this account.
    A new password unlocks it. If you remember the old one after all,
    type unlock, and sign in with it.
unlock-prompt = Enter for a new password, or unlock: {""}
unlocked =
    The account is unlocked. Sign in with the password
    that you had before.
unlock-not-sure =
    The account may still be locked.
    Try the one that you had before.
    If it is refused, start over.

# --- registration
method-email = email
method-phone = phone, by text message
method-app = authenticator app on a phone
register-menu =
    If you ever can't sign in,
    a code can let you in. Where can it reach you?
register-menu-two =
    If you ever can't sign in,
    codes can let you in. Your account needs two of these:
register-menu-more =
    Your account needs one more way to let you in,
    if you ever can't sign in:
register-several = Or several, such as: 1 2
register-helpdesk = Or type code, if the help desk gave you one.
register-menu-prompt = { $n ->
    [2] 1 or 2
   *[other] 1, 2 or 3
    } (Enter for not now): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 or 2
   *[other] 1, 2 or 3
    }: {""}
register-email-only =
    If you ever can't sign in,
    a code by email can let you in. Register an address for it.
register-phone-only =
    If you ever can't sign in,
    a code by phone can let you in. Register a number for it.
register-app-only =
    If you ever can't sign in,
    an authenticator app on a phone can let you in. Register one for it.
register-only-prompt = Register now? Type y (Enter for not now): {""}
register-only-prompt-mandatory = Type y to register now: {""}
register-mandatory =
    Registering can't be put off any longer:
    without it, this sign-in ends here.
register-denied = To get in, sign in again and register.
register-not-now =
    Registering does not work right now.
    You can go on, and will be asked again.
register-by-hand = You can register for a reset by code: sspr enroll
register-changed =
    Your registration was changed in the meantime.
    Nothing was saved. Please start over.
register-email =
    Which email address?
    Choose one that you can read without signing in here.
register-phone = Which number? It gets a text message with a code.
email-prompt = Email address (Enter to go back): {""}
number-prompt = Phone number (Enter to go back): {""}
registered =
    Done, you are registered. If you ever can't sign in,
    just press Enter at the prompt, and type nothing.
app-scan = Scan this with an authenticator app on a phone.
app-beside = No camera? Type this key into the app, as time-based:
app-swap-beside = Not read? Type: swap
app-usage-picture = Type the code it shows, or: swap (colours), text (no picture), Enter (back).
app-key = Add an account to an authenticator app on a phone.
app-key-lines =
    Account: { $account } on { $host }
    Type of key: time-based, 6 digits

    {"    "}{ $key }

app-usage = Type the code that the app shows then, or press Enter to go back.
app-usage-key = Type the app's code, or: picture (QR code, { $lines } lines), Enter (back).
app-prompt = Code: {""}
app-wrong = That code is not right. { $left ->
        [one] One try is left.
       *[other] { $left } tries are left.
    }
app-anew = That did not work. Delete it in the app; start over.
reconfirm = Is this still how you can be reached?
reconfirm-prompt = Type y if it is, c to change it (Enter for later): {""}
too-quick = That came too quickly. Please read this first.
imported =
    Your administrator entered this for you, so that
    a code can let you in if you ever can't sign in. Is it yours?
imported-prompt = y or n (Enter for not now): {""}
imported-prompt-mandatory = y, n or later: {""}
codes-shown =
    Ten recovery codes, for when nothing else is at hand.
    Each lets you in once, if you can't sign in.
codes-keep =
    Keep them on paper: they are not shown again.
    For new ones, run: sspr codes
codes-unseen =
    Ten recovery codes were made for you, and you may
    never have seen them. Do you want new ones?
codes-off = Recovery codes are not in use on this machine.
remove =
    This removes everything that can reset your password:
remove-prompt = Type remove to do that (Enter to keep it): {""}
removed =
    Nothing is registered any more.
    To register again, run: sspr enroll

# --- contacts that can't be taken
contact-empty = Nothing was typed.
contact-too-long = That is too long.
email-no-at =
    An email address has an @ in it,
    as in ann@example.org.
email-no-dot =
    After the @ there must be a full domain,
    as in ann@example.org.
email-several = Please type just one address.
email-display-name = Please type the address alone, without brackets.
email-bad-domain = The part after the @ is not a domain.
email-bad-local = The part before the @ is not valid.
email-not-ascii = Only plain letters can come before the @.
number-not-one = That is not a phone number.
number-needs-country =
    Please type it with its country,
    as in +81 90 1234 5678.
number-invalid =
    That number does not exist.
    Please check its digits and its country.
email-refused-domain =
    An address at { $domain } can't be used here:
    you may not reach it when you need it. Please choose another.
contact-known = That is already registered. Please choose another.
number-not-textable =
    A number like that can't receive text messages.
    Please choose another.

# --- the command
enroll-password = First show that it is you.
current-password-prompt = Current password: {""}
enroll-wrong-password =
    That is not your current password.
    Nothing was changed.
enroll-not-served = Self-service is not on for this account.
enroll-unchanged = Nothing was changed.
enroll-no-way =
    Nothing was changed, as that takes a code.
    If you can't get one any more, ask the help desk.
enroll-lost = None of these at hand? The help desk can help.
enroll-menu = What can let you in if you can't sign in:
enroll-menu-nothing = Nothing is registered yet. What can let you in:
enroll-menu-missing =
    What can let you in if you can't sign in.
    Your account needs one more, of another kind:
enroll-menu-prompt = A number (Enter when you are done): {""}
enroll-add-email = add an email address
enroll-add-phone = add a phone
enroll-add-app = add an authenticator app
enroll-remove = remove it
enroll-prefer = use it before the other one
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 or 2
    } (Enter to go back): {""}
enroll-last =
    That is your only one; it can't be removed.
    Add another first, or run: sspr remove
enroll-saved = Saved.
line-email = email  { $contact }
line-phone = phone  { $contact }
line-app = authenticator app
mark-preferred = (used first)
mark-unconfirmed = (not confirmed yet)
status-nothing = Nothing is registered. Run: sspr enroll
status-too-few =
    Your account needs one more, of another kind.
    Run: sspr enroll
status-registered = Registered for password reset:
status-codes = Recovery codes left: { $left }
status-confirmed = Last confirmed: { $date }
status-unconfirmed = You will be asked about what is not confirmed yet.
status-used = last used: { $date }
status-unused = not used yet
status-not-asked = A reset does not ask for it now.
status-asks-one = A reset asks for one of these.
status-asks-two = A reset asks for two of these, of different kinds.

# --- the line in the shell of a user who is not registered
hint-enroll = In case you forget your password: sspr enroll
hint-codes = Recovery codes are waiting for you: sspr codes

# --- mail, text messages and calls
call-language = en-US
call-opening = Hello. This is your code for { $host }.
call-again = Once more, your code is:
call-closing = Goodbye.
mail-code-subject = Your code for { $host }
mail-code-recover =
    { $code } is your code to reset the password of { $account } on { $host }.

    It is good until { $until }. Type it where you asked for it, and don't share it with anyone.
    If you did not ask for it, ignore this message: without the code, nothing happens.
mail-code-register =
    { $code } is your code to register this address for { $account } on { $host }.

    It is good until { $until }. Type it where you asked for it, and don't share it with anyone.
    If you did not ask for it, ignore this message.
mail-code-enroll =
    { $code } is your code to change how { $account } on { $host } can be reached.

    It is good until { $until }. Type it where you asked for it, and don't share it with anyone.
    If you did not ask for it, somebody knows your password: change it now, and tell your administrator.
mail-code-desk =
    { $code } is the code that the help desk asks you for. It is about { $account } on { $host }.

    It is good until { $until }. Read it out only if you called the help desk yourself: it shows who you are, and resets nothing.
    If you did not call, tell nobody this code, and tell your administrator.
text-code-desk = { $code } is the code that the help desk asks you for, about { $account } on { $host }. Did you not call there yourself? Then tell nobody.
text-code-enroll = { $code } is your code to change how { $account } on { $host } can be reached. Not you? Change your password now.
text-code-recover = { $code } is your code to reset the password of { $account } on { $host }. Don't share it.
text-code-register = { $code } is your code to register this number for { $account } on { $host }. Don't share it.
mail-recovered-subject = The password of { $account } on { $host } was reset
mail-recovered =
    The password of { $account } on { $host } was reset on { $when }, at { $service } from { $source }.

    If this was you, you don't need to do anything.
    If this was not you, reset it again now to shut the other person out, and tell your administrator.
text-recovered = The password of { $account } on { $host } was reset on { $when } from { $source }. Not you? Reset it now and tell your administrator.
mail-unlocked-subject = { $account } on { $host } was unlocked
mail-unlocked =
    Too many wrong passwords had locked { $account } on { $host }. The account was unlocked on { $when }, at { $service } from { $source }. The password was not changed.

    If this was you, you don't need to do anything.
    If this was not you, tell your administrator.
text-unlocked = { $account } on { $host } was unlocked on { $when } from { $source }. The password was not changed. Not you? Tell your administrator.
mail-contact-changed-subject = How { $account } on { $host } can be reached was changed
mail-contact-changed =
    How the password of { $account } on { $host } can be reset was changed on { $when }, at { $service } from { $source }.

    { $change }

    If this was you, you don't need to do anything.
    If this was not you, change your password now, and tell your administrator.
text-contact-changed = Password reset of { $account } on { $host }: { $change } { $when }. Not you? Change your password and tell your administrator.
text-about-email = the email address { $contact }
text-about-phone = the phone { $contact }
text-about-app = the authenticator app
text-change-added = Added: { $what }.
text-change-announced = Will be added on { $from }, from the directory: { $what }.
text-change-removed = Removed: { $what }.
text-change-preferred = Used first from now on: { $what }.
text-change-codes = There are new recovery codes; the old ones no longer work.
text-change-everything = Removed: everything that was registered.
mail-test-subject = Test message from { $host }
mail-test =
    This is a test of the mail that { $host } sends for password reset.
    An administrator asked for it. It contains no code, and you don't need to do anything.
text-test = Test from { $host }: text messages for password reset arrive. You don't need to do anything.
text-source-shell = a shell on this machine
mail-blocked-subject = Password reset is suspended for { $account } on { $host }
mail-blocked =
    Too many wrong codes were typed for { $account } on { $host }. The last one was on { $when }, at { $service } from { $source }.

    Password reset is suspended for this account for a while. Your password works as before.
    If this was not you, somebody tried to get in. Nothing was changed. Tell your administrator.
text-blocked = Too many wrong codes were typed for { $account } on { $host }, last from { $source }. Reset is suspended for a while. Your password works as before. Not you? Tell your administrator.
mail-admin-recovered-subject = The password of the administrator { $account } on { $host } was reset
mail-admin-recovered =
    The password of { $account } on { $host } was reset on { $when }, at { $service } from { $source }. The account is an administrator's.

    If { $account } did not do this, lock the account now, for example with "usermod -L { $account }", and look at the journal.
mail-many-failures-subject = Many wrong codes on { $host }
mail-many-failures =
    More wrong codes were typed on { $host } in the hour before { $when } than [limits] failed_proofs_per_hour allows. The last one came at { $service } from { $source }.

    Somebody may be guessing. Each account has its own limit, so you need not act at once. "sspr admin audit" shows which accounts were tried, and from where. Until it stops, answers at a reset take up to a second longer.
mail-failures-at-source-subject = Many wrong codes from one source on { $host }
mail-failures-at-source =
    In the hour before { $when }, one source typed more wrong codes on { $host } than a single source may: more than its share of [limits] failed_proofs_per_hour. The last one came at { $service } from { $source }.

    Somebody may be guessing there. Each account has its own limit, so you need not act at once. "sspr admin audit" shows which accounts were tried. Until it stops, answers at a reset take up to a second longer for this source, and for nobody else. You get such a mail at most once a day; the audit trail has further sources.
