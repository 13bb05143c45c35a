//! The outbox: `.quipu/outbox/` in the working tree, for operations that cannot go into `.git` or to the remote. They
//! travel as git bundles with whatever carries the working tree.
//!
//! This module owns the folder. Its files are named by `outbox_name.rs`; what stands in the files is seen by `overlay.rs`, written by
//! `outbox_write.rs` and taken into the branch by `outbox_absorb.rs`. Nothing here follows a symbolic link.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bundle::{Bundle, BundleError, Header, MOST_BYTES};
use super::bundle_read::MOST_HEADER;
use super::lock::take_lock;
use super::{Store, room};
use crate::error::{Error, Kind, Result};

/// The folder, below the root of the working tree.
pub(super) const FOLDER: [&str; 2] = [".quipu", "outbox"];
/// How the names of the files end.
pub(super) const ENDING: &str = ".bundle";
/// What git shall see of the folder.
const IGNORED: &str = "*\n!*.bundle\n";
/// Keeps git from changing line ends in the bundles, whatever the project says of its texts.
const ATTRIBUTES: &str = "* -text -merge\n";
/// How often files that keep being replaced are looked at.
const MOST_LOOKS: usize = 50;
/// Holds the session of somebody who has not named one.
const SESSION_FILE: &str = "session";

/// Where a change stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stored {
    /// The remote has it.
    Shared,
    /// The branch of this clone has it.
    Local,
    /// A file in the working tree has it.
    Outbox(PathBuf),
}

impl Stored {
    /// Returns the word for it in JSON documents.
    pub fn word(&self) -> &'static str {
        match self {
            Stored::Shared => "shared",
            Stored::Local => "local",
            Stored::Outbox(_) => "outbox",
        }
    }
}

/// A file of the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxFile {
    /// The file; for one that stands on another branch, where it would be in the working tree.
    pub path: PathBuf,
    /// Its name as it is typed: below the root of the working tree.
    pub name: String,
    /// The session, as the name of the file has it.
    pub session: String,
    /// The newest commit in it, in hexadecimal.
    pub tip: Option<String>,
    /// The commits that it builds upon.
    pub prerequisites: Vec<String>,
    /// The operations in it; merges do not count.
    pub operations: usize,
    /// What this clone knows of it.
    pub state: OutboxState,
}

/// What a clone knows of a file of the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutboxState {
    /// It has operations that are not on the branch here.
    New,
    /// The branch here has everything in it; the remote may not.
    Here,
    /// The remote has everything in it, as far as is known here.
    Shared,
    /// Commits that it builds upon are not here.
    Missing(Vec<String>),
    /// It cannot be used: the reason.
    Unreadable(String),
}

impl OutboxState {
    /// Returns the word for it in JSON documents.
    pub fn word(&self) -> &'static str {
        match self {
            OutboxState::New => "new",
            OutboxState::Here => "here",
            OutboxState::Shared => "shared",
            OutboxState::Missing(_) => "missing_prerequisite",
            OutboxState::Unreadable(_) => "unreadable",
        }
    }
}

/// The bytes of a file of the outbox, or why there are none.
pub(super) struct Content {
    pub name: String,
    pub bytes: std::result::Result<Vec<u8>, String>,
}

impl Content {
    /// Reads the bundle.
    pub fn bundle(&self) -> std::result::Result<Bundle, String> {
        Bundle::read(self.bytes.as_ref().map_err(String::clone)?).map_err(|e| e.to_string())
    }
}

/// The folder of a working tree.
pub(super) struct Outbox {
    root: PathBuf,
    /// Files that git has and a sparse checkout may leave out.
    hidden: Vec<String>,
    /// How long its lock is waited for.
    patience: Duration,
}

impl Store {
    /// Returns the folder of the outbox, whether it is there or not; `None` in a bare repository.
    pub fn outbox_folder(&self) -> Option<PathBuf> {
        self.outbox_place().map(|outbox| outbox.folder())
    }

    pub(super) fn outbox_place(&self) -> Option<Outbox> {
        Some(Outbox {
            root: self.work_dir()?.to_owned(),
            hidden: self.hidden_outbox(),
            patience: self.patience(),
        })
    }

