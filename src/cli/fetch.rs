//! `--fetch` of commands that read: for whoever wants to know how things stand at the remote, such as a CI job.

use super::app::App;
use super::sync::TIMEOUT_MS;
use crate::error::Result;
use crate::store::Deadline;

/// The flag that looks at the remote first.
#[derive(clap::Args, Debug, Default)]
pub struct FetchArgs {
    /// First fetch what the remote has; where it cannot be asked, warn and answer from what is here
    #[arg(long)]
    fetch: bool,
}

impl FetchArgs {
    /// Fetches, where that is wanted. Whoever reads gets an answer in any case.
    pub fn fetch(&self, app: &mut App) -> Result<()> {
        if !self.fetch {
            return Ok(());
        }
        let store = app.store()?;
        let deadline = Deadline::after(u64::try_from(TIMEOUT_MS).unwrap_or_default());
        if let Err(error) = store.fetch_news(&app.context, deadline) {
            app.ui.warn(format!("nothing was fetched: {}; this is from what is here", error.message()));
        }
        Ok(())
    }
}
