//! Each rule notices what breaks it.

use frame_support::traits::{
    fungible::MutateHold,
    tokens::{Fortitude, Precision},
};
use sp_runtime::DispatchError;

use super::UNKNOWN;
use crate::{mock::*, *};

/// A world with one of everything, broken by `harm`: the named rule must notice.
fn rule_notices(rule: &str, harm: impl FnOnce()) {
    ExtBuilder::default().build().execute_with(|| {
        let farm_id = farm(FARMER, "farm");
        farm_ip(farm_id, 10);
        let node_id = node(farm_id);
        TfgridModule::report_uptime(signed(AGENT), 1).unwrap();
        TfgridModule::reserve_capacity(node_id, &CAPACITY).unwrap();
        vouch(FARMER, entity(NOTARY, "acme"));
        TfgridModule::sponsor_twin(signed(STRANGER), PAUPER).unwrap();
        TfgridModule::do_try_state().unwrap();
        harm();
        match TfgridModule::do_try_state() {
            Err(DispatchError::Other(message)) => assert!(message.starts_with(rule), "{message}"),
            other => panic!("{rule} noticed nothing: {other:?}"),
        }
    });
}

#[test]
fn rule_1_twins_match_their_index() {
    rule_notices("rule 1:", || TwinIdByAccountID::<Test>::remove(FARMER));
    rule_notices("rule 1:", || TwinIdByAccountID::<Test>::insert(STRANGER, 1));
    rule_notices("rule 1:", || NextTwinId::<Test>::put(1));
}

#[test]
fn rule_2_what_hangs_on_a_twin_is_counted() {
    rule_notices("rule 2:", || TwinUsage::<Test>::remove(1));
    rule_notices("rule 2:", || TwinUsage::<Test>::mutate(1, |links| links.farms += 1));
    rule_notices("rule 2:", || TwinUsage::<Test>::insert(UNKNOWN, TwinLinks { farms: 1, ..Default::default() }));
}

#[test]
fn rule_3_policies_match_their_index_and_farms() {
    rule_notices("rule 3:", || FarmsOfPolicy::<Test>::insert(1, 2));
    rule_notices("rule 3:", || FarmsOfPolicy::<Test>::insert(UNKNOWN, 1));
    rule_notices("rule 3:", || PricingPolicyIdByName::<Test>::remove(1, name("farm")));
    rule_notices("rule 3:", || {
        PricingPolicies::<Test>::mutate(1, |policy| policy.as_mut().unwrap().prices.min_use = 101)
    });
}

#[test]
fn rule_4_farms_match_their_index() {
    rule_notices("rule 4:", || FarmIdByName::<Test>::remove(name("farm")));
    rule_notices("rule 4:", || FarmIdByName::<Test>::insert(name("ghost"), 1));
}

#[test]
fn rule_5_addresses_are_counted_and_listed() {
    let address = cidr(10).address;
    rule_notices("rule 5:", || FreeIps::<Test>::remove(1, address));
    rule_notices("rule 5:", || FreeIps::<Test>::insert(1, address + 1, ()));
    rule_notices("rule 5:", || PublicIps::<Test>::mutate(address, |ip| ip.as_mut().unwrap().contract_id = Some(1)));
    rule_notices("rule 5:", || Farms::<Test>::mutate(1, |farm| farm.as_mut().unwrap().public_ips = 0));
}

#[test]
fn rule_6_claims_belong_to_farms() {
    let claim = IpClaim { prefix_len: 24, gateway: GATEWAY };
    rule_notices("rule 6:", || IpClaims::<Test>::insert(UNKNOWN, 1, claim.clone()));
    rule_notices("rule 6:", || IpClaims::<Test>::insert(1, cidr(10).address, claim.clone()));
}

#[test]
fn rule_7_nodes_match_their_indexes() {
    rule_notices("rule 7:", || NodeIdByTwinID::<Test>::insert(UNKNOWN, 1));
    rule_notices("rule 7:", || NodeIdByAgent::<Test>::insert(STRANGER, 1));
    rule_notices("rule 7:", || NodesByFarm::<Test>::insert(UNKNOWN, 1, ()));
}

#[test]
fn rule_8_nodes_are_not_overbooked() {
    rule_notices("rule 8:", || NodeStatus::<Test>::mutate(1, |status| status.reserved.mru += 1));
    rule_notices("rule 8:", || NodeStatus::<Test>::mutate(1, |status| status.contracts = 0));
    rule_notices("rule 8:", || {
        NodeStatus::<Test>::insert(1, Status { rented_by: Some(1), ..Default::default() });
    });
    rule_notices("rule 8:", || NodeStatus::<Test>::insert(UNKNOWN, Status::default()));
}

#[test]
fn rule_9_signs_of_life_are_of_nodes() {
    rule_notices("rule 9:", || NodeStatus::<Test>::mutate(1, |status| status.seen.before = u64::MAX));
    rule_notices("rule 9:", || NodeStatus::<Test>::mutate(1, |status| status.seen.heartbeat = u64::MAX));
    rule_notices("rule 9:", || NodeStatus::<Test>::mutate(1, |status| status.dark_seconds = u64::MAX));
}

