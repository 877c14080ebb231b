//! A function's life over the REST API: deploy, look, update, delete, restart.

#![allow(clippy::unwrap_used)]

use crate::support;

use faas_gateway::{Gateway, StartError};
use reqwest::{Method, StatusCode};
use serde_json::{json, Value};
use std::time::Duration;
use support::{assert_error, deployment, modules, timeout_ms, Bench};

const NOTHING: &str = "module:sha256:0000000000000000000000000000000000000000000000000000000000000000";

#[tokio::test]
async fn a_deployed_function_answers() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let response = bench.call("echo", "hello").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.text().await.unwrap(), "hello");
}

#[tokio::test]
async fn status_shows_what_was_deployed() {
    let bench = Bench::start().await;
    let fields = json!({
        "envProcess": "echo --all", "envVars": { "LEVEL": "3" }, "labels": { "team": "a" },
        "annotations": { "com.gridchain.access": "public" }, "limits": { "memory": "64Mi" },
        "requests": { "memory": "1Mi" }, "readOnlyRootFilesystem": true,
    });
    bench.deploy("echo", &modules::echo(), fields.clone()).await;
    let status = bench.status("echo").await;
    for field in ["envProcess", "envVars", "annotations", "limits", "requests", "readOnlyRootFilesystem"] {
        assert_eq!(status[field], fields[field], "{field}");
    }
    assert_eq!(status["name"], "echo");
    assert_eq!(status["namespace"], "openfaas-fn");
    assert_eq!(status["labels"], json!({ "team": "a", "faas_function": "echo" }));
    assert_eq!((&status["replicas"], &status["availableReplicas"]), (&json!(1), &json!(1)));
    assert!(status["createdAt"].as_str().unwrap().ends_with('Z'));
    assert!(status.get("secrets").is_none() && status.get("service").is_none());
}

#[tokio::test]
async fn list_holds_all_functions_in_order() {
    let bench = Bench::start().await;
    let list = |query: &'static str| {
        let request = bench.admin(Method::GET, &format!("/system/functions{query}"));
        async { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    assert_eq!(list("").await, json!([]));
    bench.deploy("b", &modules::echo(), json!({})).await;
    bench.deploy("a", &modules::echo(), json!({})).await;
    let all = list("?namespace=openfaas-fn").await;
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(list("?namespace=other").await, json!([]));
}

#[tokio::test]
async fn update_replaces_the_code_and_keeps_the_counters() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::says("one"), json!({})).await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "one");
    let image = bench.store(&modules::says("two")).await;
    let response = bench.send(Method::PUT, &deployment("f", &image, json!({}))).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "two");
    let status = bench.status("f").await;
    assert_eq!(status["image"], image);
    assert_eq!(status["invocationCount"], 2.0);
}

#[tokio::test]
async fn update_of_an_unknown_function_is_404() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let response = bench.send(Method::PUT, &deployment("f", &image, json!({}))).await;
    assert_error(response, StatusCode::NOT_FOUND, "function_not_found").await;
}

#[tokio::test]
async fn deploy_of_an_existing_function_is_400_and_changes_nothing() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::says("one"), json!({})).await;
    let image = bench.store(&modules::says("two")).await;
    let response = bench.send(Method::POST, &deployment("f", &image, json!({}))).await;
    assert_error(response, StatusCode::BAD_REQUEST, "function_exists").await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "one");
}

#[tokio::test]
async fn deploy_wants_a_stored_module() {
    let bench = Bench::start().await;
    let response = bench.send(Method::POST, &deployment("f", NOTHING, json!({}))).await;
    assert_error(response, StatusCode::BAD_REQUEST, "module_missing").await;
    let response = bench.send(Method::POST, &deployment("f", "module:sha256:alpine", json!({}))).await;
    assert_error(response, StatusCode::BAD_REQUEST, "invalid_image").await;
}

#[tokio::test]
async fn deploy_wants_json() {
    let bench = Bench::start().await;
    for body in ["", "not json", "[]", "{\"service\":1}", "{\"image\":\"x\"}"] {
        let response = bench.admin(Method::POST, "/system/functions").body(body).send().await.unwrap();
        assert_error(response, StatusCode::BAD_REQUEST, "bad_json").await;
    }
}

#[tokio::test]
async fn deploy_wants_memory_to_start_in() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::waits(100, 1)).await;
    let body = deployment("f", &image, json!({ "limits": { "memory": "1Mi" } }));
    assert_error(bench.send(Method::POST, &body).await, StatusCode::BAD_REQUEST, "memory_limit_too_small").await;
}

