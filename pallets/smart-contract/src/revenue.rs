//! What charges bring, and everything that leaves the pallet's account.

use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Get},
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
        Contains,
    },
};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::{traits::AccountIdConversion, DispatchError, Permill};

use crate::{
    types::{Balance, RevenueSplit, Seconds},
    Config, Error, Event, NextSplit, Pallet, Payable, Rules, Split, TotalEscrow, TotalPayable,
};

impl<T: Config> Pallet<T> {
    /// The account that holds all escrow and payables.
    pub fn account_id() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// The account exists from the start, so that no payout can be the one that kills it.
    pub(crate) fn endow_account_at_genesis() {
        let account = Self::account_id();
        let minimum = T::Money::minimum_balance();
        if T::Money::balance(&account) < minimum {
            let minted = T::Money::mint_into(&account, minimum);
            assert!(minted.is_ok(), "the pallet's account could not be endowed");
        }
    }

    /// Pays what the contracts of one node were charged: the farmer, and whoever else the split names. `total` has
    /// already left escrow. Never fails.
    pub(crate) fn pay_revenue(node_id: u32, farmer: T::AccountId, total: Balance, now: Seconds) {
        if total == 0 {
            return;
        }
        let Some(split) = Self::current_split(now) else {
            Self::pay_out(&farmer, total);
            Self::deposit_event(Event::RevenuePaid {
                node_id,
                payout: farmer,
                farmer: total,
                foundation: 0,
                sales: 0,
                author: 0,
                burned: 0,
            });
            return;
        };
        let author_account = T::BlockAuthor::get();
        let share = |part: Permill| part.mul_floor(total);
        let foundation = share(split.foundation);
        let sales = share(split.sales);
        let author = if author_account.is_some() { share(split.author) } else { 0 };
        let burned = Self::burn(share(split.burn));
        let others = foundation.saturating_add(sales).saturating_add(author).saturating_add(burned);
        let farmers = total.saturating_sub(others);
        Self::pay_out(&farmer, farmers);
        Self::pay_out(&split.foundation_account, foundation);
        Self::pay_out(&split.sales_account, sales);
        if let Some(account) = author_account {
            Self::pay_out(&account, author);
        }
        Self::deposit_event(Event::RevenuePaid {
            node_id,
            payout: farmer,
            farmer: farmers,
            foundation,
            sales,
            author,
            burned,
        });
    }

    /// Pays what holding capacity before deployment cost to the foundation: a farmer must not earn from not deploying.
    pub(crate) fn pay_holding(total: Balance, now: Seconds) {
        let foundation = Self::current_split(now).map(|split| split.foundation_account);
        Self::pay_out(&foundation.unwrap_or_else(Self::foundation_account), total);
    }

    /// The foundation's account while no split names another. Nobody has its key; governance moves what is there:
    /// [`Pallet::pay_foundation`].
    pub fn foundation_account() -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(*b"foundation")
    }

    /// Moves money of the pallet to `account`; what cannot be moved waits in [`Payable`]. Never fails.
    pub(crate) fn pay_out(account: &T::AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        if T::Money::transfer(&Self::account_id(), account, amount, Preservation::Preserve).is_ok() {
            return;
        }
        Payable::<T>::mutate(account, |payable| *payable = payable.saturating_add(amount));
        TotalPayable::<T>::mutate(|total| *total = total.saturating_add(amount));
        Self::deposit_event(Event::PaymentDeferred { account: account.clone(), amount });
    }

    pub(crate) fn do_claim(account: T::AccountId) -> DispatchResult {
        let amount = Payable::<T>::take(&account);
        ensure!(amount > 0, Error::<T>::NothingToClaim);
        T::Money::transfer(&Self::account_id(), &account, amount, Preservation::Preserve)
            .map_err(|_| Error::<T>::CannotReceive)?;
        TotalPayable::<T>::mutate(|total| *total = total.saturating_sub(amount));
        Self::deposit_event(Event::Claimed { account, amount });
        Ok(())
    }

    pub(crate) fn do_pay_foundation(to: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let foundation = Self::foundation_account();
        ensure!(to != foundation && !T::ReservedAccounts::contains(&to), Error::<T>::CannotReceive);
        ensure!(amount <= Self::spendable(&foundation), Error::<T>::FoundationLacksFunds);
        T::Money::transfer(&foundation, &to, amount, Preservation::Preserve).map_err(|_| Error::<T>::CannotReceive)?;
        Self::deposit_event(Event::FoundationPaid { to, amount });
        Ok(())
    }

    pub(crate) fn do_announce_split(split: RevenueSplit<T::AccountId>) -> DispatchResult {
        ensure!(split.valid(), Error::<T>::SplitAboveOne);
        ensure!(!Self::names_escrow(&split), Error::<T>::SplitNamesEscrow);
        let now = Self::now();
        // What is due takes effect before it would be replaced.
        let _ = Self::current_split(now);
        let from = now.saturating_add(Rules::<T>::get().governance_notice);
        NextSplit::<T>::put((&split, from));
        Self::deposit_event(Event::SplitAnnounced { split, from });
        Ok(())
    }

    /// Whether a split names the account of all escrow: a share that went there would be nobody's.
    pub(crate) fn names_escrow(split: &RevenueSplit<T::AccountId>) -> bool {
        let account = Self::account_id();
        split.foundation_account == account || split.sales_account == account
    }

    /// Moves money of `payer` to the pallet's account, and nothing else: for a batch, which books the sum of its refills once.
    pub(crate) fn draw(payer: &T::AccountId, amount: Balance) -> DispatchResult {
        T::Money::transfer(payer, &Self::account_id(), amount, Preservation::Preserve).map(drop)
    }

    /// Where the earnings of a node go: its farm's payout account.
    pub(crate) fn payout_of_node(node_id: u32) -> Result<T::AccountId, DispatchError> {
        Ok(Registry::<T>::payout_of_farm(Registry::<T>::node(node_id)?.farm_id)?)
    }

    /// Takes money of `payer` into the pallet's account and counts it as escrow; the caller books it in the record.
    pub(crate) fn take_in(payer: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::draw(payer, amount)?;
        TotalEscrow::<T>::mutate(|total| *total = total.saturating_add(amount));
        Ok(())
    }

    /// Books that `amount` is no longer escrow; the caller pays it out.
    pub(crate) fn release_escrow(amount: Balance) {
        TotalEscrow::<T>::mutate(|total| *total = total.saturating_sub(amount));
    }

    /// What an account can spend without dying, base units.
    pub(crate) fn spendable(account: &T::AccountId) -> Balance {
        T::Money::reducible_balance(account, Preservation::Preserve, Fortitude::Polite)
    }

    fn burn(amount: Balance) -> Balance {
        if amount == 0 {
            return 0;
        }
        let account = Self::account_id();
        let (precision, fortitude) = (Precision::BestEffort, Fortitude::Force);
        T::Money::burn_from(&account, amount, Preservation::Preserve, precision, fortitude).unwrap_or(0)
    }

    fn current_split(now: Seconds) -> Option<RevenueSplit<T::AccountId>> {
        match NextSplit::<T>::get() {
            Some((split, from)) if from <= now => {
                NextSplit::<T>::kill();
                Split::<T>::put(&split);
                Some(split)
            },
            _ => Split::<T>::get(),
        }
    }
}
