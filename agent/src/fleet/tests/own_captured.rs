//! A captured host and a captured server, where accounts of the hosts themselves are served.

use std::sync::{Arc, Mutex};

use sspr_config::dialogue::{Ask, Standing, Step};
use sspr_fleet::{
    server::{Bounds, Handler, Listener, Peer},
    token::Token,
    wire::{self, Answer, Begin, Begun, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Typed, VERSION},
};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::{
    is_refused,
    own::{both, password, proves, registers, with_alice},
    world::{Host, NEW, OLD, OWN, SOON, START, Server, begin, ends, machine, standing},
};
use crate::{
    account::Id,
    errand::{Errand, Report},
    random::SystemRandom,
    store::hosts::HostState,
};

pub(super) fn own(purpose: &str, name: &str) -> Begin {
    Begin { own: name.into(), ..begin(purpose, "~nobody", "192.0.2.1") }
}

fn answer(handle: &str, turn: u32, typed: &[u8]) -> Answer {
    Answer { v: VERSION, handle: handle.into(), turn, answer: Typed(Zeroizing::new(typed.to_vec())) }
}

fn errand(step: &wire::Step) -> Option<Errand> {
    Errand::of(&crate::fleet::steps::from_wire(step.clone()))
}

#[tokio::test]
async fn a_captured_host_reaches_nobody_elses_account_by_calling_it_its_own() {
    let (server, host) = both().await;
    server.imports("dora@example.org").await;
    registers(&server, &host).await;
    let captured = with_alice(&server, "web2").await;
    let mine = captured.captured(&server);
    // For its own alice and dora, no code goes to the other ones.
    for name in ["alice", "dora"] {
        let begun = mine.begin(&own("recover", name), SOON).await.unwrap();
        assert!(begun.own);
        mine.answer(&begun.at, &answer(&begun.handle, begun.step.turn, b"e"), false, SOON).await.unwrap();
        assert_eq!(server.mailbox().await, []);
    }
    // No name leads out of its realm.
    for name in ["host:h1/alice", "local/alice", "directory/dora", "a:b", "a\0b", "a\nb"] {
        let refused = mine.begin(&own("recover", name), SOON).await.unwrap_err();
        assert!(is_refused(&refused, Refusal::Malformed), "{name:?}: {refused}");
    }
    // It says that its dora's password is correct, and registers a mailbox of its own: good on this host alone.
    let begun = mine.begin(&own("enroll", "dora"), SOON).await.unwrap();
    let mut step = mine.answer(&begun.at, &answer(&begun.handle, 1, b"typed"), true, SOON).await.unwrap();
    assert_eq!(errand(&step), Some(Errand::Verify));
    let next = async |step: &wire::Step, typed: &[u8]| {
        mine.answer(&begun.at, &answer(&begun.handle, step.turn, typed), false, SOON).await.unwrap()
    };
    let eligible = Report::Account { id: Id::from(1001), verdict: 0, admin: false, locked: false };
    step = next(&step, &Report::Verified { right: true }.to_answer()).await;
    let mut typed: Vec<Zeroizing<Vec<u8>>> =
        vec![Zeroizing::new(b"email".to_vec()), Zeroizing::new(b"evil@example.org".to_vec())];
    typed.reverse();
    for _ in 0..12 {
        if step.text.contains("on its way") {
            let code = server.the_code().await;
            step = next(&step, code.as_bytes()).await;
        } else if errand(&step) == Some(Errand::Account) {
            step = next(&step, &eligible.to_answer()).await;
        } else if let Some(typed) = typed.pop() {
            step = next(&step, &typed).await;
        } else {
            break;
        }
    }
    assert!(server.directory.asked.lock().unwrap().is_empty() && server.directory.tried.lock().unwrap().is_empty());
    server.mailbox().await;
    server.later(120);
    let mut dora = host.forgets("dora");
    dora.begins("recover").await;
    dora.answers("How do you want", "e").await;
    let mail = server.mailbox().await;
    assert_eq!(mail.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["dora@example.org"]);
}

#[tokio::test]
async fn a_captured_host_that_is_paused_or_whose_server_does_not_want_it_serves_no_account_of_its_own() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    let mine = host.captured(&server);
    let begun = mine.begin(&own("recover", "alice"), SOON).await.unwrap();
    server.is(&host, HostState::Paused).await;
    let refused = mine.answer(&begun.at, &answer(&begun.handle, 1, b"e"), false, SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::NotJoined));
    let without = Server::new().await;
    let host = without.host_with("web1", OWN).await;
    let begun = host.captured(&without).begin(&own("recover", "alice"), SOON).await.unwrap();
    assert!(!begun.own);
    let at_sign_in = server.host_with("web3", OWN).await;
    let refused = at_sign_in.captured(&server).begin(&own("register", "alice"), SOON).await.unwrap_err();
    assert!(is_refused(&refused, Refusal::Denied));
}

