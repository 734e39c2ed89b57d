//! Real mail servers: Postfix, `OpenSMTPD`, and Exim, which is the server of all other tests. The mail arrives, once,
//! or the message leads to what has to be changed.

mod refusals;

use std::time::Duration;

use refusals::{JANE, PLAIN, REFUSALS, Refusal, SIGNS_IN, TLS, TLS_AT_ONCE};
use serde_json::Value;
use sspr_tests::{Image, Machine, host};

const POSTFIX: &str = "
    cd /srv/postfix
    mkdir -p etc/ssl; cp /etc/ssl/mail.crt /etc/ssl/private/mail.key etc/ssl/
    mount --bind /dev dev; mount -t proc proc proc
    cat >etc/postfix/main.cf <<'CONF'
compatibility_level = 3.6
myhostname = mail.example.org
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /var/log/postfix.log
virtual_mailbox_domains = example.org
virtual_mailbox_base = /var/lib/mailboxes
virtual_mailbox_maps = inline:{{jane@example.org=jane/}}
virtual_uid_maps = static:901
virtual_gid_maps = static:901
smtpd_tls_chain_files = /etc/ssl/mail.key, /etc/ssl/mail.crt
smtpd_tls_security_level = may
CONF
    sed -i 's/^smtp  *inet.*/2525 inet n - n - - smtpd/; s/^\\([a-z]* *unix *[^ ]* *[^ ]* *\\)y /\\1n /' etc/postfix/master.cf
    echo '4650 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes' >>etc/postfix/master.cf
    cp etc/postfix/main.cf etc/postfix/main.cf.good
    chroot . postfix start
    until (: </dev/tcp/127.0.0.1/4650) 2>/dev/null; do sleep 0.05; done";

/// Tells Postfix whether a password is correct, in Dovecot's protocol: `/root/sasl` has the verdict and the mechanisms.
const SASL: &str = "
    cat >/root/sasl.pl <<'END'
use IO::Socket::UNIX;
$SIG{CHLD} = 'IGNORE';
my $path = '/srv/postfix/var/spool/postfix/private/auth';
my $server = IO::Socket::UNIX->new(Local => $path, Listen => 9) or die;
chmod 0666, $path;
while (my $client = $server->accept) {
    next if fork;
    open my $file, '<', '/root/sasl' or die;
    my ($verdict, @ways) = split ' ', <$file>;
    my $ways = join '', map \"MECH\\t$_\\n\", @ways;
    print $client \"VERSION\\t1\\t1\\n${ways}SPID\\t1\\nCUID\\t1\\nCOOKIE\\t\", '0' x 32, \"\\nDONE\\n\";
    my $asked = 0;
    while (my $line = <$client>) {
        next unless $line =~ /^(AUTH|CONT)\\t(\\d+)\\t(\\w*)/;
        exit if $verdict eq 'gone';
        if ($3 eq 'LOGIN' || $1 eq 'CONT' && !$asked++) {
            print $client \"CONT\\t$2\\tVXNlcm5hbWU6\\n\";
        } else {
            print $client \"$verdict\\t$2\\tuser=sspr\\n\";
        }
    }
    exit;
}
END
    systemd-run -q --unit=sasl --property=Type=exec perl /root/sasl.pl
    until [ -S /srv/postfix/var/spool/postfix/private/auth ]; do sleep 0.05; done";

