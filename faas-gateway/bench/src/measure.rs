//! What is measured, one figure or two each.

use crate::{
    direct,
    load::{self, Connection},
    modules,
    rows::{at_least, at_most, beside, micros, millis},
    target::{Gateway, Server},
};
use serde_json::json;
use std::{
    ffi::OsStr,
    path::Path,
    time::{Duration, Instant},
};

const BODY: &str = "hello";
const CONNECTIONS: usize = 8;
const PATH: &str = "/function/echo";

/// Everything, row by row.
pub async fn all(program: &Path, core: usize, seconds: u64) -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let time = Duration::from_secs(seconds);
    let gateway = Gateway::start(core, program).await?;
    gateway.deploy("echo", modules::ECHO, json!({})).await?;
    // Warm, as the figures want it.
    load::run(&gateway.server.address, PATH, CONNECTIONS, BODY, Duration::from_secs(1)).await?;
    warm_calls(&gateway, time).await?;
    peers(core, time).await?;
    hop(&gateway, time).await?;
    cold_start(&gateway).await?;
    neighbour(&gateway, time).await?;
    drop(gateway);
    idle_functions(core, program).await
}

async fn warm_calls(gateway: &Gateway, time: Duration) -> anyhow::Result<()> {
    let report = load::run(&gateway.server.address, PATH, CONNECTIONS, BODY, time).await?;
    at_least("warm calls a second, 5-byte echo, one core, 8 connections", report.per_second(), 10_000.0);
    at_most("their p99, ms", millis(report.quantile(0.99)), 5.0);
    beside("their p50, ms", &format!("{:.2}", millis(report.quantile(0.5))));
    Ok(())
}

/// On the same core, under the same load.
async fn peers(core: usize, time: Duration) -> anyhow::Result<()> {
    let this = std::env::current_exe()?;
    for (name, what) in [
        ("echo", "a plain HTTP echo of the same make (the ceiling)"),
        ("process-per-request", "a process for each request (as the classic watchdog does it)"),
    ] {
        let server = Server::start(core, &this, &[OsStr::new(name)]).await?;
        load::run(&server.address, "/", CONNECTIONS, BODY, Duration::from_millis(500)).await?;
        let report = load::run(&server.address, "/", CONNECTIONS, BODY, time).await?;
        let text = format!("{:.0}/s, {:.2} ms", report.per_second(), millis(report.quantile(0.99)));
        beside(&format!("beside it: {what}, p99"), &text);
    }
    Ok(())
}

/// What the gateway adds to a call: HTTP, admission, meters, one hop.
async fn hop(gateway: &Gateway, time: Duration) -> anyhow::Result<()> {
    let direct = direct::call().await?;
    let report = load::run(&gateway.server.address, PATH, 1, BODY, time).await?;
    let through = report.quantile(0.5);
    at_most("added over wasmtime in process, p50, us", micros(through.saturating_sub(direct)), 100.0);
    beside("of that: a call in process, p50, us", &format!("{:.1}", micros(direct)));
    beside("of that: through the gateway, one connection, p50, us", &format!("{:.1}", micros(through)));
    Ok(())
}

/// The first call after a deployment, over the second to twentieth.
async fn cold_start(gateway: &Gateway) -> anyhow::Result<()> {
    const TRIES: u32 = 30;
    let mut added = Vec::new();
    for number in 0..TRIES {
        let name = format!("cold-{number}");
        gateway.deploy(&name, &modules::another(10_000 + number), json!({})).await?;
        let mut connection = Connection::open(&gateway.server.address).await?;
        // The connection itself is warm.
        connection.call(&load::request(PATH, BODY), BODY).await?;
        let request = load::request(&format!("/function/{name}"), BODY);
        let mut times = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            connection.call(&request, BODY).await?;
            times.push(began.elapsed());
        }
        let first = times.remove(0);
        times.sort_unstable();
        added.push(first.saturating_sub(times[times.len() / 2]));
    }
    added.sort_unstable();
    at_most("first call after a deployment over a warm one, p50, ms", millis(added[added.len() / 2]), 1.0);
    Ok(())
}

/// A neighbour's calls, alone and beside a function whose calls compute without end on all its places.
async fn neighbour(gateway: &Gateway, time: Duration) -> anyhow::Result<()> {
    let alone = load::run(&gateway.server.address, PATH, 1, BODY, time).await?;
    gateway.deploy("loop", modules::LOOP, json!({ "com.gridchain.timeout-ms": "300000" })).await?;
    let mut attackers = Vec::new();
    for _ in 0..16 {
        let mut attacker = Connection::open(&gateway.server.address).await?;
        let request = load::request("/function/loop", "");
        attackers.push(tokio::spawn(async move { attacker.call(&request, "").await }));
    }
    // They have begun when one more is refused.
    let client = reqwest::Client::new();
    let url = format!("http://{}/function/loop", gateway.server.address);
    while client.post(&url).timeout(Duration::from_millis(200)).send().await.map(|answer| answer.status().as_u16()).ok()
        != Some(429)
    {}
    let beside_them = load::run(&gateway.server.address, PATH, 1, BODY, time).await?;
    attackers.iter().for_each(tokio::task::JoinHandle::abort);
    for (part, name) in [(0.5, "p50"), (0.99, "p99")] {
        let (before, after) = (alone.quantile(part), beside_them.quantile(part));
        let times = after.as_secs_f64() / before.as_secs_f64();
        at_most(&format!("a neighbour's {name} beside 16 endless loops, times that alone"), times, 2.0);
        beside(
            &format!("of that: {name} alone and beside them, us"),
            &format!("{:.0} {:.0}", micros(before), micros(after)),
        );
    }
    Ok(())
}

/// Functions that nobody calls, each of a module of its own.
async fn idle_functions(core: usize, program: &Path) -> anyhow::Result<()> {
    let gateway = Gateway::start(core, program).await?;
    let empty = gateway.server.resident()?;
    for number in 0..1000 {
        gateway.deploy(&format!("idle-{number}"), &modules::another(number), json!({})).await?;
    }
    // All have been called once: what a call needs is not given back for nothing.
    let mut connection = Connection::open(&gateway.server.address).await?;
    for number in 0..1000 {
        connection.call(&load::request(&format!("/function/idle-{number}"), BODY), BODY).await?;
    }
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    at_most(
        "1,000 functions deployed, each called once, then idle: resident, MiB",
        mib(gateway.server.resident()?),
        200.0,
    );
    beside("of that: without functions, MiB", &format!("{:.0}", mib(empty)));
    Ok(())
}
