//! What end-to-end tests stand on: real processes on free ports, in a folder of their own, gone when the test is.
//!
//! * [`process`]: a child process with its log, killed on drop;
//! * [`node`]: a chain node whose process can be killed and started again;
//! * [`wait`]: waiting for conditions, never for time;
//! * [`grid`]: the user's command line, with its JSON;
//! * [`scene`]: a chain, a farmer with a running node, and users;
//! * [`rmb`]: a Redis, and what stands for rmb-peers around it;
//! * [`town`]: a chain and people, for what needs no running node;
//! * [`by_hand`]: what a deployment and an agent do on chain, without either.
//!
//! And for what needs no node, on the real runtime in memory (`chain-in-memory`):
//!
//! * [`meadow`]: a farm with one node and a user, on whatever chain, with [`functions`] made from text;
//! * [`inside`]: an agent in the test's own process;
//! * [`stage`]: a meadow for agents and gateways in processes of their own;
//! * [`home`]: where an agent and its gateway live, and the programs that live there;
//! * [`keeper`]: a program that is killed and started again, at [`steps`] or at any time;
//! * [`story`]: a short life of a node, and how it must end;
//! * [`soak`]: such lives with kills and outages at any time;
//! * [`ledger`]: what all blocks say happened.

pub mod by_hand;
pub mod functions;
pub mod grid;
pub mod home;
pub mod inside;
pub mod keeper;
pub mod ledger;
pub mod meadow;
pub mod node;
pub mod process;
pub mod rmb;
pub mod scene;
pub mod soak;
pub mod stage;
pub mod steps;
pub mod story;
pub mod town;
pub mod wait;
