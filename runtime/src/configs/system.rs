//! The base: blocks and accounts, time, balances.

use crate::{
    configs::KeepsACouncil,
    currency::EXISTENTIAL_DEPOSIT,
    migrations, slot_time,
    weights::{BlockLength, BlockWeights},
    AccountId, Aura, Balance, Block, BlockNumber, Hash, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, RuntimeTask, SmartContractModule, System, SS58_PREFIX,
    VERSION,
};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, VariantCountOf},
    weights::{constants::ParityDbWeight, Weight},
};
use sp_version::RuntimeVersion;

parameter_types! {
    /// How many block hashes are kept: how old the block that a transaction's lifetime starts at may be.
    pub const BlockHashCount: BlockNumber = 2_400;
    /// The runtime's version.
    pub const Version: RuntimeVersion = VERSION;
    /// Prefix of addresses as text.
    pub const SS58Prefix: u16 = SS58_PREFIX;
    /// The least an account must hold to exist, base units.
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BaseCallFilter = KeepsACouncil;
    type BlockWeights = BlockWeights;
    type BlockLength = BlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type BlockHashCount = BlockHashCount;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
    type SS58Prefix = SS58Prefix;
    type MaxConsumers = ConstU32<128>;
    type SingleBlockMigrations = migrations::All;
}

impl slot_time::Config for Runtime {}

/// Setting the time, with what contracts do then.
pub struct TimestampWeight;

impl pallet_timestamp::WeightInfo for TimestampWeight {
    fn set() -> Weight {
        type Contracts = <Runtime as pallet_smart_contract::Config>::WeightInfo;
        pallet_timestamp::weights::SubstrateWeight::<Runtime>::set()
            .saturating_add(<Contracts as pallet_smart_contract::WeightInfo>::note_block_time())
    }

    fn on_finalize() -> Weight {
        pallet_timestamp::weights::SubstrateWeight::<Runtime>::on_finalize()
    }
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    // Aura compares the time with the slot; contracts notice how long the chain stood still.
    type OnTimestampSet = (Aura, SmartContractModule);
    type MinimumPeriod = slot_time::HalfSlot<Runtime>;
    type WeightInfo = TimestampWeight;
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    // What an account leaves below the existential deposit is burnt.
    type DustRemoval = ();
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    // Nothing here locks by name; deposits are holds.
    type MaxLocks = ConstU32<0>;
    type MaxReserves = ConstU32<0>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}
