//! `/async-function`: accepted now, run later, answered to a hook.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{header, Method, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use support::{assert_error, components, deployment, hook::Hook, modules, timeout_ms, Bench};

/// Quick tries.
async fn quick() -> Bench {
    Bench::with(|limits| {
        limits.asynchronous.min_wait = Duration::from_millis(10);
        limits.asynchronous.max_wait = Duration::from_millis(50);
    })
    .await
}

#[tokio::test]
async fn a_call_is_accepted_run_and_answered_to_the_hook() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let response = bench.call_later("echo", "hello", &hook).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let call_id = response.headers()["x-call-id"].to_str().unwrap().to_owned();
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].body, "hello");
    assert_eq!(got[0].header("x-call-id"), call_id);
    assert_eq!(got[0].header("x-function-status"), "200");
    assert_eq!(got[0].header("x-function-name"), "echo");
    assert!(got[0].header("x-duration-seconds").parse::<f64>().unwrap() > 0.0);
    bench.until_metric("gateway_async_queue_items", 0.0).await;
}

#[tokio::test]
async fn path_query_headers_and_id_are_kept() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.deploy("env", &modules::environment(), json!({ "envVars": { "content_type": "text/plain" } })).await;
    let request = bench.anonymous(Method::POST, "/async-function/env.openfaas-fn/a/b%20c?x=1&y");
    let request = request.header("X-Callback-Url", hook.url()).header("X-Colour", "blue").header("X-Call-Id", "mine-7");
    assert_eq!(request.body("abc").send().await.unwrap().status(), StatusCode::ACCEPTED);
    let got = hook.until(|got| got.len() == 1).await;
    let text = String::from_utf8(got[0].body.to_vec()).unwrap();
    let variables: Vec<&str> = text.split('\0').collect();
    for expected in [
        "Http_Method=POST",
        "Http_Path=/a/b%20c",
        "Http_Query=x=1&y",
        "Http_X_Colour=blue",
        "Http_X_Call_Id=mine-7",
        "Http_ContentLength=3",
    ] {
        assert!(variables.contains(&expected), "{expected} is not in {variables:?}");
    }
    assert!(variables.iter().any(|variable| variable.starts_with("Http_X_Forwarded_For=127.0.0.1:")));
    assert_eq!(got[0].header("content-type"), "text/plain", "the function's headers come along");
}

#[tokio::test]
async fn a_functions_failure_is_its_answer_and_not_tried_again() {
    let (bench, hook) = (quick().await, Hook::start().await);
    bench.deploy("f", &modules::fails(), json!({})).await;
    bench.call_later("f", "", &hook).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "500");
    assert!(String::from_utf8_lossy(&got[0].body).contains("no such value"));
    bench.until_metric("gateway_async_queue_items", 0.0).await;
    assert_eq!(bench.status("f").await["invocationCount"], 1.0);
}

#[tokio::test]
async fn a_deployment_may_ask_for_more_tries() {
    let (bench, hook) = (quick().await, Hook::start().await);
    let annotations = json!({ "com.openfaas.retry.attempts": "3", "com.openfaas.retry.codes": "500,503",
        "com.openfaas.retry.min_wait": "5ms", "com.openfaas.retry.max_wait": "10ms" });
    bench.deploy("f", &modules::fails(), json!({ "annotations": annotations })).await;
    bench.call_later("f", "", &hook).await;
    hook.until(|got| got.len() == 1).await;
    assert_eq!(bench.status("f").await["invocationCount"], 3.0);
    let image = bench.store(&modules::fails()).await;
    let body = deployment("g", &image, json!({ "annotations": { "com.openfaas.retry.attempts": "lots" } }));
    assert_error(bench.send(Method::POST, &body).await, StatusCode::BAD_REQUEST, "invalid_retry").await;
}

#[tokio::test]
async fn a_call_that_finds_no_room_is_tried_again() {
    let bench = Bench::with(|limits| {
        limits.calls_per_function = 1;
        limits.asynchronous.min_wait = Duration::from_millis(10);
        limits.asynchronous.max_wait = Duration::from_millis(50);
        limits.asynchronous.attempts = 10_000;
    })
    .await;
    let hook = Hook::start().await;
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    let holding = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    bench.call_later("f", "", &hook).await;
    bench.until_metric_is("gateway_async_retries_total{what=\"Call\"}", |tries| tries >= 3.0).await;
    // The new version ends at once; it has the same place.
    let image = bench.store(&modules::says("done")).await;
    bench.send(Method::PUT, &deployment("f", &image, json!({}))).await;
    assert_eq!(hook.got().len(), 0, "still no room");
    holding.abort();
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].body, "done");
}

