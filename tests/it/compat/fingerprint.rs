//! Every file of a folder, byte for byte, to see what has changed.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The content of a folder: path → mode and bytes, or where a link leads.
#[derive(Debug)]
pub struct Fingerprint(BTreeMap<String, (u32, Vec<u8>)>);

impl Fingerprint {
    pub fn of(folder: &Path) -> Self {
        let entries = walkdir::WalkDir::new(folder).into_iter().map(|e| e.expect("a readable folder"));
        let files = entries.filter(|e| !e.file_type().is_dir()).map(|entry| {
            let path = entry.path();
            let name =
                path.strip_prefix(folder).expect("below the folder").to_str().expect("UTF-8").to_owned();
            if entry.file_type().is_symlink() {
                let target = std::fs::read_link(path).expect("a link");
                return (name, (0, target.into_os_string().into_encoded_bytes()));
            }
            let mode = entry.metadata().expect("a file").permissions().mode();
            // Sockets and pipes have nothing to read.
            let bytes =
                if entry.file_type().is_file() { std::fs::read(path).expect("a file") } else { Vec::new() };
            (name, (mode, bytes))
        });
        Fingerprint(files.collect())
    }

    /// Returns what has come, gone or changed: `+ path`, `- path`, `* path`.
    pub fn changes_until(&self, later: &Fingerprint) -> Vec<String> {
        let mut found = Vec::new();
        for (path, facts) in &later.0 {
            match self.0.get(path) {
                None => found.push(format!("+ {path}")),
                Some(before) if before != facts => found.push(format!("* {path}")),
                Some(_) => {}
            }
        }
        let gone = self.0.keys().filter(|path| !later.0.contains_key(*path));
        found.extend(gone.map(|path| format!("- {path}")));
        found
    }
}

#[test]
fn a_change_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("same", "1");
    write("changed", "1");
    write("gone", "1");
    let before = Fingerprint::of(folder.path());
    write("changed", "2");
    write("new", "1");
    std::fs::remove_file(folder.path().join("gone")).expect("a file");
    std::os::unix::fs::symlink("same", folder.path().join("link")).expect("a link");
    let changes = before.changes_until(&Fingerprint::of(folder.path()));
    assert_eq!(changes, ["* changed", "+ link", "+ new", "- gone"]);
}
