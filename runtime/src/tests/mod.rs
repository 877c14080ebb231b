//! Tests of the composed runtime: what only shows when all pallets are together.

#![allow(clippy::unwrap_used)]

mod addresses;
mod entities;
mod fees;
mod governance;
mod message_bus;
mod metadata;
mod migrations;
mod presets;
mod proxies;
mod upgrades;

use crate::{genesis_presets, AccountId};
use sp_keyring::Sr25519Keyring;

/// A chain at genesis, from one of the presets.
fn chain(preset: &str) -> sp_io::TestExternalities {
    genesis_presets::state(preset).expect("the preset exists").into()
}

/// The account of a well-known key.
fn account(who: Sr25519Keyring) -> AccountId {
    who.to_account_id()
}
