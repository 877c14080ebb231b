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
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use grid_types::{
    entities::{entity_message, twin_entity_message, EntityDetails},
    units::{Capacity, Prices, MAX_CAPACITY, MAX_PRICE},
};
use sp_runtime::traits::{Bounded, Zero};

use crate::{benchmarking::BenchmarkHelper, *};

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
    let domain = longest_domain();
    Relay::truncate_from([&domain[..], &domain[..], &domain[..], &domain[..]].join(&b'_'))
}

fn longest_domain() -> Vec<u8> {
    let label = [b'a'; 63];
    [&label[..], &label[..], &label[..], &label[..61]].join(&b'.')
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

/// Entities that vouch for a twin, one less than there may be, as they are stored.
pub fn fill_entities<T: Config>(twin_id: u32) {
    let signature = |_| EntitySignature(BoundedVec::truncate_from(vec![0; 66]));
    let proof = |index| EntityProof { entity_id: u32::MAX - index, signature: signature(index) };
    Twins::<T>::mutate(twin_id, |twin| {
        twin.as_mut().unwrap().entities.0 = BoundedVec::truncate_from((0..15).map(proof).collect::<Vec<_>>());
    });
}

/// What the signer of benchmarks signs to become an entity, and until when it counts.
pub fn entity_signature<T: Config>() -> (T::Signature, u64) {
    let until = Pallet::<T>::now() + 1;
    let (name, country, city) = (longest_name(b'E'), longest_text(b'c'), longest_text(b'd'));
    let details = EntityDetails { name: &name, country: &country, city: &city };
    let message = entity_message(genesis::<T>().as_ref(), &T::BenchmarkHelper::signer(), details, until);
    (T::BenchmarkHelper::sign(&message), until)
}

/// What the entity of that signer signs to vouch for a twin, and until when it counts.
pub fn twin_entity_signature<T: Config>(entity_id: u32, twin_id: u32) -> (T::Signature, u64) {
    let until = Pallet::<T>::now() + 1;
    let message = twin_entity_message(genesis::<T>().as_ref(), entity_id, twin_id, until);
    (T::BenchmarkHelper::sign(&message), until)
}

/// The entity of that signer.
pub fn entity<T: Config>() -> u32 {
    let payer = rich::<T>("payer", 0);
    let (signature, until) = entity_signature::<T>();
    let (name, country, city) = (longest_name(b'E'), longest_text(b'c'), longest_text(b'd'));
    let signer = T::BenchmarkHelper::signer();
    done(Pallet::<T>::create_entity(by::<T>(&payer), signer, name, country, city, signature, until));
    NextEntityId::<T>::get() - 1
}

fn genesis<T: Config>() -> T::Hash {
    frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
}

/// A certifier.
pub fn certifier<T: Config>(account: &AccountIdOf<T>) {
    done(Pallet::<T>::add_certifier(RawOrigin::Root.into(), account.clone()));
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

/// A node that says as much about itself as it may, with `agent` as its agent, who has accepted.
pub fn node<T: Config>(farmer: &AccountIdOf<T>, farm_id: u32, machine: &AccountIdOf<T>, agent: &AccountIdOf<T>) -> u32 {
    authorized::<T>(farmer, farm_id, machine);
    let spec = spec(MAX_INTERFACES, MAX_CAPACITY);
    done(Pallet::<T>::create_node(by::<T>(machine), farm_id, spec, Some(agent.clone())));
    let id = NextNodeId::<T>::get() - 1;
    done(Pallet::<T>::accept_agent(by::<T>(agent), id));
    id
}

/// How a node is reached, in full: 198.51.100.200, 2001:db8::2, and the longest domain.
pub fn all_doors() -> PublicConfig {
    let host = |last| [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    PublicConfig {
        ip4: Some((cidr(198), GATEWAY)),
        ip6: Some(Ipv6Config { address: host(2), prefix_len: 64, gateway: host(1) }),
        domain: Some(Domain::truncate_from(longest_domain())),
    }
}

/// Everything of a node is reserved, and half of it is broken.
pub fn broken<T: Config>(node_id: u32, agent: &AccountIdOf<T>) {
    done(Pallet::<T>::reserve_capacity(node_id, &MAX_CAPACITY));
    let left = Capacity { cru: MAX_CAPACITY.cru / 2, ..MAX_CAPACITY };
    done(Pallet::<T>::report_degraded(by::<T>(agent), left));
    assert!(Leaving::<T>::contains_key(node_id));
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
