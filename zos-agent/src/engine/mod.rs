//! Keeps what runs in step with what was agreed.
//!
//! Level-triggered: [`decide`] compares what the chain says, what was accepted and what the gateway runs, and names what
//! is missing; [`run`] fetches these three, lets the actions be done ([`act`]) and starts over, at start, on every finalized
//! block, on a timer and whenever a command calls. How things came to be as they are never matters, so nothing has to be
//! remembered about events, and a kill at any instruction only means starting over.

pub mod act;
mod action;
pub mod backoff;
pub mod decide;
pub mod ends;
pub mod nudge;
mod room;
pub mod run;
pub mod shop;
mod trouble;
