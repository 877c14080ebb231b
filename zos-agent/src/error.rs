//! The agent's errors, one type per layer.

use grid_types::bus::{Code, Failure};
use std::path::PathBuf;

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::new(Code::Internal, "the node could not store this; try again")
    }
}

impl From<crate::chain::ChainError> for Failure {
    fn from(error: crate::chain::ChainError) -> Self {
        tracing::warn!(%error, "a command has to wait for the chain");
        Self::new(Code::ChainUnavailable, "the node cannot ask the chain at the moment; try again in a few seconds")
    }
}

/// Why the agent does not start or has to stop.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum AgentError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error("{path}: {reason}")]
    Key { path: PathBuf, reason: String },
    #[error("{path}: {reason}")]
    Password { path: PathBuf, reason: String },
    #[error("the state in {path} cannot be used: {reason}")]
    State { path: PathBuf, reason: crate::store::StoreError },
    #[error("the store failed: {0}")]
    Store(#[from] crate::store::StoreError),
    #[error("the bus cannot listen on {address}: {reason}")]
    Bus { address: std::net::SocketAddr, reason: std::io::Error },
    #[error("{path}: {reason}")]
    Tls { path: PathBuf, reason: String },
    #[error("{0}")]
    Redis(String),
    #[error("the agent cannot tell about itself at {place}: {reason}")]
    Admin { place: String, reason: std::io::Error },
    #[error("the embedded gateway does not start: {0}")]
    Gateway(String),
    #[error("the gateway's client cannot be made: {0}")]
    Faas(#[from] crate::faas::FaasError),
    #[error("the state belongs to node {stored}, this account is the agent of node {found}; use another state_dir or the right key")]
    OtherNode { stored: u32, found: u32 },
    #[error(
        "node.id is {configured}, and this account is the agent of node {found}; use the right number or the right key"
    )]
    NotOwnNode { configured: u32, found: u32 },
    #[error("node.id is {configured}, and the state belongs to node {stored}; set node.id = {stored}, or give node {configured} a state_dir of its own")]
    NotOwnState { configured: u32, stored: u32 },
    #[error("the state belongs to the chain 0x{stored}, the endpoint serves 0x{found}; check [chain] endpoints or use another state_dir")]
    OtherChain { stored: String, found: String },
    #[error(transparent)]
    Chain(#[from] crate::chain::ChainError),
    #[error("stopped before it had started")]
    Stopped,
    #[error("a part ended that should not: {0}")]
    Broken(String),
}
