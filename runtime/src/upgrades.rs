//! How the chain changes its own code: governance names the hash of the next runtime, and anyone brings the code.
//!
//! Only root may ask [`frame_system`] for that, and a chain without a sudo key has no root. [`Pallet::authorize_upgrade`]
//! gives the council this one power of root's and no other. The code comes by `System::apply_authorized_upgrade`, from any
//! account: it must have the hash, the same name, and a higher `spec_version`. `docs/upgrades.md` has the whole way.

pub use pallet::*;

// The macros generate code that expects things of types they have checked.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
    use frame_system::{pallet_prelude::*, WeightInfo};

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// Who may authorise an upgrade.
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
    }
}
