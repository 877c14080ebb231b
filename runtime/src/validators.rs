//! Who produces and finalizes blocks: a list that governance sets.
//!
//! **Joining.** A candidate runs a node, makes session keys there (`author_rotateKeysWithOwner`, his account as owner), registers them with
//! `Session::set_keys`, and asks governance to be listed by [`Pallet::set_validators`]. **Taking effect.** A new list is
//! handed to the session pallet when the next session is planned and produces blocks one session later, so every node has
//! learnt it from a finalized block.
//!
//! The list is never empty and names only accounts with session keys at the moment it is set, so that governance cannot
//! stop the chain by a slip. A validator that purges its keys later drops out like one that is not listed any more, and
//! comes back when it has registered new ones. When nobody on the list has keys, those that make blocks go on.

use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult, BoundedVec};
use sp_staking::SessionIndex;

pub use pallet::*;

// The macros generate code that expects things of types they have checked; what is written by hand is below.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::Vec;
    use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
    {
        /// Who may set the list.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The longest list.
        type MaxValidators: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The list as it was last set; in force after the change of sessions that follows the next one.
    #[pallet::storage]
    pub type Members<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

    /// Whether the session pallet has yet to be told of the list.
    #[pallet::storage]
    pub type Changed<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// The validators of a new chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Accounts; each needs an entry in the session pallet's `keys`.
        pub members: Vec<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let members = BoundedVec::try_from(self.members.clone());
            assert!(members.is_ok(), "validators.members is longer than MaxValidators");
            if let Ok(members) = members {
                Members::<T>::put(members);
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Governance has set the list.
        ValidatorsSet {
            /// The accounts that will produce blocks.
            validators: Vec<T::AccountId>,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The list is empty: nobody would produce blocks.
        NoValidators,
        /// An account is listed twice.
        DuplicateValidator,
        /// An account has no session keys: it must call `Session::set_keys` first.
        NoSessionKeys,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets who produces blocks, from the session after the next one.
        ///
        /// - Who may call: [`Config::AdminOrigin`].
        /// - Errors: [`Error::NoValidators`], [`Error::DuplicateValidator`], [`Error::NoSessionKeys`].
        /// - Cost: one read for each account.
        #[pallet::call_index(0)]
        #[pallet::weight((
            T::DbWeight::get().reads_writes(u64::try_from(validators.len()).unwrap_or(u64::MAX), 2)
                .saturating_add(Weight::from_parts(20_000_000, 0)),
            DispatchClass::Operational,
        ))]
        pub fn set_validators(
            origin: OriginFor<T>,
            validators: BoundedVec<T::AccountId, T::MaxValidators>,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_validators(validators)
        }
    }
}

impl<T: Config> Pallet<T> {
    fn do_set_validators(validators: BoundedVec<T::AccountId, T::MaxValidators>) -> DispatchResult {
        ensure!(!validators.is_empty(), Error::<T>::NoValidators);
        let mut sorted = validators.to_vec();
        sorted.sort();
        sorted.dedup();
        ensure!(sorted.len() == validators.len(), Error::<T>::DuplicateValidator);
        ensure!(validators.iter().all(Self::has_keys), Error::<T>::NoSessionKeys);

        Members::<T>::put(&validators);
        Changed::<T>::put(true);
        Self::deposit_event(Event::ValidatorsSet { validators: validators.into_inner() });
        Ok(())
    }

    /// Whether an account could produce blocks.
    fn has_keys(account: &T::AccountId) -> bool {
        pallet_session::NextKeys::<T>::contains_key(account)
    }
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
    /// Those on the list that have keys, if that is news; `None` keeps the validators that there are.
    fn new_session(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        let ready: Vec<_> = Members::<T>::get().into_iter().filter(Self::has_keys).collect();
        // The session pallet leaves out those without keys by itself, but does not tell Aura and GRANDPA when only they
        // changed: these would wait for the missing one for ever.
        let news = Changed::<T>::get() || ready != pallet_session::Validators::<T>::get();
        // A list of nobody would stop the chain. Keys may come later: then it is still news.
        if ready.is_empty() || !news {
            return None;
        }
        Changed::<T>::kill();
        Some(ready)
    }

    fn new_session_genesis(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        Some(Members::<T>::get().into_inner())
    }

    fn start_session(_: SessionIndex) {}

    fn end_session(_: SessionIndex) {}
}
