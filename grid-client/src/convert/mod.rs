//! From and to the generated types. One conversion for each record, nothing else.

mod billing;
mod contracts;
mod nodes;
mod registry;

use crate::{
    keys::Account,
    records::Balance,
    runtime::api::runtime_types::{
        bounded_collections::bounded_vec::BoundedVec, frame_system::AccountInfo, pallet_balances::types::AccountData,
    },
};
use std::net::Ipv4Addr;
use subxt::utils::AccountId32;

/// Text of the chain; what is no UTF-8 in it is replaced.
pub fn text(bytes: BoundedVec<u8>) -> String {
    String::from_utf8_lossy(&bytes.0).into_owned()
}

/// Text for a call; the chain checks its length.
pub fn bytes(text: impl Into<String>) -> BoundedVec<u8> {
    BoundedVec(text.into().into_bytes())
}

/// Addresses from their numbers.
pub fn addresses(numbers: BoundedVec<u32>) -> Vec<Ipv4Addr> {
    numbers.0.into_iter().map(Ipv4Addr::from).collect()
}

/// An account from its generated type.
pub fn account(id: AccountId32) -> Account {
    id.into()
}

impl From<AccountInfo<u32, AccountData<u128>>> for Balance {
    fn from(account: AccountInfo<u32, AccountData<u128>>) -> Self {
        let data = account.data;
        Self { free: data.free, held: data.reserved, frozen: data.frozen }
    }
}
