//! Many simultaneous users, each over their own connection, with the real agent and the real helper.

use std::sync::Arc;

use sspr_agent::credential::client::Credentials as _;
use sspr_config::dialogue::Standing;
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    Agent, Terminal, code,
    host::{Host, OLD, on_a_host},
    messages, register,
};

/// A code to reset the password of `name`, requested over a connection that is gone now.
async fn code_for(host: &Host, name: &str) -> String {
    let before = messages(0).await.len();
    let mut terminal = Terminal::begin(host, "recover", name).await;
    terminal.answer("e").await;
    code(messages(before + 1).await.last().unwrap())
}

/// This many terminals that begin a recovery of `name`, each from another place.
async fn terminals(host: &Host, name: &str, count: usize) -> Vec<Terminal> {
    let mut terminals = Vec::new();
    for n in 0..count {
        terminals.push(Terminal::begin_from(host, "recover", name, &format!("198.51.100.{n}")).await);
    }
    terminals
}

/// A new password that only `n` uses.
fn password(n: usize) -> String {
    format!("plover tundra biscuit {n}")
}

/// All of them answer each question at the same time, each with a different new password. Returns the outcome of each.
async fn race(terminals: Vec<Terminal>, code: &str) -> Vec<(usize, Standing)> {
    let together = Arc::new(Barrier::new(terminals.len()));
    let mut all = JoinSet::new();
    for (n, mut terminal) in terminals.into_iter().enumerate() {
        let (together, code) = (together.clone(), code.to_owned());
        all.spawn(async move {
            for answer in [code, password(n), password(n)] {
                together.wait().await;
                if terminal.standing() == Standing::Asking {
                    terminal.answer(&answer).await;
                }
            }
            (n, terminal.standing())
        });
    }
    all.join_all().await
}

/// Exactly one recovered; that one's password signs in, and it was written once.
async fn one_won(host: &Host, name: &str, ended: &[(usize, Standing)]) {
    let winners: Vec<_> = ended.iter().filter(|(_, standing)| *standing == Standing::Recovered).collect();
    let [(winner, _)] = winners.as_slice() else { panic!("{ended:?}\n{}", host.log()) };
    let losers = ended.iter().filter(|(n, _)| n != winner);
    assert!(losers.clone().all(|(_, standing)| matches!(standing, Standing::Refused | Standing::Asking)), "{ended:?}");
    let credentials = host.credentials().await;
    assert_eq!(credentials.verify(name, password(*winner).as_bytes()).await, Ok(true));
    let loser = losers.map(|(n, _)| *n).next().unwrap();
    for wrong in [password(loser), OLD.to_owned()] {
        assert_eq!(credentials.verify(name, wrong.as_bytes()).await, Ok(false));
    }
    assert_eq!(host.log().matches(&format!("changed user=\"{name}\"")).count(), 1, "{}", host.log());
}

#[test]
fn of_fifty_connections_with_the_right_code_at_once_exactly_one_changes_the_password() {
    let name = "races::of_fifty_connections_with_the_right_code_at_once_exactly_one_changes_the_password";
    on_a_host(name, async |host: &Host| {
        host.user("alice");
        let _agent = Agent::start(host).await;
        register(host, "alice").await;
        let code = code_for(host, "alice").await;
        let fifty = terminals(host, "alice", 50).await;
        assert!(fifty.iter().all(|terminal| terminal.step.text.contains("sent by email before")));
        one_won(host, "alice", &race(fifty, &code).await).await;
        // The code is useless to anybody who comes later.
        let mut late = Terminal::begin_from(host, "recover", "alice", "203.0.113.1").await;
        late.shows("sent by email before");
        late.answer(&code).await;
        late.shows("has expired");
    });
}

#[test]
fn of_two_recoveries_of_one_account_with_different_new_passwords_one_holds_and_the_other_is_refused() {
    let name =
        "races::of_two_recoveries_of_one_account_with_different_new_passwords_one_holds_and_the_other_is_refused";
    on_a_host(name, async |host: &Host| {
        let _agent = Agent::start(host).await;
        for user in ["alice", "bob", "carol"] {
            host.user(user);
            register(host, user).await;
            let code = code_for(host, user).await;
            let mut two = terminals(host, user, 2).await;
            for terminal in &mut two {
                terminal.answer(&code).await;
                terminal.shows("New password");
            }
            let [one, two] = [two.remove(0), two.remove(0)];
            let (one, two) = tokio::join!(chooses(one, 0), chooses(two, 1));
            one_won(host, user, &[(0, one), (1, two)]).await;
        }
    });
}

async fn chooses(mut terminal: Terminal, n: usize) -> Standing {
    terminal.answer(&password(n)).await;
    terminal.shows("Type it again");
    terminal.answer(&password(n)).await;
    terminal.standing()
}
