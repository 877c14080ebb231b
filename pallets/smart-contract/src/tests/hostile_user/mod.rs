//! A user who wants something for nothing: a node's addresses, free work, or others' money. Whatever he does, what he holds
//! is paid for, what the node was told to run is paid for, and what he leaves behind the chain clears away.

mod accounts;
mod changes;
mod gifts;
mod holding;

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{most_due, Prices, Report, Resources, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event, Payable};

const PERIOD: Seconds = RULES.report_period;
/// An hour of [`wish`] with one address, and of the address alone.
const HOURLY: Balance = 155_000;
const ADDRESS: Balance = 40_000;

fn lives(id: ContractId) -> bool {
    BillingOf::<Test>::contains_key(id)
}

fn runs(id: ContractId) -> bool {
    BillingOf::<Test>::get(id).is_some_and(|record| record.state == ContractState::Deployed)
}

fn cancel(who: u64, id: ContractId) {
    assert_ok!(Contracts_::cancel_contract(origin(who), id));
}

fn update(id: ContractId, resources: Option<Resources>) {
    assert_ok!(Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), resources, None, None));
}

/// Moves all that can be moved to a friend.
fn drain(who: u64) {
    assert_ok!(Balances::transfer_all(origin(who), STRANGER, true));
}

/// What the farmer and the foundation earned so far.
fn earned() -> Balance {
    balance(PAYOUT) + balance(FOUNDATION) - 2 * INITIAL
}

/// The node reports every period until the contract is gone, two weeks at most; gives how long that took.
fn report_to_the_end(id: ContractId) -> Seconds {
    let start = now();
    while lives(id) && now() - start < 14 * 86_400 {
        pass(PERIOD);
        if runs(id) {
            assert_ok!(report(id, PERIOD));
        }
    }
    now() - start
}
