//! What is wrong with a line: said in plain words, with the line and the way out.

use super::error;

#[test]
fn an_unknown_key_is_refused_with_line_and_nearest_key() {
    assert_eq!(
        error("[code]\ndigits = 6\nlifetme = \"5m\"\n"),
        "sspr.toml:3: there is no setting \"lifetme\" in [code]; did you mean \"lifetime\"?"
    );
    assert!(error("\n[emial]\n").starts_with("sspr.toml:2: there is no section [emial]; did you mean [email]?"));
    assert!(error("[code]\nzzzzzzzzzz = 1\n").contains("there are digits, lifetime, tries, resend_after"));
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_bad_value_is_refused_with_its_line_and_the_way_out() {
    for (text, want) in [
        ("[code]\nlifetime = \"ten\"\n", "sspr.toml:2: code.lifetime: \"ten\" is not a duration"),
        ("[code]\nlifetime = \"11m\"\n", "sspr.toml:2: lifetime = \"11m\" is too long"),
        ("[code]\ndigits = 4\n", "sspr.toml:2: digits = 4 is out of range; it can be 6 to 8"),
        (
            "[register]\nmin_typing_ms = 5001\n",
            "sspr.toml:2: min_typing_ms = 5001 is out of range; it can be 0 to 5000",
        ),
        ("[limits]\nfailed_proofs = 0\n", "sspr.toml:2: failed_proofs = 0 is out of range"),
        ("[scope]\nenable = \"everybody\"\n", "sspr.toml:2: "),
        ("[scope]\nenable = []\n", "sspr.toml:2: enable is an empty list"),
        ("[scope]\nenable = [\"\"]\n", "sspr.toml:2: enable has an empty group name"),
        ("[scope]\nmin_uid = 0\n", "sspr.toml:2: min_uid = 0 would serve root"),
        ("[register]\nmethods = []\n", "sspr.toml:2: methods is empty"),
        ("[register]\nmethods = [\"email\", \"email\"]\n", "sspr.toml:2: methods names the same method twice"),
        ("[register]\nmethods = [\"email\"]\n[recover]\nmethods_required = 2\n", "sspr.toml:4: methods_required is 2"),
        ("[email]\ngateway = \"smtp\"\n", "sspr.toml:1: mail is to go by SMTP, but no server is named"),
        ("[email]\nsmtp = \"smtp://h\"\n", "sspr.toml:1: smtp or from is set"),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"mail.example.org\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"mail.example.org\" has no scheme",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp+plain://mail.example.org\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp+plain:// has no encryption",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h:abc\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"smtp://h:abc\" has no port \"abc\"",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtps://[::1]:65536\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp = \"smtps://[::1]:65536\" has no port \"65536\"",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://u:p@h\"\nfrom = \"a@b.org\"\n",
            "sspr.toml:3: smtp is scheme, host and port alone",
        ),
        (
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\nusername = \"u\"\n",
            "sspr.toml:5: username is set but password_file is not",
        ),
        ("[server]\ndatabase = \"/var/lib/sspr/db\"\n", "sspr.toml:2: database must be a URL such as \"postgres://"),
        ("[server]\ndatabase = \"postgres://db/sspr\"\n", "sspr.toml:2: database names no user"),
        (
            "[server]\ndatabase = \"postgres://sspr:x@db/sspr\"\n",
            "sspr.toml:2: database has a password, which everybody",
        ),
        (
            "[server]\ndatabase_password_file = \"/p\"\n",
            "sspr.toml:2: database_password_file is set but database is not",
        ),
        ("[email]\ntimeout = \"1s\"\n", "sspr.toml:2: timeout = \"1s\" can be \"5s\" to \"10m\""),
        ("[phone]\ngateway = \"twilio\"\n", "sspr.toml:2: gateway is \"twilio\", but there is no [phone.twilio]"),
        ("[phone]\nvoice = true\n", "sspr.toml:2: voice = true needs gateway = \"twilio\""),
        (
            "[phone]\ngateway = \"modem\"\nvoice = true\n",
            "sspr.toml:3: voice = true needs gateway = \"twilio\"; no other gateway makes calls",
        ),
        (
            "[phone]\ngateway = \"modem\"\n[phone.modem]\ndevice = \"\"\n",
            "sspr.toml:4: device = \"\" names no modem; write its IMEI",
        ),
        (
            "[phone]\ngateway = \"twilio\"\nvoice = true\n[phone.twilio]\n\
             account_sid = \"AC00000000000000000000000000000000\"\ntoken_file = \"/t\"\n\
             from = \"MG00000000000000000000000000000000\"\n",
            "sspr.toml:7: from must be a number",
        ),
        ("[phone]\ndefault_region = \"Japan\"\n", "sspr.toml:2: default_region = \"Japan\" is not a country"),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"send\"]\n",
            "sspr.toml:4: the program \"send\" must be a full path",
        ),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\nstdin = false\n",
            "sspr.toml:5: the message goes nowhere",
        ),
        (
            "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\ntimeout = \"46s\"\n",
            "sspr.toml:5: timeout = \"46s\" is too long; a command may take at most \"45s\"",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://sms.example.org/\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://127.0.0.1.evil.org/\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://127.0.0.1:1@evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"http://[::1]evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org\\\\@evil.org/\"\n",
            "sspr.toml:4: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\n\
             token_file = \"/t\"\nfrom = \"+15005550006\"\nurl = \"http://127.0.0.1:1@evil.org/\"\n",
            "sspr.toml:7: url has a user name or an odd host",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://sms.example.org/\"\n",
            "nothing in url or body has {to}",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/?k={token}\"\nbody = { a = \"{to}{text}\" }\n",
            "sspr.toml:4: url has {token}, but token_file is not set",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{number}{text}\"\nbody = { at = 2026-11-29 }\n",
            "sspr.toml:5: phone.webhook.body",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/\"\nencoding = \"form\"\n\
             body = { to = [\"{to}\"], m = \"{text}\" }\n",
            "sspr.toml:6: a form has keys and values alone",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsecret_files = { to = \"/t\" }\n",
            "sspr.toml:5: {to} means something else already",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsecret_files = { \"A b\" = \"/t\" }\n",
            "sspr.toml:5: \"A b\" can't stand in braces",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nuser = \"u\"\n",
            "sspr.toml:5: user is set but password_file is not",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nsuccess_field = \"a.0.b\"\n",
            "sspr.toml:3: success_field is set, but no value of it means success",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nid_field = \"a..b\"\n",
            "sspr.toml:5: id_field is keys and places with dots between",
        ),
        (
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://h/{to}{text}\"\nretry_values = [\"1\"]\n",
            "sspr.toml:5: retry_values needs success_field or error_field",
        ),
        (
            "[phone]\ngateway = \"sinc\"\n",
            "sspr.toml:2: phone.gateway can't be \"sinc\"; it can be \"spool\", \"twilio\", \"webhook\", \"command\", \"modem\", \"vonage\"",
        ),
        (
            "[phone]\ngateway = \"vonage\"\n",
            "sspr.toml:2: gateway is \"vonage\", but there is no [phone.provider] with account,",
        ),
        (
            "[phone]\ngateway = \"vonage\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:3: account is not set; it is the API key of Vonage",
        ),
        (
            "[phone]\ngateway = \"bird\"\n[phone.provider]\naccount = \"a\"\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:4: Bird knows the account by its access key; leave account out",
        ),
        (
            "[phone]\ngateway = \"infobip\"\n[phone.provider]\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:3: url is not set; it is not the same for all customers of Infobip",
        ),
        (
            "[phone]\ngateway = \"bird\"\n[phone.provider]\nurl = \"http://sms.example.org\"\ntoken_file = \"/t\"\nfrom = \"a\"\n",
            "sspr.toml:4: url has no encryption",
        ),
        (
            "[phone]\ngateway = \"command\"\nproxy = \"http://proxy.example.org:3128\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\"]\n",
            "sspr.toml:3: proxy is for gateways that are asked by HTTP and for [contacts.entra], and gateway = \"command\" is not",
        ),
        (
            "[phone]\nca_file = \"/etc/sspr/ca.pem\"\n",
            "sspr.toml:2: ca_file is for gateways that are asked by HTTP and for [contacts.entra], and gateway = \"spool\" is not",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"proxy.example.org:3128\"\n",
            "sspr.toml:3: proxy = \"proxy.example.org:3128\" can't be used; write it as http://",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://a:b@h:1\"\n",
            "sspr.toml:3: proxy is scheme, host and port alone",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h:0\"\n",
            "sspr.toml:3: proxy = \"http://h:0\" has no host, or something odd",
        ),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h/x\"\n",
            "sspr.toml:3: proxy = \"http://h/x\" has no host, or something odd",
        ),
        ("[phone]\ngateway = \"bird\"\nproxy_user = \"u\"\n", "sspr.toml:3: proxy_user is set, but proxy is not"),
        (
            "[phone]\ngateway = \"bird\"\nproxy = \"http://h\"\nproxy_user = \"u\"\n",
            "sspr.toml:4: proxy_user is set but proxy_password_file is not",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC00000000000000000000000000000000\"\n\
             api_key = \"AC00000000000000000000000000000000\"\ntoken_file = \"/t\"\nfrom = \"Example\"\n",
            "sspr.toml:5: api_key must be SK and 32 hexadecimal digits",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\naccount_sid = \"AC00000000000000000000000000000000\"\n\
             token_file = \"/t\"\nfrom = \"A name that is too long\"\n",
            "sspr.toml:6: from must be a number such as \"+15005550006\", a short code, a name",
        ),
        ("[helpdesk]\ntext = \"a\\nb\"\n", "sspr.toml:2: text must be one line"),
        ("[helpdesk]\ngroup = \"desk, staff\"\n", "sspr.toml:2: group = \"desk, staff\" is not the name of one group"),
        ("[helpdesk]\ncodes_per_hour = 0\n", "sspr.toml:2: codes_per_hour = 0 is out of range; it can be 1 to 1000"),
        (
            "[texts]\nlanguage = \"is\"\n",
            "sspr.toml:2: language = \"is\" is not known; it can be \"auto\" or one of en, ja",
        ),
        ("[texts]\ntemplates = \"templates\"\n", "sspr.toml:2: templates must be a full path"),
        ("[notify]\nadmins = [\"root\"]\n", "sspr.toml:2: \"root\" in admins is not a mail address"),
        ("[directory]\nkind = \"openldap\"\n", "sspr.toml:1: kind is set, but no server is named"),
        ("[directory]\nservers = [\"ldap.example.org\"]\n", "sspr.toml:2: \"ldap.example.org\" has no scheme"),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://h\"]\nbase = \"example.org\"\n",
            "sspr.toml:4: base must say where people are",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldaps://h\"]\nbase = \"dc=example\"\n",
            "sspr.toml:1: bind is not set; only a server at ldapi:// knows the program without",
        ),
        (
            "[directory]\nkind = \"389ds\"\nservers = [\"ldaps://h\"]\nbase = \"dc=example\"\nbind = \"cn=r\"\n",
            "sspr.toml:5: bind is set but password_file is not",
        ),
        (
            "[directory]\nkind = \"ad\"\nservers = [\"ldapi:///run/ldapi\"]\nbase = \"dc=example\"\n",
            "sspr.toml:3: kind = \"ad\" takes a password over TLS alone",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n",
            "password = \"kerberos\" needs realm",
        ),
        (
            "[directory]\nkind = \"ad\"\nservers = [\"ldaps://h\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n",
            "sspr.toml:5: password = \"kerberos\" is for a KDC of MIT Kerberos",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\nrealm = \"R\"\n",
            "sspr.toml:5: realm is set, but password is not",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\npassword = \"kerberos\"\n\
             realm = \"R\"\nadmin_principal = \"-q@R\"\nkeytab = \"/k\"\n",
            "sspr.toml:7: admin_principal = \"-q@R\" is no principal",
        ),
        ("[directory]\nfilter = \"uid=*\"\n", "sspr.toml:2: filter = \"uid=*\" is no LDAP filter"),
        ("[directory]\nfilter = \"(uid=a)(b=c)\"\n", "sspr.toml:2: filter = \"(uid=a)(b=c)\" is no LDAP filter"),
        ("[directory]\nfilter = \"(posixAccount)\"\n", "sspr.toml:2: filter = \"(posixAccount)\" is no LDAP filter"),
        ("[directory]\nname_attribute = \"uid)(cn\"\n", "sspr.toml:2: name_attribute = \"uid)(cn\" is no attribute"),
        ("[directory]\nca_file = \"ca.pem\"\n", "sspr.toml:2: ca_file must be a full path"),
        ("[directory]\nkind = \"novell\"\n", "sspr.toml:2: directory.kind can't be \"novell\"; it can be \"openldap\""),
        ("[contacts.directory]\nemail = \"mail)(\"\n", "sspr.toml:2: email = \"mail)(\" is no attribute"),
        ("[contacts.directory]\nemail = \"mail\"\n", "sspr.toml:2: email is set, but there is no directory"),
        ("[contacts.directory]\nevery = \"1m\"\n", "sspr.toml:2: every = \"1m\" can be \"15m\" to \"30d\""),
        ("[contacts.directory]\nquiet_days = 0\n", "sspr.toml:2: quiet_days = 0 is out of range; it can be 1 to 90"),
        (
            "[contacts.directory]\nphone = \"mobile\"\n[register]\nmethods = [\"email\", \"app\"]\n[directory]\nkind = \"openldap\"\n\
             servers = [\"ldapi:///s\"]\nbase = \"dc=x\"\n",
            "sspr.toml:2: phone is set, but [register] methods does not name \"phone\"",
        ),
        (
            "[contacts.entra]\ntenant = \"a/../b\"\nclient_id = \"c\"\nsecret_file = \"/s\"\n",
            "sspr.toml:2: tenant = \"a/../b\" is not an id",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"s\"\ndomains = [\"a.org\"]\n",
            "sspr.toml:4: secret_file must be a full path",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\n",
            "domains is not set: name the domain",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\ndomains = [\"@a.org\"]\n",
            "sspr.toml:5: domains takes names alone",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\nname = \"mailNickname\"\ndomains = [\"a.org\"]\n",
            "sspr.toml:6: domains is set, but name = \"mailNickname\" has no domain",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\nname = \"mailNickname\"\ngraph_url = \"http://graph.example.org\"\n",
            "sspr.toml:6: graph_url has no encryption",
        ),
        (
            "[contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\nname = \"mail\"\n",
            "sspr.toml:5: contacts.entra.name can't be \"mail\"; it can be \"onPremisesSamAccountName\"",
        ),
        (
            "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///s\"]\nbase = \"dc=x\"\n[contacts.directory]\nemail = \"mail\"\n\
             [contacts.entra]\ntenant = \"a\"\nclient_id = \"c\"\nsecret_file = \"/s\"\n",
            "sspr.toml:8: contacts come from [contacts.directory] already",
        ),
        ("[code\n", "sspr.toml:1: "),
    ] {
        let got = error(text);
        assert!(got.contains(want), "{text:?}\n  got  {got}\n  want {want}");
    }
}

