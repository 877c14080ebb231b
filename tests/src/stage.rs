//! A meadow on a quick chain in memory whose node is served by processes of their own: what a story is told upon.

use crate::{
    home::Home,
    inside::quick_chain,
    meadow::{Meadow, AGENT},
};
use chain_in_memory::{Chain, Endpoint};
use grid_client::Chain as Client;
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

/// The meadow; nothing serves its node yet.
pub struct Stage {
    /// The chain; its blocks come by themselves.
    pub chain: Chain,
    /// Where the agent hears of it.
    pub agents: Arc<Endpoint>,
    /// The farm, and what its user can do.
    pub meadow: Meadow,
    /// The things of agent and gateway.
    pub home: Home,
    /// Nothing is ever wrong with it.
    _user: Endpoint,
    _folder: TempDir,
}

impl Stage {
    /// A meadow for an agent with a gateway in it.
    pub async fn new() -> Self {
        Self::furnished(Home::furnish).await
    }

    /// A meadow for an agent and a gateway that are two processes.
    pub async fn apart() -> Self {
        Self::furnished(Home::furnish_apart).await
    }

    async fn furnished(furnish: impl Fn(&Path, &[String], &str) -> Home) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let chain = spawn_blocking(quick_chain).await.expect("a chain can be made");
        let (agents, user) = (Arc::new(chain.endpoint()), chain.endpoint());
        let home = furnish(folder.path(), &[agents.url()], AGENT);
        let client = Client::connect(&[user.url()]).await.expect("the endpoint serves");
        let meadow = Meadow::found(client, home.bus, home.gateway).await;
        chain.run();
        Self { chain, agents, meadow, home, _user: user, _folder: folder }
    }
}
