//! A real Redis, and a small stand-in for a user's and a node's rmb-peer and the relay between them: it moves messages between
//! the lists of two databases as peers do, and stamps what peers stamp. It is none: nothing is signed or encrypted here.

use crate::wait::until;
use redis::{Client, Connection};
use serde_json::{json, Value};
use std::{
    collections::HashMap,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex,
    },
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

const NODE_DB: u8 = 0;
const USER_DB: u8 = 1;

/// Two peers and what is between them; gone when dropped.
pub struct Peers {
    folder: TempDir,
    server: Child,
    stop: Arc<AtomicBool>,
    carriers: Vec<JoinHandle<()>>,
}

/// Where an answer goes: the client's reference and list.
type Waiting = Arc<Mutex<HashMap<String, (Value, String)>>>;

impl Peers {
    /// Between the twins of a user and of a node.
    pub fn start(user: u64, node: u64) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let server = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.path().join("redis.sock"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed: scripts/setup");
        let mut peers = Self { folder, server, stop: Arc::default(), carriers: Vec::new() };
        until("redis answers", Duration::from_secs(30), || peers.connect(NODE_DB));
        let waiting = Waiting::default();
        for out in [true, false] {
            let [from, to] = if out { [USER_DB, NODE_DB] } else { [NODE_DB, USER_DB] };
            let ends = [from, to].map(|database| peers.connect(database).expect("redis answers"));
            let (waiting, stop) = (waiting.clone(), peers.stop.clone());
            peers.carriers.push(std::thread::spawn(move || carry(ends, &stop, out, [user, node], &waiting)));
        }
        peers
    }

    /// The Redis of the node's peer.
    pub fn of_node(&self) -> String {
        self.url(NODE_DB)
    }

    /// The Redis of the user's peer.
    pub fn of_user(&self) -> String {
        self.url(USER_DB)
    }

    fn url(&self, database: u8) -> String {
        format!("redis+unix://{}/redis.sock?db={database}", self.folder.path().display())
    }

    fn connect(&self, database: u8) -> Option<Connection> {
        Client::open(self.url(database)).ok()?.get_connection().ok()
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = self.server.kill();
        let _ = self.server.wait();
        for carrier in self.carriers.drain(..) {
            let _ = carrier.join();
        }
    }
}

/// Carries commands out, or answers back, until it is stopped or Redis is gone.
fn carry([mut from, mut to]: [Connection; 2], stop: &AtomicBool, out: bool, twins: [u64; 2], waiting: &Waiting) {
    let list = if out { "msgbus.system.local" } else { "msgbus.system.reply" };
    while !stop.load(Ordering::Acquire) {
        let popped: Result<Option<(String, String)>, _> = redis::cmd("BRPOP").arg(list).arg(1).query(&mut from);
        let Ok(popped) = popped else { return };
        let Some(message) = popped.and_then(|(_, text)| serde_json::from_str(&text).ok()) else { continue };
        let carried = if out { delivered(&message, twins, waiting) } else { answered(&message, twins, waiting) };
        if let Some((list, message)) = carried {
            let pushed: Result<(), _> = redis::cmd("LPUSH").arg(list).arg(message.to_string()).query(&mut to);
            if pushed.is_err() {
                return;
            }
        }
    }
}

fn delivered(message: &Value, [user, node]: [u64; 2], waiting: &Waiting) -> Option<(String, Value)> {
    if message["dst"] != json!([node]) {
        return None;
    }
    let mut waiting = waiting.lock().ok()?;
    let uid = format!("uid-{}-{}", waiting.len(), message["ref"]);
    waiting.insert(uid.clone(), (message["ref"].clone(), message["ret"].as_str()?.to_owned()));
    let delivered = json!({
        "ver": 1, "ref": uid, "src": user.to_string(), "cmd": message["cmd"], "exp": message["exp"],
        "dat": message["dat"], "tag": null, "ret": "msgbus.system.reply", "shm": message["shm"], "now": now(),
    });
    Some((format!("msgbus.{}", message["cmd"].as_str()?), delivered))
}

fn answered(reply: &Value, [_, node]: [u64; 2], waiting: &Waiting) -> Option<(String, Value)> {
    let (reference, ret) = waiting.lock().ok()?.remove(reply["ref"].as_str()?)?;
    let answer = json!({
        "ver": 1, "ref": reference, "dat": reply["dat"], "src": node.to_string(), "shm": reply["shm"], "now": now(),
        "err": reply["err"],
    });
    Some((ret, answer))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
