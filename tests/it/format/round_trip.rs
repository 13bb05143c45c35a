//! Write, then read: the same. Read, then write: canonical once and for all.

use proptest::prelude::*;
use quipu::model::{
    Body, FIELDS, Front, Issue, Settings, Timestamp, read_front_yaml, read_row_parts, trim_blank_end,
    write_front,
};

use super::arbitrary::{self, trimmed};

fn bare_front() -> Front {
    Front { title: "x".to_owned(), kind: "task".to_owned(), ..Front::default() }
}

proptest! {
    #[test]
    fn an_issue_survives(issue in arbitrary::issue()) {
        let text = issue.write();
        let read = Issue::read(text.as_bytes(), Some(issue.front.id)).expect("what is written can be read");
        prop_assert_eq!(&read, &trimmed(issue));
        prop_assert_eq!(read.write(), text.as_str());
        prop_assert_eq!(read.write_checked(), Ok(text));
    }

    #[test]
    fn the_yaml_reader_agrees(front in arbitrary::front()) {
        let mut text = String::new();
        write_front(&mut text, &front);
        prop_assert_eq!(read_front_yaml(&text, None), Ok(front));
    }

    #[test]
    fn a_row_is_the_issue_without_its_texts(issue in arbitrary::issue(), cut in any::<prop::sample::Index>()) {
        let text = issue.write();
        let whole = Issue::read(text.as_bytes(), None);
        let row = read_row_parts(text.as_bytes(), None);
        prop_assert_eq!(&row, &whole.map(|i| (i.front, i.body.comments.len() as u32)));
        // Any other text as well.
        let cut = cut.index(text.len());
        let bytes = &text.as_bytes()[..cut];
        let whole = Issue::read(bytes, None).map(|i| (i.front, i.body.comments.len() as u32));
        prop_assert_eq!(read_row_parts(bytes, None), whole);
    }

    #[test]
    fn any_text_is_a_body_and_canonical_after_one_write(text in arbitrary::long_text()) {
        let body = Body::parse(&text);
        prop_assert_eq!(Body::count_comments(&text) as usize, body.comments.len());
        let written = body.to_text();
        let again = Body::parse(&written);
        prop_assert_eq!(again.to_text(), written);
        prop_assert_eq!(again, body);
    }

    #[test]
    fn trimming_twice_changes_nothing(text in arbitrary::text()) {
        let once = trim_blank_end(&text);
        prop_assert_eq!(trim_blank_end(once), once);
    }

    #[test]
    fn what_can_be_read_is_canonical_after_one_write(lines in prop::collection::vec(arbitrary::extra(), 0..5), text in arbitrary::text(), at in 0usize..6) {
        let mut lines: Vec<String> = lines.into_iter().map(|(_, text)| text).collect();
        lines.insert(at.min(lines.len()), text + "\n");
        let file = format!("---\nid: {}\ntitle: x\n{}---\n", super::ID, lines.concat());
        if let Ok(issue) = super::read_file(&file) {
            let written = issue.write();
            let again = super::read_file(&written).expect("what is written can be read");
            prop_assert_eq!(again.write(), written);
            prop_assert_eq!(again, issue);
        }
    }

    #[test]
    fn settings_survive(prefix in arbitrary::prefix(), more in prop::collection::btree_set(arbitrary::prefix(), 0..3), extra in prop::collection::vec(arbitrary::extra(), 0..3), format in 1u32..9) {
        let mut settings = Settings { format, extra: extra.into_iter().collect(), ..Settings::new(&prefix) };
        settings.prefixes.extend(more);
        settings.extra.remove("format");
        settings.extra.remove("prefix");
        prop_assert_eq!(Settings::read(&settings.write()), Ok(settings));
    }

    #[test]
    fn times_are_read_as_chrono_reads_them(time in arbitrary::time(), at in 0usize..24, byte in "[0-9TZ:. -]") {
        let text = time.to_string();
        prop_assert_eq!(Timestamp::parse(&text), Some(time));
        let mut changed = text;
        changed.replace_range(at..=at, &byte);
        // With a zone in figures only chrono knows the form.
        let spelled = changed.strip_suffix('Z').map(|t| format!("{t}+00:00"));
        if let Some(spelled) = spelled.filter(|s| !s.contains(":60.")) {
            prop_assert_eq!(Timestamp::parse(&changed), Timestamp::parse(&spelled));
        }
    }
}

#[test]
fn every_field_survives_whatever_its_value() {
    for field in FIELDS {
        let config = ProptestConfig { cases: 64, ..ProptestConfig::default() };
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let run = runner.run(&arbitrary::value(field), |value| {
            let mut front = bare_front();
            field.set(&mut front, Some(value));
            let mut text = String::new();
            write_front(&mut text, &front);
            prop_assert_eq!(read_front_yaml(&text, None), Ok(front.clone()));
            let issue = Issue { front, body: Body::default() };
            prop_assert_eq!(Issue::read(issue.write().as_bytes(), None), Ok(issue));
            Ok(())
        });
        run.unwrap_or_else(|e| panic!("{}: {e}", field.key));
    }
}

#[test]
fn a_value_that_no_reader_would_take_is_refused_on_write() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let mut issue = Issue { front: bare_front(), body: Body::default() };
    issue.front.metadata.insert("deep".to_owned(), deep);
    assert_eq!(issue.write_checked().expect_err("too deep").message, "nested more than 64 deep");
    issue.front.metadata.clear();
    issue.body.description = "x".repeat(1 << 20);
    assert!(issue.write_checked().expect_err("too big").message.starts_with("the file has 1048"));
}
