use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use super::UNKNOWN;
use crate::{mock::*, *};

fn add(who: AccountId, farm_id: u32, address: Ipv4Cidr, gateway: u32) -> sp_runtime::DispatchResult {
    TfgridModule::add_farm_ip(signed(who), farm_id, address, gateway)
}

mod add_farm_ip {
    use super::*;

    #[test]
    fn is_verified_at_once_where_the_chain_says_so() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(add(FARMER, farm_id, cidr(10), GATEWAY));

            let address = cidr(10).address;
            let stored = PublicIp { farm_id, prefix_len: 24, gateway: GATEWAY, contract_id: None };
            assert_eq!(PublicIps::<Test>::get(address), Some(stored));
            assert!(FreeIps::<Test>::contains_key(farm_id, address));
            let farm = Farms::<Test>::get(farm_id).unwrap();
            assert_eq!((farm.public_ips, TfgridModule::free_public_ips(farm_id)), (1, 1));
            assert_eq!(held(FARMER), TWIN_DEPOSIT + POLICY_DEPOSIT + FARM_DEPOSIT + IP_DEPOSIT);
            assert_eq!(last_event(), Event::FarmIpAdded { farm_id, address, verified: true });
        });
    }

    #[test]
    fn is_a_claim_elsewhere() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(add(FARMER, farm_id, cidr(10), GATEWAY));

            let address = cidr(10).address;
            assert_eq!(IpClaims::<Test>::get(farm_id, address), Some(IpClaim { prefix_len: 24, gateway: GATEWAY }));
            assert_eq!(PublicIps::<Test>::get(address), None);
            assert_eq!(Farms::<Test>::get(farm_id).unwrap().public_ips, 0);
            assert_eq!(held(FARMER), TWIN_DEPOSIT + POLICY_DEPOSIT + FARM_DEPOSIT + IP_DEPOSIT);
            assert_eq!(last_event(), Event::FarmIpAdded { farm_id, address, verified: false });
        });
    }

    #[test]
    fn accepts_a_point_to_point_subnet() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = Ipv4Cidr { address: ip(192, 0, 2, 10), prefix_len: 31 };
            assert_ok!(add(FARMER, farm_id, address, ip(192, 0, 2, 11)));
        });
    }

    #[test]
    fn accepts_the_widest_subnet() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = Ipv4Cidr { address: ip(192, 0, 2, 0), prefix_len: 8 };
            assert_ok!(add(FARMER, farm_id, address, ip(192, 0, 2, 255)));
        });
    }

    #[test]
    fn refuses_other_prefixes() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            for prefix_len in [0, 7, 32, 33, u8::MAX] {
                let address = Ipv4Cidr { prefix_len, ..cidr(10) };
                assert_noop!(add(FARMER, farm_id, address, GATEWAY), Error::<Test>::InvalidPrefix);
            }
        });
    }

    #[test]
    fn refuses_addresses_outside_the_allowed_ranges() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            for address in [0, ip(10, 0, 0, 2), ip(127, 0, 0, 1), ip(224, 0, 0, 1), u32::MAX] {
                let address = Ipv4Cidr { address, prefix_len: 24 };
                assert_noop!(add(FARMER, farm_id, address, GATEWAY), Error::<Test>::AddressNotAllowed);
            }
        });
    }

    #[test]
    fn refuses_network_and_broadcast_addresses() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            for last in [0, 255] {
                assert_noop!(add(FARMER, farm_id, cidr(last), GATEWAY), Error::<Test>::InvalidAddress);
            }
        });
    }

    #[test]
    fn refuses_gateways_that_are_no_neighbours() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let outside = [0, ip(192, 0, 3, 1), u32::MAX];
            let special = [ip(192, 0, 2, 10), ip(192, 0, 2, 0), ip(192, 0, 2, 255)];
            for gateway in outside.into_iter().chain(special) {
                assert_noop!(add(FARMER, farm_id, cidr(10), gateway), Error::<Test>::InvalidGateway);
            }
        });
    }

    #[test]
    fn refuses_gateways_outside_the_allowed_ranges() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let wide = Ipv4Cidr { address: ip(192, 0, 2, 10), prefix_len: 8 };
            for gateway in [ip(192, 168, 0, 1), ip(192, 88, 99, 1)] {
                assert_noop!(add(FARMER, farm_id, wide, gateway), Error::<Test>::AddressNotAllowed);
            }
        });
    }

    #[test]
    fn verified_addresses_are_unique_on_the_chain() {
        ExtBuilder::default().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            farm_ip(mine, 10);
            assert_noop!(add(FARMER, mine, cidr(10), GATEWAY), Error::<Test>::AddressTaken);
            assert_noop!(add(STRANGER, other, cidr(10), GATEWAY), Error::<Test>::AddressTaken);
            let same_in_another_subnet = Ipv4Cidr { prefix_len: 25, ..cidr(10) };
            assert_noop!(add(STRANGER, other, same_in_another_subnet, GATEWAY), Error::<Test>::AddressTaken);
        });
    }

    #[test]
    fn claims_of_several_farms_stand_side_by_side() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            farm_ip(mine, 10);
            assert_noop!(add(FARMER, mine, cidr(10), GATEWAY), Error::<Test>::AddressClaimed);
            assert_ok!(add(STRANGER, other, cidr(10), GATEWAY));
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(add(STRANGER, farm_id, cidr(10), GATEWAY), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(add(STRANGER, farm_id, cidr(10), GATEWAY), Error::<Test>::NotFarmOwner);
            assert_noop!(add(FARMER, UNKNOWN, cidr(10), GATEWAY), Error::<Test>::FarmNotFound);
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let enough = TWIN_DEPOSIT + POLICY_DEPOSIT + FARM_DEPOSIT + 1;
            Balances::force_set_balance(RuntimeOrigin::root(), PAUPER, enough).unwrap();
            let farm_id = farm(PAUPER, "farm");
            assert_noop!(add(PAUPER, farm_id, cidr(10), GATEWAY), Error::<Test>::CannotPayDeposit);
        });
    }
}

