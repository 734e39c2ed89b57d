//! SSH clients that wait for their user to type the password, the real ones of Debian 12, with the settings of a new
//! installation. The first sign-in of an unregistered user has a question, at which they can't continue. After that
//! nothing is asked for thirty days, and they sign in as without us.

use std::{fmt::Write as _, fs, io::Write as _, thread, time::Duration};

use sspr_tests::{Image, Machine, Terminal, host, ssh::ssh_line};

const PASSWORD: &str = "rain on a tin roof";
/// The content of a file that each of them reads.
const IN: &str = "the file says hello";
/// The time that a person needs to type a password: longer than `min_typing_ms`, which this test is about.
const TYPING: Duration = Duration::from_millis(1500);
/// GNOME Files waits 40 seconds for an answer that it understands.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Gnome,
    Tramp,
    FileZilla,
}

const CLIENTS: [Client; 3] = [Client::Gnome, Client::Tramp, Client::FileZilla];

impl Client {
    /// Its usual name, its package, the account for it, and the command that runs it.
    const fn about(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Gnome => (
                "GNOME Files, by gvfs",
                "gvfs-backends",
                "alice",
                "exec dbus-run-session -- sh -c 'gio mount sftp://alice@127.0.0.1/ && gio cat sftp://alice@127.0.0.1/srv/hello'",
            ),
            Self::Tramp => (
                "TRAMP of Emacs",
                "emacs-nox",
                "bob",
                "exec emacs -Q --batch --eval '(progn (require (quote tramp)) (setq tramp-connection-timeout 15) (princ
                    (with-temp-buffer (insert-file-contents \"/ssh:bob@127.0.0.1:/srv/hello\") (buffer-string))))'",
            ),
            // The program through which FileZilla uses SSH; the test plays FileZilla's part.
            Self::FileZilla => ("FileZilla, by fzsftp", "filezilla", "carol", "exec fzsftp -v"),
        }
    }

    const fn account(self) -> &'static str {
        self.about().2
    }

    /// Signs in. Returns whether that worked; if not, the client could not continue at a question.
    fn signs_in(self, machine: &Machine, key: &str) -> bool {
        let mut line = ssh_line(&["-o", "BatchMode=yes", "-i", key]);
        line.extend(["-tt".into(), "desk@127.0.0.1".into(), format!("sh /srv/{}", self.account())]);
        let mut desk = Terminal::start(self.about().0, &machine.in_network(&line));
        let (prompt, asked) = match self {
            Self::Gnome => ("Password: ", "Timed out when logging in"),
            // It starts again after a while.
            Self::Tramp => ("Password for /ssh:bob@127.0.0.1: ", "Password for /ssh:bob@127.0.0.1: "),
            // FileZilla ends there: "Server sent an additional login prompt. You need to use the interactive login
            // type."
            Self::FileZilla => ("Password: ", "<If you ever can't sign in"),
        };
        if self == Self::FileZilla {
            // The connection; no limit on the bytes of either direction, which it requests with a letter; and the
            // host's key is correct.
            desk.expect("fzSftp started").type_line("open \"carol@127.0.0.1\" 22");
            desk.expect("We claim version").expect("\nA").type_line("-0-").type_line("-1-");
            // The key has to be confirmed the first time.
            if desk.expect_any(&["9127.0.0.1", prompt]) == 0 {
                desk.type_line("y").expect(prompt);
            }
        } else {
            desk.expect(prompt);
        }
        thread::sleep(TYPING);
        desk.type_line(PASSWORD);
        let is_in = if self == Self::FileZilla { "Remote working directory is /home/carol" } else { IN };
        let at_once = desk.expect_within(&[is_in, asked], PATIENCE) == 0;
        // It asked its user again, and the password that is typed then signs in.
        if !at_once && self == Self::Tramp {
            thread::sleep(TYPING);
            desk.type_line(PASSWORD).expect_within(&[is_in], PATIENCE);
        }
        at_once
    }
}

/// All of them at the same time.
fn all_sign_in(machine: &Machine, key: &str) -> Vec<bool> {
    thread::scope(|scope| {
        let all: Vec<_> =
            CLIENTS.into_iter().map(|client| scope.spawn(move || client.signs_in(machine, key))).collect();
        all.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

#[test]
#[ignore = "takes minutes: make test-full runs it"]
fn a_client_that_waits_for_its_person_is_asked_once_and_then_signs_in_for_thirty_days() {
    let mut builder = Machine::with(Image::with_clients_that_wait())
        .switched_on()
        .settings("[scope]\nenable = \"all\"\n")
        .with_bound_on_typing()
        .user("desk", PASSWORD);
    for client in CLIENTS {
        builder = builder.user(client.account(), PASSWORD);
    }
    let machine = builder.boot();
    let mut told = String::from("SSH clients that wait for their person:\n");
    for client in CLIENTS {
        let (name, package, account, script) = client.about();
        fs::write(machine.root().join("srv").join(account), script).unwrap();
        let version = machine.must(&format!("dpkg-query -W -f '${{Version}}' {package}"));
        writeln!(told, "    {name} {version}").unwrap();
    }
    // Bypasses the capture of a test's output.
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    machine.must(&format!(
        "echo '{IN}' >/srv/hello && chmod -R a+rX /srv
         install -d -o desk -g desk -m 700 ~desk/.ssh && ssh-keyscan 127.0.0.1 >~desk/.ssh/known_hosts 2>/dev/null"
    ));
    let key = machine.key_for("desk");

    assert_eq!(machine.without_us(|| all_sign_in(&machine, &key)), [true; 3], "without us");
    assert_eq!(all_sign_in(&machine, &key), [false; 3], "the first time");
    for client in CLIENTS {
        let show = || machine.must(&format!("sspr admin show {}", client.account()));
        // The bus tells the agent that the client is gone.
        host::wait_for("that it was not answered", Duration::from_secs(20), || {
            show().contains("over SSH from").then_some(())
        });
    }
    assert_eq!(all_sign_in(&machine, &key), [true; 3], "the second time");
    machine.agent().hours_later(29 * 24);
    assert_eq!(all_sign_in(&machine, &key), [true; 3], "after 29 days");
    machine.agent().hours_later(31 * 24);
    assert!(!Client::FileZilla.signs_in(&machine, &key), "after 31 days");
    let audit = machine.must("sspr admin audit --json --since 2000-01-01");
    for client in CLIENTS {
        let account = format!("\"account\":\"{}\"", client.account());
        assert!(audit.lines().any(|line| line.contains(&account) && line.contains("not answered")), "{audit}");
    }
}
