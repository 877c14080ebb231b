//! What must hold after every block. Numbered, so that a failure names its rule.

use frame_support::ensure;
use grid_types::units::Capacity;
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::TryRuntimeError;

use crate::{
    keys::NewestFirst,
    types::{BillingRecord, ContractId, ContractKind, ContractState, Task},
    Agenda, BillingOf, Clock, Config, ContractOf, Contracts, ContractsOfNode, ContractsOfTwin, EndingRents,
    NameContracts, NextContractId, Pallet,
};

mod money;
mod names;
mod rents;

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
    /// Checks all invariants. For tests, fuzzers and `try-runtime`; far too slow for a block.
    ///
    /// 1. The escrows sum up to [`crate::TotalEscrow`].
    /// 2. The payables sum up to [`crate::TotalPayable`].
    /// 3. The pallet's account covers both, and lives.
    /// 4. Every contract has a billing record.
    /// 5. A contract's number is its key, and was given out.
    /// 6. A contract and its billing record say the same, and the payer is the owner.
    /// 7. Every contract stands in both indexes.
    /// 8. A contract with an end in time is on the agenda once, where its record says, not before the cursor, and for what
    ///    its state says. An ending rent may wait in its own queue instead.
    /// 9. A contract holds the addresses that it lists, and these know it.
    /// 10. Nothing outlives its contract: records, indexes, agenda, addresses.
    /// 11. What a node has reserved is the sum over its live contracts, or all that its rent has.
    /// 12. Every leased name stands in both indexes and nothing else does; its owner exists, and its end is on the agenda.
    /// 13. What is inside a rent is its owner's, on its node, and takes what the rent has less than at its beginning.
    /// 14. What is in the queue of ending rents ends, on the node that the queue names.
    /// 15. The cushion is there as long as a contract runs, and escrow pays for the whole of a pause.
    /// 16. What a bill carries over is less than a unit, what is saved is within the ceiling, and what is charged without a
    ///     report within the reservation.
    /// 17. What is on hold of an owner is the sum of the deposits of his contracts and names.
    pub fn do_try_state() -> Checked {
        Self::money_is_covered()?;
        for (contract_id, contract) in Contracts::<T>::iter() {
            let record = BillingOf::<T>::get(contract_id).ok_or("4: a contract has no billing record")?;
            Self::halves_agree(contract_id, &contract, &record)?;
            Self::indexes_know(contract_id, &contract)?;
            Self::agenda_knows(contract_id, &record)?;
            Self::addresses_are_held(contract_id, &contract)?;
            Self::pauses_are_paid(&record)?;
            Self::remainders_are_small(&record)?;
        }
        Self::deposits_are_held()?;
        Self::names_are_leased()?;
        Self::nothing_is_left_over()?;
        Self::capacity_adds_up()?;
        Self::rents_add_up()?;
        Self::queue_is_of_ending_rents()
    }

    /// 5 and 6.
    fn halves_agree(
        contract_id: ContractId,
        contract: &ContractOf<T>,
        record: &BillingRecord<T::AccountId>,
    ) -> Checked {
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

    /// 7.
    fn indexes_know(contract_id: ContractId, contract: &ContractOf<T>) -> Checked {
        let known = ContractsOfNode::<T>::get(contract.node_id, NewestFirst(contract_id)) == Some(contract_id)
            && ContractsOfTwin::<T>::get(contract.twin_id, NewestFirst(contract_id)) == Some(contract_id);
        ensure!(known, "7: a contract is not in an index");
        Ok(())
    }

    /// 8.
    fn agenda_knows(contract_id: ContractId, record: &BillingRecord<T::AccountId>) -> Checked {
        let must_end = !matches!(record.state, ContractState::Deployed) && !EndingRents::<T>::contains_key(contract_id);
        ensure!(must_end == record.agenda_tick.is_some(), "8: a contract's place on the agenda contradicts its state");
        if let Some(tick) = record.agenda_tick {
            let entry = Agenda::<T>::get(tick, contract_id).ok_or("8: the agenda lacks an entry")?;
            let task = match record.state {
                ContractState::Created => Task::CreateTimeout,
                ContractState::Grace { .. } => Task::GraceEnd,
                ContractState::Deployed | ContractState::Ending { .. } => Task::End,
            };
            ensure!(entry.task == task, "8: the agenda is to do something else");
            ensure!(Clock::<T>::get().cursor.is_none_or(|cursor| tick >= cursor), "8: an entry was passed over");
        }
        Ok(())
    }

    /// 9.
    fn addresses_are_held(contract_id: ContractId, contract: &ContractOf<T>) -> Checked {
        let listed = u32::try_from(contract.public_ips_list.len()).ok();
        ensure!(listed == Some(contract.public_ips), "9: a contract lists another number of addresses than it has");
        for address in &contract.public_ips_list {
            let holder = pallet_tfgrid::PublicIps::<T>::get(address).and_then(|ip| ip.contract_id);
            ensure!(holder == Some(contract_id), "9: an address does not know its contract");
        }
        Ok(())
    }

    /// 10.
    fn nothing_is_left_over() -> Checked {
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

    /// 11.
    fn capacity_adds_up() -> Checked {
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
}
