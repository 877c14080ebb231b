//! Who makes blocks and who finalizes them.
//!
//! Aura gives each validator its slots in turn, GRANDPA finalizes; both take their keys from sessions. There is no staking:
//! governance lists the validators. Hence misbehaviour is not slashed, and equivocation is not reported on chain.

use crate::{
    configs::AdminOrigin, currency::deposit, slot_time, validators, AccountId, Aura, Balance, Balances, BlockNumber,
    Runtime, RuntimeEvent, SessionKeys, Validators,
};
use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU32, ConstU64},
};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// The length of a session, blocks: one hour at a slot of 6 s.
///
/// Changing sessions takes a whole block, so sessions are not short.
pub const SESSION_LENGTH: BlockNumber = 600;

/// The most validators that the chain can have.
pub type MaxValidators = ConstU32<100>;

parameter_types! {
    /// Blocks between changes of the validators.
    pub const SessionLength: BlockNumber = SESSION_LENGTH;
    /// The block of the first change, counted from [`SessionLength`].
    pub const SessionOffset: BlockNumber = 0;
    /// Held while session keys are registered, base units: the keys and their two owner records.
    pub const SessionKeyDeposit: Balance = deposit(1, 200);
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type DisabledValidators = ();
    type MaxAuthorities = MaxValidators;
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = slot_time::Slot<Runtime>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    // Equivocation is not reported here; what is left for it to weigh is `note_stalled`, by root or
    // `Upgrades.restart_finality`.
    type WeightInfo = ();
    type MaxAuthorities = MaxValidators;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Aura>;
    type EventHandler = ();
}

impl validators::Config for Runtime {
    type AdminOrigin = AdminOrigin;
    type MaxValidators = MaxValidators;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = pallet_session::PeriodicSessions<SessionLength, SessionOffset>;
    type NextSessionRotation = pallet_session::PeriodicSessions<SessionLength, SessionOffset>;
    type SessionManager = Validators;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = SessionKeyDeposit;
}
