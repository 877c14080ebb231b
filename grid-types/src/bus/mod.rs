//! Messages between twins, through the direct door of a node's agent.
//!
//! JSON-RPC 2.0 over WebSocket, one method, [`METHOD`], with one positional parameter, an [`Envelope`]; its result is always
//! a [`Reply`]. Refusals travel inside the reply with a stable [`Code`]; JSON-RPC's own errors are only for what is no call
//! at all. Both are signed, bound to the chain by its genesis hash:
//!
//! ```text
//! envelope: "gridchain/bus/v1"   0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32, command str,
//!                                          timestamp u64, expiration u64, BLAKE2b-256(payload))
//! reply:    "gridchain/reply/v1" 0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32,
//!                                          timestamp u64, BLAKE2b-256(0x00 ++ payload | 0x01 ++ canonical {"error": ..}))
//! ```
//!
//! Signatures are sr25519 in Substrate's signing context: the twin's account signs envelopes, the node's agent account signs
//! replies. This module says what is signed and checks the shape; keys, clocks and the memory of seen ids belong to callers.

mod code;
mod commands;
mod envelope;
mod reply;
mod text;

pub use code::{Code, Failure};
pub use commands::*;
pub use envelope::{Envelope, MessageId, ReplyTo};
pub use reply::{ErrorBody, Reply};

/// The one method of the direct door.
pub const METHOD: &str = "bus_call";
/// The version of envelopes and replies.
pub const VERSION: u8 = 1;
/// The only kind of signature so far.
pub const SIGNATURE_TYPE: &str = "sr25519";
/// The longest life of an envelope, seconds.
pub const MAX_EXPIRATION: u64 = 1_800;
/// How far ahead a sender's clock may be, seconds.
pub const MAX_SKEW: u64 = 30;
/// The longest command name, bytes.
pub const MAX_COMMAND: usize = 64;
/// The largest module that [`MODULE_PUT`] takes, bytes.
pub const MAX_MODULE: usize = 6 << 20;
/// The largest payload of any other command, bytes.
pub const MAX_PAYLOAD: usize = 1 << 20;
/// The largest message on the socket, bytes: the largest module, twice in base64 (4/3 each), and some room.
pub const MAX_MESSAGE: usize = 12 << 20;

/// The largest payload of a command, bytes.
pub fn max_payload(command: &str) -> usize {
    match command {
        MODULE_PUT => MAX_MODULE / 3 * 4 + 1_024,
        _ => MAX_PAYLOAD,
    }
}

#[cfg(test)]
mod tests;
