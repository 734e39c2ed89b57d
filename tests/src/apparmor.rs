//! AppArmor profiles without AppArmor in the kernel: the file rules of a profile, and the file accesses of a traced
//! service.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{Machine, host};

/// The file rules of a profile, as compiled by `apparmor_parser`.
#[derive(Debug)]
pub struct Profile {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    deny: bool,
    pattern: String,
    permissions: String,
}

impl Profile {
    /// Reads a profile with everything that it includes.
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let text = host::command("apparmor_parser", ["--preprocess", path.to_str().unwrap()]);
        let mut variables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut rules = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some((name, values)) = line.strip_prefix("@{").and_then(|rest| rest.split_once('=')) {
                let name = name.trim_end_matches(['+', ' ']).trim_end_matches('}').to_owned();
                let values = values.split_whitespace().map(|v| v.trim_matches('"').trim_end_matches('/').to_owned());
                variables.entry(name).or_default().extend(values);
                continue;
            }
            let words: Vec<_> = line.trim_end_matches(',').split_whitespace().collect();
            let first = words.iter().position(|word| !["owner", "audit", "allow", "deny"].contains(word)).unwrap_or(0);
            let Some([pattern, permissions]) = words.get(first..) else { continue };
            if pattern.starts_with(['/', '@']) {
                let pattern = filled_in(pattern, &variables);
                rules.push(Rule {
                    deny: words[..first].contains(&"deny"),
                    pattern,
                    permissions: (*permissions).into(),
                });
            }
        }
        Self { rules }
    }

    /// Whether all of `permissions` (r, w, m, k, l, x) are allowed on `path`.
    pub fn allows(&self, path: &str, permissions: &str) -> bool {
        let matching: Vec<_> =
            self.rules.iter().filter(|rule| matches(rule.pattern.as_bytes(), path.as_bytes())).collect();
        permissions.chars().all(|permission| {
            let has = |rule: &&&Rule| rule.permissions.to_lowercase().contains(permission);
            matching.iter().filter(|rule| !rule.deny).any(|rule| has(&rule))
                && !matching.iter().filter(|rule| rule.deny).any(|rule| has(&rule))
        })
    }
}

/// The accesses in `done`, from [`stop_tracing`] for `program`, that `profile` does not allow.
pub fn outside<'a>(
    profile: &Profile,
    program: &str,
    done: &'a BTreeSet<(String, String)>,
) -> Vec<&'a (String, String)> {
    let outside = done.iter().filter(|(path, permissions)| {
        // The path as the kernel sees it: with links resolved, and a slash after a directory.
        let path = path.replace("/proc/self/exe", program);
        !profile.allows(&path, permissions) && !profile.allows(&format!("{path}/"), permissions)
    });
    outside.collect()
}

fn filled_in(pattern: &str, variables: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = pattern.to_owned();
    while let Some((before, (name, after))) =
        text.split_once("@{").and_then(|(b, rest)| Some((b, rest.split_once('}')?)))
    {
        let values = variables.get(name).map(|values| values.join(",")).unwrap_or_default();
        text = format!("{before}{{{values}}}{after}");
    }
    text
}

/// Whether an AppArmor pattern matches a path: `*` and `?` stop at a slash, `**` does not, and there are `[..]` and `{a,b}`.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|n| matches(rest, &path[n..])),
        [b'*', rest @ ..] => {
            let end = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
            (0..=end).any(|n| matches(rest, &path[n..]))
        }
        [b'?', rest @ ..] => path.first().is_some_and(|b| *b != b'/') && matches(rest, &path[1..]),
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|b| *b == b']').unwrap();
            path.first().is_some_and(|b| in_class(&rest[..end], *b)) && matches(&rest[end + 1..], &path[1..])
        }
        [b'{', rest @ ..] => {
            let (alternatives, rest) = alternatives(rest);
            alternatives.iter().any(|a| matches(&[a.as_slice(), rest].concat(), path))
        }
        [byte, rest @ ..] => path.first() == Some(byte) && matches(rest, &path[1..]),
    }
}

fn in_class(class: &[u8], byte: u8) -> bool {
    let (negated, class) = class.strip_prefix(b"^").map_or((false, class), |rest| (true, rest));
    let mut found = false;
    let mut rest = class;
    while let [first, tail @ ..] = rest {
        if let [b'-', last, tail @ ..] = tail {
            found |= (*first..=*last).contains(&byte);
            rest = tail;
        } else {
            found |= *first == byte;
            rest = tail;
        }
    }
    found != negated
}

/// The alternatives of a brace that was opened, and the text after it.
fn alternatives(text: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
    let (mut depth, mut found) = (0, vec![Vec::new()]);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'}' if depth == 0 => return (found, &text[index + 1..]),
            b',' if depth == 0 => {
                found.push(Vec::new());
                continue;
            }
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        found.last_mut().unwrap().push(*byte);
    }
    panic!("a brace is not closed");
}

const CALLS: &str = "openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,\
                     link,linkat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,mmap,fcntl,flock,connect,execve,clone,clone3,\
                     vfork,fork";

/// From now on, everything that the machine's init starts is traced.
#[track_caller]
pub fn start_tracing(machine: &Machine) {
    machine.must(&format!(
        "mkdir -p /var/trace
         systemd-run --quiet --unit=tracing strace -f -ff -y -s 4096 -o /var/trace/t -e trace={CALLS} -p 1
         timeout 10 sh -c 'until grep -q \"^TracerPid:.*[1-9]\" /proc/1/status; do sleep 0.05; done'"
    ));
}

