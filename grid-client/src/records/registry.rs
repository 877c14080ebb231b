//! Who is who and what farmers offer: twins, entities, farms, prices, addresses.

use crate::keys::Account;
use grid_types::units::Prices;
use serde::Serialize;
use std::net::Ipv4Addr;

/// An account's presence on the grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Twin {
    /// Its id, counted from 1.
    pub id: u32,
    /// The account that signs for it.
    pub account: Account,
    /// RMB relay domains, joined with `_`.
    pub relay: Option<String>,
    /// Its public key for end-to-end encryption.
    #[serde(serialize_with = "optional_hex")]
    pub pk: Option<Vec<u8>>,
    /// The entities that vouch for it.
    pub entities: Vec<u32>,
}

/// An organisation that vouches for twins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Its id, counted from 1.
    pub id: u32,
    /// Its name, unique on the chain.
    pub name: String,
    /// Its country.
    pub country: String,
    /// Its city.
    pub city: String,
    /// The account that signs for it.
    pub account: Account,
}

/// A farmer's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Farm {
    /// Its id, counted from 1.
    pub id: u32,
    /// Its name, unique on the chain.
    pub name: String,
    /// The farmer's twin.
    pub twin_id: u32,
    /// Its prices.
    pub pricing_policy_id: u32,
    /// Where its earnings go.
    pub payout: Account,
    /// Verified public addresses, held or free; how many are free tells `View::free_public_ips`.
    pub public_ips: u32,
}

/// A farmer's price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PricingPolicy {
    /// Its id, counted from 1.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The twin that owns it.
    pub twin_id: u32,
    /// The prices, base units.
    pub prices: Prices,
}

/// A verified public address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicIp {
    /// The address.
    pub address: Ipv4Addr,
    /// The farm that offers it.
    pub farm_id: u32,
    /// Length of its subnet's prefix, bits.
    pub prefix_len: u8,
    /// Its gateway.
    pub gateway: Ipv4Addr,
    /// The contract that holds it.
    pub contract_id: Option<u64>,
}

/// A farm's claim to an address that nobody has verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IpClaim {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of its subnet's prefix, bits.
    pub prefix_len: u8,
    /// Its gateway.
    pub gateway: Ipv4Addr,
}

fn optional_hex<S: serde::Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => super::hex_text(bytes, serializer),
        None => serializer.serialize_none(),
    }
}
