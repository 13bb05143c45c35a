//! The layers stand in a row, and each may use those in its own line of the table only.

use super::none;
use super::sources::{Source, find_word, rust};

/// A layer and what it may use, in the order of the house.
const LAYERS: [(&str, &[&str]); 10] = [
    ("error", &[]),
    ("model", &[]),
    ("merge", &["error", "model"]),
    ("query", &["error", "model"]),
    ("context", &["error", "model"]),
    ("store", &["error", "model", "merge", "query", "context"]),
    ("import", &["error", "model"]),
    ("output", &["error", "model", "query", "import"]),
    ("cli", &["error", "model", "merge", "query", "context", "store", "import", "output"]),
    ("main", &["cli"]),
];

/// What only some places may name: the word, the places, and where it belongs instead.
const GUARDED: [(&str, &[&str], &str); 5] = [
    ("gix", &["src/store/", "src/merge/text.rs"], "git objects and refs stay behind src/store"),
    ("clap", &["src/cli/"], "the command line stays in src/cli"),
    // The demonstration shows real commands, the editor is the user's own.
    (
        "Command::new",
        &["src/store/git.rs", "src/cli/editor.rs", "src/cli/demo.rs"],
        "programs are run by src/store/git.rs",
    ),
    ("sleep", &["src/store/"], "only src/store waits for others"),
    ("tempfile", &["src/store/", "src/cli/"], "pure layers write no files"),
];

/// Returns the layer of a file below `src/`.
fn layer(path: &str) -> Option<&str> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// Returns how many `super` lead from a file to the top of the crate.
fn depth(path: &str) -> usize {
    path.trim_start_matches("src/").trim_end_matches("/mod.rs").trim_end_matches(".rs").split('/').count()
}

/// Returns the layers that a file names, each with its place.
fn used(source: &Source) -> Vec<(usize, String)> {
    let code = source.code();
    let up = "super::".repeat(depth(&source.path));
    let mut found = Vec::new();
    for root in ["crate::", "quipu::", &up] {
        for (at, _) in code.match_indices(root) {
            let rest = code[at + root.len()..].trim_start();
            let inner = rest.strip_prefix('{').map(first_of_each).unwrap_or_default();
            found.extend(inner.into_iter().chain(name(rest)).map(|name| (at, name)));
        }
    }
    found.retain(|(_, name)| LAYERS.iter().any(|(layer, _)| layer == name));
    found
}

fn name(text: &str) -> Option<String> {
    let word = text.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (!word.is_empty()).then(|| word.to_owned())
}

/// Returns the first name of each item of a group, `{a::b, c::{d, e}}`: `a` and `c`.
fn first_of_each(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut items = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            c if depth == 0 => items.last_mut().expect("never empty").push(c),
            _ => {}
        }
    }
    items.iter().filter_map(|item| name(item.trim())).collect()
}

fn wrong_edges(source: &Source) -> Vec<String> {
    let Some(layer) = layer(&source.path).filter(|layer| *layer != "lib") else { return Vec::new() };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{}: {layer} is not in the table of layers", source.path)];
    };
    let wrong = |name: &str| name != layer && !allowed.contains(&name);
    let edges = used(source).into_iter().filter(|(_, name)| wrong(name));
    edges.map(|(at, name)| source.at(at, &format!("{layer} may not use {name}"))).collect()
}

fn out_of_place(source: &Source) -> Vec<String> {
    let code = source.code();
    let misplaced = |(word, places, why): &(&str, &[&str], &str)| {
        let at = find_word(&code, word)?;
        (!places.iter().any(|p| source.path.starts_with(p))).then(|| source.at(at, &format!("{word}: {why}")))
    };
    GUARDED.iter().filter_map(misplaced).collect()
}

#[test]
fn no_layer_reaches_past_its_place() {
    none(rust("src").iter().flat_map(wrong_edges).collect());
}

#[test]
fn gix_clap_and_programs_stay_where_they_belong() {
    none(rust("src").iter().flat_map(out_of_place).collect());
}

#[test]
fn the_table_itself_has_an_order() {
    for (at, (layer, allowed)) in LAYERS.iter().enumerate() {
        let before: Vec<&str> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
        assert!(allowed.iter().all(|used| before.contains(used)), "{layer} uses a layer behind it");
    }
}

#[test]
fn a_wrong_edge_is_found_however_it_is_written() {
    for (path, text) in [
        ("src/model/body.rs", "use crate::store::Store;"),
        ("src/output/json.rs", "fn f() { crate::store::slug(\"x\"); }"),
        ("src/query/mod.rs", "use crate::{error::Result,\n    model::{Issue, IssueId},\n    store::Store};"),
        ("src/query/mod.rs", "use super::cli;"),
        ("src/merge/tree/walk.rs", "use super::super::super::query::select;"),
        ("src/main.rs", "fn main() { quipu::store::slug(\"\"); }"),
        ("src/extra.rs", "//! Something new."),
    ] {
        assert_eq!(wrong_edges(&Source::sample(path, text)).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("src/model/body.rs", "// crate::store is far away\nuse crate::model::Front; use super::store_like;"),
        ("src/cli/list.rs", "use crate::{output::Ui, store::View};"),
        ("src/store/remote/push.rs", "use super::super::tip; use crate::query::select;"),
    ] {
        assert_eq!(wrong_edges(&Source::sample(path, text)), [""; 0], "{path}");
    }
}

#[test]
fn a_word_out_of_place_is_found() {
    let cases = [
        ("src/model/id.rs", "use gix::ObjectId;"),
        ("src/output/ui.rs", "use clap::Parser;"),
        ("src/cli/create.rs", "let c = std::process::Command::new(\"git\");"),
        ("src/query/ready.rs", "std::thread::sleep(wait);"),
    ];
    for (path, text) in cases {
        assert_eq!(out_of_place(&Source::sample(path, text)).len(), 1, "{path}");
    }
    assert_eq!(out_of_place(&Source::sample("src/merge/text.rs", "use gix::diff;")), [""; 0]);
    assert_eq!(out_of_place(&Source::sample("src/model/id.rs", "/// As gix has it.\nfn f() {}")), [""; 0]);
}
