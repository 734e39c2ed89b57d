//! The module's arguments, as written on its line in a PAM service file.

use std::ffi::CStr;
use std::fmt;

use sspr_config::{
    bus::SYSTEM_BUS,
    language::Language,
    policy,
    services::{self, Shows},
    settled,
};

/// The arguments, all optional.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args<'a> {
    /// These services replace the ones that are served by default.
    services: Option<&'a str>,
    screens: &'a str,
    /// Whether the prompt says what Enter does.
    pub(crate) hint: bool,
    /// The language for the users of this service; with `None`, the locale decides.
    pub(crate) lang: Option<Language>,
    /// Whether each step is logged.
    pub(crate) debug: bool,
    /// The address of the bus. It is never taken from the environment, which another user may control.
    pub(crate) bus: &'a str,
    /// The directory in which the agent notes the accounts that it need not be asked about.
    pub(crate) settled: &'a str,
    /// The file in which the credential helper wrote whether registering may be required.
    pub(crate) policy: &'a str,
    /// The file that switches the module off.
    pub(crate) off: &'a str,
}

/// An argument that is not understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "argument {:?} is not understood and the module stands aside; valid are services=NAME,NAME,... \
             screens=NAME,NAME,... hint=yes|no lang=auto|TAG debug bus=unix:path=/... settled=/... policy=/... off=/...",
            self.0
        )
    }
}

impl<'a> Args<'a> {
    /// Reads the arguments. The first one that is unknown, malformed or given twice is an error.
    pub(crate) fn parse(args: &[&'a CStr]) -> Result<Self, Wrong> {
        let (mut services, mut screens, mut hint, mut lang, mut debug) = (None, None, None, None, None);
        let (mut bus, mut settled, mut policy, mut off) = (None, None, None, None);
        for arg in args {
            let wrong = || Wrong(arg.to_string_lossy().into_owned());
            let text = arg.to_str().map_err(|_| wrong())?;
            let fresh = match text.split_once('=') {
                Some(("services", list)) if is_list(list) => services.replace(list).is_none(),
                Some(("screens", list)) if is_list(list) => screens.replace(list).is_none(),
                Some(("hint", "yes")) => hint.replace(true).is_none(),
                Some(("hint", "no")) => hint.replace(false).is_none(),
                Some(("lang", "auto")) => lang.replace(None).is_none(),
                Some(("lang", tag)) if Language::from_tag(tag).is_some() => {
                    lang.replace(Language::from_tag(tag)).is_none()
                }
                Some(("bus", address)) if is_local(address) => bus.replace(address).is_none(),
                Some(("settled", path)) if path.starts_with('/') => settled.replace(path).is_none(),
                Some(("policy", path)) if path.starts_with('/') => policy.replace(path).is_none(),
                Some(("off", path)) if path.starts_with('/') => off.replace(path).is_none(),
                None if text == "debug" => debug.replace(true).is_none(),
                _ => false,
            };
            if !fresh {
                return Err(wrong());
            }
        }
        Ok(Self {
            services,
            screens: screens.unwrap_or_default(),
            hint: hint.unwrap_or(true),
            lang: lang.flatten(),
            debug: debug.unwrap_or(false),
            bus: bus.unwrap_or(SYSTEM_BUS),
            settled: settled.unwrap_or(settled::DIRECTORY),
            policy: policy.unwrap_or(policy::FILE),
            off: off.unwrap_or(policy::OFF),
        })
    }

    /// Whether the module has anything to do in `service`.
    pub(crate) fn serves(&self, service: &[u8]) -> bool {
        match self.services {
            Some(list) => names(list, service),
            None => services::of(service).is_some_and(|known| known.served),
        }
    }

    /// Whether `service` draws text itself and is no terminal. Services that an administrator names are added to the
    /// tested ones.
    pub(crate) fn is_screen(&self, service: &[u8]) -> bool {
        services::of(service).is_some_and(|known| known.shows != Shows::Whole) || names(self.screens, service)
    }
}

fn names(list: &str, service: &[u8]) -> bool {
    list.split(',').any(|name| !name.is_empty() && name.as_bytes() == service)
}

fn is_list(list: &str) -> bool {
    list.split(',').all(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@'))
    })
}

