//! Columns: numbers of a fixed width behind each other in bytes that are shared and used where they stand.
//!
//! A snapshot of a hundred thousand issues is read into one buffer and never decoded as a whole: a column is a range
//! of that buffer, and a number is made of its bytes when somebody asks for it.

use std::rc::Rc;

/// Stands for no position.
pub(super) const NONE: u32 = u32::MAX;

/// Items of `WIDTH` bytes each.
#[derive(Clone, Debug, Default)]
pub(super) struct Column<const WIDTH: usize> {
    bytes: Rc<Vec<u8>>,
    start: usize,
    len: usize,
}

/// A column of numbers, such as positions.
pub(super) type Numbers = Column<4>;

impl<const WIDTH: usize> Column<WIDTH> {
    /// Makes a column of its own.
    pub fn new(items: impl IntoIterator<Item = [u8; WIDTH]>) -> Self {
        let bytes: Vec<u8> = items.into_iter().flatten().collect();
        let len = bytes.len() / WIDTH;
        Column { bytes: Rc::new(bytes), start: 0, len }
    }

    /// Takes `len` items from `at` on, and moves it behind them; `None` where there are not as many.
    pub fn cut(bytes: &Rc<Vec<u8>>, at: &mut usize, len: usize) -> Option<Self> {
        let start = *at;
        let end = start.checked_add(len.checked_mul(WIDTH)?)?;
        *at = end;
        (end <= bytes.len()).then(|| Column { bytes: Rc::clone(bytes), start, len })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns all bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.len * WIDTH]
    }

    pub fn get(&self, at: usize) -> &[u8; WIDTH] {
        let start = self.start + at * WIDTH;
        self.bytes[start..start + WIDTH].first_chunk().expect("the slice is as long")
    }

    /// Returns the first place whose item is not `before` what is looked for, in a column in that order.
    pub fn partition_point(&self, before: impl Fn(&[u8; WIDTH]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if before(self.get(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl Numbers {
    /// Makes a column of numbers.
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        Column::new(numbers.into_iter().map(u32::to_le_bytes))
    }

    pub fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes(*self.get(at))
    }

    /// Returns a number that is a position; `None` for [`NONE`].
    pub fn position(&self, at: usize) -> Option<usize> {
        Some(self.number(at)).filter(|n| *n != NONE).map(|n| n as usize)
    }
}

/// Lists of numbers, one for each item, behind each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    /// Where the list of each item ends.
    ends: Numbers,
    items: Numbers,
}

impl Lists {
    /// Sorts pairs of (item, number) into lists. Each list is in the order of its numbers, without repetitions.
    pub fn new(count: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut ends = vec![0; count];
        for (item, _) in &pairs {
            ends[*item as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        Lists { ends: Numbers::of(ends), items: Numbers::of(pairs.into_iter().map(|(_, number)| number)) }
    }

    /// Takes the lists of `count` items, with `total` numbers in all.
    pub fn cut(bytes: &Rc<Vec<u8>>, at: &mut usize, count: usize, total: usize) -> Option<Self> {
        Some(Lists { ends: Column::cut(bytes, at, count)?, items: Column::cut(bytes, at, total)? })
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.ends.as_bytes());
        out.extend_from_slice(self.items.as_bytes());
    }

    /// Returns the number of numbers in all lists.
    pub fn total(&self) -> usize {
        self.items.len()
    }

    pub fn of(&self, item: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let start = item.checked_sub(1).map_or(0, |before| self.ends.number(before));
        (start as usize..self.ends.number(item) as usize).map(|at| self.items.number(at) as usize)
    }
}
