//! Records, states and parameters. Money in base units, time in whole seconds, capacity as in [`grid_types::units`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::ConstU32, BoundedVec};
use grid_types::units::{Capacity, Prices, Resources, GRID, MAX_PUBLIC_IPS};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Permill;

/// Money, base units. 1 GRID = 10^7.
pub type Balance = u128;
/// A contract's number; never used twice.
pub type ContractId = u64;
/// Whole seconds: Unix time, or a length of time.
pub type Seconds = u64;
/// The sealed deployment, or a URL and a hash: at most 8 KiB.
pub type DeploymentData = BoundedVec<u8, ConstU32<8_192>>;
/// Public IPv4 addresses as numbers.
pub type PublicIpList = BoundedVec<u32, ConstU32<MAX_PUBLIC_IPS>>;
/// Recent times without blocks, oldest first. What is older than anything that may still be charged is not kept.
pub type StallList = BoundedVec<Stall, ConstU32<32>>;
/// Why a node could not deploy, for people: at most 256 bytes of UTF-8.
pub type FailureReason = BoundedVec<u8, ConstU32<256>>;

/// What kind of agreement a contract is.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub enum ContractKind {
    /// A part of a node.
    #[default]
    Capacity,
    /// A node as a whole.
    Rent,
}

/// How work under a contract is paid for. It never changes.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub enum ContractMode {
    /// Capacity is kept for the contract and billed by report; calls are free.
    #[default]
    Reserved,
    /// Calls share free capacity and are paid one by one.
    PerCall,
}

/// Where a contract is in its life.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub enum ContractState {
    /// Agreed and funded; the node has not deployed yet.
    #[default]
    Created,
    /// The node runs the work.
    Deployed,
    /// Out of funds and paused; ends at `until` unless it is funded.
    Grace {
        /// The end of grace, known when it begins.
        until: Seconds,
    },
    /// Nothing is charged any more; the chain ends it within blocks.
    Ending {
        /// Why.
        cause: EndCause,
    },
}

impl ContractState {
    /// Whether the node should run the work.
    pub const fn runs(&self) -> bool {
        matches!(self, Self::Created | Self::Deployed)
    }

    /// Whether the owner may change it.
    pub const fn can_update(&self) -> bool {
        matches!(self, Self::Created | Self::Deployed)
    }

    /// Whether money may be added.
    pub const fn can_fund(&self) -> bool {
        !matches!(self, Self::Ending { .. })
    }
}

/// Why a contract ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum EndCause {
    /// Its owner cancelled it.
    CanceledByUser,
    /// Its node's twin cancelled it.
    CanceledByNode,
    /// Escrow could not be refilled.
    OutOfFunds,
    /// The node did not deploy in time.
    CreateTimeout,
    /// The node left the grid.
    NodeDeleted,
    /// Governance ended it.
    Governance,
    /// The time that was paid for a name is over.
    LeaseOver,
    /// The farmer cancelled it: its node was not seen for a long time.
    CanceledByFarmer,
    /// The rent of its node ended.
    RentEnded,
    /// Its node lost a part of what it had, and this contract does not fit any more.
    NodeDegraded,
}

impl EndCause {
    /// Whether time that was not reported is charged at such an end. What broke has not served anybody, and nobody knows
    /// since when.
    pub const fn is_charged(&self) -> bool {
        !matches!(self, Self::NodeDegraded)
    }
}

