//! The PAM services that the module serves.

/// Where a person types their own account's password to get in: the console, SSH, the display managers, and the
/// screen lockers that can show several prompts. Not sudo, su, cron or mail: nobody signs in there, and scripts do.
/// Each was tried: others may answer a question by themselves, as SDDM does.
pub const DEFAULT: &str = "login,remote,sshd,lightdm,xdm,greetd,xscreensaver,mate-screensaver,xfce4-screensaver";

/// What was tried besides and has to be added by hand.
pub const TRIED: [&str; 1] = ["cockpit"];

/// What was served by default once, and was never tried or answers questions by itself.
pub const UNTRIED: [&str; 5] = ["gdm-password", "sddm", "lxdm", "kde", "cinnamon-screensaver"];
