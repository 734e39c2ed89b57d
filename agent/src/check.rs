//! Checks whether settings are valid before the agent uses them: for `--check-settings`, and so for `sspr config
//! check`, setup and doctor. It sees what the user who runs it can see.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use sspr_config::{
    bus::AGENT_USER,
    settings::{self, AS_GOOD_AS_ROOT, EmailGateway, Enable, Loaded, Settings},
};
use sspr_machine::{host_name::is_full_sender, names};
pub use sspr_protocol::check::Report;

use crate::{
    delivery::{Deliveries, DeliverySetupError, Surroundings, secret},
    fault::Fault,
    reload::host_name,
    validate,
};

/// Checks the settings at `path` as the agent does at its start, as far as the user who runs this can see.
pub fn examine(path: &Path) -> Report {
    let mut report = Report::default();
    let loaded = match settings::load_with_origins(path) {
        Ok(loaded) => loaded,
        Err(error) => return Report { error: Some(error.to_string()), ..report },
    };
    let at = |section: &str, key: &str| {
        loaded.origin(section, key).map_or_else(
            || format!("[{section}] {key}"),
            |o| format!("{}:{}: [{section}] {key}", o.path.display(), o.line),
        )
    };
    let s = &loaded.settings;
    let mut unseen = Vec::new();
    for (section, key, file) in secrets(s) {
        match guarded(file) {
            Guarded::Yes => {
                if let Some(odd) = secret::odd_in(file) {
                    report.warnings.push(format!("{}: {}: {odd}", at(section, key), file.display()));
                }
            }
            // Whether it is there shows when the agent starts.
            Guarded::Credential => unseen.push(file),
            Guarded::Unseen => {
                report.warnings.push(format!("{}: you can't read {}; try as root", at(section, key), file.display()));
                unseen.push(file);
            }
            Guarded::No(why) => {
                report.error = Some(format!("{}: {}: {why}", at(section, key), file.display()));
                return report;
            }
        }
    }
    let gateways = |s: &Settings| match Deliveries::check(s, &Surroundings::of_this_machine(&host_name(s))) {
        Err(DeliverySetupError::File { path, .. }) if unseen.contains(&path.as_path()) => Ok(()),
        checked => checked,
    };
    for (section, key, file) in texts(s) {
        if let Some(why) = kept_from_the_agent(&file) {
            report.error = Some(format!("{}: {why}", at(section, key)));
            return report;
        }
    }
    if let Err(fault) = validate::read(s, gateways) {
        if fault.why().is_denied() && !rustix::process::geteuid().is_root() {
            report.warnings.push(format!("{fault}; you can't look at it, try as root"));
            return report;
        }
        report.error = Some(match fault {
            Fault::Setting { section, key, why } => format!("{}: {why}", at(section, key)),
            fault @ Fault::File { .. } => fault.to_string(),
        });
        return report;
    }
    groups(&loaded, &at, &mut report);
    let far = s.email.gateway == EmailGateway::Smtp
        && s.email.smtp.as_ref().is_some_and(|url| !url.starts_with("smtp+plain:"));
    if far && s.email.from.as_ref().is_some_and(|from| !is_full_sender(from)) {
        report.warnings.push(format!(
            "{}: the sender has no full domain, for which most mail servers refuse it; write one such as no-reply@example.org",
            at("email", "from")
        ));
    }
    if let Some(exposed) = s.shown_secret() {
        report.warnings.push(format!("{}: {}", at(exposed.section, exposed.key), exposed.why));
    }
    for bounded in &s.bounded {
        report.warnings.push(format!("{}: {}", at(bounded.section, bounded.key), bounded.why));
    }
    if let (Some(exposed), None) = (s.shown_message(), &report.error) {
        report.error = Some(format!("{}: {}", at(exposed.section, exposed.key), exposed.why));
    }
    report
}

/// The files with secrets that are in use.
fn secrets(s: &Settings) -> Vec<(&'static str, &'static str, &Path)> {
    let email = s.email.password_file.as_deref().filter(|_| s.email.gateway == EmailGateway::Smtp);
    let email = email.map(|file| ("email", "password_file", file));
    let entra = s.contacts.entra.as_ref().map(|entra| ("contacts.entra", "secret_file", entra.secret_file.as_path()));
    let database = s.server.database_password_file.as_deref();
    let database = database.map(|file| ("server", "database_password_file", file));
    email.into_iter().chain(s.phone.secret_files()).chain(entra).chain(database).collect()
}

