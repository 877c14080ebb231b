//! Rule 12 sees each way in which records of names can disagree.

use frame_support::assert_err;

use super::*;
use crate::{Agenda, NextContractId};

fn broken(break_it: impl FnOnce(ContractId), because: &'static str) {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let id = lease("shop", 1);
        break_it(id);
        assert_err!(Contracts_::do_try_state(), sp_runtime::TryRuntimeError::Other(because));
    });
}

fn change(id: ContractId, how: impl FnOnce(&mut NameContractOf<Test>)) {
    NameContracts::<Test>::mutate(id, |contract| how(contract.as_mut().unwrap()));
}

#[test]
fn the_number() {
    broken(
        |id| change(id, |contract| contract.contract_id += 1),
        "12: a name contract has another number than its key",
    );
    broken(NextContractId::<Test>::put, "12: a name contract's number was not given out");
}

#[test]
fn the_name() {
    broken(|id| change(id, |contract| contract.name.truncate(2)), "12: a name breaks the rules");
}

#[test]
fn the_indexes() {
    let name = LeasedName::truncate_from(b"shop".to_vec());
    broken(|_| NameContractIdByName::<Test>::remove(&name), "12: a name contract lacks an index");
    broken(|id| NameContractsOfTwin::<Test>::remove(USER_TWIN, id), "12: a name contract lacks an index");
    let more = LeasedName::truncate_from(b"more".to_vec());
    broken(|id| NameContractIdByName::<Test>::insert(&more, id), "12: a name has no contract");
    broken(|_| NameContractsOfTwin::<Test>::insert(USER_TWIN, 9, ()), "12: the twin index has more names");
}

#[test]
fn the_end() {
    let lost = "12: a lease's end is not on the agenda";
    broken(|id| change(id, |contract| contract.agenda_tick = None), lost);
    broken(|_| drop(Agenda::<Test>::clear(9, None)), lost);
}
