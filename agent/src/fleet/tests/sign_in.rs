//! Who signs in on a host with a password is asked to register, where the server finds the password correct; and what a captured
//! host can't do with that.

use std::{
    collections::VecDeque,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sspr_config::dialogue::{Ask, Standing};
use sspr_fleet::{
    client::{Link, Opened},
    identity,
    server::{Bounds, Handler, Listener, Peer},
    token::Token,
    wire::{Answer, Begin, Begun, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Step, Typed, VERSION},
};
use tokio::sync::watch;

use super::world::{ASKS, DORA, Host, MACHINE_ID, OLD, SOON, START, Server, begin, ends, machine, standing};
use crate::{
    audit_writer,
    store::{AuditRows, LookUps as _, audit::Query},
};

const DAY: i64 = 86_400;
const INVITES: &str = "If you ever can't sign in";

/// Nothing is asked, and nothing said.
#[track_caller]
fn assert_nothing(step: &sspr_config::dialogue::Step) {
    assert_eq!((standing(step), step.text.as_str(), ends(step)), (Standing::Finished, "", true));
}

fn password(opened: &Opened, typed: &str) -> Answer {
    let answer = Typed(typed.as_bytes().to_vec().into());
    Answer { v: VERSION, handle: opened.handle.clone(), turn: 1, answer }
}

/// What a captured host is told of a sign-in of `user` with the password `typed`; `None` if it is not even asked for one.
async fn tries(mine: &Link, user: &str, typed: &str) -> Option<Step> {
    let opened = mine.begin(&begin("register", user, "192.0.2.1"), SOON).await.unwrap();
    if opened.step.ask == Ask::Nothing.to_wire() {
        assert!(opened.step.text.is_empty());
        return None;
    }
    Some(mine.answer(&opened.at, &password(&opened, typed), true, SOON).await.unwrap())
}

/// How many passwords the directory checked.
fn tried(server: &Server) -> usize {
    server.directory.tried.lock().unwrap().len()
}

/// The reasons in the audit trail, with the recorded accounts.
async fn records(server: &Server) -> Vec<(String, String)> {
    audit_writer::drain(&server.agent).await.unwrap();
    let mut tx = server.agent.begin().await.unwrap();
    let records = AuditRows::read(&mut tx, &Query::default()).await.unwrap();
    tx.commit().await.unwrap();
    records.into_iter().map(|record| (record.reason, record.account)).collect()
}

/// Dora registers at the sign-in on `host`.
async fn registers(server: &Server, host: &Host) -> sspr_config::dialogue::Step {
    let mut dora = host.forgets("dora");
    let asked = dora.signs_in(OLD).await;
    assert!(asked.text.contains(INVITES), "{asked:?}");
    dora.answers("", "email").await;
    dora.answers("Which email", "dora@example.org").await;
    let code = server.the_code().await;
    let done = dora.answers("on its way", &code).await;
    assert!(done.text.contains("you are registered"), "{done:?}");
    dora.answers("", "").await
}

#[tokio::test]
async fn who_signs_in_on_a_host_is_asked_to_register_and_resets_on_another_after_the_wait() {
    let server = Server::new().await;
    let (host, other) = (server.asking_host("web1").await, server.host("web2").await);
    assert_nothing(&registers(&server, &host).await);
    server.mailbox().await;
    let said = records(&server).await;
    let first = |(reason, account): &(String, String)| {
        reason.contains(&format!("first through host {}", host.id)) && account == "dora"
    };
    assert!(said.iter().any(first), "{said:?}");
    let mut dora = other.forgets("dora");
    dora.begins("recover").await;
    dora.answers("How do you want", "e").await;
    assert_eq!(server.mailbox().await, [], "it waits");
    server.later(DAY);
    assert_eq!(standing(&other.forgets("dora").resets(&server).await), Standing::Recovered);
}

#[tokio::test]
async fn nobody_is_asked_where_no_administrator_said_so_and_a_password_of_the_hosts_own_accounts_never_leaves_it() {
    let server = Server::new().await;
    let (quiet, host) = (server.host("web1").await, server.asking_host("web2").await);
    assert_nothing(&quiet.forgets("dora").signs_in(OLD).await);
    for own in ["alice", "Alice"] {
        assert_nothing(&host.forgets(own).begins("register").await);
    }
    let off = server.host_with("web3", &format!("{ASKS}[register]\nmode = \"off\"\n")).await;
    assert_nothing(&off.forgets("dora").begins("register").await);
    assert_eq!(tried(&server), 0);
    let server = Server::with("[register]\nmode = \"off\"\n").await;
    let host = server.asking_host("web1").await;
    assert_nothing(&host.forgets("dora").begins("register").await);
}

#[tokio::test]
async fn a_host_asks_the_server_once_a_day_about_who_has_nothing_to_do() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let host = server.asking_host("web1").await;
    for day in 1..=2 {
        for _ in 0..3 {
            assert_nothing(&host.forgets("dora").signs_in(OLD).await);
        }
        assert_eq!(tried(&server), day);
        server.later(DAY);
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_right_one_without_a_question_look_alike_and_one_is_tried_a_day_however_many_are_sent() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let (mine, theirs) = (one.captured(&server), other.captured(&server));
    // All are asked for the password before the first one answers.
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(mine.begin(&begin("register", "dora", "192.0.2.1"), SOON).await.unwrap());
    }
    let guesses: Vec<Answer> =
        opened.iter().enumerate().map(|(n, opened)| password(opened, &format!("guess {n}"))).collect();
    let said = futures_util::future::join_all(
        opened.iter().zip(&guesses).map(|(opened, guess)| mine.answer(&opened.at, guess, true, SOON)),
    )
    .await;
    let said: Vec<Step> = said.into_iter().map(Result::unwrap).collect();
    assert_eq!(tried(&server), 1, "{said:?}");
    let right = tries(&theirs, "dora", OLD).await.unwrap();
    assert!(said.iter().all(|step| *step == right) && right.text.is_empty(), "{said:?} {right:?}");
    // That it was right does not show afterwards either.
    for (link, typed) in [(&mine, OLD), (&theirs, "a guess"), (&theirs, OLD)] {
        assert_eq!(tries(link, "dora", typed).await, None);
    }
    assert_eq!(tried(&server), 2);
    server.later(DAY);
    assert!(tries(&mine, "dora", "another guess").await.is_some());
    assert_eq!(tried(&server), 3);
}

