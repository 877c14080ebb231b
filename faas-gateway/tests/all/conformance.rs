//! OpenFaaS' client and its certifier, replayed: the requests in the order in which they are sent, and what must come
//! back for the client to go on. Each test is one command or one group of checks.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use std::time::Duration;
use support::{hook::Hook, modules, Bench};

/// What the client takes for success.
const OK: [StatusCode; 3] = [StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED];

async fn send(bench: &Bench, method: Method, path: &str, body: &Value) -> Response {
    bench.admin(method, path).json(body).send().await.unwrap()
}

/// `faas-cli deploy`: maps that are not set are sent empty.
fn deployment(name: &str, image: &str) -> Value {
    json!({
        "service": name, "image": image, "envProcess": "", "envVars": {}, "constraints": null, "secrets": [],
        "labels": {}, "annotations": {}, "limits": null, "requests": null, "readOnlyRootFilesystem": false,
    })
}

async fn deploy(bench: &Bench, body: &Value) {
    let put = send(bench, Method::PUT, "/system/functions", body).await;
    if put.status() == StatusCode::NOT_FOUND {
        let post = send(bench, Method::POST, "/system/functions", body).await;
        assert!(OK.contains(&post.status()), "{}", post.text().await.unwrap());
        return;
    }
    assert!(OK.contains(&put.status()), "{}", put.text().await.unwrap());
}

#[tokio::test]
async fn login_lists_functions_with_basic_auth() {
    let bench = Bench::start().await;
    assert_eq!(bench.admin(Method::GET, "/system/functions").send().await.unwrap().status(), StatusCode::OK);
    let wrong = bench.anonymous(Method::GET, "/system/functions").basic_auth("admin", Some("wrong"));
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn deploy_puts_then_posts_and_the_second_time_only_puts() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let body = deployment("figlet", &image);
    let first = send(&bench, Method::PUT, "/system/functions", &body).await;
    assert_eq!(first.status(), StatusCode::NOT_FOUND);
    deploy(&bench, &body).await;
    let second = send(&bench, Method::PUT, "/system/functions", &body).await;
    assert!(OK.contains(&second.status()));
}

#[tokio::test]
async fn deploy_with_replace_deletes_and_posts() {
    let bench = Bench::start().await;
    let body = deployment("figlet", &bench.store(&modules::echo()).await);
    for _ in 0..2 {
        // Whether there was one is ignored.
        send(&bench, Method::DELETE, "/system/functions", &json!({ "functionName": "figlet" })).await;
        assert!(OK.contains(&send(&bench, Method::POST, "/system/functions", &body).await.status()));
    }
}

