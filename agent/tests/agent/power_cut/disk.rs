//! A disk that remembers what was synced, and the trace of a program that wrote to it.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    time::Duration,
};

/// The traced calls.
pub(super) const CALLS: &str =
    "trace=openat,write,pwrite64,lseek,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2";

/// The smallest part of a write that can reach the disk on its own.
const SECTOR: usize = 512;

/// One step of a program that matters to a disk. Files are identified by their names in one directory.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Made(String),
    Wrote(String, usize, Vec<u8>),
    Cut(String, usize),
    Removed(String),
    Renamed(String, String),
    Synced(String),
    /// The directory itself.
    SyncedNames,
}

impl Operation {
    pub(super) const fn is_sync(&self) -> bool {
        matches!(self, Self::Synced(_) | Self::SyncedNames)
    }
}

/// A program's steps, in order.
pub(super) struct Trace(Vec<(Duration, Operation)>);

impl Trace {
    /// Reads strace's output about `directory`, a file for each thread.
    pub(super) fn read(traces: &Path, directory: &Path) -> Self {
        let mut lines: Vec<(Duration, String, String)> = Vec::new();
        for entry in fs::read_dir(traces).unwrap().flatten() {
            let thread = entry.file_name().to_string_lossy().into_owned();
            for line in fs::read_to_string(entry.path()).unwrap().lines() {
                let Some((at, call)) = line.split_once(' ') else { continue };
                let (seconds, micros) = at.split_once('.').unwrap();
                let at = Duration::new(seconds.parse().unwrap(), micros.parse::<u32>().unwrap() * 1000);
                lines.push((at, thread.clone(), call.to_owned()));
            }
        }
        // A stable sort: the steps of one thread within a microsecond stay in order.
        lines.sort_by_key(|(at, ..)| *at);
        let mut reader = Reader { directory, known: Vec::new(), places: HashMap::new() };
        let done = lines.iter().filter_map(|(at, thread, call)| Some((*at, reader.operation(thread, call)?)));
        Self(done.collect())
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = (&Duration, &Operation)> {
        self.0.iter().map(|(at, operation)| (at, operation))
    }

    /// Whether pages of the log were written into the database after they were in the log.
    pub(super) fn carried_over(&self) -> bool {
        let wrote = |part: &str| self.0.iter().rposition(|(_, o)| matches!(o, Operation::Wrote(n, ..) if n == part));
        let logged = self.0.iter().position(|(_, o)| matches!(o, Operation::Wrote(n, ..) if n.ends_with("-wal")));
        wrote("sspr.db") > logged && logged.is_some()
    }
}

struct Reader<'a> {
    directory: &'a Path,
    known: Vec<String>,
    /// Where the next `write` of a descriptor goes.
    places: HashMap<(String, String), usize>,
}

impl Reader<'_> {
    fn operation(&mut self, thread: &str, call: &str) -> Option<Operation> {
        let (name, rest) = call.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(") = ").or_else(|| rest.rsplit_once(')'))?;
        if result.trim_start().starts_with(['-', '?']) {
            return None;
        }
        let texts: Vec<Vec<u8>> = arguments.split('"').skip(1).step_by(2).map(bytes).collect();
        let number = |n: usize| arguments.rsplit(", ").nth(n)?.trim_end_matches(')').parse::<usize>().ok();
        let file = between(arguments).and_then(|path| self.name(&bytes(path)));
        // All threads have the same descriptors.
        let run = thread.split('.').next()?.to_owned();
        let place = (run, arguments.split('<').next()?.to_owned());
        match name {
            "openat" => {
                let file = self.name(&bytes(between(result)?))?;
                let descriptor = result.split('<').next()?.trim().to_owned();
                self.places.insert((place.0, descriptor), 0);
                let made = arguments.contains("O_CREAT") && !self.known.contains(&file);
                made.then(|| self.knows(file.clone())).map(|()| Operation::Made(file))
            }
            "lseek" => {
                self.places.insert(place, result.trim().parse().ok()?);
                None
            }
            "write" => {
                let at = self.places.get_mut(&place).filter(|_| file.is_some())?;
                let data = texts.into_iter().next()?;
                assert_eq!(result.trim().parse(), Ok(data.len()), "written in part");
                *at += data.len();
                Some(Operation::Wrote(file?, *at - data.len(), data))
            }
            "pwrite64" => Some(Operation::Wrote(file?, number(0)?, texts.into_iter().next()?)),
            "ftruncate" => Some(Operation::Cut(file?, number(0)?)),
            "fsync" | "fdatasync" if bytes(between(arguments)?) == self.directory.as_os_str().as_encoded_bytes() => {
                Some(Operation::SyncedNames)
            }
            "fsync" | "fdatasync" => Some(Operation::Synced(file.filter(|file| self.known.contains(file))?)),
            "unlink" | "unlinkat" => {
                let file = self.name(&texts[0])?;
                self.known.retain(|known| *known != file);
                Some(Operation::Removed(file))
            }
            "rename" | "renameat" | "renameat2" => {
                let (from, to) = (self.name(&texts[0])?, self.name(&texts[1])?);
                self.known.retain(|known| *known != from);
                self.knows(to.clone());
                Some(Operation::Renamed(from, to))
            }
            _ => None,
        }
    }

    fn knows(&mut self, file: String) {
        if !self.known.contains(&file) {
            self.known.push(file);
        }
    }

    /// The name of a file directly in the directory, except the index of the log, which is rebuilt at each start.
    fn name(&self, path: &[u8]) -> Option<String> {
        let path = String::from_utf8(path.to_vec()).ok()?;
        let name = Path::new(&path).strip_prefix(self.directory).ok()?.to_str()?;
        (!name.is_empty() && !name.contains('/') && !name.ends_with("-shm")).then(|| name.to_owned())
    }
}

