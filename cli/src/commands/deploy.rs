//! Reserving capacity on a node and running a deployment there.

use super::{
    balance::grid,
    node::capacity_text,
    quote,
    rollout::{self, Rollout},
};
use crate::{
    amount::{Amount, Bytes, Vcpu},
    args::{DeployArgs, ResourceArgs},
    copy,
    deployment::{self, Defaults, Prepared},
    error::CliError,
    output::Fields,
    session::{self, expect_event, Me, Session},
    signing,
};
use grid_client::{
    records::{Contract, ContractMode, Node, PriceLimit, Quote},
    Call, Chain, CreateContract, Event, Hash, View,
};
use grid_types::{
    bus::{DEPLOYMENT_DEPLOY, DEPLOYMENT_UPDATE},
    challenge,
    deployment::Deployment,
    units::{Capacity, Prices, Resources, GIB, TRAFFIC_UNIT},
};
use serde_json::json;

/// Processors that are reserved when nothing is said, thousandths.
const DEFAULT_CRU: Vcpu = Vcpu(1_000);
/// Disk that is reserved when nothing is said: room for the module and what is compiled from it.
const DEFAULT_SRU: Bytes = Bytes(GIB);
/// Traffic that is reserved when nothing is said, bytes per hour.
const DEFAULT_NRU: Bytes = Bytes(TRAFFIC_UNIT);

pub async fn run(session: &Session, args: DeployArgs) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let node = session::node(&view, args.node).await?;
    let made = match args.contract {
        Some(id) => Some(session::contract(&view, id).await?),
        None => None,
    };
    let (contract_id, version) = made.as_ref().map_or((0, 0), |contract| (contract.contract_id, contract.version));
    let defaults = Defaults { twin_id: me.twin, contract_id, version, module: args.module.as_deref() };
    let mut prepared = deployment::read(&args.file, defaults)?;
    signing::ask(&mut prepared.deployment, &args.asked)?;
    if let Some(contract) = &made {
        prepared.deployment.version = agreed_version(&prepared.deployment, contract, &chain.genesis())?;
    }
    // What the node would refuse for want of a signature is not worth setting money aside for.
    let genesis = chain.genesis();
    signing::sign(&mut prepared.deployment, &me, &genesis);
    signing::check(&view, &prepared.deployment, &genesis).await?;
    // The node is heard before money is set aside.
    let bus = me.bus(&chain, &node).await?;
    session::hear(&bus, &node).await?;
    let contract_id = match args.contract {
        Some(contract_id) => contract_id,
        None => create(session, &chain, &view, &me, &node, &args, &prepared).await?,
    };
    prepared.deployment.contract_id = contract_id;

    let rollout = Rollout::new(&bus, session.out, args.timeout, args.contract.is_none());
    let command = if prepared.deployment.version == 0 { DEPLOYMENT_DEPLOY } else { DEPLOYMENT_UPDATE };
    let workloads = rollout.run(command, &prepared).await;
    let workloads = workloads.map_err(|error| rollout::go_on(error, node.id, contract_id))?;

    let billing = chain.best().await?.billing(contract_id).await?;
    let contract = session::contract(&chain.best().await?, contract_id).await?;
    let ips: Vec<_> = contract.public_ips_list.iter().map(ToString::to_string).collect();
    let fields = Fields::default()
        .with("contract", contract_id)
        .with("node", node.id)
        .with("hash", format!("0x{}", hex::encode(contract.deployment_hash)))
        .maybe("public ips", (!ips.is_empty()).then(|| ips.join(" ")))
        .maybe("escrow", billing.as_ref().map(|billing| grid(billing.escrow)));
    let json = json!({
        "contract_id": contract_id, "node_id": node.id, "deployment_hash": format!("0x{}", hex::encode(contract.deployment_hash)),
        "public_ips": contract.public_ips_list, "escrow": billing.map(|billing| billing.escrow), "workloads": workloads,
    });
    session.out.fields_and_table(json, fields, &rollout::HEADER, &rollout::rows(&workloads));
    Ok(())
}

/// The version under which a deployment has the hash that is on chain. The contract's own may be a later one: a change of
/// addresses counts it up and leaves the hash.
fn agreed_version(deployment: &Deployment, contract: &Contract, genesis: &Hash) -> Result<u32, CliError> {
    let agreed = |version: &u32| {
        challenge::hash(&Deployment { version: *version, ..deployment.clone() }, genesis) == contract.deployment_hash
    };
    let mut versions = std::iter::once(deployment.version).chain((0..=contract.version).rev());
    versions.find(agreed).ok_or_else(|| {
        let id = contract.contract_id;
        CliError::failed("hash_mismatch", format!("this is not the deployment that contract {id} was made for"))
            .hint(format!("see what was agreed: grid recover {id}; to agree on this one: grid update --contract {id}"))
    })
}

