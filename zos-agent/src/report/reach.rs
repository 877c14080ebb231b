//! Whether the node can be reached: it knocks at its own door like a user, and hears whether the agent behind it answers.

use crate::{key::AgentKey, store::identity::Identity};
use grid_client::{Account, Bus, BusError, BusTarget};
use grid_types::bus::SYSTEM_VERSION;
use std::{net::SocketAddr, time::Duration};

/// The longest that the door may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Knocks.
#[derive(Clone)]
pub struct SelfCheck {
    url: String,
    key: AgentKey,
    identity: Identity,
}

impl SelfCheck {
    /// At the door of this process, which may stand for all interfaces.
    pub fn new(door: SocketAddr, key: AgentKey, identity: Identity) -> Self {
        Self::at(format!("ws://{}", crate::faas::embedded::reachable(door)), key, identity)
    }

    /// At any address at which this node should answer.
    pub const fn at(url: String, key: AgentKey, identity: Identity) -> Self {
        Self { url, key, identity }
    }

    /// Asks `zos.system.version`. Every answer that carries the agent's signature will do, also a refusal: it proves that the
    /// door is open and that the agent behind it reads and answers.
    pub async fn knock(&self) -> Result<(), BusError> {
        let target =
            BusTarget { url: self.url.clone(), node_twin: self.identity.twin_id, agent: Account(self.key.account()) };
        let key = self.key.client_key().clone();
        let asked = async {
            let bus = Bus::connect(target, key, self.identity.twin_id, self.identity.genesis).await?;
            bus.call_raw(SYSTEM_VERSION, b"{}".to_vec()).await
        };
        let silent = || BusError::Unreachable {
            url: self.url.clone(),
            reason: format!("no answer in {} s", PATIENCE.as_secs()),
        };
        match tokio::time::timeout(PATIENCE, asked).await.map_err(|_| silent())? {
            Ok(_) | Err(BusError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
