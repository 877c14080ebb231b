//! The presets give chains that work.

use super::{account, chain};
use crate::{
    currency::{EXISTENTIAL_DEPOSIT, GRID},
    genesis_presets, slot_time, weights, Aura, Balances, Runtime, SmartContractModule,
};
use frame_support::{traits::Get, weights::constants::WEIGHT_REF_TIME_PER_MILLIS};
use grid_types::units::Prices;
use pallet_smart_contract::types::Parameters;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

const PRESETS: [&str; 2] = [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET];

#[test]
fn every_listed_preset_exists_and_no_other() {
    let names = genesis_presets::names();
    assert_eq!(names.len(), PRESETS.len());
    assert!(names.iter().all(|name| genesis_presets::get(name).is_some()));
    assert!(genesis_presets::get(&"production".into()).is_none());
}

#[test]
fn development_has_one_validator_and_local_testnet_two() {
    for (preset, validators) in [
        (DEV_RUNTIME_PRESET, vec![Sr25519Keyring::Alice]),
        (LOCAL_TESTNET_RUNTIME_PRESET, vec![Sr25519Keyring::Alice, Sr25519Keyring::Bob]),
    ] {
        chain(preset).execute_with(|| {
            let authorities: Vec<_> = validators.iter().map(|who| who.public().into()).collect();
            assert_eq!(pallet_aura::Authorities::<Runtime>::get().into_inner(), authorities);
            let accounts: Vec<_> = validators.iter().map(|who| account(*who)).collect();
            assert_eq!(crate::Session::validators(), accounts);
        });
    }
}

#[test]
fn validators_finalize_with_their_ed25519_keys() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(crate::Grandpa::grandpa_authorities(), vec![(Ed25519Keyring::Alice.public().into(), 1)]);
    });
}

#[test]
fn slots_follow_the_preset() {
    for (preset, slot) in [(DEV_RUNTIME_PRESET, 2_000), (LOCAL_TESTNET_RUNTIME_PRESET, 6_000)] {
        chain(preset).execute_with(|| {
            assert_eq!(Aura::slot_duration(), slot);
            assert_eq!(<Runtime as pallet_timestamp::Config>::MinimumPeriod::get(), slot / 2);
            let third = slot * WEIGHT_REF_TIME_PER_MILLIS / 3;
            assert!(
                weights::max_block().ref_time() <= third
                    && third - weights::max_block().ref_time() < WEIGHT_REF_TIME_PER_MILLIS
            );
        });
    }
}

#[test]
fn block_weights_are_valid_for_every_slot_that_genesis_accepts() {
    for slot in [slot_time::MIN_MILLISECONDS, 2_000, slot_time::MAX_MILLISECONDS] {
        sp_io::TestExternalities::default().execute_with(|| {
            slot_time::Milliseconds::<Runtime>::put(slot);
            assert!(weights::BlockWeights::get().validate().is_ok());
        });
    }
}

#[test]
#[should_panic(expected = "slotTime.milliseconds")]
fn a_slot_at_which_relays_stall_is_refused() {
    let genesis = crate::SlotTimeConfig { milliseconds: 7_000, ..Default::default() };
    sp_io::TestExternalities::default().execute_with(|| frame_support::traits::BuildGenesisConfig::build(&genesis));
}

#[test]
fn well_known_accounts_have_a_million_each() {
    for preset in PRESETS {
        chain(preset).execute_with(|| {
            for who in [Sr25519Keyring::Alice, Sr25519Keyring::Eve, Sr25519Keyring::FerdieStash] {
                assert_eq!(Balances::free_balance(account(who)), 1_000_000 * GRID);
            }
        });
    }
}

#[test]
fn all_issuance_is_in_accounts() {
    for preset in PRESETS {
        chain(preset).execute_with(|| {
            let held: u128 = frame_system::Account::<Runtime>::iter_values()
                .map(|account| account.data.free + account.data.reserved)
                .sum();
            assert_eq!(Balances::total_issuance(), held);
        });
    }
}

#[test]
fn escrow_has_its_existential_deposit() {
    for preset in PRESETS {
        chain(preset).execute_with(|| {
            assert!(Balances::free_balance(SmartContractModule::account_id()) >= EXISTENTIAL_DEPOSIT);
        });
    }
}

#[test]
fn only_development_has_a_sudo_key() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(account(Sr25519Keyring::Alice)));
    });
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
    });
}

#[test]
fn nothing_is_for_nothing() {
    for preset in PRESETS {
        chain(preset).execute_with(|| {
            let Prices { su, cu, nu, ipu, gb_second, .. } = pallet_tfgrid::PriceFloor::<Runtime>::get();
            assert!([su, cu, nu, ipu, gb_second].iter().all(|price| *price > 0), "{preset}");
            // What examples and tests ask: a hundred thousandth of a token and more.
            assert!([su, cu, nu, ipu, gb_second].iter().all(|price| *price <= 10), "{preset}");
        });
    }
}

#[test]
fn development_runs_by_fast_rules_and_local_testnet_by_productions() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(pallet_smart_contract::Rules::<Runtime>::get(), Parameters::development());
        assert!(pallet_tfgrid::AutoVerifyIps::<Runtime>::get());
    });
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        assert_eq!(pallet_smart_contract::Rules::<Runtime>::get(), Parameters::default());
        assert!(!pallet_tfgrid::AutoVerifyIps::<Runtime>::get());
    });
}
