//! The format of the files, with git as the judge.

use proptest::prelude::*;
use quipu::store::testing::{BundleError, read_bundle, write_bundle};

use super::{BRANCH, Scene};

#[test]
fn git_takes_what_is_written() {
    for format in ["sha1", "sha256"] {
        let scene = Scene::with(&[&format!("--object-format={format}")[..]].map(|arg| arg));
        let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
        bob.create("One");
        bob.qp(&["update", &scene.shared, "-d", &"A long text. ".repeat(500)]).success();
        carol.create("Two");
        carol.qp(&["sync"]).success();
        bob.git(&["fetch", "-q"]);
        // The file of a session after a merge.
        let saved = bob.save();
        let file = saved.path.to_str().expect("UTF-8");
        carol.git(&["bundle", "verify", "-q", file]);
        carol.git(&["fetch", "-q", file, &format!("{BRANCH}:refs/heads/theirs")]);
        assert_eq!(carol.git(&["rev-parse", "theirs"]), bob.tip());
        carol.env.fsck_in(&carol.folder);
        let bytes = std::fs::read(&saved.path).expect("a file");
        let (tip, objects) = read_bundle(&bytes).expect("our own bundle");
        assert_eq!((tip, saved.operations), (bob.tip(), 2));
        // Two commits, two files, and the folders above them.
        assert!((8..=12).contains(&objects), "{objects} objects");
    }
}

#[test]
fn what_git_writes_is_read_or_refused_with_a_reason() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.create("One");
    bob.git(&["bundle", "create", "-q", "whole.bundle", "quipu-sync"]);
    bob.git(&["bundle", "create", "-q", "thin.bundle", "origin/quipu-sync..quipu-sync"]);
    bob.git(&["bundle", "create", "-q", "more.bundle", "quipu-sync", "main"]);
    let read = |name: &str| read_bundle(&std::fs::read(bob.folder.join(name)).expect("a file"));
    for name in ["whole.bundle", "thin.bundle"] {
        match read(name) {
            Ok((tip, _)) => assert_eq!(tip, bob.tip()),
            Err(error) => assert_eq!(error, BundleError::Delta, "{name}"),
        }
    }
    assert!(matches!(read("more.bundle"), Err(BundleError::Refs(_))));
}

#[test]
fn a_bundle_cut_off_anywhere_is_none() {
    let bytes = write_bundle(false, BRANCH, &[], 0, &[("blob", b"something".to_vec())]).expect("a bundle");
    assert!(read_bundle(&bytes).is_ok());
    for end in 0..bytes.len() {
        assert!(read_bundle(&bytes[..end]).is_err(), "{end}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        if let Ok((_, objects)) = read_bundle(&changed) {
            // A digit of an id, or a letter of the ref, stands in front of what the checksum covers.
            assert_eq!((objects, bytes[at] > b' '), (1, true), "{at}");
        }
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused_before_it_does() {
    let large = vec![0; 65 << 20];
    assert!(matches!(
        write_bundle(false, BRANCH, &[], 0, &[("blob", large.clone())]),
        Err(BundleError::TooLarge(_))
    ));
    // By hand: one blob that says its length, one that does not.
    let mut compressed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut compressed, &large).expect("memory");
    let compressed = compressed.finish().expect("memory");
    for (length, expected) in
        [(large.len(), "too large"), (10, "longer than it says"), (usize::MAX, "too large")]
    {
        let error = read_bundle(&bundle_of_one(length, &compressed)).expect_err("a bomb");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let many = [b"PACK\0\0\0\x02\xff\xff\xff\xff".to_vec(), Vec::new()].concat();
    assert!(matches!(read_bundle(&sealed(&many)), Err(BundleError::TooLarge(_))));
}

#[test]
fn deltas_and_unknown_types_are_refused() {
    for (kind, is_delta) in [(0u8, false), (5, false), (6, true), (7, true)] {
        let pack = [&b"PACK\0\0\0\x02\0\0\0\x01"[..], &[kind << 4]].concat();
        let error = read_bundle(&sealed(&pack)).expect_err("no object");
        assert_eq!(error == BundleError::Delta, is_delta, "{error}");
    }
}

/// A bundle with one blob.
fn bundle_of_one(mut length: usize, compressed: &[u8]) -> Vec<u8> {
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
    let low = |length: usize, mask: usize| u8::try_from(length & mask).expect("a byte");
    let mut byte = 3 << 4 | low(length, 0xf);
    length >>= 4;
    while length > 0 {
        pack.push(byte | 0x80);
        byte = low(length, 0x7f);
        length >>= 7;
    }
    pack.push(byte);
    pack.extend_from_slice(compressed);
    sealed(&pack)
}

/// A pack with its checksum, behind a header.
fn sealed(pack: &[u8]) -> Vec<u8> {
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(pack);
    let sum = hasher.try_finalize().expect("a checksum");
    let header = format!("# v2 git bundle\n{} {BRANCH}\n\n", "1".repeat(40));
    [header.as_bytes(), pack, sum.as_slice()].concat()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(read_bundle(&bytes));
        drop(read_bundle(&sealed(&bytes)));
        drop(read_bundle(&sealed(&[&b"PACK\0\0\0\x02\0\0\0\x02"[..], &bytes].concat())));
        drop(read_bundle(&[&b"# v3 git bundle\n@object-format=sha256\n"[..], &bytes].concat()));
    }

    #[test]
    fn what_is_written_is_read(
        sha256 in any::<bool>(),
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..8),
        past in 0usize..4,
    ) {
        let ids = ["1", "2", "3"].map(|digit| digit.repeat(if sha256 { 64 } else { 40 }));
        let past: Vec<&str> = ids.iter().take(past).map(String::as_str).collect();
        let objects: Vec<_> = contents.iter().map(|bytes| ("blob", bytes.clone())).collect();
        let bytes = write_bundle(sha256, BRANCH, &past, 0, &objects).expect("a small bundle");
        let (tip, count) = read_bundle(&bytes).expect("what was written");
        prop_assert_eq!(count, objects.len());
        prop_assert_eq!(tip.len(), if sha256 { 64 } else { 40 });
    }
}
