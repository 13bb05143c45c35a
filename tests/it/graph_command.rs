//! `qp graph`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Whole \"thing\" #1 <b>", "--id", "web-epic", "-t", "epic"]);
    create(&["Design", "--id", "web-design", "--parent", "web-epic"]);
    create(&["Build", "--id", "web-build", "--parent", "web-epic", "--deps", "web-design", "-p", "1"]);
    create(&["Release", "--id", "web-release", "--deps", "web-epic"]);
    create(&["Alone", "--id", "web-alone"]);
    create(&["Done", "--id", "web-done", "--parent", "web-epic"]);
    env.qp(["close", "web-done"]).success();
    env
}

#[test]
fn layer_by_layer() {
    let env = tracker();
    snapshot!(
        env.qp(["graph"]),
        str![[r#"
1. wait for no other:
  web-design  P2  task  Design
2. after 1:
  web-build  P1  task  Build  (waits for web-design)
3. after 2:
  web-epic  P2  epic  Whole "thing" #1 <b>  (waits for web-design, web-build)
4. after 3:
  web-release  P2  task  Release  (waits for web-epic)
[stderr]
1 open with no relation to another open issue: qp list

"#]]
    );
    assert_eq!(env.qp(["graph", "--all"]).stdout, env.qp(["graph"]).stdout);
    let document = env.json(["graph"]);
    let issues = document["issues"].as_array().expect("an array");
    let layers: Vec<_> = issues.iter().map(|issue| (issue["id"].clone(), issue["layer"].clone())).collect();
    let expected = [("web-epic", 3), ("web-design", 1), ("web-build", 2), ("web-release", 4)];
    assert_eq!(layers, expected.map(|(id, layer)| (id.into(), layer.into())));
    assert_eq!(document["dependencies"].as_array().map(Vec::len), Some(4));
    snapshot!(
        Env::new().qp(["graph"]),
        str![[r#"
[stderr]
no open issues

"#]]
    );
}

#[test]
fn around_one_issue() {
    let env = tracker();
    assert_eq!(
        env.qp(["graph", "web-build"]).success().stdout,
        env.qp(["dep", "tree", "web-build", "--direction", "both"]).success().stdout
    );
    let document = env.json(["graph", "web-epic"]);
    assert_eq!(document["root"], "web-epic");
    let issues = document["issues"].as_array().expect("an array");
    let done = issues.iter().find(|issue| issue["id"] == "web-done").expect("closed parts are shown");
    assert!(done.get("layer").is_none());
    env.qp(["graph", "web-epic", "--all"]).exits(2);
    env.qp(["graph", "web-nobody"]).exits(3);
}

#[test]
fn diagrams() {
    let env = tracker();
    snapshot!(
        env.qp(["graph", "--dot", "--quiet"]),
        str![[r#"
digraph dependencies {
  "web-epic" [label="web-epic: Whole \"thing\" #1 <b> [open]"];
  "web-design" [label="web-design: Design [open]"];
  "web-build" [label="web-build: Build [open]"];
  "web-release" [label="web-release: Release [open]"];
  "web-epic" -> "web-design" [label="contains"];
  "web-epic" -> "web-build" [label="contains"];
  "web-build" -> "web-design" [label="waits for"];
  "web-release" -> "web-epic" [label="waits for"];
}

"#]]
    );
    snapshot!(
        env.qp(["graph", "web-design", "--mermaid"]),
        str![[r#"
flowchart TD
  i0["web-epic: Whole #quot;thing#quot; #35;1 #lt;b#gt; [open]"]
  i1["web-design: Design [open]"]
  i2["web-build: Build [open]"]
  i3["web-release: Release [open]"]
  i0 -->|contains| i1
  i0 -->|contains| i2
  i2 -->|waits for| i1
  i3 -->|waits for| i0

"#]]
    );
    for (flag, format) in [("--dot", "dot"), ("--mermaid", "mermaid")] {
        assert_eq!(env.qp(["graph", "--format", format]).stdout, env.qp(["graph", flag]).stdout);
        assert_eq!(env.qp(["graph", &format!("--format={format}")]).stdout, env.qp(["graph", flag]).stdout);
    }
    assert_eq!(env.qp(["graph", "--format", "json"]).stdout, env.qp(["graph", "--json"]).stdout);
    env.qp(["graph", "--format", "svg"]).exits(2);
    env.qp(["list", "--format", "svg"]).exits(2);
}

/// Issues that wait for each other, which only other programs can write, are shown all the same.
#[test]
fn a_circle_is_shown() {
    let env = Env::new();
    let first = env.create(["First"]);
    let second = env.create(["Second", "--deps", &first]);
    env.create(["Behind", "--deps", &second]);
    let uid = env.json(["show", &second])[0]["uid"].as_str().expect("an identity").to_owned();
    env.rewrite(&first, |text| text.replace("priority: 2\n", &format!("priority: 2\nblocked_by: [{uid}]\n")));
    snapshot!(
        env.qp(["graph"]),
        str![[r#"
on a circle, or behind one (qp dep cycles):
  web-r7j2  P2  task  First  (waits for web-3ac9)
  web-3ac9  P2  task  Second  (waits for web-r7j2)
  web-hc1g  P2  task  Behind  (waits for web-3ac9)

"#]]
    );
}

#[test]
fn a_diagram_is_no_document() {
    let env = Env::new();
    let key = env.create(["Draw"]);
    for line in
        [&["graph", "--dot"][..], &["list", "--format", "mermaid"], &["dep", "tree", &key, "--format", "dot"]]
    {
        let run = env.qp([line, &["--json"]].concat()).exits(2);
        assert!(run.stdout.is_empty() && run.stderr.contains("a diagram is no JSON document"), "{run}");
        env.qp(line).success();
    }
}
