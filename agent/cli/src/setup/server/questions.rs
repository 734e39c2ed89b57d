//! The questions about a server: its names, and where registrations are kept.

use sspr_config::settings::{self, PORT};
use sspr_core::typed;
use sspr_machine::host_name::{full_name, is_full};

use super::{
    super::{
        ask::{Person, ask, checked, hidden_or_none, quoted},
        questions::WithBack,
    },
    Password,
};
use crate::failure::Failure;

/// The word for the file on this machine.
pub(super) const FILE: &str = "file";

/// Where registrations are to be kept.
#[derive(Clone, Debug)]
pub(in super::super) enum Kept {
    /// Where they are.
    AsIs,
    /// In this database.
    Database(String, Password),
    /// The names are asked for again.
    Back,
}

/// The names that are proposed: those of the settings, or else this machine's.
pub(super) fn known_names(now: &settings::Server) -> Vec<String> {
    if !now.names.is_empty() {
        return now.names.clone();
    }
    let own = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let port = now.address().map_or(PORT, |address| address.port());
    full_name(&own).map(|name| vec![format!("{name}:{port}")]).unwrap_or_default()
}

/// Asks for the names.
pub(super) fn ask_names(person: &mut dyn Person, known: &[String]) -> Result<Vec<String>, Failure> {
    person.hear(&format!(
        "The names by which hosts reach this server: NAME or NAME:PORT, several with\n\
         blanks between. Each host keeps them, so use names that stay. The port is\n\
         {PORT} if you leave it out."
    ));
    ask(person, "Names", &known.join(" "), names)
}

/// Checks typed names, and adds the port where it is missing.
pub(super) fn names(typed: &str) -> Result<Vec<String>, String> {
    let words = typed.split([' ', ',']).filter(|word| !word.is_empty());
    let names = words.map(|word| {
        let wrong = || format!("{word}: write NAME or NAME:PORT");
        let (host, port) = settings::host_and_port(word).ok_or_else(wrong)?;
        if host.parse::<std::net::IpAddr>().is_err() && !is_full(host) {
            return Err(format!("{host}: write the full name, such as reset.example.org"));
        }
        Ok(if port.is_some() { word.to_owned() } else { format!("{word}:{PORT}") })
    });
    let mut names = names.collect::<Result<Vec<_>, _>>()?;
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if names.is_empty() {
        return Err("At least one name is required.".into());
    }
    let list: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    checked(&format!("[server]\nnames = [{}]\n", list.join(", "))).map(|()| names)
}

/// Asks where registrations are kept. `before`: the database that was tried last.
pub(super) fn ask_kept(
    person: &mut dyn Person,
    now: &settings::Server,
    before: Option<(&str, &Password)>,
) -> Result<Kept, Failure> {
    person.hear(
        "Registrations are kept in a file on this machine, or in a PostgreSQL database.\n\
         Two servers need a database; /usr/share/doc/sspr/postgresql.md says how to make\n\
         one. file, or a URL such as: postgres://sspr@db.example.org/sspr\n\
         back: the names again.",
    );
    let known = before.map(|(url, _)| url).or(now.database.as_deref()).unwrap_or(FILE);
    let mut person = WithBack { person, back: false };
    match database(&mut person, now, known, before) {
        Err(_) if person.back => Ok(Kept::Back),
        asked => asked,
    }
}

