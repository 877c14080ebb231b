//! Who is who, and what is left of what is gone.

use super::*;

/// A node's number was compared with a twin's, so the twin of the same number could report for the node.
#[test]
fn a_twin_with_a_nodes_number_is_not_that_node() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_eq!(pallet_tfgrid::TwinIdByAccountID::<Test>::get(USER), Some(NODE_ID));
        pass(PERIOD);
        let reports = vec![full_report(id, PERIOD)];
        let call = Contracts_::add_reports(origin(USER), reports.try_into().unwrap());
        assert_noop!(call, Error::<Test>::NotAnAgent);
    });
}

/// Cancelling on a sleeping node only marked the contract; when the node was deleted meanwhile it could never be removed.
#[test]
fn a_contract_of_a_dark_node_is_gone_when_it_is_cancelled() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(4);
        pass_dark(10 * 86_400);
        cancel(id);
        assert!(!exists(id));
        assert_eq!(ContractsOfNode::<Test>::iter_keys().count(), 0);
    });
}

/// The same for a rent, and for what is inside it.
#[test]
fn a_rent_of_a_dark_node_is_gone_when_it_is_cancelled() {
    ExtBuilder::default().build_and_execute(|| {
        let (rent, inside) = (rent_by(USER), deployed(1));
        pass_dark(86_400);
        cancel(rent);
        pass_dark(1);
        assert!(!exists(rent) && !exists(inside));
        assert_eq!(ContractsOfNode::<Test>::iter_keys().count(), 0);
    });
}

/// Addresses stayed reserved when a contract ended in some ways, until the council freed them one by one.
#[test]
fn addresses_come_back_however_a_contract_ends() {
    let all_come_back = |end: fn(ContractId)| {
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(4);
            end(id);
            assert!(!exists(id));
            assert_ok!(try_create(OTHER, wish(), 4));
        });
    };
    all_come_back(cancel);
    all_come_back(|id| cancel_by(origin(NODE), id));
    all_come_back(|id| cancel_by(RuntimeOrigin::root(), id));
    all_come_back(|id| {
        run_out_of_funds(id);
        pass(2 * RULES.agenda_tick + 1);
    });
}

/// The hash of one contract overwrote another's index entry.
#[test]
fn two_contracts_may_have_one_hash() {
    ExtBuilder::default().build_and_execute(|| {
        let (one, two) = (deployed(0), deployed(0));
        assert_eq!(
            Contracts::<Test>::get(one).unwrap().deployment_hash,
            Contracts::<Test>::get(two).unwrap().deployment_hash
        );
        cancel(one);
        pass(PERIOD);
        assert_ok!(report(two, PERIOD));
        assert_eq!(record(two).paid_until, now());
    });
}

/// Calls took lists of any length at one fixed weight, and were free.
#[test]
fn a_batch_weighs_by_its_length_and_nonsense_pays() {
    ExtBuilder::default().build_and_execute(|| {
        let weight = <Test as crate::Config>::WeightInfo::add_reports;
        let per_report = weight(2).saturating_sub(weight(1));
        assert!(per_report.ref_time() > 0);
        assert!(weight(500).all_gte(per_report.saturating_mul(500)));
        assert_eq!(send(vec![Report::default(); 500]).unwrap().pays_fee, Pays::Yes);
    });
}
