//! Languages: the machine's locale on the screen, the user's in messages, and an administrator's own texts.

use std::path::PathBuf;

use sspr_tests::{Image, Machine, Terminal};

const OLD: &str = "rain on a tin roof";
const NEW: &str = "seven green kites fly";

/// A machine with this locale, mail, text messages and these accounts.
fn machine(locale: &str, accounts: &[&str], settings: &str) -> Machine {
    let mut builder = Machine::with(Image::installed())
        .switched_on()
        .with_mail()
        .with_gateway()
        .prepare(&format!("echo 'LANG={locale}' >/etc/default/locale"));
    for name in accounts {
        builder = builder.user(name, OLD);
    }
    builder.settings("[scope]\nenable = \"all\"\n[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\nrecovery_codes = false\n")
        .settings(settings)
        .boot()
}

/// Saves a screen of 80 columns and 24 lines if `SSPR_TEST_SCREENS` names a directory.
fn keep(terminal: &Terminal, name: &str) {
    let screen = terminal.screen();
    assert!(screen.trim_end().lines().count() <= 24, "{screen}");
    if let Some(directory) = std::env::var_os("SSPR_TEST_SCREENS") {
        std::fs::write(PathBuf::from(directory).join(name), screen).unwrap();
    }
}

fn over_ssh(machine: &Machine, name: &str) -> Terminal {
    let mut terminal = machine.ssh(name);
    terminal.resize(80, 24);
    terminal
}

/// The screens of a user with that name who tries to recover over SSH with wrong codes.
fn wrong_codes(machine: &Machine, name: &str) -> String {
    let mut terminal = over_ssh(machine, name);
    terminal.expect("Password: ").press_enter();
    terminal.expect("(Enter で戻る): ").type_line("e");
    for _ in 0..5 {
        terminal.expect("コード: ").type_line("000000");
    }
    terminal.expect("休止中").expect("Password: ");
    terminal.transcript().replace(&format!("({name}@127.0.0.1)"), "(NAME@127.0.0.1)")
}

#[test]
fn on_a_japanese_machine_ssh_is_in_japanese_for_everybody_alike_and_the_text_console_in_english() {
    let machine = machine("ja_JP.UTF-8", &["alice", "bob"], "");
    let mut terminal = over_ssh(&machine, "alice");
    // A client may have only ASCII characters.
    terminal.expect("Forgotten? Press Enter to reset it.\nPassword: ").type_line(OLD);
    terminal.expect("今登録するには y を入力").type_line("y");
    terminal.expect("メールアドレス (Enter で戻る): ").type_line("alice@example.org");
    let message = machine.mailbox("alice@example.org").wait_for(1);
    assert!(message.subject.contains("shell.example.org のコード"), "{}", message.source);
    terminal.expect("コード: ").type_line(&message.code());
    terminal.expect("登録が完了しました。").expect("続行します: ");
    keep(&terminal, "ja-registered");
    terminal.press_enter().signed_in("alice");

    let alice = wrong_codes(&machine, "alice");
    assert!(alice.contains("メールアドレスが登録されていれば"), "{alice}");
    assert_eq!(wrong_codes(&machine, "nobody-at-all"), alice);

    // How the agent treats such a console does not depend on the hardware here.
    let begin = "org.pam_sspr.Agent1 /org/pam_sspr/Agent1 org.pam_sspr.Dialogue1 Begin ssssss recover bob login";
    for (tty, says) in [("/dev/tty1", "How do you want"), ("ttyS0", "ご本人"), ("tty63", "How do you want")] {
        let said = machine.must(&format!("LC_ALL=C.UTF-8 busctl call {begin} {tty} '' ''"));
        let said = unescaped(&said);
        assert!(said.contains(says), "{tty}: {said}");
    }
    for (tty, says) in [("/dev/tty1", "Forgotten? Press Enter"), ("/dev/ttyS0", "お忘れの場合は")] {
        // login requires the terminal to exist.
        let said = machine.run(&format!("echo wrong | pamtester -I tty={tty} greetd bob authenticate 2>&1")).stdout;
        assert!(said.contains(says), "{tty}: {said}");
    }
}

