//! The names of the branches that clones push to which may not push to the tracker's own.

use super::remote_name::portable;
use super::{Store, check_branch};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// The setting, and the variable that stands above it.
pub(super) const SETTING: &str = "quipu.fallbackBranch";
const VARIABLE: &str = "QP_FALLBACK_BRANCH";

/// A name of branches, with at most one `*` that stands for a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern {
    before: String,
    /// What follows the `*`, where there is one.
    after: Option<String>,
}

impl Pattern {
    /// Returns the pattern that is configured.
    pub(super) fn configured(store: &Store, context: &Context) -> Result<Option<Self>> {
        let text = context.var(VARIABLE).map(str::to_owned).or_else(|| store.config(SETTING));
        text.map(|text| Pattern::parse(text.trim(), store.branch())).transpose()
    }

    /// Reads a pattern. It must not be able to mean the tracker's own branch, or just any branch.
    fn parse(text: &str, branch: &str) -> Result<Self> {
        let refuse = |why: &str| {
            let message = format!("{SETTING} {text:?} {why}");
            Err(Error::new(Kind::Environment, "bad_fallback", message)
                .hint(format!("git config {SETTING} 'claude/quipu-sync-*'")))
        };
        let (before, after) = match text.split_once('*') {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        if after.is_some_and(|after| after.contains('*')) {
            return refuse("has more than one *");
        }
        let pattern = Pattern { before: before.to_owned(), after: after.map(str::to_owned) };
        if check_branch(&pattern.of_session("x")).is_err() {
            return refuse("is not the name of a branch");
        }
        if !before.chars().chain(after.unwrap_or_default().chars()).any(char::is_alphanumeric) {
            return refuse("fits every branch");
        }
        if pattern.fits(branch) {
            return refuse(&format!("fits {branch} itself"));
        }
        Ok(pattern)
    }

    /// Returns the branch of a session.
    pub(super) fn of_session(&self, session: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{}{after}", self.before, portable(session)),
            None => self.before.clone(),
        }
    }

    /// Tells whether a branch is one of these.
    fn fits(&self, branch: &str) -> bool {
        let Some(after) = &self.after else { return branch == self.before };
        let middle = branch.strip_prefix(&self.before).and_then(|rest| rest.strip_suffix(after.as_str()));
        middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('/'))
    }

    /// Returns the branch that a ref is, where it is one of these.
    pub(super) fn branch_of<'r>(&self, name: &'r str) -> Option<&'r str> {
        name.strip_prefix("refs/heads/").filter(|branch| self.fits(branch))
    }

    /// Returns what git is asked for.
    pub(super) fn glob(&self) -> String {
        let end = self.after.as_ref().map(|after| format!("*{after}")).unwrap_or_default();
        format!("refs/heads/{}{end}", self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pattern> {
        Pattern::parse(text, "quipu-sync")
    }

    #[test]
    fn a_pattern_is_a_name_with_one_place_for_the_session() {
        let pattern = parse("claude/quipu-sync-*").expect("a pattern");
        assert_eq!(pattern.of_session("s1"), "claude/quipu-sync-s1");
        assert_eq!(pattern.glob(), "refs/heads/claude/quipu-sync-*");
        assert_eq!(pattern.branch_of("refs/heads/claude/quipu-sync-s1"), Some("claude/quipu-sync-s1"));
        for other in
            ["refs/heads/claude/quipu-sync-", "refs/heads/claude/quipu-sync-a/b", "refs/tags/claude/x"]
        {
            assert_eq!(pattern.branch_of(other), None, "{other}");
        }
        let odd = pattern.of_session("Ä b/../c");
        assert!(check_branch(&odd).is_ok() && pattern.fits(&odd), "{odd}");
        let plain = parse("shared").expect("a name");
        assert_eq!((plain.of_session("s1").as_str(), plain.glob().as_str()), ("shared", "refs/heads/shared"));
    }

    #[test]
    fn what_could_mean_too_much_is_refused() {
        for text in
            ["*", "-*", "*/*", "a*b*", "quipu-*", "quipu-sync", "a b*", "-x*", "a..*", "*.lock", "x/", "?*"]
        {
            let error = parse(text).expect_err(text);
            assert_eq!(error.code(), "bad_fallback", "{text}");
        }
    }
}
