//! The drop-in for sshd. It lets no user type a password who had to use a key before. It stays only if sshd accepts it,
//! it has an effect, and no kind of connection is more open than before.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    ask::{Person, agrees},
    change::Change,
    drop_in::{self, Word},
};
use crate::{
    doctor::sshd::{KEYS_ALONE, origin},
    failure::Failure,
    sshd::{
        Answers, Daemon, Typed,
        config::{Config, Keyword},
        connections::{self, Connection},
        program, started,
    },
};

/// Its path.
pub const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-sspr.conf";
/// The remedy for everything that this file refuses.
const LEAVE: &str = "to leave sshd alone: --no-sshd";

/// The plan for sshd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshPlan {
    /// It offers conversations already, or is not installed.
    InPlace,
    /// It accepts only keys, for this reason; a drop-in would allow passwords.
    KeysAlone(String),
    /// The drop-in.
    DropIn(DropIn),
}

/// The new drop-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropIn {
    /// The file.
    pub change: Change,
    /// Whether it allows passwords on a server that did not, as requested.
    pub opens: bool,
    /// The statements that refuse passwords from some users, and stay in force: block, file and line.
    pub closed: Vec<String>,
    /// Whether the drop-in already exists, and only has to refuse what blocks refuse.
    pub closes: bool,
}

/// The findings about one way in which sshd is started.
struct Seen {
    daemon: Daemon,
    /// All files except the drop-in.
    config: Config,
    /// The answers for users to whom no block applies.
    base: Answers,
}

/// Plans the changes. On a server that accepts only keys, passwords are allowed only with `passwords`.
pub fn plan(passwords: bool) -> Result<SshPlan, Failure> {
    let Some(program) = program(Path::new("/")) else { return Ok(SshPlan::InPlace) };
    let seen: Result<Vec<Seen>, Failure> = started::daemons(&program).into_iter().map(see).collect();
    plan_of(&seen?, Path::new(DROP_IN), passwords)
}

fn see(daemon: Daemon) -> Result<Seen, Failure> {
    if let Some(odd) = &daemon.odd {
        return Err(Failure::Refused(format!(
            "{}: setup does not know the option {odd}, so it can't tell who may type a password; {LEAVE}",
            daemon.name
        )));
    }
    let words =
        daemon.says(&[], None).map_err(|why| Failure::Refused(format!("sshd's settings can't be read: {why}")))?;
    let config = Config::read(Path::new("/"), &daemon.main(), Some(Path::new(DROP_IN)));
    Ok(Seen { base: Answers::of(&words), config, daemon })
}

