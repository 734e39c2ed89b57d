//! A modem's requirements besides the settings: the bus hides ModemManager's codes from all but root and the agent,
//! and polkit lets the agent send.

use std::path::{Path, PathBuf};

use sspr_machine::files;

use super::change::{self, Change};
use crate::failure::Failure;

/// The bus file that is read last.
pub(super) const LOCAL: &str = "/etc/dbus-1/system-local.conf";

/// The package's rules for it. If the package is removed, the bus must start without them.
const INCLUDE: &str = "<include ignore_missing=\"yes\">/usr/share/sspr/dbus/modem.conf</include>";

/// The rule for polkit, only on hosts with a modem.
pub(super) const RULE: &str = "/etc/polkit-1/rules.d/org.pam_sspr.rules";
/// The package's copy of it. polkit does not look there.
pub(super) const SHIPPED: &str = "/usr/share/sspr/polkit/org.pam_sspr.rules";

const NEW: &str = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n  \
    \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<!-- Written by: sspr setup -->\n<busconfig>\n";
const END: &str = "</busconfig>";

/// The change to `file`, which is [`LOCAL`]; `None` if nothing is missing.
pub(super) fn change(file: &Path) -> Result<Option<Change>, Failure> {
    let old = files::read(file)?.map(|text| String::from_utf8_lossy(&text).into_owned());
    let (before, after) = match &old {
        Some(old) if old.contains(INCLUDE) => return Ok(None),
        None => (NEW, format!("{END}\n")),
        Some(old) => {
            let end = old.rfind(END).and_then(|at| old.split_at_checked(at));
            let (before, after) = end
                .ok_or_else(|| Failure::Refused(format!("{} has no {END}; add by hand: {INCLUDE}", file.display())))?;
            (before, after.to_owned())
        }
    };
    let change = Change::to(PathBuf::from(file), format!("{before}  {INCLUDE}\n{after}").into_bytes())?;
    Ok(Some(change))
}

/// The change to `file`, which is [`RULE`]. It exists while messages are sent by a modem, and is removed otherwise,
/// unless it is not the package's. `None` if there is nothing to change, or no directory for it because polkit is
/// missing.
pub(super) fn rule(file: &Path, shipped: &Path, by_modem: bool) -> Result<Option<Change>, Failure> {
    let Some(ours) = files::read(shipped)?.filter(|_| file.parent().is_some_and(Path::is_dir)) else {
        return Ok(None);
    };
    let change = if by_modem {
        Change::to(PathBuf::from(file), ours)?
    } else {
        let before = change::now(file)?.filter(|now| now.content == ours);
        Change { path: file.into(), before, after: None, mode: 0, owner: (0, 0), secret: false }
    };
    Ok(Some(change).filter(Change::is_needed))
}

/// Makes the bus read its files again, as root may.
pub(super) async fn reload(bus: &str) -> Result<(), Failure> {
    let name = "org.freedesktop.DBus";
    let asked = async {
        let bus = zbus::connection::Builder::address(bus).build().await?;
        bus.call_method(Some(name), "/org/freedesktop/DBus", Some(name), "ReloadConfig", &()).await
    };
    asked
        .await
        .map(drop)
        .map_err(|_| Failure::Refused("the bus did not read its files again; run: systemctl reload dbus".into()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn polkit_has_the_rule_as_long_as_messages_leave_by_a_modem_and_another_s_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (file, shipped) = (dir.path().join("rules.d/org.pam_sspr.rules"), dir.path().join("shipped"));
        fs::write(&shipped, "// ours\n").unwrap();
        let asked = |by_modem| rule(&file, &shipped, by_modem).unwrap();
        assert_eq!(asked(true), None, "there is no polkit");
        fs::create_dir(dir.path().join("rules.d")).unwrap();
        assert_eq!(asked(false), None);
        asked(true).unwrap().make().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "// ours\n");
        assert_eq!(asked(true), None);
        asked(false).unwrap().make().unwrap();
        assert!(!file.exists());
        fs::write(&file, "// theirs\n").unwrap();
        assert_eq!(asked(false), None);
    }

    #[test]
    fn the_bus_gets_its_line_once_and_what_is_written_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("system-local.conf");
        let new = change(&file).unwrap().unwrap();
        new.make().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("<!DOCTYPE busconfig") && text.ends_with(&format!("  {INCLUDE}\n</busconfig>\n")),
            "{text}"
        );
        assert_eq!(change(&file).unwrap(), None);

        fs::write(&file, "<busconfig>\n  <policy user=\"alice\"/>\n</busconfig>\n").unwrap();
        change(&file).unwrap().unwrap().make().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, format!("<busconfig>\n  <policy user=\"alice\"/>\n  {INCLUDE}\n</busconfig>\n"));
        assert_eq!(change(&file).unwrap(), None);

        fs::write(&file, "").unwrap();
        assert!(matches!(change(&file), Err(Failure::Refused(why)) if why.contains("by hand")));
        assert!(INCLUDE.contains("ignore_missing"), "a bus that does not start is a machine that does not");
    }
}
