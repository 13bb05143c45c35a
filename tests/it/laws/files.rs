//! What is seldom on a branch: links, submodules, files that are too large or cannot be read, keys by hand.

use quipu::model::{Issue, IssueId, MAX_FILE, Priority};
use quipu::store::testing::{History, Put};
use quipu::store::{Lost, Message, issue_path};

use super::meeting::history;

const ID: &str = "01kfn6tfn3n7h5b39ztztw7k2m";
const OTHER: &str = "01kfn6tfn3n7h5b39ztztw7k3n";
/// 2026-06-01, in seconds.
const NOW: i64 = 1_780_272_000;

fn id(text: &str) -> IssueId {
    IssueId::parse(text).expect("a ULID")
}

fn path(text: &str) -> String {
    issue_path(id(text))
}

/// The file of an issue from lines of its front matter and a body, as somebody would write it by hand.
fn file(id: &str, front: &str, body: &str) -> Put {
    Put::File(format!("---\nid: {id}\ntitle: t\n{front}---\n{body}").into_bytes())
}

/// What two commits became.
struct Merged {
    history: History,
    commit: String,
}

impl Merged {
    fn file(&self, path: &str) -> Option<Put> {
        self.history.files(&self.commit).expect("files").remove(path)
    }

    fn issue(&self, of: &str) -> Issue {
        let Some(Put::File(bytes)) = self.file(&path(of)) else { panic!("{of} is gone") };
        Issue::read(&bytes, Some(id(of))).expect("readable")
    }

    fn attic(&self) -> Vec<Put> {
        let files = self.history.files(&self.commit).expect("files");
        files.into_iter().filter(|(path, _)| path.starts_with("attic/")).map(|(_, put)| put).collect()
    }

    fn lost(&self) -> Vec<String> {
        let message = Message::parse(&self.history.message(&self.commit).expect("a message"));
        Lost::all(&message).map(|lost| format!("{} {}", lost.what, lost.parts.join(","))).collect()
    }
}

/// Merges two commits that follow a third. The second is the later.
fn merge(base: &[(&str, Put)], ours: &[(&str, Put)], theirs: &[(&str, Put)]) -> Merged {
    let history = history();
    let root = history.root().expect("a root");
    let base = history.raw(&[&root], base, NOW, "base").expect("a commit");
    let [one, two] = [(ours, NOW + 1), (theirs, NOW + 2)]
        .map(|(puts, at)| history.raw(&[&base], puts, at, &format!("at {at}")).expect("a commit"));
    let commit = history.merge(&one, &two).expect("a merge");
    assert_eq!(commit, history.merge(&two, &one).expect("a merge"));
    Merged { history, commit }
}

#[test]
fn links_and_programs_are_one_value() {
    let link = |to: &str| Put::Link(to.as_bytes().to_vec());
    let merged = merge(&[("x", link("a"))], &[("x", link("b"))], &[("x", link("c"))]);
    let (stands, lost) = (merged.file("x").expect("a link"), merged.attic());
    let texts = [stands, lost[0].clone()].map(|put| match put {
        Put::Link(to) | Put::File(to) => String::from_utf8(to).expect("UTF-8"),
        other => panic!("{other:?}"),
    });
    assert!(texts.contains(&"b".to_owned()) && texts.contains(&"c".to_owned()), "{texts:?}");
    let program = |text: &str| Put::Program(text.as_bytes().to_vec());
    let merged = merge(&[("x", program("a"))], &[("x", program("b"))], &[("x", program("c"))]);
    assert_eq!(merged.file("x"), Some(program("c")));
    assert_eq!(merged.attic(), [Put::File(b"b".to_vec())]);
}

#[test]
fn a_submodule_is_one_value() {
    let at = |digit: &str| Put::Submodule(digit.repeat(40));
    let merged = merge(&[("x", at("1"))], &[("x", at("2"))], &[("x", at("3"))]);
    assert!([Some(at("2")), Some(at("3"))].contains(&merged.file("x")));
    let merged = merge(&[("x", at("1"))], &[("x", at("2"))], &[]);
    assert_eq!(merged.file("x"), Some(at("2")));
}