/// A socket on this machine: other transports run programs or ask the network.
fn is_local(address: &str) -> bool {
    address.strip_prefix("unix:path=").is_some_and(|path| path.starts_with('/') && !path.contains([',', ';']))
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    fn parse<R>(args: &[&str], check: impl FnOnce(Result<Args<'_>, Wrong>) -> R) -> R {
        let owned: Vec<_> = args.iter().map(|a| CString::new(*a).unwrap()).collect();
        let borrowed: Vec<_> = owned.iter().map(CString::as_c_str).collect();
        check(Args::parse(&borrowed))
    }

    #[test]
    fn without_arguments_the_sign_in_services_are_served_and_no_others() {
        parse(&[], |args| {
            let args = args.unwrap();
            assert!(args.hint && !args.debug);
            assert_eq!(args.bus, "unix:path=/run/dbus/system_bus_socket");
            for service in ["login", "sshd", "cockpit", "lightdm", "greetd"] {
                assert!(args.serves(service.as_bytes()), "{service}");
            }
            for service in [
                "sudo", "su", "su-l", "cron", "crond", "passwd", "dovecot", "samba", "sspr", "other", "", "logi", ",",
                "sddm", "xdm",
            ] {
                assert!(!args.serves(service.as_bytes()), "{service}");
            }
            assert!(!args.serves(b"login\xff"));
            let is_screen = |service: &&str| args.is_screen(service.as_bytes());
            assert!(["cockpit", "lightdm", "greetd"].iter().all(is_screen));
            assert!(!["login", "remote", "sshd", "mate-screensaver", "my-app", ""].iter().any(is_screen));
        });
    }

    #[test]
    fn each_argument_is_read() {
        parse(
            &[
                "services=vlock,my_app-1.0",
                "screens=my_app-1.0",
                "hint=no",
                "debug",
                "bus=unix:path=/run/x/bus",
                "settled=/run/x/s",
                "policy=/p",
                "off=/o",
            ],
            |args| {
                let args = args.unwrap();
                assert!(args.serves(b"vlock") && args.serves(b"my_app-1.0") && !args.serves(b"login"));
                assert!(args.is_screen(b"my_app-1.0") && args.is_screen(b"lightdm") && !args.is_screen(b"vlock"));
                assert!(!args.hint && args.debug);
                assert_eq!((args.bus, args.settled, args.policy), ("unix:path=/run/x/bus", "/run/x/s", "/p"));
                assert_eq!(args.off, "/o");
            },
        );
        parse(&["hint=yes"], |args| assert!(args.unwrap().hint));
        parse(&["lang=pt-BR"], |args| assert_eq!(args.unwrap().lang, Some(Language::BrazilianPortuguese)));
        parse(&["lang=auto"], |args| assert_eq!(args.unwrap().lang, None));
    }

    #[test]
    fn an_argument_that_is_unknown_malformed_or_given_twice_is_named_with_the_valid_ones() {
        let table: [&[&str]; 33] = [
            &["use_first_pass"],
            &["Debug"],
            &["debug=yes"],
            &["debug="],
            &[""],
            &["="],
            &["services"],
            &["services="],
            &["services=login,"],
            &["services=,login"],
            &["services=login, sshd"],
            &["services=login/../su"],
            &["screens="],
            &["screens=a", "screens=b"],
            &["hint"],
            &["hint="],
            &["lang="],
            &["lang=is"],
            &["lang=de_DE.UTF-8"],
            &["lang=de", "lang=auto"],
            &["hint=true"],
            &["hint=YES"],
            &["bus="],
            &["bus=unix:path=relative"],
            &["bus=tcp:host=example.org,port=1"],
            &["bus=unix:path=/a;unixexec:path=/bin/sh"],
            &["bus=unixexec:path=/bin/sh"],
            &["settled="],
            &["settled=run/sspr"],
            &["policy="],
            &["policy=run/sspr"],
            &["off=no"],
            &["debug", "debug"],
        ];
        for args in table {
            parse(args, |parsed| {
                let line = parsed.expect_err(args[0]).to_string();
                assert!(line.contains(&format!("{:?}", args.last().unwrap())), "{line}");
                assert!(line.contains("services=") && line.contains("hint=yes|no") && line.contains("debug"), "{line}");
            });
        }
        parse(&["hint=yes", "hint=no"], |parsed| assert!(parsed.is_err()));
    }

    #[test]
    fn an_argument_that_is_not_utf8_is_refused_and_logged_without_control_characters() {
        let bad = CString::new(b"services=\xff\x1b[2J".to_vec()).unwrap();
        let line = Args::parse(&[&bad]).unwrap_err().to_string();
        assert!(!line.contains('\x1b'), "{line}");
    }

    #[test]
    fn the_manual_page_has_just_the_arguments_and_services_that_there_are() {
        let page = include_str!("../../packaging/man/pam_sspr.8");
        let options = page.split_once(".SH OPTIONS\n").unwrap().1.split_once(".SH ").unwrap().0;
        let entries: Vec<String> = options
            .split(".TP\n")
            .skip(1)
            .map(|entry| entry.lines().next().unwrap().replace("\\fB", "").replace("\\fR", "").replace("\\fI", ""))
            .collect();
        // The same list as in the reply to a typo in the arguments, in the same words.
        let said = parse(&["?"], |args| args.unwrap_err().to_string());
        let valid: Vec<&str> = said.split_once("valid are ").unwrap().1.split(' ').collect();
        let plain = |text: &str| text.replace("NAME,NAME,...", "NAME,...").replace("/...", "PATH");
        assert_eq!(entries, valid.iter().map(|argument| plain(argument)).collect::<Vec<_>>());
        let named: Vec<String> = options
            .split_once(".SH")
            .map_or(options, |(before, _)| before)
            .lines()
            .filter_map(|line| line.strip_prefix(".IR "))
            .map(|line| line.split(' ').next().unwrap().replace('\\', ""))
            .collect();
        assert_eq!(named, services::named(|service| service.served).collect::<Vec<_>>());
    }
}
