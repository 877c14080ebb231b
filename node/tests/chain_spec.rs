//! The chains that the node can start by name.

use gridchain_node::chain_spec::{load, properties};
use gridchain_runtime::WASM_BINARY;

#[test]
fn an_unknown_name_says_what_is_expected() {
    let error = load("no-such-chain").err().unwrap_or_default();
    assert!(error.contains("expected dev, local, or a specification file"), "{error}");
}

#[test]
fn wallets_learn_the_token() {
    let properties = properties();
    assert_eq!(properties.get("tokenSymbol"), Some(&"GRID".into()));
    assert_eq!(properties.get("tokenDecimals"), Some(&7.into()));
    assert_eq!(properties.get("ss58Format"), Some(&42.into()));
}

#[test]
fn named_chains_build_their_genesis() {
    for name in ["dev", "local"] {
        match (WASM_BINARY, load(name)) {
            (Some(_), spec) => {
                let json = spec.and_then(|spec| spec.as_json(true));
                assert!(json.is_ok(), "{name}: {json:?}");
            },
            // A build without the runtime for the chain's state says so instead.
            (None, spec) => assert!(spec.is_err_and(|error| error.contains("SKIP_WASM_BUILD"))),
        }
    }
}
