//! Why mail and text messages fail, in words, and what to do about each cause. A reason appears in the journal, in
//! doctor, in setup's test, in test-email and test-phone. Its fix is found by its words, so that it need not be passed
//! along.
#![allow(missing_docs, reason = "each says itself what it is")]

pub mod modem;

/// A reason and its fix.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// The end of a sentence that begins with a server's name.
    pub words: &'static str,
    /// What to do, in one line.
    pub fix: &'static str,
    /// The fix for a gateway for text messages, if it is different.
    for_gateways: Option<&'static str>,
}

impl Cause {
    const fn new(words: &'static str, fix: &'static str) -> Self {
        Self { words, fix, for_gateways: None }
    }

    const fn for_gateways(self, fix: &'static str) -> Self {
        Self { for_gateways: Some(fix), ..self }
    }
}

/// The fix for `why`, which contains the words of a cause. Of several causes, the most specific one.
pub fn fix(why: &str) -> Option<&'static str> {
    found(why).map(|cause| cause.fix)
}

/// The same for a message of a gateway for text messages.
pub fn fix_of_gateway(why: &str) -> Option<&'static str> {
    found(why).map(|cause| cause.for_gateways.unwrap_or(cause.fix))
}

fn found(why: &str) -> Option<&'static Cause> {
    let found = ALL.iter().flat_map(|causes| causes.iter()).filter(|cause| why.contains(cause.words));
    found.max_by_key(|cause| cause.words.len()).copied()
}

/// Whether `why` says that a server does not accept mail from the address in `[email] from`.
pub fn is_about_the_sender(why: &str) -> bool {
    [&SENDER_OF_ANOTHER, &SENDER_DOMAIN, &SENDER_BARE, &SENDER].iter().any(|cause| why.contains(cause.words))
}

/// The key of `[phone]` that may open the way to a gateway that is asked by HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// `proxy`
    Proxy,
    /// `ca_file`
    Authority,
}

/// Which key may open the way, if `why` says that it is closed.
pub fn way_out(why: &str) -> Option<WayOut> {
    let cause = found(why)?;
    if [&UNRESOLVED, &SILENT, &SYSTEM].contains(&cause) || PROXY.contains(&cause) {
        return Some(WayOut::Proxy);
    }
    [&SELF_SIGNED, &UNKNOWN_AUTHORITY, &SENT_ALONE].contains(&cause).then_some(WayOut::Authority)
}

const ALL: [&[&Cause]; 6] = [&NETWORK, &PROXY, &TLS, &CERTIFICATE, &SERVER, &modem::ALL];

const AUTHORITY: &str =
    "put the authority's certificate into /usr/local/share/ca-certificates as NAME.crt, then: update-ca-certificates";
const GATEWAY_AUTHORITY: &str = "if it is an authority of your own, such as that of a proxy that looks into TLS, name the file with its certificate in \
     [phone] ca_file. For every program: put it into /usr/local/share/ca-certificates as NAME.crt, then: update-ca-certificates";
const GATEWAY_URL: &str = "are host and port in the gateway's url right? Else see what its provider says";

pub static UNRESOLVED: Cause = Cause::new(
    "the name can't be resolved",
    "is the name right, and does this machine find it? try: getent hosts NAME",
)
.for_gateways(
    "is the name right, and does this machine find it? try: getent hosts NAME. Without DNS, write it into /etc/hosts, or set \
     [phone] proxy",
);
pub static SLOW: Cause = Cause::new(
    "it was not done within [email] timeout",
    "is the port one for smtps:// (465), or is the server that slow? then raise [email] timeout",
);
const WAY_OUT: &str = "are name and port right, and does a firewall let this machine out?";
const GATEWAY_WAY_OUT: &str = "are name and port right, and does a firewall let this machine out? If the only way out is a proxy, set [phone] proxy";
pub static SILENT: Cause = Cause::new("no answer in time", WAY_OUT).for_gateways(GATEWAY_WAY_OUT);
static SYSTEM: Cause = Cause::new("(os error ", WAY_OUT).for_gateways(GATEWAY_WAY_OUT);
pub static NOT_SMTP: Cause = Cause::new(
    "it doesn't speak SMTP as it should, or broke off",
    "are host and port in [email] smtp those of a mail server?",
);
static NETWORK: [&Cause; 5] = [&UNRESOLVED, &SLOW, &SILENT, &SYSTEM, &NOT_SMTP];

