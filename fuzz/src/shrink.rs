//! What of a failing case is not needed: steps are dropped, and bytes set to zero, as long as it still fails in the same way.

use crate::{
    case::{Case, Failure},
    step::Step,
    tally::Tally,
};

/// The smallest case found that fails in the same way, with its reason.
pub fn shrink(failure: Failure) -> Failure {
    let mut best = failure;
    let mut size = best.case.steps.len().max(1);
    while size > 0 {
        let mut start = 0;
        while start < best.case.steps.len() {
            let mut steps = best.case.steps.clone();
            steps.drain(start..(start + size).min(steps.len()));
            match fails_alike(&best, steps) {
                Some(smaller) => best = smaller,
                None => start += size,
            }
        }
        size /= 2;
    }
    zero_bytes(best)
}

fn zero_bytes(mut best: Failure) -> Failure {
    for place in 0..best.case.steps.len() {
        for byte in [0, 1, 2].into_iter().chain(4..crate::step::STEP) {
            let mut steps = best.case.steps.clone();
            let Some(Step(bytes)) = steps.get_mut(place) else { break };
            if std::mem::take(&mut bytes[byte]) == 0 {
                continue;
            }
            if let Some(plainer) = fails_alike(&best, steps) {
                best = plainer;
            }
        }
    }
    best
}

fn fails_alike(failure: &Failure, steps: Vec<Step>) -> Option<Failure> {
    let case = Case { preset: failure.case.preset, steps };
    case.run(&mut Tally::default()).err().filter(|other| kind(&other.why) == kind(&failure.why))
}

/// A reason without its numbers.
fn kind(why: &str) -> String {
    why.chars().filter(|letter| !letter.is_ascii_digit()).take(80).collect()
}
