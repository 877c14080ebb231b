//! Rules for names, and the counters that give ids.

use alloc::vec::Vec;
use frame_support::{ensure, storage::StorageValue};

use crate::{
    pallet::{Config, Error, Pallet},
    types::{Name, NameInput, MAX_NAME, MIN_NAME},
};

impl<T: Config> Pallet<T> {
    /// The name as it is stored.
    ///
    /// Errors: [`Error::NameTooShort`], [`Error::NameTooLong`], [`Error::NameInvalid`].
    pub(crate) fn check_name(input: NameInput) -> Result<Name, Error<T>> {
        let length = u32::try_from(input.len()).map_err(|_| Error::NameTooLong)?;
        ensure!(length >= MIN_NAME, Error::NameTooShort);
        ensure!(length <= MAX_NAME, Error::NameTooLong);
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ensure!(input.iter().all(allowed), Error::NameInvalid);
        Name::try_from(input.into_inner()).map_err(|_| Error::NameTooLong)
    }

    /// The form under which names are compared and indexed: in small letters.
    pub(crate) fn index_name(name: &Name) -> Name {
        Name::truncate_from(name.iter().map(u8::to_ascii_lowercase).collect::<Vec<u8>>())
    }

    /// The next id of a counter. Ids are never given twice. 1r 1w.
    ///
    /// Errors: [`Error::IdsExhausted`].
    pub(crate) fn next_id<Counter: StorageValue<u32, Query = u32>>() -> Result<u32, Error<T>> {
        Counter::try_mutate(|next| {
            let id = *next;
            *next = id.checked_add(1).ok_or(Error::IdsExhausted)?;
            Ok(id)
        })
    }
}
