//! The chains that this repository can start.
//!
//! | preset | for | validators | slot | sudo | council |
//! | --- | --- | --- | --- | --- | --- |
//! | `development` | one process on one machine | Alice | 2 s | Alice | Alice |
//! | `local_testnet` | a network on one machine, with production's rules | Alice, Bob | 6 s | nobody | Alice, Bob, Charlie |
//!
//! Both use the well-known development keys, which everybody has: neither is for money that counts. Parameters that a
//! preset does not name keep the defaults of their pallets, which are production's.

use crate::{
    currency::GRID, AccountId, Balance, BalancesConfig, CouncilConfig, RuntimeGenesisConfig, SessionConfig,
    SessionKeys, SlotTimeConfig, SmartContractModuleConfig, SudoConfig, TfgridModuleConfig, ValidatorsConfig,
};
use alloc::{string::ToString, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use grid_types::units::Prices;
use pallet_smart_contract::types::Parameters;
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// What each well-known account starts with, base units: a million GRID.
pub const ENDOWMENT: Balance = 1_000_000 * GRID;

/// The slot of the `development` chain, milliseconds.
pub const DEVELOPMENT_SLOT: u64 = 2_000;

/// The least that anybody may ask, base units: next to nothing, but nothing is for nothing. `min_use` is the farmer's own
/// business.
pub const PRICE_FLOOR: Prices = pallet_tfgrid::LEAST_PRICES;

/// The names of all presets.
pub fn names() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}

/// A preset as JSON: what differs from the default genesis. `None` if there is none of that name.
pub fn get(id: &PresetId) -> Option<Vec<u8>> {
    let preset = match id.as_ref() {
        DEV_RUNTIME_PRESET => development(),
        LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
        _ => return None,
    };
    Some(preset.to_string().into_bytes())
}

/// The state of a chain from one of the presets, as a node builds it: the preset merged into the defaults. `None` if there
/// is no preset of that name, or it is no genesis of this runtime.
#[cfg(feature = "std")]
pub fn state(id: &str) -> Option<sp_runtime::Storage> {
    use sp_runtime::BuildStorage;

    let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).ok()?;
    merge(&mut genesis, serde_json::from_slice(&get(&id.into())?).ok()?);
    serde_json::from_value::<RuntimeGenesisConfig>(genesis).ok()?.build_storage().ok()
}

/// RFC 7386, without deletions.
#[cfg(feature = "std")]
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(target.entry(key).or_insert(Value::Null), value));
        },
        (target, patch) => *target = patch,
    }
}

/// One validator, everything fast, and Alice may do anything.
fn development() -> Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        slot_time: SlotTimeConfig { milliseconds: DEVELOPMENT_SLOT },
        balances: BalancesConfig { balances: endowments() },
        validators: ValidatorsConfig { members: accounts(&[Sr25519Keyring::Alice]) },
        session: SessionConfig { keys: session_keys(&[(Sr25519Keyring::Alice, Ed25519Keyring::Alice)]) },
        sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
        council: CouncilConfig { members: accounts(&[Sr25519Keyring::Alice]) },
        tfgrid_module: TfgridModuleConfig { auto_verify_ips: true, price_floor: PRICE_FLOOR },
        smart_contract_module: SmartContractModuleConfig { rules: Parameters::development() },
    })
}

/// Two validators, production's times, and a council instead of sudo.
fn local_testnet() -> Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances: endowments() },
        validators: ValidatorsConfig { members: accounts(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob]) },
        session: SessionConfig {
            keys: session_keys(&[
                (Sr25519Keyring::Alice, Ed25519Keyring::Alice),
                (Sr25519Keyring::Bob, Ed25519Keyring::Bob),
            ]),
        },
        council: CouncilConfig {
            members: accounts(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]),
        },
        tfgrid_module: TfgridModuleConfig { price_floor: PRICE_FLOOR },
    })
}

/// Alice, Bob, Charlie, Dave, Eve, Ferdie and their stash accounts, endowed.
fn endowments() -> Vec<(AccountId, Balance)> {
    Sr25519Keyring::well_known().map(|who| (who.to_account_id(), ENDOWMENT)).collect()
}

/// The accounts of well-known names.
fn accounts(who: &[Sr25519Keyring]) -> Vec<AccountId> {
    who.iter().map(|who| who.to_account_id()).collect()
}

/// Session keys for validators: account and validator are one, blocks are signed with the same sr25519 key.
fn session_keys(validators: &[(Sr25519Keyring, Ed25519Keyring)]) -> Vec<(AccountId, AccountId, SessionKeys)> {
    validators
        .iter()
        .map(|(aura, grandpa)| {
            let account = aura.to_account_id();
            let keys = SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() };
            (account.clone(), account, keys)
        })
        .collect()
}
