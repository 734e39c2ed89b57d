//! What `sspr doctor` shows about the attributes with contacts. A user who may write them can redirect codes without a
//! proof. Anyone at that user's open session can do so too.

use sspr_config::{
    directory::{Level, Row},
    settings::{DirectoryKind, Method},
};

use super::{
    super::{
        filter::Filter,
        message::{Control, Entry, Request, Scope, Search},
    },
    Directory, Session,
    check::{fine, row},
};

/// In Active Directory, the property set Personal-Information (77b5b886-944a-11d1-aebd-0000f80367c1), which every user
/// may write in their own entry unless that right was removed.
const AD_PERSONAL: [&str; 13] = [
    "mobile",
    "otherMobile",
    "telephoneNumber",
    "otherTelephone",
    "homePhone",
    "otherHomePhone",
    "pager",
    "otherPager",
    "ipPhone",
    "otherIpPhone",
    "facsimileTelephoneNumber",
    "otherFacsimileTelephoneNumber",
    "info",
];
/// In `FreeIPA`, the attributes in "Self can write own attributes" (not tried on a real server).
const IPA_SELF: [&str; 6] =
    ["mobile", "telephoneNumber", "homePhone", "pager", "facsimileTelephoneNumber", "carLicense"];

/// Whether users may write an attribute of their own entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    /// The server says that they may.
    Yes,
    /// By the directory's default, they may.
    ByDefault,
    /// The server says that they may not.
    No,
    /// The service's own entry may write it, and is a user like the others.
    AsTheService,
    /// The service's own entry may not write it.
    NotAsTheService,
    /// The server does not report it.
    Untold,
}

impl Directory {
    /// Checks each attribute that the settings name, and the mailboxes that codes go to.
    pub(super) async fn contacts_of(&self, session: &mut Session, people: &[Entry], rows: &mut Vec<Row>) {
        let Some(kind) = self.settings.kind else { return };
        for (_, attribute) in self.contacts.attributes() {
            if !people.iter().any(|person| person.values(attribute).next().is_some()) {
                let sentence = format!("none of the {} people looked at has the attribute {attribute}", people.len());
                let fix = "check its name in [contacts.directory], and let the service's entry read it: sspr admin directory acl";
                rows.push(row("contacts", Level::Warn, sentence, fix));
                continue;
            }
            let told = match (kind, people.first(), self.settings.bind.as_deref()) {
                (DirectoryKind::Ds389 | DirectoryKind::FreeIpa, Some(person), _) => {
                    told(session, person, attribute).await
                }
                (DirectoryKind::Ad, _, Some(bind)) => told_of_itself(session, bind, attribute).await,
                _ => None,
            };
            let writes = told.unwrap_or_else(|| by_default(kind, attribute));
            rows.push(judged(kind, attribute, writes, self.settings.base.as_deref().unwrap_or_default()));
        }
        if let Some((_, attribute)) = self.contacts.attributes().iter().find(|(method, _)| *method == Method::Email) {
            let apart = self.contacts.mailbox_apart;
            let domains: Vec<&str> = self.settings.domains.iter().map(String::as_str).collect();
            let own = own_domain(self.settings.base.as_deref().unwrap_or_default());
            rows.extend(mailbox(attribute, people, apart, &self.refused, &domains, &own));
        }
    }
}

/// What 389 Directory Server reports that `person` may do with their own entry. It reports this to its manager, and
/// rarely to a service with the least rights.
async fn told(session: &mut Session, person: &Entry, attribute: &str) -> Option<Writes> {
    let filter = Filter::present("objectClass");
    let attributes = [attribute];
    let search = Search { base: &person.dn, scope: Scope::Base, filter, attributes: &attributes, most: 1 };
    let controls = [Control::effective_rights(&person.dn)];
    let (entries, answer) = session.connection.ask(&Request::Search(&search), &controls).await.ok()?;
    if !answer.is_success() {
        return None;
    }
    written(entries.first()?, attribute)
}

