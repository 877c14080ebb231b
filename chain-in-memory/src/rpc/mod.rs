//! The methods of a node's RPC that `grid-client` uses, and no others. Words and codes are a node's.

mod author;
mod chain;
mod door;
mod params;
mod state;
mod system;

pub(crate) use door::Door;

use jsonrpsee_client::{
    core::RpcResult,
    types::{ErrorObject, ErrorObjectOwned},
    RpcModule,
};
use params::Given;
use serde_json::Value;

/// All methods of an endpoint.
pub(crate) fn methods(door: Door) -> RpcModule<Door> {
    let mut module = RpcModule::new(door);
    answer(&mut module, "chain_getBlockHash", chain::block_hash);
    answer(&mut module, "chain_getFinalizedHead", chain::finalized_head);
    answer(&mut module, "chain_getHeader", chain::header);
    answer(&mut module, "chain_getBlock", chain::block);
    answer(&mut module, "state_call", state::call);
    answer(&mut module, "state_getStorage", state::storage);
    answer(&mut module, "state_getStorageHash", state::storage_hash);
    answer(&mut module, "state_getKeysPaged", state::keys_paged);
    answer(&mut module, "state_queryStorageAt", state::query_storage_at);
    answer(&mut module, "author_submitExtrinsic", author::submit_only);
    answer(&mut module, "system_accountNextIndex", system::account_next_index);
    answer(&mut module, "system_chain", system::chain);
    answer(&mut module, "system_chainType", system::chain_type);
    chain::subscribe_finalized_heads(&mut module);
    author::submit_and_watch(&mut module);
    module
}

/// A method with one answer.
fn answer(module: &mut RpcModule<Door>, name: &'static str, method: fn(&Door, Given) -> RpcResult<Value>) {
    let registered = module.register_async_method(name, move |params, door, _| async move {
        door.attend().await;
        method(&door, Given::read(&params)?)
    });
    registered.expect("each method has a name of its own");
}

/// A refusal in a node's words.
fn refusal(code: i32, message: impl Into<String>) -> ErrorObjectOwned {
    ErrorObject::owned(code, message, None::<()>)
}
