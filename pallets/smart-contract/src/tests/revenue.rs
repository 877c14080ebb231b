//! Rule 11, split and payouts: who is paid what.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::Permill;

use crate::{mock::*, types::*, Error, Event, Payable};

fn split(foundation: u32, sales: u32, author: u32, burn: u32) -> RevenueSplit<u64> {
    RevenueSplit {
        foundation_account: FOUNDATION,
        foundation: Permill::from_percent(foundation),
        sales_account: SALES,
        sales: Permill::from_percent(sales),
        author: Permill::from_percent(author),
        burn: Permill::from_percent(burn),
    }
}

fn issuance() -> u128 {
    pallet_balances::TotalIssuance::<Test>::get()
}

#[test]
fn all_goes_to_the_farmer_by_default() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let (before, issued) = (balance(PAYOUT), issuance());
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(PAYOUT) - before, 115_000);
        assert_eq!(issuance(), issued);
    });
}

#[test]
fn parts_sum_exactly_and_the_rest_is_the_farmers() {
    ExtBuilder::default().with_split(split(33, 33, 10, 3)).build_and_execute(|| {
        let id = deployed(0);
        let before = [PAYOUT, FOUNDATION, SALES, AUTHOR].map(balance);
        let issued = issuance();
        pass(13);
        assert_ok!(report(id, 13));
        let due = 115_000 * 13 / 3_600; // 415
        let got: Vec<u128> =
            [PAYOUT, FOUNDATION, SALES, AUTHOR].map(balance).iter().zip(before).map(|(now, was)| now - was).collect();
        let burned = issued - issuance();
        assert_eq!(got[1..], [due * 33 / 100, due * 33 / 100, due * 10 / 100]);
        assert_eq!(burned, due * 3 / 100);
        assert_eq!(got.iter().sum::<u128>() + burned, due);
    });
}

#[test]
fn one_payout_for_a_whole_batch() {
    ExtBuilder::default().build_and_execute(|| {
        let (first, second) = (deployed(0), deployed_by(OTHER));
        pass(600);
        assert_ok!(send(vec![full_report(first, 600), full_report(second, 600)]));
        let payouts = events().iter().filter(|event| matches!(event, Event::RevenuePaid { .. })).count();
        assert_eq!(payouts, 1);
    });
}

#[test]
fn what_cannot_be_paid_out_waits() {
    ExtBuilder::default().build_and_execute(|| {
        set_payout(NOBODY);
        let id = deployed(0);
        pass(60);
        assert_ok!(report(id, 60));
        // 1,916 base units are less than the existential deposit.
        assert_eq!(Payable::<Test>::get(NOBODY), 115_000 / 60);
        assert_noop!(Contracts_::claim(origin(OTHER), NOBODY), Error::<Test>::CannotReceive);
        endow(NOBODY, EXISTENTIAL_DEPOSIT);
        assert_ok!(Contracts_::claim(origin(OTHER), NOBODY));
        assert_eq!(balance(NOBODY), EXISTENTIAL_DEPOSIT + 115_000 / 60);
        assert_noop!(Contracts_::claim(origin(OTHER), NOBODY), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn a_gift_to_the_pallets_account_harms_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(pallet_balances::Pallet::<Test>::transfer_keep_alive(
            origin(OTHER),
            Contracts_::account_id(),
            12_345
        ));
        pass(600);
        assert_ok!(report(id, 600));
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
    });
}

#[test]
fn a_new_split_takes_effect_after_its_notice() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::announce_split(RuntimeOrigin::root(), split(50, 0, 0, 0)));
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(FOUNDATION), INITIAL);
        pass(RULES.governance_notice);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(FOUNDATION) - INITIAL, 115_000 / 2);
    });
}

