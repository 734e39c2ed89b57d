//! Any template is taken, or refused with its name; and with one that is taken, a message still says its code and its host,
//! and a subject is one line.

use std::fs;

use sspr_agent::languages::Languages;
use sspr_config::{language::Language, settings::Words};
use tempfile::TempDir;

thread_local! {
    static DIRECTORY: TempDir = tempfile::tempdir().expect("a directory");
}

const CODES: [&str; 8] = [
    "mail-code-recover",
    "mail-code-register",
    "mail-code-enroll",
    "mail-code-desk",
    "text-code-recover",
    "text-code-register",
    "text-code-enroll",
    "text-code-desk",
];

pub(crate) fn check(bytes: &[u8]) {
    let directory = DIRECTORY.with(|directory| directory.path().to_owned());
    fs::write(directory.join("en.ftl"), bytes).expect("written");
    let words = Words { templates: Some(directory), ..Words::default() };
    let languages = match Languages::load(&words, "C.UTF-8") {
        Ok(languages) => languages,
        Err(error) => return assert!(error.to_string().contains("en.ftl"), "{error}"),
    };
    let texts = languages.texts(Language::English);
    let values = [
        ("code", "493817".into()),
        ("account", "alice".into()),
        ("host", "shell.example.org".into()),
        ("until", "12:34 UTC".into()),
    ];
    for key in CODES {
        let said = texts.say(key, &values);
        assert!(said.contains("493817") && said.contains("shell.example.org"), "{key}: {said:?}");
    }
    let subject = texts.say("mail-code-subject", &values);
    assert!(!subject.contains('\n'), "{subject:?}");
}