#[tokio::test]
async fn list_describe_and_ready_find_what_they_need() {
    let bench = Bench::start().await;
    deploy(&bench, &deployment("figlet", &bench.store(&modules::echo()).await)).await;
    bench.call("figlet", "").await;
    let list = bench.get("/system/functions").await;
    assert_eq!(
        (&list[0]["name"], &list[0]["invocationCount"], &list[0]["replicas"]),
        (&json!("figlet"), &json!(1.0), &json!(1))
    );
    let status = bench.get("/system/function/figlet?usage=1").await;
    assert_eq!(status["availableReplicas"], 1);
    for field in ["cpu", "totalMemoryBytes"] {
        assert!(status["usage"][field].is_number(), "{field}");
    }
    assert!(humantime::parse_rfc3339(status["createdAt"].as_str().unwrap()).is_ok());
    assert_eq!(bench.anonymous(Method::GET, "/healthz").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn invoke_adds_the_default_namespace_and_sends_no_credentials() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    deploy(&bench, &deployment("echo", &bench.store(&modules::echo()).await)).await;
    let response = bench.call("echo.openfaas-fn", "hello").await;
    assert_eq!((response.status(), response.text().await.unwrap().as_str()), (StatusCode::OK, "hello"));
    let response = bench.call_later("echo.openfaas-fn", "later", &hook).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert!(response.headers().contains_key("x-call-id"));
    assert_eq!(hook.until(|got| got.len() == 1).await[0].body, "later");
}

#[tokio::test]
async fn scale_sends_the_name_twice() {
    let bench = Bench::start().await;
    deploy(&bench, &deployment("f", &bench.store(&modules::echo()).await)).await;
    // Zero is left out by clients written in Go.
    let body = json!({ "serviceName": "f" });
    assert!(OK.contains(&send(&bench, Method::POST, "/system/scale-function/f", &body).await.status()));
    assert_eq!(bench.status("f").await["replicas"], 0);
    assert_eq!(bench.call("f", "").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn secret_create_with_replace_puts_after_a_409() {
    let bench = Bench::start().await;
    let secret = |value: &str| json!({ "name": "api-key", "namespace": "openfaas-fn", "value": value });
    assert!(OK.contains(&send(&bench, Method::POST, "/system/secrets", &secret("one")).await.status()));
    assert_eq!(send(&bench, Method::POST, "/system/secrets", &secret("two")).await.status(), StatusCode::CONFLICT);
    assert!(OK.contains(&send(&bench, Method::PUT, "/system/secrets", &secret("two")).await.status()));
    let list = bench.get("/system/secrets?namespace=openfaas-fn").await;
    assert_eq!(list, json!([{ "name": "api-key", "namespace": "openfaas-fn" }]));
    let mut body = deployment("f", &bench.store(&modules::reads("api-key")).await);
    body["secrets"] = json!(["api-key"]);
    deploy(&bench, &body).await;
    assert_eq!(bench.call("f", "").await.text().await.unwrap(), "two");
    send(&bench, Method::DELETE, "/system/functions", &json!({ "functionName": "f" })).await;
    let remove = json!({ "name": "api-key", "namespace": "openfaas-fn" });
    assert!(OK.contains(&send(&bench, Method::DELETE, "/system/secrets", &remove).await.status()));
}

#[tokio::test]
async fn logs_follow_from_the_beginning_by_default() {
    let bench = Bench::start().await;
    deploy(&bench, &deployment("f", &bench.store(&modules::complains("line")).await)).await;
    bench.call("f", "").await;
    let request = bench.admin(Method::GET, "/system/logs?follow=true&name=f&tail=-1&namespace=openfaas-fn");
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let chunk = tokio::time::timeout(Duration::from_secs(30), response.chunk()).await.unwrap().unwrap().unwrap();
    let line: Value = serde_json::from_slice(&chunk).unwrap();
    for field in ["name", "namespace", "instance", "timestamp", "text"] {
        assert!(line[field].is_string(), "{field}");
    }
}

#[tokio::test]
async fn namespaces_are_made_at_a_path_without_a_name_and_deleted_with_a_body() {
    let bench = Bench::start().await;
    let body = json!({ "name": "dev", "labels": { "openfaas": "1" }, "annotations": {} });
    assert!(OK.contains(&send(&bench, Method::POST, "/system/namespace/", &body).await.status()));
    assert_eq!(bench.get("/system/namespaces").await, json!(["dev", "openfaas-fn"]));
    assert_eq!(bench.get("/system/namespace/dev").await["labels"]["openfaas"], "1");
    assert!(OK.contains(&send(&bench, Method::PUT, "/system/namespace/dev", &body).await.status()));
    assert!(OK.contains(&send(&bench, Method::DELETE, "/system/namespace/dev", &body).await.status()));
}

#[tokio::test]
async fn remove_takes_the_namespace_where_old_and_new_clients_put_it() {
    let bench = Bench::start().await;
    let body = deployment("f", &bench.store(&modules::echo()).await);
    for (path, request) in [
        ("/system/functions", json!({ "functionName": "f", "namespace": "openfaas-fn" })),
        ("/system/functions?namespace=openfaas-fn", json!({ "functionName": "f" })),
    ] {
        deploy(&bench, &body).await;
        assert!(OK.contains(&send(&bench, Method::DELETE, path, &request).await.status()));
        assert_eq!(send(&bench, Method::DELETE, path, &request).await.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn version_names_gateway_and_provider() {
    let bench = Bench::start().await;
    let info = bench.get("/system/info").await;
    for pointer in [
        "/provider/provider",
        "/provider/orchestration",
        "/provider/version/release",
        "/provider/version/sha",
        "/version/release",
        "/version/sha",
        "/arch",
    ] {
        assert!(info.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{pointer}");
    }
}

#[tokio::test]
async fn no_success_is_204() {
    let bench = Bench::start().await;
    let body = deployment("f", &bench.store(&modules::echo()).await);
    let secret = json!({ "name": "key", "value": "x" });
    let namespace = json!({ "name": "dev" });
    for (method, path, body) in [
        (Method::POST, "/system/functions", &body),
        (Method::PUT, "/system/functions", &body),
        (Method::POST, "/system/scale-function/f", &json!({ "serviceName": "f", "replicas": 2 })),
        (Method::POST, "/system/secrets", &secret),
        (Method::PUT, "/system/secrets", &secret),
        (Method::DELETE, "/system/secrets", &secret),
        (Method::POST, "/system/namespace/", &namespace),
        (Method::PUT, "/system/namespace/dev", &namespace),
        (Method::DELETE, "/system/namespace/dev", &namespace),
        (Method::DELETE, "/system/functions", &json!({ "functionName": "f" })),
    ] {
        let status = send(&bench, method.clone(), path, body).await.status();
        assert!(OK.contains(&status), "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn status_echoes_a_deployment_as_it_was_sent() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let sent = json!({
        "service": "f", "image": image, "envProcess": "cat -n", "envVars": { "greeting": "hi" },
        "labels": { "upstream_api": "x" }, "annotations": { "topic": "a", "json": "{\n  \"a\": [1]\n}\n" },
        "limits": { "memory": "5Mi", "cpu": "100m" }, "requests": { "memory": "5Mi", "cpu": "100m" },
        "constraints": ["node.platform.os == linux"], "readOnlyRootFilesystem": true,
    });
    deploy(&bench, &sent).await;
    let status = bench.get("/system/function/f?namespace=openfaas-fn").await;
    for (field, value) in
        sent.as_object().unwrap().iter().filter(|(field, _)| !["service", "labels"].contains(&field.as_str()))
    {
        assert_eq!(status[field], *value, "{field}");
    }
    assert_eq!(status["notHonoured"], json!(["limits.cpu", "constraints"]));
    assert_eq!(status["labels"], json!({ "upstream_api": "x", "faas_function": "f" }));
    assert_eq!((&status["name"], &status["namespace"]), (&json!("f"), &json!("openfaas-fn")));
    let small = json!({ "service": "g", "image": image });
    deploy(&bench, &small).await;
    let status = bench.status("g").await;
    for field in ["envVars", "annotations", "secrets", "limits", "requests", "constraints", "envProcess", "notHonoured"]
    {
        assert!(status.get(field).is_none(), "{field} was absent");
    }
}

#[tokio::test]
async fn a_call_of_an_empty_name_is_404() {
    let bench = Bench::start().await;
    bench.system(Method::POST, "/system/namespace/", json!({ "name": "dev" })).await;
    for name in ["", ".dev", ".openfaas-fn"] {
        assert_eq!(bench.call(name, "").await.status(), StatusCode::NOT_FOUND, "{name:?}");
    }
}

#[tokio::test]
async fn five_verbs_arrive_with_id_and_time_and_query() {
    let bench = Bench::start().await;
    let mut body = deployment("env", &bench.store(&modules::environment()).await);
    body["envVars"] = json!({ "custom_env": "custom_value" });
    deploy(&bench, &body).await;
    for verb in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let request = bench.anonymous(verb.clone(), "/function/env?testing=1").send().await.unwrap();
        assert!(request.headers().contains_key("x-call-id") && request.headers().contains_key("x-start-time"));
        let text = request.text().await.unwrap();
        for expected in [
            &format!("Http_Method={verb}"),
            "custom_env=custom_value",
            "Http_Query=testing=1",
            "Http_X_Call_Id=",
            "Http_X_Start_Time=",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[tokio::test]
async fn scale_min_holds_from_the_deployment_on_and_zero_wakes_to_it() {
    let bench = Bench::start().await;
    let mut body = deployment("f", &bench.store(&modules::echo()).await);
    body["labels"] = json!({ "com.openfaas.scale.min": "2", "com.openfaas.scale.max": "2" });
    deploy(&bench, &body).await;
    assert_eq!(bench.status("f").await["replicas"], 2);
    send(&bench, Method::POST, "/system/scale-function/f", &json!({ "serviceName": "f", "replicas": 0 })).await;
    assert_eq!(bench.status("f").await["replicas"], 0);
    assert_eq!(bench.call("f", "").await.status(), StatusCode::OK);
    assert_eq!(bench.status("f").await["replicas"], 2);
}
