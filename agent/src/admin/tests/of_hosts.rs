//! Accounts of the hosts of a fleet themselves, and hosts that were revoked or rebuilt.

use sspr_config::dialogue::Purpose;
use sspr_protocol::fleet::{Change, HostChange, HostChanged};

use super::{Office, START, whom, why};
use crate::{
    account::{DIRECTORY, Id, LOCAL, Name},
    admin::{
        erase, export, hosts, pages, people, trail,
        wire::{AuditOf, People, PeopleOf},
    },
    audit::{Deed, Event},
    contact::{Contact, EmailAddress},
    limits,
    proof::Account,
    random::SystemRandom,
    store::{
        Hosts, Overviews, Registrations,
        audit::Query,
        hosts::{Host, HostState},
    },
};

/// The server of a fleet with these hosts.
async fn server(hosts: &[(&str, &str, HostState)]) -> Office {
    let office = Office::new().await;
    let mut tx = office.agent.begin().await.unwrap();
    for (id, name, state) in hosts {
        let host = Host {
            id: (*id).into(),
            pin: format!("pin of {id}"),
            name: (*name).into(),
            group: String::new(),
            state: *state,
            joined: START,
            seen: START,
            version: "1".into(),
            counter: 0,
            keyed: START,
            next: None,
            knows: String::new(),
        };
        Hosts::add(&mut tx, &host).await.unwrap();
    }
    tx.commit().await.unwrap();
    office
}

