//! A gateway that speaks OpenFaaS' API and does what a test wants of it: hang, fail, be away. It runs nothing: calls
//! of functions are never answered.

use axum::{
    extract::{Path as Named, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, head, post},
    Json, Router,
};
use serde_json::{json, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Permissions},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};
use zos_agent::config::Config;

#[derive(Default)]
pub struct Inside {
    pub functions: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, String>,
    pub modules: BTreeSet<String>,
    /// Deployments of these functions never answer.
    pub hanging: BTreeSet<String>,
    /// Deployments of these fail.
    pub failing: BTreeSet<String>,
    /// To look at one of these fails.
    pub unreadable: BTreeSet<String>,
    /// How often all were looked at.
    pub lists: usize,
    /// Removals of these functions and secrets fail.
    pub sticky: BTreeSet<String>,
    /// Every command is answered with 503, but looking is not.
    pub away: bool,
    /// What all functions wrote, as the gateway gives it.
    pub log: String,
    pub deploys: Vec<String>,
    pub removals: usize,
}

#[derive(Clone)]
pub struct FakeGateway {
    pub address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

impl FakeGateway {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self { address: listener.local_addr().unwrap(), inside: Arc::default() };
        let routes = Router::new()
            .route("/system/functions", get(list).post(deploy).put(replace).delete(remove))
            .route("/system/function/{name}", get(status))
            .route("/function/{name}", post(std::future::pending::<()>))
            .route("/system/logs", get(log))
            .route("/system/modules/{digest}", head(has_module).put(put_module))
            .route("/system/secrets", get(secrets).post(make_secret).put(change_secret).delete(remove_secret))
            .with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        gateway
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Makes an agent use it; what it needs for that is put into `folder`.
    pub fn serve(&self, config: &mut Config, folder: &Path) {
        let password_file = folder.join("gateway.password");
        fs::write(&password_file, "of the gateway").unwrap();
        fs::set_permissions(&password_file, Permissions::from_mode(0o600)).unwrap();
        config.gateway.url = Some(self.url());
        config.gateway.password_file = Some(password_file);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

type Gateway = State<FakeGateway>;

fn shown(function: &Value) -> Value {
    let mut shown = function.clone();
    shown["name"] = function["service"].clone();
    shown["availableReplicas"] = json!(1);
    shown["usage"] = json!({ "startedAt": 1 });
    shown
}

async fn list(State(gateway): Gateway) -> Json<Vec<Value>> {
    let mut inside = gateway.inside();
    inside.lists += 1;
    Json(inside.functions.values().map(shown).collect())
}

async fn status(State(gateway): Gateway, Named(name): Named<String>) -> Response {
    let inside = gateway.inside();
    match inside.functions.get(&name) {
        Some(_) if inside.unreadable.contains(&name) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(function) => Json(shown(function)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn log(State(gateway): Gateway) -> String {
    gateway.inside().log.clone()
}

async fn deploy(State(gateway): Gateway, Json(function): Json<Value>) -> Response {
    let name = function["service"].as_str().unwrap().to_owned();
    if gateway.inside().functions.contains_key(&name) {
        return (StatusCode::BAD_REQUEST, "it exists").into_response();
    }
    put(&gateway, name, function).await
}

async fn replace(State(gateway): Gateway, Json(function): Json<Value>) -> Response {
    let name = function["service"].as_str().unwrap().to_owned();
    if !gateway.inside().functions.contains_key(&name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    put(&gateway, name, function).await
}

async fn put(gateway: &FakeGateway, name: String, function: Value) -> Response {
    gateway.inside().deploys.push(name.clone());
    if gateway.inside().away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if gateway.inside().failing.contains(&name) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "it does not fit").into_response();
    }
    if gateway.inside().hanging.contains(&name) {
        std::future::pending::<()>().await;
    }
    gateway.inside().functions.insert(name, function);
    StatusCode::ACCEPTED.into_response()
}

async fn remove(State(gateway): Gateway, Json(request): Json<Value>) -> StatusCode {
    let name = request["functionName"].as_str().unwrap();
    let mut inside = gateway.inside();
    inside.removals += 1;
    if inside.sticky.contains(name) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    match inside.functions.remove(name) {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::NOT_FOUND,
    }
}

async fn has_module(State(gateway): Gateway, Named(digest): Named<String>) -> StatusCode {
    if gateway.inside().modules.contains(&digest) {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn put_module(State(gateway): Gateway, Named(digest): Named<String>) -> StatusCode {
    gateway.inside().modules.insert(digest);
    StatusCode::CREATED
}

async fn secrets(State(gateway): Gateway) -> Json<Vec<Value>> {
    Json(gateway.inside().secrets.keys().map(|name| json!({ "name": name })).collect())
}

async fn make_secret(State(gateway): Gateway, Json(secret): Json<Value>) -> StatusCode {
    let text = |field: &str| secret[field].as_str().unwrap().to_owned();
    gateway.inside().secrets.insert(text("name"), text("value"));
    StatusCode::CREATED
}

async fn change_secret(State(gateway): Gateway, Json(secret): Json<Value>) -> StatusCode {
    let name = secret["name"].as_str().unwrap();
    match gateway.inside().secrets.get_mut(name) {
        Some(value) => *value = secret["value"].as_str().unwrap().to_owned(),
        None => return StatusCode::NOT_FOUND,
    }
    StatusCode::OK
}

async fn remove_secret(State(gateway): Gateway, Json(secret): Json<Value>) -> StatusCode {
    let name = secret["name"].as_str().unwrap();
    let mut inside = gateway.inside();
    if inside.sticky.contains(name) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    match inside.secrets.remove(name) {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::NOT_FOUND,
    }
}
