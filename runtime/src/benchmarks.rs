//! What is measured, and what benchmarks need of this runtime: only in a runtime built to be measured.
//!
//! The pallets of the SDK keep their published weights; only those of this repository are measured.

use crate::{AccountId, AllPalletsWithSystem, Authorship, Signature, SmartContractModule, System, TfgridModule};
use alloc::{string::String, vec::Vec};
use codec::Encode;
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::crypto::KeyTypeId;
use sp_runtime::{generic::DigestItem, traits::IdentifyAccount, MultiSigner};

frame_benchmarking::define_benchmarks!(
    [pallet_tfgrid, TfgridModule]
    [pallet_smart_contract, SmartContractModule]
);

/// All benchmarks and all storage items.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

/// Where the host keeps the keys of benchmarks.
const KEYS: KeyTypeId = KeyTypeId(*b"benc");
/// What the key is derived from, so that it is always the same one.
const SEED: &[u8] = b"//benchmark";

/// Signs with ECDSA, which costs most to check of the four kinds; that of Ethereum differs only in the hash of what is signed.
pub struct Signer;

impl pallet_tfgrid::BenchmarkHelper<AccountId, Signature> for Signer {
    fn signer() -> AccountId {
        MultiSigner::Ecdsa(sp_io::crypto::ecdsa_generate(KEYS, Some(SEED.to_vec()))).into_account()
    }

    #[allow(clippy::expect_used)] // The key was made one line above.
    fn sign(message: &[u8]) -> Signature {
        let key = sp_io::crypto::ecdsa_generate(KEYS, Some(SEED.to_vec()));
        let signature = sp_io::crypto::ecdsa_sign(KEYS, &key, message);
        Signature::Ecdsa(signature.expect("the host signs with a key that it has just made"))
    }
}

/// The validator of the first slot makes the block.
pub struct FirstAuthor;

impl pallet_smart_contract::BenchmarkHelper for FirstAuthor {
    fn set_author() {
        System::deposit_log(DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(0).encode()));
        // Looked up once in each block, before any call.
        let _author = Authorship::author();
    }
}
