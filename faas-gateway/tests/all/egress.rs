//! What functions may reach outwards.

#![allow(clippy::unwrap_used)]

use crate::support;

use axum::{routing::get, Router};
use serde_json::{json, Value};
use std::net::SocketAddr;
use support::{assert_error, components, deployment, Bench};

/// As the interface numbers them.
const DESTINATION_IP_PROHIBITED: u8 = 4;
const TLS_CERTIFICATE_ERROR: u8 = 13;
const HTTP_REQUEST_DENIED: u8 = 15;

fn may_reach(servers: &str) -> Value {
    json!({ "annotations": { "com.gridchain.egress": servers } })
}

/// A server on this machine, where an operator's own services might be.
async fn server() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let host = |headers: axum::http::HeaderMap| async move { headers["host"].to_str().unwrap().to_owned() };
    let routes = Router::new()
        .route("/host", get(host))
        .route("/large", get(|| async { "x".repeat(100_000) }))
        .route("/never", get(std::future::pending::<()>));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// With a network that the operator lists.
async fn bench_with_network(network: &str) -> Bench {
    let mut bench = Bench::down_with(|_| ());
    bench.egress_networks.push(network.parse().unwrap());
    bench.up().await;
    bench
}

async fn outcome(bench: &Bench, name: &str) -> (u16, Vec<u8>) {
    let response = bench.call(name, "").await;
    (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn nothing_is_in_reach_by_default() {
    let address = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    bench.deploy_component("f", components::fetches(&address.to_string(), "/host", false), json!({})).await;
    assert_eq!(outcome(&bench, "f").await, (599, vec![HTTP_REQUEST_DENIED]));
}

#[tokio::test]
async fn a_server_that_is_named_is_in_reach_and_no_other() {
    let address = server().await;
    let other = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    let fields = may_reach(&format!("localhost:{},127.0.0.1:{}", address.port(), address.port()));
    let named = format!("localhost:{}", address.port());
    bench.deploy_component("f", components::fetches(&named, "/host", false), fields.clone()).await;
    bench.deploy_component("g", components::fetches(&other.to_string(), "/host", false), fields).await;
    assert_eq!(outcome(&bench, "f").await, (200, named.into_bytes()));
    assert_eq!(outcome(&bench, "g").await, (599, vec![HTTP_REQUEST_DENIED]));
}

#[tokio::test]
async fn this_machine_is_out_of_reach_whatever_a_deployment_says() {
    let address = server().await;
    let bench = Bench::start().await;
    // By address, by a name that resolves to it, in other spellings, and the metadata service of clouds.
    let port = address.port();
    let targets = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("0.0.0.0:{port}"),
        "169.254.169.254:80".to_owned(),
    ];
    for (number, target) in targets.iter().enumerate() {
        let name = format!("f{number}");
        bench.deploy_component(&name, components::fetches(target, "/host", false), may_reach(target)).await;
        assert_eq!(outcome(&bench, &name).await, (599, vec![DESTINATION_IP_PROHIBITED]), "{target}");
    }
}

#[tokio::test]
async fn a_server_without_a_trusted_certificate_is_not_believed() {
    let address = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    // It does not even speak TLS.
    let target = address.to_string();
    bench.deploy_component("f", components::fetches(&target, "/host", true), may_reach(&target)).await;
    assert_eq!(outcome(&bench, "f").await, (599, vec![TLS_CERTIFICATE_ERROR]));
}

#[tokio::test]
async fn its_requests_count_as_traffic() {
    let address = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    let target = address.to_string();
    bench.deploy_component("f", components::fetches(&target, "/large", false), may_reach(&target)).await;
    assert_eq!(outcome(&bench, "f").await.1.len(), 100_000);
    let status = bench.status("f").await;
    let traffic = status["usage"]["networkBytes"].as_f64().unwrap();
    assert!((200_000.0..202_000.0).contains(&traffic), "{traffic}");
}

#[tokio::test]
async fn a_call_has_a_few_open_requests() {
    let address = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    let target = address.to_string();
    bench.deploy_component("f", components::asks_without_end(&target), may_reach(&target)).await;
    assert_eq!(outcome(&bench, "f").await, (200, vec![8]));
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_until_the_deadline() {
    let address = server().await;
    let bench = bench_with_network("127.0.0.0/8").await;
    let target = address.to_string();
    let mut fields = may_reach(&target);
    fields["annotations"]["com.gridchain.timeout-ms"] = "200".into();
    bench.deploy_component("f", components::fetches(&target, "/never", false), fields).await;
    let response = bench.call("f", "").await;
    assert_error(response, reqwest::StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_deployed() {
    let bench = Bench::start().await;
    let image = bench.store_bytes(components::echo()).await;
    for servers in ["https://example.org", "example.org/path", "*"] {
        let response = bench.send(reqwest::Method::POST, &deployment("f", &image, may_reach(servers))).await;
        assert_error(response, reqwest::StatusCode::BAD_REQUEST, "invalid_egress").await;
    }
}