#[tokio::test]
async fn tries_are_bounded_and_then_the_hook_hears_why() {
    let bench = Bench::with(|limits| {
        limits.calls_per_function = 1;
        limits.asynchronous.min_wait = Duration::from_millis(1);
        limits.asynchronous.max_wait = Duration::from_millis(5);
        limits.asynchronous.attempts = 3;
    })
    .await;
    let hook = Hook::start().await;
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    let holding = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    bench.call_later("f", "", &hook).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "429");
    bench.until_metric("gateway_async_dropped_total{what=\"Call\"}", 1.0).await;
    holding.abort();
}

#[tokio::test]
async fn a_hook_that_fails_is_tried_again_without_running_the_function_again() {
    let bench = quick().await;
    let hook = Hook::answering([StatusCode::SERVICE_UNAVAILABLE, StatusCode::INTERNAL_SERVER_ERROR]).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call_later("echo", "again", &hook).await;
    let got = hook.until(|got| got.len() == 3).await;
    assert!(got.iter().all(|got| got.body == "again"));
    bench.until_metric("gateway_async_queue_items", 0.0).await;
    assert_eq!(bench.status("echo").await["invocationCount"], 1.0);
}

#[tokio::test]
async fn a_hook_that_refuses_is_given_up() {
    let bench = quick().await;
    let hook = Hook::answering([StatusCode::NOT_FOUND]).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call_later("echo", "", &hook).await;
    bench.until_metric("gateway_async_dropped_total{what=\"Callback\"}", 1.0).await;
    bench.until_metric("gateway_async_queue_items", 0.0).await;
    assert_eq!(hook.got().len(), 1);
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    let (bench, hook) = (quick().await, Hook::answering([StatusCode::FOUND]).await);
    bench.deploy("echo", &modules::echo(), json!({})).await;
    bench.call_later("echo", "", &hook).await;
    bench.until_metric("gateway_async_dropped_total{what=\"Callback\"}", 1.0).await;
    assert_eq!(hook.got().len(), 1);
}

#[tokio::test]
async fn callbacks_do_not_reach_the_operators_network() {
    let (mut bench, hook) = (quick().await, Hook::start().await);
    bench.callback_networks.clear();
    bench.restart().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let port = hook.addr().port();
    for url in [
        hook.url(),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data".into(),
        "http://10.0.0.1/".into(),
        "ftp://example.org/".into(),
        "not an address".into(),
        format!("http://user:password@127.0.0.1:{port}/"),
    ] {
        let request = bench.anonymous(Method::POST, "/async-function/echo").header("X-Callback-Url", url);
        assert_error(request.send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid_callback").await;
    }
    // A name is looked at when the callback is sent.
    let request = bench.anonymous(Method::POST, "/async-function/echo");
    let request = request.header("X-Callback-Url", format!("http://localhost:{port}/"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    bench.until_metric_is("gateway_async_callbacks_total{code=\"0\"}", |tries| tries >= 1.0).await;
    assert_eq!(hook.got().len(), 0);
}

#[tokio::test]
async fn who_may_call_is_asked_when_the_call_is_queued_and_the_token_is_not_kept() {
    let (mut bench, hook) = (Bench::start().await, Hook::start().await);
    let digest = hex::encode(Sha256::digest("t0ken-of-the-caller"));
    let fields = json!({ "annotations": { "com.gridchain.access": format!("token-sha256:{digest}") } });
    bench.deploy("env", &modules::environment(), fields).await;
    assert_error(bench.call_later("env", "", &hook).await, StatusCode::UNAUTHORIZED, "unauthorized").await;
    let request = bench.anonymous(Method::POST, "/async-function/env").header("X-Callback-Url", hook.url());
    let request = request.header(header::AUTHORIZATION, "Bearer t0ken-of-the-caller");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "200");
    assert!(!String::from_utf8_lossy(&got[0].body).contains("t0ken"));
    bench.down().await;
    let file = std::fs::read(bench.state.path().join("state/queue.redb")).unwrap();
    assert!(!file.windows(5).any(|bytes| bytes == b"t0ken"));
}

#[tokio::test]
async fn a_call_of_a_function_that_does_not_exist_is_not_queued() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    assert_error(bench.call_later("f", "", &hook).await, StatusCode::NOT_FOUND, "function_not_found").await;
    assert_eq!(bench.metric("gateway_async_queue_items").await, 0.0);
}

#[tokio::test]
async fn a_call_waits_for_its_function_not_for_another_of_that_name() {
    let (bench, hook) = (quick().await, Hook::start().await);
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    assert_eq!(bench.call_later("f", "", &hook).await.status(), StatusCode::ACCEPTED);
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] != 0.0).await;
    // Stopped in the middle; before it is tried again, somebody else's function has the name.
    bench.delete("f").await;
    bench.deploy("f", &modules::says("of another"), json!({})).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "404");
    assert_eq!(bench.status("f").await["invocationCount"], 0.0);
}

