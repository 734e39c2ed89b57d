//! `sspr admin users`, `show`, `unblock`, `forget` and `exempt`.

use std::process::ExitCode;

use sspr_config::{credential::NO_UID, settings::Method};
use sspr_core::plain::plain;
use sspr_protocol::{
    Time,
    admin::{Done, Exempting, HelpdeskCode, Nothing, People, PeopleOf, Shown, ShownNext, User, Whom},
    helpdesk::Membership,
};

use crate::{client::Client, failure::Failure, out, table::Table};

/// All users of self-service.
pub async fn users(client: &Client, json: bool) -> Result<ExitCode, Failure> {
    let users: Vec<User> = client.call("Users", &Nothing {}).await?;
    if json {
        out::json(&users)?;
        return Ok(ExitCode::SUCCESS);
    }
    if users.is_empty() {
        out::print("Self-service is on for nobody. Choose for whom: sspr admin enable")?;
        return Ok(ExitCode::SUCCESS);
    }
    out::print(&table(&users))?;
    let capable = users.iter().filter(|user| user.capable).count() as u64;
    let all = users.len() as u64;
    out::print(&format!("\n{}; {capable} can reset the password.", out::number(all, "account", "accounts")))?;
    Ok(ExitCode::SUCCESS)
}

/// A page of the list of all users.
pub async fn page(client: &Client, of: PeopleOf, json: bool) -> Result<ExitCode, Failure> {
    let page: People = client.call("People", &of).await?;
    if json {
        out::json(&page)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !page.users.is_empty() {
        out::print(&table(&page.users))?;
    }
    let all = out::number(page.matching, "account", "accounts");
    let more = match page.users.last() {
        Some(last) if page.more => format!(" The next page: --after {}", plain(&last.name)),
        _ => String::new(),
    };
    out::print(&format!("\n{all} in all.{more}"))?;
    Ok(ExitCode::SUCCESS)
}

fn table(users: &[User]) -> String {
    let mut table = Table::new(&["NAME", "METHODS", "CONFIRMED", "STATE"]).narrowest(&[8, 12, 10, 12]).wrapping();
    for user in users {
        let mut state = state(user);
        if !user.enabled {
            state.push("not in scope".to_owned());
        }
        table.row(&[
            user.name.clone(),
            methods(user),
            user.confirmed.map(out::day).unwrap_or_default(),
            state.join(", "),
        ]);
    }
    table.render(out::width(), true)
}

fn methods(user: &User) -> String {
    let mut methods = user.methods.clone();
    methods.extend(user.unconfirmed.iter().map(|method| format!("{method} (unconfirmed)")));
    if user.recovery_codes > 0 {
        methods.push(out::number(u64::from(user.recovery_codes), "recovery code", "recovery codes"));
    }
    if methods.is_empty() { "-".to_owned() } else { methods.join(", ") }
}

fn state(user: &User) -> Vec<String> {
    let mut state = Vec::new();
    if let Some(seconds) = user.rests_for {
        state.push(format!("suspended for {}", out::wait(seconds)));
    }
    state.push(
        match (user.registered, user.methods.is_empty()) {
            (true, _) if user.rests_for.is_some() => "registered",
            (true, _) if user.waits_until.is_some() => "registered, can't reset yet",
            (true, _) => "ready",
            (false, true) => "not registered",
            (false, false) => "too few methods",
        }
        .to_owned(),
    );
    if user.admin {
        state.push("administrator".to_owned());
    }
    if user.exempt {
        state.push("exempt".to_owned());
    }
    state
}

/// Everything about one account.
pub async fn show(client: &Client, user: String, reveal: bool, json: bool) -> Result<ExitCode, Failure> {
    let shown: Shown = client.call("Show", &Whom { user, reveal, local: false }).await?;
    if json {
        out::json(&shown)?;
    } else {
        out::print(&described(&shown, jiff::Timestamp::now().as_second()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// When the user will be asked next, and what.
fn asked_next(next: &ShownNext, now: Time) -> String {
    let from =
        |at: Time| if at <= now { "at the next sign-in".to_owned() } else { format!("from {} on", out::moment(at)) };
    let Some(at) = next.at else { return format!("never: {}", next.why) };
    match next.over_ssh {
        Some(over_ssh) if over_ssh > at.max(now) => format!("{}: {}; over SSH {}", from(at), next.why, from(over_ssh)),
        _ => format!("{}: {}", from(at), next.why),
    }
}

fn described(shown: &Shown, now: Time) -> String {
    let user = &shown.user;
    let gone = shown.verdict == "unknown";
    let which = match user.uid {
        _ if gone => "which is gone; its registration is still here".to_owned(),
        NO_UID => "of the directory".to_owned(),
        uid => format!("uid {uid}"),
    };
    let mut lines = vec![("Account", format!("{}, {which}", user.name))];
    let served = match shown.verdict.as_str() {
        "eligible" => "on for this account".to_owned(),
        "no login" => "not for this account: no login (its shell, or pam_shells, refuses it)".to_owned(),
        "not local" => "not for this account: not local (or its line in /etc/shadow is broken; see pwck)".to_owned(),
        verdict => format!("not for this account: {verdict}"),
    };
    lines.push(("Self-service", served));
    let mut state = state(user);
    if shown.verdict != "eligible" {
        // Being registered is not enough.
        state.iter_mut().filter(|word| *word == "ready").for_each(|word| "registered".clone_into(word));
    }
    lines.push(("State", state.join(", ")));
    for contact in &shown.contacts {
        let mut text = contact.contact.clone();
        let from = match contact.source.as_deref() {
            Some("directory") => "from the directory",
            Some("entra") => "from Entra",
            Some("import") => "imported",
            // From before the source was recorded.
            _ if !contact.usable => "imported",
            _ => "",
        };
        for (holds, words) in [
            (contact.preferred, "preferred".to_owned()),
            (!contact.usable, format!("{from}, not confirmed")),
            (contact.usable && !from.is_empty(), from.to_owned()),
        ] {
            if holds {
                text = format!("{text} ({words})");
            }
        }
        let label = Method::from_word(&contact.method).map_or("Contact", Method::label);
        lines.push((label, format!("{text}, since {}", out::day(contact.since))));
    }
    if user.methods.iter().any(|method| method == "app") {
        lines.push((Method::App.label(), "registered".to_owned()));
    }
    if user.recovery_codes > 0 {
        lines.push((
            "Codes",
            format!("{} left", out::number(u64::from(user.recovery_codes), "recovery code", "recovery codes")),
        ));
    }
    if let Some(since) = shown.since {
        let confirmed = user.confirmed.map(out::day).unwrap_or_default();
        lines.push(("Registered", format!("{}, last confirmed {confirmed}", out::day(since))));
    }
    if let Some(asked) = shown.asked {
        lines.push(("Asked", format!("to register, last on {}", out::moment(asked))));
    }
    if let Some(next) = &shown.next {
        lines.push(("Next asked", asked_next(next, now)));
    }
    if let Some(language) = &shown.language {
        lines.push(("Language", language.clone()));
    }
    if let Some(code) = &shown.helpdesk_code {
        let until = match code.used {
            Some(at) => format!("used {}", out::moment(at)),
            None => format!("good until {}", out::moment(code.expires)),
        };
        lines.push(("Desk code", format!("from {}, {until}", code.issuer)));
    }
    if let Some(waits) = &shown.waits {
        let through = match waits.via.as_str() {
            "" => String::new(),
            via => format!(" through host {via}"),
        };
        lines.push((
            "Waits",
            format!("good for no reset until {}: registered first{through}", out::moment(waits.until)),
        ));
    }
    if let Some(exemption) = &shown.exemption {
        let reason = if exemption.reason.is_empty() { String::new() } else { format!(": {}", exemption.reason) };
        lines.push(("Exempt", format!("by {} on {}{reason}", exemption.issuer, out::day(exemption.created))));
    }
    let lines = lines.iter().map(|(label, text)| format!("{label:<13}{}", plain(text)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A code to read out.
pub async fn code(client: &Client, user: String, json: bool) -> Result<ExitCode, Failure> {
    let code: HelpdeskCode = client.call("Code", &Whom { user: user.clone(), ..Whom::default() }).await?;
    if json {
        out::json(&code)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Words that can be spoken, with space around them.
    out::print(&format!("\n\n        {}\n\n", code.code.replace('-', " - ")))?;
    out::print(&format!(
        "For {}, once, until {} ({} from now). Verify who the caller is, then read it out.\n\
         At the password prompt: Enter, then the word code, then this.\n\
         It can't be shown again.",
        plain(&user),
        out::moment(code.expires).get(11..16).unwrap_or_default(),
        out::wait(code.lifetime)
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Ends a suspension.
pub async fn unblock(client: &Client, user: String, json: bool) -> Result<ExitCode, Failure> {
    let done: Done = client.call("Unblock", &Whom { user: user.clone(), ..Whom::default() }).await?;
    let user = plain(&user);
    let changed = format!("Self-service of {user} works again.");
    let unchanged = format!("Self-service of {user} was not suspended; its wrong codes are cleared.");
    finish(done, json, &changed, Ok(&unchanged))
}

/// Whether the caller is a member of the help desk.
pub async fn membership(client: &Client, json: bool) -> Result<ExitCode, Failure> {
    if rustix::process::geteuid().is_root() {
        return Err(Failure::Refused("root needs no group, and can do more than the help desk".into()));
    }
    let membership: Membership = client.call("Member", &Nothing {}).await?;
    if json {
        out::json(&membership)?;
    } else {
        let group = plain(&membership.group);
        out::print(&format!("You are a member of the help desk, the group {group}: show, verify, code and unblock."))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Moves the registration of a local account to the account of the directory.
pub async fn adopt(client: &Client, user: String, json: bool) -> Result<ExitCode, Failure> {
    let done: Done = client.call("Adopt", &Whom { user: user.clone(), ..Whom::default() }).await?;
    let user = plain(&user);
    let changed = format!(
        "{user} of the directory has the contacts and the authenticator app of the local account, and the contacts are notified.\n\
         Recovery codes, codes of the help desk, unconfirmed contacts and an exemption are not kept.\n\
         Now delete the local account."
    );
    finish(done, json, &changed, Ok("Nothing was registered."))
}

/// Deletes the registration; a missing one is an error unless `if_registered`.
pub async fn forget(
    client: &Client,
    whom: Whom,
    yes: bool,
    json: bool,
    if_registered: bool,
) -> Result<ExitCode, Failure> {
    match drop_registered(client, &whom, yes, json).await {
        Err(Failure::NotFound(why)) => {
            if json {
                out::json(&Done { changed: false })?;
            }
            if if_registered { Ok(ExitCode::SUCCESS) } else { Err(Failure::NotFound(why)) }
        }
        other => other,
    }
}

async fn drop_registered(client: &Client, whom: &Whom, yes: bool, json: bool) -> Result<ExitCode, Failure> {
    let shown = plain(&whom.user);
    // An unknown account is reported before the question.
    let _: Shown = client.call("Show", whom).await?;
    out::confirm(&format!("This deletes everything that {shown} has registered."), yes)?;
    let done: Done = client.call("Forget", whom).await?;
    if !done.changed {
        return Err(Failure::NotFound(format!("{shown} has nothing registered")));
    }
    let changed = format!("Everything that {shown} had registered is deleted, and the contacts are notified.");
    finish(done, json, &changed, Ok(""))
}

/// Exempts a user from registering, or ends the exemption.
pub async fn exempt(client: &Client, exempting: Exempting, json: bool) -> Result<ExitCode, Failure> {
    let done: Done = client.call("Exempt", &exempting).await?;
    let user = plain(&exempting.user);
    if exempting.remove {
        let changed = format!("{user} is asked to register again.");
        return finish(done, json, &changed, Err(&format!("{user} is not exempt")));
    }
    finish(done, json, &format!("{user} need not register."), Ok(&format!("{user} is exempt already.")))
}

/// Shows what was done. `unchanged` says whether doing nothing is an error.
fn finish(done: Done, json: bool, changed: &str, unchanged: Result<&str, &str>) -> Result<ExitCode, Failure> {
    if json {
        out::json(&done)?;
    }
    match (done.changed, unchanged) {
        (true, _) | (false, Ok(_)) if json => {}
        (true, _) => out::print(changed)?,
        (false, Ok(words)) => out::print(words)?,
        (false, Err(words)) => return Err(Failure::Refused(words.to_owned())),
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_contact_says_who_vouched_for_it_unless_its_owner_registered_it() {
        let contact = |usable: bool, source: Option<&str>| json!({ "method": "email", "contact": "a***@e***.org", "preferred": false, "usable": usable, "since": 0, "source": source });
        let shown = json!({
            "name": "alice", "uid": 1001, "admin": false, "enabled": true, "registered": true, "capable": true, "methods": ["email"],
            "unconfirmed": [], "recovery_codes": 0, "confirmed": null, "rests_for": null, "exempt": false, "verdict": "eligible",
            "contacts": [
                contact(true, None), contact(true, Some("directory")), contact(false, Some("directory")),
                contact(true, Some("import")), contact(false, Some("import")), contact(false, None),
            ],
            "since": null, "language": null, "asked": null, "next": null, "helpdesk_code": null, "exemption": null,
        });
        let text = described(&serde_json::from_value(shown).unwrap(), 0);
        let said: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once("a***@e***.org")?.1.split_once(", since")?.0.trim().into())
            .collect();
        assert_eq!(
            said,
            [
                "",
                "(from the directory)",
                "(from the directory, not confirmed)",
                "(imported)",
                "(imported, not confirmed)",
                "(imported, not confirmed)",
            ]
        );
    }

    #[test]
    fn an_account_whose_self_service_is_suspended_is_not_ready() {
        let state_of = |rests_for: Option<i64>, registered: bool| {
            let user = json!({
                "name": "alice", "uid": 1001, "admin": false, "enabled": true, "registered": registered, "capable": false,
                "methods": ["email"], "unconfirmed": [], "recovery_codes": 0, "confirmed": null, "rests_for": rests_for,
                "exempt": false,
            });
            state(&serde_json::from_value(user).unwrap()).join(", ")
        };
        assert_eq!(state_of(None, true), "ready");
        assert_eq!(state_of(Some(86_400), true), "suspended for 24 h, registered");
        assert_eq!(state_of(Some(86_400), false), "suspended for 24 h, too few methods");
    }

    /// The output of userdel's hook if the command `sspr` fails with `status`.
    fn hook(status: u8) -> String {
        let dir = tempfile::tempdir().unwrap();
        let sspr = dir.path().join("sspr");
        let fake = format!(
            "#!/bin/sh\necho \"$*\" >>'{0}'\necho 'sspr: why' >&2\nexit {status}\n",
            dir.path().join("asked").display()
        );
        sspr_machine::files::write(&sspr, fake.as_bytes(), 0o755, None).unwrap();
        let script = include_str!("../../../../packaging/shadow-maint/userdel-post");
        let script = script.replace("/usr/bin/sspr", &sspr.display().to_string());
        let output = Command::new("sh").args(["-c", &script]).env("SUBJECT", "alice").output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
        assert_eq!(asked, "admin forget --local --yes --if-registered alice\nadmin exempt --local --remove alice\n");
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn whoever_deletes_an_account_hears_of_a_registration_that_outlives_it_and_of_nothing_else() {
        assert_eq!(hook(0), "");
        for status in [1, 2, 3] {
            assert_eq!(
                hook(status),
                "sspr: the registration of alice was not deleted (why); run: sspr admin forget --local alice\n"
            );
        }
    }
}
