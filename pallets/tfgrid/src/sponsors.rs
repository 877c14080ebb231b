//! What the calls about sponsors do: somebody pays the deposit of another account's twin.
//!
//! The money never changes hands: it is on hold in the sponsor's account from the first day, waits in `TwinSponsors`
//! until the account makes its twin, is the twin's deposit from then on, and is the sponsor's again when the twin goes.

use frame_support::pallet_prelude::*;

use crate::{
    pallet::{Config, Deposits, Error, Event, HoldReason, Pallet, TwinIdByAccountID, TwinSponsors},
    types::{AccountIdOf, DepositKey},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_sponsor_twin(sponsor: AccountIdOf<T>, account: AccountIdOf<T>) -> DispatchResult {
        Self::ensure_not_reserved(&account)?;
        ensure!(!TwinIdByAccountID::<T>::contains_key(&account), Error::<T>::TwinExists);
        ensure!(!TwinSponsors::<T>::contains_key(&account), Error::<T>::AlreadySponsored);

        let deposit = Self::hold(HoldReason::Twin, &sponsor, T::TwinDeposit::get())?;
        TwinSponsors::<T>::insert(&account, deposit);
        Self::deposit_event(Event::TwinSponsored { account, sponsor });
        Ok(())
    }

    pub(crate) fn do_withdraw_sponsorship(sponsor: AccountIdOf<T>, account: AccountIdOf<T>) -> DispatchResult {
        let deposit = TwinSponsors::<T>::get(&account).ok_or(Error::<T>::NotSponsored)?;
        ensure!(deposit.who == sponsor, Error::<T>::NotSponsor);

        TwinSponsors::<T>::remove(&account);
        Self::release(HoldReason::Twin, &deposit)?;
        Self::deposit_event(Event::SponsorshipWithdrawn { account, sponsor });
        Ok(())
    }

    /// The deposit of a new twin: the sponsor's if there is one, else the account's own. 3r 4w.
    ///
    /// Errors: [`Error::CannotPayDeposit`].
    pub(crate) fn take_twin_deposit(twin_id: u32, who: &AccountIdOf<T>) -> DispatchResult {
        let key = DepositKey::Twin(twin_id);
        let Some(deposit) = TwinSponsors::<T>::take(who) else { return Self::take_deposit(key, who) };
        Deposits::<T>::insert(key, deposit);
        Ok(())
    }
}
