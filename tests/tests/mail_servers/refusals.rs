//! The settings of Postfix with which no mail is sent, and what is said of each.

/// `[email]`, for the machine's own Postfix, at its port for STARTTLS or for TLS.
macro_rules! email {
    ($url:literal) => {
        email!($url, "no-reply@example.org", "")
    };
    ($url:literal, $from:literal, $more:literal) => {
        concat!("gateway = \"smtp\"\nsmtp = \"", $url, "\"\nfrom = \"", $from, "\"\n", $more)
    };
}
pub(super) const PLAIN: &str = email!("smtp+plain://127.0.0.1:2525");
pub(super) const TLS: &str = email!("smtp://mail.example.org:2525");
pub(super) const TLS_AT_ONCE: &str = email!("smtps://mail.example.org:4650");
pub(super) const SIGNS_IN: &str = email!(
    "smtp://mail.example.org:2525",
    "no-reply@example.org",
    "username = \"sspr\"\npassword_file = \"/etc/sspr/p\""
);
const SIGNS_IN_WITHOUT_TLS: &str = email!(
    "smtp+plain://127.0.0.1:2525",
    "no-reply@example.org",
    "username = \"sspr\"\npassword_file = \"/etc/sspr/p\""
);
pub(super) const JANE: &str = "jane@example.org";
const ELSEWHERE: &str = "jane@elsewhere.example";

/// A setting of Postfix with which no mail is sent.
pub(super) struct Refusal {
    /// `main.cf`, a setting on each line.
    pub(super) postfix: &'static str,
    /// The verdict on passwords, and the mechanisms.
    pub(super) sasl: &'static str,
    pub(super) email: &'static str,
    pub(super) to: &'static str,
    pub(super) said: &'static str,
    pub(super) todo: &'static str,
}

const fn refusal(postfix: &'static str, email: &'static str, said: &'static str, todo: &'static str) -> Refusal {
    Refusal { postfix, sasl: "", email, to: JANE, said, todo }
}

/// The same, on a server that lets this machine sign in.
#[allow(clippy::needless_pass_by_value, reason = "its parts move on")]
const fn with_sign_in(refusal: Refusal) -> Refusal {
    Refusal { sasl: "OK PLAIN", ..refusal }
}

/// The same, on a server that checks passwords.
const fn sign_in(sasl: &'static str, said: &'static str, todo: &'static str) -> Refusal {
    Refusal { sasl, ..refusal("", SIGNS_IN, said, todo) }
}