/// The files without secrets that the agent reads.
fn texts(s: &Settings) -> Vec<(&'static str, &'static str, PathBuf)> {
    let directory = s.texts.templates.as_deref();
    let inside = directory.and_then(|directory| fs::read_dir(directory).ok()).into_iter().flatten().flatten();
    let inside = inside.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "ftl"));
    let templates = directory.map(Path::to_owned).into_iter().chain(inside).map(|path| ("texts", "templates", path));
    let words = s.password.banned_words_file.iter().map(|path| ("password", "banned_words_file", path.clone()));
    let authorities = s.phone.ca_file.iter().map(|path| ("phone", "ca_file", path.clone()));
    templates.chain(words).chain(authorities).collect()
}

/// Why the agent can't read `file` although root can. This is judged by its mode, and only for root.
fn kept_from_the_agent(file: &Path) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let (meta, agent) = (fs::metadata(file).ok()?, names::user(AGENT_USER).ok().flatten()?);
    let shift = match () {
        () if meta.uid() == agent.uid.as_raw() => 6,
        () if meta.gid() == agent.gid.as_raw() => 3,
        () => 0,
    };
    let (wanted, mode) = if meta.is_dir() { (0o5, "0755") } else { (0o4, "0644") };
    let may = (meta.mode() >> shift) & wanted == wanted;
    (!may).then(|| format!("{}: the agent can't read it; run: chmod {mode} {}", file.display(), file.display()))
}

enum Guarded {
    Yes,
    /// Unknown to the user who runs this.
    Unseen,
    /// A credential of systemd's, which only the service sees.
    Credential,
    No(String),
}

/// Whether the agent can read the file. Its content is for [`Deliveries::check`].
fn guarded(file: &Path) -> Guarded {
    if file.starts_with("/run/credentials") {
        return Guarded::Credential;
    }
    let meta = match fs::metadata(file) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => return Guarded::Unseen,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Guarded::No("there is no such file; write the secret into it, mode 0600, owned by sspr".into());
        }
        Err(e) => return Guarded::No(e.to_string()),
    };
    let own = rustix::process::geteuid();
    if let Ok(Some(agent)) = names::user(AGENT_USER)
        && (own.is_root() || own.as_raw() == agent.uid.as_raw())
        && meta.uid() != agent.uid.as_raw()
    {
        return Guarded::No(format!("the agent can't read it; run: chown {AGENT_USER} {}", file.display()));
    }
    if own.is_root() || meta.uid() == own.as_raw() { Guarded::Yes } else { Guarded::Unseen }
}

