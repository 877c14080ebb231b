//! Secrets: values go in, functions that name them read them, nobody else sees them.

#![allow(clippy::unwrap_used)]

use crate::support;

use futures::StreamExt as _;
use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use std::os::unix::fs::PermissionsExt as _;
use support::{assert_error, components, deployment, modules, Bench};

async fn secret(bench: &Bench, method: Method, body: Value) -> Response {
    bench.admin(method, "/system/secrets").json(&body).send().await.unwrap()
}

async fn create(bench: &Bench, name: &str, value: &str) {
    let response = secret(bench, Method::POST, json!({ "name": name, "value": value })).await;
    assert_eq!(response.status(), StatusCode::CREATED);
}

async fn answer(bench: &Bench, function: &str) -> String {
    let response = bench.call(function, "").await;
    assert_eq!(response.status(), StatusCode::OK, "{}", response.text().await.unwrap());
    response.text().await.unwrap()
}

/// What the host said when a function could not open a file.
async fn exit_status(bench: &Bench, function: &str) -> String {
    let error =
        assert_error(bench.call(function, "").await, StatusCode::INTERNAL_SERVER_ERROR, "function_exited").await;
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_function_reads_the_secret_it_names() {
    let bench = Bench::start().await;
    create(&bench, "key", "s3cret").await;
    bench.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    assert_eq!(answer(&bench, "f").await, "s3cret");
    assert_eq!(bench.status("f").await["secrets"], json!(["key"]));
}

#[tokio::test]
async fn a_component_reads_the_secret_it_names_as_a_command_does() {
    let bench = Bench::start().await;
    create(&bench, "key", "s3cret").await;
    bench.deploy_component("f", components::reads("key"), json!({ "secrets": ["key"] })).await;
    assert_eq!(answer(&bench, "f").await, "s3cret");
}

#[tokio::test]
async fn a_call_that_goes_on_over_an_update_keeps_its_secrets() {
    let bench = Bench::start().await;
    create(&bench, "key", "s3cret").await;
    bench.deploy_component("f", components::reads_when_told("key"), json!({ "secrets": ["key"] })).await;
    let (tell, body) = futures::channel::mpsc::unbounded::<Result<&'static str, std::io::Error>>();
    let request = bench.anonymous(Method::POST, "/function/f").body(reqwest::Body::wrap_stream(body));
    let mut answer = request.send().await.unwrap().bytes_stream();
    assert_eq!(answer.next().await.unwrap().unwrap(), ":");
    let image = bench.store(&modules::says("new")).await;
    assert_eq!(bench.send(Method::PUT, &deployment("f", &image, json!({}))).await.status(), StatusCode::ACCEPTED);
    tell.unbounded_send(Ok("go on")).unwrap();
    assert_eq!(answer.next().await.unwrap().unwrap(), "s3cret");
}

#[tokio::test]
async fn raw_values_are_bytes() {
    let bench = Bench::start().await;
    let response = secret(&bench, Method::POST, json!({ "name": "raw", "rawValue": "AP8K" })).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    bench.deploy("f", &modules::reads("raw"), json!({ "secrets": ["raw"] })).await;
    assert_eq!(bench.call("f", "").await.bytes().await.unwrap()[..], [0, 255, 10]);
}

#[tokio::test]
async fn a_function_sees_only_what_it_names() {
    let bench = Bench::start().await;
    create(&bench, "mine", "1").await;
    create(&bench, "other", "2").await;
    bench.deploy("lists", &modules::lists_its_folder(), json!({ "secrets": ["mine"] })).await;
    bench.deploy("reads", &modules::reads("other"), json!({ "secrets": ["mine"] })).await;
    let listed = answer(&bench, "lists").await;
    assert!(listed.contains("mine") && !listed.contains("other"), "{listed:?}");
    // 44 is ENOENT.
    assert!(exit_status(&bench, "reads").await.contains("status 44"));
}

#[tokio::test]
async fn a_function_cannot_leave_its_folder_nor_write_there() {
    let bench = Bench::start().await;
    create(&bench, "mine", "1").await;
    for (name, module) in [
        ("up", modules::reads("../aside")),
        ("root", modules::reads("/etc/passwd")),
        ("deep", modules::reads("mine/../../../gateway.redb")),
        ("new", modules::creates("new")),
        ("over", modules::creates("mine")),
    ] {
        bench.deploy(name, &module, json!({ "secrets": ["mine"] })).await;
        let said = exit_status(&bench, name).await;
        // 63 is EPERM, 69 EROFS, 76 ENOTCAPABLE, 54 ENOTDIR.
        assert!(
            ["63", "69", "76", "54"].iter().any(|status| said.contains(&format!("status {status}"))),
            "{name}: {said}"
        );
    }
}

#[tokio::test]
async fn a_function_without_secrets_has_no_folder() {
    let bench = Bench::start().await;
    create(&bench, "key", "x").await;
    bench.deploy("f", &modules::looks_for_folders(), json!({ "secrets": [] })).await;
    // 8 is EBADF: there is no third file.
    assert!(exit_status(&bench, "f").await.contains("status 8"));
}

#[tokio::test]
async fn a_changed_secret_is_seen_by_the_next_call() {
    let bench = Bench::start().await;
    create(&bench, "key", "one").await;
    bench.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    assert_eq!(answer(&bench, "f").await, "one");
    let response = secret(&bench, Method::PUT, json!({ "name": "key", "value": "two" })).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench, "f").await, "two");
}

