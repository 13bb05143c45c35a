//! What may happen in a history. Numbers are taken modulo what exists, so that a shorter history is one too.

use proptest::prelude::*;

/// A history: the clocks of the clones, and what happens.
#[derive(Clone, Debug)]
pub struct History {
    /// How far each clone's clock is off, in minutes.
    pub clocks: Vec<i64>,
    /// Whether each clone starts a tracker of its own.
    pub apart: bool,
    /// Whether they meet at a hub in the end, or one by one.
    pub hub: bool,
    /// How many issues there are before anybody else has the tracker.
    pub issues: u8,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// A clone writes.
    Write(u8, Op),
    /// A clone brings its branch together with the hub's.
    Hub(u8),
    /// Two clones meet, and both have the result.
    Meet(u8, u8),
    /// A clone takes over what another one has, which has not heard of it.
    Take(u8, u8),
}

/// A text of an issue.
#[derive(Clone, Copy, Debug)]
pub enum Text {
    Description,
    Notes,
    Acceptance,
}

#[derive(Clone, Debug)]
pub enum Op {
    Create(u8),
    Title(u8, u8),
    Priority(u8, u8),
    Spec(u8, u8),
    Key(u8, u8),
    Label(u8, u8),
    Unlabel(u8, u8),
    Block(u8, u8),
    Unblock(u8, u8),
    Parent(u8, u8),
    NoParent(u8),
    Comment(u8, u8),
    EditComment(u8, u8, u8),
    RemoveComment(u8, u8),
    Append(u8, Text, u8),
    InsertLine(u8, Text, u8, u8),
    EditLine(u8, Text, u8, u8),
    RemoveLine(u8, Text, u8),
    Tick(u8, Text, u8),
    Empty(u8, Text),
    Rewrite(u8, Text, u8),
    Section(u8, u8, u8),
    Extra(u8, u8, u8),
    Metadata(u8, u8, u8),
    Claim(u8, bool),
    Release(u8),
    Close(u8, u8),
    Reopen(u8),
    Defer(u8),
    Delete(u8),
    Undo(u8),
    Drop(u8),
    Restore(u8),
    Setting(u8, u8),
    Prefix(u8),
    Memory(u8, u8),
    Forget(u8),
    Break(u8, u8),
    Path(u8, u8),
}

pub fn histories(steps: std::ops::Range<usize>) -> impl Strategy<Value = History> {
    let clock = prop_oneof![
        4 => Just(0),
        2 => -300..300_i64,
        1 => Just(73 * 365 * 24 * 60),
        1 => Just(-40 * 365 * 24 * 60),
    ];
    let clocks = prop::collection::vec(clock, 2..=5);
    let ways = (prop::bool::weighted(0.1), any::<bool>(), 1..4_u8);
    (clocks, ways, prop::collection::vec(step(), steps))
        .prop_map(|(clocks, (apart, hub, issues), steps)| History { clocks, apart, hub, issues, steps })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..5_u8, op()).prop_map(|(clone, op)| Step::Write(clone, op)),
        2 => (0..5_u8).prop_map(Step::Hub),
        2 => (0..5_u8, 0..5_u8).prop_map(|(a, b)| Step::Meet(a, b)),
        3 => (0..5_u8, 0..5_u8).prop_map(|(a, b)| Step::Take(a, b)),
    ]
}

/// Few issues, so that the clones get into each other's way.
fn op() -> BoxedStrategy<Op> {
    let i = 0..3_u8;
    let n = any::<u8>;
    let text =
        || prop::sample::select(vec![Text::Description, Text::Description, Text::Notes, Text::Acceptance]);
    let fields = prop_oneof![
        (i.clone(), n()).prop_map(|(i, v)| Op::Title(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Priority(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Spec(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Key(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Label(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Unlabel(i, v)),
        (i.clone(), n(), n()).prop_map(|(i, k, v)| Op::Extra(i, k, v)),
        (i.clone(), n(), n()).prop_map(|(i, k, v)| Op::Metadata(i, k, v)),
    ];
    let edges = prop_oneof![
        (i.clone(), n()).prop_map(|(i, v)| Op::Block(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Block(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Unblock(i, v)),
        (i.clone(), n()).prop_map(|(i, v)| Op::Parent(i, v)),
        i.clone().prop_map(Op::NoParent),
    ];
    let thread = prop_oneof![
        (i.clone(), n()).prop_map(|(i, v)| Op::Comment(i, v)),
        (i.clone(), n(), n()).prop_map(|(i, c, v)| Op::EditComment(i, c, v)),
        (i.clone(), n()).prop_map(|(i, c)| Op::RemoveComment(i, c)),
    ];
    let texts = prop_oneof![
        (i.clone(), text(), n()).prop_map(|(i, t, v)| Op::Append(i, t, v)),
        (i.clone(), text(), n(), n()).prop_map(|(i, t, l, v)| Op::InsertLine(i, t, l, v)),
        (i.clone(), text(), n(), n()).prop_map(|(i, t, l, v)| Op::EditLine(i, t, l, v)),
        (i.clone(), text(), n()).prop_map(|(i, t, l)| Op::RemoveLine(i, t, l)),
        (i.clone(), text(), n()).prop_map(|(i, t, l)| Op::Tick(i, t, l)),
        (i.clone(), text(), n()).prop_map(|(i, t, v)| Op::Rewrite(i, t, v)),
        (i.clone(), text()).prop_map(|(i, t)| Op::Empty(i, t)),
        (i.clone(), n(), n()).prop_map(|(i, m, v)| Op::Section(i, m, v)),
    ];
    let states = prop_oneof![
        (i.clone(), any::<bool>()).prop_map(|(i, v)| Op::Claim(i, v)),
        (i.clone(), any::<bool>()).prop_map(|(i, v)| Op::Claim(i, v)),
        i.clone().prop_map(Op::Release),
        (i.clone(), n()).prop_map(|(i, v)| Op::Close(i, v)),
        i.clone().prop_map(Op::Reopen),
        i.clone().prop_map(Op::Defer),
    ];
    let whole = prop_oneof![
        2 => n().prop_map(Op::Create),
        1 => i.clone().prop_map(Op::Delete),
        2 => n().prop_map(Op::Undo),
        1 => n().prop_map(Op::Drop),
        1 => n().prop_map(Op::Restore),
        1 => (i, n()).prop_map(|(i, v)| Op::Break(i, v)),
    ];
    let files = prop_oneof![
        (n(), n()).prop_map(|(k, v)| Op::Setting(k, v)),
        n().prop_map(Op::Prefix),
        (n(), n()).prop_map(|(k, v)| Op::Memory(k, v)),
        n().prop_map(Op::Forget),
        (n(), n()).prop_map(|(k, v)| Op::Path(k, v)),
    ];
    prop_oneof![3 => fields, 3 => edges, 2 => thread, 4 => texts, 3 => states, 3 => whole, 1 => files].boxed()
}
