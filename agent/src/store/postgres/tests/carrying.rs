//! A SQLite store is copied to PostgreSQL.

use std::path::Path;

use super::{super::schema::Trial, Database, NOW, database, impatient, own};
use crate::{
    account::{Id, Name},
    contact::{Contact, EmailAddress},
    keys::Keys,
    random::SystemRandom,
    store::{
        Registrations, Store,
        carry::{Carried, carry, carry_over, tables},
        rekey::READER,
        sql,
    },
};

const ALICE: Name<'static> = Name::local("alice");

fn keys() -> Keys {
    Keys::from_host_key(&[7; 32])
}

fn contact(text: &str) -> Contact {
    Contact::Email(EmailAddress::parse(text).unwrap())
}

async fn add(store: &Store, text: &str) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let (keys, contact) = (keys(), contact(text));
    Registrations::add_contact(&mut tx, &keys, &SystemRandom, ALICE, Id::from(1001), &contact, NOW).await.unwrap();
    let alice = Registrations::get(&mut tx, &keys, ALICE).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    alice.contacts.last().unwrap().id
}

/// Fills a store with rows in every table. One table has more rows than one statement writes.
async fn filled(path: &Path) {
    let store = Store::open(path).await.unwrap();
    add(&store, "one@example.org").await;
    let last = add(&store, "two@example.org").await;
    let mut tx = store.begin().await.unwrap();
    Registrations::remove_contact(&mut tx, ALICE, last).await.unwrap();
    for statement in [
        "INSERT INTO authenticator (realm, name, sealed, last_step, created) VALUES ('local', 'alice', unhex('00ff'), 5, 6)",
        "INSERT INTO recovery_code (realm, name, code, created) VALUES ('local', 'alice', unhex(''), 7)",
        "INSERT INTO helpdesk_code (realm, name, account, code, issuer, created, expires) \
         VALUES ('local', 'bob', '1002', unhex('01'), 'root', 8, 9)",
        "INSERT INTO invitation (realm, name, id, first_time, last_time) VALUES ('local', 'bob', '1002', NULL, 10)",
        "INSERT INTO exemption (realm, name, id, issuer, reason, created) VALUES ('local', 'bob', '1002', 'root', 'ä', 11)",
        "INSERT INTO unanswered (realm, name, id, time) VALUES ('local', 'bob', '1002', 12)",
        "INSERT INTO picture (realm, name, id) VALUES ('local', 'bob', '1002')",
        "INSERT INTO challenge (id, account, purpose, method, way, code, created, expires, tries_left) \
         VALUES ('c', unhex('01'), 'recover', 'email', unhex(''), unhex('02'), 13, 14, 5)",
        "INSERT INTO event (kind, key, at) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1234) \
         SELECT 'rest', unhex('01'), n FROM n",
        "INSERT INTO outbox (challenge, sealed, created, not_after, next_try, attempts, counted) \
         VALUES ('c', unhex('03'), 15, 16, 17, 0, 1)",
        "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason, chain) \
         VALUES (18, 'e', 'd', 'alice', 'alice', 'sshd', '192.0.2.1', 'success', '', unhex('04'))",
        "INSERT INTO audit_anchor (one, row, chain) VALUES (1, 1, unhex('05'))",
        "INSERT INTO synced (realm, name, id, method, lookup, since, told, entered, seen) \
         VALUES ('directory', 'alice', '1', 'email', unhex('06'), 19, 0, 1, 20)",
        "INSERT INTO sync (realm, number, tried, people, contacts) VALUES ('directory', 1, 21, 1, 1)",
        "INSERT INTO host (id, pin, name, team, state, joined, seen, version, counter, next_pin, past_pin, keyed, knows) \
         VALUES ('h1', 'pin', 'web1', '', 'active', 1, 2, '0.2.0', 3, 'next', NULL, 4, 'a b')",
        "INSERT INTO host_token (secret, uses, pattern, team, issuer, created, expires) \
         VALUES (x'09', 1, 'web*', '', 'root', 1, 2)",
        "INSERT INTO former_key (sealed) VALUES (x'0a')",
    ] {
        sql::query(statement).execute(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn count(database: &Database, table: &str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let store = Store::shared(database.clone());
    sql::query_scalar(count).fetch_one(&mut store.look().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_row_of_every_table_comes_over_and_no_number_comes_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sspr.db");
    filled(&path).await;
    let database = database().await;
    let counts = carry_over(&path, &database).await.unwrap();
    for (table, rows) in &counts {
        assert_eq!(*rows, if *table == "event" { 1234 } else { 1 }, "{table}");
        assert_eq!(u64::try_from(count(&database, table).await).unwrap(), *rows, "{table}");
    }
    let store = Store::shared(database);
    let reader = "SELECT min_reader FROM shared";
    let reader: i64 = sql::query_scalar(reader).fetch_one(&mut store.look().await.unwrap()).await.unwrap();
    assert_eq!(reader, READER, "an earlier version does not know former keys");
    let alice = Registrations::get(&mut store.begin_to_read().await.unwrap(), &keys(), ALICE).await.unwrap().unwrap();
    assert_eq!(alice.usable(), [contact("one@example.org")]);
    assert_eq!(add(&store, "three@example.org").await, 3, "the second is gone, and its number stays its own");
    let all = "SELECT sealed, last_step, used FROM authenticator";
    let app: (Vec<u8>, i64, Option<i64>) =
        sql::query_as(all).fetch_one(&mut store.look().await.unwrap()).await.unwrap();
    assert_eq!(app, (vec![0, 255], 5, None));
}

#[tokio::test]
async fn a_store_that_takes_long_comes_over_all_the_same_and_a_large_database_is_found_to_be_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sspr.db");
    filled(&path).await;
    let cluster = own();
    let database = impatient(&cluster).await;
    // Longer than any statement of a dialogue may take.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3.1);RETURN NULL;END'; \
                CREATE TRIGGER slow BEFORE INSERT ON host FOR EACH STATEMENT EXECUTE FUNCTION slow()";
    cluster.execute("postgres", slow.to_owned()).await;
    assert!(matches!(carry(&path, &database).await.unwrap(), Carried::Rows(_)));
    // To read each row would take 10 s. The next transaction is as impatient as any.
    let large = "CREATE FUNCTION slow_row() RETURNS boolean VOLATILE LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_sleep(0.01);RETURN true;END'; \
                 ALTER TABLE registration RENAME TO all_rows; \
                 INSERT INTO all_rows (realm, name, id, created, confirmed) SELECT 'local', 'u' || n, n, 1, 1 FROM generate_series(1, 1000) AS n; \
                 CREATE VIEW registration AS SELECT * FROM all_rows WHERE slow_row()";
    cluster.execute("postgres", large.to_owned()).await;
    assert_eq!(carry(&path, &database).await.unwrap(), Carried::Before);
    let store = Store::shared(database);
    assert!(sql::query("SELECT pg_sleep(3)").execute(&mut store.begin().await.unwrap()).await.is_err());
}

#[tokio::test]
async fn nothing_is_carried_into_a_database_that_has_rows_or_out_of_a_store_that_somebody_has_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sspr.db");
    filled(&path).await;
    let database = database().await;
    let agent = Store::open(&path).await.unwrap();
    assert!(carry_over(&path, &database).await.is_err());
    drop(agent);
    add(&Store::shared(database.clone()), "one@example.org").await;
    let error = carry_over(&path, &database).await.unwrap_err().to_string();
    assert!(error.contains("not empty") && error.contains("registration"), "{error}");
    assert_eq!(count(&database, "event").await, 0);
}

#[tokio::test]
async fn nothing_is_carried_over_of_a_store_with_a_table_that_has_no_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sspr.db");
    filled(&path).await;
    let store = Store::open(&path).await.unwrap();
    sql::query("CREATE TABLE more (id INTEGER)").execute(&mut store.session().await.unwrap()).await.unwrap();
    drop(store);
    let database = database().await;
    let error = carry_over(&path, &database).await.unwrap_err().to_string();
    assert!(error.contains("more"), "{error}");
    assert_eq!(count(&database, "registration").await, 0);
}

#[tokio::test]
async fn what_was_carried_over_is_not_carried_again_and_two_stores_are_not_mixed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sspr.db");
    filled(&path).await;
    let database = database().await;
    let Carried::Rows(rows) = carry(&path, &database).await.unwrap() else { panic!("nothing came over") };
    assert!(rows.iter().all(|(_, rows)| *rows > 0), "{rows:?}");
    let agent = Store::open(&path).await.unwrap();
    assert_eq!(carry(&path, &database).await.unwrap(), Carried::Before);
    // What users did with the file since.
    let more = "INSERT INTO audit (at, event, correlation, actor, account, service, source, outcome, reason, chain) \
                VALUES (19, 'e', 'd', 'bob', 'bob', 'sshd', '192.0.2.1', 'success', '', unhex('06'))";
    sql::query(more).execute(&mut agent.session().await.unwrap()).await.unwrap();
    let error = carry(&path, &database).await.unwrap_err().to_string();
    assert!(error.contains("They are not those of") && error.contains("sspr.db"), "{error}");
    // A second server has nothing of its own.
    for statement in ["DELETE FROM registration", "DELETE FROM host"] {
        sql::query(statement).execute(&mut agent.session().await.unwrap()).await.unwrap();
    }
    assert_eq!(carry(&path, &database).await.unwrap(), Carried::Before);
    assert_eq!(carry(&directory.path().join("none"), &database).await.unwrap(), Carried::Before);
    assert_eq!(count(&database, "registration").await, 1);
}

#[tokio::test]
async fn a_try_leaves_no_table_behind_and_says_whether_the_database_is_in_use_and_with_which_key() {
    let cluster = own();
    let tried = async |name: &str| Database::try_out(cluster.address(name), &tables()).await;
    assert_eq!(tried("postgres").await.unwrap(), Trial { host_key: None, in_use: false });
    // It can be made again: there is nothing of the first try.
    cluster.execute("postgres", "CREATE TABLE registration (one bigint); DROP TABLE registration".to_owned()).await;
    cluster
        .execute("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0".to_owned())
        .await;
    assert!(tried("latin").await.unwrap_err().to_string().contains("--encoding=UTF8"));
    assert!(tried("missing").await.is_err());

    let store = Store::shared(impatient(&cluster).await);
    assert!(store.is_written_with(&[7; 32]).await.unwrap());
    add(&store, "one@example.org").await;
    assert_eq!(tried("postgres").await.unwrap(), Trial { host_key: Some(vec![7; 32]), in_use: true });
}
