//! Which addresses a farm may offer.

use super::chain;
use crate::configs::{AllowedAddresses, AllowedIpv6Addresses};
use frame_support::traits::Contains;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use std::net::{Ipv4Addr, Ipv6Addr};

fn allowed(address: [u8; 4]) -> bool {
    AllowedAddresses::contains(&u32::from(Ipv4Addr::from(address)))
}

#[test]
fn public_addresses_are_allowed_everywhere() {
    for preset in [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET] {
        chain(preset).execute_with(|| {
            assert!(allowed([1, 1, 1, 1]));
            assert!(allowed([185, 69, 166, 10]));
        });
    }
}

#[test]
fn addresses_that_nobody_can_reach_are_refused_everywhere() {
    let unreachable = [
        [0, 1, 2, 3],
        [10, 0, 0, 1],
        [100, 64, 0, 1],
        [127, 0, 0, 1],
        [169, 254, 1, 1],
        [172, 16, 0, 1],
        [192, 0, 0, 8],
        [192, 88, 99, 1],
        [192, 168, 1, 1],
        [198, 18, 0, 1],
        [224, 0, 0, 1],
        [240, 0, 0, 1],
        [255, 255, 255, 255],
    ];
    for preset in [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET] {
        chain(preset).execute_with(|| {
            for address in unreachable {
                assert!(!allowed(address), "{address:?}");
            }
        });
    }
}

#[test]
fn documentation_addresses_are_for_development_only() {
    let documentation = [[192, 0, 2, 10], [198, 51, 100, 10], [203, 0, 113, 10]];
    chain(DEV_RUNTIME_PRESET).execute_with(|| assert!(documentation.into_iter().all(allowed)));
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| assert!(!documentation.into_iter().any(allowed)));
}

fn allowed_v6(address: &str) -> bool {
    AllowedIpv6Addresses::contains(&address.parse::<Ipv6Addr>().unwrap().octets())
}

#[test]
fn the_public_internet_of_ipv6_is_allowed_everywhere() {
    for preset in [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET] {
        chain(preset).execute_with(|| {
            for address in ["2001:678::1", "2606:4700:4700::1111", "2a02:1802:5e::1", "3fff:1000::1"] {
                assert!(allowed_v6(address), "{address}");
            }
            for address in
                ["::", "::1", "::ffff:1.1.1.1", "64:ff9b::1", "2001::1", "2002::1", "fd00::1", "fe80::1", "ff02::1"]
            {
                assert!(!allowed_v6(address), "{address}");
            }
        });
    }
}

#[test]
fn documentation_addresses_of_ipv6_are_for_development_only() {
    let documentation = ["2001:db8::1", "2001:db8:ffff::1", "3fff::1", "3fff:fff::1"];
    chain(DEV_RUNTIME_PRESET).execute_with(|| assert!(documentation.into_iter().all(allowed_v6)));
    chain(LOCAL_TESTNET_RUNTIME_PRESET).execute_with(|| assert!(!documentation.into_iter().any(allowed_v6)));
}
