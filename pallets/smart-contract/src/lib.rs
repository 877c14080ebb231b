//! # Contracts and money
//!
//! A user's twin and a farmer's node agree on chain about capacity; the node reports what was used; this pallet bills it,
//! pays the farmer at once, and ends what cannot be paid for.
//!
//! ## Terminology
//!
//! * **Contract**: the agreement ([`Contracts`]). Its hot half, which reports read and write, is the **billing record**
//!   ([`BillingOf`]).
//! * **Escrow**: money of one contract, set aside in the pallet's account. A number in the billing record.
//! * **low**, **high**: what escrow must cover (all use that may still be reported), and what it is filled up to.
//! * **Refill**: drawing from the owner's account when escrow falls below `low`.
//! * **Cushion**: money that the owner adds to `low` for a pause ([`Pallet::set_cushion`]).
//! * **Grace**: the pause of a contract that is out of funds and has a cushion ([`Pallet::resume_contract`]).
//! * **Report**: a node's statement of mean use in a window of time ([`Pallet::add_reports`]).
//! * **Rent**: a contract for a whole node ([`Pallet::create_rent_contract`]); the renter's contracts there are **inside**
//!   it, share its capacity ([`RentUsage`]) and end with it.
//! * **Winding down**: ending many contracts, some in each block: those of a node that goes or broke, and those inside a rent
//!   that ends ([`EndingRents`]).
//! * **Settling**: charging, without a report, what was not reported yet when a contract changes or ends.
//! * **Agenda**: what the chain itself does at a known time ([`Agenda`]).
//! * **Name contract**: the lease of a name, paid in advance by the day ([`NameContracts`]). Nothing is billed or reported.
//! * **Payable**: what could not be paid out and waits to be claimed ([`Payable`]).
//!
//! ## Life of a contract
//!
//! ```text
//!                                        out of funds, no cushion
//! Created --report_deployment--> Deployed -------------------------> Ending --agenda--> gone
//!    |  (ends after CreateTimeout)  |  ^
//!    |       out of funds, cushion  |  | resume_contract, or a gift that covers it
//!    |                              v  |
//!    |                             Grace --agenda, at its end--> gone
//!    +------- cancel_contract ------+----> gone: settled, refunded, addresses and capacity free
//! ```
//!
//! ## Properties
//!
//! * A user never pays more than the agreed rate for the time that passed, and never twice for the same second.
//! * Accepted work is always paid in full: escrow covers whatever can still be reported.
//! * No hook loops over contracts; the work of a block does not grow with their number.
//! * A report in a batch cannot void another contract's, end a contract, or fail over money. One that leaves its own contract out
//!   of funds is that contract's last: later ones of the batch come too late.
//! * The pallet's account always holds at least all escrow and all payables.
//!
//! Each of these is an invariant in `invariants` or a test in `tests`.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

extern crate alloc;

pub mod billing;
pub mod keys;
pub mod types;
pub mod weights;

mod agenda;
#[cfg(any(feature = "runtime-benchmarks", test))]
mod benchmarking;
mod clock;
mod create;
mod deployment;
mod ending;
mod for_registry;
mod funding;
mod grace;
mod indexes;
mod invariants;
pub mod migrations;
mod names;
mod opening;
mod placing;
mod quotes;
mod rent;
mod reports;
mod revenue;
mod update;
mod winddown;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub use benchmarking::BenchmarkHelper;
pub use for_registry::{DarkTime, HeartbeatPeriod, LiveContracts, UnseenAfter};
pub use pallet::*;
pub use weights::WeightInfo;

