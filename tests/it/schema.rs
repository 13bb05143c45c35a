//! `qp schema`

use serde_json::Value;
use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// A schema is asked for where there is no tracker, and no repository.
fn schema(words: &[&str]) -> crate::env::Run {
    let env = Env::bare();
    env.qp_in(env.root(), [&["schema"], words].concat(), &[], "")
}

#[test]
fn lists_what_there_is() {
    let run = schema(&[]).success();
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "create               Created; array of Row; Planted; Draft; array of Draft");
    assert!(
        lines.iter().any(|line| line.starts_with("dep tree ") && line.ends_with(" array of TreeNode")),
        "{run}"
    );
    assert!(run.stderr.contains("qp schema COMMAND"), "{run}");
    assert_eq!(schema(&["-q"]).stderr, "");
    let list = schema(&["--json"]).success().json();
    assert_eq!(list["commands"][0]["documents"][1]["when"], "from a plan");
    assert!(list["documents"].as_array().is_some_and(|names| names.contains(&"Error".into())));
}

#[test]
fn of_a_document() {
    let run = schema(&["comment"]).success().json();
    assert_eq!(run["title"], "qp comment --json");
    snapshot!(
        schema(&["Pair"]).success(),
        str![[r##"
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Pair",
  "anyOf": [
    {
      "$ref": "#/$defs/Pair"
    }
  ],
  "$defs": {
    "Pair": {
      "type": "object",
      "properties": {
        "id1": {
          "type": "string",
          "description": "the one issue"
        },
        "id2": {
          "type": "string",
          "description": "the other"
        },
        "related": {
          "type": "boolean",
          "description": "true where they refer to each other now"
        },
        "unrelated": {
          "type": "boolean",
          "description": "true where they do not any more"
        }
      },
      "required": [
        "id1",
        "id2"
      ],
      "additionalProperties": true
    }
  },
  "schema_version": 1
}

"##]]
    );
}

/// All forms of its result, and all documents that stand in them.
#[test]
fn of_a_command() {
    let ready = schema(&["ready"]).success().json();
    let forms = ready["anyOf"].as_array().expect("forms");
    let refs: Vec<&Value> =
        forms.iter().map(|form| form.get("$ref").unwrap_or(&form["items"]["$ref"])).collect();
    assert_eq!(refs[..2], ["#/$defs/Ready", "#/$defs/Explained"]);
    assert_eq!(forms[1]["required"], Value::from(vec!["schema_version"]));
    let definitions = ready["$defs"].as_object().expect("definitions");
    let text = ready.to_string();
    for name in text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(definitions.contains_key(name), "{name} is not defined");
    }
    for words in [&["dep", "add"][..], &["qp", "ready"], &["ls"], &["dep", "rm"], &["stats"], &["error"]] {
        schema(words).success();
    }
    assert_eq!(schema(&["ls"]).stdout, schema(&["list"]).stdout);
    assert_eq!(schema(&["list", "--json"]).stdout, schema(&["list"]).stdout);
}

#[test]
fn of_nothing_known() {
    snapshot!(
        schema(&["raedy"]),
        str![[r#"
[stderr]
error: there is no schema of raedy
hint: qp schema ready; qp schema lists all
[exit 3]

"#]]
    );
    snapshot!(
        schema(&["attic", "shwo"]),
        str![[r#"
[stderr]
error: there is no schema of attic shwo
hint: qp schema attic show; qp schema lists all
[exit 3]

"#]]
    );
    snapshot!(
        schema(&["label"]),
        str![[r#"
[stderr]
error: there is no schema of label
hint: qp schema label add; qp schema lists all
[exit 3]

"#]]
    );
    snapshot!(
        schema(&["\u{1b}[31m"]),
        str![[r#"
[stderr]
error: there is no schema of ␛[31m
hint: qp schema lists all
[exit 3]

"#]]
    );
}
