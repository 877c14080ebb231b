//! `wasi:http` components: what they see, what their callers get, and that they have the limits and meters of commands.

#![allow(clippy::unwrap_used)]

use crate::support;

use futures::StreamExt as _;
use reqwest::{header, Method, StatusCode};
use serde_json::json;
use support::{assert_error, components, modules, timeout_ms, Bench};

#[tokio::test]
async fn both_kinds_of_functions_live_side_by_side() {
    let bench = Bench::start().await;
    bench.deploy("command", &modules::echo(), json!({})).await;
    bench.deploy_component("component", components::echo(), json!({})).await;
    for name in ["command", "component"] {
        assert_eq!(bench.call(name, "ping").await.text().await.unwrap(), "ping", "{name}");
    }
}

#[tokio::test]
async fn status_and_headers_are_its_own_and_the_gateway_adds_its_marks() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::says(302, ("location", "https://example.org/"), "away"), json!({})).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = client.get(bench.url("/function/f")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()[header::LOCATION], "https://example.org/");
    assert!(!response.headers().contains_key(header::CONTENT_TYPE));
    for name in ["x-call-id", "x-start-time", "x-duration-seconds", "x-served-by"] {
        assert!(response.headers().contains_key(name), "{name}");
    }
    assert_eq!(response.text().await.unwrap(), "away");
}

#[tokio::test]
async fn every_verb_path_and_query_reaches_it() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::tells_target(), json!({})).await;
    // Numbered as the interface lists them.
    for (verb, number) in [
        ("GET", '0'),
        ("POST", '2'),
        ("PUT", '3'),
        ("DELETE", '4'),
        ("OPTIONS", '6'),
        ("PATCH", '8'),
        ("PROPFIND", '9'),
    ] {
        let method = Method::from_bytes(verb.as_bytes()).unwrap();
        let request = bench.anonymous(method, "/function/f/a//b%20c?x=1&y");
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), format!("{number}/a//b%20c?x=1&y"), "{verb}");
    }
    for (path, seen) in
        [("/function/f", "0/"), ("/function/f/", "0/"), ("/function/f?q", "0/?q"), ("/function/f.openfaas-fn/a", "0/a")]
    {
        let request = bench.anonymous(Method::GET, path);
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), seen, "{path}");
    }
}

/// The caller has the whole answer before the component has come to its end and has given its place back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_one_after_the_other_needs_one_place() {
    let bench = Bench::with(|limits| (limits.calls, limits.calls_per_function) = (1, 1)).await;
    bench.deploy_component("f", components::echo(), json!({})).await;
    for number in 0..500 {
        let answer = bench.call("f", "ping").await;
        assert_eq!(answer.status(), StatusCode::OK, "call {number}");
        assert_eq!(answer.text().await.unwrap(), "ping");
    }
}

#[tokio::test]
async fn an_answer_arrives_while_it_is_produced() {
    let bench = Bench::start().await;
    // The second part would come after the call's end.
    let wasm = components::answers_in_parts("data: 1\n\n", 60_000, "data: 2\n\n");
    bench.deploy_component("f", wasm, timeout_ms(60_000)).await;
    let mut stream = bench.call("f", "").await.bytes_stream();
    assert_eq!(stream.next().await.unwrap().unwrap(), "data: 1\n\n");
    drop(stream);
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 0.0).await;
}