#[tokio::test]
async fn the_queue_is_bounded_and_one_function_cannot_fill_it() {
    let bench = Bench::with(|limits| {
        limits.asynchronous.items = 4;
        limits.asynchronous.calls_per_function = 1;
    })
    .await;
    for name in ["a", "b", "c"] {
        bench.deploy(name, &modules::sleeps(), timeout_ms(60_000)).await;
    }
    let send = |name: &'static str| {
        let request = bench.anonymous(Method::POST, &format!("/async-function/{name}"));
        async { request.send().await.unwrap() }
    };
    for name in ["a", "a"] {
        assert_eq!(send(name).await.status(), StatusCode::ACCEPTED);
    }
    let full = send("a").await;
    assert_eq!(full.headers()[header::RETRY_AFTER], "1");
    assert_error(full, StatusCode::SERVICE_UNAVAILABLE, "queue_full").await;
    for name in ["b", "b"] {
        assert_eq!(send(name).await.status(), StatusCode::ACCEPTED);
    }
    assert_error(send("c").await, StatusCode::SERVICE_UNAVAILABLE, "queue_full").await;
    assert_eq!(bench.metric("gateway_async_queue_items").await, 4.0);
    assert_eq!(bench.metric("gateway_calls_refused_total{reason=\"queue_full\"}").await, 2.0);
}

#[tokio::test]
async fn a_flood_of_one_function_does_not_delay_another() {
    let bench = Bench::with(|limits| {
        limits.asynchronous.calls = 2;
        limits.asynchronous.calls_per_function = 1;
    })
    .await;
    let hook = Hook::start().await;
    bench.deploy("flood", &modules::waits(1, 200), json!({})).await;
    bench.deploy("other", &modules::says("other"), json!({})).await;
    for _ in 0..50 {
        bench.call_later("flood", "", &hook).await;
    }
    bench.call_later("other", "", &hook).await;
    let got = hook.until(|got| got.iter().any(|got| got.header("x-function-name") == "other")).await;
    assert!(got.len() < 50, "{} came before", got.len() - 1);
}

