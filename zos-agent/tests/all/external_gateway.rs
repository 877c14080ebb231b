//! A gateway that is not in the agent's process is the same to it, also when it goes away for a while.

#![allow(clippy::unwrap_used)]

use crate::support;

use faas_gateway::{Credentials, Gateway, GatewayConfig, Running};
use std::{
    fs::{self, Permissions},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
};
use support::{eventually, Bench};

const PASSWORD: &str = "of the other gateway";

async fn gateway(address: SocketAddr, folder: &Path) -> Running {
    let credentials = Credentials::new("admin", PASSWORD);
    Gateway::start(GatewayConfig::new(address, folder.join("gateway"), credentials)).await.unwrap()
}

async fn bench(gateway: &Running, folder: &Path) -> Bench {
    let password_file = folder.join("password");
    fs::write(&password_file, PASSWORD).unwrap();
    fs::set_permissions(&password_file, Permissions::from_mode(0o600)).unwrap();
    Bench::with(|config| {
        config.gateway.url = Some(format!("http://{}/", gateway.addr()));
        config.gateway.password_file = Some(password_file);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_run_there_and_outlive_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(([127, 0, 0, 1], 0).into(), folder.path()).await;
    let mut bench = bench(&gateway, folder.path()).await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.down().await;
    let url = format!("http://{}/function/echo-{id}", gateway.addr());
    let answer = reqwest::Client::new().post(&url).body("alone").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "alone");
    bench.up().await;
    assert_eq!(bench.call(&format!("echo-{id}"), "together").await, (200, "together".to_owned()));
    bench.chain.end(id);
    eventually("it is removed", || async { bench.call(&format!("echo-{id}"), "").await.0 == 404 }).await;
    gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_the_gateway_is_away_is_removed_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let away = gateway(([127, 0, 0, 1], 0).into(), folder.path()).await;
    let address = away.addr();
    let bench = bench(&away, folder.path()).await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    let kept = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.running(kept).await;
    away.shutdown().await;
    bench.chain.end(id);
    let back = gateway(address, folder.path()).await;
    eventually("one is removed", || async { bench.call(&format!("echo-{id}"), "").await.0 == 404 }).await;
    assert_eq!(bench.call(&format!("echo-{kept}"), "kept").await, (200, "kept".to_owned()));
    back.shutdown().await;
}
