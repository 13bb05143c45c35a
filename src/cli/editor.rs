//! Starting somebody's editor on a file.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::NamedTempFile;

use super::app::App;
use crate::error::{Error, Kind, Result};

/// Writes a text into a temporary file with a name that an editor's title bar makes sense of.
pub(super) fn write_draft(key: &str, text: &str) -> Result<NamedTempFile> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Environment, "no_draft", "a file for the editor cannot be written").because(e)
    };
    let prefix: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let mut file =
        tempfile::Builder::new().prefix(&format!("{prefix}-")).suffix(".md").tempfile().map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(failed)?;
    Ok(file)
}

/// Starts the editor in a shell, as git does, because the variable may hold arguments.
#[expect(clippy::disallowed_methods, reason = "the one place that starts an editor")]
pub(super) fn open(app: &mut App, path: &Path) -> Result<()> {
    app.ui.finish()?;
    let variable = |name| app.context.var(name).map(str::to_owned);
    let configured = app.store()?.config("core.editor");
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).or(configured).unwrap_or("vi".to_owned());
    let failed =
        |what: String| Error::new(Kind::Environment, "editor", format!("the editor {editor:?} {what}"));
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$@\""), &editor])
        .arg(path)
        .current_dir(app.context.cwd())
        .status()
        .map_err(|e| failed("cannot be started".to_owned()).because(e))?;
    if status.success() { Ok(()) } else { Err(failed(format!("failed: {status}"))) }
}
