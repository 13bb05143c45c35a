//! The flags that select by what stands in the texts of issues, which have to be read for it.

use std::collections::HashSet;

use crate::error::Result;
use crate::query::{TextFilter, Words};
use crate::store::View;

/// So many issues are read without asking the search file first.
const FEW: usize = 64;

/// Flags that select by texts.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub struct TextArgs {
    /// With this text in the description
    #[arg(long, alias = "description-contains", value_name = "TEXT")]
    desc_contains: Option<String>,
    /// With this text in the notes
    #[arg(long, value_name = "TEXT")]
    notes_contains: Option<String>,
    /// Without a description
    #[arg(long, alias = "no-description")]
    empty_description: bool,
}

impl TextArgs {
    /// Tells whether no flag was given, so that nothing has to be read.
    pub fn is_unset(&self) -> bool {
        *self == TextArgs::default()
    }

    /// Keeps the items whose issues fit.
    ///
    /// # Errors
    /// Environment, where an object is missing.
    pub fn keep<T>(&self, view: &View, items: &mut Vec<T>, position: impl Fn(&T) -> usize) -> Result<()> {
        if self.is_unset() {
            return Ok(());
        }
        let filter = TextFilter {
            description_contains: self.desc_contains.clone(),
            notes_contains: self.notes_contains.clone(),
            empty_description: self.empty_description,
            ..TextFilter::default()
        };
        let mut fits = HashSet::new();
        for at in self.possible(view, items.iter().map(&position).collect())? {
            if filter.matches(&view.issue(at)?) {
                fits.insert(at);
            }
        }
        items.retain(|item| fits.contains(&position(item)));
        Ok(())
    }

    /// Leaves out what the search file knows to lack one of the words: a text without spaces stands inside one of
    /// its terms.
    fn possible(&self, view: &View, positions: HashSet<usize>) -> Result<HashSet<usize>> {
        let texts = [&self.desc_contains, &self.notes_contains];
        let words = Words::new(texts.into_iter().flatten().map(String::as_str));
        if words.is_empty() || positions.len() <= FEW {
            return Ok(positions);
        }
        let found = view.search(&words, |at| positions.contains(&at))?;
        Ok(found.into_iter().map(|(at, _)| at).collect())
    }
}
