//! Registering and changing contacts: an authenticator app by its picture, two mailboxes, recovery codes, the review
//! after half a year; and what "required" means for a user who breaks off.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sspr_tests::{
    Image, Machine, Suite, Terminal,
    browser::keep_picture,
    host,
    ssh::ssh_line,
    story::{HINT, INVITATION},
};

const PASSWORD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const MENU: &str = "A number (Enter when you are done): ";
const CHOICE: &str = "Your choice (Enter to go back): ";

/// `ssh` in a terminal of 80 columns and 24 lines that shows UTF-8.
fn small_terminal(machine: &Machine, user: &str) -> Terminal {
    small_terminal_of("vt100", machine, user)
}

/// The same in a terminal of another kind.
fn small_terminal_of(kind: &str, machine: &Machine, user: &str) -> Terminal {
    let mut line: Vec<String> = ["env", "LANG=C.UTF-8", &format!("TERM={kind}")].map(String::from).to_vec();
    line.extend(ssh_line(&["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=keyboard-interactive"]));
    line.extend(["-tt".into(), format!("{user}@127.0.0.1")]);
    let mut terminal = Terminal::start(&format!("ssh {user}"), &machine.in_network(&line));
    terminal.resize(80, 24);
    terminal
}

/// The colours of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    LightOnDark,
    DarkOnLight,
}

/// The picture that a camera sees of a terminal.
fn photograph(screen: &str, theme: Theme) -> Vec<u8> {
    let (ink, paper) = if theme == Theme::LightOnDark { (255u8, 0u8) } else { (0, 255) };
    let (cell, columns, rows) = (4, 80, 24);
    let mut picture = format!("P5\n{} {}\n255\n", columns * cell, rows * 2 * cell).into_bytes();
    let lines: Vec<Vec<char>> = screen.lines().map(|line| line.chars().collect()).collect();
    for row in 0..rows {
        for half in 0..2 {
            let colour = |column: usize| match (lines.get(row).and_then(|line| line.get(column)), half) {
                (Some('█'), _) | (Some('▀'), 0) | (Some('▄'), 1) => ink,
                _ => paper,
            };
            let line: Vec<u8> = (0..columns).flat_map(|column| [colour(column); 4]).collect();
            for _ in 0..cell {
                picture.extend(&line);
            }
        }
    }
    picture
}

/// The content of the picture on a screen with light text on dark.
fn scanned(screen: &str) -> String {
    scanned_on(screen, Theme::LightOnDark)
}

