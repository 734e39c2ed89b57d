//! What the agent holds for each who is asked something. There may be two thousand at a time.

use std::{mem::size_of_val, time::Duration};

use sspr_config::dialogue::Purpose;
use tokio::time::Instant;

use super::world::World;
use crate::{
    dialogue::{Caller, Screen, Talk, hold, recovery},
    proof::{Account, Case},
};

#[tokio::test]
async fn whoever_is_asked_takes_up_the_room_of_that_dialogue_and_not_of_the_largest() {
    let doors = World::new().await.doors;
    let deadline = Instant::now() + Duration::from_mins(1);
    let (mut talk, ..) = Talk::new(doors.texts.clone(), doors.clock.clone(), deadline);
    let (service, source) = ("sshd".into(), "192.0.2.1".into());
    let caller = Caller { uid: 0, service, source, screen: Screen::default(), language: None };
    let account = Account::new(&doors, "alice");
    let case = Case { account, purpose: Purpose::Recover, dialogue: String::new(), began: 0, caller: caller.clone() };
    let any = size_of_val(&hold(&mut talk, &doors, &caller, &case));
    let reset = size_of_val(&recovery(&mut talk, &doors, &caller, &case));
    assert!(any <= 128, "{any} bytes wherever a dialogue is held");
    assert!(reset <= 3072, "{reset} bytes for each at the menu of a reset");
}
