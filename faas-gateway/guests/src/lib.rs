//! Guests for tests and measurements of the gateway, their code as text: no WebAssembly toolchain is needed.
//!
//! A library of its own for what it is made with: as a dependency of tests only, that would change the features of crates
//! which the chain's node is made of too, and whoever builds everything and then tests it would compile them twice.
//!
//! - [`modules`]: WASI preview 1 commands, as text. [`components`]: `wasi:http` components, as bytes.
//!
//! What makes a guest panics if its text is wrong.

pub mod components;
pub mod modules;