// What the macros generate has an `expect` in it; the code of this module is plain declarations.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;

    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Consideration, ConstU64, Footprint},
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use grid_types::units::{Report, Resources, MAX_PUBLIC_IPS};
    use pallet_tfgrid::NameInput;

    use crate::{keys::NewestFirst, types::*, weights::WeightInfo};

    /// A contract of a runtime.
    pub type ContractOf<T> = Contract<<T as Config>::Deposit>;

    /// The most reports in one call.
    pub const MAX_REPORTS: u32 = 500;
    /// The most contracts in one page of a list.
    pub const MAX_PAGE: u32 = 100;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> + pallet_tfgrid::Config {
        /// The token that users pay with and farmers are paid in.
        type Money: fungible::Mutate<Self::AccountId, Balance = Balance>
            + fungible::hold::Inspect<Self::AccountId, Reason: From<HoldReason>>;
        /// The deposit for a contract's record, held from its owner: a base and a price per byte of data.
        type Deposit: Consideration<Self::AccountId, Footprint>;
        /// Who made the block.
        type BlockAuthor: Get<Option<Self::AccountId>>;
        /// Derives the account that holds escrow. It needs the existential deposit from genesis.
        #[pallet::constant]
        type PalletId: Get<PalletId>;
        /// The most weight of a block that free report batches may take together.
        type FreeReportWeight: Get<Weight>;
        /// Weights of calls and hooks.
        type WeightInfo: WeightInfo;
        /// An author for benchmarks.
        #[cfg(any(feature = "runtime-benchmarks", test))]
        type BenchmarkHelper: crate::BenchmarkHelper;
    }

    /// Reasons to hold a user's money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit for a contract's record.
        ContractDeposit,
    }

    /// Contracts by number.
    #[pallet::storage]
    pub type Contracts<T: Config> = StorageMap<_, Blake2_128Concat, ContractId, ContractOf<T>>;

    /// What billing needs of each contract.
    #[pallet::storage]
    pub type BillingOf<T: Config> = StorageMap<_, Blake2_128Concat, ContractId, BillingRecord<T::AccountId>>;

    /// The number that the next contract gets. The first is 1.
    #[pallet::storage]
    pub type NextContractId<T: Config> = StorageValue<_, ContractId, ValueQuery, ConstU64<1>>;

    /// Contracts on each node, newest first: what a node can't keep ends in this order.
    #[pallet::storage]
    pub type ContractsOfNode<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Identity, NewestFirst, ContractId, OptionQuery>;

    /// Contracts of each twin, newest first.
    #[pallet::storage]
    pub type ContractsOfTwin<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Identity, NewestFirst, ContractId, OptionQuery>;

    /// What each rent still has for contracts inside it.
    #[pallet::storage]
    pub type RentUsage<T: Config> = StorageMap<_, Blake2_128Concat, ContractId, RentUse>;

    /// Rents that end after the contracts inside them, with their nodes: a queue.
    #[pallet::storage]
    pub type EndingRents<T: Config> = StorageMap<_, Twox64Concat, ContractId, u32>;

    /// The contract on a node that could not be ended last: the wind-down goes on with older ones. Only while a node or a
    /// rent is being wound down, and only if something failed.
    #[pallet::storage]
    pub type PassedOver<T: Config> = StorageMap<_, Twox64Concat, u32, ContractId>;

    /// What is to be done, by tick and contract.
    #[pallet::storage]
    pub type Agenda<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u64, Twox64Concat, ContractId, AgendaEntry, OptionQuery>;

    /// What the chain knows of time: the last block's, the agenda's.
    #[pallet::storage]
    pub type Clock<T: Config> = StorageValue<_, ChainClock, ValueQuery>;

    /// Recent times without blocks, oldest first.
    #[pallet::storage]
    pub type Stalls<T: Config> = StorageValue<_, StallList, ValueQuery>;

    /// Sum of all contracts' escrow, base units.
    #[pallet::storage]
    pub type TotalEscrow<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What could not be paid out and waits for [`Pallet::claim`], base units.
    #[pallet::storage]
    pub type Payable<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

    /// Sum of all payables, base units.
    #[pallet::storage]
    pub type TotalPayable<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// The times and shares of the money rules.
    #[pallet::storage]
    pub type Rules<T: Config> = StorageValue<_, Parameters, ValueQuery>;

    /// Who gets which part of what users pay. None: all to the farmer.
    #[pallet::storage]
    pub type Split<T: Config> = StorageValue<_, RevenueSplit<T::AccountId>>;

    /// A revenue split that was announced, and when it takes effect, Unix seconds.
    #[pallet::storage]
    pub type NextSplit<T: Config> = StorageValue<_, (RevenueSplit<T::AccountId>, Seconds)>;

    /// Weight of free report batches in this block, reference time; with the block's number.
    #[pallet::storage]
    pub type FreeReports<T: Config> = StorageValue<_, (BlockNumberFor<T>, u64), ValueQuery>;

    /// Leased names by number of the contract.
    #[pallet::storage]
    pub type NameContracts<T: Config> = StorageMap<_, Blake2_128Concat, ContractId, NameContractOf<T>>;

    /// The contract that leases a name.
    #[pallet::storage]
    pub type NameContractIdByName<T: Config> = StorageMap<_, Blake2_128Concat, LeasedName, ContractId>;

    /// Name contracts of each twin.
    #[pallet::storage]
    pub type NameContractsOfTwin<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, ContractId, (), OptionQuery>;

    /// What a name costs.
    #[pallet::storage]
    pub type PriceOfNames<T: Config> = StorageValue<_, NamePrice, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The times and shares of the money rules.
        pub rules: Parameters,
        /// Who gets which part of what users pay; none: all to the farmer.
        pub split: Option<RevenueSplit<T::AccountId>>,
        /// One day of a name, base units; none: 0.01 GRID.
        pub name_price: Option<Balance>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(self.rules.valid(), "rules contradict each other; see Parameters::valid");
            Rules::<T>::put(self.rules);
            if let Some(split) = &self.split {
                assert!(split.valid(), "shares of the revenue split sum to more than one");
                assert!(!Pallet::<T>::names_escrow(split), "the revenue split names the account of all escrow");
                Split::<T>::put(split);
            }
            if let Some(per_day) = self.name_price {
                assert!(per_day > 0, "names that cost nothing are gone in a day");
                PriceOfNames::<T>::put(NamePrice { per_day, next: None });
            }
            Pallet::<T>::endow_account_at_genesis();
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A contract was made and funded.
        ContractCreated {
            /// Its number.
            contract_id: ContractId,
            /// Its owner.
            twin_id: u32,
            /// Its node.
            node_id: u32,
            /// Money set aside, base units.
            escrow: Balance,
            /// The public addresses it holds, as numbers.
            public_ips: PublicIpList,
        },
        /// A contract was changed by its owner; the node should now run this version.
        ContractUpdated {
            /// Its number.
            contract_id: ContractId,
            /// The new version.
            version: u32,
        },
        /// The node said what became of a deployment.
        DeploymentReported {
            /// The contract.
            contract_id: ContractId,
            /// The version it speaks of.
            version: u32,
            /// Whether it runs.
            outcome: DeploymentOutcome,
        },
        /// A contract was charged.
        ContractBilled {
            /// The contract.
            contract_id: ContractId,
            /// For what, and how much.
            bill: Bill,
        },
        /// A report was not accepted.
        ReportRefused {
            /// The contract that it names.
            contract_id: ContractId,
            /// The end of its window, Unix seconds.
            timestamp: Seconds,
            /// Why.
            reason: Refusal,
        },
        /// Money was added to a contract's escrow.
        ContractFunded {
            /// The contract.
            contract_id: ContractId,
            /// From whom.
            from: T::AccountId,
            /// How much, base units.
            amount: Balance,
        },
        /// The owner limited what may be drawn from his account.
        RefillLimitSet {
            /// The contract.
            contract_id: ContractId,
            /// The most per UTC day, base units; none: no limit.
            limit: Option<Balance>,
        },
        /// Escrow fell below what must be covered and could not be refilled; the chain ends the contract.
        ContractOutOfFunds {
            /// The contract.
            contract_id: ContractId,
        },
        /// A contract is gone. Its capacity and addresses are free again.
        ContractEnded {
            /// Its number.
            contract_id: ContractId,
            /// Its owner.
            twin_id: u32,
            /// Its node.
            node_id: u32,
            /// Why.
            cause: EndCause,
            /// What was left in escrow and went back to the owner, base units.
            refund: Balance,
        },
        /// What a charge brought was paid out.
        RevenuePaid {
            /// The node that earned it.
            node_id: u32,
            /// Where the farmer's share went.
            payout: T::AccountId,
            /// The farmer's share, base units.
            farmer: Balance,
            /// The foundation's share, base units.
            foundation: Balance,
            /// The sales channel's share, base units.
            sales: Balance,
            /// The block author's share, base units.
            author: Balance,
            /// Destroyed, base units.
            burned: Balance,
        },
        /// A payment could not be made and waits to be claimed.
        PaymentDeferred {
            /// Whose it is.
            account: T::AccountId,
            /// How much, base units.
            amount: Balance,
        },
        /// What waited was paid.
        Claimed {
            /// To whom.
            account: T::AccountId,
            /// How much, base units.
            amount: Balance,
        },
        /// Governance paid out of the foundation's account.
        FoundationPaid {
            /// To whom.
            to: T::AccountId,
            /// How much, base units.
            amount: Balance,
        },
        /// A new revenue split was announced.
        SplitAnnounced {
            /// The split.
            split: RevenueSplit<T::AccountId>,
            /// When it takes effect, Unix seconds.
            from: Seconds,
        },
        /// An entry of the agenda failed and will be tried again.
        AgendaRetry {
            /// The contract.
            contract_id: ContractId,
            /// Why.
            error: DispatchError,
        },
        /// An entry of the agenda failed too often; governance has to look at it.
        AgendaParked {
            /// The contract.
            contract_id: ContractId,
            /// Why.
            error: DispatchError,
        },
        /// The chain made no blocks for a while. Nothing is charged for that time.
        ChainStalled {
            /// From when until when, Unix seconds.
            stall: Stall,
        },

        // Names.
        /// A name was leased.
        NameContractCreated {
            /// The contract's number.
            contract_id: ContractId,
            /// Whose name it is.
            twin_id: u32,
            /// The name.
            name: LeasedName,
            /// The end of the lease, Unix seconds; it moves back by any time in which the chain stands still.
            lease_until: Seconds,
            /// Paid to the foundation, base units.
            paid: Balance,
        },
        /// The lease of a name was extended.
        NameContractRenewed {
            /// The contract.
            contract_id: ContractId,
            /// Its new end, Unix seconds; it moves back by any time in which the chain stands still.
            lease_until: Seconds,
            /// Paid to the foundation, base units.
            paid: Balance,
        },
        /// The lease of a name ended. Anyone may lease the name now.
        NameContractEnded {
            /// The contract.
            contract_id: ContractId,
            /// Whose name it was.
            twin_id: u32,
            /// The name.
            name: LeasedName,
            /// Why.
            cause: EndCause,
        },
        /// Governance announced a new price of names.
        NamePriceAnnounced {
            /// One day, base units.
            per_day: Balance,
            /// From when on it holds, Unix seconds.
            from: Seconds,
        },

        // Cushion, grace and changes of addresses.
        /// The owner set how much is kept for a pause.
        CushionSet {
            /// The contract.
            contract_id: ContractId,
            /// How much, base units.
            amount: Balance,
        },
        /// A contract is out of funds and paused: its node stops the work and keeps what it reserves.
        GraceStarted {
            /// The contract.
            contract_id: ContractId,
            /// When it ends unless it is funded, Unix seconds.
            until: Seconds,
        },
        /// A contract in grace is funded again and runs on.
        ContractResumed {
            /// The contract.
            contract_id: ContractId,
        },
        /// An update changed which public addresses a contract holds.
        PublicIpsChanged {
            /// The contract.
            contract_id: ContractId,
            /// Now its own.
            added: PublicIpList,
            /// Back with the farm.
            given_back: PublicIpList,
        },

        // Rents, and nodes that go.
        /// A rent ends: nothing is charged for it any more, the contracts inside end, and then the rent itself.
        RentEnding {
            /// The rent.
            contract_id: ContractId,
            /// Why.
            cause: EndCause,
        },
        /// A contract that had to end with its node or rent could not; the agenda tries again.
        EndPostponed {
            /// The contract. It costs nothing any more.
            contract_id: ContractId,
            /// Why.
            error: DispatchError,
        },
        /// All contracts of a leaving node were tried, and some could not be ended.
        NodeNotEmptied {
            /// The node.
            node_id: u32,
            /// What speaks against finishing.
            error: DispatchError,
        },
        /// A contract that ended listed an address that it did not hold. The address stays as it is.
        AddressNotReleased {
            /// The contract.
            contract_id: ContractId,
            /// The address, as a number.
            address: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No contract has this number.
        ContractNotFound,
        /// Only the contract's owner may do this.
        NotTheOwner,
        /// Only the contract's owner or its node may do this.
        NotAParty,
        /// The signer is not the agent of any node.
        NotAnAgent,
        /// The signer is not the agent of this contract's node.
        NotTheNodesAgent,
        /// The contract's state does not allow this.
        WrongState,
        /// The node has shown no sign of life for two report periods.
        NodeUnseen,
        /// The node leaves the grid and takes no new work.
        NodeClosing,
        /// Reserve some capacity, traffic or at least one public address.
        NothingReserved,
        /// A resource is larger than any record may name.
        ResourcesTooLarge,
        /// More public addresses than one contract may hold.
        TooManyPublicIps,
        /// This mode of payment is not available.
        ModeNotAvailable,
        /// The farmer's price is above the given limit.
        PriceAboveLimit,
        /// The owner's account cannot fund this; see the quote for what is needed.
        InsufficientFunds,
        /// The version is not the one that the contract has now.
        VersionMismatch,
        /// This was reported before.
        AlreadyReported,
        /// The amount must be above zero.
        ZeroAmount,
        /// Nothing waits to be claimed for this account.
        NothingToClaim,
        /// The account cannot receive this; give it the existential deposit first, or name one that is not the pallet's.
        CannotReceive,
        /// The foundation's account has not that much besides its existential deposit. What waits for it can be claimed.
        FoundationLacksFunds,
        /// The shares sum to more than one.
        SplitAboveOne,
        /// No more contract numbers.
        NoMoreIds,

        // Names.
        /// The name is not made of 3 to 40 small letters, digits and single `-` with a letter first, or it ends like the
        /// name of a contract's function: in `-` and a number.
        InvalidName,
        /// The name is leased.
        NameTaken,
        /// A lease lasts a day at least.
        NoDays,
        /// The lease would end further ahead than the rules allow.
        LeaseTooLong,
        /// The lease is over and cannot be renewed; lease the name anew.
        LeaseOver,

        // Cushion and grace.
        /// This kind of contract does not have that.
        WrongKind,
        /// Only a contract in grace can be resumed.
        NotInGrace,
        /// Grace is over; the chain is about to end the contract.
        GraceOver,

        // Rents.
        /// Somebody else rents the whole node.
        NodeRentedByOther,
        /// The rent of this node is ending: nothing begins or changes inside it.
        RentEnding,
        /// The rent has not that much capacity left.
        RentCapacityExceeded,

        /// The node broke and has not all that a machine needs: choose another one, or wait until its farmer has mended it.
        NotAMachine,
        /// A split cannot name the account that holds all escrow: name the account that is to have the share.
        SplitNamesEscrow,
        /// The farmer may end a contract only when its node was not seen for `farmer_cancel_after`: wait, or let the node's own
        /// account end it.
        NodeSeenLately,
        /// The time to deploy is over; the chain is about to end the contract. Its owner can make another one.
        TooLateToDeploy,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::serve_agenda_minimum().saturating_add(Self::wind_down_minimum())
        }

        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let used = Self::serve_agenda(remaining);
            used.saturating_add(Self::wind_down(remaining.saturating_sub(used)))
        }

        fn integrity_test() {
            assert!(
                T::FreeReportWeight::get().all_gte(<T as Config>::WeightInfo::add_reports_unfunded(1)),
                "not even one report fits what free batches may take"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes a contract with a node, reserves its capacity and public addresses, and sets money aside.
        ///
        /// * **Who**: an account with a twin; the twin becomes the owner.
        /// * **Arguments**: the node; BLAKE2b-256 of the deployment's challenge; the sealed deployment (at most 8 KiB);
        ///   how many public addresses; resources; how work is paid for; the highest price that is accepted.
        /// * **Deposit**: a base and a price per byte of `data`, held until the end.
        /// * **Money**: at least `low` and what deployment may cost, at most `high`, goes to escrow.
        /// * **Errors**: no twin, no such node, [`Error::NodeUnseen`], [`Error::NodeClosing`], [`Error::NothingReserved`],
        ///   [`Error::ResourcesTooLarge`], [`Error::TooManyPublicIps`], [`Error::ModeNotAvailable`],
        ///   [`Error::PriceAboveLimit`], [`Error::InsufficientFunds`], [`Error::NoMoreIds`]; on a rented node
        ///   [`Error::NodeRentedByOther`], [`Error::RentEnding`], [`Error::RentCapacityExceeded`]; the registry's for capacity and
        ///   addresses, and the token's for the deposit.
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::create_contract(data.len() as u32, at_most_ips(*public_ips)))]
        #[allow(clippy::too_many_arguments)] // What the two sides agree on.
        pub fn create_contract(
            origin: OriginFor<T>,
            node_id: u32,
            deployment_hash: [u8; 32],
            data: DeploymentData,
            public_ips: u32,
            resources: Resources,
            mode: ContractMode,
            price_limit: Option<PriceLimit>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create(owner, node_id, deployment_hash, data, public_ips, resources, mode, price_limit)
        }

        /// Changes what a contract runs, and, if they are given, what it reserves and which public addresses it holds.
        ///
        /// * **Who**: the owner.
        /// * **Arguments**: the contract; the new deployment's hash and sealed text; other resources; addresses to add and
        ///   to give back, the added ones first; the highest price that is accepted.
        /// * **Deposit**: follows the length of `data`.
        /// * **Money**: what is owed is settled first. Other resources or addresses come at the farmer's prices of now; an
        ///   update of hash or data keeps the prices. Escrow must then reach `low`, and what lacks is drawn up to `high`.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`], [`Error::WrongKind`] for a rent,
        ///   [`Error::WrongState`], [`Error::NodeClosing`], [`Error::RentEnding`], [`Error::RentCapacityExceeded`], the registry's
        ///   `AddressNotHeld`, and those of [`Pallet::create_contract`] that concern resources, addresses and money.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::update_contract(data.len() as u32, changed_ips(public_ips)))]
        pub fn update_contract(
            origin: OriginFor<T>,
            contract_id: ContractId,
            deployment_hash: [u8; 32],
            data: DeploymentData,
            resources: Option<Resources>,
            public_ips: Option<PublicIpChange>,
            price_limit: Option<PriceLimit>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_update(owner, contract_id, deployment_hash, data, resources, public_ips, price_limit)
        }

        /// Ends a contract now: what is owed is settled, the rest of escrow and the deposit go back, addresses and
        /// capacity are free.
        ///
        /// * **Who**: the owner, the node's twin, or the registry's `AdminOrigin`; the farmer once the node was not seen
        ///   for `farmer_cancel_after`.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotAParty`], [`Error::NodeSeenLately`], [`Error::WrongState`] for
        ///   a rent that is ending already.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::end_contract(grid_types::units::MAX_PUBLIC_IPS))]
        pub fn cancel_contract(origin: OriginFor<T>, contract_id: ContractId) -> DispatchResultWithPostInfo {
            Self::do_cancel(origin, contract_id)
        }

        /// Says whether a version of a deployment runs. Billing begins with the first that does.
        ///
        /// * **Who**: the agent of the contract's node. Free of fees.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheNodesAgent`], [`Error::WrongState`],
        ///   [`Error::VersionMismatch`], [`Error::AlreadyReported`], [`Error::TooLateToDeploy`].
        #[pallet::call_index(3)]
        #[pallet::weight(<T as Config>::WeightInfo::report_deployment())]
        pub fn report_deployment(
            origin: OriginFor<T>,
            contract_id: ContractId,
            version: u32,
            outcome: DeploymentOutcome,
        ) -> DispatchResultWithPostInfo {
            let agent = ensure_signed(origin)?;
            Self::do_report_deployment(agent, contract_id, version, outcome)?;
            // Each version is reported once, and its owner paid for it: a stranger cannot drain an agent's float.
            Ok(Pays::No.into())
        }

        /// Reports what contracts used; the chain charges it and pays the farmer.
        ///
        /// Each item is accepted or refused by itself, with an event. `paid_until` moves to the end of an accepted window.
        ///
        /// * **Who**: the agent of the contracts' node.
        /// * **Fee**: none if at least half of the items were accepted and each of those covered at least
        ///   `min_free_window` of new time, none of the others was the agent's fault, and free batches have not used up
        ///   their share of the block. The fee is withdrawn first and then given back.
        /// * **Errors**: [`Error::NotAnAgent`].
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::add_reports_unfunded(reports.len() as u32))]
        pub fn add_reports(
            origin: OriginFor<T>,
            reports: BoundedVec<Report, ConstU32<MAX_REPORTS>>,
        ) -> DispatchResultWithPostInfo {
            let agent = ensure_signed(origin)?;
            Self::do_add_reports(agent, &reports)
        }

        /// Adds to a contract's escrow. A gift to the contract: what is left at its end goes to the owner.
        ///
        /// In grace, a gift after which escrow covers all that [`Pallet::resume_contract`] takes resumes the contract at
        /// once. A smaller one waits in escrow; it never moves the end of grace.
        ///
        /// * **Who**: anyone.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::WrongState`], [`Error::NodeClosing`], [`Error::RentEnding`],
        ///   [`Error::GraceOver`], [`Error::ZeroAmount`], and the token's.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::fund_contract())]
        pub fn fund_contract(
            origin: OriginFor<T>,
            contract_id: ContractId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let from = ensure_signed(origin)?;
            Self::do_fund(from, contract_id, amount)
        }

        /// Limits what the chain may draw from the owner's account for a contract in one UTC day, base units. None: no
        /// limit; 0: prepaid only.
        ///
        /// * **Who**: the owner.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`].
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::set_refill_limit())]
        pub fn set_refill_limit(
            origin: OriginFor<T>,
            contract_id: ContractId,
            limit: Option<Balance>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_set_refill_limit(owner, contract_id, limit)
        }

        /// Pays out what waits for `account`.
        ///
        /// * **Who**: anyone.
        /// * **Errors**: [`Error::NothingToClaim`], [`Error::CannotReceive`].
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::claim())]
        pub fn claim(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim(account)
        }

        /// Announces a new revenue split. It takes effect after the governance notice; an earlier announcement that has
        /// not taken effect yet is replaced.
        ///
        /// * **Who**: the registry's `AdminOrigin`.
        /// * **Errors**: [`Error::SplitAboveOne`], [`Error::SplitNamesEscrow`].
        #[pallet::call_index(8)]
        #[pallet::weight(<T as Config>::WeightInfo::announce_split())]
        pub fn announce_split(origin: OriginFor<T>, split: RevenueSplit<T::AccountId>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_announce_split(split)
        }

        /// Pays out of the account in which the foundation's money waits while no split names another account: what holding
        /// cost, and what names cost. See [`Pallet::foundation_account`].
        ///
        /// * **Who**: the registry's `AdminOrigin`.
        /// * **Money**: the account keeps its existential deposit, so that small sums still reach it.
        /// * **Errors**: [`Error::ZeroAmount`], [`Error::FoundationLacksFunds`], [`Error::CannotReceive`] for an account that
        ///   would not have the existential deposit, and for the pallet's own.
        #[pallet::call_index(9)]
        #[pallet::weight(<T as Config>::WeightInfo::pay_foundation())]
        pub fn pay_foundation(
            origin: OriginFor<T>,
            to: T::AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_pay_foundation(to, amount)
        }

        // Cushion and grace: call indices from 20.

        /// Sets how much of `low` is kept for a pause, base units. With a cushion, a contract that is out of funds is
        /// paused, without one it ends.
        ///
        /// * **Who**: the owner.
        /// * **Money**: raising it draws the difference at once, within the refill limit, or fails. What lowering frees
        ///   stays in escrow.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`], [`Error::WrongState`], [`Error::WrongKind`] for
        ///   a rent, [`Error::NodeClosing`], [`Error::RentEnding`], [`Error::InsufficientFunds`].
        #[pallet::call_index(20)]
        #[pallet::weight(<T as Config>::WeightInfo::set_cushion())]
        pub fn set_cushion(
            origin: OriginFor<T>,
            contract_id: ContractId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_set_cushion(owner, contract_id, amount)
        }

        /// Ends a pause: charges the time of it as if it had been used in full, and fills escrow up to `high`.
        ///
        /// * **Who**: the owner.
        /// * **Money**: what escrow lacks is drawn at once, within the refill limit, or the call fails and changes nothing.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`], [`Error::NotInGrace`], [`Error::GraceOver`],
        ///   [`Error::NodeClosing`], [`Error::RentEnding`], [`Error::InsufficientFunds`].
        #[pallet::call_index(21)]
        #[pallet::weight(<T as Config>::WeightInfo::resume_contract())]
        pub fn resume_contract(origin: OriginFor<T>, contract_id: ContractId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_resume(owner, contract_id)
        }

        /// Rents an empty node as a whole. Only the owner can make contracts on it then: these are inside the rent, pay for
        /// addresses and traffic only, and end with it.
        ///
        /// * **Who**: an account with a twin; the twin becomes the owner.
        /// * **Price**: the farmer's, with the node's surcharge on compute and storage, for all that the node has, used or
        ///   not; what changes later does not concern this rent. `price_limit` is the highest that is accepted.
        /// * **Deposit**: that of a contract without data, held until the end.
        /// * **Money**: at least `low`, at most `high`, goes to escrow.
        /// * **Errors**: no twin, no such node, [`Error::NodeUnseen`], [`Error::NotAMachine`], [`Error::PriceAboveLimit`],
        ///   [`Error::InsufficientFunds`], [`Error::NoMoreIds`], the registry's `NodeClosing`, `NodePoweredDown`, `NodeRented`
        ///   and `NodeHasContracts`, and the token's for the deposit.
        #[pallet::call_index(30)]
        #[pallet::weight(<T as Config>::WeightInfo::create_rent_contract())]
        pub fn create_rent_contract(
            origin: OriginFor<T>,
            node_id: u32,
            price_limit: Option<PriceLimit>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create_rent(owner, node_id, price_limit)
        }

        /// Leases a name for whole days, paid now to the foundation.
        ///
        /// * **Who**: an account with a twin; the twin becomes the owner.
        /// * **Arguments**: the name: 3 to 40 small letters, digits and single `-`, a letter first, not ending in `-` and a
        ///   number; how many days; the most that the whole lease may cost, base units.
        /// * **Deposit**: a base and a price per byte of the name, held until the end.
        /// * **Errors**: no twin, [`Error::InvalidName`], [`Error::NameTaken`], [`Error::NoDays`], [`Error::LeaseTooLong`],
        ///   [`Error::NoMoreIds`], [`Error::PriceAboveLimit`], [`Error::InsufficientFunds`], and the token's for the deposit.
        #[pallet::call_index(40)]
        #[pallet::weight(<T as Config>::WeightInfo::create_name_contract())]
        pub fn create_name_contract(
            origin: OriginFor<T>,
            name: NameInput,
            days: u32,
            max_price: Option<Balance>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create_name(owner, name, days, max_price)
        }

        /// Extends the lease of a name by whole days from its end, paid now to the foundation.
        ///
        /// * **Who**: the owner, until the lease is over.
        /// * **Arguments**: the contract; how many days; the most that they may cost, base units.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`], [`Error::LeaseOver`], [`Error::NoDays`],
        ///   [`Error::LeaseTooLong`], [`Error::PriceAboveLimit`], [`Error::InsufficientFunds`].
        #[pallet::call_index(41)]
        #[pallet::weight(<T as Config>::WeightInfo::renew_name_contract())]
        pub fn renew_name_contract(
            origin: OriginFor<T>,
            contract_id: ContractId,
            days: u32,
            max_price: Option<Balance>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_renew_name(owner, contract_id, days, max_price)
        }

        /// Ends the lease of a name now. The deposit goes back; nothing of the lease does.
        ///
        /// * **Who**: the owner.
        /// * **Errors**: [`Error::ContractNotFound`], [`Error::NotTheOwner`].
        #[pallet::call_index(42)]
        #[pallet::weight(<T as Config>::WeightInfo::cancel_name_contract())]
        pub fn cancel_name_contract(origin: OriginFor<T>, contract_id: ContractId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_cancel_name(owner, contract_id)
        }

        /// Announces a new price of names, base units for a day. It holds after the governance notice; an earlier
        /// announcement that does not hold yet is replaced. What is leased stays paid.
        ///
        /// * **Who**: the registry's `AdminOrigin`.
        /// * **Errors**: [`Error::ZeroAmount`].
        #[pallet::call_index(43)]
        #[pallet::weight(<T as Config>::WeightInfo::set_name_price())]
        pub fn set_name_price(origin: OriginFor<T>, #[pallet::compact] per_day: Balance) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_name_price(per_day)
        }
    }

    /// How many addresses a call touches that asks for so many: more than a contract may hold are refused before any is.
    fn at_most_ips(public_ips: u32) -> u32 {
        public_ips.min(MAX_PUBLIC_IPS)
    }

    /// How many addresses an update touches, for its weight.
    fn changed_ips(change: &Option<PublicIpChange>) -> u32 {
        let given_back = |change: &PublicIpChange| change.give_back.len() as u32;
        change.as_ref().map_or(0, |change| at_most_ips(change.add).saturating_add(given_back(change)))
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// What `resources` and `public_ips` on a node would cost now. None: no such node.
        ///
        /// Whoever asks: while the node is rented, for its renter, who pays for addresses and traffic only. The node's status
        /// says whether it is.
        pub fn quote(node_id: u32, resources: Resources, public_ips: u32) -> Option<Quote> {
            Self::quote_of(node_id, &resources, public_ips)
        }

        /// What renting a whole node would cost now. None: no such node.
        pub fn quote_rent(node_id: u32) -> Option<Quote> {
            Self::quote_of_rent(node_id)
        }

        /// How a contract stands. None: no such contract.
        pub fn funding(contract_id: ContractId) -> Option<Funding> {
            Self::funding_of(contract_id)
        }

        /// Contracts on a node, newest first: at most `limit` and at most [`MAX_PAGE`] of them. `after` is the last of the
        /// page before; it need not be there any more.
        pub fn contracts_of_node(node_id: u32, after: Option<ContractId>, limit: u32) -> Vec<ContractId> {
            Self::page_of_node(node_id, after, limit)
        }

        /// Contracts of a twin, in pages like [`Pallet::contracts_of_node`].
        pub fn contracts_of_twin(twin_id: u32, after: Option<ContractId>, limit: u32) -> Vec<ContractId> {
            Self::page_of_twin(twin_id, after, limit)
        }

        /// Who has a name now. None: nobody.
        pub fn name_owner(name: NameInput) -> Option<NameOwner<T::AccountId>> {
            Self::owner_of_name(name)
        }

        /// What one day of a name costs now, base units.
        pub fn name_price() -> Balance {
            PriceOfNames::<T>::get().at(pallet_tfgrid::Pallet::<T>::now())
        }

        /// The account that holds all escrow.
        pub fn account() -> T::AccountId {
            Self::account_id()
        }
    }
}
