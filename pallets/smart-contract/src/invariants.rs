//! What must hold after every block. Numbered, so that a failure names its rule.

use frame_support::{ensure, traits::fungible::Inspect};
use grid_types::units::Capacity;
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::TryRuntimeError;

use crate::{
    billing::{charge, window::Window},
    keys::NewestFirst,
    names::is_name,
    types::{Balance, BillingRecord, ContractId, ContractKind, ContractState, Task},
    Agenda, BillingOf, Clock, Config, ContractOf, Contracts, ContractsOfNode, ContractsOfTwin, EndingRents,
    NameContractIdByName, NameContracts, NameContractsOfTwin, NextContractId, Pallet, PassedOver, Payable, RentUsage,
    Rules, TotalEscrow, TotalPayable,
};

impl<T: Config> Pallet<T> {
    /// Checks all invariants. For tests, fuzzers and `try-runtime`; far too slow for a block.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::money_is_covered()?;
        for (contract_id, contract) in Contracts::<T>::iter() {
            let record = BillingOf::<T>::get(contract_id).ok_or("4: a contract has no billing record")?;
            Self::halves_agree(contract_id, &contract, &record)?;
            Self::indexes_know(contract_id, &contract)?;
            Self::agenda_knows(contract_id, &record)?;
            Self::addresses_are_held(contract_id, &contract)?;
            Self::pauses_are_paid(&record)?;
        }
        Self::names_are_leased()?;
        Self::nothing_is_left_over()?;
        Self::capacity_adds_up()?;
        Self::rents_add_up()?;
        Self::queue_is_of_ending_rents()
    }

    /// 1 to 3: the pallet's account covers escrow and payables, and both are what the records sum up to.
    fn money_is_covered() -> Result<(), TryRuntimeError> {
        let escrow: Balance = BillingOf::<T>::iter_values().map(|record| record.escrow).sum();
        ensure!(escrow == TotalEscrow::<T>::get(), "1: the escrows do not sum up to their total");
        let payable: Balance = Payable::<T>::iter_values().sum();
        ensure!(payable == TotalPayable::<T>::get(), "2: the payables do not sum up to their total");
        let owed = escrow.saturating_add(payable).saturating_add(T::Money::minimum_balance());
        ensure!(T::Money::balance(&Self::account_id()) >= owed, "3: the account does not cover what it owes");
        Ok(())
    }

    /// 4 to 6: a contract and its billing record say the same.
    fn halves_agree(
        contract_id: ContractId,
        contract: &ContractOf<T>,
        record: &BillingRecord<T::AccountId>,
    ) -> Result<(), TryRuntimeError> {
        ensure!(contract.contract_id == contract_id, "5: a contract has another number than its key");
        ensure!(contract_id < NextContractId::<T>::get(), "5: a contract's number was not given out");
        let agree = contract.state == record.state
            && contract.node_id == record.node_id
            && contract.resources == record.resources
            && contract.public_ips == record.public_ips;
        ensure!(agree, "6: a contract and its billing record differ");
        let payer = Registry::<T>::twin_account(contract.twin_id).ok();
        ensure!(payer.as_ref() == Some(&record.payer), "6: the payer is not the owner's account");
        Ok(())
    }

    /// 7: every contract stands in both indexes.
    fn indexes_know(contract_id: ContractId, contract: &ContractOf<T>) -> Result<(), TryRuntimeError> {
        let known = ContractsOfNode::<T>::get(contract.node_id, NewestFirst(contract_id)) == Some(contract_id)
            && ContractsOfTwin::<T>::get(contract.twin_id, NewestFirst(contract_id)) == Some(contract_id);
        ensure!(known, "7: a contract is not in an index");
        Ok(())
    }

    /// 8: a contract with an end in time is on the agenda once, where its record says, and not before the cursor; an ending
    /// rent may wait in its own queue instead.
    fn agenda_knows(contract_id: ContractId, record: &BillingRecord<T::AccountId>) -> Result<(), TryRuntimeError> {
        let must_end = !matches!(record.state, ContractState::Deployed) && !EndingRents::<T>::contains_key(contract_id);
        ensure!(must_end == record.agenda_tick.is_some(), "8: a contract's place on the agenda contradicts its state");
        if let Some(tick) = record.agenda_tick {
            ensure!(Agenda::<T>::contains_key(tick, contract_id), "8: the agenda lacks an entry");
            ensure!(Clock::<T>::get().cursor.is_none_or(|cursor| tick >= cursor), "8: an entry was passed over");
        }
        Ok(())
    }

    /// 9: a contract holds the addresses that it lists, and these know it.
    fn addresses_are_held(contract_id: ContractId, contract: &ContractOf<T>) -> Result<(), TryRuntimeError> {
        let listed = u32::try_from(contract.public_ips_list.len()).ok();
        ensure!(listed == Some(contract.public_ips), "9: a contract lists another number of addresses than it has");
        for address in &contract.public_ips_list {
            let holder = pallet_tfgrid::PublicIps::<T>::get(address).and_then(|ip| ip.contract_id);
            ensure!(holder == Some(contract_id), "9: an address does not know its contract");
        }
        Ok(())
    }

    /// 15: the cushion is there as long as the contract runs, and escrow pays for the whole of a pause.
    fn pauses_are_paid(record: &BillingRecord<T::AccountId>) -> Result<(), TryRuntimeError> {
        let covered = record.escrow >= record.cushion;
        ensure!(!record.state.runs() || covered, "15: escrow is below its cushion");
        let ContractState::Grace { until } = record.state else { return Ok(()) };
        let rules = Rules::<T>::get();
        let seconds = until.saturating_sub(record.paid_until);
        ensure!(seconds <= rules.max_grace, "15: a pause is longer than the rules allow");
        let whole = Window { from: record.paid_until, until, seconds };
        let bill = charge::holding(&mut record.clone(), &rules, &whole);
        ensure!(bill.total() <= record.escrow, "15: escrow does not pay for a pause");
        Ok(())
    }

    /// 10: nothing outlives its contract.
    fn nothing_is_left_over() -> Result<(), TryRuntimeError> {
        let contracts = Contracts::<T>::iter_keys().count();
        ensure!(BillingOf::<T>::iter_keys().count() == contracts, "10: a billing record has no contract");
        ensure!(ContractsOfNode::<T>::iter_keys().count() == contracts, "10: the node index has more");
        ensure!(ContractsOfTwin::<T>::iter_keys().count() == contracts, "10: the twin index has more");
        let filed = BillingOf::<T>::iter_values().filter(|record| record.agenda_tick.is_some()).count();
        let leases = NameContracts::<T>::iter_keys().count();
        ensure!(
            Agenda::<T>::iter_keys().count() == filed.saturating_add(leases),
            "10: the agenda has an entry without contract"
        );
        let held = pallet_tfgrid::PublicIps::<T>::iter_values().filter(|ip| ip.contract_id.is_some()).count();
        let listed: usize = Contracts::<T>::iter_values().map(|contract| contract.public_ips_list.len()).sum();
        ensure!(held == listed, "10: an address is held by no contract");
        Ok(())
    }

    /// 12: every leased name stands in both indexes and nothing else does, its owner exists, and its end is on the agenda.
    fn names_are_leased() -> Result<(), TryRuntimeError> {
        for (contract_id, contract) in NameContracts::<T>::iter() {
            ensure!(contract.contract_id == contract_id, "12: a name contract has another number than its key");
            ensure!(contract_id < NextContractId::<T>::get(), "12: a name contract's number was not given out");
            ensure!(!Contracts::<T>::contains_key(contract_id), "12: two contracts have one number");
            ensure!(is_name(&contract.name), "12: a name breaks the rules");
            let known = NameContractIdByName::<T>::get(&contract.name) == Some(contract_id)
                && NameContractsOfTwin::<T>::contains_key(contract.twin_id, contract_id);
            ensure!(known, "12: a name contract lacks an index");
            ensure!(Registry::<T>::twin_account(contract.twin_id).is_ok(), "12: a name's owner is gone");
            let entry = contract.agenda_tick.and_then(|tick| Agenda::<T>::get(tick, contract_id));
            ensure!(entry.is_some_and(|entry| entry.task == Task::LeaseEnd), "12: a lease's end is not on the agenda");
        }
        let names = NameContracts::<T>::iter_keys().count();
        ensure!(NameContractIdByName::<T>::iter_keys().count() == names, "12: a name has no contract");
        ensure!(NameContractsOfTwin::<T>::iter_keys().count() == names, "12: the twin index has more names");
        Ok(())
    }

    /// 11: what a node has reserved is the sum over its live contracts, or all that its rent has.
    fn capacity_adds_up() -> Result<(), TryRuntimeError> {
        for node_id in pallet_tfgrid::Nodes::<T>::iter_keys() {
            let mut sum = Capacity::default();
            let mut count = 0_u32;
            let mut rent = None;
            for contract_id in ContractsOfNode::<T>::iter_prefix_values(node_id) {
                let contract = Contracts::<T>::get(contract_id).ok_or("11: the node index names no contract")?;
                let capacity = contract.resources.capacity();
                sum = sum.checked_add(&capacity).ok_or("11: capacity overflows")?;
                count = count.saturating_add(1);
                if contract.kind == ContractKind::Rent {
                    ensure!(rent.replace((contract_id, capacity)).is_none(), "11: a node is rented twice");
                }
            }
            let used = pallet_tfgrid::NodeStatus::<T>::get(node_id);
            let reserved = rent.map_or(sum, |(_, capacity)| capacity);
            ensure!(used.reserved == reserved, "11: a node's reserved capacity is not that of its contracts");
            ensure!(used.contracts == count, "11: a node counts another number of contracts");
            ensure!(used.rented_by == rent.map(|(id, _)| id), "11: a node does not know its rent");
        }
        Ok(())
    }

    /// 13: what is inside a rent is its owner's, on its node, and takes what the rent has less than at its beginning.
    fn rents_add_up() -> Result<(), TryRuntimeError> {
        for (rent_id, used) in RentUsage::<T>::iter() {
            let rent = BillingOf::<T>::get(rent_id).ok_or("13: a rent's book has no rent")?;
            let mut sum = used.free;
            let mut count = 0_u32;
            for contract_id in ContractsOfNode::<T>::iter_prefix_values(rent.node_id) {
                if contract_id == rent_id {
                    continue;
                }
                let inside = BillingOf::<T>::get(contract_id).ok_or("13: the node index names no contract")?;
                ensure!(inside.rent == Some(rent_id), "13: a contract on a rented node is not inside the rent");
                ensure!(inside.payer == rent.payer, "13: a contract inside a rent is somebody else's");
                sum = sum.checked_add(&inside.resources.capacity()).ok_or("13: capacity overflows")?;
                count = count.saturating_add(1);
            }
            ensure!(sum == rent.resources.capacity(), "13: a rent's capacity is not what is inside and what is free");
            ensure!(used.contracts == count, "13: a rent counts another number of contracts");
        }
        let is_rent = |contract: &ContractOf<T>| contract.kind == ContractKind::Rent;
        let rents = Contracts::<T>::iter_values().filter(is_rent).count();
        ensure!(RentUsage::<T>::iter_keys().count() == rents, "13: a rent has no book");
        let has_rent = |record: &BillingRecord<T::AccountId>| record.rent.is_none_or(RentUsage::<T>::contains_key);
        ensure!(BillingOf::<T>::iter_values().all(|record| has_rent(&record)), "13: a contract is inside no rent");
        Ok(())
    }

    /// 14: what is in the queue of ending rents ends, on the node that the queue names.
    fn queue_is_of_ending_rents() -> Result<(), TryRuntimeError> {
        for (rent_id, node_id) in EndingRents::<T>::iter() {
            ensure!(RentUsage::<T>::contains_key(rent_id), "14: what waits to end is no rent");
            let rent = BillingOf::<T>::get(rent_id).ok_or("14: a rent that waits to end is gone")?;
            ensure!(matches!(rent.state, ContractState::Ending { .. }), "14: a rent that waits to end is not ending");
            ensure!(rent.node_id == node_id, "14: a rent that waits to end is on another node");
        }
        for node_id in PassedOver::<T>::iter_keys() {
            let winds_down = pallet_tfgrid::Leaving::<T>::contains_key(node_id)
                || EndingRents::<T>::iter_values().any(|ending| ending == node_id);
            ensure!(winds_down, "14: something was passed over on a node that stays");
        }
        Ok(())
    }
}
