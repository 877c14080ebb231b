//! Code from files and from registries.

#![allow(clippy::unwrap_used)]

#[path = "../support/registry.rs"]
mod registry;
use crate::support;

use registry::Registry;
use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use std::{fs, time::Duration};
use support::{assert_error, components, deployment, modules, Bench};

const WASM: &str = "application/wasm";
const OLDER_WASM: &str = "application/vnd.wasm.content.layer.v1+wasm";

fn says(text: &str) -> Vec<u8> {
    wat::parse_str(modules::says(text)).unwrap()
}

/// A gateway that takes images from these registries.
async fn bench_of(hosts: &[&str]) -> Bench {
    let mut bench = Bench::down_with(|limits| limits.module_bytes = 100_000);
    bench.sources.insecure_registries = hosts.iter().map(|host| (*host).to_owned()).collect();
    bench.up().await;
    bench
}

async fn deploy(bench: &Bench, method: Method, image: &str) -> Response {
    bench.send(method, &deployment("f", image, json!({}))).await
}

async fn answer(bench: &Bench) -> String {
    bench.call("f", "").await.text().await.unwrap()
}

#[tokio::test]
async fn an_image_of_a_registry_is_deployed_by_tag_and_by_digest() {
    let registry = Registry::start(false).await;
    let bench = bench_of(&[&registry.host]).await;
    let tagged = registry.push("team/f:1", &says("one"), WASM).await.to_string();
    assert_eq!(deploy(&bench, Method::POST, &tagged).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "one");
    // As it was written, not as it was understood.
    assert_eq!(bench.status("f").await["image"], tagged);
    let manifest = bench.client.get(format!("http://{}/v2/team/f/manifests/1", registry.host));
    let manifest = manifest.header("accept", "application/vnd.oci.image.manifest.v1+json").send().await.unwrap();
    let digest = manifest.headers()["docker-content-digest"].to_str().unwrap().to_owned();
    let pinned = format!("oci://{}/team/f@{digest}", registry.host);
    assert_eq!(deploy(&bench, Method::PUT, &pinned).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "one");
}

#[tokio::test]
async fn both_media_types_and_both_kinds_are_taken() {
    let registry = Registry::start(false).await;
    let bench = bench_of(&[&registry.host]).await;
    let component = components::says(200, ("x-kind", "component"), "two");
    let images = [registry.push("f:1", &says("one"), OLDER_WASM).await, registry.push("f:2", &component, WASM).await];
    assert_eq!(deploy(&bench, Method::POST, &images[0].to_string()).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "one");
    assert_eq!(deploy(&bench, Method::PUT, &images[1].to_string()).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "two");
}

#[tokio::test]
async fn a_tag_that_moves_changes_nothing_until_the_next_deployment() {
    let mut registry = Registry::start(false).await;
    let mut bench = bench_of(&[&registry.host]).await;
    let image = registry.push("f:latest", &says("one"), WASM).await.to_string();
    deploy(&bench, Method::POST, &image).await;
    registry.push("f:latest", &says("two"), WASM).await;
    assert_eq!(answer(&bench).await, "one");
    assert_eq!(deploy(&bench, Method::PUT, &image).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "two");
    // A restart needs no registry.
    registry.stop();
    bench.restart().await;
    assert_eq!(answer(&bench).await, "two");
}

