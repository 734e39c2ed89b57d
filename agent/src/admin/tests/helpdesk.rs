//! The help desk without root: which callers are admitted, for which accounts it can do nothing, and its limits.

use serde_json::{Value, json};

use super::{Office, START};
use crate::{
    account::Name,
    admin::{
        Error,
        helpdesk::{DeskVerb, HelpDesk},
    },
    helpdesk_codes,
    principal::Principal,
    store::HelpdeskCodes,
};

const DORA: u32 = 1010;
const DIRK: u32 = 1011;

/// dora and dirk are the help desk, erin can become root by docker, and the groups of "untold" are unknown.
async fn office(more: &str) -> Office {
    let text = format!("[helpdesk]\ngroup = \"desk\"\n{more}");
    let office =
        Office::and(&text, &[("dora", DORA), ("dirk", DIRK), ("erin", 1012), ("untold", 1013), ("root2", 0)]).await;
    office.register("alice", "alice@example.org").await;
    office
}

const ALL: [DeskVerb; 5] =
    [DeskVerb::Show, DeskVerb::Code, DeskVerb::Unblock, DeskVerb::Verify, DeskVerb::VerifyAnswer];

impl Office {
    /// The answer to the caller with `uid` who asks for `verb` about `user`.
    async fn asks(&self, uid: u32, verb: DeskVerb, user: &str) -> Result<Value, Error> {
        let what = json!({ "user": user, "handle": "none", "code": "123456" });
        self.asks_for(uid, verb, &what).await
    }

    async fn asks_for(&self, uid: u32, verb: DeskVerb, what: &Value) -> Result<Value, Error> {
        let desk = HelpDesk::new(self.agent.clone());
        let who = Principal::new(uid, ":1.9").in_process(Some(4711));
        desk.call(&who, verb, &what.to_string()).await.map(|said| serde_json::from_str(&said).unwrap())
    }

