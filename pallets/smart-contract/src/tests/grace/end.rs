use frame_support::assert_ok;

use super::*;
use crate::{Contracts, Event};

fn ended_by(cause: EndCause) -> bool {
    events().iter().any(|event| matches!(event, Event::ContractEnded { cause: c, .. } if *c == cause))
}

#[test]
fn comes_when_escrow_pays_no_longer() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (before, had) = (earned(), balance(USER));
        let (escrow, seconds) = (record(id).escrow, u128::from(until(id) - now()));
        pass(until(id) - now() + 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
        assert!(ended_by(EndCause::OutOfFunds));
        let held = HOUR_HELD * seconds / 3_600;
        assert_eq!(earned() - before, held);
        assert_eq!(balance(USER) - had, escrow - held);
        // The last second was paid, the next one could not have been.
        assert!(held <= escrow && escrow - held <= HOUR_HELD / 3_600 + 1);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn comes_at_max_grace_with_the_rest_of_escrow() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let (before, had, escrow) = (earned(), balance(USER), record(id).escrow);
        pass(RULES.max_grace + 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
        let held = HOUR_HELD * 7 * 24;
        assert_eq!(earned() - before, held);
        assert_eq!(balance(USER) - had, escrow - held);
    });
}

#[test]
fn user_node_and_governance_pay_the_farmer_what_was_held() {
    for (who, cause) in [
        (origin(USER), EndCause::CanceledByUser),
        (origin(NODE), EndCause::CanceledByNode),
        (RuntimeOrigin::root(), EndCause::Governance),
    ] {
        ExtBuilder::default().with_foundation(0).build_and_execute(|| {
            let id = paused(HOUR_HELD);
            let (before, had, escrow) = (earned(), balance(USER), record(id).escrow);
            pass(3_600);
            assert_ok!(Contracts_::cancel_contract(who, id));
            assert!(ended_by(cause));
            assert_eq!(earned() - before, HOUR_HELD);
            assert_eq!(balance(USER) - had, escrow - HOUR_HELD);
            assert_eq!(balance(FOUNDATION), INITIAL);
        });
    }
}

#[test]
fn the_farmer_may_end_it_when_the_node_stays_dark() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        pass_dark(RULES.farmer_cancel_after);
        assert_ok!(Contracts_::cancel_contract(origin(FARMER), id));
        assert!(ended_by(EndCause::CanceledByFarmer));
        // Two report periods after the last sign of life nothing was held any more.
        assert_eq!(earned() - before, HOUR_HELD * u128::from(RULES.unseen_after()) / 3_600);
    });
}

#[test]
fn exactly_at_its_time_all_of_it_is_charged() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (before, seconds) = (earned(), u128::from(until(id) - now()));
        pass(until(id) - now());
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned() - before, HOUR_HELD * seconds / 3_600);
    });
}

#[test]
fn in_the_block_of_its_begin_nothing_is_charged() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (before, had, escrow) = (earned(), balance(USER), record(id).escrow);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned(), before);
        assert_eq!(balance(USER) - had, escrow);
    });
}

#[test]
fn full_blocks_delay_it_at_nobodys_cost() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (before, seconds) = (earned(), u128::from(until(id) - now()));
        pass(until(id) - now());
        // The chain has other things to do for an hour.
        let tick = record(id).agenda_tick.unwrap();
        let entry = crate::Agenda::<Test>::take(tick, id).unwrap();
        let later = tick + 3_600 / RULES.agenda_tick;
        crate::Agenda::<Test>::insert(later, id, entry);
        crate::BillingOf::<Test>::mutate(id, |record| record.as_mut().unwrap().agenda_tick = Some(later));
        pass(3_600 + 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
        assert_eq!(earned() - before, HOUR_HELD * seconds / 3_600);
    });
}

#[test]
fn a_stall_of_the_chain_is_not_charged() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (before, seconds) = (earned(), until(id) - now());
        pass(600);
        stall(seconds * 3);
        assert!(Contracts::<Test>::get(id).is_some());
        pass(seconds - 600 + 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
        assert_eq!(earned() - before, HOUR_HELD * u128::from(seconds) / 3_600);
    });
}

#[test]
fn a_stall_long_before_the_end_is_still_known() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        pass(600);
        stall(50_000);
        // Further back than any report may reach.
        pass(3 * RULES.max_report_delay);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        let held = u128::from(600 + 3 * RULES.max_report_delay);
        assert_eq!(earned() - before, HOUR_HELD * held / 3_600);
    });
}

#[test]
fn a_payout_that_cannot_be_made_waits() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        set_payout(NOBODY);
        pass(60);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        // 1,750 base units are less than the existential deposit.
        assert_eq!(crate::Payable::<Test>::get(NOBODY), HOUR_HELD / 60);
    });
}

#[test]
fn a_node_that_was_dark_and_came_back_has_not_held_anything_meanwhile() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        pass(3_600);
        pass_dark(6 * 86_400);
        // One sign of life, just before the end.
        pass(60);
        pass(1);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        let held = u128::from(3_600 + RULES.unseen_after() + 1);
        assert_eq!(earned() - before, HOUR_HELD * held / 3_600);
    });
}

#[test]
fn each_dark_time_in_it_is_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        for _ in 0..3 {
            pass_dark(7_200 - 60);
            pass(60);
        }
        // Silent, but not for so long that it counts as dark.
        pass_dark(RULES.unseen_after());
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned() - before, HOUR_HELD * u128::from(4 * RULES.unseen_after()) / 3_600);
    });
}

#[test]
fn darkness_before_it_does_not_count() {
    ExtBuilder::default().build_and_execute(|| {
        create_by(OTHER, 0);
        pass_dark(86_400);
        pass(1);
        pass(1);
        let id = paused(HOUR_HELD);
        let before = earned();
        pass(3_600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned() - before, HOUR_HELD);
    });
}

#[test]
fn a_sign_of_life_in_the_block_of_the_end_lights_nothing_up() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        pass_dark(86_400 / 2);
        assert_ok!(Registry::report_uptime(origin(NODE), 1));
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned() - before, HOUR_HELD * u128::from(RULES.unseen_after()) / 3_600);
    });
}

#[test]
fn a_stall_of_the_chain_is_no_darkness() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        let before = earned();
        pass(600);
        stall(50_000);
        pass(600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(earned() - before, HOUR_HELD / 3);
    });
}
