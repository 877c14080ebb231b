//! The end of a contract, whoever brings it about: one way out.

use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, DispatchResultWithPostInfo},
    traits::{Consideration, EnsureOrigin},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::DispatchError;

use crate::{
    billing::{charge, window},
    types::{
        Balance, BillingRecord, ContractId, ContractKind, ContractState, EndCause, Parameters, Seconds, Stall, Task,
    },
    BillingOf, Config, ContractOf, Contracts, Error, Event, Pallet, Rules, Stalls, WeightInfo,
};

impl<T: Config> Pallet<T> {
    /// Weighs as much as there are addresses to give back.
    pub(crate) fn do_cancel(origin: OriginFor<T>, contract_id: ContractId) -> DispatchResultWithPostInfo {
        let contract = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        Self::end_contract(contract_id, Self::cause_of_cancel(origin, &contract)?)?;
        Ok(Some(<T as Config>::WeightInfo::end_contract(contract.public_ips)).into())
    }

    /// Whether `origin` may end the contract, and what that is called.
    fn cause_of_cancel(origin: OriginFor<T>, contract: &ContractOf<T>) -> Result<EndCause, DispatchError> {
        if T::AdminOrigin::try_origin(origin.clone()).is_ok() {
            return Ok(EndCause::Governance);
        }
        let who = ensure_signed(origin)?;
        let twin_id = Registry::<T>::twin_of(&who).map_err(|_| Error::<T>::NotAParty)?;
        if twin_id == contract.twin_id {
            return Ok(EndCause::CanceledByUser);
        }
        let node = Registry::<T>::node(contract.node_id)?;
        if twin_id == node.twin_id {
            return Ok(EndCause::CanceledByNode);
        }
        ensure!(Registry::<T>::farm(node.farm_id)?.twin_id == twin_id, Error::<T>::NotAParty);
        ensure!(Self::is_long_unseen(contract.node_id), Error::<T>::NodeSeenLately);
        Ok(EndCause::CanceledByFarmer)
    }

    /// Whether the farmer may give up a node's contracts. Time in which the chain stood still does not count: nobody could
    /// have been seen.
    fn is_long_unseen(node_id: u32) -> bool {
        let seen = Registry::<T>::last_seen_before_this_block(node_id);
        let unseen = window::Window::outside(&Stalls::<T>::get(), seen, Self::now());
        unseen.seconds >= Rules::<T>::get().farmer_cancel_after
    }

    /// Ends a contract, now; a rent with contracts inside after these, within blocks.
    ///
    /// It never fails over money: what cannot be paid out waits in [`crate::Payable`].
    pub(crate) fn end_contract(contract_id: ContractId, cause: EndCause) -> DispatchResult {
        let kind = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?.kind;
        if kind == ContractKind::Rent && Self::has_contracts_inside(contract_id) {
            return Self::begin_end_of_rent(contract_id, cause);
        }
        Self::close_contract(contract_id, cause)
    }

    /// Settles, gives everything back and forgets the contract. A contract that is ending keeps the cause it has.
    pub(crate) fn close_contract(contract_id: ContractId, cause: EndCause) -> DispatchResult {
        let contract = Contracts::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let mut record = BillingOf::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let cause = Self::charge_to_end(contract_id, &mut record, cause)?;
        Self::unfile(contract_id, &mut record.agenda_tick);

        let (node_id, twin_id) = (contract.node_id, contract.twin_id);
        let farm_id = Registry::<T>::node(node_id)?.farm_id;
        Self::release_addresses(farm_id, contract_id, &contract.public_ips_list);
        match contract.kind {
            ContractKind::Capacity => {
                Self::give_back_capacity(node_id, record.rent, &contract.resources.capacity())?;
            },
            ContractKind::Rent => Self::give_back_node(node_id, contract_id)?,
        }
        Self::unlist(node_id, twin_id, contract_id);

        let refund = record.escrow;
        Self::release_escrow(refund);
        Self::pay_out(&record.payer, refund);
        contract.deposit.drop(&record.payer)?;
        Self::deposit_event(Event::ContractEnded { contract_id, twin_id, node_id, cause, refund });
        Ok(())
    }

    /// Gives the addresses back. One that the contract lists and does not hold, which only a bug can bring about, is passed
    /// over and told: a contract must always be able to end.
    fn release_addresses(farm_id: u32, contract_id: ContractId, addresses: &[u32]) {
        for address in addresses {
            if Registry::<T>::release_ips(farm_id, contract_id, core::slice::from_ref(address)).is_err() {
                Self::deposit_event(Event::AddressNotReleased { contract_id, address: *address });
            }
        }
    }

    /// Charges what is owed at the end, and says what the end is called.
    pub(crate) fn charge_to_end(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        cause: EndCause,
    ) -> Result<EndCause, DispatchError> {
        let now = Self::now();
        match record.state {
            ContractState::Ending { cause } => return Ok(cause),
            // Nobody knows since when the work was not there any more.
            _ if !cause.is_charged() => {},
            ContractState::Created => Self::charge_holding(contract_id, record, now),
            ContractState::Deployed => Self::settle(contract_id, record, now)?,
            ContractState::Grace { until } => Self::charge_grace(contract_id, record, until, now)?,
        }
        Ok(cause)
    }

    /// Rule 4: charges what was not reported yet, as far as the node was there, and pays the farmer. Time before now is
    /// closed afterwards, charged or not.
    pub(crate) fn settle(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        now: Seconds,
    ) -> DispatchResult {
        let taken = Self::close_past(contract_id, record, &Rules::<T>::get(), &Stalls::<T>::get(), now);
        Self::earn(record.node_id, taken, now)
    }

    /// The same without the payout, for a batch that pays once. Returns what left escrow.
    pub(crate) fn close_past(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        rules: &Parameters,
        stalls: &[Stall],
        now: Seconds,
    ) -> Balance {
        let seen = Registry::<T>::last_seen_before_this_block(record.node_id);
        let window = window::settled(rules, stalls, now, record.paid_until, seen);
        let bill = charge::settlement(record, rules, &window);
        record.paid_until = record.paid_until.max(now);
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
        charge::debit(record, &bill)
    }

    /// Books what a node earned and pays it out.
    pub(crate) fn earn(node_id: u32, taken: Balance, now: Seconds) -> DispatchResult {
        Self::release_escrow(taken);
        Self::pay_revenue(node_id, Self::payout_of_node(node_id)?, taken, now);
        Ok(())
    }

    /// From now on nothing is charged; the agenda ends the contract when it is `due`: rule 9. One that is ending keeps its
    /// cause.
    pub(crate) fn mark_ending(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        cause: EndCause,
        due: Seconds,
    ) {
        if !matches!(record.state, ContractState::Ending { .. }) {
            Self::set_state(contract_id, record, ContractState::Ending { cause });
        }
        Self::file(contract_id, &mut record.agenda_tick, Task::End, due);
    }

    /// Changes the state in both halves of a contract.
    pub(crate) fn set_state(contract_id: ContractId, record: &mut BillingRecord<T::AccountId>, state: ContractState) {
        record.state = state;
        Contracts::<T>::mutate(contract_id, |contract| {
            if let Some(contract) = contract {
                contract.state = state;
            }
        });
    }
}
