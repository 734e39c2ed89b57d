//! The settings are reloaded during dialogues and while messages are sent.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use sspr_config::{dialogue::Purpose, language::Language, settings::Method};

use super::world::{START, World};
use crate::{
    account::Name,
    dialogue::{Caller, Screen},
    proof::{Account, Attempt},
    reload::{Chosen, Reloader},
    reloadable::Reloadable,
    settled::Settled,
    snapshot::Snapshot,
};

const OLD: &str = "old.example.org";
const NEW: &str = "new.example.org";

/// Mail goes to a file on the old host, and to a server on the new one.
fn write(config: &Path, host: &str) {
    let gateway = match host {
        OLD => "gateway = \"spool\"",
        _ => "gateway = \"smtp\"\nfrom = \"a@example.org\"\nsmtp = \"smtp+plain://127.0.0.1:1\"",
    };
    let spool = config.with_file_name("spool");
    let text = format!("[email]\nhost_name = {host:?}\n{gateway}\n[spool]\ndirectory = {spool:?}\n");
    fs::write(config, text).unwrap();
}

/// The host to which settings, name and gateways all belong; `None` if they are mixed.
fn whole(seen: &Snapshot) -> Option<&'static str> {
    let settings = seen.settings.email.host_name.as_deref()?;
    match (settings, seen.host_name.as_str(), seen.deliveries.gateway(Method::Email)) {
        (OLD, OLD, "spool") => Some(OLD),
        (NEW, NEW, "smtp") => Some(NEW),
        _ => None,
    }
}

#[tokio::test]
async fn a_dialogue_and_a_message_see_all_of_the_old_settings_or_all_of_the_new() {
    let world = World::new().await;
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("sspr.toml");
    write(&config, OLD);
    let first = Chosen::read(&config).unwrap().snapshot(world.agent.services.clone(), Settled::default());
    let agent = Reloadable::new(Arc::new(first));
    let reloader = Reloader::new(config.clone(), agent.clone());

    let caller = Caller {
        uid: 0,
        service: "sshd".into(),
        source: "192.0.2.1".into(),
        screen: Screen::default(),
        language: None,
        host: None,
    };
    let account = Account::new(&world.agent.keys, Name::local("alice"));
    let attempt =
        Attempt { account, purpose: Purpose::Recover, dialogue: "d".into(), began: START, resumed: false, caller };
    // Begins before the settings are reloaded, and continues.
    let s = agent.now().session(Language::English, attempt);

    let (over, looked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let others = {
        let (agent, over, looks) = (agent.clone(), over.clone(), looked.clone());
        // As each message and each dialogue does when it begins.
        thread::spawn(move || {
            let mut mixed = 0;
            while !over.load(Ordering::SeqCst) {
                mixed += u32::from(whole(&agent.now()).is_none());
                looks.fetch_add(1, Ordering::SeqCst);
            }
            mixed
        })
    };
    let one_more_look = || {
        let before = looked.load(Ordering::SeqCst);
        while looked.load(Ordering::SeqCst) == before {
            thread::yield_now();
        }
    };
    for host in [NEW, OLD].into_iter().cycle().take(41) {
        write(&config, host);
        one_more_look();
        reloader.reload().unwrap();
        assert_eq!(whole(&agent.now()), Some(host));
        assert_eq!(whole(&s), Some(OLD), "what a dialogue began with");
    }
    over.store(true, Ordering::SeqCst);
    assert_eq!(others.join().unwrap(), 0, "of the old and of the new at once");

    // An error changes nothing.
    fs::write(&config, "[email]\nhost_name = \"newer.example.org\"\nnonsense = 1\n").unwrap();
    assert!(reloader.reload().is_err());
    assert_eq!(whole(&agent.now()), Some(NEW));
}
