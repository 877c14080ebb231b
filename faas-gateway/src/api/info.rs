//! `/system/info`, `/system/namespaces`, `/healthz`: about the gateway itself.

use crate::plan;
use axum::Json;
use serde_json::{json, Value};

/// The commit this was built from, when the build said so.
const COMMIT: &str = match option_env!("GRIDCHAIN_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// GET `/system/info`.
pub(super) async fn info() -> Json<Value> {
    let version = json!({ "sha": COMMIT, "release": env!("CARGO_PKG_VERSION") });
    Json(json!({
        "provider": { "provider": "gridchain", "version": version, "orchestration": "wasmtime" },
        "version": version,
        "arch": std::env::consts::ARCH,
    }))
}

/// GET `/system/namespaces`: there is one.
pub(super) async fn namespaces() -> Json<[&'static str; 1]> {
    Json([plan::NAMESPACE])
}

/// GET `/healthz`.
pub(super) async fn healthz() -> &'static str {
    "OK"
}
