//! Whatever happens, no secret is in a log: a whole life of a deployment with secrets, at the level that shows most.

#![allow(clippy::unwrap_used)]

mod support;

use grid_types::deployment::Deployment;
use std::{
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
};
use support::{deployment, echo, eventually, fake_gateway::FakeGateway, Bench, FakeChain};
use zos_agent::{chain::ContractState, config::LogConfig, logging};

const GATEWAY: &str = "the-password-of-the-gateway";
const FIRST: &str = "hunter2-the-first";
const SECOND: &str = "hunter2-the-second";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn with_secret(deployment: Deployment, value: &str) -> Deployment {
    let mut deployment = deployment;
    deployment.workloads[0].data.secrets = Some([("API_KEY".to_owned(), value.to_owned())].into_iter().collect());
    deployment
}

// The only test of its process: the log is the process's.
#[tokio::test(flavor = "multi_thread")]
async fn no_log_of_a_whole_life_has_a_secret_in_it() {
    let log = Log::default();
    let writer = log.clone();
    let level = LogConfig { level: "trace".to_owned(), json: false };
    tracing_subscriber::fmt()
        .with_env_filter(logging::filter(&level).unwrap())
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();

    let (folder, gateway) = (tempfile::tempdir().unwrap(), FakeGateway::start().await);
    let password_file = folder.path().join("password");
    fs::write(&password_file, GATEWAY).unwrap();
    fs::set_permissions(&password_file, Permissions::from_mode(0o600)).unwrap();
    let mut bench = Bench::on(FakeChain::new(), |config| {
        config.gateway.url = Some(gateway.url());
        config.gateway.password_file = Some(password_file);
        config.engine.max_backoff = 1;
    });
    bench.up().await;

    let first = with_secret(deployment(&["echo"]), FIRST);
    let first = Deployment { contract_id: bench.chain.create(&first), ..first };
    let (id, user) = (first.contract_id, bench.user().await);
    gateway.inside().failing.insert(format!("echo-{id}"));
    user.put_module(id, &echo()).await.unwrap();
    user.deploy(&first).await.unwrap();
    eventually("it fails", || async { gateway.inside().deploys.len() > 1 }).await;
    gateway.inside().failing.clear();
    bench.running(id).await;
    // Refused: its hash is not the contract's.
    user.update(&with_secret(Deployment { version: 1, ..first.clone() }, SECOND)).await.unwrap_err();
    let second = with_secret(Deployment { version: 1, ..first }, SECOND);
    bench.chain.update(&second);
    user.update(&second).await.unwrap();
    eventually("the update runs", || async { bench.chain.deployed_version(id) == Some(1) }).await;
    user.state(id).await.unwrap();
    bench.chain.change(id, |contract| contract.state = ContractState::Grace);
    eventually("it is paused", || async { gateway.inside().functions.is_empty() }).await;
    bench.chain.end(id);
    eventually("it is over", || async { bench.ended(id).await }).await;
    bench.down().await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("deployed") && text.contains("to do"), "it says what it does:\n{text}");
    for secret in [GATEWAY, FIRST, SECOND] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
