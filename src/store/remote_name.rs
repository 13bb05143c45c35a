//! Which names of remotes are taken.

use sha2::{Digest as _, Sha256};

use super::redact::redacted;
use super::{Store, slug};
use crate::error::{Error, Kind, Result};

impl Store {
    /// Refuses what git would take for an option, for a program to run, or for a folder that happens to be there.
    pub(super) fn check_remote(&self, name: &str) -> Result<()> {
        let shown = redacted(name);
        if name.starts_with('-') || name.is_empty() || name.contains(char::is_control) {
            return Err(Error::usage(format!("{shown:?} is not the name of a remote")).hint("git remote -v"));
        }
        let key = |what: &str| self.config(&format!("remote.{name}.{what}"));
        let urls: Vec<String> = [key("url"), key("pushurl")].into_iter().flatten().collect();
        if urls.is_empty() {
            return check_address(name, &shown);
        }
        match urls.iter().find(|url| runs_programs(url)) {
            Some(_) => Err(Error::new(
                Kind::Environment,
                "remote_program",
                format!("the URL of the remote {shown} runs a program, which quipu does not do"),
            )
            .hint("name another remote, or a path or URL; git remote -v shows what there is")),
            None => Ok(()),
        }
    }
}

fn check_address(name: &str, shown: &str) -> Result<()> {
    if name.contains("::") && !name.contains('[') {
        let message = format!("{shown} names a program and not a repository");
        return Err(
            Error::usage(message).hint("give a path or a URL, or configure it: git remote add NAME URL")
        );
    }
    if name.contains([':', '/', '\\']) || name == "." || name == ".." {
        return Ok(());
    }
    let message = format!("no remote {shown} here");
    Err(Error::new(Kind::Environment, "no_remote", message).hint(format!("git remote add {shown} URL")))
}

/// Tells whether a URL is a command line. Git itself forbids `ext::` unless it is told otherwise.
fn runs_programs(url: &str) -> bool {
    let scheme = url.split("::").next().unwrap_or_default();
    url.contains("::") && ["ext", "fd"].contains(&scheme.to_ascii_lowercase().as_str())
}

/// Returns a remote's name, path or URL as a part of names of files and refs, without its password. What is not
/// portable as it is gets a part of its hash, so that no two remotes share a name.
pub(super) fn portable(remote: &str) -> String {
    let remote = redacted(remote);
    let plain = slug(&remote);
    if plain == remote {
        return plain;
    }
    let hash = Sha256::digest(remote.as_bytes());
    format!("{plain}-{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
}

impl Store {
    /// Returns the store with another remote.
    pub(super) fn through(&self, remote: Option<&str>) -> Result<Self> {
        let remote = remote.map(str::to_owned).or_else(|| self.remote.clone());
        let Some(remote) = remote else { return Err(self.no_remote()) };
        Ok(Store { remote: Some(remote), ..self.clone() })
    }

    fn no_remote(&self) -> Error {
        let names: Vec<String> = self.repo.remote_names().iter().map(ToString::to_string).collect();
        let error = |message: String| Error::new(Kind::Environment, "no_remote", message);
        let Some(first) = names.first() else {
            let error = error("this repository has no remote to share the tracker through".to_owned());
            return error.hint(match self.work_dir() {
                Some(_) => {
                    "git remote add origin URL; without one, qp outbox save writes a file for your own branch"
                }
                None => "git remote add origin URL",
            });
        };
        error(format!("which remote shares the tracker? there are {}", names.join(", ")))
            .hint(format!("git config quipu.remote {first} sets it, --remote {first} names it for once"))
    }
}