pub static PROXY_UNRESOLVED: Cause = Cause::new(
    "the name in [phone] proxy can't be resolved",
    "is the name right? try: getent hosts NAME. Without DNS, write it into /etc/hosts, or its address into [phone] proxy",
);
pub static PROXY_GONE: Cause = Cause::new(
    "the proxy in [phone] proxy can't be reached",
    "are host and port in [phone] proxy right, and does the proxy run and take connections from this machine?",
);
pub static NO_PROXY: Cause = Cause::new(
    "what answers at [phone] proxy doesn't speak HTTP as a proxy should, or broke off",
    "are host and port in [phone] proxy right? A proxy that wants TLS itself is written with https://",
);
pub static PROXY_REFUSES: Cause = Cause::new(
    "the proxy in [phone] proxy refuses the way",
    "have the proxy let this machine CONNECT to that host and port",
);
pub static PROXY_WANTS_SIGN_IN: Cause = Cause::new(
    "the proxy in [phone] proxy wants a user name and a password",
    "set [phone] proxy_user and proxy_password_file, or have the proxy let this machine out without",
);
pub static PROXY_PASSWORD: Cause = Cause::new(
    "the proxy in [phone] proxy refuses the user name or the password",
    "correct [phone] proxy_user and the file of proxy_password_file, then: systemctl reload sspr-agent. Only basic authentication is spoken",
);
pub static PROXY_FAILS: Cause = Cause::new(
    "the proxy in [phone] proxy doesn't get through",
    "is the host right? The proxy has to find its name itself, this machine's /etc/hosts does not count; look at the proxy's log",
);
static PROXY: [&Cause; 7] =
    [&PROXY_UNRESOLVED, &PROXY_GONE, &NO_PROXY, &PROXY_REFUSES, &PROXY_WANTS_SIGN_IN, &PROXY_PASSWORD, &PROXY_FAILS];

pub static NO_STARTTLS: Cause = Cause::new(
    "it doesn't offer STARTTLS, so nothing was sent",
    "switch TLS on at the server, or use its port for TLS: smtps://HOST:465. smtp+plain:// is for this machine alone",
);
pub static FROM_THE_FIRST_BYTE: Cause =
    Cause::new("it speaks TLS from the first byte here", "write smtps:// in place of smtp:// in [email] smtp");
pub static NO_TLS: Cause = Cause::new(
    "it doesn't speak TLS here",
    "write smtp:// in place of smtps:// in [email] smtp, or the port for TLS, 465",
)
.for_gateways(GATEWAY_URL);
pub static NO_COMMON_TLS: Cause = Cause::new(
    "no common version or cipher of TLS (1.2 or later is needed), or it has no certificate",
    "look at the mail server's log: its certificate or key may be missing. Else have it offer TLS 1.2 or 1.3 with current ciphers",
)
.for_gateways("does something on the way, such as a proxy, take TLS apart? It has to offer TLS 1.2 or 1.3 with current ciphers");
pub static TLS_BROKEN_OFF: Cause =
    Cause::new("it broke off the TLS handshake", "look at the mail server's log for the reason")
        .for_gateways(GATEWAY_URL);
pub static NO_AUTHORITIES: Cause = Cause::new(
    "this machine trusts no certificates; install the package ca-certificates",
    "run: apt install ca-certificates",
);
pub static TALKED_ON: Cause = Cause::new(
    "it said more than it was asked before TLS began",
    "somebody on the way may be meddling; use its port for TLS: smtps://HOST:465",
);
static TLS: [&Cause; 7] =
    [&NO_STARTTLS, &FROM_THE_FIRST_BYTE, &NO_TLS, &NO_COMMON_TLS, &TLS_BROKEN_OFF, &NO_AUTHORITIES, &TALKED_ON];

pub static EXPIRED: Cause =
    Cause::new("it has expired", "renew the server's certificate. Is this machine's clock right? try: timedatectl");
pub static NOT_YET: Cause = Cause::new(
    "it is not valid yet",
    "is this machine's clock right? try: timedatectl. Else wait, or have the certificate issued anew",
);
pub static OTHER_NAME: Cause = Cause::new(
    "it belongs to another name",
    "write a name that is in the certificate into [email] smtp, or have it issued for this one",
)
.for_gateways(GATEWAY_URL);
pub static NAME_IN_CN: Cause = Cause::new(
    "it has its name in CN alone",
    "have it issued anew with the name in subjectAltName, such as: openssl req -addext subjectAltName=DNS:NAME",
);
pub static VERSION_1: Cause = Cause::new(
    "it is of version 1",
    "have it issued as version 3: openssl x509 -req -extfile FILE, with subjectAltName=DNS:NAME in FILE",
);
pub static AUTHORITY_S_OWN: Cause = Cause::new(
    "it is that of an authority and not of a server",
    "make one for the server: openssl req -x509 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:NAME",
);
pub static SELF_SIGNED: Cause = Cause::new(
    "nobody but the server itself vouches for it",
    "put it into /usr/local/share/ca-certificates as NAME.crt, then: update-ca-certificates; or have an authority issue one",
)
.for_gateways("if it is a server of your own, put its certificate into a file and name that in [phone] ca_file");
pub static UNKNOWN_AUTHORITY: Cause =
    Cause::new("this machine doesn't trust who issued it", AUTHORITY).for_gateways(GATEWAY_AUTHORITY);
