//! Tests for PostgreSQL only: poolers, standbys, and servers that go away.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{Address, Database};
use crate::{
    clock::Time,
    error::Error,
    keys::Tag,
    store::{
        Store, Tx,
        challenges::{Challenges, NewChallenge},
        events::{AtMost, Events, Kind},
        hosts::Hosts,
        proofs::{Holder, Proofs},
        sql,
    },
};

mod carrying;
pub(super) mod cluster;

use cluster::{Cluster, LONG, command};

const NOW: Time = 1_800_000_000;
const ACCOUNT: Tag = [1; 32];

/// An empty database that refuses no caller because the machine is busy.
pub(in crate::store) async fn database() -> Database {
    at(cluster::address().await).await
}

/// An empty database behind a pooler.
pub(in crate::store) async fn pooled() -> Database {
    at(cluster::pooled().await).await
}

/// The same database for three replicas.
pub(in crate::store) async fn three() -> [Store; 3] {
    let [first, second, third] = cluster::addresses().await;
    [Store::shared(at(first).await), Store::shared(at(second).await), Store::shared(at(third).await)]
}

async fn at(address: Address) -> Database {
    Database::with(address, LONG).await.unwrap()
}

/// A separate server for one test, with an empty database.
fn own() -> Cluster {
    Cluster::new()
}

async fn impatient(cluster: &Cluster) -> Database {
    Database::with(cluster.address("postgres"), Duration::from_secs(1)).await.unwrap()
}

/// Counts an event, and returns how many there are.
async fn counted(tx: &mut Tx<'_>) -> i64 {
    Events::add(tx, Kind::Start, &ACCOUNT, NOW).await.unwrap();
    Events::count(tx, Kind::Start, &ACCOUNT, NOW - 1).await.unwrap()
}

fn challenge(id: &str) -> NewChallenge<'_> {
    NewChallenge {
        id,
        account: &ACCOUNT,
        purpose: "recover",
        method: "email",
        contact: None,
        destination: Some(b"sealed"),
        code: &[9; 32],
        route_key: &[2; 32],
        cooldown_key: &[2; 32],
        created: NOW,
        expires: NOW + 600,
        tries: 5,
    }
}

/// Runs fifty calls at once over three replicas, and returns how many of them win.
async fn winners<F>(stores: &[Arc<Store>; 3], wins: impl Fn(Arc<Store>) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let mut crowd = JoinSet::new();
    for number in 0..50 {
        crowd.spawn(wins(stores[number % 3].clone()));
    }
    crowd.join_all().await.into_iter().filter(|won| *won).count()
}

#[tokio::test]
async fn over_three_replicas_five_tries_are_five_and_a_proof_is_spent_once() {
    let stores = three().await.map(Arc::new);
    let granted = winners(&stores, |store| async move {
        let mut tx = store.begin().await.unwrap();
        let limits = [AtMost { kind: Kind::Failure, key: &ACCOUNT, window: 60, most: 5 }];
        let counted = [(Kind::Failure, &ACCOUNT)];
        let wait = Events::count_within_and_add(&mut tx, &limits, &counted, NOW).await.unwrap();
        tx.commit().await.unwrap();
        wait.is_none()
    });
    assert_eq!(granted.await, 5);
    let mut tx = stores[0].begin().await.unwrap();
    Challenges::add(&mut tx, &challenge("one")).await.unwrap();
    assert!(Challenges::prove(&mut tx, "one", "d", NOW).await.unwrap());
    tx.commit().await.unwrap();
    let spends = winners(&stores, |store| async move {
        let holder = Holder {
            account: &ACCOUNT,
            name: crate::account::Name::local("alice"),
            id: crate::account::Id::from(1001),
            purpose: "recover",
            dialogue: "d",
            since: NOW - 60,
            now: NOW,
            from: None,
        };
        let mut tx = store.begin().await.unwrap();
        let spent = Proofs::spend(&mut tx, &holder).await.unwrap();
        tx.commit().await.unwrap();
        !spent.is_empty()
    });
    assert_eq!(spends.await, 1);
}

#[tokio::test]
async fn while_the_server_is_down_there_is_an_error_and_afterwards_all_is_as_it_was_committed() {
    let cluster = own();
    let store = Store::shared(impatient(&cluster).await);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 1);
    tx.commit().await.unwrap();
    // The server dies in the middle of a transaction.
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 2);
    cluster.kill();
    assert!(tx.commit().await.is_err());
    assert!(store.begin().await.is_err());
    assert!(store.look().await.is_err());
    cluster.start();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 2, "what was not committed is gone");
    tx.commit().await.unwrap();
    // The server restarts between two transactions. No caller notices: all kept connections are replaced.
    drop(tokio::join!(store.look(), store.look(), store.look()));
    cluster.kill();
    cluster.start();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 3);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_and_is_used_again_once_it_answers() {
    let cluster = own();
    let store = Store::shared(impatient(&cluster).await);
    drop(store.begin().await.unwrap());
    cluster.signal("-STOP");
    assert!(store.begin().await.is_err());
    cluster.signal("-CONT");
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 1);
}

