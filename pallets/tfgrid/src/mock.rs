//! A runtime with nothing but what the registry needs, and a small world to act in.

#![allow(clippy::unwrap_used)]

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
    derive_impl, parameter_types,
    traits::{fungible::InspectHold, ConstU64, Contains},
    BoundedVec,
};
use frame_system::EnsureRoot;
use grid_types::{
    entities::{entity_message, twin_entity_message, EntityDetails},
    units::{Capacity, Prices, GIB},
};
use scale_info::TypeInfo;
use sp_io::hashing::blake2_256;
use sp_runtime::{
    testing::UintAuthorityId,
    traits::{Lazy, Verify},
    BuildStorage,
};

use crate::{weights::MeasuredWeight, *};

pub type AccountId = u64;
pub type Balance = u64;

/// Owns farms.
pub const FARMER: AccountId = 1;
/// A machine's own account.
pub const MACHINE: AccountId = 2;
/// A machine's hot key.
pub const AGENT: AccountId = 3;
/// Someone else with money.
pub const STRANGER: AccountId = 4;
/// A certifier.
pub const VERIFIER: AccountId = 5;
/// Has nothing but the existential deposit.
pub const PAUPER: AccountId = 6;
/// Belongs to another pallet.
pub const POT: AccountId = 7;
/// Signs for an entity; has nothing but the existential deposit.
pub const NOTARY: AccountId = 8;

pub const FUNDS: Balance = 1_000_000;
pub const TWIN_DEPOSIT: Balance = 10;
pub const ENTITY_DEPOSIT: Balance = 25;
pub const TWIN_ENTITY_DEPOSIT: Balance = 7;
pub const POLICY_DEPOSIT: Balance = 20;
pub const FARM_DEPOSIT: Balance = 50;
pub const IP_DEPOSIT: Balance = 30;
pub const AUTHORIZATION_DEPOSIT: Balance = 5;
pub const NODE_DEPOSIT: Balance = 40;
pub const HEARTBEAT: u64 = 300;
/// After how long without a sign of life a node gets no contracts, seconds.
pub const UNSEEN: u64 = 1_200;

/// When the first block is made, Unix seconds.
pub const START: u64 = 1_700_000_000;

pub const FLOOR: Prices = Prices { su: 1, cu: 2, nu: 3, ipu: 4, gb_second: 5, min_use: 10 };
pub const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };
pub const CAPACITY: Capacity = Capacity { cru: 8_000, mru: 32 * GIB, sru: 500 * GIB, hru: 0 };

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(3)]
    pub type TfgridModule = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
    /// Twins that own live contracts.
    pub static BoundTwins: Vec<u32> = Vec::new();
}

/// 192.0.2.0/24 and 198.51.100.0/24 (RFC 5737).
pub struct DocumentationRanges;
impl Contains<u32> for DocumentationRanges {
    fn contains(address: &u32) -> bool {
        [ip(192, 0, 2, 0), ip(198, 51, 100, 0)].contains(&(address & 0xffff_ff00))
    }
}

/// 2001:db8::/32 (RFC 3849).
pub struct DocumentationPrefix;
impl Contains<[u8; 16]> for DocumentationPrefix {
    fn contains(address: &[u8; 16]) -> bool {
        address.starts_with(&[0x20, 0x01, 0x0d, 0xb8])
    }
}

pub struct Pots;
impl Contains<AccountId> for Pots {
    fn contains(account: &AccountId) -> bool {
        *account == POT
    }
}

pub struct Bound;
impl Contains<u32> for Bound {
    fn contains(twin_id: &u32) -> bool {
        BoundTwins::get().contains(twin_id)
    }
}

/// Who signed, and the hash of what: a signature that needs no keys. `padding` makes it as long as a test wants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Signature {
    pub signer: AccountId,
    pub digest: [u8; 32],
    pub padding: Vec<u8>,
}

impl Verify for Signature {
    type Signer = UintAuthorityId;

    fn verify<L: Lazy<[u8]>>(&self, mut message: L, signer: &AccountId) -> bool {
        self.signer == *signer && self.digest == blake2_256(message.get())
    }
}

/// A node that is silent for longer than four heartbeats is dark.
pub struct AfterFourHeartbeats;
impl crate::DarkTime for AfterFourHeartbeats {
    fn of_silence(last: u64, until: u64) -> u64 {
        until.saturating_sub(last.max(1)).saturating_sub(4 * HEARTBEAT) * u64::from(last > 0)
    }
}