#[tokio::test]
async fn bodies_have_a_limit_of_their_own() {
    let (bench, hook) = (
        Bench::with(|limits| {
            limits.asynchronous.body_bytes = 10_000;
            limits.asynchronous.bytes = 20_000;
        })
        .await,
        Hook::start().await,
    );
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    let response = bench.call_later("f", vec![0; 10_001], &hook).await;
    assert_error(response, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").await;
    // One function may have half, and the head counts too.
    let full = bench.call_later("f", vec![0; 10_000], &hook).await;
    assert_error(full, StatusCode::SERVICE_UNAVAILABLE, "queue_full").await;
    assert_eq!(bench.call_later("f", vec![0; 9_000], &hook).await.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_answer_that_finds_no_room_becomes_a_short_one() {
    let bench = Bench::with(|limits| {
        limits.asynchronous.bytes = 4_000;
        // So that the callback still waits when it is looked at.
        limits.asynchronous.min_wait = Duration::from_secs(60);
    })
    .await;
    let hook = Hook::answering([StatusCode::SERVICE_UNAVAILABLE]).await;
    bench.deploy("f", &modules::writes(5_000), json!({})).await;
    assert_eq!(bench.call_later("f", "", &hook).await.status(), StatusCode::ACCEPTED);
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "507");
    assert!(String::from_utf8_lossy(&got[0].body).contains("queue_full"));
    assert_eq!(bench.metric("gateway_async_queue_items").await, 1.0);
    assert!(bench.metric("gateway_async_queue_bytes").await <= 4_000.0);
}

#[tokio::test]
async fn what_waits_survives_a_restart() {
    let (mut bench, hook) = (quick().await, Hook::start().await);
    bench.limits.asynchronous.attempts = 1000;
    bench.restart().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let (addr, url) = (hook.addr(), hook.url());
    drop(hook);
    let mut ids = Vec::new();
    for n in 0..10 {
        let request = bench.anonymous(Method::POST, "/async-function/echo").header("X-Callback-Url", &url);
        let response = request.body(n.to_string()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        ids.push(response.headers()["x-call-id"].to_str().unwrap().to_owned());
    }
    bench.restart().await;
    let hook = Hook::at(addr, []).await;
    let got = hook.until(|got| ids.iter().all(|id| got.iter().any(|got| got.header("x-call-id") == id))).await;
    let mut bodies: Vec<Vec<u8>> = got.iter().map(|got| got.body.to_vec()).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 10);
    bench.until_metric("gateway_async_queue_items", 0.0).await;
}

#[tokio::test]
async fn a_call_without_a_hook_just_runs() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let response = bench.anonymous(Method::POST, "/async-function/echo").body("x").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    bench.until("echo", |status: &Value| status["invocationCount"] == 1.0).await;
    bench.until_metric("gateway_async_queue_items", 0.0).await;
}

#[tokio::test]
async fn an_answer_that_streams_comes_to_the_hook_whole() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.deploy_component("parts", components::answers_in_parts("one, ", 50, "two"), json!({})).await;
    bench.deploy_component("head", components::says(207, ("x-colour", "blue"), "text"), json!({})).await;
    bench.call_later("parts", "", &hook).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!((got[0].header("x-function-status"), &got[0].body[..]), ("200", &b"one, two"[..]));
    bench.call_later("head", "", &hook).await;
    let got = hook.until(|got| got.len() == 2).await;
    assert_eq!((got[1].header("x-function-status"), got[1].header("x-colour")), ("207", "blue"));
    bench.until_metric("gateway_async_queue_items", 0.0).await;
}

#[tokio::test]
async fn an_answer_too_long_to_be_kept_is_a_failure() {
    let bench = Bench::with(|limits| limits.output_bytes = 1000).await;
    let hook = Hook::start().await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    bench.call_later("echo", vec![b'x'; 1001], &hook).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "502");
    assert!(String::from_utf8_lossy(&got[0].body).contains("function_output_too_large"));
    bench.call_later("echo", vec![b'x'; 1000], &hook).await;
    let got = hook.until(|got| got.len() == 2).await;
    assert_eq!((got[1].header("x-function-status"), got[1].body.len()), ("200", 1000));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_which_a_deployment_may_have_tried_again() {
    let (bench, hook) = (quick().await, Hook::start().await);
    let annotations = json!({ "com.openfaas.retry.attempts": "2", "com.openfaas.retry.codes": "502",
        "com.openfaas.retry.min_wait": "5ms", "com.openfaas.retry.max_wait": "10ms" });
    bench.deploy_component("f", components::traps_halfway(), json!({ "annotations": annotations })).await;
    bench.call_later("f", "", &hook).await;
    let got = hook.until(|got| got.len() == 1).await;
    assert_eq!(got[0].header("x-function-status"), "502");
    assert!(String::from_utf8_lossy(&got[0].body).contains("function_error"));
    assert_eq!(bench.status("f").await["invocationCount"], 2.0);
}

#[tokio::test]
async fn an_answer_that_nobody_wants_comes_to_its_end_too() {
    let bench = Bench::with(|limits| limits.output_bytes = 1000).await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    let request = bench.anonymous(Method::POST, "/async-function/echo").body(vec![b'x'; 1_000_000]);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    // In and out.
    bench.until("echo", |status| status["usage"]["networkBytes"].as_f64().unwrap() >= 2_000_000.0).await;
    bench.until_metric("gateway_async_queue_items", 0.0).await;
}

#[tokio::test]
async fn a_call_that_a_stop_interrupts_in_its_answer_runs_again() {
    let (mut bench, hook) = (quick().await, Hook::start().await);
    let slow = components::answers_in_parts(&"x".repeat(4000), 60_000, "y");
    bench.deploy_component("f", slow, timeout_ms(60_000)).await;
    bench.call_later("f", "", &hook).await;
    // More than the request has: the answer has begun.
    let begun = |status: &Value| status["usage"]["networkBytes"].as_f64().unwrap() > 4000.0;
    bench.until("f", begun).await;
    bench.restart().await;
    bench.until("f", begun).await;
    assert_eq!(hook.got().len(), 0);
}
