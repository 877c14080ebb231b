//! Calls that wait: `/async-function`. Durable, bounded, fair.
//!
//! **What is promised.** A call that was answered with 202 is on disk. It is run at least once: a gateway that is killed
//! runs again what it had not noted as done. Its answer is on disk before the callback is tried, so that a callback that
//! fails does not run the function again. Nothing waits without end: tries are bounded, then the call is dropped, with a
//! line in the log and a count in the metrics.
//!
//! `schedule`, `retry` and `room` decide and know no clock and no disk; `store` keeps; `api::deliver` does.

mod item;
mod retry;
mod room;
mod schedule;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use item::{Answer, Headers, Item, Stage};
pub(crate) use retry::{call_again, callback_again, Retry, Tried};
pub(crate) use room::Held;

use crate::{config::AsyncLimits, core::now, error::ApiError, store::StoreError};
use axum::http::StatusCode;
use bytes::Bytes;
use item::BriefStage;
use room::Room;
use schedule::Schedule;
use std::{
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    },
    time::{Duration, Instant},
};
use store::{Change, QueueStore, Writer};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The code of what finds no room.
pub(crate) const FULL: &str = "queue_full";

/// The queue. Clones of its `Arc` share it.
pub(crate) struct Queue {
    store: QueueStore,
    state: Mutex<State>,
    next_number: AtomicU64,
    changed: Notify,
}

struct State {
    room: Room,
    calls: Schedule<String>,
    callbacks: Schedule<String>,
}

/// The writer's task is started by whoever owns tasks.
pub(crate) struct QueueWriter(Writer);

/// An item whose turn it is. Dropping it ends the turn, also if whoever has it panics: unless it was given back in one of
/// the ways that [`Queue`] has, the item stays as it is on disk, for the next start.
pub(crate) struct Turn {
    queue: Arc<Queue>,
    number: u64,
    function: String,
    callback: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.stage(self.callback).ended(&self.function);
        drop(state);
        self.queue.changed.notify_one();
    }
}

/// What waits and runs, for the metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    pub held: Held,
    pub calls_running: usize,
    pub callbacks_running: usize,
}

impl QueueWriter {
    /// Writes until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        self.0.run(stop).await;
    }
}

impl Queue {
    /// Opens the queue and takes up what waits. Blocking.
    pub fn open(state_dir: &Path, limits: &AsyncLimits) -> Result<(Arc<Self>, QueueWriter), StoreError> {
        let (store, writer, found) = QueueStore::open(&state_dir.join("queue.redb"))?;
        let mut state = State {
            room: Room::new(limits),
            calls: Schedule::new(limits.calls, limits.calls_per_function),
            callbacks: Schedule::new(limits.callbacks, limits.callbacks.div_ceil(4)),
        };
        let next = found.last().map_or(0, |last| last.number + 1);
        // A clock that was set back must not strand what was to be tried later.
        let latest = millis() + limits.max_wait.as_millis() as u64;
        for found in found {
            let function = found.item.key().full();
            let callback = matches!(found.item.stage, BriefStage::Callback(_));
            state.room.hold(&function, found.number, found.bytes);
            state.stage(callback).add(&function, found.number, found.item.due.min(latest));
        }
        let queue = Self { store, state: Mutex::new(state), next_number: next.into(), changed: Notify::new() };
        Ok((Arc::new(queue), QueueWriter(writer)))
    }

