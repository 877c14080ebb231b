//! `/metrics`: OpenFaaS' names, bounded labels, an address of its own.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, StatusCode};
use serde_json::json;
use support::{components, modules, timeout_ms, Bench};

/// The upper bounds of a histogram's buckets and the values they have, as they stand in the text.
fn buckets(text: &str, name: &str, labels: &str) -> Vec<(String, f64)> {
    let series = format!("{name}_bucket{{le=\"");
    let rest = format!("\",{labels}}} ");
    text.lines()
        .filter_map(|line| line.strip_prefix(&series)?.split_once(&rest))
        .map(|(bound, value)| (bound.to_owned(), value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn calls_are_counted_by_function_and_status() {
    let bench = Bench::start().await;
    bench.deploy("good", &modules::echo(), json!({})).await;
    bench.deploy("bad", &modules::fails(), json!({})).await;
    bench.call("good", "").await;
    bench.call("good.openfaas-fn/path", "").await;
    bench.call("bad", "").await;
    let good = "{function_name=\"good.openfaas-fn\",code=\"200\"}";
    assert_eq!(bench.metric(&format!("gateway_function_invocation_total{good}")).await, 2.0);
    assert_eq!(bench.metric(&format!("gateway_functions_seconds_count{good}")).await, 2.0);
    assert!(bench.metric(&format!("gateway_functions_seconds_sum{good}")).await > 0.0);
    let started = "gateway_function_invocation_started{function_name=\"bad.openfaas-fn\"}";
    assert_eq!(bench.metric(started).await, 1.0);
    let bad = "gateway_function_invocation_total{function_name=\"bad.openfaas-fn\",code=\"500\"}";
    assert_eq!(bench.metric(bad).await, 1.0);
}

#[tokio::test]
async fn a_call_whose_answer_streams_lasts_until_its_end() {
    let bench = Bench::start().await;
    bench.deploy_component("f", components::answers_in_parts("one", 60_000, "two"), timeout_ms(60_000)).await;
    let ended = "gateway_function_invocation_total{function_name=\"f.openfaas-fn\",code=\"200\"}";
    let mut answer = bench.call("f", "").await;
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
    assert_eq!(bench.metric("gateway_function_invocation_started{function_name=\"f.openfaas-fn\"}").await, 1.0);
    assert_eq!(bench.metric("gateway_calls_in_flight").await, 1.0);
    assert_eq!(bench.metric(ended).await, 0.0);
    // Its caller has had enough.
    drop(answer);
    bench.until_metric(ended, 1.0).await;
    bench.until_metric("gateway_calls_in_flight", 0.0).await;
    bench.deploy_component("g", components::echo(), json!({})).await;
    assert_eq!(bench.call("g", "whole").await.text().await.unwrap(), "whole");
    bench.until_metric("gateway_functions_seconds_count{function_name=\"g.openfaas-fn\",code=\"200\"}", 1.0).await;
}

#[tokio::test]
async fn a_call_whose_caller_goes_away_before_its_answer_has_ended_too() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    let call = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until_metric("gateway_calls_in_flight", 1.0).await;
    call.abort();
    bench.until_metric("gateway_function_invocation_total{function_name=\"f.openfaas-fn\",code=\"499\"}", 1.0).await;
}

#[tokio::test]
async fn waiting_calls_are_counted_when_they_run() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.anonymous(Method::POST, "/async-function/f").send().await.unwrap();
    bench.until_metric("gateway_function_invocation_total{function_name=\"f.openfaas-fn\",code=\"200\"}", 1.0).await;
}

#[tokio::test]
async fn a_function_that_is_gone_leaves_no_labels() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({ "labels": { "com.openfaas.scale.min": "3" } })).await;
    bench.call("f", "").await;
    assert_eq!(bench.metric("gateway_service_count{function_name=\"f.openfaas-fn\"}").await, 3.0);
    bench.delete("f").await;
    let text = bench.metrics().await;
    assert!(!text.contains("f.openfaas-fn"), "{text}");
}

