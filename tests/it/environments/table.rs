//! Reads `rows.txt`: sections, rows of three parts, and below each row the names of its tests.

/// One environment, fact or setting that has a consequence.
pub struct Row {
    pub section: &'static str,
    pub id: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What qp does there.
    pub does: &'static str,
    /// The full names of the tests that show it.
    pub tests: Vec<&'static str>,
}

/// Stands in the place of tests that are not written yet.
const PENDING: &str = "pending";

impl Row {
    /// Tells whether its tests are still to come.
    pub fn is_pending(&self) -> bool {
        self.tests == [PENDING]
    }
}

/// Returns all rows, in order.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut section = "";
    for line in include_str!("rows.txt").lines().filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        } else if let Some(test) = line.strip_prefix("  ") {
            rows.last_mut().expect("a row before its tests").tests.push(test);
        } else {
            let parts: Vec<&str> = line.split(" | ").collect();
            let [id, what, does] = parts[..] else { panic!("not three parts: {line}") };
            rows.push(Row { section, id, what, does, tests: Vec::new() });
        }
    }
    rows
}
