//! The line in the shell of an unregistered user who signs in with a key.

use std::time::{Duration, Instant};

use sspr_tests::{Image, Machine, Output, Terminal, agent::Agent, ssh::ssh_line};

const OLD: &str = "rain on a tin roof";
const LINE: &str = "sspr enroll";

fn machine(prepare: &str) -> Machine {
    let builder = Machine::with(Image::installed()).switched_on().with_mail().user("alice", OLD).prepare(prepare);
    builder.settings("[scope]\nenable = \"all\"\n").boot()
}

/// A shell with a key, at a terminal.
fn shell(machine: &Machine) -> Terminal {
    let key = machine.key_for("alice");
    let mut line = ssh_line(&["-o", "BatchMode=yes", "-i", &key]);
    line.extend(["-tt".into(), "alice@127.0.0.1".into()]);
    Terminal::start("ssh alice by key", &machine.in_network(&line))
}

/// The output of a shell until it waits for a command.
fn shown(machine: &Machine, prompt: &str) -> String {
    let mut shell = shell(machine);
    shell.expect(prompt);
    shell.transcript()
}

fn outside(machine: &Machine, program: &str, options: &[&str], arguments: &[&str]) -> Output {
    let key = machine.key_for("alice");
    // The options of ssh also work for scp and sftp.
    let of_ssh = ssh_line(&["-o", "BatchMode=yes", "-i", &key]);
    let mut line: Vec<String> = [program.to_owned()].into_iter().chain(of_ssh.into_iter().skip(1)).collect();
    line.extend(options.iter().chain(arguments).map(ToString::to_string));
    machine.from_outside(&line)
}

#[test]
fn a_shell_by_key_is_told_once_a_day_and_nothing_else_ever_is() {
    let machine = machine("");
    let stamp = "~alice/.local/state/sspr/hint";
    // Everything except an interactive shell comes first, to show that it does not use up the day.
    assert_eq!(machine.ssh_key("alice", "echo in").stdout, "in\n");
    let copied = outside(&machine, "scp", &["-q", "/etc/hostname"], &["alice@127.0.0.1:copied"]);
    assert_eq!((copied.code, copied.stdout + &copied.stderr), (0, String::new()));
    let listed = outside(&machine, "sftp", &["-q", "-b", "/dev/null"], &["alice@127.0.0.1"]);
    assert_eq!((listed.code, listed.stdout + &listed.stderr), (0, String::new()));
    let piped = machine.ssh_key("alice", "bash -l -c 'echo login'");
    assert_eq!((piped.stdout, piped.stderr), ("login\n".into(), String::new()));
    let by_su = machine.must("su - alice -c 'echo su' 2>&1");
    assert_eq!(by_su, "su");
    let rsync = machine.must(
        "mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519 &&
         cat /root/.ssh/id_ed25519.pub >>~alice/.ssh/authorized_keys &&
         rsync -e 'ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR' /etc/hostname alice@127.0.0.1:synced 2>&1",
    );
    assert_eq!(rsync, "");
    let cloned = machine.must(
        "git init -q --bare /srv/repo.git && chown -R alice /srv/repo.git && cd /root &&
         export GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR' &&
         git clone -q alice@127.0.0.1:/srv/repo.git work 2>&1 && cd work &&
         git -c user.name=root -c user.email=root@localhost commit -q --allow-empty -m first && git push -q origin HEAD 2>&1",
    );
    assert_eq!(cloned, "warning: You appear to have cloned an empty repository.");
    machine.must(&format!("! test -e {stamp}"));

    let first = shown(&machine, "alice@shell:~$ ");
    assert_eq!(first.matches(LINE).count(), 1, "{first}");
    let second = shown(&machine, "alice@shell:~$ ");
    assert!(!second.contains(LINE), "{second}");
    machine.must(&format!("echo 2020-01-01 >{stamp}"));
    let next_day = shown(&machine, "alice@shell:~$ ");
    assert_eq!(next_day.matches(LINE).count(), 1, "{next_day}");

    // Registered now, and therefore silent, although it is another day.
    machine.registers_email("alice", OLD, "alice@example.org");
    machine.must(&format!("echo 2020-01-01 >{stamp}"));
    let registered = shown(&machine, "alice@shell:~$ ");
    assert!(!registered.contains(LINE), "{registered}");
    assert_eq!(machine.must("grep -c . ~alice/.local/state/sspr/hint"), "1");

    // Other users' login shells with alice's HOME wait for nothing that she put there, and do not write through her
    // links.
    machine.must("useradd -m bob; echo precious >~bob/precious; chown bob: ~bob/precious; chmod 711 ~alice ~bob");
    for trap in ["mkfifo -m 666 hint", "ln -s ~bob/precious hint", "mkdir hint"] {
        machine.must(&format!("cd ~alice/.local/state/sspr && rm -rf hint && {trap} && chmod 755 . .. ../.."));
        for user in ["bob", "root"] {
            let shell = "script -qec 'bash -lic true' /dev/null";
            let ended = machine.run(&format!(
                "cd /; setpriv --reuid {user} --regid {user} --clear-groups env HOME=/home/alice timeout 10 {shell}"
            ));
            assert_eq!(ended.code, 0, "{trap} {user} {ended:?}");
        }
    }
    assert_eq!(machine.must("cat ~bob/precious"), "precious");
}

#[test]
fn without_an_agent_a_shell_starts_in_silence_and_at_once() {
    let machine = machine("usermod -s /bin/sh alice");
    for stop in [Agent::freeze, Agent::kill] {
        machine.must("rm -rf ~alice/.local");
        stop(machine.agent());
        let begin = Instant::now();
        let text = shown(&machine, "$ ");
        assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
        assert!(!text.contains("sspr") && !text.to_lowercase().contains("terminated"), "{text}");
        machine.must("test -e ~alice/.local/state/sspr/hint");
        machine.agent().thaw();
    }
}
