//! The gateway that runs the functions: OpenFaaS' REST API, whoever serves it.
//!
//! [`Faas`] speaks to the embedded gateway and to an OpenFaaS alike. [`embedded`] starts the former in this process.

mod client;
pub mod embedded;
mod secrets;
mod wire;

pub use client::{Endpoint, Faas, FaasError, WrittenLine};
pub use secrets::{secret_name, SecretSpec};
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
    /// Where it may connect to: `host[:port]`, with commas between; nowhere without it.
    pub const EGRESS: &str = "com.gridchain.egress";
    /// With the name of a file behind it: the gateway's secret that the function finds in that file.
    pub const SECRET: &str = "com.gridchain.secret.";
    /// Fingerprint of all that was asked for, by which the agent knows what runs.
    pub const HASH: &str = "com.gridchain.hash";
}
