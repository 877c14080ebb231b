//! The agent is killed at any time, and its chain is lost now and then or its node killed too; `scripts/soak` does this for as long
//! as one likes.

use grid_tests::soak::{soak, soak_with_node, Dice, Summary};
use std::time::Duration;

/// How long stories are begun.
const TIME: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn kills_and_outages_at_any_time_change_nothing() {
    assert_killed(soak(Dice::any().0, TIME).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_the_agent_and_of_its_chains_node_at_any_time_change_nothing() {
    assert_killed(soak_with_node(Dice::any().0, TIME).await);
}

fn assert_killed(summary: Summary) {
    println!("{summary:?}");
    assert!(summary.kills > 0 && summary.outages > 0, "{summary:?}");
}
