//! A real gateway on a free port, real modules written as text, a client.

#![allow(dead_code, unused_imports, clippy::unwrap_used)] // each test file uses a part of this; a test may panic

pub mod certificate;
pub mod hook;

pub use gateway_guests::{components, modules};

use faas_gateway::{Credentials, Gateway, GatewayConfig, IpNet, Limits, Running, Sources};
use reqwest::{header, Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use std::{sync::Once, time::Duration};
use tempfile::TempDir;

pub const USER: &str = "admin";
pub const PASSWORD: &str = "correct horse";

/// A gateway and its state folder, which outlives a restart.
pub struct Bench {
    pub state: TempDir,
    pub limits: Limits,
    pub sources: Sources,
    /// Where callbacks may go besides the Internet.
    pub callback_networks: Vec<IpNet>,
    /// Where functions may go besides the Internet.
    pub egress_networks: Vec<IpNet>,
    pub client: Client,
    /// Administration has an address of its own.
    pub apart: bool,
    running: Option<Running>,
}

impl Bench {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With other limits than the default ones.
    pub async fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let mut bench = Self::down_with(change);
        bench.up().await;
        bench
    }

    /// Not started yet.
    pub fn down_with(change: impl FnOnce(&mut Limits)) -> Self {
        choose_provider();
        let mut limits = Limits { drain_timeout: Duration::from_millis(500), ..Limits::default() };
        change(&mut limits);
        limits.asynchronous.body_bytes = limits.asynchronous.body_bytes.min(limits.request_body_bytes);
        let state = tempfile::tempdir().unwrap();
        let client = Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        Self {
            state,
            limits,
            sources: Sources::default(),
            callback_networks: vec!["127.0.0.0/8".parse().unwrap()],
            egress_networks: Vec::new(),
            client,
            apart: false,
            running: None,
        }
    }

    pub fn config(&self) -> GatewayConfig {
        let credentials = Credentials::new(USER, PASSWORD);
        let mut config = GatewayConfig::new(([127, 0, 0, 1], 0).into(), self.state.path().join("state"), credentials);
        config.limits = self.limits.clone();
        config.metrics_listen = Some(([127, 0, 0, 1], 0).into());
        config.control_listen = self.apart.then_some(([127, 0, 0, 1], 0).into());
        config.sources = self.sources.clone();
        config.callback_networks = self.callback_networks.clone();
        config.egress_networks = self.egress_networks.clone();
        config
    }

    pub async fn up(&mut self) {
        self.running = Some(Gateway::start(self.config()).await.unwrap());
    }

    pub async fn down(&mut self) {
        self.running.take().unwrap().shutdown().await;
    }

    pub async fn restart(&mut self) {
        self.down().await;
        self.up().await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.as_ref().unwrap().addr())
    }

    pub fn addr(&self) -> std::net::SocketAddr {
        self.running.as_ref().unwrap().addr()
    }

    /// Without credentials.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// As the administrator, where that is possible.
    pub fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        let running = self.running.as_ref().unwrap();
        let address = running.control_addr().unwrap_or_else(|| running.addr());
        self.client.request(method, format!("http://{address}{path}")).basic_auth(USER, Some(PASSWORD))
    }

    /// Stores a module written as text; gives its image.
    pub async fn store(&self, text: &str) -> String {
        self.store_bytes(wat::parse_str(text).unwrap()).await
    }

    /// Stores a module or a component; gives its image.
    pub async fn store_bytes(&self, wasm: Vec<u8>) -> String {
        let digest = hex::encode(Sha256::digest(&wasm));
        let request = self.admin(Method::PUT, &format!("/system/modules/{digest}")).body(wasm);
        // Compiling a large one takes long where tests share processors.
        let response = request.timeout(Duration::from_secs(600)).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        format!("module:sha256:{digest}")
    }

    /// Stores a module and deploys it with further fields of the deployment.
    pub async fn deploy(&self, name: &str, text: &str, fields: Value) {
        let response = self.send(Method::POST, &deployment(name, &self.store(text).await, fields)).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{}", response.text().await.unwrap());
    }

    /// Stores a component and deploys it with further fields of the deployment.
    pub async fn deploy_component(&self, name: &str, wasm: Vec<u8>, fields: Value) {
        let response = self.send(Method::POST, &deployment(name, &self.store_bytes(wasm).await, fields)).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{}", response.text().await.unwrap());
    }

    /// The texts of a function's log.
    pub async fn log(&self, name: &str) -> Vec<String> {
        let response = self.admin(Method::GET, &format!("/system/logs?name={name}&follow=false")).send().await.unwrap();
        let text = response.text().await.unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().into()).collect()
    }

    /// Waits until a line of a function's log has this in it.
    pub async fn until_logged(&self, name: &str, text: &str) {
        for _ in 0..500 {
            if self.log(name).await.iter().any(|line| line.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{name} never logged {text:?}: {:?}", self.log(name).await);
    }

    /// POST, PUT or DELETE `/system/functions`.
    pub async fn send(&self, method: Method, body: &Value) -> Response {
        self.admin(method, "/system/functions").json(body).send().await.unwrap()
    }

    pub async fn delete(&self, name: &str) -> Response {
        self.send(Method::DELETE, &json!({ "functionName": name })).await
    }

    pub async fn status(&self, name: &str) -> Value {
        let response = self.admin(Method::GET, &format!("/system/function/{name}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    /// On the address for metrics.
    pub fn metrics_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.as_ref().unwrap().metrics_addr().unwrap())
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> String {
        self.client.get(self.metrics_url("/metrics")).send().await.unwrap().text().await.unwrap()
    }

    /// The value of one line of `/metrics`, zero if it is not there.
    pub async fn metric(&self, series: &str) -> f64 {
        let text = self.metrics().await;
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a line of `/metrics` has a value.
    pub async fn until_metric(&self, series: &str, wanted: f64) {
        self.until_metric_is(series, |value| value == wanted).await;
    }

    /// Waits until a line of `/metrics` satisfies a condition.
    pub async fn until_metric_is(&self, series: &str, condition: impl Fn(f64) -> bool) {
        for _ in 0..500 {
            if condition(self.metric(series).await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{series} did not become what was waited for:\n{}", self.metrics().await);
    }

    /// POST `/async-function/NAME`, with the answer sent to a hook.
    pub async fn call_later(&self, name: &str, body: impl Into<reqwest::Body>, hook: &hook::Hook) -> Response {
        let request = self.anonymous(Method::POST, &format!("/async-function/{name}"));
        request.header("X-Callback-Url", hook.url()).body(body).send().await.unwrap()
    }

    /// A request below `/system` with a JSON body; gives its status.
    pub async fn system(&self, method: Method, path: &str, body: Value) -> StatusCode {
        self.admin(method, path).json(&body).send().await.unwrap().status()
    }

    /// GET of JSON below `/system`.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.admin(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// POST `/function/NAME` without credentials.
    pub async fn call(&self, name: &str, body: impl Into<reqwest::Body>) -> Response {
        self.anonymous(Method::POST, &format!("/function/{name}")).body(body).send().await.unwrap()
    }

    /// Waits until a function's status satisfies a condition.
    pub async fn until(&self, name: &str, condition: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..500 {
            let status = self.status(name).await;
            if condition(&status) {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the status of {name} did not become what was waited for: {}", self.status(name).await);
    }
}

/// Chooses what encrypts: clients want one even for plain HTTP.
pub fn choose_provider() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
}

/// A deployment's body.
pub fn deployment(name: &str, image: &str, fields: Value) -> Value {
    let mut body = json!({ "service": name, "image": image });
    for (field, value) in fields.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// The annotations with a time limit.
pub fn timeout_ms(millis: u64) -> Value {
    json!({ "annotations": { "com.gridchain.timeout-ms": millis.to_string() } })
}

/// Checks an error's status and code; gives the whole error.
pub async fn assert_error(response: Response, status: StatusCode, code: &str) -> Value {
    assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "application/json");
    let actual = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!((actual, body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    body["error"].clone()
}