/// The content of the picture on the screen.
fn scanned_on(screen: &str, theme: Theme) -> String {
    let mut zbarimg = Command::new("zbarimg")
        .args(["-q", "--raw", "pgm:-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("zbarimg is missing; `make test-deps` installs it");
    zbarimg.stdin.take().unwrap().write_all(&photograph(screen, theme)).unwrap();
    let output = zbarimg.wait_with_output().unwrap();
    assert!(output.status.success(), "nothing to scan on this screen:\n{screen}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The code that an app with this key shows now.
fn app_code(uri: &str) -> String {
    let key = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    host::command("oathtool", ["--totp", "--base32", key]).trim().to_owned()
}

/// Proves the identity in a shell: the password, and a code by mail.
fn shows_who(terminal: &mut Terminal, machine: &Machine, command: &str, address: &str) {
    // Notifications come in between.
    let mailbox = machine.mailbox(address);
    let before = mailbox.codes();
    // The cool-down between two codes.
    let start = Instant::now();
    host::wait_for("the moment", Duration::from_secs(5), || (start.elapsed() > Duration::from_secs(2)).then_some(()));
    terminal.type_line(command).expect("Current password: ").type_line(PASSWORD);
    terminal.expect(CHOICE).type_line("e");
    let code = mailbox.wait_for_code(before + 1);
    terminal.expect("Code: ").type_line(&code);
}

#[test]
fn alice_scans_the_picture_at_her_first_sign_in_on_a_terminal_of_80_by_24() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    let mut terminal = small_terminal(&machine, "alice");
    terminal.expect(HINT).expect("Password: ").type_line(PASSWORD);
    terminal.expect("3  authenticator app").expect(INVITATION).type_line("3");
    terminal.expect("Type the code it shows").expect("Code: ");
    let screen = terminal.screen();
    assert!(screen.contains("Scan this with an authenticator app"), "it scrolled away:\n{screen}");
    let uri = scanned(&screen);
    assert!(uri.starts_with("otpauth://totp/shell.example.org:alice?secret="), "{uri}");
    terminal.type_line("000000").expect("That code is not right.").expect("Code: ");
    terminal.type_line(&app_code(&uri)).expect("Done, you are registered.").expect("Ten recovery codes");
    let screen = terminal.expect("Press Enter to go on: ").screen();
    assert!(screen.contains("Done, you are registered."), "{screen}");
    terminal.press_enter().signed_in("alice");
    terminal.type_line("sspr status").expect("authenticator app").expect("Recovery codes left: 10");
    let key = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let journal = machine.whole_journal();
    assert!(!journal.contains(&key), "the key is in the journal");
    for file in ["sspr.db", "sspr.db-wal"] {
        let bytes = fs::read(machine.root().join("var/lib/sspr").join(file)).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|part| part == key.as_bytes()), "the key is in {file}");
    }
    machine.signs_in("alice", PASSWORD);
}

#[test]
fn alice_has_two_mailboxes_puts_one_first_removes_the_other_and_at_last_everything() {
    let machine = Machine::ready_with(&[("alice", PASSWORD)], "[code]\nresend_after = \"1s\"\n");
    let one = machine.mailbox("one@example.org");
    machine.registers_email("alice", PASSWORD, "one@example.org");
    let mut terminal = machine.signs_in("alice", PASSWORD);
    shows_who(&mut terminal, &machine, "sspr enroll", "one@example.org");
    terminal.expect("1  email  o***@e***.org").expect("2  add an email address").expect(MENU).type_line("2");
    terminal.types_email(&machine, "two@example.org");
    terminal.expect("1  email  o***@e***.org  (used first)").expect(MENU).type_line("2");
    terminal.expect("2  use it before the other one").expect("(Enter to go back): ").type_line("2");
    terminal.expect("2  email  t***@e***.org  (used first)").expect(MENU).press_enter().signed_in("alice");
    for said in ["Added: the email address t***@e***.org.", "Used first from now on: the email address t***@e***.org."]
    {
        let note = one.wait_for_text(said);
        assert!(!note.source.contains("two@"), "{}", note.source);
    }

    shows_who(&mut terminal, &machine, "sspr enroll", "two@example.org");
    terminal.expect(MENU).type_line("1").expect("1  remove it").expect("(Enter to go back): ").type_line("1");
    terminal.expect("Saved.").expect(MENU).press_enter().signed_in("alice");
    one.wait_for_text("Removed: the email address o***@e***.org.");
    let status = machine.must("runuser -u alice -- sspr status");
    assert!(status.contains("email  t***@e***.org") && !status.contains("o***@"), "{status}");
    assert!(status.contains("Recovery codes left: 10"), "{status}");

    machine.agent().hours_later(2);
    shows_who(&mut terminal, &machine, "sspr codes", "two@example.org");
    terminal.expect("Ten recovery codes").expect("Keep them on paper").expect("Press Enter to go on: ");
    let shown = terminal.screen();
    terminal.press_enter().signed_in("alice");
    let is_code = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
    let code = shown.split_whitespace().find(is_code).unwrap().to_owned();
    let mut again = machine.ssh("alice");
    again.forgotten().expect(CHOICE).type_line("code").expect(": ").type_line(&code).new_password(NEW);
    again.signed_in("alice");
    machine.signs_in("alice", NEW).type_line("sspr status").expect("Recovery codes left: 9");
    machine.must(&format!("echo 'alice:{PASSWORD}' | chpasswd"));

    machine.agent().hours_later(4);
    shows_who(&mut terminal, &machine, "sspr remove", "two@example.org");
    terminal.expect("This removes everything").expect("t***@e***.org").expect("Type remove").type_line("remove");
    terminal.expect("Nothing is registered any more.").signed_in("alice");
    machine.mailbox("two@example.org").wait_for_text("Removed: everything that was registered.");
    terminal.type_line("sspr status").expect("Nothing is registered. Run: sspr enroll");
    // Without a terminal nothing is begun.
    terminal.type_line("sspr enroll </dev/null; echo status $?").expect("needs a terminal").expect("status 3");
    assert_eq!(machine.ssh_key("alice", "sspr remove").code, 3);
    assert_eq!(machine.ssh_key("alice", "sspr status").code, 0);
}

#[test]
fn after_half_a_year_y_confirms_what_is_registered_and_c_changes_it() {
    let machine = Machine::ready_with(
        &[("alice", PASSWORD), ("bob", PASSWORD)],
        "[register]\nrefuse_email_domains = [\"example.net\"]\n",
    );
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).expect(INVITATION).type_line("1");
    terminal.expect("Email address").type_line("alice@mail.example.net");
    terminal.expect("An address at mail.example.net can't be used here");
    terminal.types_email(&machine, "alice@example.org").reads_that_it_is_done().signed_in("alice");
    machine.registers_email("bob", PASSWORD, "bob@example.org");
    machine.agent().hours_later(181 * 24);
    let mut terminal = machine.ssh("alice");
    terminal.password(PASSWORD).expect("Is this still how you can be reached?").expect("email  a***@e***.org");
    terminal.expect("c to change it (Enter for later): ").type_line("y").signed_in("alice");
    machine.signs_in("alice", PASSWORD);

    let mut terminal = machine.ssh("bob");
    terminal
        .password(PASSWORD)
        .expect("c to change it (Enter for later): ")
        .type_line("c")
        .expect(CHOICE)
        .type_line("e");
    let code = machine.mailbox("bob@example.org").wait_for(2).code();
    terminal.expect("Code: ").type_line(&code).expect(MENU).type_line("p");
    terminal.types_phone(&machine, "090-1234-5678", "+819012345678").expect("Saved.").expect(MENU).press_enter();
    terminal.expect("Press Enter to go on: ").press_enter().signed_in("bob");
    machine.mailbox("bob@example.org").wait_for_text("Added: the phone +81 ** **** **78.");
    machine.signs_in("bob", PASSWORD);
}

