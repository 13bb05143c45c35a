//! Which command prints which document. The documents themselves stand in `output/schema/`.

use std::collections::BTreeMap;

use crate::output::schema as doc;
use crate::output::schema::Type::{List, Of, Text};
use crate::output::schema::{Document, Shape};

/// Rows with their texts, as the commands print them that change issues.
static ROWS: &[Shape] = &[Shape::usual(List(&Of(&doc::ROW)))];
static CLAIMS: &[Shape] = &[Shape::usual(List(&Of(&doc::CLAIMED)))];
static COMMENT: &[Shape] = &[Shape::usual(Of(&doc::COMMENT))];
static COMMENTS: &[Shape] = &[Shape::usual(List(&Of(&doc::COMMENT)))];
static RELATIONS: &[Shape] = &[
    Shape::when("one relation", Of(&doc::RELATION_CHANGE)),
    Shape::when("several", List(&Of(&doc::RELATION_CHANGE))),
];
static PAIR: &[Shape] = &[Shape::usual(Of(&doc::PAIR))];
static SYNCED: &[Shape] = &[Shape::usual(Of(&doc::SYNCED))];
static OUTBOX: &[Shape] = &[Shape::usual(List(&Of(&doc::OUTBOX_FILE)))];
static NEWS: &[Shape] = &[Shape::usual(List(&Of(&doc::NEWS)))];
static COPIES: &[Shape] = &[Shape::usual(List(&Of(&doc::COPY)))];
static LABELS: &[Shape] = &[Shape::usual(List(&Of(&doc::LABEL_CHANGE)))];

static SETTINGS: &[Shape] = &[Shape::usual(List(&Of(&doc::SETTING)))];
static SETTING: &[Shape] = &[Shape::usual(Of(&doc::SETTING))];
static EPICS: &[Shape] = &[Shape::usual(List(&Of(&doc::EPIC)))];
static QUERIES: &[Shape] = &[Shape::usual(List(&Of(&doc::QUERY)))];
static SAID: &[Shape] = &[Shape::usual(Of(&doc::SAID))];

