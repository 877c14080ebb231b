//! The verbs of the command line that no other test needs, against a real chain.

use grid_tests::{
    by_hand::{heartbeat, report, reserve},
    grid::{amount, Refused},
    scene::PATIENCE,
    town::Town,
    wait::until,
};
use serde_json::{json, Value};

fn refused(code: &str) -> Result<Value, Refused> {
    Err(Refused(code.to_owned()))
}

#[test]
fn farmers_change_and_delete_what_they_have() {
    let town = Town::start();
    let (farmer, machine) = town.farm();
    let prices = ["--cu", "2", "--su", "1", "--nu", "1", "--ipu", "1"];
    let policy = farmer.run(&[&["policy", "update", "1"], &prices[..]].concat());
    assert_eq!(policy["prices"]["cu"], 20_000_000);
    let policy = farmer.run(&["policy", "update", "1", "--min-use", "50"]);
    assert_eq!((&policy["prices"]["cu"], &policy["prices"]["min_use"]), (&json!(20_000_000), &json!(50)));
    assert_eq!(farmer.try_run(&["policy", "delete", "1"]), refused("PolicyInUse"));
    farmer.run(&[&["policy", "create", "second"], &prices[..]].concat());
    let farm = farmer.run(&["farm", "update", "1", "--policy", "2"]);
    assert_eq!((&farm["farm"]["name"], &farm["farm"]["pricing_policy_id"]), (&json!("meadow"), &json!(2)));
    farmer.run(&["policy", "delete", "1"]);
    assert_eq!(farmer.run(&["farm", "update", "1", "--name", "field"])["farm"]["name"], "field");

    let bank = town.somebody("//bank").account();
    assert_eq!(farmer.run(&["farm", "payout", "1", &bank])["farm"]["payout"], bank);
    assert_eq!(machine.try_run(&["farm", "payout", "1", &bank]), refused("NotFarmOwner"));
    farmer.run(&["farm", "authorize", "1", &bank]);
    farmer.run(&["farm", "revoke", "1", &bank]);
    assert_eq!(farmer.try_run(&["farm", "revoke", "1", &bank]), refused("AuthorizationNotFound"));
    assert_eq!(farmer.try_run(&["claim"]), refused("NothingToClaim"));

    assert_eq!(farmer.try_run(&["farm", "delete", "1"]), refused("FarmInUse"));
    assert_eq!(farmer.run(&["node", "delete", "1"])["closing"], false);
    assert_eq!(farmer.run(&["farm", "remove-ip", "1", "203.0.113.10"])["public_ips"], json!([]));
    farmer.run(&["farm", "delete", "1"]);
    farmer.run(&["policy", "delete", "2"]);
    assert_eq!(farmer.run(&["twin", "delete"])["deleted"], true);
    assert_eq!(farmer.try_run(&["twin", "show"]), refused("no_twin"));
}