#[tokio::test]
async fn an_answer_to_an_errand_counts_once_and_an_answer_of_a_person_is_no_report() {
    let (server, host) = both().await;
    let mine = host.captured(&server);
    let begun = mine.begin(&own("enroll", "alice"), SOON).await.unwrap();
    let step = mine.answer(&begun.at, &answer(&begun.handle, 1, b"typed"), true, SOON).await.unwrap();
    assert_eq!(errand(&step), Some(Errand::Verify));
    let report = answer(&begun.handle, step.turn, b"yes");
    let last = mine.answer(&begun.at, &report, false, SOON).await.unwrap();
    assert_eq!(mine.answer(&begun.at, &report, false, SOON).await.unwrap(), last);
    assert_eq!((last.ask, Standing::from_wire(last.standing)), (0, Some(Standing::Refused)), "{last:?}");
}

/// The text of a step in place of which the server says that it has no such dialogue.
const FORGOTTEN: &str = "forgotten";

/// A server that follows its script, and notes what it hears.
struct Script {
    steps: Mutex<Vec<wire::Step>>,
    heard: Mutex<Vec<Vec<u8>>>,
    /// Whether it says that it serves the account.
    own: bool,
}

impl Handler for Script {
    async fn begin(&self, _: Peer, _: Begin) -> Result<Begun, Refused> {
        Ok(Begun { handle: "h".into(), step: self.steps.lock().unwrap().pop().unwrap(), own: self.own })
    }

    async fn answer(&self, _: Peer, answer: Answer, _: bool) -> Result<wire::Step, Refused> {
        self.heard.lock().unwrap().push(answer.answer.0.to_vec());
        let step = self.steps.lock().unwrap().pop().unwrap();
        if step.text == FORGOTTEN { Err(Refused::new(Refusal::NoDialogue, "it is over")) } else { Ok(step) }
    }

    async fn leave(&self, _: Peer, _: Leave) -> Result<Done, Refused> {
        Ok(Done {})
    }

    async fn join(&self, _: Peer, _: Join) -> Result<Joined, Refused> {
        Ok(Joined { id: "h1".into(), before: false })
    }

    async fn hello(&self, _: Peer, _: Hello) -> Result<Greeting, Refused> {
        Ok(Greeting {
            version: "0".into(),
            state: "active".into(),
            rekey: false,
            next: None,
            pins: Vec::new(),
            local_accounts: true,
        })
    }
}

const CHANGE: &str = r#"{"do":"change","id":"ID"}"#;
const UNLOCK: &str = r#"{"do":"unlock","id":"ID"}"#;

/// Plays a script against alice, who gives these answers. Returns what the server heard, the last step, and her host.
async fn plays(purpose: &str, script: Vec<(Ask, Standing, String)>, answers: &[&str]) -> (Vec<String>, Step, Host) {
    plays_as(purpose, script, answers, (false, true)).await
}

/// The same, where alice may be an administrator, and the server may say that it does not serve her.
async fn plays_as(
    purpose: &str,
    script: Vec<(Ask, Standing, String)>,
    answers: &[&str],
    (admin, own): (bool, bool),
) -> (Vec<String>, Step, Host) {
    let server = Server::new().await;
    let mut steps: Vec<wire::Step> = script
        .into_iter()
        .zip(1..)
        .map(|((ask, standing, text), turn)| {
            // A text that is an errand's is one.
            let ask = if text.starts_with('{') { 250 } else { ask.to_wire() };
            wire::Step { turn, standing: standing.to_wire(), ask, text, prompt: "? ".into() }
        })
        .collect();
    steps.reverse();
    let script = Arc::new(Script { steps: Mutex::new(steps), heard: Mutex::default(), own });
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), &server.key, Bounds::default()).await.unwrap();
    let address = listener.address().unwrap();
    let (_halt, halting) = watch::channel(false);
    let task = tokio::spawn(listener.serve(script.clone(), halting));
    let host = machine(address, &server.wall, OWN).await;
    host.machine.passwords.lock().unwrap().insert("alice".into(), OLD.into());
    *host.machine.admins.lock().unwrap() = admin;
    let secret = Typed(vec![7; 32].into());
    let token = Token { servers: vec![address.to_string()], pins: vec![server.key.pin()], secret };
    host.fleet.join(None, &token.to_text(), "web1", START).await.unwrap();
    let id = host.fleet.mark(&SystemRandom, "alice", 1001).unwrap().unwrap();
    for step in script.steps.lock().unwrap().iter_mut() {
        step.text = step.text.replace("\"ID\"", &format!("\"{}\"", id.as_str()));
    }
    let last = {
        let mut alice = if purpose == "recover" { host.forgets("alice") } else { host.in_her_shell() };
        let mut last = alice.begins(purpose).await;
        for answer in answers {
            last = alice.answers("", answer).await;
        }
        last
    };
    task.abort();
    let heard = script.heard.lock().unwrap().iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    (heard, last, host)
}

