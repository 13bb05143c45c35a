//! The order of a tracker's rows: which stand in the packed ones, and which beside them.

use std::collections::HashSet;

use super::IssueId;
use super::column::NONE;
use super::key_table::KeyTable;

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// Among the packed rows.
    Packed(usize),
    /// Among those that have been added since, or stand for a packed one.
    Own(usize),
}

/// Marks the number of a row of its own.
const OWN: u32 = 1 << 31;

/// The rows of a tracker by position, where they are not the packed ones alone.
#[derive(Debug)]
pub(super) struct Order {
    slots: Vec<u32>,
    /// Position of each packed row's identity; `NONE` where it is gone.
    packed_at: Vec<u32>,
    /// Position of each own row.
    own_at: Vec<u32>,
    /// The packed row that each own one stands for.
    replaces: Vec<u32>,
}

impl Order {
    /// Merges packed rows, less those that are gone, with own ones. Both are in order, and an own row stands for the
    /// packed one of the same identity.
    pub fn new(packed: &KeyTable, gone: &HashSet<usize>, own: &[IssueId]) -> Self {
        let count = packed.counts().ids;
        let mut order = Order {
            slots: Vec::with_capacity(count + own.len()),
            packed_at: Vec::with_capacity(count),
            own_at: Vec::with_capacity(own.len()),
            replaces: Vec::with_capacity(own.len()),
        };
        // The packed rows that need a look, in order: everything between two of them is kept as it is.
        let mut stops: Vec<(usize, Option<usize>)> = gone.iter().map(|at| (*at, None)).collect();
        for (number, id) in own.iter().enumerate() {
            match packed.find(*id) {
                Ok(at) | Err(at) => stops.push((at, Some(number))),
            }
        }
        stops.sort_unstable();
        for (at, number) in stops {
            order.keep_until(at);
            let replaced = match number {
                None => true,
                Some(number) => at < count && packed.id(at) == own[number],
            };
            if let Some(number) = number {
                order.add_own(number, if replaced { index(at) } else { NONE });
            }
            if replaced && order.packed_at.len() == at {
                order.packed_at.push(number.map_or(NONE, |_| index(order.slots.len() - 1)));
            } else if replaced && number.is_some() {
                order.packed_at[at] = index(order.slots.len() - 1);
            }
        }
        order.keep_until(count);
        order
    }

    fn keep_until(&mut self, end: usize) {
        for at in self.packed_at.len()..end {
            self.packed_at.push(index(self.slots.len()));
            self.slots.push(index(at));
        }
    }

    fn add_own(&mut self, number: usize, replaces: u32) {
        debug_assert_eq!(number, self.own_at.len(), "own rows are in order");
        self.own_at.push(index(self.slots.len()));
        self.replaces.push(replaces);
        self.slots.push(index(number) | OWN);
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn slot(&self, position: usize) -> Slot {
        let slot = self.slots[position];
        if slot & OWN == 0 { Slot::Packed(slot as usize) } else { Slot::Own((slot & !OWN) as usize) }
    }

    /// Returns where a packed row's identity stands now, replaced or not.
    pub fn position_of_packed(&self, at: usize) -> Option<usize> {
        Some(self.packed_at[at]).filter(|p| *p != NONE).map(|p| p as usize)
    }

    /// Returns where a packed row stands now; `None` where it is gone or replaced.
    pub fn kept(&self, at: usize) -> Option<usize> {
        self.position_of_packed(at).filter(|position| self.slot(*position) == Slot::Packed(at))
    }

    pub fn position_of_own(&self, number: usize) -> usize {
        self.own_at[number] as usize
    }

    /// Returns the packed row of the identity at a position, replaced or not.
    pub fn packed_of(&self, position: usize) -> Option<usize> {
        match self.slot(position) {
            Slot::Packed(at) => Some(at),
            Slot::Own(number) => Some(self.replaces[number]).filter(|at| *at != NONE).map(|at| at as usize),
        }
    }
}

pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^31 issues")
}