/// An agreement between a user's twin and a node, as clients read it. What billing needs is in [`BillingRecord`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Contract<Ticket> {
    /// Rises by one with each update; 0 at creation.
    pub version: u32,
    /// Its number.
    pub contract_id: ContractId,
    /// The user's twin.
    pub twin_id: u32,
    /// The node.
    pub node_id: u32,
    /// What kind of agreement it is.
    pub kind: ContractKind,
    /// BLAKE2b-256 of the deployment's challenge.
    pub deployment_hash: [u8; 32],
    /// The deployment sealed to its owner's key, or empty.
    pub data: DeploymentData,
    /// How many public addresses it holds.
    pub public_ips: u32,
    /// Which.
    pub public_ips_list: PublicIpList,
    /// What it reserves.
    pub resources: Resources,
    /// How its work is paid for.
    pub mode: ContractMode,
    /// Where it is in its life; the same as in its billing record.
    pub state: ContractState,
    /// The version that the node last reported as running.
    pub deployed_version: Option<u32>,
    /// What the owner's deposit for this record is.
    pub deposit: Ticket,
}

/// Addresses that an update adds to a contract and takes from it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default)]
pub struct PublicIpChange {
    /// Addresses of the contract that go back to the farm.
    pub give_back: PublicIpList,
    /// How many others come instead. They are taken first: none of those given back is among them.
    pub add: u32,
}

impl PublicIpChange {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.give_back.is_empty() && self.add == 0
    }
}

/// What a report reads and writes, and nothing else: the hot half of a contract.
///
/// It keeps a copy of the prices, so that a farmer's new price never changes a running contract.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BillingRecord<AccountId> {
    /// The node.
    pub node_id: u32,
    /// The account that pays: the owner twin's.
    pub payer: AccountId,
    /// The same as the contract's.
    pub state: ContractState,
    /// The prices it was made under.
    pub prices: Prices,
    /// What it reserves.
    pub resources: Resources,
    /// How many public addresses it holds.
    pub public_ips: u32,
    /// Since when it holds what it reserves now, Unix seconds. Before deployment, holding is charged from then on; after it,
    /// reports up to then say nothing about the use of what it reserves now.
    pub held_since: Seconds,
    /// For how long its node was dark in all when holding began to be charged, before deployment or in a pause, seconds.
    pub dark_before: Seconds,
    /// Up to when it is paid for. Before deployment: when it was made.
    pub paid_until: Seconds,
    /// The end of the newest accepted report, whether or not anything was left to charge; before the first one, when the
    /// work began, and after a pause, when it went on. What is free of fees is counted from here.
    pub reported_until: Seconds,
    /// Use in the newest accepted report; what is charged when nothing was reported since.
    pub last_use: Option<Capacity>,
    /// The traffic counter of the last charged report, bytes.
    pub nru: u64,
    /// Traffic allowance that was not used, bytes; at most a MaxWindow's.
    pub nru_unused: u64,
    /// Remainder of the last capacity bill, 1 / (3600·10^6) base units.
    pub carry: u128,
    /// Remainder of the last traffic bill, 10^-9 base units.
    pub traffic_carry: u128,
    /// Money set aside for this contract in the pallet's account.
    pub escrow: Balance,
    /// All that was ever charged, base units.
    pub billed: Balance,
    /// How much may be drawn from the payer.
    pub refill: Refill,
    /// The node reported that it cannot deploy: time before deployment is then free.
    pub failed: bool,
    /// The agenda's tick at which this contract has an entry.
    pub agenda_tick: Option<u64>,
    /// What the owner set aside for a pause, base units: a part of `low`. With it the contract is paused when it is out of
    /// funds, without it ended.
    pub cushion: Balance,
    /// The rent contract whose node it runs on: its capacity is the rent's and costs nothing here.
    pub rent: Option<ContractId>,
}

/// What a rent still has for contracts inside it.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub struct RentUse {
    /// Capacity that no contract inside has taken.
    pub free: Capacity,
    /// Live contracts inside.
    pub contracts: u32,
}

/// The owner's say over how much may be drawn from his account for one contract.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub struct Refill {
    /// The most in one UTC day, base units; none = no limit, 0 = prepaid only.
    pub limit: Option<Balance>,
    /// The UTC day that `drawn` counts, days since the Unix epoch.
    pub day: u32,
    /// Drawn on that day, base units.
    pub drawn: Balance,
}

