//! An agent in the test's own process, on the chain behind real RPC endpoints.

use crate::home::Home;
use chain_in_memory::{Chain, Endpoint, Genesis};
use grid_client::Chain as Client;
use pallet_smart_contract::types::Parameters;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use zos_agent::{agent::Agent, config::Config, key::AgentKey, service};

use crate::meadow::{Meadow, AGENT};

/// How often a start is tried: what was killed a moment ago may still hold its files.
const STARTS: u32 = 200;

/// A chain in memory on which contracts live fast: a report and a heartbeat every second.
pub fn quick_chain() -> Chain {
    Chain::new(&quick())
}

/// How such a chain begins.
pub fn quick() -> Genesis {
    // On a busy machine a story takes longer than a contract usually waits for its deployment.
    let (report_period, heartbeat_period, min_free_window, create_timeout) = (1, 1, 1, 600);
    let rules =
        Parameters { report_period, heartbeat_period, min_free_window, create_timeout, ..Parameters::development() };
    Genesis { rules, ..Genesis::default() }
}

/// A meadow on a chain in memory, whose node is served by an agent in this process.
pub struct Inside {
    /// The chain; its blocks come by themselves.
    pub chain: Chain,
    /// The user's own endpoint; nothing is ever wrong with it.
    pub user: Endpoint,
    /// The farm, and what its user can do.
    pub meadow: Meadow,
    /// The agent's things.
    pub home: Home,
    agent: Option<Agent>,
    _folder: TempDir,
}

impl Inside {
    /// Makes the meadow and starts the agent with these endpoints of the chain.
    pub async fn with(chain: Chain, endpoints: &[&Endpoint]) -> Self {
        let urls: Vec<String> = endpoints.iter().map(|endpoint| endpoint.url()).collect();
        let mut inside = Self::before(chain, &urls).await;
        inside.start().await;
        inside
    }

    /// Makes the meadow; the agent is not started yet.
    pub async fn before(chain: Chain, urls: &[String]) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let home = Home::furnish(folder.path(), urls, AGENT);
        let user = chain.endpoint();
        let client = Client::connect(&[user.url()]).await.expect("the endpoint serves");
        let meadow = Meadow::found(client, home.bus, home.gateway).await;
        chain.run();
        Self { chain, user, meadow, home, agent: None, _folder: folder }
    }

    /// Starts the agent.
    pub async fn start(&mut self) {
        for attempt in 1.. {
            match self.try_start().await {
                Ok(agent) => {
                    self.agent = Some(agent);
                    return;
                },
                Err(error) if attempt == STARTS => panic!("the agent does not start: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Starts the agent, once.
    pub async fn try_start(&self) -> Result<Agent, zos_agent::error::AgentError> {
        let config = Config::load(&self.home.config(), [])?;
        let key = AgentKey::load(&config.node.key_file)?;
        let chain = service::chain(&config, &key);
        Agent::start(&config, chain, key, CancellationToken::new()).await
    }

    /// Stops the agent in good order.
    pub async fn stop(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.stop().await;
        }
    }
}
