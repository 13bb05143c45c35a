//! Files that somebody has made to do harm: reads go on, with one line for each.

use quipu::store::testing::write_bundle;

use super::{BRANCH, Desk, OutboxState, Scene};

/// Puts a file into the outbox, and returns what a read says about it. The read must show the tracker as it was.
#[track_caller]
fn said(desk: &Desk<'_>, bytes: &[u8]) -> String {
    std::fs::create_dir_all(desk.file("")).expect("a folder");
    std::fs::write(desk.file("x.bundle"), bytes).expect("a file");
    let run = desk.qp(&["list"]).success();
    assert!(run.stdout.contains("Shared") && run.stdout.lines().count() == 1, "{run}");
    assert!(run.stderr.starts_with("warning: .quipu/outbox/x.bundle is passed over: "), "{run}");
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
    assert!(matches!(desk.states()[..], [OutboxState::Unreadable(_) | OutboxState::Missing(_)]));
    run.stderr
}

fn commit(tree: &str, parents: &[&str]) -> (&'static str, Vec<u8>) {
    let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    let who = "m <m@example.com> 1767780000 +0000";
    ("commit", format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nx\n").into_bytes())
}

fn tree(mode: &str, name: &str, id: &str) -> (&'static str, Vec<u8>) {
    let id = gix::ObjectId::from_hex(id.as_bytes()).expect("an id");
    ("tree", [format!("{mode} {name}\0").as_bytes(), id.as_slice()].concat())
}

fn id((kind, data): &(&str, Vec<u8>)) -> String {
    let kind = gix::objs::Kind::from_bytes(kind.as_bytes()).expect("a type");
    gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, data).expect("an id").to_string()
}

#[test]
fn a_file_cut_off_anywhere_never_keeps_a_read_from_going_on() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    let bytes = std::fs::read(bob.save().path).expect("a file");
    let ends = (0..bytes.len()).step_by(97).chain([1, 16, bytes.len() - 1]);
    for end in ends {
        said(&carol, &bytes[..end]);
    }
    for junk in [&b""[..], b"\n", b"# v2 git bundle\n\n", b"# v9 git bundle\n\nPACK", b"\0\xff\x1b[31m"] {
        said(&carol, junk);
    }
    // A write goes on, too.
    carol.create("From carol");
    std::fs::write(carol.file("x.bundle"), &bytes).expect("a file");
    assert_eq!(carol.titles(), ["From bob", "From carol", "Shared"]);
}

#[test]
fn other_refs_and_other_histories_are_passed_over() {
    let scene = Scene::new();
    let carol = scene.clone("carol");
    let blob = ("blob", b"format: 1\nprefix: other\n".to_vec());
    let root = tree("100644", "quipu.yml", &id(&blob));
    let head = commit(&id(&root), &[]);
    let objects = [head.clone(), root.clone(), blob.clone()];
    let write = |name: &str, past: &[&str], objects: &[(&str, Vec<u8>)]| {
        write_bundle(false, name, past, 0, objects).expect("a small bundle")
    };
    assert!(
        said(&carol, &write("refs/heads/main", &[], &objects)).contains("it is a bundle of refs/heads/main")
    );
    assert!(
        said(&carol, &write("refs/heads/\u{1b}[31m", &[], &objects))
            .contains("it is a bundle of refs/heads/[31m")
    );
    let away = "1".repeat(40);
    assert!(
        said(&carol, &write(BRANCH, &[&away], &objects))
            .contains("it builds upon 111111111111, which is not here")
    );
    let sha256 = write_bundle(true, BRANCH, &[], 0, std::slice::from_ref(&blob)).expect("a small bundle");
    assert!(said(&carol, &sha256).contains("of another kind"));
    let work = carol.git(&["rev-parse", "origin/main"]);
    let code = commit(&carol.git(&["rev-parse", "origin/main^{tree}"]), &[&work]);
    assert!(said(&carol, &write(BRANCH, &[&work], &[code])).contains("what it holds is no tracker"));
    let newer = ("blob", b"format: 99\nprefix: web\n".to_vec());
    let newer_root = tree("100644", "quipu.yml", &id(&newer));
    let tip = carol.git(&["rev-parse", "origin/quipu-sync"]);
    let objects = [commit(&id(&newer_root), &[&tip]), newer_root, newer];
    assert!(said(&carol, &write(BRANCH, &[&tip], &objects)).contains("format 99"));
}

#[test]
fn what_is_not_complete_is_passed_over() {
    let scene = Scene::new();
    let carol = scene.clone("carol");
    let tip = carol.git(&["rev-parse", "origin/quipu-sync"]);
    let blob = ("blob", b"format: 1\nprefix: web\n".to_vec());
    let root = tree("100644", "quipu.yml", &id(&blob));
    let head = commit(&id(&root), &[&tip]);
    let write = |objects: &[(&str, Vec<u8>)]| {
        said(&carol, &write_bundle(false, BRANCH, &[&tip], 0, objects).expect("a small bundle"))
    };
    assert!(write(&[head.clone(), root.clone()]).contains("it lacks the blob"));
    assert!(write(&[head.clone(), blob.clone()]).contains("it lacks the tree"));
    assert!(
        write(&[commit(&id(&root), &[&"2".repeat(40)]), root.clone(), blob.clone()])
            .contains("it lacks the commit")
    );
    assert!(write(&[root.clone(), blob.clone()]).contains("and no commit"));
    assert!(write(&[commit(&id(&blob), &[]), blob.clone()]).contains("and no tree"));
    assert!(write(&[("commit", b"nothing".to_vec())]).contains("cannot be read"));
    let broken = ("tree", b"100644 x".to_vec());
    assert!(write(&[commit(&id(&broken), &[&tip]), broken]).contains("cannot be read"));
}

#[test]
fn folders_nested_without_end_are_passed_over() {
    let scene = Scene::new();
    let carol = scene.clone("carol");
    let tip = carol.git(&["rev-parse", "origin/quipu-sync"]);
    let mut objects = vec![("blob", b"deep".to_vec())];
    let mut below = tree("100644", "quipu.yml", &id(&objects[0]));
    for _ in 0..50_000 {
        let above = tree("40000", "issues", &id(&below));
        objects.push(below);
        below = above;
    }
    objects.push(below);
    let head = commit(&id(objects.last().expect("a tree")), &[&tip]);
    objects.insert(0, head);
    let bytes = write_bundle(false, BRANCH, &[&tip], 0, &objects).expect("a bundle");
    assert!(said(&carol, &bytes).contains("nested too deep"));
}

#[test]
fn a_folder_or_a_pipe_in_the_place_of_a_file_is_passed_over() {
    let scene = Scene::new();
    let carol = scene.clone("carol");
    std::fs::create_dir_all(carol.file("folder.bundle")).expect("a folder");
    carol.env.shell(&carol.file(""), "mkfifo pipe.bundle; ln -s /dev/zero zero.bundle");
    let run = carol.qp(&["list"]).success();
    assert_eq!(run.stderr.matches("is passed over: it is no plain file").count(), 3, "{run}");
    assert!(run.stdout.contains("Shared"), "{run}");
}
