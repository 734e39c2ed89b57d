//! Users who are equivalent to root on this machine, but not administrators by the settings: one method is enough to
//! reset them.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use sspr_config::settings::{AS_GOOD_AS_ROOT, Enable, Scope, Settings};

use super::Finding;
use sspr_machine::listing;

const CHECK: &str = "admins";
const SUDOERS: &str = "/etc/sudoers";
/// How many are named.
const NAMED: usize = 10;

/// Checks groups, and what sudo's settings allow.
pub fn examine(settings: &Settings) -> Vec<Finding> {
    let scope = &settings.scope;
    if scope.enable == Enable::None || !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let (sudo, unread) = match sudoers() {
        Ok(sudo) => (sudo, None),
        Err(why) => (Sudo::default(), Some(why)),
    };
    let groups = AS_GOOD_AS_ROOT.iter().map(|group| (*group).to_owned()).chain(sudo.groups).collect();
    let powerful = Scope { admin_groups: groups, ..scope.clone() };
    let both = listing::people(scope).and_then(|known| Ok((known, listing::people(&powerful)?)));
    let Ok((known, powerful)) = both else { return Vec::new() };
    let admins: BTreeSet<&str> = known.iter().filter(|one| one.admin).map(|one| one.name.as_str()).collect();
    let found = powerful.iter().filter(|one| one.enabled && (one.admin || sudo.users.contains(&one.name)));
    let found: Vec<&str> = found.map(|one| one.name.as_str()).filter(|name| !admins.contains(name)).collect();
    let mut findings: Vec<Finding> = said(&found).into_iter().collect();
    if let Some(why) = unread {
        findings.push(Finding::fine(CHECK, format!("users who can run everything with sudo were not checked: {why}")));
    }
    findings
}

fn said(found: &[&str]) -> Option<Finding> {
    let names = found.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = found.len().saturating_sub(NAMED);
    let names = if more == 0 { names } else { format!("{names} and {more} more") };
    (!found.is_empty()).then(|| {
        Finding::warning(
            CHECK,
            format!(
                "these users can become root (sudo, or a group such as docker), but one method resets them: {names}"
            ),
            "have each of them register two methods, then add their groups to [scope] admin_groups",
        )
    })
}

/// The users whom sudo lets run everything.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sudo {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
}

/// Asks sudo's own parser for its settings: it knows includes and aliases.
fn sudoers() -> Result<Sudo, String> {
    if !Path::new(SUDOERS).exists() {
        return Ok(Sudo::default());
    }
    let mut command = Command::new("cvtsudoers");
    let output = command.args(["-e", "-f", "json", SUDOERS]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|e| format!("cvtsudoers: {e}"))?;
    serde_json::from_slice(&output.stdout).map(|json| of_json(&json)).map_err(|_| "cvtsudoers can't read it".into())
}

fn of_json(json: &Value) -> Sudo {
    let mut sudo = Sudo::default();
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    for rule in list(json, "User_Specs") {
        let commands = list(&rule, "Cmnd_Specs");
        let mut commands = commands.iter().flat_map(|commands| list(commands, "Commands"));
        if !commands.any(|command| text(&command, "command").as_deref() == Some("ALL")) {
            continue;
        }
        for who in list(&rule, "User_List").iter().filter(|who| who.get("negated").is_none()) {
            sudo.users.extend(text(who, "username"));
            sudo.groups.extend(text(who, "usergroup"));
        }
    }
    sudo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_sudo_lets_run_everything_is_read_from_what_it_says_itself() {
        let json = serde_json::json!({ "User_Specs": [
            { "User_List": [{ "username": "root" }, { "usergroup": "ops" }, { "username": "carol", "negated": true }],
              "Host_List": [{ "hostname": "ALL" }],
              "Cmnd_Specs": [{ "runasusers": [{ "username": "ALL" }], "Commands": [{ "command": "ALL" }] }] },
            { "User_List": [{ "username": "bob" }],
              "Cmnd_Specs": [{ "Commands": [{ "command": "/usr/bin/systemctl restart web" }] }] },
        ]});
        let set = |name: &str| BTreeSet::from([name.to_owned()]);
        assert_eq!(of_json(&json), Sudo { users: set("root"), groups: set("ops") });
        assert_eq!(of_json(&Value::Null), Sudo::default());
    }

    #[test]
    fn who_is_as_good_as_root_is_named_and_the_rest_are_counted() {
        assert_eq!(said(&[]), None);
        assert!(said(&["alice"]).unwrap().what.ends_with("one method resets them: alice"));
        let many: Vec<&str> = std::iter::repeat_n("a", 12).collect();
        assert!(said(&many).unwrap().what.ends_with("and 2 more"));
    }
}
