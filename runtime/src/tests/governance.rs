//! Who decides what, and how validators change.

use super::{account, chain};
use crate::{
    configs::{AdminOrigin, CouncilCollective},
    AccountId, Aura, Runtime, RuntimeCall, RuntimeOrigin, Session, SessionKeys, Sudo, System, Validators,
};
use frame_support::{assert_noop, assert_ok, traits::EnsureOrigin, BoundedVec};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::DispatchError;

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

#[test]
fn only_admin_sets_validators() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        let origin = RuntimeOrigin::signed(account(Sr25519Keyring::Alice));
        assert_noop!(Validators::set_validators(origin, list(&[Sr25519Keyring::Alice])), DispatchError::BadOrigin);
    });
}
