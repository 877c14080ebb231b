//! Chain nodes that outlive their processes: a node's database stays, and so does its address.

use crate::{
    process::{binary, free_port, Process},
    scene::{block_on, PATIENCE},
    wait::until,
};
use serde_json::{json, Value};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the node that makes the blocks is known by to its peers, and its key.
const PRODUCER: (&str, &str) = (
    "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp",
    "0000000000000000000000000000000000000000000000000000000000000001",
);

/// How long a slot of a quick chain is, milliseconds.
const SLOT: u64 = 1_000;

/// A node of a development chain.
pub struct NodeProcess {
    folder: PathBuf,
    /// The specification: its name or its file.
    chain: String,
    arguments: Vec<String>,
    rpc: u16,
    /// Where its peers find it.
    peers: u16,
    process: Option<Process>,
}

impl NodeProcess {
    /// Starts a chain whose only producer of blocks this node is, with its database in `folder`, and waits until it answers.
    /// Blocks.
    pub fn begin(folder: &Path) -> Self {
        Self::begin_of("dev", folder)
    }

    /// The same of a chain on which contracts live faster. Blocks.
    pub fn begin_quick(folder: &Path) -> Self {
        Self::begin_of(&quick_chain(folder), folder)
    }

    fn begin_of(chain: &str, folder: &Path) -> Self {
        let own = ["--alice", "--force-authoring", "--node-key", PRODUCER.1];
        Self::start(folder, "producer", chain, &own)
    }

    /// Starts a node that has the blocks of this one and makes none. Blocks.
    pub fn begin_beside(&self) -> Self {
        let address = format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", self.peers, PRODUCER.0);
        let folder = self.folder.parent().expect("a node's folder is in the test's");
        Self::start(folder, "follower", &self.chain, &["--bootnodes", &address])
    }

    fn start(folder: &Path, name: &str, chain: &str, arguments: &[&str]) -> Self {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).expect("the test's folder is writable");
        let (rpc, peers) = (free_port(), free_port());
        let base = folder.join("database").display().to_string();
        let (port, address) = (rpc.to_string(), format!("/ip4/127.0.0.1/tcp/{peers}"));
        let own = ["--chain", chain, "--base-path", &base, "--rpc-port", &port, "--listen-addr", &address];
        // Who looks at all that happened looks at all blocks.
        let other = ["--state-pruning", "archive", "--no-prometheus", "--no-telemetry", "--no-mdns"];
        let arguments = arguments.iter().chain(&own).chain(&other).map(|argument| (*argument).to_owned()).collect();
        let mut node = Self { folder, chain: chain.to_owned(), arguments, rpc, peers, process: None };
        node.restart();
        node
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc)
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again with what it has kept, and waits until it answers.
    pub fn restart(&mut self) {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut process = Process::start(&self.folder, "gridchain-node", &arguments);
        let url = self.url();
        let answers = || {
            process.assert_running();
            block_on(grid_client::Chain::connect(std::slice::from_ref(&url))).ok()
        };
        until("the chain to answer", PATIENCE, answers);
        self.process = Some(process);
    }
}

/// Writes the specification of a development chain with shorter times into a folder.
fn quick_chain(folder: &Path) -> String {
    let told = Command::new(binary("gridchain-node")).args(["export-chain-spec", "--chain", "dev"]).output();
    let told = told.expect("the node's program starts");
    let mut specification: Value = serde_json::from_slice(&told.stdout).expect("a specification is JSON");
    let genesis = &mut specification["genesis"]["runtimeGenesis"]["patch"];
    genesis["slotTime"]["milliseconds"] = json!(SLOT);
    let rules = &mut genesis["smartContractModule"]["rules"];
    // On a busy machine, or with nodes that are killed, a story takes longer than a contract usually waits for its deployment.
    for (name, seconds) in
        [("report_period", 4), ("heartbeat_period", 2), ("min_free_window", 2), ("create_timeout", 600)]
    {
        assert!(rules[name].is_u64(), "there is a rule {name}");
        rules[name] = json!(seconds);
    }
    let file = folder.join("chain.json");
    fs::write(&file, specification.to_string()).expect("the test's folder is writable");
    file.display().to_string()
}
