//! Money as pure functions: no storage, no clock, no account. Everything here can be tested without a runtime.
//!
//! * [`window`]: which seconds may be charged;
//! * [`charge`]: what they cost, and the record after;
//! * [`rent`]: what a whole node costs, and what is inside it;
//! * [`escrow`]: how much must be set aside, and how much may be drawn;
//! * [`grace`]: how long a pause lasts, and what it takes to end it.

pub mod charge;
pub mod escrow;
pub mod grace;
pub mod rent;
pub mod window;