/// Groups and names in `[scope]` that do not exist.
fn groups(loaded: &Loaded, at: &dyn Fn(&str, &str) -> String, report: &mut Report) {
    let scope = &loaded.settings.scope;
    let missing = |group: &str| matches!(names::group(group), Ok(None));
    if let Enable::Groups(groups) = &scope.enable {
        for group in groups.iter().filter(|group| missing(group)) {
            report.warnings.push(format!("{}: there is no group {group:?} on this machine", at("scope", "enable")));
        }
    }
    for entry in &scope.exclude {
        match entry.strip_prefix('@') {
            // The credential helper then serves no user, so that it serves none who should be excluded.
            Some(group) if missing(group) => {
                report.error = Some(format!(
                    "{}: there is no group {group:?} on this machine; nobody can be served until this is corrected",
                    at("scope", "exclude")
                ));
            }
            None if matches!(names::user(entry), Ok(None)) => {
                report
                    .warnings
                    .push(format!("{}: there is no account {entry:?} on this machine", at("scope", "exclude")));
            }
            _ => {}
        }
    }
    let desk = &loaded.settings.helpdesk.group;
    if !desk.is_empty() && missing(desk) {
        let why = format!("there is no group {desk:?} on this machine; the help desk is nobody");
        report.warnings.push(format!("{}: {why}", at("helpdesk", "group")));
    }
    // The groups of a new installation are no typos: every machine lacks some of them.
    if loaded.origin("scope", "admin_groups").is_some() {
        let known = |group: &str| AS_GOOD_AS_ROOT.contains(&group);
        for group in scope.admin_groups.iter().filter(|group| !known(group) && missing(group)) {
            report
                .warnings
                .push(format!("{}: there is no group {group:?} on this machine", at("scope", "admin_groups")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::reload::Chosen;

    fn settings(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sspr.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        (dir, path)
    }

    #[test]
    fn a_check_says_all_that_would_keep_the_agent_from_starting() {
        for (text, want) in [
            ("[code]\ndigits = 4\n", "sspr.toml:2: digits = 4 is out of range"),
            ("[phone]\ndefault_region = \"XX\"\n", "sspr.toml:2: [phone] default_region: no country has the code"),
            (
                "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h\"\nfrom = \"a@b.org\"\nusername = \"u\"\npassword_file = \"/nonexistent\"\n",
                "sspr.toml:6: [email] password_file: /nonexistent: there is no such file",
            ),
            (
                "[password]\nbanned_words_file = \"/nonexistent\"\n",
                "sspr.toml:2: [password] banned_words_file: /nonexistent: there is no such file",
            ),
            (
                "[scope]\nexclude = [\"@no-such-group\"]\n",
                "sspr.toml:2: [scope] exclude: there is no group \"no-such-group\"",
            ),
        ] {
            let (_dir, path) = settings(text);
            let error = examine(&path).error.unwrap();
            assert!(error.contains(want), "{error}\n  want {want}");
        }
    }

    #[test]
    fn a_check_and_a_start_of_the_agent_say_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let texts = dir.path().join("texts");
        fs::create_dir(&texts).unwrap();
        fs::set_permissions(&texts, fs::Permissions::from_mode(0o755)).unwrap();
        let written = |name: &str, text: &str| {
            let path = texts.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            path.display().to_string()
        };
        // A message without its code, and a word that would be in half of all passwords.
        written("en.ftl", "mail-code-recover = Hello\n");
        let short = written("words", "ab\n");
        let spool = dir.path().join("spool");
        for (text, why) in [
            (format!("[texts]\ntemplates = {texts:?}\n"), "en.ftl:1: "),
            ("[texts]\ntemplates = \"/nonexistent\"\n".to_owned(), "[texts] templates: /nonexistent: can't be read"),
            (format!("[password]\nbanned_words_file = {short:?}\n"), "words:1: a banned word has 3 to 40 characters"),
            ("[phone]\ndefault_region = \"XX\"\n".to_owned(), "[phone] default_region: no country has the code"),
        ] {
            let (_dir, path) = settings(&format!("{text}[spool]\ndirectory = {spool:?}\n"));
            let checked = examine(&path).error.unwrap();
            let started = Chosen::read(&path).unwrap_err().to_string();
            assert!(checked.contains(why) && started.contains(why), "{checked}\n{started}");
        }
        let (_dir, path) = settings(&format!("[spool]\ndirectory = {spool:?}\n"));
        assert_eq!(examine(&path).error, None);
        Chosen::read(&path).unwrap();
    }

    #[test]
    fn a_code_in_an_argument_is_an_error_and_a_key_in_the_settings_a_warning_with_the_way_out() {
        let (_dir, path) =
            settings("[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/bin/send\", \"{to}\", \"{text}\"]\n");
        let error = examine(&path).error.unwrap();
        assert!(error.contains("sspr.toml:4: [phone.command] argv: {text} in an argument"), "{error}");
        let (_dir, path) = settings(
            "[phone]\ngateway = \"webhook\"\n[phone.webhook]\nurl = \"https://s.example.org/?key=s3cret\"\n\
             body = { to = \"{to}\", text = \"{text}\" }\n",
        );
        let report = examine(&path);
        assert_eq!((&report.error, report.warnings.len()), (&None, 1));
        assert!(report.warnings[0].contains("sspr.toml:4: [phone.webhook] url: the parameter key"), "{report:?}");
        assert!(report.warnings[0].contains("token_file") && !report.warnings[0].contains("s3cret"), "{report:?}");
    }

    #[test]
    fn a_secret_that_is_a_credential_of_systemd_s_is_no_warning_although_nobody_but_the_service_sees_it() {
        let (_dir, path) = settings(
            "[email]\ngateway = \"smtp\"\nsmtp = \"smtp://h.example.org:587\"\nfrom = \"a@b.org\"\nusername = \"u\"\n\
             password_file = \"/run/credentials/sspr-agent.service/smtp-password\"\n",
        );
        assert_eq!(examine(&path), Report::default());
    }

    #[test]
    fn names_that_nobody_has_are_warnings_with_file_and_line() {
        let (_dir, path) = settings("[scope]\nenable = [\"no-such-group\"]\nexclude = [\"no-such-user\"]\n");
        let report = examine(&path);
        assert_eq!(report.error, None);
        assert_eq!(report.warnings.len(), 2, "{report:?}");
        assert!(
            report.warnings[0]
                .ends_with("sspr.toml:2: [scope] enable: there is no group \"no-such-group\" on this machine")
        );
        let (_dir, path) = settings("[scope]\nenable = [\"root\"]\n[helpdesk]\ngroup = \"daemon\"\n");
        assert_eq!(examine(&path), Report::default());
        let (_dir, path) = settings("[helpdesk]\ngroup = \"no-such-group\"\n");
        let warnings = examine(&path).warnings;
        assert!(warnings[0].contains("sspr.toml:2: [helpdesk] group: there is no group"), "{warnings:?}");
    }

    #[test]
    fn a_check_leaves_no_trace_not_even_the_spool() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let (_dir, path) = settings(&format!("[spool]\ndirectory = {:?}\n", spool.to_str().unwrap()));
        assert_eq!(examine(&path).error, None);
        assert!(!spool.exists());
    }
}
