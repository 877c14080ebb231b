//! What end-to-end tests stand on: real processes on free ports, in a folder of their own, gone when the test is.
//!
//! * [`process`]: a child process with its log, killed on drop;
//! * [`wait`]: waiting for conditions, never for time;
//! * [`grid`]: the user's command line, with its JSON;
//! * [`scene`]: a chain, a farmer with a running node, and users;
//! * [`rmb`]: a Redis, and what stands for rmb-peers around it;
//! * [`town`]: a chain and people, for what needs no running node;
//! * [`by_hand`]: what a deployment and an agent do on chain, without either.

pub mod by_hand;
pub mod grid;
pub mod process;
pub mod rmb;
pub mod scene;
pub mod town;
pub mod wait;
