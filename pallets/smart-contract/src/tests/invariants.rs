//! Each invariant notices what breaks it. Those of names are in `names::invariants`.

use sp_runtime::DispatchError;

use crate::{keys::NewestFirst, mock::*, types::*, *};

/// Nobody gave out so high a number.
const UNKNOWN: ContractId = 1_000;

/// A world with a contract that runs and one that waits to be deployed, broken by `harm`: the named rule must notice.
fn rule_notices(rule: &str, harm: impl FnOnce(ContractId, ContractId)) {
    notices(rule, || {
        let ids = (deployed(1), create_by(OTHER, 2));
        pass(600);
        assert!(report(ids.0, 600).is_ok());
        check();
        harm(ids.0, ids.1);
    });
}

/// The same for a rented node, with a contract inside.
fn rule_notices_in_rent(rule: &str, harm: impl FnOnce(ContractId, ContractId)) {
    notices(rule, || {
        let ids = (rent_by(USER), deployed(1));
        check();
        harm(ids.0, ids.1);
    });
}

fn notices(rule: &str, harm: impl FnOnce()) {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        harm();
        match Contracts_::do_try_state() {
            Err(DispatchError::Other(message)) => assert!(message.starts_with(rule), "{message}"),
            other => panic!("{rule} noticed nothing: {other:?}"),
        }
    });
}

fn change(id: ContractId, how: impl FnOnce(&mut BillingRecord<u64>)) {
    BillingOf::<Test>::mutate(id, |record| how(record.as_mut().unwrap()));
}

fn change_contract(id: ContractId, how: impl FnOnce(&mut ContractOf<Test>)) {
    Contracts::<Test>::mutate(id, |contract| how(contract.as_mut().unwrap()));
}

#[test]
fn rule_1_escrows_sum_up() {
    rule_notices("1:", |runs, _| change(runs, |record| record.escrow += 1));
    rule_notices("1:", |_, _| TotalEscrow::<Test>::mutate(|total| *total -= 1));
}

#[test]
fn rule_2_payables_sum_up() {
    rule_notices("2:", |_, _| Payable::<Test>::insert(NOBODY, 1));
    rule_notices("2:", |_, _| TotalPayable::<Test>::put(1));
}

#[test]
fn rule_3_the_account_covers_what_it_owes() {
    rule_notices("3:", |_, _| leave(Contracts_::account_id(), TotalEscrow::<Test>::get() + EXISTENTIAL_DEPOSIT - 1));
    rule_notices("3:", |_, _| {
        Payable::<Test>::insert(NOBODY, 1);
        TotalPayable::<Test>::put(1);
    });
}

#[test]
fn rule_4_contracts_have_billing_records() {
    rule_notices("4:", |runs, _| {
        let record = BillingOf::<Test>::take(runs).unwrap();
        TotalEscrow::<Test>::mutate(|total| *total -= record.escrow);
    });
}

#[test]
fn rule_5_numbers_are_keys_and_given_out() {
    rule_notices("5:", |runs, _| change_contract(runs, |contract| contract.contract_id = UNKNOWN));
    rule_notices("5:", |runs, _| NextContractId::<Test>::put(runs));
}

#[test]
fn rule_6_both_halves_say_the_same() {
    rule_notices("6:", |runs, _| change(runs, |record| record.state = ContractState::Created));
    rule_notices("6:", |runs, _| change(runs, |record| record.node_id = OTHER_NODE_ID));
    rule_notices("6:", |runs, _| change(runs, |record| record.resources.cru += 1));
    rule_notices("6:", |runs, _| change(runs, |record| record.public_ips = 0));
    rule_notices("6:", |runs, _| change(runs, |record| record.payer = OTHER));
}

#[test]
fn rule_7_contracts_are_in_both_indexes() {
    rule_notices("7:", |runs, _| ContractsOfNode::<Test>::remove(NODE_ID, NewestFirst(runs)));
    rule_notices("7:", |runs, _| ContractsOfTwin::<Test>::remove(USER_TWIN, NewestFirst(runs)));
    rule_notices("7:", |runs, waits| ContractsOfNode::<Test>::insert(NODE_ID, NewestFirst(runs), waits));
}

#[test]
fn rule_8_what_has_an_end_in_time_is_on_the_agenda_once() {
    let entry = |id| Agenda::<Test>::iter().find(|(_, filed, _)| *filed == id).unwrap();
    rule_notices("8:", |_, waits| Agenda::<Test>::remove(entry(waits).0, waits));
    rule_notices("8:", |_, waits| change(waits, |record| record.agenda_tick = None));
    rule_notices("8:", |runs, waits| change(runs, |record| record.agenda_tick = Some(entry(waits).0)));
    rule_notices("8:", |_, waits| {
        Agenda::<Test>::insert(entry(waits).0, waits, AgendaEntry { task: Task::End, tries: 0 })
    });
    rule_notices("8:", |_, waits| Clock::<Test>::mutate(|clock| clock.cursor = Some(entry(waits).0 + 1)));
}

