//! The time until a first answer: after a start, from a full store, and during an import by an administrator.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sspr_config::bus::{CREDENTIAL, CREDENTIAL_PATH};

use crate::{
    dialogue::{self, Dialogue},
    say,
};

/// Starts the agent `times` times, each time until it has answered, and a unit that does nothing for comparison.
pub(crate) async fn starts(times: usize) {
    let bus = dialogue::connect().await;
    let systemctl = |arguments: &[&str]| assert!(Command::new("systemctl").args(arguments).status().unwrap().success());
    for _ in 0..times {
        systemctl(&["stop", "sspr-agent"]);
        let begun = Instant::now();
        systemctl(&["start", "sspr-agent"]);
        Dialogue::begin(&bus, "hint", "alice").await;
        say("agent", begun.elapsed().as_nanos());
        let begun = Instant::now();
        systemctl(&["start", "bench-nothing"]);
        say("nothing", begun.elapsed().as_nanos());
        systemctl(&["stop", "sspr-credential"]);
        let begun = Instant::now();
        account(&bus).await;
        say("helper", begun.elapsed().as_nanos());
        let begun = Instant::now();
        account(&bus).await;
        say("helper-again", begun.elapsed().as_nanos());
    }
}

async fn account(bus: &zbus::Connection) {
    let reply =
        bus.call_method(Some(CREDENTIAL), CREDENTIAL_PATH, Some(CREDENTIAL), "Account", &("alice",)).await.unwrap();
    let _: (u32, u8, bool, bool) = reply.body().deserialize().unwrap();
}

/// Looks up the registered `user` as at a sign-in, and begins recoveries, `times` times each.
pub(crate) async fn look_ups(user: &str, times: usize) {
    let bus = dialogue::connect().await;
    for _ in 0..times {
        let begun = Instant::now();
        let dialogue = Dialogue::begin(&bus, "register", user).await;
        say("look-up", begun.elapsed().as_nanos());
        assert!(dialogue.step.prompt.is_empty(), "{user} is registered\n{}", dialogue.screen());
        let begun = Instant::now();
        let dialogue = Dialogue::begin(&bus, "recover", user).await;
        say("begin", begun.elapsed().as_nanos());
        dialogue.cancel().await;
    }
}

/// Looks up `user` again and again until the file `until` exists, and prints the time of each.
pub(crate) async fn meanwhile(user: &str, until: &str) {
    let bus = dialogue::connect().await;
    while fs::metadata(Path::new(until)).is_err() {
        let begun = Instant::now();
        Dialogue::begin(&bus, "register", user).await;
        say("meanwhile", begun.elapsed().as_nanos());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
