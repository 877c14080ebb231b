//! `/system/logs`: what functions wrote to their standard error, then and now.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use std::time::{Duration, SystemTime};
use support::{assert_error, components, modules, timeout_ms, Bench};

async fn logs(bench: &Bench, query: &str) -> Vec<Value> {
    let response = bench.admin(Method::GET, &format!("/system/logs?{query}")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    response.text().await.unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn follow(bench: &Bench, query: &str) -> Follow {
    let response = bench.admin(Method::GET, &format!("/system/logs?follow=true&{query}")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    Follow { response, kept: Vec::new() }
}

/// One that reads line by line.
struct Follow {
    response: Response,
    kept: Vec<u8>,
}

impl Follow {
    /// `None` when the stream has ended.
    async fn line(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.kept.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.kept.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await.expect("in time");
            self.kept.extend_from_slice(&chunk.unwrap()?);
        }
    }
}

async fn call_as(bench: &Bench, name: &str, id: &str) {
    let request = bench.anonymous(Method::POST, &format!("/function/{name}")).header("X-Call-Id", id);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_line_says_whose_it_is() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains("trouble"), json!({})).await;
    let before = SystemTime::now();
    call_as(&bench, "f", "call-1").await;
    let lines = logs(&bench, "name=f").await;
    assert_eq!(lines.len(), 1);
    for (field, expected) in [("name", "f"), ("namespace", "openfaas-fn"), ("instance", "call-1"), ("text", "trouble")]
    {
        assert_eq!(lines[0][field], expected);
    }
    let written = humantime::parse_rfc3339(lines[0]["timestamp"].as_str().unwrap()).unwrap();
    assert!(written >= before && written <= SystemTime::now());
}

#[tokio::test]
async fn tail_since_and_instance_choose() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains_often(&["one", "two", "three"]), json!({})).await;
    call_as(&bench, "f", "a").await;
    let between = humantime::format_rfc3339_nanos(SystemTime::now()).to_string();
    call_as(&bench, "f", "b").await;
    let texts = |lines: Vec<Value>| -> Vec<String> {
        lines.iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(logs(&bench, "name=f&tail=-1").await).len(), 6);
    assert_eq!(texts(logs(&bench, "name=f&tail=0").await).len(), 6);
    assert_eq!(texts(logs(&bench, "name=f&tail=2").await), ["two", "three"]);
    assert_eq!(texts(logs(&bench, &format!("name=f&since={between}")).await), ["one", "two", "three"]);
    assert_eq!(texts(logs(&bench, "name=f&instance=a&tail=1").await), ["three"]);
    assert_eq!(texts(logs(&bench, "name=f&since=2026-01-31T12:00:00%2B02:00").await).len(), 6);
}

#[tokio::test]
async fn a_bad_query_is_400_and_an_unknown_function_404() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    for (query, code) in [
        ("", "bad_query"),
        ("name=f&tail=many", "bad_query"),
        ("name=f&follow=maybe", "bad_query"),
        ("name=f&since=yesterday", "invalid_since"),
    ] {
        let response = bench.admin(Method::GET, &format!("/system/logs?{query}")).send().await.unwrap();
        assert_error(response, StatusCode::BAD_REQUEST, code).await;
    }
    for query in ["name=g&follow=true", "name=f&namespace=other", "name=.."] {
        let response = bench.admin(Method::GET, &format!("/system/logs?{query}")).send().await.unwrap();
        assert_error(response, StatusCode::NOT_FOUND, "function_not_found").await;
    }
}

#[tokio::test]
async fn who_follows_gets_what_was_there_and_then_what_comes() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains("trouble"), json!({})).await;
    call_as(&bench, "f", "before").await;
    let mut follow = follow(&bench, "name=f&tail=-1").await;
    assert_eq!(follow.line().await.unwrap()["instance"], "before");
    for id in ["1", "2", "3"] {
        call_as(&bench, "f", id).await;
        assert_eq!(follow.line().await.unwrap()["instance"], id);
    }
}

#[tokio::test]
async fn who_follows_sees_the_lines_of_both_kinds_of_functions_while_they_run() {
    let bench = Bench::start().await;
    bench.deploy("command", &modules::complains_without_end(), timeout_ms(60_000)).await;
    bench.deploy_component("component", components::logs_without_end(), timeout_ms(60_000)).await;
    for name in ["command", "component"] {
        let mut follow = follow(&bench, &format!("name={name}")).await;
        let request = bench.anonymous(Method::POST, &format!("/function/{name}")).header("X-Call-Id", "endless");
        let call = tokio::spawn(request.send());
        assert_eq!(follow.line().await.unwrap()["instance"], "endless", "{name}");
        assert!(!call.is_finished());
        call.abort();
    }
}

#[tokio::test]
async fn who_follows_one_call_gets_no_other() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains("trouble"), json!({})).await;
    let mut follow = follow(&bench, "name=f&instance=mine").await;
    call_as(&bench, "f", "other").await;
    call_as(&bench, "f", "mine").await;
    assert_eq!(follow.line().await.unwrap()["instance"], "mine");
}

#[tokio::test]
async fn following_ends_with_the_function() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::complains("trouble"), json!({})).await;
    let mut follow = follow(&bench, "name=f").await;
    bench.delete("f").await;
    assert!(follow.line().await.is_none());
}

#[tokio::test]
async fn following_ends_with_the_gateway_and_does_not_hold_it_up() {
    let mut bench = Bench::with(|limits| limits.drain_timeout = Duration::from_secs(3600)).await;
    bench.deploy("f", &modules::complains("trouble"), json!({})).await;
    let mut follow = follow(&bench, "name=f").await;
    // Would take an hour if the follower held its connection.
    let (_, end) = tokio::join!(bench.down(), follow.line());
    assert!(end.is_none());
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_nobody_up_and_learns_what_it_missed() {
    let bench = Bench::start().await;
    // 60 long lines with each call.
    // Nearly as much as is kept of one call.
    let line = "x".repeat(4000);
    bench.deploy("f", &modules::complains_often(&[line.as_str(); 15]), json!({})).await;
    let mut slow = follow(&bench, "name=f").await;
    // More than sockets and the ring hold together.
    for _ in 0..1000 {
        assert_eq!(bench.call("f", "").await.status(), StatusCode::OK);
    }
    loop {
        let text = slow.line().await.unwrap()["text"].as_str().unwrap().to_owned();
        if text.contains("lines were dropped") {
            break;
        }
    }
}
