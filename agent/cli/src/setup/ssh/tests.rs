use std::fs;

use zeroize::Zeroizing;

use super::*;

struct Says(&'static [&'static str], usize);

impl Person for Says {
    fn hear(&mut self, _: &str) {}

    fn line(&mut self, prompt: &str) -> Result<String, Failure> {
        let (answer, part) = self.0[self.1].split_once(' ').unwrap();
        assert!(prompt.contains(part), "{prompt}");
        self.1 += 1;
        Ok(answer.to_owned())
    }

    fn secret(&mut self, _: &str) -> Result<Zeroizing<String>, Failure> {
        Err(Failure::Refused("no secret is asked for".into()))
    }
}

/// A fake sshd. It prints `with` if the drop-in is in place, otherwise `without`; for alice, it prints the files
/// `alice` and `alice-without` in `dir` instead. It notes if it finds the drop-in missing.
fn sshd(dir: &Path, with: &str, without: &str, status: u8) -> PathBuf {
    let path = dir.join("sshd");
    let text = format!(
        "#!/bin/sh\ncd {}\n[ -e drop-in ] || touch away\ncase \"$*\" in *user=alice*) [ ! -e alice ] || {{ \
         cat alice; [ -s drop-in ] || cat alice-without; exit; }};; esac\n\
         [ -s drop-in ] || {{ echo '{without}'; exit {status}; }}\necho '{with}'\n",
        dir.display()
    );
    sspr_machine::files::write(&path, text.as_bytes(), 0o755, None).unwrap();
    // A parallel test may just be starting a program, and then has this file open for a moment.
    let busy = |error: &std::io::Error| error.kind() == std::io::ErrorKind::ExecutableFileBusy;
    while std::process::Command::new(&path).arg("-h").output().as_ref().err().is_some_and(busy) {}
    path
}

fn away(path: &Path) -> Change {
    let now = super::super::change::now(path).unwrap();
    Change { path: path.into(), before: now, after: None, mode: 0, owner: (0, 0), secret: false }
}

const KEYS: &str = "passwordauthentication no\nkbdinteractiveauthentication no";
const TYPED: &str = "passwordauthentication yes\nkbdinteractiveauthentication no";
const WITH: &str = "kbdinteractiveauthentication yes";

#[test]
fn undo_keeps_the_last_way_to_type_a_password_and_an_sshd_that_starts() {
    for (without, status, keys_alone, goes) in
        [(TYPED, 0, false, true), (KEYS, 0, false, false), (KEYS, 0, true, true), (TYPED, 1, true, false)]
    {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drop-in");
        fs::write(&path, drop_in::text(true, &[])).unwrap();
        let program = sshd(dir.path(), WITH, without, status);
        let all = [(Daemon::plain(&program), vec![None, Some(Connection::plain("bob"))])];
        let kept = undo_with(&program, &all, &away(&path), keys_alone).unwrap();
        assert_eq!((kept.is_none(), path.exists()), (goes, !goes), "{without} {status} {keys_alone} {kept:?}");
        if rustix::process::geteuid().is_root() {
            // An sshd that restarted in between would have run without a file that stays.
            assert_eq!(dir.path().join("away").exists(), goes);
        }
    }
}

