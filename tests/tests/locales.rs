//! `OpenSSH`'s client in locales that have no characters for the texts of a machine in another language: it exits then,
//! and not even the correct password would sign in. In the C locale it shows octal numbers.

use std::path::Path;

use sspr_tests::{Image, Machine, Terminal, host, ssh::ssh_line, story::WHERE_TO};

const PASSWORD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";
const PLAIN_MENU: &str = "How do you want to show that it is you?";

/// A machine with this locale and these accounts.
fn machine(locale: &str, accounts: &[&str]) -> Machine {
    let mut builder = Machine::with(Image::installed())
        .switched_on()
        .with_mail()
        .prepare(&format!("echo 'LANG={locale}' >/etc/default/locale"));
    for name in accounts {
        builder = builder.user(name, PASSWORD);
    }
    builder
        .settings("[scope]\nenable = \"all\"\n[register]\nmethods = [\"email\", \"app\"]\n[recover]\nrecovery_codes = false\n")
        .boot()
}

/// `ssh` at a terminal, in this locale. A locale that the host may not have is built from its source and a character
/// set.
fn ssh_in(machine: &Machine, user: &str, locale: &str) -> Terminal {
    let made = machine.scratch().join("locales");
    let charmap = |codeset| if codeset == "eucJP" { "EUC-JP" } else { codeset };
    let made_of = locale.split_once('.').map(|(source, codeset)| (source, charmap(codeset)));
    if let Some((source, charmap)) = made_of
        && charmap != "UTF-8"
        && !Path::new(&made.join(locale)).exists()
    {
        std::fs::create_dir_all(&made).unwrap();
        let to = made.join(locale).display().to_string();
        host::command("localedef", ["--no-archive", "-c", "-i", source, "-f", charmap, &to]);
    }
    let mut line: Vec<String> = vec!["env".into(), format!("LOCPATH={}", made.display()), format!("LC_ALL={locale}")];
    line.extend(ssh_line(&["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=keyboard-interactive"]));
    line.extend(["-tt".into(), format!("{user}@127.0.0.1")]);
    Terminal::start(&format!("ssh {user} in {locale}"), &machine.in_network(&line))
}

#[test]
fn a_client_that_can_not_show_a_question_gets_english_at_its_next_attempt_and_the_right_password_signs_in_at_once() {
    let machine = machine("ja_JP.UTF-8", &["alice", "bob"]);
    // Unregistered: the question after the sign-in ends this client once, and is then not asked again for thirty days.
    // The text above the prompt for the password never ends it.
    let mut bob = ssh_in(&machine, "bob", "ja_JP.eucJP");
    bob.password(PASSWORD);
    assert!(!bob.wait_closed().success(), "{}", bob.transcript());
    host::wait_for("bob gets in", std::time::Duration::from_secs(20), || {
        let mut bob = ssh_in(&machine, "bob", "ja_JP.eucJP");
        bob.password(PASSWORD);
        (bob.expect_any(&["bob@shell:~$ ", "asmprintf failed", "(Enter for not now)"]) == 0).then_some(())
    });
    let show = machine.must("sspr admin show bob");
    assert!(show.contains("over SSH from"), "{show}");
    let audit = machine.must("sspr admin audit --json");
    assert!(audit.contains("not answered"), "{audit}");
    // For that place, everything is in English for an hour.
    machine.agent().hours_later(2);

    for (user, locale) in [("alice", "ja_JP.eucJP"), ("nobody-at-all", "de_DE.ISO-8859-1")] {
        let mut japanese = machine.ssh(user);
        japanese.forgotten().expect("ご本人").expect("For English type: en");
        japanese.press_enter().expect("Password: ").kill();

        let mut first = ssh_in(&machine, user, locale);
        first.forgotten();
        assert!(!first.wait_closed().success(), "{}", first.transcript());
        // The bus tells the agent that the client is gone.
        host::wait_for("English", std::time::Duration::from_secs(20), || {
            let mut next = ssh_in(&machine, user, locale);
            next.forgotten();
            (next.expect_any(&[PLAIN_MENU, "asmprintf failed"]) == 0).then_some(())
        });
        let mut next = ssh_in(&machine, user, locale);
        next.forgotten().expect(PLAIN_MENU).expect(WHERE_TO).type_line("e").expect("Code: ");
        assert!(next.transcript().is_ascii(), "{}", next.transcript());
        // For that place, whatever the name, for an hour.
        let mut other = machine.ssh("somebody-else");
        other.forgotten().expect(PLAIN_MENU);
        machine.agent().hours_later(if user == "alice" { 4 } else { 6 });
    }
}

