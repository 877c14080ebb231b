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

/// How long commands that have begun may go on, and answers be put off, when the agent stops; all that closing takes.
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
    pub async fn close(self) {
        self.close_within(DRAIN).await;
    }

    async fn close_within(mut self, time: Duration) {
        self.stop.cancel();
        match tokio::time::timeout(time, &mut self.taking).await {
            Ok(Ok(())) => {},
            Ok(Err(error)) => tracing::error!(%error, "the rmb door broke off"),
            Err(_) => {
                self.taking.abort();
                tracing::warn!("some answers of the rmb door could not be given in time");
            },
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
        let mut trouble = Trouble::default();
        while !self.stop.is_cancelled() {
            let taken = async {
                let queues = Queues::connect(&self.client).await?;
                self.take(queues, &works, &outbox, &mut trouble).await
            };
            if let Err(error) = taken.await {
                trouble.comes(&error);
            }
            tokio::select! {
                () = self.stop.cancelled() => {},
                () = tokio::time::sleep(trouble.pause) => trouble.lasts(),
            }
        }
        drain(works, outbox, posting).await;
    }

    /// Takes messages until the agent stops or Redis fails.
    async fn take(
        &self,
        mut queues: Queues,
        works: &TaskTracker,
        outbox: &Outbox,
        trouble: &mut Trouble,
    ) -> redis::RedisResult<()> {
        loop {
            let place = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                // It is never closed.
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            // Never broken off in the middle: what Redis has handed out must arrive here.
            let text = queues.pop().await?;
            trouble.ends();
            let Some(text) = text else { continue };
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
}

async fn drain(works: TaskTracker, outbox: Outbox, posting: JoinHandle<()>) {
    works.close();
    works.wait().await;
    drop(outbox);
    let _ = posting.await;
}

/// What is wrong with Redis: said once, and tried again ever more slowly. That a connection opens says nothing yet, as one that
/// is loading, or wants a password, opens as well: over is it when a list could be looked at.
struct Trouble {
    pause: Duration,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Untried,
    Well,
    Bad,
}

impl Default for Trouble {
    fn default() -> Self {
        Self { pause: FIRST_PAUSE, state: State::Untried }
    }
}

impl Trouble {
    fn comes(&mut self, error: &redis::RedisError) {
        if self.state != State::Bad {
            tracing::warn!(reason = %error.category(), "the rmb door has no Redis; trying until there is one");
        }
        self.state = State::Bad;
    }

    fn lasts(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn ends(&mut self) {
        if self.state != State::Well {
            tracing::info!("the rmb door is open");
        }
        *self = Self { pause: FIRST_PAUSE, state: State::Well };
    }
}

impl Drop for Rmb {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_that_only_opens_is_tried_ever_more_slowly() {
        let error = redis::RedisError::from((redis::ErrorKind::AuthenticationFailed, "no password"));
        let mut trouble = Trouble::default();
        for _ in 0..20 {
            trouble.comes(&error);
            trouble.lasts();
        }
        assert_eq!(trouble.pause, LONGEST_PAUSE);
        trouble.ends();
        assert_eq!(trouble.pause, FIRST_PAUSE);
    }

    #[tokio::test]
    async fn closing_takes_no_longer_than_it_may() {
        let stuck = Rmb { stop: CancellationToken::new(), taking: tokio::spawn(std::future::pending()) };
        stuck.close_within(Duration::from_millis(1)).await;
    }
}
