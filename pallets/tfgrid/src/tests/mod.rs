//! Tests of the registry: a file per subject, a module per call, a function per behaviour. The builder checks all
//! invariants after each.

#![allow(clippy::unwrap_used)]

mod addresses;
mod agents;
mod certifiers;
mod degraded;
mod entities;
mod entity_signatures;
mod farms;
mod for_contracts;
mod genesis;
mod invariants;
mod leaving;
mod migrations;
mod moving;
mod nodes;
mod policies;
mod power;
mod public_config;
mod renting;
mod shapes;
mod sponsors;
mod twin_entities;
mod twins;
mod views;
mod weights;

/// An id that nothing has.
const UNKNOWN: u32 = u32::MAX;
