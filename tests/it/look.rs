//! How text looks: at 40, 80 and 200 columns, with colour and without, with titles that are wide, that run from right
//! to left, or that mean harm. The pages are in `look/`; `SNAPSHOTS=overwrite` updates them.

mod text;

use unicode_width::UnicodeWidthStr;

use crate::env::Env;

/// Every command is asked at the same moment.
const NOW: (&str, &str) = ("QP_TEST_NOW", "2026-01-07T12:00:00.000Z");
const WIDTHS: [usize; 3] = [40, 80, 200];

/// A tracker whose titles are a nuisance.
pub fn tracker() -> Env {
    let env = Env::new();
    let create = |id: &str, title: &str, more: &[&str]| {
        env.qp([&["create", title, "--id", id], more].concat()).success();
    };
    create("web-epic", "\u{dc}berarbeitung der Anmeldung", &["-t", "epic", "-l", "auth", "-p", "1"]);
    create("web-cjk", &"長い題名はどこかで切られる".repeat(6), &["--parent", "web-epic", "-l", "日本語,ui"]);
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    create("web-emoji", &format!("{family} sees \u{2764}\u{fe0f} ").repeat(9), &["--parent", "web-epic"]);
    let hebrew = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 12 \u{5e2}\u{5d5}\u{5dc}\u{5dd}";
    create("web-rtl", hebrew, &["-l", "\u{5ea}\u{5d5}\u{5d5}\u{5d9}\u{5ea}", "-a", "\u{5d3}\u{5e0}\u{5d4}"]);
    create("web-over", "abc \u{202e}fdp.exe\u{202c} \u{2069}\u{2067} def", &["--parent", "web-rtl"]);
    let words = "A long title in plain letters which says more than most terminals can show on one line. ";
    create(
        "web-long",
        &words.repeat(3),
        &["-l", "one,two,three,four,five", "-a", "somebody-with-a-name", "-p", "0"],
    );
    create("web-wait", &words.repeat(2), &["--deps", "web-rtl,web-cjk", "-l", "waiting"]);
    create("web-later", "Not now", &["--defer", "2026-02-01"]);
    create("web-mine", "What somebody works on", &["-t", "bug"]);
    create("web-old", "What is done", &["-t", "chore"]);
    env.qp(["claim", "web-mine"]).success();
    env.qp(["close", "web-old", "-r", "it works \u{202e}now"]).success();
    let escape = "Clear \u{1b}[2J\u{1b}]0;title\u{7} the\u{9b}1m screen";
    env.rewrite("web-later", |file| {
        let line = format!("title: \"{}\"", escape.escape_unicode().to_string().replace("\\u{", "\\U{"));
        // YAML wants eight digits.
        let digits = |part: &str| {
            part.split_once('}').map_or(part.to_owned(), |(hex, rest)| format!("\\U{hex:0>8}{rest}"))
        };
        let line = line.split("\\U{").map(digits).collect::<String>();
        file.replace("title: Not now", &line)
    });
    env.qp(["comment", "web-rtl", &format!("\u{1b}[31mred\u{1b}[0m\nand {hebrew} too\n\u{202e}reversed")])
        .success();
    env
}

/// Runs a command as a person at a terminal of some width sees it.
fn seen(env: &Env, args: &[&str], columns: usize, colour: bool) -> String {
    let columns = columns.to_string();
    let mut vars = vec![NOW, ("COLUMNS", columns.as_str()), ("QP_TEST_TERMINAL", "1")];
    if !colour {
        vars.push(("NO_COLOR", "1"));
    }
    env.qp_in(&env.repo(), args, &vars, "").success().to_string()
}

