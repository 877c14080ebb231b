//! How governance changes the chain's code, and what cannot become it.

use super::{account, chain};
use crate::{AccountId, Council, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, Upgrades, VERSION};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_core::{storage::well_known_keys, traits::ReadRuntimeVersionExt};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_io::{hashing::blake2_256, TestExternalities};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Hash as _, DispatchError};
use sp_version::RuntimeVersion;

type SystemError = frame_system::Error<Runtime>;

/// Stands for a runtime: bytes, and the version that the host reads in them.
const NEXT: &[u8] = b"the next runtime";

/// Tells the version of a runtime without running it.
struct Reads(RuntimeVersion);

impl sp_core::traits::ReadRuntimeVersion for Reads {
    fn read_runtime_version(&self, _: &[u8], _: &mut dyn sp_externalities::Externalities) -> Result<Vec<u8>, String> {
        Ok(self.0.encode())
    }
}

/// A chain without sudo, on which every code has `version`.
fn chain_that_reads(version: RuntimeVersion) -> TestExternalities {
    let mut chain = chain(LOCAL_TESTNET_RUNTIME_PRESET);
    chain.register_extension(ReadRuntimeVersionExt::new(Reads(version)));
    chain.execute_with(|| System::set_block_number(1));
    chain
}

fn next_version() -> RuntimeVersion {
    RuntimeVersion { spec_version: VERSION.spec_version + 1, ..VERSION }
}

fn two_of_three() -> RuntimeOrigin {
    pallet_collective::RawOrigin::<AccountId, crate::configs::CouncilCollective>::Members(2, 3).into()
}

fn by(who: Sr25519Keyring) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(who))
}

fn code() -> Option<Vec<u8>> {
    sp_io::storage::get(well_known_keys::CODE).map(|code| code.to_vec())
}

fn hash(code: &[u8]) -> crate::Hash {
    blake2_256(code).into()
}

/// The council's way from the first vote to the new code, each step a transaction of somebody.
#[test]
fn two_of_three_councillors_and_a_stranger_upgrade_a_chain_without_sudo() {
    chain_that_reads(next_version()).execute_with(|| {
        let call = RuntimeCall::Upgrades(crate::upgrades::Call::authorize_upgrade { code_hash: hash(NEXT) });
        let (length, weight) = (call.encoded_size() as u32, call.get_dispatch_info().call_weight);
        let motion = <Runtime as frame_system::Config>::Hashing::hash_of(&call);
        assert_ok!(Council::propose(by(Sr25519Keyring::Alice), 2, Box::new(call), length));
        for councillor in [Sr25519Keyring::Alice, Sr25519Keyring::Bob] {
            assert_ok!(Council::vote(by(councillor), motion, 0, true));
        }
        assert_ok!(Council::close(by(Sr25519Keyring::Bob), motion, 0, weight, length));
        assert_eq!(System::authorized_upgrade().map(|upgrade| *upgrade.code_hash()), Some(hash(NEXT)));

        assert_ok!(System::apply_authorized_upgrade(by(Sr25519Keyring::Eve), NEXT.to_vec()));
        assert_eq!(code().as_deref(), Some(NEXT));
        assert!(System::authorized_upgrade().is_none());
    });
}

#[test]
fn only_admin_authorizes() {
    chain_that_reads(next_version()).execute_with(|| {
        assert_noop!(Upgrades::authorize_upgrade(by(Sr25519Keyring::Alice), hash(NEXT)), DispatchError::BadOrigin);
    });
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        assert_ok!(Upgrades::authorize_upgrade(RuntimeOrigin::root(), hash(NEXT)));
    });
}

#[test]
fn nothing_but_the_authorized_code_is_taken() {
    chain_that_reads(next_version()).execute_with(|| {
        let bring = |code: &[u8]| System::apply_authorized_upgrade(by(Sr25519Keyring::Eve), code.to_vec());
        assert_noop!(bring(NEXT), SystemError::NothingAuthorized);
        assert_ok!(Upgrades::authorize_upgrade(two_of_three(), hash(NEXT)));
        assert_noop!(bring(b"another runtime"), SystemError::Unauthorized);
    });
}

#[test]
fn a_code_that_is_not_newer_or_not_this_chains_is_refused() {
    let other_name = RuntimeVersion { spec_name: "another".into(), ..next_version() };
    for version in [VERSION, other_name] {
        chain_that_reads(version).execute_with(|| {
            let before = code();
            assert_ok!(Upgrades::authorize_upgrade(two_of_three(), hash(NEXT)));
            assert_ok!(System::apply_authorized_upgrade(by(Sr25519Keyring::Eve), NEXT.to_vec()));
            assert_eq!(code(), before);
            let refused = |event: &RuntimeEvent| {
                matches!(event, RuntimeEvent::System(frame_system::Event::RejectedInvalidAuthorizedUpgrade { .. }))
            };
            assert!(System::events().iter().any(|record| refused(&record.event)));
        });
    }
}

#[test]
fn a_later_authorization_replaces_one_that_was_not_used() {
    chain_that_reads(next_version()).execute_with(|| {
        assert_ok!(Upgrades::authorize_upgrade(two_of_three(), hash(NEXT)));
        assert_ok!(Upgrades::authorize_upgrade(two_of_three(), Default::default()));
        let bring = System::apply_authorized_upgrade(by(Sr25519Keyring::Eve), NEXT.to_vec());
        assert!(bring.is_err_and(|refused| refused.error == SystemError::Unauthorized.into()));
    });
}

#[test]
fn the_call_that_brings_the_code_fits_a_block() {
    for preset in [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET] {
        chain(preset).execute_with(|| {
            let call = frame_system::Call::<Runtime>::apply_authorized_upgrade { code: vec![0; 2 << 20] };
            let weight = call.get_dispatch_info().call_weight;
            assert!(weight.all_lte(crate::weights::max_block()), "{weight}");
        });
    }
}
