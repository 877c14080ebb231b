//! Rule 10, and the time to deploy.

use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use grid_types::units::Resources;

use crate::{mock::*, types::*, Agenda, BillingOf, Clock, Contracts, Event, WeightInfo as _};

type Weights = <Test as crate::Config>::WeightInfo;

#[test]
fn a_contract_that_is_not_deployed_in_time_ends() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(RULES.create_timeout - RULES.agenda_tick);
        assert!(Contracts::<Test>::contains_key(id));
        pass(3 * RULES.agenda_tick);
        assert!(!Contracts::<Test>::contains_key(id));
        let ended = |event: &Event<Test>| matches!(event, Event::ContractEnded { cause: EndCause::CreateTimeout, .. });
        assert!(events().iter().any(ended));
    });
}

#[test]
fn a_deployed_contract_has_no_deadline() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_eq!(Agenda::<Test>::iter().count(), 0);
        pass(RULES.create_timeout * 2);
        assert!(Contracts::<Test>::contains_key(id));
    });
}

#[test]
fn deadlines_stand_still_while_the_chain_does() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        stall(RULES.create_timeout * 10);
        pass(RULES.create_timeout - 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::contains_key(id));
        pass(4 * RULES.agenda_tick);
        assert!(!Contracts::<Test>::contains_key(id));
    });
}

#[test]
fn a_full_block_still_serves_one_entry() {
    ExtBuilder::default().build_and_execute(|| {
        let first = create_by(USER, 0);
        let second = create_by(OTHER, 0);
        pass_full_blocks(RULES.create_timeout + 3 * RULES.agenda_tick);
        assert!(!Contracts::<Test>::contains_key(first));
        assert!(!Contracts::<Test>::contains_key(second));
    });
}

#[test]
fn the_cursor_passes_a_tick_only_when_it_is_empty() {
    ExtBuilder::default().build_and_execute(|| {
        add_addresses(20..160);
        let most = grid_types::units::MAX_PUBLIC_IPS;
        for _ in 0..2 {
            assert_ok!(try_create(USER, Resources::default(), most));
        }
        let tick = Agenda::<Test>::iter().next().unwrap().0;
        while Clock::<Test>::get().cursor.is_none_or(|cursor| cursor < tick) {
            pass_full_blocks(10);
        }
        // One of two is served; the cursor stays.
        assert_eq!(Agenda::<Test>::iter().count(), 1);
        assert_eq!(Clock::<Test>::get().cursor, Some(tick));
    });
}

#[test]
fn a_full_block_serves_small_entries_as_long_as_they_weigh_no_more_than_a_large_one() {
    ExtBuilder::default().build_and_execute(|| {
        for _ in 0..20 {
            assert_ok!(try_create(USER, Resources { cru: 1, ..Default::default() }, 0));
        }
        let tick = Agenda::<Test>::iter().next().unwrap().0;
        while Clock::<Test>::get().cursor.is_none_or(|cursor| cursor < tick) {
            pass_full_blocks(10);
        }
        let left = Agenda::<Test>::iter().count();
        assert!((10..=16).contains(&left), "{left} of 20 are left");
    });
}

#[test]
fn an_entry_weighs_what_it_ends() {
    fn took<R>(make: fn() -> R) -> Weight {
        let mut took = Weight::zero();
        ExtBuilder::default().build_and_execute(|| {
            make();
            let tick = Agenda::<Test>::iter().next().unwrap().0;
            Clock::<Test>::mutate(|clock| {
                clock.last_block = tick * RULES.agenda_tick;
                clock.cursor = Some(tick);
            });
            took = Contracts_::serve_agenda(Weight::MAX);
            assert_eq!(Agenda::<Test>::iter().count(), 0);
        });
        // It looks at the tick twice: there is one entry, and then none.
        let look = Weights::serve_agenda_tick().saturating_mul(2);
        took.saturating_sub(Weights::serve_agenda_base()).saturating_sub(look)
    }
    assert_eq!(took(|| create_by(USER, 0)), Weights::serve_agenda_entry(0));
    assert_eq!(took(|| create_by(USER, 3)), Weights::serve_agenda_entry(3));
    let lease = || {
        let name = b"bakery".to_vec().try_into().unwrap();
        assert_ok!(Contracts_::create_name_contract(origin(USER), name, 1, None));
    };
    assert_eq!(took(lease), Weights::serve_agenda_lease());
}

#[test]
fn no_weight_means_no_work() {
    ExtBuilder::default().build_and_execute(|| {
        create();
        assert_eq!(Contracts_::on_idle(1, Weight::zero()), Weight::zero());
    });
}

#[test]
fn an_entry_that_fails_is_tried_again_and_then_parked() {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let id = create();
        // A broken registry: the end of the contract cannot give its capacity back.
        let used = pallet_tfgrid::NodeStatus::<Test>::take(NODE_ID);
        pass(RULES.create_timeout + 3 * RULES.agenda_tick);
        let retried =
            |event: &Event<Test>| matches!(event, Event::AgendaRetry { contract_id, .. } if *contract_id == id);
        assert!(events().iter().any(retried));
        assert!(Contracts::<Test>::contains_key(id), "a failed end changes nothing");
        assert!(BillingOf::<Test>::get(id).unwrap().agenda_tick.is_some());
        pass(9 * 3_700);
        let parked =
            |event: &Event<Test>| matches!(event, Event::AgendaParked { contract_id, .. } if *contract_id == id);
        assert!(events().iter().any(parked));
        assert_eq!(Agenda::<Test>::iter().count(), 0);
        // Mended, it can be ended by hand.
        pallet_tfgrid::NodeStatus::<Test>::insert(NODE_ID, used);
        assert_ok!(Contracts_::cancel_contract(RuntimeOrigin::root(), id));
    });
}
