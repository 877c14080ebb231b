//! What a function, or a caller, can do to all others: a table of attacks, and how they are carried out.

use crate::{
    load::{self, Connection},
    modules,
    target::Gateway,
};
use anyhow::ensure;
use serde_json::json;
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, runtime};

const FUNCTION: &str = "attacker";
/// The beginning of a request that does not end.
const SLOW_HEAD: &[u8] = b"POST /function/echo HTTP/1.1\r\nhost: bench\r\nx-slow: ";
/// Between two bytes of it.
const SLOW_PAUSE: Duration = Duration::from_millis(100);
/// An attack that is not under way by then never will be.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections that do harm.
pub struct Attack {
    /// What it is, for the table.
    pub name: &'static str,
    /// The function that each calls over and over. Without one they send their heads slowly.
    pub guest: Option<&'static str>,
    connections: usize,
    /// How many times as long as alone a neighbour's call may take. None if the neighbour can only have its fair share.
    pub limit: Option<f64>,
}

/// Sixteen are all the places that one function has.
pub const ATTACKS: [Attack; 5] = [
    Attack { name: "16 endless loops", guest: Some(modules::LOOP), connections: 16, limit: Some(2.0) },
    Attack { name: "16 callers of a memory bomb", guest: Some(modules::BOMB), connections: 16, limit: Some(2.0) },
    Attack { name: "16 callers of a 10 GiB answer", guest: Some(modules::FLOOD), connections: 16, limit: Some(2.0) },
    Attack { name: "100 slow heads", guest: None, connections: 100, limit: Some(2.0) },
    Attack { name: "64 callers of another echo", guest: Some(modules::ECHO), connections: 64, limit: None },
];

/// What became of the attackers' requests.
#[derive(Default)]
struct Tally {
    heads: AtomicUsize,
    answers: AtomicUsize,
    refusals: AtomicUsize,
}

/// An attack that goes on until this is dropped.
pub struct Attackers {
    /// A thread of their own, so that the neighbour's clock does not wait for their turns.
    runtime: Option<runtime::Runtime>,
    tally: Arc<Tally>,
    began: Instant,
}

impl Attackers {
    /// Begins an attack and waits until it is under way.
    pub async fn begin(gateway: &Gateway, attack: &Attack) -> anyhow::Result<Self> {
        if let Some(guest) = attack.guest {
            gateway.deploy(FUNCTION, guest, json!({ "com.gridchain.timeout-ms": "300000" })).await?;
        }
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let tally = Arc::new(Tally::default());
        for _ in 0..attack.connections {
            let (address, tally) = (gateway.server.address.clone(), tally.clone());
            match attack.guest {
                Some(_) => runtime.spawn(call(address, tally)),
                None => runtime.spawn(dawdle(address, tally)),
            };
        }
        let attackers = Self { runtime: Some(runtime), tally, began: Instant::now() };
        attackers.until_under_way(gateway, attack).await?;
        Ok(attackers)
    }

    async fn until_under_way(&self, gateway: &Gateway, attack: &Attack) -> anyhow::Result<()> {
        loop {
            let begun = match attack.guest {
                Some(_) => gateway.calls_let_in(FUNCTION).await?,
                None => self.tally.heads.load(Ordering::Relaxed),
            };
            if begun >= attack.connections {
                return Ok(());
            }
            ensure!(self.began.elapsed() < PATIENCE, "{begun} of {} have begun", attack.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Their answers a second, and how many of these only said that there is no room.
    pub fn answers_a_second(&self) -> (f64, f64) {
        let a_second = |count: &AtomicUsize| count.load(Ordering::Relaxed) as f64 / self.began.elapsed().as_secs_f64();
        (a_second(&self.tally.answers), a_second(&self.tally.refusals))
    }
}

impl Drop for Attackers {
    fn drop(&mut self) {
        // Waiting for it would block the thread that everything else here runs on.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Calls the function over and over, whatever the answers.
async fn call(address: String, tally: Arc<Tally>) {
    let request = load::request(&format!("/function/{FUNCTION}"), "");
    loop {
        let Ok(mut connection) = Connection::open(&address).await else { continue };
        while let Ok(status) = connection.status_of(&request).await {
            tally.answers.fetch_add(1, Ordering::Relaxed);
            tally.refusals.fetch_add(usize::from(status == 429), Ordering::Relaxed);
        }
    }
}

/// Sends a head byte by byte until it is sent away, then another one.
async fn dawdle(address: String, tally: Arc<Tally>) {
    loop {
        let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
        if stream.write_all(SLOW_HEAD).await.is_err() {
            continue;
        }
        tally.heads.fetch_add(1, Ordering::Relaxed);
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SLOW_PAUSE).await;
        }
    }
}
