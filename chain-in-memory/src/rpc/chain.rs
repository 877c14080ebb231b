//! `chain_…`: blocks.

use super::{door::Door, params::Given};
use gridchain_runtime::Hash;
use jsonrpsee_client::{core::RpcResult, server::SubscriptionMessage, RpcModule};
use serde_json::{json, value::to_raw_value, Value};
use sp_core::Bytes;

pub(super) fn block_hash(door: &Door, given: Given) -> RpcResult<Value> {
    let number: Option<u32> = given.get(0)?;
    Ok(json!(door.hash_of(number.unwrap_or(door.heights().0))))
}

pub(super) fn finalized_head(door: &Door, _: Given) -> RpcResult<Value> {
    Ok(json!(door.hash_of(door.heights().1)))
}

pub(super) fn header(door: &Door, given: Given) -> RpcResult<Value> {
    let hash: Option<Hash> = given.get(0)?;
    Ok(json!(door.at(hash, |block| block.header.clone())))
}

pub(super) fn block(door: &Door, given: Given) -> RpcResult<Value> {
    let hash: Option<Hash> = given.get(0)?;
    let found = door.at(hash, |block| (block.header.clone(), block.body.clone()));
    Ok(found.map_or(Value::Null, |(header, body)| {
        let body: Vec<Bytes> = body.into_iter().map(Bytes).collect();
        json!({ "block": { "header": header, "extrinsics": body }, "justifications": null })
    }))
}

/// The newest finalized block whenever there is another one.
pub(super) fn subscribe_finalized_heads(module: &mut RpcModule<Door>) {
    let registered = module.register_subscription(
        "chain_subscribeFinalizedHeads",
        "chain_finalizedHead",
        "chain_unsubscribeFinalizedHeads",
        |_, pending, door, _| async move {
            door.attend().await;
            let mut heights = door.chain.watch();
            let Ok(sink) = pending.accept().await else { return };
            let mut told = None;
            loop {
                let finalized = door.heights().1;
                let header = door.at(door.hash_of(finalized), |block| block.header.clone());
                if let Some(header) = header.filter(|_| told != Some(finalized) && !door.manners().silent) {
                    told = Some(finalized);
                    let message = to_raw_value(&header).expect("a header is JSON");
                    if sink.send(SubscriptionMessage::from(message)).await.is_err() {
                        return;
                    }
                }
                tokio::select! {
                    changed = heights.changed() => if changed.is_err() { return },
                    () = sink.closed() => return,
                }
            }
        },
    );
    registered.expect("each method has a name of its own");
}
