//! A chain node that outlives its process: its database stays, and so does its address.

use crate::{
    process::{free_port, Process},
    scene::{block_on, PATIENCE},
    wait::until,
};
use std::path::{Path, PathBuf};

/// A development chain of one node.
pub struct NodeProcess {
    folder: PathBuf,
    port: u16,
    process: Option<Process>,
}

impl NodeProcess {
    /// Starts a chain with its database in `folder` and waits until it answers. Blocks.
    pub fn begin(folder: &Path) -> Self {
        let mut node = Self { folder: folder.to_owned(), port: free_port(), process: None };
        node.restart();
        node
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again with what it has kept, and waits until it answers.
    pub fn restart(&mut self) {
        let base = self.folder.join("chain").display().to_string();
        let port = self.port.to_string();
        let arguments =
            ["--dev", "--base-path", &base, "--rpc-port", &port, "--port", "0", "--no-prometheus", "--no-telemetry"];
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
