//! The sample functions, from source to answer, in a real gateway.

#![allow(clippy::unwrap_used)]

use crate::support;

use axum::{response::Html, routing::get, Router};
use futures::{Stream, StreamExt as _};
use reqwest::{header, Method, StatusCode};
use serde_json::{json, Value};
use std::{fs, net::SocketAddr, path::Path};
use support::Bench;
use tokio::net::TcpListener;

/// A function as `functions/build` made it.
fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../functions/target/{name}.wasm"));
    fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run functions/build first (scripts/test does)", path.display()))
}

#[tokio::test]
async fn upper_in_c_gives_back_what_it_is_sent_in_capitals() {
    let bench = Bench::start().await;
    bench.deploy_component("upper", sample("upper"), json!({})).await;
    assert_eq!(bench.call("upper", "hello").await.text().await.unwrap(), "HELLO");
    assert_eq!(bench.call("upper?reverse", "hello").await.text().await.unwrap(), "OLLEH");
}

#[tokio::test]
async fn stats_in_rust_answers_with_json_or_says_what_is_wrong() {
    let bench = Bench::start().await;
    bench.deploy_component("stats", sample("stats"), json!({})).await;
    let answer: Value = bench.call("stats", r#"{"values":[1,2,3.5]}"#).await.json().await.unwrap();
    assert_eq!((&answer["sum"], &answer["median"]), (&json!(6.5), &json!(2.0)));
    let refusal = bench.call("stats", r#"{"values":[]}"#).await;
    assert_eq!(refusal.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(refusal.text().await.unwrap().contains("there is nothing to sum up"));
}

/// Clock, a component in Rust, asked with this verb.
async fn clock(bench: &Bench, verb: Method, path: &str) -> reqwest::Response {
    bench.anonymous(verb, &format!("/function/clock{path}")).send().await.unwrap()
}

#[tokio::test]
async fn clock_in_rust_has_paths_verbs_and_statuses_of_its_own() {
    let bench = Bench::start().await;
    bench.deploy_component("clock", sample("clock"), json!({})).await;
    let answer = clock(&bench, Method::GET, "").await;
    assert_eq!(
        (answer.status(), answer.headers()[header::CONTENT_TYPE].as_bytes()),
        (StatusCode::OK, &b"application/json"[..])
    );
    assert!(answer.json::<Value>().await.unwrap()["unix_ms"].as_u64().unwrap() > 1_700_000_000_000);
    let refusal = clock(&bench, Method::DELETE, "").await;
    assert_eq!(
        (refusal.status(), refusal.headers()[header::ALLOW].as_bytes()),
        (StatusCode::METHOD_NOT_ALLOWED, &b"GET"[..])
    );
    assert_eq!(clock(&bench, Method::GET, "/elsewhere").await.status(), StatusCode::NOT_FOUND);
    let refusal = clock(&bench, Method::GET, "/ticks?count=1000").await;
    assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
    assert_eq!(refusal.json::<Value>().await.unwrap()["error"], "at most 100 ticks, at most 10000 ms apart");
}

/// Reads until so many events have come.
async fn events(body: &mut (impl Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin), count: usize) -> String {
    let mut text = String::new();
    while text.matches("\n\n").count() < count {
        text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    text
}

#[tokio::test]
async fn clock_in_rust_sends_each_event_when_it_is_due() {
    let bench = Bench::start().await;
    bench.deploy_component("clock", sample("clock"), json!({})).await;
    let answer = clock(&bench, Method::GET, "/ticks?count=3&every_ms=1").await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = answer.bytes_stream();
    assert!(events(&mut body, 3).await.contains("id: 2\ndata: {\"unix_ms\":"));
    assert!(body.next().await.is_none());
    // The second one is ten seconds away: the first came without it, and nobody has to wait for it.
    let mut body = clock(&bench, Method::GET, "/ticks?count=2&every_ms=10000").await.bytes_stream();
    assert!(events(&mut body, 1).await.starts_with("id: 0\n"));
    drop(body);
    bench.until("clock", |status| status["usage"]["totalMemoryBytes"] == 0.0).await;
}

/// A web server on this machine.
async fn pages() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = Html("<!doctype html><html><head><title>\n A page </title></head></html>");
    let routes = Router::new().route("/page", get(move || async move { page }));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// Asks title, a component in JavaScript, for the title of this page.
async fn title(bench: &Bench, page: &str) -> (StatusCode, Value) {
    let request = bench.anonymous(Method::GET, "/function/title").query(&[("of", page)]);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn title_in_javascript_asks_servers_that_its_deployment_names() {
    let (named, other) = (pages().await, pages().await);
    let mut bench = Bench::down_with(|_| ());
    bench.egress_networks.push("127.0.0.0/8".parse().unwrap());
    bench.up().await;
    let fields = json!({ "annotations": { "com.gridchain.egress": named.to_string() } });
    bench.deploy_component("title", sample("title"), fields).await;
    assert_eq!(title(&bench, &format!("http://{named}/page")).await, (StatusCode::OK, json!({ "title": "A page" })));
    let (status, answer) = title(&bench, &format!("http://{named}/elsewhere")).await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::BAD_GATEWAY, &json!(format!("http://{named}/elsewhere answers with 404")))
    );
    let (status, answer) = title(&bench, &format!("http://{other}/page")).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY, "{answer}");
    let (status, answer) = title(&bench, "no page").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
}
