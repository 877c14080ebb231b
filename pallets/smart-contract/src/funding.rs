//! Money that goes into a contract's escrow on purpose, and the owner's say over what the chain may draw.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::escrow::{drawable, drawn, Levels},
    types::{Balance, BillingRecord, ContractId, ContractKind, ContractState, Seconds},
    BillingOf, Config, Contracts, Error, Event, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_fund(from: T::AccountId, contract_id: ContractId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(record.state.can_fund(), Error::<T>::WrongState);
        Self::ensure_open(&record)?;
        Self::take_in(&from, amount)?;
        record.escrow = record.escrow.saturating_add(amount);
        Self::deposit_event(Event::ContractFunded { contract_id, from, amount });
        if let ContractState::Grace { until } = record.state {
            Self::resume_if_covered(contract_id, &mut record, until)?;
        }
        BillingOf::<T>::insert(contract_id, record);
        Ok(())
    }

    pub(crate) fn do_set_refill_limit(
        owner: T::AccountId,
        contract_id: ContractId,
        limit: Option<Balance>,
    ) -> DispatchResult {
        BillingOf::<T>::try_mutate(contract_id, |record| -> DispatchResult {
            let record = record.as_mut().ok_or(Error::<T>::ContractNotFound)?;
            ensure!(record.payer == owner, Error::<T>::NotTheOwner);
            record.refill.limit = limit;
            Ok(())
        })?;
        Self::deposit_event(Event::RefillLimitSet { contract_id, limit });
        Ok(())
    }

    /// Rule 8: raising the cushion draws the money at once, so that no cushion is only a promise.
    pub(crate) fn do_set_cushion(owner: T::AccountId, contract_id: ContractId, amount: Balance) -> DispatchResult {
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(record.payer == owner, Error::<T>::NotTheOwner);
        ensure!(record.state.can_update(), Error::<T>::WrongState);
        let kind = Contracts::<T>::get(contract_id).map(|contract| contract.kind);
        ensure!(kind == Some(ContractKind::Capacity), Error::<T>::WrongKind);
        Self::ensure_open(&record)?;

        let raised = amount.saturating_sub(record.cushion);
        record.cushion = amount;
        if raised > 0 {
            let least = record.escrow.saturating_add(raised).max(Levels::of_record(&Rules::<T>::get(), &record).low);
            Self::draw_at_least(contract_id, &mut record, least, least, Self::now())?;
        }
        BillingOf::<T>::insert(contract_id, record);
        Self::deposit_event(Event::CushionSet { contract_id, amount });
        Ok(())
    }

    /// Draws from the owner until escrow has `least`, and more up to `most` if it is there; nothing if escrow has `least`
    /// already. His refill limit holds here too.
    pub(crate) fn draw_at_least(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        least: Balance,
        most: Balance,
        now: Seconds,
    ) -> DispatchResult {
        if record.escrow >= least {
            return Ok(());
        }
        let amount = drawable(most, record.escrow, Self::spendable(&record.payer), &record.refill, now);
        let escrow = record.escrow.saturating_add(amount);
        ensure!(escrow >= least, Error::<T>::InsufficientFunds);
        Self::take_in(&record.payer, amount)?;
        record.escrow = escrow;
        record.refill = drawn(&record.refill, amount, now);
        Self::deposit_event(Event::ContractFunded { contract_id, from: record.payer.clone(), amount });
        Ok(())
    }

    /// What goes with its node or its rent takes no new money: rules 13 and 14.
    pub(crate) fn ensure_open(record: &BillingRecord<T::AccountId>) -> DispatchResult {
        ensure!(Registry::<T>::node(record.node_id)?.state.accepts_contracts(), Error::<T>::NodeClosing);
        if let Some(rent_id) = record.rent {
            let rent = BillingOf::<T>::get(rent_id).map(|rent| rent.state);
            ensure!(rent == Some(ContractState::Deployed), Error::<T>::RentEnding);
        }
        Ok(())
    }
}
