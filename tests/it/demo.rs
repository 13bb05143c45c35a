//! `qp demo`

use crate::env::Env;

#[test]
fn plays_the_main_job_and_leaves_nothing_behind() {
    let mut env = Env::bare();
    let temporary = env.root().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    env.set("TMPDIR", temporary.to_str().expect("UTF-8"));
    let run = env.qp_in(&temporary, ["demo"], &[], "").success();
    for line in ["codex@sandbox$ qp claim", "[exit 6]", "ready now web-", "1 checked: closed"] {
        assert!(run.stdout.contains(line), "{line} is missing in\n{run}");
    }
    assert_eq!(std::fs::read_dir(&temporary).expect("the folder").count(), 0, "the folder is removed");
}

#[test]
fn keeps_the_folder_where_it_is_asked_to() {
    let mut env = Env::bare();
    let root = env.root().to_str().expect("UTF-8").to_owned();
    env.set("TMPDIR", &root);
    let run = env.qp_in(env.root(), ["demo", "--keep"], &[], "").success();
    let folder = run.stderr.trim().rsplit(' ').next().expect("a path").to_owned();
    env.run_git(&std::path::Path::new(&folder).join("laptop"), &["fsck", "--strict"]);
}
