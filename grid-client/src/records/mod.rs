//! What the chain holds, as plain types. Money in base units, time in whole seconds, capacity as in [`grid_types::units`].

mod billing;
mod contracts;
mod nodes;
mod registry;

use crate::Hash;
use serde::Serialize;

pub use billing::{Bill, Billing, Funding, Parameters, PriceLimit, Quote, Refill};
pub use contracts::{
    Contract, ContractKind, ContractMode, ContractState, DeploymentOutcome, EndCause, NameLease, Refusal, RentUse,
};
pub use nodes::{
    Interface, Location, Machine, Node, NodeSpec, NodeStatus, Power, PowerState, PublicConfig, RentTerms, Seen, Subnet,
};
pub use registry::{Entity, Farm, IpClaim, PricingPolicy, PublicIp, Twin};

/// One block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

impl std::fmt::Display for BlockRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{} (0x{}…)", self.number, hex::encode(&self.hash[..4]))
    }
}

/// What an account has, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Its own, also what is frozen.
    pub free: u128,
    /// Held: deposits.
    pub held: u128,
    /// The part of `free` that it may not spend.
    pub frozen: u128,
}

/// Hexadecimal text with `0x` in JSON.
pub(crate) fn hex_text<S: serde::Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
}
