//! The rest of the PAM stacks, and the programs that the module serves: things that work in unexpected ways.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use sspr_config::services;

use super::{
    Finding,
    pam::{JUDGES, examined},
};
use sspr_machine::{
    encrypting,
    stack::{Line, stack},
};

/// Modules that can sign a user in without a password, by name.
const WITHOUT_PASSWORD: [&str; 7] =
    ["pam_fprintd", "pam_howdy", "pam_u2f", "pam_pkcs11", "pam_p11", "pam_poldi", "pam_yubico"];

/// Programs that never show the line above the first prompt: their title, their path, and the service.
const WITHOUT_HINT: [(&str, &str, &str); 4] = [
    ("lightdm-gtk-greeter", "usr/sbin/lightdm-gtk-greeter", "lightdm"),
    ("lightdm-gtk-greeter", "usr/bin/lightdm-gtk-greeter", "lightdm"),
    ("Cockpit", "usr/lib/cockpit/cockpit-ws", "cockpit"),
    ("Cockpit", "usr/libexec/cockpit-ws", "cockpit"),
];

/// Every check of this file.
pub fn examine(root: &Path) -> Vec<Finding> {
    let served = Served::read(root);
    let mut findings = served.untried();
    findings.extend(without_password(root));
    findings.extend(encrypted(root));
    findings.extend(without_hint(root, &served));
    findings.extend(no_longer_served(root, &served));
    findings
}

/// The services that the lines of the module name.
struct Served(BTreeSet<String>);

impl Served {
    fn read(root: &Path) -> Self {
        let names = ["common-auth", "common-account", "system-auth"].into_iter().chain(examined());
        let lines = names.filter_map(|service| stack(root, service).ok().flatten()).flatten();
        let own: Vec<Line> = lines.filter(|line| line.module == "pam_sspr").collect();
        let listed = |line: &Line| line.arguments.iter().find_map(|a| a.strip_prefix("services=").map(str::to_owned));
        let lists = own.iter().map(|line| match listed(line) {
            Some(list) => list.split(',').map(str::to_owned).collect::<Vec<_>>(),
            None => services::named(|service| service.served).map(str::to_owned).collect(),
        });
        Self(lists.flatten().collect())
    }

    fn untried(&self) -> Vec<Finding> {
        let tried = |name: &str| services::of(name.as_bytes()).is_some_and(|service| service.served);
        let names: Vec<&str> = self.0.iter().map(String::as_str).filter(|name| !tried(name)).collect();
        if names.is_empty() {
            return Vec::new();
        }
        vec![Finding::warning(
            "services",
            format!(
                "services= names {}, which is not served by default: it was not tested, or does not show the questions as a user needs them",
                names.join(", ")
            ),
            "remove it from both lines of pam_sspr.so; to keep it, test a sign-in, a registration and Enter at the prompt there",
        )]
    }
}

/// A fingerprint, card or token module after ours is reached only after something was typed.
fn without_password(root: &Path) -> Vec<Finding> {
    let (mut behind, mut before) = (BTreeMap::<String, Vec<&str>>::new(), BTreeSet::new());
    for service in examined() {
        let Ok(Some(lines)) = stack(root, service) else { continue };
        let auth: Vec<Line> = lines.into_iter().filter(|line| line.kind == "auth").collect();
        let Some(own) = auth.iter().position(|line| line.module == "pam_sspr") else { continue };
        let judge = auth.iter().position(|line| JUDGES.contains(&line.module.as_str())).unwrap_or(auth.len());
        for (at, line) in auth.iter().enumerate() {
            let alone = line.control == "sufficient" || line.control.contains("success=");
            if !(alone && WITHOUT_PASSWORD.contains(&line.module.as_str())) || at > judge {
                continue;
            }
            if at < own {
                before.insert(line.module.clone());
            } else {
                behind.entry(line.module.clone()).or_default().push(service);
            }
        }
    }
    let late = behind.into_iter().map(|(module, services)| {
        Finding::warning(
            "touch",
            format!(
                "{}: {module}.so comes after pam_sspr.so: it is reached only after something was typed, and Enter begins a reset",
                services.join(", ")
            ),
            "give its profile in /usr/share/pam-configs a Priority above 1280, then run: pam-auth-update",
        )
    });
    let good = before.into_iter().map(|module| Finding::fine("touch", format!("{module}.so comes before the prompt")));
    late.chain(good).collect()
}

fn encrypted(root: &Path) -> Option<Finding> {
    let modules = encrypting::encrypting(root, &encrypting::sign_ins());
    let names: Vec<String> = modules.iter().map(|module| format!("{module}.so")).collect();
    (!names.is_empty()).then(|| {
        Finding::warning(
            "encrypted",
            format!("after a reset, data encrypted with the old password stays locked ({})", names.join(", ")),
            "give users another way to open it, see \"What the old password encrypts\" in the guide; the prompt says it too",
        )
    })
}

fn without_hint(root: &Path, served: &Served) -> Vec<Finding> {
    let shown = |(_, path, service): &(&str, &str, &str)| root.join(path).exists() && served.0.contains(*service);
    WITHOUT_HINT
        .into_iter()
        .filter(shown)
        .map(|(name, ..)| {
            let what = format!("{name} shows no hint: tell users to press Log In with an empty field to reset");
            Finding::fine("hint", what)
        })
        .collect()
}

