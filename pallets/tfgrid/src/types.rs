//! The registry's records and the types that calls take. No storage, no checks that need it.
//!
//! **Two kinds of bounds.** A field that travels in a call has a bound at which decoding stops; the limit that users
//! are told is often lower, so that a name of 41 letters gets an error with a name and not a transaction that cannot be
//! read.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::ConstU32, traits::fungible, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use grid_types::units::{Capacity, Prices, MAX_PUBLIC_IPS};
use scale_info::{Type, TypeInfo};

use crate::Config;

/// The account type of a runtime.
pub type AccountIdOf<T> = <T as frame_system::Config>::AccountId;
/// The balance type of a runtime's native token.
pub type BalanceOf<T> = <<T as Config>::NativeToken as fungible::Inspect<AccountIdOf<T>>>::Balance;
/// A [`Twin`] of a runtime.
pub type TwinOf<T> = Twin<AccountIdOf<T>>;
/// An [`Entity`] of a runtime.
pub type EntityOf<T> = Entity<AccountIdOf<T>>;
/// A [`Farm`] of a runtime.
pub type FarmOf<T> = Farm<AccountIdOf<T>>;
/// A [`Node`] of a runtime.
pub type NodeOf<T> = Node<AccountIdOf<T>>;
/// A [`Status`] of a runtime.
pub type StatusOf<T> = Status<BlockNumberFor<T>>;
/// A [`DepositKey`] of a runtime.
pub type DepositKeyOf<T> = DepositKey<AccountIdOf<T>>;
/// A [`Deposit`] of a runtime.
pub type DepositOf<T> = Deposit<AccountIdOf<T>, BalanceOf<T>>;