#[test]
fn required_is_not_got_round_by_breaking_off_or_where_nobody_can_be_asked_and_lets_in_whoever_is_exempt() {
    let names = ["dave", "erin", "frank"];
    let accounts: Vec<(&str, &str)> = names.iter().map(|name| (*name, PASSWORD)).collect();
    let mut machine = Machine::ready_with(&accounts, "[register]\nmode = \"required\"\nskip_days = 0\n");
    for ask_and_break in ["1, 2 or 3: ", "Email address (Enter to go back): "] {
        let console = machine.console();
        console.expect("login: ").type_line("dave").password(PASSWORD).expect("can't be put off any longer");
        if ask_and_break.starts_with("Email") {
            console.expect("1, 2 or 3: ").type_line("1");
        }
        console.expect(ask_and_break).ctrl('d');
    }
    machine.console().expect("login: ");
    assert!(!machine.console().transcript().contains("dave@shell"), "{}", machine.console().transcript());

    // A password without a way to ask, as in sshd's method of that name: refused in one round, and recorded. This does
    // not apply to a key.
    let mut refused = machine.ssh_password_method("dave");
    assert!(!refused.expect("password: ").type_line(PASSWORD).wait_closed().success());
    assert!(!refused.transcript().contains("dave@shell"), "{}", refused.transcript());
    let audit = machine.must("sspr admin audit --json");
    for why in ["could not be asked", "broken off"] {
        assert!(audit.contains(&format!("registration required: {why}")), "{why}: {audit}");
    }
    assert_eq!(machine.ssh_key("dave", "echo in").stdout, "in\n");
    // An administrator exempted the account.
    let database = machine.root().join("var/lib/sspr/sspr.db").display().to_string();
    let uid = machine.must("id -u erin");
    let exempt = format!("INSERT INTO exemption VALUES ('local', 'erin', '{uid}', 'root', 'a shared account', 0)");
    host::command("sqlite3", ["-cmd", ".timeout 5000", &database, &exempt]);
    machine.signs_in("erin", PASSWORD);
    // No code can be sent.
    machine.must("systemctl stop mail-server");
    let mut terminal = machine.ssh("frank");
    terminal.password(PASSWORD).expect("1, 2 or 3: ").type_line("1");
    terminal.expect("Email address").type_line("frank@example.org").expect("Code: ");
    terminal.kill();
    // The gateway gets a moment; a user who is refused meanwhile gets in the next time.
    host::wait_for("frank gets in", Duration::from_mins(1), || {
        let mut terminal = machine.ssh("frank");
        terminal.password(PASSWORD).expect("that went to frank@example.org").expect("Code: ").press_enter();
        terminal.expect("1, 2 or 3: ").press_enter().expect("1, 2 or 3: ").press_enter();
        // In a shell, this exits with success; a refused sign-in ends by itself.
        terminal.type_line("exit").wait_closed().success().then_some(())
    });
}

