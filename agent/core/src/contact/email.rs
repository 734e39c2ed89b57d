//! Mail addresses: accepts what a person can mean by one, but nothing that a mail header or an SMTP command could
//! misread.

use std::{borrow::Cow, fmt};

use email_address::EmailAddress as Known;
use idna::{AsciiDenyList, uts46::DnsLength, uts46::Hyphens, uts46::Uts46};

use super::ContactFault;
use crate::typed::{is_unseen, seen as visible};

/// A path in SMTP has 256 bytes with its angle brackets (RFC 5321, 4.5.3.1.3).
const ADDRESS_MAX: usize = 254;
/// RFC 5321, 4.5.3.1.1.
const LOCAL_MAX: usize = 64;

/// One mailbox, `local@domain`, all ASCII: the local part as typed, the domain in lower case and punycode.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

impl EmailAddress {
    /// Reads what a person typed: a dot-atom before the `@` (RFC 5322, 3.2.3), and after it a domain name with at least
    /// one dot. Quoted local parts and address literals are refused: they occur only in standards and attacks.
    pub fn parse(typed: &str) -> Result<Self, ContactFault> {
        // Four bytes a character leave room for an international domain before it becomes ASCII.
        if typed.len() > ADDRESS_MAX * 4 {
            return Err(ContactFault::TooLong);
        }
        if typed.chars().any(char::is_control) {
            return Err(ContactFault::ControlCharacters);
        }
        let typed = seen(typed);
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(ContactFault::Empty);
        }
        if typed.contains(['<', '>']) {
            return Err(ContactFault::DisplayName);
        }
        if typed.contains([',', ';']) {
            return Err(ContactFault::Several);
        }
        let (local, domain) = typed.split_once('@').ok_or(ContactFault::NoAt)?;
        if domain.contains('@') {
            return Err(ContactFault::Several);
        }
        let domain = ascii_domain(domain)?;
        check_local(local, &domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > ADDRESS_MAX {
            return Err(ContactFault::TooLong);
        }
        // The library that builds the mail checks the same.
        if !Known::is_valid_local_part(&quoted(local)) || !Known::is_valid_domain(&domain) {
            return Err(ContactFault::BadLocal);
        }
        Ok(Self { text, at: local.len() })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The address as it is written in a mail and in SMTP: quoted if its dots are not as RFC 5321 (4.1.2) allows.
    pub fn mailbox(&self) -> Cow<'_, str> {
        quoted(self.local())
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// Whether the address belongs to one of `domains`, which may be international names, or to a subdomain of one.
    pub fn is_of(&self, domains: &[String]) -> bool {
        domains.iter().any(|domain| {
            let plain = domain.trim().trim_start_matches(['@', '.']).trim_end_matches('.');
            // A name that is not an internet domain, such as "localdomain", is compared unchanged.
            let domain = to_ascii(plain).unwrap_or_else(|_| plain.to_lowercase());
            let rest = self.domain().strip_suffix(domain.as_str());
            !domain.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    pub(super) fn masked(&self) -> String {
        let first = |text: &str| text.chars().next().unwrap_or('*');
        let top = self.domain().rsplit('.').next().unwrap_or_default();
        format!("{}***@{}***.{top}", first(self.local()), first(self.domain()))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// Carriers that gave out addresses with consecutive or trailing dots: docomo and au, until 2009.
const DOTTED: [&str; 2] = ["docomo.ne.jp", "ezweb.ne.jp"];

fn check_local(local: &str, domain: &str) -> Result<(), ContactFault> {
    if !local.is_ascii() {
        return Err(ContactFault::NotAscii);
    }
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let (dotted, mut atoms) = (DOTTED.contains(&domain) && !local.starts_with('.'), local.split('.'));
    if local.len() > LOCAL_MAX || atoms.any(|atom| (atom.is_empty() && !dotted) || !atom.chars().all(atext)) {
        return Err(ContactFault::BadLocal);
    }
    if local.is_empty() { Err(ContactFault::BadLocal) } else { Ok(()) }
}

/// The local part as a dot-string or, if it isn't one, as a quoted string.
fn quoted(local: &str) -> Cow<'_, str> {
    if local.split('.').any(str::is_empty) { format!("\"{local}\"").into() } else { local.into() }
}

/// The visible characters, in half width. In a domain that is not ASCII, joiners may be part of a name (RFC 5892, A.1 and A.2).
fn seen(typed: &str) -> Cow<'_, str> {
    match typed.split_once(['@', '\u{ff20}']) {
        Some((local, domain)) if !visible(domain).is_ascii() => {
            let kept = |c: &char| matches!(c, '\u{200c}' | '\u{200d}') || !is_unseen(*c);
            format!("{}@{}", visible(local), domain.chars().filter(kept).collect::<String>()).into()
        }
        _ => visible(typed),
    }
}

fn ascii_domain(domain: &str) -> Result<String, ContactFault> {
    if domain.contains(char::is_whitespace) || domain.is_empty() {
        return Err(ContactFault::BadDomain);
    }
    let domain = to_ascii(domain)?;
    let (_, top) = domain.rsplit_once('.').ok_or(ContactFault::NoDomainDot)?;
    // An address such as 192.0.2.1 has dots, too; no top-level domain is a number.
    if top.len() < 2 || top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ContactFault::BadDomain);
    }
    Ok(domain)
}

/// A domain in lower case and punycode.
fn to_ascii(domain: &str) -> Result<String, ContactFault> {
    Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| ContactFault::BadDomain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed::PASTED;

    #[test]
    fn addresses_that_people_have_are_taken_and_kept_in_one_form() {
        for (typed, kept) in [
            ("ann@example.org", "ann@example.org"),
            ("  ann@example.org ", "ann@example.org"),
            ("Ann.Lee@EXAMPLE.Org", "Ann.Lee@example.org"),
            ("o'brien+codes@mail.example.co.uk", "o'brien+codes@mail.example.co.uk"),
            ("a@b.co", "a@b.co"),
            ("1@2.example", "1@2.example"),
            ("_x_-y@ex-ample.org", "_x_-y@ex-ample.org"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
            ("ann@ｅｘａｍｐｌｅ．ｏｒｇ", "ann@example.org"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ] {
            let address = EmailAddress::parse(typed).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
            assert_eq!(address.as_str(), kept);
            assert_eq!(EmailAddress::parse(kept).unwrap(), address, "the kept form is stable");
            assert_eq!(format!("{}@{}", address.local(), address.domain()), kept);
        }
    }

    #[test]
    fn what_is_pasted_along_with_an_address_is_passed_over() {
        for mark in PASTED {
            let typed = format!("{mark}ann@example.org{mark}");
            assert_eq!(EmailAddress::parse(&typed).unwrap().as_str(), "ann@example.org", "{mark:?}");
        }
        for mark in PASTED.into_iter().filter(|c| is_unseen(*c)) {
            let typed = format!("an{mark}n{mark}@{mark}exam{mark}ple.org");
            assert_eq!(EmailAddress::parse(&typed).unwrap().as_str(), "ann@example.org", "{mark:?}");
        }
        let full = EmailAddress::parse("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ").unwrap();
        assert_eq!(full.as_str(), "ann@example.org");
        // The joiner belongs to this name; the direction mark does not.
        let with = EmailAddress::parse("ann@نامه\u{200c}ای.example\u{200e}").unwrap();
        assert_ne!(with, EmailAddress::parse("ann@نامهای.example").unwrap());
    }

    #[test]
    fn addresses_that_carriers_gave_out_are_taken_and_stand_in_quotes_in_a_mail() {
        for (typed, mailbox) in [
            ("a..b@docomo.ne.jp", "\"a..b\""),
            ("ab.@ezweb.ne.jp", "\"ab.\""),
            ("a.b@docomo.ne.jp", "a.b"),
            ("ann@example.org", "ann"),
        ] {
            let address = EmailAddress::parse(typed).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
            assert_eq!((address.as_str(), address.mailbox().as_ref()), (typed, mailbox));
        }
    }

    #[test]
    fn a_domain_takes_its_subdomains_and_its_international_spelling_along_and_no_other() {
        let domains = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let refused = domains(&["Example.org", "@corp.example.com", "bücher.example", "xn--r8jz45g.xn--zckzah", ""]);
        for address in [
            "ann@example.org",
            "ann@EXAMPLE.ORG",
            "ann@mail.example.org",
            "ann@a.b.example.org",
            "ann@corp.example.com",
            "ann@xn--bcher-kva.example",
            "ann@mail.bücher.example",
            "ann@例え.テスト",
        ] {
            assert!(EmailAddress::parse(address).unwrap().is_of(&refused), "{address}");
        }
        for address in ["ann@notexample.org", "ann@example.org.net", "ann@example.com", "example.org@example.net"] {
            assert!(!EmailAddress::parse(address).unwrap().is_of(&refused), "{address}");
        }
        assert!(!EmailAddress::parse("ann@example.org").unwrap().is_of(&[]));
    }

    #[test]
    fn what_only_looks_like_an_address_is_refused_for_its_reason() {
        use ContactFault as F;
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long_label = format!("ann@{}.org", "a".repeat(64));
        let long = format!("ann@{}org", "abcdefghi.".repeat(25));
        let huge = "a".repeat(100_000);
        for (typed, fault) in [
            ("", F::Empty),
            ("   ", F::Empty),
            ("ann", F::NoAt),
            ("ann example.org", F::NoAt),
            ("a@b", F::NoDomainDot),
            ("root@localhost", F::NoDomainDot),
            ("a@example.org,b@example.org", F::Several),
            ("a@example.org;b@example.org", F::Several),
            ("a@example.org b@example.org", F::Several),
            ("a@b@example.org", F::Several),
            ("Ann <ann@example.org>", F::DisplayName),
            ("<ann@example.org>", F::DisplayName),
            ("ann@example.org\r\nBcc: eve@example.org", F::ControlCharacters),
            ("ann@example.org\n", F::ControlCharacters),
            ("ann\0@example.org", F::ControlCharacters),
            ("ann\x1b[2J@example.org", F::ControlCharacters),
            ("ann\u{85}@example.org", F::ControlCharacters),
            ("@example.org", F::BadLocal),
            (".ann@example.org", F::BadLocal),
            (".ann@docomo.ne.jp", F::BadLocal),
            ("a..nn@mail.docomo.ne.jp", F::BadLocal),
            ("@ezweb.ne.jp", F::BadLocal),
            ("ann.@example.org", F::BadLocal),
            ("a..nn@example.org", F::BadLocal),
            ("a nn@example.org", F::BadLocal),
            ("\"a nn\"@example.org", F::BadLocal),
            ("mailto:ann@example.org", F::BadLocal),
            ("ann\\@example.org", F::BadLocal),
            ("änn@example.org", F::NotAscii),
            ("ann@", F::BadDomain),
            ("ann@.org", F::BadDomain),
            ("ann@example..org", F::BadDomain),
            ("ann@example.org.", F::BadDomain),
            ("ann@-example.org", F::BadDomain),
            ("ann@example-.org", F::BadDomain),
            ("ann@exa mple.org", F::BadDomain),
            ("ann@exa_mple.org", F::BadDomain),
            ("ann@example.o", F::BadDomain),
            ("ann@192.0.2.1", F::BadDomain),
            ("ann@[192.0.2.1]", F::BadDomain),
            ("ann@[IPv6:::1]", F::BadDomain),
            ("ann@example.org/x", F::BadDomain),
            ("ann@example.org:25", F::BadDomain),
            ("ann@example.org?subject=x", F::BadDomain),
            ("ann@xn--a.example", F::BadDomain),
            (&long_local, F::BadLocal),
            (&long_label, F::BadDomain),
            (&long, F::TooLong),
            (&huge, F::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(fault), "{typed:?}");
        }
    }
}
