//! Tests of the registry: a file per subject, a module per call, a function per behaviour. The builder checks all
//! invariants after each.

#![allow(clippy::unwrap_used)]

mod addresses;
mod agents;
mod certifiers;
mod entities;
mod farms;
mod for_contracts;
mod genesis;
mod invariants;
mod nodes;
mod policies;
mod public_config;
mod shapes;
mod sponsors;
mod twin_entities;
mod twins;
mod weights;

/// An id that nothing has.
const UNKNOWN: u32 = u32::MAX;
