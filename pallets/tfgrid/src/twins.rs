//! What the calls about twins do.

use frame_support::{pallet_prelude::*, traits::Contains};

use crate::{
    pallet::{Config, Error, Event, NextTwinId, Pallet, TwinIdByAccountID, TwinUsage, Twins},
    types::{AccountIdOf, DepositKey, Relay, Twin, TwinEntities, TwinKey, TwinLinks, MAX_DOMAIN},
};

/// The most relays that RMB peers can use.
const MAX_RELAYS: usize = 4;
/// The longest part of a domain name between two dots, bytes.
const MAX_LABEL: usize = 63;
/// Length of a compressed point on secp256k1, bytes.
const COMPRESSED_KEY: usize = 33;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_twin(who: AccountIdOf<T>, relay: Option<Relay>, pk: Option<TwinKey>) -> DispatchResult {
        Self::ensure_not_reserved(&who)?;
        ensure!(!TwinIdByAccountID::<T>::contains_key(&who), Error::<T>::TwinExists);
        Self::check_reachability(&relay, &pk)?;

        let id = Self::next_id::<NextTwinId<T>>()?;
        Self::take_twin_deposit(id, &who)?;
        let twin = Twin { id, account_id: who.clone(), relay, entities: TwinEntities::default(), pk };
        Twins::<T>::insert(id, &twin);
        TwinIdByAccountID::<T>::insert(who, id);
        Self::deposit_event(Event::TwinStored(twin));
        Ok(())
    }

    pub(crate) fn do_update_twin(who: AccountIdOf<T>, relay: Option<Relay>, pk: Option<TwinKey>) -> DispatchResult {
        let id = Self::twin_of(&who)?;
        Self::check_reachability(&relay, &pk)?;

        let mut twin = Twins::<T>::get(id).ok_or(Error::<T>::TwinNotFound)?;
        twin.relay = relay;
        twin.pk = pk;
        Twins::<T>::insert(id, &twin);
        Self::deposit_event(Event::TwinUpdated(twin));
        Ok(())
    }

    pub(crate) fn do_delete_twin(who: AccountIdOf<T>) -> DispatchResult {
        let id = Self::twin_of(&who)?;
        let twin = Twins::<T>::get(id).ok_or(Error::<T>::TwinNotFound)?;
        let unused = TwinUsage::<T>::get(id).is_empty() && !T::LiveContracts::contains(&id);
        ensure!(unused && twin.entities.0.is_empty(), Error::<T>::TwinInUse);

        Twins::<T>::remove(id);
        TwinIdByAccountID::<T>::remove(&who);
        Self::return_deposit(DepositKey::Twin(id))?;
        Self::deposit_event(Event::TwinDeleted { twin_id: id, account_id: who });
        Ok(())
    }

    /// Errors: [`Error::AccountReserved`].
    pub(crate) fn ensure_not_reserved(account: &AccountIdOf<T>) -> DispatchResult {
        ensure!(!T::ReservedAccounts::contains(account), Error::<T>::AccountReserved);
        Ok(())
    }

    /// Changes what hangs on a twin; `change` gives `None` where a counter would leave its range. An empty record is
    /// not kept. 1r 1w.
    pub(crate) fn try_change_links(
        twin_id: u32,
        change: impl FnOnce(&mut TwinLinks) -> Option<()>,
    ) -> Result<(), Error<T>> {
        TwinUsage::<T>::try_mutate_exists(twin_id, |stored| {
            let mut links = stored.take().unwrap_or_default();
            change(&mut links).ok_or(Error::Inconsistent)?;
            *stored = (!links.is_empty()).then_some(links);
            Ok(())
        })
    }

    fn check_reachability(relay: &Option<Relay>, pk: &Option<TwinKey>) -> DispatchResult {
        ensure!(relay.as_ref().is_none_or(|relay| is_relay_list(relay)), Error::<T>::InvalidRelay);
        ensure!(pk.as_ref().is_none_or(|pk| is_compressed_key(pk)), Error::<T>::InvalidPublicKey);
        Ok(())
    }
}

/// Whether `text` is one to four domain names joined with `_`.
fn is_relay_list(text: &[u8]) -> bool {
    let mut domains = 0_usize;
    text.split(|byte| *byte == b'_').all(|domain| {
        domains = domains.saturating_add(1);
        domains <= MAX_RELAYS && is_domain(domain)
    })
}

/// Whether `text` is a domain name: `localhost` and `relay.example.org` are, `relay..org` and `host:80` are not.
pub(crate) fn is_domain(text: &[u8]) -> bool {
    u32::try_from(text.len()).is_ok_and(|length| length <= MAX_DOMAIN) && text.split(|byte| *byte == b'.').all(is_label)
}

fn is_label(text: &[u8]) -> bool {
    let edges = [text.first(), text.last()];
    (1..=MAX_LABEL).contains(&text.len())
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && edges.iter().flatten().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether `bytes` have the form of a compressed point. Whether it is on the curve is for those to find out who use it.
fn is_compressed_key(bytes: &[u8]) -> bool {
    bytes.len() == COMPRESSED_KEY && matches!(bytes.first(), Some(2 | 3))
}
