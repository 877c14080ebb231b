//! Messages between twins, through the direct door of a node's agent.
//!
//! JSON-RPC 2.0 over WebSocket. [`METHOD`] takes one positional parameter, an [`Envelope`]; its result is always a [`Reply`].
//! [`HELLO_METHOD`] takes a [`Hello`] from anybody and gives an [`Introduction`]. Refusals travel inside the reply with a stable [`Code`]; JSON-RPC's own errors are only for what is no call
//! at all. Both are signed, bound to the chain by its genesis hash:
//!
//! ```text
//! envelope: "gridchain/bus/v1"   0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32, command str,
//!                                          timestamp u64, expiration u64, BLAKE2b-256(payload))
//! reply:    "gridchain/reply/v1" 0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32,
//!                                          timestamp u64, BLAKE2b-256(0x00 ++ payload | 0x01 ++ canonical {"error": ..}
//!                                                                     | 0x02 ++ sealed answer))
//! ```
//!
//! What carries anything private is sealed to the node's key and back ([`Seal`]); such an envelope is signed over other bytes.
//!
//! Signatures are sr25519 or ed25519 ([`crate::signature`]): the twin's account signs envelopes, as they are or wrapped as
//! wallets do (`<Bytes>..</Bytes>`), the node's agent account signs replies. This module says what is signed and checks the shape; keys, clocks and the memory of seen ids belong to callers.

mod code;
mod commands;
mod envelope;
mod hello;
mod reply;
pub mod rmb;
mod sealed;
mod text;

use crate::signature::Scheme;

pub use code::{Code, Failure};
pub use commands::*;
pub use envelope::{Envelope, MessageId, ReplyTo};
pub use hello::{Hello, Introduction};
pub use reply::{ErrorBody, Reply};
pub use sealed::Seal;
pub(crate) use text::hex_array;

/// The method of the direct door that takes messages.
pub const METHOD: &str = "bus_call";
/// The method of the direct door that anybody may call without a signature: [`Hello`] -> [`Introduction`].
pub const HELLO_METHOD: &str = "bus_hello";
/// The version of envelopes and replies.
pub const VERSION: u8 = 1;
/// The kind of signature of a message that was not signed yet.
pub const SIGNATURE_TYPE: &str = Scheme::Sr25519.as_str();
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

/// Commands whose payload and answer everybody may read.
const HARMLESS: &[&str] = &[HELLO, SYSTEM_VERSION, STATISTICS_GET, DEPLOYMENT_DELETE];

/// Whether nobody is harmed if others can read what is sent and answered. All other commands are to be sealed.
pub fn harmless(command: &str) -> bool {
    HARMLESS.contains(&command)
}

#[cfg(test)]
mod sealed_tests;
#[cfg(test)]
mod tests;
