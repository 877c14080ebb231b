//! Where users' commands come in, through two doors: whatever arrives is answered.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`direct`] | the direct door: signed and sealed messages over a WebSocket |
//! | [`rmb`] | the rmb door: the Redis of this node's rmb-peer |
//! | [`counter`] | where both lead to: who speaks is known, what he wants is done once |
//! | [`limits`], [`replay`], [`answers`] | how much, how often, and what was said before |
//! | [`accounts`], [`introduce`], [`seal_keys`] | whose key speaks for whom; this node's own |
//! | [`handlers`] | what the commands do |
//!
//! Logs name twins, ids, commands and codes. They never hold payloads, results, or keys.

pub mod accounts;
pub mod answers;
pub mod config;
pub mod counter;
pub mod direct;
pub mod handlers;
pub mod introduce;
pub mod limits;
pub mod replay;
pub mod rmb;
pub mod seal_keys;