/// What busctl wrote, with its octal escapes read as UTF-8.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        if *first == b'\\' && others.len() > 2 && others[..3].iter().all(|b| (b'0'..=b'7').contains(b)) {
            bytes.push(others[..3].iter().fold(0, |n: u8, b| n.wrapping_mul(8).wrapping_add(b - b'0')));
            rest = &others[3..];
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn who_enrolled_in_german_gets_german_mail_on_an_english_machine_where_the_screen_stays_english() {
    let machine = machine("C.UTF-8", &["alice"], "");
    let mut terminal = over_ssh(&machine, "alice");
    terminal.password(OLD).expect("(Enter for not now): ").press_enter().signed_in("alice");
    terminal.type_line("clear; LANG=de_DE.UTF-8 sspr enroll").expect("Bisheriges Passwort: ").type_line(OLD);
    // If there is a choice, a menu comes first.
    if terminal.expect_any(&["E-Mail-Adresse (Enter für zurück): ", "(Enter, wenn Sie fertig sind): "]) == 1 {
        terminal.type_line("1").expect("E-Mail-Adresse (Enter für zurück): ");
    }
    terminal.type_line("alice@example.org");
    let message = machine.mailbox("alice@example.org").wait_for(1);
    assert_eq!(message.subject, "Ihr Code für shell.example.org");
    assert!(message.text.contains("ist Ihr Code, um diese Adresse"), "{}", message.text);
    terminal.expect("Code: ").type_line(&message.code());
    if terminal.expect_any(&["Fertig, Sie sind registriert.", "(Enter, wenn Sie fertig sind): "]) == 1 {
        terminal.press_enter();
    }
    terminal.signed_in("alice");
    keep(&terminal, "de-enrolled");

    let mut terminal = over_ssh(&machine, "alice");
    terminal.expect("Forgotten? Press Enter to reset it.").forgotten().expect("(Enter to go back): ").type_line("e");
    let code = machine.mailbox("alice@example.org").wait_for(2);
    assert_eq!(code.subject, "Ihr Code für shell.example.org");
    terminal.expect("Code: ").type_line(&code.code()).new_password(NEW);
    let note = machine.mailbox("alice@example.org").wait_for(3);
    assert_eq!(note.subject, "Das Passwort von alice auf shell.example.org wurde zurückgesetzt");
    let today = machine.must("date +%d.%m.%Y");
    assert!(note.text.contains(&format!("wurde am {today}")), "{}", note.text);
}

#[test]
fn on_a_chinese_machine_somebody_recovers_over_ssh_and_every_screen_fits() {
    let machine = machine("zh_CN.UTF-8", &["alice"], "");
    let mut terminal = over_ssh(&machine, "alice");
    terminal
        .password(OLD)
        .expect("暂不登记): ")
        .type_line("y")
        .expect("(按 Enter 返回): ")
        .type_line("alice@example.org");
    let code = machine.mailbox("alice@example.org").wait_for(1).code();
    terminal.expect("验证码: ").type_line(&code).expect("继续: ").press_enter().signed_in("alice");

    let mut terminal = over_ssh(&machine, "alice");
    terminal.expect("Forgotten? Press Enter").expect("Password: ").press_enter().expect("(按 Enter 返回): ");
    keep(&terminal, "zh-Hans-menu");
    terminal.type_line("e");
    let message = machine.mailbox("alice@example.org").wait_for(2);
    assert_eq!(message.subject, "shell.example.org 的验证码");
    terminal.expect("验证码: ").type_line("111").expect("验证码: ");
    keep(&terminal, "zh-Hans-code");
    terminal.type_line(&message.code()).expect("新密码: ").type_line("abc").expect("新密码: ");
    keep(&terminal, "zh-Hans-password");
    terminal.type_line(NEW).expect("再次输入: ").type_line(NEW).signed_in("alice");
}

/// A text of one line, up to the first value in it.
fn text(tag: &str, key: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../agent/texts/{tag}.ftl"));
    let texts = std::fs::read_to_string(file).unwrap();
    let start = format!("{key} = ");
    let line = texts.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
    line.split('{').next().unwrap().to_owned()
}

