//! Several endpoints of one chain, some of which are away, slow, behind, of another chain, or lie.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::units::Report;
use std::sync::Arc;
use support::{deployment, eventually, fake_chain::Reporting, Bench, FakeChain, NODE};
use zos_agent::chain::{failover::Failover, Chain, ChainError, ContractState, EndpointStatus, Head};

/// Nothing is known of any of them yet.
fn unheard(endpoints: &[(&str, &Arc<FakeChain>)]) -> Arc<Failover> {
    let endpoint = |(name, chain): &(&str, &Arc<FakeChain>)| -> (String, Arc<dyn Chain>) {
        ((*name).to_owned(), Arc::clone(chain) as Arc<dyn Chain>)
    };
    Failover::start(endpoints.iter().map(endpoint).collect())
}

/// All of them have been heard: who was heard first decides nothing then.
async fn several(endpoints: &[(&str, &Arc<FakeChain>)]) -> Arc<Failover> {
    let chain = unheard(endpoints);
    eventually("all are heard", || async { chain.endpoints().iter().all(|each| each.head.is_some()) }).await;
    chain
}

fn at(number: u64) -> Arc<FakeChain> {
    let chain = FakeChain::new();
    chain.reach(number);
    Arc::new(chain)
}

fn of(chain: &Failover, name: &str) -> EndpointStatus {
    chain.endpoints().into_iter().find(|endpoint| endpoint.url == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_healthy_one_is_asked_and_the_first_comes_back() {
    let (first, second) = (at(100), at(101));
    let chain = several(&[("first", &first), ("second", &second)]).await;
    assert_eq!(chain.head().await.unwrap().number, 100);
    first.set_down(true);
    assert_eq!(chain.head().await.unwrap().number, 101);
    assert!(of(&chain, "first").set_aside.unwrap().contains("down"));
    assert!(of(&chain, "second").used);
    first.set_down(false);
    first.reach(102);
    eventually("the first is asked again", || async { of(&chain, "first").used }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_set_aside_and_holds_no_question_up_for_long() {
    let (first, second) = (at(100), at(101));
    first.set_hanging(true);
    let chain = unheard(&[("first", &first), ("second", &second)]);
    assert_eq!(chain.head().await.unwrap().number, 101);
    let why = || of(&chain, "first").set_aside.unwrap();
    eventually("it is known why", || async { why().contains("no answer in") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_chain_is_never_believed() {
    let (other, ours) = (Arc::new(FakeChain::of([9; 32])), at(100));
    let chain = several(&[("other", &other), ("ours", &ours)]).await;
    chain.expect(support::fake_chain::GENESIS, Head::default());
    assert_eq!(chain.genesis().await.unwrap(), support::fake_chain::GENESIS);
    assert!(of(&chain, "other").set_aside.unwrap().contains("another chain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_behind_what_was_seen_is_not_asked_until_it_has_caught_up() {
    let (first, second) = (at(100), at(95));
    let chain = several(&[("first", &first), ("second", &second)]).await;
    assert_eq!(chain.head().await.unwrap().number, 100);
    first.set_down(true);
    let error = chain.head().await.unwrap_err().to_string();
    assert!(error.contains("down") && error.contains("is at block 95, and block 100 has been seen"), "{error}");
    second.reach(100);
    eventually("it has caught up", || async { chain.head().await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_keep_coming_when_the_endpoint_changes() {
    use futures::StreamExt;
    let (first, second) = (at(100), at(100));
    let chain = several(&[("first", &first), ("second", &second)]).await;
    let mut heads = chain.heads().await.unwrap();
    eventually("the first is asked", || async { of(&chain, "first").used }).await;
    let raised = async {
        for number in 150.. {
            first.reach(number);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let news = async { while heads.next().await.unwrap() < 150 {} };
    tokio::select! { () = news => {}, () = raised => {} }
    first.set_down(true);
    eventually("the second is asked", || async { of(&chain, "second").used }).await;
    // It has not come as far as the first had, which may have made that up.
    let raised = async {
        for number in 102.. {
            second.reach(number);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let news = async { while heads.next().await.unwrap() < 102 {} };
    tokio::select! { () = news => {}, () = raised => {} }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_height_that_one_endpoint_made_up_does_not_make_the_others_useless() {
    let (liar, honest) = (at(100), at(100));
    let chain = several(&[("liar", &liar), ("honest", &honest)]).await;
    assert_eq!(chain.head().await.unwrap().number, 100);
    // There was no time for so many blocks: whatever else it says is not even listened to.
    liar.reach(1 << 40);
    assert!(chain.snapshot(NODE).await.ok().is_none_or(|told| told.head.number == 100), "nothing of it is told on");
    assert!(of(&chain, "liar").set_aside.unwrap().contains("takes longer than the time"));
    assert_eq!(chain.head().await.unwrap().number, 100);
    assert!(of(&chain, "honest").used);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_height_that_nobody_else_has_reached_is_held_against_nobody() {
    let (liar, honest) = (at(100), at(100));
    let chain = several(&[("liar", &liar), ("honest", &honest)]).await;
    liar.reach(150);
    let told = chain.snapshot(NODE).await.unwrap().head;
    assert_eq!((told.number, chain.vouched(told).number), (150, 110));
    liar.set_down(true);
    honest.reach(110);
    eventually("the honest one is asked", || async { chain.head().await.is_ok_and(|head| head.number == 110) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_are_too_old_only_if_another_endpoint_says_so_too() {
    let (first, second) = (at(100), at(100));
    let chain = several(&[("first", &first), ("second", &second)]).await;
    first.set_oldest(20_000);
    assert_eq!(chain.times().await.unwrap().oldest, 0);
    second.set_oldest(10_000);
    assert_eq!(chain.times().await.unwrap().oldest, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_one_endpoint_refuses_what_another_may_have_taken_decides_nothing() {
    let (first, second) = (at(100), at(100));
    let chain = several(&[("first", &first), ("second", &second)]).await;
    let reports = [Report::default()];
    let signed = chain.sign_reports(&reports).await.unwrap();
    assert_eq!(second.sign_reports(&reports).await.unwrap(), signed);
    second.set_room(0);
    first.set_reporting(Reporting::Down);
    assert!(matches!(chain.send(&signed).await, Err(ChainError::Uncertain(_))));
    first.set_down(true);
    assert!(matches!(chain.send(&signed).await, Err(ChainError::TooLarge(_))), "that it was asked first decides");
}

/// A contract that both know, after which the first says that it has ended.
async fn contradiction(over: bool) -> (Arc<Failover>, Arc<FakeChain>, Arc<FakeChain>, u64) {
    let (first, second) = (at(100), at(100));
    let id = first.create(&deployment(&["echo"]));
    assert_eq!(second.create(&deployment(&["echo"])), id);
    let chain = several(&[("first", &first), ("second", &second)]).await;
    assert!(chain.snapshot(NODE).await.unwrap().contracts.contains_key(&id));
    first.end(id);
    if over {
        second.end(id);
    }
    (chain, first, second, id)
}

async fn said(chain: &Failover, id: u64) -> Head {
    let snapshot = chain.snapshot(NODE).await.unwrap();
    assert!(!snapshot.contracts.contains_key(&id));
    snapshot.head
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_another_endpoint_has_seen_too_is_believed() {
    let (chain, _first, second, id) = contradiction(true).await;
    let head = said(&chain, id).await;
    second.reach(head.number + 1);
    assert_eq!(chain.is_over(id, head).await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_another_endpoint_denies_is_not_believed_and_who_said_so_is_set_aside() {
    let (chain, _first, second, id) = contradiction(false).await;
    let head = said(&chain, id).await;
    second.reach(head.number + 1);
    assert_eq!(chain.is_over(id, head).await, Ok(false));
    assert!(of(&chain, "first").set_aside.unwrap().contains("said that contract"));
    assert!(chain.snapshot(NODE).await.unwrap().contracts.contains_key(&id));
}

/// Who is asked now is not always who said it.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_again_after_another_lied_meanwhile_is_not_taken_for_the_liar() {
    let (honest, liar) = (at(100), at(100));
    let id = honest.create(&deployment(&["echo"]));
    assert_eq!(liar.create(&deployment(&["echo"])), id);
    let chain = several(&[("first", &honest), ("second", &liar)]).await;
    liar.end(id);
    honest.set_down(true);
    let head = said(&chain, id).await;
    honest.set_down(false);
    honest.reach(head.number + 1);
    eventually("the honest one is asked again", || async { of(&chain, "first").used }).await;
    assert_eq!(chain.is_over(id, head).await, Ok(false));
    assert!(of(&chain, "second").set_aside.unwrap().contains("said that contract"));
    assert_eq!(of(&chain, "first").set_aside, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_endpoint_says_of_an_earlier_block_decides_nothing() {
    let (chain, first, _second, id) = contradiction(false).await;
    first.reach(105);
    let head = said(&chain, id).await;
    assert_eq!(chain.is_over(id, head).await, Ok(false));
    assert_eq!(of(&chain, "first").set_aside, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_believed_on_one_word_if_nobody_else_can_be_asked() {
    let (chain, _first, second, id) = contradiction(false).await;
    second.set_down(true);
    let head = said(&chain, id).await;
    assert_eq!(chain.is_over(id, head).await, Ok(true));
}

/// The whole agent: the preferred endpoint lies about the end of a contract, and the function goes on.
#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_whatever_one_of_two_endpoints_says_of_its_end() {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    let liar = Arc::new(FakeChain::new());
    bench.through(several(&[("liar", &liar), ("honest", &bench.chain)]).await);
    // Until there is something to lie about, the honest one is alone.
    liar.set_down(true);
    bench.up().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    liar.copy(&bench.chain);
    liar.end(id);
    let far = bench.chain.head().await.unwrap().number + 40;
    liar.reach(far);
    liar.set_down(false);
    let admin = bench.config.state_dir.clone();
    let endpoint = || async { zos_agent::status::ask(&admin).await.unwrap().endpoints.remove(0) };
    eventually("the liar is asked", || async { endpoint().await.used }).await;
    assert_eq!(bench.call(&format!("echo-{id}"), "still").await, (200, "still".to_owned()));
    // Until here the honest one has not come as far as what the liar told of.
    bench.chain.reach(far + 10);
    let caught = || async { endpoint().await.set_aside.is_some_and(|why| why.contains("said that contract")) };
    eventually("the liar is caught", caught).await;
    assert_eq!(bench.call(&format!("echo-{id}"), "on").await, (200, "on".to_owned()));
    bench.chain.change(id, |contract| contract.state = ContractState::Ending);
    eventually("an end that is one is believed", || async { bench.call(&format!("echo-{id}"), "").await.0 == 404 })
        .await;
}
