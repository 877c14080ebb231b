//! What an upgrade does to the records of a live chain, in order.
//!
//! Each entry looks at its pallet's storage version and does nothing where it is not the one it is for, so a chain may come
//! from any version whose steps are still here.

use crate::Runtime;

/// All steps, the oldest first.
///
/// The registry comes first: contracts look at its nodes.
pub type All = (pallet_tfgrid::migrations::V0ToV1<Runtime>, pallet_smart_contract::migrations::MigrateV1ToV2<Runtime>);
