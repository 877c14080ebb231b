//! The length of a slot: how often a block is due.
//!
//! A genesis value that never changes afterwards, since Aura derives slot numbers from it. Block production, the least
//! distance between timestamps and the work that a block may hold all follow from this one number: a development chain has
//! fast blocks with the very same runtime.

pub use pallet::*;

/// The slot when the preset says nothing, milliseconds.
pub const DEFAULT_MILLISECONDS: u64 = 6_000;
/// The shortest slot: blocks travel and execute in a part of it, milliseconds.
pub const MIN_MILLISECONDS: u64 = 500;
/// The longest slot: message bus relays take a chain that is silent for seven seconds for dead, milliseconds.
pub const MAX_MILLISECONDS: u64 = 6_000;

// The macros generate code that expects things of types they have checked.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::{DEFAULT_MILLISECONDS, MAX_MILLISECONDS, MIN_MILLISECONDS};
    use core::marker::PhantomData;
    use frame_support::{pallet_prelude::*, traits::ConstU64};

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The length of a slot, milliseconds. Written at genesis only.
    #[pallet::storage]
    pub type Milliseconds<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<DEFAULT_MILLISECONDS>>;

    /// The slot of a new chain.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Length of a slot, milliseconds.
        pub milliseconds: u64,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self { milliseconds: DEFAULT_MILLISECONDS, _config: PhantomData }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                (MIN_MILLISECONDS..=MAX_MILLISECONDS).contains(&self.milliseconds),
                "slotTime.milliseconds must be from {MIN_MILLISECONDS} to {MAX_MILLISECONDS}",
            );
            Milliseconds::<T>::put(self.milliseconds);
        }
    }
}

/// Half a slot, milliseconds: the least distance between the timestamps of two blocks.
pub struct HalfSlot<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for HalfSlot<T> {
    fn get() -> u64 {
        Milliseconds::<T>::get() / 2
    }
}

/// A slot, milliseconds.
pub struct Slot<T>(core::marker::PhantomData<T>);

impl<T: Config> frame_support::traits::Get<u64> for Slot<T> {
    fn get() -> u64 {
        Milliseconds::<T>::get()
    }
}
