//! Relays and peers of the reliable message bus (rmb-rs) find the twins they look for.
//!
//! They are built against a fixed description of the `TfgridModule` and refuse a chain whose storage items or calls hash
//! differently. The hashes here are those of that description, computed with the very library that the clients use.

use crate::Runtime;
use codec::Decode;
use frame_metadata::{v14::RuntimeMetadataV14, RuntimeMetadata, RuntimeMetadataPrefixed};
use subxt_metadata::{get_call_hash, get_storage_hash};

const PALLET: &str = "TfgridModule";

/// The metadata that `state_call("Metadata_metadata")` gives.
fn metadata() -> RuntimeMetadataV14 {
    let bytes = sp_io::TestExternalities::default().execute_with(|| codec::Encode::encode(&Runtime::metadata()));
    match RuntimeMetadataPrefixed::decode(&mut bytes.as_slice()).unwrap().1 {
        RuntimeMetadata::V14(metadata) => metadata,
        other => panic!("version {} instead of 14", other.version()),
    }
}

fn storage_hash(item: &str) -> String {
    let hash = get_storage_hash(&metadata(), PALLET, item);
    hex::encode(hash.unwrap_or_else(|_| panic!("{PALLET} has no storage item {item}")))
}

#[test]
fn twins_have_the_expected_shape() {
    assert_eq!(storage_hash("Twins"), "4083fe978cd66f06c97f51f4d72e3e34ec0bf630a8cc686bd643c25e2df8a481");
}

#[test]
fn twin_numbers_by_account_have_the_expected_shape() {
    let expected = "92dbbeb626bec19dd7fcbec2ce8375d61f6f51e6f46b2dc82a8dceae36f130f8";
    assert_eq!(storage_hash("TwinIdByAccountID"), expected);
}

#[test]
fn update_twin_has_the_expected_shape() {
    let hash = get_call_hash(&metadata(), PALLET, "update_twin");
    let expected = "4aad823a3817d6391d95acff24ba720b401cc281747c0bac5be725f8a7de1e3f";
    assert_eq!(hex::encode(hash.unwrap_or_else(|_| panic!("{PALLET} has no call update_twin"))), expected);
}

#[test]
fn twin_events_carry_the_twin_alone() {
    let metadata = metadata();
    let pallet = metadata.pallets.iter().find(|pallet| pallet.name == PALLET).unwrap();
    let events = metadata.types.resolve(pallet.event.as_ref().unwrap().ty.id).unwrap();
    let scale_info::TypeDef::Variant(events) = &events.type_def else { panic!("events are an enum") };
    let field_types = |name: &str| -> Vec<_> {
        let event =
            events.variants.iter().find(|event| event.name == name).unwrap_or_else(|| panic!("no event {name}"));
        event.fields.iter().map(|field| metadata.types.resolve(field.ty.id).unwrap().path.ident()).collect()
    };
    for name in ["TwinStored", "TwinUpdated"] {
        assert_eq!(field_types(name), [Some("Twin".to_string())], "{name}");
    }
}

#[test]
fn twins_are_stored_under_the_expected_key() {
    let key = pallet_tfgrid::Twins::<Runtime>::hashed_key_for(1);
    let prefix = "19a2526838feefd7695a3b5715b415b1311378229266fc86f673a3f4cf398e69";
    assert!(hex::encode(key).starts_with(prefix));
}
