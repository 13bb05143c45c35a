//! The files in `fixtures/issues`: each valid one has a canonical form, each invalid one its error.

use std::path::{Path, PathBuf};

use quipu::model::{Issue, read_row_parts};

fn files(folder: &str, kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/issues").join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder is part of the repository");
    let mut found: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(kind));
    found.sort();
    assert!(!found.is_empty(), "no {kind} in {}", folder.display());
    found
}

#[test]
fn valid_files_become_canonical() {
    for path in files("valid", ".md").iter().filter(|p| !p.to_string_lossy().ends_with(".canonical.md")) {
        let bytes = std::fs::read(path).expect("a fixture");
        let issue = Issue::read(&bytes, None)
            .unwrap_or_else(|e| panic!("{}:{}: {}", path.display(), e.line, e.message));
        let canonical = std::fs::read(path.with_extension("canonical.md")).unwrap_or_else(|_| bytes.clone());
        assert_eq!(issue.write(), String::from_utf8_lossy(&canonical), "{}", path.display());
        assert_eq!(Issue::read(&canonical, None).as_ref(), Ok(&issue), "{}", path.display());
        let comments = u32::try_from(issue.body.comments.len()).expect("few");
        assert_eq!(read_row_parts(&bytes, None), Ok((issue.front, comments)));
    }
}

#[test]
fn invalid_files_say_why() {
    for path in files("invalid", ".md") {
        let expected = std::fs::read_to_string(path.with_extension("error")).expect("each has an .error");
        let error = Issue::read(&std::fs::read(&path).expect("a fixture"), None).expect_err("not readable");
        let found = format!("{}: {}", error.line, error.message);
        assert_eq!(found, expected.lines().next().unwrap_or_default(), "{}", path.display());
    }
}
