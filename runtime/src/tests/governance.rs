//! Who decides what, and how validators change.

use super::{account, chain};
use crate::{
    configs::{AdminOrigin, CouncilCollective},
    AccountId, Aura, Council, Runtime, RuntimeCall, RuntimeOrigin, Session, SessionKeys, Sudo, System, Validators,
};
use codec::Encode;
use frame_support::{
    assert_noop, assert_ok,
    traits::{EnsureOrigin, OnFinalize},
    BoundedVec,
};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{
    traits::{Dispatchable, Hash},
    DispatchError,
};

type ValidatorsError = crate::validators::Error<Runtime>;

/// So many of so many members of the council agree.
fn council(ayes: u32, members: u32) -> RuntimeOrigin {
    pallet_collective::RawOrigin::<AccountId, CouncilCollective>::Members(ayes, members).into()
}

fn list(who: &[Sr25519Keyring]) -> BoundedVec<AccountId, crate::configs::MaxValidators> {
    who.iter().map(|who| account(*who)).collect::<Vec<_>>().try_into().unwrap()
}

/// Registers Charlie's session keys, without a transaction.
fn give_charlie_keys() {
    let keys =
        SessionKeys { aura: Sr25519Keyring::Charlie.public().into(), grandpa: Ed25519Keyring::Charlie.public().into() };
    pallet_session::NextKeys::<Runtime>::insert(account(Sr25519Keyring::Charlie), keys);
}

#[test]
fn two_thirds_of_the_council_are_admin_and_less_are_not() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        assert_ok!(AdminOrigin::ensure_origin(council(2, 3)));
        assert_ok!(AdminOrigin::ensure_origin(RuntimeOrigin::root()));
        assert!(AdminOrigin::ensure_origin(council(1, 3)).is_err());
        assert!(AdminOrigin::ensure_origin(RuntimeOrigin::signed(account(Sr25519Keyring::Alice))).is_err());
    });
}

#[test]
fn nobody_is_sudo_without_a_key() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        let call = || Box::new(RuntimeCall::System(frame_system::Call::remark { remark: vec![] }));
        for who in Sr25519Keyring::well_known() {
            let origin = RuntimeOrigin::signed(account(who));
            assert_noop!(Sudo::sudo(origin, call()), pallet_sudo::Error::<Runtime>::RequireSudo);
        }
    });
}

#[test]
fn the_council_of_local_testnet_has_three_members() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(pallet_collective::Members::<Runtime, CouncilCollective>::get().len(), 3);
    });
}

#[test]
fn a_new_list_of_validators_is_in_force_two_sessions_later() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        give_charlie_keys();
        assert_ok!(Validators::set_validators(council(2, 3), list(&[Sr25519Keyring::Charlie])));

        Session::rotate_session();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice), account(Sr25519Keyring::Bob)]);
        Session::rotate_session();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Charlie)]);
        let authorities = pallet_aura::Authorities::<Runtime>::get().into_inner();
        assert_eq!(authorities, vec![Sr25519Keyring::Charlie.public().into()]);
        assert_eq!(Aura::authorities_len(), 1);
    });
}

#[test]
fn validators_stay_while_nobody_changes_them() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        let before = Session::validators();
        (0..4).for_each(|_| Session::rotate_session());
        assert_eq!(Session::validators(), before);
    });
}

#[test]
fn a_list_that_would_stop_the_chain_is_refused() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        let set = |who: &[Sr25519Keyring]| Validators::set_validators(RuntimeOrigin::root(), list(who));
        assert_noop!(set(&[]), ValidatorsError::NoValidators);
        assert_noop!(set(&[Sr25519Keyring::Alice, Sr25519Keyring::Alice]), ValidatorsError::DuplicateValidator);
        assert_noop!(set(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob]), ValidatorsError::NoSessionKeys);
    });
}

#[test]
fn validators_whose_keys_are_gone_do_not_empty_the_set() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        give_charlie_keys();
        assert_ok!(Validators::set_validators(council(3, 3), list(&[Sr25519Keyring::Charlie])));
        pallet_session::NextKeys::<Runtime>::remove(account(Sr25519Keyring::Charlie));
        (0..3).for_each(|_| Session::rotate_session());
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice), account(Sr25519Keyring::Bob)]);
    });
}