#[test]
fn an_account_that_is_deleted_and_made_anew_with_the_same_name_and_uid_inherits_nothing() {
    let machine = Machine::ready(&[("alice", PASSWORD)]);
    machine.registers_email("alice", PASSWORD, "old@example.org");
    let uid = machine.must("id -u alice");
    machine.must("pkill -KILL -u alice; while pgrep -u alice >/dev/null; do sleep 0.1; done; userdel -r alice");
    machine.must(&format!("useradd -m -s /bin/bash -u {uid} alice && echo 'alice:{NEW}' | chpasswd"));
    machine.mailbox("old@example.org").wait_for_text("Removed: everything that was registered.");
    let mut terminal = machine.ssh("alice");
    terminal.password(NEW).expect(INVITATION).press_enter().signed_in("alice");
    terminal.type_line("sspr status").expect("Nothing is registered.");
}

/// Each redraws its input in the characters that it believes the terminal has, and tmux reserves a line.
#[test]
#[ignore = "a Debian of its own; make test-full"]
fn inside_tmux_and_screen_the_picture_can_be_read_on_dark_and_on_light_terminals() {
    let image = Image::installed_with(Suite::default(), &["tmux", "screen"]);
    let mut builder = Machine::with(image).switched_on().with_mail().settings("[scope]\nenable = \"all\"\n");
    for user in ["alice", "bob"] {
        builder = builder.user(user, PASSWORD);
    }
    let machine = builder.boot();
    for (user, within) in [("alice", "tmux"), ("bob", "screen")] {
        let mut terminal = small_terminal_of("xterm-256color", &machine, user);
        terminal.password(PASSWORD).expect(INVITATION).press_enter().signed_in(user);
        // As Debian's ssh sends it; without it the key comes first.
        terminal.type_line(&format!("export LANG=C.UTF-8; echo startup_message off >~/.screenrc; {within}"));
        terminal.expect("\n").expect("$ ");
        terminal.type_line("clear; sspr enroll").expect("Current password: ").type_line(PASSWORD);
        terminal.expect("authenticator app").expect(": ").type_line("app").expect("Code: ");
        let (dark, label) = (terminal.screen(), format!("otpauth://totp/shell.example.org:{user}?secret="));
        keep_picture(&format!("{within}-dark.pgm"), &photograph(&dark, Theme::LightOnDark));
        let uri = scanned(&dark);
        assert!(uri.starts_with(&label), "{uri}");
        terminal.type_line("swap").expect("Code: ");
        let light = terminal.screen();
        keep_picture(&format!("{within}-light.pgm"), &photograph(&light, Theme::DarkOnLight));
        assert_eq!(scanned_on(&light, Theme::DarkOnLight), uri, "{light}");
        terminal.type_line(&app_code(&uri)).expect("Saved.");
    }
}

/// `PuTTY` adds two columns before each line, and a line above.
#[test]
fn in_plink_with_80_columns_and_24_lines_the_picture_can_be_read_in_every_language() {
    let locales = [
        "C", "ja_JP", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "tr_TR", "uk_UA", "zh_CN",
        "zh_TW", "ko_KR", "cs_CZ", "sv_SE", "da_DK", "fi_FI", "ru_RU", "pt_PT", "nb_NO", "hu_HU", "ro_RO", "el_GR",
        "id_ID", "vi_VN",
    ];
    let users: Vec<String> = locales.iter().map(|locale| locale.to_lowercase()).collect();
    let accounts: Vec<(&str, &str)> = users.iter().map(|user| (user.as_str(), PASSWORD)).collect();
    let machine = Machine::ready(&accounts);
    for (locale, user) in locales.iter().zip(&users) {
        machine.must(&format!("echo 'LANG={locale}.UTF-8' >/etc/default/locale && systemctl restart sspr-agent"));
        let mut plink = machine.plink(user);
        plink.resize(80, 24);
        plink.expect("Password: ").type_line(PASSWORD).expect("3  ").type_line("app").expect("text (").expect(": ");
        let (uri, screen) = (scanned(&plink.screen()), plink.screen());
        // The part before the colon is for another test.
        assert!(uri.starts_with("otpauth://totp/") && uri.contains(&format!(":{user}?secret=")), "{uri}");
        assert!(screen.contains("swap"), "{screen}");
        plink.broken_off();
    }
}
