//! Random sequences of calls against the real runtime, and the rules that must hold whatever they are.
//!
//! A **case** is a preset and a list of **steps**; a step lets time pass, chooses who signs, and calls something. Each step
//! is 16 bytes, and any 16 bytes are a step: bytes choose among what is plausible on the chain as it is at that moment, with
//! a zero for what is most plausible. So cases can be cut, joined and changed anywhere and still do something, and a failure
//! is replayed from its bytes alone.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`chain`] | the runtime in memory: blocks, time, calls |
//! | [`step`] | steps as bytes and as text |
//! | [`draw`] | choices from bytes |
//! | [`grid`] | what there is on the chain to choose from |
//! | [`calls`] | how each call is made from bytes |
//! | [`case`] | runs a case |
//! | [`seeds`] | the cases to begin with, and the file format |
//! | [`mutate`] | makes new cases of known ones |
//! | [`search`] | goes on until something breaks or the work is done |
//! | [`shrink`] | what of a failing case is not needed |
//! | [`tally`] | what was tried and what succeeded |

pub mod calls;
pub mod case;
pub mod chain;
pub mod draw;
pub mod grid;
pub mod mutate;
pub mod search;
pub mod seeds;
pub mod shrink;
pub mod step;
pub mod tally;
