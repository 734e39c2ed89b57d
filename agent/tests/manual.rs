//! The manual pages and completions in the packages: complete, and without warnings from the formatter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../examples/generate/pages.rs"]
mod pages;
#[path = "../examples/generate/settings_page.rs"]
mod settings_page;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::CommandFactory as _;
use sspr_cli::command::line::Arguments;

fn written() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    pages::write_all(directory.path()).unwrap();
    directory
}

fn manual_pages(directory: &Path) -> Vec<PathBuf> {
    let own = ["pam_sspr.8", "sspr-directory.8", "sspr-server.8"];
    let mut pages: Vec<_> =
        own.iter().map(|page| Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/man").join(page)).collect();
    for section in fs::read_dir(directory.join("man")).unwrap() {
        pages.extend(fs::read_dir(section.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
    }
    pages
}

/// A page as shown on a terminal of 80 columns.
fn shown(page: &Path) -> String {
    let output = Command::new("man")
        .args(["--warnings", "--encoding=UTF-8", "--local-file", "--pager=cat"])
        .arg(page)
        .envs([("MANWIDTH", "80"), ("LC_ALL", "C.UTF-8"), ("MANROFFSEQ", ""), ("MAN_KEEP_FORMATTING", "")])
        .output()
        .expect("man is missing; `make test-deps` installs it");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{}: {said}", page.display());
    // Without the backspaces that make letters bold.
    let mut text = String::new();
    for c in String::from_utf8(output.stdout).unwrap().chars() {
        if c == '\u{8}' {
            text.pop();
        } else {
            text.push(c);
        }
    }
    text
}

#[test]
fn each_page_is_formatted_without_a_warning() {
    let directory = written();
    let pages = manual_pages(directory.path());
    assert!(pages.len() > 5, "{pages:?}");
    for page in pages {
        let text = shown(&page);
        assert!(text.contains("NAME") && text.contains("SEE ALSO"), "{}:\n{text}", page.display());
    }
}

#[test]
fn each_command_has_a_page_that_names_its_options_and_stands_in_the_completions() {
    fn check(command: &clap::Command, directory: &Path) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let text = shown(&directory.join(format!("man/man1/{name}.1")));
        let visible: Vec<_> = command.get_arguments().filter(|argument| !argument.is_hide_set()).collect();
        for option in visible.iter().filter_map(|argument| argument.get_long()) {
            assert!(text.contains(&format!("--{option}")), "{name} --{option}:\n{text}");
        }
        let completions: Vec<_> = ["sspr.bash", "_sspr", "sspr.fish"]
            .map(|file| fs::read_to_string(directory.join("completions").join(file)).unwrap())
            .into();
        for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            for completion in &completions {
                assert!(completion.contains(subcommand.get_name()), "{}", subcommand.get_name());
            }
            check(subcommand, directory);
        }
    }
    let directory = written();
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    check(&command, directory.path());
}

#[test]
fn the_page_of_the_settings_has_each_section_and_key_of_the_file_as_shipped() {
    let directory = written();
    let text = shown(&directory.path().join("man/man5/sspr.toml.5"));
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shipped = include_str!("../../config/sspr.toml");
    let (mut found, mut above) = (0, "");
    for line in shipped.lines() {
        // A key without a description is directly below one with a description for both.
        let is_key = line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        assert!(
            !is_key || (above.starts_with('#') && !above.trim_start_matches('#').starts_with('[')),
            "{line} has no words"
        );
        above = line;
        let line = line.trim_start_matches('#');
        if line.starts_with('[') {
            assert!(flat.contains(line), "{line}:\n{text}");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            assert!(flat.contains(&format!("{key} = ")), "{key}:\n{text}");
            found += 1;
        }
    }
    assert!(found > 40, "{found}");
}

#[test]
fn the_completions_are_read_by_the_shells_that_are_here() {
    let directory = written();
    for (shell, file) in [("bash", "sspr.bash"), ("zsh", "_sspr"), ("fish", "sspr.fish")] {
        let path = directory.path().join("completions").join(file);
        match Command::new(shell).arg("-n").arg(&path).output() {
            Ok(output) => {
                assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
            }
            Err(why) => assert_ne!(shell, "bash", "{why}"),
        }
    }
}
