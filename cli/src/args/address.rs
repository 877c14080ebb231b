//! An address with the length of its subnet's prefix, as in 203.0.113.10/24.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// An address with the length of its subnet's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr<Address = Ipv4Addr> {
    /// The address.
    pub address: Address,
    /// Bits.
    pub prefix_len: u8,
}

impl FromStr for Cidr<Ipv4Addr> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read(text, 32, "203.0.113.10/24")
    }
}

impl FromStr for Cidr<Ipv6Addr> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read(text, 128, "2001:db8::10/64")
    }
}

fn read<A: FromStr>(text: &str, most: u8, example: &str) -> Result<Cidr<A>, String> {
    let bad = || format!("{text:?} is not an address with a prefix, as in {example}");
    let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
    let prefix_len = prefix.parse().ok().filter(|bits| *bits <= most).ok_or_else(bad)?;
    Ok(Cidr { address: address.parse().map_err(|_| bad())?, prefix_len })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn addresses_come_with_a_prefix() {
        let cidr: Cidr = "203.0.113.10/24".parse().unwrap();
        assert_eq!(cidr, Cidr { address: Ipv4Addr::new(203, 0, 113, 10), prefix_len: 24 });
        for text in ["203.0.113.10", "203.0.113.10/33", "203.0.113/24", "x/24", "203.0.113.10/", "::1/24"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    #[test]
    fn so_do_those_of_version_6() {
        let cidr: Cidr<Ipv6Addr> = "2001:db8::1/64".parse().unwrap();
        assert_eq!((cidr.address.segments()[0], cidr.prefix_len), (0x2001, 64));
        for text in ["2001:db8::1", "2001:db8::1/129", "203.0.113.10/24"] {
            assert!(text.parse::<Cidr<Ipv6Addr>>().unwrap_err().ends_with("as in 2001:db8::10/64"), "{text}");
        }
    }
}
