//! What a node must not run: each mismatch between a deployment and the chain has its own code, and a door that always answers.

use grid_client::{
    calls::CreateContract,
    records::{ContractMode, Node},
    Bus, BusTarget, Call, Chain, Event, Key, Wait,
};
use grid_tests::scene::{block_on, connect, Scene};
use grid_types::{
    bus::{Accepted, Deploy, DEPLOYMENT_DEPLOY},
    challenge,
    deployment::Deployment,
    units::Resources,
};
use serde_json::{json, Value};

/// A user who talks to node 1 by hand.
struct Client {
    chain: Chain,
    key: Key,
    twin: u32,
    node: Node,
}

impl Client {
    async fn new(scene: &Scene, key: &str) -> Self {
        let chain = connect(&scene.url).await;
        let key = Key::from_uri_or_file(&scene.folder().join(key).to_string_lossy()).expect("the key is there");
        let view = chain.best().await.expect("there is a block");
        let twin = view.twin_of(key.account()).await.expect("the chain answers").expect("there is a twin");
        let node = view.node(1).await.expect("the chain answers").expect("there is a node");
        Self { chain, key, twin, node }
    }

    fn deployment(&self, contract_id: u64, memory: u64) -> Deployment {
        let workload = json!({
            "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
            "data": { "module": format!("sha256:{}", "0".repeat(64)), "memory": memory, "timeout_ms": 1_000 },
        });
        let deployment = json!({
            "version": 0, "twin_id": self.twin, "contract_id": contract_id, "metadata": "", "description": "as agreed",
            "expiration": 0, "workloads": [workload],
        });
        Deployment::from_value(deployment).expect("the deployment is valid")
    }

    /// A contract on `node_id` for a deployment within what it reserves.
    async fn contract(&self, node_id: u32) -> Deployment {
        self.contract_of(node_id, 1 << 20).await
    }

    /// A contract on `node_id` that reserves 1 GiB of memory, for a deployment that may take `memory`.
    async fn contract_of(&self, node_id: u32, memory: u64) -> Deployment {
        let deployment = self.deployment(0, memory);
        let call = Call::CreateContract(CreateContract {
            node_id,
            deployment_hash: challenge::hash(&deployment, &self.chain.genesis()),
            data: Vec::new(),
            public_ips: 0,
            resources: Resources { cru: 1_000, mru: 1 << 30, sru: 1 << 30, hru: 0, nru_per_hour: 0 },
            mode: ContractMode::Reserved,
            price_limit: None,
        });
        let included = self.chain.submit(&self.key, call, Wait::Finalized).await.expect("the contract is made");
        let made = |event: &Event| match event {
            Event::ContractCreated { contract_id, .. } => Some(*contract_id),
            _ => None,
        };
        let contract_id = included.events.iter().find_map(made).expect("the event names it");
        Deployment { contract_id, ..deployment }
    }

    /// Sends a deployment to node 1; gives the code if it was refused.
    async fn send(&self, contract_id: u64, deployment: Value) -> Result<Accepted, String> {
        let url = self.node.spec.bus.clone().expect("the node has a door");
        let target = BusTarget { url, node_twin: self.node.twin_id, agent: self.node.agent, roots: None };
        let bus =
            Bus::connect(target, self.key.clone(), self.twin, self.chain.genesis()).await.expect("the door is open");
        let request = Deploy { contract_id, deployment };
        bus.call(DEPLOYMENT_DEPLOY, &request).await.map_err(|error| error.code().to_owned())
    }
}

#[test]
fn every_mismatch_with_the_chain_has_its_own_code() {
    let scene = Scene::start();
    scene.user_with("thief", "100");
    block_on(async {
        let user = Client::new(&scene, "user.key").await;
        let thief = Client::new(&scene, "thief.key").await;
        let agreed = user.contract(1).await;
        let id = agreed.contract_id;

        let mut tampered = agreed.to_value();
        tampered["description"] = json!("something else");
        assert_eq!(user.send(id, tampered).await, Err("hash_mismatch".to_owned()));

        let stolen = Deployment { twin_id: thief.twin, ..agreed.clone() };
        assert_eq!(thief.send(id, stolen.to_value()).await, Err("wrong_sender".to_owned()));

        let mut greedy = agreed.to_value();
        greedy["workloads"][0]["data"]["memory"] = json!(2_u64 << 30);
        assert_eq!(user.send(id, greedy).await, Err("hash_mismatch".to_owned()));

        // Agreed on chain, but more than it reserved there.
        let too_much = user.contract_of(1, 2 << 30).await;
        let refused = user.send(too_much.contract_id, too_much.to_value()).await;
        assert_eq!(refused, Err("over_reserved".to_owned()));

        user.chain.submit(&user.key, Call::CancelContract { contract_id: id }, Wait::Finalized).await.expect("it ends");
        let gone = user.send(id, agreed.to_value()).await;
        assert_eq!(gone, Err("contract_not_found".to_owned()));

        let never = Deployment { contract_id: 4_711, ..agreed };
        let refused = user.send(4_711, never.to_value()).await;
        assert_eq!(refused, Err("contract_unknown".to_owned()));
    });
}

#[test]
fn a_contract_of_another_node_is_refused() {
    let scene = Scene::start();
    let other = scene.user_with("machine2", "100");
    scene.farmer.run(&["farm", "authorize", "1", &other.account()]);
    let place = ["--farm", "1", "--country", "Belgium", "--city", "Bruges"];
    other.run(&[&["node", "register", "--cru", "4", "--mru", "8GiB", "--sru", "100GiB"], &place[..]].concat());
    block_on(async {
        let second = Client::new(&scene, "machine2.key").await;
        let uptime = Call::ReportUptime { uptime: 1 };
        second.chain.submit(&second.key, uptime, Wait::Finalized).await.expect("the second node lives");
        let user = Client::new(&scene, "user.key").await;
        let agreed = user.contract(2).await;
        let refused = user.send(agreed.contract_id, agreed.to_value()).await;
        assert_eq!(refused, Err("wrong_node".to_owned()));
    });
}

#[test]
fn the_door_answers_to_garbage_and_stays_open() {
    let scene = Scene::start();
    block_on(async {
        let user = Client::new(&scene, "user.key").await;
        let refused = user.send(1, json!("not a deployment")).await;
        assert!(refused.is_err());
        let liar = Client {
            key: Key::from_uri("//Mallory").expect("a development key"),
            ..Client::new(&scene, "user.key").await
        };
        let deployment = user.deployment(1, 1 << 20).to_value();
        assert_eq!(liar.send(1, deployment.clone()).await, Err("bad_signature".to_owned()));
        // The same door, a moment later: it still speaks to honest people.
        let code = user.send(1, deployment).await;
        assert_eq!(code, Err("contract_unknown".to_owned()));
    });
}
