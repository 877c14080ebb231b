//! Every view function of the runtime, asked of a real node.

use grid_tests::{
    by_hand::{heartbeat, key},
    scene::{block_on, connect},
    town::Town,
};
use grid_types::units::{Capacity, Resources};

/// All that the machine has.
const WISH: Capacity = Capacity { cru: 8_000, mru: 16 << 30, sru: 500 << 30, hru: 0 };

#[test]
fn the_registry_answers_its_questions() {
    let town = Town::start();
    town.farm();
    let acme = town.somebody("//acme");
    acme.run(&["entity", "create", "acme", "--country", "Belgium", "--city", "Ghent"]);
    heartbeat(&town.url, "//machine");
    block_on(async {
        let chain = connect(&town.url).await;
        let view = chain.best().await.expect("the chain has a block");
        let entity = view.entity_of(key("//acme").account()).await.expect("it is answered");
        assert_eq!(entity.expect("it was made").name, "acme");
        assert_eq!(view.entity_of(key("//farmer").account()).await, Ok(None));
        assert_eq!(view.nodes_of_farm(1).await, Ok(vec![1]));
        assert_eq!(view.nodes_of_farm(2).await, Ok(vec![]));
        assert_eq!(view.free_nodes(WISH, 1).await, Ok(vec![1]));
        assert_eq!(view.free_nodes(WISH, 2).await, Ok(vec![]), "the farm has one address");
        assert_eq!(view.free_public_ips(1).await, Ok(1));
    });
}

#[test]
fn the_contracts_answer_their_questions() {
    let town = Town::start();
    town.farm();
    let user = town.twin("//user");
    heartbeat(&town.url, "//machine");
    user.run(&["name", "lease", "myshop", "--days", "2"]);
    block_on(async {
        let chain = connect(&town.url).await;
        let view = chain.best().await.expect("the chain has a block");
        let Capacity { cru, mru, sru, hru } = WISH;
        let wish = Resources { cru, mru, sru, hru, nru_per_hour: 0 };
        // 8 vCPU with 16 GiB are 4 CU, 500 GiB of SSD are 2.5 SU; each costs 1 GRID, and so does an address.
        let quote = view.quote(1, wish, 1).await.expect("it is answered").expect("there is a node");
        assert_eq!(quote.hourly, 75_000_000);
        assert_eq!(view.quote(2, wish, 0).await, Ok(None));
        let rent = view.quote_rent(1).await.expect("it is answered").expect("there is a node");
        assert_eq!(rent.hourly, 65_000_000);

        user.run(&["rent", "create", "1"]);
        let view = chain.best().await.expect("the chain has a block");
        let inside = view.quote(1, wish, 1).await.expect("it is answered").expect("there is a node");
        assert_eq!(inside.hourly, 10_000_000, "inside the rent an address is all that costs");
        assert_eq!(view.contracts_of_node(1).await, Ok(vec![2]));
        assert_eq!(view.contracts_of_twin(3).await, Ok(vec![2]), "names are listed apart");
        let funding = view.funding(2).await.expect("it is answered").expect("there is a contract");
        assert_eq!((funding.hourly, funding.escrow), (rent.hourly, rent.high));
        assert_eq!(view.funding(9).await, Ok(None));
        let name = view.name("myshop").await.expect("it is answered").expect("it is leased");
        assert_eq!((name.contract_id, name.twin_id, name.account), (1, 3, key("//user").account()));
        assert_eq!(view.name("yourshop").await, Ok(None));
        assert!(view.name_price().await.expect("it is answered") > 0);
    });
}
