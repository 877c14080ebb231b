//! Endpoints that fail, lie or fall behind, played by a small node in this process: no chain is needed.

#![allow(clippy::unwrap_used)]

use grid_client::{Chain, ChainError, FinalizedHeads, Hash};
use jsonrpsee_client::{
    server::{Server, ServerHandle, SubscriptionMessage},
    RpcModule,
};
use serde_json::{json, value::to_raw_value, Value};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

const GENESIS: u8 = 7;
/// Shorter than anybody's patience.
const MOMENT: Duration = Duration::from_millis(20);

/// A node that knows nothing but the hashes of its blocks and how far they are final.
struct FakeNode {
    url: String,
    finalized: watch::Sender<u64>,
    /// Whether it answers to who asks for the hash of a block.
    answers: watch::Sender<bool>,
    /// How often that was asked.
    asked: Arc<AtomicUsize>,
    handle: ServerHandle,
}

/// The block of height `number` of the chain with this genesis.
fn hash(genesis: u8, number: u64) -> Hash {
    let mut hash = [genesis; 32];
    hash[24..].copy_from_slice(&number.to_be_bytes());
    hash
}

fn hex(hash: Hash) -> Value {
    json!(format!("0x{}", hash.map(|byte| format!("{byte:02x}")).concat()))
}

fn header(genesis: u8, number: u64) -> Value {
    let parent = hash(genesis, number.saturating_sub(1));
    json!({
        "parentHash": hex(parent), "number": format!("{number:#x}"), "stateRoot": hex([0; 32]),
        "extrinsicsRoot": hex([0; 32]), "digest": { "logs": [] },
    })
}

impl FakeNode {
    async fn start(genesis: u8, finalized: u64) -> Self {
        let (finalized, watcher) = watch::channel(finalized);
        let server = Server::builder().build("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", server.local_addr().unwrap());
        let (answers, asked) = (watch::channel(true).0, Arc::<AtomicUsize>::default());
        let handle = server.start(Self::methods(genesis, watcher, answers.subscribe(), asked.clone()));
        Self { url, finalized, answers, asked, handle }
    }

    fn methods(
        genesis: u8,
        finalized: watch::Receiver<u64>,
        answers: watch::Receiver<bool>,
        asked: Arc<AtomicUsize>,
    ) -> RpcModule<watch::Receiver<u64>> {
        let mut module = RpcModule::new(finalized);
        module
            .register_async_method("chain_getBlockHash", move |params, finalized, _| {
                let mut answers = answers.clone();
                asked.fetch_add(1, Ordering::SeqCst);
                async move {
                    answers.wait_for(|answers| *answers).await.unwrap();
                    let number: Option<Value> = params.sequence().optional_next().unwrap();
                    let number = number.and_then(|number| number.as_u64()).unwrap_or_else(|| *finalized.borrow());
                    (number <= *finalized.borrow()).then(|| hex(hash(genesis, number)))
                }
            })
            .unwrap();
        module
            .register_method("chain_getFinalizedHead", move |_, finalized, _| hex(hash(genesis, *finalized.borrow())))
            .unwrap();
        module.register_method("chain_getHeader", move |_, finalized, _| header(genesis, *finalized.borrow())).unwrap();
        module
            .register_subscription(
                "chain_subscribeFinalizedHeads",
                "chain_finalizedHead",
                "chain_unsubscribeFinalizedHeads",
                move |_, pending, finalized, _| async move {
                    let mut finalized = (*finalized).clone();
                    let Ok(sink) = pending.accept().await else { return };
                    while finalized.changed().await.is_ok() {
                        let number = *finalized.borrow_and_update();
                        let message = to_raw_value(&header(genesis, number)).unwrap();
                        if sink.send(SubscriptionMessage::from(message)).await.is_err() {
                            return;
                        }
                    }
                },
            )
            .unwrap();
        module
    }

    async fn stop(self) {
        self.handle.stop().unwrap();
        self.handle.stopped().await;
    }
}

/// The next heights; errors on the way are what a caller would see and go on from.
async fn heights(heads: &mut FinalizedHeads, count: usize) -> Vec<u64> {
    let mut heights = Vec::new();
    while heights.len() < count {
        if let Ok(block) = heads.next().await {
            assert_eq!(block.hash, hash(GENESIS, block.number));
            heights.push(block.number);
        }
    }
    heights
}

#[tokio::test]
async fn the_next_endpoint_serves_when_the_first_does_not() {
    let node = FakeNode::start(GENESIS, 1).await;
    let chain = Chain::connect(&["ws://127.0.0.1:1".into(), node.url.clone()]).await.unwrap();
    assert_eq!(chain.genesis(), hash(GENESIS, 0));
    assert_eq!(chain.endpoint().await, node.url);
}

#[tokio::test]
async fn no_endpoint_that_answers_is_unknown_and_retryable() {
    for endpoints in [vec![], vec!["ws://127.0.0.1:1".to_owned()], vec!["nonsense".to_owned()]] {
        let error = Chain::connect(&endpoints).await.unwrap_err();
        assert_eq!(error.code(), "chain_unavailable", "{error}");
        assert!(error.retryable());
    }
}

