//! Replicas as OpenFaaS' clients ask for and see them, and the count of calls.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use support::{assert_error, deployment, modules, Bench};

async fn scale(bench: &Bench, name: &str, replicas: u64) -> Response {
    let body = json!({ "serviceName": name, "replicas": replicas });
    bench.admin(Method::POST, &format!("/system/scale-function/{name}")).json(&body).send().await.unwrap()
}

fn replicas(status: &Value) -> (u64, u64) {
    let number = |field: &str| status.get(field).map_or(0, |number| number.as_u64().unwrap());
    (number("replicas"), number("availableReplicas"))
}

#[tokio::test]
async fn a_wish_is_shown() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    assert_eq!(scale(&bench, "f", 3).await.status(), StatusCode::ACCEPTED);
    assert_eq!(replicas(&bench.status("f").await), (3, 3));
}

#[tokio::test]
async fn a_function_at_zero_answers_and_wakes() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.call("f", "").await;
    assert_eq!(scale(&bench, "f", 0).await.status(), StatusCode::ACCEPTED);
    assert_eq!(replicas(&bench.status("f").await), (0, 0));
    assert_eq!(bench.call("f", "").await.status(), StatusCode::OK);
    assert_eq!(replicas(&bench.status("f").await), (1, 1));
}

#[tokio::test]
async fn a_caller_who_is_not_let_in_wakes_nothing() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({ "annotations": { "com.gridchain.access": "owner" } })).await;
    scale(&bench, "f", 0).await;
    assert_eq!(bench.call("f", "").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(replicas(&bench.status("f").await), (0, 0));
}

#[tokio::test]
async fn labels_give_the_least_and_the_most() {
    let bench = Bench::start().await;
    let fields = json!({ "labels": { "com.openfaas.scale.min": "2", "com.openfaas.scale.max": "4" } });
    bench.deploy("f", &modules::echo(), fields.clone()).await;
    assert_eq!(replicas(&bench.status("f").await), (2, 2));
    scale(&bench, "f", 9).await;
    assert_eq!(replicas(&bench.status("f").await), (4, 4));
    scale(&bench, "f", 0).await;
    bench.call("f", "").await;
    assert_eq!(replicas(&bench.status("f").await), (2, 2));
    // An update begins anew.
    scale(&bench, "f", 3).await;
    let image = bench.store(&modules::echo()).await;
    bench.send(Method::PUT, &deployment("f", &image, fields)).await;
    assert_eq!(replicas(&bench.status("f").await), (2, 2));
}

#[tokio::test]
async fn a_misspelt_label_is_refused() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let body = deployment("f", &image, json!({ "labels": { "com.openfaas.scale.min": "two" } }));
    assert_error(bench.send(Method::POST, &body).await, StatusCode::BAD_REQUEST, "invalid_scale").await;
}

#[tokio::test]
async fn what_cannot_be_scaled_is_told_why() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    assert_error(scale(&bench, "g", 1).await, StatusCode::NOT_FOUND, "function_not_found").await;
    for (body, code) in [
        (json!({ "replicas": 1 }), "bad_json"),
        (json!({ "serviceName": "g", "replicas": 1 }), "name_mismatch"),
        (json!({ "serviceName": "f", "replicas": -1 }), "bad_json"),
        (json!("f"), "bad_json"),
    ] {
        let response = bench.admin(Method::POST, "/system/scale-function/f").json(&body).send().await.unwrap();
        assert_error(response, StatusCode::BAD_REQUEST, code).await;
    }
    assert_eq!(replicas(&bench.status("f").await), (1, 1));
}

#[tokio::test]
async fn wishes_and_counts_survive_a_restart() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.deploy("asleep", &modules::echo(), json!({})).await;
    for _ in 0..3 {
        bench.call("f", "").await;
    }
    bench.call("asleep", "").await;
    scale(&bench, "f", 3).await;
    scale(&bench, "asleep", 0).await;
    bench.restart().await;
    assert_eq!(replicas(&bench.status("f").await), (3, 3));
    assert_eq!(bench.status("f").await["invocationCount"], 3.0);
    assert_eq!(replicas(&bench.status("asleep").await), (0, 0));
    bench.call("asleep", "").await;
    assert_eq!(replicas(&bench.status("asleep").await), (1, 1));
    assert_eq!(bench.status("asleep").await["invocationCount"], 2.0);
}

#[tokio::test]
async fn a_function_deployed_anew_counts_from_zero_also_after_a_restart() {
    let mut bench = Bench::start().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.call("f", "").await;
    bench.restart().await;
    bench.delete("f").await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    bench.restart().await;
    assert_eq!(bench.status("f").await["invocationCount"], 0.0);
}
