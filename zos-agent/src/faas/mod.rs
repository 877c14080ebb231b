//! The gateway that runs the functions: OpenFaaS' REST API, whoever serves it.
//!
//! [`Faas`] speaks to the embedded gateway and to an OpenFaaS alike. [`embedded`] starts the former in this process.

mod client;
pub mod embedded;
mod wire;

pub use client::{Endpoint, Faas, FaasError, WrittenLine};
pub use wire::{FunctionSpec, Listed, Ownership, Reading};

/// What marks a function as an agent's.
pub mod labels {
    /// The contract it belongs to.
    pub const CONTRACT: &str = "com.gridchain.contract";
    /// The node it runs on.
    pub const NODE: &str = "com.gridchain.node";
    /// The workload's name.
    pub const WORKLOAD: &str = "com.gridchain.workload";
}

/// What tells the gateway how to run a function.
pub mod annotations {
    /// Who may call: `public`, `owner` or `token-sha256:<hex>`.
    pub const ACCESS: &str = "com.gridchain.access";
    /// The longest time for one call, milliseconds.
    pub const TIMEOUT_MS: &str = "com.gridchain.timeout-ms";
    /// Fingerprint of all that was asked for, by which the agent knows what runs.
    pub const HASH: &str = "com.gridchain.hash";
}