#[test]
fn a_file_makes_room_for_a_folder() {
    let text = |text: &str| Put::File(text.as_bytes().to_vec());
    let merged = merge(&[], &[("x", text("file"))], &[("x/y", text("deep"))]);
    assert_eq!(merged.file("x/y"), Some(text("deep")));
    assert_eq!(merged.attic(), [text("file")]);
    let gone = ("x/y", Put::Nothing);
    let merged = merge(
        &[("x/y", text("a")), ("x/z", text("a"))],
        &[gone, ("x/z", Put::Nothing), ("x", text("file"))],
        &[("x/z", text("b"))],
    );
    assert_eq!(merged.file("x/z"), Some(text("b")));
    assert_eq!(merged.attic(), [text("file")]);
}

#[test]
fn readable_stands_against_unreadable_and_too_large() {
    let path = path(ID);
    let large = Put::File(vec![b'x'; MAX_FILE + 1]);
    let broken = Put::File(b"<<<<<<< HEAD\n".to_vec());
    let readable = file(ID, "priority: 1\n", "");
    for bad in [large.clone(), broken.clone()] {
        for sides in [[&readable, &bad], [&bad, &readable]] {
            let [a, b] = sides.map(|put| [(path.as_str(), put.clone())]);
            let merged = merge(&[(&path, file(ID, "", ""))], &a, &b);
            assert_eq!(merged.file(&path), Some(readable.clone()));
            assert_eq!(merged.attic(), std::slice::from_ref(&bad));
        }
    }
    let merged = merge(&[], &[(&path, large.clone())], &[(&path, broken.clone())]);
    assert_eq!(merged.file(&path), Some(broken));
    assert_eq!(merged.attic(), [large]);
}

#[test]
fn what_would_be_too_large_with_both_is_one_value() {
    let path = path(ID);
    let text = |c: &str| format!("{}\n", c.repeat(60)).repeat(10_000);
    let [a, b] = ["a", "b"].map(|c| file(ID, &format!("labels: [{c}]\n"), &text(c)));
    let merged = merge(&[(&path, file(ID, "", "same\n"))], &[(&path, a.clone())], &[(&path, b)]);
    let issue = merged.issue(ID);
    assert!(issue.body.description.starts_with('b') && !issue.body.description.contains('a'));
    assert_eq!(issue.front.labels.len(), 2);
    assert_eq!(merged.attic(), [a]);
    assert_eq!(merged.lost(), [format!("{ID} description")]);
    // Comments stand beside each other; there is no merging them into less.
    let comment = |n: u32, c: &str| {
        let marker =
            format!("<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k{n:02} at=2026-01-08T15:00:00.000Z by=a -->");
        file(ID, "", &format!("{marker}\n{}", text(c)))
    };
    let merged =
        merge(&[(&path, file(ID, "", ""))], &[(&path, comment(1, "a"))], &[(&path, comment(2, "b"))]);
    assert_eq!(merged.file(&path), Some(comment(2, "b")));
    assert_eq!(merged.attic(), [comment(1, "a")]);
}

#[test]
fn a_cycle_by_keys_is_broken_too() {
    let [one, other] = [path(ID), path(OTHER)];
    let (a, b) = (file(ID, "key: web-a\n", ""), file(OTHER, "key: web-b\n", ""));
    let blocked_a = file(ID, "key: web-a\nblocked_by: [web-b]\n", "");
    let blocked_b = file(OTHER, "key: web-b\nblocked_by: [web-a]\n", "");
    let merged = merge(&[(&one, a), (&other, b)], &[(&one, blocked_a)], &[(&other, blocked_b.clone())]);
    assert_eq!(merged.issue(ID).front.blocked_by.len(), 1);
    assert_eq!(merged.issue(OTHER).front.blocked_by.len(), 0);
    assert_eq!(merged.attic(), [blocked_b]);
    assert_eq!(merged.lost(), [format!("{OTHER} blocked_by:web-a")]);
}

