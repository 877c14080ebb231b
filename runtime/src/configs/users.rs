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
    /// What surely hands neither the account's money nor its income to somebody: [`keeps_the_money`].
    NonTransfer,
    /// Motions and votes of the council.
    Governance,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => keeps_the_money(call),
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

/// Whether a call surely hands neither the account's money nor its income to somebody.
///
/// A list of what is allowed, so that a new call is refused until somebody has thought about it. What is not on it and looks
/// harmless: a contract pays its farmer, who may be the proxy's friend; prices, rent terms, another farm or another agent
/// decide what a farmer earns, and an agent's word what users pay him; the deposit of a stranger's twin or entity comes back
/// when the stranger likes; in the name of a multisig or another account's proxy this filter does not count.
fn keeps_the_money(call: &RuntimeCall) -> bool {
    match call {
        RuntimeCall::TfgridModule(call) => keeps_the_money_in_the_registry(call),
        RuntimeCall::SmartContractModule(call) => {
            use pallet_smart_contract::Call;
            matches!(call, Call::cancel_contract { .. } | Call::claim { .. })
        },
        RuntimeCall::Proxy(call) => {
            use pallet_proxy::Call;
            matches!(call, Call::remove_proxy { .. } | Call::reject_announcement { .. })
        },
        // A batch is searched call by call: the proxy pallet filters what is nested, too. The council's money is nobody's.
        RuntimeCall::Utility(_) | RuntimeCall::Council(_) | RuntimeCall::System(_) | RuntimeCall::Session(_) => true,
        _ => false,
    }
}

fn keeps_the_money_in_the_registry(call: &pallet_tfgrid::Call<Runtime>) -> bool {
    use pallet_tfgrid::Call;
    matches!(
        call,
        // The own presence.
        Call::create_twin { .. }
            | Call::update_twin { .. }
            | Call::delete_twin { .. }
            | Call::withdraw_sponsorship { .. }
            | Call::update_entity { .. }
            | Call::delete_entity { .. }
            | Call::add_twin_entity { .. }
            | Call::delete_twin_entity { .. }
            // A farm, but not its prices and earnings.
            | Call::create_pricing_policy { .. }
            | Call::delete_pricing_policy { .. }
            | Call::create_farm { .. }
            | Call::delete_farm { .. }
            | Call::add_farm_ip { .. }
            | Call::remove_farm_ip { .. }
            | Call::authorize_node { .. }
            | Call::revoke_node_authorization { .. }
            // A machine, but not whose it is and who speaks for it.
            | Call::update_node { .. }
            | Call::delete_node { .. }
            | Call::set_node_public_config { .. }
            | Call::change_power_target { .. }
            // An agent, but not what users pay by its word.
            | Call::accept_agent { .. }
            | Call::resign_agent { .. }
            | Call::report_uptime { .. }
            | Call::change_power_state { .. }
            // A certifier.
            | Call::verify_farm_ip { .. }
            | Call::force_remove_farm_ip { .. }
            | Call::set_node_certification { .. }
    )
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