#[test]
fn only_governance_announces_a_split() {
    ExtBuilder::default().build_and_execute(|| {
        for who in [USER, FARMER, NODE] {
            assert_noop!(
                Contracts_::announce_split(origin(who), split(1, 1, 1, 1)),
                sp_runtime::DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn shares_above_one_are_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Contracts_::announce_split(RuntimeOrigin::root(), split(50, 50, 1, 0)),
            Error::<Test>::SplitAboveOne
        );
    });
}

/// What nobody else can move.
mod pay_foundation {
    use super::*;

    /// What one has brought to the foundation while no split names an account: an hour of holding.
    fn with_foundations_money(test: impl FnOnce(Balance)) {
        ExtBuilder::default().build_and_execute(|| {
            create_by(USER, 1);
            pass(RULES.create_timeout + RULES.agenda_tick);
            let earned = balance(Contracts_::foundation_account());
            assert!(earned > 2 * EXISTENTIAL_DEPOSIT);
            test(earned);
        });
    }

    fn pay(to: u64, amount: Balance) -> sp_runtime::DispatchResult {
        Contracts_::pay_foundation(RuntimeOrigin::root(), to, amount)
    }

    #[test]
    fn pays_what_governance_says_and_keeps_the_account() {
        with_foundations_money(|earned| {
            let (amount, issued) = (earned - EXISTENTIAL_DEPOSIT, issuance());
            assert_ok!(pay(NOBODY, amount));
            assert_eq!((balance(NOBODY), balance(Contracts_::foundation_account())), (amount, EXISTENTIAL_DEPOSIT));
            assert_eq!(last_event(), Event::FoundationPaid { to: NOBODY, amount });
            assert_eq!(issuance(), issued);
        });
    }

    #[test]
    fn is_for_governance_alone() {
        with_foundations_money(|_| {
            for who in [USER, FARMER, Contracts_::foundation_account()] {
                let pay = Contracts_::pay_foundation(origin(who), who, 1);
                assert_noop!(pay, sp_runtime::DispatchError::BadOrigin);
            }
        });
    }

    #[test]
    fn fails_for_more_than_there_is_and_for_nothing() {
        with_foundations_money(|earned| {
            assert_noop!(pay(SALES, 0), Error::<Test>::ZeroAmount);
            assert_noop!(pay(SALES, earned - EXISTENTIAL_DEPOSIT + 1), Error::<Test>::FoundationLacksFunds);
            assert_noop!(pay(SALES, Balance::MAX), Error::<Test>::FoundationLacksFunds);
        });
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(pay(SALES, 1), Error::<Test>::FoundationLacksFunds);
        });
    }

    #[test]
    fn fails_for_those_who_cannot_have_it() {
        with_foundations_money(|_| {
            assert_noop!(pay(NOBODY, EXISTENTIAL_DEPOSIT - 1), Error::<Test>::CannotReceive);
            // What lies there twice is lost among escrow.
            for to in [Contracts_::account_id(), Contracts_::foundation_account()] {
                assert_noop!(pay(to, EXISTENTIAL_DEPOSIT), Error::<Test>::CannotReceive);
            }
        });
    }
}

#[test]
fn a_share_never_goes_to_the_account_of_all_escrow() {
    let account = Contracts_::account_id();
    let named = [
        RevenueSplit { foundation_account: account, ..split(1, 1, 1, 1) },
        RevenueSplit { sales_account: account, ..split(1, 1, 1, 1) },
    ];
    ExtBuilder::default().build_and_execute(|| {
        for split in named.clone() {
            assert_noop!(Contracts_::announce_split(RuntimeOrigin::root(), split), Error::<Test>::SplitNamesEscrow);
        }
    });
    for split in named {
        let genesis = || ExtBuilder::default().with_split(split).build_and_execute(|| {});
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(genesis)).is_err());
    }
}

#[test]
fn a_split_that_burns_nothing_burns_nothing() {
    ExtBuilder::default().with_split(split(10, 10, 10, 0)).build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        System::reset_events();
        assert_ok!(report(id, 600));
        let burned =
            |event: &RuntimeEvent| matches!(event, RuntimeEvent::Balances(pallet_balances::Event::Burned { .. }));
        assert!(!System::events().iter().any(|record| burned(&record.event)));
    });
}

#[test]
fn what_costs_nothing_moves_no_money() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        System::reset_events();
        // Inside the rent, and without addresses or traffic.
        assert_ok!(try_create(USER, grid_types::units::Resources { nru_per_hour: 0, ..wish() }, 0));
        let moved =
            |event: &RuntimeEvent| matches!(event, RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. }));
        assert!(!System::events().iter().any(|record| moved(&record.event)));
    });
}
