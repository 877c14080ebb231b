//! Days without the chain: what was measured meanwhile is told when the chain is there again, each window once.

use chain_in_memory::{Chain, Genesis};
use grid_tests::{
    inside::{quick, Inside},
    ledger::Ledger,
    meadow::eventually,
};
use grid_types::units::Report;
use gridchain_runtime::RuntimeCall;
use pallet_smart_contract::{types::Parameters, Call};
use std::{collections::BTreeMap, time::Duration};
use zos_agent::{status, store::Store};

const DAY: u64 = 86_400;
/// The longest window that this chain takes, seconds.
const WINDOW: u64 = 60;

/// How often each window got into a block: by the contract and the window's end.
fn sent(chain: &Chain) -> BTreeMap<(u64, u64), usize> {
    let mut sent = BTreeMap::new();
    for call in chain.calls(1).into_iter().flatten() {
        let RuntimeCall::SmartContractModule(Call::add_reports { reports }) = call else { continue };
        for report in reports {
            *sent.entry((report.contract_id, report.timestamp)).or_default() += 1;
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_of_three_days_without_chain_are_each_answered_once() {
    // Slots of a development chain: a full batch fits into a block. It begins so early that it stays behind the machine's time.
    let rules = Parameters { report_period: 4, ..quick().rules };
    let (slot, ago) = (Duration::from_secs(2), Duration::from_secs(4 * DAY));
    let chain = Chain::new(&Genesis { slot, ago, rules });
    let endpoint = chain.endpoint();
    let mut inside = Inside::with(chain, &[&endpoint]).await;
    let id = inside.meadow.deployed("one").await.contract_id;
    inside.meadow.billed(id).await;
    endpoint.close();
    inside.stop().await;
    // What an agent without chain leaves in its outbox in this time.
    let head = inside.meadow.chain.finalized().await.expect("the user's endpoint serves");
    let now = head.time().await.expect("the user's endpoint serves");
    let window =
        |number| Report { contract_id: id, timestamp: now + number * WINDOW, window: WINDOW, ..Report::default() };
    let windows: Vec<Report> = (1..=3 * DAY / WINDOW).map(window).collect();
    let kept = windows.clone();
    let store = Store::open(&inside.home.state()).expect("the agent has closed it");
    let written = store.write(move |write| kept.iter().try_for_each(|report| write.send_report(report)));
    written.await.expect("there is room");
    drop(store);
    inside.chain.advance(3 * DAY);

    endpoint.reopen();
    inside.start().await;
    let all = u64::try_from(windows.len()).expect("there are not so many");
    let state = inside.home.state();
    let answered = || async {
        let status = status::ask(&state).await.ok()?;
        let answered = status.windows.accepted + status.windows.refused;
        (status.outbox == 0 && status.in_flight == 0 && answered >= all).then_some(status.windows)
    };
    eventually("all windows are answered", || async { answered().await.is_some() }).await;
    let tally = status::ask(&state).await.expect("the agent runs").windows;
    // In one block, or given up as older than the chain charges: never both, and none twice.
    let sent = sent(&inside.chain);
    let times = || windows.iter().map(|report| sent.get(&(id, report.timestamp)).copied().unwrap_or_default());
    assert!(times().all(|times| times <= 1));
    let given_up = times().filter(|times| *times == 0).count();
    assert!(u64::try_from(given_up).is_ok_and(|given_up| given_up <= tally.refused), "{given_up} of {tally:?}");
    assert_ne!(times().next_back(), Some(0), "what is young enough is sent");
    // The chain executed them, and what it did not charge it told.
    Ledger::of(&inside.chain).assert_fair(&[]);
    inside.chain.assert_sound();
    inside.meadow.billed(id).await;
}
