//! `/`, `/system/info`, `/healthz`: about the gateway itself. And what OpenFaaS has that makes no sense here.

use crate::error::ApiError;
use axum::{http::StatusCode, Json};
use serde_json::{json, Value};

/// The commit this was built from, when the build said so.
const COMMIT: &str = match option_env!("GRIDCHAIN_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// What there is, for who comes with a browser. OpenFaaS sends them to a user interface; there is none here.
const FRONT: &str = concat!(
    "faas-gateway ",
    env!("CARGO_PKG_VERSION"),
    ": OpenFaaS' API.\n\
     /function/NAME calls a function, /async-function/NAME later, /system administers, /healthz says that it lives.\n"
);

/// GET `/`.
pub(super) async fn front() -> &'static str {
    FRONT
}

/// GET `/system/info`.
pub(super) async fn info() -> Json<Value> {
    let version = json!({ "sha": COMMIT, "release": env!("CARGO_PKG_VERSION") });
    Json(json!({
        "provider": { "provider": "gridchain", "version": version, "orchestration": "wasmtime" },
        "version": version,
        "arch": std::env::consts::ARCH,
    }))
}

/// GET `/healthz`.
pub(crate) async fn healthz() -> &'static str {
    "OK"
}

/// POST `/system/alert`: OpenFaaS' autoscaler tells the gateway here to add replicas. An instance per call is as many as
/// there are calls; saying 200 would tell an operator that something was done.
pub(super) async fn alert() -> ApiError {
    let text = "there is nothing to scale: each call gets an instance of its own. Do not send alerts here";
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", text)
}
