//! The laws, for one merge at a time.

use std::collections::BTreeSet;

use quipu::model::{Issue, IssueId, Status, Timestamp};
use quipu::store::{LOST, Lost, Message, issue_path};

use super::state::{Said, State, state};
use super::world::World;

type Verdict = Result<(), String>;

/// Where two histories meet is where an enumeration of all commits says.
pub fn meeting(world: &World, one: usize, other: usize) -> Verdict {
    let nodes = &world.nodes;
    let (a, b) = (&nodes[one].past, &nodes[other].past);
    let common: BTreeSet<usize> = a.intersection(b).copied().collect();
    let is_best = |at: &&usize| !common.iter().any(|c| c != *at && nodes[*c].past.contains(*at));
    let names = |set: BTreeSet<usize>| set.into_iter().map(|at| nodes[at].commit.clone()).collect();
    let bases: BTreeSet<String> = names(common.iter().filter(is_best).copied().collect());
    let own: [BTreeSet<String>; 2] = [names(a - b), names(b - a)];
    let met = world.history.meet(&nodes[one].commit, &nodes[other].commit).map_err(|e| format!("{e:?}"))?;
    if met.bases == bases && met.own == own {
        return Ok(());
    }
    Err(format!(
        "{one} and {other} meet at {:?}, not at {bases:?}; own {:?}, not {own:?}",
        met.bases, met.own
    ))
}

/// All laws about a merge.
pub fn merge(world: &World, at: usize) -> Verdict {
    let result = &world.nodes[at].state;
    let [one, other] = world.nodes[at].parents[..] else { return Err("a merge has two parents".into()) };
    for (side, other) in [(one, other), (other, one)] {
        nothing_is_lost(world, at, side, other)?;
    }
    nothing_is_invented(world, at)?;
    for issue in result.issues.values() {
        a_closed_issue_has_no_claim(issue)?;
    }
    let sides = [one, other].map(|side| &*world.nodes[side].state);
    files(result, sides)?;
    for id in result.issues.keys() {
        the_later_wins(world, at, [one, other], *id)?;
    }
    trailers(world, at)?;
    let view = world.history.view(&world.nodes[at].commit).map_err(|e| format!("{e:?}"))?;
    let cycles = view.tracker.graph().cycles();
    if !cycles.is_empty() {
        let key = |at: &usize| view.tracker.front(*at).id;
        let cycles: Vec<Vec<IssueId>> = cycles.iter().map(|c| c.iter().map(key).collect()).collect();
        return Err(format!("{at} has a cycle {cycles:?}"));
    }
    idempotent(world, at, one)
}

/// What a side says is in the result, in the attic, or was taken away by somebody who had seen it.
fn nothing_is_lost(world: &World, at: usize, side: usize, other: usize) -> Verdict {
    let nodes = &world.nodes;
    let result = &nodes[at].state;
    let (mine, theirs) = (&nodes[side].past, &nodes[other].past);
    let writes = |at: &usize, said: &Said, new: bool| match nodes[*at].parents[..] {
        [parent] => {
            let had = nodes[parent].state.said.contains(said);
            let has = nodes[*at].state.said.contains(said);
            had != has && has == new
        }
        _ => false,
    };
    for said in nodes[side].state.said.difference(&result.said) {
        // Taken away, and not written again on this side by somebody who knew.
        let taken = |at: &usize| {
            let again = |w: &&usize| nodes[**w].past.contains(at) && writes(w, said, true);
            writes(at, said, false) && !mine.iter().any(|w| again(&w))
        };
        let is_repeated = |at: &usize| nodes[*at].state.repeated.contains(said);
        if nodes[at].past.iter().any(is_repeated) {
            continue;
        }
        if !result.attic.contains(said) && !theirs.iter().any(taken) && !was_dropped(world, at, said) {
            return Err(format!("{at} loses {said:?} of {side}"));
        }
    }
    Ok(())
}

/// Somebody has dropped the copy from the attic.
fn was_dropped(world: &World, at: usize, said: &Said) -> bool {
    let past = &world.nodes[at].past;
    past.iter().any(|node| {
        let node = &world.nodes[*node];
        let gone = |parent: &usize| world.nodes[*parent].state.attic.contains(said);
        node.parents.len() == 1 && node.parents.iter().any(gone) && !node.state.attic.contains(said)
    })
}

fn nothing_is_invented(world: &World, at: usize) -> Verdict {
    let sides = world.nodes[at].parents.iter().map(|side| &world.nodes[*side].state);
    let known: Vec<&State> = sides.map(|state| &**state).collect();
    let says = |said: &&Said| !known.iter().any(|state| state.said.contains(said));
    match world.nodes[at].state.said.iter().filter(|said| !said.0.starts_with("attic/")).find(says) {
        Some(said) => Err(format!("{at} invents {said:?}")),
        None => Ok(()),
    }
}

fn a_closed_issue_has_no_claim(issue: &Issue) -> Verdict {
    let front = &issue.front;
    let claimed = front.claimed_at.is_some() || front.lease_until.is_some() || front.claim.is_some();
    if front.status == Status::Closed && (claimed || front.claimed_session.is_some()) {
        return Err(format!("{} is closed with a claim", front.id));
    }
    Ok(())
}

