//! What `scripts/bench agent` prints: a real agent with its real gateway in one process, on a chain in memory, so that no block
//! time is in any figure. Each measurement is a process of its own, whose memory is its own.
//!
//! A row is: what, measured, to reach, ratio; with tabs between.

#![allow(clippy::unwrap_used)] // a measurement may panic

#[path = "../tests/support/mod.rs"]
mod support;

use grid_types::{
    deployment::{Deployment, Digest, ModuleDigest},
    units::Report,
};
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use support::{deployment, echo, fake_gateway::FakeGateway, Bench, FakeChain, User};
use zos_agent::{chain::ContractState, status, store::Store};

const MIB: f64 = 1_048_576.0;
/// Contracts of a node that is well used.
const MANY: usize = 1_000;
/// Windows of a long outage.
const WINDOWS: u64 = 100_000;
/// What [`idle`] is told by [`alone`].
const IDLE_STATE: &str = "IDLE_STATE";
const IDLE_GATEWAY: &str = "IDLE_GATEWAY";
const IDLE_PASSWORD: &str = "IDLE_PASSWORD";
/// Deployments of which the median is taken.
const DEPLOYS: u32 = 31;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let measure: fn() -> Vec<String> = match arguments.first().map(String::as_str) {
        None => return all(),
        Some("deploy") => || block_on(deploy()),
        Some("many") => || block_on(many()),
        Some("alone") => || block_on(alone()),
        Some("idle") => || block_on(idle()),
        Some("outbox") => || block_on(outbox()),
        Some(other) => panic!("nothing is called {other:?} that could be measured"),
    };
    measure().iter().for_each(|row| println!("{row}"));
}

/// Each in a process of its own.
fn all() {
    for measure in ["deploy", "many", "alone", "outbox"] {
        let status = Command::new(std::env::current_exe().unwrap()).arg(measure).status().unwrap();
        assert!(status.success(), "{measure} failed");
    }
}

fn block_on<T>(work: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

fn row(what: &str, measured: f64, to_reach: f64) -> String {
    format!("{what}\t{measured:.1}\t{to_reach}\t{:.2}", measured / to_reach)
}

/// Resident memory of this process now, MiB.
fn resident() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096.0 / MIB
}

/// The most that it ever was, MiB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_024.0
}

/// A module of 1 MiB of code: a function that echoes, and as many others as a program of that size has.
fn module(number: u32) -> Vec<u8> {
    const FUNCTIONS: u32 = 2_530;
    const STEPS: u32 = 16;
    let function = |function: u32| {
        let step = |step: u32| {
            let salt = number.wrapping_mul(0x9e37_79b9) ^ (function << 8 | step);
            format!(
                "(if (i32.lt_u (local.get 0) (i32.const {salt}))
                   (then (local.set 1 (i32.xor (local.get 1) (i32.load (i32.and (local.get 0) (i32.const 0xfffc)))))))"
            )
        };
        let steps: String = (0..STEPS).map(step).collect();
        format!("(func (export \"f{function}\") (param i32) (result i32) (local i32) {steps} (local.get 1))")
    };
    let echo = gateway_guests::modules::echo();
    let ballast: String = (0..FUNCTIONS).map(function).collect();
    let module = wat::parse_str(format!("{}{ballast})", echo.strip_suffix(')').unwrap())).unwrap();
    assert!((1 << 20..5 << 18).contains(&module.len()), "{} bytes", module.len());
    module
}

fn with_module(module: &[u8]) -> Deployment {
    let mut deployment = deployment(&["echo"]);
    deployment.workloads[0].data.module = ModuleDigest(Digest::of(module));
    deployment
}

