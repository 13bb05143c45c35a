//! Trackers as they grow in practice, the same in every run: nine of ten issues closed, epics with parts, chains
//! and diamonds of blockers, long texts, threads of comments.

use quipu::model::{Comment, Holder, Issue, IssueId, Priority, Status, Timestamp};

/// 2025-01-01T00:00:00Z, when the first issue was created, in milliseconds.
const BEGIN_MS: i64 = 1_735_689_600_000;
/// Between two issues, in milliseconds.
const STEP_MS: i64 = 40 * 60_000;
/// Issues in a group: an epic, its parts, and what blocks what among them.
const GROUP: usize = 25;
/// Of a hundred issues, so many are closed.
const CLOSED_PERCENT: usize = 89;

/// Makes a tracker's issues.
pub fn issues(count: usize) -> Vec<Issue> {
    let ids: Vec<IssueId> = (0..count).map(id).collect();
    (0..count).map(|at| issue(&ids, at)).collect()
}

/// Positions of open issues that nothing holds up, for closing and claiming.
pub fn startable(issues: &[Issue]) -> impl Iterator<Item = &Issue> {
    let free = |issue: &&Issue| {
        issue.front.status == Status::Open
            && issue.front.blocked_by.is_empty()
            && issue.front.parent.is_none()
            && issue.front.kind != "epic"
    };
    issues.iter().filter(free)
}

fn created(at: usize) -> Timestamp {
    Timestamp::from_millis(BEGIN_MS + i64::try_from(at).expect("few issues") * STEP_MS)
}

fn id(at: usize) -> IssueId {
    let seed = at as u64;
    IssueId::from_parts(created(at), u128::from(mix(seed)) << 64 | u128::from(mix(seed ^ 0x5bd1_e995)))
}

/// SplitMix64 of a number.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `limit` that depends on the issue and on what it is for.
fn pick(at: usize, purpose: u64, limit: usize) -> usize {
    let number = mix(mix(at as u64) ^ purpose.wrapping_mul(0x517c_c1b7_2722_0a95));
    usize::try_from(number % limit as u64).expect("below the limit")
}

fn issue(ids: &[IssueId], at: usize) -> Issue {
    const KINDS: [&str; 6] = ["task", "task", "task", "bug", "bug", "feature"];
    const AREAS: [&str; 8] = ["auth", "backend", "billing", "cli", "docs", "search", "sync", "ui"];
    let mut issue = Issue::default();
    let front = &mut issue.front;
    let place = at % GROUP;
    front.id = ids[at];
    front.title = title(at);
    KINDS[pick(at, 1, KINDS.len())].clone_into(&mut front.kind);
    front.priority = Priority::new([0, 1, 1, 2, 2, 2, 3, 4][pick(at, 2, 8)]).expect("at most 4");
    front.labels = (0..pick(at, 3, 4)).map(|n| AREAS[pick(at, 4 + n as u64, 8)].to_owned()).collect();
    front.created_at = created(at);
    front.created_by = Some(author(at).to_owned());
    front.updated_at = front.created_at.plus_millis(STEP_MS * 30);
    if place == 0 {
        "epic".clone_into(&mut front.kind);
    } else if place <= 12 {
        // The first half of a group are parts of its epic.
        front.parent = Some(ids[at - place].into());
    }
    // Places 2 to 6 are a chain, 8 to 11 a diamond.
    let blockers: &[usize] = match place {
        3..=6 => &[1],
        9 | 10 => &[place - 8],
        11 => &[1, 2],
        _ => &[],
    };
    front.blocked_by = blockers.iter().map(|back| ids[at - back].into()).collect();
    if pick(at, 20, 100) < 30 && at > 0 {
        front.discovered_from.insert(ids[at - 1 - pick(at, 21, at.min(200))].into());
    }
    settle(&mut issue, at);
    write_texts(&mut issue, at);
    issue
}

/// Closes most issues, the older ones more, so that what is open stands at the end, as in life.
fn settle(issue: &mut Issue, at: usize) {
    let front = &mut issue.front;
    let done = front.created_at.plus_millis(STEP_MS * 60);
    if at % 100 < CLOSED_PERCENT {
        front.assignee = Some(author(at + 1).to_owned());
        front.started_at = Some(front.created_at.plus_millis(STEP_MS));
        front.close(author(at + 1), Some(format!("fixed in {:07x}", mix(at as u64) >> 36)), done);
        front.updated_at = done;
    } else if pick(at, 22, 10) == 0 {
        let holder = Holder { actor: author(at).to_owned(), session: format!("s{at}") };
        front.claim(&holder, front.updated_at, front.updated_at.plus_millis(2 * 3_600_000));
    }
}

