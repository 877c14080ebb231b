//! A real registry: Debian's `docker-registry` (CNCF Distribution) on a free port, with images pushed by a client.

use oci_client::{
    client::{Client, ClientConfig, ClientProtocol, Config, ImageLayer},
    manifest::OciImageManifest,
    secrets::RegistryAuth,
    Reference,
};
use std::{
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// `user:password` in the form of htpasswd.
const HTPASSWD: &str = "user:$2y$05$XwDlRXx/E1n5uJBOJrHpSuVadgWYscFklscrDIy19BvNaSBmKSR5m\n";

/// A running registry; gone when dropped.
pub struct Registry {
    pub host: String,
    process: Child,
    _data: TempDir,
}

impl Registry {
    /// `private`: only for who knows `user` and `password`.
    pub async fn start(private: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let path = |name: &str| data.path().join(name).display().to_string();
        fs::write(path("htpasswd"), HTPASSWD).unwrap();
        // A port that was free a moment ago; should another take it meanwhile, the next one is tried.
        for _ in 0..10 {
            let host = free_address();
            let auth = format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", path("htpasswd"));
            let config = format!(
                "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {host}\n{}",
                path("data"),
                if private { auth.as_str() } else { "" },
            );
            fs::write(path("config.yml"), config).unwrap();
            let mut process = Command::new("docker-registry")
                .args(["serve", &path("config.yml")])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("docker-registry is installed: scripts/setup");
            if answers(&host, &mut process).await {
                return Self { host, process, _data: data };
            }
        }
        panic!("the registry does not start");
    }

    /// Pushes a module under a tag, as tools for WebAssembly artifacts do.
    pub async fn push(&self, image: &str, wasm: &[u8], media_type: &str) -> Reference {
        let reference: Reference = format!("{}/{image}", self.host).parse().unwrap();
        let config = ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() };
        let layers = [ImageLayer::new(wasm.to_vec(), media_type.to_owned(), None)];
        let about = Config::new(b"{}".to_vec(), "application/vnd.wasm.config.v0+json".to_owned(), None);
        let manifest = OciImageManifest::build(&layers, &about, None);
        let auth = RegistryAuth::Basic("user".into(), "password".into());
        Client::new(config).push(&reference, &layers, about, &auth, Some(manifest)).await.unwrap();
        reference
    }

    /// Stops it; its address stays.
    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

async fn answers(host: &str, process: &mut Child) -> bool {
    for _ in 0..500 {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if tokio::net::TcpStream::connect(host).await.is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
