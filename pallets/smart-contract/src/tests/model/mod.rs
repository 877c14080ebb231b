//! A second opinion on every bill: the money rules written down once more, plainly and slowly, from the rules' text.
//!
//! The model counts second by second and holds everybody's money in maps. Random sequences of what users, nodes, farmers
//! and time can do are done in the pallet and in the model, and after each step both agree on every account, escrow and
//! second paid for.
//!
//! * [`price`]: what an hour costs, in exact [`fraction`]s;
//! * [`deal`]: one contract; [`world`]: time, money and capacity;
//! * [`calls`], [`reports`], [`settling`], [`funding`], [`pause`] and [`rents`]: what each call does;
//! * [`steps`]: what can happen; [`scenes`]: random sequences of it;
//! * [`both`]: pallet and model side by side, [`acts`] in both, and [`passing`] time in both;
//! * [`splits`]: one long window equals any split of it.
//!
//! `MODEL_CASES=20000 cargo test --release --workspace --locked model::` tries more than the tests of every day do: about fifty
//! sequences a second on one core. What fails is shrunk to the shortest sequence that does, and printed.

mod acts;
mod both;
mod calls;
mod deal;
mod fraction;
mod funding;
mod passing;
mod pause;
mod price;
mod rents;
mod reports;
mod scenes;
mod settling;
mod splits;
mod steps;
mod world;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use both::Tally;

/// Sequences tried, unless `MODEL_CASES` says how many.
const CASES: u32 = 1_500;

fn cases() -> u32 {
    std::env::var("MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

#[test]
fn the_pallet_and_the_model_agree_on_every_bill() {
    let sequences = scenes::settings().prop_flat_map(|setting| {
        let steps = scenes::life(&setting.rules);
        (Just(setting), steps)
    });
    let total = std::cell::RefCell::new(Tally::new());
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&sequences, |(setting, steps)| {
        for (what, (done, all)) in both::play(&setting, &steps) {
            let mut total = total.borrow_mut();
            let sum = total.entry(what).or_default();
            *sum = (sum.0 + done, sum.1 + all);
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    ensure_not_idle(&total.into_inner());
}

/// Sequences in which hardly anything succeeds would prove nothing.
fn ensure_not_idle(total: &Tally) {
    println!("went through, of all tried: {total:?}");
    let count = |what| total.get(what).copied().unwrap_or_default();
    for what in ["create", "deployment", "report", "charge", "update", "cancel", "fund", "limit", "cushion"] {
        let (done, all) = count(what);
        assert!(done * 10 >= all && done > 0, "only {done} of {all}: {what}");
    }
    for what in ["rent", "claim", "resume", "gift resumes", "timeout", "out of funds", "grace", "rent ended"] {
        assert!(cases() < CASES || count(what).0 >= 10, "hardly ever: {what}");
    }
}
