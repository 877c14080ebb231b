//! The farmer's service: checks what was agreed on chain, runs it, measures it and reports it.
//!
//! **The way of a deployment.** A user makes a contract on chain that holds the hash of a deployment, and sends the
//! deployment itself over the [`bus`]. The agent reads the contract from a finalized block and [`checks`] that both agree;
//! what it accepts is on disk ([`store`]) before the user hears of it. From then on the [`engine`] keeps what the gateway
//! ([`faas`]) runs in step with what the [`chain`] says, until the contract ends; [`report`] tells the chain what was used.
//!
//! **The rooms**
//! | room | what lives there |
//! | --- | --- |
//! | [`config`], [`key`], [`secret`], [`logging`] | what the operator decides and holds |
//! | [`bus`] | the doors for users, direct and through rmb: who speaks, what he wants, sealed and signed answers |
//! | [`checks`] | whether a deployment is what was agreed: one pure function |
//! | [`chain`] | the seam to the chain, and the client behind it |
//! | [`engine`] | the decision (pure) and the loop around it |
//! | [`faas`] | the gateway's REST API, and the embedded gateway |
//! | [`report`] | measuring, the outbox, heartbeats |
//! | [`store`] | what survives a restart |
//! | [`metrics`], [`board`], [`admin`], [`status`] | what the agent tells about itself |
//! | [`init`], [`doctor`] | the operator's first and last resort |
//! | [`agent`], [`service`] | all of it put together; run until a signal |
//! | [`step`] | names of the points at which a kill must be harmless |
//!
//! **What always holds.** "Cannot ask the chain" is never taken for "the contract is gone". An agent that is killed at any
//! instruction and started again ends in the same state as one that was not. No secret reaches a log.

pub mod admin;
pub mod agent;
pub mod board;
pub mod bus;
pub mod chain;
pub mod checks;
mod clock;
pub mod config;
pub mod doctor;
pub mod engine;
pub mod error;
pub mod faas;
mod identify;
pub mod init;
pub mod key;
pub mod logging;
pub mod metrics;
pub mod report;
pub mod secret;
pub mod service;
pub mod shutdown;
pub mod status;
pub mod step;
pub mod store;
