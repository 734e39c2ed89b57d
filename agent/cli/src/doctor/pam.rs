//! The lines of the PAM stacks, and the modules that they name.

use std::path::Path;

use sspr_config::services;

use super::{Finding, rules};
use sspr_machine::{
    files,
    modules::is_installed,
    pamconf::ELSEWHERE,
    stack::{Line, stack},
};

const CHECK: &str = "pam";
/// What adds the lines where the profile of authselect is the one that the .rpm derives.
pub const BY_AUTHSELECT: &str = "authselect enable-feature with-sspr";
/// The modules that check a typed password.
pub(super) const JUDGES: [&str; 4] = ["pam_unix", "pam_sss", "pam_winbind", "pam_ldap"];

/// The services that people sign in at by name and password; the module serves more.
pub(super) fn examined() -> impl Iterator<Item = &'static str> {
    services::named(|service| service.examined)
}

/// Whether any service has the module.
pub fn is_wired(root: &Path) -> bool {
    examined().any(|service| {
        stack(root, service).ok().flatten().is_some_and(|lines| lines.iter().any(|line| line.module == "pam_sspr"))
    })
}

/// Whether authselect has the profile in use that the .rpm derives.
pub fn has_our_profile(root: &Path) -> bool {
    // The profile stands first, then its features.
    let text = files::text(&root.join("etc/authselect/authselect.conf")).unwrap_or_default();
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')) == Some("custom/sspr")
}

/// The command that adds the lines, or says which to add by hand.
pub fn switch_on(root: &Path) -> &'static str {
    if has_our_profile(root) { BY_AUTHSELECT } else { "sspr setup" }
}

/// Whether each service has the module, before the module that checks the password, with a control that grants nothing.
pub fn lines(root: &Path) -> Vec<Finding> {
    let switch_on = format!("run: {}", switch_on(root));
    let mut findings = Vec::new();
    let mut good = Vec::new();
    let mut without = Vec::new();
    for service in examined() {
        match stack(root, service) {
            Ok(None) => {}
            Err(why) => findings.push(Finding::error(CHECK, why, "correct that file: every sign-in needs it")),
            Ok(Some(stack)) => match fault(service, &stack, &switch_on) {
                Fault::None => good.push(service),
                Fault::Missing => without.push(service),
                Fault::Some(finding) => findings.push(finding),
            },
        }
    }
    match (good.is_empty() && findings.is_empty(), without.is_empty()) {
        (true, false) => {
            findings.push(Finding::error(
                CHECK,
                "no PAM service has pam_sspr.so: nobody can reset or register",
                switch_on,
            ));
        }
        (_, false) => findings.push(Finding::warning(
            CHECK,
            format!("no line for pam_sspr.so in {}", without.join(", ")),
            "include common-auth and common-account there, or copy their lines",
        )),
        (true, true) => findings.push(Finding::error(
            CHECK,
            "there is no PAM service to sign in at, not even login",
            "reinstall the packages login and libpam-runtime",
        )),
        (false, true) => {}
    }
    if !good.is_empty() {
        findings.push(Finding::fine(CHECK, format!("in place for {}", good.join(", "))));
    }
    findings
}

enum Fault {
    None,
    Missing,
    Some(Finding),
}