/// Makes the contract and waits until that is final.
async fn create(
    session: &Session,
    chain: &Chain,
    view: &View,
    me: &Me,
    node: &Node,
    args: &DeployArgs,
    prepared: &Prepared,
) -> Result<u64, CliError> {
    let genesis = chain.genesis();
    let deployment = &prepared.deployment;
    let resources = resources(&args.resources, deployment, None);
    ensure_enough(&resources, deployment)?;
    let deployment_hash = challenge::hash(deployment, &genesis);
    session.out.note(format!("deployment hash 0x{}", hex::encode(deployment_hash)));
    let quote = quote::of_wish(view, node.id, resources, args.ips).await?;
    session.out.note(format!("reserving {}, {} public addresses", capacity_text(&resources.capacity()), args.ips));
    session.out.note(quote::sentence(&quote));
    let prices = prices_of(view, node).await?;
    let limit = price_limit(&quote, prices.gb_second, args.price_limit);
    let call = Call::CreateContract(CreateContract {
        node_id: node.id,
        deployment_hash,
        data: sealed(me, &genesis, deployment, args.no_data)?,
        public_ips: args.ips,
        resources,
        mode: ContractMode::Reserved,
        price_limit: Some(limit),
    });
    let included = session.submit_final(chain, &me.key, call).await?;
    let (contract_id, escrow) = expect_event(&included, "ContractCreated", |event| match event {
        Event::ContractCreated { contract_id, escrow, .. } => Some((*contract_id, *escrow)),
        _ => None,
    })?;
    session.out.note(format!("contract {contract_id} is final; {} set aside", grid(escrow)));
    Ok(contract_id)
}

/// What to reserve: what is given, else what is reserved already, else the defaults.
pub fn resources(args: &ResourceArgs, deployment: &Deployment, current: Option<Resources>) -> Resources {
    match current {
        Some(current) => chosen(args, current),
        None => default_resources(args, deployment.required().mru),
    }
}

/// What to reserve: what is given, else the defaults; `mru` is that of memory.
pub fn default_resources(args: &ResourceArgs, mru: u64) -> Resources {
    let (cru, sru, nru_per_hour) = (DEFAULT_CRU.0, DEFAULT_SRU.0, DEFAULT_NRU.0);
    chosen(args, Resources { cru, mru, sru, hru: 0, nru_per_hour })
}

fn chosen(args: &ResourceArgs, default: Resources) -> Resources {
    let Capacity { cru, mru, sru, hru } = args.capacity.over(default.capacity());
    Resources { cru, mru, sru, hru, nru_per_hour: args.nru.map_or(default.nru_per_hour, |given| given.0) }
}

/// The node would refuse a deployment that needs more than is reserved; better before money is set aside.
pub fn ensure_enough(resources: &Resources, deployment: &Deployment) -> Result<(), CliError> {
    let required = deployment.required();
    if required.within(&resources.capacity()) {
        return Ok(());
    }
    let message =
        format!("the workloads may take {} of memory, {} is reserved", Bytes(required.mru), Bytes(resources.mru));
    Err(CliError::usage("over_reserved", message).hint("reserve more with --mru, or lower the workloads' memory"))
}

/// The most that is accepted: what is given, else what was quoted.
pub fn price_limit(quote: &Quote, max_gb_second: u64, given: Option<Amount>) -> PriceLimit {
    PriceLimit { max_hourly: given.map_or(quote.hourly, |amount| amount.0), max_gb_second }
}

/// The prices of a node's farm.
pub async fn prices_of(view: &View, node: &Node) -> Result<Prices, CliError> {
    let farm = session::farm(view, node.farm_id).await?;
    Ok(session::policy(view, farm.pricing_policy_id).await?.prices)
}

/// The deployment for the chain, sealed to its owner's key.
pub fn sealed(me: &Me, genesis: &Hash, deployment: &Deployment, no_data: bool) -> Result<Vec<u8>, CliError> {
    if no_data {
        return Ok(Vec::new());
    }
    copy::seal(&me.key, genesis, deployment)
        .map_err(|error| CliError::from(error).hint("keep a copy yourself and give --no-data"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_client::records::{ContractKind, ContractState};

    const GENESIS: Hash = [7; 32];

    fn deployment(version: u32) -> Deployment {
        let value = json!({
            "version": version, "twin_id": 2, "contract_id": 1, "metadata": "", "description": "", "expiration": 0,
            "workloads": [{ "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
                "data": { "module": format!("sha256:{}", "0".repeat(64)), "memory": 1 << 20, "timeout_ms": 1 } }],
        });
        Deployment::from_value(value).unwrap()
    }

    fn contract(version: u32, agreed: &Deployment) -> Contract {
        Contract {
            version,
            contract_id: 1,
            twin_id: 2,
            node_id: 1,
            kind: ContractKind::Capacity,
            deployment_hash: challenge::hash(agreed, &GENESIS),
            data: Vec::new(),
            public_ips: 0,
            public_ips_list: Vec::new(),
            resources: Resources::default(),
            mode: ContractMode::Reserved,
            state: ContractState::Created,
            deployed_version: None,
        }
    }

    #[test]
    fn the_version_is_the_one_that_was_hashed() {
        let agreed = contract(2, &deployment(1));
        for given in [2, 1, 0] {
            assert_eq!(agreed_version(&deployment(given), &agreed, &GENESIS).unwrap(), 1);
        }
    }

    #[test]
    fn another_deployment_is_refused_before_it_is_sent() {
        let other = Deployment { description: "other".into(), ..deployment(0) };
        assert_eq!(agreed_version(&other, &contract(2, &deployment(1)), &GENESIS).unwrap_err().code, "hash_mismatch");
    }
}
