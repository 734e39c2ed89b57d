//! Registers accounts of a host of a fleet itself with the fleet's server, as their users do with `sspr enroll`.

use std::{fs, path::Path};

use sspr_config::dialogue::Standing;
use tokio::{
    task::JoinSet,
    time::{Duration, Instant, sleep},
};

use crate::dialogue::{self, Dialogue};

/// Registers each of `names` with an address, all at once. The code to each comes in a file of its name in `codes`: the mail is at
/// another machine.
pub(crate) async fn register(password: &str, codes: &Path, names: &[&str]) {
    let bus = dialogue::connect().await;
    let mut registering = JoinSet::new();
    for name in names {
        let (bus, name, password) = (bus.clone(), (*name).to_owned(), password.to_owned());
        let code = codes.join(&name);
        registering.spawn(async move { one(&bus, &name, &password, &code).await });
        sleep(Duration::from_millis(250)).await;
    }
    registering.join_all().await;
}

async fn one(bus: &zbus::Connection, name: &str, password: &str, code: &Path) {
    let mut dialogue = Dialogue::begin(bus, "enroll", name).await;
    let mut way = ["e", ""].into_iter();
    while !dialogue.step.prompt.is_empty() {
        let prompt = crate::last_line(&dialogue.step.prompt).to_owned();
        let answer = match prompt.as_str() {
            asked if asked.starts_with("Current password") => password.to_owned(),
            asked if asked.starts_with("A number") => way.next().unwrap_or_default().to_owned(),
            asked if asked.starts_with("Email address") => format!("{name}@example.org"),
            asked if asked.starts_with("Code") => waited_for(code).await,
            asked if asked.starts_with("Press Enter") => String::new(),
            _ => panic!("registering {name}, unexpected: {}", dialogue.screen()),
        };
        dialogue.answer(&answer).await;
    }
    assert_eq!(dialogue.step.standing, Standing::Finished.to_wire(), "{name}: {}", dialogue.screen());
}

async fn waited_for(code: &Path) -> String {
    let begun = Instant::now();
    loop {
        if let Ok(code) = fs::read_to_string(code) {
            return code;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "no code comes to {}", code.display());
        sleep(Duration::from_millis(20)).await;
    }
}
