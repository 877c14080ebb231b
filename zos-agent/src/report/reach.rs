//! Whether the node can be reached: it knocks at its own door like a user, and hears whether the agent behind it answers.

use super::own_door;
use crate::{config::BusConfig, key::AgentKey, store::identity::Identity};
use grid_client::{bus::direct::Direct, Account, BusError, BusTarget};
use grid_types::bus::Code;
use std::{net::SocketAddr, time::Duration};

/// The longest that the door may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Knocks.
#[derive(Clone)]
pub struct SelfCheck {
    url: String,
    own: bool,
    key: AgentKey,
    identity: Identity,
}

impl SelfCheck {
    /// At the door of this process, which may stand for all interfaces, and whose certificate is for another name.
    pub fn new(door: SocketAddr, config: &BusConfig, key: AgentKey, identity: Identity) -> Self {
        let scheme = if config.tls_certificate.is_some() { "wss" } else { "ws" };
        let url = format!("{scheme}://{}", crate::faas::embedded::reachable(door));
        Self { own: true, ..Self::at(url, key, identity) }
    }

    /// At any address at which this node should answer, with a certificate for it if there is TLS.
    pub const fn at(url: String, key: AgentKey, identity: Identity) -> Self {
        Self { url, own: false, key, identity }
    }

    /// Asks who is there. An introduction that the agent's key signed for this question proves that the door is open and that
    /// the agent behind it reads and answers. So does a refusal at the own door because others knock too often: they are heard.
    pub async fn knock(&self) -> Result<(), BusError> {
        let agent = Account(self.key.account());
        let target = BusTarget { url: self.url.clone(), node_twin: self.identity.twin_id, agent, roots: None };
        let (key, twin, genesis) = (self.key.client_key().clone(), self.identity.twin_id, self.identity.genesis);
        let asked = async {
            let door = if self.own {
                let tls = own_door::tls().map_err(|error| BusError::BadRequest { reason: error.to_string() })?;
                Direct::connect_over(&target, key, twin, genesis, Some(tls)).await?
            } else {
                Direct::connect(&target, key, twin, genesis).await?
            };
            door.introduction().await
        };
        let silent = || BusError::Unreachable {
            url: self.url.clone(),
            reason: format!("no answer in {} s", PATIENCE.as_secs()),
        };
        match tokio::time::timeout(PATIENCE, asked).await.map_err(|_| silent())? {
            Err(error) if self.own && error.refusal() == Some(Code::RateLimited) => Ok(()),
            asked => asked.map(drop),
        }
    }
}