fn author(at: usize) -> &'static str {
    ["alice", "bob", "claude-7f3a21", "codex-91c0de"][pick(at, 30, 4)]
}

fn title(at: usize) -> String {
    const VERBS: [&str; 6] = ["Fix", "Add", "Remove", "Document", "Speed up", "Rework"];
    const THINGS: [&str; 10] = [
        "the login form",
        "session timeouts",
        "retry of failed payments",
        "the search index",
        "error messages of the importer",
        "keyboard navigation",
        "the nightly export",
        "rate limits on the public interface",
        "the cache of rendered pages",
        "flaky tests of the scheduler",
    ];
    const ENDS: [&str; 5] = ["", " on Windows", " for large accounts", " after an upgrade", " when offline"];
    let (verb, thing, end) = (pick(at, 40, 6), pick(at, 41, 10), pick(at, 42, 5));
    format!("{} {}{} ({at})", VERBS[verb], THINGS[thing], ENDS[end])
}

fn write_texts(issue: &mut Issue, at: usize) {
    issue.body.description = paragraphs(at, 50, 1 + pick(at, 51, 6));
    if pick(at, 52, 3) == 0 {
        issue.body.acceptance = "- [ ] a test shows it\n- [x] the documentation says so".to_owned();
    }
    if pick(at, 53, 8) == 0 {
        issue.body.design = paragraphs(at, 54, 8);
    }
    let count = [0_u32, 0, 0, 1, 2, 5][pick(at, 55, 6)];
    issue.body.comments = (0..count)
        .map(|n| {
            let time = issue.front.created_at.plus_millis(i64::from(n) * 60_000);
            let number = u64::from(n);
            let id = IssueId::from_parts(time, u128::from(mix(at as u64 * 64 + number)));
            Comment { id, at: time, by: author(at + 7).to_owned(), text: paragraphs(at, 60 + number, 1) }
        })
        .collect();
}

fn paragraphs(at: usize, purpose: u64, count: usize) -> String {
    const SENTENCES: [&str; 8] = [
        "The request is answered, but the page keeps the old state until it is loaded again.",
        "It happens on the second attempt only, and never where the cache is cold.",
        "`Session::renew` is called with the clock of the server, while the client compares with its own.",
        "A trace of one run is attached to the ticket of the customer, see line 42 of `session.ts`.",
        "We agreed to keep the format as it is, and to add a field where the old readers do not look.",
        "Steps:\n\n1. sign in\n2. wait for five minutes\n3. press any key",
        "The number of queries grows with the number of rows, which nobody saw on small accounts.",
        "Nothing of this is urgent, but three people have asked for it within a week.",
    ];
    let sentence = |n: usize| SENTENCES[pick(at, purpose.wrapping_mul(97) + n as u64, 8)];
    let paragraph = |n: usize| format!("{} {} {}", sentence(3 * n), sentence(3 * n + 1), sentence(3 * n + 2));
    (0..count).map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// Writes issues in the JSON Lines of Beads.
pub fn json_lines(issues: &[Issue]) -> String {
    issues.iter().map(|issue| format!("{}\n", json_line(issue))).collect()
}

fn json_line(issue: &Issue) -> serde_json::Value {
    let front = &issue.front;
    let key = |id: &str| format!("app-{}", &id[id.len() - 8..]);
    let mut edges = Vec::new();
    let mut edge = |target: String, kind: &str| {
        edges.push(serde_json::json!({
            "issue_id": key(&front.id.to_string()), "depends_on_id": key(&target), "type": kind,
            "created_at": front.created_at.to_string(), "created_by": front.created_by,
        }));
    };
    front.blocked_by.iter().for_each(|r| edge(r.to_string(), "blocks"));
    front.parent.iter().for_each(|r| edge(r.to_string(), "parent-child"));
    front.discovered_from.iter().for_each(|r| edge(r.to_string(), "discovered-from"));
    let comments: Vec<_> = (issue.body.comments.iter().enumerate())
        .map(|(n, c)| {
            serde_json::json!({
                "id": n + 1, "issue_id": key(&front.id.to_string()), "author": c.by, "text": c.text,
                "created_at": c.at.to_string(),
            })
        })
        .collect();
    serde_json::json!({
        "id": key(&front.id.to_string()), "title": front.title, "description": issue.body.description,
        "design": issue.body.design, "acceptance_criteria": issue.body.acceptance,
        "status": front.status.as_str(), "priority": front.priority.number(), "issue_type": front.kind,
        "assignee": front.assignee, "labels": front.labels, "created_at": front.created_at.to_string(),
        "created_by": front.created_by, "updated_at": front.updated_at.to_string(),
        "closed_at": front.closed_at.map(|t| t.to_string()), "close_reason": front.close_reason,
        "dependencies": edges, "comments": comments,
    })
}