#[tokio::test]
async fn an_annotation_mounts_a_secret_under_another_name() {
    let bench = Bench::start().await;
    create(&bench, "key-77", "s3cret").await;
    let fields = json!({ "annotations": { "com.gridchain.secret.key": "key-77" } });
    bench.deploy("f", &modules::reads("key"), fields).await;
    assert_eq!(answer(&bench, "f").await, "s3cret");
    let response = secret(&bench, Method::PUT, json!({ "name": "key-77", "value": "new" })).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench, "f").await, "new");
    let response = secret(&bench, Method::DELETE, json!({ "name": "key-77" })).await;
    assert_error(response, StatusCode::CONFLICT, "secret_in_use").await;
}

#[tokio::test]
async fn the_list_gives_names_and_never_values() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("/system/secrets").await, json!([]));
    create(&bench, "b", "hunter2").await;
    create(&bench, "a", "hunter3").await;
    let expected = json!([{ "name": "a", "namespace": "openfaas-fn" }, { "name": "b", "namespace": "openfaas-fn" }]);
    assert_eq!(bench.get("/system/secrets?namespace=openfaas-fn").await, expected);
}

#[tokio::test]
async fn what_exists_is_409_and_what_does_not_404() {
    let bench = Bench::start().await;
    create(&bench, "key", "one").await;
    let again = secret(&bench, Method::POST, json!({ "name": "key", "value": "two" })).await;
    assert_error(again, StatusCode::CONFLICT, "secret_exists").await;
    bench.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    assert_eq!(answer(&bench, "f").await, "one", "nothing was changed");
    for method in [Method::PUT, Method::DELETE] {
        let response = secret(&bench, method, json!({ "name": "other", "value": "x" })).await;
        assert_error(response, StatusCode::NOT_FOUND, "secret_not_found").await;
    }
}

#[tokio::test]
async fn secrets_of_one_name_in_two_namespaces_are_two() {
    let bench = Bench::start().await;
    bench.system(Method::POST, "/system/namespace/", json!({ "name": "team" })).await;
    create(&bench, "key", "default").await;
    let response = secret(&bench, Method::POST, json!({ "name": "key", "namespace": "team", "value": "team" })).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let fields = json!({ "secrets": ["key"], "namespace": "team" });
    bench.deploy("f", &modules::reads("key"), fields).await;
    assert_eq!(answer(&bench, "f.team").await, "team");
    let response = secret(&bench, Method::POST, json!({ "name": "key", "namespace": "nowhere", "value": "x" })).await;
    assert_error(response, StatusCode::BAD_REQUEST, "unknown_namespace").await;
}