#[tokio::test]
async fn an_endpoint_of_another_chain_is_refused() {
    let other = FakeNode::start(GENESIS + 1, 1).await;
    let refused = Chain::connect_to(std::slice::from_ref(&other.url), hash(GENESIS, 0)).await.unwrap_err();
    let expected =
        ChainError::WrongChain { endpoint: other.url.clone(), expected: hash(GENESIS, 0), found: hash(GENESIS + 1, 0) };
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn an_endpoint_of_another_chain_is_passed_over() {
    let (other, node) = (FakeNode::start(GENESIS + 1, 1).await, FakeNode::start(GENESIS, 1).await);
    let chain = Chain::connect_to(&[other.url.clone(), node.url.clone()], hash(GENESIS, 0)).await.unwrap();
    assert_eq!(chain.endpoint().await, node.url);
}

#[tokio::test]
async fn heads_begin_with_the_current_one() {
    let node = FakeNode::start(GENESIS, 5).await;
    let mut heads = Chain::connect(std::slice::from_ref(&node.url)).await.unwrap().finalized_heads(None);
    assert_eq!(heights(&mut heads, 1).await, [5]);
}

#[tokio::test]
async fn heads_begin_with_the_one_that_was_asked_for() {
    let node = FakeNode::start(GENESIS, 5).await;
    let mut heads = Chain::connect(std::slice::from_ref(&node.url)).await.unwrap().finalized_heads(Some(3));
    assert_eq!(heights(&mut heads, 3).await, [3, 4, 5]);
}

#[tokio::test]
async fn heads_have_no_gaps_when_several_blocks_become_final_at_once() {
    let node = FakeNode::start(GENESIS, 5).await;
    let mut heads = Chain::connect(std::slice::from_ref(&node.url)).await.unwrap().finalized_heads(None);
    assert_eq!(heights(&mut heads, 1).await, [5]);
    node.finalized.send(8).unwrap();
    node.finalized.send(9).unwrap();
    assert_eq!(heights(&mut heads, 4).await, [6, 7, 8, 9]);
}

#[tokio::test]
async fn heads_go_on_at_another_endpoint_without_gap_or_repeat() {
    let (first, second) = (FakeNode::start(GENESIS, 5).await, FakeNode::start(GENESIS, 7).await);
    let chain = Chain::connect(&[first.url.clone(), second.url.clone()]).await.unwrap();
    let mut heads = chain.finalized_heads(None);
    assert_eq!(heights(&mut heads, 1).await, [5]);
    first.stop().await;
    assert_eq!(heights(&mut heads, 2).await, [6, 7]);
    assert_eq!(chain.endpoint().await, second.url);
}

#[tokio::test]
async fn an_endpoint_that_is_behind_repeats_nothing() {
    let (first, second) = (FakeNode::start(GENESIS, 5).await, FakeNode::start(GENESIS, 3).await);
    let mut heads = Chain::connect(&[first.url.clone(), second.url.clone()]).await.unwrap().finalized_heads(None);
    assert_eq!(heights(&mut heads, 1).await, [5]);
    first.stop().await;
    let (next, ()) = tokio::join!(heights(&mut heads, 1), async {
        for finalized in [4, 5, 6] {
            second.finalized.send(finalized).unwrap();
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(next, [6]);
}

/// Who asks gives up before the connection is there; the next who asks waits for the same one.
#[tokio::test]
async fn a_connection_is_made_whatever_the_patience_of_those_who_wait_for_it() {
    let (first, slow) = (FakeNode::start(GENESIS, 5).await, FakeNode::start(GENESIS, 7).await);
    let chain = Chain::connect(&[first.url.clone(), slow.url.clone()]).await.unwrap();
    slow.answers.send_replace(false);
    first.stop().await;
    let asked = || slow.asked.load(Ordering::SeqCst);
    while asked() == 0 {
        assert!(timeout(MOMENT, chain.name()).await.map_or(true, |answer| answer.is_err()));
    }
    for _ in 0..5 {
        assert!(timeout(MOMENT, chain.name()).await.is_err(), "it waits");
    }
    assert_eq!(asked(), 1, "for the connection that is being made");
    slow.answers.send_replace(true);
    assert_eq!(heights(&mut chain.finalized_heads(None), 1).await, [7]);
    assert_eq!(asked(), 2, "once for the chain's genesis, once for the block");
}

#[tokio::test]
async fn when_all_endpoints_are_gone_the_caller_is_told() {
    let node = FakeNode::start(GENESIS, 5).await;
    let chain = Chain::connect(std::slice::from_ref(&node.url)).await.unwrap();
    let mut heads = chain.finalized_heads(None);
    assert_eq!(heights(&mut heads, 1).await, [5]);
    node.stop().await;
    assert_eq!(heads.next().await.unwrap_err().code(), "chain_unavailable");
}
