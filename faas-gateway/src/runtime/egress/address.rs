//! The operator's rule: public addresses only, and what the operator lists.

use crate::public_address;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Networks that functions may reach although they are not public.
#[derive(Clone, Debug, Default)]
pub(crate) struct EgressRules {
    listed: Vec<IpNet>,
}

impl EgressRules {
    pub fn new(listed: Vec<IpNet>) -> Self {
        Self { listed }
    }

    /// Those of a name's addresses that a function may be connected to.
    pub fn permitted(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        addresses.filter(|address| self.permits(address.ip())).collect()
    }

    fn permits(&self, ip: IpAddr) -> bool {
        public_address::allowed(ip, &self.listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(listed: &[&str], address: &str) -> bool {
        let listed = listed.iter().map(|network| network.parse().expect("a network")).collect();
        EgressRules::new(listed).permits(address.parse().expect("an address"))
    }

    #[test]
    fn this_machine_its_neighbours_and_metadata_are_out_of_reach() {
        assert!(permits(&[], "1.1.1.1"));
        for address in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            assert!(!permits(&[], address), "{address}");
        }
    }

    #[test]
    fn the_operator_may_list_a_network() {
        assert!(permits(&["10.0.0.0/8"], "10.1.2.3"));
        assert!(permits(&["10.0.0.0/8"], "::ffff:10.1.2.3"));
        assert!(!permits(&["10.0.0.0/8"], "127.0.0.1"));
    }

    #[test]
    fn of_several_addresses_only_the_permitted_ones_are_left() {
        let addresses = ["127.0.0.1:80", "1.1.1.1:80", "[::1]:80"].map(|text| text.parse().expect("an address"));
        let left = EgressRules::default().permitted(addresses.into_iter());
        assert_eq!(left, ["1.1.1.1:80".parse().expect("an address")]);
    }
}
