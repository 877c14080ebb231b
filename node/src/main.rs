//! gridchain-node: the command. What it does is in the library of the same crate.

// The error type is the SDK's and large; it is made once, on the way out.
#![allow(clippy::result_large_err)]

fn main() -> sc_cli::Result<()> {
    gridchain_node::command::run()
}