#[tokio::test]
async fn a_directory_that_fails_is_asked_once_a_day_and_what_it_says_does_not_show() {
    let server = Server::new().await;
    let (mine, other) = (server.host("web1").await.captured(&server), server.asking_host("web2").await);
    let wrong = tries(&mine, "zoe", "a guess").await.unwrap();
    *server.directory.fails.lock().unwrap() = true;
    *server.directory.holds.lock().unwrap() = Duration::ZERO;
    assert_eq!(tries(&mine, "dora", OLD).await.unwrap(), wrong);
    assert_eq!(tries(&mine, "dora", OLD).await, None);
    for _ in 0..3 {
        assert_nothing(&other.forgets("dora").signs_in(OLD).await);
    }
    assert_eq!(tried(&server), 3);
    *server.directory.fails.lock().unwrap() = false;
    tries(&mine, "yan", "a guess").await.unwrap();
    *server.directory.blind.lock().unwrap() = true;
    assert_eq!(tries(&server.host("web3").await.captured(&server), "dora", OLD).await.unwrap(), wrong);
    let said = records(&server).await;
    for (why, whose) in [
        ("not verified in time", "-"),
        ("can't be verified", "-"),
        ("is wrong", "-"),
        ("not looked up in time", "dora"),
    ] {
        assert!(said.iter().any(|(reason, account)| reason.contains(why) && account == whose), "{why}: {said:?}");
    }
}

