//! What is measured, one figure or two each.

use crate::{
    attacks::{Attack, Attackers, ATTACKS},
    direct,
    load::{self, Connection, Report},
    modules,
    rows::{against, at_least, at_most, beside, micros, millis},
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
/// How long something is called before it is measured.
const WARMING: Duration = Duration::from_millis(500);

/// Everything, row by row.
pub async fn all(program: &Path, core: usize, seconds: u64) -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let time = Duration::from_secs(seconds);
    let gateway = with_echo(core, program).await?;
    let warm = warm_calls(&gateway, time).await?;
    peers(core, &warm, time).await?;
    hop(&gateway, core, time).await?;
    cold_start(&gateway).await?;
    gateway.stop().await?;
    for attack in &ATTACKS {
        neighbour(core, program, attack, time).await?;
    }
    idle_functions(core, program).await
}

/// A gateway with an echo that is warm, as the figures want it.
async fn with_echo(core: usize, program: &Path) -> anyhow::Result<Gateway> {
    let gateway = Gateway::start(core, program).await?;
    gateway.deploy("echo", modules::ECHO, json!({})).await?;
    load::run(&gateway.server.address, PATH, CONNECTIONS, BODY, WARMING).await?;
    Ok(gateway)
}

async fn warm_calls(gateway: &Gateway, time: Duration) -> anyhow::Result<Report> {
    let report = load::run(&gateway.server.address, PATH, CONNECTIONS, BODY, time).await?;
    at_least("warm calls a second, 5-byte echo, one core, 8 connections", report.per_second(), 10_000.0);
    at_most("their p99, ms", millis(report.quantile(0.99)), 5.0);
    beside("their p50, ms", &format!("{:.2}", millis(report.quantile(0.5))));
    Ok(report)
}

/// The warm calls beside other servers, on the same core, under the same load.
async fn peers(core: usize, gateway: &Report, time: Duration) -> anyhow::Result<()> {
    for (name, what) in [
        ("echo", "a plain HTTP echo of the same make (the ceiling)"),
        ("process-per-request", "a process for each request, as the classic watchdog"),
    ] {
        let peer = peer(core, name, CONNECTIONS, time).await?;
        against(&format!("calls a second, beside {what}"), gateway.per_second(), peer.per_second(), 0);
        let p99 = |report: &Report| millis(report.quantile(0.99));
        against(&format!("p99, ms, beside {what}"), p99(gateway), p99(&peer), 2);
    }
    Ok(())
}

async fn peer(core: usize, name: &str, connections: usize, time: Duration) -> anyhow::Result<Report> {
    let server = Server::start(core, &std::env::current_exe()?, &[OsStr::new(name)]).await?;
    load::run(&server.address, "/", connections, BODY, WARMING).await?;
    load::run(&server.address, "/", connections, BODY, time).await
}

/// What the gateway adds to a call: HTTP, admission, meters, one hop.
async fn hop(gateway: &Gateway, core: usize, time: Duration) -> anyhow::Result<()> {
    let direct = direct::call().await?;
    let through = load::run(&gateway.server.address, PATH, 1, BODY, time).await?.quantile(0.5);
    let http = peer(core, "echo", 1, time).await?.quantile(0.5);
    at_most("added over wasmtime in process, p50, us", micros(through.saturating_sub(direct)), 100.0);
    for (what, time) in [
        ("a call in process, p50, us", direct),
        ("through the gateway, one connection, p50, us", through),
        ("a plain HTTP echo, one connection (HTTP and the kernel), p50, us", http),
    ] {
        beside(&format!("of that: {what}"), &format!("{:.1}", micros(time)));
    }
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

/// A neighbour's calls, alone and beside an attack. Each has a gateway of its own: none bears what another one left.
async fn neighbour(core: usize, program: &Path, attack: &Attack, time: Duration) -> anyhow::Result<()> {
    let gateway = with_echo(core, program).await?;
    let alone = load::run(&gateway.server.address, PATH, 1, BODY, time).await?;
    let attackers = Attackers::begin(&gateway, attack).await?;
    let beside_it = load::run(&gateway.server.address, PATH, 1, BODY, time).await?;
    let (answers, refusals) = attackers.answers_a_second();
    drop(attackers);
    gateway.stop().await?;
    for (part, name) in [(0.5, "p50"), (0.99, "p99")] {
        slower(attack, name, alone.quantile(part), beside_it.quantile(part));
    }
    if attack.guest.is_some() {
        let text = format!("{answers:.0} {refusals:.0}");
        beside("of that: answers a second to the attackers, and how many say: no room", &text);
    }
    Ok(())
}

/// How much slower a neighbour's calls became.
fn slower(attack: &Attack, quantile: &str, alone: Duration, beside_it: Duration) {
    let what = format!("a neighbour's {quantile} beside {}, times that alone", attack.name);
    let times = beside_it.as_secs_f64() / alone.as_secs_f64();
    let note = match attack.limit {
        Some(limit) => {
            at_most(&what, times, limit);
            ""
        },
        None => {
            beside(&what, &format!("{times:.2}"));
            " (all share one core fairly: no target)"
        },
    };
    let both = format!("{:.0} {:.0}", micros(alone), micros(beside_it));
    beside(&format!("of that: alone and beside them, us{note}"), &both);
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