    /// Returns the session that was kept in the outbox, where nothing could be kept in the git directory.
    pub fn outbox_session(&self) -> Option<String> {
        let outbox = self.outbox_place()?;
        outbox.check().ok()?;
        let mut text = String::new();
        regular(&outbox.folder().join(SESSION_FILE)).ok()?.take(1024).read_to_string(&mut text).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Keeps a session in the outbox, if that is there. One that cannot be kept costs a further file.
    pub fn keep_outbox_session(&self, session: &str) {
        if let Some(outbox) = self.outbox_place().filter(Outbox::is_there) {
            drop(outbox.write(SESSION_FILE, format!("{session}\n").as_bytes()));
        }
    }
}

impl Outbox {
    pub fn folder(&self) -> PathBuf {
        FOLDER.iter().fold(self.root.clone(), |path, name| path.join(name))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn is_there(&self) -> bool {
        self.check().is_ok_and(|is_there| is_there)
    }

    /// Tells whether the folder is there.
    ///
    /// # Errors
    /// Environment, where something else stands in its place: a link may lead anywhere.
    pub fn check(&self) -> Result<bool> {
        let mut path = self.root.clone();
        for name in FOLDER {
            path.push(name);
            match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => {
                    let message = format!("{} is no folder, so there is no outbox", path.display());
                    return Err(Error::new(Kind::Environment, "bad_outbox", message)
                        .hint(format!("move {} elsewhere: the outbox is a folder there", path.display())));
                }
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Returns the names of the bundles, in order.
    ///
    /// # Errors
    /// As [`Outbox::check`]; environment, where the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        if !self.check()? {
            return Ok(self.hidden.clone());
        }
        let folder = self.folder();
        let failed = |e: std::io::Error| {
            Error::new(Kind::Environment, "bad_outbox", format!("{} cannot be read", folder.display()))
                .because(e)
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            names.extend(name.into_string().ok().filter(|name| name.ends_with(ENDING)));
        }
        names.extend(self.hidden.iter().cloned());
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Looks at the files by their names, until none of them was removed meanwhile: whoever removes one may have put another
    /// in its place, which has the same and more.
    ///
    /// # Errors
    /// As [`Outbox::names`], and those of `look`.
    pub fn look<T>(&self, mut look: impl FnMut(Vec<String>) -> Result<T>) -> Result<T> {
        let mut attempts = 0;
        loop {
            let names = self.names()?;
            let seen = look(names.clone())?;
            attempts += 1;
            let is_there = |name: &String| {
                self.hidden.contains(name) || std::fs::symlink_metadata(self.path(name)).is_ok()
            };
            if attempts == MOST_LOOKS || names.iter().all(is_there) {
                return Ok(seen);
            }
        }
    }

    /// Reads the header of a bundle.
    pub fn header(&self, name: &str) -> std::result::Result<Header, String> {
        let bytes = read(&self.path(name), MOST_HEADER)?;
        Header::read(&bytes).map(|(header, _)| header).map_err(|e| e.to_string())
    }

    /// Reads a file.
    pub fn content(&self, name: &str) -> Content {
        let bytes = read(&self.path(name), MOST_BYTES + 1);
        let bytes = bytes.and_then(|bytes| match bytes.len() {
            0..=MOST_BYTES => Ok(bytes),
            _ => Err(BundleError::TooLarge("it has more than 16 MiB").to_string()),
        });
        Content { name: name.to_owned(), bytes }
    }

    /// Makes the folder, with what keeps all but the bundles out of git's sight.
    fn make(&self) -> Result<()> {
        if !self.check()? {
            std::fs::create_dir_all(self.folder()).map_err(|e| self.failed(e))?;
            self.check()?;
        }
        for (name, text) in [(".gitignore", IGNORED), (".gitattributes", ATTRIBUTES)] {
            if std::fs::symlink_metadata(self.path(name)).is_err() {
                self.write(name, text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Makes the folder and takes its lock.
    pub fn open(&self) -> Result<File> {
        self.make()?;
        self.lock()
    }

    /// Takes the lock; it is held until the returned file is dropped.
    fn lock(&self) -> Result<File> {
        let path = self.path("lock");
        match std::fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => Err(self.failed(std::io::Error::other("the lock is no file"))),
            _ => take_lock(&self.folder(), "lock", self.patience),
        }
    }

    /// Writes a file beside its place and moves it there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let write = || {
            let mut builder = tempfile::Builder::new();
            // As readable as the rest of the working tree; the user's mask applies.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let mut file = builder.prefix(".new-").tempfile_in(self.folder())?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            // What stood there, also a link, is replaced and not followed.
            file.persist(self.path(name))?;
            Ok(())
        };
        write().map_err(|e| self.failed(e))
    }

    fn failed(&self, e: std::io::Error) -> Error {
        let message = format!("cannot write to {}", self.folder().display());
        if room::is_full(&e) {
            return room::disk_full(&message).because(e);
        }
        Error::new(Kind::Environment, "read_only", message).because(e)
    }
}

/// Opens a file, and nothing else that may stand in its place.
pub(super) fn regular(path: &Path) -> std::io::Result<File> {
    if std::fs::symlink_metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(std::io::Error::new(ErrorKind::InvalidInput, "it is no plain file, and links are not followed"))
}

/// Reads so many bytes of a file at most.
fn read(path: &Path, most: usize) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = regular(path).map_err(|e| reason(&e))?;
    file.take(most as u64).read_to_end(&mut bytes).map_err(|e| reason(&e))?;
    Ok(bytes)
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::InvalidInput => error.to_string(),
        kind => kind.to_string(),
    }
}
