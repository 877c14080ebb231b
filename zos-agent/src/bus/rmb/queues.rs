//! The lists in Redis: what comes in and what goes out, each on a connection of its own, since waiting for one blocks it.

use crate::clock;
use grid_types::bus::{
    rmb::{command_queue, REPLY_QUEUE},
    COMMANDS, OLD_COMMANDS,
};
use redis::{
    aio::MultiplexedConnection, AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult, ServerErrorKind,
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle};

/// How long one look at the lists waits for a message, seconds. A stop is noticed after that.
const WAIT: u32 = 1;
/// How long Redis may take to answer beyond that; to connect.
const PATIENCE: Duration = Duration::from_secs(5);
/// Answers that may wait to be written.
const WAITING: usize = 64;
/// The pause before an answer that could not be written is tried again.
const PAUSE: Duration = Duration::from_millis(300);

/// What comes in.
pub struct Queues {
    connection: MultiplexedConnection,
    names: Vec<String>,
}

/// An answer on its way.
pub struct Letter {
    /// As the peer takes it.
    pub text: Vec<u8>,
    /// Until when anybody waits for it, Unix seconds.
    pub deadline: u64,
}

/// What goes out.
#[derive(Clone)]
pub struct Outbox(mpsc::Sender<Letter>);

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE + Duration::from_secs(WAIT.into())));
    client.get_multiplexed_async_connection_with_config(&config).await
}

impl Queues {
    /// Connects.
    pub async fn connect(client: &Client) -> RedisResult<Self> {
        let names = COMMANDS.iter().chain(OLD_COMMANDS).map(|command| command_queue(command)).collect();
        Ok(Self { connection: connect(client).await?, names })
    }

    /// The next message; nothing if none came for a while.
    pub async fn pop(&mut self) -> RedisResult<Option<Vec<u8>>> {
        // The first list that is not empty is served: another one is first each time.
        self.names.rotate_left(1);
        let popped: Option<(String, Vec<u8>)> =
            redis::cmd("BRPOP").arg(&self.names).arg(WAIT).query_async(&mut self.connection).await?;
        Ok(popped.map(|(_, text)| text))
    }
}

impl Outbox {
    /// Opens it; what it returns ends when the last of its clones is dropped and all is written.
    pub fn open(client: Client) -> (Self, JoinHandle<()>) {
        let (sender, letters) = mpsc::channel(WAITING);
        (Self(sender), tokio::spawn(write(client, letters)))
    }

    /// Puts an answer on its way; waits while too many are.
    pub async fn post(&self, letter: Letter) {
        // The other end is there until all of these are dropped.
        let _ = self.0.send(letter).await;
    }
}

/// Writes one answer after the other, each until it is written, or refused, or nobody waits for it any more.
async fn write(client: Client, mut letters: mpsc::Receiver<Letter>) {
    let mut connection = None;
    while let Some(letter) = letters.recv().await {
        while let Err(error) = push(&client, &mut connection, &letter).await {
            connection = None;
            if !passes(&error) || clock::now() >= letter.deadline {
                tracing::warn!(reason = %error.category(), "an answer could not be given to the rmb-peer");
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether Redis may take the same later: what it refuses for good must not keep all others waiting.
fn passes(error: &RedisError) -> bool {
    let away = error.is_io_error() || error.is_timeout() || error.is_connection_dropped();
    away || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::BusyLoading))
}

async fn push(client: &Client, connection: &mut Option<MultiplexedConnection>, letter: &Letter) -> RedisResult<()> {
    let connection = match connection {
        Some(connection) => connection,
        empty => empty.insert(connect(client).await?),
    };
    redis::cmd("LPUSH").arg(REPLY_QUEUE).arg(&letter.text).query_async(connection).await
}
