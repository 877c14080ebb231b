//! What users of such a chain expect: batches, accounts with several signatories, and accounts that act for others.

use crate::{currency::deposit, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    parameter_types,
    traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

parameter_types! {
    /// Held for an open multisig operation, base units.
    pub const MultisigDepositBase: Balance = deposit(1, 88);
    /// Held for each signatory of it, base units.
    pub const MultisigDepositFactor: Balance = deposit(0, 32);
    /// Held for an account that has proxies, base units.
    pub const ProxyDepositBase: Balance = deposit(1, 8);
    /// Held for each proxy, base units.
    pub const ProxyDepositFactor: Balance = deposit(0, 33);
    /// Held for an account that announces proxied calls, base units.
    pub const AnnouncementDepositBase: Balance = deposit(1, 8);
    /// Held for each announcement, base units.
    pub const AnnouncementDepositFactor: Balance = deposit(0, 66);
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDepositBase;
    type DepositFactor = MultisigDepositFactor;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// What an account lets another one do in its name.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    DecodeWithMemTracking,
    Default,
    Encode,
    Eq,
    MaxEncodedLen,
    Ord,
    PartialEq,
    PartialOrd,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Everything that does not hand the account's money, or the right to it, to somebody.
    NonTransfer,
    /// Motions and votes of the council.
    Governance,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => !matches!(
                call,
                RuntimeCall::Balances(_)
                    | RuntimeCall::Sudo(_)
                    | RuntimeCall::TfgridModule(pallet_tfgrid::Call::set_farm_payout { .. })
                    | RuntimeCall::SmartContractModule(pallet_smart_contract::Call::fund_contract { .. })
            ),
            // A batch is searched call by call: the proxy pallet filters what is nested, too.
            Self::Governance => matches!(call, RuntimeCall::Council(_) | RuntimeCall::Utility(_)),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (one, same) if one == same => true,
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (Self::NonTransfer, Self::Governance) => true,
            _ => false,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDepositBase;
    type ProxyDepositFactor = ProxyDepositFactor;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = AnnouncementDepositBase;
    type AnnouncementDepositFactor = AnnouncementDepositFactor;
    type BlockNumberProvider = System;
}