/// Certificates as people create them, for mail.example.org, from the authority that the machine trusts or from another
/// one.
const CERTIFICATES: &str = "
    cd /srv/postfix/etc/ssl
    ca='-CA /usr/local/share/ca-certificates/tests.crt -CAkey /etc/ssl/private/ca.key'
    ec='ec -pkeyopt ec_paramgen_curve:prime256v1'
    key() { openssl req -newkey $2 -nodes -subj /CN=$3 -keyout $1.key -out $1.csr 2>/dev/null; }
    issued() {
        printf '%b' \"$2\" >$1.ext
        openssl x509 -req -in $1.csr $3 -set_serial $$ -extfile $1.ext -out $1.crt 2>/dev/null
        cat $1.key $1.crt >$1.pem
    }
    name='subjectAltName=DNS:mail.example.org\\n'
    leaf=$name'basicConstraints=CA:FALSE\\nextendedKeyUsage=serverAuth\\n'
    key cn \"$ec\" mail.example.org; issued cn 'basicConstraints=CA:FALSE\\n' \"$ca -days 9\"
    key short rsa:1024 mail.example.org; issued short \"$leaf\" \"$ca -days 9\"
    key sha1 \"$ec\" mail.example.org; issued sha1 \"$leaf\" \"$ca -days 9 -sha1\"
    key other \"$ec\" other.example.org; issued other 'subjectAltName=DNS:other.example.org\\n' \"$ca -days 9\"
    key middle \"$ec\" middle; issued middle 'basicConstraints=critical,CA:TRUE\\n' \"$ca -days 9\"
    key below \"$ec\" mail.example.org; issued below \"$leaf\" '-CA middle.crt -CAkey middle.key -days 9'
    cat below.pem middle.crt >chain.pem
    for kind in own:CA:TRUE self:CA:FALSE; do
        openssl req -x509 -newkey $ec -nodes -days 9 -subj /CN=mail.example.org -addext subjectAltName=DNS:mail.example.org \\
            -addext basicConstraints=critical,${kind#*:} -keyout ${kind%%:*}.key -out ${kind%%:*}.crt 2>/dev/null
        cat ${kind%%:*}.key ${kind%%:*}.crt >${kind%%:*}.pem
    done
    chmod 600 *.key *.pem";

const SMTPD: &str = "
    cd /srv/opensmtpd
    mkdir -p etc/ssl/certs; cp /etc/ssl/mail.crt /etc/ssl/private/mail.key etc/ssl/
    cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/
    chmod 600 etc/ssl/mail.key
    mount --bind /dev dev; mount -t proc proc proc
    cat >etc/smtpd.conf <<'CONF'
pki mail cert \"/etc/ssl/mail.crt\"
pki mail key \"/etc/ssl/mail.key\"
table users { \"jane\" = \"mailboxes\" }
listen on 127.0.0.1 port 2526 tls pki mail hostname mail.example.org
listen on 127.0.0.1 port 2527 tls-require pki mail hostname mail.example.org
listen on 127.0.0.1 port 2528 tls pki mail auth hostname mail.example.org
action keep maildir \"/var/lib/mailboxes/jane\" virtual <users>
match from any for domain \"example.org\" action keep
CONF
    echo mail.example.org >etc/mailname
    chroot . smtpd -n
    chroot . smtpd
    until (: </dev/tcp/127.0.0.1/2528) 2>/dev/null; do sleep 0.05; done";

/// The number of mails that `server` has for jane.
fn arrived(machine: &Machine, server: &str) -> usize {
    let found =
        machine.must(&format!("find /srv/{server}/var/lib/mailboxes/jane/new -type f 2>/dev/null | wc -l || true"));
    found.trim().parse().unwrap()
}

/// Sets the mail settings, and applies them.
#[track_caller]
fn settings(machine: &Machine, text: &str) {
    machine.must(&format!(
        "mkdir -p /etc/sspr/sspr.toml.d; printf '%s\\n' '[email]' '{text}' >/etc/sspr/sspr.toml.d/70-mail.toml
         systemctl reload sspr-agent"
    ));
}

/// The result of a test mail.
fn test_mail(machine: &Machine, to: &str) -> Value {
    let said = machine.run(&format!("sspr admin test-email --json {to}")).stdout;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
}

fn finding(machine: &Machine, arguments: &str) -> (String, String) {
    let said = machine.run(&format!("sspr doctor --json {arguments}")).stdout;
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    let mail = said["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "mail").unwrap().clone();
    (
        format!("{} {}", mail["level"].as_str().unwrap(), mail["what"].as_str().unwrap()),
        mail["fix"].as_str().unwrap_or_default().into(),
    )
}

const AUTH: &str = "smtpd_sasl_auth_enable=yes smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth";

/// Postfix as shipped here, with these settings added.
#[track_caller]
fn postfix(machine: &Machine, settings: &str, sasl: &str) {
    let auth = if sasl.is_empty() { "" } else { AUTH };
    let changes: Vec<String> =
        settings.lines().chain(auth.split_whitespace()).map(|line| format!("'{line}'")).collect();
    let changes =
        if changes.is_empty() { String::new() } else { format!("chroot . postconf -e {}", changes.join(" ")) };
    machine.must(&format!(
        "cd /srv/postfix; echo '{sasl}' >/root/sasl; cp etc/postfix/main.cf.good etc/postfix/main.cf
         {changes}
         chroot . postfix reload 2>/dev/null"
    ));
}

fn with_postfix() -> Machine {
    let machine =
        Machine::with(Image::with_mail_servers()).switched_on().settings("[scope]\nenable = \"all\"\n").boot();
    machine.must(&format!("bash -euc \"{}\"", POSTFIX.replace('\\', "\\\\").replace('"', "\\\"")));
    machine.must(SASL);
    machine.must("echo secret >/etc/sspr/p; chown sspr /etc/sspr/p; chmod 600 /etc/sspr/p");
    machine
}

#[test]
fn mail_arrives_once_by_postfix_however_it_is_set_to_take_it() {
    // The guide's replacement for a local sendmail, which can do nothing in the agent's sandbox.
    assert!(include_str!("../../docs/administrators-guide.md").contains("`smtp+plain://127.0.0.1:25`"));
    let machine = with_postfix();
    machine.must(CERTIFICATES);
    let good = [
        ("", "", PLAIN),
        ("", "", TLS),
        ("", "", TLS_AT_ONCE),
        ("smtpd_tls_chain_files=/etc/ssl/chain.pem", "", TLS),
        ("smtpd_tls_security_level=encrypt\nsmtpd_tls_auth_only=yes", "OK PLAIN", SIGNS_IN),
        ("smtpd_client_restrictions=permit_sasl_authenticated,reject", "OK LOGIN", SIGNS_IN),
    ];
    for (count, (settings_of_postfix, sasl, email)) in (1..).zip(good) {
        postfix(&machine, settings_of_postfix, sasl);
        settings(&machine, email);
        let (level, _) = finding(&machine, "");
        assert!(level.starts_with("fine"), "{settings_of_postfix} {email}: {level}");
        let tested = test_mail(&machine, JANE);
        assert_eq!(tested["accepted"], true, "{settings_of_postfix} {email}: {tested}");
        host::wait_for("the mail", Duration::from_secs(20), || (arrived(&machine, "postfix") >= count).then_some(()));
        assert_eq!(arrived(&machine, "postfix"), count);
        let (level, _) = finding(&machine, "");
        assert!(level.starts_with("fine") && level.contains("it took the last message"), "{level}");
    }
    // One missing mailbox says nothing about the server.
    postfix(&machine, "", "");
    settings(&machine, PLAIN);
    let tested = test_mail(&machine, "bob@example.org");
    assert!(tested["said"].as_str().unwrap().contains("refused the recipient (550)"), "{tested}");
    let (level, _) = finding(&machine, "--mail-to jane@example.org");
    assert!(level.starts_with("fine") && level.contains("for that address"), "{level}");
    let (level, _) = finding(&machine, "--mail-to bob@example.org");
    assert!(level.starts_with("error") && level.contains("refused the recipient"), "{level}");
    assert_eq!(arrived(&machine, "postfix"), good.len());
}

#[test]
fn each_setting_of_postfix_that_refuses_mail_is_told_with_what_to_change() {
    let machine = with_postfix();
    machine.must(CERTIFICATES);
    let mut wrong = Vec::new();
    for Refusal { postfix: changes, sasl, email, to, said, todo } in REFUSALS {
        postfix(&machine, changes, sasl);
        settings(&machine, email);
        if changes.contains("rate_limit") {
            machine.must("bash -c 'for n in 1 2; do (: </dev/tcp/127.0.0.1/2525); done'");
        }
        let tested = test_mail(&machine, to);
        let words = tested["said"].as_str().unwrap();
        // Doctor reports the same: an error if it finds the fault itself, a warning if it knows it from the last
        // message.
        let (level, fix) = finding(&machine, "");
        let told = level.starts_with("error") || level.starts_with("warning") && level.contains("was not sent");
        let right = tested["accepted"] == false && words.contains(said) && told && level.contains(said);
        if !(right && fix.contains(todo)) {
            wrong.push(format!("{changes} {sasl} {email}: {tested}\n{level}\n{fix}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!(arrived(&machine, "postfix"), 0);
}

#[test]
fn mail_arrives_once_by_opensmtpd_and_what_it_refuses_is_told() {
    let machine =
        Machine::with(Image::with_mail_servers()).switched_on().settings("[scope]\nenable = \"all\"\n").boot();
    machine.must(&format!("bash -euc \"{}\"", SMTPD.replace('\\', "\\\\").replace('"', "\\\"")));
    let by = |url: &str, more: &str| {
        format!("gateway = \"smtp\"\nsmtp = \"{url}\"\nfrom = \"no-reply@example.org\"\n{more}")
    };
    let jane = "jane@example.org";
    for (count, url) in [(1, "smtp+plain://127.0.0.1:2526"), (2, "smtp://mail.example.org:2527")] {
        settings(&machine, &by(url, ""));
        let tested = test_mail(&machine, jane);
        assert_eq!(tested["accepted"], true, "{tested}");
        host::wait_for("the mail", Duration::from_secs(20), || (arrived(&machine, "opensmtpd") >= count).then_some(()));
        assert_eq!(arrived(&machine, "opensmtpd"), count);
    }
    machine.must("echo secret >/etc/sspr/p; chown sspr /etc/sspr/p; chmod 600 /etc/sspr/p");
    let signs_in = "username = \"jane\"\npassword_file = \"/etc/sspr/p\"";
    for (url, more, to, said) in [
        (
            "smtp+plain://127.0.0.1:2526",
            "",
            "jane@elsewhere.example",
            "refused the recipient, or to send for this machine",
        ),
        ("smtp+plain://127.0.0.1:2527", "", jane, "wants TLS first"),
        ("smtp+plain://127.0.0.1:2528", "", jane, "wants a user name and a password first"),
        ("smtp+plain://127.0.0.1:2526", signs_in, jane, "it offers no way to sign in"),
        ("smtp://mail.example.org:2528", signs_in, jane, "refused the user name or the password"),
        ("smtps://mail.example.org:2526", "", jane, "it doesn't speak TLS here"),
    ] {
        settings(&machine, &by(url, more));
        let tested = test_mail(&machine, to);
        let words = tested["said"].as_str().unwrap();
        assert!(tested["accepted"] == false && words.contains(said), "{url}: {words}");
    }
    assert_eq!(arrived(&machine, "opensmtpd"), 2);
}