impl Config for Test {
    type NativeToken = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type UnixTime = Timestamp;
    type Signature = Signature;
    type Signer = UintAuthorityId;
    type AdminOrigin = EnsureRoot<AccountId>;
    type AllowedAddresses = DocumentationRanges;
    type AllowedIpv6Addresses = DocumentationPrefix;
    type ReservedAccounts = Pots;
    type LiveContracts = Bound;
    type TwinDeposit = ConstU64<TWIN_DEPOSIT>;
    type EntityDeposit = ConstU64<ENTITY_DEPOSIT>;
    type TwinEntityDeposit = ConstU64<TWIN_ENTITY_DEPOSIT>;
    type PricingPolicyDeposit = ConstU64<POLICY_DEPOSIT>;
    type FarmDeposit = ConstU64<FARM_DEPOSIT>;
    type PublicIpDeposit = ConstU64<IP_DEPOSIT>;
    type NodeAuthorizationDeposit = ConstU64<AUTHORIZATION_DEPOSIT>;
    type NodeDeposit = ConstU64<NODE_DEPOSIT>;
    type HeartbeatPeriod = ConstU64<HEARTBEAT>;
    type UnseenAfter = ConstU64<UNSEEN>;
    type DarkTime = AfterFourHeartbeats;
    type WeightInfo = MeasuredWeight<Test>;
    type BenchmarkHelper = Notary;
}

/// Signs in benchmarks, as [`NOTARY`].
pub struct Notary;
impl BenchmarkHelper<AccountId, Signature> for Notary {
    fn signer() -> AccountId {
        NOTARY
    }

    fn sign(message: &[u8]) -> Signature {
        signature(NOTARY, message)
    }
}

/// Builds a chain and checks all invariants after what is done on it.
pub struct ExtBuilder {
    auto_verify_ips: bool,
    price_floor: Prices,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self { auto_verify_ips: true, price_floor: FLOOR }
    }
}

impl ExtBuilder {
    /// Claims wait for the certifier.
    pub fn with_verifier(mut self) -> Self {
        self.auto_verify_ips = false;
        self
    }

    pub fn price_floor(mut self, floor: Prices) -> Self {
        self.price_floor = floor;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let rich = [FARMER, MACHINE, AGENT, STRANGER, VERIFIER, POT].map(|who| (who, FUNDS));
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: rich.into_iter().chain([(PAUPER, 1), (NOTARY, 1)]).collect(),
                ..Default::default()
            },
            tfgrid_module: GenesisConfig {
                auto_verify_ips: self.auto_verify_ips,
                price_floor: self.price_floor,
                ..Default::default()
            },
            ..Default::default()
        };
        let mut ext = sp_io::TestExternalities::new(genesis.build_storage().unwrap());
        ext.execute_with(|| {
            TfgridModule::add_certifier(RuntimeOrigin::root(), VERIFIER).unwrap();
            advance(0);
        });
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            TfgridModule::do_try_state().unwrap();
        });
    }
}

/// The next block, so many seconds later.
pub fn advance(seconds: u64) {
    let now = pallet_timestamp::Now::<Test>::get().max(START * 1_000);
    System::set_block_number(System::block_number() + 1);
    Timestamp::set_timestamp(now + seconds * 1_000);
}

/// The events of this pallet in this block.
pub fn events() -> Vec<Event<Test>> {
    let ours = |event| if let RuntimeEvent::TfgridModule(event) = event { Some(event) } else { None };
    System::events().into_iter().filter_map(|record| ours(record.event)).collect()
}

pub fn last_event() -> Event<Test> {
    events().pop().unwrap()
}

