//! Which addresses are the Internet's. The gateway stands inside a farmer's network and takes targets from strangers: what
//! it calls for them must not be its neighbours, itself, or a cloud's metadata service.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a stranger may make the gateway call this address: a public one, or one that the operator allows.
pub(crate) fn allowed(address: IpAddr, also: &[IpNet]) -> bool {
    let address = address.to_canonical();
    is_public(address) || also.iter().any(|network| network.contains(&address))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => is_public_6(address),
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and its updates).
fn is_public_4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match a {
        0 | 10 | 127 | 224..=255 => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => matches!((b, c), (168, _) | (0, 0 | 2) | (88, 99)),
        198 => matches!((b, c), (18 | 19, _) | (51, 100)),
        203 => (b, c) == (0, 113),
        _ => false,
    };
    !special
}

fn is_public_6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b) {
        // Translated (NAT64) and tunnelled (6to4) addresses are as public as the one inside.
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && embedded(g, h),
        (0x2002, _) => embedded(b, c),
        // Teredo and other protocols' blocks; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) => false,
        (0x3fff, 0..=0xfff) => false,
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        allowed(text.parse().expect("an address"), &[])
    }

    #[test]
    fn the_internet_is_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2a00::1",
            "64:ff9b::808:808",
        ] {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn the_neighbourhood_is_not() {
        for text in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            // IPv4 in other clothes.
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn an_operator_may_allow_a_network() {
        let also = ["10.1.0.0/16".parse().expect("a network")];
        assert!(allowed("10.1.2.3".parse().expect("an address"), &also));
        assert!(allowed("::ffff:10.1.2.3".parse().expect("an address"), &also));
        assert!(!allowed("10.2.0.1".parse().expect("an address"), &also));
    }
}