pub static SENT_ALONE: Cause = Cause::new(
    "this machine doesn't trust who issued it, and the server sent no other",
    "if an authority in between issued it, have the server send that one's certificate too (fullchain.pem). Else put the \
     authority's certificate into /usr/local/share/ca-certificates as NAME.crt, then: update-ca-certificates",
)
.for_gateways(GATEWAY_AUTHORITY);
pub static SHORT_KEY: Cause =
    Cause::new("its key is too short", "have it issued anew with an RSA key of 2048 bits or more, or an EC key");
pub static OLD_SIGNATURE: Cause =
    Cause::new("it is signed in a way that is not safe any more", "have it issued anew, signed with SHA-256");
pub static REVOKED: Cause = Cause::new("it was revoked", "have it issued anew");
pub static NOT_FOR_A_SERVER: Cause = Cause::new(
    "it is not one for a server (CA:FALSE, serverAuth)",
    "have it issued anew with basicConstraints=CA:FALSE and extendedKeyUsage=serverAuth",
);
pub static FAULTY: Cause = Cause::new("it is faulty", "have it issued anew");
static CERTIFICATE: [&Cause; 14] = [
    &EXPIRED,
    &NOT_YET,
    &OTHER_NAME,
    &NAME_IN_CN,
    &VERSION_1,
    &AUTHORITY_S_OWN,
    &SELF_SIGNED,
    &UNKNOWN_AUTHORITY,
    &SENT_ALONE,
    &SHORT_KEY,
    &OLD_SIGNATURE,
    &REVOKED,
    &NOT_FOR_A_SERVER,
    &FAULTY,
];

const LOG: &str = "look at the mail server's log for the reason";
const AGAIN: &str = "nothing, if it passes: messages are sent again. Else look at the mail server's log";

pub static WANTS_TLS: Cause = Cause::new("wants TLS first", "write smtp:// (STARTTLS) or smtps:// into [email] smtp");
pub static TLS_FAILS: Cause =
    Cause::new("can't do TLS right now", "look at the mail server's log: its certificate or key may be missing");
pub static WANTS_SIGN_IN: Cause = Cause::new(
    "wants a user name and a password first",
    "set [email] username and password_file, or have the server take mail from this machine without",
);
pub static NO_SIGN_IN: Cause = Cause::new(
    "it offers no way to sign in",
    "use its port for submission: smtp://HOST:587 or smtps://HOST:465. If it knows this machine by its address, leave [email] \
     username and password_file out",
);
pub static OTHER_SIGN_IN: Cause = Cause::new(
    "it offers only other ways to sign in than PLAIN and LOGIN",
    "have it offer PLAIN or LOGIN over TLS; a provider that wants OAuth may have passwords for applications, or a relay",
);
pub static PASSWORD: Cause = Cause::new(
    "refused the user name or the password",
    "correct [email] username and its password_file, then: systemctl reload sspr-agent",
);
pub static APPLICATION_PASSWORD: Cause = Cause::new(
    "wants a password made for an application",
    "make one in the mailbox's account at the provider, and put it into [email] password_file",
);
pub static SIGN_IN_OFF: Cause = Cause::new(
    "has sign-in by SMTP switched off for this user name",
    "switch authenticated SMTP on for that mailbox, or send by a relay that knows this machine by its address",
);
pub static SIGN_IN_FAILS: Cause = Cause::new(
    "can't check passwords right now",
    "look at the mail server's log: what it asks for passwords may be down",
);
pub static GREETING: Cause = Cause::new(
    "refused the name that it was greeted with",
    "set [email] host_name to this machine's full name, as the DNS has it",
);
pub static CLIENT: Cause = Cause::new(
    "takes no mail from this machine's address",
    "have the server take mail from this address, or sign in there: [email] username and password_file",
);
pub static LISTED: Cause = Cause::new(
    "has this machine's address on a list of senders of spam",
    "send by a relay or a provider; the list says how an address is taken off",
);
pub static NAMELESS: Cause = Cause::new(
    "finds no name for this machine's address",
    "give the address a name in the DNS (PTR) that leads back to it, or send by a relay",
);
pub static BUSY: Cause = Cause::new("is too busy for this machine right now", AGAIN);
pub static GREYLISTED: Cause = Cause::new(
    "asks this machine to come again later (greylisting)",
    "nothing: messages are sent again. If codes come too late, have the server let this machine pass",
);
pub static RELAYING: Cause = Cause::new(
    "sends nothing on for this machine (relaying)",
    "sign in there: [email] username and password_file; or have the server relay for this address",
);
pub static SENDER_OF_ANOTHER: Cause = Cause::new(
    "doesn't let this user name send as the address in [email] from",
    "set [email] from to an address of that user name, or allow it at the server",
);
pub static SENDER_DOMAIN: Cause = Cause::new(
    "finds no such domain as that of the sender, [email] from",
    "set [email] from to an address with a domain that the DNS has",
);
pub static SENDER_BARE: Cause = Cause::new(
    "wants a full domain in the sender, [email] from",
    "set [email] from to an address such as no-reply@example.org",
);
pub static SENDER: Cause = Cause::new(
    "refused the sender, the address in [email] from",
    "set [email] from to an address that exists and that the server takes mail from",
);
pub static UNPROVED: Cause = Cause::new(
    "refused the mail for want of SPF, DKIM or DMARC",
    "let this machine send for the domain of [email] from (SPF), or send by that domain's own server",
);
pub static RECIPIENT: Cause =
    Cause::new("refused the recipient", "is the address right? It is for its owner to correct");
