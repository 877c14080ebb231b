//! `state_…`: what the chain knows, and what its runtime says.

use super::{door::Door, params::Given, refusal};
use codec::Encode;
use frame_support::storage::unhashed;
use gridchain_runtime::{apis, Hash, VERSION};
use jsonrpsee_client::core::RpcResult;
use serde_json::{json, Value};
use sp_core::Bytes;
use sp_runtime::traits::{BlakeTwo256, Hash as _};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A node's code of a call that its runtime could not execute.
const NOT_EXECUTED: i32 = 4_003;
/// The most keys that are given at once, like a node's.
const MAX_KEYS: usize = 1_000;

/// A function of the runtime's API.
pub(super) fn call(door: &Door, given: Given) -> RpcResult<Value> {
    let (method, arguments): (String, Option<Bytes>) = (given.get(0)?, given.get(1)?);
    let (state, version) = door.state(given.get(2)?)?;
    if method == "Core_version" {
        let version = sp_version(version);
        return Ok(json!(Bytes(version)));
    }
    let arguments = arguments.map(|bytes| bytes.0).unwrap_or_default();
    // The runtime panics over arguments that it cannot decode; a node's is in a sandbox.
    let answer = catch_unwind(AssertUnwindSafe(|| door.read(&state, || apis::api::dispatch(&method, &arguments))));
    let failed = || refusal(NOT_EXECUTED, format!("Client error: Execution failed: {method} is not there or trapped"));
    let answer = answer.map_err(|_| failed())?.ok_or_else(failed)?;
    Ok(json!(Bytes(answer)))
}

/// The runtime's version by this number, encoded.
fn sp_version(spec_version: u32) -> Vec<u8> {
    let mut version = VERSION;
    version.spec_version = spec_version;
    version.encode()
}

pub(super) fn storage(door: &Door, given: Given) -> RpcResult<Value> {
    let key: Bytes = given.get(0)?;
    let (state, _) = door.state(given.get(1)?)?;
    Ok(json!(door.read(&state, || unhashed::get_raw(&key)).map(Bytes)))
}

pub(super) fn storage_hash(door: &Door, given: Given) -> RpcResult<Value> {
    let key: Bytes = given.get(0)?;
    let (state, _) = door.state(given.get(1)?)?;
    let value = door.read(&state, || unhashed::get_raw(&key));
    Ok(json!(value.map(|value| BlakeTwo256::hash(&value))))
}

pub(super) fn keys_paged(door: &Door, given: Given) -> RpcResult<Value> {
    let (prefix, count, after): (Option<Bytes>, usize, Option<Bytes>) = (given.get(0)?, given.get(1)?, given.get(2)?);
    let (state, _) = door.state(given.get(3)?)?;
    let prefix = prefix.map(|bytes| bytes.0).unwrap_or_default();
    let keys = state.keys(&prefix, count.min(MAX_KEYS), after.as_deref());
    Ok(json!(keys.into_iter().map(Bytes).collect::<Vec<_>>()))
}

pub(super) fn query_storage_at(door: &Door, given: Given) -> RpcResult<Value> {
    let (keys, at): (Vec<Bytes>, Option<Hash>) = (given.get(0)?, given.get(1)?);
    let (state, _) = door.state(at)?;
    let changes: Vec<(Bytes, Option<Bytes>)> = door.read(&state, || {
        keys.into_iter()
            .map(|key| {
                let value = unhashed::get_raw(&key).map(Bytes);
                (key, value)
            })
            .collect()
    });
    let block = at.or_else(|| door.hash_of(door.heights().0));
    Ok(json!([{ "block": block, "changes": changes }]))
}
