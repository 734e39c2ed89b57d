//! What an administrator wants, and the settings that say so.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use sspr_config::{
    duration::Span,
    settings::{self, EmailGateway, Enable, Loaded, PhoneGateway, Settings},
};
use sspr_core::secret;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};
use zeroize::Zeroizing;

use super::{
    change::Change,
    directory,
    section::{self, Section},
};
use crate::{
    failure::Failure,
    whom::{self, DROP_IN as ENABLE},
};

/// The drop-in that setup writes.
pub const DROP_IN: &str = "40-setup.toml";

const HEADER: &str = "# Written by: sspr setup. Run it again to change this, or write a file with a later name.\n";

/// A password or a token.
pub type Secret = Zeroizing<String>;

/// The wishes; `None` leaves a setting as it is.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Who can use the service, and the words that said so.
    pub scope: Option<(Enable, Vec<String>)>,
    /// Mail.
    pub mail: Option<Mail>,
    /// Text messages.
    pub phone: Option<Phone>,
    /// The country of numbers without a country code.
    pub region: Option<String>,
    /// The help-desk line.
    pub helpdesk: Option<String>,
    /// People of a directory.
    pub directory: Option<directory::Directory>,
}

/// How mail is to leave.
#[derive(Clone)]
pub enum Mail {
    /// It becomes files.
    None,
    /// To a server.
    Smtp {
        /// `smtp://host:port`
        url: String,
        /// The sender; `None`: as it is.
        from: Option<String>,
        /// The user name at the server; `None`: as it is, empty: none.
        user: Option<String>,
        /// Its password; `None`: as it is.
        password: Option<Secret>,
    },
}

/// How text messages are to leave.
#[derive(Clone)]
pub enum Phone {
    /// Not at all.
    None,
    /// By Twilio.
    Twilio {
        /// `AC...`
        account: Option<String>,
        /// `SK...`, if the token is the secret of an API key; `None`: as it is.
        api_key: Option<String>,
        /// The sender.
        from: Option<String>,
        /// The auth token; `None`: as it is.
        token: Option<Secret>,
        /// Where the API is; `None`: where Twilio has it.
        url: Option<String>,
    },
    /// By any HTTP API.
    Webhook {
        /// Its URL.
        url: Option<String>,
        /// Keys and values of the body.
        body: Vec<(String, String)>,
        /// Names and values of headers.
        headers: Vec<(String, String)>,
        /// What replaces `{token}`; `None`: as it is.
        token: Option<Secret>,
    },
    /// By a program.
    Command(Vec<String>),
    /// By a modem: which one; `None`: as it is, empty: the only one.
    Modem(Option<String>),
    /// By a gateway that is a few keys of one section, such as a provider.
    Section(Section),
}

// What is in them may be secret; which it is may be known.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::None) { "None" } else { "Smtp" })
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Twilio { .. } => "Twilio",
            Self::Webhook { .. } => "Webhook",
            Self::Command(_) => "Command",
            Self::Modem(_) => "Modem",
            Self::Section(section) => section.gateway.name(),
        })
    }
}

/// The files of the settings that have to change: secrets first, so that what names them finds them. `owner` is the agent's
/// uid and gid.
pub fn changes(config: &Path, loaded: &Loaded, wishes: &Wishes, owner: (u32, u32)) -> Result<Vec<Change>, Failure> {
    let beside = config.parent().unwrap_or(Path::new("/")).to_owned();
    let secret = |name: &str| beside.join(name);
    let drop_in = settings::drop_ins(config).join(DROP_IN);
    let mut all = Vec::new();
    let mut keep = |name: &str, secret_of: &Option<Secret>| -> Result<(), Failure> {
        if let Some(text) = secret_of {
            let content = Zeroizing::new(format!("{}\n", text.as_str()));
            all.push(Change::to_secret(secret(name), content.as_bytes().to_vec(), owner)?);
        }
        Ok(())
    };
    if let Some(Mail::Smtp { password, .. }) = &wishes.mail {
        keep("smtp-password", password)?;
    }
    match &wishes.phone {
        Some(Phone::Twilio { token, .. }) => keep("twilio-token", token)?,
        Some(Phone::Webhook { token, .. }) => keep("sms-token", token)?,
        Some(Phone::Section(wanted)) => keep(section::TOKEN.1, &wanted.token)?,
        _ => {}
    }
    let of_directory =
        wishes.directory.as_ref().map(|wish| directory::secret(wish, &loaded.settings.directory, &beside));
    let (made, gone): (Vec<_>, Vec<_>) =
        of_directory.transpose()?.flatten().into_iter().partition(|change| change.after.is_some());
    all.extend(made);
    let old = sspr_machine::files::read(&drop_in)?.map(|text| String::from_utf8_lossy(&text).into_owned());
    let new = written(old.as_deref(), loaded, wishes, &beside, &drop_in)?;
    if let Some(new) = new {
        all.push(Change::to(drop_in, new.into_bytes())?);
    }
    // Once nothing names it any more.
    all.extend(gone);
    if let Some((whom, typed)) = &wishes.scope
        && loaded.settings.scope.enable != *whom
    {
        let change = Change::to(settings::drop_ins(config).join(ENABLE), whom::content(whom, typed).into_bytes())?;
        if !change.is_needed() {
            // It is written already, and yet it does not count.
            whom::counts(config, whom).map_err(Failure::Refused)?;
        }
        all.push(change);
    }
    all.retain(Change::is_needed);
    Ok(all)
}

