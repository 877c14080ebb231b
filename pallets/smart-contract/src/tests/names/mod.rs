//! Rule 13, names: prepaid leases.

mod cancel;
mod create;
mod end;
mod hostile;
mod invariants;
mod price;
mod renew;

use frame_support::{assert_ok, pallet_prelude::DispatchResult};

use crate::{mock::*, types::*, NameContractIdByName, NameContracts, NameContractsOfTwin};

const DAY: Seconds = 86_400;
/// 0.01 GRID.
const PER_DAY: Balance = UNIT / 100;
const LONGEST: u32 = 730;

fn input(name: &str) -> pallet_tfgrid::NameInput {
    name.as_bytes().to_vec().try_into().unwrap()
}

fn try_lease(who: u64, name: &str, days: u32) -> DispatchResult {
    Contracts_::create_name_contract(origin(who), input(name), days, None)
}

/// A name of USER for so many days.
fn lease(name: &str, days: u32) -> ContractId {
    assert_ok!(try_lease(USER, name, days));
    crate::NextContractId::<Test>::get() - 1
}

fn renew(id: ContractId, days: u32) -> DispatchResult {
    Contracts_::renew_name_contract(origin(USER), id, days, None)
}

fn cancel(id: ContractId) -> DispatchResult {
    Contracts_::cancel_name_contract(origin(USER), id)
}

fn owner_of(name: &str) -> Option<u32> {
    Contracts_::name_owner(input(name)).map(|owner| owner.twin_id)
}

fn lease_until(id: ContractId) -> Seconds {
    NameContracts::<Test>::get(id).unwrap().lease_until
}

/// Time until `left` seconds before the end of the lease.
fn pass_until(id: ContractId, left: Seconds) {
    pass(lease_until(id) - left - now());
}

fn is_gone(id: ContractId, name: &str) -> bool {
    !NameContracts::<Test>::contains_key(id)
        && !NameContractIdByName::<Test>::contains_key(LeasedName::truncate_from(name.into()))
        && !NameContractsOfTwin::<Test>::contains_key(USER_TWIN, id)
        && crate::Agenda::<Test>::iter().all(|(_, entry, _)| entry != id)
}
