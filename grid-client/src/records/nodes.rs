//! Machines: what they are, what they have, how they stand.

use crate::keys::Account;
use grid_types::units::Capacity;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
    /// Whether it is switched on.
    pub power: Power,
    /// How it is rented out as a whole.
    pub rent: RentTerms,
    /// How it is reached from the internet, if it is.
    pub public_config: Option<PublicConfig>,
}

impl Node {
    /// Whether contracts may be made, changed or funded on it.
    pub fn accepts_contracts(&self) -> bool {
        !self.closing && self.power.target == PowerState::Up && self.power.state == PowerState::Up
    }
}

/// Whether a machine is switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerState {
    /// It is.
    #[default]
    Up,
    /// It is not: it can be woken.
    Down,
}

/// A machine's switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Power {
    /// What the farmer wants.
    pub target: PowerState,
    /// What the machine's agent said last.
    pub state: PowerState,
    /// Since when it is in that state, Unix seconds.
    pub since: u64,
}

/// How a farmer rents a node out as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RentTerms {
    /// On top of the prices of CU and SU, per cent.
    pub surcharge: u16,
    /// Whether it can be had only as a whole.
    pub whole_only: bool,
}

/// How a node is reached from the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PublicConfig {
    /// Its IPv4 address.
    pub ip4: Option<Subnet<Ipv4Addr>>,
    /// Its IPv6 address.
    pub ip6: Option<Subnet<Ipv6Addr>>,
    /// Its domain name.
    pub domain: Option<String>,
}

/// An address with its subnet and gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Subnet<Address> {
    /// The address.
    pub address: Address,
    /// Length of the subnet's prefix, bits.
    pub prefix_len: u8,
    /// The gateway.
    pub gateway: Address,
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

impl NodeSpec {
    /// What a certifier vouches for.
    pub fn machine(&self) -> Machine {
        Machine { capacity: self.capacity, serial: self.serial.clone() }
    }
}

/// What a certifier looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// What it has.
    pub capacity: Capacity,
    /// The machine's serial number.
    pub serial: Option<String>,
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

/// What changes about a node all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeStatus {
    /// The sum of what live contracts reserve; all of the node while it is rented as a whole.
    pub reserved: Capacity,
    /// How many live contracts there are, a rent and those inside it too.
    pub contracts: u32,
    /// The contract that rents the whole node.
    pub rented_by: Option<u64>,
    /// When it was heard of.
    pub seen: Seen,
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
