//! `/system/logs`: what functions wrote to their standard error, one JSON object per line.
//!
//! `follow=true` goes on with what comes, until the caller goes, the function is deleted or the gateway stops.

use super::{query::Query, Api};
use crate::{
    error::ApiError,
    function::Function,
    log_ring::{Line, Lines},
    model::LogMessage,
    names::Key,
    rfc3339,
};
use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use std::{convert::Infallible, sync::Arc, time::SystemTime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
pub(super) struct LogQuery {
    name: String,
    namespace: Option<String>,
    /// A call's id.
    instance: Option<String>,
    /// Zero or less means all.
    tail: Option<i64>,
    /// RFC 3339.
    since: Option<String>,
    // Not a `bool`: clients write `1` as well as `true`.
    follow: Option<String>,
}

/// Which lines are wanted.
struct Wanted {
    instance: Option<String>,
    since: Option<SystemTime>,
}

impl Wanted {
    fn has(&self, line: &Line) -> bool {
        self.since.is_none_or(|since| line.at >= since) && self.instance.as_ref().is_none_or(|id| line.call_id == *id)
    }
}

/// GET.
pub(super) async fn logs(State(api): State<Api>, Query(query): Query<LogQuery>) -> Result<Response, ApiError> {
    let function = Key::parse_within(&query.name, query.namespace.as_deref())
        .and_then(|key| api.core.find(key))
        .ok_or_else(|| ApiError::function_not_found(&query.name))?;
    let follow = flag(query.follow.as_deref())?;
    let wanted = Wanted {
        instance: query.instance.filter(|instance| !instance.is_empty()),
        since: since(query.since.as_deref())?,
    };
    let tail = query.tail.and_then(|tail| usize::try_from(tail).ok()).filter(|tail| *tail > 0);
    let there = function.shared.log.read(|line| wanted.has(line), tail);
    let first = text(&function, &there);
    let body = if follow {
        let end = api.core.stopping.clone();
        Body::from_stream(stream::iter([Ok::<_, Infallible>(first)]).chain(follower(function, wanted, there.next, end)))
    } else {
        Body::from(first)
    };
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

fn since(text: Option<&str>) -> Result<Option<SystemTime>, ApiError> {
    let read = |text| {
        rfc3339::parse(text).ok_or_else(|| {
            ApiError::bad_request(
                "invalid_since",
                "since must be a time as in 2026-01-31T12:00:00Z (in a query, '+' is %2B)",
            )
        })
    };
    text.filter(|text| !text.is_empty()).map(read).transpose()
}

fn flag(text: Option<&str>) -> Result<bool, ApiError> {
    match text {
        None | Some("" | "0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(ApiError::bad_request("bad_query", "follow must be true or false")),
    }
}

/// One that reads on.
struct Follower {
    function: Arc<Function>,
    wanted: Wanted,
    next: u64,
    written: watch::Receiver<u64>,
    end: CancellationToken,
}

/// What comes after line number `next`, in pieces as it comes.
fn follower(
    function: Arc<Function>,
    wanted: Wanted,
    next: u64,
    end: CancellationToken,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let written = function.shared.log.watch();
    let follower = Follower { function, wanted, next, written, end };
    stream::unfold(follower, |mut follower| async move { Some((Ok(follower.more().await?), follower)) })
}

impl Follower {
    /// Waits for lines; `None` when no more come.
    async fn more(&mut self) -> Option<Bytes> {
        loop {
            // Marked as seen before it is read: what is written in between wakes the next wait.
            self.written.mark_unchanged();
            let read = self.function.shared.log.read_from(self.next, |line| self.wanted.has(line));
            self.next = read.next;
            let text = text(&self.function, &read);
            if !text.is_empty() {
                return Some(text);
            }
            tokio::select! {
                biased;
                () = self.end.cancelled() => return None,
                () = self.function.shared.gone.cancelled() => return None,
                changed = self.written.changed() => changed.ok()?,
            }
        }
    }
}

fn text(function: &Function, read: &Lines) -> Bytes {
    let mut text = Vec::new();
    if read.missed > 0 {
        let note = format!("[{} lines were dropped: they came faster than they were read]", read.missed);
        write(&mut text, function, Line { at: SystemTime::now(), call_id: String::new(), text: note });
    }
    for line in &read.lines {
        write(&mut text, function, line.clone());
    }
    text.into()
}

fn write(text: &mut Vec<u8>, function: &Function, line: Line) {
    let Key { namespace, name } = function.key();
    let message = LogMessage {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        instance: line.call_id,
        timestamp: humantime::format_rfc3339_nanos(line.at).to_string(),
        text: line.text,
    };
    // Texts always can be written as JSON, and a Vec takes them.
    if serde_json::to_writer(&mut *text, &message).is_ok() {
        text.push(b'\n');
    }
}
