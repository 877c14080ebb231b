//! Calls: what a function sees, and what its caller gets.

#![allow(clippy::unwrap_used)]

use crate::support;

use futures::{
    future::{join_all, select_all},
    stream, FutureExt as _, StreamExt as _,
};
use reqwest::{header, Method, StatusCode};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};
use support::{assert_error, components, modules, Bench};
use tokio::sync::oneshot;

#[tokio::test]
async fn every_verb_but_trace_reaches_the_function() {
    let bench = Bench::start().await;
    bench.deploy("env", &modules::environment(), json!({})).await;
    for verb in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let method = Method::from_bytes(verb.as_bytes()).unwrap();
        let text = bench.anonymous(method, "/function/env").send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("Http_Method={verb}\0")), "{verb}");
    }
    assert_eq!(bench.anonymous(Method::HEAD, "/function/env").send().await.unwrap().status(), StatusCode::OK);
    let response = bench.anonymous(Method::TRACE, "/function/env").send().await.unwrap();
    assert_error(response, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").await;
}

#[tokio::test]
async fn a_function_sees_path_query_headers_and_its_variables() {
    let bench = Bench::start().await;
    bench.deploy("env", &modules::environment(), json!({ "envVars": { "LEVEL": "3" } })).await;
    let request = bench.anonymous(Method::POST, "/function/env/a/b%20c?x=1&y").header("X-Colour", "blue").body("abc");
    let text = request.send().await.unwrap().text().await.unwrap();
    let variables: Vec<&str> = text.split('\0').collect();
    for expected in ["LEVEL=3", "Http_Path=/a/b%20c", "Http_Query=x=1&y", "Http_X_Colour=blue", "Http_ContentLength=3"]
    {
        assert!(variables.contains(&expected), "{expected} is not in {variables:?}");
    }
    for name in [
        "Http_X_Call_Id=",
        "Http_X_Start_Time=",
        "Http_X_Forwarded_For=127.0.0.1:",
        "Http_X_Forwarded_Host=",
        "Http_Host=",
    ] {
        assert!(variables.iter().any(|variable| variable.starts_with(name)), "{name} is not in {variables:?}");
    }
}

#[tokio::test]
async fn a_function_sees_nothing_of_the_gateways_own_environment() {
    let bench = Bench::start().await;
    bench.deploy("env", &modules::environment(), json!({})).await;
    let text = bench.call("env", "").await.text().await.unwrap();
    assert!(text.split_terminator('\0').all(|variable| variable.starts_with("Http_")), "{text}");
}

#[tokio::test]
async fn a_function_has_no_folders() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::looks_for_folders(), json!({})).await;
    // 8 is EBADF: there is no third file.
    let error = assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_exited").await;
    assert!(error["message"].as_str().unwrap().contains("status 8"), "{error}");
}

#[tokio::test]
async fn the_process_gives_the_arguments() {
    let bench = Bench::start().await;
    bench.deploy("named", &modules::arguments(), json!({})).await;
    bench.deploy("told", &modules::arguments(), json!({ "envProcess": "tool --fast" })).await;
    assert_eq!(bench.call("named", "").await.text().await.unwrap(), "named\0");
    assert_eq!(bench.call("told", "").await.text().await.unwrap(), "tool\0--fast\0");
}

#[tokio::test]
async fn an_answer_is_marked() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let response = bench.call("echo", "").await;
    let text = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
    assert!(text("x-start-time").parse::<u128>().unwrap() >= before);
    assert!(text("x-duration-seconds").parse::<f64>().unwrap() > 0.0);
    assert!(text("x-served-by").starts_with("faas-gateway/"));
    assert_eq!(text("x-call-id").len(), 36);
    assert_eq!(text("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_callers_own_id_is_kept() {
    let bench = Bench::start().await;
    bench.deploy("env", &modules::environment(), json!({})).await;
    let response = bench.anonymous(Method::GET, "/function/env").header("X-Call-Id", "mine-7").send().await.unwrap();
    assert_eq!(response.headers()["x-call-id"], "mine-7");
    assert!(response.text().await.unwrap().contains("Http_X_Call_Id=mine-7\0"));
}

#[tokio::test]
async fn the_content_type_is_the_deployments_else_the_requests_else_bytes() {
    let bench = Bench::start().await;
    bench.deploy("plain", &modules::echo(), json!({})).await;
    bench.deploy("csv", &modules::echo(), json!({ "envVars": { "content_type": "text/csv" } })).await;
    let content_type = |name: &str, sent: Option<&str>| {
        let request = bench.anonymous(Method::POST, &format!("/function/{name}"));
        let request = if let Some(sent) = sent { request.header(header::CONTENT_TYPE, sent) } else { request };
        async { request.send().await.unwrap().headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned() }
    };
    assert_eq!(content_type("plain", None).await, "application/octet-stream");
    assert_eq!(content_type("plain", Some("application/json")).await, "application/json");
    assert_eq!(content_type("csv", Some("application/json")).await, "text/csv");
}

#[tokio::test]
async fn the_default_namespace_may_be_written() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    assert_eq!(bench.call("echo.openfaas-fn/deep/path", "x").await.text().await.unwrap(), "x");
    assert_error(bench.call("echo.other", "").await, StatusCode::NOT_FOUND, "function_not_found").await;
}

