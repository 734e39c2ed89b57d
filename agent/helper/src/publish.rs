//! Writes the settings that the module relies on and must not take from the agent, see [`sspr_config::policy`]. The
//! agent may request the write, but does not decide the content: that comes from the settings in force.

use std::path::Path;

use sspr_config::{
    policy::Policy,
    settings::{RegisterMode, Settings},
};

use super::Error;
use crate::files;

/// The name of the file in the helper's directory.
const NAME: &str = "policy";

/// Writes the policy to `directory`, which belongs to root only.
pub(crate) fn publish(settings: &Settings, directory: &Path) -> Result<(), Error> {
    let policy = Policy {
        required: settings.register.mode == RegisterMode::Required,
        min_uid: settings.scope.min_uid,
        min_typing_ms: settings.register.min_typing_ms,
        fleet: settings.fleet.checks_sign_ins() && settings.register.mode != RegisterMode::Off,
    };
    let (path, text) = (directory.join(NAME), policy.to_text());
    let unavailable = |why: std::io::Error| Error::Unavailable(format!("{}: {why}", path.display()));
    if files::read(&path).map_err(unavailable)?.as_deref() == Some(text.as_bytes()) {
        return Ok(());
    }
    files::write(&path, text.as_bytes(), 0o600, None).map_err(unavailable)
}

#[cfg(test)]
mod tests {
    use sspr_config::{policy, settings};

    use super::*;

    #[test]
    fn what_is_written_is_where_the_module_reads_and_follows_the_settings() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Path::new(crate::RUNTIME).join(NAME), Path::new(policy::FILE));
        for (text, required, min_uid, min_typing_ms, fleet) in [
            ("", false, 1000, 1000, false),
            ("[register]\nmode = \"required\"\n[scope]\nmin_uid = 500\n", true, 500, 1000, false),
            ("[register]\nmode = \"off\"\nmin_typing_ms = 0\n", false, 1000, 0, false),
            ("[fleet]\nservers = [\"a.example.org:1\"]\n", false, 1000, 1000, false),
            ("[fleet]\nregister_at_sign_in = true\n", false, 1000, 1000, false),
            ("[fleet]\nservers = [\"a.example.org:1\"]\nregister_at_sign_in = true\n", false, 1000, 1000, true),
            (
                "[fleet]\nservers = [\"a.example.org:1\"]\nregister_at_sign_in = true\n[register]\nmode = \"off\"\n",
                false,
                1000,
                1000,
                false,
            ),
            // The host has left.
            ("", false, 1000, 1000, false),
        ] {
            let settings = settings::parse(text, Path::new("test")).unwrap();
            publish(&settings, dir.path()).unwrap();
            let written = std::fs::read_to_string(dir.path().join(NAME)).unwrap();
            assert_eq!(Policy::parse(&written), Some(Policy { required, min_uid, min_typing_ms, fleet }), "{text}");
        }
        assert!(publish(&Settings::default(), &dir.path().join("gone")).is_err());
    }
}
