//! Callers who mean no good: slow ones, long ones, many, and strange names.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, StatusCode};
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use support::{assert_error, modules, Bench};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn connect(bench: &Bench) -> TcpStream {
    let addr: SocketAddr = bench.url("").trim_start_matches("http://").parse().unwrap();
    TcpStream::connect(addr).await.unwrap()
}

/// Sends these bytes and gives all that comes until the gateway closes.
async fn exchange(bench: &Bench, bytes: &[u8]) -> String {
    let mut stream = connect(bench).await;
    stream.write_all(bytes).await.unwrap();
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    // A reset is an end as well.
    let _ = read.expect("the gateway closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// That the gateway still serves.
async fn assert_well(bench: &Bench) {
    assert_eq!(bench.anonymous(Method::GET, "/healthz").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let bench = Bench::with(|limits| limits.head_timeout = Duration::from_millis(200)).await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        let mut stream = connect(&bench).await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        streams.push(stream);
    }
    assert_well(&bench).await;
    for mut stream in streams {
        read_to_end(&mut stream).await;
    }
    // One that drips does not get more time with each drop.
    let mut stream = connect(&bench).await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let dripping = async {
        while stream.write_all(b"X").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), dripping).await.expect("the gateway closes the connection");
}

#[tokio::test]
async fn a_body_that_never_ends_is_408_and_gives_its_place_back() {
    let bench = Bench::with(|limits| {
        limits.body_timeout = Duration::from_millis(200);
        limits.calls_per_function = 1;
    })
    .await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    for path in ["/function/echo", "/async-function/echo"] {
        let mut stream = connect(&bench).await;
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc");
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("body_timeout"), "{answer}");
    }
    assert_eq!(bench.call("echo", "x").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn heads_have_a_limit() {
    let bench = Bench::start().await;
    let long = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(100_000));
    let answer = exchange(&bench, long.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many: String = (0..1000).map(|n| format!("X-{n}: a\r\n")).collect();
    let answer = exchange(&bench, format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000));
    let answer = exchange(&bench, long.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_well(&bench).await;
}

#[tokio::test]
async fn what_is_beyond_the_declared_length_is_no_part_of_the_body() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    let request = b"POST /function/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcdefghi\r\n\r\n";
    let answer = exchange(&bench, request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\r\n\r\nabc") && !answer.contains("abcd"), "{answer}");
    assert_well(&bench).await;
}

#[tokio::test]
async fn two_lengths_are_none() {
    let bench = Bench::start().await;
    bench.deploy("echo", &modules::echo(), json!({})).await;
    for headers in [
        "Content-Length: 3\r\nContent-Length: 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: identity, gzip\r\n",
    ] {
        let request = format!("POST /function/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\nabcde");
        let answer = exchange(&bench, request.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{headers}: {answer}");
    }
    assert_well(&bench).await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let bench = Bench::with(|limits| {
        limits.connections = 4;
        limits.head_timeout = Duration::from_millis(300);
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..40 {
        idle.push(connect(&bench).await);
    }
    // Behind forty that say nothing.
    assert_well(&bench).await;
}

#[tokio::test]
async fn json_that_is_deep_or_large_is_refused() {
    let bench = Bench::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"labels\":{}1{}}}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let large = format!("{{\"service\":\"{}\"}}", "a".repeat(2 << 20));
    for (body, status, code) in [
        (deep, StatusCode::BAD_REQUEST, "bad_json"),
        (nested, StatusCode::BAD_REQUEST, "bad_json"),
        (large, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
    ] {
        for (method, path) in [
            (Method::POST, "/system/functions"),
            (Method::DELETE, "/system/functions"),
            (Method::POST, "/system/secrets"),
            (Method::POST, "/system/namespace/"),
            (Method::POST, "/system/scale-function/f"),
        ] {
            let response = bench.admin(method, path).body(body.clone()).send().await.unwrap();
            assert_error(response, status, code).await;
        }
    }
}

#[tokio::test]
async fn strange_names_find_nothing() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    for name in [
        "..",
        ".",
        "%2e%2e",
        "..%2Ff",
        "f%2F..",
        "%00",
        "f%00",
        "f%0a",
        "%C3%A4",
        "F",
        "f.",
        ".f",
        "f..openfaas-fn",
        "%ff",
    ] {
        for path in [format!("/function/{name}"), format!("/async-function/{name}")] {
            // By hand: clients resolve dots before they send.
            let request = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            let answer = exchange(&bench, request.as_bytes()).await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(matches!(status, "404" | "400"), "{path}: {answer}");
        }
    }
    // The same names where a function is administered.
    for name in ["%2e%2e", "..%2Ff", "%00", "%C3%A4", "F"] {
        let status = bench.admin(Method::GET, &format!("/system/function/{name}")).send().await.unwrap().status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_well(&bench).await;
}

#[tokio::test]
async fn what_is_not_http_is_closed() {
    let bench = Bench::start().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
    ] {
        let answer = exchange(&bench, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_well(&bench).await;
}
