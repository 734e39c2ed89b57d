//! The help desk on a real bus, with real groups: who is a member is what the bus and the group file say.

use std::{fs, os::unix::fs::PermissionsExt as _};

use sspr_config::bus::{AGENT_PATH, HELP_DESK, PEOPLE};

use super::{
    ADDRESS, Agent, SERVED,
    host::{Host, on_a_host},
    messages, register, sh_ok, sspr,
};

/// What `who` gets who calls `member` about `user`.
fn ask(who: &str, member: &str, user: &str) -> (bool, String) {
    sh_ok(&format!(
        "setpriv --reuid={who} --clear-groups busctl --address={ADDRESS} call {PEOPLE} {AGENT_PATH} {HELP_DESK} \
         {member} s '{{\"user\":\"{user}\",\"handle\":\"x\",\"code\":\"123456\"}}' 2>&1"
    ))
}

/// `sspr admin` as `who`, by a copy that anybody may run.
fn admin(who: &str, arguments: &str) -> (bool, String) {
    sh_ok(&format!("setpriv --reuid={who} --clear-groups /run/sspr-test/sspr --bus {ADDRESS} admin {arguments} 2>&1"))
}

#[test]
fn of_the_users_on_the_bus_only_members_are_let_in_and_who_they_are_is_what_the_bus_says() {
    on_a_host(
        "helpdesk::of_the_users_on_the_bus_only_members_are_let_in_and_who_they_are_is_what_the_bus_says",
        async |host: &Host| {
            for name in ["alice", "bob", "dora", "dirk"] {
                host.user(name);
            }
            let groups = fs::read_to_string("/etc/group").unwrap();
            fs::write("/etc/group", format!("{groups}desk:x:7001:dora,dirk\n")).unwrap();
            let agent = Agent::start(host).await;
            register(host, "alice").await;
            assert!(ask("dora", "Show", "alice").1.contains("members of the group"), "nobody is one by default");
            drop(agent);
            host.settings(&format!("{SERVED}[helpdesk]\ngroup = \"desk\"\n"));
            let agent = Agent::spawn(std::process::Command::new(env!("CARGO_BIN_EXE_sspr-agent")));
            agent.up(host).await;

            for member in ["Show", "Code", "Unblock", "Verify", "VerifyAnswer"] {
                for who in ["bob", "nobody", "sspr"] {
                    for user in ["alice", "no-such-user"] {
                        let (ok, said) = ask(who, member, user);
                        assert!(!ok && said.contains("members of the group"), "{who} {member} {user}: {said}");
                    }
                }
                let (ok, said) = ask("root", member, "alice");
                assert!(!ok && said.contains("Admin1"), "{member}: {said}");
                for (user, why) in [("dirk", "member of the help desk"), ("dora", "your own"), ("root", "root's")] {
                    let (ok, said) = ask("dora", member, user);
                    assert!(!ok && said.contains(why), "{member} {user}: {said}");
                }
            }
            let (ok, said) = ask("dora", "Show", "alice");
            assert!(ok && said.contains("a***@e***.org") && !said.contains("alice@"), "{said}");

            fs::copy(sspr(), "/run/sspr-test/sspr").unwrap();
            fs::set_permissions("/run/sspr-test/sspr", fs::Permissions::from_mode(0o755)).unwrap();
            let (ok, said) = admin("dora", "show alice");
            assert!(ok && said.contains("a***@e***.org"), "{said}");
            let (ok, said) = admin("dora", "helpdesk --json");
            assert!(ok && said.contains("\"group\": \"desk\""), "{said}");
            let (ok, said) = admin("bob", "helpdesk; [ $? = 1 ]");
            assert!(ok && said.contains("[helpdesk] group"), "{said}");
            let (ok, said) = admin("dora", "code bob");
            assert!(ok && said.contains(" - ") && said.contains("For bob, once"), "{said}");
            assert!(admin("dora", "unblock bob").0);
            let (ok, said) = admin("dora", "show alice --reveal; [ $? = 1 ]");
            assert!(ok && said.contains("only root"), "{said}");
            let (ok, said) = admin("bob", "show alice; [ $? = 1 ]");
            assert!(ok && said.contains("[helpdesk] group"), "{said}");
            let (ok, said) = admin("dora", "users; [ $? = 1 ]");
            assert!(ok && said.contains("sudo"), "{said}");

            // A caller who reads the code out, and one who does not.
            let before = messages(0).await.len();
            let (ok, said) = admin("dora", "verify alice --json");
            assert!(ok && said.contains("\"to\": \"a***@e***.org\""), "{said}");
            let handle: serde_json::Value = serde_json::from_str(&said).unwrap();
            let handle = handle["handle"].as_str().unwrap();
            let message = messages(before + 1).await;
            let message = message.iter().find(|message| message.contains("help desk")).unwrap();
            let code: String = message.split("\n\n").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
            let answer = |code: &str| {
                sh_ok(&format!(
                    "echo {code} | setpriv --reuid=dora --clear-groups /run/sspr-test/sspr --bus {ADDRESS} admin verify \
                     alice --answer {handle} 2>&1"
                ))
            };
            let wrong = if code == "123456" { "654321" } else { "123456" };
            let (ok, said) = answer(wrong);
            assert!(!ok && said.contains("4 more tries"), "{said}");
            let (ok, said) = answer(&code);
            assert!(ok && said.contains("It matches"), "{said}");
            let (ok, said) = answer(&code);
            assert!(!ok && said.contains("does not match"), "{said}");
            let log = host.log();
            assert!(log.contains("Help desk code issued") && log.contains("help desk"), "{log}");

            // Who leaves the group is out at the next call.
            fs::write("/etc/group", groups).unwrap();
            assert!(ask("dora", "Show", "alice").1.contains("members of the group"));
        },
    );
}

