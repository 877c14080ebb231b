//! `system_…`: what a wallet asks before it signs.

use super::{door::Door, params::Given};
use gridchain_runtime::AccountId;
use jsonrpsee_client::core::RpcResult;
use serde_json::{json, Value};

/// The nonce of an account's next transaction.
pub(super) fn account_next_index(door: &Door, given: Given) -> RpcResult<Value> {
    let account: AccountId = given.get(0)?;
    Ok(json!(door.chain.ledger().next_nonce(&account)))
}

pub(super) fn chain(_: &Door, _: Given) -> RpcResult<Value> {
    Ok(json!("Chain in memory"))
}

pub(super) fn chain_type(_: &Door, _: Given) -> RpcResult<Value> {
    Ok(json!("Development"))
}
