//! What the chain costs, measured and not declared.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`accesses`] | counts the storage accesses of anything that runs on a state in memory |
//! | [`world`] | a chain's state with farms, nodes, users and contracts, made by the runtime's own calls |
//! | [`budgets`] | the storage work of the calls that there are most of |
//! | [`hooks`] | an empty block with few contracts and with many |
//! | [`chain`] | a real chain for real nodes, and the batches that fill a block of it |
//!
//! `scripts/bench chain` runs all of it and prints one table.

pub mod accesses;
pub mod budgets;
pub mod chain;
pub mod hooks;
pub mod world;
