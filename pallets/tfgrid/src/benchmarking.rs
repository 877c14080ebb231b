//! Benchmarks of each call, for `scripts/weights`; with the mock they run as tests. What they measured is in
//! [`crate::weights::measured`].
//!
//! Each is set up for the longest path of its call: the largest records that the rules allow, deposits of accounts that hold
//! others already, an index that is not empty. One `Linear` component for each list.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod setup;

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use grid_types::units::{Capacity, MAX_CAPACITY, MAX_PUBLIC_IPS};

use crate::{Pallet as Registry, *};
use setup::*;

/// What benchmarks need of a runtime and cannot make themselves: a signature outside a transaction, of the kind that costs
/// most to check.
pub trait BenchmarkHelper<AccountId, Signature> {
    /// An account with a key; always the same one.
    fn signer() -> AccountId;
    /// Its signature over a message.
    fn sign(message: &[u8]) -> Signature;
}

#[benchmarks]
mod benches {
    use super::*;

    // Twins.

    #[benchmark]
    fn create_twin() {
        let caller = endowed::<T>(whitelisted_caller());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), Some(longest_relay()), Some(key()));

        assert!(TwinIdByAccountID::<T>::contains_key(caller));
    }

    #[benchmark]
    fn update_twin() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = twin::<T>(&caller);
        fill_entities::<T>(id);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), Some(longest_relay()), None);

        assert_eq!(Twins::<T>::get(id).unwrap().pk, None);
    }

    #[benchmark]
    fn delete_twin() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = twin::<T>(&caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller));

        assert!(!Twins::<T>::contains_key(id));
    }

    #[benchmark]
    fn sponsor_twin() {
        let caller = endowed::<T>(whitelisted_caller());
        let account: T::AccountId = account("sponsored", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), account.clone());

        assert!(TwinSponsors::<T>::contains_key(account));
    }

    #[benchmark]
    fn withdraw_sponsorship() {
        let caller = endowed::<T>(whitelisted_caller());
        let account: T::AccountId = account("sponsored", 0, 0);
        done(Registry::<T>::sponsor_twin(by::<T>(&caller), account.clone()));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), account.clone());

        assert!(!TwinSponsors::<T>::contains_key(account));
    }

    // Entities.

    #[benchmark]
    fn create_entity() {
        let caller = endowed::<T>(whitelisted_caller());
        let (name, country, city) = (longest_name(b'E'), longest_text(b'c'), longest_text(b'd'));
        let (signature, until) = entity_signature::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), T::BenchmarkHelper::signer(), name, country, city, signature, until);

        assert!(EntityIdByAccount::<T>::contains_key(T::BenchmarkHelper::signer()));
    }

    #[benchmark]
    fn update_entity() {
        let id = entity::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(T::BenchmarkHelper::signer()), longest_name(b'F'), longest_text(b'e'), longest_text(b'f'));

        assert_eq!(Entities::<T>::get(id).unwrap().city, longest_text(b'f'));
    }

    #[benchmark]
    fn delete_entity() {
        let id = entity::<T>();
        Entities::<T>::mutate(id, |entity| entity.as_mut().unwrap().signed_until = 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(T::BenchmarkHelper::signer()));

        assert!(!Entities::<T>::contains_key(id));
    }

    #[benchmark]
    fn add_twin_entity() {
        let caller = endowed::<T>(whitelisted_caller());
        let (twin_id, entity_id) = (twin::<T>(&caller), entity::<T>());
        fill_entities::<T>(twin_id);
        let (signature, until) = twin_entity_signature::<T>(entity_id, twin_id);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), entity_id, signature, until);

        assert!(TwinsOfEntity::<T>::contains_key(entity_id, twin_id));
    }

    #[benchmark]
    fn delete_twin_entity() {
        // The entity's way is the longer one: whose account it is has to be read.
        let owner = rich::<T>("owner", 0);
        let (twin_id, entity_id) = (twin::<T>(&owner), entity::<T>());
        fill_entities::<T>(twin_id);
        let (signature, until) = twin_entity_signature::<T>(entity_id, twin_id);
        done(Registry::<T>::add_twin_entity(by::<T>(&owner), entity_id, signature, until));
        TwinsOfEntity::<T>::insert(entity_id, twin_id, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(T::BenchmarkHelper::signer()), twin_id, entity_id);

        assert!(!TwinsOfEntity::<T>::contains_key(entity_id, twin_id));
    }

    // Certifiers.

    #[benchmark]
    fn add_certifier() {
        let account: T::AccountId = account("certifier", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Root, account.clone());

        assert!(Certifiers::<T>::contains_key(account));
    }

    #[benchmark]
    fn remove_certifier() {
        let account: T::AccountId = account("certifier", 0, 0);
        certifier::<T>(&account);

        #[extrinsic_call]
        _(RawOrigin::Root, account.clone());

        assert!(!Certifiers::<T>::contains_key(account));
    }

    #[benchmark]
    fn set_node_certification() {
        let caller: T::AccountId = whitelisted_caller();
        certifier::<T>(&caller);
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let id = node::<T>(&farmer, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));
        let machine = Nodes::<T>::get(id).unwrap().machine();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, Some(machine));

        assert_eq!(Nodes::<T>::get(id).unwrap().certification, NodeCertification::Certified);
    }

    // Pricing policies.

    #[benchmark]
    fn create_pricing_policy() {
        let caller = endowed::<T>(whitelisted_caller());
        policy::<T>(&caller, b'A');

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), longest_name(b'B'), PRICES);

        assert!(PricingPolicies::<T>::contains_key(NextPricingPolicyId::<T>::get() - 1));
    }

    #[benchmark]
    fn update_pricing_policy() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = policy::<T>(&caller, b'A');
        let prices = grid_types::units::Prices { cu: PRICES.cu - 1, ..PRICES };
        PriceFloor::<T>::put(prices);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, prices);

        assert_eq!(PricingPolicies::<T>::get(id).unwrap().prices, prices);
    }

    #[benchmark]
    fn delete_pricing_policy() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = policy::<T>(&caller, b'A');

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert!(!PricingPolicies::<T>::contains_key(id));
    }

    #[benchmark]
    fn set_price_floor() {
        #[extrinsic_call]
        _(RawOrigin::Root, PRICES);

        assert_eq!(PriceFloor::<T>::get(), PRICES);
    }

    // Farms and their addresses.

    #[benchmark]
    fn create_farm() {
        let caller = endowed::<T>(whitelisted_caller());
        let policy_id = policy::<T>(&caller, b'A');

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), longest_name(b'F'), policy_id);

        assert!(Farms::<T>::contains_key(NextFarmId::<T>::get() - 1));
    }

    #[benchmark]
    fn update_farm() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        let other = policy::<T>(&caller, b'B');

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, longest_name(b'G'), other);

        assert_eq!(Farms::<T>::get(id).unwrap().pricing_policy_id, other);
    }

    #[benchmark]
    fn set_farm_payout() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        let payout = account("payout", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, payout);

        let payout: T::AccountId = account("payout", 0, 0);
        assert_eq!(Farms::<T>::get(id).unwrap().payout, payout);
    }

    #[benchmark]
    fn delete_farm() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert!(!Farms::<T>::contains_key(id));
    }

    /// On a chain that verifies by itself, which writes most.
    #[benchmark]
    fn add_farm_ip() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        addresses::<T>(&caller, id, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, cidr(1), GATEWAY);

        assert!(PublicIps::<T>::contains_key(cidr(1).address));
    }

    #[benchmark]
    fn remove_farm_ip() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        addresses::<T>(&caller, id, 2);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, cidr(0).address);

        assert!(!PublicIps::<T>::contains_key(cidr(0).address));
    }

    #[benchmark]
    fn verify_farm_ip() {
        let caller: T::AccountId = whitelisted_caller();
        certifier::<T>(&caller);
        let farmer = rich::<T>("farmer", 0);
        let id = farm::<T>(&farmer, b'A');
        addresses::<T>(&farmer, id, 1);
        AutoVerifyIps::<T>::put(false);
        let claim = IpClaim { prefix_len: 24, gateway: GATEWAY };
        IpClaims::<T>::insert(id, cidr(1).address, &claim);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, cidr(1).address, claim);

        assert!(PublicIps::<T>::contains_key(cidr(1).address));
    }

    #[benchmark]
    fn force_remove_farm_ip() {
        let caller: T::AccountId = whitelisted_caller();
        certifier::<T>(&caller);
        let farmer = rich::<T>("farmer", 0);
        let id = farm::<T>(&farmer, b'A');
        addresses::<T>(&farmer, id, 2);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, cidr(0).address);

        assert!(!PublicIps::<T>::contains_key(cidr(0).address));
    }

    // Nodes.

    #[benchmark]
    fn authorize_node() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        let machine = rich::<T>("machine", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, machine.clone());

        assert!(NodeAuthorizations::<T>::contains_key(id, machine));
    }

    #[benchmark]
    fn revoke_node_authorization() {
        let caller = endowed::<T>(whitelisted_caller());
        let id = farm::<T>(&caller, b'A');
        let machine = rich::<T>("machine", 0);
        authorized::<T>(&caller, id, &machine);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, machine.clone());

        assert!(!NodeAuthorizations::<T>::contains_key(id, machine));
    }

    #[benchmark]
    fn create_node(i: Linear<0, MAX_INTERFACES>) {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let caller = endowed::<T>(whitelisted_caller());
        authorized::<T>(&farmer, farm_id, &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), farm_id, spec(i, MAX_CAPACITY), Some(account("agent", 0, 0)));

        assert!(Nodes::<T>::contains_key(NextNodeId::<T>::get() - 1));
    }

    /// Of a certified node that broke and was repaired: the certificate goes, and the contracts stay.
    #[benchmark]
    fn update_node(i: Linear<0, MAX_INTERFACES>) {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let caller = endowed::<T>(whitelisted_caller());
        let agent: T::AccountId = account("agent", 0, 0);
        let id = node::<T>(&farmer, farm_id, &caller, &agent);
        let machine = Nodes::<T>::get(id).unwrap().machine();
        done(Registry::<T>::set_node_certification(RawOrigin::Root.into(), id, Some(machine)));
        broken::<T>(id, &agent);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, spec(i, MAX_CAPACITY));

        assert!(!Leaving::<T>::contains_key(id));
    }

    #[benchmark]
    fn set_node_agent() {
        // The farmer's way is the longer one: whose farm it is has to be read.
        let caller = endowed::<T>(whitelisted_caller());
        let farm_id = farm::<T>(&caller, b'A');
        let id = node::<T>(&caller, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));
        // One who names himself is indexed at once.
        let agent = caller.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, agent.clone());

        assert_eq!(Nodes::<T>::get(id).unwrap().agent, agent);
    }

    #[benchmark]
    fn accept_agent() {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let id = node::<T>(&farmer, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));
        let caller: T::AccountId = whitelisted_caller();
        done(Registry::<T>::set_node_agent(by::<T>(&farmer), id, caller.clone()));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), id);

        assert_eq!(NodeIdByAgent::<T>::get(caller), Some(id));
    }

    #[benchmark]
    fn resign_agent() {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let (machine, caller) = (rich::<T>("machine", 0), whitelisted_caller());
        node::<T>(&farmer, farm_id, &machine, &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()));

        assert!(!NodeIdByAgent::<T>::contains_key(caller));
    }

    #[benchmark]
    fn set_node_public_config() {
        let caller = endowed::<T>(whitelisted_caller());
        let farm_id = farm::<T>(&caller, b'A');
        addresses::<T>(&caller, farm_id, 1);
        let id = node::<T>(&caller, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, Some(all_doors()));

        assert_eq!(Nodes::<T>::get(id).unwrap().public_config, Some(all_doors()));
    }

    #[benchmark]
    fn delete_node() {
        let caller = endowed::<T>(whitelisted_caller());
        let farm_id = farm::<T>(&caller, b'A');
        let id = node::<T>(&caller, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert!(!Nodes::<T>::contains_key(id));
    }

    #[benchmark]
    fn report_uptime() {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let caller = endowed::<T>(whitelisted_caller());
        let id = node::<T>(&farmer, farm_id, &rich::<T>("machine", 0), &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), 0);

        assert_eq!(NodeStatus::<T>::get(id).seen.block, frame_system::Pallet::<T>::block_number());
    }

    /// With contracts that no longer fit.
    #[benchmark]
    fn report_degraded() {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let caller = endowed::<T>(whitelisted_caller());
        let id = node::<T>(&farmer, farm_id, &rich::<T>("machine", 0), &caller);
        done(Registry::<T>::reserve_capacity(id, &MAX_CAPACITY));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), Capacity::default());

        assert!(Leaving::<T>::contains_key(id));
    }

    #[benchmark]
    fn change_power_target() {
        let caller = endowed::<T>(whitelisted_caller());
        let farm_id = farm::<T>(&caller, b'A');
        let id = node::<T>(&caller, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, PowerState::Down);

        assert_eq!(Nodes::<T>::get(id).unwrap().power.target, PowerState::Down);
    }

    #[benchmark]
    fn change_power_state() {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        let caller = endowed::<T>(whitelisted_caller());
        let id = node::<T>(&farmer, farm_id, &rich::<T>("machine", 0), &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), PowerState::Down);

        assert_eq!(Nodes::<T>::get(id).unwrap().power.state, PowerState::Down);
    }

    #[benchmark]
    fn set_node_rent_terms() {
        let caller = endowed::<T>(whitelisted_caller());
        let farm_id = farm::<T>(&caller, b'A');
        let id = node::<T>(&caller, farm_id, &rich::<T>("machine", 0), &account("agent", 0, 0));
        let terms = RentTerms { surcharge: 1, whole_only: true };

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, terms);

        assert_eq!(Nodes::<T>::get(id).unwrap().rent, terms);
    }

    #[benchmark]
    fn move_node() {
        let (farmer, other) = (rich::<T>("farmer", 0), rich::<T>("farmer", 1));
        let (farm_id, other_id) = (farm::<T>(&farmer, b'A'), farm::<T>(&other, b'B'));
        let caller = endowed::<T>(whitelisted_caller());
        let id = node::<T>(&farmer, farm_id, &caller, &account("agent", 0, 0));
        authorized::<T>(&other, other_id, &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, other_id);

        assert_eq!(Nodes::<T>::get(id).unwrap().farm_id, other_id);
    }

    // What contracts do here, as a part of their calls.

    #[benchmark]
    fn reserve_ips(n: Linear<1, MAX_PUBLIC_IPS>) {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        addresses::<T>(&farmer, farm_id, MAX_PUBLIC_IPS);

        #[block]
        {
            done(Registry::<T>::reserve_ips(farm_id, 1, n));
        }

        let held = PublicIps::<T>::iter_values().filter(|ip| ip.contract_id == Some(1)).count();
        assert_eq!(held, n as usize);
    }

    #[benchmark]
    fn release_ips(n: Linear<1, MAX_PUBLIC_IPS>) {
        let farmer = rich::<T>("farmer", 0);
        let farm_id = farm::<T>(&farmer, b'A');
        addresses::<T>(&farmer, farm_id, MAX_PUBLIC_IPS);
        let held = Registry::<T>::reserve_ips(farm_id, 1, n).unwrap();

        #[block]
        {
            done(Registry::<T>::release_ips(farm_id, 1, &held));
        }

        assert_eq!(FreeIps::<T>::iter_key_prefix(farm_id).count(), MAX_PUBLIC_IPS as usize);
    }

    impl_benchmark_test_suite!(Registry, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
