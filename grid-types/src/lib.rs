//! What chain, agent and clients share, so that each says and computes the same thing.
//!
//! | module | what lives there | `no_std` |
//! | --- | --- | --- |
//! | [`units`] | capacity, consumption reports, prices and the arithmetic of a bill | yes |
//! | [`entities`] | what an entity signs outside a transaction | yes |
//! | [`json`] | strict reading and canonical writing of what is hashed or signed | no |
//! | [`deployment`] | what a user asks a node to run: schema, strict parsing, validation | no |
//! | [`challenge`] | the canonical bytes of a deployment and their hash | no |
//! | [`signature`] | kinds of signatures of accounts | no |
//! | [`seal`] | data on chain that only its owner can read | no |
//! | [`bus`] | messages between twins: envelope, signed bytes, what is sealed, the rmb queues' JSON, stable error codes | no |
//!
//! Nothing here talks to a network, a disk or a clock.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod entities;
pub mod units;

#[cfg(feature = "std")]
pub mod bus;
#[cfg(feature = "std")]
pub mod challenge;
#[cfg(feature = "std")]
pub mod deployment;
#[cfg(feature = "std")]
pub mod json;
#[cfg(feature = "std")]
pub mod seal;
#[cfg(feature = "std")]
pub mod signature;
