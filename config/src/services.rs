//! The known PAM services: the one list of them, with their differences.

/// How a service shows a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// With all its lines, as at terminals and in screen lockers.
    Whole,
    /// In one line. The text to read before it is a separate message.
    AfterMessage,
    /// In one line, or not at all if there is a message, as in lightdm's greeters: the message includes the question,
    /// too.
    InMessage,
    /// In one line. Messages go to the journal, as in Cockpit: the question includes all text to read.
    Alone,
}

/// A PAM service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// The module serves it unless its lines say otherwise. Each of these was tried. Others may answer a question by
    /// themselves, as SDDM does, or show only one line of it, as xdm does.
    pub served: bool,
    /// It shows every question to a person at a terminal of its own, so a question without an answer was seen. sshd
    /// does not: its `password` method answers only password prompts, and a user who breaks off its other method ends
    /// the connection.
    pub always_asks: bool,
    /// How a question looks there.
    pub shows: Shows,
    /// It draws text itself, with any glyph.
    pub draws: bool,
    /// It unlocks the screen of a user who has signed in.
    pub locker: bool,
    /// Doctor checks its lines: users sign in there with name and password.
    pub examined: bool,
}

const TERMINAL: Service = Service {
    name: "",
    served: true,
    always_asks: false,
    shows: Shows::Whole,
    draws: false,
    locker: false,
    examined: false,
};
const SCREEN: Service = Service { draws: true, ..TERMINAL };
const LOCKER: Service = Service { locker: true, ..SCREEN };
const UNTRIED: Service = Service { served: false, ..SCREEN };

/// The services at which users type their own account's password to get in: the console, SSH, Cockpit, the display
/// managers, and the screen lockers. Not sudo, su, cron or mail: users don't sign in there, and scripts do.
pub const ALL: [Service; 15] = [
    Service { name: "login", always_asks: true, examined: true, ..TERMINAL },
    Service { name: "remote", always_asks: true, ..TERMINAL },
    Service { name: "sshd", examined: true, ..TERMINAL },
    Service { name: "cockpit", shows: Shows::Alone, ..SCREEN },
    Service { name: "lightdm", shows: Shows::InMessage, examined: true, ..SCREEN },
    // Its greeters are programs at a terminal, with a terminal's font.
    Service { name: "greetd", shows: Shows::AfterMessage, examined: true, ..TERMINAL },
    Service { name: "xscreensaver", ..LOCKER },
    Service { name: "mate-screensaver", ..LOCKER },
    Service { name: "xfce4-screensaver", ..LOCKER },
    Service { name: "gdm-password", ..UNTRIED },
    Service { name: "sddm", ..UNTRIED },
    Service { name: "lxdm", ..UNTRIED },
    Service { name: "xdm", examined: true, ..UNTRIED },
    Service { name: "kde", locker: true, ..UNTRIED },
    Service { name: "cinnamon-screensaver", locker: true, ..UNTRIED },
];

/// The service `name`, if it is known.
pub fn of(name: &[u8]) -> Option<&'static Service> {
    ALL.iter().find(|service| service.name.as_bytes() == name)
}

/// The names of the services for which `holds` is true.
pub fn named(holds: fn(&Service) -> bool) -> impl Iterator<Item = &'static str> {
    ALL.iter().filter(move |service| holds(service)).map(|service| service.name)
}

/// Whether `name` is a service that shows every question to a person.
pub fn always_asks(name: &str) -> bool {
    of(name.as_bytes()).is_some_and(|service| service.always_asks)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The sources below `directory`, without tests.
    fn sources(directory: &Path, all: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["tests", "examples", "target", "texts"].contains(&name.as_str()) {
                sources(&path, all);
            } else if path.extension().is_some_and(|end| end == "rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let product = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
                all.push((path.display().to_string(), product));
            }
        }
    }

    #[test]
    fn a_service_stands_in_no_other_list() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut all = Vec::new();
        for folder in ["config/src", "pam_sspr/src", "agent"] {
            sources(&root.join(folder), &mut all);
        }
        assert!(all.len() > 150, "{}", all.len());
        // All but the console and sshd, which other code has to name.
        for service in ALL.iter().filter(|service| service.draws || service.shows != Shows::Whole) {
            let quoted = format!("\"{}\"", service.name);
            let found: Vec<_> = all.iter().filter(|(_, text)| text.contains(&quoted)).map(|(path, _)| path).collect();
            // Doctor knows where some of their programs are.
            let elsewhere: Vec<_> = found
                .iter()
                .filter(|path| !path.ends_with("config/src/services.rs") && !path.ends_with("doctor/stacks.rs"))
                .collect();
            assert!(elsewhere.is_empty() && found.len() < 3 && !found.is_empty(), "{}: {found:?}", service.name);
        }
    }

    #[test]
    fn each_service_has_one_row_and_what_always_asks_is_a_terminal_that_is_served() {
        let mut names: Vec<_> = ALL.iter().map(|service| service.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for service in ALL {
            assert!(!service.always_asks || (service.served && service.shows == Shows::Whole && !service.draws));
            assert!(!service.locker || service.shows == Shows::Whole, "{}", service.name);
        }
        assert_eq!(of(b"sshd").map(|service| service.name), Some("sshd"));
        assert_eq!((of(b""), of(b"sudo"), of(b"login\xff")), (None, None, None));
        assert!(always_asks("login") && always_asks("remote") && !always_asks("sshd") && !always_asks(""));
    }
}
