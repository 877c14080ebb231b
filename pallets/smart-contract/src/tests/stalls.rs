//! Times in which the chain made no blocks: remembered as long as they matter, and then forgotten.

use frame_support::assert_ok;
use grid_types::units::Report;

use crate::{mock::*, types::*, Event, Stalls};

/// What of the last `seconds` would be charged.
fn chargeable(seconds: Seconds) -> Seconds {
    crate::billing::window::Window::outside(&Stalls::<Test>::get(), now() - seconds, now()).seconds
}

#[test]
fn a_gap_is_not_one_until_it_is_longer_than_allowed() {
    ExtBuilder::default().build_and_execute(|| {
        stall(RULES.stall_gap);
        assert!(Stalls::<Test>::get().is_empty());
        stall(RULES.stall_gap + 1);
        let stall = Stall { from: now() - RULES.stall_gap - 1, until: now() };
        assert_eq!(Stalls::<Test>::get().to_vec(), [stall]);
        assert!(events().contains(&Event::ChainStalled { stall }));
    });
}

#[test]
fn a_long_one_does_not_make_the_one_before_forgotten() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        stall(1_000);
        pass(100);
        // A month. In it nothing came nearer, the end of the time to deploy neither.
        stall(30 * 86_400);
        pass(50);
        pass(50);
        assert_eq!(Stalls::<Test>::get().len(), 2);
        assert_ok!(report_deployed(id, 0));
        assert_eq!(bills_of(id).last().unwrap().seconds, 200);
    });
}

#[test]
fn what_nothing_can_ask_for_any_more_is_forgotten() {
    ExtBuilder::default().build_and_execute(|| {
        stall(1_000);
        pass(RULES.stall_memory());
        stall(1_000);
        assert_eq!(Stalls::<Test>::get().len(), 2);
        pass(1);
        stall(1_000);
        assert_eq!(Stalls::<Test>::get().len(), 2);
    });
}

#[test]
fn more_than_there_is_room_for_cost_the_user_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let start = now();
        for _ in 0..40 {
            pass(10);
            stall(1_000);
        }
        let stalls = Stalls::<Test>::get();
        // The first nine are one, with the ten seconds between them.
        assert_eq!((stalls.len(), stalls[0]), (32, Stall { from: start + 10, until: start + 9 * 1_010 }));
        assert_eq!(chargeable(now() - start), 32 * 10);
    });
}

#[test]
fn an_outbox_drains_as_if_there_had_been_none() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let start = now();
        pass(3_600);
        // Longer than a report may be late.
        stall(2 * RULES.max_report_delay);
        pass(60);
        let before = balance(PAYOUT);
        let windows = (1..=6).map(|n| Report { timestamp: start + n * 600, ..full_report(id, 600) });
        assert_ok!(send(windows.collect()));
        assert_eq!(balance(PAYOUT) - before, 115_000);
    });
}

#[test]
fn settling_reaches_as_far_as_if_there_had_been_none() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(300);
        stall(3 * RULES.max_report_delay);
        pass(600);
        let before = balance(PAYOUT);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(balance(PAYOUT) - before, 115_000 / 4);
    });
}
