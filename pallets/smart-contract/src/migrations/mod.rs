//! What changes on a chain that has state of an older version. One room per step.

pub(crate) mod v2;

pub use v2::MigrateV1ToV2;
