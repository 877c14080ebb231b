//! What is measured.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::Method;
use serde_json::{json, Value};
use support::{modules, timeout_ms, Bench};

fn number(status: &Value, field: &str) -> f64 {
    status["usage"][field].as_f64().unwrap()
}

#[tokio::test]
async fn processor_time_is_the_guests() {
    let bench = Bench::start().await;
    bench.deploy("busy", &modules::spins(), timeout_ms(60_000)).await;
    bench.deploy("idle", &modules::sleeps(), timeout_ms(60_000)).await;
    let calls =
        ["busy", "idle"].map(|name| tokio::spawn(bench.anonymous(Method::POST, &format!("/function/{name}")).send()));
    bench.until("idle", |status| number(status, "totalMemoryBytes") > 0.0).await;
    let busy = bench.until("busy", |status| number(status, "cpuSeconds") > 0.1).await;
    // To be started costs the idle one something too.
    let idle = bench.status("idle").await;
    assert!(number(&idle, "cpuSeconds") < number(&busy, "cpuSeconds") / 2.0, "{idle}");
    calls.into_iter().for_each(|call| call.abort());
}

#[tokio::test]
async fn a_long_call_shows_while_it_runs() {
    let bench = Bench::start().await;
    bench.deploy("busy", &modules::spins(), timeout_ms(60_000)).await;
    let call = tokio::spawn(bench.anonymous(Method::POST, "/function/busy").send());
    bench.until("busy", |status| number(status, "cpuSeconds") > 0.1).await;
    assert!(number(&bench.status("busy").await, "memoryByteSeconds") > 0.0);
    call.abort();
}

#[tokio::test]
async fn memory_counts_over_time() {
    let bench = Bench::start().await;
    // 100 pages for 0.3 s.
    bench.deploy("f", &modules::waits(100, 300), json!({})).await;
    let began = std::time::Instant::now();
    bench.call("f", "").await;
    let status = bench.until("f", |status| number(status, "totalMemoryBytes") == 0.0).await;
    let bytes = 100.0 * 65536.0;
    let (least, most) = (bytes * 0.3, bytes * began.elapsed().as_secs_f64());
    let measured = number(&status, "memoryByteSeconds");
    assert!((least..=most).contains(&measured), "{measured} is not between {least} and {most}");
}

#[tokio::test]
async fn traffic_counts_both_ways() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call("echo", vec![0; 100_000]).await.bytes().await.unwrap();
    let measured = number(&bench.status("echo").await, "networkBytes");
    assert!((200_000.0..202_000.0).contains(&measured), "{measured}");
}

#[tokio::test]
async fn refused_calls_cost_nothing() {
    let bench = Bench::with(|limits| limits.request_body_bytes = 10).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call("echo", "more than ten bytes").await;
    let status = bench.status("echo").await;
    assert_eq!((number(&status, "networkBytes"), number(&status, "cpuSeconds")), (0.0, 0.0));
}

#[tokio::test]
async fn disk_is_the_module_and_its_compiled_form() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let state = bench.state.path().join("state");
    let size = |folder: &str| {
        let files = std::fs::read_dir(state.join(folder)).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    assert_eq!(bench.status("echo").await["usage"]["diskBytes"], size("modules") + size("compiled"));
}

#[tokio::test]
async fn counting_begins_anew_after_a_restart_and_says_so() {
    let mut bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call("echo", "x").await;
    let before = bench.status("echo").await;
    bench.restart().await;
    let after = bench.status("echo").await;
    assert_eq!(number(&after, "networkBytes"), 0.0);
    assert!(number(&after, "startedAt") > number(&before, "startedAt"));
}
