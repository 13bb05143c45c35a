//! Flags of `bd` for things that quipu does not have. What would change nothing is accepted; what would change the
//! answer is refused, with the way to say it here.

use crate::error::{Error, Result};

/// Flags for what is not here.
#[derive(clap::Args, Debug, Default)]
pub struct ForeignArgs {
    /// There are none to include, and none to leave out
    #[arg(long, hide = true, aliases = ["include-templates", "include-gates", "include-infra", "no-pinned"])]
    include_ephemeral: bool,
    /// Refused: there are no molecules
    #[arg(long, hide = true, aliases = ["mol-type", "wisp-type"], value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    mol: Option<String>,
    /// Refused: there are no gates
    #[arg(long, hide = true)]
    gated: bool,
    /// Refused: nothing is pinned
    #[arg(long, hide = true)]
    pinned: bool,
}

impl ForeignArgs {
    /// Refuses what would select by something that no issue here has.
    ///
    /// # Errors
    /// Usage, with what to use instead.
    pub fn refuse(&self) -> Result<()> {
        let refused = [
            (self.mol.is_some(), "there are no molecules here", "an epic has parts: qp ready --parent ID"),
            (self.gated, "there are no gates here", "a blocker holds work up: qp blocked"),
            (self.pinned, "nothing is pinned here", "a label marks it: qp list -l LABEL"),
        ];
        let found = refused.into_iter().find(|(is_given, _, _)| *is_given);
        found.map_or(Ok(()), |(_, message, hint)| Err(Error::usage(message).hint(hint)))
    }
}
