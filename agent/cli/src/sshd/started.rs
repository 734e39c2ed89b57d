//! How sshd is started: by which unit or process, from which program, with which options. Options take precedence over
//! all files.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Daemon, config::words};

/// Debian's name, and the other distributions'.
const SERVICES: [&str; 2] = ["ssh.service", "sshd.service"];
/// Each with the service that it starts for a connection.
const SOCKETS: [(&str, &str); 2] =
    [("ssh.socket", "ssh@connection.service"), ("sshd.socket", "sshd@connection.service")];
/// The options of sshd that take a value.
const VALUED: &str = "CEbcfghkopu";
/// The options that change the output of `sshd -T`.
const TOLD: &str = "fogcp46";
/// The options that have nothing to do with settings.
const SILENT: &str = "DdeiqrtTGEbku";

/// All ways in which this machine's sshd is started, or would be; if there are none, its program without options.
pub fn daemons(program: &Path) -> Vec<Daemon> {
    let mut found: Vec<Daemon> = Vec::new();
    let mut add = |daemon: Daemon| {
        if !found.iter().any(|known| (&known.program, &known.options) == (&daemon.program, &daemon.options)) {
            found.push(daemon);
        }
    };
    for unit in units() {
        add(of_unit(&unit, program, &|path| fs::read(path).ok()));
    }
    for daemon in running(Path::new("/proc"), program) {
        add(daemon);
    }
    if found.is_empty() {
        found.push(Daemon::plain(program));
    }
    found
}

/// The output of `systemctl show` for a unit: each property with its lines.
type Unit = BTreeMap<String, Vec<String>>;

/// The units that start sshd here; units in use come before those that are merely possible.
fn units() -> Vec<Unit> {
    let services: Vec<Unit> = SERVICES.iter().filter_map(|name| shown(name)).collect();
    let mut used: Vec<Unit> = services.iter().filter(|unit| in_use(unit)).cloned().collect();
    for (socket, service) in SOCKETS {
        if shown(socket).is_some_and(|unit| in_use(&unit)) {
            used.extend(shown(service));
        }
    }
    if used.is_empty() { services } else { used }
}

fn shown(name: &str) -> Option<Unit> {
    const PROPERTIES: &str = "--property=Id,LoadState,ActiveState,UnitFileState,ExecStart,Environment,EnvironmentFiles";
    let output = Command::new("systemctl").args(["show", PROPERTIES, name]).stdin(Stdio::null()).output().ok()?;
    let unit = properties(&String::from_utf8_lossy(&output.stdout));
    (first(&unit, "LoadState") == "loaded").then_some(unit)
}

fn properties(text: &str) -> Unit {
    let mut unit = Unit::new();
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        unit.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    unit
}

fn first<'a>(unit: &'a Unit, key: &str) -> &'a str {
    unit.get(key).and_then(|lines| lines.first()).map_or("", String::as_str)
}

fn in_use(unit: &Unit) -> bool {
    matches!(first(unit, "ActiveState"), "active" | "activating" | "reloading")
        || first(unit, "UnitFileState").starts_with("enabled")
}

/// The daemon that a unit starts. `read` reads the files with its variables.
fn of_unit(unit: &Unit, program: &Path, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Daemon {
    let mut variables = BTreeMap::new();
    for pair in unit.get("Environment").into_iter().flatten().flat_map(|line| words(line)) {
        if let Some((name, value)) = pair.split_once('=') {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    for line in unit.get("EnvironmentFiles").into_iter().flatten() {
        let path = line.rsplit_once(" (ignore_errors=").map_or(line.as_str(), |(path, _)| path);
        if let Some(content) = read(path) {
            variables.extend(assignments(&String::from_utf8_lossy(&content)));
        }
    }
    let name = first(unit, "Id").replace("@connection", "@");
    // { path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D $SSHD_OPTS ; ignore_errors=no ; ... }
    let command = first(unit, "ExecStart");
    let field = |name: &str| {
        let rest = command.split_once(&format!("{name}="))?.1;
        Some(rest.split_once(" ; ").map_or(rest, |(value, _)| value).to_owned())
    };
    let mut daemon = match field("argv[]") {
        Some(line) => Daemon::of(&name, program, words(&line).iter().skip(1).flat_map(|w| expanded(w, &variables))),
        None => Daemon::of(&name, program, std::iter::empty()),
    };
    if let Some(path) = field("path").map(PathBuf::from)
        && path != program
    {
        // A program of this machine's own, or a wrapper: what it does with its options is unknown.
        if path.file_name() == program.file_name() && path.exists() {
            daemon.program = path;
        } else {
            daemon.odd = Some(format!("it starts {}", path.display()));
        }
    }
    daemon
}

/// A word of `ExecStart`, expanded into words as systemd does.
fn expanded(word: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let value = |name: &str| variables.get(name).map_or("", String::as_str);
    if let Some(name) = word.strip_prefix('$')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return words(value(name));
    }
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(value(name));
        rest = behind;
    }
    text.push_str(rest);
    vec![text]
}

/// The assignments of a file such as `/etc/default/ssh`.
fn assignments(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", "");
    let lines = joined.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim_end().to_owned(), unquoted(value.trim()))).collect()
}

