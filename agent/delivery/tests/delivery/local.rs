//! Messages that stay on this machine: by a command, and into files.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sspr_config::settings;
use sspr_delivery::{Deliveries, DeliveryError, Receipt, Surroundings, Trust};

use crate::support::{ADDRESS, CODE, NUMBER, deliveries, later, mail, never, tells_nothing, text};

/// A program that runs `script`, with `$OUT` for its own file.
fn program(script: &str) -> (PathBuf, PathBuf) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    let (path, out) = (dir.join("send"), dir.join("out"));
    fs::write(&path, format!("#!/bin/sh\nOUT={}\n{script}\n", out.display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (path, out)
}

async fn run(script: &str, arguments: &str, rest: &str, words: &str) -> (Result<Receipt, DeliveryError>, PathBuf) {
    let (path, out) = program(script);
    let settings = format!(
        "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [{:?}, {arguments}]\n{rest}",
        path.to_str().unwrap()
    );
    let result = deliveries(&settings, Trust::System).deliver(&text(words)).await;
    if let Err(error) = &result {
        tells_nothing(error);
    }
    (result, out)
}

#[tokio::test]
async fn a_command_gets_each_argument_as_it_is_and_no_shell_sees_it() {
    let hostile = "$(touch /tmp/x) `id` ; 'a' \"b\" {to} -rf * \n é";
    let (result, out) =
        run("{ printf '%s|' \"$#\" \"$@\"; cat; } > $OUT", "\"--to={to}\", \"$(id) ; `id`\", \"{other}\"", "", hostile)
            .await;
    result.unwrap();
    assert_eq!(fs::read_to_string(out).unwrap(), format!("3|--to={NUMBER}|$(id) ; `id`|{{other}}|{hostile}"));
}

/// The files of that name in /proc that contain the code.
fn seen_in_proc(name: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let files = processes.map(|process| process.join(name)).filter_map(|file| Some((fs::read(&file).ok()?, file)));
    let has_code = |content: &[u8]| content.windows(CODE.len()).any(|part| part == CODE.as_bytes());
    files.filter(|(content, _)| has_code(content)).map(|(_, file)| file.display().to_string()).collect()
}

#[tokio::test]
async fn while_a_message_leaves_its_code_is_in_no_command_line_and_no_environment() {
    // Continues once the test has looked: both sides open the FIFO.
    let script = "mkfifo $OUT.go; cat > $OUT.draft; sleep 0 & wait; mv $OUT.draft $OUT; read go < $OUT.go";
    let (path, out) = program(script);
    let settings =
        format!("[phone]\ngateway = \"command\"\n[phone.command]\nargv = [{:?}, \"{{to}}\"]\n", path.to_str().unwrap());
    let deliveries = deliveries(&settings, Trust::System);
    let message = text(&format!("The code is {CODE}."));
    let sending = tokio::spawn(async move { deliveries.deliver(&message).await });
    let deadline = Instant::now() + Duration::from_secs(10);
    while !out.exists() {
        assert!(Instant::now() < deadline, "the program does not get the message");
        tokio::task::yield_now().await;
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), format!("The code is {CODE}."));
    let running =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.unwrap().path().join("cmdline")).ok());
    let program = path.to_str().unwrap();
    assert!(
        running.into_iter().any(|line| String::from_utf8_lossy(&line).contains(program)),
        "it runs while this looks"
    );
    assert_eq!((seen_in_proc("cmdline"), seen_in_proc("environ")), (Vec::<String>::new(), Vec::new()));
    fs::write(out.with_extension("go"), "go\n").unwrap();
    sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_program_that_would_get_the_message_in_an_argument_is_not_started() {
    for argument in ["{text}", "--code={code}"] {
        let (result, out) = run("touch $OUT", &format!("\"{{to}}\", \"{argument}\""), "", CODE).await;
        let error = result.unwrap_err();
        assert!(later(&error).unwrap().contains("switched off"), "{error}");
        assert!(!out.exists(), "{argument}");
    }
}