#[tokio::test]
async fn a_host_tries_no_more_than_its_share_of_passwords_in_an_hour_and_right_ones_do_not_count() {
    let server = Server::with("[limits]\nhost_failed_proofs_per_hour = 6\n").await;
    server.imports("dora@example.org").await;
    let (one, other) = (server.host("web1").await, server.host("web2").await);
    let mine = one.captured(&server);
    assert!(tries(&mine, "dora", OLD).await.is_some());
    for number in 0..9 {
        tries(&mine, &format!("u{number}"), "a guess").await;
    }
    assert_eq!(tried(&server), 1 + 3);
    let said = records(&server).await;
    assert_eq!(said.iter().filter(|(reason, _)| reason.contains("too many passwords")).count(), 1, "{said:?}");
    assert!(tries(&other.captured(&server), "u9", "a guess").await.is_some());
    // Its resets go on, and it frees itself.
    assert_ne!(mine.begin(&begin("recover", "zoe", "192.0.2.1"), SOON).await.unwrap().step.ask, 0);
    server.later(3601);
    assert!(tries(&mine, "u8", "a guess").await.is_some());
}

#[tokio::test]
async fn a_required_registration_is_asked_for_at_each_sign_in_on_a_host() {
    let server = Server::with("[register]\nmode = \"required\"\nskip_days = 0\n").await;
    let host = server.asking_host("web1").await;
    for _ in 0..2 {
        let mut dora = host.forgets("dora");
        let step = dora.signs_in(OLD).await;
        assert_eq!(standing(&step), Standing::AskingOrDenied, "{step:?}");
        dora.answers(INVITES, "later").await;
        assert_eq!(standing(&dora.answers("can't be put off", "later").await), Standing::Denied);
    }
    // Two sign-ins at once are asked both.
    let (mut one, mut other) = (host.forgets("dora"), host.forgets("dora"));
    let (one, other) = tokio::join!(one.signs_in(OLD), other.signs_in(OLD));
    assert!([&one, &other].iter().all(|step| standing(step) == Standing::AskingOrDenied), "{one:?} {other:?}");
    // With a wrong password, as of a one-time code behind it, nobody is kept out.
    assert_nothing(&server.asking_host("web2").await.forgets("dora").signs_in("the old one 493817").await);
}

#[tokio::test]
async fn a_captured_host_with_a_password_takes_nothing_away_that_somebody_vouches_for() {
    let server = Server::new().await;
    server.imports("dora@example.org").await;
    server.vouches("dora@second.example", false).await;
    let host = server.asking_host("web1").await;
    let mut dora = host.forgets("dora");
    let asked = dora.signs_in(OLD).await;
    assert!(asked.text.contains("d***@s***.example"), "{asked:?}");
    let step = dora.answers("", "n").await;
    assert!(!ends(&step) && !step.text.contains("d***@s***"), "a code to the other one is wanted: {step:?}");
    let mail = server.mailbox().await;
    assert!(mail.iter().all(|(to, note)| to == "dora@example.org" && !note.contains("Removed")), "{mail:?}");
    let id = server.agent.store.look().await.unwrap().id_at_registration(DORA).await.unwrap().unwrap();
    let have = server
        .agent
        .store
        .look()
        .await
        .unwrap()
        .progress(DORA, id, &server.agent.settings.register.methods)
        .await
        .unwrap();
    assert_eq!((have.methods, have.unconfirmed), (1, 1));
}

#[tokio::test]
async fn a_server_that_is_down_or_frozen_holds_up_no_sign_in_and_asks_nothing() {
    let server = Server::new().await;
    let host = server.asking_host("web1").await;
    let wall = server.wall.clone();
    server.stops().await;
    let start = Instant::now();
    assert_nothing(&host.forgets("dora").signs_in(OLD).await);
    assert!(start.elapsed() < Duration::from_millis(1500));
    let start = Instant::now();
    assert_nothing(&host.forgets("dora").signs_in(OLD).await);
    assert!(start.elapsed() < Duration::from_millis(500), "it is known to be down");

    // It takes connections, and says nothing.
    let frozen = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = machine(frozen.local_addr().unwrap(), &wall, ASKS).await;
    std::fs::create_dir_all(other.fleet.directory()).unwrap();
    let number = std::fs::read_to_string(other.state.path().join(MACHINE_ID)).unwrap();
    let known = host.fleet.identity().unwrap();
    identity::save(other.fleet.directory(), &identity::machine(&number), &known).unwrap();
    let start = Instant::now();
    assert_nothing(&other.forgets("dora").signs_in(OLD).await);
    let took = start.elapsed();
    assert!(took > Duration::from_millis(800) && took < Duration::from_millis(1500), "{took:?}");
}

