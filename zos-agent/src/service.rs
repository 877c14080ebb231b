//! The agent as a service: from its start to the signal that ends it.

use crate::{
    agent::Agent,
    chain::{client::RpcChain, failover::Failover, Chain},
    config::Config,
    error::AgentError,
    key::AgentKey,
    shutdown::Signals,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Runs the agent until SIGTERM or SIGINT, in a runtime of its own. Logging is the caller's.
pub fn run(config: &Config, key: AgentKey) -> Result<(), AgentError> {
    let failed = |reason: std::io::Error| AgentError::State { path: config.state_dir.clone(), reason: reason.into() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(serve(config, key))
}

/// The chain behind the configured endpoints, which are watched from now on. Within a runtime.
pub fn chain(config: &Config, key: &AgentKey) -> Arc<dyn Chain> {
    let endpoint = |url: &String| -> (String, Arc<dyn Chain>) {
        (grid_client::shown(url), Arc::new(RpcChain::new(vec![url.clone()], key.clone())))
    };
    Failover::start(config.chain.endpoints.iter().map(endpoint).collect())
}

async fn serve(config: &Config, key: AgentKey) -> Result<(), AgentError> {
    let mut signals = Signals::listen()
        .map_err(|reason| AgentError::State { path: config.state_dir.clone(), reason: reason.into() })?;
    let stop = CancellationToken::new();
    let starting = Agent::start(config, chain(config, &key), key, stop.clone());
    let mut agent = tokio::select! {
        started = starting => started?,
        signal = signals.next() => {
            tracing::info!(signal, "stopped before the start was complete");
            return Ok(());
        },
    };
    let outcome = tokio::select! {
        signal = signals.next() => {
            tracing::info!(signal, "stopping");
            Ok(())
        },
        part = agent.failed() => Err(AgentError::Broken(part)),
    };
    signals.exit_at_next();
    agent.stop().await;
    outcome
}
