//! How each call is made from bytes: arguments from what is on the chain, and who would sign it.

mod contracts;
mod farms;
mod money;
mod names;
mod nodes;
mod people;
mod reports;
mod users;

use std::sync::OnceLock;

use gridchain_runtime::{AccountId, RuntimeCall, RuntimeOrigin};

use crate::{draw::Draw, grid};

/// A call that somebody might make.
pub struct Wish {
    /// The call.
    pub call: RuntimeCall,
    /// Who would sign it.
    pub by: RuntimeOrigin,
    /// His account, if it is one's.
    pub account: Option<AccountId>,
}

/// How a call is made.
pub struct Entry {
    /// Its name on chain.
    pub name: &'static str,
    /// How often it is chosen at random, next to the others.
    pub weight: u32,
    /// Makes it. It always gives a call, if need be one that fails.
    pub make: fn(&mut Draw) -> Wish,
}

/// All calls that are made here.
pub fn all() -> &'static [Entry] {
    static ALL: OnceLock<Vec<Entry>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            people::entries(),
            farms::entries(),
            nodes::entries(),
            contracts::entries(),
            reports::entries(),
            money::entries(),
            names::entries(),
            users::entries(),
        ]
        .into_iter()
        .flatten()
        .collect()
    })
}

/// A wish of an account.
fn wish(by: AccountId, call: impl Into<RuntimeCall>) -> Wish {
    Wish { call: call.into(), by: grid::signed(&by), account: Some(by) }
}

/// A wish of governance.
fn decision(call: impl Into<RuntimeCall>) -> Wish {
    Wish { call: call.into(), by: grid::council(), account: None }
}

/// A call of so much weight.
const fn entry(name: &'static str, weight: u32, make: fn(&mut Draw) -> Wish) -> Entry {
    Entry { name, weight, make }
}

/// Any of the people.
fn anyone(draw: &mut Draw) -> AccountId {
    one_of(draw, |_| true)
}

/// Mostly one of the people of whom `fits` is true.
fn one_of(draw: &mut Draw, fits: impl Fn(&AccountId) -> bool) -> AccountId {
    let people = grid::people();
    draw.one_of_fitting(&people, fits).unwrap_or_else(|| people[0].clone())
}

/// Mostly one who has a twin.
fn twin_owner(draw: &mut Draw) -> AccountId {
    one_of(draw, |account| grid::twin_of(account).is_some())
}

/// Text that is too long for the chain is cut, as a client would.
fn text<const N: u32>(text: impl AsRef<[u8]>) -> frame_support::BoundedVec<u8, frame_support::traits::ConstU32<N>> {
    frame_support::BoundedVec::truncate_from(text.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use frame_support::traits::GetCallMetadata;

    #[test]
    fn an_entry_is_named_for_its_call() {
        let mut ext = sp_io::TestExternalities::default();
        ext.execute_with(|| {
            for entry in all() {
                let wish = (entry.make)(&mut Draw::new(&[]));
                assert_eq!(wish.call.get_call_metadata().function_name, entry.name);
            }
        });
    }

    #[test]
    fn no_call_of_the_grids_pallets_is_forgotten() {
        use frame_support::traits::GetCallName;
        use gridchain_runtime::Runtime;
        let registry = pallet_tfgrid::Call::<Runtime>::get_call_names();
        let contracts = pallet_smart_contract::Call::<Runtime>::get_call_names();
        for name in registry.iter().chain(contracts) {
            assert_eq!(all().iter().filter(|entry| entry.name == *name).count(), 1, "{name}");
        }
    }
}