/// What Active Directory reports that the service may write in its own entry. It reports nobody else's rights.
async fn told_of_itself(session: &mut Session, bind: &str, attribute: &str) -> Option<Writes> {
    let filter = Filter::present("objectClass");
    let attributes = ["allowedAttributesEffective"];
    let search = Search { base: bind, scope: Scope::Base, filter, attributes: &attributes, most: 1 };
    let (entries, answer) = session.connection.ask(&Request::Search(&search), &[]).await.ok()?;
    let own = entries.first().filter(|_| answer.is_success())?;
    // Every entry may write something. An empty list means that the rights are not reported.
    own.values("allowedAttributesEffective").next()?;
    let may = own.has("allowedAttributesEffective", attribute);
    Some(if may { Writes::AsTheService } else { Writes::NotAsTheService })
}

/// `attributeLevelRights: mail:rsc, mobile:rscwo`.
fn written(entry: &Entry, attribute: &str) -> Option<Writes> {
    let list = entry.text("attributeLevelRights")?;
    let mut pairs = list.split(',').filter_map(|pair| pair.trim().split_once(':'));
    let (_, rights) = pairs.find(|(name, _)| name.eq_ignore_ascii_case(attribute))?;
    Some(if rights.contains(['w', 'W']) { Writes::Yes } else { Writes::No })
}

/// The default rights of the directory.
fn by_default(kind: DirectoryKind, attribute: &str) -> Writes {
    let is_one = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(attribute));
    match kind {
        DirectoryKind::Ad if is_one(&AD_PERSONAL) => Writes::ByDefault,
        DirectoryKind::FreeIpa if is_one(&IPA_SELF) => Writes::ByDefault,
        _ => Writes::Untold,
    }
}

fn judged(kind: DirectoryKind, attribute: &str, writes: Writes, base: &str) -> Row {
    let other =
        "name an attribute in [contacts.directory] that administrators alone write, or take that right from people";
    match writes {
        Writes::Yes => {
            let sentence = format!(
                "people may write {attribute} themselves: anybody who gets at an open session could have the codes sent elsewhere"
            );
            row("contacts", Level::Fail, sentence, other)
        }
        Writes::ByDefault => {
            let sentence = format!(
                "people may write {attribute} themselves, unless that right was taken from them: anybody who gets at an open session could \
                 have the codes sent elsewhere"
            );
            row("contacts", Level::Fail, sentence, other)
        }
        Writes::AsTheService => {
            let sentence = format!(
                "the service's entry may write its own {attribute}, and so may people: anybody who gets at an open session could have \
                 the codes sent elsewhere"
            );
            row("contacts", Level::Fail, sentence, other)
        }
        Writes::NotAsTheService => {
            fine("contacts", format!("the service's entry can't write its own {attribute}, so people probably can't"))
        }
        Writes::No => fine("contacts", format!("people can't write {attribute} themselves")),
        Writes::Untold => {
            let sentence = format!("the server does not tell whether people may write {attribute} themselves");
            let fix = match kind {
                DirectoryKind::OpenLdap => format!(
                    "on the server, with the entry of somebody below {base} twice: slapacl -D DN -b DN {attribute}/write; it must say DENIED"
                ),
                DirectoryKind::Ds389 | DirectoryKind::FreeIpa => format!(
                    "as cn=Directory Manager, with somebody's entry: ldapsearch -E '!1.3.6.1.4.1.42.2.27.9.5.2=:dn:DN' -b DN -s base \
                     {attribute}; {attribute} must have no w"
                ),
                DirectoryKind::Ad => format!(
                    "signed in as a user without an administrator's rights, read allowedAttributesEffective of the own entry; {attribute} must \
                     not be there"
                ),
            };
            row("contacts", Level::Warn, sentence, fix)
        }
    }
}

