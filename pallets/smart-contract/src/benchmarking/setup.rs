//! The world that benchmarks act in: a farm with addresses, a node, a user, and contracts in the state that costs most.
//!
//! Records are as large as they may be. The split names all who can be paid, and a new one takes effect with the next
//! payment. Of those who are paid only the author has an account: the shares of the others are less than an account may hold, so
//! they are kept for them, which is more work than a transfer. The list of stalls is full.

use alloc::{vec, vec::Vec};
use frame_benchmarking::account;
use frame_support::{
    traits::{fungible::Mutate, Get},
    BoundedVec,
};
use frame_system::{Pallet as System, RawOrigin};
use grid_types::units::{Capacity, Prices, Report, Resources, GIB, MAX_CAPACITY, MAX_PUBLIC_IPS, TRAFFIC_UNIT};
use pallet_tfgrid::{AutoVerifyIps, Ipv4Cidr, Location, NameInput, NodeSpec, Pallet as Registry, ShortText};
use sp_runtime::{traits::One, Permill};

use crate::{benchmarking::BenchmarkHelper, types::*, *};

/// When benchmarks begin, Unix seconds.
const START: Seconds = 1_800_000_000;
/// What everybody has, base units.
const FORTUNE: Balance = 1 << 100;
/// 198.51.100.1: allowed on chains that verify addresses by themselves.
const GATEWAY: u32 = 0xc633_6401;
/// The prices of the farm.
pub const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 50 };
/// What contracts reserve.
pub const WISH: Resources =
    Resources { cru: 2_000, mru: 2 * GIB, sru: 60 * GIB, hru: 60 * GIB, nru_per_hour: 6 * TRAFFIC_UNIT };

/// Who is there.
pub struct World<T: Config> {
    /// Signs for the node.
    pub agent: T::AccountId,
    /// The node's own account.
    pub machine: T::AccountId,
    /// Its id.
    pub node_id: u32,
    /// Owns contracts.
    pub user: T::AccountId,
}

impl<T: Config> World<T> {
    /// A node of `machine`, with `agent`, and a twin of `user`.
    pub fn new(user: T::AccountId, machine: T::AccountId, agent: T::AccountId) -> Self {
        Rules::<T>::put(Parameters::production());
        set_time::<T>(START);
        Split::<T>::put(split::<T>("old"));
        NextSplit::<T>::put((split::<T>("new"), START));
        <T as Config>::BenchmarkHelper::set_author();
        if let Some(author) = T::BlockAuthor::get() {
            endow::<T>(&author, FORTUNE);
        }
        endow::<T>(&Pallet::<T>::account_id(), FORTUNE);
        let farm_id = farm::<T>();
        twin::<T>(&user);
        let node_id = node::<T>(farm_id, &machine, &agent);
        let world = Self { agent, machine, node_id, user };
        world.pass(1);
        world
    }

    /// Time passes; the node lives; the chain stood still for some of it.
    pub fn pass(&self, seconds: Seconds) {
        let now = Clock::<T>::get().last_block + seconds;
        set_time::<T>(now);
        Registry::<T>::mark_seen(self.node_id, now);
        System::<T>::set_block_number(System::<T>::block_number() + One::one());
        let stall = |index: Seconds| Stall { from: now - 2 * index - 1, until: now - 2 * index };
        Stalls::<T>::put(StallList::truncate_from((0..32).rev().map(stall).collect::<Vec<_>>()));
    }

    /// The whole node is the user's.
    pub fn rent(&self) -> ContractId {
        done(Pallet::<T>::create_rent_contract(by::<T>(&self.user), self.node_id, None));
        NextContractId::<T>::get() - 1
    }

    /// A contract of the user's with the longest data.
    pub fn created(&self, public_ips: u32) -> ContractId {
        let (hash, data, mode) = ([1; 32], longest_data(), ContractMode::Reserved);
        let origin = by::<T>(&self.user);
        done(Pallet::<T>::create_contract(origin, self.node_id, hash, data, public_ips, WISH, mode, None));
        NextContractId::<T>::get() - 1
    }

    /// The same, deployed a report period ago. Inside a rent it also costs capacity, which is more work than not to.
    pub fn deployed(&self, public_ips: u32) -> ContractId {
        let id = self.created(public_ips);
        done(Pallet::<T>::report_deployment(by::<T>(&self.agent), id, 0, DeploymentOutcome::Deployed));
        change::<T>(id, |record| record.prices = PRICES);
        self.pass(600);
        id
    }

    /// The same, with a cushion, paused a moment ago: an end has an entry of the agenda to remove, too.
    pub fn paused(&self, public_ips: u32) -> ContractId {
        let id = self.deployed(public_ips);
        change::<T>(id, |record| {
            record.cushion = 100_000_000;
            record.paid_until = Clock::<T>::get().last_block;
            Pallet::<T>::pause(id, record, &Rules::<T>::get(), Clock::<T>::get().last_block);
        });
        self.pass(600);
        id
    }

    /// So many contracts like a deployed one; the owner of each has `money`.
    pub fn copies(&self, count: u32, money: Balance) -> Vec<ContractId> {
        let id = self.deployed(0);
        let (contract, record) = (Contracts::<T>::get(id).unwrap(), BillingOf::<T>::get(id).unwrap());
        let copy = |index: u32| {
            let payer: T::AccountId = account("payer", index, 0);
            endow::<T>(&payer, money);
            let copy = id + 1 + ContractId::from(index);
            BillingOf::<T>::insert(copy, BillingRecord { payer, ..record.clone() });
            Contracts::<T>::insert(copy, contract.clone());
            copy
        };
        let copies = (0..count).map(copy).collect();
        TotalEscrow::<T>::mutate(|total| *total += record.escrow * Balance::from(count));
        NextContractId::<T>::mutate(|next| *next += ContractId::from(count));
        copies
    }
}

