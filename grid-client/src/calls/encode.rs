//! Calls as the runtime of a block takes them.

use super::{Call, CreateContract, PublicIpChange};
use crate::{
    connect::{at_block_error, AtBlock},
    convert::bytes,
    error::ChainError,
    runtime::api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec, pallet_smart_contract::types as contracts,
            pallet_tfgrid::types::Ipv4Cidr, sp_runtime::MultiSignature,
        },
    },
};
use subxt::{
    ext::{
        scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter},
        scale_type_resolver::TypeResolver,
    },
    tx::Payload,
    utils::{MultiAddress, Static},
};

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
            // Twins and entities.
            Self::CreateTwin { relay, pk } => encode(at, &grid().create_twin(relay.map(bytes), pk.map(BoundedVec))),
            Self::UpdateTwin { relay, pk } => encode(at, &grid().update_twin(relay.map(bytes), pk.map(BoundedVec))),
            Self::DeleteTwin => encode(at, &grid().delete_twin()),
            Self::SponsorTwin { account } => encode(at, &grid().sponsor_twin(account.into())),
            Self::WithdrawSponsorship { account } => encode(at, &grid().withdraw_sponsorship(account.into())),
            Self::CreateEntity { account, details, signature, valid_until } => encode(
                at,
                &grid().create_entity(
                    account.into(),
                    bytes(details.name),
                    bytes(details.country),
                    bytes(details.city),
                    MultiSignature::Sr25519(signature),
                    valid_until,
                ),
            ),
            Self::UpdateEntity { details } => {
                encode(at, &grid().update_entity(bytes(details.name), bytes(details.country), bytes(details.city)))
            },
            Self::DeleteEntity => encode(at, &grid().delete_entity()),
            Self::AddTwinEntity { entity_id, signature, valid_until } => {
                encode(at, &grid().add_twin_entity(entity_id, MultiSignature::Sr25519(signature), valid_until))
            },
            Self::DeleteTwinEntity { twin_id, entity_id } => encode(at, &grid().delete_twin_entity(twin_id, entity_id)),

            // Farms.
            Self::CreatePricingPolicy { name, prices } => {
                encode(at, &grid().create_pricing_policy(bytes(name), Static(prices)))
            },
            Self::UpdatePricingPolicy { policy_id, prices } => {
                encode(at, &grid().update_pricing_policy(policy_id, Static(prices)))
            },
            Self::DeletePricingPolicy { policy_id } => encode(at, &grid().delete_pricing_policy(policy_id)),
            Self::CreateFarm { name, policy_id } => encode(at, &grid().create_farm(bytes(name), policy_id)),
            Self::UpdateFarm { farm_id, name, policy_id } => {
                encode(at, &grid().update_farm(farm_id, bytes(name), policy_id))
            },
            Self::DeleteFarm { farm_id } => encode(at, &grid().delete_farm(farm_id)),
            Self::SetFarmPayout { farm_id, account } => encode(at, &grid().set_farm_payout(farm_id, account.into())),
            Self::AddFarmIp { farm_id, address, prefix_len, gateway } => {
                let address = Ipv4Cidr { address: address.into(), prefix_len };
                encode(at, &grid().add_farm_ip(farm_id, address, gateway.into()))
            },
            Self::RemoveFarmIp { farm_id, address } => encode(at, &grid().remove_farm_ip(farm_id, address.into())),
            Self::VerifyFarmIp { farm_id, claim } => {
                encode(at, &grid().verify_farm_ip(farm_id, claim.address.into(), claim.into()))
            },
            Self::ForceRemoveFarmIp { farm_id, address } => {
                encode(at, &grid().force_remove_farm_ip(farm_id, address.into()))
            },
            Self::AddCertifier { account } => encode(at, &grid().add_certifier(account.into())),
            Self::RemoveCertifier { account } => encode(at, &grid().remove_certifier(account.into())),
            Self::AuthorizeNode { farm_id, account } => encode(at, &grid().authorize_node(farm_id, account.into())),
            Self::RevokeNodeAuthorization { farm_id, account } => {
                encode(at, &grid().revoke_node_authorization(farm_id, account.into()))
            },

            // Nodes.
            Self::CreateNode { farm_id, spec, agent } => {
                encode(at, &grid().create_node(farm_id, spec.into(), agent.map(Into::into)))
            },
            Self::UpdateNode { node_id, spec } => encode(at, &grid().update_node(node_id, spec.into())),
            Self::SetNodeAgent { node_id, agent } => encode(at, &grid().set_node_agent(node_id, agent.into())),
            Self::AcceptAgent { node_id } => encode(at, &grid().accept_agent(node_id)),
            Self::ResignAgent => encode(at, &grid().resign_agent()),
            Self::DeleteNode { node_id } => encode(at, &grid().delete_node(node_id)),
            Self::MoveNode { node_id, farm_id } => encode(at, &grid().move_node(node_id, farm_id)),
            Self::SetNodeCertification { node_id, machine } => {
                encode(at, &grid().set_node_certification(node_id, machine.map(Into::into)))
            },
            Self::SetNodePublicConfig { node_id, config } => {
                encode(at, &grid().set_node_public_config(node_id, config.map(Into::into)))
            },
            Self::SetNodeRentTerms { node_id, terms } => encode(at, &grid().set_node_rent_terms(node_id, terms.into())),
            Self::ChangePowerTarget { node_id, target } => {
                encode(at, &grid().change_power_target(node_id, target.into()))
            },
            Self::ChangePowerState { state } => encode(at, &grid().change_power_state(state.into())),
            Self::ReportDegraded { capacity } => encode(at, &grid().report_degraded(Static(capacity))),
            Self::ReportUptime { uptime } => encode(at, &grid().report_uptime(uptime)),

            // Contracts.
            Self::CreateContract(wish) => encode_create(at, wish),
            Self::UpdateContract { contract_id, deployment_hash, data, resources, public_ips, price_limit } => encode(
                at,
                &contracts().update_contract(
                    contract_id,
                    deployment_hash,
                    BoundedVec(data),
                    resources.map(Static),
                    public_ips.map(Into::into),
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
            Self::CreateRentContract { node_id, price_limit } => {
                encode(at, &contracts().create_rent_contract(node_id, price_limit.map(Into::into)))
            },
            Self::CreateNameContract { name, days, max_price } => {
                encode(at, &contracts().create_name_contract(bytes(name), days, max_price))
            },
            Self::RenewNameContract { contract_id, days, max_price } => {
                encode(at, &contracts().renew_name_contract(contract_id, days, max_price))
            },
            Self::CancelNameContract { contract_id } => encode(at, &contracts().cancel_name_contract(contract_id)),

            // Money.
            Self::FundContract { contract_id, amount } => encode(at, &contracts().fund_contract(contract_id, amount)),
            Self::SetRefillLimit { contract_id, limit } => {
                encode(at, &contracts().set_refill_limit(contract_id, limit))
            },
            Self::SetCushion { contract_id, amount } => encode(at, &contracts().set_cushion(contract_id, amount)),
            Self::ResumeContract { contract_id } => encode(at, &contracts().resume_contract(contract_id)),
            Self::Claim { account } => encode(at, &contracts().claim(account.into())),
            Self::PayFoundation { to, amount } => encode(at, &contracts().pay_foundation(to.into(), amount)),
            Self::AsRoot(call) => encode_as_root(at, *call),
            Self::Transfer { to, amount } => {
                let to = MultiAddress::Id(to.into());
                encode(at, &api::transactions().balances().transfer_keep_alive(to, amount))
            },
        }
    }
}

