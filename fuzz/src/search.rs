//! Goes on until something breaks or the work is done.

use std::time::{Duration, Instant};

use crate::{
    case::{Case, Failure, Passed},
    mutate::{mutated, Random},
    tally::Tally,
};

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// At least so many steps.
    Steps(u64),
    /// As many as fit into this time.
    Time(Duration),
}

/// What was done.
#[derive(Clone, Default, Debug)]
pub struct Done {
    /// Cases that were run.
    pub cases: u64,
    /// What their calls came to.
    pub tally: Tally,
    /// Their blocks.
    pub blocks: Passed,
}

/// Runs the seeds, and then changes of them and of all that did something new.
pub fn search(seeds: Vec<Case>, seed: u64, work: Work, mut progress: impl FnMut(&Done)) -> (Done, Result<(), Failure>) {
    let began = Instant::now();
    let (mut random, mut done) = (Random::new(seed), Done::default());
    for case in &seeds {
        if let Err(failure) = run(&mut done, case) {
            return (done, Err(failure));
        }
    }
    let mut known = seeds;
    loop {
        let enough = match work {
            Work::Steps(steps) => done.tally.total.tried >= steps,
            Work::Time(time) => began.elapsed() >= time,
        };
        if enough || known.is_empty() {
            return (done, Ok(()));
        }
        done.tally.anything_new();
        let (first, second) = (random.below(known.len()), random.below(known.len()));
        let case = mutated(&mut random, &known[first], &known[second]);
        if let Err(failure) = run(&mut done, &case) {
            return (done, Err(failure));
        }
        if done.tally.anything_new() {
            known.push(case);
        }
        progress(&done);
    }
}

fn run(done: &mut Done, case: &Case) -> Result<(), Failure> {
    let passed = case.run(&mut done.tally)?;
    done.cases += 1;
    done.blocks.blocks += passed.blocks;
    done.blocks.longest_block = done.blocks.longest_block.max(passed.longest_block);
    Ok(())
}
