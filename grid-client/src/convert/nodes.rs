//! Machines.

use super::{bytes, text};
use crate::{
    records::{
        Interface, Location, Machine, Node, NodeSpec, NodeStatus, Power, PowerState, PublicConfig, RentTerms, Seen,
        Subnet,
    },
    runtime::api::runtime_types::{bounded_collections::bounded_vec::BoundedVec, pallet_tfgrid::types as registry},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use subxt::utils::{AccountId32, Static};

impl From<registry::Node<AccountId32>> for Node {
    fn from(node: registry::Node<AccountId32>) -> Self {
        Self {
            id: node.id,
            farm_id: node.farm_id,
            twin_id: node.twin_id,
            agent: node.agent.into(),
            spec: NodeSpec {
                capacity: node.capacity.0,
                location: node.location.into(),
                interfaces: node.interfaces.0.into_iter().map(Interface::from).collect(),
                serial: node.serial.map(text),
                bus: node.bus.map(text),
            },
            certified: matches!(node.certification, registry::NodeCertification::Certified),
            created: node.created,
            closing: matches!(node.state, registry::NodeState::Closing),
            power: Power { target: node.power.target.into(), state: node.power.state.into(), since: node.power.since },
            rent: node.rent.into(),
            public_config: node.public_config.map(PublicConfig::from),
        }
    }
}

impl From<registry::PowerState> for PowerState {
    fn from(state: registry::PowerState) -> Self {
        match state {
            registry::PowerState::Up => Self::Up,
            registry::PowerState::Down => Self::Down,
        }
    }
}

impl From<PowerState> for registry::PowerState {
    fn from(state: PowerState) -> Self {
        match state {
            PowerState::Up => Self::Up,
            PowerState::Down => Self::Down,
        }
    }
}

impl From<registry::RentTerms> for RentTerms {
    fn from(terms: registry::RentTerms) -> Self {
        Self { surcharge: terms.surcharge, whole_only: terms.whole_only }
    }
}

impl From<RentTerms> for registry::RentTerms {
    fn from(terms: RentTerms) -> Self {
        Self { surcharge: terms.surcharge, whole_only: terms.whole_only }
    }
}

impl From<registry::PublicConfig> for PublicConfig {
    fn from(config: registry::PublicConfig) -> Self {
        let ip4 = config.ip4.map(|(ip, gateway)| Subnet {
            address: ip.address.into(),
            prefix_len: ip.prefix_len,
            gateway: gateway.into(),
        });
        let ip6 = config.ip6.map(|ip| Subnet {
            address: ip.address.into(),
            prefix_len: ip.prefix_len,
            gateway: ip.gateway.into(),
        });
        Self { ip4, ip6, domain: config.domain.map(text) }
    }
}

impl From<PublicConfig> for registry::PublicConfig {
    fn from(config: PublicConfig) -> Self {
        let ip4 = config.ip4.map(|ip| {
            let cidr = registry::Ipv4Cidr { address: ip.address.into(), prefix_len: ip.prefix_len };
            (cidr, ip.gateway.into())
        });
        let ip6 = config.ip6.map(|ip| registry::Ipv6Config {
            address: ip.address.octets(),
            prefix_len: ip.prefix_len,
            gateway: ip.gateway.octets(),
        });
        Self { ip4, ip6, domain: config.domain.map(bytes) }
    }
}

impl From<registry::Location> for Location {
    fn from(location: registry::Location) -> Self {
        Self {
            country: text(location.country),
            city: text(location.city),
            latitude: location.latitude,
            longitude: location.longitude,
        }
    }
}

impl From<registry::Interface> for Interface {
    fn from(interface: registry::Interface) -> Self {
        let ips = interface.ips.0.into_iter().map(|ip| match ip {
            registry::IpAddress::V4(ip) => IpAddr::V4(Ipv4Addr::from(ip)),
            registry::IpAddress::V6(ip) => IpAddr::V6(Ipv6Addr::from(ip)),
        });
        Self { name: text(interface.name), mac: interface.mac, ips: ips.collect() }
    }
}

impl From<NodeSpec> for registry::NodeSpec {
    fn from(spec: NodeSpec) -> Self {
        Self {
            capacity: Static(spec.capacity),
            location: registry::Location {
                country: bytes(spec.location.country),
                city: bytes(spec.location.city),
                latitude: spec.location.latitude,
                longitude: spec.location.longitude,
            },
            interfaces: BoundedVec(spec.interfaces.into_iter().map(registry::Interface::from).collect()),
            serial: spec.serial.map(bytes),
            bus: spec.bus.map(bytes),
        }
    }
}

impl From<Machine> for registry::Machine {
    fn from(machine: Machine) -> Self {
        Self { capacity: Static(machine.capacity), serial: machine.serial.map(bytes) }
    }
}

impl From<Interface> for registry::Interface {
    fn from(interface: Interface) -> Self {
        let ips = interface.ips.into_iter().map(|ip| match ip {
            IpAddr::V4(ip) => registry::IpAddress::V4(ip.into()),
            IpAddr::V6(ip) => registry::IpAddress::V6(ip.octets()),
        });
        Self { name: bytes(interface.name), mac: interface.mac, ips: BoundedVec(ips.collect()) }
    }
}

impl From<registry::Status<u32>> for NodeStatus {
    fn from(status: registry::Status<u32>) -> Self {
        Self {
            reserved: status.reserved.0,
            contracts: status.contracts,
            rented_by: status.rented_by,
            seen: status.seen.into(),
        }
    }
}

impl From<registry::Seen<u32>> for Seen {
    fn from(seen: registry::Seen<u32>) -> Self {
        Self { last: seen.last, before: seen.before, heartbeat: seen.heartbeat }
    }
}