fn database(
    person: &mut dyn Person,
    now: &settings::Server,
    known: &str,
    before: Option<(&str, &Password)>,
) -> Result<Kept, Failure> {
    let place = ask(person, "Registrations in", known, |typed| match typed::word(typed).as_str() {
        FILE if now.database.is_some() => {
            Err("They are in the database, and can't be moved back to a file.".to_owned())
        }
        FILE => Ok(FILE.to_owned()),
        _ => match url(typed) {
            Err(why) if why.contains("has a password") => Err("Leave the password out; it is asked for next.".into()),
            checked => checked.map(|()| typed.to_owned()),
        },
    })?;
    if place == FILE {
        return Ok(Kept::AsIs);
    }
    let typed_before = before.filter(|(url, _)| *url == place).map(|(_, password)| password);
    let in_settings = now.database.as_deref() == Some(&place) && now.database_password_file.is_some();
    let known = in_settings || matches!(typed_before, Some(Password::New(_)));
    let password = match (hidden_or_none(person, "Its password", known)?, typed_before) {
        (Some(password), _) => Password::New(password),
        (None, Some(Password::New(before))) => Password::New(before.clone()),
        (None, _) if in_settings => Password::AsIs,
        (None, _) => Password::Without,
    };
    Ok(Kept::Database(place, password))
}

/// Checks the URL of a database.
pub(super) fn url(typed: &str) -> Result<(), String> {
    checked(&format!("[server]\ndatabase = {}\n", quoted(typed)))
}

#[cfg(test)]
mod tests {
    use super::{super::super::ask::tests::Script, *};

    fn fits(person: &Script) {
        for line in person.seen.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    const URL: &str = "postgres://sspr@db.example.org/sspr";

    #[test]
    fn names_are_full_and_get_the_port_and_a_wrong_one_is_explained() {
        let mut person = Script::of(&["reset", "http://reset.example.org", "", "r.example.org, [2001:db8::1]:8142"]);
        assert_eq!(ask_names(&mut person, &[]).unwrap(), ["r.example.org:7142", "[2001:db8::1]:8142"]);
        for said in ["write the full name", "write NAME or NAME:PORT", "At least one name"] {
            assert!(person.seen.contains(said), "{said}\n{}", person.seen);
        }
        fits(&person);
        let known = ["r.example.org:7142".to_owned()];
        assert_eq!(ask_names(&mut Script::of(&[""]), &known).unwrap(), known);
        assert_eq!(names("a.example.org a.example.org:7142").unwrap(), ["a.example.org:7142"]);
    }

    #[test]
    fn registrations_are_kept_in_the_file_unless_a_database_is_named_and_back_leads_to_the_names() {
        let file = settings::Server::default();
        let mut person = Script::of(&["sqlite", ""]);
        assert!(matches!(ask_kept(&mut person, &file, None).unwrap(), Kept::AsIs));
        assert!(person.seen.contains("must be a URL") && person.seen.contains("in [file]: "), "{}", person.seen);
        fits(&person);
        let mut person = Script::of(&["Back"]);
        assert!(matches!(ask_kept(&mut person, &file, None).unwrap(), Kept::Back));
        // Where nobody answers any more, it is no way back.
        ask_kept(&mut Script::of(&[]), &file, None).unwrap_err();

        let mut person = Script::of(&["postgres://sspr:s3cret@db.example.org/sspr", URL, "s3cret"]);
        let kept = ask_kept(&mut person, &file, None).unwrap();
        let Kept::Database(url, Password::New(password)) = kept else { panic!("{kept:?}") };
        assert_eq!((url.as_str(), password.as_str()), (URL, "s3cret"));
        assert!(person.seen.contains("Leave the password out"), "{}", person.seen);
        assert!(!person.seen.contains("s3cret"), "{}", person.seen);
        fits(&person);
        // Enter keeps what was typed before.
        let before = Password::New(password);
        let kept = ask_kept(&mut Script::of(&["", ""]), &file, Some((URL, &before))).unwrap();
        assert!(matches!(kept, Kept::Database(_, Password::New(password)) if *password == "s3cret"));
        // One that is in use already.
        let now = settings::Server {
            database: Some(URL.into()),
            database_password_file: Some("/etc/sspr/database-password".into()),
            ..file
        };
        let mut person = Script::of(&["file", "", ""]);
        let kept = ask_kept(&mut person, &now, None).unwrap();
        assert!(matches!(kept, Kept::Database(url, Password::AsIs) if url == URL));
        assert!(person.seen.contains("can't be moved back"), "{}", person.seen);
    }
}
