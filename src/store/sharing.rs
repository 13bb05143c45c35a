//! Repositories that several users of one machine share: with `core.sharedRepository`, what is made in the git
//! directory gets the rights that git would give it. Otherwise whoever comes first locks everybody else out.
//!
//! gix makes files by the mask of the process alone, so the mask is what is set, for as long as something is made.

use super::Store;

/// As long as this is there, new files and folders have the rights of a shared repository.
#[must_use = "the rights of before come back when this is dropped"]
#[derive(Debug)]
pub struct Sharing {
    #[cfg(unix)]
    before: Option<rustix::fs::Mode>,
}

impl Store {
    /// Lets the other users of a shared repository write to what is made from now on. Does nothing in any other one.
    #[cfg(unix)]
    pub fn sharing(&self) -> Sharing {
        use rustix::fs::Mode;
        use rustix::process::umask;
        let rule = self.config("core.sharedRepository").as_deref().and_then(Rule::read);
        let before = rule.map(|rule| {
            // The mask can only be read by setting one: for a moment that of who shares nothing.
            let before = umask(Mode::from_raw_mode(0o077));
            umask(Mode::from_raw_mode(rule.mask(before.as_raw_mode())));
            before
        });
        Sharing { before }
    }

    /// There is nothing to set.
    #[cfg(not(unix))]
    pub fn sharing(&self) -> Sharing {
        Sharing {}
    }
}

#[cfg(unix)]
impl Drop for Sharing {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            rustix::process::umask(before);
        }
    }
}

/// What a shared repository allows.
#[cfg(unix)]
#[derive(Clone, Copy)]
enum Rule {
    /// These rights, besides those that the user gives.
    AtLeast(rustix::fs::RawMode),
    /// These rights and no others.
    Exactly(rustix::fs::RawMode),
}

#[cfg(unix)]
impl Rule {
    /// Reads the setting as git does; `None` where nothing is shared.
    fn read(value: &str) -> Option<Self> {
        const GROUP: Rule = Rule::AtLeast(0o770);
        const EVERYBODY: Rule = Rule::AtLeast(0o775);
        match value.to_ascii_lowercase().as_str() {
            "umask" => None,
            "group" => Some(GROUP),
            "all" | "world" | "everybody" => Some(EVERYBODY),
            word => match rustix::fs::RawMode::from_str_radix(word, 8) {
                Ok(0) => None,
                Ok(1) => Some(GROUP),
                Ok(2) => Some(EVERYBODY),
                // Who may read a folder may also enter it.
                Ok(mode) if mode & 0o600 == 0o600 => Some(Rule::Exactly(mode & 0o666 | (mode & 0o444) >> 2)),
                Ok(_) => None,
                Err(_) => ["true", "yes", "on"].contains(&word).then_some(GROUP),
            },
        }
    }

    /// Returns the mask under which things are made.
    fn mask(self, users: rustix::fs::RawMode) -> rustix::fs::RawMode {
        match self {
            Rule::AtLeast(rights) => users & !rights,
            Rule::Exactly(rights) => 0o777 & !rights,
        }
    }
}
