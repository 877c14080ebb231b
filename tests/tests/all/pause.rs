//! What a running contract goes through besides its end: a pause when money runs out, and a change of its addresses.

use grid_tests::{
    grid::Refused,
    scene::{Scene, PATIENCE},
    wait::until,
};
use serde_json::Value;

const VALUES: &str = r#"{"values": [1, 2, 3]}"#;

fn is_paused(contract: &Value) -> bool {
    contract["contract"]["state"]["grace"].is_object()
}

#[test]
fn a_contract_with_a_cushion_is_paused_and_goes_on_when_its_owner_pays() {
    let scene = Scene::start();
    let user = &scene.user;
    let contract = scene.deploy(user);
    let id = contract.to_string();
    user.run(&["contract", "cushion", &id, "--amount", "1"]);
    assert_eq!(user.try_run(&["contract", "resume", &id]), Err(Refused("NotInGrace".to_owned())));
    // Prepaid only: what is in escrow is all there is.
    user.run(&["contract", "refill-limit", &id, "--amount", "0"]);
    assert_eq!(scene.call(contract, VALUES).0, 200);

    let shown = || scene.contract(contract).expect("a contract with a cushion does not end");
    until("the chain to pause the contract", PATIENCE * 2, || is_paused(&shown()).then_some(()));
    until("the function to stop", PATIENCE, || scene.is_gone(contract).then_some(()));
    assert!(is_paused(&shown()), "it is a pause, not an end");
    assert_eq!(user.try_run(&["contract", "resume", &id]), Err(Refused("InsufficientFunds".to_owned())));

    user.run(&["contract", "refill-limit", &id]);
    let resumed = user.run(&["contract", "resume", &id]);
    assert_eq!(resumed["contract"]["state"], "deployed");
    assert_eq!(resumed["funding"]["grace_until"], Value::Null);
    until("the function to answer again", PATIENCE, || (scene.call(contract, VALUES).0 == 200).then_some(()));
    let bills = || user.run(&["contract", "bill", &id, "--all"])["charges"].as_array().map_or(0, Vec::len);
    let before = bills();
    scene.wait_for_bills(contract, before + 1);
    user.run(&["cancel", &id]);
    let bill = user.run(&["contract", "bill", &id]);
    assert_eq!(bill["agrees"], true, "{bill}");
}

#[test]
fn addresses_come_and_go_while_the_work_runs() {
    let scene = Scene::start();
    let user = &scene.user;
    let contract = scene.deploy(user);
    let id = contract.to_string();
    let addresses = |contract: &Value| contract["contract"]["public_ips_list"].as_array().cloned().unwrap_or_default();
    let [first] = &addresses(&user.run(&["contract", "show", &id]))[..] else { panic!("one address was asked for") };
    let first = first.as_str().expect("an address is text").to_owned();

    assert_eq!(addresses(&user.run(&["contract", "update", &id, "--add-ips", "1"])).len(), 2);
    let left = addresses(&user.run(&["contract", "update", &id, "--give-back", &first]));
    assert_eq!(left.len(), 1);
    assert_ne!(left[0], first);
    assert_eq!(scene.call(contract, VALUES).0, 200, "what runs stays as it is");
    // The same work under a new version: the agent says that it runs.
    until("the agent to report the new version", PATIENCE, || {
        (scene.contract(contract)?["contract"]["deployed_version"] == 2).then_some(())
    });
    // What is deployed has the hash of version 0 still: going on with the contract finds that.
    let again = user.run(&["deploy", "stats.json", "--node", "1", "--contract", &id]);
    assert_eq!(again["contract_id"], contract);
    let refused = user.try_run(&["contract", "update", &id, "--give-back", &first]);
    assert_eq!(refused, Err(Refused("AddressNotHeld".to_owned())));
}