/// The drop-in with what is wanted on top of `old`; `None` where it has nothing to say.
fn written(
    old: Option<&str>,
    loaded: &Loaded,
    wishes: &Wishes,
    beside: &Path,
    drop_in: &Path,
) -> Result<Option<String>, Failure> {
    // The comment would belong to the first section, or to none, and wander.
    let text = old.map(|old| old.strip_prefix(HEADER).unwrap_or(old)).unwrap_or_default();
    let doc: DocumentMut = text
        .parse()
        .map_err(|_| Failure::Refused(format!("{} can't be read; run: sspr config check", drop_in.display())))?;
    let path = |name: &str| beside.join(name).display().to_string();
    // What another file or a default says already is not said again.
    let effective = toml::Table::try_from(&loaded.settings).unwrap_or_default();
    let mut doc = Drop { doc, effective };
    let mut mail_leaves = loaded.settings.email.gateway != EmailGateway::Spool;
    match &wishes.mail {
        None => {}
        Some(Mail::None) => {
            mail_leaves = false;
            doc.set("email", "gateway", "spool");
            for key in ["smtp", "from", "username", "password_file"] {
                doc.unset("email", key);
            }
        }
        Some(Mail::Smtp { url, from, user, password }) => {
            mail_leaves = true;
            doc.set("email", "gateway", "smtp");
            doc.set("email", "smtp", url.as_str());
            if let Some(from) = from {
                doc.set("email", "from", from.as_str());
            }
            match user.as_deref() {
                None => {}
                Some("") => {
                    doc.unset("email", "username");
                    doc.unset("email", "password_file");
                }
                Some(user) => {
                    doc.set("email", "username", user);
                    if password.is_some() || loaded.settings.email.password_file.is_none() {
                        doc.set("email", "password_file", path("smtp-password"));
                    }
                }
            }
        }
    }
    let mut texts_leave = loaded.settings.phone.gateway != PhoneGateway::Spool;
    if let Some(phone) = &wishes.phone {
        texts_leave = !matches!(phone, Phone::None);
        gateway(&mut doc, phone, &path, loaded, beside);
    }
    if let Some(region) = &wishes.region {
        doc.set("phone", "default_region", region.as_str());
    }
    match wishes.helpdesk.as_deref() {
        None => {}
        Some("") => doc.unset("helpdesk", "text"),
        Some(text) => doc.set("helpdesk", "text", text),
    }
    if let Some(wish) = &wishes.directory {
        directory::write(&mut doc, wish, loaded, beside, drop_in)?;
    }
    // Nobody is to register what no code reaches. Who set the methods elsewhere knows why.
    let elsewhere = loaded.origin("register", "methods").is_some_and(|origin| origin.path != *drop_in);
    if !elsewhere && (wishes.mail.is_some() || wishes.phone.is_some()) {
        match (mail_leaves, texts_leave) {
            // Also for a trial, in which mail is written to files.
            (_, false) => doc.set("register", "methods", list(&["email", "app"])),
            (false, true) => doc.set("register", "methods", list(&["phone", "app"])),
            (true, true) => doc.unset("register", "methods"),
        }
    }
    let new = doc.text();
    let header = if old.is_none_or(|old| old.starts_with(HEADER)) { HEADER } else { "" };
    Ok((old.is_some() || !new.is_empty()).then(|| format!("{header}{new}")))
}

