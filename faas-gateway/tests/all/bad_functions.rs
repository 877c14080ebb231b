//! Functions that misbehave: their callers are told, everybody else goes on.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, StatusCode};
use serde_json::{json, Value};
use std::time::{Duration, Instant};
use support::{assert_error, modules, timeout_ms, Bench};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_answers_beside_endless_loops() {
    let bench = Bench::start().await;
    bench.deploy("loop", &modules::spins(), timeout_ms(60_000)).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    // More of them than there are processors.
    let loops: Vec<_> = (0..8).map(|_| tokio::spawn(bench.anonymous(Method::POST, "/function/loop").send())).collect();
    bench.until("loop", |status| status["invocationCount"] == 8.0).await;
    for _ in 0..20 {
        assert_eq!(bench.call("echo", "still here").await.text().await.unwrap(), "still here");
    }
    assert!(loops.iter().all(|call| !call.is_finished()));
    bench.delete("loop").await;
    for call in loops {
        assert_error(call.await.unwrap().unwrap(), StatusCode::SERVICE_UNAVAILABLE, "call_stopped").await;
    }
}

#[tokio::test]
async fn an_endless_loop_meets_its_deadline() {
    let bench = Bench::start().await;
    bench.deploy("loop", &modules::spins(), timeout_ms(300)).await;
    let started = Instant::now();
    let error = assert_error(bench.call("loop", "").await, StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
    assert!(error["message"].as_str().unwrap().contains("300 ms"));
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_loop_while_starting_meets_the_deadline_too() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::spins_while_starting(), timeout_ms(100)).await;
    assert_error(bench.call("f", "").await, StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
}

#[tokio::test]
async fn a_sleeper_meets_its_deadline() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::sleeps(), timeout_ms(100)).await;
    let started = Instant::now();
    assert_error(bench.call("f", "").await, StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_call_whose_caller_went_away_is_ended() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::spins(), timeout_ms(300_000)).await;
    let call = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    call.abort();
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 0.0).await;
}

#[tokio::test]
async fn a_memory_bomb_is_named_and_its_neighbours_go_on() {
    let bench = Bench::start().await;
    bench.deploy("bomb", &modules::devours(), json!({ "limits": { "memory": "32Mi" } })).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    for _ in 0..3 {
        let error =
            assert_error(bench.call("bomb", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_out_of_memory")
                .await;
        assert!(error["message"].as_str().unwrap().contains("33554432 bytes"), "{error}");
        assert_eq!(bench.call("echo", "here").await.text().await.unwrap(), "here");
    }
    assert_eq!(bench.status("bomb").await["usage"]["totalMemoryBytes"], 0.0);
}

#[tokio::test]
async fn a_program_may_survive_the_refusal_of_memory() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::makes_do(), json!({ "limits": { "memory": "2Mi" } })).await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "enough");
}

#[tokio::test]
async fn the_calls_of_a_function_share_its_memory() {
    let bench = Bench::start().await;
    // 20 pages are 1.25 MiB: two do not fit into 2 MiB.
    let fields = json!({ "limits": { "memory": "2Mi" }, "annotations": { "com.gridchain.timeout-ms": "60000" } });
    bench.deploy("f", &modules::waits(20, 60_000), fields).await;
    let first = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 1_310_720.0).await;
    assert_error(bench.call("f", "").await, StatusCode::TOO_MANY_REQUESTS, "memory_busy").await;
    first.abort();
}

#[tokio::test]
async fn all_functions_share_the_gateways_memory() {
    let bench = Bench::with(|limits| (limits.memory_bytes, limits.default_function_memory) = (2 << 20, 2 << 20)).await;
    bench.deploy("f", &modules::waits(20, 60_000), json!({})).await;
    bench.deploy("g", &modules::waits(20, 1), json!({})).await;
    let first = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 1_310_720.0).await;
    assert_error(bench.call("g", "").await, StatusCode::TOO_MANY_REQUESTS, "memory_busy").await;
    first.abort();
}

#[tokio::test]
async fn a_trap_is_named() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::traps(), json!({})).await;
    let error = assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_trapped").await;
    assert!(error["message"].as_str().unwrap().contains("unreachable"), "{error}");
    assert_eq!(error["output"], "before");
}

#[tokio::test]
async fn an_endless_recursion_is_a_trap() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::recurses(), json!({})).await;
    let error = assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_trapped").await;
    assert!(error["message"].as_str().unwrap().contains("stack"), "{error}");
}

#[tokio::test]
async fn an_exit_status_comes_with_what_the_program_said() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::fails(), json!({})).await;
    let error = assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_exited").await;
    assert_eq!(error["message"], "the function exited with status 3");
    assert_eq!(error["output"], "no such value");
}

#[tokio::test]
async fn too_much_output_is_named_and_an_answer_at_the_limit_passes() {
    let bench = Bench::with(|limits| limits.output_bytes = 200_000).await;
    bench.deploy("flood", &modules::floods(), json!({})).await;
    bench.deploy("full", &modules::writes(200_000), json!({})).await;
    bench.deploy("over", &modules::writes(200_001), json!({})).await;
    assert_eq!(bench.call("full", "").await.bytes().await.unwrap().len(), 200_000);
    for name in ["flood", "over"] {
        assert_error(bench.call(name, "").await, StatusCode::BAD_GATEWAY, "function_output_too_large").await;
    }
}

#[tokio::test]
async fn a_function_has_so_many_calls_at_once() {
    let bench = Bench::with(|limits| limits.calls_per_function = 2).await;
    bench.deploy("f", &modules::sleeps(), json!({})).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let calls = [0, 1].map(|_| tokio::spawn(bench.anonymous(Method::POST, "/function/f").send()));
    bench.until("f", |status| status["invocationCount"] == 2.0).await;
    let response = bench.call("f", "").await;
    assert_eq!(response.headers()["retry-after"], "1");
    assert_error(response, StatusCode::TOO_MANY_REQUESTS, "function_busy").await;
    assert_eq!(bench.call("echo", "free").await.text().await.unwrap(), "free");
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn the_gateway_has_so_many_calls_at_once() {
    let bench = Bench::with(|limits| limits.calls = 1).await;
    bench.deploy("f", &modules::sleeps(), json!({})).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let call = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    assert_error(bench.call("echo", "").await, StatusCode::TOO_MANY_REQUESTS, "gateway_busy").await;
    call.abort();
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 0.0).await;
    assert_eq!(bench.call("echo", "free").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn standard_error_is_for_the_log_not_for_the_caller() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains("secret reason"), json!({})).await;
    let response = bench.call("f", "").await;
    let id = response.headers()["x-call-id"].to_str().unwrap().to_owned();
    assert_eq!(response.text().await.unwrap(), "");
    let log = bench.admin(Method::GET, "/system/logs?name=f&tail=1").send().await.unwrap();
    let line: Value = serde_json::from_str(log.text().await.unwrap().trim_end()).unwrap();
    assert_eq!((line["text"].as_str(), line["instance"].as_str()), (Some("secret reason"), Some(id.as_str())));
    assert_eq!(
        bench.anonymous(Method::GET, "/system/logs?name=f").send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}
