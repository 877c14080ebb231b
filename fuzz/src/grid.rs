//! What there is on the chain to choose from, and who may sign.

use gridchain_runtime::{AccountId, Runtime, RuntimeOrigin};
use pallet_smart_contract::types::{BillingRecord, ContractId, NameContractOf};
use pallet_tfgrid::{FarmOf, NodeOf};
use sp_keyring::Sr25519Keyring::{self, *};

/// Everyone who signs here. The last two have no money to begin with.
pub const PEOPLE: [Sr25519Keyring; 14] = [
    Alice,
    Bob,
    Charlie,
    Dave,
    Eve,
    Ferdie,
    AliceStash,
    BobStash,
    CharlieStash,
    DaveStash,
    EveStash,
    FerdieStash,
    One,
    Two,
];

/// Who signs a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signer {
    /// Whoever the call is for.
    Fitting,
    /// Root.
    Root,
    /// Two thirds of the council.
    Council,
    /// Nobody.
    Nobody,
    /// One of [`PEOPLE`].
    Account(usize),
}

/// An account's origin.
pub fn signed(account: &AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(account.clone())
}

/// A decision of the council with two thirds of its votes.
pub fn council() -> RuntimeOrigin {
    pallet_collective::RawOrigin::<AccountId, gridchain_runtime::configs::CouncilCollective>::Members(2, 3).into()
}

/// The accounts of [`PEOPLE`], the last first: the newest is what a zero chooses, and the least known are strangers.
pub fn people() -> Vec<AccountId> {
    PEOPLE.iter().rev().map(|who| who.to_account_id()).collect()
}

/// The key of an account, if it is one of [`PEOPLE`].
pub fn key_of(account: &AccountId) -> Option<Sr25519Keyring> {
    PEOPLE.into_iter().find(|who| who.to_account_id() == *account)
}

/// Time of the block, Unix seconds.
pub fn now() -> u64 {
    pallet_timestamp::Now::<Runtime>::get() / 1_000
}

/// The twin of an account.
pub fn twin_of(account: &AccountId) -> Option<u32> {
    pallet_tfgrid::TwinIdByAccountID::<Runtime>::get(account)
}

/// The account of a twin, or Alice's: it was deleted since.
pub fn account_of(twin_id: u32) -> AccountId {
    pallet_tfgrid::Twins::<Runtime>::get(twin_id).map_or_else(|| Alice.to_account_id(), |twin| twin.account_id)
}

/// All farms by number.
pub fn farms() -> Vec<FarmOf<Runtime>> {
    sorted(pallet_tfgrid::Farms::<Runtime>::iter_values(), |farm| farm.id)
}

/// The account of a farm's twin.
pub fn farmer_of(farm_id: u32) -> AccountId {
    account_of(pallet_tfgrid::Farms::<Runtime>::get(farm_id).map_or(0, |farm| farm.twin_id))
}

/// All nodes by number.
pub fn nodes() -> Vec<NodeOf<Runtime>> {
    sorted(pallet_tfgrid::Nodes::<Runtime>::iter_values(), |node| node.id)
}

/// How many contracts live on a node.
pub fn contracts_on(node_id: u32) -> u32 {
    pallet_tfgrid::NodeStatus::<Runtime>::get(node_id).contracts
}

/// The agent's account of a node, or Alice's: the node is gone.
pub fn agent_of(node_id: u32) -> AccountId {
    pallet_tfgrid::Nodes::<Runtime>::get(node_id).map_or_else(|| Alice.to_account_id(), |node| node.agent)
}

/// The address that a contract on a node is given next.
pub fn next_address(node_id: u32) -> Option<u32> {
    let farm_id = pallet_tfgrid::Nodes::<Runtime>::get(node_id)?.farm_id;
    pallet_tfgrid::FreeIps::<Runtime>::iter_key_prefix(farm_id).next()
}

/// A contract of either half.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Its number.
    pub id: ContractId,
    /// Its version.
    pub version: u32,
    /// The version that the node said is deployed.
    pub deployed: Option<u32>,
    /// Its addresses.
    pub addresses: Vec<u32>,
    /// The other half.
    pub billing: BillingRecord<AccountId>,
}

/// All contracts by number.
pub fn contracts() -> Vec<Contract> {
    let all = pallet_smart_contract::Contracts::<Runtime>::iter().filter_map(|(id, contract)| {
        Some(Contract {
            id,
            version: contract.version,
            deployed: contract.deployed_version,
            addresses: contract.public_ips_list.to_vec(),
            billing: pallet_smart_contract::BillingOf::<Runtime>::get(id)?,
        })
    });
    sorted(all, |contract| contract.id)
}

/// All leased names by number.
pub fn names() -> Vec<NameContractOf<Runtime>> {
    sorted(pallet_smart_contract::NameContracts::<Runtime>::iter_values(), |name| name.contract_id)
}

/// Storage iterates in the order of hashes; a case should not depend on it.
pub fn sorted<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut all: Vec<T> = items.collect();
    all.sort_by_key(key);
    all
}