/// What of an account's money is on hold.
pub fn held(who: AccountId) -> Balance {
    Balances::total_balance_on_hold(&who)
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Bytes of any bound.
pub fn text<S: frame_support::traits::Get<u32>>(text: &str) -> BoundedVec<u8, S> {
    text.as_bytes().to_vec().try_into().unwrap()
}

/// A name as it is stored.
pub fn name(name: &str) -> Name {
    text(name)
}

pub const fn ip(a: u8, b: u8, c: u8, d: u8) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// An address of 192.0.2.0/24, whose gateway is [`GATEWAY`].
pub fn cidr(last: u8) -> Ipv4Cidr {
    Ipv4Cidr { address: ip(192, 0, 2, last), prefix_len: 24 }
}

pub const GATEWAY: u32 = ip(192, 0, 2, 1);

pub fn spec() -> NodeSpec {
    NodeSpec {
        capacity: CAPACITY,
        location: Location {
            country: text("Belgium"),
            city: text("Liège"),
            latitude: Some(50_632_600),
            longitude: Some(5_579_700),
        },
        interfaces: vec![interface("eth0")].try_into().unwrap(),
        serial: Some(text("SN-1")),
        bus: Some(text("ws://node.example.org:7070")),
    }
}

pub fn interface(name: &str) -> Interface {
    let ips = vec![IpAddress::V4(ip(10, 0, 0, 2)), IpAddress::V6([1; 16])];
    Interface { name: text(name), mac: [2; 6], ips: ips.try_into().unwrap() }
}

/// A twin of `who`; the one there is, if there is one.
pub fn twin(who: AccountId) -> u32 {
    if TwinIdByAccountID::<Test>::get(who).is_none() {
        TfgridModule::create_twin(signed(who), None, None).unwrap();
    }
    TwinIdByAccountID::<Test>::get(who).unwrap()
}

/// A pricing policy of `who` at [`PRICES`].
pub fn policy(who: AccountId, name: &str) -> u32 {
    twin(who);
    TfgridModule::create_pricing_policy(signed(who), text(name), PRICES).unwrap();
    NextPricingPolicyId::<Test>::get() - 1
}

/// A farm of `who` with a policy of its own.
pub fn farm(who: AccountId, name: &str) -> u32 {
    let policy_id = policy(who, name);
    TfgridModule::create_farm(signed(who), text(name), policy_id).unwrap();
    NextFarmId::<Test>::get() - 1
}

/// An address of a farm of [`FARMER`]: 192.0.2.`last`.
pub fn farm_ip(farm_id: u32, last: u8) -> u32 {
    TfgridModule::add_farm_ip(signed(FARMER), farm_id, cidr(last), GATEWAY).unwrap();
    cidr(last).address
}

/// A node of [`MACHINE`] in a farm of [`FARMER`], with [`AGENT`] as agent, who has accepted.
pub fn node(farm_id: u32) -> u32 {
    let node_id = node_of(MACHINE, farm_id, Some(AGENT));
    TfgridModule::accept_agent(signed(AGENT), node_id).unwrap();
    node_id
}

/// A node of `who` in a farm of [`FARMER`]. An agent that it names has not accepted yet.
pub fn node_of(who: AccountId, farm_id: u32, agent: Option<AccountId>) -> u32 {
    twin(who);
    TfgridModule::authorize_node(signed(FARMER), farm_id, who).unwrap();
    TfgridModule::create_node(signed(who), farm_id, spec(), agent).unwrap();
    NextNodeId::<Test>::get() - 1
}

/// How long the signatures of tests are valid, seconds.
pub const LIFE: u64 = 600;

pub fn genesis() -> <Test as frame_system::Config>::Hash {
    System::block_hash(0)
}

/// What `signer` would sign under `message`.
pub fn signature(signer: AccountId, message: &[u8]) -> Signature {
    Signature { signer, digest: blake2_256(message), padding: Vec::new() }
}

/// What makes `account` an entity of this name in Ghent.
pub fn entity_signature(account: AccountId, name: &str, valid_until: u64) -> Signature {
    let details = EntityDetails { name: name.as_bytes(), country: b"Belgium", city: b"Ghent" };
    signature(account, &entity_message(genesis().as_ref(), &account, details, valid_until))
}

/// An entity of `account`, paid for by [`STRANGER`], from a signature of [`LIFE`] seconds.
pub fn entity(account: AccountId, name: &str) -> u32 {
    let until = TfgridModule::now() + LIFE;
    let signature = entity_signature(account, name, until);
    let (country, city) = (text("Belgium"), text("Ghent"));
    TfgridModule::create_entity(signed(STRANGER), account, text(name), country, city, signature, until).unwrap();
    NextEntityId::<Test>::get() - 1
}

/// What makes the entity of `signer` vouch for a twin.
pub fn twin_entity_signature(signer: AccountId, entity_id: u32, twin_id: u32, valid_until: u64) -> Signature {
    signature(signer, &twin_entity_message(genesis().as_ref(), entity_id, twin_id, valid_until))
}

/// The entity of [`NOTARY`] vouches for the twin of `who`, by a signature of [`LIFE`] seconds.
pub fn vouch(who: AccountId, entity_id: u32) {
    let until = TfgridModule::now() + LIFE;
    let signature = twin_entity_signature(NOTARY, entity_id, twin(who), until);
    TfgridModule::add_twin_entity(signed(who), entity_id, signature, until).unwrap();
}

/// A farm of [`FARMER`] with a node of [`MACHINE`], and that node's id.
pub fn node_in_a_farm() -> u32 {
    node(farm(FARMER, "farm"))
}

/// So many hundredths of [`CAPACITY`].
pub const fn percent(share: u64) -> Capacity {
    let Capacity { cru, mru, sru, hru } = CAPACITY;
    Capacity { cru: cru / 100 * share, mru: mru / 100 * share, sru: sru / 100 * share, hru }
}
