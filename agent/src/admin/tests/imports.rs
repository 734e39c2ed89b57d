//! Imports.

use sspr_config::settings;

use super::{CALLER, Office, numbered, target, whom, why};
use crate::{
    account::{DIRECTORY, Id},
    admin::{
        import::Imports,
        people,
        wire::{ImportBegin, ImportRows, Row},
    },
    credential::Verdict,
    store::{Overviews, sql},
};

#[tokio::test(flavor = "current_thread")]
async fn rows_are_imported_with_numbers_in_one_form_and_each_one_at_fault_is_named_with_the_reason() {
    let office = Office::with("[register]\nrefuse_email_domains = [\"corp.example\"]\n").await;
    let outcome = office
        .import(
            false,
            &[
                "alice,Alice@Example.org,090-1234-5678",
                "bob,,+44 7400 123456",
                "nobody,n@example.org,",
                "root,r@example.org,",
                "daemon,d@example.org,",
                "remote,r@example.org,",
                "alice,again@example.org,",
                "carol,c@mail.corp.example,",
                "outside,not an address,",
                "locked,,12",
                ",x@example.org,",
            ],
        )
        .await;
    assert_eq!((outcome.imported, outcome.replaced, outcome.unchanged), (2, 0, 0));
    assert_eq!(office.contacts("alice").await, ["+819012345678", "Alice@example.org"]);
    assert_eq!(office.contacts("bob").await, ["+447400123456"]);
    let faults: Vec<_> = outcome.faults.iter().map(|f| (f.line, f.name.as_str(), f.reason.as_str())).collect();
    for (place, (line, name, reason)) in [
        (4, "nobody", "there is no such account"),
        (5, "root", "root and system accounts"),
        (6, "daemon", "root and system accounts"),
        (7, "remote", "not kept on this machine"),
        (8, "alice", "in line 2 already"),
        (9, "carol", "refuse_email_domains"),
        (10, "outside", "email: An email address has an @ in it"),
        (11, "locked", "phone: A number like that can't receive text messages."),
        (12, "", "no account is named"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!((faults[place].0, faults[place].1), (line, name));
        assert!(faults[place].2.contains(reason), "{:?}", faults[place]);
    }
    assert_eq!(faults.len(), 9);
    assert!(outcome.read.is_empty(), "what was not asked for");
    let columns: Vec<&str> = outcome.faults.iter().map(|fault| fault.column.as_str()).collect();
    assert_eq!(columns[..8], ["name", "", "", "name", "name", "email", "email", "phone"]);
    let users = people::users(&office.agent).await.unwrap();
    let alice = users.iter().find(|user| user.name == "alice").unwrap();
    assert!(alice.capable && alice.methods == ["email", "phone"], "{alice:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_registered_is_replaced_only_where_that_is_asked_for_and_its_owner_is_told() {
    let office = Office::new().await;
    office.register("alice", "old@example.org").await;
    let outcome = office.import(false, &["alice,new@example.org,", "bob,bob@example.org,"]).await;
    assert!(outcome.faults[0].reason.contains("--replace"), "{outcome:?}");
    assert_eq!((outcome.imported, office.contacts("alice").await), (1, vec!["old@example.org".to_owned()]));
    // A contact that is registered already, or of another method, replaces nothing.
    let outcome = office.import(false, &["alice,OLD@example.org,090-1234-5678", "bob,bob@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.replaced, outcome.unchanged, outcome.faults.len()), (1, 0, 1, 0));
    assert!(office.notifications().await.is_empty());
    let outcome = office.import(true, &["alice,new@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.replaced), (1, 1));
    assert_eq!(office.contacts("alice").await, ["+819012345678", "new@example.org"]);
    assert_eq!(office.notifications().await, ["old@example.org"]);
    let records = office.records().await;
    let imported: Vec<_> = records
        .iter()
        .filter(|r| r.event == "Security info imported (admin)")
        .map(|r| (r.account.as_str(), r.reason.as_str()))
        .collect();
    assert_eq!(imported, [("bob", "email"), ("alice", "phone"), ("alice", "email")]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_dry_run_lists_what_would_be_stored_masked_and_asks_about_numbers_that_may_have_lost_their_plus() {
    let office = Office::new().await;
    office.register("carol", "carol@example.org").await;
    let outcome = office
        .dry_run(&[
            "alice,Alice@Example.org,090-1234-5678",
            "bob,,447911123456",
            "carol,carol@example.org,",
            "locked,,03-1234-5678",
            "outside,,+44 7911 123456",
        ])
        .await;
    let read: Vec<_> = outcome.read.iter().map(|row| (row.line, row.name.as_str(), row.contacts.join(" "))).collect();
    assert_eq!(
        read,
        [(2, "alice", "A***@e***.org +81 ** **** **78".to_owned()), (6, "outside", "+44 ** **** **56".to_owned()),]
    );
    let faults: Vec<_> = outcome.faults.iter().map(|f| (f.line, f.column.as_str(), f.reason.as_str())).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].0 == 3 && faults[0].1 == "phone" && faults[0].2.contains("lost its plus sign"), "{faults:?}");
    assert!(faults[1].0 == 5 && faults[1].2.contains("a fixed line"), "{faults:?}");
    assert!(office.contacts("alice").await.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn an_import_that_is_not_committed_or_meets_a_registration_made_meanwhile_writes_nothing() {
    let office = Office::new().await;
    let (imports, call) = (Imports::default(), office.root());
    let row = |name: &str| Row { line: 2, name: name.into(), email: format!("{name}@example.org"), ..Row::default() };
    let import = imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
    let rows = ImportRows { handle: import.handle.clone(), rows: vec![row("alice"), row("bob")], list: false };
    assert_eq!(imports.rows(&call, rows).await.unwrap().imported, 2);
    assert!(office.contacts("alice").await.is_empty(), "checked, not written");
    assert!(why(imports.begin(&call, CALLER, ImportBegin::default())).contains("another import"));
    assert!(why(imports.commit(&call, "some other handle").await).contains("no such import"));
    office.register("bob", "meanwhile@example.org").await;
    assert!(why(imports.commit(&call, &import.handle).await).contains("nothing was imported"));
    assert!(office.contacts("alice").await.is_empty(), "all or nothing");
    assert_eq!(office.contacts("bob").await, ["meanwhile@example.org"]);
    assert!(why(imports.commit(&call, &import.handle).await).contains("no such import"));
    imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
    imports.gone(":1.8").await;
    assert!(why(imports.begin(&call, CALLER, ImportBegin::default())).contains("another import"));
    imports.gone(CALLER).await;
    imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
}

/// A user may register between the check of the rows and their writing: that contact is replaced and notified like any
/// other.
#[tokio::test(flavor = "current_thread")]
async fn what_was_registered_while_an_import_was_checked_is_replaced_with_a_note_to_it() {
    let office = Office::new().await;
    let (imports, call) = (Imports::default(), office.root());
    let import = imports.begin(&call, CALLER, ImportBegin { replace: true }).unwrap();
    let rows = ["alice,new@example.org,", "bob,bob@example.org,"];
    let rows = ImportRows { handle: import.handle.clone(), rows: numbered(&rows), list: false };
    let checked = imports.rows(&call, rows).await.unwrap();
    assert_eq!((checked.imported, checked.replaced), (2, 0));
    office.register("alice", "meanwhile@example.org").await;
    office.register("bob", "bob@example.org").await;
    let outcome = imports.commit(&call, &import.handle).await.unwrap();
    assert_eq!((outcome.imported, outcome.replaced), (2, 1));
    assert_eq!(office.contacts("alice").await, ["new@example.org"]);
    assert_eq!(office.notifications().await, ["meanwhile@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn contacts_that_wait_for_their_owner_are_good_for_nothing_and_imported_again_as_usable_they_are() {
    let office = Office::with("[register]\nimported = \"confirm\"\n").await;
    let outcome = office.import(false, &["alice,alice@example.org,"]).await;
    assert!(!outcome.usable && outcome.imported == 1);
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert_eq!((shown.user.methods.len(), shown.user.unconfirmed.as_slice()), (0, &["email".to_owned()][..]));
    assert!(!shown.user.registered && !shown.contacts[0].usable);
    let usable = settings::parse("[scope]\nenable = \"all\"\n", std::path::Path::new("test.toml")).unwrap();
    let office = Office { agent: office.agent.with_settings(usable), wall: office.wall };
    assert_eq!(office.import(false, &["alice,alice@example.org,"]).await.imported, 1);
    let shown = people::show(&office.root(), &whom("alice", false)).await.unwrap();
    assert!(shown.user.capable && shown.contacts.len() == 1 && shown.contacts[0].usable, "{shown:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_registration_of_another_uid_is_shown_to_nobody_and_an_import_drops_it() {
    let office = Office::new().await;
    office.register("alice", "before@example.org").await;
    {
        let mut tx = office.agent.begin().await.unwrap();
        sql::query("UPDATE registration SET id = '4711'").execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let shown = people::show(&office.root(), &whom("alice", true)).await.unwrap();
    assert!(shown.contacts.is_empty() && shown.user.methods.is_empty() && shown.since.is_none(), "{shown:?}");
    let outcome = office.import(false, &["alice,alice@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.faults.len()), (1, 0));
    assert_eq!(office.contacts("alice").await, ["alice@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn users_of_the_directory_are_imported_by_account_name_and_a_row_that_could_mean_another_user_is_refused() {
    let entry = Id::parse("5f3c1f0e-1b0a").unwrap();
    let has = |name: &str| match name {
        "dora" | "alice" => (Id::parse("5f3c1f0e-1b0a").unwrap(), Verdict::Eligible),
        "emil" => (Id::parse("77777777-1b0a").unwrap(), Verdict::Locked),
        "bind" => (Id::parse("88888888-1b0a").unwrap(), Verdict::System),
        "alias" => (Id::NONE, Verdict::NotLocal),
        "twins" => (Id::NONE, Verdict::SharedUid),
        _ => (Id::NONE, Verdict::Unknown),
    };
    let (office, _, _) = target::office(target::SETTINGS, has).await;
    let rows = [
        "alice,local@example.org,",
        "Dora,dora@example.org,+447400123456",
        "EXAMPLE\\dora,twice@example.org,",
        "emil,emil@example.org,",
        "bind,b@example.org,",
        "alias,a@example.org,",
        "nobody,n@example.org,",
        "EXAMPLE\\alice,directory@example.org,",
        "twins,t@example.org,",
        // The principal name of another user may begin with it.
        "dora@example.org,p@example.org,",
        // Which of the two is meant?
        "ALICE,which@example.org,",
    ];
    let outcome = office.import(false, &rows).await;
    assert_eq!((outcome.imported, outcome.replaced), (3, 0));
    for (place, (line, reason)) in [
        (4, "the account is in line 3 already"),
        (5, "the directory has locked the account"),
        (6, "never served"),
        (7, "under another name"),
        (8, "there is no such account"),
        (10, "several entries"),
        (11, "use a column with account names"),
        (12, "write alice for the account of this machine, and DOMAIN\\alice"),
    ]
    .into_iter()
    .enumerate()
    {
        let fault = &outcome.faults[place];
        assert!(fault.line == line && fault.reason.contains(reason), "{fault:?}");
    }
    assert_eq!(outcome.faults.len(), 8);
    let principal =
        Row { line: 2, name: "dora".into(), email: "p@example.org".into(), principal: true, ..Row::default() };
    let (imports, call) = (Imports::default(), office.root());
    let import = imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
    let rows = ImportRows { handle: import.handle, rows: vec![principal], list: false };
    assert!(imports.rows(&call, rows).await.unwrap().faults[0].reason.contains("use a column with account names"));
    assert_eq!(office.contacts("dora").await, ["+447400123456", "dora@example.org"]);
    assert_eq!(office.contacts("alice").await, ["local@example.org"]);
    assert_eq!(office.contacts("EXAMPLE\\alice").await, ["directory@example.org"]);
    let mut tx = office.agent.begin().await.unwrap();
    let own = Overviews::of(&mut tx, DIRECTORY, &["dora"]).await.unwrap();
    assert_eq!(own.iter().map(|own| own.id).collect::<Vec<_>>(), [entry], "bound to the entry");
    let realms: Vec<String> = sql::query_scalar("SELECT realm FROM audit WHERE account = 'dora' ORDER BY id")
        .fetch_all(&mut tx)
        .await
        .unwrap();
    assert_eq!(realms, [DIRECTORY, DIRECTORY], "also in the trail");
    tx.commit().await.unwrap();
    // The owner of the old address is notified, as for a local account.
    let outcome = office.import(true, &["dora,new@example.org,", "alice,local@example.org,"]).await;
    assert_eq!((outcome.imported, outcome.replaced, outcome.unchanged), (1, 1, 1));
    assert_eq!(office.notifications().await, ["dora@example.org"]);
    let registered = office.contacts("dora").await;
    assert_eq!(registered, ["+447400123456", "new@example.org"]);
}

#[tokio::test(flavor = "current_thread")]
async fn of_whom_the_directory_says_nothing_is_not_imported_nor_called_unknown_and_if_that_are_many_nobody_is() {
    let (office, _, _) = target::office(target::SETTINGS, |_| (Id::NONE, Verdict::Unknown)).await;
    let one = format!("{},x@example.org,", target::UNREACHABLE);
    let outcome = office.import(false, &["alice,local@example.org,", &one]).await;
    assert_eq!((outcome.imported, outcome.faults.len()), (1, 1));
    assert!(outcome.faults[0].reason.contains("does not say who that is: unavailable: the server is down"));
    let (imports, call) = (Imports::default(), office.root());
    let import = imports.begin(&call, CALLER, ImportBegin::default()).unwrap();
    let many: Vec<String> = (0..20).map(|n| format!("{}{n},x@example.org,", target::UNREACHABLE)).collect();
    let mut rows = vec!["bob,local@example.org,"];
    rows.extend(many.iter().map(String::as_str));
    let rows = ImportRows { handle: import.handle.clone(), rows: numbered(&rows), list: false };
    let reason = imports.rows(&call, rows).await.unwrap_err().to_string();
    assert!(reason.contains("nothing was imported") && reason.contains("the server is down"), "{reason}");
    assert!(why(imports.commit(&call, &import.handle).await).contains("no such import"));
    assert!(office.contacts("bob").await.is_empty());
    assert!(imports.begin(&call, CALLER, ImportBegin::default()).is_ok(), "the next one can begin");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_imported_is_vouched_for_and_whoever_has_the_name_meanwhile_keeps_what_they_registered() {
    let office = Office::new().await;
    let source = async |statement: Option<&str>| {
        let mut tx = office.agent.begin().await.unwrap();
        if let Some(statement) = statement {
            sql::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut tx).await.unwrap();
        }
        let is: Vec<Option<String>> =
            sql::query_scalar("SELECT source FROM contact WHERE name = 'alice'").fetch_all(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        is
    };
    office.register("alice", "alice@example.org").await;
    let row = ["alice,alice@example.org,"];
    assert_eq!((office.import(false, &row).await.unchanged, source(None).await), (1, vec![None]));
    // It waits, and it was copied from elsewhere.
    for statement in [
        format!("UPDATE registration SET waits = {}", office.agent.now() + 60),
        "UPDATE contact SET source = 'directory'".to_owned(),
    ] {
        source(Some(&statement)).await;
        let outcome = office.import(false, &row).await;
        assert_eq!((outcome.imported, outcome.replaced), (1, 0), "{statement}");
        assert_eq!(source(None).await, [Some("import".to_owned())], "{statement}");
    }
    assert_eq!(office.import(false, &row).await.unchanged, 1);
    // bob's name goes to another account, which registers.
    let (imports, call) = (Imports::default(), office.root());
    let import = imports.begin(&call, CALLER, ImportBegin { replace: true }).unwrap();
    let rows = numbered(&["bob,bob@example.org,"]);
    imports.rows(&call, ImportRows { handle: import.handle.clone(), rows, list: false }).await.unwrap();
    office.register("bob", "new@example.org").await;
    source(Some("UPDATE registration SET id = '4711', created = created + 1 WHERE name = 'bob'")).await;
    assert!(why(imports.commit(&call, &import.handle).await).contains("registered meanwhile"));
}
