//! What a modem needs on this host beside ModemManager, about which the agent is asked.

use std::path::Path;

use sspr_config::settings::{PhoneGateway, Settings};

use super::{Finding, network::Way};

/// Where setup writes the rule.
const RULE: &str = "etc/polkit-1/rules.d/org.pam_sspr.rules";

/// Whether polkit's rule is there, without which ModemManager lets the agent send nothing.
pub fn rule(root: &Path, settings: &Settings) -> Option<Finding> {
    // None but root and polkit may look there.
    let is_missing = matches!(root.join(RULE).try_exists(), Ok(false));
    (settings.phone.gateway == PhoneGateway::Modem && is_missing).then(|| {
        Finding::warning(
            Way::Phone.check(),
            format!(
                "/{RULE} isn't there, so ModemManager doesn't let the agent send, unless polkit has another rule for it"
            ),
            "run: sspr setup --phone modem",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_missed_where_messages_leave_by_a_modem_and_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        assert!(rule(root.path(), &settings).is_none());
        settings.phone.gateway = PhoneGateway::Modem;
        assert!(rule(root.path(), &settings).unwrap().what.contains("org.pam_sspr.rules isn't there"));
        let file = root.path().join(RULE);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        assert!(rule(root.path(), &settings).is_none());
    }
}
