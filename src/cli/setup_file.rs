//! Files of the user's that quipu reads or was told to write: never outside of the folder they belong to, never half.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::export::cannot_write;
use crate::error::{Error, Kind, Result};
use crate::model::MAX_FILE;

/// Reads a text file below `root`; `None` where there is none.
pub(super) fn read_within(root: &Path, path: &Path) -> Result<Option<String>> {
    read(&place(root, path)?, path)
}

/// Reads a text file; `shown` is its name in errors.
pub(super) fn read(path: &Path, shown: &Path) -> Result<Option<String>> {
    let refuse = |what: &str| {
        Err(Error::new(Kind::Invalid, "unreadable_file", format!("{} {what}", shown.display()))
            .hint("qp setup TOOL --print shows what would be written, to put it there by hand"))
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return refuse("cannot be read"),
    };
    if !metadata.is_file() {
        return refuse("is not a file");
    }
    if metadata.len() > MAX_FILE as u64 {
        return refuse("is too large");
    }
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(text)),
        Ok(Err(_)) => refuse("is not UTF-8 text"),
        Err(_) => refuse("cannot be read"),
    }
}

/// Returns where a file below `root` really stands, following links.
///
/// # Errors
/// Environment, where a link leads out of `root`, into git's own folder, or nowhere.
pub(super) fn place(root: &Path, path: &Path) -> Result<PathBuf> {
    let refuse = |what: &str| Err(outside(path, what));
    let Ok(root) = root.canonicalize() else { return refuse("has no folder to stand in") };
    let real = follow(&root.join(path), path)?;
    match real.strip_prefix(&root) {
        Ok(inside) if inside.iter().any(|name| name == OsStr::new(".git")) => {
            refuse("is a link into git's own folder")
        }
        Ok(_) => Ok(real),
        Err(_) => refuse(&format!("is a link that leads out of the repository, to {}", real.display())),
    }
}

/// Returns where a file really stands, wherever its links lead.
///
/// # Errors
/// Environment, where a link leads nowhere.
pub(super) fn follow(path: &Path, shown: &Path) -> Result<PathBuf> {
    resolve(path).map_err(|_| outside(shown, "is a link that leads nowhere"))
}

fn outside(shown: &Path, what: &str) -> Error {
    Error::new(Kind::Environment, "outside", format!("{} {what}", shown.display()))
        .hint("qp setup TOOL --print shows what would be written, to put it there by hand")
}

/// Follows the links of a path whose last parts need not exist.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return path.canonicalize();
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Writes a file whole, by rename, with the permissions it had. The name of the half that is written first is random and
/// new: one that can be foreseen may be a link that somebody has put there.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |e: io::Error| cannot_write(path, e);
    let before = std::fs::metadata(path).ok();
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut half = new_file(folder).map_err(failed)?;
    half.write_all(text.as_bytes()).map_err(failed)?;
    if let Some(before) = before {
        std::fs::set_permissions(half.path(), before.permissions()).map_err(failed)?;
    }
    half.persist(path).map(drop).map_err(|e| failed(e.error))
}

/// Makes a file with the permissions that the user's own programs would give it.
pub(super) fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".quipu-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Deletes a file, and the folders below `root` that are empty without it.
pub(super) fn delete(path: &Path, root: Option<&Path>) -> Result<()> {
    std::fs::remove_file(path).map_err(|e| cannot_write(path, e))?;
    let Some(root) = root.and_then(|root| root.canonicalize().ok()) else { return Ok(()) };
    let folders = path.ancestors().skip(1).take_while(|folder| *folder != root && folder.starts_with(&root));
    // The first that is not empty ends it.
    let _ = folders.map(std::fs::remove_dir).take_while(io::Result::is_ok).count();
    Ok(())
}
