use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays};
use grid_types::units::Report;

use super::*;
use crate::{Agenda, Contracts, Error, Event};

#[test]
fn comes_instead_of_the_end() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let escrow = ABOVE_CUSHION + HOUR_HELD;
        assert_eq!(record(id).escrow, escrow);
        let until = now() + u64::try_from(escrow * 3_600 / HOUR_HELD).unwrap();
        let state = ContractState::Grace { until };
        assert_eq!(record(id).state, state);
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, state);
        assert_eq!(record(id).paid_until, now());
        let tick = record(id).agenda_tick.unwrap();
        assert_eq!(Agenda::<Test>::get(tick, id).unwrap().task, Task::GraceEnd);
        assert!(events().contains(&Event::ContractOutOfFunds { contract_id: id }));
        assert!(events().contains(&Event::GraceStarted { contract_id: id, until }));
    });
}

#[test]
fn needs_a_cushion() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        run_dry(id);
        assert_eq!(record(id).state, ContractState::Ending { cause: EndCause::OutOfFunds });
    });
}

#[test]
fn lasts_at_most_max_grace() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(10 * 24 * HOUR_HELD);
        assert_eq!(until(id), now() + RULES.max_grace);
    });
}

#[test]
fn little_money_buys_little_time() {
    ExtBuilder::default().build_and_execute(|| {
        // Who cannot pay for two weeks does not hold addresses for two weeks.
        let id = paused(1);
        assert!(until(id) - now() < 7 * 3_600);
        pass(7 * 3_600);
        assert!(Contracts::<Test>::get(id).is_none());
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn without_escrow_ends_at_the_next_tick() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, 1));
        leave(USER, EXISTENTIAL_DEPOSIT);
        set_escrow(id, HOUR_FULL);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(until(id), now());
        assert_noop!(Contracts_::resume_contract(origin(USER), id), Error::<Test>::GraceOver);
        pass(2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
    });
}

#[test]
fn closes_the_past() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, HOUR_HELD));
        leave(USER, EXISTENTIAL_DEPOSIT);
        set_escrow(id, ABOVE_CUSHION + HOUR_HELD + HOUR_FULL);
        pass(4_200);
        // The report that empties it speaks of the time until ten minutes ago.
        assert_ok!(send(vec![Report { timestamp: now() - 600, ..full_report(id, 3_600) }]));
        assert_eq!(record(id).paid_until, now());
        assert_eq!(earned(), HOUR_FULL * 7 / 6);
        assert_eq!(record(id).escrow, ABOVE_CUSHION + HOUR_HELD - HOUR_FULL / 6);
        assert!(until(id) > now());
    });
}

#[test]
fn takes_no_reports() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, other) = (paused(HOUR_HELD), deployed_by(OTHER));
        pass(600);
        let before = record(id);
        let fee = send(vec![full_report(id, 600), full_report(other, 600)]).unwrap().pays_fee;
        let refused = Event::ReportRefused { contract_id: id, timestamp: now(), reason: Refusal::NotDeployed };
        assert!(events().contains(&refused));
        assert_eq!(record(id), before);
        // The node could not know in time.
        assert_eq!(fee, Pays::No);
    });
}

#[test]
fn leaves_the_rest_of_a_batch_alone() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, HOUR_HELD));
        leave(USER, EXISTENTIAL_DEPOSIT);
        let other = deployed_by(OTHER);
        set_escrow(id, ABOVE_CUSHION + HOUR_HELD + HOUR_FULL);
        pass(3_600);
        assert_ok!(send(vec![full_report(id, 3_600), full_report(id, 600), full_report(other, 3_600)]));
        assert_eq!(record(id).billed, HOUR_FULL);
        assert_eq!(record(other).billed, 115_000);
        assert_eq!(earned(), HOUR_FULL + 115_000);
    });
}

#[test]
fn comes_too_when_the_refill_limit_is_reached() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, HOUR_HELD));
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let before = balance(USER);
        run_dry(id);
        assert!(until(id) > now());
        assert_eq!(balance(USER), before);
    });
}

#[test]
fn draws_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let before = balance(USER);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(USER), before);
        assert_eq!(record(id).escrow, ABOVE_CUSHION + HOUR_HELD);
    });
}

#[test]
fn can_only_be_funded_resumed_and_ended() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let update = Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, None, None);
        assert_noop!(update, Error::<Test>::WrongState);
        assert_noop!(Contracts_::set_cushion(origin(USER), id, 2 * HOUR_HELD), Error::<Test>::WrongState);
        assert_noop!(Contracts_::set_cushion(origin(USER), id, 0), Error::<Test>::WrongState);
        assert_noop!(report_deployed(id, 0), Error::<Test>::WrongState);
        // The limit speaks of the owner's account, not of the contract: whoever is paused by it may lift it.
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, None));
    });
}
