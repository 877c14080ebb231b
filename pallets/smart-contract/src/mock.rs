//! A chain of two pallets in memory: a user, a farmer with four addresses, and two nodes.

#![allow(clippy::unwrap_used)] // What a test unwraps is there, or the test fails.

use frame_support::{
    assert_ok, derive_impl,
    pallet_prelude::{DispatchResult, DispatchResultWithPostInfo},
    parameter_types,
    traits::{
        fungible::{HoldConsideration, Inspect, InspectHold, Mutate},
        tokens::{Fortitude, Preservation},
        Contains, Everything, Footprint, Hooks, LinearStoragePrice, OnTimestampSet,
    },
    weights::Weight,
    PalletId,
};
use frame_system::EnsureRoot;
use grid_types::units::{Capacity, Prices, Report, Resources, GIB, TRAFFIC_UNIT};
use sp_runtime::{
    testing::{TestSignature, UintAuthorityId},
    traits::Convert,
    BuildStorage, Permill,
};

use crate::types::*;
pub use crate::Pallet as SmartContract;

pub type Contracts_ = SmartContract<Test>;
pub type Registry = pallet_tfgrid::Pallet<Test>;
type Block = frame_system::mocking::MockBlock<Test>;

pub const UNIT: Balance = 10_000_000;
pub const EXISTENTIAL_DEPOSIT: Balance = 10_000;
pub const INITIAL: Balance = 1_000 * UNIT;
pub const RULES: Parameters = Parameters::production();
/// The prices of the golden table.
pub const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };

pub const USER: u64 = 1;
pub const OTHER: u64 = 2;
pub const STRANGER: u64 = 3;
pub const FARMER: u64 = 10;
pub const NODE: u64 = 11;
pub const OTHER_NODE: u64 = 12;
pub const PAYOUT: u64 = 13;
pub const FOUNDATION: u64 = 20;
pub const SALES: u64 = 21;
pub const AUTHOR: u64 = 30;
/// Has no account.
pub const NOBODY: u64 = 99;
pub const USER_TWIN: u32 = 1;
pub const NODE_ID: u32 = 1;
pub const OTHER_NODE_ID: u32 = 2;
const FARM_ID: u32 = 1;
const POLICY_ID: u32 = 1;
const START: Seconds = 1_800_000_000;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Timestamp: pallet_timestamp,
        Balances: pallet_balances,
        TfgridModule: pallet_tfgrid,
        SmartContractModule: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {
    type OnTimestampSet = SmartContractModule;
}

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
    pub const RegistryDeposit: Balance = UNIT / 10;
    pub const DepositBase: Balance = UNIT / 5;
    pub const DepositPerByte: Balance = UNIT / 10_000;
    pub const GridContracts: PalletId = PalletId(*b"grid/con");
    pub const HoldContract: RuntimeHoldReason = RuntimeHoldReason::SmartContractModule(crate::HoldReason::ContractDeposit);
    pub const Author: Option<u64> = Some(AUTHOR);
    /// Whether the invariants are checked after each block: not in a test that breaks the state on purpose.
    pub static CheckBlocks: bool = true;
    pub static FreeReportWeight: Weight = Weight::from_parts(500_000_000_000, u64::MAX);
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
}

pub struct PalletAccount;
impl Contains<u64> for PalletAccount {
    fn contains(account: &u64) -> bool {
        *account == Contracts_::account_id()
    }
}

impl pallet_tfgrid::Config for Test {
    type NativeToken = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type UnixTime = Timestamp;
    type Signature = TestSignature;
    type Signer = UintAuthorityId;
    type AdminOrigin = EnsureRoot<u64>;
    type AllowedAddresses = Everything;
    type AllowedIpv6Addresses = Everything;
    type ReservedAccounts = PalletAccount;
    type LiveContracts = crate::LiveContracts<Test>;
    type TwinDeposit = RegistryDeposit;
    type EntityDeposit = RegistryDeposit;
    type TwinEntityDeposit = RegistryDeposit;
    type PricingPolicyDeposit = RegistryDeposit;
    type FarmDeposit = RegistryDeposit;
    type PublicIpDeposit = RegistryDeposit;
    type NodeAuthorizationDeposit = RegistryDeposit;
    type NodeDeposit = RegistryDeposit;
    type HeartbeatPeriod = crate::HeartbeatPeriod<Test>;
    type UnseenAfter = crate::UnseenAfter<Test>;
    type DarkTime = crate::DarkTime<Test>;
    type WeightInfo = pallet_tfgrid::weights::MeasuredWeight<Test>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Entities;
}

