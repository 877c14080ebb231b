//! How much a block ends.

use super::*;
use crate::WeightInfo as _;

type Weights = <Test as crate::Config>::WeightInfo;

#[test]
fn no_weight_means_no_work() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        close(NODE_ID);
        assert_eq!(Contracts_::wind_down(Weight::zero()), Weight::zero());
        let base = Weights::wind_down_base();
        assert_eq!(Contracts_::wind_down(base), base);
        assert!(Contracts::<Test>::contains_key(id));
    });
}

#[test]
fn each_step_is_paid_for() {
    ExtBuilder::default().build_and_execute(|| {
        let ids = [deployed_small(), deployed_small(), deployed_small()];
        close(NODE_ID);
        let two = Weights::wind_down_base().saturating_add(Weights::wind_down_step().saturating_mul(2));
        assert_eq!(Contracts_::wind_down(two), two);
        assert_eq!(Contracts::<Test>::iter_keys().collect::<Vec<_>>(), [ids[0]]);
    });
}

#[test]
fn an_empty_queue_costs_a_look() {
    ExtBuilder::default().build_and_execute(|| {
        deployed(0);
        assert_eq!(Contracts_::wind_down(Weight::MAX), Weights::wind_down_base());
    });
}

#[test]
fn nodes_and_rents_take_turns() {
    ExtBuilder::default().build_and_execute(|| {
        Registry::mark_seen(OTHER_NODE_ID, now());
        pass(1);
        let inside = {
            let rent = rent_by(USER);
            let inside = [deployed_small(), deployed_small()];
            assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
            inside
        };
        let others = [create_on(OTHER_NODE_ID), create_on(OTHER_NODE_ID)];
        close(OTHER_NODE_ID);
        pass_full_blocks(10);
        assert_eq!(ends(), [(others[1], EndCause::NodeDeleted), (inside[1], EndCause::RentEnded)]);
    });
}
