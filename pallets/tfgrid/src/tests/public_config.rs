use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use super::UNKNOWN;
use crate::{mock::*, *};

fn set(who: AccountId, node_id: u32, config: Option<PublicConfig>) -> DispatchResult {
    TfgridModule::set_node_public_config(signed(who), node_id, config)
}

fn v6(text: &str) -> [u8; 16] {
    text.parse::<std::net::Ipv6Addr>().unwrap().octets()
}

fn ip6(address: &str, prefix_len: u8, gateway: &str) -> Ipv6Config {
    Ipv6Config { address: v6(address), prefix_len, gateway: v6(gateway) }
}

const NOTHING: PublicConfig = PublicConfig { ip4: None, ip6: None, domain: None };

fn config() -> PublicConfig {
    PublicConfig {
        ip4: Some((cidr(10), GATEWAY)),
        ip6: Some(ip6("2001:db8::10", 64, "2001:db8::1")),
        domain: Some(text("gateway.example.org")),
    }
}

/// What the farmer of a new node hears about this configuration.
fn try_set(config: PublicConfig) -> DispatchResult {
    let mut said = Ok(());
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node(farm(FARMER, "farm"));
        said = set(FARMER, node_id, Some(config));
    });
    said
}

fn try_ip6(address: &str, prefix_len: u8, gateway: &str) -> DispatchResult {
    try_set(PublicConfig { ip6: Some(ip6(address, prefix_len, gateway)), ..NOTHING })
}

mod set_node_public_config {
    use super::*;

    #[test]
    fn is_stored_replaced_and_removed() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let domain = PublicConfig { domain: Some(text("example.org")), ..NOTHING };
            for config in [Some(config()), Some(domain), None] {
                assert_ok!(set(FARMER, node_id, config.clone()));
                assert_eq!(Nodes::<Test>::get(node_id).unwrap().public_config, config);
                assert_eq!(last_event(), Event::NodePublicConfigSet { node_id, config });
            }
        });
    }

    #[test]
    fn changes_nothing_else() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let before = Nodes::<Test>::get(node_id).unwrap();
            assert_ok!(set(FARMER, node_id, Some(config())));
            let expected = Node { public_config: Some(config()), ..before };
            assert_eq!(Nodes::<Test>::get(node_id), Some(expected));
        });
    }

    #[test]
    fn stays_when_the_node_is_updated() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(set(FARMER, node_id, Some(config())));
            assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, spec()));
            assert_eq!(Nodes::<Test>::get(node_id).unwrap().public_config, Some(config()));
        });
    }

    #[test]
    fn is_for_the_farmer_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(set(MACHINE, node_id, Some(config())), Error::<Test>::NotFarmOwner);
            assert_noop!(set(STRANGER, node_id, Some(config())), Error::<Test>::NoTwin);
            assert_noop!(set(FARMER, UNKNOWN, Some(config())), Error::<Test>::NodeNotFound);
        });
    }

    #[test]
    fn refuses_bad_domains() {
        for domain in ["", ".", "a..b", "-a.org", "a b.org", "example.org:80", "https://example.org", "é.org"] {
            let config = PublicConfig { domain: Some(text(domain)), ..NOTHING };
            assert_eq!(try_set(config), Err(Error::<Test>::InvalidDomain.into()), "{domain}");
        }
    }
}

mod ip4 {
    use super::*;

    fn try_ip4(address: Ipv4Cidr, gateway: u32) -> DispatchResult {
        try_set(PublicConfig { ip4: Some((address, gateway)), ..NOTHING })
    }

    #[test]
    fn keeps_the_rules_of_farm_addresses() {
        assert_ok!(try_ip4(cidr(10), GATEWAY));
        for prefix_len in [0, 7, 32, u8::MAX] {
            let address = Ipv4Cidr { prefix_len, ..cidr(10) };
            assert_eq!(try_ip4(address, GATEWAY), Err(Error::<Test>::InvalidPrefix.into()));
        }
        let private = Ipv4Cidr { address: ip(10, 0, 0, 2), prefix_len: 24 };
        assert_eq!(try_ip4(private, ip(10, 0, 0, 1)), Err(Error::<Test>::AddressNotAllowed.into()));
        assert_eq!(try_ip4(cidr(255), GATEWAY), Err(Error::<Test>::InvalidAddress.into()));
        for gateway in [cidr(10).address, ip(192, 0, 3, 1)] {
            assert_eq!(try_ip4(cidr(10), gateway), Err(Error::<Test>::InvalidGateway.into()));
        }
    }

    #[test]
    fn is_none_that_a_farm_rents_out() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            let address = farm_ip(farm_id, 10);
            assert_noop!(set(FARMER, node_id, Some(config())), Error::<Test>::AddressTaken);
            assert_ok!(TfgridModule::remove_farm_ip(signed(FARMER), farm_id, address));
            assert_ok!(set(FARMER, node_id, Some(config())));
        });
    }

    /// A claim keeps nobody from anything.
    #[test]
    fn may_be_claimed_by_another_farm() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let other = farm(STRANGER, "other");
            assert_ok!(TfgridModule::add_farm_ip(signed(STRANGER), other, cidr(10), GATEWAY));
            assert_ok!(set(FARMER, node_id, Some(config())));
        });
    }
}

mod ip6 {
    use super::*;

    #[test]
    fn takes_subnets_of_16_to_128_bits() {
        for (prefix_len, gateway) in [(16, "2001:db8::1"), (64, "2001:db8::1"), (127, "2001:db8::11"), (128, "fe80::1")]
        {
            assert_ok!(try_ip6("2001:db8::10", prefix_len, gateway));
        }
        for prefix_len in [0, 15, 129, u8::MAX] {
            assert_eq!(try_ip6("2001:db8::10", prefix_len, "fe80::1"), Err(Error::<Test>::InvalidPrefix.into()));
        }
    }

    #[test]
    fn refuses_addresses_outside_the_allowed_ranges() {
        for address in ["::", "::1", "fe80::1", "fd00::1", "ff02::1", "2001:db9::1"] {
            assert_eq!(try_ip6(address, 64, "fe80::1"), Err(Error::<Test>::AddressNotAllowed.into()), "{address}");
        }
    }

    #[test]
    fn refuses_the_address_of_a_subnets_routers() {
        for prefix_len in [64, 126] {
            assert_eq!(try_ip6("2001:db8::", prefix_len, "fe80::1"), Err(Error::<Test>::InvalidAddress.into()));
        }
        for prefix_len in [127, 128] {
            assert_ok!(try_ip6("2001:db8::", prefix_len, "fe80::1"));
        }
    }

    #[test]
    fn takes_gateways_of_the_subnet_and_of_the_link() {
        for gateway in ["2001:db8::", "2001:db8::1", "2001:db8::ffff", "fe80::1", "febf::1"] {
            assert_ok!(try_ip6("2001:db8::10", 64, gateway));
        }
        for gateway in ["2001:db8::10", "2001:db8:0:1::1", "::", "fec0::1", "fe40::1"] {
            assert_eq!(try_ip6("2001:db8::10", 64, gateway), Err(Error::<Test>::InvalidGateway.into()), "{gateway}");
        }
        assert_eq!(try_ip6("2001:db8::10", 128, "2001:db8::11"), Err(Error::<Test>::InvalidGateway.into()));
    }
}
