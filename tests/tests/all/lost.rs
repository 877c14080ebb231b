//! Somebody is cut off in the middle of a transaction: what became of it is looked up, not guessed.

use grid_client::{Call, Chain, Fate, Key, Wait};
use grid_tests::{
    home::Home,
    inside::quick_chain,
    ledger::Ledger,
    meadow::{eventually, Meadow, AGENT, NODE, PART},
    scene::{block_on, connect, start_chain},
};
use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use zos_agent::{chain::Outcome, config::Config, key::AgentKey, service};

/// Passes on what a client and a node say to each other, and hangs up once when a transaction has been handed over.
async fn wire(node: String) -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("ws://{}", listener.local_addr().expect("a bound socket has an address"));
    let cut = Arc::new(AtomicBool::new(false));
    let done = cut.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, node.clone(), done.clone()));
        }
    });
    (url, cut)
}

async fn pass(mut client: TcpStream, node: String, cut: Arc<AtomicBool>) {
    let address = node.trim_start_matches("ws://").to_owned();
    let Ok(mut node) = TcpStream::connect(address).await else { return };
    let (mut up, mut down) = ([0; 65_536], [0; 65_536]);
    let mut answers = 0;
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(read @ 1..) => if node.write_all(&up[..read]).await.is_err() { return },
                _ => return,
            },
            read = node.read(&mut down) => match read {
                Ok(read @ 1..) => {
                    // The pool's first word on the transaction never arrives.
                    let text = String::from_utf8_lossy(&down[..read]);
                    answers += usize::from(text.contains("author_extrinsicUpdate"));
                    if answers > 0 && !cut.swap(true, Ordering::SeqCst) {
                        return;
                    }
                    if client.write_all(&down[..read]).await.is_err() { return }
                },
                _ => return,
            },
        }
    }
}

#[test]
fn a_transaction_whose_connection_broke_is_found_in_its_block() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let (_node, url) = start_chain(folder.path());
    let (alice, bob) = (key("//Alice"), key("//Bob"));
    block_on(async {
        let direct = connect(&url).await;
        let before = direct.best().await.expect("a block").balance(bob.account()).await.expect("a balance").free;
        for wait in [Wait::InBlock, Wait::Finalized] {
            let (wire, cut) = wire(url.clone()).await;
            let chain = Chain::connect(&[wire]).await.expect("the wire is there");
            let call = Call::Transfer { to: bob.account(), amount: 10_000_000 };
            let included = chain.submit(&alice, call, wait).await.expect("it is found");
            assert!(cut.load(Ordering::SeqCst), "the connection was cut");
            assert!(included.fee.is_some());
        }
        let after = direct.best().await.expect("a block").balance(bob.account()).await.expect("a balance").free;
        assert_eq!(after - before, 20_000_000, "each was executed once");
    });
}

#[test]
fn what_was_signed_and_never_sent_is_open_and_what_was_sent_twice_happens_once() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let (_node, url) = start_chain(folder.path());
    let (alice, bob) = (key("//Alice"), key("//Bob"));
    block_on(async {
        let chain = connect(&url).await;
        let call = || Call::Transfer { to: bob.account(), amount: 10_000_000 };
        let prepared = chain.prepare(&alice, call()).await.expect("it can be signed");
        let look = || chain.fate(prepared.transaction, prepared.from.number, 0);
        assert!(matches!(look().await, Ok(Fate::Open { .. })));
        chain.broadcast(&prepared.bytes).await.expect("the pool takes it");
        chain.broadcast(&prepared.bytes).await.expect("again is as good as once");
        let included = loop {
            match look().await.expect("the node answers") {
                Fate::Final(included) => break included.expect("it did what it should"),
                Fate::Open { .. } => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                fate @ (Fate::Expired | Fate::Forgotten) => panic!("it was in time: {fate:?}"),
            }
        };
        assert_eq!(included.transaction, prepared.transaction);
        chain.broadcast(&prepared.bytes).await.expect("also when it is final");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_that_is_gone_has_sent_is_waited_for_and_not_said_again() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let chain = quick_chain();
    let (agents, user) = (chain.endpoint(), chain.endpoint());
    let home = Home::furnish(folder.path(), &[agents.url()], AGENT);
    let client = Chain::connect(&[user.url()]).await.expect("the endpoint serves");
    let meadow = Meadow::found(client, home.bus, home.gateway).await;
    let config = Config::load(&home.config(), []).expect("the test wrote a configuration");
    let secret = AgentKey::load(&config.node.key_file).expect("the test wrote a key");
    let agent = || service::chain(&config, &secret);

    let first = agent();
    first.accept(NODE).await.expect("the node names it");
    first.report_uptime(60).await.expect("the chain hears of the node");
    let id = meadow.create(&meadow.deployment("one"), PART).await.expect("the node was heard of").contract_id;
    chain.set_sealing(false);
    let told = tokio::spawn(async move { first.report_deployment(id, 0, Outcome::Deployed).await });
    eventually("the pool has what it sent", || async { chain.waiting() == 1 }).await;
    told.abort();

    let (second, before) = (agent(), agents.asked());
    let told = tokio::spawn(async move { second.report_deployment(id, 0, Outcome::Deployed).await });
    eventually("the next one looks, or sends", || async { chain.waiting() > 1 || agents.asked() > before + 40 }).await;
    chain.make_block();
    chain.set_sealing(true);
    assert_eq!(told.await.expect("it is not ended"), Ok(()));
    let ledger = Ledger::of(&chain);
    ledger.assert_fair(&[]);
    assert_eq!(ledger.reported(), [(id, 0)]);
}

fn key(uri: &str) -> Key {
    Key::from_uri(uri).expect("a development key")
}
