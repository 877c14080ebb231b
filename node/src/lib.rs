//! The chain peer. A full node, a validator, or with `--dev` a whole development chain in one process.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`cli`] | the command line |
//! | [`command`] | what each subcommand does |
//! | [`chain_spec`] | the chains that the node can start by name |
//! | [`service`] | the node itself: database, network, consensus |
//! | [`rpc`] | what clients can ask beyond the standard methods |
//!
//! A library and not only a command, so that its tests link it instead of compiling the network and the database anew.

// The error type is the SDK's and large; it is made once, on the way out.
#![allow(clippy::result_large_err)]

pub mod chain_spec;
pub mod cli;
pub mod command;
mod rpc;
mod service;
