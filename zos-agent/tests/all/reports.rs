//! Every window ends as accepted or refused, exactly once, whatever happens on the way.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::units::Report;
use std::collections::BTreeSet;
use support::{eventually, fake_chain::Reporting, Bench, FakeChain};
use zos_agent::store::{
    reports::{Flight, Tally},
    Store,
};

fn key(report: &Report) -> (u64, u64) {
    (report.contract_id, report.timestamp)
}

/// Waits until a batch is under way.
async fn in_flight(bench: &Bench) {
    let status = || zos_agent::status::ask(&bench.config.state_dir);
    eventually("a batch is under way", || async { status().await.unwrap().in_flight > 0 }).await;
}

async fn running(bench: &Bench) -> u64 {
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    id
}

fn assert_each_once(taken: &[Report]) {
    assert_eq!(taken.iter().map(key).collect::<BTreeSet<_>>().len(), taken.len(), "a window was taken twice");
}

/// Of one contract, the oldest first.
fn assert_no_gap(taken: &[Report]) {
    for pair in taken.windows(2) {
        assert!(pair[1].timestamp - pair[1].window <= pair[0].timestamp, "no gap: {pair:?}");
    }
}

/// What is left on disk. Only while no agent runs.
async fn left(bench: &Bench) -> (u64, Option<Flight>, Tally) {
    let store = Store::open(&bench.config.state_dir).unwrap();
    store.read(|read| Ok((read.waiting_reports()?, read.flight()?, read.tally()?))).await.unwrap()
}

