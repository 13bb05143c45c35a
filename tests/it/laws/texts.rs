//! How the texts of a history change: line by line, or as a whole.

use quipu::model::{Issue, RawSection};

use super::ops::{Op, Text};
use super::writes::value;

/// What happens to the lines of a text.
type Change<'a> = Box<dyn Fn(&mut Vec<String>) + 'a>;

fn text_mut(issue: &mut Issue, text: Text) -> &mut String {
    match text {
        Text::Description => &mut issue.body.description,
        Text::Notes => &mut issue.body.notes,
        Text::Acceptance => &mut issue.body.acceptance,
    }
}

fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split('\n').map(str::to_owned).collect() }
}

/// A line of a text: every third is an entry of a checklist.
fn line(number: u8, step: i64) -> String {
    let value = value(number, step);
    if number.is_multiple_of(3) { format!("- [ ] {value}") } else { value }
}

/// Changes a text, where the operation is about one.
pub fn text(issue: &mut Issue, op: &Op, step: i64) {
    let (which, change): (Text, Change<'_>) = match op {
        Op::Append(_, t, v) => (*t, Box::new(move |lines| lines.push(line(*v, step)))),
        Op::InsertLine(_, t, at, v) => {
            (*t, Box::new(move |lines| lines.insert(usize::from(*at) % (lines.len() + 1), line(*v, step))))
        }
        Op::EditLine(_, t, at, v) => (*t, Box::new(move |lines| edit(lines, *at, |l| *l = line(*v, step)))),
        Op::RemoveLine(_, t, at) => (
            *t,
            Box::new(move |lines| {
                if !lines.is_empty() {
                    lines.remove(usize::from(*at) % lines.len());
                }
            }),
        ),
        Op::Tick(_, t, at) => (*t, Box::new(move |lines| tick(lines, *at))),
        Op::Empty(_, t) => (*t, Box::new(Vec::clear)),
        Op::Rewrite(_, t, v) => {
            (*t, Box::new(move |lines| *lines = vec![line(*v, step), format!("{} end", value(*v, step))]))
        }
        Op::Section(_, m, v) => {
            let marker = ["<!-- qp:x-a -->", "<!-- qp:title -->"][usize::from(*m) % 2].to_owned();
            match v % 5 {
                0 => issue.body.unknown.retain(|s| s.marker != marker),
                _ => match issue.body.unknown.iter_mut().find(|s| s.marker == marker && v % 5 < 4) {
                    Some(section) => section.text = value(*v, step),
                    None => issue.body.unknown.push(RawSection { marker, text: value(*v, step) }),
                },
            }
            return;
        }
        _ => return,
    };
    let text = text_mut(issue, which);
    let mut found = lines(text);
    change(&mut found);
    *text = found.join("\n");
}

fn edit(lines: &mut [String], at: u8, change: impl Fn(&mut String)) {
    let at = usize::from(at) % lines.len().max(1);
    if let Some(line) = lines.get_mut(at) {
        change(line);
    }
}

/// Ticks an entry of a checklist, or takes the tick away.
fn tick(lines: &mut [String], at: u8) {
    let entries: Vec<usize> = (0..lines.len()).filter(|l| lines[*l].starts_with("- [")).collect();
    if let Some(entry) = entries.get(usize::from(at) % entries.len().max(1)) {
        let line = &mut lines[*entry];
        *line = match line.strip_prefix("- [ ]") {
            Some(rest) => format!("- [x]{rest}"),
            None => format!("- [ ]{}", &line[5..]),
        };
    }
}