/// The row about mailboxes that open with the very password that the user forgot. Only the administrator knows them.
fn mailbox(
    attribute: &str,
    people: &[Entry],
    apart: bool,
    refused: &[String],
    domains: &[&str],
    own: &str,
) -> Option<Row> {
    if apart {
        return Some(fine(
            "mailbox",
            format!("the settings say that the mailboxes in {attribute} open without this password"),
        ));
    }
    let is_of = |domain: &str, of: &str| {
        let (domain, of) = (domain.to_lowercase(), of.to_lowercase());
        !of.is_empty() && (domain == of || domain.strip_suffix(&of).is_some_and(|rest| rest.ends_with('.')))
    };
    let all: Vec<&str> = people
        .iter()
        .filter_map(|person| person.text(attribute))
        .filter_map(|address| Some(address.rsplit_once('@')?.1.trim()))
        .collect();
    let taken = || all.iter().filter(|domain| !refused.iter().any(|of| is_of(domain, of)));
    let ours = taken().filter(|domain| is_of(domain, own) || domains.iter().any(|of| is_of(domain, of)));
    let (ours, taken) = (ours.count(), taken().count());
    if ours == 0 {
        return (taken > 0)
            .then(|| fine("mailbox", format!("the mailboxes in {attribute} are not of the directory's domain")));
    }
    let sentence = format!(
        "{ours} of {taken} mailboxes in {attribute} are of the directory's own domain. If they open by the password of the directory, \
         nobody who forgot it reads a code there"
    );
    let fix = "if so, name the domain in [register] refuse_email_domains; if not, set mailbox_apart = true in [contacts.directory]";
    Some(row("mailbox", Level::Warn, sentence, fix))
}

/// The domain that `base` ends in: `example.org` for `ou=people,dc=example,dc=org`.
fn own_domain(base: &str) -> String {
    let part = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("dc").then(|| value.trim().to_owned())
    };
    base.split(',').filter_map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(attribute: &str, value: &str) -> Entry {
        let value = zeroize::Zeroizing::new(value.as_bytes().to_vec());
        Entry { dn: "uid=alice,dc=example,dc=org".to_owned(), attributes: vec![(attribute.to_owned(), vec![value])] }
    }

    #[test]
    fn an_attribute_that_people_may_write_is_an_error_and_one_that_is_not_known_is_told_with_how_to_see_it() {
        for (kind, attribute, level) in [
            (DirectoryKind::Ad, "Mobile", Level::Fail),
            (DirectoryKind::Ad, "mail", Level::Warn),
            (DirectoryKind::FreeIpa, "telephoneNumber", Level::Fail),
            (DirectoryKind::FreeIpa, "mail", Level::Warn),
            (DirectoryKind::OpenLdap, "mail", Level::Warn),
            (DirectoryKind::Ds389, "mobile", Level::Warn),
        ] {
            let row = judged(kind, attribute, by_default(kind, attribute), "dc=x");
            assert_eq!((row.id, row.level), ("contacts", level), "{kind:?} {attribute}");
            assert!(!row.fix.is_empty());
        }
        let says = |rights: &str| written(&person("attributeLevelRights", rights), "mail");
        assert_eq!(says("uid:rsc, mail:rscwo"), Some(Writes::Yes));
        assert_eq!(says("Mail:rsc, mobile:rscwo"), Some(Writes::No));
        assert_eq!(says("mobile:rscwo"), None);
        assert_eq!(judged(DirectoryKind::Ds389, "mail", Writes::Yes, "").level, Level::Fail);
        assert_eq!(judged(DirectoryKind::Ds389, "mail", Writes::No, "").level, Level::Ok);
        assert_eq!(judged(DirectoryKind::Ad, "mobile", Writes::AsTheService, "").level, Level::Fail);
        assert_eq!(judged(DirectoryKind::Ad, "mail", Writes::NotAsTheService, "").level, Level::Ok);
    }

    #[test]
    fn a_mailbox_of_the_directorys_own_domain_is_told_unless_the_settings_say_that_it_is_apart() {
        let level = |address: &str, apart: bool, refused: &[&str]| {
            let refused: Vec<String> = refused.iter().map(|of| (*of).to_owned()).collect();
            let people = [person("mail", address)];
            mailbox("mail", &people, apart, &refused, &["EXAMPLE"], "example.org").map(|row| row.level)
        };
        assert_eq!(level("a@example.org", false, &[]), Some(Level::Warn));
        assert_eq!(level("a@mail.Example.org", false, &[]), Some(Level::Warn));
        assert_eq!(level("a@example.org", true, &[]), Some(Level::Ok));
        assert_eq!(level("a@example.org", false, &["example.org"]), None);
        assert_eq!(level("a@myexample.org", false, &[]), Some(Level::Ok));
        assert_eq!(own_domain("ou=people, DC=example,dc=org"), "example.org");
    }
}