    /// The records of the help desk: actor, event, account and outcome.
    async fn told(&self) -> Vec<(String, String, String, String)> {
        let records = self.records().await.into_iter().filter(|record| record.service == "help desk");
        records.map(|r| (r.actor, r.event, r.account, r.outcome)).collect()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn who_is_no_member_learns_nothing_of_any_account_and_leaves_no_record() {
    let office = office("").await;
    // An ordinary user, an administrator, a user without an account, and root by another name.
    for uid in [1002, 1003, 4242, 1013, 0, u32::MAX] {
        for verb in ALL {
            for user in ["alice", "nobody at all"] {
                let said = office.asks(uid, verb, user).await.unwrap_err();
                assert!(matches!(said, Error::Denied(_)), "{uid} {verb:?} {user}: {said}");
            }
        }
    }
    assert!(office.records().await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_member_is_told_so_and_of_which_group_which_is_not_recorded_and_nobody_else_is() {
    let office = office("").await;
    let said = office.asks_for(DORA, DeskVerb::Member, &json!({})).await.unwrap();
    assert_eq!(said, json!({ "group": "desk" }));
    for uid in [1002, 1003, 4242, 1013, 0] {
        let said = office.asks_for(uid, DeskVerb::Member, &json!({})).await.unwrap_err();
        assert!(matches!(said, Error::Denied(_)), "{uid}: {said}");
    }
    assert!(office.records().await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_group_in_the_settings_the_help_desk_is_nobody() {
    for text in ["", "[helpdesk]\ngroup = \"\"\n", "[helpdesk]\ngroup = \"another\"\n"] {
        let office = Office::and(text, &[("dora", DORA)]).await;
        for verb in ALL {
            assert!(matches!(office.asks(DORA, verb, "alice").await, Err(Error::Denied(_))), "{text:?} {verb:?}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_member_sees_contacts_masked_gives_a_code_and_ends_a_suspension_under_their_own_name() {
    let office = office("").await;
    let shown = office.asks(DORA, DeskVerb::Show, "alice").await.unwrap();
    assert_eq!(shown["contacts"][0]["contact"], "a***@e***.org");
    let code = office.asks(DORA, DeskVerb::Code, "alice").await.unwrap();
    office.wear_out("alice").await;
    assert_eq!(office.asks(DORA, DeskVerb::Unblock, "alice").await.unwrap(), json!({ "changed": true }));
    let mut tx = office.agent.begin().await.unwrap();
    let plain = helpdesk_codes::tidy(code["code"].as_str().unwrap()).unwrap();
    let found = HelpdeskCodes::find(&mut tx, &office.agent.keys, Name::local("alice"), &plain, START).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found.unwrap().issuer, "dora");

    let reveal = json!({ "user": "alice", "reveal": true });
    let said = office.asks_for(DORA, DeskVerb::Show, &reveal).await.unwrap_err();
    assert!(matches!(said, Error::Denied(_)), "{said}");
    let event = |event: &str| ("dora".to_owned(), event.to_owned(), "alice".to_owned(), "success".to_owned());
    let events = ["Security info viewed (help desk)", "Help desk code issued", "Unblock self-service (admin)"];
    assert_eq!(office.told().await, events.map(event));
    let records = office.records().await;
    assert!(records.iter().all(|record| record.source == "uid 1010"), "{records:?}");
    let all = serde_json::to_string(&records).unwrap();
    assert!(!all.contains(code["code"].as_str().unwrap()) && !all.contains("example.org"), "{all}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_member_can_do_nothing_for_administrators_other_members_themselves_and_whose_groups_can_not_be_told() {
    let office = office("").await;
    let refused = [
        ("root", "root's or a system account"),
        ("root2", "root's or a system account"),
        ("daemon", "root's or a system account"),
        ("carol", "administrator's"),
        ("erin", "administrator's"),
        ("dirk", "a member of the help desk"),
        ("untold", "groups can't be told"),
        ("dora", "your own account"),
    ];
    for (user, reason) in refused {
        for verb in ALL {
            let said = office.asks(DORA, verb, user).await;
            // An account with uid 0 under another name is not a user's account at all.
            let Err(Error::Refused(said)) = said else { panic!("{user} {verb:?}: {said:?}") };
            assert!(said.contains(reason), "{user} {verb:?}: {said}");
        }
    }
    let told = office.told().await;
    assert_eq!(told.len(), refused.len() * ALL.len());
    assert!(told.iter().all(|(actor, _, _, outcome)| actor == "dora" && outcome == "failure"), "{told:?}");
    let said = office.asks(DORA, DeskVerb::Show, "nobody at all").await.unwrap_err();
    assert!(matches!(said, Error::NotFound(_)), "{said}");
    assert!(!serde_json::to_string(&office.records().await).unwrap().contains("nobody at all"));
}

#[tokio::test(flavor = "current_thread")]
async fn one_member_gives_only_so_many_codes_an_hour_and_another_one_has_codes_of_their_own() {
    let office = office("codes_per_hour = 2\n").await;
    for _ in 0..2 {
        office.asks(DORA, DeskVerb::Code, "alice").await.unwrap();
    }
    for _ in 0..3 {
        let said = office.asks(DORA, DeskVerb::Code, "bob").await.unwrap_err().to_string();
        assert!(said.contains("too many codes within an hour"), "{said}");
    }
    office.asks(DIRK, DeskVerb::Code, "bob").await.unwrap();
    let limited = office.told().await.into_iter().filter(|(_, event, ..)| event == "Help desk limit reached");
    assert_eq!(limited.count(), 1, "recorded once, however often it is tried");
    office.wall.0.fetch_add(3601, std::sync::atomic::Ordering::SeqCst);
    office.asks(DORA, DeskVerb::Code, "bob").await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn one_member_can_not_read_everybody_s_contacts_within_an_hour() {
    let office = office("").await;
    for _ in 0..300 {
        office.asks(DORA, DeskVerb::Show, "bob").await.unwrap();
    }
    let said = office.asks(DORA, DeskVerb::Show, "alice").await.unwrap_err().to_string();
    assert!(said.contains("too many requests"), "{said}");
    office.asks(DIRK, DeskVerb::Show, "alice").await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn junk_and_what_is_too_long_is_refused() {
    let office = office("").await;
    let desk = HelpDesk::new(office.agent.clone());
    let who = Principal::new(DORA, ":1.9");
    for what in ["", "[", "{\"user\": 7}", "\0"] {
        let said = desk.call(&who, DeskVerb::Code, what).await.unwrap_err();
        assert!(matches!(said, Error::Malformed(_)), "{what:?}: {said}");
    }
    let long = json!({ "user": "a".repeat(5000) }).to_string();
    assert!(matches!(desk.call(&who, DeskVerb::Show, &long).await, Err(Error::Malformed(_))));
}