/// Takes the session keys of a validator away, as he himself does.
fn purge(who: Sr25519Keyring) {
    assert_ok!(Session::purge_keys(RuntimeOrigin::signed(account(who))));
}

/// Two changes of sessions, and the end of a block, which is when GRANDPA changes.
fn two_sessions_later() {
    (0..2).for_each(|_| Session::rotate_session());
    crate::Grandpa::on_finalize(System::block_number());
}

#[test]
fn whoever_purges_his_keys_is_missed_by_nobody() {
    use Sr25519Keyring::{Alice, Bob};
    for (gone, left, finalizes) in [(Alice, Bob, Ed25519Keyring::Bob), (Bob, Alice, Ed25519Keyring::Alice)] {
        chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
            System::set_block_number(1);
            purge(gone);
            two_sessions_later();
            assert_eq!(Session::validators(), vec![account(left)]);
            assert_eq!(pallet_aura::Authorities::<Runtime>::get().into_inner(), vec![left.public().into()]);
            assert_eq!(crate::Grandpa::grandpa_authorities(), vec![(finalizes.public().into(), 1)]);
        });
    }
}

#[test]
fn the_last_validator_with_keys_comes_back_with_new_ones() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        purge(Sr25519Keyring::Alice);
        purge(Sr25519Keyring::Bob);
        two_sessions_later();
        // They go on with what Aura and GRANDPA know.
        assert_eq!(Aura::authorities_len(), 2);
        let keys =
            SessionKeys { aura: Sr25519Keyring::Bob.public().into(), grandpa: Ed25519Keyring::Bob.public().into() };
        pallet_session::NextKeys::<Runtime>::insert(account(Sr25519Keyring::Bob), keys);
        two_sessions_later();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Bob)]);
        assert_eq!(crate::Grandpa::grandpa_authorities(), vec![(Ed25519Keyring::Bob.public().into(), 1)]);
    });
}

#[test]
fn a_list_whose_keys_come_later_is_not_forgotten() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        give_charlie_keys();
        assert_ok!(Validators::set_validators(council(2, 3), list(&[Sr25519Keyring::Charlie])));
        pallet_session::NextKeys::<Runtime>::remove(account(Sr25519Keyring::Charlie));
        two_sessions_later();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice), account(Sr25519Keyring::Bob)]);
        give_charlie_keys();
        two_sessions_later();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Charlie)]);
    });
}

#[test]
fn a_list_of_which_one_has_no_keys_yet_takes_him_in_when_he_has() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        give_charlie_keys();
        assert_ok!(Validators::set_validators(council(2, 3), list(&[Sr25519Keyring::Alice, Sr25519Keyring::Charlie])));
        pallet_session::NextKeys::<Runtime>::remove(account(Sr25519Keyring::Charlie));
        two_sessions_later();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice)]);
        give_charlie_keys();
        two_sessions_later();
        assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice), account(Sr25519Keyring::Charlie)]);
    });
}

/// Proposes a motion for two thirds of the council, with the votes of `ayes`.
fn motion(call: &RuntimeCall, ayes: &[Sr25519Keyring]) -> crate::Hash {
    let motion = <Runtime as frame_system::Config>::Hashing::hash_of(call);
    let by = |who| RuntimeOrigin::signed(account(who));
    let length = call.encoded_size() as u32;
    assert_ok!(Council::propose(by(Sr25519Keyring::Alice), 2, Box::new(call.clone()), length));
    ayes.iter().for_each(|who| {
        assert_ok!(Council::vote(by(*who), motion, 0, true));
    });
    motion
}

fn close(motion: crate::Hash, call: &RuntimeCall) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let weight = frame_support::dispatch::GetDispatchInfo::get_dispatch_info(call).call_weight;
    Council::close(RuntimeOrigin::signed(account(Sr25519Keyring::Eve)), motion, 0, weight, call.encoded_size() as u32)
}