mod verify_farm_ip {
    use super::*;

    /// The claim that [`add`] makes.
    const CLAIM: IpClaim = IpClaim { prefix_len: 24, gateway: GATEWAY };

    fn verify(farm_id: u32, last: u8) -> sp_runtime::DispatchResult {
        TfgridModule::verify_farm_ip(signed(VERIFIER), farm_id, cidr(last).address, CLAIM)
    }

    /// The farmer takes the claim back and makes another one between the certifier's look and his word.
    #[test]
    fn fails_when_the_claim_is_not_what_was_looked_at() {
        for other in [IpClaim { gateway: GATEWAY + 1, ..CLAIM }, IpClaim { prefix_len: 25, ..CLAIM }] {
            ExtBuilder::default().with_verifier().build_and_execute(|| {
                let farm_id = farm(FARMER, "farm");
                let address = farm_ip(farm_id, 10);
                assert_ok!(TfgridModule::remove_farm_ip(signed(FARMER), farm_id, address));
                let cidr = Ipv4Cidr { address, prefix_len: other.prefix_len };
                assert_ok!(add(FARMER, farm_id, cidr, other.gateway));
                assert_noop!(verify(farm_id, 10), Error::<Test>::ClaimChanged);
                assert_ok!(TfgridModule::verify_farm_ip(signed(VERIFIER), farm_id, address, other));
            });
        }
    }

    #[test]
    fn makes_a_claim_reservable() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = farm_ip(farm_id, 10);
            assert_eq!(TfgridModule::reserve_ips(farm_id, 1, 1), Err(Error::NotEnoughAddresses));
            assert_ok!(verify(farm_id, 10));