#[tokio::test]
async fn a_deployment_that_names_an_unknown_secret_is_refused_and_changes_nothing() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::says("new")).await;
    let body = deployment("f", &image, json!({ "secrets": ["missing"] }));
    assert_error(bench.send(Method::POST, &body).await, StatusCode::BAD_REQUEST, "unknown_secret").await;
    assert_eq!(bench.call("f", "").await.status(), StatusCode::NOT_FOUND);
    bench.deploy("f", &modules::says("old"), json!({})).await;
    assert_error(bench.send(Method::PUT, &body).await, StatusCode::BAD_REQUEST, "unknown_secret").await;
    assert_eq!(answer(&bench, "f").await, "old");
}

#[tokio::test]
async fn a_secret_in_use_names_its_users_and_goes_when_they_have_gone() {
    let bench = Bench::start().await;
    create(&bench, "key", "x").await;
    bench.deploy("one", &modules::echo(), json!({ "secrets": ["key"] })).await;
    bench.deploy("two", &modules::echo(), json!({ "secrets": ["key"] })).await;
    let response = secret(&bench, Method::DELETE, json!({ "name": "key" })).await;
    let error = assert_error(response, StatusCode::CONFLICT, "secret_in_use").await;
    assert!(error["message"].as_str().unwrap().ends_with("one, two"), "{error}");
    bench.delete("one").await;
    let image = bench.store(&modules::echo()).await;
    bench.send(Method::PUT, &deployment("two", &image, json!({}))).await;
    assert_eq!(secret(&bench, Method::DELETE, json!({ "name": "key" })).await.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn bad_names_and_bad_values_are_400_and_show_nothing() {
    let bench = Bench::start().await;
    for name in ["", "..", "../key", "a/b", "A", "a_b", "ä", "a\u{0}"] {
        let response = secret(&bench, Method::POST, json!({ "name": name, "value": "x" })).await;
        assert_error(response, StatusCode::BAD_REQUEST, "invalid_name").await;
    }
    for body in [json!({ "name": "a" }), json!({ "name": "a", "rawValue": "hunter2!" })] {
        let error =
            assert_error(secret(&bench, Method::POST, body).await, StatusCode::BAD_REQUEST, "invalid_secret").await;
        assert!(!error.to_string().contains("hunter2"));
    }
    // The parser's own words would repeat what stands in the wrong place.
    for body in [r#"{"name":"a","value":"hunter2"#, r#"{"name":"a","value":["hunter2"]}"#, r#""hunter2""#] {
        let response = bench.admin(Method::POST, "/system/secrets").body(body).send().await.unwrap();
        let error = assert_error(response, StatusCode::BAD_REQUEST, "bad_json").await;
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn secrets_survive_a_restart_and_leave_no_files_behind() {
    let mut bench = Bench::start().await;
    create(&bench, "key", "kept").await;
    bench.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    bench.restart().await;
    assert_eq!(answer(&bench, "f").await, "kept");
    let folders = || std::fs::read_dir(bench.state.path().join("state/secrets")).unwrap().count();
    // One function's, and the one for files that are being written.
    assert_eq!(folders(), 2);
    let image = bench.store(&modules::reads("key")).await;
    bench.send(Method::PUT, &deployment("f", &image, json!({ "secrets": ["key"] }))).await;
    bench.delete("f").await;
    for _ in 0..500 {
        if folders() == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{} folders are left", folders());
}

#[tokio::test]
async fn everything_on_disk_is_this_users_alone() {
    let bench = Bench::start().await;
    create(&bench, "key", "x").await;
    bench.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    let mut folders = vec![bench.state.path().join("state")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}
