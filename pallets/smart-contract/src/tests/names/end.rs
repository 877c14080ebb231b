//! What the agenda does.

use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Error, Event};

#[test]
fn a_lease_that_is_over_frees_the_name() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let id = lease("shop", 1);
        pass_until(id, 1);
        assert_eq!(owner_of("shop"), Some(USER_TWIN));
        pass(2 * RULES.agenda_tick);
        assert!(is_gone(id, "shop"));
        assert_eq!(balance(USER), before - PER_DAY);
        assert_eq!(held_for_contracts(USER), 0);
        let over = |event: &Event<Test>| matches!(event, Event::NameContractEnded { cause: EndCause::LeaseOver, .. });
        assert!(events().iter().any(over));
        assert_ok!(try_lease(OTHER, "shop", 1));
    });
}

#[test]
fn nobody_owns_it_from_the_end_on() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        pass_until(id, 0);
        assert!(NameContracts::<Test>::contains_key(id), "not served yet");
        assert_eq!(owner_of("shop"), None);
        assert_noop!(try_lease(OTHER, "shop", 1), Error::<Test>::NameTaken);
    });
}

#[test]
fn full_blocks_end_one_lease_each() {
    ExtBuilder::default().build_and_execute(|| {
        let names = ["shop", "bank", "cafe"];
        let ids = names.map(|name| lease(name, 1));
        pass_until(ids[0], 1);
        pass_full_blocks(RULES.agenda_tick + 5 * 10);
        assert!(names.iter().zip(ids).all(|(name, id)| is_gone(id, name)));
    });
}

#[test]
fn a_stall_of_the_chain_takes_nothing_of_the_lease() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 2);
        let end = now() + 2 * DAY;
        stall(10 * DAY);
        let owner = Contracts_::name_owner(input("shop")).unwrap();
        assert_eq!(owner.lease_until, end + 10 * DAY);
        assert_ok!(renew(id, 1));
        pass(3 * DAY - 1);
        assert_eq!(owner_of("shop"), Some(USER_TWIN));
        pass(2 * RULES.agenda_tick);
        assert!(is_gone(id, "shop"));
    });
}

#[test]
fn an_end_that_fails_is_tried_again() {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let id = lease("shop", 1);
        // A broken registry: nobody to give the deposit to.
        let twin = pallet_tfgrid::Twins::<Test>::take(USER_TWIN).unwrap();
        pass_until_unchecked(id);
        assert!(NameContracts::<Test>::get(id).unwrap().agenda_tick.is_some());
        let retried =
            |event: &Event<Test>| matches!(event, Event::AgendaRetry { contract_id, .. } if *contract_id == id);
        assert!(events().iter().any(retried));
        pallet_tfgrid::Twins::<Test>::insert(USER_TWIN, twin);
        pass(3_700);
        assert!(is_gone(id, "shop"));
    });
}

/// Time until the agenda has tried to end the lease, without invariants.
fn pass_until_unchecked(id: ContractId) {
    use frame_support::{traits::Hooks, weights::Weight};
    let end = lease_until(id) + 2 * RULES.agenda_tick;
    crate::Clock::<Test>::mutate(|clock| clock.last_block = end);
    pallet_timestamp::Now::<Test>::put(end * 1_000);
    while NameContracts::<Test>::get(id).unwrap().agenda_tick.unwrap() <= end / RULES.agenda_tick {
        Contracts_::on_idle(1, Weight::MAX);
    }
}
