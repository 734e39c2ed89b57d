//! The rows for what was found: the kind of server, its clock, its certificate, and its controls.

use sspr_config::{
    directory::{Level, Row},
    settings::DirectoryKind,
};

use super::super::super::message::Entry;

/// A certificate that expires within this many days is reported.
const CERTIFICATE_DAYS: i64 = 21;
/// How many seconds a clock may be off. Kerberos allows 300.
const CLOCK_MAX: i64 = 60;

/// A row.
pub(in super::super) fn row(
    id: &'static str,
    level: Level,
    sentence: impl Into<String>,
    fix: impl Into<String>,
) -> Row {
    Row { id, level, sentence: sentence.into(), fix: fix.into() }
}

/// A row for something that is fine.
pub(in super::super) fn fine(id: &'static str, sentence: impl Into<String>) -> Row {
    row(id, Level::Ok, sentence, "")
}

/// The row for a server that reports another kind than the settings name. Most servers report none; `FreeIPA` is a 389
/// Directory Server.
pub(super) fn other_kind(about_itself: &Entry, kind: DirectoryKind) -> Option<Row> {
    const ACTIVE_DIRECTORY: &[u8] = b"1.2.840.113556.1.4.800";
    let is = |attribute: &str, value: &[u8]| about_itself.values(attribute).any(|own| own == value);
    let (says, name) = if is("supportedCapabilities", ACTIVE_DIRECTORY) {
        (DirectoryKind::Ad, "a domain controller")
    } else if is("vendorName", b"389 Project") {
        (DirectoryKind::Ds389, "389 Directory Server")
    } else if is("objectClass", b"OpenLDAProotDSE") {
        (DirectoryKind::OpenLdap, "OpenLDAP")
    } else {
        return None;
    };
    if says == kind || (says, kind) == (DirectoryKind::Ds389, DirectoryKind::FreeIpa) {
        return None;
    }
    let sentence = format!("the server says that it is {name}, and kind is {:?}", kind.as_str());
    Some(row("kind", Level::Fail, sentence, format!("set kind = {:?} in [directory]", says.as_str())))
}

/// The row that says that our tests know this kind of server only from documents. Samba reports that it is Samba.
pub(super) fn untried(about_itself: &Entry, kind: DirectoryKind) -> Option<Row> {
    let samba = || about_itself.text("vendorName").is_some_and(|name| name.contains("Samba"));
    let name = match kind {
        DirectoryKind::FreeIpa => "FreeIPA",
        DirectoryKind::Ad if !samba() => "Active Directory of Microsoft",
        _ => return None,
    };
    Some(fine("untried", format!("{name} was not tried on a real server: reset the password of a test account first")))
}

/// The row for the clocks of the server and of this host, in seconds since 1970.
pub(super) fn clock(server: i64, here: i64) -> Row {
    let off = server.saturating_sub(here);
    if off.abs() <= CLOCK_MAX {
        return fine("clock", "the server's clock and this host's agree");
    }
    let sentence = format!("the server's clock is {} seconds {}", off.abs(), if off > 0 { "ahead" } else { "behind" });
    row(
        "clock",
        Level::Warn,
        sentence,
        "synchronize both with time servers; Kerberos refuses a difference of 300 seconds",
    )
}

/// The row for the certificate of the server `name`, whose `end` is in seconds since 1970.
pub(super) fn certificate(name: &str, end: Option<i64>, now: i64) -> Row {
    let Some(end) = end else { return fine("tls", format!("{name} has a certificate that is good")) };
    let days = end.saturating_sub(now) / 86_400;
    let sentence = format!("the certificate of {name} is good for {days} days");
    if days < CERTIFICATE_DAYS {
        return row("tls", Level::Warn, sentence, "renew it on the server");
    }
    fine("tls", sentence)
}

/// The row for a domain controller's support of policy hints.
pub(super) fn hints(known: bool) -> Row {
    if known {
        return fine("hints", "history and minimum age hold for a reset");
    }
    let sentence =
        "the server does not offer the policy hints control: for a reset, history and minimum age do not hold";
    fine("hints", sentence)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn a_server_that_says_to_be_of_another_kind_is_told_and_one_that_says_nothing_is_believed() {
        let says = |attribute: &str, value: &str, kind| {
            let values = vec![Zeroizing::new(value.as_bytes().to_vec())];
            let entry = Entry { dn: String::new(), attributes: vec![(attribute.to_owned(), values)] };
            other_kind(&entry, kind).map(|row| row.fix)
        };
        let (of_389, of_openldap) = (("vendorName", "389 Project"), ("objectClass", "OpenLDAProotDSE"));
        let fix = says(of_389.0, of_389.1, DirectoryKind::OpenLdap).unwrap();
        assert!(fix.contains("kind = \"389ds\""), "{fix}");
        assert!(says("supportedCapabilities", "1.2.840.113556.1.4.800", DirectoryKind::OpenLdap).is_some());
        assert!(says(of_openldap.0, of_openldap.1, DirectoryKind::Ad).is_some());
        for kind in [DirectoryKind::Ds389, DirectoryKind::FreeIpa] {
            assert_eq!(says(of_389.0, of_389.1, kind), None);
        }
        assert_eq!(says(of_openldap.0, of_openldap.1, DirectoryKind::OpenLdap), None);
        assert_eq!(says("vendorName", "Somebody", DirectoryKind::OpenLdap), None);
    }

    #[test]
    fn what_was_not_tried_on_a_real_server_is_told() {
        let says = |vendor: &str, kind| {
            let values = vec![Zeroizing::new(vendor.as_bytes().to_vec())];
            let entry = Entry { dn: String::new(), attributes: vec![("vendorName".to_owned(), values)] };
            untried(&entry, kind).map(|row| row.sentence)
        };
        assert!(
            says("389 Project", DirectoryKind::FreeIpa).is_some_and(|said| said.starts_with("FreeIPA was not tried"))
        );
        assert!(untried(&Entry::default(), DirectoryKind::Ad).is_some());
        for (vendor, kind) in [
            ("Samba Team (https://www.samba.org)", DirectoryKind::Ad),
            ("389 Project", DirectoryKind::Ds389),
            ("", DirectoryKind::OpenLdap),
        ] {
            assert_eq!(says(vendor, kind), None, "{vendor}");
        }
    }

    #[test]
    fn a_certificate_that_ends_soon_and_a_clock_that_is_off_are_told() {
        let day = 86_400;
        assert_eq!(certificate("s", Some(100 * day), 0).level, Level::Ok);
        let soon = certificate("s", Some(10 * day + 5), 0);
        assert!(soon.level == Level::Warn && soon.sentence.contains("10 days"), "{soon:?}");
        assert_eq!(clock(1000, 1030).level, Level::Ok);
        let off = clock(2000, 1000);
        assert!(off.level == Level::Warn && off.sentence.contains("1000 seconds ahead"), "{off:?}");
    }
}