#[test]
fn undo_keeps_a_drop_in_that_keeps_somebody_to_keys_or_is_the_way_in_for_somebody() {
    for (alice, alice_without, keys_alone, why) in [
        (KEYS, WITH, true, "without it alice could type a password over SSH, which sshd does not accept now"),
        (WITH, KEYS, false, "without it alice could not type a password over SSH any more"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drop-in");
        fs::write(&path, drop_in::text(true, &[])).unwrap();
        fs::write(dir.path().join("alice"), format!("{alice}\n")).unwrap();
        // The later of two values counts, because they are read into a map.
        fs::write(dir.path().join("alice-without"), format!("{alice_without}\n")).unwrap();
        let program = sshd(dir.path(), WITH, TYPED, 0);
        let all = [(Daemon::plain(&program), vec![None, Some(Connection::plain("alice"))])];
        let kept = undo_with(&program, &all, &away(&path), keys_alone).unwrap().unwrap();
        assert!(kept.starts_with(why) && path.exists(), "{kept}");
    }
}

/// The plan for an sshd with these files and these global answers.
fn plan_for(main: &str, base: &str, options: &[&str], there: Option<&str>, passwords: bool) -> Result<SshPlan, String> {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("etc/ssh/sshd_config.d");
    fs::create_dir_all(&directory).unwrap();
    fs::write(root.path().join("etc/ssh/sshd_config"), main).unwrap();
    let path = directory.join("10-sspr.conf");
    if let Some(there) = there {
        sspr_machine::files::write(&path, there.as_bytes(), 0o644, None).unwrap();
    }
    let config = Config::read(root.path(), Path::new(crate::sshd::MAIN), Some(Path::new(DROP_IN)));
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    let daemon = Daemon { name: "ssh.service".into(), program: "/usr/sbin/sshd".into(), options, odd: None };
    plan_of(&[Seen { daemon, config, base: Answers::of(base) }], &path, passwords).map_err(|e| e.to_string())
}

const READS: &str = "Include /etc/ssh/sshd_config.d/*.conf\n";

#[test]
fn where_nobody_says_no_the_drop_in_is_as_shipped_and_nobody_is_asked() {
    let plan = plan_for(READS, TYPED, &[], None, false).unwrap();
    let SshPlan::DropIn(drop_in) = &plan else { panic!("{plan:?}") };
    assert_eq!(drop_in.change.after.as_deref(), Some(drop_in::text(true, &[]).as_bytes()));
    assert_eq!((drop_in.opens, drop_in.closed.len(), drop_in.closes), (false, 0, false));
    assert_eq!(unasked(plan.clone(), false).unwrap(), plan);
    assert_eq!(asked(&mut Says(&[], 0), plan.clone(), false, || panic!()).unwrap(), plan);
    assert_eq!(plan_for(READS, WITH, &[], None, false).unwrap(), SshPlan::InPlace);
    assert_eq!(plan_for(READS, WITH, &[], Some(&drop_in::text(true, &[])), false).unwrap(), SshPlan::InPlace);
    assert!(plan_for("", TYPED, &[], None, false).unwrap_err().contains("does not read it"));
}

#[test]
fn a_server_of_keys_alone_is_opened_only_for_whoever_says_so() {
    for (options, origin) in [
        ([].as_slice(), "/etc/ssh/sshd_config:2: PasswordAuthentication no"),
        (&["-o", "PasswordAuthentication=no"], "ssh.service has -o PasswordAuthentication=no"),
    ] {
        let main = format!("{READS}PasswordAuthentication no\n");
        let plan = plan_for(&main, KEYS, options, None, false).unwrap();
        assert_eq!(plan, SshPlan::KeysAlone(origin.into()));
        let why = unasked(plan.clone(), true).unwrap_err().to_string();
        assert!(why.contains("accepts keys only") && why.contains("--sshd-passwords") && why.contains(origin), "{why}");
        let opens = plan_for(&main, KEYS, options, None, true).unwrap();
        assert!(matches!(&opens, SshPlan::DropIn(drop_in) if drop_in.opens), "{opens:?}");
        assert_eq!(unasked(opens.clone(), false).unwrap(), opens);
        let answer = |answers, again| asked(&mut Says(answers, 0), plan.clone(), false, || again);
        assert_eq!(answer(&["n passwords over SSH"], Err(Failure::Refused(String::new()))).unwrap(), SshPlan::InPlace);
        assert_eq!(answer(&["y passwords over SSH"], Ok(opens.clone())).unwrap(), opens);
    }
}

#[test]
fn a_block_that_says_no_is_named_asked_about_and_repeated() {
    let main = format!("{READS}Match Group staff\nPasswordAuthentication no\n");
    let plan = plan_for(&main, TYPED, &[], None, false).unwrap();
    let SshPlan::DropIn(drop_in) = &plan else { panic!("{plan:?}") };
    let text = String::from_utf8(drop_in.change.after.clone().unwrap()).unwrap();
    assert!(text.contains("\nMatch Group staff\n    KbdInteractiveAuthentication no\n"), "{text}");
    let why = unasked(plan.clone(), false).unwrap_err().to_string();
    assert!(why.contains("/etc/ssh/sshd_config:3: Match Group staff: PasswordAuthentication no"), "{why}");
    assert!(why.contains("--sshd-match-blocks") && why.contains("--no-sshd"), "{why}");
    assert_eq!(unasked(plan.clone(), true).unwrap(), plan);
    let answer = |answers, blocks| asked(&mut Says(answers, 0), plan.clone(), blocks, || panic!()).unwrap();
    assert_eq!(answer(&["n to all others"], false), SshPlan::InPlace);
    assert_eq!(answer(&["y to all others"], false), plan);
    assert_eq!(answer(&[], true), plan);
    // A drop-in from before the block is changed to refuse passwords there, and then nothing is left to do.
    let late = plan_for(&main, WITH, &[], Some(&drop_in::text(true, &[])), false).unwrap();
    let SshPlan::DropIn(closing) = &late else { panic!("{late:?}") };
    assert!(closing.closes && !closing.opens && closing.change.after == drop_in.change.after, "{closing:?}");
    assert_eq!(unasked(late.clone(), false).unwrap(), late);
    assert_eq!(plan_for(&main, WITH, &[], Some(&text), false).unwrap(), SshPlan::InPlace);
}

#[test]
fn where_keys_alone_are_taken_but_for_some_these_alone_are_offered_conversations() {
    let main = format!("{READS}PasswordAuthentication no\nMatch Address 10.0.0.0/8\nPasswordAuthentication yes\n");
    let plan = plan_for(&main, KEYS, &[], None, false).unwrap();
    let SshPlan::DropIn(drop_in) = plan else { panic!("{plan:?}") };
    let text = String::from_utf8(drop_in.change.after.unwrap()).unwrap();
    assert!(!drop_in.opens && drop_in.closed.is_empty() && !drop_in::is_for_all(text.as_bytes()), "{text}");
    assert!(text.ends_with("Match Address 10.0.0.0/8\n    KbdInteractiveAuthentication yes\n"), "{text}");
}

#[test]
fn an_option_that_says_no_to_conversations_is_named() {
    let why = plan_for(READS, TYPED, &["-o", "KbdInteractiveAuthentication=no"], None, true).unwrap_err();
    assert!(why.contains("ssh.service") && why.contains("KbdInteractiveAuthentication=no"), "{why}");
}