/// The file accesses of `programs`, with their threads and children, since then: paths with the required permissions.
#[track_caller]
pub fn stop_tracing(machine: &Machine, programs: &[&str]) -> Vec<BTreeSet<(String, String)>> {
    machine.must("systemctl stop tracing");
    let files: BTreeMap<String, String> = std::fs::read_dir(machine.root().join("var/trace"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            (entry.file_name().to_string_lossy()[2..].to_owned(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    programs.iter().map(|program| of_program(&files, program)).collect()
}

fn of_program(files: &BTreeMap<String, String>, program: &str) -> BTreeSet<(String, String)> {
    let mut done = BTreeSet::new();
    let started = format!("execve(\"{program}\"");
    // The process itself from its start, and all of its children.
    let mut pending: Vec<&str> = Vec::new();
    let mut take = |text: &str, pending: &mut Vec<String>| {
        for line in text.lines() {
            if line.starts_with("clone") || line.contains("fork(") {
                pending.extend(line.rsplit("= ").next().and_then(|pid| pid.split(' ').next()).map(str::to_owned));
            }
            done.extend(needs(line));
        }
    };
    let mut made = Vec::new();
    for text in files.values() {
        // From its first line: its caller's profile allows the start.
        if let Some((_, whole)) = text.find(&started).and_then(|at| text[at..].split_once('\n')) {
            pending.push(whole);
        }
    }
    assert!(!pending.is_empty(), "{program} was not started");
    for text in pending {
        take(text, &mut made);
    }
    while let Some(pid) = made.pop() {
        if let Some(text) = files.get(&pid) {
            take(text, &mut made);
        }
    }
    done
}

/// The permissions that one call requires.
fn needs(line: &str) -> Vec<(String, String)> {
    let Some((call, rest)) = line.split_once('(') else { return Vec::new() };
    let result = line.rsplit(") = ").next().unwrap_or_default();
    if result.starts_with('-') {
        return Vec::new();
    }
    let quoted: Vec<&str> = rest.split('"').skip(1).step_by(2).filter(|path| path.starts_with('/')).collect();
    let shown = |text: &str| {
        let path = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path.to_owned());
        path.filter(|path| path.starts_with('/') && !path.starts_with("/memfd:") && !path.contains("(deleted)"))
    };
    let one = |path: Option<String>, permissions: &str| path.map(|path| (path, permissions.to_owned()));
    let with = |permissions: &str| quoted.iter().map(|path| ((*path).to_owned(), permissions.to_owned())).collect();
    match call {
        "open" | "openat" | "creat" if !rest.contains("O_PATH") => {
            let permissions = if rest.contains("O_RDWR") {
                "rw"
            } else if rest.contains("O_WRONLY") || call == "creat" {
                "w"
            } else {
                "r"
            };
            let slash = if rest.contains("O_DIRECTORY") { "/" } else { "" };
            one(shown(result).map(|path| format!("{}{slash}", path.trim_end_matches('/'))), permissions)
                .into_iter()
                .collect()
        }
        "rename" | "renameat" | "renameat2" => {
            let from = quoted.first().map(|path| ((*path).to_owned(), "rw".to_owned()));
            from.into_iter().chain(quoted.get(1).map(|path| ((*path).to_owned(), "w".to_owned()))).collect()
        }
        "mkdir" | "mkdirat" | "rmdir" => quoted.iter().map(|path| (format!("{path}/"), "w".to_owned())).collect(),
        "symlink" | "symlinkat" => quoted.last().map(|path| ((*path).to_owned(), "w".to_owned())).into_iter().collect(),
        "link" | "linkat" => quoted.last().map(|path| ((*path).to_owned(), "l".to_owned())).into_iter().collect(),
        "unlink" | "unlinkat" | "chmod" | "chown" | "lchown" | "fchmodat" | "fchownat" => with("w"),
        "fchmod" | "fchown" => one(shown(rest), "w").into_iter().collect(),
        "mmap" if rest.contains("PROT_EXEC") => one(shown(rest), "m").into_iter().collect(),
        "flock" => one(shown(rest), "k").into_iter().collect(),
        "fcntl" if rest.contains("F_SETLK") || rest.contains("F_OFD_SETLK") => {
            one(shown(rest), "k").into_iter().collect()
        }
        "connect" if rest.contains("AF_UNIX") => with("w"),
        "execve" => quoted.first().map(|path| ((*path).to_owned(), "x".to_owned())).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_apparmor_says() {
        for (pattern, path, expected) in [
            ("/etc/sspr/**", "/etc/sspr/a/b", true),
            ("/etc/sspr/*", "/etc/sspr/a/b", false),
            ("/etc/{passwd,shadow{,-}}", "/etc/shadow-", true),
            ("/etc/{passwd,shadow{,-}}", "/etc/shadow+", false),
            ("/proc/{[1-9],[1-9][0-9]}/cgroup", "/proc/42/cgroup", true),
            ("/proc/{[1-9],[1-9][0-9]}/cgroup", "/proc/self/cgroup", false),
            ("/{,var/}tmp/x?", "/tmp/x1", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn calls_say_what_they_took() {
        let line = "openat(AT_FDCWD</>, \"/etc/sspr/sspr.toml\", O_RDONLY|O_CLOEXEC) = 3</etc/sspr/sspr.toml>";
        assert_eq!(needs(line), [("/etc/sspr/sspr.toml".to_owned(), "r".to_owned())]);
        let line = "rename(\"/etc/nshadow\", \"/etc/shadow\") = 0";
        let expected = [("/etc/nshadow", "rw"), ("/etc/shadow", "w")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(needs(line), expected);
        assert_eq!(needs("openat(AT_FDCWD</>, \"/nowhere\", O_RDONLY) = -1 ENOENT (No such file)"), []);
    }
}