/// Too many tries, too many wrong codes: that is above the prompt for the password as well.
#[test]
fn a_client_that_can_not_show_a_refusal_in_the_machine_s_language_gets_it_in_english_and_the_right_password_signs_in() {
    let machine = machine("ja_JP.UTF-8", &["alice"]);
    machine.settings_now("[limits]\nstarts_per_hour = 1\n", "required=no");
    machine.imports_email("alice", "alice@example.org");
    let mut japanese = machine.ssh("alice");
    japanese.forgotten().expect("ご本人").type_line("zzzzz").expect("ご本人").press_enter().expect("Password: ").kill();
    for (user, locale) in [("nobody-at-all", "de_DE.ISO-8859-1"), ("alice", "ja_JP.eucJP"), ("alice", "C")] {
        let mut person = ssh_in(&machine, user, locale);
        person.forgotten().expect("Too many tries. Try again in ").expect("Password: ");
        assert!(person.transcript().is_ascii(), "{}", person.transcript());
        if user == "alice" {
            person.type_line(PASSWORD).signed_in(user);
        }
    }
    machine.settings_now("[limits]\nstarts_per_hour = 1000\n", "required=no");
    let mut guesses = machine.ssh("alice");
    guesses.forgotten().expect("ご本人").type_line("e");
    for _ in 0..5 {
        guesses.expect("コード: ").type_line("000000");
    }
    guesses.expect("Password: ").kill();
    let mut alice = ssh_in(&machine, "alice", "ja_JP.eucJP");
    alice.forgotten().expect("Too many wrong codes.").password(PASSWORD).signed_in("alice");
}

/// A client with an 8-bit locale shows other letters if each byte is one of its own, and exits at a byte that is not.
#[test]
fn in_a_locale_of_eight_bits_the_right_password_signs_in_and_a_reset_can_be_had_in_english() {
    let machine = machine("C.UTF-8", &["alice"]);
    let mut alice = machine.ssh("alice");
    alice.password(PASSWORD).expect("1 or 2 (Enter for not now): ").type_line("1");
    alice.types_email(&machine, "alice@example.org").reads_that_it_is_done().signed_in("alice");
    let locales = ["cs_CZ.ISO-8859-2", "sv_SE.ISO-8859-1", "fi_FI.ISO-8859-15", "ru_RU.KOI8-R", "el_GR.ISO-8859-7"];
    for (locale, hours) in locales.into_iter().zip((2..).step_by(2)) {
        let (language, _) = locale.split_once('.').unwrap();
        machine.must(&format!("echo 'LANG={language}.UTF-8' >/etc/default/locale"));
        // For the place of a client that exited, everything is in English for an hour.
        machine.agent().hours_later(hours);
        ssh_in(&machine, "alice", locale).password(PASSWORD).signed_in("alice");

        let mut alice = ssh_in(&machine, "alice", locale);
        alice.forgotten();
        if alice.expect_any(&["For English type: en", "asmprintf failed"]) == 0 {
            alice.type_line("en").expect(PLAIN_MENU);
        } else {
            alice = host::wait_for("English", std::time::Duration::from_secs(20), || {
                let mut next = ssh_in(&machine, "alice", locale);
                next.forgotten();
                (next.expect_any(&[PLAIN_MENU, "asmprintf failed"]) == 0).then_some(next)
            });
        }
        let before = alice.transcript().len();
        alice.expect(WHERE_TO).type_line("e").expect("Code: ");
        assert!(alice.transcript()[before..].is_ascii(), "{}", alice.transcript());
    }
}

#[test]
fn in_the_c_locale_en_gives_a_reset_that_can_be_read() {
    let machine = machine("ja_JP.UTF-8", &["alice"]);
    let mut alice = machine.ssh("alice");
    alice.password(PASSWORD).expect("(Enter で後回し): ").type_line("1");
    alice.expect("メールアドレス (Enter で戻る): ").type_line("alice@example.org");
    let code = machine.mailbox("alice@example.org").wait_for_code(1);
    alice.expect("コード: ").type_line(&code).expect("続行します: ").press_enter().signed_in("alice");

    let mut plain = ssh_in(&machine, "alice", "C");
    plain.forgotten().expect("For English type: en").type_line("en");
    plain.expect(PLAIN_MENU).expect(WHERE_TO).type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for_code(2);
    plain.expect("a code is on its way there").expect("Code: ").type_line(&code);
    plain.new_password(NEW).signed_in("alice");
}

#[test]
fn whoever_was_cut_off_at_an_apps_picture_is_shown_the_key_and_registers() {
    let machine = machine("C.UTF-8", &["alice"]);
    let mut cut_off = ssh_in(&machine, "alice", "de_DE.ISO-8859-1");
    cut_off.password(PASSWORD).expect("1 or 2 (Enter for not now): ").type_line("2");
    assert!(!cut_off.wait_closed().success(), "{}", cut_off.transcript());
    let mut alice = ssh_in(&machine, "alice", "de_DE.ISO-8859-1");
    alice.password(PASSWORD).expect("Type of key: time-based").expect("picture (QR code, ").expect("Code: ");
    let screen = alice.transcript();
    let group = |word: &&str| word.len() == 4 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let key: String = screen.split_whitespace().filter(group).collect();
    assert_eq!(key.len(), 32, "{screen}");
    let code = host::command("oathtool", ["--totp", "--base32", &key]);
    alice.type_line(code.trim()).reads_that_it_is_done().signed_in("alice");
}
