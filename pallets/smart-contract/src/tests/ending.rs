//! Rule 9: a report never ends a contract and touches no other; it marks, and the agenda ends.

use frame_support::assert_ok;

use crate::{mock::*, types::*, Agenda, Contracts, ContractsOfNode, Event};

/// A contract that will be out of funds at its next report.
fn nearly_empty() -> ContractId {
    let id = deployed(1);
    leave(USER, EXISTENTIAL_DEPOSIT);
    set_escrow(id, Contracts_::funding_of(id).unwrap().low + 154_999);
    pass(3_600);
    id
}

#[test]
fn a_report_only_marks() {
    ExtBuilder::default().build_and_execute(|| {
        let id = nearly_empty();
        assert_ok!(report(id, 3_600));
        let state = ContractState::Ending { cause: EndCause::OutOfFunds };
        assert_eq!(record(id).state, state);
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, state);
        assert_eq!(Contracts::<Test>::get(id).unwrap().public_ips, 1);
        assert_eq!(ContractsOfNode::<Test>::iter_prefix(NODE_ID).count(), 1);
        let tick = record(id).agenda_tick.unwrap();
        assert_eq!(Agenda::<Test>::get(tick, id), Some(AgendaEntry { task: Task::End, tries: 0 }));
    });
}

#[test]
fn the_mark_voids_nothing_in_the_same_batch() {
    ExtBuilder::default().build_and_execute(|| {
        let id = nearly_empty();
        let others: Vec<_> = (0..3).map(|_| deployed_by(OTHER)).collect();
        pass(600);
        let mut reports: Vec<_> = others.iter().map(|other| full_report(*other, 600)).collect();
        reports.insert(1, full_report(id, 3_600));
        reports.insert(2, full_report(id, 600));
        assert_ok!(send(reports));
        for other in others {
            assert_eq!(record(other).billed, 115_000 / 6);
        }
        let refused = Event::ReportRefused { contract_id: id, timestamp: now(), reason: Refusal::Ended };
        assert!(events().contains(&refused));
    });
}

#[test]
fn from_the_mark_on_nothing_is_charged() {
    ExtBuilder::default().build_and_execute(|| {
        let id = nearly_empty();
        assert_ok!(report(id, 3_600));
        let (escrow, before, earned) = (record(id).escrow, balance(USER), balance(PAYOUT));
        pass(3 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
        assert_eq!(balance(USER) - before, escrow);
        assert_eq!(balance(PAYOUT), earned);
        let ended = |event: &Event<Test>| matches!(event, Event::ContractEnded { cause: EndCause::OutOfFunds, .. });
        assert!(events().iter().any(ended));
    });
}

#[test]
fn the_cause_is_that_of_the_mark_whoever_is_faster() {
    ExtBuilder::default().build_and_execute(|| {
        let id = nearly_empty();
        assert_ok!(report(id, 3_600));
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert!(matches!(last_event(), Event::ContractEnded { cause: EndCause::OutOfFunds, .. }));
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn does_not_wait_for_an_address_that_is_not_held() {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let id = deployed(3);
        let held = crate::Contracts::<Test>::get(id).unwrap().public_ips_list;
        // A broken registry: the second one is free, the others are not.
        assert_ok!(Registry::release_ips(1, id, &held[1..2]));
        let other = create_by(OTHER, 2);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert!(events().contains(&Event::AddressNotReleased { contract_id: id, address: held[1] }));
        check();
        assert_ok!(Contracts_::cancel_contract(origin(OTHER), other));
        assert_eq!(pallet_tfgrid::FreeIps::<Test>::iter_key_prefix(1).count(), 4);
    });
}
