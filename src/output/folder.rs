//! The Markdown export: the files of the issues themselves, under names that every file system takes.

use std::fmt::Write as _;

/// Names that Windows keeps for devices, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns the file name for an issue with this key: the key and `.md`. Characters that are not safe in a file
/// name are percent-encoded, and so is the first letter of a name that Windows keeps for itself.
pub fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 3);
    let device = is_device(key);
    for (at, byte) in key.bytes().enumerate() {
        let safe = byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || byte == b'.' && at > 0;
        if safe && !(device && at == 0) {
            name.push(char::from(byte));
        } else {
            write!(name, "%{byte:02x}").expect("writing to a string cannot fail");
        }
    }
    name.push_str(".md");
    name
}

fn is_device(key: &str) -> bool {
    let name = key.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    DEVICES.contains(&name.as_str()) || port.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn keys_become_file_names() {
        let names = ["bd-a3f8.1", "web-7k2m~x", "a/b c", "..", "nul", "com1.x", "é"].map(file_name);
        let safe = ["bd-a3f8.1", "web-7k2m~x", "a%2fb%20c", "%2e.", "%6eul", "%63om1.x", "%c3%a9"];
        assert_eq!(names, safe.map(|n| format!("{n}.md")));
    }
}
