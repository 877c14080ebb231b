//! What others need, held for nothing.

use super::*;

#[test]
fn all_addresses_of_a_farm_for_two_weeks_at_the_price_of_a_second() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let before = balance(USER) + balance(STRANGER);
        let id = create_by(USER, 4);
        pass(1);
        assert_ok!(report_deployed(id, 0));
        drain(USER);
        let held = report_to_the_end(id);
        assert!(!lives(id) && held < 2 * 86_400, "{held}");
        // The last period may be unreported, and none of it was run: the node stops at once.
        assert!(earned() >= 4 * ADDRESS * Balance::from(held - 2 * PERIOD) / 3_600);
        assert_eq!(before - balance(USER) - balance(STRANGER), earned());
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn addresses_without_a_deployment_are_held_for_the_create_timeout_and_paid() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = create_by(USER, 4);
        drain(USER);
        let held = report_to_the_end(id);
        assert!(held <= RULES.create_timeout + PERIOD, "{held}");
        assert!(earned() >= 4 * ADDRESS * Balance::from(RULES.create_timeout) / 3_600);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn of_two_who_race_for_the_last_address_one_gets_it_and_the_other_pays_nothing() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let three = create_by(USER, 3);
        let last = create_by(USER, 1);
        let before = balance(OTHER);
        assert_noop!(try_create(OTHER, wish(), 1), pallet_tfgrid::Error::<Test>::NotEnoughAddresses);
        assert_eq!((balance(OTHER), held_for_contracts(OTHER)), (before, 0));
        let address = Contracts::<Test>::get(last).unwrap().public_ips_list;
        cancel(USER, last);
        let others = create_by(OTHER, 1);
        assert_eq!(Contracts::<Test>::get(others).unwrap().public_ips_list, address);
        cancel(USER, three);
    });
}

#[test]
fn what_is_created_and_abandoned_clears_itself_away() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let ids: Vec<_> = (0..4).map(|_| create_by(USER, 1)).collect();
        drain(USER);
        assert_noop!(try_create(OTHER, wish(), 0), pallet_tfgrid::Error::<Test>::CapacityExceeded);
        pass(RULES.create_timeout + 2 * RULES.agenda_tick);
        assert!(!ids.into_iter().any(lives));
        assert_eq!(held_for_contracts(USER), 0);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn making_and_cancelling_over_and_over_escapes_less_than_a_unit_each_time() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        for _ in 0..50 {
            let id = deployed(1);
            pass(7);
            cancel(USER, id);
        }
        assert!(earned() >= HOURLY * 50 * 7 / 3_600 - 50);
    });
}
