//! The whole way with real processes: through either door, and with several who must sign.

use grid_tests::{
    functions::loud,
    grid::{Grid, Refused},
    rmb::Peers,
    scene::{Scene, PATIENCE},
    wait::until,
};
use serde_json::{json, Value};
use std::fs;

fn twin(grid: &Grid) -> u64 {
    grid.run(&["twin", "show"])["id"].as_u64().expect("a twin has a number")
}

/// All that a user does with a deployment, through the door that these arguments of `grid` name.
fn whole_life(scene: &Scene, door: &[&str]) {
    let user = &scene.user;
    let run = |arguments: &[&str]| user.run(&[door, arguments].concat());

    let file = scene.deployment(json!("owner"));
    let deploy = ["deploy", &file, "--node", "1", "--mru", "1GiB"];
    let contract = run(&deploy)["contract_id"].as_u64().expect("deploy names the contract");
    let contract = contract.to_string();
    let answer = run(&["invoke", &contract, "stats", "--data", r#"{"values": [1, 2, 3]}"#]);
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(run(&["status", &contract])["workloads"][0]["state"], "ok");
    let version = run(&["bus", "call", "--node", "1", "zos.system.version"]);
    assert_eq!(version["node_id"], 1);

    let updated = run(&["update", &with_loud(scene), "--contract", &contract]);
    assert_eq!(updated["workloads"][1]["state"], "ok", "{updated}");
    let write = |line: &str| run(&["invoke", &contract, "loud", "--data", &format!("{line}\n")]);
    write("through the door");
    let line = until("the line is in the log", PATIENCE, || last_line(run, &contract));
    assert_eq!(line["text"], "through the door");
    let log = user.start(&[door, &["logs", &contract, "loud", "--follow"]].concat());
    let next = || log.next().map(|line| line["text"].clone());
    assert_eq!(next(), Some(json!("through the door")));
    write("while it is followed");
    assert_eq!(next(), Some(json!("while it is followed")));
    drop(log);
    assert_eq!(run(&["recover", &contract])["workloads"][1]["name"], "loud");

    run(&["cancel", &contract]);
    let id = contract.parse().expect("a contract has a number");
    until("the function is gone", PATIENCE, || scene.is_gone(id).then_some(()));
    assert_eq!(run(&["contract", "list"]), json!([]));
}

#[test]
fn grid_does_the_whole_life_of_a_deployment_through_the_direct_door() {
    whole_life(&Scene::start(), &[]);
}

#[test]
fn grid_does_the_whole_life_of_a_deployment_through_an_rmb_peer() {
    let (scene, peers, user) = with_peers();
    whole_life(&scene, &["--bus", &format!("{}&twin={user}", peers.of_user())]);
}

#[test]
fn who_says_that_he_is_another_twin_is_refused_by_the_peer() {
    let (scene, peers, _) = with_peers();
    let other = format!("{}&twin=99", peers.of_user());
    let refused = scene.user.try_run(&["--bus", &other, "bus", "call", "--node", "1", "zos.system.version"]);
    assert_eq!(refused, Err(Refused("bad_request".into())));
}

/// A node and a user, each with an rmb-peer, and the user's twin.
fn with_peers() -> (Scene, Peers, u64) {
    let mut scene = Scene::start();
    let user = twin(&scene.user);
    let peers = Peers::start(user, twin(&scene.machine));
    scene.restart_agent_with(&[("ZOS_BUS_REDIS", &peers.of_node())]);
    (scene, peers, user)
}

#[test]
fn a_log_is_followed_while_its_agent_is_restarted() {
    let mut scene = Scene::start();
    let user = scene.user.clone();
    let deployed = user.run(&["deploy", &with_loud(&scene), "--node", "1"]);
    let contract = deployed["contract_id"].to_string();
    let write = |line: &str| {
        let data = format!("{line}\n");
        until("the function writes", PATIENCE, || user.try_run(&["invoke", &contract, "loud", "--data", &data]).ok());
    };
    write("before");
    let log = user.start(&["logs", &contract, "loud", "--follow"]);
    let next = || log.next().map(|line| line["text"].clone());
    assert_eq!(next(), Some(json!("before")));
    write("while it is followed");
    assert_eq!(next(), Some(json!("while it is followed")));
    scene.restart_agent();
    write("after the restart");
    assert_eq!(next(), Some(json!("after the restart")));
}

/// The sample function, and one that writes what it is sent to its log.
fn with_loud(scene: &Scene) -> String {
    fs::write(scene.folder().join("loud.wasm"), loud()).expect("the test's folder is writable");
    let workload = |name: &str| {
        let data = json!({ "module": format!("file:{name}.wasm"), "memory": 64 << 20, "timeout_ms": 10_000, "access": "owner" });
        json!({ "name": name, "type": "function", "data": data })
    };
    let file = "loud.json";
    let deployment = json!({ "description": "louder", "workloads": [workload("stats"), workload("loud")] });
    fs::write(scene.folder().join(file), deployment.to_string()).expect("the test's folder is writable");
    file.to_owned()
}

/// The last line of a log, once there is one.
fn last_line(run: impl Fn(&[&str]) -> Value, contract: &str) -> Option<Value> {
    let request = json!({ "contract_id": contract.parse::<u64>().ok()?, "name": "loud" }).to_string();
    let lines = run(&["bus", "call", "--node", "1", "zos.function.logs", "--payload", &request]);
    lines.as_array()?.last()?;
    Some(run(&["logs", contract, "loud", "--tail", "1"]))
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
