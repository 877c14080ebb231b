//! What becomes of one message: text in, text out.

use super::{queues::Letter, shielded, Counter};
use crate::{
    bus::{answers::Outcome, counter::Said, limits::Shares},
    clock,
};
use grid_types::{
    bus::{
        max_payload,
        rmb::{decode, twin_of, RmbDelivery, RmbHead, RmbReply, RMB_VERSION, SCHEMA},
        Code, Failure, MAX_EXPIRATION,
    },
    deployment::Digest,
};
use std::sync::Arc;

/// Answers one message; nothing if it does not even say whom.
pub async fn answer(counter: &Arc<Counter>, shares: &Arc<Shares>, text: Vec<u8>, max_message: usize) -> Option<Letter> {
    let head: RmbHead = serde_json::from_slice(&text).unwrap_or_default();
    let Some(src) = head.src else {
        tracing::warn!(bytes = text.len(), "something on the rmb door says not whom to answer");
        return None;
    };
    let bytes = text.len();
    let delivery = if bytes > max_message { Err(too_large(bytes, max_message)) } else { read(&text) };
    drop(text);
    let longest = clock::now().saturating_add(MAX_EXPIRATION);
    let deadline = delivery.as_ref().map_or(longest, RmbDelivery::deadline).min(longest);
    let outcome = match delivery {
        Ok(delivery) => {
            let (counter, shares) = (Arc::clone(counter), Arc::clone(shares));
            shielded(async move { carry_out(&counter, &shares, delivery, bytes).await }).await
        },
        Err(failure) => Err(failure),
    };
    if let Err(failure) = &outcome {
        counter.metrics.refused(failure.code);
        tracing::info!(src, code = %failure.code, "refused on the rmb door");
    }
    let reply = reply(head.reference, src, outcome, clock::now());
    match serde_json::to_vec(&reply) {
        Ok(text) => Some(Letter { text, deadline }),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            None
        },
    }
}

async fn carry_out(counter: &Counter, shares: &Arc<Shares>, delivery: RmbDelivery, bytes: usize) -> Outcome {
    let source = twin_of(&delivery.src)?;
    let _share = shares.take(source)?;
    delivery.check_time(clock::now())?;
    if delivery.reference.as_deref().unwrap_or_default().is_empty() {
        return Err(Failure::new(Code::BadSchema, "ref is missing: without it a message cannot be heard just once"));
    }
    let said = Said {
        source,
        id: delivery.id(),
        deadline: delivery.deadline(),
        bytes,
        content: Digest::of([delivery.cmd.as_bytes(), b"\0", delivery.dat.as_bytes()].concat().as_slice()),
        command: delivery.cmd,
    };
    let limit = max_payload(&said.command);
    let dat = delivery.dat;
    counter
        .serve(said, move || {
            let payload = decode(&dat)?;
            match payload.len() {
                // Peers of others send nothing where nothing is needed.
                0 => Ok(b"{}".to_vec()),
                size if size > limit => Err(too_large(size, limit)),
                _ => Ok(payload),
            }
        })
        .await
}

fn read(text: &[u8]) -> Result<RmbDelivery, Failure> {
    let bad = |message: String| Failure::new(Code::BadSchema, message);
    let delivery: RmbDelivery = serde_json::from_slice(text).map_err(|error| bad(format!("message: {error}")))?;
    if delivery.ver != RMB_VERSION {
        return Err(bad(format!("ver {} is not {RMB_VERSION}", delivery.ver)));
    }
    match delivery.shm.as_deref() {
        None | Some("" | SCHEMA) => Ok(delivery),
        Some(other) => Err(bad(format!("shm is {other:?}, only {SCHEMA} is read"))),
    }
}

fn too_large(size: usize, limit: usize) -> Failure {
    let message = format!(
        "{size} bytes are more than the {limit} that this door takes; send large modules through the direct door"
    );
    Failure::new(Code::TooLarge, message)
}

fn reply(reference: Option<String>, src: String, outcome: Outcome, now: u64) -> RmbReply {
    let (dat, err) = match outcome {
        Ok(result) => (result, None),
        Err(failure) => (Vec::new(), Some(failure.into())),
    };
    RmbReply { ver: RMB_VERSION, reference, dat, dst: src, shm: SCHEMA.to_owned(), now, err }
}
