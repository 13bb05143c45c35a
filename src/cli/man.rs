//! `qp man`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::app::App;
use super::grammar;
use crate::error::{Error, Kind, Result};
use crate::output::json::versioned;

/// Print the manual page, or write one for every command
///
/// Without a folder qp.1 is printed; with one, qp.1 and a page a command are written there.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp man | man -l -\n  qp man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder for the pages, which is made where it does not exist; - prints the page
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, app: &mut App) -> Result<()> {
    let mut command = grammar();
    command.build();
    let Some(folder) = args.folder.as_ref().filter(|folder| folder.as_path() != Path::new("-")) else {
        let page = render(&command)?;
        if app.ui.json {
            let value = json!({ "page": page });
            return app.ui.document(&versioned(value));
        }
        return app.ui.raw(&page);
    };
    let target = app.context.cwd().join(folder);
    std::fs::create_dir_all(&target).map_err(cannot_write(folder))?;
    let mut written = Vec::new();
    write_pages(&command, &target, &mut written)?;
    written.sort();
    if app.ui.json {
        let value = json!({ "folder": folder.display().to_string(), "pages": written });
        return app.ui.document(&versioned(value));
    }
    app.ui.line(format!("wrote {} pages to {}", written.len(), folder.display()))
}

fn render(command: &clap::Command) -> Result<String> {
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone());
    let man = man.source(concat!("quipu ", env!("CARGO_PKG_VERSION"))).manual("quipu");
    man.render(&mut page).map_err(cannot_write(Path::new("the page")))?;
    Ok(String::from_utf8_lossy(&page).replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n"))
}

/// Writes the page of a command and those of all below it: `qp dep add` is `qp-dep-add.1`.
fn write_pages(command: &clap::Command, folder: &Path, written: &mut Vec<String>) -> Result<()> {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write_pages(sub, folder, written)?;
    }
    let name = format!("{}.1", command.get_display_name().unwrap_or_else(|| command.get_name()));
    let path = folder.join(&name);
    std::fs::write(&path, render(command)?).map_err(cannot_write(&path))?;
    written.push(name);
    Ok(())
}

fn cannot_write(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |e| {
        Error::new(Kind::Environment, "cannot_write", format!("{} cannot be written", path.display()))
            .because(e)
    }
}
