//! # Registry pallet
//!
//! Who and what is on the grid: twins, farms with public addresses, nodes, and the prices that farmers ask.
//!
//! ## Terminology
//!
//! * **Twin** - an account's presence on the grid, one per account ([`Twins`], [`TwinIdByAccountID`]). Everything else
//!   belongs to a twin. Message bus relays and peers read twins from the chain; that fixes the record's shape.
//! * **Sponsor** - an account that pays the deposit of another account's twin ([`TwinSponsors`]).
//! * **Entity** - a person or company with a name and an account ([`Entities`]). It vouches for twins by a signature,
//!   which is kept in the twin; [`TwinsOfEntity`] lists them.
//! * **Farmer** - the twin that owns a farm.
//! * **Pricing policy** - a farmer's price list ([`PricingPolicies`]). A contract keeps a copy of the prices it was
//!   made under, so a new price never touches a running contract.
//! * **Farm** - a site ([`Farms`]): nodes and public addresses with one owner, one price list, one payout account.
//! * **Claim** and **verified address** - a farm says that an IPv4 address is its own ([`IpClaims`]); a certifier
//!   agrees ([`PublicIps`]). Only verified addresses can be reserved, and each exists once on the chain. Claims of several
//!   farms to one address may stand side by side and keep nobody from anything.
//! * **Node** - a machine that offers capacity ([`Nodes`]), with a twin of its own.
//! * **Agent** - the account with which a node signs its daily messages. A node names it, and it counts once it has
//!   accepted ([`NodeIdByAgent`]).
//! * **Certifier** - an account that governance trusts to say what is true of machines and addresses ([`Certifiers`]).
//! * **Status** - what changes about a node all the time ([`NodeStatus`]): what contracts reserve, who rents it whole,
//!   and its last **sign of life**, a heartbeat ([`Pallet::report_uptime`]) or an accepted consumption report.
//! * **Leaving** - a node whose contracts are being ended ([`Leaving`]), because it goes or because it lost a part of
//!   what it had.
//!
//! ## Overview
//!
//! A farmer's way: [`create_twin`](Pallet::create_twin), [`create_pricing_policy`](Pallet::create_pricing_policy),
//! [`create_farm`](Pallet::create_farm), [`add_farm_ip`](Pallet::add_farm_ip) for each address,
//! [`authorize_node`](Pallet::authorize_node) for each machine.
//!
//! A node's way: [`create_twin`](Pallet::create_twin) with the node's own account, [`create_node`](Pallet::create_node)
//! once the farmer has authorized that account - a node needs both sides' consent -, then
//! [`report_uptime`](Pallet::report_uptime) by the agent at every heartbeat period.
//!
//! A node's end: [`delete_node`](Pallet::delete_node) by either side. While contracts live on the node it closes first:
//! no contract can be made or changed there, and `pallet-smart-contract` ends those that are left, some in each block. A
//! node that loses a disk tells so with [`report_degraded`](Pallet::report_degraded); then the newest contracts end until
//! the rest fits. A farmer may switch an empty node off and on ([`change_power_target`](Pallet::change_power_target)), rent
//! it out as a whole ([`set_node_rent_terms`](Pallet::set_node_rent_terms)), or let it come from another farm
//! ([`move_node`](Pallet::move_node)).
//!
//! A user's way: [`create_twin`](Pallet::create_twin). Contracts are the business of `pallet-smart-contract`, which
//! reserves capacity and addresses here through the functions of `for_contracts`.
//!
//! ## Deposits
//!
//! Nothing stays on chain for free. Each record holds a deposit of the account that made it ([`Deposits`]), which comes
//! back when the record goes:
//!
//! | record | who pays | comes back with |
//! | --- | --- | --- |
//! | twin | its account, or its sponsor | `delete_twin`; to the sponsor, if not used yet, `withdraw_sponsorship` |
//! | entity | who called `create_entity` | `delete_entity` |
//! | entity in a twin | the twin's account | `delete_twin_entity` |
//! | pricing policy | the farmer | `delete_pricing_policy` |
//! | farm | the farmer | `delete_farm` |
//! | address, claimed or verified | the farmer | `remove_farm_ip`, `force_remove_farm_ip` |
//! | node authorization | the farmer | `create_node`, `move_node`, `revoke_node_authorization` |
//! | node | the node's twin | `delete_node`, when the last contract is gone |
//!
//! The amounts are constants of the runtime; what comes back is what was taken, even if they have changed since.
//!
//! ## What holds a record in place
//!
//! A twin can't go while it owns policies, farms or a node, has live contracts, or entities vouch for it; an entity
//! while it vouches for twins; a policy while farms use it; a farm while it has nodes, addresses, claims or
//! authorizations; an address while a contract holds it; a node while contracts live on it, and then it can't be
//! switched off or moved either. So no id in a record ever points nowhere.
//!
//! ## Signatures of entities
//!
//! An entity's account need not send transactions: it signs a message (`grid_types::entities`), and anybody brings it.
//! A signature is bound to the chain, to what it is about, and to the second in which it ends, at most a day ahead.
//! What it made can't be undone before that second, so it never counts twice: whoever wants to be able to take
//! something back soon signs for a short time.
//!
//! ## Cost
//!
//! No call loops over what others can grow: reserving an address takes the next free one from an index, and all
//! look-ups are by key. The rules that tie records, indexes, counters and deposits together are numbered in
//! [`Pallet::do_try_state`].

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

extern crate alloc;

mod addresses;
mod agents;
#[cfg(any(feature = "runtime-benchmarks", test))]
mod benchmarking;
mod certifiers;
mod deposits;
mod entities;
mod farms;
mod for_contracts;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod invariants;
mod leaving;
mod moving;
mod names;
mod nodes;
mod policies;
mod power;
mod public_config;
mod renting;
mod sponsors;
mod twins;
mod views;

