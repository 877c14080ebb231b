//! The end of a contract, whoever brings it about: one way out.

use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{Consideration, EnsureOrigin},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::DispatchError;

use crate::{
    billing::{charge, window},
    types::{BillingRecord, ContractId, ContractState, EndCause, Seconds},
    BillingOf, Config, Contracts, Deposits, Error, Event, Pallet, Rules, Stalls,
};

impl<T: Config> Pallet<T> {
    /// Whether `origin` may end the contract, and what that is called.
    pub(crate) fn cause_of_cancel(origin: OriginFor<T>, contract_id: ContractId) -> Result<EndCause, DispatchError> {
        let contract = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        if T::AdminOrigin::try_origin(origin.clone()).is_ok() {
            return Ok(EndCause::Governance);
        }
        let who = ensure_signed(origin)?;
        let twin_id = Registry::<T>::twin_of(&who).map_err(|_| Error::<T>::NotAParty)?;
        if twin_id == contract.twin_id {
            return Ok(EndCause::CanceledByUser);
        }
        let node = Registry::<T>::node(contract.node_id)?;
        ensure!(twin_id == node.twin_id, Error::<T>::NotAParty);
        Ok(EndCause::CanceledByNode)
    }

    /// Settles, gives everything back and forgets the contract. A contract that is ending keeps the cause it has.
    ///
    /// It never fails over money: what cannot be paid out waits in [`crate::Payable`].
    pub(crate) fn end_contract(contract_id: ContractId, cause: EndCause) -> DispatchResult {
        let contract = Contracts::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let mut record = BillingOf::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let now = Registry::<T>::now();
        let cause = match record.state {
            ContractState::Ending { cause } => cause,
            ContractState::Created => {
                Self::charge_holding(contract_id, &mut record, now);
                cause
            },
            ContractState::Deployed => {
                Self::settle(contract_id, &mut record, now)?;
                cause
            },
            ContractState::Grace { .. } => cause,
        };
        Self::unfile(contract_id, &mut record.agenda_tick);

        let (node_id, twin_id) = (contract.node_id, contract.twin_id);
        let farm_id = Registry::<T>::node(node_id)?.farm_id;
        Registry::<T>::release_ips(farm_id, contract_id, &contract.public_ips_list)?;
        Registry::<T>::release_capacity(node_id, &contract.resources.capacity())?;
        Self::unlist(node_id, twin_id, contract_id);

        let refund = record.escrow;
        Self::release_escrow(refund);
        Self::pay_out(&record.payer, refund);
        if let Some(ticket) = Deposits::<T>::take(contract_id) {
            ticket.drop(&record.payer)?;
        }
        Self::deposit_event(Event::ContractEnded { contract_id, twin_id, node_id, cause, refund });
        Ok(())
    }

    /// Rule 4: charges what was not reported yet, as far as the node was there, and pays the farmer. Time before now is
    /// closed afterwards, charged or not.
    pub(crate) fn settle(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        now: Seconds,
    ) -> DispatchResult {
        let rules = Rules::<T>::get();
        let seen = Registry::<T>::last_seen_before_this_block(record.node_id);
        let window = window::settled(&rules, &Stalls::<T>::get(), now, record.paid_until, seen);
        let bill = charge::settlement(record, &rules, &window);
        let taken = charge::debit(record, &bill);
        record.paid_until = record.paid_until.max(now);
        Self::release_escrow(taken);
        Self::pay_revenue(record.node_id, Self::payout_of_node(record.node_id)?, taken, now);
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
        Ok(())
    }
}
