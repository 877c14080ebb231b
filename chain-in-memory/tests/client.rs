//! What `grid-client` reads and sends through the chain in memory is what the runtime itself says.

#![allow(clippy::unwrap_used)]

use chain_in_memory::{Chain, Genesis};
use codec::Encode;
use grid_client::{
    records::{Location, NodeSpec},
    Account, Call, Chain as Client, Event, Key, SubmitError, Wait, LIFE,
};
use grid_types::units::{Capacity, Prices, GIB};
use gridchain_runtime::{Balances, Runtime};

const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };

async fn connected() -> (Chain, chain_in_memory::Endpoint, Client) {
    let chain = Chain::new(&Genesis::default());
    let endpoint = chain.endpoint();
    let client = Client::connect(&[endpoint.url()]).await.unwrap();
    (chain, endpoint, client)
}

fn key(uri: &str) -> Key {
    Key::from_uri(uri).unwrap()
}

fn twin() -> Call {
    Call::CreateTwin { relay: Some("relay.example".into()), pk: None }
}

#[tokio::test]
async fn records_are_read_as_the_runtime_keeps_them() {
    let (chain, _endpoint, client) = connected().await;
    client.submit(&key("//Alice"), twin(), Wait::Finalized).await.unwrap();
    client
        .submit(&key("//Alice"), Call::CreatePricingPolicy { name: "standard".into(), prices: PRICES }, Wait::InBlock)
        .await
        .unwrap();
    client
        .submit(&key("//Alice"), Call::CreateFarm { name: "meadow".into(), policy_id: 1 }, Wait::InBlock)
        .await
        .unwrap();
    let view = client.finalized().await.unwrap();
    let (twin, farm, policy) = (
        view.twin(1).await.unwrap().unwrap(),
        view.farm(1).await.unwrap().unwrap(),
        view.policy(1).await.unwrap().unwrap(),
    );
    chain.look(|| {
        let kept = pallet_tfgrid::Twins::<Runtime>::get(1).unwrap();
        assert_eq!(
            (twin.account.0, twin.relay.unwrap().into_bytes()),
            (kept.account_id.into(), kept.relay.unwrap().to_vec())
        );
        let kept = pallet_tfgrid::Farms::<Runtime>::get(1).unwrap();
        assert_eq!(
            (farm.name.into_bytes(), farm.twin_id, farm.pricing_policy_id),
            (kept.name.to_vec(), kept.twin_id, kept.pricing_policy_id)
        );
        assert_eq!(policy.prices.encode(), pallet_tfgrid::PricingPolicies::<Runtime>::get(1).unwrap().prices.encode());
    });
}

#[tokio::test]
async fn view_functions_lists_and_constants_are_answered() {
    let (chain, _endpoint, client) = connected().await;
    for name in ["//Alice", "//Bob", "//Charlie"] {
        client.submit(&key(name), twin(), Wait::InBlock).await.unwrap();
    }
    let view = client.finalized().await.unwrap();
    assert_eq!(view.next_contract_id().await.unwrap(), 1);
    assert!(view.contracts_of_twin(1).await.unwrap().is_empty());
    assert_eq!(view.parameters().await.unwrap().report_period, Genesis::default().rules.report_period);
    assert!(view.farms().await.unwrap().is_empty());
    assert_eq!(view.total_issuance().await.unwrap(), chain.look(Balances::total_issuance));
    assert_eq!(client.name().await.unwrap(), "Chain in memory");
    assert!(client.is_development().await.unwrap());
    assert_eq!(client.genesis(), chain.genesis().0);
}

#[tokio::test]
async fn a_list_of_more_than_a_page_is_whole() {
    let (_chain, _endpoint, client) = connected().await;
    let farmer = key("//Alice");
    client.submit(&farmer, twin(), Wait::InBlock).await.unwrap();
    client
        .submit(&farmer, Call::CreatePricingPolicy { name: "standard".into(), prices: PRICES }, Wait::InBlock)
        .await
        .unwrap();
    for number in 0..70 {
        let call = Call::CreateFarm { name: format!("meadow{number}"), policy_id: 1 };
        client.submit(&farmer, call, Wait::InBlock).await.unwrap();
    }
    assert_eq!(client.finalized().await.unwrap().farms().await.unwrap().len(), 70);
}