/// Derives shared by all records.
macro_rules! record {
    ($(#[$meta:meta])* pub enum $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        pub enum $($rest)*
    };
    ($(#[$meta:meta])* pub struct $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        pub struct $($rest)*
    };
}

/// Gives a bounded list the metadata of a plain `Vec`: clients that compare type structures (RMB relays and peers) see
/// what they were compiled against, and decoding stops at the bound all the same.
macro_rules! seen_as_vec {
    ($(#[$meta:meta])* pub struct $name:ident: Vec<$item:ty>, at most $bound:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen)]
        pub struct $name(pub BoundedVec<$item, ConstU32<$bound>>);

        impl TypeInfo for $name {
            type Identity = <Vec<$item> as TypeInfo>::Identity;

            fn type_info() -> Type {
                <Vec<$item> as TypeInfo>::type_info()
            }
        }
    };
}

// Twins -------------------------------------------------------------------------------------------------------------

/// Where a twin is reached: RMB relay domains joined with `_`.
///
/// This bound and that of [`TwinKey`] must differ: with equal types the structure hash that RMB clients check changes.
pub type Relay = BoundedVec<u8, ConstU32<1024>>;
/// The public key for end-to-end encryption: a compressed secp256k1 point, 33 bytes.
pub type TwinKey = BoundedVec<u8, ConstU32<128>>;

record! {
    /// A digital twin: an account's presence on the grid. Field order and types are what RMB clients decode.
    pub struct Twin<AccountId> {
        /// Id, counted from 1.
        pub id: u32,
        /// The account that signs for the twin.
        pub account_id: AccountId,
        /// Where it is reached, if anywhere.
        pub relay: Option<Relay>,
        /// Entities that vouch for it, at most 16.
        pub entities: TwinEntities,
        /// Its key for end-to-end encryption, if it has one.
        pub pk: Option<TwinKey>,
    }
}

record! {
    /// An entity's signature over a twin.
    pub struct EntityProof {
        /// The entity.
        pub entity_id: u32,
        /// An encoded `MultiSignature`.
        pub signature: EntitySignature,
    }
}

seen_as_vec! {
    /// Bytes of an encoded `MultiSignature`.
    pub struct EntitySignature: Vec<u8>, at most 66
}

seen_as_vec! {
    /// The entities of one twin.
    pub struct TwinEntities: Vec<EntityProof>, at most 16
}

// Entities and certifiers -------------------------------------------------------------------------------------------

record! {
    /// A person or company that has a name on the grid and can vouch for twins.
    pub struct Entity<AccountId> {
        /// Id, counted from 1.
        pub id: u32,
        /// Name, unique among entities, whatever the case of its letters.
        pub name: Name,
        /// The account that signs for it.
        pub account_id: AccountId,
        /// Country: 1 to [`MAX_TEXT`] bytes of printable text.
        pub country: ShortText,
        /// City: 1 to [`MAX_TEXT`] bytes of printable text.
        pub city: ShortText,
        /// Until when the signature that made it is valid, Unix seconds. It stays at least that long.
        pub signed_until: u64,
    }
}

/// The most certifiers.
pub const MAX_CERTIFIERS: u32 = 100;

record! {
    /// What of the registry hangs on a twin. It can be deleted only when this is all zero. Its contracts are not counted
    /// here: `Config::LiveContracts` knows.
    #[derive(Copy, Default)]
    pub struct TwinLinks {
        /// Pricing policies it owns.
        pub policies: u32,
        /// Farms it owns.
        pub farms: u32,
        /// Nodes that run under it: none or one.
        pub nodes: u32,
    }
}

impl TwinLinks {
    /// Whether nothing hangs on the twin.
    pub const fn is_empty(&self) -> bool {
        self.policies == 0 && self.farms == 0 && self.nodes == 0
    }
}

// Prices ------------------------------------------------------------------------------------------------------------

/// The lowest floor of prices, base units: nothing on the grid is for nothing. How much of what is reserved is charged at
/// least is the farmer's own business.
pub const LEAST_PRICES: Prices = Prices { su: 1, cu: 1, nu: 1, ipu: 1, gb_second: 1, min_use: 0 };

// Names -------------------------------------------------------------------------------------------------------------

/// A name as a caller sends it. The limits are [`MIN_NAME`] and [`MAX_NAME`].
pub type NameInput = BoundedVec<u8, ConstU32<256>>;
/// A name that keeps the rules: 3 to 40 of `A-Z a-z 0-9 - _`.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// The shortest name, bytes.
pub const MIN_NAME: u32 = 3;
/// The longest name, bytes.
pub const MAX_NAME: u32 = 40;

// Pricing policies and farms ----------------------------------------------------------------------------------------

record! {
    /// A farmer's price list. A contract keeps a copy of the prices it was made under.
    pub struct PricingPolicy {
        /// Id, counted from 1.
        pub id: u32,
        /// Name, unique among its owner's policies, whatever the case of its letters.
        pub name: Name,
        /// The twin that owns it.
        pub twin_id: u32,
        /// The prices, base units.
        pub prices: Prices,
    }
}

record! {
    /// A farmer's site: nodes and public addresses that share an owner, prices and a payout account. Contracts never
    /// write to it: which of its addresses are free stands in `FreeIps`.
    pub struct Farm<AccountId> {
        /// Id, counted from 1.
        pub id: u32,
        /// Name, unique on the chain, whatever the case of its letters.
        pub name: Name,
        /// The farmer's twin.
        pub twin_id: u32,
        /// The prices of its nodes and addresses; a policy of the same twin.
        pub pricing_policy_id: u32,
        /// Where its earnings go.
        pub payout: AccountId,
        /// Verified public addresses, held or free.
        pub public_ips: u32,
    }
}

// Public addresses --------------------------------------------------------------------------------------------------

/// Addresses that one contract holds.
pub type IpList = BoundedVec<u32, ConstU32<MAX_PUBLIC_IPS>>;
/// The widest subnet that an address may name.
pub const MIN_PREFIX_LEN: u8 = 8;
/// The narrowest subnet that an address may name: two addresses, point to point (RFC 3021).
pub const MAX_PREFIX_LEN: u8 = 31;
/// The widest subnet that an IPv6 address may name.
pub const MIN_IPV6_PREFIX_LEN: u8 = 16;
/// The narrowest subnet that an IPv6 address may name: the address alone.
pub const MAX_IPV6_PREFIX_LEN: u8 = 128;

record! {
    /// An IPv4 address with its subnet.
    #[derive(Copy)]
    pub struct Ipv4Cidr {
        /// The address as a number: 192.0.2.1 is 0xC0000201.
        pub address: u32,
        /// Length of the subnet's prefix, bits: [`MIN_PREFIX_LEN`] to [`MAX_PREFIX_LEN`].
        pub prefix_len: u8,
    }
}

impl Ipv4Cidr {
    /// Whether the prefix is of an allowed length.
    pub const fn prefix_is_valid(&self) -> bool {
        self.prefix_len >= MIN_PREFIX_LEN && self.prefix_len <= MAX_PREFIX_LEN
    }

    /// Whether `address` can be a machine's in this subnet: inside it, and neither its network nor its broadcast
    /// address. A point-to-point subnet (31 bits) has neither of the two.
    pub fn has_host(&self, address: u32) -> bool {
        let host_bits = 32_u32.saturating_sub(u32::from(self.prefix_len));
        let Some(mask) = u32::MAX.checked_shl(host_bits) else { return false };
        let network = self.address & mask;
        let inside = address & mask == network;
        inside && (self.prefix_len == MAX_PREFIX_LEN || (address != network && address != network | !mask))
    }
}

record! {
    /// A verified public address: the only record of it on the chain.
    pub struct PublicIp {
        /// The farm it belongs to.
        pub farm_id: u32,
        /// Length of its subnet's prefix, bits.
        pub prefix_len: u8,
        /// Its gateway, numeric.
        pub gateway: u32,
        /// The contract that holds it, if any.
        pub contract_id: Option<u64>,
    }
}

record! {
    /// A farm's unverified claim to an address. It can't be reserved.
    pub struct IpClaim {
        /// Length of the address' subnet prefix, bits.
        pub prefix_len: u8,
        /// Its gateway, numeric.
        pub gateway: u32,
    }
}

// Nodes -------------------------------------------------------------------------------------------------------------

/// A short text of a node's record: country, city, interface name, serial number. The limit is [`MAX_TEXT`].
pub type ShortText = BoundedVec<u8, ConstU32<128>>;
/// The longest short text, bytes.
pub const MAX_TEXT: u32 = 64;
/// The address of a node's direct door: a `ws://` or `wss://` URL.
pub type BusUrl = BoundedVec<u8, ConstU32<256>>;
/// The network interfaces of one node.
pub type Interfaces = BoundedVec<Interface, ConstU32<MAX_INTERFACES>>;
/// The most interfaces of a node.
pub const MAX_INTERFACES: u32 = 16;
/// The most addresses of an interface.
pub const MAX_INTERFACE_IPS: u32 = 8;
/// A domain name.
pub type Domain = BoundedVec<u8, ConstU32<MAX_DOMAIN>>;
/// The longest domain name, bytes (RFC 1035).
pub const MAX_DOMAIN: u32 = 253;
/// The largest surcharge on a whole node, per cent.
pub const MAX_SURCHARGE: u16 = 1_000;
/// 90 degrees, in millionths.
pub const MAX_LATITUDE: i32 = 90_000_000;
/// 180 degrees, in millionths.
pub const MAX_LONGITUDE: i32 = 180_000_000;

record! {
    /// A machine that offers capacity.
    pub struct Node<AccountId> {
        /// Id, counted from 1.
        pub id: u32,
        /// Its farm.
        pub farm_id: u32,
        /// Its own twin: who decides over the record.
        pub twin_id: u32,
        /// The account that signs heartbeats, deployments and consumption reports, once it has accepted. A machine's hot key: it owns no
        /// money but a small float for fees.
        pub agent: AccountId,
        /// What it has.
        pub capacity: Capacity,
        /// Where it stands.
        pub location: Location,
        /// How it is connected.
        pub interfaces: Interfaces,
        /// The machine's serial number, if it tells.
        pub serial: Option<ShortText>,
        /// URL of the agent's direct door, if it has one.
        pub bus: Option<BusUrl>,
        /// What others say about it.
        pub certification: NodeCertification,
        /// When it was registered, Unix seconds.
        pub created: u64,
        /// Whether it is here to stay.
        pub state: NodeState,
        /// Whether it is switched on.
        pub power: Power,
        /// How the farmer rents it out as a whole.
        pub rent: RentTerms,
        /// How it is reached from the internet, if it is: the farmer says.
        pub public_config: Option<PublicConfig>,
    }
}

impl<AccountId> Node<AccountId> {
    /// Whether contracts may be made, changed or funded on the node.
    pub const fn accepts_contracts(&self) -> bool {
        self.state.accepts_contracts() && self.power.accepts_contracts()
    }

    /// What a certifier vouches for.
    pub fn machine(&self) -> Machine {
        Machine { capacity: self.capacity, serial: self.serial.clone() }
    }
}

record! {
    /// What a certifier looks at: with another one a node is not certified any more.
    pub struct Machine {
        /// What it has.
        pub capacity: Capacity,
        /// The machine's serial number, if it tells.
        pub serial: Option<ShortText>,
    }
}

record! {
    /// What a node tells about itself.
    pub struct NodeSpec {
        /// What it has: some processor, memory and fast disk, at most `grid_types::units::MAX_CAPACITY`.
        pub capacity: Capacity,
        /// Where it stands.
        pub location: Location,
        /// How it is connected.
        pub interfaces: Interfaces,
        /// The machine's serial number: 1 to [`MAX_TEXT`] bytes of printable text.
        pub serial: Option<ShortText>,
        /// URL of the agent's direct door: `ws://` or `wss://` and a host, printable ASCII.
        pub bus: Option<BusUrl>,
    }
}

record! {
    /// A place on earth.
    pub struct Location {
        /// Country: 1 to [`MAX_TEXT`] bytes of printable text.
        pub country: ShortText,
        /// City: 1 to [`MAX_TEXT`] bytes of printable text.
        pub city: ShortText,
        /// Millionths of a degree, north positive.
        pub latitude: Option<i32>,
        /// Millionths of a degree, east positive.
        pub longitude: Option<i32>,
    }
}

record! {
    /// A network interface.
    pub struct Interface {
        /// Its name on the machine: 1 to [`MAX_TEXT`] bytes of printable text, unique on the node.
        pub name: ShortText,
        /// Its hardware address.
        pub mac: [u8; 6],
        /// Its addresses.
        pub ips: BoundedVec<IpAddress, ConstU32<MAX_INTERFACE_IPS>>,
    }
}

record! {
    /// An address of an interface.
    #[derive(Copy)]
    pub enum IpAddress {
        /// IPv4, numeric.
        V4(u32),
        /// IPv6, in network order.
        V6([u8; 16]),
    }
}

record! {
    /// What others say about a node.
    #[derive(Copy, Default)]
    pub enum NodeCertification {
        /// Nothing: the farmer put it together.
        #[default]
        Diy,
        /// A certifier vouches for it.
        Certified,
    }
}

record! {
    /// Whether a node is here to stay.
    #[derive(Copy, Default)]
    pub enum NodeState {
        /// It is.
        #[default]
        Up,
        /// It is on its way out: its contracts end, no new ones begin.
        Closing,
    }
}

impl NodeState {
    /// Whether a node of this state takes contracts, if it is switched on.
    pub const fn accepts_contracts(&self) -> bool {
        matches!(self, Self::Up)
    }
}

record! {
    /// Whether a machine is switched on.
    #[derive(Copy, Default)]
    pub enum PowerState {
        /// It is.
        #[default]
        Up,
        /// It is not: it can be woken.
        Down,
    }
}

record! {
    /// A machine's switch: what the farmer wants and what the machine says.
    #[derive(Copy, Default)]
    pub struct Power {
        /// What the farmer wants.
        pub target: PowerState,
        /// What the machine's agent said last.
        pub state: PowerState,
        /// Since when it is in that state, Unix seconds.
        pub since: u64,
    }
}

impl Power {
    /// Whether contracts can be made: only while the machine is up and nobody wants it down.
    pub const fn accepts_contracts(&self) -> bool {
        matches!((self.target, self.state), (PowerState::Up, PowerState::Up))
    }
}

record! {
    /// How a farmer rents a node out as a whole. Terms hold for rents made from then on.
    #[derive(Copy, Default)]
    pub struct RentTerms {
        /// What a rent costs on top of the farmer's prices of CU and SU, per cent: at most [`MAX_SURCHARGE`].
        pub surcharge: u16,
        /// Whether the node can be had only as a whole.
        pub whole_only: bool,
    }
}

record! {
    /// How a node is reached from the internet.
    pub struct PublicConfig {
        /// Its IPv4 address, and the gateway, numeric.
        pub ip4: Option<(Ipv4Cidr, u32)>,
        /// Its IPv6 address and gateway.
        pub ip6: Option<Ipv6Config>,
        /// Its domain name.
        pub domain: Option<Domain>,
    }
}

record! {
    /// An IPv6 address with its subnet and gateway, in network order.
    #[derive(Copy)]
    pub struct Ipv6Config {
        /// The address.
        pub address: [u8; 16],
        /// Length of the subnet's prefix, bits.
        pub prefix_len: u8,
        /// The gateway.
        pub gateway: [u8; 16],
    }
}

impl Ipv6Config {
    /// Whether the prefix is of an allowed length.
    pub const fn prefix_is_valid(&self) -> bool {
        self.prefix_len >= MIN_IPV6_PREFIX_LEN && self.prefix_len <= MAX_IPV6_PREFIX_LEN
    }

    /// Whether the address can be a machine's: the first of a subnet is that of its routers (RFC 4291), but where a
    /// subnet has one or two addresses each is a machine's (RFC 6164).
    pub fn address_is_a_hosts(&self) -> bool {
        self.host_mask() <= 1 || u128::from_be_bytes(self.address) & self.host_mask() != 0
    }

    /// Whether the gateway is another address of the subnet, or one of the link (fe80::/10), as routers often have.
    pub fn gateway_is_a_neighbour(&self) -> bool {
        let (address, gateway) = (u128::from_be_bytes(self.address), u128::from_be_bytes(self.gateway));
        let on_link = gateway >> 118 == 0xfe80 >> 6;
        on_link || (gateway != address && (gateway ^ address) & !self.host_mask() == 0)
    }

    /// The bits of an address that tell the subnet's machines apart.
    fn host_mask(&self) -> u128 {
        u128::MAX.checked_shr(u32::from(self.prefix_len)).unwrap_or(0)
    }
}

record! {
    /// Why the contracts of a node are being ended.
    #[derive(Copy)]
    pub enum LeavingReason {
        /// The node is going: all of them end.
        Closing,
        /// It lost a part of what it had: the newest end until the rest fits.
        Degraded,
    }
}

record! {
    /// What changes about a node all the time. Split from [`Node`]: contracts, heartbeats and reports write this short
    /// record, and the long one hardly ever changes.
    #[derive(Copy, Default)]
    pub struct Status<BlockNumber> {
        /// The sum of what live contracts reserve; all of the node while it is rented as a whole.
        pub reserved: Capacity,
        /// How many live contracts there are, also those that reserve nothing: a rent and those inside it.
        pub contracts: u32,
        /// The contract that rents the whole node, if one does.
        pub rented_by: Option<u64>,
        /// When the node was heard of.
        pub seen: Seen<BlockNumber>,
        /// For how long the node was dark in all, up to its last sign of life, seconds: what of each silence was longer than a
        /// node may be silent. It never goes down.
        pub dark_seconds: u64,
    }
}

record! {
    /// When a node was heard of.
    #[derive(Copy, Default)]
    pub struct Seen<BlockNumber> {
        /// The last sign of life, Unix seconds.
        pub last: u64,
        /// The block of that sign.
        pub block: BlockNumber,
        /// The last sign of life of an earlier block, Unix seconds; 0 if there was none. Within `block` this is what
        /// counts, so that nobody profits from a sign that travels in the same block.
        pub before: u64,
        /// The last `report_uptime`, Unix seconds; 0 if there was none. Decides whether the next one is free.
        pub heartbeat: u64,
    }
}

impl<BlockNumber: PartialEq + Copy> Seen<BlockNumber> {
    /// The last sign of life that came before block `current`, Unix seconds; 0 if there was none.
    pub fn before_block(&self, current: BlockNumber) -> u64 {
        if self.block == current {
            self.before
        } else {
            self.last
        }
    }

    /// Notes a sign of life at `now` in block `current`.
    pub fn mark(&mut self, now: u64, current: BlockNumber) {
        self.before = self.before_block(current);
        self.last = now;
        self.block = current;
    }
}

// Deposits ----------------------------------------------------------------------------------------------------------

record! {
    /// The record that a deposit is held for.
    pub enum DepositKey<AccountId> {
        /// A twin.
        Twin(u32),
        /// A pricing policy.
        PricingPolicy(u32),
        /// A farm.
        Farm(u32),
        /// A farm's address: the same deposit for the claim and for the verified record that comes of it.
        PublicIp {
            /// The farm.
            farm_id: u32,
            /// The address, numeric.
            address: u32,
        },
        /// A farmer's consent to a node.
        NodeAuthorization {
            /// The farm.
            farm_id: u32,
            /// The account that may register a node.
            account: AccountId,
        },
        /// A node.
        Node(u32),
        /// An entity.
        Entity(u32),
        /// An entity's signature in a twin.
        TwinEntity {
            /// The twin.
            twin_id: u32,
            /// The entity.
            entity_id: u32,
        },
    }
}

record! {
    /// Money on hold for a record. It goes back to who gave it, in the amount that was taken, whatever the price is
    /// today.
    pub struct Deposit<AccountId, Balance> {
        /// Who gave it.
        pub who: AccountId,
        /// How much, base units.
        pub amount: Balance,
    }
}