#[test]
fn machines_are_switched_moved_and_described() {
    let town = Town::start();
    let (farmer, machine) = town.farm();
    let node = farmer.run(&["node", "rent-terms", "1", "--surcharge", "20", "--whole-only"]);
    assert_eq!(node["node"]["rent"], json!({ "surcharge": 20, "whole_only": true }));
    let node = farmer.run(&["node", "rent-terms", "1", "--surcharge", "30"]);
    assert_eq!(node["node"]["rent"], json!({ "surcharge": 30, "whole_only": true }), "what is not given stays");
    let node = farmer.run(&["node", "rent-terms", "1", "--whole-only=false"]);
    assert_eq!(node["node"]["rent"], json!({ "surcharge": 30, "whole_only": false }));
    let address = ["--ip4", "203.0.113.5/24", "--gateway4", "203.0.113.1", "--domain", "node1.example.org"];
    let node = farmer.run(&[&["node", "public-config", "1"], &address[..]].concat());
    assert_eq!(node["node"]["public_config"]["ip4"]["address"], "203.0.113.5");
    let node = farmer.run(&["node", "public-config", "1", "--domain", "node2.example.org"]);
    assert_eq!(node["node"]["public_config"]["domain"], "node2.example.org");
    assert_eq!(node["node"]["public_config"]["ip4"]["address"], "203.0.113.5", "what is not given stays");
    assert_eq!(farmer.run(&["node", "public-config", "1", "--none"])["node"]["public_config"], Value::Null);

    assert_eq!(farmer.run(&["node", "power", "1", "down"])["node"]["power"]["target"], "down");
    assert_eq!(machine.run(&["node", "powered", "down"])["node"]["power"]["state"], "down");
    assert_eq!(machine.try_run(&["node", "power", "1", "up"]), refused("NotFarmOwner"));
    machine.run(&["node", "powered", "up"]);
    farmer.run(&["node", "power", "1", "up"]);

    let broken = machine.run(&["node", "degraded", "--sru", "200GiB"]);
    assert_eq!(broken["node"]["capacity"]["sru"], json!(200_u64 << 30));
    assert_eq!(machine.try_run(&["node", "degraded", "--sru", "300GiB"]), refused("NotDegraded"));
    assert_eq!(farmer.try_run(&["node", "degraded", "--sru", "1GiB"]), refused("no_node"));

    assert_eq!(machine.try_run(&["node", "move", "1", "--farm", "2"]), refused("FarmNotFound"));
    farmer.run(&["farm", "create", "hill", "--policy", "1"]);
    assert_eq!(machine.try_run(&["node", "move", "1", "--farm", "2"]), refused("NodeNotAuthorized"));
    farmer.run(&["farm", "authorize", "2", &machine.account()]);
    assert_eq!(machine.run(&["node", "move", "1", "--farm", "2"])["node"]["farm_id"], 2);

    let agent = town.somebody("//agent");
    machine.run(&["node", "set-agent", "1", &agent.account()]);
    assert_eq!(agent.run(&["node", "accept-agent", "1"])["node"]["agent"], agent.account());
    assert_eq!(machine.try_run(&["node", "powered", "down"]), refused("no_node"));
    assert_eq!(agent.run(&["node", "powered", "down"])["node"]["power"]["state"], "down");
    assert_eq!(agent.run(&["node", "resign-agent"])["node"]["id"], 1);
    assert_eq!(agent.try_run(&["node", "resign-agent"]), refused("no_node"));
    assert_eq!(machine.run(&["node", "accept-agent", "1"])["node"]["agent"], machine.account());
}

#[test]
fn certifiers_vouch_for_machines_and_addresses() {
    let town = Town::start();
    let (farmer, _) = town.farm();
    let (root, certifier) = (town.somebody("//Alice"), town.somebody("//certifier"));
    assert_eq!(certifier.try_run(&["node", "certify", "1"]), refused("NotCertifier"));
    assert_eq!(farmer.try_run(&["certifier", "add", &certifier.account()]), refused("RequireSudo"));
    assert_eq!(root.run(&["certifier", "add", &certifier.account()])["certifier"], true);
    assert_eq!(root.try_run(&["certifier", "add", &certifier.account()]), refused("nothing_changed"));
    assert_eq!(farmer.run(&["certifier", "list"]), json!([certifier.account()]));

    assert_eq!(certifier.run(&["node", "certify", "1"])["node"]["certified"], true);
    assert_eq!(certifier.run(&["node", "certify", "1", "--revoke"])["node"]["certified"], false);
    let unclaimed = certifier.try_run(&["farm", "verify-ip", "1", "203.0.113.99"]);
    assert_eq!(unclaimed, refused("not_found"));
    let force = ["farm", "remove-ip", "1", "203.0.113.10", "--force"];
    assert_eq!(farmer.try_run(&force), refused("NotCertifier"));
    assert_eq!(certifier.run(&force)["public_ips"], json!([]));
    assert_eq!(root.run(&["certifier", "remove", &certifier.account()])["certifier"], false);
}

