//! An upgrade of the chain as its first block makes it.

use super::chain;
use crate::{
    migrations, slot_time, weights, Executive, Header, Runtime, SmartContractModule, System, TfgridModule, VERSION,
};
use codec::Encode;
use frame_support::{
    storage::unhashed,
    traits::{GetStorageVersion, OnRuntimeUpgrade, PalletInfoAccess, StorageVersion},
};
use frame_system::LastRuntimeUpgradeInfo;
use pallet_smart_contract::types::Parameters;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::Header as _,
};

/// The rules as version 1 had them: eleven values, of which one is a byte.
fn rules_of_version_1() -> Vec<u8> {
    let Parameters { report_period, heartbeat_period, min_free_window, max_window, max_report_delay, .. } =
        Parameters::production();
    let Parameters { create_timeout, funding_ahead, holding_share, stall_gap, governance_notice, agenda_tick, .. } =
        Parameters::production();
    let before =
        [report_period, heartbeat_period, min_free_window, max_window, max_report_delay, create_timeout, funding_ahead];
    (before, holding_share, [stall_gap, governance_notice, agenda_tick]).encode()
}

/// A chain whose records are of the release before the first upgrade.
fn old_chain() -> sp_io::TestExternalities {
    let mut chain = chain(LOCAL_TESTNET_RUNTIME_PRESET);
    chain.execute_with(|| {
        StorageVersion::new(0).put::<TfgridModule>();
        StorageVersion::new(1).put::<SmartContractModule>();
        unhashed::put_raw(&pallet_smart_contract::Rules::<Runtime>::hashed_key(), &rules_of_version_1());
        let before = LastRuntimeUpgradeInfo { spec_version: 1.into(), spec_name: VERSION.spec_name };
        frame_system::LastRuntimeUpgrade::<Runtime>::put(before);
    });
    chain
}

fn start_block(number: u32) {
    let slot = Slot::from(1_800_000_000_000 / slot_time::Milliseconds::<Runtime>::get() + u64::from(number));
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    let parent = System::block_hash(number - 1);
    Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent, digest));
}

fn is_current<P: PalletInfoAccess + GetStorageVersion<InCodeStorageVersion = StorageVersion>>() -> bool {
    P::on_chain_storage_version() == P::in_code_storage_version()
}

#[test]
fn the_first_block_of_a_new_runtime_brings_all_records_up_to_date() {
    old_chain().execute_with(|| {
        assert!(!is_current::<TfgridModule>() && !is_current::<SmartContractModule>());
        start_block(1);
        assert!(is_current::<TfgridModule>() && is_current::<SmartContractModule>());
        assert_eq!(pallet_smart_contract::Rules::<Runtime>::get(), Parameters::production());
        let done = frame_system::LastRuntimeUpgrade::<Runtime>::get().unwrap();
        assert_eq!(u32::from(done.spec_version), VERSION.spec_version);
    });
}

#[test]
fn a_second_run_changes_nothing() {
    let mut chain = old_chain();
    chain.execute_with(migrations::All::on_runtime_upgrade);
    chain.commit_all().unwrap();
    let root = *chain.backend.root();
    chain.execute_with(migrations::All::on_runtime_upgrade);
    chain.commit_all().unwrap();
    assert_eq!(*chain.backend.root(), root);
}

#[test]
fn a_new_chain_has_nothing_to_migrate() {
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| {
        assert!(is_current::<TfgridModule>() && is_current::<SmartContractModule>());
    });
}

#[test]
fn the_upgrade_of_an_empty_chain_fits_a_block() {
    old_chain().execute_with(|| {
        let weight = migrations::All::on_runtime_upgrade();
        assert!(weight.ref_time() > 0 && weight.all_lte(weights::max_block()));
    });
}
