//! Rule 7, escrow: what is set aside, what is drawn, and what happens when nothing is left.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event};

#[test]
fn above_low_nothing_is_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = balance(USER);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(USER), before);
    });
}

#[test]
fn under_low_escrow_is_filled_up_to_high() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let funding = Contracts_::funding_of(id).unwrap();
        let before = balance(USER);
        while balance(USER) == before {
            let escrow = BillingOf::<Test>::get(id).unwrap().escrow;
            assert!(escrow >= funding.low);
            pass(3_600);
            assert_ok!(report(id, 3_600));
        }
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, funding.high);
        let drawn = before - balance(USER);
        assert_eq!(last_refill(), drawn);
    });
}

#[test]
fn a_drained_owner_is_out_of_funds_and_the_chain_ends_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        let ended = run_until_gone(id);
        assert!(events().contains(&Event::ContractOutOfFunds { contract_id: id }));
        assert!(events().iter().any(|event| matches!(
            event,
            Event::ContractEnded { cause: EndCause::OutOfFunds, refund, .. } if *refund > 0
        )));
        assert!(ended < 2 * 86_400);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn accepted_work_is_always_paid_in_full() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        let paid_before = balance(PAYOUT);
        let mut work = 0_u128;
        while BillingOf::<Test>::get(id).is_some_and(|record| record.state == ContractState::Deployed) {
            pass(3_600);
            assert_ok!(report(id, 3_600));
            work += 155_000;
        }
        assert_eq!(balance(PAYOUT) - paid_before, work);
    });
}

#[test]
fn an_ending_contract_is_charged_nothing_more() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        while BillingOf::<Test>::get(id).unwrap().state == ContractState::Deployed {
            pass(3_600);
            assert_ok!(report(id, 3_600));
        }
        let escrow = BillingOf::<Test>::get(id).unwrap().escrow;
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, ContractState::Ending { cause: EndCause::OutOfFunds });
        assert_noop!(Contracts_::fund_contract(origin(OTHER), id, 1_000_000), Error::<Test>::WrongState);
        pass(RULES.agenda_tick * 2);
        pass(1);
        assert!(BillingOf::<Test>::get(id).is_none());
        let refund = escrow;
        assert!(events().iter().any(|event| matches!(event, Event::ContractEnded { refund: r, .. } if *r == refund)));
    });
}

#[test]
fn a_refill_limit_of_zero_means_prepaid() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let before = balance(USER);
        run_until_gone(id);
        assert!(balance(USER) > before);
    });
}

#[test]
fn only_the_owner_limits_refills() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        for who in [OTHER, FARMER, NODE, STRANGER] {
            assert_noop!(Contracts_::set_refill_limit(origin(who), id, None), Error::<Test>::NotTheOwner);
        }
        assert_noop!(Contracts_::set_refill_limit(origin(USER), 99, None), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn anyone_may_add_money() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let escrow = BillingOf::<Test>::get(id).unwrap().escrow;
        assert_ok!(Contracts_::fund_contract(origin(OTHER), id, 5_000));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, escrow + 5_000);
        assert_eq!(last_event(), Event::ContractFunded { contract_id: id, from: OTHER, amount: 5_000 });
    });
}

#[test]
fn nothing_cannot_be_added() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_noop!(Contracts_::fund_contract(origin(OTHER), id, 0), Error::<Test>::ZeroAmount);
        assert_noop!(Contracts_::fund_contract(origin(OTHER), 99, 1), Error::<Test>::ContractNotFound);
        assert!(Contracts_::fund_contract(origin(OTHER), id, u128::MAX).is_err());
    });
}

fn last_refill() -> Balance {
    let amount = |event: Event<Test>| match event {
        Event::ContractFunded { amount, .. } => Some(amount),
        _ => None,
    };
    events().into_iter().rev().find_map(amount).unwrap()
}