#[test]
fn monitoring_is_told_by_the_status_of_a_running_agent_and_of_one_that_is_gone() {
    on_a_host(
        "helpdesk::monitoring_is_told_by_the_status_of_a_running_agent_and_of_one_that_is_gone",
        async |host: &Host| {
            host.user("alice");
            let sspr = sspr();
            let run = |arguments: &str| {
                let (_, said) = sh_ok(&format!("{} --bus {ADDRESS} {arguments} 2>&1; echo status $?", sspr.display()));
                said
            };
            assert!(run("check").contains("SSPR CRITICAL - ") && run("check").contains("status 2"), "{}", run("check"));
            let agent = Agent::start(host).await;
            let said = run("check");
            assert!(said.starts_with("SSPR OK - agent ") && said.ends_with("status 0\n"), "{said}");
            assert!(said.contains("email goes to files") && said.contains("| oldest_message=0s;60;300;0"), "{said}");
            assert!(run("check -w 5m -c 1m").contains("status 3"));
            let (_, said) = sh_ok(&format!("{} check --nonsense 2>&1; echo status $?", sspr.display()));
            assert!(said.contains("status 3"), "{said}");
            let said = run("metrics");
            // Whoever else the machine of the tests has is among them.
            let people = said.lines().find_map(|line| line.strip_prefix("sspr_people "));
            assert!(said.contains("\nsspr_up 1\n") && people.is_some_and(|people| people != "0"), "{said}");
            let file = "/run/sspr-test/sspr.prom";
            assert!(run(&format!("metrics --output {file}")).contains("status 0"));
            assert!(fs::read_to_string(file).unwrap().contains("\nsspr_people_registered 0\n"));
            drop(agent);
            assert!(run(&format!("metrics --output {file}")).contains("status 3"));
            assert!(fs::read_to_string(file).unwrap().ends_with("\nsspr_up 0\n"));
            let copied = fs::copy(&sspr, "/run/sspr-test/sspr").is_ok();
            let (ok, said) = sh_ok(&format!(
                "setpriv --reuid=nobody --clear-groups /run/sspr-test/sspr --bus {ADDRESS} check; [ $? = 3 ]"
            ));
            assert!(copied && ok && said.contains("UNKNOWN"), "{said}");
        },
    );
}