/// Signs as an entity, should a benchmark of the registry ask.
#[cfg(feature = "runtime-benchmarks")]
pub struct Entities;
#[cfg(feature = "runtime-benchmarks")]
impl pallet_tfgrid::BenchmarkHelper<u64, TestSignature> for Entities {
    fn signer() -> u64 {
        STRANGER
    }

    fn sign(message: &[u8]) -> TestSignature {
        TestSignature(STRANGER, message.to_vec())
    }
}

type DepositPrice = LinearStoragePrice<DepositBase, DepositPerByte, Balance>;

impl crate::Config for Test {
    type Money = Balances;
    type Deposit = HoldConsideration<u64, Balances, HoldContract, DepositPrice>;
    type BlockAuthor = Author;
    type PalletId = GridContracts;
    type FreeReportWeight = FreeReportWeight;
    type WeightInfo = crate::weights::MeasuredWeight<Test>;
    type BenchmarkHelper = Authors;
}

/// Every block of this chain has an author.
pub struct Authors;
impl crate::BenchmarkHelper for Authors {
    fn set_author() {}
}

/// A chain with nothing on it.
pub fn bare() -> sp_io::TestExternalities {
    RuntimeGenesisConfig::default().build_storage().unwrap().into()
}

#[derive(Default)]
pub struct ExtBuilder {
    rules: Parameters,
    split: Option<RevenueSplit<u64>>,
    name_price: Option<Balance>,
}

impl ExtBuilder {
    /// Other rules than production's.
    pub fn with_rules(mut self, rules: Parameters) -> Self {
        self.rules = rules;
        self
    }

    /// A split that gives the foundation so many per cent and the farmer the rest.
    pub fn with_foundation(self, percent: u32) -> Self {
        self.with_split(RevenueSplit {
            foundation_account: FOUNDATION,
            foundation: Permill::from_percent(percent),
            sales_account: SALES,
            sales: Permill::zero(),
            author: Permill::zero(),
            burn: Permill::zero(),
        })
    }

    pub fn with_split(mut self, split: RevenueSplit<u64>) -> Self {
        self.split = Some(split);
        self
    }

    /// One day of a name, base units.
    pub fn with_name_price(mut self, per_day: Balance) -> Self {
        self.name_price = Some(per_day);
        self
    }

    /// Runs `test` and checks the invariants.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.execute(true, || {
            test();
            check();
        });
    }

    /// For tests that break the state on purpose.
    pub fn build_and_execute_unchecked(self, test: impl FnOnce()) {
        self.execute(false, test);
    }

    fn execute(self, checked: bool, test: impl FnOnce()) {
        let accounts = [USER, OTHER, STRANGER, FARMER, NODE, OTHER_NODE, PAYOUT, FOUNDATION, SALES, AUTHOR];
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: accounts.iter().map(|account| (*account, INITIAL)).collect(),
                ..Default::default()
            },
            tfgrid_module: pallet_tfgrid::GenesisConfig { auto_verify_ips: true, ..Default::default() },
            smart_contract_module: crate::GenesisConfig {
                rules: self.rules,
                split: self.split,
                name_price: self.name_price,
            },
            ..Default::default()
        };
        let mut ext = sp_io::TestExternalities::new(genesis.build_storage().unwrap());
        ext.execute_with(|| {
            // What costs nothing is a number like any other here; a real chain has a floor.
            pallet_tfgrid::PriceFloor::<Test>::put(Prices::default());
            block_at(START);
            register();
            top_up();
            // A sign of life counts from the next block on.
            pass(1);
            pass(1);
            System::reset_events();
            CheckBlocks::set(checked);
            test();
        });
    }
}