#[tokio::test]
async fn a_registry_that_is_down_leaves_the_old_version_serving() {
    let mut registry = Registry::start(false).await;
    let bench = bench_of(&[&registry.host]).await;
    let image = registry.push("f:1", &says("one"), WASM).await.to_string();
    deploy(&bench, Method::POST, &image).await;
    registry.stop();
    let response = deploy(&bench, Method::PUT, &image.replace(":1", ":2")).await;
    let error = assert_error(response, StatusCode::BAD_GATEWAY, "registry_unavailable").await;
    assert!(error["message"].as_str().unwrap().contains(&registry.host), "{error}");
    assert_eq!(answer(&bench).await, "one");
    assert_eq!(bench.status("f").await["image"], image);
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_given_up() {
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let mut bench = Bench::down_with(|_| ());
    bench.sources.insecure_registries = vec![host.clone()];
    bench.sources.registry_timeout = Duration::from_millis(300);
    bench.up().await;
    let response = deploy(&bench, Method::POST, &format!("{host}/f:1")).await;
    assert_error(response, StatusCode::GATEWAY_TIMEOUT, "registry_timeout").await;
}

#[tokio::test]
async fn a_private_registry_wants_the_operators_credentials() {
    let registry = Registry::start(true).await;
    let image = registry.push("f:1", &says("one"), WASM).await.to_string();
    let bench = bench_of(&[&registry.host]).await;
    assert_error(deploy(&bench, Method::POST, &image).await, StatusCode::BAD_REQUEST, "registry_refused").await;

    let mut bench = Bench::down_with(|_| ());
    let file = bench.state.path().join("auth.json");
    fs::write(&file, json!({ "auths": { &registry.host: { "auth": "dXNlcjpwYXNzd29yZA==" } } }).to_string()).unwrap();
    bench.sources.registry_auth_file = Some(file);
    bench.sources.insecure_registries = vec![registry.host.clone()];
    bench.up().await;
    assert_eq!(deploy(&bench, Method::POST, &image).await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "one");
}

#[tokio::test]
async fn a_registry_that_is_not_listed_is_not_asked() {
    let bench = Bench::start().await;
    let nobody = registry::free_address();
    for image in [format!("{nobody}/f:1"), "169.254.169.254/f:1".into(), "registry.example/f:1".into()] {
        let response = deploy(&bench, Method::POST, &image).await;
        assert_error(response, StatusCode::BAD_REQUEST, "registry_not_allowed").await;
    }
}

#[tokio::test]
async fn what_an_image_must_be_is_said() {
    let registry = Registry::start(false).await;
    let bench = bench_of(&[&registry.host]).await;
    let other = registry.push("other:1", b"a tar file", "application/vnd.oci.image.layer.v1.tar").await;
    let text = registry.push("text:1", b"not WebAssembly", WASM).await;
    let large = registry.push("large:1", &vec![0; 100_001], WASM).await;
    let missing = format!("{}/missing:1", registry.host);
    for (image, code) in [
        (other.to_string(), "image_has_no_module"),
        (text.to_string(), "module_invalid"),
        (large.to_string(), "module_too_large"),
        (missing, "image_not_found"),
    ] {
        assert_error(deploy(&bench, Method::POST, &image).await, StatusCode::BAD_REQUEST, code).await;
    }
}

#[tokio::test]
async fn a_file_below_the_operators_folder_is_deployed() {
    let mut bench = Bench::down_with(|_| ());
    let folder = bench.state.path().join("files");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("f.wasm"), says("from a file")).unwrap();
    bench.sources.file_folder = Some(folder.clone());
    bench.up().await;
    assert_eq!(deploy(&bench, Method::POST, "file:f.wasm").await.status(), StatusCode::ACCEPTED);
    assert_eq!(answer(&bench).await, "from a file");
    // What was deployed is what the file was.
    fs::write(folder.join("f.wasm"), says("changed")).unwrap();
    bench.restart().await;
    assert_eq!(answer(&bench).await, "from a file");
    for image in ["file:../state/gateway.redb", "file:/etc/passwd", "file:missing.wasm"] {
        let response = deploy(&bench, Method::PUT, image).await;
        assert_error(response, StatusCode::BAD_REQUEST, "file_not_found").await;
    }
}

#[tokio::test]
async fn without_a_folder_there_are_no_files() {
    let bench = Bench::start().await;
    let response = deploy(&bench, Method::POST, "file:f.wasm").await;
    assert_error(response, StatusCode::BAD_REQUEST, "file_not_allowed").await;
}

#[tokio::test]
async fn an_image_in_use_is_not_swept_and_one_module_is_stored_once() {
    let registry = Registry::start(false).await;
    let bench = bench_of(&[&registry.host]).await;
    let wasm = says("one");
    let image = registry.push("f:1", &wasm, WASM).await.to_string();
    deploy(&bench, Method::POST, &image).await;
    let digest = hex::encode(Sha256::digest(&wasm));
    let remove = || bench.admin(Method::DELETE, &format!("/system/modules/{digest}")).send();
    assert_error(remove().await.unwrap(), StatusCode::CONFLICT, "module_in_use").await;
    let files = || fs::read_dir(bench.state.path().join("state/modules")).unwrap().count();
    let again: Value = deployment("g", &image, json!({}));
    assert_eq!(bench.send(Method::POST, &again).await.status(), StatusCode::ACCEPTED);
    assert_eq!(files(), 1);
    for name in ["f", "g"] {
        bench.delete(name).await;
    }
    assert_eq!(remove().await.unwrap().status(), StatusCode::ACCEPTED);
}
