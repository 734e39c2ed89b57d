//! Tries a directory before anything is written: the program that serves its users checks it, in its own sandbox, with
//! settings that are not in a file yet.

use std::path::Path;

use sspr_config::settings::{self, Settings};
use sspr_core::typed;

use super::{
    Directory, Served,
    questions::{asked, questions},
    secret, to_be,
};
use crate::{
    doctor::{self, Level, directory::tried as look},
    failure::Failure,
    findings::told,
    host_directory::Known,
    least_rights,
    setup::ask::Person,
};

/// The planned directory, and the new `[directory]`. `None`: the administrator left it out.
pub type Kept = Option<(Directory, settings::Directory)>;

/// The directory to be served. Asks for it if no option names it and there is an administrator to ask, and tries it
/// like [`tried`].
pub(crate) async fn wanted(
    person: &mut dyn Person,
    now: &Settings,
    config: &Path,
    planned: Option<Directory>,
    how: (&str, bool, bool),
) -> Result<Kept, Failure> {
    let planned = match planned {
        None if how.1 => asked(person, &now.directory, Path::new("/"))?,
        said => said,
    };
    let beside = config.parent().unwrap_or(Path::new("/"));
    match planned {
        Some(planned) => tried(person, now, beside, planned, how).await,
        None => Ok(None),
    }
}

/// Tries new settings until they work or the administrator leaves the directory out. `asks`: there is an administrator
/// to ask; otherwise, settings that don't work are refused. `only_shows`: nothing will be written, so nothing is tried.
async fn tried(
    person: &mut dyn Person,
    now: &Settings,
    beside: &Path,
    planned: Directory,
    (bus, asks, only_shows): (&str, bool, bool),
) -> Result<Kept, Failure> {
    let Directory::Of(mut served) = planned else {
        return Ok(Some((planned, settings::Directory::default())));
    };
    loop {
        let to_be = match to_be(now, &served, beside) {
            // The fault is known without a try.
            Err(why) if asks => {
                person.hear(&format!("  {why}\n"));
                match again(person, &served, &served.settings(&now.directory, beside))? {
                    Some(other) => served = other,
                    None => return Ok(None),
                }
                continue;
            }
            to_be => to_be?,
        };
        let new = Directory::Of(served.clone());
        let same = to_be.directory == now.directory
            && secret(&new, &now.directory, beside)?.is_none_or(|change| !change.is_needed());
        if same || only_shows || works(person, &to_be, &served, bus).await? {
            return Ok(Some((new, to_be.directory)));
        }
        if !asks {
            return Err(Failure::Refused("the directory does not work so; nothing was changed".into()));
        }
        match next(person, &to_be)? {
            Next::Again => {}
            Next::LeaveOut => return Ok(None),
            Next::Change => match again(person, &served, &to_be.directory)? {
                Some(other) => served = other,
                None => return Ok(None),
            },
        }
    }
}

/// Asks the questions again, with the last answers as proposals; `None`: the directory is left out.
fn again(
    person: &mut dyn Person,
    served: &Served,
    proposed: &settings::Directory,
) -> Result<Option<Box<Served>>, Failure> {
    let before = served.bind.as_deref().zip(served.password.clone());
    match questions(person, proposed, &Known::default(), before)? {
        Some(Directory::Of(other)) => Ok(Some(other)),
        _ => Ok(None),
    }
}

/// Shows the program's findings, and returns whether there is no error.
async fn works(person: &mut dyn Person, to_be: &Settings, served: &Served, bus: &str) -> Result<bool, Failure> {
    person.hear("Trying it. Nothing is changed by that.\n");
    let text = toml::to_string(to_be).map_err(|why| Failure::Refused(why.to_string()))?;
    let password = served.password.as_ref().map_or(&[][..], |password| password.as_bytes());
    let findings = look(&text, password, bus).await;
    person.hear(&told(&findings));
    Ok(!findings.is_empty() && doctor::worst(&findings) != Level::Error)
}

/// The next step for a directory that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again,
    Change,
    LeaveOut,
}

fn next(person: &mut dyn Person, to_be: &Settings) -> Result<Next, Failure> {
    person.hear(
        "again: try once more, such as after a change on the server. change: give other\n\
         answers. rights: show the rights that the entry needs, ready to paste.",
    );
    loop {
        let line = person.line("again, change, rights, or Enter to leave the directory out: ")?;
        match typed::word(&line).as_str() {
            "" => return Ok(Next::LeaveOut),
            "again" => return Ok(Next::Again),
            "change" => return Ok(Next::Change),
            "rights" => person.hear(&least_rights::by_settings(to_be).unwrap_or_default()),
            _ => person.hear("  Please type again, change or rights, or press Enter."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::alice_s, *};
    use crate::setup::ask::tests::Script;

    const NO_BUS: &str = "unix:path=/nonexistent/bus";

    #[tokio::test]
    async fn what_does_not_work_is_not_written_the_rights_are_shown_and_other_answers_can_be_given() {
        let beside = tempfile::tempdir().unwrap();
        let mut person = Script::of(&[
            "again",
            "Rights",
            "no",
            "change",
            "",
            "",
            "ou=staff,dc=example,dc=org",
            "",
            "",
            "system",
            "",
        ]);
        let planned = Directory::Of(Box::new(alice_s()));
        let kept =
            tried(&mut person, &Settings::default(), beside.path(), planned, (NO_BUS, true, false)).await.unwrap();
        assert!(kept.is_none());
        let seen = &person.seen;
        assert_eq!(seen.matches("Trying it.").count(), 3, "{seen}");
        assert_eq!(seen.matches("ERROR").count(), 3, "{seen}");
        assert!(seen.contains("ou=people,dc=example,dc=org") && seen.contains("olcAccess"), "{seen}");
        assert!(seen.contains("Please type again, change or rights"), "{seen}");
        assert!(seen.contains("Base [ou=people,dc=example,dc=org]"), "{seen}");
    }

    #[tokio::test]
    async fn without_anybody_to_ask_what_does_not_work_is_refused_and_what_is_so_already_is_not_tried() {
        let beside = tempfile::tempdir().unwrap();
        let tries = async |now: &Settings, only_shows| {
            let mut person = Script::of(&[]);
            let planned = Directory::Of(Box::new(alice_s()));
            let outcome = tried(&mut person, now, beside.path(), planned, (NO_BUS, false, only_shows)).await;
            (outcome.map(|kept| kept.unwrap().1), person.seen)
        };
        let (refused, seen) = tries(&Settings::default(), false).await;
        assert!(refused.unwrap_err().to_string().contains("nothing was changed") && seen.contains("ERROR"), "{seen}");
        let (shown, seen) = tries(&Settings::default(), true).await;
        let directory = shown.unwrap();
        assert_eq!(seen, "");
        let (kept, seen) = tries(&Settings { directory: directory.clone(), ..Settings::default() }, false).await;
        assert_eq!((kept.unwrap(), seen.as_str()), (directory, ""));
    }
}