fn does(errand: &str) -> (Ask, Standing, String) {
    (Ask::Nothing, Standing::Asking, errand.into())
}

fn asks(ask: Ask) -> (Ask, Standing, String) {
    (ask, Standing::Asking, String::new())
}

fn over(standing: Standing) -> (Ask, Standing, String) {
    (Ask::Nothing, standing, String::new())
}

#[tokio::test]
async fn a_captured_server_hears_no_password_of_an_account_of_the_host() {
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), does(CHANGE), over(Standing::Recovered)];
    let (heard, last, host) = plays("recover", script, &[NEW, NEW]).await;
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Recovered, NEW));
    assert!(heard.iter().all(|text| !text.contains("plover")) && heard[..2] == ["typed", "typed"], "{heard:?}");
    let script = vec![asks(Ask::Secret), does(r#"{"do":"verify"}"#), over(Standing::Finished)];
    let (heard, _, _) = plays("enroll", script, &[OLD]).await;
    assert_eq!(heard, ["typed", r#"{"report":"verified","right":true}"#]);
    for ask in [Ask::Secret, Ask::NewPassword] {
        for purpose in ["recover", "enroll"] {
            let (heard, _, _) = plays(purpose, vec![asks(ask), over(Standing::Finished)], &["bramble"]).await;
            assert!(heard.iter().all(|text| text != "bramble"), "{purpose} {ask:?}: {heard:?}");
        }
    }
}

#[tokio::test]
async fn a_captured_server_that_says_that_it_does_not_serve_her_hears_no_password_and_has_nothing_set_either() {
    for ask in [Ask::Secret, Ask::NewPassword] {
        let script = vec![asks(ask), over(Standing::Refused)];
        let (heard, _, _) = plays_as("recover", script, &["bramble thicket"], (false, false)).await;
        assert!(heard.len() == 1 && heard[0] != "bramble thicket", "{ask:?}: {heard:?}");
    }
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), does(CHANGE), over(Standing::Recovered)];
    let (heard, last, host) = plays_as("recover", script, &[NEW, NEW], (false, false)).await;
    assert_eq!((standing(&last), password(&host).as_str()), (Standing::Refused, OLD), "{last:?}");
    assert_eq!(heard, ["typed", "typed"]);
}

#[tokio::test]
async fn a_captured_server_has_nothing_set_that_nobody_typed_twice_for_a_reset_and_claims_none() {
    let change = || does(CHANGE);
    let refused = "refused";
    // Without a password, with one that was typed once, and outside a reset.
    for (purpose, script, answers) in [
        ("recover", vec![asks(Ask::Line), change(), over(Standing::Recovered)], vec!["e"]),
        ("recover", vec![asks(Ask::NewPassword), change(), over(Standing::Recovered)], vec![NEW]),
        (
            "recover",
            vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), over(Standing::Recovered)],
            vec![NEW, OLD],
        ),
        (
            "enroll",
            vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), over(Standing::Recovered)],
            vec![NEW, NEW],
        ),
    ] {
        let (heard, last, host) = plays(purpose, script, &answers).await;
        assert!(heard.last().unwrap().contains(refused), "{heard:?}");
        assert_eq!((standing(&last), password(&host).as_str()), (Standing::Refused, OLD), "{last:?}");
    }
    // One that was typed twice is tried once.
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), change(), change(), over(Standing::Recovered)];
    let (heard, _, host) = plays("recover", script, &[NEW, NEW]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    let asked = host.machine.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().filter(|call| call.starts_with("change")).count(), 1, "{asked:?}");
    // A password is tried once for each time that it was typed, and never in a reset.
    let verify = || does(r#"{"do":"verify"}"#);
    let script = vec![asks(Ask::Secret), verify(), verify(), over(Standing::Finished)];
    let (heard, _, _) = plays("enroll", script, &[OLD]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    let (heard, _, _) = plays("recover", vec![asks(Ask::Secret), verify(), over(Standing::Finished)], &[OLD]).await;
    assert!(heard.last().unwrap().contains(refused), "{heard:?}");
    // Nothing is unlocked outside a reset, and an errand that is not known is none.
    let unlock = || does(UNLOCK);
    for (purpose, answer) in [("enroll", "unlock"), ("recover", "e"), ("recover", "")] {
        let script = vec![asks(Ask::Line), unlock(), over(Standing::Finished)];
        let (heard, _, _) = plays(purpose, script, &[answer]).await;
        assert!(heard.last().unwrap().contains(refused), "{purpose} {answer}: {heard:?}");
    }
    // Whoever wants it unlocked has that done once, and reads it.
    for word in ["unlock", "\u{ff35}\u{ff2e}\u{ff2c}\u{ff2f}\u{ff23}\u{ff2b}"] {
        let script = vec![asks(Ask::Line), unlock(), unlock(), asks(Ask::Line)];
        let (heard, last, _) = plays("recover", script, &[word]).await;
        assert!(heard[1].contains("unlocked") && heard[2].contains(refused), "{word}: {heard:?}");
        assert!(ends(&last) && last.text.contains("unlocked"), "{word}: {last:?}");
    }
    let later = does(r#"{"do":"something-new"}"#);
    let (heard, _, _) = plays("recover", vec![asks(Ask::Line), later, over(Standing::Finished)], &["e"]).await;
    assert!(heard.last().unwrap().contains("unavailable"), "{heard:?}");
}

#[tokio::test]
async fn a_captured_server_can_not_hide_that_a_password_was_set() {
    let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), does(CHANGE), asks(Ask::Line)];
    let (_, last, host) = plays("recover", script, &[NEW, NEW]).await;
    assert_eq!((standing(&last), last.ask, password(&host).as_str()), (Standing::Recovered, 0, NEW), "{last:?}");
    assert!(last.text.contains("SSH key"), "{last:?}");
    // Nor by forgetting the dialogue, and going on with one in which it is set.
    for next in [Ask::Line, Ask::NewPassword, Ask::Secret] {
        let forgets = (Ask::Nothing, Standing::Asking, FORGOTTEN.to_owned());
        let script = vec![asks(Ask::NewPassword), asks(Ask::Secret), forgets, does(CHANGE), asks(next)];
        let (_, last, host) = plays("recover", script, &[NEW, NEW]).await;
        assert_eq!((standing(&last), last.ask, password(&host).as_str()), (Standing::Recovered, 0, NEW), "{last:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_stops_asking_the_host_is_given_up() {
    let script = std::iter::once(asks(Ask::Line)).chain((0..20).map(|_| does(r#"{"do":"account"}"#))).collect();
    let (heard, last, _) = plays("recover", script, &["e"]).await;
    assert!(ends(&last) && heard.len() < 12, "{heard:?}");
}

#[tokio::test]
async fn an_administrator_of_the_host_is_not_served_whatever_the_server_says() {
    let (server, host) = both().await;
    registers(&server, &host).await;
    *host.machine.admins.lock().unwrap() = true;
    let mut alice = host.forgets("alice");
    let step = proves(&server, &mut alice).await;
    assert_eq!((standing(&step), step.ask), (Standing::Refused, 0), "{step:?}");
    let other = with_alice(&server, "web2").await;
    *other.machine.admins.lock().unwrap() = true;
    assert_eq!(standing(&other.in_her_shell().begins("enroll").await), Standing::Refused);
    for (errand, answers) in
        [(CHANGE, vec![asks(Ask::NewPassword), asks(Ask::Secret)]), (UNLOCK, vec![asks(Ask::Line)])]
    {
        let typed = if errand == UNLOCK { vec!["unlock"] } else { vec![NEW, NEW] };
        let script = [answers, vec![does(errand), over(Standing::Recovered)]].concat();
        let (heard, last, host) = plays_as("recover", script, &typed, (true, true)).await;
        assert!(heard.last().unwrap().contains("refused") && standing(&last) == Standing::Refused, "{heard:?}");
        let asked = host.machine.asked.lock().unwrap().clone();
        assert!(!asked.iter().any(|call| call.starts_with("change") || call.starts_with("unlock")), "{asked:?}");
    }
}