/// Both sides' consent to two nodes, four addresses, and the user's twin first.
fn register() {
    for twin in [USER, OTHER, FARMER, NODE, OTHER_NODE] {
        assert_ok!(Registry::create_twin(origin(twin), None, None));
    }
    assert_ok!(Registry::create_pricing_policy(origin(FARMER), b"golden".to_vec().try_into().unwrap(), PRICES));
    assert_ok!(Registry::create_farm(origin(FARMER), b"freefarm".to_vec().try_into().unwrap(), POLICY_ID));
    assert_ok!(Registry::set_farm_payout(origin(FARMER), FARM_ID, PAYOUT));
    add_addresses(10..14);
    for node in [NODE, OTHER_NODE] {
        register_node(node);
    }
}

/// Verified addresses of the farm: the documentation's network, hosts as given.
pub fn add_addresses(hosts: core::ops::Range<u32>) {
    for host in hosts {
        let address = pallet_tfgrid::Ipv4Cidr { address: 0xCB00_7100 + host, prefix_len: 24 };
        assert_ok!(Registry::add_farm_ip(origin(FARMER), FARM_ID, address, 0xCB00_7101));
    }
}

/// 8 vCPU, 32 GiB, 1,000 GiB of fast and 2,000 GiB of slow disk: CU 8, SU 6 2/3.
pub const fn node_capacity() -> Capacity {
    Capacity { cru: 8_000, mru: 32 * GIB, sru: 1_000 * GIB, hru: 2_000 * GIB }
}

/// Both sides' consent to a node of the farm.
pub fn register_node(twin: u64) {
    let text = |text: &str| text.as_bytes().to_vec().try_into().unwrap();
    assert_ok!(Registry::authorize_node(origin(FARMER), FARM_ID, twin));
    let location =
        pallet_tfgrid::Location { country: text("Belgium"), city: text("Lochristi"), latitude: None, longitude: None };
    let spec = pallet_tfgrid::NodeSpec {
        capacity: node_capacity(),
        location,
        interfaces: Default::default(),
        serial: None,
        bus: None,
    };
    assert_ok!(Registry::create_node(origin(twin), FARM_ID, spec, None));
}

/// Deposits and fees of the set-up are nobody's business here: everyone spends from the same round sum.
fn top_up() {
    for account in [USER, OTHER] {
        leave(account, INITIAL);
    }
}

