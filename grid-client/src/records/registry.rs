//! Who is who and what there is: twins, farms, prices, addresses, nodes.

use crate::keys::Account;
use grid_types::units::{Capacity, Prices};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

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
    /// Verified public addresses.
    pub public_ips: u32,
    /// Those of them that no contract holds.
    pub free_public_ips: u32,
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

/// A machine that offers capacity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its id, counted from 1.
    pub id: u32,
    /// Its farm.
    pub farm_id: u32,
    /// Its own twin.
    pub twin_id: u32,
    /// The account that signs its heartbeats, reports and answers.
    pub agent: Account,
    /// What it tells about itself.
    #[serde(flatten)]
    pub spec: NodeSpec,
    /// Whether a certifier vouches for it.
    pub certified: bool,
    /// When it was registered, Unix seconds.
    pub created: u64,
    /// Whether it is on its way out and takes no work.
    pub closing: bool,
}

/// What a node tells about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeSpec {
    /// What it has.
    pub capacity: Capacity,
    /// Where it stands.
    pub location: Location,
    /// How it is connected; at most 16.
    pub interfaces: Vec<Interface>,
    /// The machine's serial number.
    pub serial: Option<String>,
    /// URL of the agent's direct door: `ws://` or `wss://`.
    pub bus: Option<String>,
}

/// A place on earth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The country.
    pub country: String,
    /// The city.
    pub city: String,
    /// Millionths of a degree, north positive.
    pub latitude: Option<i32>,
    /// Millionths of a degree, east positive.
    pub longitude: Option<i32>,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Its name on the machine.
    pub name: String,
    /// Its hardware address.
    #[serde(serialize_with = "super::hex_text")]
    pub mac: [u8; 6],
    /// Its addresses; at most 8.
    pub ips: Vec<IpAddr>,
}

/// What contracts took of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeUse {
    /// The sum of what live contracts reserve.
    pub reserved: Capacity,
    /// How many live contracts there are.
    pub contracts: u32,
}

/// When a node was heard of, Unix seconds; 0 for never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The last sign of life.
    pub last: u64,
    /// The last one of an earlier block.
    pub before: u64,
    /// The last heartbeat.
    pub heartbeat: u64,
}

fn optional_hex<S: serde::Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => super::hex_text(bytes, serializer),
        None => serializer.serialize_none(),
    }
}
