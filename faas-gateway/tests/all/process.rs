//! The program itself: killed, restarted, and what it writes to its log.

#![allow(clippy::unwrap_used)]

use crate::support;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};
use support::{certificate, components, hook::Hook, modules};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    rustls::{
        self,
        pki_types::{pem::PemObject as _, CertificateDer, PrivateKeyDer},
    },
    TlsAcceptor,
};

/// A running gateway, a process of its own.
struct Process {
    child: Child,
    url: String,
    client: Client,
}

impl Process {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, None)
    }

    /// Believes these certificates and no others, if any are given.
    fn start_with(folder: &Path, arguments: &[&str], roots: Option<&Path>) -> Self {
        support::choose_provider();
        std::fs::write(folder.join("password"), "correct horse\n").unwrap();
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_faas-gateway"))
            .args(["run", "--listen", "127.0.0.1:0", "--metrics-listen", "off"])
            .arg("--state-dir")
            .arg(folder.join("state"))
            .arg("--basic-auth-password-file")
            .arg(folder.join("password"))
            .args(["--callback-networks", "127.0.0.0/8"])
            .args(arguments)
            .envs(roots.map(|roots| ("SSL_CERT_FILE", roots)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, url, client: Client::new() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).basic_auth("admin", Some("correct horse"))
    }

    async fn deploy(&self, name: &str, text: &str, fields: Value) {
        self.deploy_bytes(name, wat::parse_str(text).unwrap(), fields).await;
    }

    async fn deploy_bytes(&self, name: &str, wasm: Vec<u8>, fields: Value) {
        let digest = hex::encode(Sha256::digest(&wasm));
        let put = self.request(Method::PUT, &format!("/system/modules/{digest}")).body(wasm).send().await.unwrap();
        assert!(put.status().is_success());
        let body = support::deployment(name, &format!("module:sha256:{digest}"), fields);
        let post = self.request(Method::POST, "/system/functions").json(&body).send().await.unwrap();
        assert_eq!(post.status(), StatusCode::ACCEPTED, "{}", post.text().await.unwrap());
    }

    /// SIGKILL: nothing is tidied up.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const QUICK: [&str; 6] = ["--async-min-wait-ms", "10", "--async-max-wait-ms", "50", "--async-attempts", "100000"];

#[tokio::test]
async fn no_call_that_was_accepted_is_lost_when_the_gateway_is_killed() {
    let folder = TempDir::new().unwrap();
    let hook = Hook::start().await;
    let mut gateway = Process::start(folder.path(), &QUICK);
    gateway.deploy("slow", &modules::waits(1, 50), json!({})).await;
    gateway.deploy("echo", &modules::echo(), json!({})).await;
    let mut accepted = BTreeSet::new();
    for round in 0..5 {
        for n in 0..20 {
            let name = if n % 2 == 0 { "slow" } else { "echo" };
            let request = gateway.request(Method::POST, &format!("/async-function/{name}"));
            let response = request.header("X-Callback-Url", hook.url()).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::ACCEPTED);
            accepted.insert(response.headers()["x-call-id"].to_str().unwrap().to_owned());
        }
        // At different moments: some run, some wait, some are being answered.
        let seen = hook.got().len();
        hook.until(|got| got.len() >= seen + round).await;
        gateway.kill();
        gateway = Process::start(folder.path(), &QUICK);
    }
    hook.until(|got| {
        let ids: BTreeSet<&str> = got.iter().map(|got| got.header("x-call-id")).collect();
        accepted.iter().all(|id| ids.contains(id.as_str()))
    })
    .await;
    assert!(hook.got().iter().all(|got| got.header("x-function-status") == "200"));
}

#[tokio::test]
async fn functions_secrets_and_namespaces_survive_a_kill() {
    let folder = TempDir::new().unwrap();
    let gateway = Process::start(folder.path(), &[]);
    let post = |path: &'static str, body: Value| gateway.request(Method::POST, path).json(&body).send();
    assert_eq!(post("/system/namespace/", json!({ "name": "team" })).await.unwrap().status(), StatusCode::CREATED);
    let secret = json!({ "name": "key", "namespace": "team", "value": "kept" });
    assert_eq!(post("/system/secrets", secret).await.unwrap().status(), StatusCode::CREATED);
    gateway.deploy("f", &modules::reads("key"), json!({ "namespace": "team", "secrets": ["key"] })).await;
    gateway.kill();
    let gateway = Process::start(folder.path(), &[]);
    let answer = gateway.request(Method::POST, "/function/f.team").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "kept");
}