/// The text in the first pair of angle brackets.
fn between(text: &str) -> Option<&str> {
    Some(text.split_once('<')?.1.split_once('>')?.0)
}

/// The bytes that strace writes as `\x2f\x72`.
fn bytes(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|hex| u8::from_str_radix(&hex[..2], 16).unwrap()).collect()
}

/// The disk: what is on it permanently, and what is only in memory.
#[derive(Default)]
pub(super) struct Disk {
    files: Vec<File>,
    /// The file of each name, permanently.
    names: BTreeMap<String, usize>,
    /// The file of each name until the power fails.
    seen: BTreeMap<String, usize>,
    /// The changes of names since they were synced.
    renaming: Vec<(String, Option<usize>)>,
}

#[derive(Clone, Default)]
struct File {
    content: Vec<u8>,
    pending: Vec<Operation>,
}

impl Disk {
    pub(super) fn does(&mut self, operation: &Operation) {
        match operation {
            Operation::Made(name) => {
                self.files.push(File::default());
                self.names_now(name, Some(self.files.len() - 1));
            }
            Operation::Removed(name) => self.names_now(name, None),
            Operation::Renamed(from, to) => {
                let file = self.seen[from];
                self.names_now(to, Some(file));
                self.names_now(from, None);
            }
            Operation::Wrote(name, ..) | Operation::Cut(name, _) => {
                let file = self.seen[name];
                self.files[file].pending.push(operation.clone());
            }
            Operation::Synced(name) => {
                let file = &mut self.files[self.seen[name]];
                for operation in std::mem::take(&mut file.pending) {
                    apply(&mut file.content, &operation, usize::MAX);
                }
            }
            Operation::SyncedNames => {
                self.renaming.clear();
                self.names = self.seen.clone();
            }
        }
    }

    fn names_now(&mut self, name: &str, file: Option<usize>) {
        self.renaming.push((name.to_owned(), file));
        name_in(&mut self.seen, name, file);
    }

    /// Writes what is left if the power fails now. Of what was not synced: nothing with the seed 0, everything with 1,
    /// otherwise some of it, and possibly only the beginning of a write.
    pub(super) fn after_a_cut(&self, seed: u64, place: &Path) {
        let mut random = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.files.len() as u64);
        let mut takes = move |most: usize| match seed {
            0 => 0,
            1 => usize::MAX,
            _ => match random.throw(3) {
                0 => 0,
                1 => usize::MAX,
                _ => random.throw(most / SECTOR + 1) * SECTOR,
            },
        };
        let mut names = self.names.clone();
        // Names are journaled: in their order, up to some point.
        for (name, file) in &self.renaming {
            if takes(0) == 0 {
                break;
            }
            name_in(&mut names, name, *file);
        }
        for (name, file) in names {
            let File { mut content, pending } = self.files[file].clone();
            for operation in pending {
                let size = if let Operation::Wrote(_, _, data) = &operation { data.len() } else { 0 };
                apply(&mut content, &operation, takes(size));
            }
            let path = place.join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
}

fn name_in(names: &mut BTreeMap<String, usize>, name: &str, file: Option<usize>) {
    match file {
        Some(file) => names.insert(name.to_owned(), file),
        None => names.remove(name),
    };
}

/// Applies the first `most` bytes of `operation`.
fn apply(content: &mut Vec<u8>, operation: &Operation, most: usize) {
    match operation {
        Operation::Wrote(_, at, data) => {
            let data = &data[..data.len().min(most)];
            if data.is_empty() {
                return;
            }
            let end = at + data.len();
            content.resize(content.len().max(end), 0);
            content[*at..end].copy_from_slice(data);
        }
        Operation::Cut(_, length) if most > 0 => content.resize(*length, 0),
        _ => {}
    }
}

/// A pseudo-random sequence (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = if self.0 == 0 { 88_172_645_463_325_252 } else { self.0 };
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}
