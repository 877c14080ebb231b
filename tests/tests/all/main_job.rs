//! The main job, end to end: a real chain, a real agent with its gateway, and the command line of a user.

use grid_tests::{
    grid::{amount, Refused},
    scene::{Scene, PATIENCE},
    wait::until,
};
use serde_json::json;

#[test]
fn a_function_is_deployed_called_billed_and_cancelled() {
    let scene = Scene::start();
    let (user, farmer) = (&scene.user, &scene.farmer);
    let issued = scene.issuance();
    let (users, farmers) = (user.money(), farmer.money());

    let contract = scene.deploy(user);
    let id = contract.to_string();
    let shown = user.run(&["contract", "show", &id]);
    assert_eq!(shown["contract"]["public_ips"], 1);
    assert_eq!(farmer.run(&["farm", "show", "1"])["free_public_ips"], 1);

    // Real input, right answer: over the message bus, and over plain HTTP.
    let values = r#"{"values": [4, 8, 15, 16, 23, 42]}"#;
    let answer = user.run(&["invoke", &id, "stats", "--data", values]);
    assert_eq!(answer["status"], 200);
    let text = answer["body"]["text"].as_str().expect("the answer is text");
    let statistics: serde_json::Value = serde_json::from_str(text).expect("the answer is JSON");
    assert_eq!(
        (&statistics["count"], &statistics["sum"], &statistics["max"]),
        (&json!(6), &json!(108.0), &json!(42.0))
    );
    let (status, called) = scene.call(contract, values);
    assert_eq!((status, &called), (200, &statistics));

    // What the node says of it, and of itself.
    let status = user.run(&["status", &id]);
    assert_eq!((&status["node_error"], &status["workloads"][0]["state"]), (&json!(null), &json!("ok")));
    assert!(user.run(&["bus", "call", "--node", "1", "zos.system.version"]).is_object());

    // Billed by report, paid at once, every unit accounted for.
    scene.wait_for_bills(contract, 3);
    let bill = user.run(&["contract", "bill", &id]);
    assert_eq!(bill["agrees"], true, "{bill}");
    assert!(amount(&bill["account"]["total"]) > 0);
    assert!(farmer.money() > farmers);

    let ended = user.run(&["cancel", &id]);
    assert_eq!(ended["cause"], "canceled_by_user");
    until("the function to be gone", PATIENCE, || scene.is_gone(contract).then_some(()));
    assert!(scene.contract(contract).is_none());
    assert_eq!(farmer.run(&["farm", "show", "1"])["free_public_ips"], 2);
    assert_eq!(farmer.run(&["node", "show", "1"])["status"]["contracts"], 0);
    assert!(user.money() < users);
    assert_eq!(scene.issuance(), issued, "nothing is made or lost");
}

#[test]
fn an_agent_without_any_privilege_deploys_serves_and_removes_a_function() {
    let scene = Scene::start_unprivileged();
    assert_ne!(scene.agents_user(), 0);
    let contract = scene.deploy(&scene.user);
    assert_eq!(scene.call(contract, r#"{"values": [1, 2, 3]}"#).0, 200);
    scene.user.run(&["cancel", &contract.to_string()]);
    until("the function to be gone", PATIENCE, || scene.is_gone(contract).then_some(()));
}

#[test]
fn a_user_whose_money_runs_out_is_ended_by_the_chain_and_the_work_is_removed() {
    let scene = Scene::start();
    let user = scene.user_with("poor", "100");
    let contract = scene.deploy(&user);
    let id = contract.to_string();
    // Prepaid only: what is in escrow is all there is.
    user.run(&["contract", "refill-limit", &id, "--amount", "0"]);
    assert_eq!(scene.call(contract, r#"{"values": [1]}"#).0, 200);
    until("the chain to end the contract", PATIENCE * 2, || scene.contract(contract).is_none().then_some(()));
    until("the function to be gone", PATIENCE, || scene.is_gone(contract).then_some(()));
    assert_eq!(user.run(&["contract", "list"]).as_array().map(Vec::len), Some(0));
    let bill = user.run(&["contract", "bill", &id]);
    assert_eq!((&bill["account"]["ended"]["cause"], &bill["agrees"]), (&json!("out_of_funds"), &json!(true)), "{bill}");
}

#[test]
fn work_survives_an_agent_that_is_killed() {
    let mut scene = Scene::start();
    let user = scene.user.clone();
    let contract = scene.deploy(&user);
    scene.wait_for_bills(contract, 2);
    scene.kill_agent();
    scene.restart_agent();
    let values = r#"{"values": [1, 2, 3]}"#;
    until("the function to answer again", PATIENCE, || (scene.call(contract, values).0 == 200).then_some(()));
    scene.wait_for_bills(contract, 4);
    let bill = user.run(&["contract", "bill", &contract.to_string()]);
    assert_eq!(bill["agrees"], true, "{bill}");
}

#[test]
fn a_contract_ended_while_the_agent_was_away_is_removed_when_it_comes_back() {
    let mut scene = Scene::start();
    let user = scene.user.clone();
    let contract = scene.deploy(&user);
    scene.kill_agent();
    user.run(&["cancel", &contract.to_string()]);
    scene.restart_agent();
    until("the function to be gone", PATIENCE, || scene.is_gone(contract).then_some(()));
}

#[test]
fn a_private_function_answers_its_owner_only() {
    let scene = Scene::start();
    let file = scene.deployment(json!("owner"));
    let answer = scene.user.run(&["deploy", &file, "--node", "1"]);
    let contract = answer["contract_id"].as_u64().expect("deploy names the contract");
    let values = r#"{"values": [1, 2, 3]}"#;
    let called = scene.user.run(&["invoke", &contract.to_string(), "stats", "--data", values]);
    assert_eq!(called["status"], 200);
    assert!([401, 403].contains(&scene.call(contract, values).0));
    let other = scene.user_with("other", "10");
    let refused = other.try_run(&["invoke", &contract.to_string(), "stats", "--data", values]);
    assert_eq!(refused, Err(Refused("wrong_sender".to_owned())));
}

#[test]
fn a_deployment_is_rebuilt_from_the_chain_with_the_users_key_alone() {
    let scene = Scene::start();
    let contract = scene.deploy(&scene.user).to_string();
    let recovered = scene.user.run(&["recover", &contract]);
    assert_eq!(recovered["description"], "statistics");
    assert_eq!(recovered["workloads"][0]["name"], "stats");
    let refused = scene.farmer.try_run(&["recover", &contract]);
    assert_eq!(refused, Err(Refused("sealed_to_another_key".to_owned())));
}
