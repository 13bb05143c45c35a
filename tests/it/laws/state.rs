//! What a commit says, each value alone: what nobody may lose.

use std::collections::{BTreeMap, BTreeSet};

use quipu::model::{Body, FIELDS, Issue, IssueId, Rule, Settings};
use quipu::store::testing::Put;
use quipu::store::{SETTINGS, issue_id};

/// A value and where it stands: the file, the part, and the value. What a set holds has its value in the part.
pub type Said = (String, String, String);

/// The files of a commit, taken apart.
#[derive(Debug, Default)]
pub struct State {
    pub files: BTreeMap<String, Put>,
    pub issues: BTreeMap<IssueId, Issue>,
    /// Issue files that cannot be read.
    pub unreadable: BTreeSet<String>,
    pub said: BTreeSet<Said>,
    /// Lines that stand more than once in a text, so that nobody can say which of them is gone.
    pub repeated: BTreeSet<Said>,
    /// What the losing copies say of the files they come from.
    pub attic: BTreeSet<Said>,
}

impl State {
    pub fn new(files: BTreeMap<String, Put>) -> Self {
        let mut state = State::default();
        for (path, put) in &files {
            let Put::File(bytes) = put else {
                state.said.insert((path.clone(), "entry".to_owned(), format!("{put:?}")));
                continue;
            };
            state.said.extend(said(path, bytes));
            match original(path) {
                Some(original) => {
                    // A copy of a file that cannot be read, or is no issue, is kept whole.
                    state.attic.insert((original.clone(), "file".to_owned(), format!("{bytes:?}")));
                    state.attic.extend(said(&original, bytes));
                }
                None => match issue_id(path).map(|id| (id, Issue::read(bytes, Some(id)))) {
                    Some((id, Ok(issue))) => {
                        state.repeated.extend(repeated(path, &issue.body));
                        state.issues.insert(id, issue);
                    }
                    Some((_, Err(_))) => drop(state.unreadable.insert(path.clone())),
                    None => {}
                },
            }
        }
        state.files = files;
        state
    }
}

/// Returns the path that a copy in the attic comes from.
fn original(path: &str) -> Option<String> {
    let (folder, name) = path.strip_prefix("attic/")?.rsplit_once('/')?;
    name.split_once('-')?;
    Some(match folder.strip_prefix("files/") {
        Some(original) => original.to_owned(),
        None => format!("issues/{folder}.md"),
    })
}

fn said(path: &str, bytes: &[u8]) -> BTreeSet<Said> {
    let mut found = BTreeSet::new();
    let mut say = |part: &str, value: String| {
        found.insert((path.to_owned(), part.to_owned(), value));
    };
    if let Some(Ok(issue)) = issue_id(path).map(|id| Issue::read(bytes, Some(id))) {
        front(&issue, &mut say);
        body(&issue.body, &mut say);
        return found;
    }
    let text = std::str::from_utf8(bytes).ok();
    match text.filter(|_| path == SETTINGS).and_then(|text| Settings::read(text).ok()) {
        Some(settings) => {
            settings.prefixes.iter().for_each(|p| say(&format!("prefixes:{p}"), String::new()));
            settings.extra.iter().for_each(|(k, v)| say(k, v.clone()));
        }
        None => say("file", format!("{bytes:?}")),
    }
    found
}

fn front(issue: &Issue, say: &mut impl FnMut(&str, String)) {
    let front = &issue.front;
    say("state", state(issue));
    for field in FIELDS.iter().filter(|f| f.rule == Rule::Single) {
        if let Some(value) = field.get(front) {
            say(field.key, format!("{value:?}"));
        }
    }
    front.labels.iter().for_each(|v| say(&format!("labels:{v}"), String::new()));
    front.blocked_by.iter().for_each(|v| say(&format!("blocked_by:{v}"), String::new()));
    front.metadata.iter().for_each(|(k, v)| say(&format!("metadata.{k}"), v.clone()));
    front.extra.iter().for_each(|(k, v)| say(&format!("extra {k}"), v.clone()));
}

fn body(body: &Body, say: &mut impl FnMut(&str, String)) {
    for name in ["description", "design", "acceptance", "notes"] {
        let text = body.section(name).unwrap_or_default();
        for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
            say(&format!("{name}:{line}"), String::new());
        }
    }
    body.comments.iter().for_each(|c| say(&format!("comment:{}", c.id), format!("{} {}", c.by, c.text)));
    body.unknown.iter().for_each(|s| say(&format!("{}:{}", s.marker, s.text), String::new()));
}

fn repeated(path: &str, body: &Body) -> BTreeSet<Said> {
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    for name in ["description", "design", "acceptance", "notes"] {
        for line in body.section(name).unwrap_or_default().split('\n') {
            let said = (path.to_owned(), format!("{name}:{line}"), String::new());
            if !seen.insert(said.clone()) {
                found.insert(said);
            }
        }
    }
    found
}

/// All fields of the state together.
pub fn state(issue: &Issue) -> String {
    let fields = FIELDS.iter().filter(|f| f.rule == Rule::State);
    let values = fields.filter_map(|f| Some(format!("{}={:?}", f.key, f.get(&issue.front)?)));
    values.collect::<Vec<_>>().join(" ")
}
