//! Tests of the composed runtime: what only shows when all pallets are together.

#![allow(clippy::unwrap_used)]

mod addresses;
mod entities;
mod fees;
mod governance;
mod message_bus;
mod metadata;
mod presets;
mod proxies;

use crate::{genesis_presets, AccountId, RuntimeGenesisConfig};
use serde_json::Value;
use sp_keyring::Sr25519Keyring;
use sp_runtime::BuildStorage;

/// A chain at genesis, from one of the presets, as the node builds it: preset merged into the defaults.
fn chain(preset: &str) -> sp_io::TestExternalities {
    let patch = genesis_presets::get(&preset.into()).expect("the preset exists");
    let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
    merge(&mut genesis, serde_json::from_slice(&patch).unwrap());
    let genesis: RuntimeGenesisConfig = serde_json::from_value(genesis).unwrap();
    genesis.build_storage().unwrap().into()
}

/// RFC 7386, without deletions.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(target.entry(key).or_insert(Value::Null), value));
        },
        (target, patch) => *target = patch,
    }
}

/// The account of a well-known key.
fn account(who: Sr25519Keyring) -> AccountId {
    who.to_account_id()
}