/// A name as it is leased: from [`MIN_LEASED_NAME`] to 40 small letters, digits and single `-`.
pub type LeasedName = BoundedVec<u8, ConstU32<40>>;
/// The shortest name that can be leased, bytes.
pub const MIN_LEASED_NAME: usize = 3;

/// The lease of a name by a twin.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NameContract<Ticket> {
    /// Its number, of the same sequence as all contracts'.
    pub contract_id: ContractId,
    /// Whose name it is.
    pub twin_id: u32,
    /// The name.
    pub name: LeasedName,
    /// The end of what is paid for, on the agenda's clock: Unix seconds less all time in which the chain stood still.
    pub lease_until: Seconds,
    /// The agenda's tick at which the end stands.
    pub agenda_tick: Option<u64>,
    /// The deposit for this record, held from the owner.
    pub deposit: Ticket,
}

/// [`NameContract`] with the deposit of a runtime.
pub type NameContractOf<T> = NameContract<<T as crate::Config>::Deposit>;

/// What a name costs. Set by governance, announced ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NamePrice {
    /// One day of a lease, base units.
    pub per_day: Balance,
    /// The price that was announced, and from when on it holds, Unix seconds.
    pub next: Option<(Balance, Seconds)>,
}

impl Default for NamePrice {
    /// 0.01 GRID a day.
    fn default() -> Self {
        Self { per_day: GRID / 100, next: None }
    }
}

impl NamePrice {
    /// The price of a day at `now`, base units.
    pub const fn at(&self, now: Seconds) -> Balance {
        match self.next {
            Some((per_day, from)) if from <= now => per_day,
            _ => self.per_day,
        }
    }
}

/// Who has a name, for clients.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NameOwner<AccountId> {
    /// The name's contract.
    pub contract_id: ContractId,
    /// The twin.
    pub twin_id: u32,
    /// The twin's account.
    pub account: AccountId,
    /// The end of the lease, Unix seconds, if the chain does not stand still until then.
    pub lease_until: Seconds,
}

/// The most that a user is ready to pay; protects against a price that changes before the call is included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PriceLimit {
    /// Capacity and addresses for one hour at full use, base units.
    pub max_hourly: Balance,
    /// One GiB of memory for one second of a call, base units.
    pub max_gb_second: u64,
}

/// What a node says about a deployment.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DeploymentOutcome {
    /// It runs.
    Deployed,
    /// It does not, and why.
    Failed(FailureReason),
}

/// One charge, shown by what it is for. The four sums add up to what was charged.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub struct Bill {
    /// Start of what is charged, Unix seconds.
    pub from: Seconds,
    /// End of what is charged, Unix seconds.
    pub until: Seconds,
    /// Seconds charged: `until - from` without time in which the chain stood still, and, for what was held only, without
    /// time in which the node was dark.
    pub seconds: Seconds,
    /// Compute units, base units.
    pub cu: Balance,
    /// Storage units, base units.
    pub su: Balance,
    /// Public addresses, base units.
    pub ip: Balance,
    /// Traffic, base units.
    pub traffic: Balance,
    /// Traffic charged, bytes.
    pub bytes: u64,
    /// The node stated more than was reserved; the rest was not charged.
    pub clamped: bool,
}

impl Bill {
    /// What was charged in all, base units.
    pub const fn total(&self) -> Balance {
        self.cu.saturating_add(self.su).saturating_add(self.ip).saturating_add(self.traffic)
    }
}

/// Why a report was not accepted. The rest of its batch is not affected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Refusal {
    /// No contract ever had this number.
    UnknownContract,
    /// The contract has ended or is about to.
    Ended,
    /// The contract belongs to another node.
    ForeignContract,
    /// The contract is not deployed, or paused.
    NotDeployed,
    /// The window ends after the block's time.
    InTheFuture,
    /// The window is empty, or longer than MaxWindow.
    InvalidWindow,
}

