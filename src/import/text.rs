//! Texts as the model wants them: no blank lines at the end, titles of one line and at most 500 characters.

use crate::model::trim_blank_end;

/// The longest title, in characters.
const MAX_TITLE: usize = 500;

/// Drops the blank lines at the end, which the file format does not keep.
pub(super) fn clean(mut text: String) -> String {
    let length = trim_blank_end(&text).len();
    text.truncate(length);
    text
}

/// Returns the title as it can stand in a file. One that is too long, or of several lines, is cut or joined,
/// and stands whole in front of the description; then the reason is returned too.
pub(super) fn fit_title(title: String, description: &mut String) -> (String, Option<&'static str>) {
    let lines = title.trim().contains(['\n', '\r']);
    if !lines && title.chars().count() <= MAX_TITLE {
        let broken = title.contains(['\n', '\r']);
        return (if broken { title.trim().to_owned() } else { title }, None);
    }
    let whole = title.trim();
    let joined = whole.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
    let (short, reason) = if joined.chars().count() > MAX_TITLE {
        let mut short: String = joined.chars().take(MAX_TITLE - 1).collect();
        short.push('…');
        (short, "the title is longer than 500 characters; it was cut and stands whole in the description")
    } else {
        (joined, "the title has several lines; they were joined and stand apart in the description")
    };
    *description =
        if description.is_empty() { whole.to_owned() } else { format!("{whole}\n\n{description}") };
    (short, Some(reason))
}

/// Returns the prefix of a foreign id: what stands before its last hyphen.
pub(super) fn prefix_of(id: &str) -> &str {
    id.rsplit_once('-').map_or("", |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_fits_is_left_alone() {
        let mut description = "d".to_owned();
        assert_eq!(fit_title(" a ".into(), &mut description), (" a ".to_owned(), None));
        assert_eq!(fit_title("a\n".into(), &mut description), ("a".to_owned(), None));
        assert_eq!(fit_title("ä".repeat(500), &mut description).1, None);
        assert_eq!(description, "d");
    }

    #[test]
    fn a_long_title_stands_whole_in_the_description() {
        let long = "ä".repeat(501);
        let mut description = "d".to_owned();
        let (title, reason) = fit_title(long.clone(), &mut description);
        assert_eq!(title.chars().count(), 500);
        assert!(title.ends_with('…') && reason.is_some());
        assert_eq!(description, format!("{long}\n\nd"));
    }

    #[test]
    fn a_title_of_several_lines_is_joined() {
        let mut description = String::new();
        assert_eq!(fit_title("a\r\n\n b\n".into(), &mut description).0, "a b");
        assert_eq!(description, "a\r\n\n b");
    }

    #[test]
    fn prefixes_end_at_the_last_hyphen() {
        let prefixes = ["bd-a3f8.1", "my-app-x1", "none"].map(prefix_of);
        assert_eq!(prefixes, ["bd", "my-app", ""]);
    }
}
