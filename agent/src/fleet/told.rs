//! What a host tells its server about a dialogue, and its users if no server answers.

use std::{fmt::Write as _, sync::Arc};

use sspr_config::language::Language;
use sspr_fleet::wire::{Begin, VERSION};

use crate::{caller::Caller, principal::Principal, sessions::Beginning, snapshot::Snapshot, texts::Texts, writing};

/// The beginning of the name that the server gets for a name in this machine's own files.
const OF_THIS_MACHINE: &str = "~";

/// The message that begins a dialogue about `user` at the server; `own` is its name if it is an account of this host
/// itself that the server may serve.
pub(super) fn message(
    who: &Principal,
    wanted: &Beginning<'_>,
    caller: &Caller,
    (user, own): (String, String),
) -> Begin {
    let [_, mut tty, mut rhost, locale] = wanted.seat().map(str::to_owned);
    if !who.is_root() {
        // What a user in a shell says about the terminal and the remote host is not trusted, as without a fleet.
        (tty, rhost) = (caller.source.clone(), String::new());
    }
    let (purpose, service) = (wanted.purpose().as_str().to_owned(), caller.service.clone());
    Begin { v: VERSION, purpose, user, service, tty, rhost, locale, resumes: None, own }
}

/// The name that the server gets in place of `name`, which is in this machine's own files. No user has it: it ends in
/// the digits of a MAC.
pub(super) fn unknown(agent: &Snapshot, name: &str) -> String {
    let mac = agent.keys.mac("fleet name", &[name.as_bytes()]);
    mac.iter().take(12).fold(OF_THIS_MACHINE.to_owned(), |mut name, byte| {
        // Writing to a String can't fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// The text that reset is unavailable now. `far`: the text appears above the first password prompt of a remote client,
/// which may show only ASCII.
pub(super) fn not_now(agent: &Snapshot, texts: &Arc<Texts>, far: bool) -> String {
    if !far {
        return with_help(agent, texts.say("unavailable", &[]));
    }
    let english = agent.languages.texts(Language::English).for_one();
    writing::plain(&with_help(agent, english.say("unavailable", &[]))).into_owned()
}

pub(super) fn with_help(agent: &Snapshot, text: String) -> String {
    match &agent.settings.helpdesk.text {
        Some(help) => format!("{text}\n{help}"),
        None => text,
    }
}