/// The others are silent until the vote is over: a prime member's vote does not count for them.
#[test]
fn no_member_agrees_for_others() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        pallet_collective::Prime::<Runtime, CouncilCollective>::put(account(Sr25519Keyring::Alice));
        let call = RuntimeCall::Upgrades(crate::upgrades::Call::authorize_upgrade { code_hash: Default::default() });
        let motion = motion(&call, &[Sr25519Keyring::Alice]);
        System::set_block_number(1 + <Runtime as pallet_collective::Config<CouncilCollective>>::MotionDuration::get());
        assert_ok!(close(motion, &call));
        assert!(System::authorized_upgrade().is_none());
    });
}

fn set_council(members: Vec<AccountId>) -> RuntimeCall {
    RuntimeCall::Council(pallet_collective::Call::set_members { new_members: members, prime: None, old_count: 3 })
}

fn members() -> Vec<AccountId> {
    pallet_collective::Members::<Runtime, CouncilCollective>::get()
}

/// Councils that nobody could be asked to decide with.
fn unfit_councils() -> [Vec<AccountId>; 3] {
    let one = account(Sr25519Keyring::Dave);
    [vec![], vec![one.clone(), one], (0..33).map(|number| AccountId::new([number; 32])).collect()]
}

#[test]
fn the_council_does_not_abolish_itself() {
    for unfit in unfit_councils() {
        chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
            let call = set_council(unfit);
            let refused = call.clone().dispatch(council(3, 3)).unwrap_err().error;
            assert_eq!(refused, frame_system::Error::<Runtime>::CallFiltered.into());
            assert_eq!(members().len(), 3);
        });
    }
}

#[test]
fn neither_by_a_motion_nor_in_a_batch() {
    for unfit in unfit_councils() {
        let direct = set_council(unfit);
        let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all { calls: vec![direct.clone()] });
        for call in [direct, batch] {
            chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
                System::set_block_number(1);
                let motion = motion(&call, &[Sr25519Keyring::Alice, Sr25519Keyring::Bob]);
                assert_ok!(close(motion, &call));
                assert_eq!(members().len(), 3);
            });
        }
    }
}

#[test]
fn the_council_chooses_its_successors() {
    let next = vec![account(Sr25519Keyring::Dave), account(Sr25519Keyring::Eve)];
    let most = (0..32).map(|number| AccountId::new([number; 32])).collect::<Vec<_>>();
    for successors in [next, most] {
        chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
            System::set_block_number(1);
            let call = set_council(successors.clone());
            let motion = motion(&call, &[Sr25519Keyring::Alice, Sr25519Keyring::Bob]);
            assert_ok!(close(motion, &call));
            let mut sorted = successors;
            sorted.sort();
            assert_eq!(members(), sorted);
        });
    }
}

/// Finality stands still since Bob is gone; the council lets it begin anew with Alice.
#[test]
fn two_thirds_of_the_council_restart_finality() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(7);
        let restart = |origin| crate::Upgrades::restart_finality(origin, 100, 3);
        assert_noop!(restart(council(1, 3)), DispatchError::BadOrigin);
        assert_noop!(restart(RuntimeOrigin::signed(account(Sr25519Keyring::Alice))), DispatchError::BadOrigin);
        assert_ok!(Validators::set_validators(council(2, 3), list(&[Sr25519Keyring::Alice])));
        Session::rotate_session();
        assert_ok!(restart(council(2, 3)));
        Session::rotate_session();
        let change = pallet_grandpa::PendingChange::<Runtime>::get().unwrap();
        assert_eq!((change.delay, change.forced), (100, Some(3)));
        assert_eq!(change.next_authorities.into_inner(), vec![(Ed25519Keyring::Alice.public().into(), 1)]);
    });
}

#[test]
fn only_admin_sets_validators() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        let origin = RuntimeOrigin::signed(account(Sr25519Keyring::Alice));
        assert_noop!(Validators::set_validators(origin, list(&[Sr25519Keyring::Alice])), DispatchError::BadOrigin);
    });
}
