//! A node that is rented as a whole.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{
    bus::{self, Code},
    units::Report,
};
use serde_json::json;
use support::{deployment, eventually, Bench};

#[tokio::test(flavor = "multi_thread")]
async fn a_rent_is_reported_every_period_without_any_use() {
    let bench = Bench::start().await;
    let rent = bench.chain.rent();
    eventually("it was reported three times", || async { bench.chain.taken().len() >= 3 }).await;
    let taken = bench.chain.taken();
    for report in &taken {
        let Report { timestamp, window, .. } = *report;
        assert_eq!(*report, Report { contract_id: rent, timestamp, window, ..Report::default() }, "nothing was used");
    }
    for pair in taken.windows(2) {
        assert_eq!(pair[0].timestamp, pair[1].timestamp - pair[1].window, "windows touch: {taken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_inside_a_rent_runs_and_is_reported_like_any_other() {
    let bench = Bench::start().await;
    bench.chain.rent();
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    assert_eq!(bench.call(&format!("echo-{id}"), "inside").await, (200, "inside".to_owned()));
    eventually("its use was reported", || async {
        bench.chain.taken().iter().any(|report| report.contract_id == id && report.sru > 0)
    })
    .await;
    let user = bench.user().await;
    let statistics: bus::Statistics = user.command(bus::STATISTICS_GET, &json!({})).await.unwrap();
    assert_eq!(statistics.used.mru, support::fake_chain::RESOURCES.mru, "the rent itself uses nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_deployed_under_the_rent_itself() {
    let bench = Bench::start().await;
    let contract_id = bench.chain.rent();
    let user = bench.user().await;
    let sent = user.deploy(&grid_types::deployment::Deployment { contract_id, ..deployment(&["echo"]) }).await;
    assert_eq!(sent.map(|_| ()), Err(Code::InvalidDeployment));
}