pub(super) const REFUSALS: &[Refusal] = &[
    Refusal {
        to: ELSEWHERE,
        ..refusal(
            "smtpd_relay_restrictions=reject_unauth_destination",
            PLAIN,
            "sends nothing on for this machine",
            "sign in there",
        )
    },
    // The sender.
    refusal(
        "smtpd_sender_restrictions=reject_non_fqdn_sender",
        email!("smtp+plain://127.0.0.1:2525", "no-reply@debian", ""),
        "wants a full domain in the sender",
        "set [email] from",
    ),
    refusal(
        "smtpd_sender_restrictions=inline:{{no-reply@example.org=550 5.1.8 no such domain}}",
        PLAIN,
        "finds no such domain",
        "set [email] from",
    ),
    refusal(
        "smtpd_reject_unlisted_sender=yes",
        PLAIN,
        "refused the sender, the address in [email] from",
        "set [email] from to an address that exists",
    ),
    with_sign_in(refusal(
        "smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch\n\
         smtpd_sender_login_maps=inline:{{no-reply@example.org=bob}}",
        SIGNS_IN,
        "doesn't let this user name send as",
        "set [email] from",
    )),
    refusal(
        "smtpd_recipient_restrictions=inline:{{jane@example.org=550 5.7.23 SPF check failed}}",
        PLAIN,
        "for want of SPF, DKIM or DMARC",
        "let this machine send for the domain",
    ),
    // This machine.
    refusal(
        "smtpd_helo_restrictions=inline:{{shell.example.org=REJECT}}",
        PLAIN,
        "refused the name that it was greeted with, shell.example.org",
        "host_name",
    ),
    refusal(
        "smtpd_client_restrictions=permit_sasl_authenticated,reject",
        PLAIN,
        "takes no mail from this machine",
        "take mail from this address, or sign in",
    ),
    refusal(
        "smtpd_client_restrictions=inline:{{127.0.0.1=554 5.7.1 Client host [127.0.0.1] blocked using bl.example.org}}",
        PLAIN,
        "on a list of senders of spam",
        "send by a relay",
    ),
    refusal(
        "smtpd_client_restrictions=inline:{{127.0.0.1=450 4.7.25 Client host rejected: cannot find your hostname}}",
        PLAIN,
        "finds no name for this machine's address",
        "PTR",
    ),
    refusal(
        "smtpd_client_connection_rate_limit=1\nsmtpd_client_event_limit_exceptions=",
        PLAIN,
        "is too busy for this machine",
        "messages are sent again",
    ),
    refusal(
        "smtpd_recipient_restrictions=inline:{{jane@example.org=450 4.2.0 Greylisted}}",
        PLAIN,
        "come again later (greylisting)",
        "messages are sent again",
    ),
    // The mail, and missing features of the server.
    refusal("message_size_limit=600", PLAIN, "for its size", "raise the server"),
    refusal(
        "header_checks=regexp:{{/^Subject:/ REJECT Spam message rejected}}",
        PLAIN,
        "took the mail for spam",
        "pass",
    ),
    refusal("queue_minfree=900000000000", PLAIN, "has no room for mail", "disk"),
    refusal(
        "smtpd_recipient_restrictions=inline:{{jane@example.org=452 4.2.2 Mailbox is full}}",
        PLAIN,
        "can't take mail for that mailbox right now",
        "messages are sent again",
    ),
    refusal(
        "smtpd_recipient_restrictions=texthash:/etc/postfix/gone",
        PLAIN,
        "has a fault of its own right now",
        "messages are sent again",
    ),
    refusal(
        "smtpd_milters=inet:127.0.0.1:9\nmilter_default_action=tempfail",
        PLAIN,
        "has a fault of its own right now",
        "messages are sent again",
    ),
    // TLS.
    refusal("smtpd_tls_security_level=encrypt", PLAIN, "wants TLS first", "smtp://"),
    refusal("smtpd_tls_security_level=none", TLS, "it doesn't offer STARTTLS", "switch TLS on"),
    refusal("", email!("smtp://mail.example.org:4650"), "it speaks TLS from the first byte here", "write smtps://"),
    refusal("", email!("smtps://mail.example.org:2525"), "it doesn't speak TLS here", "write smtp://"),
    refusal(
        "smtpd_tls_chain_files=/etc/ssl/gone.pem",
        TLS,
        "or it has no certificate",
        "certificate or key may be missing",
    ),
    refusal("smtpd_tls_chain_files=/etc/ssl/cn.pem", TLS, "it has its name in CN alone", "subjectAltName"),
    refusal("smtpd_tls_chain_files=/etc/ssl/short.pem", TLS, "its key is too short", "2048"),
    refusal("smtpd_tls_chain_files=/etc/ssl/sha1.pem", TLS, "not safe any more", "SHA-256"),
    refusal(
        "smtpd_tls_chain_files=/etc/ssl/other.pem",
        TLS,
        "it belongs to another name",
        "name that is in the certificate",
    ),
    refusal("smtpd_tls_chain_files=/etc/ssl/below.pem", TLS, "and the server sent no other", "fullchain.pem"),
    refusal("smtpd_tls_chain_files=/etc/ssl/own.pem", TLS, "it is that of an authority", "CA:FALSE"),
    refusal("smtpd_tls_chain_files=/etc/ssl/self.pem", TLS, "nobody but the server itself", "update-ca-certificates"),
    // Signing in.
    refusal("", SIGNS_IN, "it offers no way to sign in", "leave [email] username"),
    with_sign_in(refusal(
        "smtpd_tls_auth_only=yes",
        SIGNS_IN_WITHOUT_TLS,
        "it offers no way to sign in",
        "smtp://HOST:587",
    )),
    sign_in("OK SCRAM-SHA-256", "only other ways to sign in than PLAIN and LOGIN", "offer PLAIN or LOGIN"),
    sign_in("OK XOAUTH2", "only other ways to sign in than PLAIN and LOGIN", "OAuth"),
    sign_in("FAIL PLAIN", "refused the user name or the password", "password_file"),
    sign_in("gone PLAIN", "can't check passwords right now", "may be down"),
    with_sign_in(refusal(
        "smtpd_sender_restrictions=reject_sender_login_mismatch\n\
         smtpd_sender_login_maps=inline:{{no-reply@example.org=bob}}",
        PLAIN,
        "wants a user name and a password first",
        "set [email] username",
    )),
];
