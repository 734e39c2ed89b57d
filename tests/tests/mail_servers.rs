//! Mail servers as they are: Postfix, `OpenSMTPD`, and Exim, which is the server of all other tests. The mail arrives, once; or what is
//! said leads to what has to be changed.

use std::time::Duration;

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
    cp etc/postfix/main.cf etc/postfix/main.cf.good
    chroot . postfix start
    until (: </dev/tcp/127.0.0.1/2525) 2>/dev/null; do sleep 0.05; done";

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

/// The mail that `server` has for jane.
fn arrived(machine: &Machine, server: &str) -> usize {
    let found =
        machine.must(&format!("find /srv/{server}/var/lib/mailboxes/jane/new -type f 2>/dev/null | wc -l || true"));
    found.trim().parse().unwrap()
}

/// The settings of mail, which count from now on.
#[track_caller]
fn settings(machine: &Machine, text: &str) {
    machine.must(&format!(
        "mkdir -p /etc/sspr/sspr.toml.d; printf '%s\\n' '[email]' '{text}' >/etc/sspr/sspr.toml.d/70-mail.toml
         systemctl reload sspr-agent"
    ));
}

/// What a test mail comes to.
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

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn mail_arrives_once_by_postfix_and_each_of_its_settings_that_refuses_it_is_told_with_what_to_change() {
    let machine =
        Machine::with(Image::with_mail_servers()).switched_on().settings("[scope]\nenable = \"all\"\n").boot();
    machine.must(&format!("bash -euc \"{}\"", POSTFIX.replace('\\', "\\\\").replace('"', "\\\"")));
    let plain = "gateway = \"smtp\"\nsmtp = \"smtp+plain://127.0.0.1:2525\"\nfrom = \"no-reply@example.org\"";
    let tls = "gateway = \"smtp\"\nsmtp = \"smtp://mail.example.org:2525\"\nfrom = \"no-reply@example.org\"";
    for (count, good) in [(1, plain), (2, tls)] {
        settings(&machine, good);
        let (level, _) = finding(&machine, "");
        assert!(level.starts_with("fine"), "{level}");
        assert_eq!(test_mail(&machine, "jane@example.org")["accepted"], true);
        host::wait_for("the mail", Duration::from_secs(20), || (arrived(&machine, "postfix") >= count).then_some(()));
        assert_eq!(arrived(&machine, "postfix"), count);
        let (level, _) = finding(&machine, "");
        assert!(level.starts_with("fine") && level.contains("it took the last message"), "{level}");
    }
    let bare = "gateway = \"smtp\"\nsmtp = \"smtp+plain://127.0.0.1:2525\"\nfrom = \"no-reply@debian\"";
    let signs_in = "gateway = \"smtp\"\nsmtp = \"smtp+plain://127.0.0.1:2525\"\nfrom = \"no-reply@example.org\"\nusername = \"sspr\"\npassword_file = \"/etc/sspr/p\"";
    machine.must("echo secret >/etc/sspr/p; chown sspr /etc/sspr/p; chmod 600 /etc/sspr/p");
    let (jane, other) = ("jane@example.org", "jane@elsewhere.example");
    for (postfix, email, to, said, todo) in [
        (
            "smtpd_relay_restrictions=reject_unauth_destination",
            plain,
            other,
            "sends nothing on for this machine",
            "sign in there",
        ),
        (
            "smtpd_sender_restrictions=reject_non_fqdn_sender",
            bare,
            jane,
            "wants a full domain in the sender",
            "set [email] from",
        ),
        (
            "smtpd_sender_restrictions=inline:{{no-reply@example.org=550 5.1.8 no such domain}}",
            plain,
            jane,
            "finds no such domain",
            "set [email] from",
        ),
        (
            "smtpd_sender_restrictions=inline:{{no-reply@example.org=553 5.7.1 not owned by user sspr}}",
            plain,
            jane,
            "doesn't let this user name send as",
            "set [email] from",
        ),
        (
            "smtpd_helo_restrictions=inline:{{shell.example.org=REJECT}}",
            plain,
            jane,
            "refused the name that it was greeted with, shell.example.org",
            "host_name",
        ),
        (
            "smtpd_client_restrictions=reject",
            plain,
            jane,
            "takes no mail from this machine",
            "take mail from this address",
        ),
        (
            "smtpd_recipient_restrictions=inline:{{jane@example.org=450 4.2.0 Greylisted}}",
            plain,
            jane,
            "come again later (greylisting)",
            "messages are sent again",
        ),
        ("message_size_limit=600", plain, jane, "for its size", "raise the server"),
        (
            "header_checks=regexp:{{/^Subject:/ REJECT Spam message rejected}}",
            plain,
            jane,
            "took the mail for spam",
            "pass",
        ),
        ("smtpd_tls_security_level=encrypt", plain, jane, "wants TLS first", "smtp://"),
        ("smtpd_tls_security_level=none", tls, jane, "it doesn't offer STARTTLS", "switch TLS on"),
        ("myhostname=mail.example.org", signs_in, jane, "it offers no way to sign in", "leave [email] username"),
    ] {
        let changes: Vec<String> = postfix
            .split(" smtpd_")
            .enumerate()
            .map(|(n, part)| if n == 0 { format!("'{part}'") } else { format!("'smtpd_{part}'") })
            .collect();
        machine.must(&format!(
            "cd /srv/postfix; cp etc/postfix/main.cf.good etc/postfix/main.cf
             chroot . postconf -e {}; chroot . postfix reload 2>/dev/null",
            changes.join(" ")
        ));
        settings(&machine, email);
        let tested = test_mail(&machine, to);
        assert_eq!(tested["accepted"], false, "{postfix}: {tested}");
        let words = tested["said"].as_str().unwrap();
        assert!(words.contains(said), "{postfix}: {words}");
        // Doctor says no less: an error where it meets it by itself, a warning where it has it from the last message.
        let (level, fix) = finding(&machine, "");
        let told = level.starts_with("error") || level.starts_with("warning") && level.contains("was not sent");
        assert!(told && level.contains(said) && fix.contains(todo), "{postfix}: {level}; {fix}");
    }
    // That one mailbox is not there says nothing of the server.
    machine
        .must("cd /srv/postfix; cp etc/postfix/main.cf.good etc/postfix/main.cf; chroot . postfix reload 2>/dev/null");
    settings(&machine, plain);
    let tested = test_mail(&machine, "bob@example.org");
    assert!(tested["said"].as_str().unwrap().contains("refused the recipient (550)"), "{tested}");
    assert_eq!(test_mail(&machine, "jane@example.org")["accepted"], true);
    host::wait_for("the mail", Duration::from_secs(20), || (arrived(&machine, "postfix") == 3).then_some(()));
    let (level, _) = finding(&machine, "--mail-to jane@example.org");
    assert!(level.starts_with("fine") && level.contains("for that address"), "{level}");
    let (level, _) = finding(&machine, "--mail-to bob@example.org");
    assert!(level.starts_with("error") && level.contains("refused the recipient"), "{level}");
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
