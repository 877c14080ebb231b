//! Names for the points at which a kill must be harmless.
//!
//! Each is a trace event and nothing else. Tests run this crate in a process that ends itself, without a warning, when one of
//! them is reached; see `tests/src/bin/crash-gateway.rs` and `crash-agent.rs`.

/// The target of the events; their field is `step`.
const TARGET: &str = "faas_gateway::step";

/// The work has come this far.
pub(crate) fn reached(step: &'static str) {
    tracing::trace!(target: TARGET, step);
}
