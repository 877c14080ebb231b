//! The whole way with real processes: through an rmb-peer, and with several who must sign.

use grid_tests::{
    grid::{Grid, Refused},
    rmb::Peers,
    scene::Scene,
};
use serde_json::{json, Value};

fn twin(grid: &Grid) -> u64 {
    grid.run(&["twin", "show"])["id"].as_u64().expect("a twin has a number")
}

#[test]
fn grid_does_the_whole_life_of_a_deployment_through_an_rmb_peer() {
    let mut scene = Scene::start();
    let user = twin(&scene.user);
    let node = twin(&scene.machine);
    let peers = Peers::start(user, node);
    scene.restart_agent_with(&[("ZOS_BUS_REDIS", &peers.of_node())]);
    let door = format!("{}&twin={user}", peers.of_user());
    let run = |arguments: &[&str]| scene.user.run(&[&["--bus", &door], arguments].concat());

    let file = scene.deployment(json!("owner"));
    let contract = run(&["deploy", &file, "--node", "1"])["contract_id"].as_u64().expect("deploy names the contract");
    let contract = contract.to_string();
    let answer = run(&["invoke", &contract, "stats", "--data", r#"{"values": [1, 2, 3]}"#]);
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(run(&["status", &contract])["workloads"][0]["state"], "ok");
    let version = run(&["bus", "call", "--node", "1", "zos.system.version"]);
    assert_eq!(version["node_id"], 1);
    let other = format!("{}&twin=99", peers.of_user());
    let refused = scene.user.try_run(&["--bus", &other, "bus", "call", "--node", "1", "zos.system.version"]);
    assert_eq!(refused, Err(Refused("bad_request".into())));
    scene.user.run(&["cancel", &contract]);
}

#[test]
fn a_door_behind_which_no_agent_is_costs_nothing() {
    let scene = Scene::start();
    let file = scene.deployment(json!("owner"));
    // The chain's endpoint opens like a node's door, and knows no such message.
    let deploy = ["--bus", &scene.url, "deploy", &file, "--node", "1"];
    assert_eq!(scene.user.try_run(&deploy), Err(Refused("message_not_taken".into())));
    assert_eq!(scene.user.run(&["contract", "list"]), json!([]));
}

#[test]
fn several_sign_a_deployment_with_both_kinds_of_keys() {
    let scene = Scene::start();
    let partner = scene.user_with_key("partner", "10", &["--scheme", "ed25519"]);
    let file = scene.deployment(json!("owner"));
    let signer = format!("{}:2", twin(&partner));
    let asking = ["deployment", "ask", &file, "--require", &signer, "--out", "asked.json"];
    let asked = scene.user.run(&asking);
    assert_eq!(asked["signature_requirement"]["signatures"].as_array().map(Vec::len), Some(1), "{asked}");

    let deploy = ["deploy", "asked.json", "--module", "stats.wasm", "--node", "1"];
    assert_eq!(scene.user.try_run(&deploy).err(), Some(Refused("signatures_missing".into())));
    assert_eq!(scene.machine.try_run(&["deployment", "sign", "asked.json"]).err(), Some(Refused("not_asked".into())));
    let signed: Value = partner.run(&["deployment", "sign", "asked.json"]);
    assert_eq!(signed["hash"], asked["hash"]);
    let deployed = scene.user.run(&deploy);
    assert_eq!(deployed["deployment_hash"], asked["hash"]);
    assert_eq!(deployed["workloads"][0]["state"], "ok");
    let recovered = scene.user.run(&["recover", &deployed["contract_id"].to_string()]);
    assert_eq!(recovered["signature_requirement"]["signatures"].as_array().map(Vec::len), Some(2), "{recovered}");
}
