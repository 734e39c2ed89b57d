//! The mail server is down, for longer than a code is good: it is tried again and again, ever less often, people go another
//! way, and what is of use later still arrives.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
    settings::{Method, Settings},
};

use super::world::{START, World, email};
use crate::{
    account::{Id, Name},
    clock::Time,
    delivery::{Deliveries, Surroundings},
    dialogue::{Caller, Screen},
    housekeeping, notifications,
    proof::{Account, Attempt},
    reloadable::Reloadable,
    sender::tests_support::send,
    snapshot::settings_for_tests,
    store::{LookUps as _, Messages, Store, sql},
};

const NEW: &str = "plover tundra biscuit";
const HOUR: Time = 3600;

fn deliveries(settings: &str) -> Deliveries {
    Deliveries::in_surroundings(&settings_for_tests(settings), &Surroundings::of_this_machine("test")).unwrap()
}

/// A mail server that does not answer: a client that calls there is refused.
pub(super) fn down(spool: &Path) -> Deliveries {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    with_mail_by(port, spool)
}

/// The mail server at `port` of this machine, and text messages that become files in `spool`.
pub(super) fn with_mail_by(port: u16, spool: &Path) -> Deliveries {
    deliveries(&format!(
        "[email]\ngateway = \"smtp\"\nfrom = \"a@example.org\"\nsmtp = \"smtp+plain://127.0.0.1:{port}\"\n\
         [spool]\ndirectory = {spool:?}\n"
    ))
}

/// A mail server that greets after `slow`, takes every mail to its end, and then says nothing more if it is `silent`; and how many
/// mails it got.
fn slow_server(slow: Duration, silent: bool) -> (Deliveries, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails = Arc::new(AtomicUsize::new(0));
    let count = mails.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::sleep(slow);
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let say = |text: &str| (&stream).write_all(text.as_bytes());
            let (mut in_mail, mut line) = (false, String::new());
            let _ = say("220 slow\r\n");
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                let said = match (line.trim_end(), in_mail) {
                    (".", true) => {
                        count.fetch_add(1, Ordering::SeqCst);
                        in_mail = false;
                        if silent { "" } else { "250 queued\r\n" }
                    }
                    (_, true) => "",
                    ("DATA", false) => {
                        in_mail = true;
                        "354 go on\r\n"
                    }
                    (_, false) => "250 ok\r\n",
                };
                let _ = say(said);
                line.clear();
            }
        }
    });
    let spool = tempfile::tempdir().unwrap().keep().join("spool");
    let settings = settings_for_tests(&format!(
        "[email]\ngateway = \"smtp\"\nfrom = \"a@example.org\"\nsmtp = \"smtp+plain://127.0.0.1:{port}\"\n\
         [spool]\ndirectory = {spool:?}\n"
    ));
    let mut around = Surroundings::of_this_machine("shell.example.org");
    around.verdict_deadline = Duration::from_millis(300);
    (Deliveries::in_surroundings(&settings, &around).unwrap(), mails)
}

/// The mail server at `port` of this machine.
pub(super) fn mail_by(port: u16) -> Deliveries {
    with_mail_by(port, &tempfile::tempdir().unwrap().path().join("spool"))
}

/// Seconds until the outbox has something to do.
async fn until_next(world: &World) -> Option<Time> {
    let mut tx = world.agent.begin().await.unwrap();
    Some(tx.next_tries(&[Method::Email]).await.unwrap()? - world.agent.now())
}

/// Tries for so long as something waits, at most until `end`; the pauses between the tries.
async fn tries(world: &World, deliveries: &Deliveries, end: Time) -> Vec<Time> {
    let mut pauses = Vec::new();
    while let Some(pause) = until_next(world).await
        && world.agent.now() + pause <= end
    {
        world.later(pause);
        pauses.push(pause);
        send(&world.agent, deliveries).await;
    }
    pauses
}

#[tokio::test]
async fn a_code_is_tried_ever_less_often_until_it_is_too_old_and_no_longer() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let spool = tempfile::tempdir().unwrap();
    let pauses = tries(&world, &down(&spool.path().join("spool")), START + 24 * HOUR).await;
    assert_eq!(pauses, [0, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120], "at once, then doubled up to two minutes");
    assert!(world.agent.now() >= START + 600, "up to the end of its life");
    assert_eq!(until_next(&world).await, None, "and not kept any longer");

    // The server is back: a new code comes.
    alice.says(b"new").await;
    alice.step().await.unwrap();
    assert_eq!(world.mailbox().await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_a_server_has_and_says_nothing_about_is_not_sent_again_by_itself() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let (deliveries, mails) = slow_server(Duration::ZERO, true);
    let pauses = tries(&world, &deliveries, START + 24 * HOUR).await;
    assert_eq!((pauses.as_slice(), mails.load(Ordering::SeqCst)), ([0].as_slice(), 1));
    let last = deliveries.last(Method::Email).unwrap();
    assert!(last.unsure && last.why.as_ref().unwrap().contains("it may have been sent"), "{last:?}");
}

