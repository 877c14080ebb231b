//! What went wrong on other networks, and does not here. `docs/mistakes.md` lists all of it, with what other tests show.

mod funds;
mod prices;
mod records;
mod time;

use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays, traits::OnTimestampSet};
use grid_types::units::{Report, Resources, GIB, TRAFFIC_UNIT};

use crate::{
    mock::*, types::*, Agenda, BillingOf, Contracts, ContractsOfNode, Error, Event, Payable, Rules, WeightInfo,
};

const PERIOD: Seconds = RULES.report_period;

fn exists(id: ContractId) -> bool {
    BillingOf::<Test>::contains_key(id)
}

fn cancel(id: ContractId) {
    cancel_by(origin(USER), id);
}

fn cancel_by(who: RuntimeOrigin, id: ContractId) {
    assert_ok!(Contracts_::cancel_contract(who, id));
}

fn ended_as(cause: EndCause) -> bool {
    events().iter().any(|event| matches!(event, Event::ContractEnded { cause: c, .. } if *c == cause))
}

fn run_out_of_funds(id: ContractId) {
    assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
    while record(id).state == ContractState::Deployed {
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
    }
}
