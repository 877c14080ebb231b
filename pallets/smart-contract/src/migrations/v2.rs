//! From 1 to 2: the deposit's ticket moves into the contract's record, the billing record learns of cushions and rents, the
//! rules of grace, what the chain knows of time becomes one value, and both indexes list contracts newest first.
//!
//! All in one block. Weight: 6 reads and 7 writes for each contract.

#[cfg(feature = "try-runtime")]
use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_support::{
    migrations::VersionedMigration, pallet_prelude::*, storage_alias, traits::UncheckedOnRuntimeUpgrade,
    weights::Weight,
};
use grid_types::units::{Capacity, Prices, Resources};
use sp_runtime::traits::TrailingZeroInput;

use crate::{
    types::{
        Balance, BillingRecord, ChainClock, Contract, ContractId, ContractKind, ContractMode, ContractState,
        DeploymentData, Parameters, PublicIpList, Refill, Seconds,
    },
    BillingOf, Clock, Config, Contracts, ContractsOfNode, ContractsOfTwin, Pallet, Rules,
};

/// Runs once, on a chain of version 1.
pub type MigrateV1ToV2<T> = VersionedMigration<1, 2, ToV2<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// The step itself.
pub struct ToV2<T>(core::marker::PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for ToV2<T> {
    fn on_runtime_upgrade() -> Weight {
        let contracts = move_contracts::<T>();
        let records = widen_records::<T>();
        widen_rules::<T>();
        gather_clock::<T>();
        list_newest_first::<T>();
        // A contract, its ticket, the two entries that go, and the contract again for the two that come.
        let reads = contracts.saturating_mul(5).saturating_add(records).saturating_add(4);
        let writes = contracts.saturating_mul(6).saturating_add(records).saturating_add(5);
        T::DbWeight::get().reads_writes(reads, writes)
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<Vec<u8>, sp_runtime::TryRuntimeError> {
        Ok((count_of(Contracts::<T>::iter_keys()), count_of(BillingOf::<T>::iter_keys())).encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(before: Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
        let before = <(u32, u32)>::decode(&mut before.as_slice()).map_err(|_| "the counts cannot be read")?;
        let after = (count_of(Contracts::<T>::iter()), count_of(BillingOf::<T>::iter()));
        ensure!(before == after, "a contract was lost");
        ensure!(Rules::<T>::get().valid(), "the rules contradict each other");
        Ok(())
    }
}

#[cfg(feature = "try-runtime")]
fn count_of<I>(items: impl Iterator<Item = I>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

fn move_contracts<T: Config>() -> u64 {
    let mut count = 0_u64;
    Contracts::<T>::translate::<OldContract, _>(|contract_id, old| {
        count = count.saturating_add(1);
        let deposit = Deposits::<T>::take(contract_id).or_else(nothing_deposited::<T>)?;
        Some(old.with(deposit))
    });
    count
}

/// Every contract of version 1 has a ticket. Should one have none, it goes on with a deposit of nothing, until an update takes
/// what is due: without the contract, its escrow, capacity and addresses would be nobody's. A ticket is an amount, as it is in
/// [`frame_support::traits::fungible::HoldConsideration`].
fn nothing_deposited<T: Config>() -> Option<T::Deposit> {
    sp_runtime::print("a contract of version 1 has no deposit and goes on without one");
    T::Deposit::decode(&mut TrailingZeroInput::zeroes()).ok()
}

fn widen_records<T: Config>() -> u64 {
    let mut count = 0_u64;
    BillingOf::<T>::translate::<OldBilling<T::AccountId>, _>(|_, old| {
        count = count.saturating_add(1);
        Some(old.widened())
    });
    count
}

fn widen_rules<T: Config>() {
    // It cannot be read only if there is none; then the default holds.
    let _ = Rules::<T>::translate::<OldParameters, _>(|old| old.map(OldParameters::widened));
}

fn gather_clock<T: Config>() {
    Clock::<T>::put(ChainClock {
        last_block: LastBlockTime::<T>::take().unwrap_or_default(),
        stalled: StalledTime::<T>::take().unwrap_or_default(),
        cursor: AgendaCursor::<T>::take(),
    });
}

/// The maps stay where they are, but nothing of their old keys and values can be read any more.
pub(crate) fn list_newest_first<T: Config>() {
    let _ = ContractsOfNode::<T>::clear(u32::MAX, None);
    let _ = ContractsOfTwin::<T>::clear(u32::MAX, None);
    for contract in Contracts::<T>::iter_values() {
        Pallet::<T>::list(contract.node_id, contract.twin_id, contract.contract_id);
    }
}

#[storage_alias]
pub(crate) type Deposits<T: Config> =
    StorageMap<Pallet<T>, Blake2_128Concat, ContractId, <T as Config>::Deposit, OptionQuery>;
#[storage_alias]
pub(crate) type LastBlockTime<T: Config> = StorageValue<Pallet<T>, Seconds, OptionQuery>;
#[storage_alias]
pub(crate) type StalledTime<T: Config> = StorageValue<Pallet<T>, Seconds, OptionQuery>;
#[storage_alias]
pub(crate) type AgendaCursor<T: Config> = StorageValue<Pallet<T>, u64, OptionQuery>;

/// A contract of version 1.
#[derive(Encode, Decode)]
pub(crate) struct OldContract {
    pub version: u32,
    pub contract_id: ContractId,
    pub twin_id: u32,
    pub node_id: u32,
    pub kind: ContractKind,
    pub deployment_hash: [u8; 32],
    pub data: DeploymentData,
    pub public_ips: u32,
    pub public_ips_list: PublicIpList,
    pub resources: Resources,
    pub mode: ContractMode,
    pub state: ContractState,
    pub deployed_version: Option<u32>,
}

impl OldContract {
    fn with<Ticket>(self, deposit: Ticket) -> Contract<Ticket> {
        Contract {
            version: self.version,
            contract_id: self.contract_id,
            twin_id: self.twin_id,
            node_id: self.node_id,
            kind: self.kind,
            deployment_hash: self.deployment_hash,
            data: self.data,
            public_ips: self.public_ips,
            public_ips_list: self.public_ips_list,
            resources: self.resources,
            mode: self.mode,
            state: self.state,
            deployed_version: self.deployed_version,
            deposit,
        }
    }
}

/// A billing record of version 1.
#[derive(Encode, Decode)]
pub(crate) struct OldBilling<AccountId> {
    pub node_id: u32,
    pub payer: AccountId,
    pub state: ContractState,
    pub prices: Prices,
    pub resources: Resources,
    pub public_ips: u32,
    pub held_since: Seconds,
    pub paid_until: Seconds,
    pub last_use: Option<Capacity>,
    pub nru: u64,
    pub nru_unused: u64,
    pub carry: u128,
    pub traffic_carry: u128,
    pub escrow: Balance,
    pub billed: Balance,
    pub refill: Refill,
    pub failed: bool,
    pub agenda_tick: Option<u64>,
}

impl<AccountId> OldBilling<AccountId> {
    fn widened(self) -> BillingRecord<AccountId> {
        BillingRecord {
            node_id: self.node_id,
            payer: self.payer,
            state: self.state,
            prices: self.prices,
            resources: self.resources,
            public_ips: self.public_ips,
            held_since: self.held_since,
            // No node was dark as far as version 1 knows.
            dark_before: 0,
            paid_until: self.paid_until,
            reported_until: self.paid_until,
            last_use: self.last_use,
            nru: self.nru,
            nru_unused: self.nru_unused,
            carry: self.carry,
            traffic_carry: self.traffic_carry,
            escrow: self.escrow,
            billed: self.billed,
            refill: self.refill,
            failed: self.failed,
            agenda_tick: self.agenda_tick,
            cushion: 0,
            rent: None,
        }
    }
}

/// The rules of version 1.
#[derive(Encode, Decode, Clone, Copy, PartialEq)]
pub(crate) struct OldParameters {
    pub report_period: Seconds,
    pub heartbeat_period: Seconds,
    pub min_free_window: Seconds,
    pub max_window: Seconds,
    pub max_report_delay: Seconds,
    pub create_timeout: Seconds,
    pub funding_ahead: Seconds,
    pub holding_share: u8,
    pub stall_gap: Seconds,
    pub governance_notice: Seconds,
    pub agenda_tick: Seconds,
}

impl OldParameters {
    /// What was decided stays. What is new is production's: a chain that people rely on must not get a developer's times only
    /// because its periods are short. Only one with exactly a developer's rules gets the rest of those.
    fn widened(self) -> Parameters {
        let (development, production) = (Parameters::development(), Parameters::production());
        let preset = if self == Self::of(&development) { development } else { production };
        let unseen_after = Parameters { report_period: self.report_period, ..preset }.unseen_after();
        Parameters {
            report_period: self.report_period,
            heartbeat_period: self.heartbeat_period,
            // Without any, repeats would be free for ever.
            min_free_window: self.min_free_window.max(1),
            max_window: self.max_window,
            max_report_delay: self.max_report_delay,
            create_timeout: self.create_timeout,
            funding_ahead: self.funding_ahead,
            holding_share: self.holding_share,
            stall_gap: self.stall_gap,
            governance_notice: self.governance_notice,
            agenda_tick: self.agenda_tick,
            farmer_cancel_after: preset.farmer_cancel_after.max(unseen_after),
            ..preset
        }
    }

    const fn of(rules: &Parameters) -> Self {
        Self {
            report_period: rules.report_period,
            heartbeat_period: rules.heartbeat_period,
            min_free_window: rules.min_free_window,
            max_window: rules.max_window,
            max_report_delay: rules.max_report_delay,
            create_timeout: rules.create_timeout,
            funding_ahead: rules.funding_ahead,
            holding_share: rules.holding_share,
            stall_gap: rules.stall_gap,
            governance_notice: rules.governance_notice,
            agenda_tick: rules.agenda_tick,
        }
    }
}
