//! One module per call or theme, one test per behaviour, invariants checked after each.

#![allow(clippy::unwrap_used)] // What a test unwraps is there, or the test fails.

mod addresses;
mod agenda;
mod bills;
mod cancel;
mod create;
mod cushion;
mod deployment;
mod ending;
mod escrow;
mod fees;
mod grace;
mod hostile_node;
mod hostile_user;
mod indexes;
mod inside_rent;
mod invariants;
mod leaving;
mod migrations;
mod mistakes;
mod model;
mod names;
mod rent;
mod rent_end;
mod reports;
mod revenue;
mod settling;
mod snapshot;
mod stalls;
mod traffic;
mod update;
mod views;
