//! The meaning of a mail server's answer. The number says little: the same one can mean a wrong password, a sender that
//! the account does not own, or a closed relay. The text is only compared with what servers write (Postfix, Exim,
//! OpenBSD's, Exchange and large providers), and never repeated: it often contains an address.

use sspr_core::cause::{self, Cause};

/// The step of the conversation that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The greeting, or the answer to ours.
    Connection,
    /// After STARTTLS.
    StartTls,
    /// After AUTH.
    SignIn,
    /// After MAIL.
    Sender,
    /// After RCPT.
    Recipient,
    /// After DATA.
    Data,
    /// After the mail.
    Mail,
}

/// A server's answer.
pub(super) struct Reply {
    /// Its number.
    pub(super) code: u16,
    /// The number with dots after it, if there is one.
    enhanced: String,
    /// The rest in lower case, without anything in angle brackets.
    said: String,
}

impl Reply {
    pub(super) fn new(code: u16, text: &str) -> Self {
        let lower = text.to_lowercase();
        let first = lower.split([' ', '-', '\n']).next().unwrap_or_default();
        let is_enhanced = first.contains('.') && first.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let enhanced = if is_enhanced { first.to_owned() } else { String::new() };
        Self { code, enhanced, said: without_addresses(&lower) }
    }

    pub(super) const fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    fn has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.said.contains(part))
    }

    fn is(&self, enhanced: &[&str]) -> bool {
        enhanced.contains(&self.enhanced.as_str())
    }

    /// The meaning of the answer at `stage`.
    pub(super) fn cause(&self, stage: Stage) -> &'static Cause {
        self.about_security(stage)
            .or_else(|| self.about_this_machine())
            .or_else(|| self.about_the_mail())
            .or_else(|| self.about_the_sender(stage))
            .unwrap_or_else(|| self.at(stage))
    }

    /// TLS and signing in.
    fn about_security(&self, stage: Stage) -> Option<&'static Cause> {
        if self.has(&["starttls", "tls required", "encryption required", "encryption is required"]) || self.code == 538
        {
            return Some(if stage == Stage::StartTls { &cause::STARTTLS } else { &cause::WANTS_TLS });
        }
        if stage == Stage::StartTls && !self.is_permanent() {
            return Some(&cause::TLS_FAILS);
        }
        if stage == Stage::SignIn {
            return Some(match self.code {
                _ if self.is(&["5.7.139"]) || self.has(&["disabled for the tenant", "authentication is disabled"]) => {
                    &cause::SIGN_IN_OFF
                }
                _ if self.code == 534
                    || self.has(&["application-specific", "app password", "application password"]) =>
                {
                    &cause::APPLICATION_PASSWORD
                }
                504 => &cause::OTHER_SIGN_IN,
                // RFC 4954, 4: a separate number for a temporary failure.
                400..500 => &cause::SIGN_IN_FAILS,
                _ => &cause::PASSWORD,
            });
        }
        let wants = ["auth command first", "authentication required", "authentication is required", "not logged in"];
        let wants = self.has(&wants)
            || self.has(&["must be authenticated", "must authenticate", "log in first", "not authenticated"]);
        (self.code == 530 || self.code == 535 || wants).then_some(&cause::WANTS_SIGN_IN)
    }

    /// This machine's name, its address, and how often it connected.
    fn about_this_machine(&self) -> Option<&'static Cause> {
        // Many servers delay their verdict on greeting and sender until they know the recipient.
        let about_an_address = self.has(&["sender address", "recipient address"]);
        let greeting = self.has(&["helo ", "ehlo ", "helo/ehlo", "helo:", "ehlo:"]) || self.code == 504;
        if greeting && !about_an_address {
            return Some(&cause::GREETING);
        }
        if self.has(&["reverse", "ptr record", "no ptr", "client host rejected: cannot find your"])
            || self.is(&["5.7.25"])
        {
            return Some(&cause::NAMELESS);
        }
        if self.has(&[
            "blocked using",
            "blocklist",
            "block list",
            "blacklist",
            "black list",
            "spamhaus",
            "dnsbl",
            "listed at",
        ]) || self.said.replace("not listed in", "").contains("listed in")
        {
            return Some(&cause::LISTED);
        }
        if self.has(&["client host rejected", "host rejected", "ip address rejected", "connection rejected by policy"])
        {
            return Some(&cause::CLIENT);
        }
        if self.has(&["greylist", "graylist", "grey-list", "gray-list"])
            || (self.code == 451 && self.has(&["temporary failure, please try again later"]))
        {
            return Some(&cause::GREYLISTED);
        }
        let relaying = [
            "relay access denied",
            "relay not permitted",
            "relaying denied",
            "unable to relay",
            "relaying not",
            "not permitted to relay",
            "relay denied",
        ];
        if self.has(&relaying) || self.is(&["5.7.54"]) {
            return Some(&cause::RELAYING);
        }
        let busy = [
            "too many connections",
            "rate limit",
            "ratelimit",
            "too much mail",
            "too many messages",
            "connection rate",
            "try again later, closing",
        ];
        (self.code == 421 || self.has(&busy) || self.is(&["4.7.28", "5.7.28"])).then_some(&cause::BUSY)
    }

    fn about_the_sender(&self, stage: Stage) -> Option<&'static Cause> {
        let not_owned = [
            "not owned by user",
            "sendasdenied",
            "send as this sender",
            "send as another",
            "not allowed to send as",
            "not authorized to send on behalf",
            "not permitted to send as",
            "sender is not allowed",
            "sender login mismatch",
        ];
        if self.has(&not_owned) || self.is(&["5.7.60", "5.2.252"]) {
            return Some(&cause::SENDER_OF_ANOTHER);
        }
        let sender = stage == Stage::Sender || self.has(&["sender address", "sender verify", "sender domain"]);
        if sender
            && self.has(&[
                "domain not found",
                "nullmx",
                "malformed dns",
                "domain does not exist",
                "unresolvable",
                "can't be resolved",
                "cannot be resolved",
            ])
            || self.is(&["5.1.8", "4.1.8"])
        {
            return Some(&cause::SENDER_DOMAIN);
        }
        if sender
            && self.has(&[
                "fully-qualified",
                "fully qualified",
                "must contain a domain",
                "domain required",
                "domain name required",
            ])
        {
            return Some(&cause::SENDER_BARE);
        }
        // 5.7.23: SPF; 5.7.26: DMARC's methods; and so on (RFC 7372, RFC 7489).
        let unproved = ["5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.26", "5.7.27"];
        let words =
            ["spf ", "spf:", "spf)", "(spf", "dkim", "dmarc", "unauthenticated email", "unauthenticated sender"];
        if self.is(&unproved) || self.has(&words) {
            return Some(&cause::UNPROVED);
        }
        let plain = sender
            || self.is(&["5.1.0", "5.1.7", "4.1.7"])
            || self.has(&["sender rejected", "sender denied", "invalid sender"]);
        // A temporary failure at MAIL says nothing about the sender.
        (plain && (self.is_permanent() || stage != Stage::Sender)).then_some(&cause::SENDER)
    }

    fn about_the_mail(&self) -> Option<&'static Cause> {
        if self.is(&["5.3.4", "5.2.3"])
            || self.has(&["message size exceeds", "message too large", "message too big", "exceeds size", "size limit"])
        {
            return Some(&cause::SIZE);
        }
        if self.is(&["4.3.1", "5.3.1"]) || self.has(&["insufficient system storage", "no space left", "out of disk"]) {
            return Some(&cause::NO_ROOM);
        }
        if self.has(&["spam", "virus", "content rejected", "message content"]) {
            return Some(&cause::SPAM);
        }
        None
    }

    /// The cause if only `stage` is known.
    fn at(&self, stage: Stage) -> &'static Cause {
        if !self.is_permanent() {
            return match (stage, self.code) {
                (Stage::Recipient | Stage::Mail, _) if self.enhanced.starts_with("4.2.") => &cause::FULL,
                (_, 451 | 454) => &cause::OWN_FAULT,
                _ if self.enhanced.starts_with("4.3.") => &cause::OWN_FAULT,
                (Stage::Recipient, _) => &cause::FULL,
                _ => &cause::BUSY,
            };
        }
        match stage {
            Stage::Connection => &cause::CONNECTION,
            Stage::StartTls => &cause::STARTTLS,
            Stage::SignIn => &cause::PASSWORD,
            Stage::Sender => &cause::SENDER,
            Stage::Recipient | Stage::Mail if self.is_about_the_mailbox(stage) => &cause::RECIPIENT,
            // RFC 3463, 3.8 (security or policy): this machine is not allowed to send there.
            Stage::Recipient if self.enhanced.starts_with("5.7.") => &cause::RELAYING,
            Stage::Recipient => &cause::RECIPIENT_OR_RELAYING,
            Stage::Data => &cause::DATA,
            Stage::Mail => &cause::MAIL,
        }
    }

    /// Whether the refusal is final. Only a refusal that is clearly about the mailbox (RFC 3463, 3.2 and 3.3), by
    /// number and by words, is: an address that does not exist, or a mailbox that is closed or full. Everything else
    /// can be corrected, here or there, or is temporary: other codes of 5.2 also mean a mailbox that gets too much at
    /// the moment.
    pub(super) fn is_for_good(&self, stage: Stage) -> bool {
        let passes = self.enhanced.starts_with("5.2.") && !self.is(&["5.2.1", "5.2.2"]);
        self.is_about_the_mailbox(stage) && !passes && *self.cause(stage) == cause::RECIPIENT
    }

    fn is_about_the_mailbox(&self, stage: Stage) -> bool {
        let about = self.is(&["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"]) || self.enhanced.starts_with("5.2.");
        matches!(stage, Stage::Recipient | Stage::Mail) && self.is_permanent() && about
    }
}

/// The text outside of angle brackets: an address may contain any of the words that are looked for.
fn without_addresses(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|c| {
            match c {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