impl Refusal {
    /// Whether an honest node in step with the chain never sends such a report.
    pub const fn is_fault(&self) -> bool {
        matches!(self, Self::UnknownContract | Self::ForeignContract | Self::InTheFuture | Self::InvalidWindow)
    }
}

/// What the chain does for a contract at a known time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Task {
    /// End it if it is still not deployed.
    CreateTimeout,
    /// End it: its state says why.
    End,
    /// End the lease of a name.
    LeaseEnd,
    /// End it if it is still in grace.
    GraceEnd,
}

/// A task and how often it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AgendaEntry {
    /// What is to be done.
    pub task: Task,
    /// Failures so far.
    pub tries: u8,
}

/// What the chain knows of time. One value, because every block and most calls need all of it.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default,
)]
pub struct ChainClock {
    /// Time of the last block, Unix seconds; within a block, from the timestamp on, its own. 0 before the first.
    pub last_block: Seconds,
    /// All time without blocks so far, seconds: the agenda's clock runs slower by it.
    pub stalled: Seconds,
    /// The agenda's tick that is being served. None before the first block.
    pub cursor: Option<u64>,
}

impl ChainClock {
    /// `time` on the clock of deadlines, which stands still while the chain does.
    pub const fn agenda_time(&self, time: Seconds) -> Seconds {
        time.saturating_sub(self.stalled)
    }
}

/// A time in which the chain made no blocks: nothing is charged for it and no deadline comes nearer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Stall {
    /// The last block before.
    pub from: Seconds,
    /// The first block after.
    pub until: Seconds,
}

/// All times and shares of the money rules. Set at genesis.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// How often a node reports use.
    pub report_period: Seconds,
    /// How often a node shows that it lives.
    pub heartbeat_period: Seconds,
    /// The least newly covered time for which reporting is free of fees.
    pub min_free_window: Seconds,
    /// The longest window of one report, and the time over which unused traffic allowance counts.
    pub max_window: Seconds,
    /// Older than this, use is not charged any more.
    pub max_report_delay: Seconds,
    /// A contract that is not deployed by then ends.
    pub create_timeout: Seconds,
    /// How much further than `low` escrow is filled.
    pub funding_ahead: Seconds,
    /// Share of compute units charged while capacity is held without running, per cent.
    pub holding_share: u8,
    /// A gap between blocks longer than this is a stall.
    pub stall_gap: Seconds,
    /// Time between the announcement of a new revenue split and its effect.
    pub governance_notice: Seconds,
    /// Length of one tick of the agenda.
    pub agenda_tick: Seconds,
    /// The longest pause of a contract that is out of funds.
    pub max_grace: Seconds,
    /// The farmer may cancel the contracts of a node that was not seen for so long.
    pub farmer_cancel_after: Seconds,
    /// How far ahead a name can be leased.
    pub max_lease_ahead: Seconds,
}

impl Default for Parameters {
    fn default() -> Self {
        Self::production()
    }
}

impl Parameters {
    /// Values for a chain that people rely on.
    pub const fn production() -> Self {
        Self {
            report_period: 600,
            heartbeat_period: 300,
            min_free_window: 300,
            max_window: 3_600,
            max_report_delay: 7_200,
            create_timeout: 1_800,
            funding_ahead: 86_400,
            holding_share: 50,
            stall_gap: 300,
            governance_notice: 86_400,
            agenda_tick: 60,
            max_grace: 604_800,
            farmer_cancel_after: 86_400,
            max_lease_ahead: 730 * 86_400,
        }
    }

    /// Values for a chain on a developer's machine: a contract lives and dies within minutes.
    pub const fn development() -> Self {
        Self {
            report_period: 10,
            heartbeat_period: 5,
            min_free_window: 5,
            max_window: 60,
            max_report_delay: 120,
            create_timeout: 60,
            funding_ahead: 60,
            holding_share: 50,
            stall_gap: 300,
            governance_notice: 60,
            agenda_tick: 2,
            max_grace: 120,
            farmer_cancel_after: 60,
            max_lease_ahead: 30 * 86_400,
        }
    }

