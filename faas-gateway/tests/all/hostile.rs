//! Functions and callers that mean harm: contained, and what they held is free again afterwards. Functions that merely
//! fail are in `bad_functions.rs`; what a neighbour's latency is under attack, `scripts/bench gateway` measures.

#![allow(clippy::unwrap_used)]

use crate::support;

use faas_gateway::Limits;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{json, Value};
use std::time::Duration;
use support::{assert_error, components, modules, timeout_ms, Bench};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A neighbour that answers, and a victim whose places are all free: as many calls at once as it may have.
async fn all_is_well(bench: &Bench, name: &str) {
    assert_eq!(bench.call("neighbour", "here").await.text().await.unwrap(), "here");
    let released = |status: &Value| status["usage"]["totalMemoryBytes"] == 0.0;
    bench.until(name, released).await;
}

async fn bench() -> Bench {
    let bench = Bench::start().await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    bench
}

/// A connection that is used byte by byte.
async fn raw(bench: &Bench, text: &str) -> TcpStream {
    let address = bench.url("").trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn all_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_loops_on_all_places_leave_the_neighbours_theirs() {
    let bench = bench().await;
    bench.deploy("command", &modules::spins(), timeout_ms(300_000)).await;
    bench.deploy_component("component", components::spins(), timeout_ms(300_000)).await;
    let mut calls = Vec::new();
    for name in ["command", "component"] {
        for _ in 0..16 {
            calls.push(tokio::spawn(
                bench.anonymous(Method::POST, &format!("/function/{name}")).timeout(Duration::from_secs(300)).send(),
            ));
        }
    }
    for name in ["command", "component"] {
        bench.until(name, |status| status["invocationCount"].as_f64().unwrap() >= 16.0).await;
        assert_error(bench.call(name, "").await, StatusCode::TOO_MANY_REQUESTS, "function_busy").await;
    }
    assert_eq!(bench.call("neighbour", "here").await.text().await.unwrap(), "here");
    for name in ["command", "component"] {
        bench.delete(name).await;
    }
    for call in calls {
        assert_error(call.await.unwrap().unwrap(), StatusCode::SERVICE_UNAVAILABLE, "call_stopped").await;
    }
    bench.until_metric("gateway_memory_bytes", 0.0).await;
}

#[tokio::test]
async fn ten_gibibytes_of_answer_are_cut_at_the_limit() {
    let bench = Bench::with(|limits| (limits.output_bytes, limits.stream_bytes) = (1 << 20, 1 << 20)).await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    bench.deploy("command", &modules::floods(), json!({})).await;
    bench.deploy_component("component", components::floods(), json!({})).await;
    assert_error(bench.call("command", "").await, StatusCode::BAD_GATEWAY, "function_output_too_large").await;
    // Its status was sent before: the answer breaks off.
    let response = bench.call("component", "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());
    all_is_well(&bench, "command").await;
    all_is_well(&bench, "component").await;
}

#[tokio::test]
async fn logging_without_end_is_cut_and_ends_at_the_deadline() {
    let bench = bench().await;
    bench.deploy("command", &modules::complains_without_end(), timeout_ms(300)).await;
    bench.deploy_component("component", components::logs_without_end(), timeout_ms(300)).await;
    for name in ["command", "component"] {
        assert_error(bench.call(name, "").await, StatusCode::GATEWAY_TIMEOUT, "function_timeout").await;
        let log = bench.log(name).await;
        assert!(log.iter().map(String::len).sum::<usize>() < 100_000, "{}", log.len());
        assert!(log.iter().any(|line| line == "[the call wrote more than is kept]"));
        all_is_well(&bench, name).await;
    }
}

#[tokio::test]
async fn files_of_the_host_are_out_of_reach() {
    let bench = bench().await;
    bench.deploy_component("counts", components::counts_folders(), json!({})).await;
    assert_eq!(bench.call("counts", "").await.text().await.unwrap(), "0");
    // Whatever number it takes for a folder and whatever path it names: 8 is EBADF.
    let tries = [
        (3, "etc/passwd"),
        (3, "../../../../etc/passwd"),
        (4, "/etc/passwd"),
        (0, "etc/passwd"),
        (1, "."),
        (99, "/proc/self/environ"),
    ];
    for (number, (file, path)) in tries.into_iter().enumerate() {
        let name = format!("f{number}");
        bench.deploy(&name, &modules::reads_below(file, path), json!({})).await;
        let error =
            assert_error(bench.call(&name, "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_exited").await;
        let told: u32 =
            error["message"].as_str().unwrap().trim_start_matches("the function exited with status ").parse().unwrap();
        // Not a folder, or not a file at all; never 0.
        assert!([8, 54, 58, 76].contains(&told), "{file} {path}: {told}");
    }
}

#[tokio::test]
async fn sockets_are_not_given() {
    let bench = bench().await;
    bench.deploy_component("f", components::opens_socket(), json!({})).await;
    let answer = bench.call("f", "").await.text().await.unwrap();
    // An error's number: access denied, or not supported.
    assert!(["!1", "!2"].contains(&answer.as_str()), "{answer}");
}

#[tokio::test]
async fn bombs_of_tables_and_instances_do_not_deploy_or_do_not_start() {
    let bench = bench().await;
    let start = r#"(func (export "_start"))"#;
    let many_tables = format!("(module {} {start})", "(table 1 funcref)".repeat(100));
    let large_table = format!("(module (table 1000000000 funcref) {start})");
    let growing = r#"(module (table $t 1 funcref) (func (export "_start")
        (loop $more (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1)))) unreachable))"#;
    for text in [many_tables, large_table] {
        let wasm = wat::parse_str(text).unwrap();
        let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&wasm));
        let response = bench.admin(Method::PUT, &format!("/system/modules/{digest}")).body(wasm).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{}", response.text().await.unwrap());
    }
    bench.deploy("grows", growing, json!({})).await;
    assert_error(bench.call("grows", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_trapped").await;
    all_is_well(&bench, "grows").await;
}

#[tokio::test]
async fn things_of_the_host_cannot_be_hoarded() {
    let bench = bench().await;
    bench.deploy_component("handles", components::hoards(), json!({})).await;
    assert_error(bench.call("handles", "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_trapped").await;
    all_is_well(&bench, "handles").await;
    // Whether it is stopped or only refused each time: it ends.
    bench.deploy_component("headers", components::fills_headers(), timeout_ms(500)).await;
    let status = bench.call("headers", "").await.status();
    assert!([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::GATEWAY_TIMEOUT].contains(&status), "{status}");
    all_is_well(&bench, "headers").await;
}

#[tokio::test]
async fn a_bomb_does_not_take_the_memory_of_others() {
    let bench = Bench::with(|limits| limits.memory_bytes = 128 << 20).await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    bench.deploy("bomb", &modules::devours(), json!({ "limits": { "memory": "64Mi" } })).await;
    let bombs: Vec<_> = (0..16).map(|_| tokio::spawn(bench.anonymous(Method::POST, "/function/bomb").send())).collect();
    bench.until("bomb", |status| status["invocationCount"].as_f64().unwrap() > 0.0).await;
    for bomb in bombs {
        assert_eq!(bench.call("neighbour", "here").await.text().await.unwrap(), "here");
        let status = bomb.await.unwrap().unwrap().status();
        assert!([500, 429].contains(&status.as_u16()), "{status}");
    }
    all_is_well(&bench, "bomb").await;
}

#[tokio::test]
async fn who_sends_a_body_slowly_occupies_no_place_and_is_sent_away() {
    let bench = Bench::with(|limits| {
        limits.calls_per_function = 1;
        limits.body_timeout = Duration::from_secs(5);
    })
    .await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    let head = "POST /function/neighbour HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nfew";
    let mut slow = raw(&bench, head).await;
    // The one place is free.
    all_is_well(&bench, "neighbour").await;
    let early = slow.try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock), "it is still waited for");
    let answer = all_of(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_timeout"), "{answer}");
}

#[tokio::test]
async fn who_sends_a_large_body_slowly_gives_its_place_back() {
    let bench = Bench::with(|limits| limits.body_timeout = Duration::from_millis(500)).await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    bench.deploy_component("component", components::echo(), json!({})).await;
    bench.deploy("command", &modules::echo(), json!({})).await;
    // The component had begun to answer; it sees that the body broke off and ends as it likes.
    for (name, status) in [("command", "HTTP/1.1 408"), ("component", "HTTP/1.1 200")] {
        let begun = format!(
            "POST /function/{name} HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n{}",
            "x".repeat(100_000)
        );
        let mut slow = raw(&bench, &begun).await;
        let answer = all_of(&mut slow).await;
        assert!(answer.starts_with(status), "{}", &answer[..answer.len().min(200)]);
        all_is_well(&bench, name).await;
    }
}

/// Waits until a function answers without being refused for want of room.
async fn until_there_is_room(bench: &Bench, name: &str) {
    for _ in 0..500 {
        if bench.anonymous(Method::GET, &format!("/function/{name}")).send().await.unwrap().status() == StatusCode::OK {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there was never room for an answer of {name}");
}

#[tokio::test]
async fn who_does_not_take_an_answer_is_disconnected() {
    let bench = Bench::with(|limits| {
        // One function may have a quarter of it: an answer of the command.
        limits.buffer_bytes = 4 * (8 << 20);
        limits.write_timeout = Duration::from_millis(300);
        limits.default_timeout = Duration::from_secs(20);
    })
    .await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    bench.deploy("command", &modules::writes(8 << 20), json!({})).await;
    bench.deploy_component("component", components::floods(), json!({})).await;
    for name in ["command", "component"] {
        let mut stalled = raw(&bench, &format!("GET /function/{name} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        let mut head = [0; 15];
        stalled.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        // Reads no more. What its answer occupied is free again: only then is there room for another command's.
        until_there_is_room(&bench, name).await;
        // The component, which writes without end, is over long before its deadline.
        all_is_well(&bench, name).await;
        // What was on the way can still be read; it ends early.
        assert!(all_of(&mut stalled).await.len() < 8 << 20);
    }
}

/// A connection from another address than this machine's own.
async fn from_elsewhere(bench: &Bench, text: &str) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 2], 0).into()).unwrap();
    let mut stream = socket.connect(bench.addr()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn status_of(stream: &mut TcpStream) -> String {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    String::from_utf8_lossy(&line).into_owned()
}

#[tokio::test]
async fn slow_heads_do_not_keep_others_out() {
    let bench = Bench::with(|limits| limits.connections = 8).await;
    bench.deploy("neighbour", &modules::echo(), json!({})).await;
    let mut slow = Vec::new();
    for _ in 0..12 {
        slow.push(from_elsewhere(&bench, "POST /function/neighbour HTTP/1.1\r\nho").await);
    }
    assert_eq!(bench.call("neighbour", "here").await.text().await.unwrap(), "here");
    // Of one address a quarter is served, the others are closed at once; none got an answer.
    let mut open = 0;
    for stream in &mut slow[..2] {
        stream.write_all(b"st: x\r\nconnection: close\r\n\r\n").await.unwrap();
        open += usize::from(all_of(stream).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(open, 2);
    for stream in &mut slow[2..] {
        assert_eq!(all_of(stream).await, "");
    }
}

#[tokio::test]
async fn who_queues_a_large_body_slowly_takes_no_place_of_other_functions() {
    let bench = Bench::with(|limits| limits.calls = 4).await;
    for name in ["slow", "neighbour"] {
        bench.deploy(name, &modules::echo(), json!({})).await;
    }
    let begun = |bytes: usize| {
        let head = "POST /async-function/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n";
        format!("{head}{}", "x".repeat(bytes))
    };
    // Little of the body has come: no place is taken, however many there are.
    let mut few = Vec::new();
    for _ in 0..8 {
        few.push(raw(&bench, &begun(10)).await);
    }
    // Much has come: of one function one of four places is taken, the others wait for it.
    let mut much = [raw(&bench, &begun(100_000)).await, raw(&bench, &begun(100_000)).await];
    let large = bench.anonymous(Method::POST, "/async-function/neighbour").body(vec![0; 200_000]);
    assert_eq!(large.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let statuses = join_all(much.each_mut().map(|stream| async {
        stream.write_all(&[b'x'; 100_000]).await.unwrap();
        status_of(stream).await
    }));
    assert_eq!(statuses.await, ["HTTP/1.1 202", "HTTP/1.1 202"]);
}

#[tokio::test]
async fn who_waits_too_long_for_a_place_among_large_bodies_is_sent_away() {
    let patience = |limits: &mut Limits| (limits.calls, limits.body_timeout) = (1, Duration::from_secs(1));
    let bench = Bench::with(patience).await;
    bench.deploy("slow", &modules::echo(), json!({})).await;
    let begun = format!(
        "POST /async-function/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n{}",
        "x".repeat(100_000)
    );
    // Each that has the place is told that it is slow; the third has waited for two of them by then.
    let mut all = join_all((0..4).map(|_| raw(&bench, &begun))).await;
    let statuses = join_all(all.iter_mut().map(status_of)).await;
    assert!(statuses.iter().any(|status| status == "HTTP/1.1 503"), "{statuses:?}");
}

#[tokio::test]
async fn callers_that_go_away_at_once_leave_nothing_behind() {
    let bench = bench().await;
    bench.deploy("command", &modules::spins(), timeout_ms(60_000)).await;
    bench.deploy_component("component", components::floods(), timeout_ms(60_000)).await;
    for name in ["command", "component"] {
        let call = format!("GET /function/{name} HTTP/1.1\r\nhost: x\r\n\r\n");
        let first = raw(&bench, &call).await;
        // One at least was let in.
        bench.until(name, |status| status["invocationCount"].as_f64().unwrap() > 0.0).await;
        for _ in 0..50 {
            drop(raw(&bench, &call).await);
        }
        drop(first);
        all_is_well(&bench, name).await;
    }
}
