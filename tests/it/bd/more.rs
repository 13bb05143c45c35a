//! The rows of everything else: the repository, memories, and the long tail.

use super::Row;
use super::shape::Shape::{Array, Json, Nothing, Object, Refused, Text};

const NEVER_DESTROYS: &str = "init destroys nothing, so there is nothing to force";
const GAS_TOWN: &str = "molecules and gates are not a part of an issue tracker";

pub const ROWS: &[Row] = &[
    (
        15,
        &[
            ("prime", Text("ready")),
            ("prime --full", Text("ready")),
            ("prime --mcp", Text("ready")),
            ("prime --stealth", Text("ready")),
            ("prime --export", Text("ready")),
        ],
    ),
    (
        16,
        &[
            ("sync", Object(&["remote"])),
            ("sync --flush-only", Json),
            ("sync --import-only", Json),
            ("sync --merge", Json),
            ("sync --status", Json),
            ("dolt push", Refused(2, "there is no database to push: qp sync exchanges the branch")),
            ("dolt pull", Refused(2, "there is no database to pull: qp sync exchanges the branch")),
        ],
    ),
    (
        17,
        &[
            ("init", Object(&["prefix"])),
            ("init -p web", Object(&["prefix"])),
            ("init --prefix web -q", Object(&["prefix"])),
            ("init --stealth", Object(&["prefix"])),
            ("init --team", Object(&["prefix"])),
            ("init --contributor", Object(&["prefix"])),
            ("init --skip-hooks --non-interactive", Object(&["prefix"])),
            ("init --agents-profile minimal", Object(&["prefix"])),
            ("init --from-jsonl", Refused(2, "importing is a command of its own: qp import FILE")),
            ("init --reinit-local", Refused(2, NEVER_DESTROYS)),
            ("init --discard-remote", Refused(2, NEVER_DESTROYS)),
            ("init --destroy-token x", Refused(2, NEVER_DESTROYS)),
        ],
    ),
    (
        18,
        &[
            ("doctor", Object(&["ok", "findings"])),
            ("doctor --fix", Object(&["ok", "findings"])),
            ("doctor --fix -y", Object(&["ok", "findings"])),
            ("doctor --check", Object(&["ok", "findings"])),
            ("doctor --agent", Object(&["ok", "findings"])),
        ],
    ),
    (
        28,
        &[
            ("remember \"use rg, not grep\"", Json),
            ("remember text --key rule", Json),
            ("memories", Json),
            ("memories text", Json),
            ("recall none", Refused(3, "what is not there is not found, exit 3 and not 1")),
            ("forget none", Refused(3, "what is not there is not found, exit 3 and not 1")),
        ],
    ),
    (
        30,
        &[
            ("info", Object(&["issue_count"])),
            ("where", Json),
            ("version", Json),
            ("onboard", Text("setup")),
            ("setup", Json),
            ("setup claude --print", Text("prime")),
            ("setup codex --print", Text("qp")),
            ("setup cursor --print", Text("qp")),
            ("config list", Json),
            ("config get prefix", Json),
            ("types", Json),
            ("schema", Json),
            ("duplicate web-other --of web-open", Object(&["duplicate", "canonical", "status"])),
            ("supersede web-other --with web-open", Object(&["superseded", "replacement", "status"])),
            ("orphans", Nothing),
            ("lint", Json),
            ("graph", Json),
            ("graph web-wait", Json),
            ("human", Text("tag ID human")),
            ("hooks install", Text("needs no git hooks")),
            ("gate list", Refused(2, GAS_TOWN)),
            ("mol list", Refused(2, GAS_TOWN)),
            ("formula list", Refused(2, GAS_TOWN)),
            ("children web-epic", Array(&["id"])),
        ],
    ),
];