#[tokio::test]
async fn a_transfer_moves_the_money_and_costs_the_fee_that_it_says() {
    let (_chain, _endpoint, client) = connected().await;
    // Not Alice: she makes the blocks, and gets the fees.
    let (charlie, bob) = (key("//Charlie").account(), key("//Bob").account());
    let before = client.finalized().await.unwrap();
    let call = Call::Transfer { to: bob, amount: 1_000_000 };
    let sent = client.submit(&key("//Charlie"), call, Wait::Finalized).await.unwrap();
    let after = client.at(sent.block).await.unwrap();
    let free = |account: Account| {
        let (before, after) = (&before, &after);
        async move { (before.balance(account).await.unwrap().free, after.balance(account).await.unwrap().free) }
    };
    let ((charlie_had, charlie_has), (bob_had, bob_has)) = (free(charlie).await, free(bob).await);
    assert_eq!(bob_has - bob_had, 1_000_000);
    assert_eq!(charlie_had - charlie_has, 1_000_000 + sent.fee.unwrap());
}

#[tokio::test]
async fn an_error_of_the_runtime_comes_by_its_name() {
    let (_chain, _endpoint, client) = connected().await;
    client.submit(&key("//Alice"), twin(), Wait::InBlock).await.unwrap();
    let again = client.submit(&key("//Alice"), twin(), Wait::InBlock).await.unwrap_err();
    assert_eq!((again.code(), again.dispatch().unwrap().pallet.as_str()), ("TwinExists", "TfgridModule"));
}

#[tokio::test]
async fn who_cannot_pay_is_refused_before_a_block() {
    let (chain, _endpoint, client) = connected().await;
    let height = chain.heights().0;
    let refused = client.submit(&key("//Nobody"), twin(), Wait::InBlock).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Refused { reason } if reason.contains("Inability to pay")), "{refused}");
    assert_eq!(chain.heights().0, height);
}

#[tokio::test]
async fn transactions_of_one_account_that_wait_together_get_into_one_block_in_their_order() {
    let (chain, _endpoint, client) = connected().await;
    chain.set_sealing(false);
    let (alice, to) = (key("//Alice"), key("//Bob").account());
    let send = |amount| client.submit(&alice, Call::Transfer { to, amount }, Wait::InBlock);
    let all = async { tokio::join!(send(1), send(2), send(3)) };
    let seal = async {
        while chain.waiting() < 3 {
            tokio::task::yield_now().await;
        }
        chain.make_block();
    };
    let ((first, second, third), ()) = tokio::join!(all, seal);
    let block = first.unwrap().block;
    assert_eq!((block, block), (second.unwrap().block, third.unwrap().block));
}

#[tokio::test]
async fn a_machine_becomes_a_node() {
    let (_chain, _endpoint, client) = connected().await;
    for name in ["//Alice", "//Bob"] {
        client.submit(&key(name), twin(), Wait::InBlock).await.unwrap();
    }
    let farmer = key("//Alice");
    client
        .submit(&farmer, Call::CreatePricingPolicy { name: "standard".into(), prices: PRICES }, Wait::InBlock)
        .await
        .unwrap();
    client.submit(&farmer, Call::CreateFarm { name: "meadow".into(), policy_id: 1 }, Wait::InBlock).await.unwrap();
    client
        .submit(&farmer, Call::AuthorizeNode { farm_id: 1, account: key("//Bob").account() }, Wait::InBlock)
        .await
        .unwrap();
    let spec = NodeSpec {
        capacity: Capacity { cru: 8_000, mru: 16 * GIB, sru: 500 * GIB, hru: 0 },
        location: Location { country: "Belgium".into(), city: "Ghent".into(), latitude: None, longitude: None },
        interfaces: Vec::new(),
        serial: None,
        bus: None,
    };
    let made = client.submit(&key("//Bob"), Call::CreateNode { farm_id: 1, spec, agent: None }, Wait::Finalized).await;
    assert!(made.unwrap().events.iter().any(|event| matches!(event, Event::NodeCreated { node_id: 1, .. })));
    let view = client.finalized().await.unwrap();
    assert_eq!(view.node_of_agent(key("//Bob").account()).await.unwrap(), Some(1));
}

