//! What can be asked of the chain, and how it is encoded.

mod encode;

pub(crate) use encode::Encoded;

use crate::{
    keys::Account,
    records::{
        ContractMode, DeploymentOutcome, IpClaim, Machine, NodeSpec, PowerState, PriceLimit, PublicConfig, RentTerms,
    },
    Hash,
};
use grid_types::units::{Capacity, Prices, Report, Resources};
use std::net::Ipv4Addr;

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
    DeleteTwin,
    SponsorTwin {
        account: Account,
    },
    WithdrawSponsorship {
        account: Account,
    },
    CreateEntity {
        account: Account,
        details: EntityDetails,
        /// By `account`, sr25519: [`grid_types::entities::entity_message`].
        signature: [u8; 64],
        valid_until: u64,
    },
    UpdateEntity {
        details: EntityDetails,
    },
    DeleteEntity,
    AddTwinEntity {
        entity_id: u32,
        /// By the entity's account, sr25519: [`grid_types::entities::twin_entity_message`].
        signature: [u8; 64],
        valid_until: u64,
    },
    DeleteTwinEntity {
        twin_id: u32,
        entity_id: u32,
    },
    CreatePricingPolicy {
        name: String,
        prices: Prices,
    },
    UpdatePricingPolicy {
        policy_id: u32,
        prices: Prices,
    },
    DeletePricingPolicy {
        policy_id: u32,
    },
    CreateFarm {
        name: String,
        policy_id: u32,
    },
    UpdateFarm {
        farm_id: u32,
        name: String,
        policy_id: u32,
    },
    DeleteFarm {
        farm_id: u32,
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
    VerifyFarmIp {
        farm_id: u32,
        /// As it was looked at.
        claim: IpClaim,
    },
    ForceRemoveFarmIp {
        farm_id: u32,
        address: Ipv4Addr,
    },
    AddCertifier {
        account: Account,
    },
    RemoveCertifier {
        account: Account,
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
    AcceptAgent {
        node_id: u32,
    },
    ResignAgent,
    DeleteNode {
        node_id: u32,
    },
    MoveNode {
        node_id: u32,
        farm_id: u32,
    },
    SetNodeCertification {
        node_id: u32,
        /// What was looked at; none: not certified any more.
        machine: Option<Machine>,
    },
    SetNodePublicConfig {
        node_id: u32,
        config: Option<PublicConfig>,
    },
    SetNodeRentTerms {
        node_id: u32,
        terms: RentTerms,
    },
    ChangePowerTarget {
        node_id: u32,
        target: PowerState,
    },
    ChangePowerState {
        state: PowerState,
    },
    ReportDegraded {
        capacity: Capacity,
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
        public_ips: Option<PublicIpChange>,
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
    SetCushion {
        contract_id: u64,
        amount: u128,
    },
    ResumeContract {
        contract_id: u64,
    },
    CreateRentContract {
        node_id: u32,
        price_limit: Option<PriceLimit>,
    },
    CreateNameContract {
        name: String,
        days: u32,
        /// For the whole lease, base units.
        max_price: Option<u128>,
    },
    RenewNameContract {
        contract_id: u64,
        days: u32,
        /// For these days, base units.
        max_price: Option<u128>,
    },
    CancelNameContract {
        contract_id: u64,
    },
    Claim {
        account: Account,
    },
    PayFoundation {
        to: Account,
        amount: u128,
    },
    /// Another call with all rights, by the key that a development chain has for that. If it fails, so does this one.
    AsRoot(Box<Call>),
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

/// What an update does to a contract's public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicIpChange {
    /// Those that go back to the farm.
    pub give_back: Vec<Ipv4Addr>,
    /// How many others come; they are taken first.
    pub add: u32,
}

/// What an entity tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityDetails {
    /// Its name, unique on the chain: 3 to 40 of `A-Z a-z 0-9 - _`.
    pub name: String,
    /// Its country.
    pub country: String,
    /// Its city.
    pub city: String,
}
