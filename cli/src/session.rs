//! What most commands need: the chain, your key, your twin, a node's door.

use crate::{advice::Errand, args::Cli, error::CliError, output::Output};
use grid_client::{
    records::{Contract, Entity, Farm, Node, PricingPolicy, Twin},
    Bus, BusTarget, Call, Chain, Event, Included, Key, View, Wait,
};
use grid_types::bus::{Empty, SystemVersion, SYSTEM_VERSION};
use std::path::PathBuf;

/// One run of the program.
pub struct Session {
    /// Where and how to print.
    pub out: Output,
    endpoints: Vec<String>,
    secret: Option<String>,
    door: Door,
}

/// How to reach nodes, if not as the chain says.
#[derive(Clone, Default)]
struct Door {
    url: Option<String>,
    roots: Option<PathBuf>,
}

/// Your twin and the key of its account.
pub struct Me {
    /// The key.
    pub key: Key,
    /// The twin.
    pub twin: u32,
    door: Door,
}

impl Session {
    /// From the global options.
    pub fn new(cli: &Cli) -> Self {
        let door = Door { url: cli.bus.clone(), roots: cli.bus_ca.clone() };
        Self { out: Output { json: cli.json }, endpoints: cli.node_url.clone(), secret: cli.key.clone(), door }
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
        Ok(Me { key, twin, door: self.door.clone() })
    }

    /// The number of your twin, if you gave a key and it has one.
    pub async fn twin_if_known(&self, view: &View) -> Result<Option<u32>, CliError> {
        match self.secret {
            Some(_) => Ok(view.twin_of(self.key()?.account()).await?),
            None => Ok(None),
        }
    }

    /// Sends a call and waits until it is in a block.
    pub async fn submit(&self, chain: &Chain, key: &Key, call: Call) -> Result<Included, CliError> {
        send(chain, key, call, Wait::InBlock).await
    }

    /// Sends a call and waits until its block is final.
    pub async fn submit_final(&self, chain: &Chain, key: &Key, call: Call) -> Result<Included, CliError> {
        send(chain, key, call, Wait::Finalized).await
    }
}

impl Me {
    /// A connection to a node: through the door that was given, else its direct one.
    pub async fn bus(&self, chain: &Chain, node: &Node) -> Result<Bus, CliError> {
        let url = self.door.url.clone().or_else(|| node.spec.bus.clone()).ok_or_else(|| {
            CliError::failed("no_bus", format!("node {} has no direct door", node.id))
                .hint("reach it through your rmb-peer with --bus redis://..., or choose another node: grid node list")
        })?;
        let roots = self.door.roots.clone();
        let target = BusTarget { url, node_twin: node.twin_id, agent: node.agent, roots };
        Ok(Bus::connect(target, self.key.clone(), self.twin, chain.genesis()).await?)
    }
}

/// Asks a node who it is: that its door opens does not say that messages reach its agent, and come back.
pub async fn hear(bus: &Bus, node: &Node) -> Result<(), CliError> {
    let said: SystemVersion = bus.call(SYSTEM_VERSION, &Empty {}).await?;
    if said.node_id == node.id {
        return Ok(());
    }
    let message = format!("behind this door is node {}, not node {}", said.node_id, node.id);
    Err(CliError::failed("another_node", message).hint("is --bus right? see: grid node show"))
}

/// The event that a transaction must have caused; its absence is a fault of the chain or of this program.
pub fn expect_event<T>(included: &Included, what: &str, pick: impl Fn(&Event) -> Option<T>) -> Result<T, CliError> {
    let missing = || event_missing(what, included);
    included.events.iter().find_map(pick).ok_or_else(missing)
}

/// The same for events that are looked for in another way.
pub fn event_missing(what: &str, included: &Included) -> CliError {
    CliError::failed("event_missing", format!("{what} is not among the events of block {}", included.block))
        .hint("look at what became of it before sending it again, and please report this")
}

async fn send(chain: &Chain, key: &Key, call: Call, wait: Wait) -> Result<Included, CliError> {
    let errand = Errand::of(&call);
    chain.submit(key, call, wait).await.map_err(|error| CliError::of_submit(&error, errand))
}

/// A twin that exists.
pub async fn twin(view: &View, id: u32) -> Result<Twin, CliError> {
    let missing = || CliError::not_found("twin", id).hint("its owner sees the number with: grid twin show");
    view.twin(id).await?.ok_or_else(missing)
}

/// An entity that exists.
pub async fn entity(view: &View, id: u32) -> Result<Entity, CliError> {
    let missing = || CliError::not_found("entity", id).hint("its owner sees the number with: grid entity show");
    view.entity(id).await?.ok_or_else(missing)
}

/// A price list that exists.
pub async fn policy(view: &View, id: u32) -> Result<PricingPolicy, CliError> {
    let missing = || CliError::not_found("price list", id).hint("a farm's price list is in: grid farm show");
    view.policy(id).await?.ok_or_else(missing)
}

/// A farm that exists.
pub async fn farm(view: &View, id: u32) -> Result<Farm, CliError> {
    view.farm(id).await?.ok_or_else(|| no_farm(id))
}

/// There is no such farm.
pub fn no_farm(farm: impl ToString) -> CliError {
    CliError::not_found("farm", farm).hint("see: grid farm list")
}

/// A node that exists.
pub async fn node(view: &View, id: u32) -> Result<Node, CliError> {
    view.node(id).await?.ok_or_else(|| CliError::not_found("node", id).hint("see: grid node list"))
}

/// A contract that exists.
pub async fn contract(view: &View, id: u64) -> Result<Contract, CliError> {
    match view.contract(id).await? {
        Some(contract) => Ok(contract),
        None => Err(no_contract(view, id).await?),
    }
}

/// Why there is no contract of this number.
async fn no_contract(view: &View, id: u64) -> Result<CliError, CliError> {
    if let Some(lease) = view.name_lease(id).await? {
        return Ok(lease_not_contract(id, &lease.name));
    }
    let ended = id > 0 && id < view.next_contract_id().await?;
    let hint = match ended {
        true => format!("it has ended; its charges: grid contract bill {id}"),
        false => "see: grid contract list".into(),
    };
    Ok(CliError::not_found("contract", id).hint(hint))
}

/// Leases of names are counted together with contracts.
pub fn lease_not_contract(id: u64, name: &str) -> CliError {
    CliError::not_found("contract", format!("{id}: that is the number of a lease, of the name {name}"))
        .hint(format!("see: grid name show {name}; end it: grid name cancel {name}"))
}