    /// Without heartbeat or report for this long, a node counts as unseen.
    pub const fn unseen_after(&self) -> Seconds {
        self.report_period.saturating_mul(2)
    }

    /// How long stalls are remembered, seconds in which the chain runs: longer than anything that may still be charged, with
    /// some time for an agenda that is late.
    pub const fn stall_memory(&self) -> Seconds {
        let mut longest = self.max_grace;
        if self.create_timeout > longest {
            longest = self.create_timeout;
        }
        if self.farmer_cancel_after > longest {
            longest = self.farmer_cancel_after;
        }
        longest.saturating_add(self.max_report_delay)
    }

    /// What escrow must cover at any time: all reports that may still come, and one window of saved traffic allowance.
    pub const fn low_seconds(&self) -> Seconds {
        self.max_report_delay.saturating_add(self.max_window)
    }

    /// What escrow is filled up to.
    pub const fn high_seconds(&self) -> Seconds {
        self.low_seconds().saturating_add(self.funding_ahead)
    }

    /// Whether the relations hold that the rules rely on.
    pub const fn valid(&self) -> bool {
        self.report_period > 0
            && self.report_period <= self.max_window
            && self.max_window <= self.max_report_delay
            && self.min_free_window > 0
            && self.min_free_window <= self.report_period
            && self.agenda_tick > 0
            && self.holding_share <= 100
            && self.stall_gap > 0
            && self.create_timeout > 0
            && self.max_lease_ahead >= 86_400
            && self.farmer_cancel_after >= self.unseen_after()
    }
}

/// Who gets which part of what users pay. What is left over, and every rounding, goes to the farmer.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct RevenueSplit<AccountId> {
    /// The foundation's account; it also gets what time before deployment costs.
    pub foundation_account: AccountId,
    /// Its share.
    pub foundation: Permill,
    /// The account of the sales channel.
    pub sales_account: AccountId,
    /// Its share.
    pub sales: Permill,
    /// Share of the author of the block.
    pub author: Permill,
    /// Share that is destroyed.
    pub burn: Permill,
}

impl<AccountId> RevenueSplit<AccountId> {
    /// Whether the shares leave nothing below zero for the farmer.
    pub fn valid(&self) -> bool {
        let parts = [self.foundation, self.sales, self.author, self.burn];
        parts.iter().map(|part| u64::from(part.deconstruct())).sum::<u64>() <= u64::from(Permill::one().deconstruct())
    }
}

/// What a wish would cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Quote {
    /// Capacity and addresses at full use, base units per hour, rounded up.
    pub hourly: Balance,
    /// 10^9 bytes of traffic, base units.
    pub traffic: u64,
    /// What must be there to create the contract, without the deposit, base units.
    pub needed: Balance,
    /// What is set aside if it is there, base units.
    pub high: Balance,
    /// Capacity and addresses while they are held without running, before deployment and in grace, base units per hour,
    /// rounded up.
    pub held_hourly: Balance,
}

/// How a contract stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Funding {
    /// Set aside, base units.
    pub escrow: Balance,
    /// Below this the chain draws from the owner, or ends the contract, base units.
    pub low: Balance,
    /// What the chain fills up to, base units.
    pub high: Balance,
    /// Capacity and addresses at full use, base units per hour, rounded up.
    pub hourly: Balance,
    /// Seconds of full use until `low` is reached, if nothing can be drawn; in grace, until it is over.
    pub seconds_left: Seconds,
    /// Charged so far, base units.
    pub billed: Balance,
    /// What `low` holds for a pause, base units.
    pub cushion: Balance,
    /// What lacks to `high`; in grace, what resuming takes besides escrow, base units.
    pub restore: Balance,
    /// What the chain could draw from the owner now, base units.
    pub drawable: Balance,
    /// The end of grace, Unix seconds; later by the time that the chain stood still in it.
    pub grace_until: Option<Seconds>,
}
