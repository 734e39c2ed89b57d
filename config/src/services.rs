//! The PAM services that the module serves.

/// Where a person types their own account's password to get in: the console, SSH, Cockpit, the display managers, and the
/// screen lockers that can show several prompts. Not sudo, su, cron or mail: nobody signs in there, and scripts do.
/// Each was tried: others may answer a question by themselves, as SDDM does.
pub const DEFAULT: &str = "login,remote,sshd,cockpit,lightdm,greetd,xscreensaver,mate-screensaver,xfce4-screensaver";

/// Those of them that show a question of one line, and what should be read before it in a place of its own. The screen lockers show
/// all lines of a question, and such a message for a moment.
pub const SCREENS: &str = "cockpit,lightdm,greetd";

/// What was served by default once, and was never tried, answers questions by itself, or shows one line of them (xdm).
pub const LEFT_OUT: [&str; 6] = ["gdm-password", "sddm", "lxdm", "xdm", "kde", "cinnamon-screensaver"];