#[tokio::test]
async fn no_caller_can_make_a_label() {
    let bench = Bench::start().await;
    for name in ["nothing-1", "nothing-2.other", "%22evil%22", ".."] {
        bench.call(name, "").await;
    }
    bench.admin(Method::from_bytes(b"INVENTED").unwrap(), "/system/functions").send().await.unwrap();
    bench.admin(Method::GET, "/system/function/invented").send().await.unwrap();
    bench.admin(Method::GET, "/system/invented").send().await.unwrap();
    let text = bench.metrics().await;
    for word in ["nothing", "evil", "INVENTED", "invented"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("path=\"/system/function/{name}\""), "{text}");
}

#[tokio::test]
async fn requests_below_system_are_counted_by_route() {
    let bench = Bench::start().await;
    bench.get("/system/info").await;
    bench.anonymous(Method::GET, "/system/info").send().await.unwrap();
    let series = "provider_http_requests_total{code=\"200\",method=\"GET\",path=\"/system/info\"}";
    assert_eq!(bench.metric(series).await, 1.0);
}

#[tokio::test]
async fn the_time_of_requests_below_system_is_a_histogram() {
    let bench = Bench::start().await;
    bench.get("/system/info").await;
    let text = bench.metrics().await;
    assert!(text.contains("# TYPE provider_http_request_duration_seconds histogram\n"), "{text}");
    let labels = "code=\"200\",method=\"GET\",path=\"/system/info\"";
    let buckets = buckets(&text, "provider_http_request_duration_seconds", labels);
    assert_eq!(buckets.last(), Some(&("+Inf".into(), 1.0)), "{text}");
    for part in ["count", "sum"] {
        assert!(
            bench.metric(&format!("provider_http_request_duration_seconds_{part}{{{labels}}}")).await > 0.0,
            "{part}"
        );
    }
}

#[tokio::test]
async fn the_time_of_calls_is_a_histogram() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    for _ in 0..3 {
        bench.call("f", "").await;
    }
    let text = bench.metrics().await;
    assert!(text.contains("# TYPE gateway_functions_seconds histogram\n"), "{text}");
    let buckets = buckets(&text, "gateway_functions_seconds", "function_name=\"f.openfaas-fn\",code=\"200\"");
    let bounds: Vec<&str> = buckets.iter().map(|(bound, _)| bound.as_str()).collect();
    // Dashboards name them: quantiles of before and after a changed bound cannot be compared.
    let expected = "0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 1.0 5.0 15.0 60.0 +Inf";
    assert_eq!(bounds, expected.split(' ').collect::<Vec<_>>());
    assert!(buckets.is_sorted_by_key(|(_, count)| *count), "each counts what is in those before it too: {text}");
    assert_eq!(buckets.last().unwrap().1, 3.0);
}

#[tokio::test]
async fn refusals_are_counted_by_reason() {
    let bench = Bench::with(|limits| limits.request_body_bytes = 3).await;
    bench.deploy("f", &modules::echo(), json!({ "annotations": { "com.gridchain.access": "owner" } })).await;
    bench.call("f", "").await;
    bench.admin(Method::POST, "/function/f").body("long").send().await.unwrap();
    assert_eq!(bench.metric("gateway_calls_refused_total{reason=\"unauthorized\"}").await, 1.0);
    assert_eq!(bench.metric("gateway_calls_refused_total{reason=\"body_too_large\"}").await, 1.0);
}

#[tokio::test]
async fn what_runs_now_is_seen_while_it_runs() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::sleeps(), timeout_ms(60_000)).await;
    let call = tokio::spawn(bench.anonymous(Method::POST, "/function/f").send());
    bench.until_metric("gateway_calls_in_flight", 1.0).await;
    bench.until_metric("gateway_memory_bytes", 65536.0).await;
    call.abort();
    bench.until_metric("gateway_calls_in_flight", 0.0).await;
    bench.until_metric("gateway_memory_bytes", 0.0).await;
}

#[tokio::test]
async fn metrics_have_an_address_and_a_health_of_their_own() {
    let bench = Bench::start().await;
    assert_eq!(bench.anonymous(Method::GET, "/metrics").send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let text = bench.metrics().await;
    assert!(text.ends_with("# EOF\n"), "{text}");
    let health = bench.metrics_url("/healthz");
    assert_eq!(bench.client.get(health).send().await.unwrap().text().await.unwrap(), "OK");
}
