//! `/metrics`: what is true at this moment, taken when it is asked for, and all counters as text.

use super::{Metrics, OfFunction};
use crate::{core::Core, queue::Queue};
use prometheus_client::{encoding::text::encode, metrics::gauge::Gauge, registry::Registry};

/// The format that `encode` writes.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Gauges that are set when they are asked for.
#[derive(Clone, Default)]
pub(super) struct Now {
    calls: Gauge,
    memory: Gauge,
    memory_limit: Gauge,
    functions: Gauge,
    waiting: Gauge,
    waiting_bytes: Gauge,
    waiting_running: Gauge,
    callbacks_running: Gauge,
}

impl Now {
    pub fn register(&self, registry: &mut Registry) {
        let gauges = [
            ("gateway_calls_in_flight", "Calls that run", &self.calls),
            ("gateway_memory_bytes", "Linear memory of running instances", &self.memory),
            ("gateway_memory_limit_bytes", "The most there may be of it", &self.memory_limit),
            ("gateway_functions", "Deployed functions", &self.functions),
            ("gateway_async_queue_items", "Calls and callbacks that wait or run", &self.waiting),
            ("gateway_async_queue_bytes", "Their bodies", &self.waiting_bytes),
            ("gateway_async_calls_in_flight", "Waiting calls that run now", &self.waiting_running),
            ("gateway_async_callbacks_in_flight", "Callbacks that are being sent", &self.callbacks_running),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
    }
}

impl Metrics {
    /// Everything, as text.
    pub fn text(&self, core: &Core, queue: &Queue) -> String {
        let functions = core.list();
        for function in &functions {
            let labels = OfFunction { function_name: function.key().full() };
            self.service_count.get_or_create(&labels).set(function.replicas().into());
        }
        let depth = queue.depth();
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.now.calls.set(number(core.calls_in_flight()));
        self.now.memory.set(number(core.memory_in_use()));
        self.now.memory_limit.set(number(core.limits.memory_bytes));
        self.now.functions.set(number(functions.len() as u64));
        self.now.waiting.set(number(depth.held.items));
        self.now.waiting_bytes.set(number(depth.held.bytes));
        self.now.waiting_running.set(number(depth.calls_running as u64));
        self.now.callbacks_running.set(number(depth.callbacks_running as u64));
        let mut text = String::new();
        // A String takes whatever is written to it.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