#[test]
fn what_is_wrong_with_a_line_is_said_in_plain_words_with_the_key_and_what_can_stand_there() {
    for (text, want) in [
        ("[code]\ndigits = 6\ndigits = 7\n", "sspr.toml:3: digits was already set on line 2; keep one of the two"),
        (
            "[code]\ndigits = 6\n[scope]\n[code]\ntries = 3\n",
            "sspr.toml:4: [code] was already set on line 1; keep one of the two",
        ),
        (
            "[register]\nmode = \"always\"\n",
            "sspr.toml:2: register.mode can't be \"always\"; it can be \"off\", \"skippable\" or \"required\"",
        ),
        (
            "[register]\nmethods = [\"email\", \"fax\"]\n",
            "sspr.toml:2: register.methods can't be \"fax\"; it can be \"email\", \"phone\" or \"app\"",
        ),
        (
            "[scope]\nenable = \"everybody\"\n",
            "sspr.toml:2: scope.enable can't be \"everybody\"; it can be \"none\", \"all\" or a list of groups such as [\"staff\"]",
        ),
        (
            "[scope]\nenable = 1\n",
            "sspr.toml:2: scope.enable can't be 1; it can be \"none\", \"all\" or a list of groups such as [\"staff\"]",
        ),
        (
            "[code]\ndigits = \"six\"\n",
            "sspr.toml:2: code.digits can't be \"six\"; it takes a whole number, without quotes, such as: digits = 6",
        ),
        ("[code]\ndigits = 300\n", "sspr.toml:2: code.digits can't be 300; it can be 0 to 255, such as: digits = 6"),
        ("[code]\ndigits = -1\n", "sspr.toml:2: code.digits can't be -1; it can be 0 to 255, such as: digits = 6"),
        (
            "[notify]\nrecovery = \"yes\"\n",
            "sspr.toml:2: notify.recovery can't be \"yes\"; it can be true or false, without quotes, such as: recovery = true",
        ),
        (
            "[scope]\nexclude = \"guest\"\n",
            "sspr.toml:2: scope.exclude can't be \"guest\"; it takes a list in square brackets, such as: exclude = []",
        ),
        (
            "[email]\nfrom = 7\n",
            "sspr.toml:2: email.from can't be 7; it takes text in quotes, such as: from = \"Password reset <no-reply@example.org>\"",
        ),
        ("code = 6\n", "sspr.toml:1: code is a section; write [code] in a line of its own and its keys below"),
        (
            "[code]\n[code.digits]\nx = 1\n",
            "sspr.toml:2: digits is a key of [code], not a section; write a line such as: digits = 6",
        ),
        ("lifetime = \"5m\"\n", "sspr.toml:1: lifetime is outside its section; it belongs below [code]"),
        (
            "[code]\nmin_length = 9\n",
            "sspr.toml:2: there is no setting \"min_length\" in [code]; it belongs below [password]",
        ),
        (
            "[phone]\ngateway = \"twilio\"\n[phone.twilio]\nfrom = \"+15005550006\"\ntoken_file = \"/t\"\n",
            "sspr.toml:3: [phone.twilio] lacks account_sid; add a line such as: account_sid = \"AC00000000000000000000000000000000\"",
        ),
        ("[code\n", "sspr.toml:1: the name of the section is not closed; write it as [code]"),
        (
            "[code]\ndigits\n",
            "sspr.toml:2: this is neither a section such as [code] nor a key with a value such as digits = 6",
        ),
        ("[code]\ndigits =\n", "sspr.toml:2: digits has no value; write one after the =, or put a # before the line"),
        ("[email]\nfrom = a@b.org\n", "sspr.toml:2: text needs quotes; write from = \"a@b.org\""),
        (
            "[email]\nfrom = \"a@b.org\n",
            "sspr.toml:2: the text of from has one quote too few; write it as from = \"...\"",
        ),
        ("[scope]\nenable = [\"a\"\n[code]\n", "sspr.toml:"),
    ] {
        let got = error(text);
        assert!(got.starts_with(want), "{text:?}\n  got  {got}\n  want {want}");
        for raw in ["expected", "invalid", "TOML", "serde", "struct", "u8", "`"] {
            assert!(!got.contains(raw), "a library's own words: {got}");
        }
    }
}
