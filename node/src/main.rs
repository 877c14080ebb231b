//! gridchain-node: the chain peer. A full node, a validator, or with `--dev` a whole development chain in one process.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`cli`] | the command line |
//! | [`command`] | what each subcommand does |
//! | [`chain_spec`] | the chains that the node can start by name |
//! | [`service`] | the node itself: database, network, consensus |
//! | [`rpc`] | what clients can ask beyond the standard methods |

// The error type is the SDK's and large; it is made once, on the way out.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
    command::run()
}
