//! Whether an envelope may be acted on: pure checks, in the order in which they cost.

use crate::key::verify_message;
use grid_types::bus::{Code, Envelope, Failure};

/// All that can be told without knowing the sender: shape, addressee, time.
pub fn content(envelope: &Envelope, node_twin: u32, now: u64) -> Result<(), Failure> {
    envelope.check_shape()?;
    if envelope.destination != node_twin {
        return Err(Failure::new(
            Code::WrongDestination,
            format!("this is twin {node_twin}, the message is for twin {}", envelope.destination),
        ));
    }
    envelope.check_time(now)
}

/// Whether the source twin's account signed it, for this chain: as it is, or wrapped as wallets do.
pub fn signature(envelope: &Envelope, account: &[u8; 32], genesis: &[u8; 32]) -> Result<(), Failure> {
    let scheme = envelope.scheme()?;
    if verify_message(scheme, account, &envelope.signing_bytes(genesis), &envelope.signature) {
        return Ok(());
    }
    Err(Failure::new(
        Code::BadSignature,
        format!(
            "not signed by twin {}'s account for the chain with genesis 0x{}",
            envelope.source,
            hex::encode(genesis)
        ),
    ))
}