fn encode_create(at: &AtBlock, wish: CreateContract) -> Result<Encoded, ChainError> {
    let call = api::transactions().smart_contract_module().create_contract(
        wish.node_id,
        wish.deployment_hash,
        BoundedVec(wish.data),
        wish.public_ips,
        Static(wish.resources),
        wish.mode.into(),
        wish.price_limit.map(Into::into),
    );
    encode(at, &call)
}

/// Encoded by hand: the call inside is not one of the generated types any more.
fn encode_as_root(at: &AtBlock, call: Call) -> Result<Encoded, ChainError> {
    let inner = call.encode(at)?;
    let inner = at.transactions().call_data(&inner).map_err(|error| at_block_error("Sudo.sudo", error))?;
    Ok(Encoded { pallet: "Sudo".into(), call: "sudo".into(), arguments: Arguments(inner) })
}

impl From<PublicIpChange> for contracts::PublicIpChange {
    fn from(change: PublicIpChange) -> Self {
        let give_back = change.give_back.into_iter().map(u32::from).collect();
        Self { give_back: BoundedVec(give_back), add: change.add }
    }
}

fn encode<P: Payload>(at: &AtBlock, payload: &P) -> Result<Encoded, ChainError> {
    let what = format!("{}.{}", payload.pallet_name(), payload.call_name());
    let encoded = at.transactions().call_data(payload).map_err(|error| at_block_error(&what, error))?;
    // The first two bytes are the indices of pallet and call, which are written again from the names.
    let arguments = Arguments(encoded.get(2..).unwrap_or_default().to_vec());
    Ok(Encoded { pallet: payload.pallet_name().into(), call: payload.call_name().into(), arguments })
}
