//! The rmb door: the Redis of this node's rmb-peer.
//!
//! The peer has verified and decrypted what it puts there, so the sender that it names is believed: whoever else can write to
//! that Redis speaks for every twin. It must be the peer's own, on a Unix socket that only peer and agent can open, or on
//! loopback of a machine without other users.
//!
//! A message is taken off its list when it is read: one that is read in the moment in which the agent is killed or Redis breaks
//! off is lost, and its sender, who gets no answer, sends it again. A graceful stop loses none: what was taken is answered.

mod answer;
mod queues;

use super::{
    config::BusConfig,
    counter::{shielded, Counter},
    limits::Shares,
};
use crate::error::AgentError;
use queues::{Outbox, Queues};
use redis::Client;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long commands that have begun may go on, and answers be put off, when the agent stops.
const DRAIN: Duration = Duration::from_secs(15);
/// The first and the longest pause before Redis is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The open door.
pub struct Rmb {
    stop: CancellationToken,
    taking: JoinHandle<()>,
}

impl Rmb {
    /// Opens it, if there is a Redis. One that does not answer is tried until it does; the other door does not wait for it.
    pub fn open(config: &BusConfig, counter: Arc<Counter>) -> Result<Option<Self>, AgentError> {
        let Some(url) = &config.redis else { return Ok(None) };
        // The reason would repeat the address, which may hold a password.
        let client = Client::open(url.as_str())
            .map_err(|_| AgentError::Redis("bus.redis is no address of a Redis: redis+unix:///PATH".to_owned()))?;
        let stop = CancellationToken::new();
        let door = Open {
            client,
            counter,
            places: Arc::new(Semaphore::new(config.redis_parallel as usize)),
            shares: Shares::of(config.redis_parallel),
            max_message: config.redis_max_message,
            stop: stop.clone(),
        };
        Ok(Some(Self { stop, taking: tokio::spawn(door.run()) }))
    }

    /// Takes no more messages, and answers what was taken.
    pub async fn close(mut self) {
        self.stop.cancel();
        if let Err(error) = (&mut self.taking).await {
            tracing::error!(%error, "the rmb door broke off");
        }
    }
}

struct Open {
    client: Client,
    counter: Arc<Counter>,
    places: Arc<Semaphore>,
    shares: Arc<Shares>,
    max_message: usize,
    stop: CancellationToken,
}

impl Open {
    async fn run(self) {
        let (outbox, posting) = Outbox::open(self.client.clone());
        let works = TaskTracker::new();
        let mut pause = FIRST_PAUSE;
        let mut silent = false;
        while !self.stop.is_cancelled() {
            match Queues::connect(&self.client).await {
                Ok(queues) => {
                    tracing::info!("the rmb door is open");
                    (pause, silent) = (FIRST_PAUSE, false);
                    if let Err(error) = self.take(queues, &works, &outbox).await {
                        tracing::warn!(reason = %error.category(), "the rmb door lost its Redis; trying again");
                    }
                },
                Err(error) if !silent => {
                    tracing::warn!(reason = %error.category(), "the rmb door has no Redis; trying until there is one");
                    silent = true;
                },
                Err(_) => {},
            }
            tokio::select! {
                () = self.stop.cancelled() => {},
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
        self.drain(works, outbox, posting).await;
    }

    /// Takes messages until the agent stops or Redis fails.
    async fn take(&self, mut queues: Queues, works: &TaskTracker, outbox: &Outbox) -> redis::RedisResult<()> {
        loop {
            let place = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                // It is never closed.
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            // Never broken off in the middle: what Redis has handed out must arrive here.
            let Some(text) = queues.pop().await? else { continue };
            let (counter, shares) = (Arc::clone(&self.counter), Arc::clone(&self.shares));
            let (outbox, max) = (outbox.clone(), self.max_message);
            works.spawn(async move {
                if let Some(letter) = answer::answer(&counter, &shares, text, max).await {
                    outbox.post(letter).await;
                }
                drop(place);
            });
        }
    }

    async fn drain(&self, works: TaskTracker, outbox: Outbox, posting: JoinHandle<()>) {
        works.close();
        let rest = async {
            works.wait().await;
            drop(outbox);
            let _ = posting.await;
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!("some answers of the rmb door could not be given in time");
        }
    }
}

impl Drop for Rmb {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
