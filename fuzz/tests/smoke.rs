//! A short search, always the same: bounded by steps, not by time.

#![allow(clippy::unwrap_used)] // What a test unwraps is there, or the test fails.

use std::path::Path;

use gridchain_fuzz::{
    case::{Case, Failure},
    search::{search, Work},
    seeds,
    shrink::shrink,
    tally::Tally,
};

/// Enough for every call to succeed and for most of its errors; less than a minute of processor time in the release profile.
const STEPS: u64 = 12_000;
/// The least share of calls that must succeed, per cent.
const LEAST: f64 = 40.0;
const SEED: u64 = 1;

fn known() -> Vec<(String, Case)> {
    seeds::read_all(Path::new(seeds::FOLDER)).unwrap()
}

fn told(failure: Failure) -> String {
    let Failure { why, case } = shrink(failure);
    let steps: Vec<String> = case.steps.iter().map(ToString::to_string).collect();
    format!("{why}\npreset {}\n{}\nscripts/fuzz --replay {}", case.preset_name(), steps.join("\n"), case.to_hex())
}

/// The seeds are what they say they are: a rule that changes must not turn them into noise.
#[test]
fn nearly_every_step_of_the_seeds_succeeds() {
    for (name, case) in known() {
        let mut tally = Tally::default();
        let mut failed = vec![];
        let result = case.run_and_tell(&mut tally, |step, result| {
            if !result.is_success() {
                failed.push(format!("{step}: {:?}", result.result));
            }
        });
        result.map_err(told).unwrap();
        assert!(tally.total.share() > 85.0, "{name}: {failed:#?}");
    }
}

#[test]
fn nothing_breaks_and_every_call_succeeds_at_least_once() {
    let seeds = known().into_iter().map(|(_, case)| case).collect();
    let (done, result) = search(seeds, SEED, Work::Steps(STEPS), |_| ());
    println!("{}\n{} cases, {} blocks, {:?}", done.tally, done.cases, done.blocks.blocks, done.blocks.longest_block);
    if let Err(failure) = result {
        panic!("seed {SEED}: {}", told(failure));
    }
    assert_eq!(done.tally.never_succeeded(), Vec::<&str>::new());
    assert!(done.tally.total.share() >= LEAST, "only {:.1} % succeeded", done.tally.total.share());
}

/// What a failure prints runs again, and the same way.
#[test]
fn a_case_replays_from_its_bytes() {
    for (name, case) in known() {
        let again = Case::from_hex(&case.to_hex()).unwrap();
        assert_eq!(again, case, "{name}");
        let results = |case: &Case| {
            let mut results = vec![];
            case.run_and_tell(&mut Tally::default(), |_, result| results.push(result.result)).map_err(told).unwrap();
            results
        };
        assert_eq!(results(&again), results(&case), "{name}");
    }
}
