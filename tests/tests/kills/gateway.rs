//! A gateway that is a process of its own is killed and started again while its agent lives on: that changes nothing either.

use super::matrix::{assert_all_end_alike, stopped, MATRIX};
use grid_tests::{
    keeper::{End, Keeper},
    ledger::Ledger,
    meadow::eventually,
    soak::Dice,
    stage::Stage,
    steps::Kill,
    story::{self, Ending},
};
use std::time::Duration;

/// The step that is reached when the gateway's administrator removes a module.
pub const REMOVAL: &[&str] = &["gateway.module.unrecorded:1"];
/// How often the gateway is killed at any time.
const KILLS: usize = 6;
/// The shortest and the longest of its lives then, milliseconds.
const LIFE: (u64, u64) = (100, 2_000);

/// Tells the story while the gateway is killed so often. After it the administrator removes what no function uses.
async fn told(kills: usize, plan: impl FnMut(usize) -> End + Send + 'static) -> Ending {
    let stage = Stage::apart().await;
    let Stage { meadow, home, .. } = &stage;
    let gateway = Keeper::start(&home.gateway_program(), plan);
    let agent = Keeper::start(&home.agent_program(), |_| End::Never);
    let contracts = story::live(meadow, home).await;
    let ending = story::ending(meadow, home, contracts.stays).await;
    assert_eq!(story::tidied(home).await.len(), 1, "no module is in use but that of what stays");
    eventually("the gateway is killed as planned", || async { gateway.kills() == kills }).await;
    meadow.answers(contracts.stays, "stays").await;
    stopped(gateway, kills).await;
    stopped(agent, 0).await;
    stage.chain.assert_sound();
    story::assert_told(&Ledger::of(&stage.chain), contracts);
    ending
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_of_the_gateway_at_any_of_its_steps_changes_nothing() {
    let own = MATRIX.iter().filter(|step| step.starts_with("gateway."));
    let steps: Vec<_> = own.chain(REMOVAL).copied().collect();
    let expected = told(0, |_| End::Never).await;
    let killed_once = |kill: Kill| {
        told(1, move |life| match life {
            0 => End::At(kill.clone()),
            _ => End::Never,
        })
    };
    assert_all_end_alike(&steps, &expected, killed_once).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_the_gateway_at_any_time_change_nothing() {
    let mut dice = Dice::any();
    let plan = move |life: usize| match life < KILLS {
        true => End::After(Duration::from_millis(dice.between(LIFE.0, LIFE.1))),
        false => End::Never,
    };
    told(KILLS, plan).await;
}
