//! What a modem needs beside the settings: that the bus keeps the codes that ModemManager sends from all but root and the agent.

use std::path::{Path, PathBuf};

use sspr_machine::files;

use super::change::Change;
use crate::failure::Failure;

/// Read by the bus after all other files.
pub(super) const LOCAL: &str = "/etc/dbus-1/system-local.conf";

/// What the package has for it. Where the package is gone, the bus must start without it.
const INCLUDE: &str = "<include ignore_missing=\"yes\">/usr/share/sspr/dbus/modem.conf</include>";

const NEW: &str = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n  \
    \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<!-- Written by: sspr setup -->\n<busconfig>\n";
const END: &str = "</busconfig>";

/// The change to `file`, which is [`LOCAL`]; `None` where nothing is missing.
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

/// Has the bus read its files again, as root may.
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