fn gateway(doc: &mut Drop, phone: &Phone, path: &dyn Fn(&str) -> String, loaded: &Loaded, beside: &Path) {
    match phone {
        Phone::None => {
            doc.set("phone", "gateway", "spool");
            for name in ["twilio", "webhook", "command", "provider", "modem"] {
                doc.unset("phone", name);
            }
        }
        Phone::Twilio { account, api_key, from, token, url } => {
            doc.set("phone", "gateway", "twilio");
            for (key, value) in [("account_sid", account), ("api_key", api_key), ("from", from), ("url", url)] {
                if let Some(value) = value {
                    doc.set("phone.twilio", key, value.as_str());
                }
            }
            if token.is_some() {
                doc.set("phone.twilio", "token_file", path("twilio-token"));
            }
        }
        Phone::Webhook { url, body, headers, token } => {
            doc.set("phone", "gateway", "webhook");
            if let Some(url) = url {
                doc.set("phone.webhook", "url", url.as_str());
            }
            for (key, pairs) in [("body", body), ("headers", headers)] {
                if !pairs.is_empty() {
                    let table: InlineTable = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                    doc.set("phone.webhook", key, table);
                }
            }
            if token.is_some() {
                doc.set("phone.webhook", "token_file", path("sms-token"));
            }
        }
        Phone::Section(wanted) => {
            if loaded.settings.phone.gateway != wanted.gateway {
                // What one provider calls its account or its address means nothing to another.
                doc.unset_others(wanted.name, &wanted.keys());
            }
            for (section, key, value) in wanted.lines(beside) {
                doc.set(section, key, value);
            }
        }
        Phone::Command(argv) => {
            doc.set("phone", "gateway", "command");
            doc.set("phone.command", "argv", list(&argv.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        Phone::Modem(device) => {
            doc.set("phone", "gateway", "modem");
            match device.as_deref() {
                None => {}
                Some("") => doc.unset("phone", "modem"),
                Some(device) => doc.set("phone.modem", "device", device),
            }
        }
    }
}

pub(super) fn list(words: &[&str]) -> Array {
    words.iter().copied().collect()
}

/// The drop-in in the making.
pub(super) struct Drop {
    doc: DocumentMut,
    effective: toml::Table,
}

impl Drop {
    pub(super) fn set(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let written = section.split('.').try_fold(self.doc.as_item(), |item, name| item.get(name));
        let written = written.and_then(|table| table.get(key)).and_then(Item::as_value);
        // Untouched where it says the same: a second run must not rewrite a comma.
        let same = match written {
            Some(old) => plain(old) == plain(&value),
            None => self.counts(section, key).is_some_and(|now| now.to_string() == plain(&value)),
        };
        if same {
            return;
        }
        let mut table = self.doc.as_table_mut();
        for name in section.split('.') {
            let item = table.entry(name).or_insert_with(|| {
                let mut new = Table::new();
                // No heading for a section that only has sections in it.
                new.set_implicit(true);
                Item::Table(new)
            });
            let Some(inner) = item.as_table_mut() else { return };
            table = inner;
        }
        table.insert(key, Item::Value(value));
    }

    fn counts(&self, section: &str, key: &str) -> Option<&toml::Value> {
        let mut parts = section.split('.');
        let first = self.effective.get(parts.next()?)?;
        parts.try_fold(first, |value, name| value.get(name))?.get(key)
    }

    pub(super) fn unset(&mut self, section: &str, key: &str) {
        if let Some(table) = self.doc.get_mut(section).and_then(Item::as_table_mut) {
            table.remove(key);
        }
    }

    /// Removes what is in a section beside `keys`.
    fn unset_others(&mut self, section: &str, keys: &[&str]) {
        let mut table = self.doc.as_table_mut();
        for name in section.split('.') {
            let Some(inner) = table.get_mut(name).and_then(Item::as_table_mut) else { return };
            table = inner;
        }
        table.retain(|key, _| keys.contains(&key));
    }

    /// The text, without sections that have nothing in them.
    fn text(mut self) -> String {
        let empty = |item: &Item| item.as_table().is_some_and(Table::is_empty);
        let names: Vec<String> = self.doc.iter().filter(|(_, i)| empty(i)).map(|(name, _)| name.to_owned()).collect();
        for name in names {
            self.doc.remove(&name);
        }
        self.doc.to_string()
    }
}

fn plain(value: &Value) -> String {
    let mut value = value.clone();
    value.decor_mut().clear();
    value.to_string()
}

/// Neither a key to a gateway nor a code may be seen by everybody, who can read the settings and the list of processes.
pub fn nothing_shown(phone: Option<&Phone>) -> Result<(), Failure> {
    let mut settings = Settings::default();
    match phone {
        Some(Phone::Webhook { url, body, headers, .. }) => {
            settings.phone.webhook = Some(settings::Webhook {
                method: String::new(),
                url: url.clone().unwrap_or_default(),
                headers: headers.iter().cloned().collect(),
                encoding: settings::BodyEncoding::default(),
                body: body.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
                token_file: None,
                secret_files: BTreeMap::new(),
                user: None,
                password_file: None,
                success: Vec::new(),
                success_contains: None,
                success_field: None,
                success_values: Vec::new(),
                retry_values: Vec::new(),
                id_field: None,
                error_field: None,
            });
        }
        Some(Phone::Command(argv)) => {
            settings.phone.gateway = PhoneGateway::Command;
            settings.phone.command =
                Some(settings::Command { argv: argv.clone(), stdin: true, timeout: Span::seconds(30) });
        }
        Some(Phone::None | Phone::Twilio { .. } | Phone::Modem(_) | Phone::Section(_)) | None => {}
    }
    if let Some(exposed) = settings.shown_message() {
        return Err(Failure::Usage(format!("--phone-command: {}", exposed.why)));
    }
    match settings.shown_secret() {
        None => Ok(()),
        Some(exposed) => {
            Err(Failure::Usage(format!("{}, or give that file as --webhook-token-file, which is copied", exposed.why)))
        }
    }
}

/// No password is longer, in bytes.
const SECRET_MAX: u64 = 4096;

/// The first line of the file at `path`, which is read as root and sent to a server: a plain file, by no link.
pub fn secret_in(path: &PathBuf) -> Result<Secret, Failure> {
    let usage = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", path.display()));
    let mut options = OpenOptions::new();
    // A FIFO would be waited for.
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path).map_err(|e| match e.raw_os_error() {
        Some(libc::ELOOP) => usage(&"it is a link; name the file that it leads to"),
        Some(libc::ENOENT) => {
            usage(&"there is no such file; write the secret into its first line, with mode 0600, and run setup again")
        }
        _ => usage(&e),
    })?;
    if !file.metadata().map_err(|e| usage(&e))?.is_file() {
        return Err(usage(&"it is not a plain file; put the secret into one"));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(SECRET_MAX).unwrap_or_default()));
    file.take(SECRET_MAX).read_to_end(&mut text).map_err(|e| usage(&e))?;
    let line = secret::first_line(&text).map_err(|why| usage(&why))?;
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use sspr_config::settings::Method::{App, Email, Phone as Number};

    use super::*;

    fn machine(main: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("sspr.toml");
        fs::write(&config, main).unwrap();
        fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
        fs::create_dir(settings::drop_ins(&config)).unwrap();
        fs::set_permissions(settings::drop_ins(&config), fs::Permissions::from_mode(0o755)).unwrap();
        (dir, config)
    }

    fn own() -> (u32, u32) {
        (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
    }

    fn apply(config: &Path, wishes: &Wishes) -> usize {
        let loaded = settings::load_with_origins(config).unwrap();
        let all = changes(config, &loaded, wishes, own()).unwrap();
        for change in &all {
            change.make().unwrap();
        }
        settings::load(config).unwrap_or_else(|e| panic!("{e}"));
        all.len()
    }

    fn smtp() -> Mail {
        Mail::Smtp {
            url: "smtp://mail.example.org:587".into(),
            from: Some("a@example.org".into()),
            user: Some("sspr".into()),
            password: Some(Secret::new("s3cret".into())),
        }
    }

    #[test]
    fn what_is_wanted_is_written_once_and_a_second_time_there_is_nothing_to_do() {
        let (dir, config) = machine("");
        let wishes = Wishes {
            scope: Some((Enable::All, vec!["all".into()])),
            mail: Some(smtp()),
            phone: Some(Phone::Twilio {
                account: Some("AC0123456789abcdef0123456789abcdef".into()),
                api_key: None,
                from: Some("+15005550006".into()),
                token: Some(Secret::new("t0ken".into())),
                url: None,
            }),
            region: Some("JP".into()),
            helpdesk: Some("Call 4711.".into()),
            directory: None,
        };
        assert_eq!(apply(&config, &wishes), 4);
        assert_eq!(apply(&config, &wishes), 0);
        let s = settings::load(&config).unwrap();
        assert_eq!(
            (s.scope.enable, s.email.gateway, s.phone.gateway),
            (Enable::All, EmailGateway::Smtp, PhoneGateway::Twilio)
        );
        assert_eq!(s.register.methods.len(), 3);
        assert_eq!(fs::read_to_string(dir.path().join("smtp-password")).unwrap(), "s3cret\n");
        let text = fs::read_to_string(settings::drop_ins(&config).join(DROP_IN)).unwrap();
        assert!(text.starts_with(HEADER) && !text.contains("s3cret") && !text.contains("t0ken"), "{text}");

        // Only what is said changes.
        let wishes = Wishes { helpdesk: Some(String::new()), ..Wishes::default() };
        assert_eq!(apply(&config, &wishes), 1);
        let s = settings::load(&config).unwrap();
        assert_eq!((s.helpdesk.text, s.email.smtp.as_deref()), (None, Some("smtp://mail.example.org:587")));
        assert_eq!(apply(&config, &Wishes::default()), 0);
    }

    #[test]
    fn whom_it_is_for_is_no_wish_fulfilled_where_a_later_drop_in_has_the_last_word() {
        let (_dir, config) = machine("");
        let wishes = Wishes { scope: Some((Enable::All, vec!["all".into()])), ..Wishes::default() };
        assert_eq!(apply(&config, &wishes), 1);
        let later = settings::drop_ins(&config).join("90-local.toml");
        sspr_machine::files::write(&later, b"[scope]\nenable = \"none\"\n", 0o644, None).unwrap();
        let loaded = settings::load_with_origins(&config).unwrap();
        let why = changes(&config, &loaded, &wishes, own()).unwrap_err().to_string();
        assert!(why.contains("90-local.toml:2 overrides this"), "{why}");
    }

    #[test]
    fn nobody_is_asked_to_register_what_no_code_reaches() {
        let methods = |config: &Path| settings::load(config).unwrap().register.methods;
        let (_dir, config) = machine("");
        apply(&config, &Wishes { mail: Some(smtp()), ..Wishes::default() });
        assert_eq!(methods(&config), [Email, App]);
        let argv = ["/bin/send", "{to}"].map(String::from).to_vec();
        apply(&config, &Wishes { phone: Some(Phone::Command(argv)), ..Wishes::default() });
        assert_eq!(methods(&config), [Email, Number, App]);
        apply(&config, &Wishes { mail: Some(Mail::None), ..Wishes::default() });
        assert_eq!(methods(&config), [Number, App]);
        apply(&config, &Wishes { phone: Some(Phone::None), ..Wishes::default() });
        assert_eq!(methods(&config), [Email, App], "for a trial, mail is written to files");
        let (_dir, config) = machine("");
        apply(&config, &Wishes { mail: Some(Mail::None), phone: Some(Phone::None), ..Wishes::default() });
        assert_eq!(methods(&config), [Email, App], "the same at once");

        let (_dir, config) = machine("[register]\nmethods = [\"email\", \"phone\"]\n");
        apply(&config, &Wishes { mail: Some(smtp()), ..Wishes::default() });
        assert_eq!(methods(&config), [Email, Number], "the administrator's own word");
    }

    const URL: &str = "https://sms.example.org/";

    #[test]
    fn a_key_of_a_gateway_and_a_code_in_an_argument_are_refused_and_not_repeated() {
        let webhook = |url: &str, headers: &[(&str, &str)], body: &[(&str, &str)]| {
            let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
            let phone =
                Phone::Webhook { url: Some(url.into()), body: pairs(body), headers: pairs(headers), token: None };
            nothing_shown(Some(&phone))
        };
        for name in
            ["Authorization", "authorization", "Proxy-Authorization", "X-Api-Key", "X-Auth", "Cookie", "Client-Secret"]
        {
            let why = webhook(URL, &[(name, "sk-12")], &[]).unwrap_err().to_string();
            assert!(why.contains("write {token}") && why.contains("--webhook-token-file"), "{why}");
            assert!(!why.contains("sk-12"), "{why}");
            webhook(URL, &[(name, "Bearer {token}")], &[]).unwrap();
        }
        webhook("https://sms.example.org/?api_key=sk-12", &[], &[]).unwrap_err();
        webhook(URL, &[], &[("password", "sk-12")]).unwrap_err();
        webhook("https://sms.example.org/?api_key={token}", &[("X-Sender", "sspr")], &[("to", "{to}")]).unwrap();
        let command = |argument: &str| nothing_shown(Some(&Phone::Command(vec!["/bin/send".into(), argument.into()])));
        assert!(command("--text={text}").unwrap_err().to_string().contains("standard input"));
        command("{to}").unwrap();
    }

    #[test]
    fn a_secret_is_the_first_line_of_a_plain_file_and_nothing_else_is_followed_or_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("plain"), "s3cret\nmore\n").unwrap();
        assert_eq!(*secret_in(&path("plain")).unwrap(), "s3cret");
        fs::write(path("marked"), "\u{feff}s3cret\r\n").unwrap();
        assert_eq!(*secret_in(&path("marked")).unwrap(), "s3cret");
        std::os::unix::fs::symlink(path("plain"), path("link")).unwrap();
        nix::unistd::mkfifo(&path("fifo"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        fs::create_dir(path("directory")).unwrap();
        fs::write(path("empty"), "\n").unwrap();
        fs::write(path("bytes"), b"s\xe9cret\n").unwrap();
        for (name, want) in [
            ("link", "it is a link"),
            ("fifo", "not a plain file"),
            ("directory", "not a plain file"),
            ("empty", "the first line is empty"),
            ("bytes", "not UTF-8"),
            ("missing", "there is no such file; write the secret into its first line"),
        ] {
            let why = secret_in(&path(name)).unwrap_err().to_string();
            assert!(why.contains(want) && !why.contains("s3cret"), "{why}");
        }
        assert!(secret_in(&"/dev/zero".into()).unwrap_err().to_string().contains("not a plain file"));
    }

    #[test]
    fn a_webhook_is_written_with_its_body_and_headers() {
        let (_dir, config) = machine("");
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let wishes = Wishes {
            phone: Some(Phone::Webhook {
                url: Some("https://sms.example.org/".into()),
                body: vec![pair("to", "{to}"), pair("text", "{text}")],
                headers: vec![pair("Authorization", "Bearer {token}")],
                token: Some(Secret::new("t0ken".into())),
            }),
            ..Wishes::default()
        };
        assert_eq!((apply(&config, &wishes), apply(&config, &wishes)), (2, 0));
        let webhook = settings::load(&config).unwrap().phone.webhook.unwrap();
        assert_eq!(webhook.body.texts().collect::<Vec<_>>(), [("text", "{text}"), ("to", "{to}")]);
        assert_eq!(webhook.headers["Authorization"], "Bearer {token}");
    }

    #[test]
    fn a_provider_is_written_and_the_next_one_gets_nothing_of_it() {
        let (dir, config) = machine("");
        let wish = |name: &str, values: &[(&'static str, &str)]| {
            let gateway = PhoneGateway::all().find(|(known, _)| *known == name).unwrap().1;
            let values = values.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
            let token = Some(Secret::new("t0ken".into()));
            let section = Section { gateway, name: "phone.provider", values, token };
            Wishes { phone: Some(Phone::Section(section)), ..Wishes::default() }
        };
        let vonage = wish("vonage", &[("account", "a1"), ("from", "Example")]);
        assert_eq!((apply(&config, &vonage), apply(&config, &vonage)), (2, 0));
        assert_eq!(fs::read_to_string(dir.path().join("provider-token")).unwrap(), "t0ken\n");
        apply(&config, &wish("bird", &[("from", "Example")]));
        let phone = settings::load(&config).unwrap().phone;
        assert_eq!((phone.gateway.name(), phone.provider.unwrap().account), ("bird", None));
    }
}
