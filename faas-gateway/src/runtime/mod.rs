//! The sandbox: WebAssembly modules compiled ahead of time, one fresh instance per call.
//!
//! Two kinds of guests, told apart by the header of their bytes: WASI preview 1 commands (`command`) and
//! `wasi:http/proxy` components (`component`). Both have the same limits and meters (`call`) and get their turns in the
//! same places (`turn`).
//!
//! A guest has no ambient authority: no folders, no sockets, no environment but what the call gives it. It has a
//! clock, random numbers, its input and its outputs; a component may send requests to the servers its deployment names
//! (`egress`). What it may use is bounded: time, memory ([`Budget`]), output, requests of its own.

mod call;
mod command;
mod compiled;
mod complexity;
mod component;
mod crew;
mod egress;
mod engine;
mod guest;
mod input;
mod limits;
mod log;
mod output;
mod ticker;
mod turn;
mod usage;

pub(crate) use call::{Call, CallError};
pub(crate) use command::Outcome;
pub(crate) use compiled::{Code, Compiled, Kind, ModuleError};
pub(crate) use component::Answer;
pub(crate) use egress::{Egress, EgressRules, ANNOTATION as EGRESS_ANNOTATION};
pub(crate) use engine::Runtime;
pub(crate) use input::{Input, InputError, Rest};
pub(crate) use limits::Budget;
pub(crate) use log::Lines;
pub(crate) use turn::Pace;
pub(crate) use usage::Usage;