#[tokio::test]
async fn a_standby_is_refused_and_when_it_takes_over_no_code_that_was_sent_before_is_good() {
    let primary = own();
    let store = Store::shared(impatient(&primary).await);
    let mut tx = store.begin().await.unwrap();
    Challenges::add(&mut tx, &challenge("one")).await.unwrap();
    tx.commit().await.unwrap();
    let standby = Cluster::nowhere();
    let mut copy = command("pg_basebackup");
    copy.args(["--no-sync", "--checkpoint=fast", "-R", "-U", "sspr", "-h"]).arg(&primary.directory);
    let copied = copy.arg("-D").arg(standby.data()).output().unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    standby.start();
    let refused = Database::with(standby.address("postgres"), LONG).await;
    assert!(matches!(refused, Err(Error::Standby)), "{refused:?}");
    primary.kill();
    let promoted = command("pg_ctl").arg("promote").arg("-D").arg(standby.data()).output().unwrap();
    assert!(promoted.status.success(), "{}", String::from_utf8_lossy(&promoted.stderr));
    let replica = Store::shared(impatient(&standby).await);
    let mut tx = replica.begin().await.unwrap();
    let open = Challenges::open(&mut tx, &ACCOUNT, "recover", None, &[0; 32], NOW).await.unwrap();
    assert!(open.is_none_or(|open| open.state != crate::store::challenges::ChallengeState::Good));
    assert!(!Challenges::prove(&mut tx, "one", "d", NOW).await.unwrap());
    // The codes are voided only once.
    Challenges::add(&mut tx, &challenge("two")).await.unwrap();
    tx.commit().await.unwrap();
    let later = Store::shared(impatient(&standby).await);
    let mut tx = later.begin().await.unwrap();
    assert!(Challenges::prove(&mut tx, "two", "d", NOW).await.unwrap());
}

#[tokio::test]
async fn a_database_that_was_made_read_only_is_not_used_and_is_used_again_when_it_takes_writes() {
    let cluster = own();
    let store = Store::shared(impatient(&cluster).await);
    drop(store.begin().await.unwrap());
    cluster.execute("postgres", "ALTER SYSTEM SET default_transaction_read_only = on".into()).await;
    cluster.execute("postgres", "SELECT pg_reload_conf()".into()).await;
    while store.begin().await.is_ok() {}
    assert!(matches!(store.begin().await, Err(Error::Standby)));
    assert!(matches!(store.look().await, Err(Error::Standby)), "what is read may be old");
    cluster
        .execute(
            "postgres",
            "SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only".into(),
        )
        .await;
    cluster.execute("postgres", "SELECT pg_reload_conf()".into()).await;
    while store.begin().await.is_err() {}
    assert_eq!(counted(&mut store.begin().await.unwrap()).await, 1);
}

