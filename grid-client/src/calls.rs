//! What can be asked of the chain, and how it is encoded.

use crate::{
    connect::{at_block_error, AtBlock},
    convert::bytes,
    error::ChainError,
    keys::Account,
    records::{ContractMode, DeploymentOutcome, NodeSpec, PriceLimit},
    runtime::api::{self, runtime_types as types},
    Hash,
};
use grid_types::units::{Prices, Report, Resources};
use std::net::Ipv4Addr;
use subxt::{
    ext::{
        scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter},
        scale_type_resolver::TypeResolver,
    },
    tx::Payload,
    utils::{MultiAddress, Static},
};
use types::bounded_collections::bounded_vec::BoundedVec;

/// The most reports that one [`Call::AddReports`] takes.
pub const MAX_REPORTS: usize = 500;

/// A call: what it does, who may sign it and what can go wrong is documented at the runtime's call of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Call {
    CreateTwin {
        relay: Option<String>,
        pk: Option<Vec<u8>>,
    },
    UpdateTwin {
        relay: Option<String>,
        pk: Option<Vec<u8>>,
    },
    CreatePricingPolicy {
        name: String,
        prices: Prices,
    },
    UpdatePricingPolicy {
        policy_id: u32,
        prices: Prices,
    },
    CreateFarm {
        name: String,
        policy_id: u32,
    },
    SetFarmPayout {
        farm_id: u32,
        account: Account,
    },
    AddFarmIp {
        farm_id: u32,
        address: Ipv4Addr,
        prefix_len: u8,
        gateway: Ipv4Addr,
    },
    RemoveFarmIp {
        farm_id: u32,
        address: Ipv4Addr,
    },
    AuthorizeNode {
        farm_id: u32,
        account: Account,
    },
    RevokeNodeAuthorization {
        farm_id: u32,
        account: Account,
    },
    CreateNode {
        farm_id: u32,
        spec: NodeSpec,
        agent: Option<Account>,
    },
    UpdateNode {
        node_id: u32,
        spec: NodeSpec,
    },
    SetNodeAgent {
        node_id: u32,
        agent: Account,
    },
    DeleteNode {
        node_id: u32,
    },
    ReportUptime {
        uptime: u64,
    },
    CreateContract(CreateContract),
    UpdateContract {
        contract_id: u64,
        deployment_hash: Hash,
        data: Vec<u8>,
        resources: Option<Resources>,
        price_limit: Option<PriceLimit>,
    },
    CancelContract {
        contract_id: u64,
    },
    ReportDeployment {
        contract_id: u64,
        version: u32,
        outcome: DeploymentOutcome,
    },
    AddReports(Vec<Report>),
    FundContract {
        contract_id: u64,
        amount: u128,
    },
    SetRefillLimit {
        contract_id: u64,
        limit: Option<u128>,
    },
    Claim {
        account: Account,
    },
    /// Sends tokens, base units; never more than leaves the sender's account alive.
    Transfer {
        to: Account,
        amount: u128,
    },
}

/// What a contract is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateContract {
    /// The node that shall run it.
    pub node_id: u32,
    /// BLAKE2b-256 of the deployment's challenge.
    pub deployment_hash: Hash,
    /// The sealed deployment, at most 8 KiB.
    pub data: Vec<u8>,
    /// How many public addresses it holds.
    pub public_ips: u32,
    /// What it reserves.
    pub resources: Resources,
    /// How its work is paid for.
    pub mode: ContractMode,
    /// The most that its owner is ready to pay.
    pub price_limit: Option<PriceLimit>,
}

/// A call with its arguments encoded: one type for all calls, so that the machinery of sending is compiled once.
pub(crate) struct Encoded {
    pallet: String,
    call: String,
    arguments: Arguments,
}

pub(crate) struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _fields: &mut dyn FieldIter<'_, R::TypeId>,
        _types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

impl Payload for Encoded {
    type CallData = Arguments;

    fn pallet_name(&self) -> &str {
        &self.pallet
    }

    fn call_name(&self) -> &str {
        &self.call
    }

    fn call_data(&self) -> &Arguments {
        &self.arguments
    }
}