pub static RECIPIENT_OR_RELAYING: Cause = Cause::new(
    "refused the recipient, or to send for this machine",
    "does it relay for this machine, or want [email] username and password_file? Else the address is wrong",
);
pub static FULL: Cause = Cause::new("can't take mail for that mailbox right now", AGAIN);
pub static SIZE: Cause =
    Cause::new("refused the mail for its size", "raise the server's limit: these mails have less than 10 kB");
pub static NO_ROOM: Cause = Cause::new("has no room for mail", "make room on the mail server's disk");
pub static SPAM: Cause = Cause::new(
    "took the mail for spam",
    "have the server let this machine's mail pass; SPF and DKIM for the domain of [email] from help",
);
pub static OWN_FAULT: Cause = Cause::new("has a fault of its own right now", AGAIN);
pub static CONNECTION: Cause =
    Cause::new("refused the connection", "is it the right server and port, and may this machine send mail there?");
pub static STARTTLS: Cause = Cause::new("refused STARTTLS", LOG);
pub static DATA: Cause = Cause::new("refused to begin with the mail", LOG);
pub static MAIL: Cause = Cause::new("refused the mail", LOG);
static SERVER: [&Cause; 33] = [
    &WANTS_TLS,
    &TLS_FAILS,
    &WANTS_SIGN_IN,
    &NO_SIGN_IN,
    &OTHER_SIGN_IN,
    &PASSWORD,
    &APPLICATION_PASSWORD,
    &SIGN_IN_OFF,
    &SIGN_IN_FAILS,
    &GREETING,
    &CLIENT,
    &LISTED,
    &NAMELESS,
    &BUSY,
    &GREYLISTED,
    &RELAYING,
    &SENDER_OF_ANOTHER,
    &SENDER_DOMAIN,
    &SENDER_BARE,
    &SENDER,
    &UNPROVED,
    &RECIPIENT,
    &RECIPIENT_OR_RELAYING,
    &FULL,
    &SIZE,
    &NO_ROOM,
    &SPAM,
    &OWN_FAULT,
    &CONNECTION,
    &STARTTLS,
    &DATA,
    &MAIL,
    &UNSURE,
];

pub static UNSURE: Cause = Cause::new(
    "it may have been sent",
    "see whether it arrives; it is not sent again by itself. The server is slow after the end of a mail: look at its log",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_way_out_of_its_own_and_is_found_by_its_words() {
        let all: Vec<_> = ALL.iter().flat_map(|causes| causes.iter()).collect();
        for cause in &all {
            assert_eq!(fix(&format!("mail.example.org:587 {} (550)", cause.words)), Some(cause.fix), "{}", cause.words);
            assert!(cause.fix.len() < 260 && !cause.words.is_empty(), "{}", cause.words);
            let of_gateway = fix_of_gateway(&format!("vonage: sms.example.org: {}", cause.words)).unwrap();
            assert!(of_gateway.len() < 290 && cause.for_gateways.is_none_or(|fix| fix == of_gateway), "{of_gateway}");
        }
        // The fault between here and the proxy counts, not the fault behind the proxy.
        let why = format!("vonage: {}: proxy.example.org:3128: Connection refused (os error 111)", PROXY_GONE.words);
        assert_eq!(fix_of_gateway(&why), Some(PROXY_GONE.fix));
        let why = format!("vonage: {}: proxy.example.org:3128: {}", PROXY_UNRESOLVED.words, UNRESOLVED.words);
        assert_eq!(fix_of_gateway(&why), Some(PROXY_UNRESOLVED.fix));
        let mut words: Vec<_> = all.iter().map(|cause| cause.words).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all.len());
        assert_eq!(fix("twilio answered 401: is the account or the token right, and not locked?"), None);
    }
}
