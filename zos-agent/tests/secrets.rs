//! No payload, key or token reaches the log, however much is logged.

#![allow(clippy::unwrap_used)]

mod support;

use grid_types::bus::{self, Code, Invoke};
use serde_json::json;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use support::{
    redis::{base64, delivery, Redis, NODE_DB},
    Bench,
};
use tracing_subscriber::fmt::MakeWriter;

const SECRET: &str = "a-secret-of-the-user";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_payload_key_or_token() {
    let log = Log::default();
    // What `log.level = "trace"` shows: all of our own parts.
    let filter = "info,zos_agent=trace,faas_gateway=trace,grid_client=trace";
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).with_ansi(false).init();

    let redis = Redis::start().await;
    let bench = Bench::with(|config| config.bus.redis = Some(redis.url(NODE_DB))).await;
    let user = bench.user().await;
    let deployment = bench.deployed(&["echo"]).await;
    bench.running(deployment.contract_id).await;
    let contract_id = deployment.contract_id;
    let call = |name: &str| Invoke {
        contract_id,
        name: name.to_owned(),
        body: SECRET.as_bytes().to_vec(),
        content_type: None,
    };
    let answer: bus::Invoked = user.command(bus::FUNCTION_INVOKE, &call("echo")).await.unwrap();
    assert_eq!(answer.body, SECRET.as_bytes());
    // In the clear, refused, broken, and through the other door.
    assert_eq!(user.refusal(&user.envelope(bus::FUNCTION_INVOKE, &call("echo"))).await, Code::EncryptionRequired);
    user.send(json!({ "id": "x", "payload": SECRET })).await;
    let _ = user.command::<serde_json::Value>(bus::DEPLOYMENT_GET, &json!({ "contract_id": SECRET })).await;
    let payload = serde_json::to_string(&call("echo")).unwrap();
    for message in [delivery("one", bus::FUNCTION_INVOKE, &payload).to_string(), format!("{{\"dat\":\"{SECRET}\"}}")] {
        redis.push(NODE_DB, &format!("msgbus.{}", bus::FUNCTION_INVOKE), &message).await;
    }
    redis.pop(NODE_DB, "msgbus.system.reply").await;

    let password = std::fs::read_to_string(bench.config.state_dir.join("gateway.password")).unwrap();
    let keys = std::fs::read_to_string(bench.config.state_dir.join("bus.keys")).unwrap();
    let key = keys.lines().next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("function.invoke"), "the log is there: {written}");
    for secret in [SECRET, &base64(SECRET), password.trim(), &key, support::AGENT] {
        let line = written.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