#[tokio::test]
async fn a_server_that_is_slow_to_greet_gets_its_time_and_the_code_arrives_once() {
    assert_eq!(Settings::default().email.timeout.as_secs(), 300, "RFC 5321, 4.5.3.2.1");
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let (deliveries, mails) = slow_server(Duration::from_millis(400), false);
    tries(&world, &deliveries, START + 24 * HOUR).await;
    assert_eq!(mails.load(Ordering::SeqCst), 1);
    assert_eq!(deliveries.last(Method::Email).unwrap().why, None);
}

#[tokio::test]
async fn what_an_old_gateway_says_to_a_message_under_way_is_no_word_of_the_one_that_took_its_place() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let (old, mails) = slow_server(Duration::from_millis(100), false);
    let spool = tempfile::tempdir().unwrap();
    let live = Reloadable::new(Arc::new(old));
    let taken = live.now();
    let reloads = async { live.replace(Arc::new(down(&spool.path().join("spool")))) };
    // The first is begun first.
    tokio::join!(biased; send(&world.agent, &taken), reloads);
    assert_eq!(mails.load(Ordering::SeqCst), 1);
    assert_eq!(taken.last(Method::Email).unwrap().why, None);
    assert_eq!(live.now().last(Method::Email), None);
    assert_eq!(taken.last(Method::Phone), None);
}

#[tokio::test]
async fn meanwhile_another_way_leads_to_a_new_password_and_the_note_about_it_comes_when_mail_does() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let codes = world.recovery_codes("alice").await;
    let spool = tempfile::tempdir().unwrap();
    let path = spool.path().join("spool");
    let down = down(&path);
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.answers("on its way", "other").await;
    send(&world.agent, &down).await;
    alice.answers("  code  a recovery code", "code").await;
    alice.answers("Type a recovery code", &codes[0]).await;
    alice.answers("New password", NEW).await;
    alice.answers("Type it again", NEW).await;
    assert_eq!(alice.ends().await.0, Standing::Recovered);

    let pauses = tries(&world, &down, START + HOUR).await;
    assert!(pauses.len() > 30 && pauses.iter().all(|pause| *pause <= 120), "{pauses:?}");
    world.later(until_next(&world).await.expect("the note waits"));
    send(&world.agent, &deliveries(&format!("[spool]\ndirectory = {path:?}\n"))).await;
    let files: Vec<_> = std::fs::read_dir(&path).unwrap().map(|e| std::fs::read_to_string(e.unwrap().path())).collect();
    let [Ok(note)] = files.as_slice() else { panic!("{files:?}") };
    assert!(note.contains("was reset on"), "{note}");
    assert_eq!(until_next(&world).await, None);
}

#[tokio::test]
async fn what_waits_goes_out_although_the_clock_was_ahead_when_it_was_tried() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    // Noted by what is being sent, at a time that is long past when the clock is right again.
    let ten_years: Time = 3650 * 86_400;
    sql::query("UPDATE outbox SET next_try = next_try + $1")
        .bind(ten_years)
        .execute(world.agent.store.session().await.unwrap().connection())
        .await
        .unwrap();
    housekeeping::prune(&world.agent).await.unwrap();
    assert_eq!(until_next(&world).await, Some(0));
    assert_eq!(world.mailbox().await.len(), 1);
}

#[tokio::test]
async fn the_owner_hears_of_a_change_that_the_agent_did_not_live_to_see_and_of_none_that_was_refused() {
    let world = World::new().await;
    world.register("alice", &email("alice@example.org")).await;
    let codes = world.recovery_codes("alice").await;
    world.accounts().refuse = Some("too plain".into());
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "code").await;
    alice.answers("Type a recovery code", &codes[0]).await;
    alice.answers("New password", NEW).await;
    alice.answers("Type it again", NEW).await;
    alice.answers("too plain", "").await;
    world.later(120);
    assert!(world.mailbox().await.is_empty());

    // Killed after the helper was asked: what would have said how it went is gone.
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
    let s = world.agent.session(Language::English, attempt);
    let mut tx = s.begin().await.unwrap();
    let held = notifications::recovering(&mut tx, &s, Id::from(1001)).await.unwrap();
    tx.commit().await.unwrap();
    drop(held);
    assert!(world.mailbox().await.is_empty());
    world.later(120);
    assert_eq!(world.mailbox().await, [("alice@example.org".to_owned(), "Recovered".to_owned())]);
}

#[tokio::test]
async fn what_a_killed_agent_was_about_to_send_goes_out_soon_and_what_kills_it_each_time_ever_later() {
    // What another replica has in hand is its own until the lease ends.
    let world = World::new().await.with_store(Store::in_memory().await.unwrap());
    world.register("alice", &email("alice@example.org")).await;
    let mut alice = world.forgets("alice");
    alice.answers("How do you want", "e").await;
    alice.step().await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..8 {
        let now = world.agent.now();
        let mut tx = world.agent.begin().await.unwrap();
        // Taken in hand, and never heard of again.
        Messages::take(&mut tx, Method::Email, 10, now + HOUR, now).await.unwrap();
        tx.commit().await.unwrap();
        world.agent.store.resume(now).await.unwrap();
        let wait = until_next(&world).await.expect("it waits");
        waits.push(wait);
        world.later(wait);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 64, 64]);
    assert_eq!(world.mailbox().await.len(), 1);
}