#[tokio::test]
async fn no_secret_value_password_or_token_is_ever_logged() {
    let folder = TempDir::new().unwrap();
    let hook = Hook::start().await;
    let gateway =
        Process::start(folder.path(), &["--log", "trace", "--async-min-wait-ms", "1", "--async-max-wait-ms", "5"]);
    let secret = |method: Method, body: String| gateway.request(method, "/system/secrets").body(body).send();
    for (method, body) in [
        (Method::POST, r#"{"name":"key","value":"hunter2-one"}"#),
        (Method::PUT, r#"{"name":"key","value":"hunter2-two"}"#),
        (Method::POST, r#"{"name":"raw","rawValue":"aHVudGVyMi1yYXc="}"#),
        // Refused in all ways there are.
        (Method::POST, r#"{"name":"key","value":"hunter2-three"}"#),
        (Method::PUT, r#"{"name":"nothing","value":"hunter2-four"}"#),
        (Method::POST, r#"{"name":"../x","value":"hunter2-five"}"#),
        (Method::POST, r#"{"name":"x","value":["hunter2-six"]}"#),
        (Method::POST, r#"{"name":"x","rawValue":"hunter2-seven!"}"#),
        (Method::POST, r#"{"name":"x","namespace":"nowhere","value":"hunter2-eight"}"#),
    ] {
        let text = secret(method, body.to_owned()).await.unwrap().text().await.unwrap();
        assert!(!text.contains("hunter2"), "{text}");
    }
    gateway.deploy("f", &modules::reads("key"), json!({ "secrets": ["key"] })).await;
    let digest = hex::encode(Sha256::digest("t0ken"));
    let access = json!({ "annotations": { "com.gridchain.access": format!("token-sha256:{digest}") } });
    gateway.deploy("private", &modules::echo(), access).await;
    for path in ["/function/private", "/async-function/private"] {
        let request = gateway.client.post(format!("{}{path}", gateway.url)).bearer_auth("t0ken");
        assert!(request.header("X-Callback-Url", hook.url()).send().await.unwrap().status().is_success());
    }
    hook.until(|got| got.len() == 1).await;
    let answer = gateway.request(Method::POST, "/function/f").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "hunter2-two");
    secret(Method::DELETE, r#"{"name":"key","value":"hunter2-nine"}"#.to_owned()).await.unwrap();
    gateway.kill();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("changed a secret") && log.contains("TRACE"), "the log was there to be looked at");
    for word in ["hunter2", "aHVudGVyMi", "correct horse", "Y29ycmVjdCBob3JzZQ", "YWRtaW46", "t0ken"] {
        let line = log.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{word}: {line:?}");
    }
}

#[tokio::test]
async fn help_names_every_option_with_its_variable() {
    let help = Command::new(env!("CARGO_BIN_EXE_faas-gateway")).args(["run", "--help"]).output().unwrap();
    // Without the breaks that its lines have on a narrow terminal.
    let help = String::from_utf8(help.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let options: Vec<&str> =
        help.split_whitespace().filter(|word| word.starts_with("--") && *word != "--help").collect();
    assert!(options.len() > 20);
    for option in options {
        let variable = format!("FAAS_GATEWAY_{}", option.trim_start_matches('-').to_uppercase().replace('-', "_"));
        assert!(help.contains(&format!("[env: {variable}=")), "{option} has no {variable}");
        assert!(readme.contains(&variable), "the README does not name {variable}");
    }
}

/// A server that speaks TLS with this certificate and gives one answer to everything.
async fn tls_server(certificate: &Path, key: &Path) -> SocketAddr {
    let chain = CertificateDer::pem_file_iter(certificate).unwrap().collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Who does not believe the certificate goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsecured").await;
        }
    });
    address
}

#[tokio::test]
async fn functions_reach_servers_over_tls_if_the_machine_believes_their_certificates() {
    support::choose_provider();
    let folder = TempDir::new().unwrap();
    let [certificate, key, other, other_key] =
        ["a.pem", "a.key", "b.pem", "b.key"].map(|name| folder.path().join(name));
    certificate::make("localhost", &certificate, &key);
    certificate::make("localhost", &other, &other_key);
    let server = format!("localhost:{}", tls_server(&certificate, &key).await.port());
    let egress = json!({ "annotations": { "com.gridchain.egress": server } });
    for (roots, expected) in [(&certificate, (200, "secured")), (&other, (599, "\u{d}"))] {
        let state = TempDir::new_in(folder.path()).unwrap();
        let gateway = Process::start_with(state.path(), &["--egress-networks", "127.0.0.0/8,::1/128"], Some(roots));
        gateway.deploy_bytes("f", components::fetches(&server, "/", true), egress.clone()).await;
        let answer = gateway.request(Method::POST, "/function/f").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &*answer.text().await.unwrap()), expected);
    }
}