/// Changes a billing record.
pub fn change<T: Config>(id: ContractId, change: impl FnOnce(&mut BillingRecord<T::AccountId>)) {
    BillingOf::<T>::mutate(id, |record| change(record.as_mut().unwrap()));
}

/// Leaves a contract with so little escrow that the next charge has to draw.
pub fn drain<T: Config>(id: ContractId) {
    let left = 100_000;
    change::<T>(id, |record| {
        TotalEscrow::<T>::mutate(|total| *total -= record.escrow - left);
        record.escrow = left;
    });
}

/// Full use in the last report period.
pub fn report<T: Config>(contract_id: ContractId) -> Report {
    let Resources { cru, mru, sru, hru, .. } = WISH;
    let timestamp = Clock::<T>::get().last_block;
    Report { contract_id, timestamp, window: 600, cru, sru, hru, mru, nru: TRAFFIC_UNIT / 2 }
}

/// The longest data of a contract.
pub fn longest_data() -> DeploymentData {
    data(8_192)
}

/// So many bytes of data.
pub fn data(length: u32) -> DeploymentData {
    DeploymentData::truncate_from(vec![7; length as usize])
}

/// The longest name that can be leased.
pub fn longest_name() -> NameInput {
    NameInput::truncate_from(vec![b'n'; 40])
}

/// The origin of an account.
pub fn by<T: Config>(who: &T::AccountId) -> T::RuntimeOrigin {
    RawOrigin::Signed(who.clone()).into()
}

/// An account with money and a twin.
pub fn rich<T: Config>(name: &'static str) -> T::AccountId {
    let who = account(name, 0, 0);
    endow::<T>(&who, FORTUNE);
    who
}

/// A step of the set-up that cannot fail, or the benchmark is wrong.
pub fn done<O, E: core::fmt::Debug>(result: Result<O, E>) {
    if let Err(error) = result {
        panic!("a benchmark's set-up failed: {error:?}");
    }
}

fn set_time<T: Config>(now: Seconds) {
    let cursor = Some(now / Parameters::production().agenda_tick);
    Clock::<T>::put(ChainClock { last_block: now, stalled: 0, cursor });
}

fn endow<T: Config>(who: &T::AccountId, money: Balance) {
    T::Money::set_balance(who, money);
}

fn twin<T: Config>(who: &T::AccountId) {
    endow::<T>(who, FORTUNE);
    done(Registry::<T>::create_twin(by::<T>(who), None, None));
}

/// A farm with the addresses that two contracts can hold, and a payout account.
fn farm<T: Config>() -> u32 {
    let farmer = rich::<T>("farmer");
    twin::<T>(&farmer);
    let name = |name: &[u8]| NameInput::truncate_from(name.to_vec());
    done(Registry::<T>::create_pricing_policy(by::<T>(&farmer), name(b"policy"), PRICES));
    let policy_id = pallet_tfgrid::NextPricingPolicyId::<T>::get() - 1;
    done(Registry::<T>::create_farm(by::<T>(&farmer), name(b"farm"), policy_id));
    let farm_id = pallet_tfgrid::NextFarmId::<T>::get() - 1;
    done(Registry::<T>::set_farm_payout(by::<T>(&farmer), farm_id, account("payout", 0, 0)));
    AutoVerifyIps::<T>::put(true);
    for index in 1..=2 * MAX_PUBLIC_IPS {
        let address = Ipv4Cidr { address: GATEWAY + index, prefix_len: 24 };
        done(Registry::<T>::add_farm_ip(by::<T>(&farmer), farm_id, address, GATEWAY));
    }
    farm_id
}

fn node<T: Config>(farm_id: u32, machine: &T::AccountId, agent: &T::AccountId) -> u32 {
    twin::<T>(machine);
    endow::<T>(agent, FORTUNE);
    let text = || ShortText::truncate_from(vec![b't'; pallet_tfgrid::MAX_TEXT as usize]);
    let spec = NodeSpec {
        capacity: Capacity { cru: 64_000, ..MAX_CAPACITY },
        location: Location { country: text(), city: text(), latitude: Some(0), longitude: Some(0) },
        interfaces: BoundedVec::default(),
        serial: Some(text()),
        bus: None,
    };
    done(Registry::<T>::authorize_node(by::<T>(&account("farmer", 0, 0)), farm_id, machine.clone()));
    done(Registry::<T>::create_node(by::<T>(machine), farm_id, spec, Some(agent.clone())));
    let id = pallet_tfgrid::NextNodeId::<T>::get() - 1;
    done(Registry::<T>::accept_agent(by::<T>(agent), id));
    Registry::<T>::mark_seen(id, START);
    id
}

/// Everybody gets something: the author nearly all, the others less than an account may hold, unless what is charged is
/// as much as the rent of a whole node.
fn split<T: Config>(name: &'static str) -> RevenueSplit<T::AccountId> {
    let (little, author) = (Permill::from_parts(100), Permill::from_parts(999_600));
    let (foundation_account, sales_account) = (account(name, 0, 1), account(name, 1, 1));
    RevenueSplit { foundation_account, foundation: little, sales_account, sales: little, author, burn: little }
}