#[test]
fn twins_are_sponsored_and_entities_vouch_for_them() {
    let town = Town::start();
    let (acme, user) = (town.somebody("//acme"), town.twin("//user"));
    let poor = town.stranger("//poor");
    poor.run(&["faucet", "--amount", "0.1"]);
    assert_eq!(poor.try_run(&["twin", "create"]), refused("CannotPayDeposit"));
    assert_eq!(user.try_run(&["twin", "unsponsor", &poor.account()]), refused("NotSponsored"));
    user.run(&["twin", "sponsor", &poor.account()]);
    assert_eq!(user.run(&["twin", "unsponsor", &poor.account()])["sponsored"], false);
    assert_eq!(poor.try_run(&["twin", "create"]), refused("CannotPayDeposit"));
    user.run(&["twin", "sponsor", &poor.account()]);
    let twin = poor.run(&["twin", "create"])["id"].to_string();
    assert_eq!(poor.run(&["twin", "update", "--relay", "relay.example.org"])["relay"], "relay.example.org");
    // The sponsor pays for the twin; an entity's word is the twin's own to pay for.
    poor.run(&["faucet", "--amount", "1"]);

    let entity = acme.run(&["entity", "create", "acme", "--country", "Belgium", "--city", "Ghent"])["id"].to_string();
    let word = acme.run(&["entity", "vouch", &twin]);
    let (signature, until) = (word["signature"].as_str().expect("it is text"), word["valid_until"].to_string());
    let join = ["entity", "join", &entity, "--signature", signature, "--valid-until", &until];
    assert_eq!(user.try_run(&join), refused("InvalidSignature"), "the word is for another twin");
    poor.run(&join);
    assert_eq!(poor.run(&["twin", "show"])["entities"].to_string(), format!("[{entity}]"));
    assert_eq!(acme.try_run(&["entity", "delete"]), refused("EntityInUse"));
    assert_eq!(poor.try_run(&["entity", "leave", &entity]), refused("SignatureStillValid"));
    assert_eq!(acme.run(&["entity", "update", "acme2", "--country", "Belgium", "--city", "Bruges"])["name"], "acme2");
}

#[test]
fn names_are_leased_and_nodes_are_rented() {
    let town = Town::start();
    let (_, machine) = town.farm();
    let user = town.twin("//user");
    assert_eq!(user.run(&["name", "show", "myshop"])["lease"], Value::Null);
    assert_eq!(user.try_run(&["name", "lease", "My-Shop", "--days", "2"]), refused("InvalidName"));
    assert_eq!(
        user.try_run(&["name", "lease", "myshop", "--days", "2", "--max-price", "0"]),
        refused("PriceAboveLimit")
    );
    let leased = user.run(&["name", "lease", "myshop", "--days", "2"]);
    assert_eq!(machine.try_run(&["name", "lease", "myshop", "--days", "2"]), refused("NameTaken"));
    let number = leased["lease"]["contract_id"].to_string();
    for not_a_contract in
        [["contract", "show", &number], ["contract", "bill", &number], ["contract", "cancel", &number]]
    {
        assert_eq!(user.try_run(&not_a_contract), refused("not_found"));
    }
    let renewed = user.run(&["name", "renew", "myshop", "--days", "1"]);
    let end = |answer: &Value| answer["lease"]["lease_until"].as_u64().expect("a lease has an end");
    assert_eq!(end(&renewed), end(&leased) + 86_400);
    assert_eq!(user.run(&["name", "list"])[0]["name"], "myshop");
    assert_eq!(machine.try_run(&["name", "cancel", "myshop"]), refused("NotTheOwner"));
    assert_eq!(user.run(&["name", "cancel", "myshop"])["leased"], false);
    assert_eq!(user.run(&["name", "list"]), json!([]));
    assert_eq!(user.try_run(&["contract", "bill", &number]), refused("not_found"));

    let quote = user.run(&["rent", "quote", "1"]);
    // 8 vCPU with 16 GiB are 4 CU, 500 GiB of SSD are 2.5 SU; each costs 1 GRID.
    assert_eq!(quote["hourly"], 65_000_000);
    heartbeat(&town.url, "//machine");
    assert_eq!(user.try_run(&["rent", "create", "1", "--price-limit", "6"]), refused("PriceAboveLimit"));
    let rent = user.run(&["rent", "create", "1"])["contract"]["contract_id"].to_string();
    assert_eq!(machine.run(&["node", "show", "1"])["status"]["rented_by"].to_string(), rent);
    assert_eq!(user.try_run(&["contract", "cushion", &rent, "--amount", "1"]), refused("WrongKind"));
    assert_eq!(user.run(&["cancel", &rent])["cause"], "canceled_by_user");
    assert_eq!(machine.run(&["node", "show", "1"])["status"]["rented_by"], Value::Null);
}

