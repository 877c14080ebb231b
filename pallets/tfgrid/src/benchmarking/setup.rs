//! The world that benchmarks act in: records as large as the rules allow, made by the pallet's own calls.

use alloc::{vec, vec::Vec};
use frame_benchmarking::account;
use frame_support::{
    traits::{
        fungible::{Inspect, Unbalanced},
        tokens::Precision,
    },
    BoundedVec,
};
use frame_system::RawOrigin;
use grid_types::units::{Capacity, Prices, MAX_CAPACITY, MAX_PRICE};
use sp_runtime::traits::Bounded;

use crate::*;

/// The prices of a policy in benchmarks: the highest, so that no floor is above them.
pub const PRICES: Prices =
    Prices { su: MAX_PRICE, cu: MAX_PRICE, nu: MAX_PRICE, ipu: MAX_PRICE, gb_second: MAX_PRICE, min_use: 100 };
/// The gateway of [`cidr`]: 198.51.100.1.
pub const GATEWAY: u32 = 0xc633_6401;

/// What a signer of benchmarks has: much, and room for more.
fn fortune<T: Config>() -> BalanceOf<T> {
    let most: BalanceOf<T> = Bounded::max_value();
    most >> 8
}

/// An account with money.
pub fn rich<T: Config>(name: &'static str, index: u32) -> AccountIdOf<T> {
    endowed::<T>(account(name, index, 0))
}

/// Gives money to an account.
pub fn endowed<T: Config>(who: AccountIdOf<T>) -> AccountIdOf<T> {
    if T::NativeToken::balance(&who) < fortune::<T>() {
        let given = T::NativeToken::increase_balance(&who, fortune::<T>(), Precision::Exact);
        assert!(given.is_ok(), "an account of a benchmark got no money");
    }
    who
}

/// The origin of an account.
pub fn by<T: Config>(who: &AccountIdOf<T>) -> T::RuntimeOrigin {
    RawOrigin::Signed(who.clone()).into()
}

/// A name of the greatest length, in capital letters: the index keeps small ones.
pub fn longest_name(letter: u8) -> NameInput {
    NameInput::truncate_from(vec![letter; MAX_NAME as usize])
}

/// Text of the greatest length that the rules allow.
pub fn longest_text(letter: u8) -> ShortText {
    ShortText::truncate_from(vec![letter; MAX_TEXT as usize])
}

/// Four relays with names of the greatest length.
pub fn longest_relay() -> Relay {
    let label = [b'a'; 63];
    let domain = [&label[..], &label[..], &label[..], &label[..61]].join(&b'.');
    Relay::truncate_from([&domain[..], &domain[..], &domain[..], &domain[..]].join(&b'_'))
}

/// A compressed public key.
pub fn key() -> TwinKey {
    TwinKey::truncate_from([&[2_u8][..], &[7; 32][..]].concat())
}

/// 198.51.100.`2 + index`: allowed on chains that verify by themselves.
pub fn cidr(index: u32) -> Ipv4Cidr {
    Ipv4Cidr { address: GATEWAY + 1 + index, prefix_len: 24 }
}

/// A twin with everything that a twin can have but entities.
pub fn twin<T: Config>(who: &AccountIdOf<T>) -> u32 {
    if let Some(id) = TwinIdByAccountID::<T>::get(who) {
        return id;
    }
    done(Pallet::<T>::create_twin(by::<T>(who), Some(longest_relay()), Some(key())));
    NextTwinId::<T>::get() - 1
}

/// A pricing policy of `who`.
pub fn policy<T: Config>(who: &AccountIdOf<T>, letter: u8) -> u32 {
    twin::<T>(who);
    done(Pallet::<T>::create_pricing_policy(by::<T>(who), longest_name(letter), PRICES));
    NextPricingPolicyId::<T>::get() - 1
}

/// A farm of `who`, with a policy of its own.
pub fn farm<T: Config>(who: &AccountIdOf<T>, letter: u8) -> u32 {
    let policy_id = policy::<T>(who, letter);
    done(Pallet::<T>::create_farm(by::<T>(who), longest_name(letter), policy_id));
    NextFarmId::<T>::get() - 1
}

/// Verified addresses of a farm.
pub fn addresses<T: Config>(farmer: &AccountIdOf<T>, farm_id: u32, count: u32) {
    AutoVerifyIps::<T>::put(true);
    for index in 0..count {
        done(Pallet::<T>::add_farm_ip(by::<T>(farmer), farm_id, cidr(index), GATEWAY));
    }
}

/// A farm's consent to a node of `machine`, whose twin is made if need be.
pub fn authorized<T: Config>(farmer: &AccountIdOf<T>, farm_id: u32, machine: &AccountIdOf<T>) {
    twin::<T>(machine);
    done(Pallet::<T>::authorize_node(by::<T>(farmer), farm_id, machine.clone()));
}

/// A node that says as much about itself as it may, with `agent` as its agent.
pub fn node<T: Config>(farmer: &AccountIdOf<T>, farm_id: u32, machine: &AccountIdOf<T>, agent: &AccountIdOf<T>) -> u32 {
    authorized::<T>(farmer, farm_id, machine);
    let spec = spec(MAX_INTERFACES, MAX_CAPACITY);
    done(Pallet::<T>::create_node(by::<T>(machine), farm_id, spec, Some(agent.clone())));
    let id = NextNodeId::<T>::get() - 1;
    done(Pallet::<T>::accept_agent(by::<T>(agent), id));
    id
}

/// All that a node can say about itself, with so many interfaces.
pub fn spec(interfaces: u32, capacity: Capacity) -> NodeSpec {
    let url = [&b"wss://"[..], &[b'h'; 250][..]].concat();
    NodeSpec {
        capacity,
        location: Location {
            country: longest_text(b'c'),
            city: longest_text(b'd'),
            latitude: Some(MAX_LATITUDE),
            longitude: Some(MAX_LONGITUDE),
        },
        interfaces: BoundedVec::truncate_from((0..interfaces).map(interface).collect::<Vec<_>>()),
        serial: Some(longest_text(b's')),
        bus: Some(BusUrl::truncate_from(url)),
    }
}

/// An interface with as many addresses as it may have. Names differ in their last letter, which is what costs most to compare.
fn interface(index: u32) -> Interface {
    let mut name = vec![b'e'; MAX_TEXT as usize - 1];
    name.push(b'a' + index as u8);
    Interface {
        name: ShortText::truncate_from(name),
        mac: [2; 6],
        ips: BoundedVec::truncate_from(vec![IpAddress::V6([1; 16]); MAX_INTERFACE_IPS as usize]),
    }
}

/// A step of the set-up that cannot fail, or the benchmark is wrong.
pub fn done<O, E: core::fmt::Debug>(result: Result<O, E>) {
    if let Err(error) = result {
        panic!("a benchmark's set-up failed: {error:?}");
    }
}
