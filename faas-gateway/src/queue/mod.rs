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

pub(crate) use item::{Answer, Headers, Item, Stage};
pub(crate) use retry::{call_again, callback_again, Retry, Tried};
pub(crate) use room::Held;

use crate::{config::AsyncLimits, core::now, error::ApiError, store::StoreError};
use axum::http::StatusCode;
use bytes::Bytes;
use room::Room;
use schedule::Schedule;
use std::{
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};
use store::{Change, QueueStore, Writer};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

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

/// An item whose turn it is. It must be given back in one of the ways that [`Queue`] has.
pub(crate) struct Turn {
    number: u64,
    function: String,
    callback: bool,
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
            state.room.hold(&function, found.body_bytes);
            state.line(&found.item).add(&function, found.number, found.item.due.min(latest));
        }
        let queue = Self { store, state: Mutex::new(state), next_number: next.into(), changed: Notify::new() };
        Ok((Arc::new(queue), QueueWriter(writer)))
    }

    /// Accepts a call. When this returns it is on disk. To be run to its end: a place that was taken is given back here.
    pub async fn add(&self, item: Item, body: Bytes) -> Result<(), ApiError> {
        let (function, bytes) = (item.key().full(), body.len() as u64);
        if !self.lock().room.take(&function, bytes) {
            let text = "as many calls wait as may, of this function or in all; try again later";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "queue_full", text));
        }
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let written = self.store.change(Change::Put { number, item: Box::new(item.clone()), body }).await;
        let mut state = self.lock();
        if let Err(error) = written {
            state.room.give_back(&function, bytes);
            return Err(error.into());
        }
        state.line(&item).add(&function, number, item.due);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for an item's turn.
    pub async fn turn(&self) -> Turn {
        loop {
            let now = millis();
            let due = {
                let mut state = self.lock();
                if let Some(turn) = state.turn(now) {
                    return turn;
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
    pub async fn finish(&self, turn: Turn, body_bytes: u64) -> Result<(), StoreError> {
        let removed = self.store.change(Change::Remove { number: turn.number }).await;
        self.lock().room.give_back(&turn.function, body_bytes);
        self.end(turn);
        removed
    }

    /// It is to be tried again, at its `due`.
    pub async fn again(&self, turn: Turn, item: Item) -> Result<(), StoreError> {
        let due = item.due;
        let written = self.store.change(Change::Stage { number: turn.number, item: Box::new(item) }).await;
        {
            let mut state = self.lock();
            let line = if turn.callback { &mut state.callbacks } else { &mut state.calls };
            line.add(&turn.function, turn.number, due);
        }
        self.end(turn);
        written
    }

    /// It was called; its answer is to be brought back. When this returns the answer is on disk.
    pub async fn answered(&self, turn: Turn, item: Item, request_bytes: u64, body: Bytes) -> Result<(), StoreError> {
        let (number, bytes, due) = (turn.number, body.len() as u64, item.due);
        let written = self.store.change(Change::Put { number, item: Box::new(item), body }).await;
        {
            let mut state = self.lock();
            state.room.give_back(&turn.function, request_bytes);
            state.room.hold(&turn.function, bytes);
            // If it could not be written, the function runs again: at least once.
            let line = if written.is_ok() { &mut state.callbacks } else { &mut state.calls };
            line.add(&turn.function, number, due);
        }
        self.end(turn);
        written
    }

    /// Leaves an item as it is on disk, for the next start.
    pub fn leave(&self, turn: Turn) {
        self.end(turn);
    }

    pub fn depth(&self) -> Depth {
        let state = self.lock();
        let (calls_running, callbacks_running) = (state.calls.running(), state.callbacks.running());
        Depth { held: state.room.held(), calls_running, callbacks_running }
    }

    fn end(&self, turn: Turn) {
        let mut state = self.lock();
        let line = if turn.callback { &mut state.callbacks } else { &mut state.calls };
        line.ended(&turn.function);
        drop(state);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn line(&mut self, item: &Item) -> &mut Schedule<String> {
        match item.stage {
            Stage::Call { .. } => &mut self.calls,
            Stage::Callback { .. } => &mut self.callbacks,
        }
    }

    /// Callbacks first: they end items.
    fn turn(&mut self, now: u64) -> Option<Turn> {
        if let Some((function, number)) = self.callbacks.next(now) {
            return Some(Turn { number, function, callback: true });
        }
        self.calls.next(now).map(|(function, number)| Turn { number, function, callback: false })
    }

    fn next_due(&self, now: u64) -> Option<u64> {
        [self.callbacks.next_due(now), self.calls.next_due(now)].into_iter().flatten().min()
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn millis() -> u64 {
    now().as_millis() as u64
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