/// The value of an assignment, without quotes around it or around its parts.
fn unquoted(value: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None | Some('"'), '\\') => text.extend(characters.next()),
            _ => text.push(c),
        }
    }
    text
}

/// The listening daemons that run: those of root, from this machine's own file system.
fn running(proc: &Path, program: &Path) -> Vec<Daemon> {
    let mut found = Vec::new();
    let top = fs::metadata("/").map(|meta| (meta.dev(), meta.ino())).ok();
    for entry in fs::read_dir(proc).into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let path = entry.path();
        // Any user can give a process this title, and a container has its own sshd.
        let roots = fs::metadata(&path).is_ok_and(|meta| meta.uid() == 0)
            && fs::metadata(path.join("root")).map(|meta| (meta.dev(), meta.ino())).ok() == top;
        let of_program = fs::read_link(path.join("exe")).is_ok_and(|exe| {
            let exe = exe.to_string_lossy();
            // The program before an upgrade, after which it was not restarted.
            Path::new(exe.strip_suffix(" (deleted)").unwrap_or(&exe)) == program
        });
        if roots
            && of_program
            && let Some(line) = fs::read(path.join("cmdline")).ok().and_then(|line| listener(&line))
        {
            found.push(Daemon::of(&format!("process {pid}"), program, line.into_iter()));
        }
    }
    found
}

/// The options of a listening daemon from its command line; `None` for a daemon that serves a connection.
fn listener(line: &[u8]) -> Option<Vec<String>> {
    let text = String::from_utf8_lossy(line);
    if let Some(title) = text.strip_prefix("sshd: ") {
        // sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups
        let (command, _) = title.split_once(" [listener]")?;
        return Some(command.split(' ').skip(1).filter(|word| !word.is_empty()).map(str::to_owned).collect());
    }
    let all: Vec<String> = text.split('\0').filter(|word| !word.is_empty()).skip(1).map(str::to_owned).collect();
    let serves = all.iter().any(|word| word.starts_with('-') && word.contains(['R', 'T', 'G', 't', 'i']));
    (!serves).then_some(all)
}