#[test]
fn rule_9_addresses_know_their_contract() {
    rule_notices("9:", |runs, _| change_contract(runs, |contract| contract.public_ips_list.clear()));
    let address = |id| Contracts::<Test>::get(id).unwrap().public_ips_list[0];
    rule_notices("9:", |runs, waits| {
        pallet_tfgrid::PublicIps::<Test>::mutate(address(runs), |ip| ip.as_mut().unwrap().contract_id = Some(waits));
    });
}

#[test]
fn rule_10_nothing_outlives_its_contract() {
    rule_notices("10:", |runs, _| BillingOf::<Test>::insert(UNKNOWN, BillingRecord { escrow: 0, ..record(runs) }));
    rule_notices("10:", |_, _| ContractsOfNode::<Test>::insert(OTHER_NODE_ID, NewestFirst(UNKNOWN), UNKNOWN));
    rule_notices("10:", |_, _| ContractsOfTwin::<Test>::insert(USER_TWIN, NewestFirst(UNKNOWN), UNKNOWN));
    let entry = AgendaEntry { task: Task::End, tries: 0 };
    rule_notices("10:", |runs, _| Agenda::<Test>::insert(u64::MAX, runs, entry));
    // The same contract twice.
    rule_notices("10:", |_, waits| Agenda::<Test>::insert(u64::MAX, waits, entry));
    rule_notices("10:", |_, _| {
        let free = pallet_tfgrid::FreeIps::<Test>::iter_keys().next().unwrap().1;
        pallet_tfgrid::PublicIps::<Test>::mutate(free, |ip| ip.as_mut().unwrap().contract_id = Some(UNKNOWN));
    });
}

#[test]
fn rule_11_capacity_adds_up() {
    let status = |how: fn(&mut pallet_tfgrid::Status<u64>)| pallet_tfgrid::NodeStatus::<Test>::mutate(NODE_ID, how);
    rule_notices("11:", |_, _| status(|status| status.reserved.cru += 1));
    rule_notices("11:", |_, _| status(|status| status.contracts += 1));
    rule_notices("11:", |_, _| status(|status| status.rented_by = Some(UNKNOWN)));
    rule_notices_in_rent("11:", |_, _| status(|status| status.rented_by = None));
    rule_notices_in_rent("11:", |_, inside| change_contract(inside, |contract| contract.kind = ContractKind::Rent));
}

#[test]
fn rule_13_rents_add_up() {
    let book = |rent, how: fn(&mut RentUse)| RentUsage::<Test>::mutate(rent, |book| how(book.as_mut().unwrap()));
    rule_notices_in_rent("13:", |rent, _| book(rent, |book| book.free.mru -= 1));
    rule_notices_in_rent("13:", |rent, _| book(rent, |book| book.contracts += 1));
    rule_notices_in_rent("13:", |_, inside| change(inside, |record| record.rent = None));
    rule_notices_in_rent("13:", |rent, _| RentUsage::<Test>::remove(rent));
    rule_notices_in_rent("13:", |_, _| RentUsage::<Test>::insert(UNKNOWN, RentUse::default()));
    rule_notices("13:", |runs, _| change(runs, |record| record.rent = Some(UNKNOWN)));
}

#[test]
fn rule_14_what_waits_to_end_is_an_ending_rent() {
    rule_notices_in_rent("14:", |rent, _| EndingRents::<Test>::insert(rent, NODE_ID));
    rule_notices("14:", |runs, _| EndingRents::<Test>::insert(runs, NODE_ID));
    rule_notices_in_rent("14:", |rent, _| {
        assert!(Contracts_::cancel_contract(origin(USER), rent).is_ok());
        EndingRents::<Test>::insert(rent, OTHER_NODE_ID);
    });
    rule_notices("14:", |runs, _| PassedOver::<Test>::insert(NODE_ID, runs));
}

#[test]
fn rule_15_cushions_and_pauses_are_paid() {
    rule_notices("15:", |runs, _| change(runs, |record| record.cushion = record.escrow + 1));
    notices("15:", || {
        let id = paused(1);
        set_escrow(id, record(id).escrow / 2);
    });
    notices("15:", || {
        let id = paused(1);
        let until = now() + RULES.max_grace + 1;
        change(id, |record| record.state = ContractState::Grace { until });
        change_contract(id, |contract| contract.state = ContractState::Grace { until });
    });
}

#[test]
fn rule_16_remainders_are_small() {
    rule_notices("16:", |runs, _| change(runs, |record| record.carry = 3_600_000_000));
    rule_notices("16:", |runs, _| change(runs, |record| record.traffic_carry = 1_000_000_000));
    rule_notices("16:", |runs, _| change(runs, |record| record.nru_unused = u64::MAX));
    rule_notices("16:", |runs, _| change(runs, |record| record.last_use.as_mut().unwrap().sru += 1));
}

#[test]
fn rule_17_deposits_are_on_hold() {
    use frame_support::traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision},
    };
    rule_notices("17:", |_, _| {
        let burned = Balances::burn_held(&HoldContract::get(), &USER, 1, Precision::Exact, Fortitude::Force);
        assert_eq!(burned, Ok(1));
    });
    // Of one with contracts, and of one without.
    rule_notices("17:", |_, _| assert!(Balances::hold(&HoldContract::get(), &USER, 1).is_ok()));
    rule_notices("17:", |_, _| assert!(Balances::hold(&HoldContract::get(), &FARMER, 1).is_ok()));
}
