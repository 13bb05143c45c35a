//! The sentences of `--fix`: each kind of repair in both forms, as `--dry-run` and as `--fix` says it.

use quipu::model::{IssueId, Ref, Relation};
use quipu::query::{Excess, Mend};
use snapbox::{assert_data_eq, str};

use super::{LOGIN, NOTES};

/// One of each kind; the compiler says when one is missing.
fn every_kind() -> Vec<Mend> {
    let (id, other) = (IssueId::parse(LOGIN).expect("an id"), IssueId::parse(NOTES).expect("an id"));
    let text = str::to_owned;
    let all = vec![
        Mend::State(id, Excess::Claim),
        Mend::State(id, Excess::Closing),
        Mend::State(id, Excess::NoTime),
        Mend::Unlink(id, Relation::from_text("blocks"), Ref::Id(other)),
        Mend::Rename(vec![(id, Some(text("web-same-7k2m"))), (other, None)]),
        Mend::Rename(vec![(id, None)]),
        Mend::Release(id),
        Mend::Restore { path: text("quipu.yml"), has_text: true },
        Mend::Restore { path: text("quipu.yml"), has_text: false },
        Mend::DropSnapshot,
        Mend::DropSearchFile,
        Mend::DropFile(text("FILE")),
        Mend::DropRefs(text("refs/quipu/remotes/gone/")),
        Mend::SetAside(text("FILE")),
        Mend::FreeMaintenance(text("FILE")),
        Mend::Heal(None),
        Mend::Heal(Some(text("COMMIT"))),
        Mend::Keep { commit: text("COMMIT"), name: text("refs/quipu/rescue/COMMIT") },
        Mend::Follow(text("FOLDER")),
        Mend::Fetch(vec![text("OBJECT")]),
        Mend::Fetch(vec![text("OBJECT"), text("OBJECT")]),
        Mend::PruneOutbox(text(".quipu/outbox/s1.bundle")),
        Mend::Pack,
    ];
    for mend in &all {
        match mend {
            Mend::State(..)
            | Mend::Unlink(..)
            | Mend::Rename(_)
            | Mend::Release(_)
            | Mend::Restore { .. } => {}
            Mend::DropSnapshot | Mend::DropSearchFile | Mend::DropFile(_) | Mend::DropRefs(_) => {}
            Mend::SetAside(_) | Mend::FreeMaintenance(_) | Mend::Heal(_) | Mend::Keep { .. } => {}
            Mend::Follow(_) | Mend::Fetch(_) | Mend::PruneOutbox(_) | Mend::Pack => {}
        }
    }
    all
}

#[test]
fn each_reads_right_before_and_after() {
    let lines = |mend: Mend| format!("--fix {}\nfixed: {}\n", mend.planned(), mend.done());
    let text: String = every_kind().into_iter().map(lines).collect();
    assert_data_eq!(
        text,
        str![[r#"
--fix would remove what belongs to a claim
fixed: removed what belongs to a claim
--fix would remove what belongs to a closed issue
fixed: removed what belongs to a closed issue
--fix would take the time of the last change as closed_at
fixed: took the time of the last change as closed_at
--fix would remove the reference to 01kfn6tfn3n7h5b39ztztw7k3n (blocks)
fixed: removed the reference to 01kfn6tfn3n7h5b39ztztw7k3n (blocks)
--fix would give the later issues keys of their own: web-same-7k2m
fixed: gave the later issues keys of their own: web-same-7k2m
--fix would give the later issues the keys that derive from their identities
fixed: gave the later issues the keys that derive from their identities
--fix would open it again, for whoever wants it
fixed: opened it again, for whoever wants it
--fix would restore quipu.yml as it was when it could be read, with the unreadable text in the attic
fixed: restored quipu.yml as it was when it could be read, with the unreadable text in the attic
--fix would restore quipu.yml as it was when it could be read
fixed: restored quipu.yml as it was when it could be read
--fix would delete the snapshot file
fixed: deleted the snapshot file
--fix would delete the search file
fixed: deleted the search file
--fix would delete FILE
fixed: deleted FILE
--fix would delete the refs below refs/quipu/remotes/gone/
fixed: deleted the refs below refs/quipu/remotes/gone/
--fix would move it to FILE
fixed: moved it to FILE
--fix would move it to FILE
fixed: moved it to FILE
--fix would move it aside, for what the remote, the branch's log or an earlier version has
fixed: moved it aside, for what the remote, the branch's log or an earlier version has
--fix would move the branch to COMMIT, where its log says that it stood
fixed: moved the branch to COMMIT, where its log says that it stood
--fix would keep it by the ref refs/quipu/rescue/COMMIT
fixed: kept it by the ref refs/quipu/rescue/COMMIT
--fix would bring FOLDER forward
fixed: brought FOLDER forward
--fix would fetch it
fixed: fetched it
--fix would fetch 2 objects
fixed: fetched 2 objects
--fix would delete .quipu/outbox/s1.bundle
fixed: deleted .quipu/outbox/s1.bundle
--fix would pack the loose objects
fixed: packed the loose objects

"#]]
    );
}
