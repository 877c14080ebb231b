//! What most commands need: the chain, your key, your twin, a node's door.

use crate::{args::Cli, error::CliError, output::Output};
use grid_client::{records::Node, Bus, BusTarget, Call, Chain, Event, Included, Key, View, Wait};

/// One run of the program.
pub struct Session {
    /// Where and how to print.
    pub out: Output,
    endpoints: Vec<String>,
    secret: Option<String>,
}

/// Your twin and the key of its account.
pub struct Me {
    /// The key.
    pub key: Key,
    /// The twin.
    pub twin: u32,
}

impl Session {
    /// From the global options.
    pub fn new(cli: &Cli) -> Self {
        Self { out: Output { json: cli.json }, endpoints: cli.node_url.clone(), secret: cli.key.clone() }
    }

    /// The chain.
    pub async fn chain(&self) -> Result<Chain, CliError> {
        Ok(Chain::connect(&self.endpoints).await?)
    }

    /// Your key.
    pub fn key(&self) -> Result<Key, CliError> {
        let secret = self.secret.as_deref().ok_or_else(|| {
            CliError::usage("no_key", "this needs your key")
                .hint("give --key or set GRID_KEY; make one with: grid key new")
        })?;
        Ok(Key::from_uri_or_file(secret)?)
    }

    /// Your key and twin.
    pub async fn me(&self, view: &View) -> Result<Me, CliError> {
        let key = self.key()?;
        let twin = view.twin_of(key.account()).await?.ok_or_else(|| {
            CliError::failed("no_twin", format!("the account {} has no twin", key.account()))
                .hint("make one with: grid twin create")
        })?;
        Ok(Me { key, twin })
    }

    /// Sends a call and waits until it is in a block.
    pub async fn submit(&self, chain: &Chain, key: &Key, call: Call) -> Result<Included, CliError> {
        Ok(chain.submit(key, call, Wait::InBlock).await?)
    }

    /// Sends a call and waits until its block is final.
    pub async fn submit_final(&self, chain: &Chain, key: &Key, call: Call) -> Result<Included, CliError> {
        Ok(chain.submit(key, call, Wait::Finalized).await?)
    }
}

impl Me {
    /// A connection to a node's direct door.
    pub async fn bus(&self, chain: &Chain, node: &Node) -> Result<Bus, CliError> {
        let url = node.spec.bus.clone().ok_or_else(|| {
            CliError::failed("no_bus", format!("node {} has no direct door", node.id))
                .hint("choose another node: grid node list")
        })?;
        let target = BusTarget { url, node_twin: node.twin_id, agent: node.agent };
        Ok(Bus::connect(target, self.key.clone(), self.twin, chain.genesis()).await?)
    }
}

/// The event that a transaction must have caused; its absence is a fault of the chain or of this program.
pub fn expect_event<T>(included: &Included, what: &str, pick: impl Fn(&Event) -> Option<T>) -> Result<T, CliError> {
    let missing =
        || CliError::failed("event_missing", format!("{what} is not among the events of block {}", included.block));
    included.events.iter().find_map(pick).ok_or_else(missing)
}

/// A node that exists.
pub async fn node(view: &View, id: u32) -> Result<Node, CliError> {
    view.node(id).await?.ok_or_else(|| CliError::not_found("node", id).hint("see: grid node list"))
}

/// A contract that exists.
pub async fn contract(view: &View, id: u64) -> Result<grid_client::records::Contract, CliError> {
    let Some(contract) = view.contract(id).await? else {
        let ended = id > 0 && id < view.next_contract_id().await?;
        let hint = if ended { "it has ended; its charges: grid contract bill" } else { "see: grid contract list" };
        return Err(CliError::not_found("contract", id).hint(hint));
    };
    Ok(contract)
}
