//! The issues of a tracker, ordered by ULID, each decoded when it is first looked at.
//!
//! A command that needs one issue of ten thousand must not pay for the others. Most rows are packed: identities, keys,
//! a few facts and the references stand in columns, the rest is encoded ([`Packed`]). Beside them stand the few that
//! have changed since, decoded.

use std::collections::{BTreeMap, HashSet};
use std::ops::Index;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::order::{Order, Slot};
use super::packer::Packer;
use super::{Facts, Front, IssueId, Packed, Ref};

/// So many rows may stand beside the packed ones, whatever their number.
const KEPT: usize = 256;
/// And one for so many packed ones.
const PACKED_FOR_ONE: usize = 32;

/// One issue without its texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The front matter.
    pub front: Front,
    /// Object id of the file, as raw bytes.
    pub blob: Vec<u8>,
    /// Number of comments.
    pub comments: u32,
}

/// The rows of a tracker.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    packed: Rc<Packed>,
    /// Packed rows that are not there any more, or are replaced.
    gone: HashSet<usize>,
    /// The rows beside the packed ones, in order.
    own: Vec<Row>,
    /// Absent where there are the packed ones and no others.
    order: Option<Rc<Order>>,
}

impl Rows {
    /// Takes decoded rows, and puts them in order.
    pub fn new(rows: Vec<Row>) -> Self {
        let mut made = Rows::default();
        made.change(&HashSet::new(), rows);
        made
    }

    /// Takes packed rows.
    pub fn from_packed(packed: Packed) -> Self {
        Rows { packed: Rc::new(packed), ..Rows::default() }
    }

    /// Packs all rows, with their encoded form in memory.
    pub fn pack(&self) -> Rc<Packed> {
        if self.order.is_none() && self.packed.bodies().is_some() {
            return Rc::clone(&self.packed);
        }
        Rc::new(self.packer().finish())
    }

    fn packer(&self) -> Packer {
        let mut packer = Packer::default();
        for at in (0..self.packed.len()).filter(|at| !self.gone.contains(at)) {
            packer.push_packed(&self.packed, at);
        }
        self.own.iter().for_each(|row| packer.push(row));
        packer
    }

    /// Takes rows away and adds others; the rest stays as it is. Of those added, few stay decoded, because whoever
    /// adds them looks at them next; many are packed, which takes a fraction of the memory.
    pub fn change(&mut self, gone: &HashSet<IssueId>, added: impl IntoIterator<Item = Row>) {
        let mut own: BTreeMap<IssueId, Row> =
            std::mem::take(&mut self.own).into_iter().map(|row| (row.front.id, row)).collect();
        own.retain(|id, _| !gone.contains(id));
        self.gone.extend(gone.iter().filter_map(|id| self.packed.keys.find(*id).ok()));
        let mut added = added.into_iter();
        let limit = KEPT.max(self.packed.len() / PACKED_FOR_ONE);
        while own.len() <= limit {
            let Some(row) = added.next() else { break };
            self.gone.extend(self.packed.keys.find(row.front.id));
            own.insert(row.front.id, row);
        }
        self.own = own.into_values().collect();
        if self.own.len() > limit {
            let mut packer = self.packer();
            added.for_each(|row| packer.push(&row));
            *self = Rows::from_packed(packer.finish());
        }
        let ids: Vec<IssueId> = self.own.iter().map(|row| row.front.id).collect();
        let is_changed = !ids.is_empty() || !self.gone.is_empty();
        self.order = is_changed.then(|| Rc::new(Order::new(&self.packed.keys, &self.gone, &ids)));
    }

    /// Returns the packed rows, of which some may be gone or replaced.
    pub(super) fn packed(&self) -> &Rc<Packed> {
        &self.packed
    }

    /// Names what the packed rows were made from, where they are kept outside of memory.
    pub fn origin(&self) -> Option<&[u8]> {
        self.packed.source.origin()
    }

    /// Returns how many rows stand beside the packed ones, or are gone from them.
    pub fn beside(&self) -> usize {
        self.own.len().max(self.gone.len())
    }

    /// Returns the identities of the packed rows that are gone or replaced, in order.
    pub fn gone(&self) -> Vec<IssueId> {
        let mut gone: Vec<IssueId> = self.gone.iter().map(|at| self.packed.id(*at)).collect();
        gone.sort_unstable();
        gone
    }

    /// Returns the rows beside the packed ones.
    pub fn own(&self) -> &[Row] {
        &self.own
    }

    pub(super) fn order(&self) -> Option<&Rc<Order>> {
        self.order.as_ref()
    }

    fn slot(&self, position: usize) -> Slot {
        self.order.as_ref().map_or(Slot::Packed(position), |order| order.slot(position))
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.packed.len(), |order| order.len())
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the identity of a row, without decoding it.
    pub fn id(&self, position: usize) -> IssueId {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.id(at),
            Slot::Own(number) => self.own[number].front.id,
        }
    }

    /// Returns what is known of a row without decoding it.
    pub fn facts(&self, position: usize) -> Facts {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.facts(at),
            Slot::Own(number) => Facts::of(&self.own[number].front),
        }
    }

    /// Tells whether an issue is closed, without decoding its row.
    pub fn is_closed(&self, position: usize) -> bool {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.is_closed(at),
            Slot::Own(number) => self.own[number].front.status.is_closed(),
        }
    }

    /// Returns everything that an issue refers to, by any relation.
    pub fn references(&self, position: usize) -> Vec<&Ref> {
        self[position].front.references().into_iter().map(|(_, target)| target).collect()
    }

    /// Finds the row of an issue.
    pub fn position(&self, id: IssueId) -> Option<usize> {
        let packed = self.packed.keys.find(id).ok();
        let Some(order) = &self.order else { return packed };
        let own = self.own.binary_search_by_key(&id, |row| row.front.id).ok();
        own.map(|number| order.position_of_own(number)).or_else(|| order.kept(packed?))
    }

    /// Returns all rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Row> + Clone {
        (0..self.len()).map(|at| &self[at])
    }
}

impl Index<usize> for Rows {
    type Output = Row;

    fn index(&self, position: usize) -> &Row {
        match self.slot(position) {
            Slot::Packed(at) => self.packed.row(at),
            Slot::Own(number) => &self.own[number],
        }
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        let same = |at: usize| self.facts(at) == other.facts(at) && self[at] == other[at];
        self.len() == other.len() && (0..self.len()).all(same)
    }
}
