//! A real Redis in a temporary folder, and a small stand-in for the two rmb-peers and the relay between them: it moves messages
//! between the lists of two databases as peers do, and stamps what peers stamp. It is none: nothing is signed or encrypted.

use super::{user::now, NODE_TWIN, USER_TWIN};
use redis::{aio::MultiplexedConnection, AsyncConnectionConfig, Client};
use serde_json::{json, Value};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// The database of the node's peer, and that of the user's.
pub const NODE_DB: u8 = 0;
pub const USER_DB: u8 = 1;

pub struct Redis {
    folder: TempDir,
    server: Option<Child>,
}

impl Redis {
    /// A folder in which no server runs yet.
    pub fn absent() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: None }
    }

    pub async fn start() -> Self {
        let mut redis = Self::absent();
        redis.up().await;
        redis
    }

    pub async fn up(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        let server = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning", "--unixsocket"])
            .arg(self.socket())
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed: scripts/setup");
        self.server = Some(server);
        super::eventually("redis answers", || async { self.try_connect(NODE_DB).await.is_some() }).await;
    }

    pub fn down(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Stops it from doing anything (`STOP`), or lets it go on (`CONT`).
    pub fn signal(&self, signal: &str) {
        let pid = self.server.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn url(&self, database: u8) -> String {
        format!("redis+unix://{}?db={database}", self.socket().display())
    }

    pub async fn try_connect(&self, database: u8) -> Option<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(60)));
        let client = Client::open(self.url(database)).unwrap();
        client.get_multiplexed_async_connection_with_config(&config).await.ok()
    }

    pub async fn connect(&self, database: u8) -> MultiplexedConnection {
        self.try_connect(database).await.unwrap()
    }

    /// Puts a message on a list.
    pub async fn push(&self, database: u8, list: &str, text: &str) {
        let mut connection = self.connect(database).await;
        let () = redis::cmd("LPUSH").arg(list).arg(text).query_async(&mut connection).await.unwrap();
    }

    /// Takes the next message of a list.
    pub async fn pop(&self, database: u8, list: &str) -> Value {
        let mut connection = self.connect(database).await;
        pop(&mut connection, list, 30).await.unwrap_or_else(|| panic!("nothing came on {list}"))
    }

    /// Any command that is answered with text.
    pub async fn run(&self, database: u8, command: &[&str]) -> String {
        let mut connection = self.connect(database).await;
        redis::cmd(command[0]).arg(&command[1..]).query_async(&mut connection).await.unwrap()
    }

    /// The connections that wait for messages, by Redis' numbers.
    pub async fn looking(&self) -> BTreeSet<String> {
        let list = self.run(NODE_DB, &["CLIENT", "LIST"]).await;
        let of = |line: &str, field: &str| line.split(' ').find_map(|part| part.strip_prefix(field).map(str::to_owned));
        let waits = list.lines().filter(|line| of(line, "cmd=").is_some_and(|command| command == "brpop"));
        waits.filter_map(|line| of(line, "id=")).collect()
    }

    /// How many connections its socket has, those that it has not taken yet among them: known without asking it.
    pub fn connections(&self) -> usize {
        let sockets = std::fs::read_to_string("/proc/net/unix").unwrap();
        let socket = self.socket().display().to_string();
        sockets.lines().filter(|line| line.ends_with(&socket)).count()
    }

    /// How many messages a list has.
    pub async fn length(&self, database: u8, list: &str) -> usize {
        let mut connection = self.connect(database).await;
        redis::cmd("LLEN").arg(list).query_async(&mut connection).await.unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.down();
    }
}

async fn pop(connection: &mut MultiplexedConnection, list: &str, seconds: u32) -> Option<Value> {
    let popped: Option<(String, String)> =
        redis::cmd("BRPOP").arg(list).arg(seconds).query_async(connection).await.ok()?;
    Some(serde_json::from_str(&popped?.1).unwrap())
}

/// A message as the node's peer would give it to the agent.
pub fn delivery(reference: &str, command: &str, payload: &str) -> Value {
    json!({
        "ver": 1, "ref": reference, "src": USER_TWIN.to_string(), "cmd": command, "exp": 60, "dat": base64(payload),
        "tag": null, "ret": "msgbus.system.reply", "shm": "application/json", "now": now(),
    })
}

/// Base64 as peers write it.
pub fn base64(text: &str) -> String {
    use base64::{engine::general_purpose::STANDARD, Engine};
    STANDARD.encode(text)
}

pub fn from_base64(text: &Value) -> String {
    use base64::{engine::general_purpose::STANDARD, Engine};
    String::from_utf8(STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap()
}

/// Moves messages between the user's database and the node's, until it is dropped.
pub struct Relay(Vec<JoinHandle<()>>);

/// Where an answer goes: the client's reference and list.
type Waiting = Arc<Mutex<HashMap<String, (Value, String)>>>;

impl Relay {
    pub async fn start(redis: &Redis) -> Self {
        let waiting = Waiting::default();
        let out = carry_out(redis.connect(USER_DB).await, redis.connect(NODE_DB).await, waiting.clone());
        let back = carry_back(redis.connect(NODE_DB).await, redis.connect(USER_DB).await, waiting);
        Self(vec![tokio::spawn(out), tokio::spawn(back)])
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

async fn carry_out(mut user: MultiplexedConnection, mut node: MultiplexedConnection, waiting: Waiting) {
    for number in 0_u64.. {
        let Some(message) = pop(&mut user, "msgbus.system.local", 30).await else { continue };
        if message["dst"] != json!([NODE_TWIN]) {
            continue;
        }
        let uid = format!("uid-{number}");
        let ret = message["ret"].as_str().unwrap().to_owned();
        waiting.lock().unwrap().insert(uid.clone(), (message["ref"].clone(), ret));
        let delivered = json!({
            "ver": 1, "ref": uid, "src": format!("{USER_TWIN}:session"), "cmd": message["cmd"], "exp": message["exp"],
            "dat": message["dat"], "tag": null, "ret": "msgbus.system.reply", "shm": message["shm"], "now": now(),
        });
        let list = format!("msgbus.{}", message["cmd"].as_str().unwrap());
        let () = redis::cmd("LPUSH").arg(list).arg(delivered.to_string()).query_async(&mut node).await.unwrap();
    }
}

async fn carry_back(mut node: MultiplexedConnection, mut user: MultiplexedConnection, waiting: Waiting) {
    loop {
        let Some(reply) = pop(&mut node, "msgbus.system.reply", 30).await else { continue };
        assert_eq!(reply["dst"], format!("{USER_TWIN}:session"));
        let uid = reply["ref"].as_str().unwrap();
        let Some((reference, ret)) = waiting.lock().unwrap().remove(uid) else { continue };
        let answer = json!({
            "ver": 1, "ref": reference, "dat": reply["dat"], "src": NODE_TWIN.to_string(), "shm": reply["shm"],
            "now": now(), "err": reply["err"],
        });
        let () = redis::cmd("LPUSH").arg(ret).arg(answer.to_string()).query_async(&mut user).await.unwrap();
    }
}