#[tokio::test]
async fn the_last_words_of_a_program_that_failed_are_told_without_what_it_was_given() {
    for (script, words) in [
        ("echo begins >&2; echo 'no modem at ttyUSB0' >&2; exit 3", "status 3; it said: no modem at ttyUSB0"),
        ("cat >&2; exit 65", "it said: (left out"),
        ("echo \"to $1\" >&2; exit 1", "it said: (left out"),
        ("yes >&2 & sleep 0.1; kill $!; wait; echo last >&2; exit 1", "it said: last"),
    ] {
        let error = run(script, "\"{to}\"", "", &format!("{CODE} is your code")).await.0.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    // A background process that holds it open is not waited for.
    let begun = Instant::now();
    let error = run("sleep 30 & exit 1", "\"{to}\"", "", "x").await.0.unwrap_err();
    assert!(later(&error).unwrap().ends_with("status 1") && begun.elapsed() < Duration::from_secs(10), "{error}");
}

#[tokio::test]
async fn a_command_that_does_not_read_its_input_still_counts_by_its_status() {
    let (result, _) = run("exit 0", "\"{to}\"", "stdin = true", &"x".repeat(1_000_000)).await;
    result.unwrap();
}

#[tokio::test]
async fn a_command_inherits_nothing() {
    let kept_open = tempfile::NamedTempFile::with_prefix("kept-open").unwrap();
    let _listening = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let script = "{ pwd; env | sort; ls -l /proc/self/fd; } > $OUT; echo 042042; echo 042042 >&2";
    let (result, out) = run(script, "\"{to}\"", "", "x").await;
    drop(kept_open);
    result.unwrap();
    let seen = fs::read_to_string(out).unwrap();
    let environment: Vec<_> =
        seen.lines().take_while(|l| !l.starts_with("total")).filter(|l| !l.starts_with("_=")).collect();
    // PWD is the shell's own.
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(environment, ["/", "LANG=C.UTF-8", path, "PWD=/"]);
    assert!(seen.contains("0 -> pipe:") && seen.contains("2 -> pipe:"), "{seen}");
    assert!(!seen.contains("kept-open") && !seen.contains("socket:"), "{seen}");
}

#[tokio::test]
async fn a_command_says_by_its_status_what_came_of_it() {
    for (script, expected_never, part) in [
        ("exit 65", true, "refused the message (status 65)"),
        ("exit 75", false, "status 75"),
        ("exit 1", false, "status 1"),
        ("exit 64", false, "status 64"),
        ("exit 67", false, "status 67"),
        ("echo 042042 >&2; exit 2", false, "status 2"),
        ("kill -9 $$", false, "signal"),
    ] {
        let error = run(script, "\"{to}\"", "", CODE).await.0.unwrap_err();
        assert_eq!(never(&error).is_some(), expected_never, "{script}: {error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let settings = "[phone]\ngateway = \"command\"\n[phone.command]\nargv = [\"/nonexistent/send\", \"{to}\"]";
    let error = deliveries(settings, Trust::System).deliver(&text("x")).await.unwrap_err();
    assert!(later(&error).unwrap().contains("/nonexistent/send can't be started: No such file"), "{error}");
    let error = run("exit 0", "\"{to}\", \"a\\u0000b\"", "", "x").await.0.unwrap_err();
    assert!(later(&error).unwrap().contains("can't be started with these arguments"), "{error}");
}

/// Waits until no process has the number in the file.
async fn gone(pid_file: &Path) -> bool {
    let pid = fs::read_to_string(pid_file).unwrap().trim().to_owned();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        // A zombie that only its new parent can reap counts as ended.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
    let begun = Instant::now();
    let (result, out) = run("sleep 60 & echo $! > $OUT; wait", "\"{to}\"", "timeout = \"1s\"", "x").await;
    let error = result.unwrap_err();
    assert!(later(&error).unwrap().contains("took too long"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(gone(&out).await, "its child goes on");
}

fn spool(directory: &Path) -> Result<Deliveries, String> {
    let settings = format!("[spool]\ndirectory = {:?}", directory.to_str().unwrap());
    let settings = settings::parse(&settings, Path::new("sspr.toml")).unwrap();
    Deliveries::in_surroundings(&settings, &Surroundings::of_this_machine("host")).map_err(|e| e.to_string())
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_spooled_message_is_a_file_that_its_owner_alone_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("spool");
    let deliveries = spool(&dir).unwrap();
    assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, 0o700);
    let mut first = mail();
    first.id = "../../etc/passwd\n".into();
    let receipt = deliveries.deliver(&first).await.unwrap();
    deliveries.deliver(&text("Code 042042")).await.unwrap();
    let files = files(&dir);
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].file_name().unwrap().to_str(), receipt.reference.as_deref(), "the older comes first");
    assert!(receipt.reference.unwrap().contains("-etcpasswd-"));
    for file in &files {
        let meta = fs::symlink_metadata(file).unwrap();
        assert!(meta.is_file() && meta.mode() & 0o7777 == 0o600, "{:o}", meta.mode());
    }
    let content = fs::read_to_string(&files[0]).unwrap();
    assert_eq!(content, format!("To: {ADDRESS}\nSubject: Your code\n\nThe code is {CODE}.\n"));
    assert_eq!(fs::read_to_string(&files[1]).unwrap(), format!("To: {NUMBER}\n\nCode {CODE}\n"));
}

#[tokio::test]
async fn one_message_sent_twice_makes_two_files() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("spool");
    let deliveries = spool(&dir).unwrap();
    let message = mail();
    deliveries.deliver(&message).await.unwrap();
    deliveries.deliver(&message).await.unwrap();
    assert_eq!(files(&dir).len(), 2);
}

#[tokio::test]
async fn a_spool_that_others_could_read_or_redirect_is_refused() {
    let base = tempfile::tempdir().unwrap();
    let open = base.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(spool(&open).unwrap_err().contains("chmod 0700"));
    let link = base.path().join("link");
    symlink("/tmp", &link).unwrap();
    assert!(spool(&link).unwrap_err().contains("no link"));
    let plain = base.path().join("plain");
    fs::write(&plain, "").unwrap();
    assert!(spool(&plain).unwrap_err().contains("directory"));
    assert!(spool(&base.path().join("a/b")).unwrap_err().contains("can't be made"));

    // A directory that was fine at the start but is a link now accepts no message.
    let dir = base.path().join("spool");
    let deliveries = spool(&dir).unwrap();
    fs::remove_dir(&dir).unwrap();
    symlink(&open, &dir).unwrap();
    assert!(later(&deliveries.deliver(&mail()).await.unwrap_err()).is_some());
    assert_eq!(files(&open), Vec::<PathBuf>::new());
}

#[test]
fn a_country_that_does_not_exist_is_refused_with_a_hint() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("[phone]\ndefault_region = \"UK\"\n[spool]\ndirectory = \"{}/s\"", dir.path().display());
    let settings = settings::parse(&text, Path::new("sspr.toml")).unwrap();
    let error = Deliveries::from_settings(&settings, "host").unwrap_err().to_string();
    assert!(error.contains("default_region") && error.contains("GB"), "{error}");
}
