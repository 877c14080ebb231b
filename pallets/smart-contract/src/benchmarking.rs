//! Benchmarks of each call and each step of a hook, for `scripts/weights`; with the mock they run as tests. What they measured is
//! in [`crate::weights::measured`].
//!
//! Each is set up for the longest path: see [`setup`]. One `Linear` component for each list.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod setup;

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        OnTimestampSet,
    },
    weights::Weight,
};
use frame_system::RawOrigin;
use grid_types::units::{Resources, MAX_PUBLIC_IPS};

use crate::{pallet::MAX_REPORTS, types::*, Pallet as SmartContract, *};
use setup::*;

/// What benchmarks need of a runtime and cannot make themselves.
pub trait BenchmarkHelper {
    /// From now on this block has an author.
    fn set_author();
}

/// A world whose user signs.
fn world_of_caller<T: Config>() -> World<T> {
    World::new(whitelisted_caller(), account("machine", 0, 0), account("agent", 0, 0))
}

/// A world in which the one who signs is nobody of those that pay or are paid.
fn world<T: Config>() -> World<T> {
    World::new(account("user", 0, 0), account("machine", 0, 0), account("agent", 0, 0))
}

/// A world whose agent signs.
fn world_of_agent<T: Config>() -> World<T> {
    World::new(account("user", 0, 0), account("machine", 0, 0), whitelisted_caller())
}

/// A lease of the caller's, for a day.
fn lease<T: Config>(caller: &T::AccountId) -> ContractId {
    done(SmartContract::<T>::create_name_contract(by::<T>(caller), longest_name(), 1, None));
    NextContractId::<T>::get() - 1
}

/// The chain has come to this tick of the agenda.
fn is_due<T: Config>(tick: Option<u64>) {
    let rules = Rules::<T>::get();
    Clock::<T>::mutate(|clock| {
        clock.last_block = tick.unwrap() * rules.agenda_tick;
        clock.cursor = tick;
    });
}

#[benchmarks]
mod benches {
    use super::*;

    // A contract's life.