/// Two languages with several plural forms; `SSPR_TEST_LANGUAGES="sv=sv_SE da=da_DK"` chooses others, for inspection.
#[test]
fn in_languages_with_several_plurals_somebody_registers_recovers_and_looks_and_every_screen_fits() {
    let chosen = std::env::var("SSPR_TEST_LANGUAGES").unwrap_or_else(|_| "cs=cs_CZ ru=ru_RU".into());
    let chosen: Vec<(&str, &str)> = chosen.split_whitespace().map(|pair| pair.split_once('=').unwrap()).collect();
    let users: Vec<String> = chosen.iter().map(|(tag, _)| tag.to_lowercase()).collect();
    let accounts: Vec<&str> = users.iter().map(String::as_str).collect();
    let machine = machine("C.UTF-8", &accounts, "[recover]\nrecovery_codes = true\n");
    for ((tag, locale), user) in chosen.iter().zip(&users) {
        machine.must(&format!("echo 'LANG={locale}.UTF-8' >/etc/default/locale"));
        machine.agent().restart();
        let (address, says) = (format!("{user}@example.org"), |key: &str| text(tag, key));
        let mut terminal = over_ssh(&machine, user);
        terminal.password(OLD).expect(&says("register-only-prompt"));
        keep(&terminal, &format!("{tag}-1"));
        terminal.type_line("y").expect(&says("email-prompt")).type_line("ann").expect(&says("email-prompt"));
        keep(&terminal, &format!("{tag}-2"));
        terminal.type_line(&address);
        let message = machine.mailbox(&address).wait_for(1);
        terminal.expect(&says("code-prompt")).type_line("0000000").expect(&says("code-prompt"));
        keep(&terminal, &format!("{tag}-3"));
        terminal.type_line(&message.code()).expect(&says("go-on-prompt"));
        let shown = terminal.screen();
        let is_code = |word: &&str| word.is_ascii() && word.split('-').map(str::len).eq([4, 4, 4]);
        let recovery_code = shown.split_whitespace().find(is_code).unwrap().to_owned();
        keep(&terminal, &format!("{tag}-4"));
        terminal.press_enter().signed_in(user);
        terminal.type_line(&format!("clear; LANG={locale}.UTF-8 sspr status")).signed_in(user);
        keep(&terminal, &format!("{tag}-5"));
        terminal.type_line(&format!("clear; LANG={locale}.UTF-8 sspr enroll"));
        terminal.expect(&says("current-password-prompt")).type_line(OLD).expect(&says("recover-menu-prompt"));
        terminal.type_line("code").expect(&says("code-prompt")).type_line(&recovery_code);
        terminal.expect(&says("enroll-menu-prompt"));
        keep(&terminal, &format!("{tag}-6"));
        terminal.type_line("1").expect(": ").press_enter().expect(&says("enroll-menu-prompt")).press_enter();
        terminal.signed_in(user);

        let mut terminal = over_ssh(&machine, user);
        terminal.expect("Password: ").press_enter().expect(&says("recover-menu-prompt"));
        keep(&terminal, &format!("{tag}-7"));
        terminal.type_line("e").expect(&says("code-prompt"));
        let message = machine.mailbox(&address).wait_for(2);
        terminal.type_line("0000000").expect(&says("code-prompt"));
        keep(&terminal, &format!("{tag}-8"));
        terminal.type_line(&message.code()).expect(&says("password-prompt"));
        terminal.type_line("short").expect(&says("password-prompt"));
        terminal.type_line("qwertyuiop12").expect(&says("password-prompt"));
        keep(&terminal, &format!("{tag}-9"));
        terminal.type_line(NEW).expect(&says("password-again-prompt")).type_line(NEW).signed_in(user);
        let note = machine.mailbox(&address).wait_for(3);
        assert!(note.text.contains(&machine.must("hostname").trim().to_owned()), "{}", note.text);
    }
}

#[test]
fn an_administrators_words_arrive_in_the_mailbox_and_a_template_without_its_code_is_refused() {
    let machine = machine(
        "de_DE.UTF-8",
        &["alice"],
        "[texts]\ntemplates = \"/etc/sspr/templates\"\n[email]\nhost_name = \"the shell\"\n",
    );
    let write = |text: &str| {
        machine.must(&format!("mkdir -p /etc/sspr/templates; cat >/etc/sspr/templates/de.ftl <<'END'\n{text}\nEND"));
    };
    write(
        "-firm = Beispiel AG\nmail-code-subject = { -firm }: Code für { $host }\nmail-code-register = { $code } ({ $host })",
    );
    machine.agent().restart();
    let mut terminal = over_ssh(&machine, "alice");
    terminal.password(OLD).expect("(Enter für später): ").type_line("y");
    terminal.expect("E-Mail-Adresse (Enter für zurück): ").type_line("alice@example.org");
    let message = machine.mailbox("alice@example.org").wait_for(1);
    assert_eq!(message.subject, "Beispiel AG: Code für the shell");
    assert_eq!(message.text.trim(), format!("{} (the shell)", message.code()));
    terminal.expect("Code: ").type_line(&message.code()).expect("Enter: ");
    keep(&terminal, "de-registered");
    terminal.press_enter().signed_in("alice");

    write("# ours\nmail-code-register = Willkommen bei { $host }");
    assert_ne!(machine.run("systemctl restart sspr-agent").code, 0);
    let journal = machine.journal("sspr-agent");
    assert!(journal.contains("/etc/sspr/templates/de.ftl:2: mail-code-register must have { $code }"), "{journal}");
    machine.must("chmod 666 /etc/sspr/templates/de.ftl; systemctl reset-failed sspr-agent");
    assert_ne!(machine.run("systemctl restart sspr-agent").code, 0);
    assert!(machine.journal("sspr-agent").contains("run: chmod 0644 /etc/sspr/templates/de.ftl"));
}
