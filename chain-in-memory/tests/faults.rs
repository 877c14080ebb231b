//! Whatever can go wrong with an endpoint does when it is told to, and no client takes it for an answer.

#![allow(clippy::unwrap_used)]

use chain_in_memory::{Chain, Endpoint, Genesis, Transactions};
use grid_client::{Call, Chain as Client, ChainError, Key, SubmitError, Wait};
use std::time::Duration;
use tokio::time::timeout;

/// Much longer than an answer takes.
const A_WHILE: Duration = Duration::from_millis(500);

/// Between two blocks of a chain that goes on by itself.
const SLOT: Duration = Duration::from_millis(10);

fn chain() -> Chain {
    Chain::new(&Genesis::default())
}

async fn connect(endpoints: &[&Endpoint]) -> Client {
    let urls: Vec<String> = endpoints.iter().map(|endpoint| endpoint.url()).collect();
    Client::connect(&urls).await.unwrap()
}

fn twin() -> Call {
    Call::CreateTwin { relay: None, pk: None }
}

async fn send(client: &Client, who: &str) -> Result<grid_client::Included, SubmitError> {
    client.submit(&Key::from_uri(who).unwrap(), twin(), Wait::Finalized).await
}

/// The chain goes on, much faster than chains do.
async fn blocks(chain: &Chain) {
    let mut slots = tokio::time::interval(SLOT);
    loop {
        slots.tick().await;
        chain.make_block();
    }
}

#[tokio::test]
async fn a_silent_endpoint_answers_when_it_is_not_silent_any_more() {
    let (chain, client, endpoint);
    chain = self::chain();
    endpoint = chain.endpoint();
    client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.silent = true);
    let mut question = Box::pin(client.finalized());
    assert!(timeout(A_WHILE, &mut question).await.is_err());
    endpoint.change(|manners| manners.silent = false);
    assert!(question.await.is_ok());
}

#[tokio::test]
async fn a_slow_endpoint_answers_late() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.delay = Duration::from_millis(100));
    let asked = tokio::time::Instant::now();
    client.name().await.unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_closed_endpoint_breaks_off_and_the_next_one_serves() {
    let chain = chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let client = connect(&[&first, &second]).await;
    assert_eq!(client.endpoint().await, first.url());
    first.close();
    while client.finalized().await.is_err() {}
    assert_eq!(client.endpoint().await, second.url());
    send(&client, "//Alice").await.unwrap();
}

#[tokio::test]
async fn an_endpoint_that_opens_again_is_at_the_same_address() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.close();
    while client.finalized().await.is_ok() {}
    endpoint.reopen();
    client.finalized().await.unwrap();
}

#[tokio::test]
async fn an_endpoint_that_is_behind_knows_old_blocks_only() {
    let chain = chain();
    let (behind, whole) = (chain.endpoint(), chain.endpoint());
    let known = chain.heights().1;
    behind.change(|manners| manners.knows_up_to = Some(known));
    (0..5).for_each(|_| chain.make_block());
    let newest = connect(&[&whole]).await.finalized().await.unwrap().block();
    let client = connect(&[&behind]).await;
    assert_eq!(client.finalized().await.unwrap().block().number, u64::from(known));
    assert!(matches!(client.at(newest).await, Err(ChainError::UnknownBlock { .. })));
}

#[tokio::test]
async fn blocks_are_final_when_it_is_said() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    chain.set_finality(false);
    let key = Key::from_uri("//Alice").unwrap();
    client.submit(&key, twin(), Wait::InBlock).await.unwrap();
    assert_eq!(client.finalized().await.unwrap().twin(1).await.unwrap(), None);
    assert!(client.best().await.unwrap().twin(1).await.unwrap().is_some());
    chain.finalize();
    assert!(client.finalized().await.unwrap().twin(1).await.unwrap().is_some());
}

#[tokio::test]
async fn an_endpoint_can_claim_to_be_of_another_chain() {
    let (chain, other) = (chain(), chain());
    assert_ne!(chain.genesis(), other.genesis());
    let endpoint = chain.endpoint();
    endpoint.change(|manners| manners.genesis = Some(other.genesis()));
    let refused = Client::connect_to(&[endpoint.url()], chain.genesis().0).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_chain");
}

#[tokio::test]
async fn a_refused_transaction_did_nothing() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.transactions = Transactions::Refused);
    assert!(matches!(send(&client, "//Alice").await, Err(SubmitError::Refused { .. })));
    endpoint.change(|manners| manners.transactions = Transactions::Included);
    send(&client, "//Alice").await.unwrap();
}

#[tokio::test]
async fn a_lost_transaction_did_nothing_and_that_is_known_when_its_life_is_over() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.transactions = Transactions::Lost);
    let sent = tokio::select! {
        sent = send(&client, "//Alice") => sent,
        () = blocks(&chain) => unreachable!("there is always one more"),
    };
    match sent {
        Err(SubmitError::Refused { reason }) => assert!(reason.contains("no block took it"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(client.finalized().await.unwrap().twin(1).await.unwrap(), None);
}

#[tokio::test]
async fn a_transaction_that_a_node_has_lost_is_given_to_it_again() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.transactions = Transactions::Lost);
    let mut sending = Box::pin(send(&client, "//Alice"));
    assert!(timeout(A_WHILE, &mut sending).await.is_err());
    endpoint.change(|manners| manners.transactions = Transactions::Included);
    sending.await.unwrap();
    assert!(client.finalized().await.unwrap().twin(1).await.unwrap().is_some());
}

#[tokio::test]
async fn an_unheard_transaction_did_what_it_should_and_is_found() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    endpoint.change(|manners| manners.transactions = Transactions::Unheard);
    send(&client, "//Alice").await.unwrap();
    assert!(client.finalized().await.unwrap().twin(1).await.unwrap().is_some());
}

#[tokio::test]
async fn after_an_upgrade_only_what_is_signed_for_the_new_version_is_taken() {
    let chain = chain();
    let endpoint = chain.endpoint();
    let client = connect(&[&endpoint]).await;
    let version = client.finalized().await.unwrap().spec_version();
    send(&client, "//Alice").await.unwrap();
    chain.upgrade();
    assert_eq!(client.finalized().await.unwrap().spec_version(), version + 1);
    let included = send(&client, "//Bob").await.unwrap();
    assert!(included.fee.is_some());
    let again = send(&client, "//Bob").await.unwrap_err();
    assert_eq!(again.code(), "TwinExists", "the runtime's rules are the same");
}