#[tokio::test]
async fn an_unknown_function_is_404() {
    let bench = Bench::start().await;
    for name in ["nothing", "UPPER", "a_b", "a%20b"] {
        assert_error(bench.call(name, "").await, StatusCode::NOT_FOUND, "function_not_found").await;
    }
}

#[tokio::test]
async fn bodies_pass_whole_up_to_the_limit() {
    let bench = Bench::with(|limits| (limits.request_body_bytes, limits.output_bytes) = (300_000, 300_000)).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let body: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(bench.call("echo", body.clone()).await.bytes().await.unwrap(), body);
    let more = vec![0; 300_001];
    assert_error(bench.call("echo", more).await, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").await;
}

#[tokio::test]
async fn a_body_of_unannounced_length_has_the_same_limit() {
    let bench = Bench::with(|limits| limits.request_body_bytes = 100).await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let chunked = |bytes: usize| {
        let chunks = (0..bytes).map(|_| Ok::<_, std::io::Error>(vec![7_u8]));
        reqwest::Body::wrap_stream(futures::stream::iter(chunks.collect::<Vec<_>>()))
    };
    assert_eq!(bench.call("echo", chunked(100)).await.bytes().await.unwrap(), vec![7; 100]);
    assert_error(bench.call("echo", chunked(101)).await, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").await;
}

/// As many as follow each other, and as many as run side by side.
const MANY: u32 = 50;

/// What calls find, none of which gets the end of its body before all have changed what they have. By then each holds
/// this many bytes.
async fn found_side_by_side(bench: &Bench, name: &str, bytes: u32) -> Vec<String> {
    // A component holds its place a moment longer than its caller waits for the end of its answer.
    bench.until_metric("gateway_calls_in_flight", 0.0).await;
    let (tell, told) = oneshot::channel::<()>();
    let told = told.shared();
    let mut calls: Vec<_> = (0..MANY)
        .map(|_| {
            // So large that a command runs before it is whole.
            let begun = stream::once(async { Ok::<_, std::io::Error>(vec![b'x'; 100_000]) });
            let told = told.clone();
            let body = begun.chain(stream::once(async move {
                let _ = told.await;
                Ok(vec![b'x'])
            }));
            let request = bench.anonymous(Method::POST, &format!("/function/{name}"));
            tokio::spawn(request.body(reqwest::Body::wrap_stream(body)).send())
        })
        .collect();
    tokio::select! {
        () = bench.until_metric("gateway_memory_bytes", f64::from(MANY * bytes)) => (),
        (early, ..) = select_all(&mut calls) => panic!("{name}: a call did not wait: {early:?}"),
    }
    tell.send(()).unwrap();
    let answers = calls.into_iter().map(|call| async { call.await.unwrap().unwrap().text().await.unwrap() });
    join_all(answers).await
}

#[tokio::test]
async fn what_calls_shared_would_be_seen() {
    // Without this the test below could be one that cannot fail.
    let bench = Bench::start().await;
    bench.deploy("command", &modules::changes_itself(2), json!({})).await;
    bench.deploy_component("component", components::changes_itself(2), json!({})).await;
    for name in ["command", "component"] {
        assert_eq!(bench.call(name, "").await.text().await.unwrap(), "1111", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_share_nothing() {
    let bench = Bench::with(|limits| limits.calls_per_function = MANY).await;
    bench.deploy("command", &modules::changes_itself(1), json!({})).await;
    bench.deploy_component("component", components::changes_itself(1), json!({})).await;
    for (name, pages) in [("command", 2), ("component", 3)] {
        // Those that follow each other get what the ones before them had of the host, and must not see it.
        for _ in 0..MANY {
            assert_eq!(bench.call(name, "").await.text().await.unwrap(), modules::UNTOUCHED, "{name}");
        }
        let found = found_side_by_side(&bench, name, pages * 65536).await;
        assert_eq!(found, vec![modules::UNTOUCHED; MANY as usize], "{name}");
    }
}
