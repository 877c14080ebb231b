//! What must hold after each block, whatever was in it.

use frame_support::{traits::Get, weights::Weight};
use frame_system::limits::BlockWeights;
use gridchain_runtime::{
    configs::SESSION_LENGTH, Balances, Runtime, RuntimeEvent, SmartContractModule, System, TfgridModule,
};

/// What must hold between any two blocks, checked on the state after block `number`. `issuance`: of before. Gives the issuance
/// of now, or says what is broken.
pub fn check(number: u32, issuance: u128) -> Result<u128, String> {
    let broken = |what: &str, error| format!("{what}, after block {number}: {error:?}");
    TfgridModule::do_try_state().map_err(|error| broken("registry", error))?;
    SmartContractModule::do_try_state().map_err(|error| broken("contracts", error))?;
    let weight = System::block_weight().total();
    if !weight.all_lte(heaviest(number)) {
        return Err(format!("block {number} weighs {weight:?}"));
    }
    check_issuance(issuance)
}

/// What a block may hold.
pub fn limits() -> BlockWeights {
    <Runtime as frame_system::Config>::BlockWeights::get()
}

/// The most that a block may weigh. The one that ends a session is full by definition of the SDK, before anything is in it; then
/// there is what must be in it all the same.
fn heaviest(number: u32) -> Weight {
    let full = limits().max_block;
    if number.is_multiple_of(SESSION_LENGTH) {
        full.saturating_mul(2)
    } else {
        full
    }
}

/// Money comes from nowhere, and goes only where events say: what an account was too poor to keep, and what is burned.
fn check_issuance(was: u128) -> Result<u128, String> {
    let (mut gone, mut burned_here, mut burn_shares) = (0, 0, 0);
    let pallet = SmartContractModule::account_id();
    for record in System::read_events_no_consensus() {
        match record.event {
            RuntimeEvent::Balances(pallet_balances::Event::DustLost { amount, .. }) => gone += amount,
            RuntimeEvent::Balances(pallet_balances::Event::Burned { who, amount }) => {
                gone += amount;
                burned_here += if who == pallet { amount } else { 0 };
            },
            RuntimeEvent::SmartContractModule(pallet_smart_contract::Event::RevenuePaid { burned, .. }) => {
                burn_shares += burned;
            },
            _ => {},
        }
    }
    let issuance = Balances::total_issuance();
    if was.checked_sub(gone) != Some(issuance) {
        return Err(format!("issuance was {was}, {gone} went, and it is {issuance}"));
    }
    if burned_here != burn_shares {
        return Err(format!("{burned_here} of escrow was burned, and {burn_shares} as the split says"));
    }
    Ok(issuance)
}