/// The commands in the order of the page, each with the forms of its result.
pub static COMMANDS: &[(&str, &[Shape])] = &[
    (
        "create",
        &[
            Shape::usual(Of(&doc::CREATED)),
            Shape::when("from a plan", List(&Of(&doc::ROW))),
            Shape::when("from a graph", Of(&doc::PLANTED)),
            Shape::when("with --dry-run", Of(&doc::DRAFT)),
            Shape::when("from a plan with --dry-run", List(&Of(&doc::DRAFT))),
        ],
    ),
    ("q", &[Shape::usual(Of(&doc::CREATED))]),
    ("list", &[Shape::usual(List(&Of(&doc::ROW))), Shape::when("with --fields", List(&Of(&doc::PICKED)))]),
    ("children", ROWS),
    (
        "show",
        &[
            Shape::usual(List(&Of(&doc::DETAILS))),
            Shape::when("with --children", List(&Of(&doc::ROW))),
            Shape::when("with --refs", List(&Of(&doc::DEPENDENCY))),
        ],
    ),
    ("search", &[Shape::usual(List(&Of(&doc::HIT))), Shape::when("with --fields", List(&Of(&doc::PICKED)))]),
    (
        "ready",
        &[
            Shape::usual(List(&Of(&doc::READY))),
            Shape::when("with --explain", Of(&doc::EXPLAINED)),
            Shape::when("with --explain --fields", Of(&doc::EXPLAINED_PICKED)),
            Shape::when("with --claim", List(&Of(&doc::CLAIMED))),
            Shape::when("with --fields", List(&Of(&doc::PICKED))),
        ],
    ),
    (
        "blocked",
        &[Shape::usual(List(&Of(&doc::BLOCKED))), Shape::when("with --fields", List(&Of(&doc::PICKED)))],
    ),
    ("why", &[Shape::usual(Of(&doc::WHY))]),
    ("update", ROWS),
    ("edit", ROWS),
    ("assign", ROWS),
    ("priority", ROWS),
    ("tag", ROWS),
    ("note", ROWS),
    ("defer", ROWS),
    ("undefer", ROWS),
    (
        "close",
        &[
            Shape::usual(List(&Of(&doc::ROW))),
            Shape::when(
                "with --suggest-next, where it made something ready, --claim-next or --continue",
                Of(&doc::CLOSED),
            ),
        ],
    ),
    ("reopen", ROWS),
    ("delete", &[Shape::usual(Of(&doc::DELETED))]),
    (
        "duplicate",
        &[Shape::when("one issue", Of(&doc::DUPLICATE)), Shape::when("several", List(&Of(&doc::DUPLICATE)))],
    ),
    (
        "supersede",
        &[
            Shape::when("one issue", Of(&doc::SUPERSEDED)),
            Shape::when("several", List(&Of(&doc::SUPERSEDED))),
        ],
    ),
    ("comment", COMMENT),
    ("comment add", COMMENT),
    ("comment list", COMMENTS),
    ("comments", COMMENTS),
    ("comments add", COMMENT),
    ("comments list", COMMENTS),
    ("label add", LABELS),
    ("label remove", LABELS),
    ("label propagate", LABELS),
    ("label list", &[Shape::usual(List(&Text))]),
    ("label list-all", &[Shape::usual(List(&Of(&doc::LABEL_COUNT)))]),
    ("dep", RELATIONS),
    ("dep add", RELATIONS),
    ("dep remove", RELATIONS),
    ("dep list", &[Shape::usual(List(&doc::Type::Either(&[Of(&doc::DEPENDENCY), Of(&doc::DANGLING)])))]),
    ("dep tree", &[Shape::usual(List(&Of(&doc::TREE_NODE)))]),
    ("dep cycles", &[Shape::usual(List(&List(&Of(&doc::ISSUE))))]),
    ("dep relate", PAIR),
    ("dep unrelate", PAIR),
    ("link", RELATIONS),
    ("relate", PAIR),
    ("unrelate", PAIR),
    ("claim", CLAIMS),
    ("renew", CLAIMS),
    ("release", ROWS),
    (
        "next",
        &[
            Shape::usual(Of(&doc::NEXT)),
            Shape::when("where there is nothing to claim", Of(&doc::NOTHING_NEXT)),
        ],
    ),
    ("status", &[Shape::usual(Of(&doc::STATUS))]),
    ("check", &[Shape::usual(Of(&doc::CHECKED))]),
    ("whoami", &[Shape::usual(Of(&doc::WHOAMI))]),
    ("init", &[Shape::usual(Of(&doc::CREATED_TRACKER))]),
    (
        "sync",
        &[Shape::usual(Of(&doc::SYNCED)), Shape::when("where there is nothing to do at all", Of(&doc::SAID))],
    ),
    ("pull", SYNCED),
    ("push", SYNCED),
    ("outbox", OUTBOX),
    ("outbox list", OUTBOX),
    ("outbox absorb", &[Shape::usual(Of(&doc::ABSORBED))]),
    ("outbox prune", &[Shape::usual(Of(&doc::PRUNED))]),
    ("outbox save", &[Shape::usual(Of(&doc::SAVED_OUTBOX))]),
    ("log", &[Shape::usual(List(&Of(&doc::LOG_ENTRY)))]),
    ("diff", &[Shape::usual(Of(&doc::DIFF))]),
    ("changes", NEWS),
    ("watch", NEWS),
    ("undo", &[Shape::usual(Of(&doc::UNDONE))]),
    ("attic", COPIES),
    ("attic list", COPIES),
    ("attic show", &[Shape::usual(Of(&doc::COPY_TEXT))]),
    ("attic diff", &[Shape::usual(Of(&doc::COPY_DIFF))]),
    ("attic restore", &[Shape::usual(Of(&doc::RESTORED))]),
    ("attic drop", &[Shape::usual(Of(&doc::DROPPED))]),
    ("doctor", &[Shape::usual(Of(&doc::DOCTOR))]),
    ("import", &[Shape::usual(Of(&doc::IMPORTED))]),
    (
        "export",
        &[
            Shape::lines("without a target", Of(&doc::RECORD)),
            Shape::lines("a note", Of(&doc::MEMORY)),
            Shape::when("into a file or folder", Of(&doc::EXPORTED)),
        ],
    ),
    ("merge-driver", &[Shape::usual(Of(&doc::MERGED_FILE))]),
    ("completions", &[Shape::usual(Of(&doc::COMPLETIONS))]),
    ("man", &[Shape::usual(Of(&doc::MAN_PAGE)), Shape::when("into a folder", Of(&doc::MAN_PAGES))]),
    (
        "schema",
        &[Shape::usual(Of(&doc::SCHEMAS)), Shape::when("with a command or a document", Of(&doc::SCHEMA))],
    ),
    ("apply", &[Shape::usual(List(&Of(&doc::APPLIED)))]),
    ("count", &[Shape::usual(Of(&doc::COUNTED)), Shape::when("by group", Of(&doc::GROUPED))]),
    ("stale", &[Shape::usual(List(&Of(&doc::ROW))), Shape::when("with --fields", List(&Of(&doc::PICKED)))]),
    (
        "orphans",
        &[Shape::usual(List(&Of(&doc::ORPHAN))), Shape::when("with --fields", List(&Of(&doc::PICKED)))],
    ),
    ("lint", &[Shape::usual(Of(&doc::LINTED))]),
    ("epic", EPICS),
    ("epic status", EPICS),
    ("epic close-eligible", &[Shape::usual(Of(&doc::EPICS_CLOSED))]),
    ("graph", &[Shape::usual(Of(&doc::GRAPH))]),
    ("info", &[Shape::usual(Of(&doc::INFO))]),
    ("where", &[Shape::usual(Of(&doc::WHERE))]),
    ("version", &[Shape::usual(Of(&doc::VERSION))]),
    ("types", &[Shape::usual(Of(&doc::TYPES))]),
    ("query", QUERIES),
    ("query list", QUERIES),
    ("query save", &[Shape::usual(Of(&doc::QUERY_SAVED))]),
    (
        "query run",
        &[Shape::usual(List(&Of(&doc::ROW))), Shape::when("with --fields", List(&Of(&doc::PICKED)))],
    ),
    ("query delete", &[Shape::usual(List(&Of(&doc::QUERY_DELETED)))]),
    ("remember", &[Shape::usual(Of(&doc::REMEMBERED)), Shape::when("a key alone", Of(&doc::RECALLED))]),
    ("memories", &[Shape::usual(doc::Type::Map)]),
    ("recall", &[Shape::usual(Of(&doc::RECALLED))]),
    ("forget", &[Shape::usual(Of(&doc::FORGOTTEN))]),
    ("config", SETTINGS),
    ("config list", SETTINGS),
    ("config get", SETTING),
    ("config set", SETTING),
    ("config unset", &[Shape::usual(Of(&doc::UNSET))]),
    (
        "setup",
        &[
            Shape::usual(List(&Of(&doc::TOOL_STATE))),
            Shape::when("with --check", Of(&doc::TOOL_STATE)),
            Shape::when("with a tool", Of(&doc::TOOL_ACTION)),
            Shape::when("with --print", Of(&doc::TOOL_TEXT)),
        ],
    ),
    ("prime", SAID),
    ("onboard", SAID),
    ("human", SAID),
    ("hooks", SAID),
];

/// Returns what a command prints.
pub fn printed_by(command: &str) -> Option<&'static [Shape]> {
    COMMANDS.iter().find(|(name, _)| *name == command).map(|(_, shapes)| *shapes)
}

/// Returns every document, by name.
pub fn documents() -> BTreeMap<&'static str, &'static Document> {
    let mut found = BTreeMap::from([(doc::ERROR.name, &doc::ERROR)]);
    for shape in COMMANDS.iter().flat_map(|(_, shapes)| *shapes) {
        shape.kind.collect(&mut found);
    }
    found
}

/// Renders `docs/json.md`.
pub fn json_page() -> String {
    doc::page(COMMANDS, &documents())
}
