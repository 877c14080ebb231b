//! What is counted for Prometheus: OpenFaaS' names where it has them, and some more.
//!
//! **Labels are bounded.** A function's label exists as long as the function; statuses are those that HTTP knows, a
//! function's own inventions count by their class (`5xx`); paths are those of the
//! routes, not what callers write; reasons are this program's words. No caller can make a time series.

mod scrape;

pub(crate) use scrape::CONTENT_TYPE;

use crate::names::Key;
use axum::http::StatusCode;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{collections::BTreeSet, time::Duration};

/// How a call is counted whose caller went away before its answer began; nobody gets this status.
pub(crate) const CALLER_GONE: u16 = 499;

/// Bounds of histograms, in seconds: OpenFaaS' functions take milliseconds and more, these can take less.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFunction {
    function_name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCall {
    function_name: String,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    code: u16,
    method: &'static str,
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: u16,
}

/// What of a waiting call was given up, or tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Dropped {
    Call,
    Callback,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    what: Dropped,
}

/// Calls or callbacks that were tried again, or given up.
#[derive(Clone, Default)]
pub(crate) struct Steps(Family<What, Counter>);

impl Steps {
    pub fn count(&self, what: Dropped) {
        self.0.get_or_create(&What { what }).inc();
    }

    pub fn call(&self) {
        self.count(Dropped::Call);
    }

    pub fn callback(&self) {
        self.count(Dropped::Callback);
    }
}

/// Callbacks by the status of their answer; 0 for none.
#[derive(Clone, Default)]
pub(crate) struct Callbacks(Family<Code, Counter>);

impl Callbacks {
    pub fn sent(&self, status: Option<u16>) {
        self.0.get_or_create(&Code { code: status.unwrap_or(0) }).inc();
    }
}

/// All counters.
pub(crate) struct Metrics {
    registry: Registry,
    invocations: Family<OfCall, Counter>,
    started: Family<OfFunction, Gauge>,
    seconds: Family<OfCall, Histogram, fn() -> Histogram>,
    service_count: Family<OfFunction, Gauge>,
    requests: Family<OfRequest, Counter>,
    request_seconds: Family<OfRequest, Histogram, fn() -> Histogram>,
    refused: Family<Reason, Counter>,
    pub retries: Steps,
    pub dropped: Steps,
    pub callbacks: Callbacks,
    now: scrape::Now,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS.into_iter())
}

impl Metrics {
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            invocations: Family::default(),
            started: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            service_count: Family::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram),
            refused: Family::default(),
            retries: Steps::default(),
            dropped: Steps::default(),
            callbacks: Callbacks::default(),
            now: scrape::Now::default(),
        };
        metrics.register();
        metrics
    }

    /// Gives each its name. The library adds `_total` to counters.
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("gateway_function_invocation", "Calls that ended", self.invocations.clone());
        // A counter by nature; OpenFaaS' name for it has no `_total`, which a counter of this format must have.
        registry.register("gateway_function_invocation_started", "Calls that began", self.started.clone());
        registry.register("gateway_functions_seconds", "Time that calls took", self.seconds.clone());
        registry.register("gateway_service_count", "Replicas of a function", self.service_count.clone());
        registry.register("provider_http_requests", "Requests below /system", self.requests.clone());
        let seconds = self.request_seconds.clone();
        registry.register("provider_http_request_duration_seconds", "Time that requests below /system took", seconds);
        registry.register("gateway_calls_refused", "Calls that were not let in", self.refused.clone());
        registry.register("gateway_async_retries", "Waiting calls and callbacks tried again", self.retries.0.clone());
        registry.register("gateway_async_dropped", "Waiting calls and callbacks given up", self.dropped.0.clone());
        registry.register("gateway_async_callbacks", "Callbacks sent, by the answer", self.callbacks.0.clone());
        self.now.register(registry);
    }

    /// A call of a function that exists begins.
    pub fn call_began(&self, function: Key<'_>) {
        self.started.get_or_create(&OfFunction { function_name: function.full() }).inc();
    }

    /// It has ended, in whichever way.
    pub fn call_ended(&self, function: Key<'_>, code: u16, took: Duration) {
        let labels = OfCall { function_name: function.full(), code: label(code) };
        self.invocations.get_or_create(&labels).inc();
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A call was not let in, for one of the codes of errors.
    pub fn call_refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// A request below `/system` was answered. `path` is the route's.
    pub fn request(&self, path: &str, method: &'static str, code: u16, took: Duration) {
        let labels = OfRequest { code, method, path: path.to_owned() };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A function is gone, and its labels with it.
    pub fn forget(&self, function: Key<'_>) {
        let function_name = function.full();
        for code in (100..=999).map(label).collect::<BTreeSet<_>>() {
            let labels = OfCall { function_name: function_name.clone(), code };
            self.invocations.remove(&labels);
            self.seconds.remove(&labels);
        }
        let labels = OfFunction { function_name };
        self.started.remove(&labels);
        self.service_count.remove(&labels);
    }
}

/// A status as a label.
fn label(code: u16) -> String {
    let known = StatusCode::from_u16(code).is_ok_and(|status| status.canonical_reason().is_some());
    if known || code == CALLER_GONE {
        return code.to_string();
    }
    format!("{}xx", code / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(metrics: &Metrics) -> usize {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &metrics.registry).expect("text");
        text.lines().filter(|line| line.starts_with("gateway_function_invocation_total")).count()
    }

    #[test]
    fn a_function_that_invents_statuses_makes_few_series() {
        let metrics = Metrics::new();
        let function = Key::of("f", None).expect("a name");
        (100..=999).for_each(|code| metrics.call_ended(function, code, Duration::ZERO));
        assert!(series(&metrics) < 80, "{}", series(&metrics));
        metrics.forget(function);
        assert_eq!(series(&metrics), 0);
    }

    #[test]
    fn known_statuses_have_a_label_each() {
        assert_eq!([200, 404, 499, 504].map(label), ["200", "404", "499", "504"]);
        assert_eq!([299, 599, 999].map(label), ["2xx", "5xx", "9xx"]);
    }
}
