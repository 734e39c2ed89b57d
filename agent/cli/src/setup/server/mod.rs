//! `sspr setup --server`: makes this machine the server of a fleet. Its names, its port and its database are tried before
//! anything is written.

pub(super) mod listening;
pub mod options;
mod questions;
mod tried;

use std::path::Path;

use sspr_config::settings::{self, Loaded, Settings};
use sspr_protocol::database::Database;
use zeroize::Zeroizing;

pub(super) use self::{options::Given, tried::wanted};
use super::{
    change::Change,
    document::{Document, list},
    secret::{Secret, secret_in},
};
use crate::failure::Failure;

/// The drop-in with the server's settings.
const DROP_IN: &str = "60-server.toml";
const HEADER: &str = "# Written by: sspr setup --server. Run it again to change this.\n";
/// The file with the password of the database, beside the settings.
const PASSWORD: &str = "database-password";
/// The program for users of a directory.
const PROGRAM: &str = "usr/libexec/sspr/sspr-directory";
/// This machine's key as a host, in the agent's directory.
const HOST_KEY: &str = "var/lib/sspr/fleet/host.json";

/// The plan for the server.
#[derive(Clone, Debug)]
pub struct Server {
    names: Vec<String>,
    pub(super) listen: String,
    /// The database and its password; `None`: registrations stay where they are.
    pub(super) database: Option<(String, Password)>,
}

/// The password of a database.
#[derive(Clone)]
pub(super) enum Password {
    /// Where the settings say.
    AsIs,
    /// There is none.
    Without,
    /// This one.
    New(Secret),
}

// The content is secret; the kind is not.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AsIs => "AsIs",
            Self::Without => "Without",
            Self::New(_) => "New",
        })
    }
}

/// Refuses a machine that can't be a server, before anything is asked. `root` is its file system.
pub(super) fn may_be(now: &Settings, root: &Path) -> Result<(), Failure> {
    if now.fleet.is_on() || root.join(HOST_KEY).exists() {
        return Err(Failure::Refused(
            "this machine has joined a fleet as a host, and can't be its server too. To make it one, run: sspr leave. \
             Revoke it at its server, then run again: sspr setup --server"
                .into(),
        ));
    }
    if !root.join(PROGRAM).exists() {
        return Err(Failure::Refused(
            "a server serves the users of a directory. Install the packages sspr-server and sspr-directory, then run \
             again: sspr setup --server"
                .into(),
        ));
    }
    Ok(())
}

/// Refuses a server without a directory.
pub(super) fn has_people(directory: &settings::Directory) -> Result<(), Failure> {
    if directory.kind.is_some() {
        return Ok(());
    }
    Err(Failure::Refused(
        "a server serves the users of a directory, and none is set; nothing was changed. Run again: sspr setup --server"
            .into(),
    ))
}

/// The files that have to change. `owner` is the agent's uid and gid.
pub(super) fn changes(
    config: &Path,
    loaded: &Loaded,
    server: &Server,
    owner: (u32, u32),
) -> Result<Vec<Change>, Failure> {
    let beside = config.parent().unwrap_or(Path::new("/"));
    let drop_in = settings::drop_ins(config).join(DROP_IN);
    let old = sspr_machine::files::read(&drop_in)?.map(|text| String::from_utf8_lossy(&text).into_owned());
    let text = old.as_deref().map(|old| old.strip_prefix(HEADER).unwrap_or(old)).unwrap_or_default();
    let mut doc = Document::of(text, &loaded.settings)
        .map_err(|_| Failure::Refused(format!("{} can't be read; run: sspr config check", drop_in.display())))?;
    doc.set("server", "listen", server.listen.as_str());
    let names: Vec<&str> = server.names.iter().map(String::as_str).collect();
    doc.set("server", "names", list(&names));
    let mut all = Vec::new();
    if let Some((url, password)) = &server.database {
        doc.set("server", "database", url.as_str());
        match password {
            Password::AsIs => {}
            Password::Without => doc.unset("server", "database_password_file"),
            Password::New(password) => {
                let path = beside.join(PASSWORD);
                doc.set("server", "database_password_file", path.display().to_string());
                let content = Zeroizing::new(format!("{}\n", password.as_str()));
                all.push(Change::to_secret(path, content.as_bytes().to_vec(), owner)?);
            }
        }
    }
    let new = doc.text();
    if old.is_some() || !new.is_empty() {
        let header = if old.is_none_or(|old| old.starts_with(HEADER)) { HEADER } else { "" };
        all.push(Change::to(drop_in, format!("{header}{new}").into_bytes())?);
    }
    all.retain(Change::is_needed);
    Ok(all)
}

/// Whether this change removes the settings that name a database.
pub(super) fn names_a_database(undone: &Change) -> bool {
    let before = undone.before.as_ref().map(|before| String::from_utf8_lossy(&before.content));
    undone.path.ends_with(DROP_IN)
        && before.is_some_and(|text| text.lines().any(|line| line.starts_with("database = ")))
}

