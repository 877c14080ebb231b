//! `author_…`: transactions.

use super::{door::Door, params::Given};
use crate::{endpoint::Transactions, ledger::Fate, pool::Unwanted};
use gridchain_runtime::Hash;
use jsonrpsee_client::{
    core::RpcResult,
    server::{SubscriptionMessage, SubscriptionSink},
    types::{ErrorObject, ErrorObjectOwned},
    RpcModule,
};
use serde_json::{json, value::to_raw_value, Value};
use sp_core::Bytes;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// Nobody listens any more.
struct Gone;

/// Takes a transaction and tells what becomes of it.
pub(super) fn submit_and_watch(module: &mut RpcModule<Door>) {
    let registered = module.register_subscription(
        "author_submitAndWatchExtrinsic",
        "author_extrinsicUpdate",
        "author_unwatchExtrinsic",
        |params, pending, door, _| async move {
            door.attend().await;
            match submit(&door, Given::read(&params)) {
                Ok(transaction) => {
                    let Ok(sink) = pending.accept().await else { return };
                    // Whoever is gone needs no more news.
                    let _ = follow(&door, transaction, &sink).await;
                },
                Err(error) => pending.reject(error).await,
            }
        },
    );
    registered.expect("each method has a name of its own");
}

/// Takes a transaction and gives its hash, whatever becomes of it.
pub(super) fn submit_only(door: &Door, given: Given) -> RpcResult<Value> {
    let bytes: Bytes = given.get(0)?;
    submit(door, Ok(given))?;
    Ok(json!(BlakeTwo256::hash(&bytes)))
}

/// Gives the transaction's hash, if it is on its way into a block.
fn submit(door: &Door, given: RpcResult<Given>) -> RpcResult<Option<Hash>> {
    let bytes: Bytes = given?.get(0)?;
    let manners = door.manners();
    match manners.transactions {
        Transactions::Refused => Err(Unwanted::Unknown("this endpoint takes none".to_owned()).into()),
        Transactions::Lost => Ok(None),
        _ if manners.knows_up_to.is_some() => Ok(None),
        Transactions::Included | Transactions::Unheard => Ok(Some(door.chain.submit(&bytes)?)),
    }
}

async fn follow(door: &Door, transaction: Option<Hash>, sink: &SubscriptionSink) -> Result<(), Gone> {
    tell(sink, json!("ready")).await?;
    let transaction = match (transaction, door.manners().transactions) {
        (None, _) | (_, Transactions::Unheard) => return tell(sink, json!("dropped")).await,
        (Some(transaction), _) => transaction,
    };
    let mut heights = door.chain.watch();
    let mut told = false;
    loop {
        // Marked as seen before the look, so that no change is missed.
        heights.borrow_and_update();
        match door.chain.fate(&transaction) {
            Some((Fate::In(number), is_final)) => {
                let hash = door.hash_of(number);
                if !std::mem::replace(&mut told, true) {
                    tell(sink, json!({ "inBlock": hash })).await?;
                }
                if is_final {
                    return tell(sink, json!({ "finalized": hash })).await;
                }
            },
            Some((Fate::Waiting, _)) => {},
            Some((Fate::Invalid, _)) | None => return tell(sink, json!("invalid")).await,
        }
        tokio::select! {
            changed = heights.changed() => changed.map_err(|_| Gone)?,
            () = sink.closed() => return Err(Gone),
        }
    }
}

async fn tell(sink: &SubscriptionSink, status: Value) -> Result<(), Gone> {
    let message = to_raw_value(&status).expect("a status is JSON");
    sink.send(SubscriptionMessage::from(message)).await.map_err(|_| Gone)
}

impl From<Unwanted> for ErrorObjectOwned {
    fn from(unwanted: Unwanted) -> Self {
        let (code, data) = match &unwanted {
            Unwanted::Format(_) => (1_001, None),
            Unwanted::Invalid(reason) => (1_010, Some((*reason).to_owned())),
            Unwanted::Unknown(reason) => (1_011, Some(reason.clone())),
            Unwanted::Known(hash) => (1_013, Some(format!("{hash:?}"))),
            Unwanted::Taken => (1_014, None),
        };
        ErrorObject::owned(code, unwanted.to_string(), data)
    }
}