/// The test reads and then writes a counter, with writers that wait for one another.
#[tokio::test]
async fn whoever_waited_for_the_lock_sees_what_was_committed_meanwhile_whatever_the_role_has_by_default() {
    let cluster = own();
    let level = "ALTER ROLE sspr SET default_transaction_isolation = 'repeatable read'";
    cluster.execute("postgres", level.into()).await;
    let stores = [cluster.address("postgres"), cluster.address("postgres"), cluster.address("postgres")];
    let mut writers = JoinSet::new();
    for address in stores {
        let store = Store::shared(at(address).await);
        writers.spawn(async move {
            for _ in 0..10 {
                let mut tx = store.begin().await.unwrap();
                let rows: i64 =
                    sql::query_scalar("SELECT coalesce(max(at), 0) FROM event").fetch_one(&mut tx).await.unwrap();
                Events::add(&mut tx, Kind::Start, &ACCOUNT, rows + 1).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let store = Store::shared(at(cluster.address("postgres")).await);
    let mut tx = store.begin().await.unwrap();
    let last: i64 = sql::query_scalar("SELECT max(at) FROM event").fetch_one(&mut tx).await.unwrap();
    assert_eq!(last, 30, "each saw what the one before had written");
}

#[test]
fn a_password_is_not_among_the_words_about_a_database() {
    let address = Address::of("postgres://sspr@localhost/sspr?host=/run/postgresql", Some("hunter2")).unwrap();
    assert!(format!("{:?}", address.options).contains("hunter2"), "this is why");
    let words = format!("{:?}", Database(Arc::new(Database::inner(address, Duration::ZERO))));
    assert!(words.contains("Database") && !words.contains("hunter2"), "{words}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_or_fails_ends_its_transaction_and_no_commit_hides_that() {
    let store = Store::shared(database().await);
    for statement in ["SELECT 1 FROM (SELECT pg_sleep(30) OFFSET 0) AS slept", "SELECT 1 / 0"] {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(counted(&mut tx).await, 1);
        assert!(sql::query(statement).execute(&mut tx).await.is_err());
        assert!(tx.commit().await.is_err());
    }
    assert_eq!(counted(&mut store.begin().await.unwrap()).await, 1);
}

#[tokio::test]
async fn a_replica_that_writes_for_too_long_makes_others_wait_for_a_second_and_readers_not_at_all() {
    let [one, other, _] = three().await;
    let mut tx = one.begin().await.unwrap();
    assert_eq!(counted(&mut tx).await, 1);
    assert!(other.begin().await.is_err());
    let look = sql::query_scalar::<i64>("SELECT count(*) FROM event");
    assert_eq!(look.fetch_one(&mut other.look().await.unwrap()).await.unwrap(), 0);
    drop(tx);
    assert_eq!(counted(&mut other.begin().await.unwrap()).await, 1);
}

#[tokio::test]
async fn whoever_stops_waiting_in_the_middle_leaves_nothing_behind() {
    let store = Store::shared(database().await);
    for _ in 0..20 {
        let mut tx = store.begin().await.unwrap();
        let slow = sql::query("SELECT 1 FROM (SELECT pg_sleep(0.1) OFFSET 0) AS slept");
        let gave_up = tokio::time::timeout(Duration::from_millis(1), slow.execute(&mut tx)).await;
        assert!(gave_up.is_err());
    }
    assert_eq!(counted(&mut store.begin().await.unwrap()).await, 1);
}

#[tokio::test]
async fn of_replicas_that_start_together_one_makes_the_tables_and_an_older_one_goes_on_until_it_is_told_not_to() {
    let cluster = own();
    let open = || Database::with(cluster.address("postgres"), LONG);
    let all = tokio::join!(open(), open(), open());
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok());
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'from the future', TRUE, '', 0)";
    cluster.execute("postgres", newer.into()).await;
    assert!(open().await.is_ok());
    cluster.execute("postgres", "UPDATE shared SET min_reader = 3".into()).await;
    let error = open().await.unwrap_err();
    assert!(matches!(error, Error::NewerDatabase), "{error}");
}

#[tokio::test]
async fn a_database_of_an_earlier_version_gets_its_new_columns_and_an_earlier_replica_goes_on_writing_there() {
    let cluster = own();
    let open = || Database::with(cluster.address("postgres"), LONG);
    drop(open().await.unwrap());
    let earlier = "DROP INDEX host_next_pin, challenge_by_acceptance, outbox_by_end; DROP TABLE former_key; ALTER TABLE host DROP COLUMN next_pin, DROP COLUMN past_pin, DROP COLUMN keyed, \
                   DROP COLUMN knows; \
                   DELETE FROM _sqlx_migrations WHERE version > 1";
    cluster.execute("postgres", earlier.into()).await;
    let joins = |id: &str| {
        format!(
            "INSERT INTO host (id, pin, name, team, state, joined, seen, version, counter) \
             VALUES ('{id}', 'of {id}', 'web1', '', 'active', 5, 6, '0.2.0', 1)"
        )
    };
    cluster.execute("postgres", joins("h1")).await;
    let database = open().await.unwrap();
    cluster.execute("postgres", joins("h2")).await;
    let store = Store::shared(database);
    let mut tx = store.begin().await.unwrap();
    let known = Hosts::all(&mut tx).await.unwrap();
    assert_eq!(known.iter().map(|host| (host.id.as_str(), host.keyed)).collect::<Vec<_>>(), [("h1", 5), ("h2", 5)]);
    assert!(Hosts::announce(&mut tx, "h1", "next").await.unwrap());
}

#[tokio::test]
async fn another_host_key_than_the_one_that_the_database_was_written_with_is_refused() {
    let [one, other, _] = three().await;
    assert!(one.is_written_with(&[7; 32]).await.unwrap());
    assert!(other.is_written_with(&[7; 32]).await.unwrap());
    assert!(!other.is_written_with(&[8; 32]).await.unwrap());
}

#[tokio::test]
async fn the_clock_is_the_databases() {
    let database = database().await;
    let store = Store::shared(database.clone());
    let mut tx = store.begin().await.unwrap();
    let there = sql::query_scalar::<i64>("SELECT CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)");
    let there = there.fetch_one(&mut tx).await.unwrap();
    assert!((there - database.clock().now()).abs() <= 2);
}