    /// Accepts a call. When this returns it is on disk. To be run to its end: a place that was taken is given back here.
    pub async fn add(&self, item: &Item, body: Bytes) -> Result<(), ApiError> {
        let (function, stored) = (item.key().full(), encode(item)?);
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        if !self.lock().room.take(&function, number, kept(&stored, &body)) {
            let text = "as many calls wait as may, of this function or in all; try again later";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, FULL, text));
        }
        let written = self.store.change(Change::Put { number, item: stored, body }).await;
        let mut state = self.lock();
        if let Err(error) = written {
            state.room.give_back(&function, number);
            return Err(error.into());
        }
        state.stage(false).add(&function, number, item.due);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for an item's turn.
    pub async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            let now = millis();
            let due = {
                let mut state = self.lock();
                if let Some((callback, function, number)) = state.turn(now) {
                    return Turn { queue: self.clone(), number, function, callback };
                }
                state.next_due(now)
            };
            let pause = Duration::from_millis(due.map_or(u64::from(u32::MAX), |due| due - now));
            // A change before this line is kept by the notification.
            let _ = tokio::time::timeout(pause, self.changed.notified()).await;
        }
    }

    /// The item and its body. `None` if the disk has lost it.
    pub async fn load(self: &Arc<Self>, turn: &Turn) -> Result<Option<(Item, Bytes)>, StoreError> {
        let (queue, number) = (self.clone(), turn.number);
        let loaded = tokio::task::spawn_blocking(move || queue.store.load(number)).await;
        loaded.unwrap_or_else(|error| Err(StoreError(error.to_string())))
    }

    /// It comes to its end here.
    pub async fn finish(&self, turn: Turn) -> Result<(), StoreError> {
        let removed = self.store.change(Change::Remove { number: turn.number }).await;
        self.lock().room.give_back(&turn.function, turn.number);
        removed
    }

    /// It is to be tried again, at its `due`.
    pub async fn again(&self, turn: Turn, item: &Item) -> Result<(), StoreError> {
        let written = self.store.change(Change::Stage { number: turn.number, item: encode(item)? }).await;
        self.lock().stage(turn.callback).add(&turn.function, turn.number, item.due);
        written
    }

    /// It was called; its answer is to be brought back. When this returns the answer is on disk, or, if there is no room
    /// for it, the one that is made for want of room: a short one, which is always taken.
    pub async fn answered(
        &self,
        turn: Turn,
        item: &Item,
        body: Bytes,
        no_room: impl FnOnce() -> (Item, Bytes),
    ) -> Result<(), StoreError> {
        let (function, number, due) = (&turn.function, turn.number, item.due);
        let (mut stored, mut body) = (encode(item)?, body);
        if !self.lock().room.exchange(function, number, kept(&stored, &body)) {
            let (item, instead) = no_room();
            (stored, body) = (encode(&item)?, instead);
            self.lock().room.insist(function, number, kept(&stored, &body));
        }
        let written = self.store.change(Change::Put { number, item: stored, body }).await;
        // If it could not be written, the function runs again: at least once.
        self.lock().stage(written.is_ok()).add(function, number, due);
        written
    }

    pub fn depth(&self) -> Depth {
        let state = self.lock();
        let (calls_running, callbacks_running) = (state.calls.running(), state.callbacks.running());
        Depth { held: state.room.held(), calls_running, callbacks_running }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn stage(&mut self, callback: bool) -> &mut Schedule<String> {
        if callback {
            &mut self.callbacks
        } else {
            &mut self.calls
        }
    }

    /// Whether it is a callback, the function, the number. Callbacks first: they end items.
    fn turn(&mut self, now: u64) -> Option<(bool, String, u64)> {
        let callback = self.callbacks.next(now).map(|(function, number)| (true, function, number));
        callback.or_else(|| self.calls.next(now).map(|(function, number)| (false, function, number)))
    }

    fn next_due(&self, now: u64) -> Option<u64> {
        [self.callbacks.next_due(now), self.calls.next_due(now)].into_iter().flatten().min()
    }
}

/// What is kept of an item, in bytes.
fn kept(stored: &[u8], body: &Bytes) -> u64 {
    (stored.len() + body.len()) as u64
}

fn encode(item: &Item) -> Result<Vec<u8>, StoreError> {
    Ok(serde_json::to_vec(item)?)
}

/// Milliseconds since the Unix epoch as they were at first, and from then on by a clock that nobody sets: what is to be
/// tried later must not wait for a clock that was set back to come there again.
pub(crate) fn millis() -> u64 {
    static BEGAN: OnceLock<(Instant, u64)> = OnceLock::new();
    let (began, then) = BEGAN.get_or_init(|| (Instant::now(), now().as_millis() as u64));
    then + began.elapsed().as_millis() as u64
}

/// Runs the turns, each as a task of `deliveries`, until it is told to stop.
pub(crate) async fn run<F, T>(queue: Arc<Queue>, deliveries: TaskTracker, stop: CancellationToken, deliver: F)
where
    F: Fn(Turn) -> T,
    T: std::future::Future<Output = ()> + Send + 'static,
{
    while let Some(turn) = stop.run_until_cancelled(queue.turn()).await {
        deliveries.spawn(deliver(turn));
    }
}