#[test]
fn a_cycle_is_broken_at_its_latest_edge() {
    let [one, other] = [path(ID), path(OTHER)];
    let base = [(one.as_str(), file(ID, "", "")), (other.as_str(), file(OTHER, "", ""))];
    let waits = |waiting: &str, blocker: &str| file(waiting, &format!("blocked_by: [{blocker}]\n"), "");
    let merged = merge(&base, &[(&one, waits(ID, OTHER))], &[(&other, waits(OTHER, ID))]);
    assert_eq!(merged.attic(), [waits(OTHER, ID)]);
    assert_eq!(merged.lost(), [format!("{OTHER} blocked_by:{ID}")]);
    assert!(merged.issue(OTHER).front.blocked_by.is_empty());
    // What a part waits for includes the blockers of the whole.
    let part = file(ID, &format!("parent: {OTHER}\n"), "");
    let merged = merge(&base, &[(&other, waits(OTHER, ID))], &[(&one, part.clone())]);
    assert_eq!(merged.attic(), [part]);
    assert_eq!(merged.lost(), [format!("{ID} parent")]);
    assert_eq!(merged.issue(ID).front.parent, None);
}

#[test]
fn an_unknown_key_is_not_what_it_is_called() {
    let path = path(ID);
    let closed = "status: closed\nclosed_at: 2026-01-08T00:00:00.000Z\n";
    let merged = merge(
        &[(&path, file(ID, "state: 1\n", ""))],
        &[(&path, file(ID, &format!("{closed}state: 2\n"), ""))],
        &[(&path, file(ID, "status: blocked\nstate: 3\n", ""))],
    );
    let front = merged.issue(ID).front;
    assert!(front.status.is_closed(), "closed beats what is later");
    assert_eq!(front.extra["state"], "state: 3\n", "of an unknown key the later stands");
    let lost = merged.lost();
    assert_eq!(lost, [format!("{ID} key:state"), format!("{ID} state")]);
}

#[test]
fn a_newer_format_is_not_merged() {
    let history = history();
    let root = history.root().expect("a root");
    let newer = ("quipu.yml", Put::File(b"format: 99\n".to_vec()));
    let one = history.raw(&[&root], &[newer], NOW, "newer").expect("a commit");
    let two = history.raw(&[&root], &[("x", Put::File(Vec::new()))], NOW, "x").expect("a commit");
    assert_eq!(history.merge(&one, &two).expect_err("refused").code(), "newer_format");
}

#[test]
fn what_was_deleted_comes_back_as_often_as_it_is_changed() {
    let path = path(ID);
    let history = history();
    let root = history.root().expect("a root");
    let put = |put: Put| [(path.clone(), put)];
    let commit = |parent: &str, put: [(String, Put); 1], at: i64| {
        let [(path, put)] = put;
        history.raw(&[parent], &[(&path, put)], NOW + at, &format!("at {at}")).expect("a commit")
    };
    let base = commit(&root, put(file(ID, "", "")), 0);
    let gone = commit(&base, put(Put::Nothing), 5);
    let changed = commit(&base, put(file(ID, "priority: 1\n", "")), 1);
    let met = history.merge(&gone, &changed).expect("a merge");
    assert_eq!(history.files(&met).expect("files").get(&path), Some(&file(ID, "priority: 1\n", "")));
    let gone = commit(&met, put(Put::Nothing), 6);
    let untouched = commit(&met, [("x".to_owned(), Put::File(Vec::new()))], 7);
    let met = history.merge(&gone, &untouched).expect("a merge");
    assert_eq!(history.files(&met).expect("files").get(&path), None);
    let again = commit(&changed, put(file(ID, "priority: 3\n", "")), 2);
    let met = history.merge(&met, &again).expect("a merge");
    assert_eq!(history.files(&met).expect("files").get(&path), Some(&file(ID, "priority: 3\n", "")));
}

#[test]
fn a_write_that_follows_another_counts_whatever_the_clock_of_that_one_said() {
    let path = path(ID);
    let history = history();
    let root = history.root().expect("a root");
    let commit = |parent: &str, priority: u8, at: i64| {
        let put = file(ID, &format!("priority: {priority}\n"), "");
        history.raw(&[parent], &[(&path, put)], at, "by hand").expect("a commit")
    };
    let base = commit(&root, 0, NOW);
    let far_ahead = commit(&base, 1, NOW + 1_000_000_000);
    let earlier = commit(&far_ahead, 2, NOW + 10);
    let later = commit(&base, 3, NOW + 20);
    let commit = history.merge(&earlier, &later).expect("a merge");
    let merged = Merged { history, commit };
    assert_eq!(merged.issue(ID).front.priority, Priority::new(3).expect("0 to 4"));
}