fn fault(service: &str, stack: &[Line], switch_on: &str) -> Fault {
    let of = |kind: &str| stack.iter().filter(|line| line.kind == kind).cloned().collect::<Vec<_>>();
    let (auth, account) = (of("auth"), of("account"));
    let own = |lines: &[Line]| lines.iter().position(|line| line.module == "pam_sspr");
    let error = |what: String, fix: &str| Fault::Some(Finding::error(CHECK, what, fix));
    match (own(&auth), own(&account)) {
        (None, None) => Fault::Missing,
        (None, Some(_)) => error(format!("{service}: pam_sspr.so is in account but not in auth: no reset"), switch_on),
        (Some(_), None) => error(
            format!("{service}: pam_sspr.so is in auth but not in account: nobody is asked to register"),
            switch_on,
        ),
        (Some(at), Some(after)) => {
            let judge = auth.iter().position(|line| JUDGES.contains(&line.module.as_str()));
            let (Some(first), Some(second)) = (auth.get(at), account.get(after)) else { return Fault::Missing };
            match judge {
                None => {
                    return error(
                        format!("{service}: no auth line checks the password that a reset sets"),
                        "add pam_unix.so after pam_sspr.so, as common-auth has it",
                    );
                }
                Some(judge) if judge < at => {
                    let name = auth.get(judge).map_or("", |line| line.module.as_str());
                    return error(
                        format!("{service}: pam_sspr.so comes after {name}.so, which asks for the password first"),
                        "move its auth line before it; pam-auth-update --enable sspr does",
                    );
                }
                Some(_) => {}
            }
            if let Some(lock) =
                auth.iter().take(at).find(|line| ["pam_faillock", "pam_tally2"].contains(&line.module.as_str()))
            {
                return Fault::Some(Finding::warning(
                    CHECK,
                    format!(
                        "{service}: {}.so comes before pam_sspr.so and rejects locked accounts: no reset for them",
                        lock.module
                    ),
                    "move the auth line of pam_sspr.so before it",
                ));
            }
            if !harmless(&first.control) {
                return error(
                    format!("{service}: the auth line of pam_sspr.so has the control {:?}", first.control),
                    "write [default=ignore]: the module makes no decision of its own",
                );
            }
            if !harmless(&second.control) {
                return error(
                    format!("{service}: the account line of pam_sspr.so has the control {:?}", second.control),
                    "write [perm_denied=die default=ignore]",
                );
            }
            Fault::None
        }
    }
}

/// Whether a control lets no user in, and keeps no user out unless the module denies the sign-in.
fn harmless(control: &str) -> bool {
    match control.strip_prefix('[').and_then(|c| c.strip_suffix(']')) {
        Some(pairs) => {
            pairs.split_whitespace().all(|pair| match pair.split_once('=') {
                Some(("perm_denied", action)) => ["die", "bad", "ignore"].contains(&action),
                Some((_, action)) => action == "ignore",
                None => false,
            }) && pairs.contains("default=")
        }
        None => false,
    }
}

