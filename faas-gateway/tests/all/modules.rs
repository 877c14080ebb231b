//! The store of modules.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Method, Response, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use support::{assert_error, modules, Bench};

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

async fn put(bench: &Bench, digest: &str, bytes: &[u8]) -> Response {
    bench.admin(Method::PUT, &format!("/system/modules/{digest}")).body(bytes.to_vec()).send().await.unwrap()
}

async fn head(bench: &Bench, digest: &str) -> StatusCode {
    bench.admin(Method::HEAD, &format!("/system/modules/{digest}")).send().await.unwrap().status()
}

async fn put_text(bench: &Bench, text: &str) -> Response {
    let wasm = wat::parse_str(text).unwrap();
    put(bench, &digest(&wasm), &wasm).await
}

#[tokio::test]
async fn a_module_is_created_once() {
    let bench = Bench::start().await;
    let wasm = wat::parse_str(modules::echo()).unwrap();
    let name = digest(&wasm);
    assert_eq!(head(&bench, &name).await, StatusCode::NOT_FOUND);
    let response = put(&bench, &name, &wasm).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["digest"], format!("sha256:{name}"));
    assert_eq!(body["size"], wasm.len());
    assert!(body["compiledSize"].as_u64().unwrap() > 0);
    assert_eq!(put(&bench, &name, &wasm).await.status(), StatusCode::OK);
    assert_eq!(head(&bench, &name).await, StatusCode::OK);
}

#[tokio::test]
async fn bytes_must_have_the_digest_of_the_address() {
    let bench = Bench::start().await;
    let wasm = wat::parse_str(modules::echo()).unwrap();
    let name = digest(b"something else");
    assert_error(put(&bench, &name, &wasm).await, StatusCode::BAD_REQUEST, "digest_mismatch").await;
    assert_eq!(head(&bench, &name).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_webassembly_is_refused() {
    let bench = Bench::start().await;
    let text = modules::echo();
    let elf = b"\x7fELF and so on".as_slice();
    let cut = &wat::parse_str(&text).unwrap()[..40];
    let newer = b"\0asm\x02\0\0\0".as_slice();
    for bytes in [b"".as_slice(), b"\0asm", elf, cut, text.as_bytes(), newer] {
        assert_error(put(&bench, &digest(bytes), bytes).await, StatusCode::BAD_REQUEST, "module_invalid").await;
        assert_eq!(head(&bench, &digest(bytes)).await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_module_without_a_beginning_is_refused() {
    let bench = Bench::start().await;
    for text in [
        "(module)",
        r#"(module (func (export "_start") (param i32)))"#,
        r#"(module (global (export "_start") i32 (i32.const 0)))"#,
    ] {
        assert_error(put_text(&bench, text).await, StatusCode::BAD_REQUEST, "module_unsupported").await;
    }
}

#[tokio::test]
async fn a_component_that_answers_no_requests_is_refused() {
    let bench = Bench::start().await;
    let error =
        assert_error(put_text(&bench, "(component)").await, StatusCode::BAD_REQUEST, "module_unsupported").await;
    assert!(error["message"].as_str().unwrap().contains("wasi:http/proxy"), "{error}");
}

#[tokio::test]
async fn a_component_that_needs_more_than_wasi_is_refused_by_name() {
    let bench = Bench::start().await;
    let mut wasm = support::components::echo();
    // Of the same length, so that the rest stays in its place.
    let at = wasm.windows(14).position(|bytes| bytes == b"wasi:io/stream").unwrap();
    wasm[at..at + 4].copy_from_slice(b"mine");
    let response = put(&bench, &digest(&wasm), &wasm).await;
    let error: Value = response.json().await.unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("mine:io"), "{error}");
}

#[tokio::test]
async fn a_module_that_would_take_for_ever_to_compile_is_refused() {
    let bench = Bench::start().await;
    let text = format!("(module (func (export \"_start\") {}))", "nop ".repeat(3 << 20));
    let response = put_text(&bench, &text).await;
    assert_error(response, StatusCode::BAD_REQUEST, "module_too_complex").await;
}

#[tokio::test]
async fn a_small_module_that_would_take_the_memory_to_compile_is_refused() {
    let bench = Bench::start().await;
    let (locals, loops, ends) = ("i32 ".repeat(50_000), "loop ".repeat(9_000), "end ".repeat(9_000));
    let text = format!("(module (func (export \"_start\") (local {locals}) {loops}{ends}))");
    let response = put_text(&bench, &text).await;
    assert_error(response, StatusCode::BAD_REQUEST, "module_too_complex").await;
}

#[tokio::test]
async fn a_module_that_needs_more_than_wasi_is_refused_by_name() {
    let bench = Bench::start().await;
    let text = r#"(module (import "env" "launch" (func)) (func (export "_start")))"#;
    let error = assert_error(put_text(&bench, text).await, StatusCode::BAD_REQUEST, "module_unsupported").await;
    assert!(error["message"].as_str().unwrap().contains("launch"), "{error}");
}

#[tokio::test]
async fn memories_that_limits_do_not_cover_are_refused() {
    let bench = Bench::start().await;
    for memories in ["(memory 1) (memory 1)", "(memory i64 1)", "(memory 1 2 shared)"] {
        let text = format!(r#"(module {memories} (func (export "_start")))"#);
        assert_error(put_text(&bench, &text).await, StatusCode::BAD_REQUEST, "module_invalid").await;
    }
}

#[tokio::test]
async fn a_digest_has_one_spelling() {
    let bench = Bench::start().await;
    for name in ["00", "not-hex", &digest(b"").to_uppercase()] {
        assert_error(put(&bench, name, b"").await, StatusCode::BAD_REQUEST, "invalid_digest").await;
    }
}

#[tokio::test]
async fn a_module_beyond_the_limit_is_refused() {
    let bench = Bench::with(|limits| limits.module_bytes = 1000).await;
    let bytes = vec![0; 1001];
    assert_error(put(&bench, &digest(&bytes), &bytes).await, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").await;
}

#[tokio::test]
async fn a_full_store_says_so() {
    let bench = Bench::with(|limits| limits.store_bytes = 1000).await;
    let response = put_text(&bench, &modules::echo()).await;
    assert_error(response, StatusCode::INSUFFICIENT_STORAGE, "store_full").await;
}

#[tokio::test]
async fn a_module_goes_when_no_function_uses_it() {
    let bench = Bench::start().await;
    let image = bench.store(&modules::echo()).await;
    let name = image.trim_start_matches("module:sha256:").to_owned();
    let remove = || bench.admin(Method::DELETE, &format!("/system/modules/{name}")).send();
    bench.deploy("f", &modules::echo(), json!({})).await;
    assert_error(remove().await.unwrap(), StatusCode::CONFLICT, "module_in_use").await;
    bench.delete("f").await;
    assert_eq!(remove().await.unwrap().status(), StatusCode::ACCEPTED);
    assert_eq!(head(&bench, &name).await, StatusCode::NOT_FOUND);
    assert_error(remove().await.unwrap(), StatusCode::NOT_FOUND, "module_missing").await;
    let left = |folder: &str| std::fs::read_dir(bench.state.path().join("state").join(folder)).unwrap().count();
    assert_eq!((left("modules"), left("compiled")), (0, 0));
}

#[tokio::test]
async fn state_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::start().await;
    bench.store(&modules::echo()).await;
    let state = bench.state.path().join("state");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    for folder in ["modules", "compiled"] {
        let file = std::fs::read_dir(state.join(folder)).unwrap().next().unwrap().unwrap().path();
        assert_eq!((mode(&state.join(folder)), mode(&file)), (0o700, 0o600));
    }
}