/// Whether the settings at `config` make this machine the server that was planned. An error says why not.
pub(super) fn counts(config: &Path, meant: &Server) -> Result<(), String> {
    let now = settings::load(config).map_err(|why| why.to_string())?.server;
    let database = meant.database.as_ref().is_none_or(|(url, _)| now.database.as_ref() == Some(url));
    if now.names == meant.names && now.listen.as_ref() == Some(&meant.listen) && database {
        return Ok(());
    }
    Err("another file of the settings has a different [server]; see where each key is set: sspr config show".into())
}

/// The database with its password, for the agent's program; `now` are the present settings.
pub(super) fn with_password(now: &settings::Server, url: &str, password: &Password) -> Result<Database, Failure> {
    let password = match password {
        // That of another database stays here.
        Password::AsIs if now.database.as_deref() != Some(url) => None,
        Password::AsIs => now.database_password_file.as_ref().map(secret_in).transpose()?,
        Password::Without => None,
        Password::New(password) => Some(password.clone()),
    };
    Ok(Database { url: url.to_owned(), password })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::setup::plan::tests::settings_file;

    const DIRECTORY: &str =
        "[directory]\nkind = \"openldap\"\nservers = [\"ldapi:///x\"]\nbase = \"dc=example,dc=org\"\n";
    const URL: &str = "postgres://sspr@db.example.org/sspr";

    fn own() -> (u32, u32) {
        (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
    }

    fn apply(config: &Path, server: &Server) -> Vec<String> {
        let loaded = settings::load_with_origins(config).unwrap();
        let all = changes(config, &loaded, server, own()).unwrap();
        for change in &all {
            change.make().unwrap();
        }
        all.iter().map(Change::shown).collect()
    }

    #[test]
    fn a_server_is_written_once_with_its_database_and_the_password_is_in_a_file_that_is_not_shown() {
        let (dir, config) = settings_file(DIRECTORY);
        let names = vec!["r.example.org:7142".to_owned()];
        let mut server = Server { names, listen: "[::]:7142".into(), database: None };
        assert_eq!((apply(&config, &server).len(), apply(&config, &server).len()), (1, 0));
        assert_eq!(counts(&config, &server), Ok(()));
        server.database = Some((URL.into(), Password::New(Secret::new("s3cret".into()))));
        assert!(counts(&config, &server).is_err());
        let shown = apply(&config, &server).concat();
        assert!(!shown.contains("s3cret") && shown.contains("database-password: new, mode 0600"), "{shown}");
        assert_eq!((apply(&config, &server).len(), counts(&config, &server)), (0, Ok(())));
        let now = settings::load(&config).unwrap().server;
        assert_eq!(now.database_password_file, Some(dir.path().join(PASSWORD)));
        assert_eq!(fs::read_to_string(dir.path().join(PASSWORD)).unwrap(), "s3cret\n");
        assert_eq!(with_password(&now, URL, &Password::AsIs).unwrap().password.unwrap().as_str(), "s3cret");

        // What an administrator added stays, and a change to other names leaves the database.
        let drop_in = settings::drop_ins(&config).join(DROP_IN);
        let text = fs::read_to_string(&drop_in).unwrap();
        assert!(text.starts_with(HEADER), "{text}");
        let text = format!("{text}first_contact_wait = \"1s\"\n");
        sspr_machine::files::write(&drop_in, text.as_bytes(), 0o644, None).unwrap();
        let server = Server { names: vec!["s.example.org:7142".into()], database: None, ..server };
        assert_eq!(apply(&config, &server).len(), 1);
        let now = settings::load(&config).unwrap().server;
        assert_eq!((now.first_contact_wait.as_secs(), now.database.as_deref()), (1, Some(URL)));
        let undone = Change { after: None, ..Change::to(drop_in, Vec::new()).unwrap() };
        assert!(names_a_database(&undone) && !names_a_database(&Change { before: None, ..undone.clone() }));
        let server = Server { database: Some((URL.into(), Password::Without)), ..server };
        apply(&config, &server);
        assert_eq!(settings::load(&config).unwrap().server.database_password_file, None);
    }

    #[test]
    fn another_file_that_has_the_last_word_is_noticed() {
        let (_dir, config) = settings_file(DIRECTORY);
        let later = settings::drop_ins(&config).join("90-local.toml");
        sspr_machine::files::write(&later, b"[server]\nnames = [\"x.example.org:7142\"]\n", 0o644, None).unwrap();
        let server = Server { names: vec!["r.example.org:7142".into()], listen: "[::]:7142".into(), database: None };
        apply(&config, &server);
        assert!(counts(&config, &server).unwrap_err().contains("another file"));
    }

    #[test]
    fn a_host_of_a_fleet_and_a_machine_without_the_program_for_directories_are_refused_with_the_way_out() {
        let root = tempfile::tempdir().unwrap();
        let why = |now: &Settings| may_be(now, root.path()).map_err(|why| why.to_string());
        let mut now = Settings::default();
        assert!(why(&now).unwrap_err().contains("sspr-server and sspr-directory"));
        for file in [PROGRAM, HOST_KEY] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert!(why(&now).unwrap_err().contains("sspr leave"));
        fs::remove_file(root.path().join(HOST_KEY)).unwrap();
        assert_eq!(why(&now), Ok(()));
        now.fleet.servers = vec!["r.example.org:7142".into()];
        assert!(why(&now).unwrap_err().contains("has joined a fleet as a host"));
    }
}
