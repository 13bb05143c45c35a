//! `qp init`, `create`, `q`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn creates_and_prints_the_key() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "Fix the login", "-t", "bug", "-p", "1", "-l", "auth,backend"]),
        str![[r#"
created web-r7j2: Fix the login

"#]]
    );
}

#[test]
fn init_is_idempotent() {
    let env = Env::git();
    snapshot!(
        env.qp(["init"]),
        str![[r#"
started a tracker on the branch quipu-sync with prefix repo
[stderr]
next: qp create "What is to be done"

"#]]
    );
    snapshot!(
        env.qp(["init", "--prefix", "other"]),
        str![[r#"
there is a tracker on the branch quipu-sync already, with prefix repo and 0 issues
[stderr]
warning: its prefix stays repo; --prefix other was not applied

"#]]
    );
    env.fsck();
}
