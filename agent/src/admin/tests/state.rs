//! The state for monitoring.

use std::sync::atomic::Ordering;

use super::{Office, START};
use crate::{
    admin::{codes, state, wire::LastAnswer, wire_of_state::Waiting},
    audit::Event,
    proof::{self, To},
};
use sspr_config::settings::Method;

#[tokio::test(flavor = "current_thread")]
async fn what_waits_to_be_sent_its_age_and_what_the_gateways_answered_are_told() {
    let office = Office::new().await;
    office.register("alice", "alice@example.org").await;
    let state = async || state::state(&office.agent).await.unwrap();
    assert_eq!((state().await.waiting, state().await.since), (Waiting::default(), START));
    proof::send(&office.session("alice", "d"), To::Registered(Method::Email, None)).await.unwrap();
    office.wall.0.fetch_add(90, Ordering::SeqCst);
    assert_eq!(state().await.waiting, Waiting { messages: 1, oldest: 90 });
    // The clock was set back.
    office.wall.0.fetch_sub(900, Ordering::SeqCst);
    assert_eq!(state().await.waiting, Waiting { messages: 1, oldest: 0 });
    assert!(state().await.gateways.iter().all(|gateway| gateway.last.is_none()));
    let answer = LastAnswer { at: START, why: Some("no route".into()), unsure: false };
    office.agent.deliveries.answered(Method::Phone, answer.clone());
    let gateways = state().await.gateways;
    let told: Vec<_> = gateways.iter().map(|gateway| (gateway.method.as_str(), gateway.last.clone())).collect();
    assert_eq!(told, [("email", None), ("phone", Some(answer))], "an app needs no gateway");
}

#[tokio::test(flavor = "current_thread")]
async fn what_happened_is_counted_by_its_outcome() {
    let office = Office::new().await;
    let s = office.session("alice", "d");
    for event in [Event::Recovered, Event::Refused, Event::Refused, Event::Blocked, Event::Unlocked, Event::CodeWrong] {
        s.record(event, "");
    }
    codes::issue(&office.root(), "alice").await.unwrap();
    // A code that was refused does not count.
    let label = crate::admin::wire::Label { login: Some(1001), sudo: None };
    assert!(codes::issue(&office.by(label), "alice").await.is_err());
    let counted = state::state(&office.agent).await.unwrap().counted;
    assert_eq!((counted.reset, counted.refused, counted.suspended, counted.unlocked), (1, 2, 1, 1));
    assert_eq!((counted.codes, counted.codes_wrong, counted.desk_codes), (0, 1, 1));
}
