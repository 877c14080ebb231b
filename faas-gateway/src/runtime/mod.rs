//! The sandbox: WebAssembly modules compiled ahead of time, one fresh instance per call. Knows nothing of HTTP.
//!
//! A guest has no ambient authority: no folders, no sockets, no environment but what the call gives it. It has a
//! clock, random numbers, its input and two outputs. What it may use is bounded: time ([`Call::timeout`]), memory
//! ([`Budget`]), output ([`Call::output_bytes`]).

mod call;
mod compiled;
mod engine;
mod guest;
mod limits;
mod output;
mod usage;

pub(crate) use call::{Call, CallError, Outcome};
pub(crate) use compiled::{Compiled, ModuleError};
pub(crate) use engine::Runtime;
pub(crate) use limits::Budget;
pub(crate) use usage::Usage;
