//! Files of the user's that quipu reads or was told to write: never outside of the folder they belong to, never half.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::export::{cannot_write, write_file};
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
    let refuse = |what: String| {
        Err(Error::new(Kind::Environment, "outside", format!("{} {what}", path.display()))
            .hint("qp setup TOOL --print shows what would be written, to put it there by hand"))
    };
    let Ok(root) = root.canonicalize() else { return refuse("has no folder to stand in".to_owned()) };
    let Ok(real) = resolve(&root.join(path)) else {
        return refuse("is a link that leads nowhere".to_owned());
    };
    match real.strip_prefix(&root) {
        Ok(inside) if inside.iter().any(|name| name == OsStr::new(".git")) => {
            refuse("is a link into git's own folder".to_owned())
        }
        Ok(_) => Ok(real),
        Err(_) => refuse(format!("is a link that leads out of the repository, to {}", real.display())),
    }
}

/// Follows the links of a path whose last parts need not exist.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return path.canonicalize();
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Writes a file whole, with the permissions it had.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let before = std::fs::metadata(path).ok();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| cannot_write(folder, e))?;
    }
    write_file(path, |out| out.write_all(text.as_bytes()).map_err(|e| cannot_write(path, e)))?;
    if let Some(before) = before {
        std::fs::set_permissions(path, before.permissions()).map_err(|e| cannot_write(path, e))?;
    }
    Ok(())
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
