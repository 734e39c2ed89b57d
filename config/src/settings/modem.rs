//! `[phone.modem]`: which modem of this machine sends text messages.

use serde::{Deserialize, Serialize};

/// `[phone.modem]`. Without it, or without `device`, the only modem that ModemManager knows is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Modem {
    /// Its IMEI, a port such as `cdc-wdm0` or `/dev/ttyUSB2`, its device in `/sys`, or its uid in udev.
    #[serde(default)]
    pub device: Option<String>,
}

impl Modem {
    /// Their section.
    pub const SECTION: &str = "phone.modem";

    /// Why the settings are invalid.
    pub(super) fn fault(&self) -> Option<String> {
        let device = self.device.as_deref()?;
        let unfit =
            device.trim() != device || device.is_empty() || device.len() > 256 || device.chars().any(char::is_control);
        unfit.then(|| {
            format!("device = {device:?} names no modem; write its IMEI, a port such as \"cdc-wdm0\", or its device, as mmcli -m any shows them")
        })
    }
}
