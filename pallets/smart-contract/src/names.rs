//! Names as prepaid leases of whole days, at governance's price: rule 13.
//!
//! Leases run on the agenda's clock, so that nobody loses a name, or a day of it, because the chain stood still. On that
//! clock a lease is over at its end, whether or not the agenda has got to it: what a call may do does not depend on how
//! full blocks are. The name is free again when the agenda has served the end.

use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{Consideration, Footprint},
};
use pallet_tfgrid::{NameInput, Pallet as Registry};
use sp_runtime::DispatchError;

use crate::{
    types::{
        Balance, ContractId, EndCause, LeasedName, NameContract, NameContractOf, NameOwner, NamePrice, Seconds, Task,
        MIN_LEASED_NAME,
    },
    Config, Error, Event, NameContractIdByName, NameContracts, NameContractsOfTwin, Pallet, PriceOfNames, Rules,
};

/// The unit of a lease, seconds.
const DAY: Seconds = 86_400;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_name(
        owner: T::AccountId,
        name: NameInput,
        days: u32,
        max_price: Option<Balance>,
    ) -> DispatchResult {
        let twin_id = Registry::<T>::twin_of(&owner)?;
        let name = Self::check_name(name)?;
        ensure!(!NameContractIdByName::<T>::contains_key(&name), Error::<T>::NameTaken);
        let now = Self::now();
        let lease_until = Self::lease_end(Self::agenda_time(now), days, now)?;

        let contract_id = Self::next_id()?;
        let deposit = T::Deposit::new(&owner, Footprint::from_parts(1, name.len()))?;
        let paid = Self::pay_lease(&owner, days, max_price, now)?;
        let mut agenda_tick = None;
        let ends = Self::calendar_time(lease_until);
        Self::file(contract_id, &mut agenda_tick, Task::LeaseEnd, ends);
        NameContractIdByName::<T>::insert(&name, contract_id);
        NameContractsOfTwin::<T>::insert(twin_id, contract_id, ());
        let contract = NameContract { contract_id, twin_id, name: name.clone(), lease_until, agenda_tick, deposit };
        NameContracts::<T>::insert(contract_id, contract);
        Self::deposit_event(Event::NameContractCreated { contract_id, twin_id, name, lease_until: ends, paid });
        Ok(())
    }

    pub(crate) fn do_renew_name(
        owner: T::AccountId,
        contract_id: ContractId,
        days: u32,
        max_price: Option<Balance>,
    ) -> DispatchResult {
        let mut contract = Self::name_of_owner(&owner, contract_id)?;
        let now = Self::now();
        ensure!(Self::agenda_time(now) < contract.lease_until, Error::<T>::LeaseOver);
        contract.lease_until = Self::lease_end(contract.lease_until, days, now)?;

        let paid = Self::pay_lease(&owner, days, max_price, now)?;
        let lease_until = Self::calendar_time(contract.lease_until);
        Self::file(contract_id, &mut contract.agenda_tick, Task::LeaseEnd, lease_until);
        NameContracts::<T>::insert(contract_id, contract);
        Self::deposit_event(Event::NameContractRenewed { contract_id, lease_until, paid });
        Ok(())
    }

    pub(crate) fn do_cancel_name(owner: T::AccountId, contract_id: ContractId) -> DispatchResult {
        Self::name_of_owner(&owner, contract_id)?;
        Self::end_name_contract(contract_id, EndCause::CanceledByUser)
    }

    /// Returns the deposit and frees the name. What is left of the lease is forfeit: who leases for long must mean it.
    pub(crate) fn end_name_contract(contract_id: ContractId, cause: EndCause) -> DispatchResult {
        let contract = NameContracts::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let NameContract { twin_id, name, mut agenda_tick, deposit, .. } = contract;
        Self::unfile(contract_id, &mut agenda_tick);
        NameContractIdByName::<T>::remove(&name);
        NameContractsOfTwin::<T>::remove(twin_id, contract_id);
        // The owner is known: a twin with a name cannot be deleted.
        deposit.drop(&Registry::<T>::twin_account(twin_id)?)?;
        Self::deposit_event(Event::NameContractEnded { contract_id, twin_id, name, cause });
        Ok(())
    }

    pub(crate) fn do_set_name_price(per_day: Balance) -> DispatchResult {
        ensure!(per_day > 0, Error::<T>::ZeroAmount);
        let now = Self::now();
        let from = now.saturating_add(Rules::<T>::get().governance_notice);
        PriceOfNames::<T>::mutate(|price| *price = NamePrice { per_day: price.at(now), next: Some((per_day, from)) });
        Self::deposit_event(Event::NamePriceAnnounced { per_day, from });
        Ok(())
    }

    pub(crate) fn owner_of_name(name: NameInput) -> Option<NameOwner<T::AccountId>> {
        let name = LeasedName::try_from(name.into_inner()).ok()?;
        let contract = NameContracts::<T>::get(NameContractIdByName::<T>::get(name)?)?;
        let NameContract { contract_id, twin_id, lease_until, .. } = contract;
        if Self::agenda_time(Self::now()) >= lease_until {
            return None;
        }
        let account = Registry::<T>::twin_account(twin_id).ok()?;
        Some(NameOwner { contract_id, twin_id, account, lease_until: Self::calendar_time(lease_until) })
    }

    fn name_of_owner(owner: &T::AccountId, contract_id: ContractId) -> Result<NameContractOf<T>, Error<T>> {
        let contract = NameContracts::<T>::get(contract_id).ok_or(Error::ContractNotFound)?;
        ensure!(Registry::<T>::twin_of(owner).ok() == Some(contract.twin_id), Error::NotTheOwner);
        Ok(contract)
    }

    fn check_name(name: NameInput) -> Result<LeasedName, Error<T>> {
        ensure!(is_name(&name), Error::InvalidName);
        LeasedName::try_from(name.into_inner()).map_err(|_| Error::InvalidName)
    }

    /// The end, on the agenda's clock, of a lease of so many days that begins at `from` of the same clock.
    fn lease_end(from: Seconds, days: u32, now: Seconds) -> Result<Seconds, Error<T>> {
        ensure!(days > 0, Error::NoDays);
        let until = from.saturating_add(Seconds::from(days).saturating_mul(DAY));
        let latest = Self::agenda_time(now).saturating_add(Rules::<T>::get().max_lease_ahead);
        ensure!(until <= latest, Error::LeaseTooLong);
        Ok(until)
    }

    /// Takes the price of a lease of so many days from the owner and gives it to the foundation; says how much it was.
    fn pay_lease(
        owner: &T::AccountId,
        days: u32,
        max_price: Option<Balance>,
        now: Seconds,
    ) -> Result<Balance, DispatchError> {
        let price = PriceOfNames::<T>::get().at(now).saturating_mul(Balance::from(days));
        ensure!(max_price.is_none_or(|most| price <= most), Error::<T>::PriceAboveLimit);
        ensure!(price <= Self::spendable(owner), Error::<T>::InsufficientFunds);
        Self::draw(owner, price)?;
        Self::pay_holding(price, now);
        Ok(price)
    }
}

/// Whether `text` may be leased: parts of small letters and digits, joined with single `-`; a letter first.
///
/// The last part is never a number: `<function>-<contract_id>` is what every function is called anyway, and a name must
/// not take another contract's.
pub(crate) fn is_name(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b'-');
    let is_part =
        |part: &[u8]| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.len() >= MIN_LEASED_NAME
        && text.first().is_some_and(u8::is_ascii_lowercase)
        && parts.clone().all(is_part)
        && parts.next_back().is_some_and(|last| !last.iter().all(u8::is_ascii_digit))
}
