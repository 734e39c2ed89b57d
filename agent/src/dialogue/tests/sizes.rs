//! What the agent holds for each who is asked something. There may be two thousand at a time.

use std::{mem::size_of_val, time::Duration};

use sspr_config::{dialogue::Purpose, language::Language};
use tokio::time::Instant;

use super::world::World;
use crate::{
    account::Name,
    dialogue::{Caller, Screen, Talk, hold, recovery},
    proof::{Account, Attempt},
};

#[tokio::test]
async fn whoever_is_asked_takes_up_the_room_of_that_dialogue_and_not_of_the_largest() {
    let world = World::new().await;
    let deadline = Instant::now() + Duration::from_mins(1);
    let (service, source) = ("sshd".into(), "192.0.2.1".into());
    let caller = Caller { uid: 0, service, source, screen: Screen::default(), language: None };
    let account = Account::new(&world.agent.keys, Name::local("alice"));
    let attempt = Attempt { account, purpose: Purpose::Recover, dialogue: String::new(), began: 0, caller };
    let s = world.agent.session(Language::English, attempt);
    let (mut talk, ..) = Talk::new(s.texts.clone(), s.clock.clone(), deadline);
    let any = size_of_val(&hold(&mut talk, &s));
    let reset = size_of_val(&recovery(&mut talk, &s));
    assert!(any <= 128, "{any} bytes wherever a dialogue is held");
    assert!(reset <= 3072, "{reset} bytes for each at the menu of a reset");
}
