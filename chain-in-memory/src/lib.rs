//! A chain for tests: the real runtime on state in memory, behind the RPC methods that the grid's services use.
//!
//! What a node does with consensus, a network and a database is done here by one function call; everything else is the node's:
//! transactions are checked and executed by the runtime's `Executive`, questions are answered by its API, and both arrive
//! over a WebSocket in a node's words. So a service under test needs no node, time passes as fast as a test likes, and
//! whatever can go wrong with an endpoint does when it is told to.
//!
//! ```no_run
//! use chain_in_memory::{Chain, Genesis};
//!
//! let chain = Chain::new(&Genesis::default());
//! let (first, second) = (chain.endpoint(), chain.endpoint());
//! // A service is given `first.url()` and `second.url()`. Its transactions are in final blocks at once.
//! chain.advance(3 * 86_400); // three days pass
//! first.change(|manners| manners.silent = true); // it answers no more
//! second.close(); // all its connections break
//! ```
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`chain`] | the chain in a test's hands: blocks, time, finality |
//! | [`endpoint`] | doors to it, each with its manners |
//! | [`genesis`] | how it begins |
//! | [`rules`] | what holds after each block, checked after each |
//! | `ledger` | blocks and their states; no I/O and no clock |
//! | `state` | the state after one block |
//! | `pool` | transactions that wait |
//! | `upgrade` | another version of the runtime, played |
//! | `rpc` | the methods |

pub mod chain;
pub mod endpoint;
pub mod genesis;
mod ledger;
mod pool;
mod rpc;
pub mod rules;
mod state;
mod upgrade;

pub use chain::Chain;
pub use endpoint::{Endpoint, Manners, Transactions};
pub use genesis::Genesis;
pub use ledger::{opening, Record};
