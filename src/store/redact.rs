//! What may be shown of a text that comes from git or from a server: no passwords, no control characters, one line.

/// The longest text that goes into a message, in characters.
pub(super) const LONGEST: usize = 300;

/// Takes the passwords and tokens out of every URL in a text.
pub(super) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        let end = after.find(|c: char| c.is_whitespace() || "'\"<>`".contains(c)).unwrap_or(after.len());
        let url = &after[..end];
        let scheme = before[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        out.push_str(before);
        out.push_str(&url[login(scheme, url)..]);
        rest = &after[end..];
    }
    out + rest
}

/// Returns how much of a URL behind its scheme is a login that must not be shown. The name that ssh needs is no
/// secret; with HTTP a token often stands in the place of the name.
fn login(scheme: &str, url: &str) -> usize {
    let authority = &url[..url.find(['/', '?', '#']).unwrap_or(url.len())];
    let (user, end) = match authority.rfind('@') {
        Some(at) => (&authority[..at], at + 1),
        // A password with a slash in it, which is not how URLs are written but happens.
        None => match (authority.split_once(':'), url.rfind('@')) {
            (Some((_, port)), Some(at)) if !port.bytes().all(|b| b.is_ascii_digit()) => (authority, at + 1),
            _ => return 0,
        },
    };
    if user.contains(':') || !scheme.ends_with("ssh") { end } else { 0 }
}

/// Makes one line of a text that others wrote.
pub(super) fn one_line(text: &str) -> String {
    let words = redacted(text);
    let words: String = plain(&words).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

/// Takes out whole escape sequences: without their first character they would be litter.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = match after.strip_prefix('[') {
            Some(set) => {
                let end = set.trim_start_matches(|c| matches!(c, '0'..='?'));
                end.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(end)
            }
            None => after,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_login_is_shown() {
        for (text, expected) in [
            ("https://u:p@host/x.git", "https://host/x.git"),
            ("'https://ghp_token@host/x' and http://a:b@c:80/d", "'https://host/x' and http://c:80/d"),
            ("http://u:p@ss@host/x", "http://host/x"),
            ("http://u:pa/ss@host/x", "http://host/x"),
            ("ssh://git@host:22/x@y", "ssh://git@host:22/x@y"),
            ("git+ssh://git:secret@host/x", "git+ssh://host/x"),
            ("http://host:8080/x@y", "http://host:8080/x@y"),
            ("git@host:x.git, no URL", "git@host:x.git, no URL"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn a_line_is_a_line() {
        assert_eq!(one_line(" a\u{1b}[31m\n \u{1b}[1;4Hb\t"), "a b");
        assert_eq!(one_line(&"x".repeat(999)).chars().count(), LONGEST + 1);
    }
}
