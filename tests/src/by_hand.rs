//! What a user's deployment and a node's agent do on chain, done by hand: for tests in which nothing runs.

use crate::scene::{block_on, connect};
use grid_client::{
    records::{ContractMode, DeploymentOutcome},
    Call, CreateContract, Event, Key, ReportOutcome, Wait,
};
use grid_types::units::{Report, Resources, GIB};
use std::time::Duration;

/// What [`reserve`] reserves: little, so that what it costs in seconds is less than an account needs to exist.
pub const LITTLE: Resources = Resources { cru: 100, mru: GIB, sru: GIB, hru: 0, nru_per_hour: 0 };

/// The time that [`report`] is about, seconds.
const WINDOW: u64 = 6;

/// A sign of life of a machine that is its own agent: nobody can reserve a node that is not heard of.
pub fn heartbeat(url: &str, machine: &str) {
    block_on(async {
        let beat = Call::ReportUptime { uptime: 2 };
        connect(url).await.submit(&key(machine), beat, Wait::InBlock).await.expect("the heartbeat is taken");
    });
}

/// A contract of a development key on node 1, for a deployment that nobody sends.
pub fn reserve(url: &str, user: &str) -> u64 {
    block_on(async {
        let call = Call::CreateContract(CreateContract {
            node_id: 1,
            deployment_hash: [1; 32],
            data: Vec::new(),
            public_ips: 0,
            resources: LITTLE,
            mode: ContractMode::Reserved,
            price_limit: None,
        });
        let included =
            connect(url).await.submit(&key(user), call, Wait::Finalized).await.expect("the contract is made");
        let made = |event: &Event| match event {
            Event::ContractCreated { contract_id, .. } => Some(*contract_id),
            _ => None,
        };
        included.events.iter().find_map(made).expect("the event names it")
    })
}

/// As the agent of node 1: the contract runs, and nothing of it was used for some seconds.
pub fn report(url: &str, agent: &str, contract_id: u64) {
    block_on(async {
        let (chain, key) = (connect(url).await, key(agent));
        let call = Call::ReportDeployment { contract_id, version: 0, outcome: DeploymentOutcome::Deployed };
        let deployed = chain.submit(&key, call, Wait::InBlock).await.expect("the agent may say so");
        let billing = chain.at(deployed.block).await.expect("the block is there").billing(contract_id).await;
        let until = billing.expect("it can be read").expect("the contract lives").paid_until + WINDOW;
        while chain.best().await.expect("there is a block").time().await.expect("a block has a time") < until {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let report = Report { contract_id, timestamp: until, window: WINDOW, ..Report::default() };
        let outcomes = chain.add_reports(&key, &[report], Wait::InBlock).await.expect("the report is taken");
        assert!(matches!(outcomes[..], [ReportOutcome::Billed(_)]), "{outcomes:?}");
    });
}

/// The key of a development name.
pub fn key(secret: &str) -> Key {
    Key::from_uri(secret).expect("a development name")
}
