//! What tells one call from another, on its way in and out: its id, when it began, where it came from.

use crate::{server::Peer, SERVED_BY};
use axum::http::{header, request, HeaderMap, HeaderName, HeaderValue};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) const CALL_ID: HeaderName = HeaderName::from_static("x-call-id");
pub(super) const START_TIME: HeaderName = HeaderName::from_static("x-start-time");
pub(super) const DURATION: HeaderName = HeaderName::from_static("x-duration-seconds");
const SERVED: HeaderName = HeaderName::from_static("x-served-by");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// A call's identity.
pub(super) struct Identity {
    pub call_id: HeaderValue,
    start_time: HeaderValue,
}

impl Identity {
    /// Takes the caller's id or makes one, and completes the headers that the function will see.
    pub fn of(head: &mut request::Parts) -> Self {
        let fit = |id: &&HeaderValue| (1..=128).contains(&id.len()) && id.to_str().is_ok();
        let call_id = head.headers.get(CALL_ID).filter(fit).cloned().unwrap_or_else(|| {
            HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()).unwrap_or(HeaderValue::from_static("-"))
        });
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let start_time = HeaderValue::from(start);
        head.headers.insert(CALL_ID, call_id.clone());
        head.headers.insert(START_TIME, start_time.clone());
        let peer = head.extensions.get::<Peer>().and_then(|Peer(addr)| HeaderValue::from_str(&addr.to_string()).ok());
        if let Some(peer) = peer {
            head.headers.entry(FORWARDED_FOR).or_insert(peer);
        }
        if let Some(host) = head.headers.get(header::HOST).cloned() {
            head.headers.entry(FORWARDED_HOST).or_insert(host);
        }
        Self { call_id, start_time }
    }

    /// Marks an answer.
    pub fn mark(self, headers: &mut HeaderMap, duration: Duration) {
        headers.insert(CALL_ID, self.call_id);
        headers.insert(START_TIME, self.start_time);
        let seconds = HeaderValue::from_str(&format!("{:.6}", duration.as_secs_f64()));
        headers.insert(DURATION, seconds.unwrap_or(HeaderValue::from_static("0")));
        headers.insert(SERVED, HeaderValue::from_static(SERVED_BY));
        // A function may answer anything under any type it was asked with; a browser must not guess another.
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
}