/// A state folder in which so many windows wait.
async fn with_outbox(bench: &Bench, windows: std::ops::Range<u64>, contract_id: u64) {
    let store = Store::open(&bench.config.state_dir).unwrap();
    let window = move |timestamp| Report { contract_id, timestamp, window: 1, ..Report::default() };
    let written = store.write(move |write| windows.clone().try_for_each(|end| write.send_report(&window(end))));
    written.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finality_that_stands_still_costs_one_transaction_however_long_it_does() {
    let bench = Bench::start().await;
    running(&bench).await;
    eventually("reports are settled", || async { bench.chain.taken().len() >= 2 }).await;
    bench.chain.set_reporting(Reporting::Unfinal);
    in_flight(&bench).await;
    let (sent, heartbeats) = (bench.chain.batches(), bench.chain.heartbeats());
    eventually("time passes", || async { bench.chain.heartbeats() > heartbeats + 5 }).await;
    assert_eq!(bench.chain.batches(), sent, "nothing else is signed while it is open");
    bench.chain.set_reporting(Reporting::Open);
    eventually("reports are settled again", || async { bench.chain.batches() > sent + 1 }).await;
    assert_each_once(&bench.chain.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_expired_is_sent_anew_and_no_window_is_lost() {
    let bench = Bench::start().await;
    running(&bench).await;
    bench.chain.set_reporting(Reporting::Lossy);
    let before = bench.chain.batches();
    // Whatever was under way arrives; the next one does not.
    eventually("one is lost", || async { bench.chain.batches() > before }).await;
    let lost: Vec<_> = bench.chain.offered().iter().map(key).collect();
    bench.chain.set_reporting(Reporting::Open);
    let arrived = || async {
        let taken: BTreeSet<_> = bench.chain.taken().iter().map(key).collect();
        lost.iter().all(|key| taken.contains(key))
    };
    eventually("its windows arrive", arrived).await;
    assert_each_once(&bench.chain.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_which_nobody_knows_any_more_what_became_of_it_is_not_waited_for_for_ever() {
    let bench = Bench::start().await;
    running(&bench).await;
    bench.chain.set_reporting(Reporting::Forgetful);
    let before = bench.chain.batches();
    eventually("its windows are sent anew", || async { bench.chain.batches() > before + 2 }).await;
    bench.chain.set_reporting(Reporting::Open);
    let status = || zos_agent::status::ask(&bench.config.state_dir);
    let settled = status().await.unwrap().windows.accepted;
    eventually("windows are settled", || async { status().await.unwrap().windows.accepted > settled }).await;
}

/// Waits until batches have failed in their blocks, and for a while in which a good number more would, were there no pauses.
async fn failing(bench: &Bench) {
    bench.chain.set_reporting(Reporting::Failing);
    eventually("a batch fails", || async { bench.chain.fees() > 0 }).await;
    let heartbeats = bench.chain.heartbeats();
    eventually("time passes", || async { bench.chain.heartbeats() > heartbeats + 8 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_fail_in_their_blocks_cost_few_fees_and_status_says_why() {
    let bench = Bench::start().await;
    running(&bench).await;
    failing(&bench).await;
    let status = zos_agent::status::ask(&bench.config.state_dir).await.unwrap();
    let why = status.notes.report_failure.unwrap_or_default();
    assert!(why.contains("NotTheAgent"), "{why:?}");
    assert!(status.outbox >= 3, "{} windows wait", status.outbox);
    assert!(bench.chain.fees() <= 5, "{} batches in 8 s", bench.chain.fees());
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_batches_that_failed_in_their_blocks_are_taken_once_when_the_chain_takes_them() {
    let bench = Bench::start().await;
    running(&bench).await;
    eventually("reports are settled", || async { bench.chain.taken().len() >= 2 }).await;
    failing(&bench).await;
    let taken = bench.chain.taken();
    let waiting: Vec<_> = bench.chain.offered().iter().map(key).collect();
    assert!(taken.iter().all(|report| !waiting.contains(&key(report))));
    bench.chain.set_reporting(Reporting::Open);
    eventually("all that waited is taken", || async {
        let taken: BTreeSet<_> = bench.chain.taken().iter().map(key).collect();
        waiting.iter().all(|key| taken.contains(key))
    })
    .await;
    assert_each_once(&bench.chain.taken());
    assert_no_gap(&bench.chain.taken());
    let status = || zos_agent::status::ask(&bench.config.state_dir);
    eventually("there is nothing to complain of", || async { status().await.unwrap().notes.report_failure.is_none() })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_in_flight_is_found_again_after_a_kill_and_not_sent_in_another() {
    let mut bench = Bench::start().await;
    running(&bench).await;
    bench.chain.set_reporting(Reporting::Unfinal);
    in_flight(&bench).await;
    bench.kill().await;
    bench.up().await;
    let (sent, heartbeats) = (bench.chain.batches(), bench.chain.heartbeats());
    eventually("time passes", || async { bench.chain.heartbeats() > heartbeats + 3 }).await;
    assert_eq!(bench.chain.batches(), sent);
    bench.chain.set_reporting(Reporting::Open);
    eventually("others follow", || async { bench.chain.batches() > sent + 1 }).await;
    assert_each_once(&bench.chain.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_that_are_too_old_end_as_refused_visibly_and_cost_no_transaction() {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    with_outbox(&bench, 1..12_001, 1).await;
    bench.chain.set_oldest(20_000);
    bench.up().await;
    let admin = bench.config.state_dir.clone();
    let status = || async { zos_agent::status::ask(&admin).await.unwrap() };
    eventually("all are refused", || async { status().await.windows.refused == 12_000 }).await;
    let status = status().await;
    assert_eq!((status.outbox, status.windows.accepted), (0, 0));
    assert!(status.windows.refusal.unwrap().contains("older than"));
    assert_eq!(bench.chain.batches(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outbox_is_sent_in_batches_the_oldest_first() {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    let id = bench.agreed(&["echo"]).contract_id;
    bench.chain.change(id, |contract| contract.state = zos_agent::chain::ContractState::Deployed);
    with_outbox(&bench, 1_000..6_000, id).await;
    bench.up().await;
    eventually("all are taken", || async { bench.chain.taken().len() == 5_000 }).await;
    let taken = bench.chain.taken();
    assert!(taken.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
    assert_eq!(bench.chain.batches(), 10, "500 in each");
    let status = || zos_agent::status::ask(&bench.config.state_dir);
    eventually("all are settled", || async { status().await.unwrap().outbox == 0 }).await;
    bench.down().await;
    let (waiting, _, tally) = left(&bench).await;
    assert_eq!((waiting, tally.accepted, tally.refused), (0, 5_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_refuses_is_counted_and_holds_nothing_else_up() {
    let mut bench = Bench::start().await;
    let id = running(&bench).await;
    eventually("reports are settled", || async { bench.chain.taken().len() >= 2 }).await;
    bench.down().await;
    with_outbox(&bench, 1_000..1_010, id + 1_000).await;
    let before = bench.chain.taken().len();
    bench.up().await;
    eventually("it goes on", || async { bench.chain.taken().len() > before + 1 }).await;
    let refused: Vec<_> = bench.chain.refused().iter().map(|(report, _)| key(report)).collect();
    assert_eq!(refused.len(), 10);
    bench.down().await;
    let (_, _, tally) = left(&bench).await;
    assert_eq!((tally.refused, tally.refusal.as_deref()), (10, Some("UnknownContract")));
}

/// The machine's clock is far off: windows are stamped by the chain's all the same, and none is too early.
#[tokio::test(flavor = "multi_thread")]
async fn windows_are_stamped_by_the_chains_clock() {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    bench.chain.set_time(Some(5_000_000_000));
    bench.up().await;
    running(&bench).await;
    let mut time = 5_000_000_100;
    eventually("a window is taken", || {
        time += 1;
        bench.chain.set_time(Some(time));
        let taken = !bench.chain.taken().is_empty();
        async move { taken }
    })
    .await;
    assert!(bench.chain.taken().iter().all(|report| report.timestamp >= 5_000_000_000), "{:?}", bench.chain.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_wait_while_the_chain_is_away_and_none_is_lost() {
    let bench = Bench::start().await;
    running(&bench).await;
    eventually("reports are settled", || async { bench.chain.taken().len() >= 2 }).await;
    bench.chain.set_down(true);
    let before = bench.chain.taken().last().unwrap().timestamp;
    let admin = &bench.config.state_dir;
    let waiting = || async { zos_agent::status::ask(admin).await.unwrap().outbox >= 3 };
    eventually("windows wait", waiting).await;
    bench.chain.set_down(false);
    eventually("they are taken", || async {
        bench.chain.taken().iter().filter(|report| report.timestamp > before).count() >= 3
    })
    .await;
    assert_no_gap(&bench.chain.taken());
    assert_each_once(&bench.chain.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_for_which_no_block_has_room_is_halved_until_one_has() {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    let id = bench.agreed(&["echo"]).contract_id;
    bench.chain.change(id, |contract| contract.state = zos_agent::chain::ContractState::Deployed);
    bench.chain.set_room(60);
    with_outbox(&bench, 1_000..2_000, id).await;
    bench.up().await;
    eventually("all are taken", || async { bench.chain.taken().len() == 1_000 }).await;
    assert_each_once(&bench.chain.taken());
    let ends: Vec<u64> = bench.chain.taken().iter().map(|report| report.timestamp).collect();
    assert!(ends.is_sorted(), "the oldest go first");
}
