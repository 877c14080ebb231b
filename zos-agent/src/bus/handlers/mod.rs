//! What the commands do: one file each kind, this one finds the right one.

mod contract;
mod deploy;
mod function;
mod logs;
mod module;
mod query;
mod system;

use crate::{
    bus::accounts::Accounts,
    chain::{Chain, Snapshot},
    engine::nudge::Nudge,
    faas::Faas,
    store::{identity::Identity, Store},
};
use grid_types::{
    bus::{self, Code, Failure},
    json,
};
use serde::{de::DeserializeOwned, Serialize};
use std::sync::Arc;
use tokio::sync::watch;

/// What handlers need.
pub struct Desk {
    /// Who this node is.
    pub identity: Identity,
    /// What was accepted.
    pub store: Store,
    /// What was agreed.
    pub chain: Arc<dyn Chain>,
    /// Whose key signs for which twin.
    pub accounts: Arc<Accounts>,
    /// What runs.
    pub faas: Faas,
    /// Calls the engine.
    pub nudge: Nudge,
    /// The engine's newest view of the chain.
    pub view: watch::Receiver<Option<Arc<Snapshot>>>,
    /// How users reach the gateway.
    pub public_url: String,
}

impl Desk {
    /// Carries out a command of a twin that is known to have sent it, and gives its result as JSON text.
    pub async fn handle(&self, source: u32, command: &str, payload: Vec<u8>) -> Result<Vec<u8>, Failure> {
        match command {
            bus::SYSTEM_VERSION => result(&self.system_version(read(payload)?)),
            bus::STATISTICS_GET => result(&self.statistics(read(payload)?).await?),
            bus::MODULE_PUT => result(&self.put_module(source, read(payload)?).await?),
            bus::DEPLOYMENT_DEPLOY => result(&self.deploy(source, read(payload)?, false).await?),
            bus::DEPLOYMENT_UPDATE => result(&self.deploy(source, read(payload)?, true).await?),
            bus::DEPLOYMENT_GET => result(&self.deployment(source, read(payload)?).await?),
            bus::DEPLOYMENT_CHANGES => result(&self.changes(source, read(payload)?).await?),
            bus::DEPLOYMENT_LIST => result(&self.deployments(source, read(payload)?).await?),
            bus::FUNCTION_INVOKE => result(&self.invoke(source, read(payload)?).await?),
            bus::FUNCTION_LOGS => result(&self.logs(source, read(payload)?).await?),
            bus::DEPLOYMENT_DELETE => Err(Failure::new(
                Code::CancelOnChain,
                "a deployment ends with its contract: cancel the contract on chain (grid cancel CONTRACT)",
            )),
            _ => Err(Failure::new(
                Code::UnknownCommand,
                format!("there is no command {command:?}; there are: {}", bus::COMMANDS.join(" ")),
            )),
        }
    }
}

/// Reads what a command needs, strictly.
fn read<T: DeserializeOwned>(payload: Vec<u8>) -> Result<T, Failure> {
    let value = json::parse(&payload)?;
    drop(payload);
    serde_json::from_value(value).map_err(|error| Failure::new(Code::BadSchema, format!("payload: {error}")))
}

fn result(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| Failure::new(Code::Internal, error.to_string()))
}
