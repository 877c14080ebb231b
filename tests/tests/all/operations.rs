//! What an operator asks a node that earns, or that is about to.

use grid_client::{
    records::{Location, NodeSpec},
    Call, Chain, Wait,
};
use grid_tests::{
    home::Home,
    inside::quick_chain,
    meadow::{key, Meadow},
    process::binary,
    scene::Scene,
    wait::until,
};
use grid_types::units::{Capacity, GIB};
use serde_json::{json, Value};
use std::process::{Command, Output};
use zos_agent::{
    config::Config,
    doctor::{self, Health},
};

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

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_a_node_that_is_not_final_yet_from_one_that_is_not_there() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let client = Chain::connect(&[endpoint.url()]).await.expect("the endpoint serves");
    let nowhere = "ws://127.0.0.1:1".to_owned();
    let home = Home::furnish(folder.path(), &[endpoint.url(), nowhere], "//Ferdie");
    Meadow::found(client.clone(), home.bus, home.gateway).await;
    let config = Config::load(&home.config(), [("ZOS_NODE_ID".to_owned(), "2".to_owned())]).expect("it can be read");
    let found = |what: &'static str| {
        let config = &config;
        async move {
            let findings = doctor::examine(config).await.into_iter().filter(move |finding| finding.what == what);
            findings.map(|finding| (finding.health, finding.found)).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("node").await, [(Health::Bad, "there is no node 2".to_owned())]);
    let endpoints: Vec<_> = found("endpoint").await.into_iter().map(|(health, _)| health).collect();
    assert_eq!(endpoints, [Health::Weak, Health::Good], "one that is away keeps nobody from working");

    chain.set_finality(false);
    let (farmer, machine) = (key("//Alice"), key("//Eve"));
    let location = Location { country: "Belgium".into(), city: "Ghent".into(), latitude: None, longitude: None };
    let capacity = Capacity { cru: 1_000, mru: GIB, sru: GIB, hru: 0 };
    let spec = NodeSpec { capacity, location, interfaces: Vec::new(), serial: None, bus: None };
    let calls = [
        (&machine, Call::CreateTwin { relay: None, pk: None }),
        (&farmer, Call::AuthorizeNode { farm_id: 1, account: machine.account() }),
        (&machine, Call::CreateNode { farm_id: 1, spec, agent: Some(key("//Ferdie").account()) }),
    ];
    for (key, call) in calls {
        client.submit(key, call, Wait::InBlock).await.expect("it is in a block");
    }
    let soon = "2 was registered just now, in a block that is not final yet";
    assert_eq!(found("node").await, [(Health::Weak, soon.to_owned())]);
    chain.finalize();
    let named = "2 names this account as its agent, which has not accepted yet";
    assert_eq!(found("node").await, [(Health::Weak, named.to_owned())]);
}
