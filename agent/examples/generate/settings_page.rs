//! `sspr.toml(5)`, from the comments of the settings file as shipped: a key stands behind a `#` and the comment above it says
//! what it does.

use std::fmt::Write as _;

/// The page for the settings file `shipped`.
pub(super) fn page(shipped: &str, manual: &str, version: &str) -> String {
    let mut page = format!(
        ".TH SSPR.TOML 5 \"\" \"sspr {version}\" \"{manual}\"\n\
         .SH NAME\nsspr.toml \\- settings of self\\-service password reset\n\
         .SH SYNOPSIS\n.I /etc/sspr/sspr.toml\n.br\n.I /etc/sspr/sspr.toml.d/*.toml\n\
         .SH DESCRIPTION\n"
    );
    let mut comment = Vec::new();
    let mut keys = Vec::new();
    let mut in_section = false;
    for line in shipped.lines().chain([""]) {
        let key = line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        let section = line.trim_start_matches('#').strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        // What stands above the line belongs together, unless the line goes on with it.
        if key.is_none() && !keys.is_empty() {
            entry(&mut page, &std::mem::take(&mut keys), &std::mem::take(&mut comment));
        }
        if let Some(section) = section {
            if !in_section {
                page.push_str(".SH SECTIONS AND KEYS\nEach key is shown with its default or with an example.\n");
            }
            in_section = true;
            paragraph(&mut page, &std::mem::take(&mut comment));
            let _ = writeln!(page, ".SS [{}]", literal(section));
        } else if let Some(key) = key {
            keys.push(key);
        } else if let Some(text) = line.strip_prefix("# ") {
            comment.push(text);
        } else {
            paragraph(&mut page, &std::mem::take(&mut comment));
        }
    }
    page.push_str(".SH \"SEE ALSO\"\nsspr(1), sspr\\-agent(8), pam_sspr(8)\n");
    page
}

/// Keys, and what the comment above them says.
fn entry(page: &mut String, keys: &[&str], comment: &[&str]) {
    for (index, key) in keys.iter().enumerate() {
        let macro_name = if index == 0 { ".TP" } else { ".TQ" };
        let _ = writeln!(page, "{macro_name}\n\\fB{}\\fR", literal(key));
    }
    for line in comment {
        let _ = writeln!(page, "{}", words(line));
    }
}

fn paragraph(page: &mut String, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(page, "{}", words(line));
    }
}

/// Text that wraps.
fn words(text: &str) -> String {
    let escaped = text.replace('\\', "\\e");
    // A line that begins with one of these would be a command.
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}

/// Text to be typed as it stands.
fn literal(text: &str) -> String {
    words(text).replace('-', "\\-")
}