            assert_eq!(last_event(), Event::FarmIpVerified { farm_id, address });
            assert_eq!(IpClaims::<Test>::get(farm_id, address), None);
            assert_eq!(TfgridModule::reserve_ips(farm_id, 1, 1).unwrap().into_inner(), [address]);
        });
    }

    #[test]
    fn keeps_the_one_deposit() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            farm_ip(farm_id, 10);
            let before = held(FARMER);
            assert_ok!(verify(farm_id, 10));
            assert_eq!(held(FARMER), before);
        });
    }

    #[test]
    fn the_first_verified_claim_wins() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            assert_ok!(add(STRANGER, other, cidr(10), GATEWAY));
            farm_ip(mine, 10);
            assert_ok!(verify(mine, 10));
            assert_noop!(verify(other, 10), Error::<Test>::AddressTaken);
        });
    }

    #[test]
    fn a_claim_that_lost_can_win_when_the_winner_leaves() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            assert_ok!(add(STRANGER, other, cidr(10), GATEWAY));
            let address = farm_ip(mine, 10);
            assert_ok!(verify(mine, 10));
            assert_ok!(TfgridModule::remove_farm_ip(signed(FARMER), mine, address));
            assert_ok!(verify(other, 10));
        });
    }

    #[test]
    fn is_for_certifiers_and_governance_alone() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = farm_ip(farm_id, 10);
            let verify = |origin| TfgridModule::verify_farm_ip(origin, farm_id, address, CLAIM);
            assert_noop!(verify(signed(FARMER)), Error::<Test>::NotCertifier);
            assert_noop!(verify(RuntimeOrigin::none()), DispatchError::BadOrigin);
            assert_ok!(verify(RuntimeOrigin::root()));
        });
    }

    #[test]
    fn fails_without_a_claim() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(verify(farm_id, 10), Error::<Test>::ClaimNotFound);
            assert_noop!(verify(UNKNOWN, 10), Error::<Test>::FarmNotFound);
        });
    }

    #[test]
    fn fails_the_second_time() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            farm_ip(farm_id, 10);
            assert_ok!(verify(farm_id, 10));
            assert_noop!(verify(farm_id, 10), Error::<Test>::ClaimNotFound);
        });
    }
}

mod remove_farm_ip {
    use super::*;

    fn remove(who: AccountId, farm_id: u32, address: u32) -> sp_runtime::DispatchResult {
        TfgridModule::remove_farm_ip(signed(who), farm_id, address)
    }

    #[test]
    fn removes_a_verified_address_and_returns_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let before = held(FARMER);
            let address = farm_ip(farm_id, 10);
            assert_ok!(remove(FARMER, farm_id, address));

            assert_eq!(PublicIps::<Test>::get(address), None);
            assert!(!FreeIps::<Test>::contains_key(farm_id, address));
            let farm = Farms::<Test>::get(farm_id).unwrap();
            assert_eq!((farm.public_ips, TfgridModule::free_public_ips(farm_id)), (0, 0));
            assert_eq!(held(FARMER), before);
            assert_eq!(last_event(), Event::FarmIpRemoved { farm_id, address });
        });
    }

    #[test]
    fn removes_a_claim_and_returns_the_deposit() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let before = held(FARMER);
            let address = farm_ip(farm_id, 10);
            assert_ok!(remove(FARMER, farm_id, address));
            assert_eq!(IpClaims::<Test>::get(farm_id, address), None);
            assert_eq!(held(FARMER), before);
        });
    }

    #[test]
    fn removes_a_claim_to_what_is_anothers_now() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            assert_ok!(add(STRANGER, other, cidr(10), GATEWAY));
            let address = farm_ip(mine, 10);
            let claim = IpClaim { prefix_len: 24, gateway: GATEWAY };
            assert_ok!(TfgridModule::verify_farm_ip(signed(VERIFIER), mine, address, claim));
            assert_ok!(remove(STRANGER, other, address));
            assert_eq!(PublicIps::<Test>::get(address).unwrap().farm_id, mine);
        });
    }

    #[test]
    fn fails_while_a_contract_holds_it() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = farm_ip(farm_id, 10);
            assert_ok!(TfgridModule::reserve_ips(farm_id, 7, 1));
            assert_noop!(remove(FARMER, farm_id, address), Error::<Test>::AddressReserved);
            assert_ok!(TfgridModule::release_ips(farm_id, 7, &[address]));
            assert_ok!(remove(FARMER, farm_id, address));
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_addresses_and_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            let address = farm_ip(mine, 10);
            assert_noop!(remove(FARMER, mine, address + 1), Error::<Test>::AddressNotFound);
            assert_noop!(remove(FARMER, mine, u32::MAX), Error::<Test>::AddressNotFound);
            assert_noop!(remove(STRANGER, other, address), Error::<Test>::AddressNotFound);
            assert_noop!(remove(STRANGER, mine, address), Error::<Test>::NotFarmOwner);
            assert_noop!(remove(FARMER, UNKNOWN, address), Error::<Test>::FarmNotFound);
            assert_noop!(remove(PAUPER, mine, address), Error::<Test>::NoTwin);
        });
    }
}