#[tokio::test]
async fn time_passes_as_it_is_told() {
    let (chain, _endpoint, client) = connected().await;
    let before = client.finalized().await.unwrap().time().await.unwrap();
    chain.advance(3 * 86_400);
    let passed = client.finalized().await.unwrap().time().await.unwrap() - before;
    assert!((3 * 86_400..3 * 86_400 + 60).contains(&passed), "{passed}");
}

#[tokio::test]
async fn what_became_of_a_transaction_is_forgotten_with_the_state_of_its_block() {
    let (chain, endpoint, client) = connected().await;
    let prepared = client.prepare(&key("//Alice"), twin()).await.unwrap();
    client.broadcast(&prepared.bytes).await.unwrap();
    endpoint.close();
    while client.finalized().await.is_ok() {}
    (0..300).for_each(|_| chain.make_block());
    endpoint.reopen();
    let fate = client.fate(prepared.transaction, prepared.from.number, 0).await.unwrap();
    assert_eq!(fate, grid_client::Fate::Forgotten);
}

#[tokio::test]
async fn a_search_for_a_transaction_goes_through_a_few_blocks_at_a_time() {
    let (chain, _endpoint, client) = connected().await;
    let prepared = client.prepare(&key("//Alice"), twin()).await.unwrap();
    (0..70).for_each(|_| chain.make_block());
    let (from, mut searched, mut looks) = (prepared.from.number, 0, 0);
    while let grid_client::Fate::Open { searched: up_to } =
        client.fate(prepared.transaction, from, searched).await.unwrap()
    {
        assert!(up_to > searched && up_to - from.max(searched) <= 16, "{searched} to {up_to}");
        (searched, looks) = (up_to, looks + 1);
    }
    assert_eq!((searched, looks), (from + 48, 3));
}

#[tokio::test]
async fn a_transaction_is_taken_as_long_as_its_life_goes_on() {
    let (chain, _endpoint, client) = connected().await;
    let prepared = client.prepare(&key("//Alice"), twin()).await.unwrap();
    // It counts from a block that is there, and gets into one that is not.
    (0..LIFE - 2).for_each(|_| chain.make_block());
    client.broadcast(&prepared.bytes).await.unwrap();
    assert!(client.finalized().await.unwrap().twin(1).await.unwrap().is_some());
}

#[tokio::test]
async fn a_transaction_whose_life_is_over_is_refused_and_does_nothing() {
    let (chain, _endpoint, client) = connected().await;
    let prepared = client.prepare(&key("//Alice"), twin()).await.unwrap();
    (0..=LIFE).for_each(|_| chain.make_block());
    let refused = client.broadcast(&prepared.bytes).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Refused { .. }), "{refused}");
    chain.make_block();
    assert_eq!(client.finalized().await.unwrap().twin(1).await.unwrap(), None);
}

#[tokio::test]
async fn a_nonce_stays_taken_until_what_was_signed_with_it_is_sent() {
    let (_chain, _endpoint, client) = connected().await;
    let (alice, to) = (key("//Alice"), key("//Bob").account());
    let prepared = client.prepare(&alice, twin()).await.unwrap();
    let other = client.prepare(&alice, Call::Transfer { to, amount: 1 }).await.unwrap();
    client.broadcast(&prepared.bytes).await.unwrap();
    client.broadcast(&other.bytes).await.unwrap();
    assert!(client.finalized().await.unwrap().twin(1).await.unwrap().is_some());
}

#[tokio::test]
async fn old_states_are_discarded_and_the_client_is_told_so() {
    let (chain, _endpoint, client) = connected().await;
    let old = client.finalized().await.unwrap();
    (0..300).for_each(|_| chain.make_block());
    assert_eq!(old.time().await.unwrap_err().code(), "unknown_block");
    assert!(client.finalized().await.unwrap().time().await.is_ok());
}
