//! What is done with hostile bytes, one function a target: the fuzz targets call them, and so do the ordinary tests,
//! over the corpus and what becomes of it by small changes. None may panic, hang, or answer anything but what it says.

use quipu::error::{Error, Kind, Result};
use quipu::import::{self, Batch, Options, plan::Plan};
use quipu::merge::{FileClass, Pick, Side, merge_file};
use quipu::model::{
    Issue, IssueId, MAX_FILE, Ref, Settings, Timestamp, Tracker, percent_decode, percent_encode, read_fast,
    read_front_yaml, read_row_parts,
};
use quipu::output::{jsonl, text};
use quipu::query::lang::{Surroundings, compile, looks_like_query, parse, split_words};
use quipu::query::{Glob, Period};
use quipu::store::{LOST, Lost, Message, Moment, issue_id, issue_path, slug, testing};

/// Where each part of an input ends that has several: a line of equals signs.
const NEXT: &str = "\n=====\n";

/// The file of an issue: what can be read is written so that it reads the same, and writing it again changes nothing.
pub fn issue(data: &[u8]) {
    let row = read_row_parts(data, None);
    let issue = match Issue::read(data, None) {
        Ok(issue) => issue,
        Err(error) => {
            assert!(error.line >= 1 && !error.message.is_empty());
            assert!(row.is_err() || data.is_empty());
            return;
        }
    };
    let (front, comments) = row.expect("what can be read can be read in part");
    assert_eq!((&front, comments as usize), (&issue.front, issue.body.comments.len()));
    stays(&issue);
}

/// An issue survives its own file, where that is not too large.
fn stays(issue: &Issue) {
    let written = issue.write();
    if written.len() > MAX_FILE {
        return;
    }
    let Ok(again) = Issue::read(written.as_bytes(), Some(issue.front.id)) else {
        // Escapes may need more than a reader takes; then the write is refused, and nothing is lost.
        assert!(issue.write_checked().is_err());
        return;
    };
    assert_eq!(again.front, issue.front, "{written}");
    assert_eq!(again.write(), written);
    let front =
        written.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map(|(front, _)| front);
    if let Some(front) = front.map(|front| format!("{front}\n"))
        && let Some(fast) = read_fast(&front, Some(issue.front.id))
    {
        assert_eq!(Ok(fast), read_front_yaml(&front, Some(issue.front.id)), "both readers say the same");
    }
}

/// A file of the outbox: whatever is in it, it is read in bounded space or refused with a reason.
pub fn bundle(data: &[u8]) {
    match testing::read_bundle(data) {
        Ok((tip, objects)) => assert!(tip.len() >= 40 && objects <= data.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// `quipu.yml`.
pub fn settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(mut settings) = Settings::read(&text) else { return };
    let written = settings.write();
    let again = Settings::read(&written).expect("what is written can be read");
    assert_eq!(again, settings, "{written}");
    for (name, query) in settings.queries() {
        settings.set_query(&name, Some(&query));
    }
    settings.set_query("new", Some(&text));
    let again = Settings::read(&settings.write()).expect("what is written can be read");
    assert_eq!(again.queries().get("new").map(String::as_str), Some(&*text));
}

/// Somebody who asks a query of an empty tracker.
struct Nobody;

impl Surroundings for Nobody {
    fn me(&self) -> String {
        "nobody".to_owned()
    }

    fn time(&self, text: &str) -> Result<Period> {
        let time = Timestamp::parse(text).ok_or_else(|| Error::invalid("no time"))?;
        Ok(Period { after: Some(time), before: Some(time) })
    }

    fn issue(&self, key: &str) -> Result<IssueId> {
        IssueId::parse(key).ok_or_else(|| Error::new(Kind::NotFound, "not_found", "no issue"))
    }
}

/// A query in the first line, saved ones in the others: read, compiled, asked; an error points to a place in it.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut settings = Settings::new("web");
    for (number, line) in lines.take(50).enumerate() {
        settings.set_query(&format!("q{number}"), Some(line));
    }
    let tracker = Tracker::new(settings, Vec::new(), Vec::new());
    drop((looks_like_query(first), split_words([first], |name| name == "q1")));
    if let Ok(Some(expr)) = parse(first) {
        let printed = expr.to_string();
        // Quotes and parentheses may make it longer and deeper than a query may be.
        if let Ok(again) = parse(&printed) {
            assert_eq!(again.map(|expr| expr.to_string()), Some(printed), "{first}");
        }
    }
    let compiled = parse(first).and_then(|expr| match expr {
        Some(expr) => compile(&expr, first, &tracker, &Nobody).map(Some),
        None => Ok(None),
    });
    match compiled {
        Ok(query) => drop(query.map(|query| query.predicate.needs_texts())),
        Err(error) => {
            let place = error.excerpt().map(text::pointed_out).unwrap_or_default();
            is_fit_to_print(&text::lines(&format!("{error}{place}")));
        }
    }
}

/// Nothing that a terminal obeys is left.
fn is_fit_to_print(text: &str) {
    let obeyed =
        |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}');
    assert!(!text.contains(obeyed), "{text:?}");
}

/// What every import must hold.
fn accounted(batch: &Batch) {
    assert_eq!(batch.report.imported, batch.issues.len() + batch.memories.len());
    assert_eq!(batch.report.records, batch.report.imported + batch.report.skipped.len());
    assert!(batch.issues.windows(2).all(|pair| pair[0].front.id < pair[1].front.id), "each ULID once");
    for issue in &batch.issues {
        let written = issue.write_checked().expect("what is imported can be stored");
        let again = Issue::read(written.as_bytes(), Some(issue.front.id)).expect("and read");
        assert_eq!(again, *issue);
    }
}

