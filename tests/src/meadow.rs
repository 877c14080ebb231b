//! A farm with one node and a user, on whatever chain an endpoint serves: made by plain calls of well-known accounts.

use crate::functions::{answering, hungry};
use grid_client::{
    records::{ContractMode, Location, NodeSpec},
    Bus, BusError, BusTarget, Call, Chain, CreateContract, Event, Included, Key, SubmitError, Wait,
};
use grid_types::{
    bus::{self, Deploy, ModulePut},
    challenge,
    deployment::{Deployment, Digest},
    units::{Capacity, Prices, Resources, GIB},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::json;
use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The node.
pub const NODE: u32 = 1;
/// The secret of the node's agent.
pub const AGENT: &str = "//Dave";
/// The farmer, the machine and the user; their twins are 1, 2 and 3.
const PEOPLE: [&str; 3] = ["//Alice", "//Bob", "//Charlie"];
const MACHINE_TWIN: u32 = 2;
const USER_TWIN: u32 = 3;
/// What the node offers.
const CAPACITY: Capacity = Capacity { cru: 8_000, mru: 16 * GIB, sru: 500 * GIB, hru: 0 };
/// What a contract reserves if nothing is said.
pub const PART: Resources = Resources { cru: 1_000, mru: GIB, sru: GIB, hru: 0, nru_per_hour: GIB };
/// All that the node offers.
pub const WHOLE: Resources = Resources { cru: 8_000, mru: 16 * GIB, sru: 500 * GIB, hru: 0, nru_per_hour: GIB };
/// The secrets of a function. An update gives the first another value and drops the second.
pub const SECRETS: [&str; 2] = ["key", "token"];
/// Longer than an agent that is started again needs to answer, and than a transaction lives: one that was signed upon a block which
/// a killed node has forgotten is valid nowhere, and is known to have come to nothing only then.
const PATIENCE: Duration = Duration::from_secs(400);
/// How soon a command is sent again.
const PAUSE: Duration = Duration::from_millis(50);

/// The user of the meadow, and what he sees of it.
#[derive(Clone)]
pub struct Meadow {
    /// The chain as the user reaches it.
    pub chain: Chain,
    key: Key,
    bus: BusTarget,
    gateway: SocketAddr,
}

impl Meadow {
    /// Makes the farm, the node and the twins. The node's agent will answer at `bus`, and its gateway at `gateway`.
    pub async fn found(chain: Chain, bus: SocketAddr, gateway: SocketAddr) -> Self {
        let [farmer, machine, user] = PEOPLE.map(key);
        let agent = key(AGENT).account();
        let prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };
        let url = format!("ws://{bus}");
        let location = Location { country: "Belgium".into(), city: "Ghent".into(), latitude: None, longitude: None };
        let spec =
            NodeSpec { capacity: CAPACITY, location, interfaces: Vec::new(), serial: None, bus: Some(url.clone()) };
        let twin = || Call::CreateTwin { relay: None, pk: None };
        let calls = [
            (&farmer, twin()),
            (&machine, twin()),
            (&user, twin()),
            (&farmer, Call::CreatePricingPolicy { name: "standard".into(), prices }),
            (&farmer, Call::CreateFarm { name: "meadow".into(), policy_id: 1 }),
            (&farmer, Call::AuthorizeNode { farm_id: 1, account: machine.account() }),
            (&machine, Call::CreateNode { farm_id: 1, spec, agent: Some(agent) }),
        ];
        for (key, call) in calls {
            let made = chain.submit(key, call.clone(), Wait::Finalized).await;
            made.unwrap_or_else(|error| panic!("{call:?}: {error}"));
        }
        Self { chain, key: user, bus: BusTarget { url, node_twin: MACHINE_TWIN, agent, roots: None }, gateway }
    }

    /// The same meadow through another connection.
    pub fn seen_through(&self, chain: Chain) -> Self {
        Self { chain, ..self.clone() }
    }

    /// A deployment of one function that everybody may call and that answers with `text`; not yet of a contract.
    pub fn deployment(&self, text: &str) -> Deployment {
        self.deployment_of(&answering(text), text, &SECRETS)
    }

    /// A deployment of this module, with a description and with secrets of these names.
    fn deployment_of(&self, module: &[u8], text: &str, secrets: &[&str]) -> Deployment {
        let secrets: BTreeMap<_, _> = secrets.iter().map(|name| (*name, format!("{name} of {text}"))).collect();
        let data = json!({
            "module": format!("sha256:{}", Digest::of(module)),
            "memory": 1 << 20, "timeout_ms": 5_000, "access": "public", "secrets": secrets,
        });
        let workload =
            json!({ "version": 0, "name": "f", "type": "function", "data": data, "metadata": "", "description": "" });
        let deployment = json!({
            "version": 0, "twin_id": USER_TWIN, "contract_id": 0, "metadata": "", "description": text, "expiration": 0,
            "workloads": [workload],
        });
        Deployment::from_value(deployment).expect("the deployment is valid")
    }

    /// Makes a contract for a deployment; gives the deployment with its number.
    pub async fn create(&self, deployment: &Deployment, resources: Resources) -> Result<Deployment, SubmitError> {
        let call = Call::CreateContract(CreateContract {
            node_id: NODE,
            deployment_hash: challenge::hash(deployment, &self.chain.genesis()),
            data: Vec::new(),
            public_ips: 0,
            resources,
            mode: ContractMode::Reserved,
            price_limit: None,
        });
        let included = self.submit(call).await?;
        let made = |event: &Event| match event {
            Event::ContractCreated { contract_id, .. } => Some(*contract_id),
            _ => None,
        };
        let contract_id = included.events.iter().find_map(made).expect("the event names it");
        Ok(Deployment { contract_id, ..deployment.clone() })
    }

    /// Waits until the chain has heard of the node just now: without that, nobody can make a contract.
    pub async fn seen(&self) {
        let heard = || async {
            let view = self.chain.best().await.ok()?;
            let last = view.node_status(NODE).await.ok()?.seen.last;
            Some(view.time().await.ok()?.saturating_sub(last))
        };
        eventually("the chain hears of the node", || async { heard().await.is_some_and(|ago| ago <= 1) }).await;
    }

    /// Makes a contract for a deployment, as soon as the chain has heard of the node.
    pub async fn create_when_seen(&self, deployment: &Deployment) -> Deployment {
        let start = Instant::now();
        loop {
            match self.create(deployment, PART).await {
                Ok(made) => return made,
                Err(error) if error.code() == "NodeUnseen" && start.elapsed() < PATIENCE => self.seen().await,
                Err(error) => panic!("the contract is not made: {error}"),
            }
        }
    }

    /// Makes a contract for a function that answers with `text`, sends all of it, and waits until the chain knows that it runs.
    pub async fn deployed(&self, text: &str) -> Deployment {
        let deployment = self.sent(&self.deployment(text), &answering(text)).await;
        self.running(&deployment).await;
        deployment
    }

    /// The same with this module, without calling it. Gives the contract.
    pub async fn deployed_module(&self, module: &[u8]) -> u64 {
        let deployment = self.sent(&self.deployment_of(module, "a module", &[]), module).await;
        self.reported(&deployment).await;
        deployment.contract_id
    }

    /// Makes a contract for a function that wants more memory than it may have, sends all of it, and waits until the chain knows
    /// that it does not come to run. Gives the contract.
    pub async fn given_up(&self) -> u64 {
        let module = hungry();
        let contract_id = self.sent(&self.deployment_of(&module, "hungry", &SECRETS), &module).await.contract_id;
        let billing = || async { self.chain.finalized().await.ok()?.billing(contract_id).await.ok()? };
        let told = || async { billing().await.is_some_and(|billing| billing.failed) };
        eventually(&format!("the chain knows that contract {contract_id} is given up"), told).await;
        contract_id
    }

    /// Makes a contract for a deployment of this module and sends all of it; gives the deployment with its number.
    async fn sent(&self, deployment: &Deployment, module: &[u8]) -> Deployment {
        let deployment = self.create_when_seen(deployment).await;
        self.send(&deployment, module, bus::DEPLOYMENT_DEPLOY).await;
        deployment
    }

    /// Agrees on another text and on one secret less, sends it, and waits until the chain knows that it runs.
    pub async fn updated(&self, deployment: &Deployment, text: &str) -> Deployment {
        let next = Deployment {
            version: deployment.version + 1,
            contract_id: deployment.contract_id,
            ..self.deployment_of(&answering(text), text, &SECRETS[..1])
        };
        let call = Call::UpdateContract {
            contract_id: next.contract_id,
            deployment_hash: challenge::hash(&next, &self.chain.genesis()),
            data: Vec::new(),
            resources: None,
            public_ips: None,
            price_limit: None,
        };
        self.submit(call).await.expect("the contract is updated");
        self.send(&next, &answering(text), bus::DEPLOYMENT_UPDATE).await;
        self.running(&next).await;
        next
    }

    /// Ends a contract.
    pub async fn cancel(&self, contract_id: u64) -> Result<(), SubmitError> {
        self.submit(Call::CancelContract { contract_id }).await.map(drop)
    }

    /// Has a call in a finalized block. As long as it is certain that nothing happened it is sent again: the user's node may be
    /// killed as well.
    async fn submit(&self, call: Call) -> Result<Included, SubmitError> {
        let start = Instant::now();
        loop {
            match self.chain.submit(&self.key, call.clone(), Wait::Finalized).await {
                Err(SubmitError::Chain(_) | SubmitError::Refused { .. }) if start.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                },
                outcome => return outcome,
            }
        }
    }

    /// Sends a deployment with its module, again and again until the agent has accepted it.
    pub async fn send(&self, deployment: &Deployment, module: &[u8], command: &str) {
        let put =
            ModulePut { contract_id: deployment.contract_id, sha256: Digest::of(module), module: module.to_owned() };
        let _: bus::ModuleStored = self.insist(bus::MODULE_PUT, &put).await;
        let _: bus::Accepted = self.insist(command, &Deploy::of(deployment)).await;
    }

    /// Waits until the chain knows that this version runs, and the function answers as it should.
    pub async fn running(&self, deployment: &Deployment) {
        self.reported(deployment).await;
        self.answers(deployment.contract_id, &deployment.description).await;
    }

    /// Waits until the chain knows that this version runs.
    async fn reported(&self, deployment: &Deployment) {
        let Deployment { contract_id, version, .. } = *deployment;
        let view = || async { self.chain.finalized().await.ok()?.contract(contract_id).await.ok()? };
        let reported = || async { view().await.is_some_and(|contract| contract.deployed_version == Some(version)) };
        eventually(&format!("contract {contract_id} runs version {version}"), reported).await;
    }

    /// Waits until more of a contract's time is paid for than now.
    pub async fn billed(&self, contract_id: u64) {
        let paid = || async {
            let billing = self.chain.finalized().await.ok()?.billing(contract_id).await.ok()??;
            // What is held and does not run yet is charged too: only use counts here.
            billing.last_use.map(|_| billing.paid_until)
        };
        let before = paid().await;
        eventually(&format!("contract {contract_id} is billed"), || async { paid().await > before }).await;
    }

    /// Waits until a contract's function answers with `text`.
    pub async fn answers(&self, contract_id: u64, text: &str) {
        let answered = || async { self.call(contract_id).await == Some((200, text.to_owned())) };
        eventually(&format!("the function of contract {contract_id} answers {text:?}"), answered).await;
    }

    /// Waits until a contract's function is gone.
    pub async fn gone(&self, contract_id: u64) {
        let gone = || async { self.call(contract_id).await.is_some_and(|(status, _)| status == 404) };
        eventually(&format!("the function of contract {contract_id} is gone"), gone).await;
    }

    /// Calls a contract's function; nothing if the gateway does not answer.
    pub async fn call(&self, contract_id: u64) -> Option<(u16, String)> {
        let url = format!("http://{}/function/f-{contract_id}", self.gateway);
        let answer = http().post(url).body("x").send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.text().await.ok()?))
    }

    /// Sends a command once.
    pub async fn command<R: DeserializeOwned>(&self, command: &str, payload: &impl Serialize) -> Result<R, BusError> {
        let bus = Bus::connect(self.bus.clone(), self.key.clone(), USER_TWIN, self.chain.genesis()).await?;
        bus.call(command, payload).await
    }

    /// Sends a command until it is answered: agents of these tests are killed and started again.
    pub async fn insist<R: DeserializeOwned>(&self, command: &str, payload: &impl Serialize) -> R {
        let start = Instant::now();
        loop {
            match self.command(command, payload).await {
                Ok(result) => return result,
                Err(error) if start.elapsed() > PATIENCE => panic!("{command}: {error}"),
                // A connection that breaks in the middle is not told apart from a door that takes no such message.
                Err(error) if error.retryable() || error.refusal().is_none() => tokio::time::sleep(PAUSE).await,
                Err(error) => panic!("{command}: {error}"),
            }
        }
    }
}

/// The key of a well-known account.
pub fn key(uri: &str) -> Key {
    Key::from_uri(uri).expect("a well-known account")
}

/// Waits for something to become true.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let found = || {
        let holds = holds();
        async { holds.await.then_some(()) }
    };
    found_at_last(what, found).await;
}

/// Waits until there is something.
pub async fn found_at_last<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A client that trusts nothing but loopback.
pub fn http() -> reqwest::Client {
    // Fails only if there is one already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("the client can be made")
}