/// Colours as words.
fn without_colour(text: &str) -> String {
    let styles = [
        ("\u{1b}[0m", ""),
        ("\u{1b}[1m", ""),
        ("\u{1b}[2m", ""),
        ("\u{1b}[31m", ""),
        ("\u{1b}[33m", ""),
        ("\u{1b}[36m", ""),
    ];
    styles.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Colours and isolates as something that can be seen.
fn visible(text: &str) -> String {
    let marks = [
        ("\u{1b}[0m", "</>"),
        ("\u{1b}[1m", "<bold>"),
        ("\u{1b}[2m", "<dim>"),
        ("\u{1b}[31m", "<red>"),
        ("\u{1b}[33m", "<yellow>"),
        ("\u{1b}[36m", "<cyan>"),
        ("\u{2068}", "⟨"),
        ("\u{2069}", "⟩"),
    ];
    marks.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Nothing in a text is obeyed, and nothing reorders what stands beside it.
#[track_caller]
fn harmless(text: &str) {
    for line in text.lines() {
        let mut depth = 0_i32;
        for c in line.chars() {
            assert!(!c.is_control(), "a control character in {line:?}");
            assert!(
                !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}'),
                "an override in {line:?}"
            );
            depth += i32::from(c == '\u{2068}') - i32::from(c == '\u{2069}');
            assert!(depth >= 0, "an isolate that was not begun in {line:?}");
            let runs_left = matches!(c, '\u{590}'..='\u{8ff}');
            let is_text = line.starts_with("and ") || line.starts_with("\\u");
            assert!(!runs_left || depth > 0 || is_text, "not isolated in {line:?}");
        }
        assert_eq!(depth, 0, "an isolate without an end in {line:?}");
    }
}

/// Prints a command in all shapes, and checks what must hold in each.
#[track_caller]
fn page(args: &[&str], lines_fit: bool) -> String {
    let env = tracker();
    let mut page = String::new();
    for columns in WIDTHS {
        let plain = seen(&env, args, columns, false);
        harmless(&plain);
        if lines_fit {
            let fits =
                |line: &&str| line.width() <= columns || line.starts_with('…') || line.contains("[stderr]");
            let wide: Vec<&str> = plain.lines().filter(|line| !fits(line)).collect();
            assert!(wide.is_empty(), "wider than {columns} columns: {wide:#?}");
        }
        page.push_str(&format!("== {columns} columns\n{}\n", visible(&plain)));
        let coloured = seen(&env, args, columns, true);
        assert_eq!(without_colour(&coloured), plain, "colour changes the text at {columns} columns");
        if columns == 80 {
            page.push_str(&format!("== {columns} columns, with colour\n{}\n", visible(&coloured)));
        }
    }
    let piped = env.qp_in(&env.repo(), args, &[NOW], "").success().to_string();
    harmless(&piped);
    page + &format!("== not a terminal\n{}", visible(&piped))
}

#[test]
fn list() {
    snapbox::assert_data_eq!(page(&["list"], true), snapbox::file!["look/list.txt"].raw());
}

#[test]
fn list_flat_and_all() {
    snapbox::assert_data_eq!(page(&["list", "--flat", "--all"], true), snapbox::file!["look/flat.txt"].raw());
}

#[test]
fn list_tree() {
    snapbox::assert_data_eq!(page(&["list", "--tree", "--all"], true), snapbox::file!["look/tree.txt"].raw());
}

#[test]
fn list_plain() {
    snapbox::assert_data_eq!(page(&["list", "--plain"], false), snapbox::file!["look/plain.txt"].raw());
}

#[test]
fn ready() {
    snapbox::assert_data_eq!(page(&["ready"], true), snapbox::file!["look/ready.txt"].raw());
}

#[test]
fn explain() {
    snapbox::assert_data_eq!(page(&["ready", "--explain"], true), snapbox::file!["look/explain.txt"].raw());
}

#[test]
fn show() {
    snapbox::assert_data_eq!(
        page(&["show", "web-rtl", "web-later"], false),
        snapbox::file!["look/show.txt"].raw()
    );
}

#[test]
fn status() {
    snapbox::assert_data_eq!(page(&["status"], false), snapbox::file!["look/status.txt"].raw());
}

#[test]
fn blocked() {
    snapbox::assert_data_eq!(page(&["blocked"], true), snapbox::file!["look/blocked.txt"].raw());
}

#[test]
fn search() {
    snapbox::assert_data_eq!(page(&["search", "title"], true), snapbox::file!["look/search.txt"].raw());
}

#[test]
fn comments() {
    snapbox::assert_data_eq!(
        page(&["comments", "web-rtl"], false),
        snapbox::file!["look/comments.txt"].raw()
    );
}

#[test]
fn a_tree_is_for_people() {
    let env = Env::new();
    env.create(["Whole", "-t", "epic", "--id", "web-a", "-p", "3"]);
    env.create(["Part", "--id", "web-b", "--parent", "web-a", "-p", "0"]);
    let tree = "web-a    P3  epic  Whole\n  web-b  P0  task  Part\n";
    let flat = "web-b  P0  task  Part\nweb-a  P3  epic  Whole\n";
    assert_eq!(seen(&env, &["list"], 80, false), tree);
    assert_eq!(seen(&env, &["list", "--flat"], 80, false), flat);
    assert_eq!(seen(&env, &["list", "--flat", "--tree"], 80, false), tree);
    // Whoever asks for an order gets it.
    assert_eq!(seen(&env, &["list", "--sort", "id", "--reverse"], 80, false), flat);
    assert_eq!(env.qp(["list"]).success().stdout, flat);
    assert_eq!(env.qp(["list", "--tree"]).success().stdout, tree);
}