/// Options as getopt(3) reads them: those that `sshd -T` needs, too, and the first that is not understood.
pub(super) fn options(line: impl Iterator<Item = String>) -> (Vec<String>, Option<String>) {
    let (mut told, mut odd) = (Vec::new(), None);
    let mut line = line.peekable();
    while let Some(word) = line.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            odd.get_or_insert_with(|| format!("{word:?} in its command line"));
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let with_value = VALUED.contains(letter);
            if !TOLD.contains(letter) && !SILENT.contains(letter) {
                odd.get_or_insert_with(|| format!("its option -{letter}"));
            }
            if !with_value {
                if TOLD.contains(letter) {
                    told.push(format!("-{letter}"));
                }
                continue;
            }
            let attached = letters.get(at.saturating_add(1)..).unwrap_or_default();
            let Some(mut value) = Some(attached.to_owned()).filter(|v| !v.is_empty()).or_else(|| line.next()) else {
                odd.get_or_insert_with(|| format!("its option -{letter}"));
                break;
            };
            // If only blanks separate words, as in a process title: -o PasswordAuthentication no
            while letter == 'o' && !value.contains(['=', ' ']) && line.peek().is_some_and(|next| !next.starts_with('-'))
            {
                value.push(' ');
                value.extend(line.next());
            }
            if TOLD.contains(letter) {
                told.extend([format!("-{letter}"), value]);
            }
            break;
        }
    }
    (told, odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXEC: &str = "ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D $SSHD_OPTS ; ignore_errors=no ; start_time=[n/a] ; pid=0 }\n";

    fn of(shown: &str, defaults: &str) -> Daemon {
        let unit = properties(&format!("Id=ssh.service\nLoadState=loaded\n{shown}"));
        of_unit(&unit, Path::new("/usr/sbin/sshd"), &|path| {
            (path == "/etc/default/ssh").then(|| defaults.as_bytes().to_vec())
        })
    }

    #[test]
    fn the_options_of_a_unit_are_those_of_its_line_with_its_variables() {
        const FILE: &str = "EnvironmentFiles=/etc/default/ssh (ignore_errors=yes)\n";
        for (shown, defaults, want) in [
            (EXEC.to_owned(), "SSHD_OPTS='-o X=no'\n", &[] as &[&str]),
            (format!("{EXEC}{FILE}"), "# SSHD_OPTS=-4\nSSHD_OPTS=\n", &[]),
            (
                format!("{EXEC}{FILE}"),
                "SSHD_OPTS=\"-o PasswordAuthentication=no\"\n",
                &["-o", "PasswordAuthentication=no"],
            ),
            (
                format!("{EXEC}{FILE}"),
                "SSHD_OPTS='-o \"PasswordAuthentication no\"' \n",
                &["-o", "PasswordAuthentication no"],
            ),
            (
                format!("{EXEC}{FILE}"),
                "SSHD_OPTS=-oPasswordAuthentication=no\\\n -g20\n",
                &["-o", "PasswordAuthentication=no", "-g", "20"],
            ),
            (format!("{EXEC}{FILE}Environment=SSHD_OPTS=-4 A=b\n"), "", &["-4"]),
            (format!("{EXEC}{FILE}Environment=SSHD_OPTS=-4\n"), "SSHD_OPTS=-6\n", &["-6"]),
            (
                "ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -De -f /etc/ssh/other -E /log ; x=y }\n"
                    .into(),
                "",
                &["-f", "/etc/ssh/other"],
            ),
            (
                "ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D -o ${A}=no ; x }\nEnvironment=A=UsePAM\n"
                    .into(),
                "",
                &["-o", "UsePAM=no"],
            ),
        ] {
            let daemon = of(&shown, defaults);
            let want: Vec<String> = want.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!((daemon.options, daemon.odd), (want, None), "{shown} {defaults}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_and_not_guessed() {
        for (line, want) in [
            (
                "ExecStart={ path=/usr/local/bin/wrapper ; argv[]=/usr/local/bin/wrapper -D ; x }\n",
                "it starts /usr/local",
            ),
            ("ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -Z ; x }\n", "its option -Z"),
            ("ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -f ; x }\n", "its option -f"),
            ("ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd stray ; x }\n", "\"stray\" in its command line"),
        ] {
            let odd = of(line, "").odd.unwrap();
            assert!(odd.contains(want), "{odd}");
        }
    }

    #[test]
    fn a_listener_is_told_from_a_connection_by_its_title() {
        let words = |line: &[u8]| listener(line).map(|all| options(all.into_iter()).0);
        let some = |all: &[&str]| Some(all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(b"sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"), some(&[]));
        assert_eq!(
            words(b"sshd: /usr/sbin/sshd -D -o PasswordAuthentication no -4 [listener] 0 of 10-100 startups"),
            some(&["-o", "PasswordAuthentication no", "-4"])
        );
        assert_eq!(words(b"/usr/sbin/sshd\0-D\0-o\0UsePAM=no\0"), some(&["-o", "UsePAM=no"]));
        for line in [
            b"sshd: alice [priv]".as_slice(),
            b"sshd: alice@pts/0",
            b"/usr/sbin/sshd\0-D\0-R\0",
            b"sshd: /usr/sbin/sshd -D",
        ] {
            assert_eq!(words(line), None);
        }
    }
}