async fn registers(office: &Office, realm: &str, name: &str) {
    let contact = Contact::Email(EmailAddress::parse("somebody@example.org").unwrap());
    let mut tx = office.agent.begin().await.unwrap();
    let name = Name { realm, name };
    Registrations::add_contact(&mut tx, &office.agent.keys, &SystemRandom, name, Id::from(1001), &contact, START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn registered(office: &Office, realm: &str) -> Vec<String> {
    let mut tx = office.agent.begin().await.unwrap();
    Overviews::names(&mut tx, realm).await.unwrap()
}

async fn changes(office: &Office, host: &str, change: Change) -> Result<HostChanged, crate::admin::Error> {
    hosts::change(&office.root(), &HostChange { host: host.into(), change, name: String::new() }).await
}

const REBUILT: [(&str, &str, HostState); 3] =
    [("h1", "web1", HostState::Revoked), ("h2", "web1", HostState::Active), ("h3", "web3", HostState::Active)];

#[tokio::test(flavor = "current_thread")]
async fn a_revoked_host_leaves_registrations_of_its_own_accounts_which_are_told_and_deleted_on_request() {
    let office = server(&[("h1", "web1", HostState::Active), ("h2", "web2", HostState::Active)]).await;
    for (realm, name) in
        [("host:h1", "alice"), ("host:h1", "bob"), ("host:h2", "alice"), (DIRECTORY, "alice"), (LOCAL, "alice")]
    {
        registers(&office, realm, name).await;
    }
    let refused = why(changes(&office, "web1", Change::Forget).await);
    assert!(refused.contains("h1 (web1) is not revoked") && refused.contains("hosts revoke h1"), "{refused}");
    assert_eq!(changes(&office, "web2", Change::Pause).await.unwrap().registrations, None);
    let revoked = changes(&office, "web1", Change::Revoke).await.unwrap();
    assert_eq!((revoked.host.state.as_str(), revoked.registrations), ("revoked", Some(2)));
    assert_eq!(registered(&office, "host:h1").await, ["alice", "bob"], "nothing goes by itself");
    assert_eq!(changes(&office, "web1", Change::Forget).await.unwrap().registrations, Some(2));
    assert_eq!(registered(&office, "host:h1").await, <[String; 0]>::default());
    for realm in ["host:h2", DIRECTORY, LOCAL] {
        assert_eq!(registered(&office, realm).await, ["alice"], "{realm}");
    }
    assert_eq!(office.notifications().await, <[String; 0]>::default());
    let records = office.records().await;
    let [.., alice, bob, host] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((alice.account.as_str(), bob.account.as_str()), ("host:h1/alice", "host:h1/bob"));
    assert_eq!(alice.event, "Reset security info (admin)");
    assert!(host.reason.contains("host h1 (web1): 2 registrations deleted"), "{host:?}");
    assert_eq!(changes(&office, "h1", Change::Forget).await.unwrap().registrations, Some(0));
    assert!(why(changes(&office, "web9", Change::Forget).await).contains("no host web9"));
}

#[tokio::test(flavor = "current_thread")]
async fn the_name_of_a_rebuilt_host_stands_for_its_revoked_entry_only_where_that_is_to_be_forgotten() {
    let office = server(&REBUILT).await;
    for realm in ["host:h1", "host:h2"] {
        registers(&office, realm, "alice").await;
    }
    assert_eq!(changes(&office, "web1", Change::Forget).await.unwrap().host.id, "h1");
    assert_eq!((registered(&office, "host:h1").await.len(), registered(&office, "host:h2").await.len()), (0, 1));
    assert_eq!(changes(&office, "web1", Change::Pause).await.unwrap().host.id, "h2");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_kept_of_an_earlier_entry_of_a_host_is_named_before_one_account_is_taken_for_all() {
    let office = server(&REBUILT).await;
    for realm in ["host:h1", "host:h2", "host:h3"] {
        registers(&office, realm, "alice").await;
    }
    let root = office.root();
    let by_name = whom("host:web1/alice", false);
    let ambiguous = [
        why(people::forget(&root, &by_name).await),
        why(erase::erase(&root, &by_name).await),
        why(export::export(&root, &by_name).await),
    ];
    for told in ambiguous {
        assert!(told.contains("an account alice of h1 too") && told.contains("host:h2/alice"), "{told}");
    }
    assert_eq!(registered(&office, "host:h2").await, ["alice"]);
    // By an id, or by a name that stands for one host, it is clear which one is meant.
    assert!(people::forget(&root, &whom("host:h1/alice", false)).await.unwrap().changed);
    assert!(people::forget(&root, &whom("host:web3/alice", false)).await.unwrap().changed);
    assert!(people::forget(&root, &by_name).await.unwrap().changed, "h1 has no other alice any more");
    // For an erasure, what the trail says of the earlier one counts too.
    registers(&office, "host:h2", "alice").await;
    office.records().await;
    assert!(why(erase::erase(&root, &by_name).await).contains("of h1 too"));
    erase::erase(&root, &whom("host:h1/alice", false)).await.unwrap();
    erase::erase(&root, &by_name).await.unwrap();
    assert_eq!(registered(&office, "host:h2").await, <[String; 0]>::default());
}

#[tokio::test(flavor = "current_thread")]
async fn an_export_of_an_account_of_a_host_has_nothing_of_the_administrator_of_its_name_and_the_reverse() {
    let office = server(&REBUILT).await;
    registers(&office, "host:h2", "alice").await;
    office.register("alice", "alice@example.org").await;
    let deed = |account: &'static str, reason: &'static str| {
        let alice = office.by(crate::admin::wire::Label { sudo: Some(1001), ..Default::default() });
        assert_eq!(alice.administrator, "alice");
        alice.record(Deed { event: Event::Unblocked, success: true, account, reason });
    };
    deed("bob", "of bob");
    deed("host:h3/alice", "of another alice");
    let mut session = office.session("alice", "d1");
    session.look_up().await.unwrap();
    session.record(Event::Registered, "her own");
    for (user, said) in [("host:web1/alice", vec![]), ("alice", vec!["of bob", "of another alice", "her own"])] {
        let document = export::export(&office.root(), &whom(user, false)).await.unwrap();
        assert_eq!(document.audit.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), said, "{user}");
    }
    let of = |user: &str| AuditOf { query: Query { user: Some(user.into()), ..Query::default() }, wait: false };
    let found = trail::read(&office.agent, of("host:web3/alice")).await.unwrap();
    assert_eq!(found.iter().map(|r| r.account.as_str()).collect::<Vec<_>>(), ["host:h3/alice"]);
}

#[tokio::test(flavor = "current_thread")]
async fn pages_of_users_have_the_accounts_of_hosts_by_their_names_in_full_and_each_is_suspended_alone() {
    let office = server(&REBUILT).await;
    for (realm, name) in [("host:h2", "alice"), ("host:h3", "bob"), ("host:h3", "alice")] {
        registers(&office, realm, name).await;
    }
    let page = async |search: &str, after: &str, most: u16, suspended: bool| {
        let of = PeopleOf { search: search.into(), after: after.into(), most, suspended };
        let People { users, matching, more } = pages::page(&office.agent, of).await.unwrap();
        (users.into_iter().map(|user| user.name).collect::<Vec<_>>(), matching, more)
    };
    let all = ["alice", "host:h2/alice", "host:h3/alice"].map(str::to_owned);
    assert_eq!(page("alice", "", 9, false).await, (all.to_vec(), 3, false));
    assert_eq!(page("alice", "", 2, false).await, (all[..2].to_vec(), 3, true));
    assert_eq!(page("alice", &all[1], 2, false).await, (all[2..].to_vec(), 3, false));
    assert_eq!(page("h3/", "", 9, false).await.0, ["host:h3/alice", "host:h3/bob"]);
    let mut tx = office.agent.begin().await.unwrap();
    let account = Account::new(&office.agent.keys, Name { realm: "host:h3", name: "alice" });
    let failures = account.failures(&office.agent.keys, Purpose::Recover);
    for _ in 0..5 {
        let (key, limits) = ((&failures, limits::Suspensions::Grow), &office.agent.settings.limits);
        limits::failure(&mut tx, limits, key, &[9; 32], START).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(page("", "", 9, true).await, (vec!["host:h3/alice".into()], 1, false));
    let users = people::users(&office.agent).await.unwrap();
    assert_eq!(users.iter().filter(|user| user.name.contains('/')).count(), 3);
}