pub mod migrations;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub use benchmarking::BenchmarkHelper;
pub use for_contracts::DarkTime;
pub use nodes::is_machine;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// The macros below generate code that expects things of types they have checked themselves. Nothing here is written by
// hand but declarations and calls of one line.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Contains, UnixTime},
    };
    use frame_system::pallet_prelude::*;
    use grid_types::units::{Capacity, Prices};
    use sp_runtime::traits::{IdentifyAccount, Verify};

    use crate::{policies, types::*, views, weights::WeightInfo};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The token in which deposits are held.
        type NativeToken: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// The time of the block.
        type UnixTime: UnixTime;

        /// A signature that an account gives outside a transaction. At most 66 bytes when encoded, as `MultiSignature`
        /// is: longer ones are refused.
        type Signature: Verify<Signer = Self::Signer> + Parameter;

        /// The key behind such a signature.
        type Signer: IdentifyAccount<AccountId = Self::AccountId>;

        /// Who may raise and lower the price floor, and who chooses certifiers: governance.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Addresses that a farm may offer, numeric: public unicast; in development also the documentation ranges.
        type AllowedAddresses: Contains<u32>;

        /// IPv6 addresses that a node may call its own, in network order.
        type AllowedIpv6Addresses: Contains<[u8; 16]>;

        /// Accounts that can't be twin, agent or payout: those of the runtime's own pallets, whose money has other
        /// owners.
        type ReservedAccounts: Contains<Self::AccountId>;

        /// Twins that own live contracts, by id: these can't be deleted.
        type LiveContracts: Contains<u32>;

        /// Deposit for a twin, base units.
        #[pallet::constant]
        type TwinDeposit: Get<BalanceOf<Self>>;

        /// Deposit for an entity, base units.
        #[pallet::constant]
        type EntityDeposit: Get<BalanceOf<Self>>;

        /// Deposit for an entity's signature in a twin, base units.
        #[pallet::constant]
        type TwinEntityDeposit: Get<BalanceOf<Self>>;

        /// Deposit for a pricing policy, base units.
        #[pallet::constant]
        type PricingPolicyDeposit: Get<BalanceOf<Self>>;

        /// Deposit for a farm, base units.
        #[pallet::constant]
        type FarmDeposit: Get<BalanceOf<Self>>;

        /// Deposit for an address, claimed or verified, base units.
        #[pallet::constant]
        type PublicIpDeposit: Get<BalanceOf<Self>>;

        /// Deposit for a node authorization, base units.
        #[pallet::constant]
        type NodeAuthorizationDeposit: Get<BalanceOf<Self>>;

        /// Deposit for a node, base units.
        #[pallet::constant]
        type NodeDeposit: Get<BalanceOf<Self>>;

        /// Seconds between two heartbeats of a node. One that comes after less than half of it is paid for. Not a
        /// constant of the metadata: a runtime may keep it in storage.
        type HeartbeatPeriod: Get<u64>;

        /// A node that has shown no sign of life for longer than this gets no new contracts, seconds. Not a constant of the
        /// metadata either.
        type UnseenAfter: Get<u64>;

        /// How much of a node's silence counts as dark.
        type DarkTime: crate::DarkTime;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;

        /// Signatures for benchmarks.
        #[cfg(any(feature = "runtime-benchmarks", test))]
        type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, Self::Signature>;
    }

    /// What money is held for.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A twin.
        Twin,
        /// A pricing policy.
        PricingPolicy,
        /// A farm.
        Farm,
        /// A public address.
        PublicIp,
        /// A farmer's consent to a node.
        NodeAuthorization,
        /// A node.
        Node,
        /// An entity.
        Entity,
        /// An entity's signature in a twin.
        TwinEntity,
    }

    // Storage: twins.

    /// Twins by id. Hasher, optionality and value are what RMB relays and peers expect.
    #[pallet::storage]
    pub type Twins<T: Config> = StorageMap<_, Blake2_128Concat, u32, TwinOf<T>, OptionQuery>;

    /// The twin of an account. Hasher and optionality are what RMB peers expect.
    #[pallet::storage]
    pub type TwinIdByAccountID<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

    /// What of the registry hangs on a twin; absent when nothing does.
    #[pallet::storage]
    pub type TwinUsage<T: Config> = StorageMap<_, Twox64Concat, u32, TwinLinks, ValueQuery>;

    /// The id of the next twin.
    #[pallet::storage]
    pub type NextTwinId<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    /// The deposits of sponsors for twins that accounts have not made yet, by account.
    #[pallet::storage]
    pub type TwinSponsors<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, DepositOf<T>, OptionQuery>;

    // Storage: entities and certifiers.

    /// Entities by id.
    #[pallet::storage]
    pub type Entities<T: Config> = StorageMap<_, Twox64Concat, u32, EntityOf<T>, OptionQuery>;

    /// An entity by name, in small letters.
    #[pallet::storage]
    pub type EntityIdByName<T: Config> = StorageMap<_, Blake2_128Concat, Name, u32, OptionQuery>;

    /// The entity of an account.
    #[pallet::storage]
    pub type EntityIdByAccount<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

    /// The twins that an entity vouches for: entity, twin. The value is until when the signature for it is valid, Unix
    /// seconds; the signature itself is in the twin.
    #[pallet::storage]
    pub type TwinsOfEntity<T: Config> = StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, u32, u64, OptionQuery>;

    /// The id of the next entity.
    #[pallet::storage]
    pub type NextEntityId<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    /// Who may certify nodes and decide about addresses, besides governance; at most 100.
    #[pallet::storage]
    pub type Certifiers<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    // Storage: pricing policies.

    /// Pricing policies by id.
    #[pallet::storage]
    pub type PricingPolicies<T: Config> = StorageMap<_, Twox64Concat, u32, PricingPolicy, OptionQuery>;

    /// A twin's policy by name, in small letters.
    #[pallet::storage]
    pub type PricingPolicyIdByName<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, Name, u32, OptionQuery>;

    /// How many farms use a policy.
    #[pallet::storage]
    pub type FarmsOfPolicy<T: Config> = StorageMap<_, Twox64Concat, u32, u32, ValueQuery>;

    /// The id of the next pricing policy.
    #[pallet::storage]
    pub type NextPricingPolicyId<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    /// The least that a policy may ask, item by item. Keeps contracts that cost nothing from filling blocks. Policies
    /// from before a rise keep their prices until they are changed.
    #[pallet::storage]
    pub type PriceFloor<T: Config> = StorageValue<_, Prices, ValueQuery>;

    // Storage: farms and their addresses.

    /// Farms by id.
    #[pallet::storage]
    pub type Farms<T: Config> = StorageMap<_, Twox64Concat, u32, FarmOf<T>, OptionQuery>;

    /// A farm by name, in small letters.
    #[pallet::storage]
    pub type FarmIdByName<T: Config> = StorageMap<_, Blake2_128Concat, Name, u32, OptionQuery>;

    /// The id of the next farm.
    #[pallet::storage]
    pub type NextFarmId<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    /// Verified addresses, by the address as a number.
    #[pallet::storage]
    pub type PublicIps<T: Config> = StorageMap<_, Blake2_128Concat, u32, PublicIp, OptionQuery>;

    /// Unverified claims: farm, address.
    #[pallet::storage]
    pub type IpClaims<T: Config> = StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, u32, IpClaim, OptionQuery>;

    /// Verified addresses that no contract holds: farm, address.
    #[pallet::storage]
    pub type FreeIps<T: Config> = StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, u32, (), OptionQuery>;

    /// Whether a claim is verified as soon as it is made: development chains only.
    #[pallet::storage]
    pub type AutoVerifyIps<T: Config> = StorageValue<_, bool, ValueQuery>;

    // Storage: nodes.

    /// Nodes by id.
    #[pallet::storage]
    pub type Nodes<T: Config> = StorageMap<_, Twox64Concat, u32, NodeOf<T>, OptionQuery>;

    /// The node of a twin.
    #[pallet::storage]
    pub type NodeIdByTwinID<T: Config> = StorageMap<_, Twox64Concat, u32, u32, OptionQuery>;

    /// The node of an agent account that has accepted.
    #[pallet::storage]
    pub type NodeIdByAgent<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

    /// The nodes of a farm: farm, node.
    #[pallet::storage]
    pub type NodesByFarm<T: Config> = StorageDoubleMap<_, Twox64Concat, u32, Twox64Concat, u32, (), OptionQuery>;

    /// What contracts took of a node, and when it was heard of.
    #[pallet::storage]
    pub type NodeStatus<T: Config> = StorageMap<_, Twox64Concat, u32, StatusOf<T>, ValueQuery>;

    /// Nodes whose contracts are being ended, and why. `pallet-smart-contract` serves this queue.
    #[pallet::storage]
    pub type Leaving<T: Config> = StorageMap<_, Twox64Concat, u32, LeavingReason, OptionQuery>;

    /// Farmers' consent: the accounts that may register a node in a farm.
    #[pallet::storage]
    pub type NodeAuthorizations<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    /// The id of the next node.
    #[pallet::storage]
    pub type NextNodeId<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    // Storage: deposits.

    /// The deposit that is held for a record.
    #[pallet::storage]
    pub type Deposits<T: Config> = StorageMap<_, Blake2_128Concat, DepositKeyOf<T>, DepositOf<T>, OptionQuery>;

    /// How a chain begins.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Whether a claim to an address is verified as soon as it is made. For development chains.
        pub auto_verify_ips: bool,
        /// The least that a pricing policy may ask, base units; above zero but for `min_use`.
        pub price_floor: Prices,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self { auto_verify_ips: false, price_floor: LEAST_PRICES, _config: core::marker::PhantomData }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(self.price_floor.valid(), "price_floor is above the largest price that the arithmetic allows");
            assert!(
                policies::is_at_least(&self.price_floor, &LEAST_PRICES),
                "price_floor has a price of zero: work that costs nothing could fill the chain"
            );
            AutoVerifyIps::<T>::put(self.auto_verify_ips);
            PriceFloor::<T>::put(self.price_floor);
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A twin was made. Name and content are what RMB relays expect.
        TwinStored(TwinOf<T>),
        /// A twin was changed. Name and content are what RMB relays expect.
        TwinUpdated(TwinOf<T>),
        /// A twin was deleted.
        TwinDeleted { twin_id: u32, account_id: T::AccountId },

        /// A pricing policy was made.
        PricingPolicyCreated { policy_id: u32, twin_id: u32, prices: Prices },
        /// A pricing policy asks other prices, for contracts made from now on.
        PricingPolicyUpdated { policy_id: u32, prices: Prices },
        /// A pricing policy was deleted.
        PricingPolicyDeleted { policy_id: u32 },
        /// Policies made or changed from now on must ask at least this.
        PriceFloorSet { prices: Prices },

        /// A farm was made.
        FarmCreated { farm_id: u32, twin_id: u32, pricing_policy_id: u32 },
        /// A farm has another name or price list.
        FarmUpdated { farm_id: u32, pricing_policy_id: u32 },
        /// A farm's earnings go to another account.
        FarmPayoutSet { farm_id: u32, account: T::AccountId },
        /// A farm was deleted.
        FarmDeleted { farm_id: u32 },

        /// A farm offers an address, or claims it while it is not verified.
        FarmIpAdded { farm_id: u32, address: u32, verified: bool },
        /// A farm's claim was found true.
        FarmIpVerified { farm_id: u32, address: u32 },
        /// A farm gave up an address or a claim.
        FarmIpRemoved { farm_id: u32, address: u32 },

        /// A farmer lets an account register a node.
        NodeAuthorized { farm_id: u32, account: T::AccountId },
        /// A farmer no longer lets an account register a node.
        NodeAuthorizationRevoked { farm_id: u32, account: T::AccountId },
        /// A node was registered.
        NodeCreated { node_id: u32, farm_id: u32, twin_id: u32, agent: T::AccountId },
        /// A node tells other things about itself.
        NodeUpdated { node_id: u32 },
        /// A node's messages are signed by another account.
        NodeAgentSet { node_id: u32, agent: T::AccountId },
        /// A node was deleted.
        NodeDeleted { node_id: u32, farm_id: u32 },
        /// A node is alive. `now`: Unix seconds; `uptime`: seconds since it started, as it says.
        NodeUptimeReported { node_id: u32, now: u64, uptime: u64 },

        /// A node is on its way out: its contracts end, then it is deleted.
        NodeClosing { node_id: u32 },
        /// A node has only this left. `ends_contracts`: more than that is reserved, so the newest contracts end.
        NodeDegraded { node_id: u32, capacity: Capacity, ends_contracts: bool },
        /// What a node's contracts reserve fits again.
        NodeFitsAgain { node_id: u32 },
        /// A farmer wants a node switched on or off.
        NodePowerTargetChanged { node_id: u32, target: PowerState },
        /// A node says that it is up again, or about to go down.
        NodePowerStateChanged { node_id: u32, state: PowerState },
        /// A farmer rents a node out as a whole on these terms, from now on.
        NodeRentTermsSet { node_id: u32, terms: RentTerms },
        /// A node belongs to another farm.
        NodeMoved { node_id: u32, from: u32, to: u32 },

        /// Somebody pays the deposit of a twin that `account` may make.
        TwinSponsored { account: T::AccountId, sponsor: T::AccountId },
        /// A sponsor took back what had not been used.
        SponsorshipWithdrawn { account: T::AccountId, sponsor: T::AccountId },
        /// An entity was made.
        EntityCreated { entity_id: u32, account: T::AccountId },
        /// An entity has another name or place.
        EntityUpdated { entity_id: u32 },
        /// An entity was deleted.
        EntityDeleted { entity_id: u32, account: T::AccountId },
        /// An entity vouches for a twin. `TwinUpdated` follows.
        TwinEntityAdded { twin_id: u32, entity_id: u32 },
        /// An entity does not vouch for a twin any more. `TwinUpdated` follows.
        TwinEntityRemoved { twin_id: u32, entity_id: u32 },
        /// An account may certify nodes and decide about addresses.
        CertifierAdded { account: T::AccountId },
        /// An account may not certify any more. What it certified stays.
        CertifierRemoved { account: T::AccountId },
        /// An account has accepted that it is the node's agent.
        NodeAgentAccepted { node_id: u32, agent: T::AccountId },
        /// An account does not sign for the node any more. `NodeAgentSet` follows.
        NodeAgentResigned { node_id: u32, agent: T::AccountId },
        /// A farmer says how a node is reached from the internet. None: it is not, or nothing is said.
        NodePublicConfigSet { node_id: u32, config: Option<PublicConfig> },
        /// A node's certification was set, or lost because its machine is another one now.
        NodeCertificationSet { node_id: u32, certification: NodeCertification },
    }

    #[pallet::error]
    #[derive(PartialEq, Eq)]
    pub enum Error<T> {
        /// The signer has no twin: call `create_twin` first.
        NoTwin,
        /// No twin has this id.
        TwinNotFound,
        /// The account has a twin already.
        TwinExists,
        /// Policies, farms, a node, entities or live contracts hang on the twin: remove them first.
        TwinInUse,
        /// Not a list of one to four domain names joined with `_`.
        InvalidRelay,
        /// Not a compressed secp256k1 public key of 33 bytes.
        InvalidPublicKey,
        /// The account belongs to the runtime: choose one of your own.
        AccountReserved,
        /// The account cannot pay the deposit and keep its existential deposit.
        CannotPayDeposit,

        /// A name has at least 3 characters.
        NameTooShort,
        /// A name has at most 40 characters.
        NameTooLong,
        /// A name consists of `A-Z a-z 0-9 - _`.
        NameInvalid,

        /// No pricing policy has this id.
        PolicyNotFound,
        /// The pricing policy is another twin's.
        NotPolicyOwner,
        /// The twin has a policy of this name already.
        PolicyNameTaken,
        /// Farms use the policy: give them another one first.
        PolicyInUse,
        /// A price is above 10^12 base units, or `min_use` above 100 per cent.
        PricesTooHigh,
        /// A price is below the floor that governance has set: see `PriceFloor`.
        PricesBelowFloor,
        /// A floor is at least one base unit for each of `su`, `cu`, `nu`, `ipu` and `gb_second`.
        FloorTooLow,

        /// No farm has this id.
        FarmNotFound,
        /// The farm is another twin's.
        NotFarmOwner,
        /// A farm of this name exists already.
        FarmNameTaken,
        /// The farm has nodes, addresses, claims or authorizations: remove them first.
        FarmInUse,

        /// The address, or its gateway, is not in a range that farms may offer.
        AddressNotAllowed,
        /// A subnet's prefix is 8 to 31 bits long; for IPv6, 16 to 128.
        InvalidPrefix,
        /// The address is its subnet's network or broadcast address.
        InvalidAddress,
        /// The gateway is outside the subnet, the address itself, or the network or broadcast address.
        InvalidGateway,
        /// The address is verified already, for this farm or another one.
        AddressTaken,
        /// The farm claims this address already.
        AddressClaimed,
        /// The farm has no such address and no such claim.
        AddressNotFound,
        /// The farm has no such claim.
        ClaimNotFound,
        /// The claim is not what was looked at any more: look again.
        ClaimChanged,
        /// A contract holds the address: it comes free when the contract ends.
        AddressReserved,
        /// The farm has fewer free addresses.
        NotEnoughAddresses,
        /// A contract holds at most 64 addresses.
        TooManyAddresses,
        /// The contract does not hold this address of this farm.
        AddressNotHeld,

        /// No node has this id.
        NodeNotFound,
        /// The node is another twin's.
        NotNodeOwner,
        /// The farmer has not authorized this account: `authorize_node` comes first.
        NodeNotAuthorized,
        /// The account is authorized already.
        AlreadyAuthorized,
        /// The account is not authorized.
        AuthorizationNotFound,
        /// The twin has a node already.
        TwinHasNode,
        /// The account is the agent of a node already.
        AgentTaken,
        /// The signer is no node's agent.
        NotAnAgent,
        /// A node has some processor, memory and fast disk, and no more than the chain's arithmetic allows.
        InvalidCapacity,
        /// Country and city are 1 to 64 bytes of printable text; latitude is within 90 degrees, longitude within 180.
        InvalidLocation,
        /// An interface's name is 1 to 64 bytes of printable text and unique on the node.
        InvalidInterface,
        /// A serial number is 1 to 64 bytes of printable text.
        InvalidSerial,
        /// Not a `ws://` or `wss://` URL with a host, in printable ASCII.
        InvalidBusUrl,
        /// Contracts reserve more than that.
        CapacityReserved,
        /// Contracts live on the node: they must end first.
        NodeHasContracts,
        /// The node takes no work any more.
        NodeClosing,
        /// The node has not that much free.
        CapacityExceeded,
        /// A machine can't have run for longer than there is time.
        ImpossibleUptime,
        /// The node is switched off, or its farmer wants it to be.
        NodePoweredDown,
        /// A contract rents the whole node.
        NodeRented,
        /// The farmer rents this node out as a whole only: make a rent contract.
        NodeWholeOnly,
        /// The surcharge on a whole node is at most 1,000 per cent.
        SurchargeTooHigh,
        /// A degraded node has no more than before of anything, and less of something.
        NotDegraded,

        /// The account has a sponsor already.
        AlreadySponsored,
        /// Nobody pays for this account's twin, or it has been made: then the deposit comes back when it is deleted.
        NotSponsored,
        /// Somebody else is the account's sponsor.
        NotSponsor,

        /// No entity has this id.
        EntityNotFound,
        /// The signer is no entity.
        NoEntity,
        /// The account is an entity already.
        EntityExists,
        /// An entity of this name exists already.
        EntityNameTaken,
        /// The entity vouches for twins: `delete_twin_entity` for each of them comes first.
        EntityInUse,
        /// The entity vouches for the twin already.
        TwinEntityExists,
        /// The entity does not vouch for the twin.
        TwinEntityNotFound,
        /// At most 16 entities vouch for a twin.
        TooManyEntities,
        /// The signer is neither the twin nor the entity.
        NotTwinOrEntity,
        /// Not the entity's signature over this: see `grid_types::entities` for the bytes to sign.
        InvalidSignature,
        /// The signature is not valid any more.
        SignatureExpired,
        /// A signature is valid for a day at most.
        SignatureTooLongValid,
        /// The signature that made the record is still valid and could make it again: wait until it has ended.
        SignatureStillValid,

        /// The node names another account as its agent: `set_node_agent` comes first.
        NotNamedAsAgent,
        /// Not a domain name of at most 253 letters.
        InvalidDomain,

        /// The account is a certifier already.
        AlreadyCertifier,
        /// The account is no certifier.
        NotCertifier,
        /// There are 100 certifiers already.
        TooManyCertifiers,
        /// The node's record does not have the capacity and serial number that were looked at: look again.
        NodeChanged,

        /// All ids of this kind are used up.
        IdsExhausted,
        /// A counter contradicts the records. A bug: please report it.
        Inconsistent,

        /// A contract rents the whole node as it is: its capacity can grow when the rent has ended.
        CapacityRented,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes a twin of the signer.
        ///
        /// - Who: any account without a twin.
        /// - `relay`: RMB relay domains joined with `_`, at most four; `pk`: a compressed secp256k1 key of 33 bytes.
        /// - Deposit: `TwinDeposit`, or that of the account's sponsor.
        /// - Errors: `TwinExists`, `AccountReserved`, `InvalidRelay`, `InvalidPublicKey`, `CannotPayDeposit`,
        ///   `IdsExhausted`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_twin())]
        pub fn create_twin(origin: OriginFor<T>, relay: Option<Relay>, pk: Option<TwinKey>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_create_twin(who, relay, pk)
        }

        /// Sets where the signer's twin is reached and its encryption key. What is `None` is removed.
        ///
        /// - Who: the twin's account.
        /// - Errors: `NoTwin`, `InvalidRelay`, `InvalidPublicKey`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::update_twin())]
        pub fn update_twin(origin: OriginFor<T>, relay: Option<Relay>, pk: Option<TwinKey>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update_twin(who, relay, pk)
        }

        /// Deletes the signer's twin and returns its deposit to whoever paid it.
        ///
        /// - Who: the twin's account.
        /// - Errors: `NoTwin`, `TwinInUse`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::delete_twin())]
        pub fn delete_twin(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_twin(who)
        }

        /// Makes a price list that the signer's farms can use.
        ///
        /// - Who: an account with a twin.
        /// - `name`: 3 to 40 of `A-Z a-z 0-9 - _`, unique among the twin's policies; `prices`: base units.
        /// - Deposit: `PricingPolicyDeposit`.
        /// - Errors: `NoTwin`, `NameTooShort`, `NameTooLong`, `NameInvalid`, `PolicyNameTaken`, `PricesTooHigh`,
        ///   `PricesBelowFloor`, `CannotPayDeposit`, `IdsExhausted`.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::create_pricing_policy())]
        pub fn create_pricing_policy(origin: OriginFor<T>, name: NameInput, prices: Prices) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_create_pricing_policy(who, name, prices)
        }

        /// Sets the prices of a policy, for contracts made from now on.
        ///
        /// - Who: the policy's twin.
        /// - Errors: `NoTwin`, `PolicyNotFound`, `NotPolicyOwner`, `PricesTooHigh`, `PricesBelowFloor`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::update_pricing_policy())]
        pub fn update_pricing_policy(origin: OriginFor<T>, policy_id: u32, prices: Prices) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update_pricing_policy(who, policy_id, prices)
        }

        /// Deletes a policy that no farm uses and returns its deposit.
        ///
        /// - Who: the policy's twin.
        /// - Errors: `NoTwin`, `PolicyNotFound`, `NotPolicyOwner`, `PolicyInUse`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::delete_pricing_policy())]
        pub fn delete_pricing_policy(origin: OriginFor<T>, policy_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_pricing_policy(who, policy_id)
        }

        /// Sets the least that policies made or changed from now on must ask, item by item. Each price is above zero;
        /// `min_use` may be zero.
        ///
        /// - Who: `AdminOrigin`.
        /// - Errors: `BadOrigin`, `PricesTooHigh`, `FloorTooLow`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_price_floor())]
        pub fn set_price_floor(origin: OriginFor<T>, prices: Prices) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_price_floor(prices)
        }

        /// Makes a farm. Its earnings go to the signer until `set_farm_payout` says otherwise.
        ///
        /// - Who: an account with a twin.
        /// - `name`: 3 to 40 of `A-Z a-z 0-9 - _`, unique on the chain; `pricing_policy_id`: one of the twin's own.
        /// - Deposit: `FarmDeposit`.
        /// - Errors: `NoTwin`, `NameTooShort`, `NameTooLong`, `NameInvalid`, `FarmNameTaken`, `PolicyNotFound`,
        ///   `NotPolicyOwner`, `CannotPayDeposit`, `IdsExhausted`.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::create_farm())]
        pub fn create_farm(origin: OriginFor<T>, name: NameInput, pricing_policy_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_create_farm(who, name, pricing_policy_id)
        }

        /// Gives a farm a name and a price list, for contracts made from now on.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `NameTooShort`, `NameTooLong`, `NameInvalid`,
        ///   `FarmNameTaken`, `PolicyNotFound`, `NotPolicyOwner`.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::update_farm())]
        pub fn update_farm(
            origin: OriginFor<T>,
            farm_id: u32,
            name: NameInput,
            pricing_policy_id: u32,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update_farm(who, farm_id, name, pricing_policy_id)
        }

        /// Sends a farm's earnings to `account`.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `AccountReserved`.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::set_farm_payout())]
        pub fn set_farm_payout(origin: OriginFor<T>, farm_id: u32, account: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_farm_payout(who, farm_id, account)
        }

        /// Deletes an empty farm and returns its deposit.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `FarmInUse`.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::delete_farm())]
        pub fn delete_farm(origin: OriginFor<T>, farm_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_farm(who, farm_id)
        }

        /// Claims a public IPv4 address for a farm. On chains that verify by themselves it can be reserved at once,
        /// elsewhere when `verify_farm_ip` has been called.
        ///
        /// - Who: the farmer.
        /// - `address`: with its subnet's prefix, 8 to 31 bits; `gateway`: another machine's address in that subnet.
        /// - Deposit: `PublicIpDeposit`.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `InvalidPrefix`, `AddressNotAllowed`, `InvalidAddress`,
        ///   `InvalidGateway`, `AddressTaken`, `AddressClaimed`, `CannotPayDeposit`.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::add_farm_ip())]
        pub fn add_farm_ip(origin: OriginFor<T>, farm_id: u32, address: Ipv4Cidr, gateway: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_add_farm_ip(who, farm_id, address, gateway)
        }

        /// Gives up a farm's address or claim and returns its deposit.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `AddressNotFound`, `AddressReserved`.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::remove_farm_ip())]
        pub fn remove_farm_ip(origin: OriginFor<T>, farm_id: u32, address: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_remove_farm_ip(who, farm_id, address)
        }

        /// Confirms a farm's claim: from now on the address can be reserved, and no other farm can have it.
        ///
        /// - Who: `AdminOrigin` or a certifier.
        /// - `claim`: the claim as it was looked at. The farmer can make another one of the same address meanwhile.
        /// - Errors: `BadOrigin`, `NotCertifier`, `FarmNotFound`, `ClaimNotFound`, `ClaimChanged`, `AddressTaken`.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::verify_farm_ip())]
        pub fn verify_farm_ip(origin: OriginFor<T>, farm_id: u32, address: u32, claim: IpClaim) -> DispatchResult {
            Self::ensure_certifier(origin)?;
            Self::do_verify_farm_ip(farm_id, address, claim)
        }

        /// Lets `account` register one node in a farm.
        ///
        /// - Who: the farmer.
        /// - Deposit: `NodeAuthorizationDeposit`, until the node is registered or the authorization revoked.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `AccountReserved`, `AlreadyAuthorized`,
        ///   `CannotPayDeposit`.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::authorize_node())]
        pub fn authorize_node(origin: OriginFor<T>, farm_id: u32, account: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_authorize_node(who, farm_id, account)
        }

        /// Takes back an authorization that has not been used, and returns its deposit.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NotFarmOwner`, `AuthorizationNotFound`.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::revoke_node_authorization())]
        pub fn revoke_node_authorization(origin: OriginFor<T>, farm_id: u32, account: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_revoke_node_authorization(who, farm_id, account)
        }

        /// Registers a node with a farm that has authorized the signer. The authorization is used up.
        ///
        /// - Who: the node's own account, with a twin that has no node.
        /// - `agent`: the account that will sign for the node; the signer if `None`. Another one has to `accept_agent`.
        /// - Deposit: `NodeDeposit`.
        /// - Errors: `NoTwin`, `FarmNotFound`, `NodeNotAuthorized`, `TwinHasNode`, `AccountReserved`, `AgentTaken`,
        ///   `InvalidCapacity`, `InvalidLocation`, `InvalidInterface`, `InvalidSerial`, `InvalidBusUrl`,
        ///   `CannotPayDeposit`, `IdsExhausted`.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::create_node(node.interfaces.len() as u32))]
        pub fn create_node(
            origin: OriginFor<T>,
            farm_id: u32,
            node: NodeSpec,
            agent: Option<T::AccountId>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_create_node(who, farm_id, node, agent)
        }

        /// Replaces what a node tells about itself. Its capacity can't shrink below what contracts reserve:
        /// `report_degraded` is for what broke. A capacity for which everything fits again saves the contracts of a degraded
        /// node that have not ended yet. While a contract rents the node whole, its capacity is what was rented. A certified
        /// node with another capacity or serial number is not certified any more.
        ///
        /// - Who: the node's twin.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotNodeOwner`, `InvalidCapacity`, `CapacityReserved`, `CapacityRented`,
        ///   `InvalidLocation`, `InvalidInterface`, `InvalidSerial`, `InvalidBusUrl`.
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::update_node(node.interfaces.len() as u32))]
        pub fn update_node(origin: OriginFor<T>, node_id: u32, node: NodeSpec) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update_node(who, node_id, node)
        }

        /// Gives a node another agent account. The old one counts no longer; the new one does when it has accepted, or at
        /// once if it is the signer.
        ///
        /// - Who: the node's twin or the farmer.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotNodeOwner`, `AccountReserved`, `AgentTaken`.
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::set_node_agent())]
        pub fn set_node_agent(origin: OriginFor<T>, node_id: u32, agent: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_node_agent(who, node_id, agent)
        }

        /// Deletes a node and returns its deposit. While contracts live on it the node closes instead: it takes no
        /// contract any more, the chain ends those it has, some in each block, and then deletes it.
        ///
        /// - Who: the node's twin or the farmer.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotNodeOwner`, `NodeClosing` if it is closing already.
        #[pallet::call_index(19)]
        #[pallet::weight(T::WeightInfo::delete_node())]
        pub fn delete_node(origin: OriginFor<T>, node_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_node(who, node_id)
        }

        /// A node's heartbeat.
        ///
        /// - Who: the node's agent. Free when half a `HeartbeatPeriod` or more has passed since its last heartbeat; the
        ///   fee is withdrawn first and given back, so the account needs a float.
        /// - `uptime`: seconds since the machine started.
        /// - Errors: `NotAnAgent`, `ImpossibleUptime`.
        #[pallet::call_index(20)]
        #[pallet::weight(T::WeightInfo::report_uptime())]
        pub fn report_uptime(origin: OriginFor<T>, uptime: u64) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_report_uptime(who, uptime)
        }

        /// A node tells what is left of it, after a disk died for instance. If contracts reserve more than that, nothing is
        /// free any more and the chain ends the newest, uncharged since their last report, until the rest fits.
        ///
        /// - Who: the node's agent.
        /// - `capacity`: what is left, in no part more than the record says and in some part less; it may be nothing.
        /// - Errors: `NotAnAgent`, `NodeNotFound`, `NotDegraded`.
        #[pallet::call_index(30)]
        #[pallet::weight(T::WeightInfo::report_degraded())]
        pub fn report_degraded(origin: OriginFor<T>, capacity: Capacity) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_report_degraded(who, capacity)
        }

        /// Says whether a node should be switched on. While it should not, or is not, it takes no contracts.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotFarmOwner`, `NodeHasContracts` for `Down` while contracts live on it.
        #[pallet::call_index(31)]
        #[pallet::weight(T::WeightInfo::change_power_target())]
        pub fn change_power_target(origin: OriginFor<T>, node_id: u32, target: PowerState) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_change_power_target(who, node_id, target)
        }

        /// A node says that it is up, or about to go down.
        ///
        /// - Who: the node's agent. Free when it does what the farmer wants: the state changes, and to the target. The fee
        ///   is withdrawn first and given back.
        /// - Errors: `NotAnAgent`, `NodeNotFound`, `NodeHasContracts` for `Down` while contracts live on it.
        #[pallet::call_index(32)]
        #[pallet::weight(T::WeightInfo::change_power_state())]
        pub fn change_power_state(origin: OriginFor<T>, state: PowerState) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_change_power_state(who, state)
        }

        /// Sets the terms on which a node is rented out as a whole, for rents made from now on. With `whole_only` it takes
        /// no other contracts; those that live on it stay.
        ///
        /// - Who: the farmer.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotFarmOwner`, `SurchargeTooHigh`.
        #[pallet::call_index(33)]
        #[pallet::weight(T::WeightInfo::set_node_rent_terms())]
        pub fn set_node_rent_terms(origin: OriginFor<T>, node_id: u32, terms: RentTerms) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_node_rent_terms(who, node_id, terms)
        }

        /// Moves an empty node to a farm that has authorized the signer. The authorization is used up. What the old farmer
        /// said of the node is forgotten: its rent terms, its public configuration, and that it should be off. If the new
        /// farmer is another one, the agent goes, too, since the old farmer may have chosen it: the signer is the agent then,
        /// until `set_node_agent`.
        ///
        /// - Who: the node's twin.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotNodeOwner`, `FarmNotFound`, `NodeNotAuthorized`, `NodeClosing`,
        ///   `NodeHasContracts`.
        #[pallet::call_index(34)]
        #[pallet::weight(T::WeightInfo::move_node())]
        pub fn move_node(origin: OriginFor<T>, node_id: u32, farm_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_move_node(who, node_id, farm_id)
        }

        /// Pays the deposit of the twin that `account` will make.
        ///
        /// - Who: any account; its money stays on hold in its own account.
        /// - Deposit: `TwinDeposit`, until the sponsorship is withdrawn or the twin deleted.
        /// - Errors: `AccountReserved`, `TwinExists`, `AlreadySponsored`, `CannotPayDeposit`.
        #[pallet::call_index(50)]
        #[pallet::weight(T::WeightInfo::sponsor_twin())]
        pub fn sponsor_twin(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_sponsor_twin(who, account)
        }

        /// Takes back a sponsorship that `account` has not used.
        ///
        /// - Who: the sponsor.
        /// - Errors: `NotSponsored`, `NotSponsor`.
        #[pallet::call_index(51)]
        #[pallet::weight(T::WeightInfo::withdraw_sponsorship())]
        pub fn withdraw_sponsorship(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw_sponsorship(who, account)
        }

        /// Makes an entity of `account`, which has signed for it.
        ///
        /// - Who: any account.
        /// - `name`: 3 to 40 of `A-Z a-z 0-9 - _`, unique among entities; `country` and `city`: 1 to 64 bytes of
        ///   printable text.
        /// - `signature`: by `account` over `grid_types::entities::entity_message`, valid before `valid_until` (Unix
        ///   seconds, at most a day ahead). The entity can't be deleted earlier.
        /// - Deposit: `EntityDeposit`, of the signer of the transaction.
        /// - Errors: `EntityExists`, `NameTooShort`, `NameTooLong`, `NameInvalid`, `InvalidLocation`,
        ///   `EntityNameTaken`, `SignatureExpired`, `SignatureTooLongValid`, `InvalidSignature`, `CannotPayDeposit`,
        ///   `IdsExhausted`.
        #[pallet::call_index(52)]
        #[pallet::weight(T::WeightInfo::create_entity())]
        pub fn create_entity(
            origin: OriginFor<T>,
            account: T::AccountId,
            name: NameInput,
            country: ShortText,
            city: ShortText,
            signature: T::Signature,
            valid_until: u64,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_create_entity(who, account, name, country, city, signature, valid_until)
        }

        /// Gives the signer's entity a name and a place.
        ///
        /// - Who: the entity's account.
        /// - Errors: `NoEntity`, `NameTooShort`, `NameTooLong`, `NameInvalid`, `InvalidLocation`, `EntityNameTaken`.
        #[pallet::call_index(53)]
        #[pallet::weight(T::WeightInfo::update_entity())]
        pub fn update_entity(
            origin: OriginFor<T>,
            name: NameInput,
            country: ShortText,
            city: ShortText,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update_entity(who, name, country, city)
        }

        /// Deletes the signer's entity and returns the deposit to whoever paid it.
        ///
        /// - Who: the entity's account.
        /// - Errors: `NoEntity`, `EntityInUse`, `SignatureStillValid`.
        #[pallet::call_index(54)]
        #[pallet::weight(T::WeightInfo::delete_entity())]
        pub fn delete_entity(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_entity(who)
        }

        /// Adds an entity to those that vouch for the signer's twin.
        ///
        /// - Who: the twin's account.
        /// - `signature`: by the entity's account over `grid_types::entities::twin_entity_message`, valid before
        ///   `valid_until` (Unix seconds, at most a day ahead). The entity can't be removed earlier.
        /// - Deposit: `TwinEntityDeposit`.
        /// - Errors: `NoTwin`, `EntityNotFound`, `TwinEntityExists`, `TooManyEntities`, `SignatureExpired`,
        ///   `SignatureTooLongValid`, `InvalidSignature`, `CannotPayDeposit`.
        #[pallet::call_index(55)]
        #[pallet::weight(T::WeightInfo::add_twin_entity())]
        pub fn add_twin_entity(
            origin: OriginFor<T>,
            entity_id: u32,
            signature: T::Signature,
            valid_until: u64,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_add_twin_entity(who, entity_id, signature, valid_until)
        }

        /// Removes an entity from those that vouch for a twin, and returns the deposit.
        ///
        /// - Who: the twin's account or the entity's.
        /// - Errors: `TwinEntityNotFound`, `NotTwinOrEntity`, `SignatureStillValid`.
        #[pallet::call_index(56)]
        #[pallet::weight(T::WeightInfo::delete_twin_entity())]
        pub fn delete_twin_entity(origin: OriginFor<T>, twin_id: u32, entity_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delete_twin_entity(who, twin_id, entity_id)
        }

        /// Lets `account` certify nodes and decide about addresses.
        ///
        /// - Who: `AdminOrigin`.
        /// - Errors: `BadOrigin`, `AlreadyCertifier`, `TooManyCertifiers`.
        #[pallet::call_index(57)]
        #[pallet::weight(T::WeightInfo::add_certifier())]
        pub fn add_certifier(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_add_certifier(account)
        }

        /// Ends what `add_certifier` began. What the certifier has certified stays.
        ///
        /// - Who: `AdminOrigin`.
        /// - Errors: `BadOrigin`, `NotCertifier`.
        #[pallet::call_index(58)]
        #[pallet::weight(T::WeightInfo::remove_certifier())]
        pub fn remove_certifier(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_remove_certifier(account)
        }

        /// Says whether a node is what it claims to be.
        ///
        /// - Who: `AdminOrigin` or a certifier.
        /// - `machine`: what was looked at and found true, as the node's record has it; it makes the node a certified one.
        ///   The machine can change its record meanwhile. None: takes a certification back, whatever the record says.
        /// - Errors: `BadOrigin`, `NotCertifier`, `NodeNotFound`, `NodeChanged`.
        #[pallet::call_index(59)]
        #[pallet::weight(T::WeightInfo::set_node_certification())]
        pub fn set_node_certification(origin: OriginFor<T>, node_id: u32, machine: Option<Machine>) -> DispatchResult {
            Self::ensure_certifier(origin)?;
            Self::do_set_node_certification(node_id, machine)
        }

        /// Removes an address or a claim that is not the farm's, and returns its deposit to the farmer.
        ///
        /// - Who: `AdminOrigin` or a certifier.
        /// - Errors: `BadOrigin`, `NotCertifier`, `FarmNotFound`, `AddressNotFound`, `AddressReserved`.
        #[pallet::call_index(60)]
        #[pallet::weight(T::WeightInfo::force_remove_farm_ip())]
        pub fn force_remove_farm_ip(origin: OriginFor<T>, farm_id: u32, address: u32) -> DispatchResult {
            Self::ensure_certifier(origin)?;
            Self::do_force_remove_farm_ip(farm_id, address)
        }

        /// Says how a node is reached from the internet.
        ///
        /// - Who: the farmer.
        /// - `config`: its address in the terms of `add_farm_ip`, and not one that farms rent out; an IPv6 address in a
        ///   subnet of 16 to 128 bits whose gateway is in it or of the link (fe80::/10); a domain name. Each may be left
        ///   out.
        /// - Errors: `NoTwin`, `NodeNotFound`, `NotFarmOwner`, `InvalidPrefix`, `AddressNotAllowed`, `InvalidAddress`,
        ///   `InvalidGateway`, `AddressTaken`, `InvalidDomain`.
        #[pallet::call_index(61)]
        #[pallet::weight(T::WeightInfo::set_node_public_config())]
        pub fn set_node_public_config(
            origin: OriginFor<T>,
            node_id: u32,
            config: Option<PublicConfig>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_node_public_config(who, node_id, config)
        }

        /// Makes the signer the agent of a node that has named it.
        ///
        /// - Who: the account that the node names as its agent.
        /// - Errors: `NodeNotFound`, `NotNamedAsAgent`, `AgentTaken` if it is a node's agent already.
        #[pallet::call_index(62)]
        #[pallet::weight(T::WeightInfo::accept_agent())]
        pub fn accept_agent(origin: OriginFor<T>, node_id: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_accept_agent(who, node_id)
        }

        /// Ends what `accept_agent` began: the signer is no node's agent any more. The node names the account of its own twin,
        /// which may accept, until `set_node_agent`.
        ///
        /// - Who: a node's agent.
        /// - Errors: `NotAnAgent`, `NodeNotFound`, `TwinNotFound`.
        #[pallet::call_index(63)]
        #[pallet::weight(T::WeightInfo::resign_agent())]
        pub fn resign_agent(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_resign_agent(who)
        }
    }

    // Questions of clients. Lists come in pages of 1 to 100 ids; `after` is the last id of the page before.
    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The node of a twin.
        pub fn node_of_twin(twin_id: u32) -> Option<u32> {
            NodeIdByTwinID::<T>::get(twin_id)
        }

        /// The nodes of a farm, in the order of the storage; empty after the last page.
        pub fn nodes_of_farm(farm_id: u32, after: Option<u32>, limit: u32) -> Vec<u32> {
            Self::page_of_farm_nodes(farm_id, after, limit)
        }

        /// Nodes that would take a contract of `wish` with so many public addresses now, by id, and where to go on: `None`
        /// when all nodes have been looked at. Nodes that were not heard of lately are not among them. One question looks at
        /// 1,000 ids at most, so a page may be empty although more follow.
        pub fn free_nodes(wish: Capacity, public_ips: u32, after: u32, limit: u32) -> (Vec<u32>, Option<u32>) {
            Self::page_of_free_nodes(&wish, public_ips, after, limit)
        }

        /// How many addresses of a farm can be reserved now; counted up to 1,000.
        pub fn free_public_ips(farm_id: u32) -> u32 {
            Self::count_free_ips(farm_id, views::MOST_COUNTED)
        }

        /// The twin of an account. None: it has none.
        pub fn twin_of_account(account: T::AccountId) -> Option<TwinOf<T>> {
            Twins::<T>::get(TwinIdByAccountID::<T>::get(account)?)
        }

        /// The entity of an account. None: it is none.
        pub fn entity_of(account: T::AccountId) -> Option<EntityOf<T>> {
            Entities::<T>::get(EntityIdByAccount::<T>::get(account)?)
        }
    }
}
