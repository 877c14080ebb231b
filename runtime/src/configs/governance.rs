//! Who decides.
//!
//! **Admin** is root, or two thirds of the council by vote: it sets prices of the whole chain, parameters, validators and
//! the council itself, and authorises the next runtime. **Root** is reached by sudo alone, and only a development chain has a
//! sudo key: without one every sudo call is refused.

use crate::{upgrades, weights, AccountId, BlockNumber, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin};
use alloc::collections::BTreeSet;
use frame_support::{
    parameter_types,
    traits::{ConstU32, Contains, EitherOf},
    weights::Weight,
};
use frame_system::EnsureRoot;

/// The council's instance of the collective pallet.
pub type CouncilCollective = pallet_collective::Instance1;

/// Root, or two thirds of the council.
pub type AdminOrigin =
    EitherOf<EnsureRoot<AccountId>, pallet_collective::EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>>;

parameter_types! {
    /// How long the council may vote on a motion, blocks: a week at a slot of 6 s.
    pub const MotionDuration: BlockNumber = 7 * 24 * 600;
    /// The most work of a motion's call: half a block.
    pub MaxProposalWeight: Weight = weights::max_block().saturating_div(2);
}

/// The most members of the council.
const MAX_COUNCILLORS: u32 = 32;

/// Who does not vote has not agreed: no member's vote counts for others.
pub struct SilenceIsNo;

impl pallet_collective::DefaultVote for SilenceIsNo {
    fn default_vote(_: Option<bool>, _: u32, _: u32, _: u32) -> bool {
        false
    }
}

/// Refuses what would leave the chain without somebody who decides: a council of nobody, which the collective pallet would
/// take, of more than it can store, or with a member that is named twice and would then stand for two.
///
/// It filters all calls but root's, also inside motions and batches: they are refused as `System.CallFiltered`.
pub struct KeepsACouncil;

impl Contains<RuntimeCall> for KeepsACouncil {
    fn contains(call: &RuntimeCall) -> bool {
        let RuntimeCall::Council(pallet_collective::Call::set_members { new_members, .. }) = call else { return true };
        let fits = u32::try_from(new_members.len()).is_ok_and(|count| (1..=MAX_COUNCILLORS).contains(&count));
        fits && new_members.iter().collect::<BTreeSet<_>>().len() == new_members.len()
    }
}

impl pallet_collective::Config<CouncilCollective> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<32>;
    type MaxMembers = ConstU32<MAX_COUNCILLORS>;
    type DefaultVote = SilenceIsNo;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
    type SetMembersOrigin = AdminOrigin;
    type MaxProposalWeight = MaxProposalWeight;
    type DisapproveOrigin = AdminOrigin;
    type KillOrigin = AdminOrigin;
    // Members are known and their motions are few: no deposit.
    type Consideration = ();
}

impl upgrades::Config for Runtime {
    type AdminOrigin = AdminOrigin;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
