//! What the calls of certifiers do, and who is one. Certifiers say what is true of machines and addresses; they can't
//! touch money, prices, contracts, or what is in use.

use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::OriginFor;

use crate::{
    pallet::{Certifiers, Config, Error, Event, Nodes, Pallet},
    types::{AccountIdOf, Machine, NodeCertification, MAX_CERTIFIERS},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_add_certifier(account: AccountIdOf<T>) -> DispatchResult {
        ensure!(!Certifiers::<T>::contains_key(&account), Error::<T>::AlreadyCertifier);
        ensure!(Certifiers::<T>::count() < MAX_CERTIFIERS, Error::<T>::TooManyCertifiers);

        Certifiers::<T>::insert(&account, ());
        Self::deposit_event(Event::CertifierAdded { account });
        Ok(())
    }

    pub(crate) fn do_remove_certifier(account: AccountIdOf<T>) -> DispatchResult {
        Certifiers::<T>::take(&account).ok_or(Error::<T>::NotCertifier)?;
        Self::deposit_event(Event::CertifierRemoved { account });
        Ok(())
    }

    /// With a machine: it is certified, if it is what the node's record says now. Without: it is not certified any more.
    pub(crate) fn do_set_node_certification(node_id: u32, machine: Option<Machine>) -> DispatchResult {
        let mut node = Self::node(node_id)?;
        let certification = match machine {
            Some(seen) => {
                ensure!(seen == node.machine(), Error::<T>::NodeChanged);
                NodeCertification::Certified
            },
            None => NodeCertification::Diy,
        };
        node.certification = certification;
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeCertificationSet { node_id, certification });
        Ok(())
    }

    /// Governance or a certifier. 1r.
    ///
    /// Errors: `BadOrigin`, [`Error::NotCertifier`].
    pub(crate) fn ensure_certifier(origin: OriginFor<T>) -> DispatchResult {
        let Err(origin) = T::AdminOrigin::try_origin(origin) else { return Ok(()) };
        let who = frame_system::ensure_signed(origin)?;
        ensure!(Certifiers::<T>::contains_key(&who), Error::<T>::NotCertifier);
        Ok(())
    }
}
