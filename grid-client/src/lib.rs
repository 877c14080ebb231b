//! The one place that talks to a gridchain node, and to the agents of the grid's machines.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`keys`] | accounts, secret keys, signatures |
//! | [`connect`] | [`Chain`]: endpoints, failover, which block is asked |
//! | [`reads`] | [`View`]: the chain's records at one block |
//! | [`heads`] | every finalized block, in order |
//! | [`calls`], [`submit`] | what can be asked of the chain, and sending it |
//! | [`fate`] | what became of a transaction whose trace was lost |
//! | [`events`] | what happened |
//! | [`records`] | the plain types of all of these |
//! | [`error`] | why there is no answer |
//! | [`bus`] | a client of the doors of a node's agent, direct and through rmb |
//!
//! **Absent and unknown.** A read gives `Ok(None)` when the chain says, at that block, that there is none. Everything else that
//! is not an answer is an `Err`: an endpoint that fails never looks like a contract that is gone.
//!
//! The types at the surface are this crate's own, so that users can put something else in its place in tests.

pub mod bus;
pub mod calls;
pub mod connect;
pub mod error;
pub mod events;
pub mod fate;
pub mod heads;
pub mod keys;
pub mod reads;
pub mod records;
pub mod submit;

mod address;
mod convert;
mod runtime;

pub use address::shown;
pub use bus::{Bus, BusError, BusTarget};
pub use calls::{Call, CreateContract, EntityDetails, PublicIpChange, MAX_REPORTS};
pub use connect::Chain;
pub use error::{ChainError, DispatchError, SubmitError};
pub use events::Event;
pub use fate::Fate;
pub use heads::FinalizedHeads;
pub use keys::{verify, verify_message, Account, Key, KeyError};
pub use reads::View;
pub use records::BlockRef;
pub use submit::{report_outcomes, Included, Prepared, ReportOutcome, Wait, LIFE};

/// A 32-byte hash: of a block, a transaction, a deployment, a genesis.
pub type Hash = [u8; 32];
