//! The chains that the node can start: two by name, built from the runtime's genesis presets, any other from a file.

use gridchain_runtime::WASM_BINARY;
use sc_service::{ChainType, Properties};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use std::path::Path;

/// A chain's specification, without extensions.
pub type ChainSpec = sc_service::GenericChainSpec;

/// The chain of this name, or of the file at this path.
///
/// `dev` is one process on one machine; `local`, also the default, is a network of two validators on one machine.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    match id {
        "dev" => named("Gridchain Development", "gridchain_dev", ChainType::Development, DEV_RUNTIME_PRESET),
        "" | "local" => {
            named("Gridchain Local Testnet", "gridchain_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
        },
        path => ChainSpec::from_json_file(Path::new(path).to_path_buf()).map_err(|error| {
            format!("`{path}` is not a chain: expected dev, local, or a specification file ({error})")
        }),
    }
}

/// A chain from one of the runtime's presets.
fn named(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let code = WASM_BINARY.ok_or(
        "this node was built without its WebAssembly runtime (SKIP_WASM_BUILD): build it again without that variable, or \
         start it with a specification file",
    )?;
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id("gridchain")
        .with_genesis_config_preset_name(preset)
        .with_properties(properties())
        .build())
}

/// What wallets show: the token's name and decimals and the form of addresses.
pub fn properties() -> Properties {
    Properties::from_iter([
        ("tokenSymbol".into(), "GRID".into()),
        ("tokenDecimals".into(), gridchain_runtime::currency::DECIMALS.into()),
        ("ss58Format".into(), gridchain_runtime::SS58_PREFIX.into()),
    ])
}
