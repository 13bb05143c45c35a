//! What is printed of any text: laws.

use proptest::prelude::*;
use quipu::output::text::{cut, lines, one_line, width};

/// Texts that are made of what hurts, with some letters in between.
fn nuisance() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "a",
        "b c",
        "\u{5d0}",
        "\u{5d1}1",
        "\u{202e}",
        "\u{202c}",
        "\u{2066}",
        "\u{2067}",
        "\u{2068}",
        "\u{2069}",
        "\u{200d}",
        "\u{1f468}",
        "\u{fe0f}",
        "\u{2764}",
        "漢",
        "\u{1b}[2J",
        "\u{9b}",
        "\u{7f}",
        "\n",
        "\r\n",
        "\t",
        "\u{301}",
        "\u{2028}",
        "\u{61c}",
        "é",
        "…",
    ]);
    prop::collection::vec(bits, 0..24).prop_map(|bits| bits.concat())
}

fn balance(text: &str) -> Option<i32> {
    text.chars().try_fold(0, |depth, c| match c {
        '\u{2068}' => Some(depth + 1),
        '\u{2069}' => (depth > 0).then_some(depth - 1),
        _ => Some(depth),
    })
}

proptest! {
    #[test]
    fn a_line_is_harmless_and_stays_as_it_is(text in nuisance()) {
        let line = one_line(&text);
        prop_assert!(!line.chars().any(char::is_control));
        let overrides = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}' | '\u{2028}' | '\u{61c}');
        prop_assert!(!line.contains(overrides));
        prop_assert_eq!(balance(&line), Some(0));
        prop_assert_eq!(one_line(&line), line);
    }

    #[test]
    fn two_lines_beside_each_other_are_one(a in nuisance(), b in nuisance()) {
        let both = format!("{} {}", one_line(&a), one_line(&b));
        prop_assert_eq!(one_line(&both), both);
    }

    #[test]
    fn what_is_cut_fits(text in nuisance(), columns in 0_usize..30) {
        let line = one_line(&text);
        let short = cut(&line, columns);
        prop_assert!(width(&short) <= columns, "{short:?} is wider than {columns}");
        prop_assert_eq!(balance(&short), Some(0));
        if width(&line) <= columns {
            prop_assert_eq!(short, if columns == 0 { String::new() } else { line });
        }
    }

    #[test]
    fn several_lines_are_harmless(text in nuisance()) {
        let shown = lines(&text);
        prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        prop_assert!(shown.split('\n').all(|line| balance(line) == Some(0)));
        prop_assert_eq!(lines(&shown), shown);
    }
}
