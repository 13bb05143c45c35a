//! Reading the front matter of many files: in the order of the pack that they stand in, and by as many threads as
//! there are processors, because nearly all of the time goes into unpacking and parsing.

use std::num::NonZeroUsize;
use std::sync::mpsc::{SyncSender, sync_channel};

use gix::ObjectId;
use gix::odb::pack::index::File;

use super::layout::issue_id;
use super::tree::Difference;
use super::{Store, open};
use crate::model::{FileError, IssueId, MAX_FILE, Row, Unreadable, read_row_parts};

/// So many files are worth a thread.
const FOR_A_THREAD: usize = 500;
/// Most threads: beyond it, taking the rows over is what takes the time.
const MOST_THREADS: usize = 8;
/// So many files are handed over at once, and so many such batches may wait, which bounds the memory.
const BATCH: usize = 64;
const WAITING: usize = 16;

/// A row, or why there is none.
pub(super) type Outcome = Result<Row, Unreadable>;

/// A path and its object.
type Place<'d> = (&'d str, ObjectId);

impl Store {
    /// Reads the files that are new or changed, and passes the rows to `take`, those of many files in no particular
    /// order.
    pub(super) fn read_rows(
        &self,
        differences: &[Difference],
        take: impl FnOnce(&mut dyn Iterator<Item = Outcome>),
    ) {
        let mut files: Vec<Place<'_>> =
            differences.iter().filter_map(|d| Some((d.path.as_str(), d.new?))).collect();
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = (files.len() / FOR_A_THREAD).min(processors).min(MOST_THREADS);
        // What is in memory only is not seen from other threads.
        if threads < 2 || self.repo.objects.num_objects_in_memory() > 0 {
            return take(&mut files.iter().map(|file| read_file(&self.repo, file)));
        }
        self.sort_by_place(&mut files);
        let (sender, receiver) = sync_channel(WAITING);
        std::thread::scope(|scope| {
            for part in files.chunks(files.len().div_ceil(threads)) {
                // They share the packs, which are mapped once.
                let (repo, sender) = (self.repo.clone().into_sync(), sender.clone());
                scope.spawn(move || send_rows(&open::local(repo), part, &sender));
            }
            drop(sender);
            take(&mut receiver.into_iter().flatten());
        });
    }

    /// Puts files into the order of the packs, so that what a file is a difference from has just been unpacked.
    fn sort_by_place(&self, files: &mut [Place<'_>]) {
        let packs = std::fs::read_dir(self.common_dir().join("objects/pack")).into_iter().flatten().flatten();
        let indices: Vec<File> = packs
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "idx"))
            .filter_map(|entry| File::at(entry.path(), self.repo.object_hash()).ok())
            .collect();
        files.sort_by_cached_key(|(_, id)| {
            let place = |pack: &File| pack.lookup(id).map(|at| pack.pack_offset_at_index(at));
            indices.iter().enumerate().find_map(|(number, pack)| Some((number, place(pack)?)))
        });
    }

    /// Reads the row of a file.
    pub(super) fn read_row(&self, path: &str, blob_id: ObjectId) -> Result<Row, FileError> {
        read_row(&self.repo, path, blob_id)
    }
}

fn send_rows(repo: &gix::Repository, files: &[Place<'_>], sender: &SyncSender<Vec<Outcome>>) {
    for batch in files.chunks(BATCH) {
        let rows = batch.iter().map(|file| read_file(repo, file)).collect();
        // Where nobody listens any more, there is nothing left to do.
        if sender.send(rows).is_err() {
            return;
        }
    }
}

fn read_file(repo: &gix::Repository, (path, id): &Place<'_>) -> Outcome {
    read_row(repo, path, *id).map_err(|error| Unreadable {
        path: (*path).to_owned(),
        blob: id.as_slice().to_owned(),
        line: u32::try_from(error.line).unwrap_or(u32::MAX),
        message: error.message,
    })
}

fn read_row(repo: &gix::Repository, path: &str, blob_id: ObjectId) -> Result<Row, FileError> {
    let fail = |message: String| FileError { line: 1, message };
    let id = issue_id(path).ok_or_else(|| fail("not the file of an issue in its place".to_owned()))?;
    let header = repo.find_header(blob_id).map_err(|e| fail(e.to_string()))?;
    if header.size() > MAX_FILE as u64 {
        return Err(fail(format!("the file has {} bytes, the limit is {MAX_FILE}", header.size())));
    }
    let blob = repo.find_object(blob_id).map_err(|e| fail(e.to_string()))?;
    row(&blob.data, id, blob_id)
}

/// Decodes the row of a file.
pub(super) fn row(bytes: &[u8], id: IssueId, blob_id: ObjectId) -> Result<Row, FileError> {
    let (front, comments) = read_row_parts(bytes, Some(id))?;
    Ok(Row { front, blob: blob_id.as_slice().to_owned(), comments })
}
