//! Money that is added to a contract, and the owner's say over refills.

use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{
    types::{Balance, ContractId},
    BillingOf, Config, Error, Event, Pallet,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_fund(from: T::AccountId, contract_id: ContractId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        BillingOf::<T>::try_mutate(contract_id, |record| -> DispatchResult {
            let record = record.as_mut().ok_or(Error::<T>::ContractNotFound)?;
            ensure!(record.state.can_fund(), Error::<T>::WrongState);
            Self::take_in(&from, amount)?;
            record.escrow = record.escrow.saturating_add(amount);
            Ok(())
        })?;
        Self::deposit_event(Event::ContractFunded { contract_id, from, amount });
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
}
