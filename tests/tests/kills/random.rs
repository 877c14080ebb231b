//! The agent is killed at any time and its chain is lost now and then; `scripts/soak` does this for as long as one likes.

use grid_tests::soak::soak;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::test(flavor = "multi_thread")]
async fn kills_and_outages_at_any_time_change_nothing() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    println!("seed {seed}");
    let summary = soak(seed, Duration::from_secs(15)).await;
    println!("{summary:?}");
    assert!(summary.kills > 0, "{summary:?}");
}
