//! What is wrong with the outbox: files that are not seen by any read, because they are of no use or wait for commits
//! that are not here, files that nobody needs any more, and something else in the place of the folder.
//!
//! Only what the remote has everything of may be deleted: whatever else stands there may be the one copy of somebody's
//! work.

use super::bundle::Header;
use super::inspect::check_failed;
use super::outbox_judge::NEWER;
use super::redact::one_line;
use super::{OutboxFile, OutboxState, Store};
use crate::query::{Finding, Mend, Severity};

/// How to get at what is in a file that cannot be used.
const UNUSABLE: &str = "move it out of .quipu/outbox, and get it whole: git log -- .quipu/outbox shows where it came \
                        from, and qp outbox save makes it anew in the session that wrote it";
/// Characters of a commit id in a message.
const SHORT: usize = 12;

impl Store {
    /// Looks at the files of the outbox in the working tree.
    pub(super) fn inspect_outbox(&self) -> Vec<Finding> {
        match self.outbox() {
            Ok(files) => files.iter().filter_map(|file| self.inspect_outbox_file(file)).collect(),
            Err(error) if error.code() == "bad_outbox" => {
                let remedy = error.remedy().unwrap_or("make the folder readable: it may hold changes");
                vec![Finding::new(Severity::Warning, "bad_outbox", error.to_string(), remedy)]
            }
            Err(error) => vec![check_failed(&error)],
        }
    }

    fn inspect_outbox_file(&self, file: &OutboxFile) -> Option<Finding> {
        let finding = match &file.state {
            OutboxState::New | OutboxState::Here => return None,
            OutboxState::Shared => absorbed(file),
            OutboxState::Missing(commits) => waiting(file, commits),
            OutboxState::Unreadable(reason) => unusable(file, reason, self.is_of_another(file)),
        };
        Some(finding.at(file.path.display().to_string()))
    }

    /// Tells whether a file is a bundle of another branch, or of a repository with other object ids.
    fn is_of_another(&self, file: &OutboxFile) -> bool {
        let name = file.path.file_name().and_then(|name| name.to_str());
        let header = name.zip(self.outbox_place()).map(|(name, outbox)| outbox.header(name));
        let is_ours =
            |header: &Header| header.hash == self.repo.object_hash() && header.name == self.branch_ref();
        matches!(header, Some(Ok(header)) if !is_ours(&header))
    }
}

fn absorbed(file: &OutboxFile) -> Finding {
    let message = format!("{} holds nothing that the remote has not", one_line(&file.name));
    let finding = Finding::new(Severity::Note, "outbox_absorbed", message, "qp outbox prune");
    finding.mended_by(Mend::PruneOutbox(file.name.clone()))
}

fn waiting(file: &OutboxFile, commits: &[String]) -> Finding {
    let first = commits.first().map(|id| id.get(..SHORT).unwrap_or(id)).unwrap_or_default();
    let operations = match file.operations {
        1 => "the operation in it is".to_owned(),
        many => format!("the {many} operations in it are"),
    };
    let message =
        format!("{} builds upon {first}, which is not here: {operations} not seen", one_line(&file.name));
    let remedy = "qp pull brings that, where the remote has it; the file stays until then";
    Finding::new(Severity::Warning, "outbox_waiting", message, remedy)
}

fn unusable(file: &OutboxFile, reason: &str, is_of_another: bool) -> Finding {
    let name = one_line(&file.name);
    let message = format!("{name} cannot be used: {}; what is in it is not seen", one_line(reason));
    let remedy = match is_of_another {
        true => "move it out of .quipu/outbox, to the repository or branch that it is of",
        false if reason.starts_with(NEWER) => "leave the file where it is, for a qp that knows that format",
        // The name may be anybody's, and is no part of a command.
        false => UNUSABLE,
    };
    Finding::new(Severity::Warning, "outbox_unusable", message, remedy)
}