#[tokio::test]
async fn delete_ends_the_function() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.call("f", "x").await;
    let response = bench.delete("f").await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.json::<Value>().await.unwrap()["invocationCount"], 1.0);
    assert_error(bench.call("f", "").await, StatusCode::NOT_FOUND, "function_not_found").await;
    assert_error(bench.delete("f").await, StatusCode::NOT_FOUND, "function_not_found").await;
    let response = bench.admin(Method::GET, "/system/function/f").send().await.unwrap();
    assert_error(response, StatusCode::NOT_FOUND, "function_not_found").await;
}

#[tokio::test]
async fn delete_ends_calls_that_do_not_end_by_themselves() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::sleeps(), json!({})).await;
    let waiting = bench.anonymous(Method::POST, "/function/f").send();
    let waiting = tokio::spawn(waiting);
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    bench.delete("f").await;
    assert_error(waiting.await.unwrap().unwrap(), StatusCode::SERVICE_UNAVAILABLE, "call_stopped").await;
}

#[tokio::test]
async fn a_function_deployed_anew_counts_anew() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.call("f", "x").await;
    let before = bench.status("f").await;
    bench.delete("f").await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    let after = bench.status("f").await;
    assert_eq!(after["invocationCount"], 0.0);
    assert_ne!(before["usage"]["startedAt"], after["usage"]["startedAt"]);
}

#[tokio::test]
async fn functions_survive_a_restart() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::environment(), json!({ "envVars": { "KEPT": "yes" } })).await;
    bench.deploy("gone", &modules::echo(), json!({})).await;
    bench.delete("gone").await;
    let before = bench.status("f").await;
    bench.restart().await;
    assert!(bench.call("f", "").await.text().await.unwrap().contains("KEPT=yes\0"));
    assert_eq!(bench.status("f").await["createdAt"], before["createdAt"]);
    assert_eq!(bench.call("gone", "").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_changed_or_missing_compiled_file_is_made_again() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::says("right"), json!({})).await;
    let folder = bench.state.path().join("state/compiled");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let original = std::fs::read(&file).unwrap();
    bench.down().await;
    let mut changed = original.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&file, changed).unwrap();
    bench.up().await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "right");
    assert_eq!(std::fs::read(&file).unwrap(), original);
    bench.down().await;
    std::fs::remove_file(&file).unwrap();
    bench.up().await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "right");
}

#[tokio::test]
async fn a_function_whose_module_was_lost_stays_visible_with_its_reason() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.down().await;
    std::fs::remove_dir_all(bench.state.path().join("state/modules")).unwrap();
    bench.up().await;
    let status = bench.status("f").await;
    assert!(status.get("availableReplicas").is_none());
    assert!(status["problem"].as_str().unwrap().contains("no module"));
    assert_error(bench.call("f", "").await, StatusCode::SERVICE_UNAVAILABLE, "function_unavailable").await;
    let image = bench.store(&modules::echo()).await;
    bench.send(Method::PUT, &deployment("f", &image, json!({}))).await;
    assert_eq!(bench.call("f", "back").await.text().await.unwrap(), "back");
}

#[tokio::test]
async fn two_gateways_cannot_share_a_state_folder() {
    let bench = Bench::start().await;
    assert!(matches!(Gateway::start(bench.config()).await, Err(StartError::InUse(_))));
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let bench = Bench::start().await;
    let mut config = bench.config();
    config.state_dir = bench.state.path().join("other");
    config.listen = bench.url("").trim_start_matches("http://").parse().unwrap();
    let listen = config.listen;
    assert!(matches!(Gateway::start(config).await, Err(StartError::Bind { addr, .. }) if addr == listen));
}

#[tokio::test]
async fn shutdown_lets_a_running_call_end() {
    let mut bench = Bench::with(|limits| limits.drain_timeout = Duration::from_secs(30)).await;
    bench.deploy("f", &modules::waits(1, 5_000), json!({})).await;
    let waiting = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    bench.down().await;
    assert_eq!(waiting.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn shutdown_ends_a_call_that_does_not_end() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::spins(), timeout_ms(300_000)).await;
    let waiting = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    bench.down().await;
    assert_error(waiting.await.unwrap().unwrap(), StatusCode::SERVICE_UNAVAILABLE, "call_stopped").await;
}
