//! What governance can repair: the chain's own code, and finality that stands still.
//!
//! Only root may ask [`frame_system`] and [`pallet_grandpa`] for that, and a chain without a sudo key has no root. The calls
//! here give the council these two powers of root's and no other. [`Pallet::authorize_upgrade`] names the hash of the next
//! runtime; the code comes by `System::apply_authorized_upgrade`, from any account: it must have the hash, the same name, and
//! a higher `spec_version`. `docs/upgrades.md` has the whole way.

pub use pallet::*;

// The macros generate code that expects things of types they have checked.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
    use frame_system::{pallet_prelude::*, RawOrigin, WeightInfo};

    #[pallet::config]
    pub trait Config: frame_system::Config + pallet_grandpa::Config {
        /// Who may authorise an upgrade and restart finality.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Authorises the runtime with this hash to replace the present one, whoever brings it. An authorisation that was
        /// not used yet is replaced: naming a hash that nothing has, such as 32 zeros, takes it back.
        ///
        /// - Who may call: [`Config::AdminOrigin`].
        /// - Argument: the BLAKE2-256 hash of the runtime as `system.applyAuthorizedUpgrade` will carry it.
        /// - Event: `System::UpgradeAuthorized`.
        /// - Cost: one write.
        #[pallet::call_index(0)]
        #[pallet::weight((T::SystemWeightInfo::authorize_upgrade(), DispatchClass::Operational))]
        pub fn authorize_upgrade(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
            Ok(())
        }

        /// Lets finality begin anew with the validators of the next session, though the present ones have not finalized
        /// that change: for when a third of them or more are gone for good. Blocks go on without finality, so a motion for
        /// this can be made. First set validators that are there, and wait until they are the queued ones: one change of
        /// sessions.
        ///
        /// - Who may call: [`Config::AdminOrigin`].
        /// - `delay`: how many blocks after the next change of sessions its validators begin; long enough that no node
        ///   takes back the block of that change, 1,000 for instance. `best_finalized`: the highest block that any of them
        ///   has finalized; they vote on what is above it.
        /// - Cost: one write.
        #[pallet::call_index(1)]
        #[pallet::weight((
            <<T as pallet_grandpa::Config>::WeightInfo as pallet_grandpa::WeightInfo>::note_stalled(),
            DispatchClass::Operational,
        ))]
        pub fn restart_finality(
            origin: OriginFor<T>,
            delay: BlockNumberFor<T>,
            best_finalized: BlockNumberFor<T>,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            pallet_grandpa::Pallet::<T>::note_stalled(RawOrigin::Root.into(), delay, best_finalized)
        }
    }
}
