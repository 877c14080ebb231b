//! A chain on this machine, a farmer with a node whose agent runs, and users with money.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    time::Duration,
};

use grid_client::Chain;
use serde_json::{json, Value};
use tempfile::TempDir;

use crate::{
    grid::{Grid, Refused},
    process::{free_port, Process},
    wait::until,
};

/// Longer than anything on a development chain takes.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Prices in GRID that show within seconds: CU 40, SU 20, an address 16 an hour, 10^9 bytes 15.
const PRICES: [&str; 8] = ["--cu", "40", "--su", "20", "--nu", "15", "--ipu", "16"];

/// How the agent is started.
const AGENT: &str = "zos-agent";
const AGENT_ARGUMENTS: [&str; 3] = ["run", "--config", "agent.toml"];

/// The user who owns nothing.
const NOBODY: u32 = 65_534;

/// The stage of an end-to-end test. Everything ends with it.
pub struct Scene {
    /// The farmer: owns farm 1.
    pub farmer: Grid,
    /// The machine's own twin: owns node 1.
    pub machine: Grid,
    /// A user with 100 GRID and a twin.
    pub user: Grid,
    /// The chain's endpoint.
    pub url: String,
    gateway: String,
    // Processes before the folder: they are gone when it is removed.
    agent: Process,
    chain: Process,
    folder: TempDir,
}

impl Scene {
    /// Starts everything and waits until the node can take work.
    pub fn start() -> Self {
        Self::with_agent(|folder| Process::start(folder, AGENT, &AGENT_ARGUMENTS))
    }

    /// The same with an agent that is nobody in particular, whoever runs the tests. An agent that is started again runs as they do.
    pub fn start_unprivileged() -> Self {
        Self::with_agent(|folder| {
            // Only root can become another user; anybody else is unprivileged already.
            if !rustix::process::geteuid().is_root() {
                return Process::start(folder, AGENT, &AGENT_ARGUMENTS);
            }
            for path in [folder.to_owned(), folder.join("agent.toml"), folder.join("agent.key")] {
                chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give away what is its own");
            }
            Process::start_as(folder, AGENT, &AGENT_ARGUMENTS, NOBODY)
        })
    }

    fn with_agent(start: impl FnOnce(&Path) -> Process) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let path = folder.path();
        let (chain, url) = start_chain(path);
        let bus_port = free_port();
        let (farmer, machine, user) = found(path, &url, bus_port);
        let gateway_port = free_port();
        write_agent_config(path, &url, bus_port, gateway_port);
        fs::copy(stats_module(), path.join("stats.wasm")).expect("the sample function is built");
        let agent = start(path);
        let gateway = format!("http://127.0.0.1:{gateway_port}");
        let mut scene = Self { farmer, machine, user, url, gateway, agent, chain, folder };
        scene.wait_for_node();
        scene
    }

    /// Another user, whose key is made with these options.
    pub fn user_with_key(&self, name: &str, grid: &str, options: &[&str]) -> Grid {
        let somebody = new_account_with(self.folder.path(), &self.url, name, grid, options);
        somebody.run(&["twin", "create"]);
        somebody
    }

    /// Another user, with so many GRID and a twin.
    pub fn user_with(&self, name: &str, grid: &str) -> Grid {
        new_twin(self.folder.path(), &self.url, name, grid)
    }

    /// Writes a deployment of the sample function and gives its file name.
    pub fn deployment(&self, access: Value) -> String {
        let deployment = json!({
            "description": "statistics",
            "workloads": [{
                "name": "stats",
                "type": "function",
                "data": { "module": "file:stats.wasm", "memory": 64 << 20, "timeout_ms": 10_000, "access": access },
            }],
        });
        let file = "stats.json";
        fs::write(self.folder.path().join(file), deployment.to_string()).expect("the test's folder is writable");
        file.to_owned()
    }

    /// Deploys the sample function for `user`, open to everybody, with one address; gives the contract.
    pub fn deploy(&self, user: &Grid) -> u64 {
        let file = self.deployment(json!("public"));
        let answer =
            user.run(&["deploy", &file, "--node", "1", "--ips", "1", "--cru", "1", "--mru", "2GiB", "--sru", "50GiB"]);
        answer["contract_id"].as_u64().expect("deploy names the contract")
    }

    /// Calls a contract's function over plain HTTP: status and body.
    pub fn call(&self, contract: u64, body: &str) -> (u16, Value) {
        let url = format!("{}/function/stats-{contract}", self.gateway);
        block_on(async {
            let answer = client().post(url).body(body.to_owned()).send().await.expect("the gateway answers");
            let status = answer.status().as_u16();
            let text = answer.text().await.expect("the answer is whole");
            (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
        })
    }

    /// Whether the function of a contract is gone from the gateway.
    pub fn is_gone(&self, contract: u64) -> bool {
        self.call(contract, "{}").0 == 404
    }

    /// The contract on chain, while there is one.
    pub fn contract(&self, contract: u64) -> Option<Value> {
        match self.user.try_run(&["contract", "show", &contract.to_string()]) {
            Ok(shown) => Some(shown),
            Err(Refused(code)) if code == "not_found" => None,
            // An answer that did not come says nothing about the contract.
            Err(refused) => panic!("contract {contract}: {refused:?}"),
        }
    }

    /// Waits until the chain has charged the contract at least `times`.
    pub fn wait_for_bills(&self, contract: u64, times: usize) {
        until("bills", PATIENCE, || {
            let bill = self.user.run(&["contract", "bill", &contract.to_string(), "--all"]);
            (bill["charges"].as_array()?.len() >= times).then_some(())
        });
    }

    /// All money there is, base units.
    pub fn issuance(&self) -> u128 {
        block_on(async {
            let view = connect(&self.url).await.best().await.expect("the chain has a block");
            view.total_issuance().await.expect("issuance can be read")
        })
    }

    /// Ends the agent like a power failure.
    pub fn kill_agent(&mut self) {
        self.agent.kill();
    }

    /// Starts the agent again, on the same folder.
    pub fn restart_agent(&mut self) {
        self.restart_agent_with(&[]);
    }

    /// The same, with variables that override its configuration.
    pub fn restart_agent_with(&mut self, variables: &[(&str, &str)]) {
        self.agent.kill();
        self.agent = Process::start_with(self.folder.path(), AGENT, &AGENT_ARGUMENTS, variables);
        self.wait_for_node();
    }

    /// Whom the agent runs as.
    pub fn agents_user(&self) -> u32 {
        self.agent.user()
    }

    /// The folder with everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn wait_for_node(&mut self) {
        let before = self.heard_of();
        until("a heartbeat of the node", PATIENCE, || {
            self.chain.assert_running();
            self.agent.assert_running();
            (self.heard_of() > before).then_some(())
        });
    }

    fn heard_of(&self) -> u64 {
        self.user.run(&["node", "show", "1"])["status"]["seen"]["heartbeat"].as_u64().unwrap_or(0)
    }
}

