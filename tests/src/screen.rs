//! Places without a shell: screens of display managers and lockers, and greeters in a terminal, with a keyboard and
//! eyes.

use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use crate::{Machine, browser::keep_picture};

/// Starts an X server that keeps its picture in memory instead of the one for a graphics card that a display manager
/// would start with its own options. No picture changes by itself: no cursor blinks.
pub const PREPARE: &str = r#"
cat >/usr/local/bin/x-of-the-tests <<'X'
#!/bin/sh
display=:0 auth=
while [ $# -gt 0 ]; do
    case $1 in
        :*) display=$1 ;;
        -auth) auth=$2; shift ;;
    esac
    shift
done
echo "$auth" >/run/x-authority
exec Xvfb "$display" -screen 0 1024x768x24 -nolisten tcp ${auth:+-auth "$auth"}
X
cat >/usr/local/bin/session-of-the-tests <<'X'
#!/bin/sh
echo in >>"$HOME/sessions"
exec sleep infinity
X
cat >/usr/local/bin/greeter-of-the-tests <<'X'
#!/bin/sh
rm -f /tmp/greeter
SHELL=/bin/sh LC_ALL=C.UTF-8 tmux -S /tmp/greeter new-session -d -x 80 -y 24 "$1"
while tmux -S /tmp/greeter has-session 2>/dev/null; do sleep 0.1; done
X
cat >/usr/local/bin/wayland-of-the-tests <<'X'
#!/bin/sh
export XDG_RUNTIME_DIR=/tmp/wayland XDG_CONFIG_HOME=/etc/xdg LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 DISPLAY=:0
export WLR_BACKENDS=x11 WLR_RENDERER=pixman
pkill -u "$(id -u)" -x Xvfb
rm -rf "$XDG_RUNTIME_DIR" /tmp/.X0-lock /tmp/.X11-unix/X0
mkdir -m 700 "$XDG_RUNTIME_DIR"
Xvfb :0 -screen 0 1024x768x24 -nolisten tcp &
until xdotool getmouselocation >/dev/null 2>&1; do sleep 0.1; done
cage -- "$@"
kill $!
X
chmod 755 /usr/local/bin/*-of-the-tests
mkdir -p /etc/gtk-3.0 /etc/xdg/gtk-3.0
printf '[Settings]\ngtk-font-name=DejaVu Sans 15\ngtk-cursor-blink=0\n' >/etc/xdg/gtk-3.0/settings.ini
printf '[Settings]\ngtk-cursor-blink=0\ngtk-enable-animations=0\n' >/etc/gtk-3.0/settings.ini
rm -f /etc/systemd/system/display-manager.service
"#;

/// Prepares lightdm with `greeter`, with alice as the last user: her password is asked for at once.
pub fn lightdm(greeter: &str) -> String {
    format!(
        "mkdir -p /etc/lightdm/lightdm.conf.d /usr/share/xsessions
         {{ printf '[LightDM]\\nlogind-check-graphical=false\\nlock-memory=false\\n[Seat:*]\\nxserver-command=/usr/local/bin/x-of-the-tests\\n'
           printf 'greeter-session={greeter}\\ngreeter-hide-users=false\\nuser-session=tests\\n'; }} >/etc/lightdm/lightdm.conf.d/90-tests.conf
         printf '[Desktop Entry]\\nName=tests\\nExec=/usr/local/bin/session-of-the-tests\\nType=Application\\n' \\
             >/usr/share/xsessions/tests.desktop
         userdel -r bob 2>/dev/null || :
         mkdir -p /var/lib/lightdm/.cache/lightdm-gtk-greeter
         printf '[greeter]\\nlast-user=alice\\nlast-session=tests\\n' >/var/lib/lightdm/.cache/lightdm-gtk-greeter/state
         chown -R lightdm: /var/lib/lightdm/.cache
         echo /usr/sbin/lightdm >/etc/X11/default-display-manager"
    )
}

/// How long a user looks for something.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a user sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The display `:0`.
    Display,
    /// The terminal of `greeter-of-the-tests`.
    Terminal,
}

/// A user at a screen.
#[derive(Debug)]
pub struct Screen<'a> {
    machine: &'a Machine,
    name: String,
    kind: Kind,
    /// Whether the text before a question is shown separately, with a button to continue.
    paced: bool,
}

impl<'a> Screen<'a> {
    /// In front of the display `:0`; pictures are kept as `name`-...
    pub fn display(machine: &'a Machine, name: &str) -> Self {
        Self { machine, name: name.into(), kind: Kind::Display, paced: false }
    }

    /// In front of a greeter in a terminal of 80 columns and 24 lines.
    pub fn terminal(machine: &'a Machine, name: &str) -> Self {
        Self { machine, name: name.into(), kind: Kind::Terminal, paced: false }
    }

    /// In front of gtkgreet, in a Wayland compositor on that display: it shows one thing at a time.
    pub fn gtkgreet(machine: &'a Machine) -> Self {
        Self { paced: true, ..Self::display(machine, "gtkgreet") }
    }

    /// The name of the pictures.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn runs(&self, script: &str) -> String {
        self.machine.must(&format!(
            "export DISPLAY=:0 XAUTHORITY=\"$(cat /run/x-authority 2>/dev/null)\" OMP_THREAD_LIMIT=1\n{script}"
        ))
    }

    /// The readable text.
    fn text(&self) -> String {
        self.runs(match self.kind {
            Kind::Display => {
                "import -window root -colorspace Gray -resize 300% png:- 2>/dev/null | tesseract --psm 11 - - 2>/dev/null || :"
            }
            Kind::Terminal => "tmux -S /tmp/greeter capture-pane -p 2>/dev/null || :",
        })
    }

    /// Waits until all of `texts` can be read. Only letters and digits are compared, because blanks and line ends are
    /// not recognized reliably.
    #[track_caller]
    pub fn reads(&self, texts: &[&str]) -> &Self {
        self.looks_for(texts, || ())
    }

    /// Reads `text`, which comes before a question, and continues.
    #[track_caller]
    pub fn told(&self, text: &str) -> &Self {
        self.reads(&[text]).goes_on()
    }

    /// Continues after the text before a question. At gtkgreet the second button does that.
    #[track_caller]
    pub fn goes_on(&self) -> &Self {
        if self.paced {
            self.runs("xdotool key --delay 50 Tab Tab Return");
        }
        self
    }

    /// Moves the mouse until a screen saver shows them.
    #[track_caller]
    pub fn wakes(&self, texts: &[&str]) -> &Self {
        self.looks_for(texts, || drop(self.runs("xdotool mousemove 300 200 mousemove 600 500 key shift")))
    }

    #[track_caller]
    fn looks_for(&self, texts: &[&str], before: impl Fn()) -> &Self {
        let wanted: Vec<String> = texts.iter().map(|text| letters(text)).collect();
        let start = Instant::now();
        loop {
            before();
            let seen = self.text();
            if wanted.iter().all(|text| letters(&seen).contains(text)) {
                return self;
            }
            if start.elapsed() > PATIENCE {
                self.keeps_picture("failed");
                panic!("{}: {texts:?} can't be read:\n{seen}", self.name);
            }
        }
    }

    /// Types a line.
    #[track_caller]
    pub fn types(&self, line: &str) -> &Self {
        let mut script = String::new();
        let (typed, enter) = match self.kind {
            Kind::Display => ("xdotool type --clearmodifiers --delay 15 --", "xdotool key --clearmodifiers Return"),
            Kind::Terminal => ("tmux -S /tmp/greeter send-keys -l --", "tmux -S /tmp/greeter send-keys Enter"),
        };
        if !line.is_empty() {
            writeln!(script, "{typed} '{line}'").unwrap();
        }
        // A greeter that runs its own screen removes it at the sign-in.
        let ends = if self.paced { " || :" } else { "" };
        self.runs(&(script + enter + ends));
        self
    }

    /// Keeps a picture.
    #[track_caller]
    pub fn keeps_picture(&self, what: &str) -> &Self {
        let name = format!("{}-{what}", self.name);
        match self.kind {
            Kind::Display => {
                self.runs("import -window root /root/screen.png");
                keep_picture(&format!("{name}.png"), &fs::read(self.machine.root().join("root/screen.png")).unwrap());
            }
            Kind::Terminal => keep_picture(&format!("{name}.txt"), self.text().as_bytes()),
        }
        self
    }

    /// Types a line, and returns how many milliseconds after Enter the picture changed last, within two seconds.
    #[track_caller]
    pub fn types_and_looks(&self, line: &str) -> Option<f64> {
        if self.kind == Kind::Terminal {
            self.types(line);
            return None;
        }
        let said = self.runs(&format!(
            "xdotool type --clearmodifiers --delay 15 -- '{line}'
             start=$(date +%s%3N) now=$start changed=$start before=
             xdotool key --clearmodifiers Return
             while [ $((now - start)) -lt 2000 ]; do
                 xwd -root -silent -out /dev/shm/picture
                 now=$(date +%s%3N)
                 picture=$(cksum </dev/shm/picture)
                 if [ \"$picture\" != \"$before\" ]; then changed=$now; fi
                 before=$picture
             done
             echo $((changed - start))"
        ));
        said.trim().parse().ok()
    }

    /// Waits until `user` has signed in for the `count`th time, according to the tests' session.
    #[track_caller]
    pub fn is_in(&self, user: &str, count: usize) -> &Self {
        let file = self.machine.root().join("home").join(user).join("sessions");
        let start = Instant::now();
        while !fs::read_to_string(&file).is_ok_and(|text| text.lines().count() >= count) {
            if start.elapsed() > PATIENCE {
                self.keeps_picture("failed");
                panic!("{}: {user} is not in:\n{}", self.name, self.text());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