#[test]
fn rule_10_authorizations_are_of_farms() {
    rule_notices("rule 10:", || NodeAuthorizations::<Test>::insert(UNKNOWN, MACHINE, ()));
}

#[test]
fn rule_11_deposits_match_records_and_holds() {
    rule_notices("rule 11:", || Deposits::<Test>::remove(DepositKey::Node(1)));
    rule_notices("rule 11:", || Deposits::<Test>::insert(DepositKey::Node(2), Deposit { who: MACHINE, amount: 0 }));
    rule_notices("rule 11:", || {
        let reason = RuntimeHoldReason::TfgridModule(HoldReason::Farm);
        Balances::burn_held(&reason, &FARMER, 1, Precision::Exact, Fortitude::Force).unwrap();
    });
}

/// The record went and its deposit with it, but the money stayed on hold.
#[test]
fn rule_11_nothing_is_on_hold_that_no_deposit_names() {
    let hold = |reason: HoldReason, who| {
        Balances::hold(&RuntimeHoldReason::TfgridModule(reason), &who, 1).unwrap();
    };
    rule_notices("rule 11:", || hold(HoldReason::TwinEntity, VERIFIER));
    rule_notices("rule 11:", || hold(HoldReason::Entity, FARMER));
}

#[test]
fn rule_11_knows_all_reasons() {
    use frame_support::traits::VariantCount;
    assert_eq!(HoldReason::ALL.len(), HoldReason::VARIANT_COUNT as usize);
}

/// A record whose deposit is not there stays, and tells.
#[test]
fn a_deposit_that_is_missing_is_an_error() {
    ExtBuilder::default().build().execute_with(|| {
        let policy_id = policy(FARMER, "prices");
        let deposit = Deposits::<Test>::take(DepositKey::PricingPolicy(policy_id)).unwrap();
        let delete = || TfgridModule::delete_pricing_policy(signed(FARMER), policy_id);
        frame_support::assert_noop!(delete(), Error::<Test>::Inconsistent);
        Deposits::<Test>::insert(DepositKey::PricingPolicy(policy_id), deposit);
        frame_support::assert_ok!(delete());
    });
}

#[test]
fn rule_12_closing_nodes_are_in_the_queue() {
    rule_notices("rule 12:", || Leaving::<Test>::insert(1, LeavingReason::Closing));
    rule_notices("rule 12:", || Leaving::<Test>::insert(UNKNOWN, LeavingReason::Degraded));
    rule_notices("rule 12:", || {
        TfgridModule::delete_node(signed(FARMER), 1).unwrap();
        Leaving::<Test>::remove(1);
    });
}

#[test]
fn rule_13_sleeping_nodes_are_empty() {
    let power = |change: fn(&mut Power)| Nodes::<Test>::mutate(1, |node| change(&mut node.as_mut().unwrap().power));
    rule_notices("rule 13:", || power(|power| power.target = PowerState::Down));
    rule_notices("rule 13:", || power(|power| power.state = PowerState::Down));
}

#[test]
fn rule_11_deposits_of_sponsors_are_on_hold() {
    rule_notices("rule 11:", || TwinSponsors::<Test>::insert(VERIFIER, Deposit { who: STRANGER, amount: 1 }));
    rule_notices("rule 11:", || TwinSponsors::<Test>::mutate(PAUPER, |deposit| deposit.as_mut().unwrap().amount = 1));
}

#[test]
fn rule_14_entities_match_their_indexes() {
    rule_notices("rule 14:", || EntityIdByName::<Test>::remove(name("acme")));
    rule_notices("rule 14:", || EntityIdByName::<Test>::insert(name("ghost"), 1));
    rule_notices("rule 14:", || EntityIdByAccount::<Test>::insert(STRANGER, 1));
    rule_notices("rule 14:", || NextEntityId::<Test>::put(1));
}

#[test]
fn rule_15_entities_in_twins_are_listed() {
    let change = |change: fn(&mut TwinEntities)| {
        Twins::<Test>::mutate(1, |twin| change(&mut twin.as_mut().unwrap().entities));
    };
    rule_notices("rule 15:", || change(|entities| entities.0.clear()));
    rule_notices("rule 15:", || change(|entities| entities.0.try_push(entities.0[0].clone()).unwrap()));
    rule_notices("rule 15:", || {
        Twins::<Test>::mutate(2, |machine| {
            let entities = Twins::<Test>::get(1).unwrap().entities;
            machine.as_mut().unwrap().entities = entities;
        });
    });
}

#[test]
fn rule_16_sponsors_wait_for_no_twin_that_is_there() {
    rule_notices("rule 16:", || {
        let deposit = TwinSponsors::<Test>::take(PAUPER).unwrap();
        TwinSponsors::<Test>::insert(FARMER, deposit);
    });
}

#[test]
fn rule_17_certifiers_are_few_and_counted() {
    rule_notices("rule 17:", || (10..110).for_each(|account| Certifiers::<Test>::insert(account, ())));
    rule_notices("rule 17:", || {
        let key = Certifiers::<Test>::hashed_key_for(VERIFIER);
        frame_support::storage::unhashed::kill(&key);
    });
}
