//! Servers in processes of their own, each on one core.

use anyhow::Context as _;
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use std::{ffi::OsStr, path::Path, process::Stdio};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const PASSWORD: &str = "bench";

/// A server that printed its address. Killed when dropped.
pub struct Server {
    pub address: String,
    process: Child,
}

impl Server {
    /// Starts a program on one core.
    pub async fn start(core: usize, program: &Path, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let mut process = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("taskset (of util-linux) is needed")?;
        let output = process.stdout.take().context("no standard output")?;
        let line = BufReader::new(output).lines().next_line().await?.context("it ended at once")?;
        let address = line.trim_start_matches("listening on http://").to_owned();
        Ok(Self { address, process })
    }

    /// Memory it holds now, in bytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let id = self.process.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib << 10)
    }
}

/// A gateway with an empty state.
pub struct Gateway {
    pub server: Server,
    client: reqwest::Client,
    _state: TempDir,
}

impl Gateway {
    pub async fn start(core: usize, program: &Path) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        let password = state.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        let folder = state.path().join("state");
        let arguments: [&OsStr; 11] = [
            "run".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            // Its usual port may still be the one before's.
            "--metrics-listen".as_ref(),
            "off".as_ref(),
            "--log".as_ref(),
            "error".as_ref(),
            "--state-dir".as_ref(),
            folder.as_ref(),
            "--basic-auth-password-file".as_ref(),
            password.as_ref(),
        ];
        let server = Server::start(core, program, &arguments).await?;
        Ok(Self { server, client: reqwest::Client::new(), _state: state })
    }

    /// Stores a module and deploys it.
    pub async fn deploy(&self, name: &str, text: &str, annotations: Value) -> anyhow::Result<()> {
        let wasm = wat::parse_str(text)?;
        let digest = hex::encode(Sha256::digest(&wasm));
        let url = format!("http://{}/system", self.server.address);
        let stored = self.client.put(format!("{url}/modules/{digest}")).basic_auth("admin", Some(PASSWORD)).body(wasm);
        stored.send().await?.error_for_status()?;
        let body = json!({ "service": name, "image": format!("module:sha256:{digest}"), "annotations": annotations });
        let deployed = self.client.post(format!("{url}/functions")).basic_auth("admin", Some(PASSWORD)).json(&body);
        deployed.send().await?.error_for_status()?;
        Ok(())
    }

    /// Calls of a function that were let in so far.
    pub async fn calls_let_in(&self, name: &str) -> anyhow::Result<usize> {
        let url = format!("http://{}/system/function/{name}", self.server.address);
        let answer = self.client.get(url).basic_auth("admin", Some(PASSWORD)).send().await?.error_for_status()?;
        let status: Value = answer.json().await?;
        Ok(status["invocationCount"].as_f64().context("no invocationCount")? as usize)
    }

    /// Ends it. When this returns, the core is free.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.server.process.kill().await?)
    }
}