#[test]
fn contracts_inside_a_rent_end_before_it() {
    let town = Town::start();
    let (farmer, _) = town.farm();
    let user = town.twin("//user");
    farmer.run(&["node", "rent-terms", "1", "--whole-only"]);
    heartbeat(&town.url, "//machine");
    let code = |quote: Value| quote["obstacle"]["code"].clone();
    assert_eq!(code(user.run(&["contract", "quote", "--node", "1"])), "NodeWholeOnly");
    let rent = user.run(&["rent", "create", "1"])["contract"]["contract_id"].to_string();
    assert_eq!(code(farmer.run(&["contract", "quote", "--node", "1"])), "NodeRentedByOther");
    heartbeat(&town.url, "//machine");
    let quote = user.run(&["contract", "quote", "--node", "1"]);
    assert_eq!((quote["inside_rent"].to_string(), &quote["obstacle"]), (rent.clone(), &Value::Null));

    let inside = reserve(&town.url, "//user").to_string();
    let shown = user.run(&["contract", "show", &inside]);
    assert_eq!(shown["billing"]["rent"].to_string(), rent);
    assert_eq!(shown["funding"]["seconds_left"], Value::Null, "time costs nothing");
    let status = user.run(&["status", &rent]);
    assert_eq!(status["node_error"], Value::Null, "nothing is deployed under a rent");
    // Of 8 vCPU and 16 GiB, the one inside has a tenth and 1 GiB.
    let left = &status["rent_use"];
    assert_eq!(
        (&left["contracts"], &left["free"]["cru"], &left["free"]["mru"]),
        (&json!(1), &json!(7_900), &json!(15_u64 << 30))
    );

    let cancelled = user.run(&["cancel", &rent]);
    assert_eq!((&cancelled["ended"], &cancelled["cause"]), (&json!(false), &json!("canceled_by_user")));
    assert_eq!(cancelled["refund"], Value::Null);
    let gone = |id: &str| (user.try_run(&["contract", "show", id]) == refused("not_found")).then_some(());
    until("the rent to end", PATIENCE, || gone(&rent));
    gone(&inside).expect("it ended before the rent");
    assert_eq!(user.run(&["contract", "bill", &inside])["account"]["ended"]["cause"], "rent_ended");
    assert_eq!(user.run(&["contract", "bill", &rent])["agrees"], true);
}

#[test]
fn money_is_quoted_added_sent_and_claimed() {
    let town = Town::start();
    let (farmer, _) = town.farm();
    let (user, bank) = (town.twin("//user"), town.stranger("//bank"));
    farmer.run(&["farm", "payout", "1", &bank.account()]);
    heartbeat(&town.url, "//machine");
    let quote = user.run(&["contract", "quote", "--node", "1"]);
    // 1 vCPU with 1 GiB are half a CU, 1 GiB of SSD is a two-hundredth of a SU; each costs 1 GRID.
    assert_eq!((&quote["hourly"], &quote["obstacle"]), (&json!(5_050_000), &Value::Null));
    let nodes = |wish: &[&str]| user.run(&[&["node", "list"], wish].concat()).as_array().map(Vec::len);
    assert_eq!(nodes(&["--cru", "8", "--mru", "16GiB", "--ips", "1"]), Some(1));
    assert_eq!((nodes(&["--cru", "9"]), nodes(&["--ips", "2"]), nodes(&[])), (Some(0), Some(0), Some(1)));

    heartbeat(&town.url, "//machine");
    let contract = reserve(&town.url, "//user");
    let id = contract.to_string();
    assert_eq!(user.try_run(&["contract", "fund", "99", "--amount", "1"]), refused("ContractNotFound"));
    let escrow = |shown: &Value| amount(&shown["billing"]["escrow"]);
    let before = escrow(&user.run(&["contract", "show", &id]));
    assert_eq!(escrow(&user.run(&["contract", "fund", &id, "--amount", "1.5"])), before + 15_000_000);

    // The farm's earnings of some seconds are too little for an account to begin with.
    report(&town.url, "//machine", contract);
    let waits = amount(&user.run(&["balance", &bank.account()])["payable"]);
    assert!(waits > 0);
    assert_eq!(user.try_run(&["claim", &bank.account()]), refused("CannotReceive"));
    assert_eq!(user.run(&["transfer", &bank.account(), "--amount", "1"])["sent"], 10_000_000);
    let claimed = user.run(&["claim", &bank.account()]);
    assert_eq!((amount(&claimed["claimed"]), amount(&claimed["payable"])), (waits, 0));
    assert_eq!(bank.money(), 10_000_000 + waits);
}