/// Whether the modules that set a password are installed, ours included; and whether there are rules for new passwords.
pub fn modules(root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let present = |module: &str| is_installed(root, module);
    if !present("pam_sspr") {
        findings.push(Finding::error(
            "module",
            "pam_sspr.so is not where PAM looks for it",
            "reinstall the package sspr",
        ));
    }
    let lines = match stack(root, "sspr") {
        Ok(Some(lines)) => lines,
        Ok(None) => {
            findings.push(Finding::error(
                "password",
                "the PAM service sspr is missing: no password can be set",
                "reinstall the package sspr",
            ));
            return findings;
        }
        Err(why) => {
            findings.push(Finding::error("password", why, "correct that file"));
            return findings;
        }
    };
    let setters: Vec<_> = lines.iter().filter(|line| line.kind == "password").collect();
    if let Some(line) = setters.iter().find(|line| ELSEWHERE.contains(&line.module.as_str())) {
        let what =
            format!("{}: {}.so sets passwords elsewhere; a reset of a local account skips it", line.place, line.module);
        findings.push(Finding::fine("password", what));
    }
    let missing = setters.iter().find(|line| !line.optional && !present(&line.module));
    if root == Path::new("/")
        && missing.is_none()
        && let Some(why) = sspr_machine::why_no_line_sets_a_password()
    {
        let fix = if why.contains("dictionary") {
            "run: update-cracklib (or install cracklib-runtime), or write dictcheck = 0 in /etc/security/pwquality.conf"
        } else {
            "correct /etc/pam.d/common-password"
        };
        findings.push(Finding::error("password", format!("no password can be set: {why}"), fix));
    }
    if let Some(line) = missing {
        findings.push(Finding::error(
            "password",
            format!("{}: {}.so is not installed: no password can be set", line.place, line.module),
            "install it, or remove that line",
        ));
    } else if !setters.iter().any(|line| JUDGES.contains(&line.module.as_str())) {
        findings.push(Finding::error(
            "password",
            "the PAM service sspr has no pam_unix.so in password: no password can be set",
            "include common-password in /etc/pam.d/sspr",
        ));
    } else {
        findings.extend(rules::examine(root, &setters));
    }
    findings
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use super::{super::Level, *};

    const AUTH: &str = "auth\t[default=ignore]\tpam_sspr.so\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\n\
                        auth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so\n";
    const ACCOUNT: &str = "account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\n\
                           account\trequisite\tpam_deny.so\naccount [perm_denied=die default=ignore] pam_sspr.so\n";
    const LOGIN: &str = "auth optional pam_faildelay.so delay=3000000\n@include common-auth\n@include common-account\n";

    /// A machine with these files in `/etc/pam.d`.
    pub(in crate::doctor) fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("etc/pam.d");
        fs::create_dir_all(&directory).unwrap();
        for (name, text) in files {
            fs::write(directory.join(name), text).unwrap();
        }
        let modules = root.path().join("usr/lib/x86_64-linux-gnu/security");
        fs::create_dir_all(&modules).unwrap();
        for module in ["pam_sspr", "pam_unix", "pam_deny", "pam_permit"] {
            fs::write(modules.join(format!("{module}.so")), "").unwrap();
        }
        root
    }

    fn judged(auth: &str, account: &str) -> Finding {
        let root = machine(&[("common-auth", auth), ("common-account", account), ("login", LOGIN)]);
        let findings = lines(root.path());
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings.into_iter().next().unwrap()
    }

    #[test]
    fn a_machine_where_it_is_switched_on_is_fine() {
        let found = judged(AUTH, ACCOUNT);
        assert_eq!((found.level, found.what.as_str()), (Level::Fine, "in place for login"));
    }

    #[test]
    fn a_missing_a_late_and_a_granting_line_are_found_with_their_service() {
        let without = |text: &str| text.lines().filter(|l| !l.contains("pam_sspr")).collect::<Vec<_>>().join("\n");
        let late = format!("{}\nauth [default=ignore] pam_sspr.so\n", without(AUTH));
        for (auth, account, want) in [
            (without(AUTH), without(ACCOUNT), "no PAM service has pam_sspr.so"),
            (without(AUTH), ACCOUNT.into(), "login: pam_sspr.so is in account but not in auth"),
            (AUTH.into(), without(ACCOUNT), "login: pam_sspr.so is in auth but not in account"),
            (late, ACCOUNT.into(), "login: pam_sspr.so comes after pam_unix.so"),
            (
                AUTH.replace("[default=ignore]\tpam_sspr", "sufficient pam_sspr"),
                ACCOUNT.into(),
                "has the control \"sufficient\"",
            ),
            (
                AUTH.replace("[default=ignore]\tpam_sspr", "[success=done default=ignore] pam_sspr"),
                ACCOUNT.into(),
                "has the control",
            ),
            (
                AUTH.into(),
                ACCOUNT.replace("[perm_denied=die default=ignore]", "required"),
                "account line of pam_sspr.so has the control \"required\"",
            ),
            ("auth [default=ignore] pam_sspr.so\n".into(), ACCOUNT.into(), "no auth line checks the password"),
        ] {
            let found = judged(&auth, &account);
            assert!(
                found.level == Level::Error && found.what.contains(want) && found.fix.is_some(),
                "{found:?}\n  want {want}"
            );
        }
    }

    #[test]
    fn a_module_that_is_missing_is_added_by_authselect_where_its_profile_is_ours() {
        let root = machine(&[("login", "auth required pam_unix.so\naccount required pam_unix.so\n")]);
        let fix = || lines(root.path())[0].fix.clone();
        assert_eq!(fix().as_deref(), Some("run: sspr setup"));
        fs::create_dir_all(root.path().join("etc/authselect")).unwrap();
        let profile = |text: &str| fs::write(root.path().join("etc/authselect/authselect.conf"), text).unwrap();
        profile("sssd\ncustom/sspr\n");
        assert_eq!(fix().as_deref(), Some("run: sspr setup"), "another profile");
        profile("custom/sspr\nwithout-nullok\n");
        assert_eq!(fix().as_deref(), Some("run: authselect enable-feature with-sspr"));
    }

    #[test]
    fn a_lock_before_the_module_is_a_warning_and_one_after_it_is_none() {
        let lock = "auth required pam_faillock.so preauth\n";
        let found = judged(&format!("{lock}{AUTH}"), ACCOUNT);
        assert!(found.level == Level::Warning && found.what.contains("pam_faillock.so comes before"), "{found:?}");
        let after = AUTH.replace("auth\t[success", &format!("{lock}auth\t[success"));
        assert_eq!(judged(&after, ACCOUNT).level, Level::Fine);
    }

    #[test]
    fn a_service_with_lines_of_its_own_is_a_warning_and_includes_of_one_type_are_followed() {
        let root = machine(&[
            ("common-auth", AUTH),
            ("common-account", ACCOUNT),
            ("login", "auth substack common-auth\naccount include common-account\n"),
            ("sshd", "auth required pam_unix.so\n"),
        ]);
        let findings = lines(root.path());
        let levels: Vec<_> = findings.iter().map(|f| (f.level, f.what.as_str())).collect();
        assert_eq!(levels, [(Level::Warning, "no line for pam_sspr.so in sshd"), (Level::Fine, "in place for login")]);
    }

    #[test]
    fn a_file_that_is_missing_or_includes_itself_is_an_error() {
        let root = machine(&[("login", "@include common-auth\n")]);
        assert!(lines(root.path())[0].what.contains("/etc/pam.d/login:1 includes common-auth, which can't be read"));
        let root = machine(&[("login", "@include login\n")]);
        assert!(lines(root.path())[0].what.contains("includes itself"));
    }

    #[test]
    fn a_password_can_be_set_only_if_all_modules_are_there() {
        let with = |password: &str| {
            let root = machine(&[("sspr", "@include common-password\n"), ("common-password", password)]);
            modules(root.path())
        };
        let unix = "password [success=1 default=ignore] pam_unix.so yescrypt\npassword requisite pam_deny.so\n";
        assert_eq!(with(unix)[0].level, Level::Fine);
        let missing = with(&format!("password requisite pam_pwquality.so retry=3\n{unix}"));
        assert!(
            missing[0].level == Level::Error
                && missing[0].what
                    == "/etc/pam.d/common-password:1: pam_pwquality.so is not installed: no password can be set"
        );
        assert_eq!(with(&format!("-password optional pam_gnome_keyring.so\n{unix}"))[0].level, Level::Fine);
        assert!(with("password required pam_permit.so\n")[0].what.contains("no pam_unix.so"));
        let directory = with(&format!("password [success=2 default=ignore] pam_krb5.so minimum_uid=1000\n{unix}"));
        assert!(directory[0].level == Level::Fine && directory[0].what.contains("pam_krb5.so"), "{directory:?}");
        let root = machine(&[]);
        fs::remove_file(root.path().join("usr/lib/x86_64-linux-gnu/security/pam_sspr.so")).unwrap();
        let found = modules(root.path());
        assert!(
            found[0].what.contains("pam_sspr.so is not where")
                && found[1].what.contains("the PAM service sspr is missing")
        );
    }
}