/// A server that begins every dialogue with the first step, and answers with the others. Then it loses its voice.
struct Says(Step, Mutex<VecDeque<Step>>);

impl Handler for Says {
    async fn begin(&self, _: Peer, _: Begin) -> Result<Begun, Refused> {
        Ok(Begun { handle: "h".into(), step: self.0.clone(), own: false })
    }

    async fn answer(&self, _: Peer, _: Answer, _: bool) -> Result<Step, Refused> {
        let next = self.1.lock().unwrap().pop_front();
        match next {
            Some(step) => Ok(step),
            None => std::future::pending().await,
        }
    }

    async fn leave(&self, _: Peer, _: Leave) -> Result<Done, Refused> {
        Ok(Done {})
    }

    async fn join(&self, _: Peer, _: Join) -> Result<Joined, Refused> {
        Ok(Joined { id: "h1".into(), before: false })
    }

    async fn hello(&self, _: Peer, _: Hello) -> Result<Greeting, Refused> {
        Err(Refused::new(Refusal::Unavailable, ""))
    }
}

fn says(turn: u32, ask: Ask, text: &str) -> Step {
    let standing = if ask == Ask::Nothing { Standing::Finished } else { Standing::Asking };
    Step { turn, standing: standing.to_wire(), ask: ask.to_wire(), text: text.into(), prompt: String::new() }
}

/// A host of a server that says this.
async fn host_of(server: &Server, first: Step, others: &[Step]) -> Host {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), &server.key, Bounds::default()).await.unwrap();
    let address = listener.address().unwrap();
    let handler = Says(first, Mutex::new(others.iter().cloned().collect()));
    tokio::spawn(async move {
        let (_halt, halting) = watch::channel(false);
        listener.serve(Arc::new(handler), halting).await;
    });
    let host = machine(address, &server.wall, ASKS).await;
    let secret = Typed(vec![7; 32].into());
    let token = Token { servers: vec![address.to_string()], pins: vec![server.key.pin()], secret };
    host.fleet.join(None, &token.to_text(), "web1", START).await.unwrap();
    host
}

#[tokio::test]
async fn what_a_server_of_an_earlier_version_says_to_everybody_is_not_shown() {
    let server = Server::new().await;
    for said in [says(1, Ask::Nothing, "You can register: sspr enroll"), says(1, Ask::Line, "Pick one.")] {
        assert_nothing(&host_of(&server, said, &[]).await.forgets("dora").begins("register").await);
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_at_a_password_is_asked_about_the_user_again_after_a_quarter_of_an_hour() {
    let server = Server::new().await;
    let host = host_of(&server, says(1, Ask::Password, ""), &[]).await;
    let start = Instant::now();
    assert_nothing(&host.forgets("dora").signs_in(OLD).await);
    assert!(start.elapsed() < Duration::from_millis(1500));
    assert_nothing(&host.forgets("dora").begins("register").await);
    server.later(901);
    assert_eq!(host.forgets("dora").begins("register").await.ask, Ask::Password.to_wire());
}

#[tokio::test]
async fn who_signs_in_several_times_at_once_is_asked_again_by_a_host_that_asked_only_one_of_them() {
    let server = Server::new().await;
    let answers = [says(2, Ask::Line, "If you ever"), says(2, Ask::Nothing, ""), says(2, Ask::Nothing, "")];
    let host = host_of(&server, says(1, Ask::Password, ""), &answers).await;
    let mut asked = host.forgets("dora");
    assert_eq!(asked.signs_in(OLD).await.ask, Ask::Line.to_wire());
    assert_nothing(&host.forgets("dora").signs_in(OLD).await);
    let mut again = host.forgets("dora");
    assert_eq!(again.begins("register").await.ask, Ask::Password.to_wire());
    asked.leaves();
    assert_nothing(&again.answers("", OLD).await);
    assert_nothing(&host.forgets("dora").begins("register").await);
}
