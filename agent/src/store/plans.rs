//! How the databases look for rows: a statement that runs for every user must not read more the more rows there are.

use sqlx::AssertSqlSafe;

use super::{
    Store,
    challenges::UNACCEPTED,
    clock_jump::NOTICED,
    outbox::{LATE, TAKE},
    sql::{self, Connection},
};

/// Many rows in PostgreSQL, whose plans depend on their number. SQLite has no statistics here.
const MANY: [&str; 5] = [
    "INSERT INTO event (kind, key, at) SELECT 'rest', '\\x01', n FROM generate_series(1, 20000) AS n",
    "INSERT INTO challenge (id, account, purpose, method, way, code, created, expires, tries_left, accepted) \
     SELECT n, decode(lpad(to_hex(n), 8, '0'), 'hex'), 'recover', 'email', '', '', n, n + 600, 5, n \
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO outbox (method, challenge, sealed, created, not_after, next_try, attempts, counted) \
     SELECT CASE n % 2 WHEN 0 THEN 'email' ELSE 'phone' END, NULL, '', n, n + 600, n, 0, 0 FROM generate_series(1, 20000) AS n",
    "ANALYZE",
    "SET plan_cache_mode = force_generic_plan",
];

/// The lines of the plan for a statement that stays prepared; `types` are those of its values.
async fn plan([sqlite, postgres]: [&str; 2], types: &[&str]) -> Vec<String> {
    let store = Store::for_tests().await.unwrap();
    let mut session = store.session().await.unwrap();
    let on = session.connection();
    let (explain, at) = if matches!(on, Connection::Postgres(_)) {
        for many in MANY {
            sql::query(many).execute(on).await.unwrap();
        }
        let prepare = format!("PREPARE looked ({}) AS {postgres}", types.join(", "));
        sql::query(AssertSqlSafe(prepare)).execute(on).await.unwrap();
        let values: Vec<String> = types.iter().map(|of| format!("NULL::{of}")).collect();
        (format!("EXPLAIN EXECUTE looked ({})", values.join(", ")), 0)
    } else {
        (format!("EXPLAIN QUERY PLAN {sqlite}"), 3)
    };
    let rows = sql::query(AssertSqlSafe(explain)).fetch_all(on).await.unwrap();
    rows.iter().map(|row| row.try_get(at).unwrap()).collect()
}

#[tokio::test]
async fn what_runs_for_every_user_reads_the_ends_of_indexes_and_no_whole_table() {
    let statements: [([&str; 2], &[&str], &[&str]); 4] = [
        ([NOTICED; 2], &["bigint", "bigint", "bigint"], &["event_by_time", "outbox_by_time"]),
        (
            [UNACCEPTED; 2],
            &["bytea", "text", "bigint", "bigint", "bigint"],
            &["challenge_by_account", "challenge_by_acceptance"],
        ),
        (TAKE, &["bigint", "text", "bigint", "bigint"], &["outbox_by_"]),
        (LATE, &["bigint"], &["outbox_by_end"]),
    ];
    for (statement, types, indexes) in statements {
        let plan = plan(statement, types).await;
        let reads_all =
            |line: &String| line.contains("Seq Scan") || line.starts_with("SCAN ") && line != "SCAN CONSTANT ROW";
        assert!(!plan.iter().any(reads_all), "{}\n{plan:#?}", statement[0]);
        for index in indexes {
            assert!(plan.iter().any(|line| line.contains(index)), "{index}: {}\n{plan:#?}", statement[0]);
        }
    }
}