/// Runs asynchronous work of a test to its end.
pub fn block_on<T>(work: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime starts").block_on(work)
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> Chain {
    Chain::connect(&[url.to_owned()]).await.expect("the chain answers")
}

/// A client that trusts nothing but loopback: no proxies, no pool between tests.
fn client() -> reqwest::Client {
    // A second test of the same process finds it installed: that is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client can be made")
}

/// A development chain of one node, and its address. The node picks its ports itself and tells them in its log: nothing can
/// be taken in between.
pub fn start_chain(folder: &Path) -> (Process, String) {
    let arguments = ["--dev", "--tmp", "--rpc-port", "0", "--port", "0", "--no-prometheus", "--no-telemetry"];
    let mut chain = Process::start(folder, "gridchain-node", &arguments);
    let port = until("the chain's RPC port", PATIENCE, || {
        chain.assert_running();
        rpc_port(&chain.log())
    });
    let url = format!("ws://127.0.0.1:{port}");
    let alice = Grid::new(folder, &url, "//Alice");
    until("the chain's first blocks", PATIENCE, || {
        chain.assert_running();
        let balance = alice.try_run(&["balance"]).ok()?;
        (balance["block"].as_u64()? > 0).then_some(())
    });
    (chain, url)
}

fn rpc_port(log: &str) -> Option<u16> {
    let (_, after) = log.split_once("JSON-RPC server: addr=127.0.0.1:")?;
    let digits = after.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// A farmer with a farm and two addresses, a node that both sides consented to and whose agent has yet to accept, and a user.
fn found(folder: &Path, url: &str, bus_port: u16) -> (Grid, Grid, Grid) {
    let farmer = new_twin(folder, url, "farmer", "100");
    let machine = new_twin(folder, url, "machine", "100");
    let user = new_twin(folder, url, "user", "100");
    let agent = new_account(folder, url, "agent", "10");
    farmer.run(&[&["policy", "create", "standard"], &PRICES[..]].concat());
    farmer.run(&["farm", "create", "meadow", "--policy", "1"]);
    for address in ["203.0.113.10/24", "203.0.113.11/24"] {
        farmer.run(&["farm", "add-ip", "1", address, "--gateway", "203.0.113.1"]);
    }
    farmer.run(&["farm", "authorize", "1", &machine.account()]);
    let bus = format!("ws://127.0.0.1:{bus_port}");
    let capacity = ["--cru", "8", "--mru", "16GiB", "--sru", "500GiB"];
    let place = ["--farm", "1", "--country", "Belgium", "--city", "Ghent", "--bus", &bus, "--agent", &agent.account()];
    machine.run(&[&["node", "register"], &capacity[..], &place[..]].concat());
    (farmer, machine, user)
}

fn new_account(folder: &Path, url: &str, name: &str, money: &str) -> Grid {
    new_account_with(folder, url, name, money, &[])
}

fn new_account_with(folder: &Path, url: &str, name: &str, money: &str, options: &[&str]) -> Grid {
    let key = format!("{name}.key");
    let somebody = Grid::new(folder, url, &key);
    somebody.run(&[&["key", "new", "--out", &key], options].concat());
    somebody.run(&["faucet", "--amount", money]);
    somebody
}

fn new_twin(folder: &Path, url: &str, name: &str, money: &str) -> Grid {
    let somebody = new_account(folder, url, name, money);
    somebody.run(&["twin", "create"]);
    somebody
}

fn write_agent_config(folder: &Path, url: &str, bus_port: u16, gateway_port: u16) {
    let (state, key) = (folder.join("agent"), folder.join("agent.key"));
    let config = format!(
        "state_dir = {state:?}\n\
         [chain]\nendpoints = [{url:?}]\n\
         [node]\nkey_file = {key:?}\nid = 1\n\
         [bus]\nlisten = \"127.0.0.1:{bus_port}\"\n\
         [gateway]\nlisten = \"127.0.0.1:{gateway_port}\"\n"
    );
    fs::write(folder.join("agent.toml"), config).expect("the test's folder is writable");
}

/// The sample function, built by `functions/build`.
fn stats_module() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/target/stats.wasm");
    assert!(path.exists(), "{} is missing: run functions/build first (scripts/test does)", path.display());
    path
}