#[tokio::test]
async fn a_request_arrives_while_it_is_sent() {
    let bench = Bench::start().await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    let (sender, receiver) = futures::channel::mpsc::unbounded::<Result<&'static str, std::io::Error>>();
    let request = bench.anonymous(Method::POST, "/function/echo").body(reqwest::Body::wrap_stream(receiver));
    let mut answer = request.send().await.unwrap().bytes_stream();
    for part in ["one", "two", "three"] {
        // Each is answered before the next one is sent.
        sender.unbounded_send(Ok(part)).unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), part);
    }
    drop(sender);
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn large_bodies_pass_whole_both_ways() {
    let bench = Bench::with(|limits| limits.request_body_bytes = 4 << 20).await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(bench.call("echo", body.clone()).await.bytes().await.unwrap(), body);
    let more = vec![0; (4 << 20) + 1];
    assert_error(bench.call("echo", more).await, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").await;
}

#[tokio::test]
async fn its_log_can_be_read_while_it_runs() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::complains("a line\n"), json!({})).await;
    assert_eq!(bench.call("f", "").await.status(), StatusCode::OK);
    assert_eq!(bench.log("f").await, ["a line"]);
}

#[tokio::test]
async fn one_that_never_answers_meets_its_deadline() {
    let bench = Bench::start().await;
    bench.deploy_component("sleeps", components::dawdles(3_600_000), timeout_ms(100)).await;
    bench.deploy_component("spins", components::spins(), timeout_ms(100)).await;
    for name in ["sleeps", "spins"] {
        let response = bench.call(name, "").await;
        assert_error(response, StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
    }
}

#[tokio::test]
async fn one_that_ends_without_an_answer_is_named() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::says_nothing(), json!({})).await;
    assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_no_answer").await;
}

#[tokio::test]
async fn a_trap_before_the_answer_is_named() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::traps(), json!({})).await;
    assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_trapped").await;
}

#[tokio::test]
async fn an_answer_that_broke_off_does_not_look_whole() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::traps_halfway(), json!({})).await;
    let response = bench.call("f", "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());
    bench.until_logged("f", "after its answer had begun").await;
}

#[tokio::test]
async fn an_answer_without_a_body_does_not_end_the_call() {
    let bench = Bench::start().await;
    for (name, method, status) in [("a", Method::HEAD, 200), ("b", Method::GET, 204), ("c", Method::GET, 304)] {
        bench.deploy_component(name, components::answers_and_complains(status, 100, "afterwards"), json!({})).await;
        let answer = bench.anonymous(method, &format!("/function/{name}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        bench.until_logged(name, "afterwards").await;
        assert_eq!(bench.log(name).await.len(), 1, "and it came to its own end");
    }
}

#[tokio::test]
async fn what_it_does_after_its_answer_is_bounded_too() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::answers_and_spins(), timeout_ms(200)).await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "done");
    bench.until("f", |status| status["usage"]["totalMemoryBytes"] == 0.0).await;
}

#[tokio::test]
async fn memory_is_limited() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::devours(), json!({ "limits": { "memory": "32Mi" } })).await;
    let error =
        assert_error(bench.call("f", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_out_of_memory").await;
    assert!(error["message"].as_str().unwrap().contains("33554432 bytes"), "{error}");
}

#[tokio::test]
async fn processor_memory_and_traffic_are_measured() {
    let bench = Bench::start().await;
    bench.deploy_component("busy", components::spins(), timeout_ms(60_000)).await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    let busy = tokio::spawn(bench.anonymous(Method::POST, "/function/busy").send());
    bench.until("busy", |status| status["usage"]["cpuSeconds"].as_f64().unwrap() > 0.05).await;
    busy.abort();
    bench.call("echo", vec![0; 100_000]).await.bytes().await.unwrap();
    let usage = |status: serde_json::Value, field: &str| status["usage"][field].as_f64().unwrap();
    assert!(usage(bench.status("busy").await, "memoryByteSeconds") > 0.0);
    let traffic = usage(bench.status("echo").await, "networkBytes");
    assert!((200_000.0..202_000.0).contains(&traffic), "{traffic}");
}

#[tokio::test]
async fn a_restart_takes_it_up_again() {
    let mut bench = Bench::start().await;
    bench.deploy_component("echo", components::echo(), json!({})).await;
    bench.restart().await;
    assert_eq!(bench.call("echo", "again").await.text().await.unwrap(), "again");
}