/// How long it took to put a module, and from the answer that a deployment of it is accepted until its function answers,
/// milliseconds.
async fn until_ready(bench: &Bench, user: &User, http: &reqwest::Client, module: &[u8]) -> (f64, f64) {
    let deployment = with_module(module);
    let deployment = Deployment { contract_id: bench.chain.create_large(&deployment), ..deployment };
    let began = Instant::now();
    user.put_module(deployment.contract_id, module).await.unwrap();
    let put = began.elapsed();
    // The agent has seen the block of the contract, as it has when a user has seen it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let url = format!("{}/function/echo-{}", bench.agent().gateway_url(), deployment.contract_id);
    user.deploy(&deployment).await.unwrap();
    let accepted = Instant::now();
    while http.get(&url).send().await.unwrap().status() != 200 {}
    [put, accepted.elapsed()].map(|time| time.as_secs_f64() * 1_000.0).into()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn deploy() -> Vec<String> {
    let bench = Bench::start().await;
    let (user, http) = (bench.user().await, reqwest::Client::new());
    let (mut cold, mut seen) = (Vec::new(), Vec::new());
    for number in 0..DEPLOYS {
        let module = module(number);
        cold.push(until_ready(&bench, &user, &http, &module).await);
        seen.push(until_ready(&bench, &user, &http, &module).await);
    }
    let [put, ready] = halves(cold);
    let [put_again, ready_again] = halves(seen);
    vec![
        row("deploy accepted -> ready, 1 MiB module put for the first time, p50, ms", ready, 30.0),
        format!("before it: the module sent, checked, compiled, p50, ms\t{put:.1}\t-\t-"),
        row("deploy accepted -> ready, module seen before, p50, ms", ready_again, 3.0),
        format!("before it: the module sent, p50, ms\t{put_again:.1}\t-\t-"),
    ]
}

/// The medians of puts and of deployments.
fn halves(times: Vec<(f64, f64)>) -> [f64; 2] {
    let (puts, deploys) = times.into_iter().unzip();
    [median(puts), median(deploys)]
}

/// Contracts whose functions all run.
async fn deploy_many(bench: &Bench) {
    let user = bench.user().await;
    for _ in 0..MANY {
        let deployment = bench.agreed(&["echo"]);
        user.put_module(deployment.contract_id, &echo()).await.unwrap();
        user.deploy(&deployment).await.unwrap();
    }
    while bench.chain.deployed_count() < MANY {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// From the start of an agent until it has looked at chain and gateway and found everything as it should be, seconds. What it
/// remembers of an earlier life is not enough.
async fn until_reconciled(bench: &mut Bench) -> f64 {
    let started = Instant::now();
    bench.up().await;
    loop {
        let status = status::ask(&bench.config.state_dir).await.unwrap();
        let well = |contract: &status::ContractStatus| {
            contract.state.as_deref() == Some("deployed")
                && contract.workloads.iter().all(|one| one.state.as_str() == "ok" && one.next_try.is_none())
        };
        if status.notes.look_at.is_some() && status.contracts.len() == MANY && status.contracts.iter().all(well) {
            return started.elapsed().as_secs_f64();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn many() -> Vec<String> {
    let mut bench = Bench::on(FakeChain::new(), |config| config.engine.resync = 30);
    bench.chain.set_slow();
    bench.up().await;
    deploy_many(&bench).await;
    bench.down().await;
    let start = until_reconciled(&mut bench).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let look = status::ask(&bench.config.state_dir).await.unwrap().notes.look_ms.unwrap_or_default();
    vec![
        row("start with 1,000 contracts -> reconciled, s", start, 5.0),
        format!("a look at all of them, ms\t{look}\t-\t-"),
        row("agent, gateway and chain in memory, 1,000 functions idle, resident, MiB", resident(), 200.0),
    ]
}

/// The agent without a gateway in its process: that is another process in earnest, and a table in this one here. The agent
/// that is measured begins anew, in a process that has deployed nothing.
async fn alone() -> Vec<String> {
    let (folder, gateway) = (tempfile::tempdir().unwrap(), FakeGateway::start().await);
    let mut bench = Bench::on(FakeChain::new(), |config| gateway.serve(config, folder.path()));
    bench.chain.set_slow();
    bench.up().await;
    deploy_many(&bench).await;
    bench.down().await;
    gateway.inside().deploys.clear();
    let mut idle = tokio::process::Command::new(std::env::current_exe().unwrap());
    idle.arg("idle").env(IDLE_STATE, &bench.config.state_dir).env(IDLE_GATEWAY, gateway.url());
    idle.env(IDLE_PASSWORD, bench.config.gateway.password_file.as_ref().unwrap());
    assert!(idle.status().await.unwrap().success());
    assert!(gateway.inside().deploys.is_empty(), "all ran already");
    Vec::new()
}

/// The agent of [`alone`], with a chain in memory that has the same contracts.
async fn idle() -> Vec<String> {
    let told = |name| std::env::var(name).unwrap();
    let mut bench = Bench::on(FakeChain::new(), |config| {
        config.state_dir = told(IDLE_STATE).into();
        config.gateway.url = Some(told(IDLE_GATEWAY));
        config.gateway.password_file = Some(told(IDLE_PASSWORD).into());
        config.engine.resync = 30;
    });
    bench.chain.set_slow();
    for _ in 0..MANY {
        let id = bench.agreed(&["echo"]).contract_id;
        bench.chain.change(id, |contract| {
            (contract.state, contract.deployed_version) = (ContractState::Deployed, Some(0));
        });
    }
    let before = resident();
    until_reconciled(&mut bench).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    vec![
        row("agent without gateway, 1,000 contracts, resident, MiB", resident(), 60.0),
        format!("of that: its chain in memory, before it began, MiB\t{before:.1}\t-\t-"),
    ]
}

async fn outbox() -> Vec<String> {
    let mut bench = Bench::on(FakeChain::new(), |_| ());
    let id = bench.agreed(&["echo"]).contract_id;
    bench.chain.change(id, |contract| contract.state = ContractState::Deployed);
    bench.chain.forget_reports();
    let store = Store::open(&bench.config.state_dir).unwrap();
    for chunk in 0..WINDOWS / 10_000 {
        let ends = 1_000 + chunk * 10_000..1_000 + (chunk + 1) * 10_000;
        let window = move |timestamp| Report { contract_id: id, timestamp, window: 1, ..Report::default() };
        let written = store.write(move |write| ends.clone().try_for_each(|end| write.send_report(&window(end))));
        written.await.unwrap();
    }
    drop(store);
    let before = peak();
    let started = Instant::now();
    bench.up().await;
    while bench.chain.taken_count() < WINDOWS as usize {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = started.elapsed().as_secs_f64();
    vec![
        format!("outbox of 100,000 windows drained, s (as fast as the chain in memory takes them)\t{took:.1}\t-\t-"),
        row("memory that agent, gateway and chain in memory took at most meanwhile, MiB", peak() - before, 60.0),
    ]
}
