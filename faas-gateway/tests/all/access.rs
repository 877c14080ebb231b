//! Who may do what.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{header, Method, Response, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use support::{assert_error, modules, Bench, PASSWORD, USER};

fn access(text: &str) -> Value {
    json!({ "annotations": { "com.gridchain.access": text } })
}

async fn call_with(bench: &Bench, name: &str, authorization: &str) -> Response {
    let request = bench.anonymous(Method::POST, &format!("/function/{name}"));
    request.header(header::AUTHORIZATION, authorization).send().await.unwrap()
}

#[tokio::test]
async fn everything_under_system_wants_the_administrator() {
    let bench = Bench::start().await;
    let paths = ["/system/functions", "/system/function/f", "/system/info", "/system/modules/00", "/system/nothing"];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let response = bench.anonymous(method, path).send().await.unwrap();
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Basic realm=\"Restricted\"");
            let error = assert_error(response, StatusCode::UNAUTHORIZED, "unauthorized").await;
            assert_eq!(error["message"], "invalid credentials");
        }
    }
}

#[tokio::test]
async fn administration_with_an_address_of_its_own_is_nowhere_else() {
    let mut bench = Bench::down_with(|_| ());
    bench.apart = true;
    bench.up().await;
    bench.deploy("f", &modules::echo(), json!({})).await;
    for path in ["/system/functions", "/system/info", "/system/logs?name=f"] {
        let request = bench.anonymous(Method::GET, path).basic_auth(USER, Some(PASSWORD));
        assert_error(request.send().await.unwrap(), StatusCode::NOT_FOUND, "not_found").await;
        assert_eq!(bench.admin(Method::GET, path).send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
    for request in [bench.anonymous(Method::POST, "/function/f"), bench.admin(Method::POST, "/function/f")] {
        assert_eq!(request.body("x").send().await.unwrap().text().await.unwrap(), "x");
    }
    bench.restart().await;
    assert_eq!(bench.anonymous(Method::GET, "/healthz").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let bench = Bench::start().await;
    for (user, password) in [(USER, "wrong"), ("other", PASSWORD), (USER, ""), ("", PASSWORD), (USER, "correct hors")] {
        let request = bench.anonymous(Method::GET, "/system/functions").basic_auth(user, Some(password));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{user}:{password}");
    }
    let request = bench.anonymous(Method::GET, "/system/functions").bearer_auth(PASSWORD);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_method_is_405_and_an_unknown_path_404() {
    let bench = Bench::start().await;
    for (method, path) in [
        (Method::PATCH, "/system/functions"),
        (Method::POST, "/system/function/f"),
        (Method::POST, "/system/info"),
        (Method::GET, "/system/modules/00"),
        (Method::POST, "/healthz"),
        (Method::POST, "/"),
        (Method::PATCH, "/system/secrets"),
        (Method::DELETE, "/system/namespaces"),
        (Method::PATCH, "/system/namespace/x"),
        (Method::GET, "/system/scale-function/f"),
        (Method::POST, "/system/logs"),
        (Method::GET, "/system/alert"),
        (Method::GET, "/async-function/f"),
        (Method::TRACE, "/async-function/f"),
        (Method::TRACE, "/system/functions"),
    ] {
        let response = bench.admin(method, path).send().await.unwrap();
        assert_error(response, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").await;
    }
    for path in ["/system/nothing", "/system/telemetry", "/nothing", "/ui/"] {
        assert_error(bench.admin(Method::GET, path).send().await.unwrap(), StatusCode::NOT_FOUND, "not_found").await;
    }
}

#[tokio::test]
async fn health_is_public_and_info_is_complete() {
    let bench = Bench::start().await;
    let response = bench.anonymous(Method::GET, "/healthz").send().await.unwrap();
    assert_eq!((response.status(), response.text().await.unwrap().as_str()), (StatusCode::OK, "OK"));
    let info: Value = bench.admin(Method::GET, "/system/info").send().await.unwrap().json().await.unwrap();
    for pointer in [
        "/provider/provider",
        "/provider/orchestration",
        "/provider/version/sha",
        "/provider/version/release",
        "/version/sha",
        "/version/release",
        "/arch",
    ] {
        assert!(info.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{pointer}");
    }
}

#[tokio::test]
async fn an_alert_is_told_that_nothing_scales() {
    let bench = Bench::start().await;
    let response =
        bench.admin(Method::POST, "/system/alert").json(&json!({ "status": "firing" })).send().await.unwrap();
    assert_error(response, StatusCode::NOT_IMPLEMENTED, "not_implemented").await;
}

#[tokio::test]
async fn the_front_page_says_what_this_is() {
    let bench = Bench::start().await;
    let response = bench.anonymous(Method::GET, "/").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.text().await.unwrap().starts_with("faas-gateway "));
}

#[tokio::test]
async fn a_wrong_password_waits_and_the_right_one_does_not_wait_for_it() {
    let bench = Bench::start().await;
    let began = std::time::Instant::now();
    let guesses = (0..50)
        .map(|n| bench.anonymous(Method::GET, "/system/info").basic_auth(USER, Some(format!("guess {n}"))).send());
    let guesses = async {
        let guesses = futures::future::join_all(guesses).await;
        (guesses, began.elapsed())
    };
    let right = async {
        let status = bench.admin(Method::GET, "/system/info").send().await.unwrap().status();
        (status, began.elapsed())
    };
    let ((status, returned), (guesses, refused)) = futures::join!(right, guesses);
    assert!(refused >= std::time::Duration::from_millis(200));
    assert!(guesses.into_iter().all(|guess| guess.unwrap().status() == StatusCode::UNAUTHORIZED));
    assert_eq!(status, StatusCode::OK);
    assert!(returned < refused, "{returned:?}, {refused:?}");
}

#[tokio::test]
async fn a_public_function_is_for_everybody() {
    let bench = Bench::start().await;
    bench.deploy("open", &modules::says("hi"), access("public")).await;
    assert_eq!(bench.call("open", "").await.status(), StatusCode::OK);
    assert_eq!(call_with(&bench, "open", "Bearer whatever").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_owners_function_is_for_the_administrator_only() {
    let bench = Bench::start().await;
    bench.deploy("mine", &modules::says("hi"), access("owner")).await;
    assert_error(bench.call("mine", "").await, StatusCode::UNAUTHORIZED, "unauthorized").await;
    let response = call_with(&bench, "mine", "Bearer whatever").await;
    assert_error(response, StatusCode::UNAUTHORIZED, "unauthorized").await;
    let response = bench.admin(Method::POST, "/function/mine").send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "hi");
}

#[tokio::test]
async fn a_token_function_is_for_the_tokens_holder_and_the_administrator() {
    let bench = Bench::start().await;
    let digest = hex::encode(Sha256::digest("s3cret"));
    bench.deploy("shared", &modules::says("hi"), access(&format!("token-sha256:{digest}"))).await;
    assert_eq!(call_with(&bench, "shared", "Bearer s3cret").await.status(), StatusCode::OK);
    assert_eq!(bench.admin(Method::GET, "/function/shared").send().await.unwrap().status(), StatusCode::OK);
    let response = bench.call("shared", "").await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"function\"");
    assert_error(response, StatusCode::UNAUTHORIZED, "unauthorized").await;
    // Not the digest of the token, either: who can read the deployment cannot call.
    for wrong in ["Bearer other", "Bearer s3cret2", &format!("Bearer {digest}"), "s3cret"] {
        let response = call_with(&bench, "shared", wrong).await;
        assert_error(response, StatusCode::UNAUTHORIZED, "unauthorized").await;
    }
}

#[tokio::test]
async fn access_changes_with_an_update() {
    let bench = Bench::start().await;
    bench.deploy("f", &modules::says("hi"), access("public")).await;
    let image = bench.store(&modules::says("hi")).await;
    bench.send(Method::PUT, &support::deployment("f", &image, access("owner"))).await;
    assert_eq!(bench.call("f", "").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_misspelt_access_is_not_deployed() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let response = bench.send(Method::POST, &support::deployment("f", &image, access("privat"))).await;
    assert_error(response, StatusCode::BAD_REQUEST, "invalid_access").await;
}

#[tokio::test]
async fn no_function_sees_the_administrators_password() {
    let bench = Bench::start().await;
    bench.deploy("env", &modules::environment(), json!({})).await;
    let text = bench.admin(Method::GET, "/function/env").send().await.unwrap().text().await.unwrap();
    assert!(!text.contains("Authorization"), "{text}");
}
