//! What an operator asks a node that earns.

use grid_tests::{process::binary, scene::Scene, wait::until};
use serde_json::{json, Value};
use std::process::{Command, Output};

fn agent(scene: &Scene, arguments: &[&str]) -> Output {
    let mut agent = Command::new(binary("zos-agent"));
    agent.args(arguments).args(["--config", "agent.toml"]).current_dir(scene.folder());
    agent.output().expect("zos-agent can be started")
}

fn status(scene: &Scene) -> Value {
    let output = agent(scene, &["status", "--json"]);
    serde_json::from_slice(&output.stdout).expect("--json prints JSON")
}

#[test]
fn the_doctor_finds_a_node_that_earns_well_and_status_shows_what_it_does() {
    let scene = Scene::start();
    let contract = scene.deploy(&scene.user);
    scene.wait_for_bills(contract, 2);

    let output = agent(&scene, &["doctor"]);
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}");
    for good in ["ok   bus", "ok   node", "ok   gateway", "ok   clock", "ok   float", "ok   endpoint", "ok   agent"] {
        assert!(found.contains(good), "{good:?} is not in\n{found}");
    }

    until("settled windows", grid_tests::scene::PATIENCE, || {
        (status(&scene)["windows"]["accepted"].as_u64()? >= 2).then_some(())
    });
    let status = status(&scene);
    assert_eq!((&status["running"], &status["node_id"]), (&json!(true), &json!(1)));
    assert_eq!(
        (&status["contracts"][0]["contract_id"], &status["contracts"][0]["state"]),
        (&json!(contract), &json!("deployed"))
    );
    assert_eq!(status["contracts"][0]["workloads"][0]["state"], "ok");
    assert!(status["notes"]["heartbeat_at"].is_u64() && status["float"].is_u64(), "{status}");
    assert_eq!((&status["endpoints"][0]["used"], &status["endpoints"][0]["set_aside"]), (&json!(true), &Value::Null));
}