    /// Inside a rent: its record is read and written, too.
    #[benchmark]
    fn create_contract(d: Linear<0, 8_192>, p: Linear<0, MAX_PUBLIC_IPS>) {
        let world = world_of_caller::<T>();
        world.rent();
        let mode = ContractMode::Reserved;

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), world.node_id, [2; 32], data(d), p, WISH, mode, None);

        assert_eq!(Contracts::<T>::get(NextContractId::<T>::get() - 1).unwrap().public_ips, p);
    }

    /// Other data, more resources and more addresses, inside a rent, and money has to be drawn.
    #[benchmark]
    fn update_contract(d: Linear<0, 8_192>, p: Linear<0, MAX_PUBLIC_IPS>) {
        let world = world_of_caller::<T>();
        world.rent();
        let id = world.deployed(0);
        drain::<T>(id);
        let more = Resources { cru: WISH.cru + 1, ..WISH };
        let ips = PublicIpChange { give_back: PublicIpList::default(), add: p };

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id, [2; 32], data(d), Some(more), Some(ips), None);

        assert_eq!(Contracts::<T>::get(id).unwrap().public_ips, p);
    }

    /// By the node, inside a rent, in grace.
    #[benchmark]
    fn end_contract(p: Linear<0, MAX_PUBLIC_IPS>) {
        let world = World::<T>::new(account("user", 0, 0), whitelisted_caller(), account("agent", 0, 0));
        world.rent();
        let id = world.paused(p);

        #[extrinsic_call]
        cancel_contract(RawOrigin::Signed(world.machine), id);

        assert!(!Contracts::<T>::contains_key(id));
    }

    #[benchmark]
    fn report_deployment() {
        let world = world_of_agent::<T>();
        let id = world.created(0);
        world.pass(600);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.agent), id, 0, DeploymentOutcome::Deployed);

        assert_eq!(Contracts::<T>::get(id).unwrap().state, ContractState::Deployed);
    }

    // Reports.

    #[benchmark]
    fn add_reports(n: Linear<1, MAX_REPORTS>) {
        let world = world_of_agent::<T>();
        let ids = world.copies(n, 1 << 80);
        let reports = ids.iter().map(|id| setup::report::<T>(*id)).collect::<Vec<_>>();

        #[extrinsic_call]
        _(RawOrigin::Signed(world.agent), reports.try_into().unwrap());

        assert!(ids.iter().all(|id| BillingOf::<T>::get(id).unwrap().billed > 0));
    }

    #[benchmark]
    fn add_reports_refilling(n: Linear<1, MAX_REPORTS>) {
        let world = world_of_agent::<T>();
        let ids = world.copies(n, 1 << 80);
        ids.iter().for_each(|id| drain::<T>(*id));
        let reports = ids.iter().map(|id| setup::report::<T>(*id)).collect::<Vec<_>>();

        #[extrinsic_call]
        add_reports(RawOrigin::Signed(world.agent), reports.try_into().unwrap());

        assert!(ids.iter().all(|id| BillingOf::<T>::get(id).unwrap().refill.drawn > 0));
    }

    #[benchmark]
    fn add_reports_unfunded(n: Linear<1, MAX_REPORTS>) {
        let world = world_of_agent::<T>();
        let little = T::Money::minimum_balance() + 1_000;
        let ids = world.copies(n, little);
        for id in &ids {
            drain::<T>(*id);
            change::<T>(*id, |record| record.cushion = 100_000_000);
        }
        let reports = ids.iter().map(|id| setup::report::<T>(*id)).collect::<Vec<_>>();

        #[extrinsic_call]
        add_reports(RawOrigin::Signed(world.agent), reports.try_into().unwrap());

        let is_paused = |id: &ContractId| {
            let record = BillingOf::<T>::get(id).unwrap();
            record.refill.drawn > 0 && matches!(record.state, ContractState::Grace { .. })
        };
        assert!(ids.iter().all(is_paused));
    }

    // Money.

    #[benchmark]
    fn fund_contract() {
        let world = world::<T>();
        let id = world.paused(0);
        let caller: T::AccountId = whitelisted_caller();
        T::Money::set_balance(&caller, 1 << 90);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, 1 << 80);

        assert_eq!(BillingOf::<T>::get(id).unwrap().state, ContractState::Deployed);
    }

    #[benchmark]
    fn set_cushion() {
        let world = world_of_caller::<T>();
        let id = world.deployed(0);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id, 1 << 80);

        assert_eq!(BillingOf::<T>::get(id).unwrap().cushion, 1 << 80);
    }

    #[benchmark]
    fn resume_contract() {
        let world = world_of_caller::<T>();
        let id = world.paused(0);
        drain::<T>(id);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id);

        assert_eq!(BillingOf::<T>::get(id).unwrap().state, ContractState::Deployed);
    }

    #[benchmark]
    fn set_refill_limit() {
        let world = world_of_caller::<T>();
        let id = world.deployed(0);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id, Some(1));

        assert_eq!(BillingOf::<T>::get(id).unwrap().refill.limit, Some(1));
    }

    #[benchmark]
    fn claim() {
        let world = world::<T>();
        Payable::<T>::insert(&world.user, 1 << 40);
        TotalPayable::<T>::put(1 << 40);

        #[extrinsic_call]
        _(RawOrigin::Signed(whitelisted_caller()), world.user);

        assert_eq!(TotalPayable::<T>::get(), 0);
    }

    #[benchmark]
    fn announce_split() {
        let _ = world::<T>();
        let split = Split::<T>::get().unwrap();

        #[extrinsic_call]
        _(RawOrigin::Root, split);

        assert!(NextSplit::<T>::get().unwrap().1 > Clock::<T>::get().last_block);
    }

    // Names.

    #[benchmark]
    fn create_name_contract() {
        let world = world_of_caller::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), longest_name(), 365, None);

        assert!(NameContracts::<T>::contains_key(NextContractId::<T>::get() - 1));
    }

    #[benchmark]
    fn renew_name_contract() {
        let world = world_of_caller::<T>();
        let id = lease::<T>(&world.user);
        let before = NameContracts::<T>::get(id).unwrap().lease_until;
        world.pass(600);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id, 365, None);

        assert!(NameContracts::<T>::get(id).unwrap().lease_until > before);
    }

    #[benchmark]
    fn cancel_name_contract() {
        let world = world_of_caller::<T>();
        let id = lease::<T>(&world.user);

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), id);

        assert!(!NameContracts::<T>::contains_key(id));
    }

    #[benchmark]
    fn pay_foundation() {
        let _ = world::<T>();
        let minimum = T::Money::minimum_balance();
        let to: T::AccountId = account("grantee", 0, 0);
        T::Money::mint_into(&SmartContract::<T>::foundation_account(), minimum * 3).unwrap();

        #[extrinsic_call]
        _(RawOrigin::Root, to.clone(), minimum * 2);

        assert_eq!(T::Money::balance(&to), minimum * 2);
    }

    #[benchmark]
    fn set_name_price() {
        let _ = world::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, 5);

        assert_eq!(PriceOfNames::<T>::get().next.unwrap().0, 5);
    }

    // Rents, and what the chain does by itself.

    #[benchmark]
    fn create_rent_contract() {
        let world = world_of_caller::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(world.user), world.node_id, None);

        assert!(RentUsage::<T>::contains_key(NextContractId::<T>::get() - 1));
    }

    /// After a stall, with as many others as are remembered.
    #[benchmark]
    fn note_block_time() {
        let _ = world::<T>();
        let now = Clock::<T>::get().last_block;
        let old = |_| Stall { from: now, until: now };
        Stalls::<T>::put(StallList::truncate_from((0..64).map(old).collect()));
        let after = now + Rules::<T>::get().stall_gap + 1;

        #[block]
        {
            <SmartContract<T> as OnTimestampSet<u64>>::on_timestamp_set(after * 1_000);
        }

        assert_eq!(Stalls::<T>::get().last(), Some(&Stall { from: now, until: after }));
    }

    #[benchmark]
    fn wind_down_base() {
        let _ = world::<T>();

        #[block]
        {
            SmartContract::<T>::wind_down(Weight::MAX);
        }
    }

    /// The last contract inside a rent, with all the addresses it may have.
    #[benchmark]
    fn wind_down_step() {
        let world = world::<T>();
        let rent = world.rent();
        let id = world.paused(MAX_PUBLIC_IPS);
        PassedOver::<T>::insert(world.node_id, id + 1);
        done(SmartContract::<T>::end_contract(rent, EndCause::CanceledByUser));
        let step = <T as Config>::WeightInfo::wind_down_step();
        let limit = <T as Config>::WeightInfo::wind_down_base().saturating_add(step);

        #[block]
        {
            SmartContract::<T>::wind_down(limit);
        }

        assert!(!Contracts::<T>::contains_key(id) && Contracts::<T>::contains_key(rent));
    }

    #[benchmark]
    fn serve_agenda_base() {
        let _ = world::<T>();
        Clock::<T>::mutate(|clock| clock.cursor = None);

        #[block]
        {
            SmartContract::<T>::serve_agenda(<T as Config>::WeightInfo::serve_agenda_base());
        }

        assert!(Clock::<T>::get().cursor.is_some());
    }

    #[benchmark]
    fn serve_agenda_tick() {
        let world = world::<T>();
        world.created(0);
        let found;

        #[block]
        {
            found = Agenda::<T>::iter_key_prefix(Clock::<T>::get().cursor.unwrap()).next();
        }

        assert!(found.is_none());
    }

    /// The end of a contract's grace, inside a rent.
    #[benchmark]
    fn serve_agenda_entry(p: Linear<0, MAX_PUBLIC_IPS>) {
        let world = world::<T>();
        world.rent();
        let id = world.paused(p);
        is_due::<T>(BillingOf::<T>::get(id).unwrap().agenda_tick);

        #[block]
        {
            SmartContract::<T>::serve_agenda(Weight::MAX);
        }

        assert!(!Contracts::<T>::contains_key(id));
    }

    #[benchmark]
    fn serve_agenda_lease() {
        let world = world::<T>();
        let id = lease::<T>(&world.user);
        is_due::<T>(NameContracts::<T>::get(id).unwrap().agenda_tick);

        #[block]
        {
            SmartContract::<T>::serve_agenda(Weight::MAX);
        }

        assert!(!NameContracts::<T>::contains_key(id));
    }

    impl_benchmark_test_suite!(SmartContract, crate::mock::bare(), crate::mock::Test);
}
