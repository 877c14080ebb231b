//! One module per call or theme, one test per behaviour, invariants checked after each.

#![allow(clippy::unwrap_used)] // What a test unwraps is there, or the test fails.

mod agenda;
mod bills;
mod cancel;
mod create;
mod deployment;
mod escrow;
mod fees;
mod hostile_node;
mod hostile_user;
mod indexes;
mod inside_rent;
mod leaving;
mod mistakes;
mod model;
mod names;
mod rent;
mod rent_end;
mod reports;
mod revenue;
mod update;
mod views;