fn no_longer_served(root: &Path, served: &Served) -> Option<Finding> {
    let installed = |name: &&str| root.join("etc/pam.d").join(name).exists() && !served.0.contains(*name);
    let names: Vec<&str> = services::named(|service| !service.served).filter(installed).collect();
    (!names.is_empty() && !served.0.is_empty()).then(|| {
        let what = format!(
            "no reset at {}: not served by default, and sign-ins work as before; services= adds one",
            names.join(", ")
        );
        Finding::fine("services", what)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{
        super::{Level, pam::tests::machine},
        *,
    };

    const LOGIN: &str = "@include common-auth\n@include common-account\n@include common-session\n";
    const ACCOUNT: &str = "account [perm_denied=die default=ignore] pam_sspr.so\n";
    const SESSION: &str = "session required pam_unix.so\n";
    const UNIX: &str = "auth [success=1 default=ignore] pam_unix.so\n";

    /// The findings on a machine with these lines in common-auth, and these in common-session.
    fn said(auth: &str, session: &str, add: impl Fn(&Path)) -> Vec<(Level, String)> {
        let files = [("login", LOGIN), ("common-auth", auth), ("common-account", ACCOUNT), ("common-session", session)];
        let root = machine(&files);
        add(root.path());
        examine(root.path()).into_iter().map(|finding| (finding.level, finding.what)).collect()
    }

    #[test]
    fn on_a_plain_machine_there_is_nothing_to_say() {
        assert_eq!(said(&format!("auth [default=ignore] pam_sspr.so\n{UNIX}"), SESSION, |_| ()), []);
        let cockpit = format!("auth [default=ignore] pam_sspr.so services=login,sshd,cockpit\n{UNIX}");
        assert_eq!(said(&cockpit, SESSION, |_| ()), []);
    }

    #[test]
    fn a_service_that_was_not_tried_is_named_and_one_that_is_installed_and_not_served_is_told() {
        let auth = format!("auth [default=ignore] pam_sspr.so services=login,sddm,my-app\n{UNIX}");
        let found = said(&auth, SESSION, |_| ());
        assert!(
            found.len() == 1 && found[0].0 == Level::Warning && found[0].1.contains("names my-app, sddm,"),
            "{found:?}"
        );
        let plain = format!("auth [default=ignore] pam_sspr.so\n{UNIX}");
        let found = said(&plain, SESSION, |root| {
            for name in ["gdm-password", "xdm"] {
                fs::write(root.join("etc/pam.d").join(name), "").unwrap();
            }
        });
        assert!(
            found.len() == 1 && found[0].0 == Level::Fine && found[0].1.contains("no reset at gdm-password, xdm:"),
            "{found:?}"
        );
    }

    #[test]
    fn a_fingerprint_behind_the_prompt_is_a_warning_and_one_before_it_is_as_it_should_be() {
        let touch = "auth [success=2 default=ignore] pam_fprintd.so\n";
        let own = "auth [default=ignore] pam_sspr.so\n";
        let found = said(&format!("{own}{touch}{UNIX}"), SESSION, |_| ());
        assert!(found.len() == 1 && found[0].0 == Level::Warning, "{found:?}");
        assert!(found[0].1.starts_with("login: pam_fprintd.so comes after"), "{found:?}");
        let found = said(&format!("{touch}{own}{UNIX}"), SESSION, |_| ());
        assert_eq!(found, [(Level::Fine, "pam_fprintd.so comes before the prompt".to_owned())]);
        // A second factor, which signs nobody in by itself, belongs there.
        assert_eq!(said(&format!("{own}{UNIX}auth required pam_u2f.so\n"), SESSION, |_| ()), []);
    }

    #[test]
    fn what_the_old_password_encrypts_is_named() {
        let auth = format!("auth [default=ignore] pam_sspr.so\n{UNIX}");
        let session = "session required pam_unix.so\nsession optional pam_fscrypt.so\n";
        assert_eq!(said(&auth, session, |_| ()), [], "not installed");
        let module =
            |root: &Path| fs::write(root.join("usr/lib/x86_64-linux-gnu/security/pam_fscrypt.so"), "").unwrap();
        let found = said(&auth, session, module);
        assert!(
            found.len() == 1 && found[0].0 == Level::Warning && found[0].1.contains("(pam_fscrypt.so)"),
            "{found:?}"
        );
    }

    #[test]
    fn programs_that_never_show_the_hint_are_told_where_they_are_served() {
        let auth = format!("auth [default=ignore] pam_sspr.so services=login,lightdm,cockpit\n{UNIX}");
        let installed = |root: &Path| {
            for path in ["usr/sbin/lightdm-gtk-greeter", "usr/lib/cockpit/cockpit-ws"] {
                fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
                fs::write(root.join(path), "").unwrap();
            }
        };
        let found = said(&auth, SESSION, installed);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|(level, what)| *level == Level::Fine && what.contains("Log In")), "{found:?}");
        let plain = format!("auth [default=ignore] pam_sspr.so services=login\n{UNIX}");
        assert_eq!(said(&plain, SESSION, installed).len(), 2, "common-account has the default list");
    }
}
