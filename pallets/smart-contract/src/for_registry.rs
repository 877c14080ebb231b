//! What the registry asks of the contracts.

use core::marker::PhantomData;
use frame_support::traits::{Contains, Get};

use crate::{billing::window, types::Seconds, Config, ContractsOfTwin, NameContractsOfTwin, Rules, Stalls};

/// Twins that own live contracts or names: the registry does not let them go.
pub struct LiveContracts<T>(PhantomData<T>);

impl<T: Config> Contains<u32> for LiveContracts<T> {
    fn contains(twin_id: &u32) -> bool {
        ContractsOfTwin::<T>::iter_key_prefix(twin_id).next().is_some()
            || NameContractsOfTwin::<T>::iter_key_prefix(twin_id).next().is_some()
    }
}

/// After how long without a sign of life a node gets no new contracts.
pub struct UnseenAfter<T>(PhantomData<T>);

impl<T: Config> Get<Seconds> for UnseenAfter<T> {
    fn get() -> Seconds {
        Rules::<T>::get().unseen_after()
    }
}

/// How often a node has to show that it lives.
pub struct HeartbeatPeriod<T>(PhantomData<T>);

impl<T: Config> Get<Seconds> for HeartbeatPeriod<T> {
    fn get() -> Seconds {
        Rules::<T>::get().heartbeat_period
    }
}

/// How much of a node's silence counts as dark: what goes beyond the time after which it is unseen.
pub struct DarkTime<T>(PhantomData<T>);

impl<T: Config> pallet_tfgrid::DarkTime for DarkTime<T> {
    fn of_silence(last: Seconds, until: Seconds) -> Seconds {
        let rules = Rules::<T>::get();
        // Most silences are short: then the stalls need not be read.
        if until.saturating_sub(last) <= rules.unseen_after() {
            return 0;
        }
        window::dark(&rules, &Stalls::<T>::get(), last, until)
    }
}