pub fn origin(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// What the contracts' tests ask for: 2 vCPU, 2 GiB, 60 GiB of fast disk, 6·10^9 bytes an hour. CU 1, SU 0.3.
pub fn wish() -> Resources {
    Resources { cru: 2_000, mru: 2 * GIB, sru: 60 * GIB, hru: 0, nru_per_hour: 6 * TRAFFIC_UNIT }
}

pub fn try_create(who: u64, resources: Resources, ips: u32) -> DispatchResult {
    Contracts_::create_contract(
        origin(who),
        NODE_ID,
        [1; 32],
        DeploymentData::default(),
        ips,
        resources,
        ContractMode::Reserved,
        None,
    )
}

pub fn create_by(who: u64, ips: u32) -> ContractId {
    assert_ok!(try_create(who, wish(), ips));
    crate::NextContractId::<Test>::get() - 1
}

/// With one address.
pub fn create() -> ContractId {
    create_by(USER, 1)
}

/// A contract of USER on any node.
pub fn create_on(node_id: u32) -> ContractId {
    let (data, mode) = (DeploymentData::default(), ContractMode::Reserved);
    assert_ok!(Contracts_::create_contract(origin(USER), node_id, [1; 32], data, 0, wish(), mode, None));
    crate::NextContractId::<Test>::get() - 1
}

/// USER changes a contract, and what it reserves if `resources` are given.
pub fn try_update(id: ContractId, resources: Option<Resources>) -> DispatchResult {
    Contracts_::update_contract(origin(USER), id, [2; 32], DeploymentData::default(), resources, None, None)
}

pub fn try_rent(who: u64) -> DispatchResult {
    Contracts_::create_rent_contract(origin(who), NODE_ID, None)
}

/// A rent of the whole node.
pub fn rent_by(who: u64) -> ContractId {
    assert_ok!(try_rent(who));
    crate::NextContractId::<Test>::get() - 1
}

pub fn report_deployed(id: ContractId, version: u32) -> DispatchResultWithPostInfo {
    Contracts_::report_deployment(origin(NODE), id, version, DeploymentOutcome::Deployed)
}

/// A contract of USER that was deployed in the second it was made.
pub fn deployed(ips: u32) -> ContractId {
    deployed_with(wish(), ips)
}

pub fn deployed_by(who: u64) -> ContractId {
    let id = create_by(who, 0);
    assert_ok!(report_deployed(id, 0));
    id
}

pub fn deployed_with(resources: Resources, ips: u32) -> ContractId {
    assert_ok!(try_create(USER, resources, ips));
    let id = crate::NextContractId::<Test>::get() - 1;
    assert_ok!(report_deployed(id, 0));
    id
}

pub fn deployed_small() -> ContractId {
    deployed_with(Resources { cru: 100, mru: GIB / 8, ..Default::default() }, 0)
}

/// What time before deployment costs for [`deployed`]: nothing, it takes no time.
pub const fn holding_of_creation() -> Balance {
    0
}

pub fn full_report(id: ContractId, window: Seconds) -> Report {
    let reserved = crate::BillingOf::<Test>::get(id).map_or_else(wish, |record| record.resources);
    Report {
        contract_id: id,
        timestamp: now(),
        window,
        cru: reserved.cru,
        sru: reserved.sru,
        hru: reserved.hru,
        mru: reserved.mru,
        nru: 0,
    }
}

pub fn send(reports: Vec<Report>) -> DispatchResultWithPostInfo {
    Contracts_::add_reports(origin(NODE), reports.try_into().unwrap())
}

pub fn report(id: ContractId, window: Seconds) -> DispatchResultWithPostInfo {
    send(vec![full_report(id, window)])
}

pub fn quote() -> Quote {
    Contracts_::quote_of(NODE_ID, &wish(), 1).unwrap()
}

pub fn set_prices(prices: Prices) {
    assert_ok!(Registry::update_pricing_policy(origin(FARMER), POLICY_ID, prices));
}

/// What the farmer takes more for the node as a whole, per cent.
pub fn set_surcharge(per_cent: u16) {
    let terms = pallet_tfgrid::RentTerms { surcharge: per_cent, whole_only: false };
    assert_ok!(Registry::set_node_rent_terms(origin(FARMER), NODE_ID, terms));
}

pub fn set_payout(account: u64) {
    assert_ok!(Registry::set_farm_payout(origin(FARMER), FARM_ID, account));
}

/// Free batches may take as much weight as `batches` of one report.
pub fn set_free_report_weight(batches: u64) {
    use crate::WeightInfo;
    let one = <Test as crate::Config>::WeightInfo::add_reports(1);
    FreeReportWeight::set(one.saturating_mul(batches));
}

pub fn now() -> Seconds {
    Registry::now()
}

pub fn balance(who: u64) -> Balance {
    <Balances as Inspect<u64>>::total_balance(&who)
}

pub fn free_balance(who: u64) -> Balance {
    Balances::free_balance(who)
}

pub fn held_for_contracts(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldContract::get(), &who)
}

pub fn spendable(who: u64) -> Balance {
    Balances::reducible_balance(&who, Preservation::Preserve, Fortitude::Polite)
}

/// The deposit for a contract with so many bytes of data.
pub fn deposit(bytes: usize) -> Balance {
    DepositPrice::convert(Footprint::from_parts(1, bytes))
}

/// Leaves `who` with a free balance of `amount`.
pub fn leave(who: u64, amount: Balance) {
    <Balances as Mutate<u64>>::set_balance(&who, amount);
}

pub fn endow(who: u64, amount: Balance) {
    assert_ok!(<Balances as Mutate<u64>>::mint_into(&who, amount));
}

