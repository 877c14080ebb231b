//! A flood of calls of one function, without the sockets that would slow it down.

use super::Api;
use crate::{
    config::Credentials, core::Core, digest::Digest, model::FunctionDeployment, names::Key, queue::Queue, GatewayConfig,
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures::future::join_all;
use std::sync::Arc;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

const CALLS: usize = 100_000;

/// Waits in the host for 300 ms, so that calls are there at the same time.
const WAITS: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 528) (i32.const 1))
    (i64.store (i32.const 536) (i64.const 300000000))
    (drop (call $poll (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 640)))))"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_calls_at_once_are_answered_or_refused_and_leave_nothing() {
    let state = tempfile::tempdir().expect("a temporary folder");
    let credentials = Credentials::new("admin", "secret");
    let config = GatewayConfig::new(([127, 0, 0, 1], 0).into(), state.path().join("state"), credentials);
    let core = Arc::new(Core::open(&config).expect("an empty state"));
    let wasm = wat::parse_str(WAITS).expect("text");
    let module = Digest::of(&wasm);
    core.modules.put(&module, &wasm, 0).expect("a good module");
    let image = format!("module:sha256:{module}");
    let deployment = FunctionDeployment { service: "f".into(), image, ..FunctionDeployment::default() };
    core.create(deployment, module).expect("a good deployment");

    // Nothing is written into the queue, so nobody needs to run its writer.
    let (queue, _writer) = Queue::open(&config.state_dir, &config.limits.asynchronous).expect("an empty queue");
    let router = Api::new(core.clone(), queue, TaskTracker::new()).router();
    let call = |_| router.clone().oneshot(Request::post("/function/f").body(Body::empty()).expect("a request"));
    let answers = join_all((0..CALLS).map(call)).await;

    let with = |status| answers.iter().flatten().filter(|answer| answer.status() == status).count();
    let places = core.limits.calls_per_function as usize;
    assert!(with(StatusCode::OK) >= places, "{}", with(StatusCode::OK));
    assert_eq!(with(StatusCode::OK) + with(StatusCode::TOO_MANY_REQUESTS), CALLS);
    let function = core.find(Key::of("f", None).expect("a name")).expect("it is still there");
    assert_eq!(function.shared.permits.available_permits(), places);
    assert_eq!(core.permits.available_permits(), core.limits.calls as usize);
    assert_eq!(function.shared.usage.read().0.memory_bytes, 0);
}
