//! Namespaces: rooms for functions and secrets of the same names.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, StatusCode};
use serde_json::{json, Value};
use support::{assert_error, deployment, modules, Bench};

async fn create(bench: &Bench, name: &str) -> StatusCode {
    bench.system(Method::POST, "/system/namespace/", json!({ "name": name })).await
}

#[tokio::test]
async fn a_namespace_is_made_described_changed_and_removed() {
    let bench = Bench::start().await;
    let body = json!({ "name": "team", "labels": { "openfaas": "1" }, "annotations": { "a": "b" } });
    assert_eq!(bench.system(Method::POST, "/system/namespace/", body.clone()).await, StatusCode::CREATED);
    assert_eq!(bench.get("/system/namespace/team").await, body);
    assert_eq!(bench.get("/system/namespaces").await, json!(["openfaas-fn", "team"]));
    let changed = json!({ "name": "team", "labels": { "x": "y" } });
    assert_eq!(bench.system(Method::PUT, "/system/namespace/team", changed.clone()).await, StatusCode::ACCEPTED);
    assert_eq!(bench.get("/system/namespace/team").await, changed);
    let body = json!({ "name": "team" });
    assert_eq!(bench.system(Method::DELETE, "/system/namespace/team", body).await, StatusCode::ACCEPTED);
    assert_eq!(bench.get("/system/namespaces").await, json!(["openfaas-fn"]));
}

#[tokio::test]
async fn the_name_may_stand_in_the_path() {
    let bench = Bench::start().await;
    assert_eq!(bench.system(Method::POST, "/system/namespace/one", json!({})).await, StatusCode::CREATED);
    let status = bench.admin(Method::DELETE, "/system/namespace/one").send().await.unwrap().status();
    assert_eq!(status, StatusCode::ACCEPTED, "without a body");
    let response = bench.admin(Method::POST, "/system/namespace/one").json(&json!({ "name": "two" })).send();
    assert_error(response.await.unwrap(), StatusCode::BAD_REQUEST, "name_mismatch").await;
}

#[tokio::test]
async fn what_exists_is_409_and_what_does_not_404() {
    let bench = Bench::start().await;
    assert_eq!(create(&bench, "team").await, StatusCode::CREATED);
    let again = bench.admin(Method::POST, "/system/namespace/").json(&json!({ "name": "team" })).send();
    assert_error(again.await.unwrap(), StatusCode::CONFLICT, "namespace_exists").await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let response = bench.admin(method, "/system/namespace/other").json(&json!({})).send().await.unwrap();
        assert_error(response, StatusCode::NOT_FOUND, "namespace_not_found").await;
    }
}

#[tokio::test]
async fn names_are_dns_labels() {
    let bench = Bench::start().await;
    for name in ["", "A", "a.b", "..", "a/b", "-a", "ä", "a b"] {
        let response = bench.admin(Method::POST, "/system/namespace/").json(&json!({ "name": name })).send();
        assert_error(response.await.unwrap(), StatusCode::BAD_REQUEST, "invalid_name").await;
    }
}

#[tokio::test]
async fn the_default_namespace_stays() {
    let bench = Bench::start().await;
    let response = bench.admin(Method::DELETE, "/system/namespace/openfaas-fn").send().await.unwrap();
    assert_error(response, StatusCode::BAD_REQUEST, "default_namespace").await;
    assert_eq!(create(&bench, "openfaas-fn").await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_namespace_that_holds_something_stays() {
    let bench = Bench::start().await;
    create(&bench, "team").await;
    bench.deploy("f", &modules::echo(), json!({ "namespace": "team" })).await;
    let delete = || async { bench.admin(Method::DELETE, "/system/namespace/team").send().await.unwrap() };
    assert_error(delete().await, StatusCode::CONFLICT, "namespace_not_empty").await;
    let body = json!({ "functionName": "f", "namespace": "team" });
    assert_eq!(bench.system(Method::DELETE, "/system/functions", body).await, StatusCode::ACCEPTED);
    let secret = json!({ "name": "key", "namespace": "team", "value": "x" });
    assert_eq!(bench.system(Method::POST, "/system/secrets", secret.clone()).await, StatusCode::CREATED);
    assert_error(delete().await, StatusCode::CONFLICT, "namespace_not_empty").await;
    bench.system(Method::DELETE, "/system/secrets", secret).await;
    assert_eq!(delete().await.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn functions_of_one_name_in_two_namespaces_are_two() {
    let bench = Bench::start().await;
    create(&bench, "team").await;
    bench.deploy("f", &modules::says("default"), json!({})).await;
    bench.deploy("f", &modules::says("team"), json!({ "namespace": "team" })).await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "default");
    assert_eq!(bench.call("f.openfaas-fn", "").await.text().await.unwrap(), "default");
    assert_eq!(bench.call("f.team/deep/path?x=1", "").await.text().await.unwrap(), "team");
    let status = bench.get("/system/function/f?namespace=team").await;
    assert_eq!((&status["name"], &status["namespace"]), (&json!("f"), &json!("team")));
    assert_eq!(bench.get("/system/functions?namespace=team").await.as_array().unwrap().len(), 1);
    assert_eq!(bench.get("/system/functions").await[0]["namespace"], "openfaas-fn");
    let image = bench.store(&modules::says("new")).await;
    let update = deployment("f", &image, json!({ "namespace": "team" }));
    assert_eq!(bench.send(Method::PUT, &update).await.status(), StatusCode::ACCEPTED);
    assert_eq!(bench.call("f.team", "").await.text().await.unwrap(), "new");
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "default");
}

#[tokio::test]
async fn deletes_namespace_stands_in_the_body_or_in_the_query() {
    let bench = Bench::start().await;
    create(&bench, "team").await;
    for in_query in [true, false] {
        bench.deploy("f", &modules::echo(), json!({})).await;
        bench.deploy("f", &modules::echo(), json!({ "namespace": "team" })).await;
        let (path, body) = if in_query {
            ("/system/functions?namespace=team", json!({ "functionName": "f" }))
        } else {
            ("/system/functions", json!({ "functionName": "f", "namespace": "team" }))
        };
        assert_eq!(bench.system(Method::DELETE, path, body).await, StatusCode::ACCEPTED);
        assert_eq!(bench.call("f.team", "").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(bench.call("f", "x").await.status(), StatusCode::OK);
        bench.delete("f").await;
    }
}

#[tokio::test]
async fn nothing_is_deployed_into_a_namespace_that_does_not_exist() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let body = deployment("f", &image, json!({ "namespace": "other" }));
    assert_error(bench.send(Method::POST, &body).await, StatusCode::BAD_REQUEST, "unknown_namespace").await;
    assert_error(bench.send(Method::PUT, &body).await, StatusCode::NOT_FOUND, "function_not_found").await;
    assert_eq!(bench.get("/system/functions?namespace=other").await, json!([]));
    assert_error(bench.call(".other", "").await, StatusCode::NOT_FOUND, "function_not_found").await;
}

#[tokio::test]
async fn namespaces_and_what_they_hold_survive_a_restart() {
    let mut bench = Bench::start().await;
    create(&bench, "empty").await;
    create(&bench, "team").await;
    bench.deploy("f", &modules::says("team"), json!({ "namespace": "team" })).await;
    let before: Value = bench.get("/system/namespaces").await;
    bench.restart().await;
    assert_eq!(bench.get("/system/namespaces").await, before);
    assert_eq!(bench.call("f.team", "").await.text().await.unwrap(), "team");
}
