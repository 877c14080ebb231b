//! What a thing costs.

use super::*;

/// Traffic was priced per gigabyte *and* by the length of the window, so short windows made it nearly free.
#[test]
fn traffic_in_short_windows_costs_what_it_costs_in_long_ones() {
    let cost_of = |windows: u64| {
        let mut cost = 0;
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(0);
            for n in 1..=windows {
                pass(3_600 / windows);
                assert_ok!(send(vec![Report {
                    nru: 6 * TRAFFIC_UNIT * n / windows,
                    ..full_report(id, 3_600 / windows)
                }]));
            }
            cost = record(id).billed;
        });
        cost
    };
    assert_eq!(cost_of(1), 115_000 + 6 * 15_000);
    assert_eq!(cost_of(60), cost_of(1));
}

/// Sums below a unit were rounded half up in each bill, and an indexer that summed them up got below zero.
#[test]
fn bills_of_less_than_a_unit_add_up() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(Resources { cru: 1, mru: GIB / 1_024, ..Default::default() }, 0);
        for _ in 0..3_600 {
            pass(1);
            assert_ok!(report(id, 1));
        }
        // With m = 1/1024 and c = 1/1000 the memory-heavy shape is the cheapest: CU = m/2.
        assert_eq!(record(id).billed, 100_000 / 2_048);
    });
}

/// Discounts went by the owner's balance, per contract: bills swung by the hour, and many small contracts were cheaper.
#[test]
fn a_bill_depends_neither_on_wealth_nor_on_how_a_wish_is_cut() {
    let cost_of = |parts: u64, wealth: Balance| {
        let mut cost = 0;
        ExtBuilder::default().build_and_execute(|| {
            let part =
                Resources { cru: 4_000 / parts, mru: 8 * GIB / parts, sru: 160 * GIB / parts, ..Default::default() };
            let ids: Vec<_> = (0..parts).map(|_| deployed_with(part, 0)).collect();
            leave(USER, wealth);
            pass(3_600);
            assert_ok!(send(ids.iter().map(|id| full_report(*id, 3_600)).collect()));
            cost = balance(PAYOUT) - INITIAL;
        });
        cost
    };
    assert_eq!(cost_of(1, INITIAL), 240_000);
    assert_eq!(cost_of(4, INITIAL), 240_000);
    assert_eq!(cost_of(1, EXISTENTIAL_DEPOSIT), 240_000);
}

/// What clients computed and what the chain charged differed; a user could not tell how long his money lasts.
#[test]
fn the_quote_and_the_time_left_are_what_happens() {
    ExtBuilder::default().build_and_execute(|| {
        let quote = quote();
        let id = deployed(1);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(record(id).billed, quote.hourly);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let left = Contracts_::funding_of(id).unwrap().seconds_left;
        let end = now() + left;
        while record(id).state == ContractState::Deployed {
            assert!(now() <= end + 1, "longer than was said");
            pass(60);
            assert_ok!(report(id, 60));
        }
        assert!(now() >= end, "shorter than was said");
    });
}