/// Nothing readable becomes unreadable, and files are canonical or as a side has them.
fn files(result: &State, sides: [&State; 2]) -> Verdict {
    for path in &result.unreadable {
        if !sides.iter().any(|side| side.unreadable.contains(path)) {
            return Err(format!("{path} cannot be read any longer"));
        }
    }
    for (id, issue) in &result.issues {
        let path = issue_path(*id);
        let file = &result.files[&path];
        let canonical = quipu::store::testing::Put::File(issue.write().into_bytes());
        if *file != canonical && !sides.iter().any(|side| side.files.get(&path) == Some(file)) {
            return Err(format!("{path} is neither canonical nor as a side has it"));
        }
    }
    Ok(())
}

/// The value of a part of an issue, where one value stands for the whole part.
fn part(issue: Option<&Issue>, name: &str) -> Option<String> {
    let issue = issue?;
    Some(match name {
        "title" => issue.front.title.clone(),
        "priority" => format!("{:?}", issue.front.priority),
        "spec" => issue.front.spec.clone()?,
        _ => state(issue),
    })
}

/// Of two values the later write stands; of two states the higher, then the later.
fn the_later_wins(world: &World, at: usize, sides: [usize; 2], id: IssueId) -> Verdict {
    let [a, b] = sides.map(|side| world.nodes[side].state.issues.get(&id));
    let (Some(a), Some(b)) = (a, b) else { return Ok(()) };
    let common: BTreeSet<usize> =
        world.nodes[sides[0]].past.intersection(&world.nodes[sides[1]].past).copied().collect();
    let is_best = |c: &&usize| !common.iter().any(|o| o != *c && world.nodes[*o].past.contains(*c));
    let bases: Vec<usize> = common.iter().filter(is_best).copied().collect();
    let [base] = bases[..] else { return Ok(()) };
    for name in ["title", "priority", "spec", "state"] {
        let value = |issue: Option<&Issue>| part(issue, name);
        let (base, a_value, b_value) =
            (value(world.nodes[base].state.issues.get(&id)), value(Some(a)), value(Some(b)));
        if a_value == b_value || a_value == base || b_value == base {
            continue;
        }
        let rank = |issue: &Issue| match issue.front.status {
            _ if name != "state" => (0, None),
            Status::Closed => (2, None),
            // Of two confirmed claims the one that was made later.
            Status::InProgress if issue.front.claim.is_some() => (1, issue.front.claimed_at),
            _ => (0, None),
        };
        let stamps = [(0, a), (1, b)]
            .map(|(side, issue)| (rank(issue), last_write(world, sides[side], sides[1 - side], id, name)));
        // An issue that was deleted and is back on both sides has values that nobody wrote since.
        if stamps[0] == stamps[1] {
            continue;
        }
        let expected = if stamps[0] > stamps[1] { a_value } else { b_value };
        let found = value(world.nodes[at].state.issues.get(&id));
        if found != expected {
            return Err(format!("{at} has {name} {found:?} of {id}, not {expected:?}; {stamps:?}"));
        }
    }
    Ok(())
}

/// The greatest of the last writes of a part on a side, by enumeration.
fn last_write(
    world: &World,
    side: usize,
    other: usize,
    id: IssueId,
    name: &str,
) -> Option<(Timestamp, String)> {
    let nodes = &world.nodes;
    let value = |at: usize| match nodes[at].state.files.get(&issue_path(id)) {
        Some(file) => part(nodes[at].state.issues.get(&id), name)
            .or_else(|| (!nodes[at].state.issues.contains_key(&id)).then(|| format!("{file:?}"))),
        None => None,
    };
    let own = nodes[side].past.difference(&nodes[other].past);
    let writers: Vec<usize> =
        own.copied().filter(|at| nodes[*at].parents.iter().all(|p| value(*p) != value(*at))).collect();
    let is_last = |at: &&usize| !writers.iter().any(|w| w != *at && nodes[*w].past.contains(*at));
    writers.iter().filter(is_last).map(|at| (nodes[*at].time, nodes[*at].commit.clone())).max()
}

/// What the message says was lost is where it says.
fn trailers(world: &World, at: usize) -> Verdict {
    let node = &world.nodes[at];
    let message = Message::parse(&world.history.message(&node.commit).map_err(|e| format!("{e:?}"))?);
    let said = message.trailers.iter().filter(|t| t.name == LOST).count();
    let lost: Vec<Lost> = Lost::all(&message).collect();
    if lost.len() != said {
        return Err(format!("{at} has a trailer that cannot be read"));
    }
    for lost in lost {
        let known = node.past.iter().any(|p| world.nodes[*p].commit == lost.commit);
        if !node.state.files.contains_key(&lost.path) || !known {
            return Err(format!("{at} names {lost:?}, which is not there"));
        }
    }
    Ok(())
}

/// Merging what is known already changes nothing.
fn idempotent(world: &World, at: usize, side: usize) -> Verdict {
    let [merge, side] = [at, side].map(|at| &world.nodes[at].commit);
    let again = world.history.merge(merge, side).map_err(|e| format!("{e:?}"))?;
    let files = world.history.files(&again).map_err(|e| format!("{e:?}"))?;
    if files == world.nodes[at].state.files {
        Ok(())
    } else {
        Err(format!("merging into {at} again changes it"))
    }
}
