//! Messages as files, for a machine without a gateway: root reads them and passes them on.

use std::{
    fs::{DirBuilder, File},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, openat, renameat_with, unlinkat},
    io::Errno,
};
use sspr_config::why::Why;
use zeroize::Zeroizing;

use super::{
    Content, DeliveryError, DeliverySetupError, Message, file,
    gateway::{Gateway, Setup, Work},
};

#[derive(Debug)]
struct Spool {
    directory: PathBuf,
}

/// The directory that `[spool]` names.
pub(super) fn gateway(setup: &Setup<'_>) -> Result<Box<dyn Gateway>, DeliverySetupError> {
    let directory = &setup.settings.spool.directory;
    Ok(Box::new(if setup.only_checked { Spool { directory: directory.clone() } } else { Spool::open(directory)? }))
}

impl Gateway for Spool {
    fn name(&self) -> &'static str {
        "spool"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Work<'a, Option<String>> {
        Box::pin(self.send(message))
    }
}

impl Spool {
    /// Creates the directory, mode 0700, if it is missing.
    fn open(directory: &Path) -> Result<Self, DeliverySetupError> {
        match DirBuilder::new().mode(0o700).create(directory) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => {
                return Err(file(
                    directory,
                    Why::of(&e, format!("can't be made: {e}; make the directory above it, owned by sspr")),
                ));
            }
        }
        let opened = open(directory).map_err(|e| {
            file(directory, Why::of(&e.into(), format!("can't be used: {e}; it must be a directory and no link")))
        })?;
        let meta =
            File::from(opened).metadata().map_err(|e| file(directory, Why::of(&e, format!("can't be used: {e}"))))?;
        if meta.mode() & 0o077 != 0 {
            return Err(file(
                directory,
                format!(
                    "is open to others (mode {:04o}); run: chmod 0700 {}",
                    meta.mode() & 0o7777,
                    directory.display()
                ),
            ));
        }
        if meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(file(directory, format!("belongs to uid {}; it must be the agent's own", meta.uid())));
        }
        Ok(Self { directory: directory.into() })
    }

    /// Returns the name of the new file.
    async fn send(&self, message: &Message) -> Result<Option<String>, DeliveryError> {
        let name = name(message)?;
        let content = content(message);
        let (directory, file_name) = (self.directory.clone(), name.clone());
        // fsync can take long, and must not block the thread.
        tokio::task::spawn_blocking(move || write(&directory, &file_name, content.as_bytes()))
            .await
            .map_err(|_| DeliveryError::later("spool: the file was not written"))?
            .map_err(|e| DeliveryError::later(format!("spool: the file can't be written: {e}")))?;
        Ok(Some(name))
    }
}

fn open(directory: &Path) -> rustix::io::Result<rustix::fd::OwnedFd> {
    openat(CWD, directory, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

/// The file is written under a name that begins with a dot, and renamed once it is complete and on the disk.
fn write(directory: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let directory = open(directory)?;
    let draft = format!(".{name}.new");
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut opened = File::from(openat(&directory, &draft, flags, Mode::RUSR | Mode::WUSR)?);
    let written = opened.write_all(content).and_then(|()| opened.sync_all()).and_then(|()| {
        renameat_with(&directory, &draft, &directory, name, RenameFlags::NOREPLACE)
            .or_else(|e| match e {
                // Not every file system supports NOREPLACE; the name has 64 random bits.
                Errno::INVAL | Errno::NOSYS => rustix::fs::renameat(&directory, &draft, &directory, name),
                _ => Err(e),
            })
            .map_err(Into::into)
    });
    if written.is_err() {
        let _ = unlinkat(&directory, &draft, AtFlags::empty());
    }
    written?;
    Ok(rustix::fs::fsync(&directory)?)
}

/// Sorts by time: microseconds since 1970 in twenty digits, the id, a random number.
fn name(message: &Message) -> Result<String, DeliveryError> {
    let micros = message.at.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros());
    let random = getrandom::u64().map_err(|_| DeliveryError::later("the system has no random numbers"))?;
    Ok(format!("{micros:020}-{}-{random:016x}.txt", message.plain_id()))
}

fn content(message: &Message) -> Zeroizing<String> {
    let to = message.to();
    Zeroizing::new(match &message.content {
        Content::Mail { subject, text, .. } => {
            let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            format!("To: {}\nSubject: {subject}\n\n{}\n", to.as_str(), text.trim_end())
        }
        Content::Text { text, .. } => format!("To: {}\n\n{}\n", to.as_str(), text.trim_end()),
        Content::Call { spoken, .. } => {
            format!("Call: {}\n\n{}\n{}\n", to.as_str(), spoken.opening, spoken.code.as_str())
        }
    })
}