impl Call {
    /// Encodes it for the runtime at a block, and checks that the runtime has this call in this shape.
    pub(crate) fn encode(self, at: &AtBlock) -> Result<Encoded, ChainError> {
        let grid = || api::transactions().tfgrid_module();
        let contracts = || api::transactions().smart_contract_module();
        match self {
            Self::CreateTwin { relay, pk } => encode(at, &grid().create_twin(relay.map(bytes), pk.map(BoundedVec))),
            Self::UpdateTwin { relay, pk } => encode(at, &grid().update_twin(relay.map(bytes), pk.map(BoundedVec))),
            Self::CreatePricingPolicy { name, prices } => {
                encode(at, &grid().create_pricing_policy(bytes(name), Static(prices)))
            },
            Self::UpdatePricingPolicy { policy_id, prices } => {
                encode(at, &grid().update_pricing_policy(policy_id, Static(prices)))
            },
            Self::CreateFarm { name, policy_id } => encode(at, &grid().create_farm(bytes(name), policy_id)),
            Self::SetFarmPayout { farm_id, account } => encode(at, &grid().set_farm_payout(farm_id, account.into())),
            Self::AddFarmIp { farm_id, address, prefix_len, gateway } => {
                let address = types::pallet_tfgrid::types::Ipv4Cidr { address: address.into(), prefix_len };
                encode(at, &grid().add_farm_ip(farm_id, address, gateway.into()))
            },
            Self::RemoveFarmIp { farm_id, address } => encode(at, &grid().remove_farm_ip(farm_id, address.into())),
            Self::AuthorizeNode { farm_id, account } => encode(at, &grid().authorize_node(farm_id, account.into())),
            Self::RevokeNodeAuthorization { farm_id, account } => {
                encode(at, &grid().revoke_node_authorization(farm_id, account.into()))
            },
            Self::CreateNode { farm_id, spec, agent } => {
                encode(at, &grid().create_node(farm_id, spec.into(), agent.map(Into::into)))
            },
            Self::UpdateNode { node_id, spec } => encode(at, &grid().update_node(node_id, spec.into())),
            Self::SetNodeAgent { node_id, agent } => encode(at, &grid().set_node_agent(node_id, agent.into())),
            Self::DeleteNode { node_id } => encode(at, &grid().delete_node(node_id)),
            Self::ReportUptime { uptime } => encode(at, &grid().report_uptime(uptime)),
            Self::CreateContract(wish) => encode(
                at,
                &contracts().create_contract(
                    wish.node_id,
                    wish.deployment_hash,
                    BoundedVec(wish.data),
                    wish.public_ips,
                    Static(wish.resources),
                    wish.mode.into(),
                    wish.price_limit.map(Into::into),
                ),
            ),
            Self::UpdateContract { contract_id, deployment_hash, data, resources, price_limit } => encode(
                at,
                &contracts().update_contract(
                    contract_id,
                    deployment_hash,
                    BoundedVec(data),
                    resources.map(Static),
                    price_limit.map(Into::into),
                ),
            ),
            Self::CancelContract { contract_id } => encode(at, &contracts().cancel_contract(contract_id)),
            Self::ReportDeployment { contract_id, version, outcome } => {
                encode(at, &contracts().report_deployment(contract_id, version, outcome.into()))
            },
            Self::AddReports(reports) => {
                encode(at, &contracts().add_reports(BoundedVec(reports.into_iter().map(Static).collect())))
            },
            Self::FundContract { contract_id, amount } => encode(at, &contracts().fund_contract(contract_id, amount)),
            Self::SetRefillLimit { contract_id, limit } => {
                encode(at, &contracts().set_refill_limit(contract_id, limit))
            },
            Self::Claim { account } => encode(at, &contracts().claim(account.into())),
            Self::Transfer { to, amount } => {
                let to = MultiAddress::Id(to.into());
                encode(at, &api::transactions().balances().transfer_keep_alive(to, amount))
            },
        }
    }
}

fn encode<P: Payload>(at: &AtBlock, payload: &P) -> Result<Encoded, ChainError> {
    let what = format!("{}.{}", payload.pallet_name(), payload.call_name());
    let encoded = at.transactions().call_data(payload).map_err(|error| at_block_error(&what, error))?;
    // The first two bytes are the indices of pallet and call, which are written again from the names.
    let arguments = Arguments(encoded.get(2..).unwrap_or_default().to_vec());
    Ok(Encoded { pallet: payload.pallet_name().into(), call: payload.call_name().into(), arguments })
}