/// Beads JSON Lines, packed or not; exported and imported again.
pub fn beads(data: &[u8]) {
    let options = Options { tombstones: data.len().is_multiple_of(2), ..Options::default() };
    let Ok(reader) = import::open(data) else { return };
    let Ok(batch) = import::beads(reader, &options) else { return };
    accounted(&batch);
    let key_of = |reference: &Ref| reference.to_string();
    let mut lines = String::new();
    for issue in &batch.issues {
        let key = issue.front.key.clone().unwrap_or_else(|| issue.front.id.to_string());
        lines.push_str(&(jsonl::beads_line(issue, &key_of, &key) + "\n"));
    }
    for (key, memory) in &batch.memories {
        lines.push_str(&(jsonl::memory_line(key, memory) + "\n"));
    }
    assert_eq!(lines.lines().count(), batch.issues.len() + batch.memories.len(), "a record is a line");
    let again = import::beads(lines.as_bytes(), &Options::default()).expect("memory can be read");
    assert_eq!(again.report.imported, batch.report.imported, "{lines}\n{:?}", again.report);
    accounted(&again);
}

/// The files of tbd's branch: the path in the first line of each part.
pub fn tbd(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let file = |part: &str| {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        (path.to_owned(), content.as_bytes().to_owned())
    };
    let Ok(batch) = import::tbd(&mut text.split(NEXT).map(file), &Options::default()) else { return };
    accounted(&batch);
}

/// A folder of Markdown files.
pub fn markdown(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut start = 0;
    let ends = data.windows(NEXT.len()).enumerate().filter(|(_, part)| *part == NEXT.as_bytes());
    let ends: Vec<usize> = ends.map(|(at, _)| at).chain([data.len()]).collect();
    for (number, end) in ends.into_iter().take(20).enumerate() {
        let part = data.get(start..end).unwrap_or_default();
        std::fs::write(folder.path().join(format!("web-{number}.md")), part).expect("a file");
        start = end + NEXT.len();
    }
    accounted(&import::markdown(folder.path(), &Options::default()).expect("a folder"));
}

/// A plan.
pub fn plan(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(plan) = Plan::read(&text) else { return };
    let lines = text.lines().count();
    for (at, item) in plan.items.iter().enumerate() {
        assert!(item.line >= 1 && item.line <= lines && item.parent.is_none_or(|parent| parent < at));
    }
}

/// Three versions of a file: merged without a value that nobody wrote, and the other way round the same.
pub fn merge(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parts: Vec<&str> = text.split(NEXT).collect();
    let [base, ours, theirs] = parts[..] else { return };
    let bytes = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_owned());
    let (base, ours, theirs) = (bytes(base), bytes(ours), bytes(theirs));
    if ours == theirs || ours.is_none() && theirs.is_none() {
        return;
    }
    let id = ours.as_deref().and_then(|bytes| Issue::read(bytes, None).ok()).map(|issue| issue.front.id);
    for class in [FileClass::Settings, FileClass::Whole].into_iter().chain(id.map(FileClass::Issue)) {
        let (b, o, t) = (base.as_deref(), ours.as_deref(), theirs.as_deref());
        let one = merge_file(class, b, o, t, &mut |_: &str| Side::Ours);
        let other = merge_file(class, b, t, o, &mut |_: &str| Side::Theirs);
        let content = |pick: &Pick, ours: Option<&[u8]>, theirs: Option<&[u8]>| match pick {
            Pick::Side(Side::Ours) => ours.map(<[u8]>::to_owned),
            Pick::Side(Side::Theirs) => theirs.map(<[u8]>::to_owned),
            Pick::New(bytes) => Some(bytes.clone()),
        };
        assert_eq!(content(&one.pick, o, t), content(&other.pick, t, o), "whoever merges, the result is one");
    }
}

/// Lines that arrive one by one: messages of commits with their trailers, claims, lines of a reflog, times, paths, globs.
pub fn lines(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let message = Message::parse(&text);
    let _ = (message.op(), message.time());
    let again = Message::parse(&message.write());
    for lost in Lost::all(&message) {
        assert_eq!(Lost::parse(&lost.write()).as_ref(), Some(&lost), "a loss survives its trailer");
        let mut carrier = Message::default();
        carrier.add(LOST, &lost.write());
        assert_eq!(Lost::all(&carrier).collect::<Vec<_>>(), [lost]);
    }
    assert!(again.trailers.len() <= message.trailers.len());
    testing::read_claim(&text);
    for line in text.lines().take(100) {
        testing::read_reflog_line(line);
        testing::read_copy_path(line);
        if let Some(id) = issue_id(line) {
            assert_eq!(issue_path(id), line);
        }
        assert!(slug(line).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let packed = percent_encode(line, |c| c.is_ascii_alphanumeric());
        assert_eq!(percent_decode(&packed).as_deref(), Some(line));
        drop((percent_decode(line), Moment::parse(line), IssueId::parse(line)));
        if let Some(time) = Timestamp::parse(line) {
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }
        is_fit_to_print(&text::one_line(line));
        let glob = Glob::new(line);
        assert!(glob.overlaps(&glob) && glob.overlaps(&Glob::new("**")));
    }
    is_fit_to_print(&text::lines(&text));
}