fn plan_of(seen: &[Seen], path: &Path, passwords: bool) -> Result<SshPlan, Failure> {
    let now = super::change::now(path)?;
    let ours = now.as_ref().is_some_and(|now| drop_in::is_ours(&now.content));
    if !ours && seen.iter().all(|seen| seen.base.conversations) {
        return Ok(SshPlan::InPlace);
    }
    let reads: Vec<&Seen> = seen.iter().filter(|seen| seen.config.reads_ours).collect();
    for seen in &reads {
        if let Some((_, text)) = seen.daemon.option(Keyword::Conversation).filter(|(value, _)| value != "yes") {
            let name = seen.daemon.shown();
            return Err(Failure::Refused(format!("{name}: its option {text} overrides every file; {LEAVE}")));
        }
        if let Some(what) = seen.config.unread.first() {
            return Err(Failure::Refused(format!("setup can't read all of sshd's settings: {what}; {LEAVE}")));
        }
    }
    if reads.is_empty() && seen.iter().all(|seen| seen.base.conversations) {
        return Ok(SshPlan::InPlace);
    }
    if reads.is_empty() {
        return Err(no_effect(seen.first().map_or("/etc/ssh/sshd_config".into(), |seen| seen.daemon.main())));
    }
    // As without the drop-in, which affects nothing else.
    let base = |seen: &Seen| Answers { conversations: seen.base.conversations && !ours, ..seen.base.clone() };
    let closed_to_all = reads.iter().find(|seen| base(seen).opened_by_conversations());
    let for_all = match &now {
        Some(now) if ours => drop_in::is_for_all(&now.content),
        _ => closed_to_all.is_none() || passwords,
    };
    let mut words: Vec<Word> = Vec::new();
    let mut closed = Vec::new();
    for seen in &reads {
        let base = Answers { password: base(seen).password || passwords, ..base(seen) };
        let of_config =
            drop_in::words(&seen.config, &base).map_err(|why| Failure::Refused(format!("{why}; {LEAVE}")))?;
        add_new(&mut words, of_config);
        add_new(&mut closed, drop_in::closed(&seen.config));
    }
    words.sort_by_key(|word| !word.stands);
    if let Some(seen) = closed_to_all
        && !for_all
        && !words.iter().any(|word| word.yes && !word.stands)
    {
        let keyword = if seen.base.password { Keyword::Methods } else { Keyword::Password };
        return Ok(if ours {
            SshPlan::InPlace
        } else {
            SshPlan::KeysAlone(origin(&seen.daemon, &seen.config, keyword).unwrap_or_default())
        });
    }
    let change = Change::to(path.into(), drop_in::text(for_all, &words).into_bytes())?;
    if !change.is_needed() {
        if for_all && !reads.iter().all(|seen| seen.base.conversations) {
            return Err(no_effect(reads.first().map_or_else(PathBuf::new, |seen| seen.daemon.main())));
        }
        return Ok(SshPlan::InPlace);
    }
    let opens = closed_to_all.is_some() && for_all && !ours;
    Ok(SshPlan::DropIn(DropIn { change, opens, closed, closes: ours }))
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// The result of `plan` without an administrator to ask: blocks that require keys are repeated only with `blocks`.
pub fn unasked(plan: SshPlan, blocks: bool) -> Result<SshPlan, Failure> {
    match plan {
        SshPlan::KeysAlone(origin) => Err(Failure::Refused(format!(
            "{KEYS_ALONE}{}. To allow them: --sshd-passwords; {LEAVE}",
            bracketed(&origin)
        ))),
        SshPlan::DropIn(drop_in) if !drop_in.closes && !drop_in.closed.is_empty() && !blocks => {
            Err(Failure::Refused(format!(
                "sshd refuses passwords from some users:\n{}\nTo have the drop-in refuse them too: --sshd-match-blocks; {LEAVE}",
                listed(&drop_in.closed)
            )))
        }
        plan => Ok(plan),
    }
}

/// The same, with questions; `again` returns the plan for allowing passwords.
pub fn asked(
    person: &mut dyn Person,
    plan: SshPlan,
    blocks: bool,
    again: impl FnOnce() -> Result<SshPlan, Failure>,
) -> Result<SshPlan, Failure> {
    let plan = match plan {
        SshPlan::KeysAlone(origin) => {
            person.hear(&format!("\nsshd: {KEYS_ALONE}{}.", bracketed(&origin)));
            if !agrees(person, "Let users type passwords over SSH?")? {
                return Ok(SshPlan::InPlace);
            }
            again()?
        }
        plan => plan,
    };
    match plan {
        SshPlan::DropIn(ref drop_in) if !drop_in.closes && !drop_in.closed.is_empty() && !blocks => {
            person.hear(&format!(
                "\nsshd refuses passwords from some users:\n{}\nThe drop-in refuses them too. If you change one of these later, \
                 run setup again.",
                listed(&drop_in.closed)
            ));
            Ok(if agrees(person, "Offer reset and registration to all others?")? { plan } else { SshPlan::InPlace })
        }
        plan => Ok(plan),
    }
}

fn bracketed(origin: &str) -> String {
    if origin.is_empty() { String::new() } else { format!(" ({origin})") }
}

fn listed(all: &[String]) -> String {
    all.iter().map(|what| format!("  {what}")).collect::<Vec<_>>().join("\n")
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this")]
fn no_effect(main: PathBuf) -> Failure {
    Failure::Refused(format!(
        "{} overrides the drop-in, or does not read it: put this into its first line, then try again: Include \
         /etc/ssh/sshd_config.d/*.conf",
        main.display()
    ))
}

/// Each way to start sshd, with the connections to ask about.
fn surveyed(program: &Path) -> Vec<(Daemon, Vec<Option<Connection>>)> {
    let root = Path::new("/");
    let daemons = started::daemons(program).into_iter().map(|daemon| {
        let config = Config::read(root, &daemon.main(), None);
        let (all, _) = connections::of(&config, &connections::accounts(root, &config));
        (daemon, std::iter::once(None).chain(all.into_iter().map(Some)).collect())
    });
    daemons.collect()
}

/// What a typed password allows, for each connection.
fn survey(
    all: &[(Daemon, Vec<Option<Connection>>)],
    ask: impl Fn(&Daemon, Option<&Connection>) -> Result<Typed, String>,
) -> Result<Vec<(String, Typed)>, String> {
    let mut found = Vec::new();
    for (daemon, connections) in all {
        for connection in connections {
            let who = connection.as_ref().map_or("people".into(), Connection::shown);
            found.push((who, ask(daemon, connection.as_ref())?));
        }
    }
    Ok(found)
}

fn typed(daemon: &Daemon, connection: Option<&Connection>) -> Result<Typed, String> {
    daemon.says(&[], connection).map(|words| Answers::of(&words).typed())
}

/// What a typed password would allow if passwords were enabled with any method, except where blocks refuse them.
fn typed_if_opened(daemon: &Daemon, connection: Option<&Connection>) -> Result<Typed, String> {
    let words = daemon.says(&["-o", "PasswordAuthentication=yes"], connection)?;
    let answers = Answers::of(&words);
    let any = answers.password || answers.conversations;
    Ok(Answers { password: any, conversations: any, ..answers }.typed())
}

/// Makes the change, and undoes it if sshd refuses it, ignores it, or would accept a password from a user from whom it
/// did not before.
pub fn make(drop_in: &DropIn) -> Result<(), Failure> {
    let Some(program) = program(Path::new("/")) else { return Ok(()) };
    let all = surveyed(&program);
    let unclear = |why| {
        Failure::Refused(format!("sshd does not tell who may type a password: {why}. Nothing was changed; {LEAVE}"))
    };
    let before = match (drop_in.opens, drop_in.closes) {
        (true, _) => Some(survey(&all, typed_if_opened).map_err(unclear)?),
        (false, false) => Some(survey(&all, typed).map_err(unclear)?),
        // Compares with sshd without the drop-in, not with an older drop-in.
        (false, true) => survey(&all, |daemon, connection| {
            let words = daemon.says_without(&drop_in.change.path, connection).ok_or("no view without it")??;
            Ok(Answers::of(&words).typed())
        })
        .ok(),
    };
    drop_in.change.make()?;
    let outcome = test(&program).and_then(|()| {
        let after = survey(&all, typed).map_err(unclear)?;
        for ((who, was), (_, is)) in before.iter().flatten().zip(&after) {
            if is > was {
                return Err(Failure::Refused(format!(
                    "the drop-in would let {who} type a password over SSH, which sshd does not allow now. It was undone, and \
                     sshd runs as before; {LEAVE}"
                )));
            }
        }
        let offers = |(daemon, all): &(Daemon, Vec<Option<Connection>>)| {
            let mut answers = all.iter().filter_map(|c| daemon.says(&[], c.as_ref()).ok());
            answers.any(|words| Answers::of(&words).conversations)
        };
        if all.iter().any(offers) { Ok(()) } else { Err(no_effect(crate::sshd::MAIN.into())) }
    });
    if let Err(failure) = outcome {
        drop_in.change.take_back()?;
        return Err(failure);
    }
    reload();
    Ok(())
}

/// Removes the drop-in, unless sshd would not start without it, would let a user who must use a key type a password,
/// or, without `keys_alone`, would let no user type one any more. In these cases it stays, and the reason is returned.
pub fn undo(change: &Change, keys_alone: bool) -> Result<Option<String>, Failure> {
    let Some(program) = program(Path::new("/")) else {
        change.make()?;
        return Ok(None);
    };
    let kept = undo_with(&program, &surveyed(&program), change, keys_alone)?;
    reload();
    Ok(kept)
}

/// The same for the packages' scripts, which reload sshd themselves.
pub fn leave(change: &Change, keys_alone: bool) -> Result<Option<String>, Failure> {
    let Some(program) = program(Path::new("/")) else {
        change.make()?;
        return Ok(None);
    };
    undo_with(&program, &surveyed(&program), change, keys_alone)
}

fn undo_with(
    program: &Path,
    all: &[(Daemon, Vec<Option<Connection>>)],
    change: &Change,
    keys_alone: bool,
) -> Result<Option<String>, Failure> {
    // An sshd that refuses its current settings can't be compared. Then it is enough that it works without the file.
    let with = survey(all, typed).unwrap_or_default();
    let stays = |without: Result<Vec<(String, Typed)>, String>| match without {
        Err(why) => Some(why),
        Ok(without) => with.iter().zip(&without).find_map(|((who, with), (_, without))| {
            if without > with {
                return Some(format!(
                    "without it {who} could type a password over SSH, which sshd does not accept now"
                ));
            }
            (!keys_alone && *with > Typed::Never && *without == Typed::Never).then(|| {
                let who = if who == "people" { "nobody" } else { who };
                let not = if who == "nobody" { "" } else { " not" };
                format!(
                    "without it {who} could{not} type a password over SSH any more; remove it by hand if you want that"
                )
            })
        }),
    };
    // An sshd that restarts while the file is missing would run without it, so it is asked beforehand, if possible.
    if change.after.is_none() {
        let asked = survey(all, |daemon, connection| match daemon.says_without(&change.path, connection) {
            Some(words) => words.map(|words| Answers::of(&words).typed()),
            None => Err(String::new()),
        });
        // An empty reason means that it could not be asked.
        if asked.as_ref().err().is_none_or(|why| !why.is_empty())
            && let Some(why) = stays(asked)
        {
            return Ok(Some(why));
        }
    }
    change.make()?;
    let why = stays(test(program).map_err(|failure| failure.to_string()).and_then(|()| survey(all, typed)));
    if why.is_some() {
        change.take_back()?;
    }
    Ok(why)
}

/// Whether `path` is the drop-in.
pub fn is_drop_in(path: &Path) -> bool {
    path == Path::new(DROP_IN)
}

fn test(program: &Path) -> Result<(), Failure> {
    let output = Command::new(program).arg("-t").stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::Refused(format!("sshd -t refuses its settings, so it was not reloaded: {why}")))
}

/// Debian calls the unit ssh, others sshd; a unit that does not run will read its settings when it starts.
fn reload() {
    for unit in ["ssh.service", "sshd.service"] {
        let run = |arguments: &[&str]| {
            Command::new("systemctl")
                .args(arguments)
                .arg(unit)
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|o| o.status.success())
        };
        if run(&["is-active", "--quiet"]) {
            run(&["reload"]);
            return;
        }
    }
}

#[cfg(test)]
mod tests;
