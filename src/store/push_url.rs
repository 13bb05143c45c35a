//! Remotes that are pushed to at another URL than they are fetched from: `pushurl` and `pushInsteadOf`.
//!
//! Often both lead to the same repository. Where they do not, the branch that was sent is never seen again, which must
//! not be taken for somebody's having put it back.

use super::git::Git;
use super::redact::redacted;
use super::remote::Remote;

impl Remote<'_> {
    /// Returns the URL that pushes go to, where it is another one than that of fetches; without its password.
    pub fn pushes_elsewhere(&self) -> Option<String> {
        let store = self.store;
        store.config(&format!("remote.{}.url", self.name))?;
        let own = store.config(&format!("remote.{}.pushurl", self.name)).is_some();
        if !own && !self.rewrites_pushes() {
            return None;
        }
        let url = |push: Option<&str>| {
            let output =
                Git::new(store).args(["remote", "get-url"]).args(push).args(["--", &self.name]).output();
            output.ok().and_then(|output| Some(output.stdout.lines().next()?.to_owned()))
        };
        let (fetch, push) = (url(None)?, url(Some("--push"))?);
        (fetch != push).then(|| redacted(&push))
    }

    fn rewrites_pushes(&self) -> bool {
        let config = self.store.repo.config_snapshot();
        let mut sections = config.plumbing().sections_by_name("url").into_iter().flatten();
        sections.any(|section| section.value("pushInsteadOf").is_some())
    }
}
