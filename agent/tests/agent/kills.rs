//! Agent, helper and bus are killed with -9 at random moments while users register and recover. What a user was told is
//! true, no proof allows two changes, and store and shadow file are whole after every kill.
//!
//! `SSPR_KILLS` is the number of dialogues, `SSPR_SEED` the seed for the actions and the kills.

mod person;
pub(super) mod street;

use std::{fs, path::Path, time::Duration};

use person::Person;
use sspr_agent::{
    keys::Keys,
    random::SystemRandom,
    store::{Store, sql},
};
use street::Street;
use tokio::time::Instant;

use super::{
    STATE,
    host::{self, Host, on_a_host_for},
};

/// In `make test`; a thousand take some minutes.
const DIALOGUES: u32 = 150;
const SEED: u64 = 20_261_125;

fn number<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_is_killed_when_nothing_confirmed_is_lost_and_nothing_is_spent_twice() {
    on_a_host_for(
        Duration::from_mins(30),
        "kills::whatever_is_killed_when_nothing_confirmed_is_lost_and_nothing_is_spent_twice",
        async |host: &Host| {
            let dialogues = number("SSPR_KILLS").unwrap_or(DIALOGUES);
            let seed = number("SSPR_SEED").unwrap_or(SEED);
            println!("{dialogues} dialogues, seed {seed}");
            let people = accounts(host, dialogues / 6 + 1);
            let street = Street::new(host, dialogues, seed, people);
            let start = Instant::now();
            tokio::select! {
                _ = async { tokio::join!(street.walk(), street.walk(), street.walk()) } => {}
                () = street.kill_now_and_then() => {}
                () = street.keep_running() => {}
            }
            let walked = start.elapsed();
            street.calm().await;
            let people = street.people();
            for person in &people {
                person.is_as_told(host);
            }
            street.notes_came(&people).await;
            one_spent_proof_for_each_change(&people).await;
            println!("{street}in {walked:?}");
        },
    );
}

/// Accounts that all have the password [`host::OLD`], made at once.
fn accounts(host: &Host, count: u32) -> Vec<Person> {
    host.user("original");
    let hash = host.shadow("original")[1].clone();
    let names: Vec<String> = (0..count).map(|n| format!("person{n}")).collect();
    for (file, line) in
        [("/etc/passwd", "x:UID:100::/nonexistent:/bin/bash"), ("/etc/shadow", "HASH:20000:0:99999:7:::")]
    {
        let mut text = fs::read_to_string(file).unwrap();
        for (uid, name) in (20_000..).zip(&names) {
            let line = line.replace("UID", &format!("{uid}")).replace("HASH", &hash);
            text.extend([name, ":", &line, "\n"]);
        }
        fs::write(file, text).unwrap();
    }
    names.into_iter().map(|name| Person::new(name, host::OLD, &hash)).collect()
}

/// Every password change has used up at least one proof of its own.
async fn one_spent_proof_for_each_change(people: &[Person]) {
    let keys = Keys::load(&Path::new(STATE).join("host.key"), false, &SystemRandom).unwrap();
    let copy = street::copy_of_the_store();
    let store = Store::open(&copy.path().join("sspr.db")).await.unwrap();
    let mut session = store.session().await.unwrap();
    for person in people {
        let account = keys.mac("account", &[person.name.as_bytes()]);
        let spent: u32 = sql::query_scalar("SELECT count(*) FROM challenge WHERE account = $1 AND spent IS NOT NULL")
            .bind(account.as_slice())
            .fetch_one(session.connection())
            .await
            .unwrap();
        let changes = person.changes();
        assert!(changes <= spent, "{}: {changes} changes for {spent} proofs", person.name);
        let used: u32 = sql::query_scalar("SELECT count(*) FROM recovery_code WHERE name = $1 AND used IS NOT NULL")
            .bind(&person.name)
            .fetch_one(session.connection())
            .await
            .unwrap();
        assert!(person.codes_used() <= used, "{}: a recovery code is good again", person.name);
    }
}
