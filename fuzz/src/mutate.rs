//! Makes new cases of known ones.

use crate::{
    calls,
    case::{Case, PRESETS},
    step::{Step, SIGNERS, STEP, TIMES, WRAPPERS},
};

/// The longest case, steps.
const LONGEST: usize = 160;
/// How often each time of [`TIMES`] passes, next to the others.
const TIME_WEIGHTS: [u32; TIMES.len()] = [120, 60, 30, 20, 20, 12, 5, 2, 1, 6, 4, 3, 1, 3, 2, 1];

/// Numbers that follow from a seed and nothing else (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % (end.max(1) as u64)) as usize
    }

    fn byte(&mut self) -> u8 {
        self.number() as u8
    }

    /// A position, as often as its weight says.
    fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let sum: u32 = weights.clone().sum();
        let mut rest = self.below(sum as usize) as u32;
        weights.take_while(|weight| rest.checked_sub(*weight).map(|left| rest = left).is_some()).count()
    }
}

/// A new case of two known ones.
pub fn mutated(random: &mut Random, case: &Case, other: &Case) -> Case {
    let mut case = case.clone();
    if random.below(8) == 0 {
        case.preset = random.below(PRESETS.len()) as u8;
    }
    for _ in 0..random.below(6) {
        change(random, &mut case.steps, other);
    }
    for _ in 0..random.below(40) {
        case.steps.push(step(random));
    }
    case.steps.truncate(LONGEST);
    case
}

fn change(random: &mut Random, steps: &mut Vec<Step>, other: &Case) {
    let place = random.below(steps.len());
    match random.below(8) {
        0 | 1 => steps.insert(place, step(random)),
        2 if !steps.is_empty() => drop(steps.remove(place)),
        3 if !steps.is_empty() => steps.insert(random.below(steps.len()), steps[place]),
        4 if !steps.is_empty() => steps[place].0[4 + random.below(STEP - 4)] = random.byte(),
        5 if !steps.is_empty() => steps[place].0[random.below(3)] = random.byte(),
        6 if !steps.is_empty() => {
            let second = random.below(steps.len());
            steps.swap(place, second);
        },
        // A part of another case.
        _ => {
            let from = random.below(other.steps.len());
            let length = 1 + random.below(12);
            let part: Vec<Step> = other.steps.iter().skip(from).take(length).copied().collect();
            steps.splice(place..place, part);
        },
    }
}

/// A step on its own: mostly by the one who fits, and with plausible arguments.
fn step(random: &mut Random) -> Step {
    let mut step = [0; STEP];
    step[0] = random.weighted(TIME_WEIGHTS.iter().copied()) as u8;
    step[1] = if random.below(8) == 0 { random.below(SIGNERS.len()) as u8 } else { 0 };
    step[2] = if random.below(12) == 0 { random.below(WRAPPERS.len()) as u8 } else { 0 };
    step[3] = random.weighted(calls::all().iter().map(|entry| entry.weight)) as u8;
    for byte in &mut step[4..] {
        // High bytes are what no honest client sends: one in three of them is enough.
        *byte = if random.below(3) == 0 { random.byte() } else { random.byte() % 128 };
    }
    Step(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_cases() {
        let empty = Case { preset: 0, steps: vec![] };
        let cases = |seed| {
            let mut random = Random::new(seed);
            (0..20).map(|_| mutated(&mut random, &empty, &empty)).collect::<Vec<_>>()
        };
        assert_eq!(cases(1), cases(1));
        assert_ne!(cases(1), cases(2));
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1);
        let mut counts = [0; 3];
        (0..6_000).for_each(|_| counts[random.weighted([1, 0, 2].into_iter())] += 1);
        assert!(counts[0] > 1_800 && counts[0] < 2_200 && counts[1] == 0, "{counts:?}");
    }
}
