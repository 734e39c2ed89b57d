//! Manual pages and completions of the programs.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate_to};
use clap_mangen::Man;
use sspr_agent::arguments;
use sspr_cli::command::line;

use super::settings_page;

/// What the footer of each page says.
const MANUAL: &str = "Self-service password reset";

/// Writes `man/manN/*` and `completions/*` below `directory`.
pub(super) fn write_all(directory: &Path) -> io::Result<()> {
    let sections = [1, 5, 8].map(|n| directory.join(format!("man/man{n}")));
    let [commands, files, administration] = &sections;
    let completions = directory.join("completions");
    for directory in sections.iter().chain([&completions]) {
        fs::create_dir_all(directory)?;
    }
    let mut sspr = line::Arguments::command().disable_help_subcommand(true);
    sspr.build();
    write_command(&sspr, commands, "1", "sspr.toml(5), pam_sspr(8)")?;
    write_command(&arguments::Arguments::command(), administration, "8", "sspr(1), sspr.toml(5), pam_sspr(8)")?;
    let settings = include_str!("../../../config/sspr.toml");
    fs::write(files.join("sspr.toml.5"), settings_page::page(settings, MANUAL, env!("CARGO_PKG_VERSION")))?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut line::Arguments::command(), "sspr", &completions)?;
    }
    Ok(())
}

/// One page for the command and for each of its subcommands, as `sspr-admin-import(1)`.
fn write_command(command: &Command, directory: &Path, section: &str, see_also: &str) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_command(subcommand, directory, section, "sspr(1)")?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    // Their help is a sentence of the page; that there is help is said in no other page of a system either.
    let command = command.clone().disable_help_flag(true).display_name(&name).version(env!("CARGO_PKG_VERSION"));
    let source = format!("sspr {}", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone()).title(name.to_uppercase()).section(section).source(source).manual(MANUAL);
    let mut file = File::create(directory.join(format!("{name}.{section}")))?;
    page.render_title(&mut file)?;
    page.render_name_section(&mut file)?;
    page.render_synopsis_section(&mut file)?;
    page.render_description_section(&mut file)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        page.render_options_section(&mut file)?;
    }
    if command.has_subcommands() {
        page.render_subcommands_section(&mut file)?;
    }
    if command.get_after_help().is_some() || command.get_after_long_help().is_some() {
        page.render_extra_section(&mut file)?;
    }
    writeln!(file, ".SH \"SEE ALSO\"\n{see_also}")
}