pub fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::SmartContractModule(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// Why contracts ended so far, in their order.
pub fn ends() -> Vec<(ContractId, EndCause)> {
    let end = |event| match event {
        crate::Event::ContractEnded { contract_id, cause, .. } => Some((contract_id, cause)),
        _ => None,
    };
    events().into_iter().filter_map(end).collect()
}

/// What a contract was charged so far.
pub fn bills_of(id: ContractId) -> Vec<Bill> {
    let bill = |event| match event {
        crate::Event::ContractBilled { contract_id, bill } if contract_id == id => Some(bill),
        _ => None,
    };
    events().into_iter().filter_map(bill).collect()
}

pub fn last_event() -> crate::Event<Test> {
    events().pop().unwrap()
}

/// All invariants of both pallets, and that all money is somebody's.
pub fn check() {
    assert_ok!(Contracts_::do_try_state());
    assert_ok!(Registry::do_try_state());
    let accounts = frame_system::Account::<Test>::iter_values();
    let all: Balance = accounts.map(|account| account.data.free + account.data.reserved).sum();
    assert_eq!(all, Balances::total_issuance(), "issuance is not what accounts have");
}

fn block_at(time: Seconds) {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    SmartContractModule::on_initialize(number);
    pallet_timestamp::Now::<Test>::put(time * 1_000);
    SmartContractModule::on_timestamp_set(time * 1_000);
}

fn end_block(idle: Weight) {
    SmartContractModule::on_idle(System::block_number(), idle);
    if CheckBlocks::get() {
        check();
    }
}

fn pass_with(seconds: Seconds, node_lives: bool, idle: Weight) {
    let until = now() + seconds;
    while now() < until {
        block_at((now() + RULES.stall_gap).min(until));
        if node_lives && pallet_tfgrid::Nodes::<Test>::contains_key(NODE_ID) {
            mark_seen();
        }
        end_block(idle);
    }
}

/// A sign of life of the node, now.
pub fn mark_seen() {
    Registry::mark_seen(NODE_ID, now());
}

/// Time passes in blocks as far apart as they may be; the node lives.
pub fn pass(seconds: Seconds) {
    pass_with(seconds, true, Weight::MAX);
}

/// The same, without a sign of life of the node.
pub fn pass_dark(seconds: Seconds) {
    pass_with(seconds, false, Weight::MAX);
}

/// Time passes in blocks without room for `on_idle`.
pub fn pass_full_blocks(seconds: Seconds) {
    let until = now() + seconds;
    while now() < until {
        block_at((now() + 10).min(until));
        end_block(Weight::zero());
    }
}

/// The chain makes no block for so long.
pub fn stall(seconds: Seconds) {
    block_at(now() + seconds);
    end_block(Weight::MAX);
}

/// Reports hour by hour until the contract is out of funds.
pub fn run_dry(id: ContractId) {
    for _ in 0..30 * 24 {
        pass(3_600);
        assert_ok!(report(id, 3_600));
        if crate::BillingOf::<Test>::get(id).unwrap().state != ContractState::Deployed {
            return;
        }
    }
    panic!("it never runs dry");
}

/// A contract of USER, with one address and a cushion, whose owner has nothing left: in grace since this block.
pub fn paused(cushion: Balance) -> ContractId {
    let id = deployed(1);
    assert_ok!(Contracts_::set_cushion(origin(USER), id, cushion));
    leave(USER, EXISTENTIAL_DEPOSIT);
    // As it would be after a day and a half: 725,000 and the cushion are left after the next hour.
    set_escrow(id, 725_000 + cushion + 155_000);
    run_dry(id);
    assert!(matches!(record(id).state, ContractState::Grace { .. }));
    id
}

/// Puts `amount` into a contract's escrow, or takes what is above it; the difference stays in the pallet's account.
pub fn set_escrow(id: ContractId, amount: Balance) {
    let before = record(id).escrow;
    crate::BillingOf::<Test>::mutate(id, |record| record.as_mut().unwrap().escrow = amount);
    crate::TotalEscrow::<Test>::mutate(|total| *total = *total - before + amount);
}

/// The billing record of a contract that is there.
pub fn record(id: ContractId) -> BillingRecord<u64> {
    crate::BillingOf::<Test>::get(id).unwrap()
}

/// Reports hour by hour until the contract is gone; gives the seconds that took.
pub fn run_until_gone(id: ContractId) -> Seconds {
    let start = now();
    while crate::BillingOf::<Test>::contains_key(id) {
        pass(3_600);
        if crate::BillingOf::<Test>::contains_key(id) {
            assert_ok!(report(id, 3_600));
        }
        assert!(now() - start < 30 * 86_400, "it never ends");
    }
    now() - start
}
