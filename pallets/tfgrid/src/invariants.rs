//! Rules that hold between any two calls. They read everything, so they run in tests and in `try-runtime`, never on
//! chain.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use frame_support::{ensure, traits::fungible::InspectHold};
use grid_types::units::MAX_CAPACITY;
use sp_runtime::{traits::Zero, SaturatedConversion, TryRuntimeError};

use crate::{
    pallet::*,
    types::{DepositKey, DepositKeyOf, LeavingReason, NodeState, Status, TwinLinks},
};

mod people;

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
    /// Checks the numbered rules:
    ///
    /// 1. `Twins` and `TwinIdByAccountID` match both ways; no id is at or above the next one.
    /// 2. `TwinUsage` counts each twin's policies, farms and nodes, and names no twin that is gone.
    /// 3. `PricingPolicies` and `PricingPolicyIdByName` match both ways; prices are valid; `FarmsOfPolicy` counts the
    ///    farms.
    /// 4. `Farms` and `FarmIdByName` match both ways; a farm's twin exists and owns its policy.
    /// 5. A farm counts its records in `PublicIps`; `FreeIps` lists exactly those without a holder.
    /// 6. A claim is an existing farm's and not verified for that farm.
    /// 7. `Nodes` matches `NodeIdByTwinID` and `NodesByFarm` both ways; a node's farm and twin exist. Who is in
    ///    `NodeIdByAgent` is named as the agent by that node.
    /// 8. `NodeStatus` is of existing nodes. What is reserved is within the node's capacity or the node is leaving; it is
    ///    nothing without contracts. A rent is a contract.
    /// 9. Signs of life are in order, and no node was dark after its last one.
    /// 10. Authorizations are existing farms'.
    /// 11. Every record has its deposit, every deposit its record, and under each reason each account has on hold what its
    ///     deposits sum up to, and no more.
    /// 12. `Leaving` is of existing nodes, and those that close are exactly those it has for `Closing`.
    /// 13. No contract lives on a node that is switched off or should be.
    /// 14. `Entities` matches `EntityIdByName` and `EntityIdByAccount` both ways.
    /// 15. `TwinsOfEntity` lists exactly the entities in twins; each is there once, and exists.
    /// 16. A sponsored account has no twin yet.
    /// 17. `Certifiers` are at most 100, and counted.
    pub fn do_try_state() -> Checked {
        Self::check_twins()?;
        Self::check_twin_usage()?;
        Self::check_policies()?;
        Self::check_farms()?;
        Self::check_addresses()?;
        Self::check_claims()?;
        Self::check_nodes()?;
        Self::check_node_use()?;
        Self::check_signs_of_life()?;
        Self::check_authorizations()?;
        Self::check_deposits()?;
        Self::check_leaving()?;
        Self::check_power()?;
        Self::check_entities()?;
        Self::check_twin_entities()?;
        Self::check_sponsors()?;
        Self::check_certifiers()
    }

    /// Rule 1.
    fn check_twins() -> Checked {
        for (id, twin) in Twins::<T>::iter() {
            ensure!(twin.id == id, "rule 1: a twin's id is not its key");
            ensure!(id < NextTwinId::<T>::get(), "rule 1: a twin's id has not been given yet");
            ensure!(TwinIdByAccountID::<T>::get(&twin.account_id) == Some(id), "rule 1: a twin is not in the index");
        }
        ensure!(
            Twins::<T>::iter_keys().count() == TwinIdByAccountID::<T>::iter_keys().count(),
            "rule 1: the index is too long"
        );
        Ok(())
    }

    /// Rule 2.
    fn check_twin_usage() -> Checked {
        let mut counted = BTreeMap::<u32, TwinLinks>::new();
        let add = |counter: &mut u32| *counter = counter.saturating_add(1);
        PricingPolicies::<T>::iter_values()
            .for_each(|policy| add(&mut counted.entry(policy.twin_id).or_default().policies));
        Farms::<T>::iter_values().for_each(|farm| add(&mut counted.entry(farm.twin_id).or_default().farms));
        Nodes::<T>::iter_values().for_each(|node| add(&mut counted.entry(node.twin_id).or_default().nodes));
        for (twin_id, links) in TwinUsage::<T>::iter() {
            let counted = counted.remove(&twin_id).unwrap_or_default();
            ensure!(Twins::<T>::contains_key(twin_id), "rule 2: something hangs on a twin that is gone");
            ensure!(!links.is_empty(), "rule 2: an empty record is kept");
            ensure!(links == counted, "rule 2: a twin's counters are wrong");
        }
        ensure!(counted.is_empty(), "rule 2: a twin's belongings are not counted");
        Ok(())
    }

    /// Rule 3.
    fn check_policies() -> Checked {
        let mut farms = BTreeMap::<u32, u32>::new();
        for farm in Farms::<T>::iter_values() {
            let count = farms.entry(farm.pricing_policy_id).or_default();
            *count = count.saturating_add(1);
        }
        for (id, policy) in PricingPolicies::<T>::iter() {
            ensure!(policy.id == id, "rule 3: a policy's id is not its key");
            ensure!(id < NextPricingPolicyId::<T>::get(), "rule 3: a policy's id has not been given yet");
            ensure!(policy.prices.valid(), "rule 3: prices are beyond what the arithmetic is proven for");
            let indexed = PricingPolicyIdByName::<T>::get(policy.twin_id, Self::index_name(&policy.name));
            ensure!(indexed == Some(id), "rule 3: a policy is not in the index");
            ensure!(
                FarmsOfPolicy::<T>::get(id) == farms.remove(&id).unwrap_or_default(),
                "rule 3: a policy's farms are miscounted"
            );
        }
        ensure!(farms.is_empty(), "rule 3: a farm's policy is gone");
        let policies = PricingPolicies::<T>::iter_keys().count();
        ensure!(PricingPolicyIdByName::<T>::iter_keys().count() == policies, "rule 3: the index is too long");
        ensure!(FarmsOfPolicy::<T>::iter().all(|(_, count)| count > 0), "rule 3: an empty counter is kept");
        ensure!(
            FarmsOfPolicy::<T>::iter_keys().all(PricingPolicies::<T>::contains_key),
            "rule 3: a counter's policy is gone"
        );
        Ok(())
    }

    /// Rule 4.
    fn check_farms() -> Checked {
        for (id, farm) in Farms::<T>::iter() {
            ensure!(farm.id == id, "rule 4: a farm's id is not its key");
            ensure!(id < NextFarmId::<T>::get(), "rule 4: a farm's id has not been given yet");
            ensure!(
                FarmIdByName::<T>::get(Self::index_name(&farm.name)) == Some(id),
                "rule 4: a farm is not in the index"
            );
            ensure!(Twins::<T>::contains_key(farm.twin_id), "rule 4: a farm's twin is gone");
            ensure!(
                Self::policy_of(farm.twin_id, farm.pricing_policy_id).is_ok(),
                "rule 4: a farm's policy is not its twin's"
            );
        }
        ensure!(
            Farms::<T>::iter_keys().count() == FarmIdByName::<T>::iter_keys().count(),
            "rule 4: the index is too long"
        );
        Ok(())
    }

    /// Rule 5.
    fn check_addresses() -> Checked {
        let mut counted = BTreeMap::<u32, u32>::new();
        let mut all_free = 0_usize;
        for (address, record) in PublicIps::<T>::iter() {
            let free = record.contract_id.is_none();
            ensure!(
                FreeIps::<T>::contains_key(record.farm_id, address) == free,
                "rule 5: the list of free addresses is wrong"
            );
            let count = counted.entry(record.farm_id).or_default();
            *count = count.saturating_add(1);
            all_free = all_free.saturating_add(usize::from(free));
        }
        ensure!(FreeIps::<T>::iter_keys().count() == all_free, "rule 5: the list of free addresses is too long");
        for farm in Farms::<T>::iter_values() {
            let count = counted.remove(&farm.id).unwrap_or_default();
            ensure!(farm.public_ips == count, "rule 5: a farm's addresses are miscounted");
        }
        ensure!(counted.is_empty(), "rule 5: an address' farm is gone");
        Ok(())
    }

    /// Rule 6.
    fn check_claims() -> Checked {
        for (farm_id, address) in IpClaims::<T>::iter_keys() {
            ensure!(Farms::<T>::contains_key(farm_id), "rule 6: a claim's farm is gone");
            let verified = PublicIps::<T>::get(address).is_some_and(|record| record.farm_id == farm_id);
            ensure!(!verified, "rule 6: a claim stands beside the verified address");
        }
        Ok(())
    }

    /// Rule 7.
    fn check_nodes() -> Checked {
        for (id, node) in Nodes::<T>::iter() {
            ensure!(node.id == id, "rule 7: a node's id is not its key");
            ensure!(id < NextNodeId::<T>::get(), "rule 7: a node's id has not been given yet");
            ensure!(Farms::<T>::contains_key(node.farm_id), "rule 7: a node's farm is gone");
            ensure!(Twins::<T>::contains_key(node.twin_id), "rule 7: a node's twin is gone");
            ensure!(NodeIdByTwinID::<T>::get(node.twin_id) == Some(id), "rule 7: a node is not in the index of twins");
            ensure!(NodesByFarm::<T>::contains_key(node.farm_id, id), "rule 7: a node is not in the index of farms");
        }
        let nodes = Nodes::<T>::iter_keys().count();
        ensure!(NodeIdByTwinID::<T>::iter_keys().count() == nodes, "rule 7: the index of twins is too long");
        let mut agents = NodeIdByAgent::<T>::iter();
        ensure!(
            agents.all(|(agent, id)| Nodes::<T>::get(id).is_some_and(|node| node.agent == agent)),
            "rule 7: an agent is not the one that its node names"
        );
        ensure!(NodesByFarm::<T>::iter_keys().count() == nodes, "rule 7: the index of farms is too long");
        Ok(())
    }

    /// Rule 8.
    fn check_node_use() -> Checked {
        for (id, status) in NodeStatus::<T>::iter() {
            let Some(node) = Nodes::<T>::get(id) else { return Err("rule 8: the used node is gone".into()) };
            ensure!(
                node.capacity.within(&MAX_CAPACITY),
                "rule 8: a node's capacity is beyond what the arithmetic is proven for"
            );
            let fits = status.reserved.within(&node.capacity);
            ensure!(fits || Leaving::<T>::contains_key(id), "rule 8: a node is overbooked");
            ensure!(status.contracts > 0 || status.reserved.is_zero(), "rule 8: capacity is reserved for nobody");
            ensure!(status.contracts > 0 || status.rented_by.is_none(), "rule 8: a rent is not counted");
        }
        Ok(())
    }

    /// Rule 9.
    fn check_signs_of_life() -> Checked {
        for Status { seen, dark_seconds, .. } in NodeStatus::<T>::iter_values() {
            ensure!(seen.before <= seen.last && seen.heartbeat <= seen.last, "rule 9: times are out of order");
            ensure!(dark_seconds <= seen.last, "rule 9: a node was dark for longer than there is time");
        }
        Ok(())
    }

    /// Rule 10.
    fn check_authorizations() -> Checked {
        let mut farms = NodeAuthorizations::<T>::iter_keys().map(|(farm_id, _)| farm_id);
        ensure!(farms.all(Farms::<T>::contains_key), "rule 10: an authorization's farm is gone");
        Ok(())
    }

    /// Rule 11.
    fn check_deposits() -> Checked {
        let mut records = 0_usize;
        let mut ensure_deposit = |key: DepositKeyOf<T>| {
            records = records.saturating_add(1);
            ensure!(Deposits::<T>::contains_key(key), "rule 11: a record has no deposit");
            Ok::<(), TryRuntimeError>(())
        };
        Twins::<T>::iter_keys().try_for_each(|id| ensure_deposit(DepositKey::Twin(id)))?;
        PricingPolicies::<T>::iter_keys().try_for_each(|id| ensure_deposit(DepositKey::PricingPolicy(id)))?;
        Farms::<T>::iter_keys().try_for_each(|id| ensure_deposit(DepositKey::Farm(id)))?;
        Nodes::<T>::iter_keys().try_for_each(|id| ensure_deposit(DepositKey::Node(id)))?;
        NodeAuthorizations::<T>::iter_keys()
            .try_for_each(|(farm_id, account)| ensure_deposit(DepositKey::NodeAuthorization { farm_id, account }))?;
        IpClaims::<T>::iter_keys()
            .try_for_each(|(farm_id, address)| ensure_deposit(DepositKey::PublicIp { farm_id, address }))?;
        PublicIps::<T>::iter().try_for_each(|(address, record)| {
            ensure_deposit(DepositKey::PublicIp { farm_id: record.farm_id, address })
        })?;
        Entities::<T>::iter_keys().try_for_each(|id| ensure_deposit(DepositKey::Entity(id)))?;
        TwinsOfEntity::<T>::iter_keys()
            .try_for_each(|(entity_id, twin_id)| ensure_deposit(DepositKey::TwinEntity { twin_id, entity_id }))?;
        ensure!(Deposits::<T>::iter_keys().count() == records, "rule 11: a deposit has no record");
        Self::check_holds()
    }

    /// Rule 11: the money.
    fn check_holds() -> Checked {
        let mut sums = BTreeMap::<Vec<u8>, u128>::new();
        let of_records = Deposits::<T>::iter().map(|(key, deposit)| (key.reason(), deposit));
        let of_sponsors = TwinSponsors::<T>::iter_values().map(|deposit| (HoldReason::Twin, deposit));
        for (reason, deposit) in of_records.chain(of_sponsors) {
            let sum = sums.entry((&deposit.who, reason).encode()).or_default();
            *sum = sum.saturating_add(deposit.amount.saturated_into());
        }
        for who in frame_system::Account::<T>::iter_keys() {
            for reason in HoldReason::ALL {
                let sum = sums.remove(&(&who, reason).encode()).unwrap_or_default();
                let held: u128 = T::NativeToken::balance_on_hold(&reason.into(), &who).saturated_into();
                ensure!(held == sum, "rule 11: what is on hold is not the sum of the deposits");
            }
        }
        ensure!(sums.values().all(Zero::is_zero), "rule 11: who gave a deposit has no account");
        Ok(())
    }

    /// Rule 12.
    fn check_leaving() -> Checked {
        for (id, node) in Nodes::<T>::iter() {
            let queued = Leaving::<T>::get(id) == Some(LeavingReason::Closing);
            ensure!(
                queued == (node.state == NodeState::Closing),
                "rule 12: a node closes and nobody ends its contracts"
            );
        }
        let mut queue = Leaving::<T>::iter_keys();
        ensure!(queue.all(Nodes::<T>::contains_key), "rule 12: the leaving node is gone");
        Ok(())
    }

    /// Rule 13.
    fn check_power() -> Checked {
        for (id, node) in Nodes::<T>::iter() {
            let empty = NodeStatus::<T>::get(id).contracts == 0;
            ensure!(empty || node.power.accepts_contracts(), "rule 13: a contract lives on a node that sleeps");
        }
        Ok(())
    }
}
