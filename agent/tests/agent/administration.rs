//! The command for administrators against the real agent: what root gets, and nobody else.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use sspr_config::bus::{ADMIN, AGENT, AGENT_PATH};

use super::{
    ADDRESS, Agent, STATE, Terminal, fs,
    host::{Host, both, on_a_host},
    messages, register, sh_ok, sspr,
};

/// `sspr admin` as root: its exit status and what it said. `input` is its standard input.
fn admin_with(arguments: &[&str], input: &str, sudo_uid: Option<u32>) -> (i32, String) {
    let mut command = Command::new(sspr());
    command.args(["--bus", ADDRESS, "admin"]).args(arguments).env_remove("SUDO_UID");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(uid) = sudo_uid {
        command.env("SUDO_UID", uid.to_string());
    }
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), both(&output))
}

fn admin(arguments: &[&str]) -> (i32, String) {
    admin_with(arguments, "", None)
}

#[track_caller]
fn must(arguments: &[&str]) -> String {
    let (code, said) = admin(arguments);
    assert_eq!(code, 0, "{arguments:?}\n{said}");
    said
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let said = must(arguments);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[test]
fn only_root_is_let_in_and_whoever_is_not_root_is_told_to_use_sudo() {
    on_a_host(
        "administration::only_root_is_let_in_and_whoever_is_not_root_is_told_to_use_sudo",
        async |host: &Host| {
            let _agent = Agent::start(host).await;
            let ask = |who: &str, member: &str, what: &str| {
                sh_ok(&format!(
                    "setpriv --reuid={who} --clear-groups busctl --address={ADDRESS} call {AGENT} {AGENT_PATH} {ADMIN} \
                 {member} ss '{{}}' '{what}' 2>&1"
                ))
            };
            for member in [
                "Users",
                "People",
                "Audit",
                "Report",
                "Show",
                "Code",
                "Forget",
                "ImportBegin",
                "ImportCommit",
                "Test",
                "Probe",
                "State",
                "Verify",
                "VerifyAnswer",
                "Hosts",
                "HostToken",
                "HostChange",
                "Join",
                "Leave",
                "NewKey",
                "Repin",
                "ServerKey",
                "Fleet",
            ] {
                for who in ["nobody", "sspr"] {
                    let (ok, said) = ask(who, member, "{}");
                    assert!(!ok && said.contains("only root may ask"), "{who} {member}: {said}");
                }
            }
            assert!(ask("root", "Users", "{}").0);
            // The first of these left the bus without an end; it is in nobody's way.
            for n in 0..2 {
                let (ok, said) = ask("root", "ImportBegin", "{}");
                assert!(ok, "{n}: {said}");
            }
            for what in ["", "[", "{\"days\":\"x\"}", "{\"days\":0}", "{\"days\":9999}"] {
                let (ok, said) = ask("root", "Report", what);
                assert!(!ok, "{what}: {said}");
            }
            // A copy that anybody may run.
            fs::copy(sspr(), "/run/sspr-test/sspr").unwrap();
            let (ok, said) = sh_ok(&format!(
                "setpriv --reuid=nobody --clear-groups /run/sspr-test/sspr --bus {ADDRESS} admin users 2>&1; [ $? = 1 ]"
            ));
            assert!(ok && said.contains("sudo"), "{said}");
        },
    );
}

#[test]
fn each_command_does_what_it_says_and_ends_with_the_documented_status() {
    on_a_host(
        "administration::each_command_does_what_it_says_and_ends_with_the_documented_status",
        async |host: &Host| {
            let alice = host.user("alice");
            host.user("bob");
            assert_eq!(admin(&["users"]).0, 3, "there is no agent yet");
            let agent = Agent::start(host).await;
            register(host, "alice").await;

            let users = must(&["users"]);
            assert!(users.contains("alice") && users.contains("email") && users.contains("not registered"), "{users}");
            let all = json(&["users", "--json"]);
            assert_eq!(all[0]["name"], "alice");
            assert_eq!((&all[0]["capable"], &all[1]["capable"]), (&true.into(), &false.into()));

            let shown = must(&["show", "alice"]);
            assert!(shown.contains("a***@e***.org") && !shown.contains("alice@"), "{shown}");
            assert!(must(&["show", "alice", "--reveal"]).contains("alice@example.org"));
            assert_eq!(json(&["show", "bob", "--json"])["verdict"], "eligible");
            assert_eq!(json(&["show", "daemon", "--json"])["verdict"], "system");
            let (code, said) = admin(&["show", "nobody-here"]);
            assert!(code == 1 && said.contains("no such account"), "{said}");

            let code = json(&["code", "bob", "--json"]);
            assert!(code["code"].as_str().unwrap().split('-').count() == 3 && code["lifetime"] == 3600, "{code}");
            let read_out = must(&["code", "bob"]);
            assert!(read_out.contains(" - ") && read_out.contains("bob"), "{read_out}");
            for (name, why) in
                [("root", "never served"), ("daemon", "never served"), ("nobody-here", "no such account")]
            {
                let (code, said) = admin(&["code", name]);
                assert!(code == 1 && said.contains(why), "{name}: {said}");
            }
            let (code, said) = admin_with(&["code", "alice"], "", Some(alice));
            assert!(code == 1 && said.contains("your own account"), "{said}");

            assert!(must(&["exempt", "bob", "--reason", "a robot"]).contains("need not register"));
            assert!(must(&["show", "bob"]).contains("by root") && must(&["users"]).contains("exempt"));
            assert!(must(&["exempt", "bob", "--remove"]).contains("asked to register again"));
            assert_eq!(admin(&["exempt", "bob", "--remove"]).0, 1);
            assert!(must(&["unblock", "bob"]).contains("was not suspended"));

            let before = messages(0).await.len();
            let sent = must(&["test-email", "Someone@Example.org"]);
            assert!(sent.contains("Nothing was sent") && sent.contains("spool"), "{sent}");
            let said = messages(before + 1).await;
            // Within one second they stand in any order.
            assert!(said.iter().any(|message| message.contains("This is a test")), "{said:?}");
            assert_eq!(json(&["test-phone", "090-1234-5678", "--json"])["to"], "+819012345678");
            let (code, said) = admin(&["test-phone", "110"]);
            assert!(code == 1 && said.contains("can't receive text messages"), "{said}");
            assert_eq!(admin(&["test-email"]).0, 2);
            assert_eq!(admin(&["no-such-command"]).0, 2);
            assert_eq!(admin(&["audit", "--since", "yesterday"]).0, 2);
            assert_eq!(admin(&["report", "--days", "0"]).0, 2);

            let report = must(&["report"]);
            assert!(report.contains("capable           1") && report.contains("The last 14 days"), "{report}");
            assert_eq!(json(&["report", "--json", "--days", "3"])["days"].as_array().unwrap().len(), 3);
            assert!(must(&["report", "--csv"]).contains("method,email,1\n"));

            let (code, said) = admin(&["forget", "alice"]);
            assert!(code == 1 && said.contains("--yes"), "{said}");
            assert!(must(&["show", "alice"]).contains("a***@e***.org"));
            assert!(must(&["forget", "alice", "--yes"]).contains("deleted"));
            assert_eq!(admin(&["forget", "alice", "--yes"]).0, 1);

            let trail = must(&["audit", "--json"]);
            for event in [
                "Security info saved",
                "Security info revealed (admin)",
                "Help desk code issued",
                "Exempt from registration (admin)",
                "Unblock self-service (admin)",
                "Test message sent (admin)",
                "Reset security info (admin)",
            ] {
                assert!(trail.contains(event), "{event}: {trail}");
            }
            let table = must(&["audit", "--since", "1h", "--user", "bob"]);
            assert!(table.contains("a robot") && !table.contains("alice"), "{table}");
            // An end in good order loses no record.
            must(&["unblock", "alice"]);
            rustix::process::kill_process(
                rustix::process::Pid::from_raw(agent.0.id().try_into().unwrap()).unwrap(),
                rustix::process::Signal::TERM,
            )
            .unwrap();
            let mut agent = agent;
            agent.0.wait().unwrap();
            let rows = fs::read(format!("{STATE}/sspr.db")).unwrap();
            for secret in ["example.org", "Someone", "9012345678"] {
                assert!(!rows.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} in the store");
                assert!(!host.log().contains(secret), "{secret} in the log");
            }
            let _agent = Agent::start(host).await;
            assert_eq!(must(&["audit", "--json"]).matches("Unblock self-service").count(), 2);
        },
    );
}

#[test]
fn a_file_is_imported_whole_or_not_at_all_and_its_people_can_recover() {
    on_a_host(
        "administration::a_file_is_imported_whole_or_not_at_all_and_its_people_can_recover",
        async |host: &Host| {
            host.user("alice");
            host.user("bob");
            let _agent = Agent::start(host).await;
            let good = "name,email,phone\nalice,alice@example.org,090-1234-5678\n";
            let bad = format!("{good}ghost,g@example.org,\nbob,bob@example,\n");
            let (code, said) = admin_with(&["import", "-"], &bad, None);
            assert_eq!(code, 1, "{said}");
            for part in
                ["line 3, ghost: there is no such account", "line 4, bob: email: ", "Nothing was imported: 2 rows"]
            {
                assert!(said.contains(part), "{part}: {said}");
            }
            assert_eq!(json(&["users", "--json"])[0]["capable"], false);
            let (code, said) = admin_with(&["import", "-", "--dry-run"], good, None);
            assert!(code == 0 && said.contains("Checked only"), "{said}");
            assert!(said.contains("line 2, alice: a***@e***.org, +81 ** **** **78"), "{said}");
            let (code, said) = admin_with(&["import", "-", "--dry-run", "--json"], &bad, None);
            let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
            assert_eq!((code, said["imported"].as_u64(), said["faults"].as_array().unwrap().len()), (1, Some(1), 2));
            assert_eq!((&said["faults"][1]["line"], &said["faults"][1]["column"]), (&4.into(), &"email".into()));
            assert_eq!(said["read"][0]["contacts"][0], "a***@e***.org");
            let excel = "sep=;\r\nBenutzername;Post;Kst\r\nalice;bob@example;7\r\n";
            let mapped = ["import", "-", "--dry-run", "--map", "post=email", "--ignore", "Kst"];
            let (code, said) = admin_with(&mapped, excel, None);
            assert!(code == 1 && said.contains("line 3, alice, column \"Post\": email: "), "{said}");
            assert!(said.contains("reading name from \"Benutzername\"") && said.contains("leaving out Kst"), "{said}");
            assert_eq!(json(&["users", "--json"])[0]["capable"], false);
            let (code, said) = admin_with(&["import", "--keep-going", "-"], &bad, None);
            assert!(code == 4 && said.contains("of 1 account; 2 could not be imported"), "{said}");
            assert_eq!(json(&["users", "--json"])[0]["methods"], serde_json::json!(["email", "phone"]));
            let (code, said) = admin_with(&["import", "-"], good, None);
            assert!(code == 0 && said.contains("1 had theirs already"), "{said}");

            // What follows a row that does not end is unread, which has to be said: it is counted nowhere.
            let endless = format!("{good}bob,\"bob@example.org,\n{}", "carol,carol@example.org,\n".repeat(50_000));
            let (code, said) = admin_with(&["import", "--keep-going", "-"], &endless, None);
            assert!(code == 4 && said.contains("line 3: a quote seems not to be closed"), "{said}");
            assert!(said.contains("was not read from line 3 on"), "{said}");

            // Over what is registered: only on request, and only after a question that nobody is here to answer.
            let other = "{\"name\":\"alice\",\"email\":\"new@example.org\"}\n";
            assert_eq!(admin_with(&["import", "-"], other, None).0, 1);
            let (code, said) = admin_with(&["import", "-", "--replace"], other, None);
            assert!(code == 1 && said.contains("--yes"), "{said}");
            let (code, said) = admin_with(&["import", "-", "--replace", "--yes", "--json"], other, None);
            assert_eq!(code, 0, "{said}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&said).unwrap()["replaced"], 1);
            assert!(must(&["show", "alice", "--reveal"]).contains("new@example.org"));

            let (code, said) = admin(&["import", "/no/such/file"]);
            assert!(code == 1 && said.contains("No such file"), "{said}");
            for (input, why) in
                [("", "is empty"), ("name,post\nx,y\n", "no column \"email\""), ("name,email\n", "no rows")]
            {
                let (code, said) = admin_with(&["import", "-"], input, None);
                assert!(code == 1 && said.contains(why), "{said}");
            }

            let before = messages(1).await.len();
            let mut alice = Terminal::begin(host, "recover", "alice").await;
            alice.answer("e").await;
            let sent = messages(before + 1).await;
            assert!(sent.last().unwrap().contains("new@example.org"), "{sent:?}");
            let log = host.log();
            assert!(!log.contains("example.org") && !log.contains("9012345678"), "{log}");
        },
    );
}

#[test]
fn sign_ins_go_on_while_a_large_file_is_imported() {
    on_a_host("administration::sign_ins_go_on_while_a_large_file_is_imported", async |host: &Host| {
        const COUNT: u32 = 10_000;
        let people = || (0..COUNT).map(|n| format!("user{n}"));
        let lines = people().zip(100_000..).map(|(name, uid)| format!("{name}:x:{uid}:100::/nonexistent:/bin/sh\n"));
        let passwd: String = std::iter::once(fs::read_to_string("/etc/passwd").unwrap()).chain(lines).collect();
        fs::write("/etc/passwd", passwd).unwrap();
        let _agent = Agent::start(host).await;
        let rows = people().map(|name| format!("{name},{name}@example.org\n"));
        let file: String = std::iter::once("name,email\n".to_owned()).chain(rows).collect();
        fs::write("/run/sspr-test/people.csv", file).unwrap();
        let import = tokio::task::spawn_blocking(|| admin(&["import", "/run/sspr-test/people.csv"]));
        let mut asked = 0;
        while !import.is_finished() {
            // Asks, or panics.
            Terminal::begin(host, "recover", "nobody-in-particular").await;
            asked += 1;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        let (code, said) = import.await.unwrap();
        assert!(code == 0 && said.contains(&format!("{COUNT} accounts")), "{said}");
        assert!(asked > 1, "the import was over at once");
    });
}
