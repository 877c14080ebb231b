//! What transactions cost, and where fees go, in a real block.

use super::{account, chain};
use crate::{
    currency::{GRID, MILLI_GRID},
    slot_time, AccountId, Address, Balances, Executive, Header, Runtime, RuntimeCall, Signature, System, Timestamp,
    TransactionPayment, TxExtension, UncheckedExtrinsic, VERSION,
};
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::{Digest, DigestItem, Era, SignedPayload},
    traits::Header as _,
};

/// A time within a slot that is not the first, milliseconds.
const NOW: u64 = 1_800_000_000_000;

fn transfer(to: AccountId, value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest: Address::Id(to), value })
}

/// Starts the first block at [`NOW`], made by the owner of its slot.
fn start_block() {
    let slot = Slot::from(NOW / slot_time::Milliseconds::<Runtime>::get());
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    let parent = System::block_hash(0);
    Executive::initialize_block(&Header::new(1, Default::default(), Default::default(), parent, digest));
    let time = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: NOW });
    Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time)).unwrap().unwrap();
    assert_eq!(Timestamp::get(), NOW);
}

fn signed(who: Sr25519Keyring, call: RuntimeCall, tip: u128) -> UncheckedExtrinsic {
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(System::account_nonce(account(who))),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
    );
    let payload = SignedPayload::new(call.clone(), extension.clone()).unwrap();
    let signature = payload.using_encoded(|bytes| who.sign(bytes));
    UncheckedExtrinsic::new_signed(call, Address::Id(account(who)), Signature::Sr25519(signature), extension)
}

/// Each block sets the time, and contracts read and write what they know of it.
#[test]
fn setting_the_time_weighs_what_contracts_do_then() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        let weight = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: NOW }).get_dispatch_info().call_weight;
        let alone = <pallet_timestamp::weights::SubstrateWeight<Runtime> as pallet_timestamp::WeightInfo>::set();
        let db = <Runtime as frame_system::Config>::DbWeight::get();
        // The clock and the rules are read, the clock is written; after a stall the list of stalls, too.
        assert!(weight.all_gte(alone + db.reads_writes(3, 2)), "{weight}");
    });
}

#[test]
fn fees_rise_by_at_most_three_and_a_half_per_cent_an_hour() {
    let blocks = 600;
    let by_a_block = 1.0 + 0.75 * 0.000_075;
    let rise = f64::powi(by_a_block, blocks);
    assert!((1.034..1.035).contains(&rise), "{rise}");
}

#[test]
fn a_transfer_costs_about_a_thousandth_of_a_token() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        let call = transfer(account(Sr25519Keyring::Bob), GRID);
        let fee = TransactionPayment::compute_fee(150, &call.get_dispatch_info(), 0);
        assert!((MILLI_GRID / 2..MILLI_GRID * 3).contains(&fee), "{fee} base units");
    });
}

#[test]
fn fees_and_tips_go_to_the_author_and_issuance_stays() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        start_block();
        let (bob, author) = (account(Sr25519Keyring::Bob), account(Sr25519Keyring::Alice));
        let (issuance, bob_before, author_before) =
            (Balances::total_issuance(), Balances::free_balance(&bob), Balances::free_balance(&author));

        let tip = 7;
        let transaction = signed(Sr25519Keyring::Bob, transfer(account(Sr25519Keyring::Dave), GRID), tip);
        Executive::apply_extrinsic(transaction).unwrap().unwrap();

        let paid = bob_before - Balances::free_balance(&bob) - GRID;
        assert!(paid > tip);
        assert_eq!(Balances::free_balance(&author) - author_before, paid);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn a_block_is_finalized_with_its_transactions() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        start_block();
        let transaction = signed(Sr25519Keyring::Bob, transfer(account(Sr25519Keyring::Dave), GRID), 0);
        Executive::apply_extrinsic(transaction).unwrap().unwrap();
        let header = Executive::finalize_block();
        assert_eq!(header.number, 1);
        assert_eq!(Balances::free_balance(account(Sr25519Keyring::Dave)), 1_000_001 * GRID);
    });
}

#[test]
fn a_transaction_carries_era_nonce_and_tip_and_nothing_else() {
    // Message bus peers write exactly these bytes: immortal era, compact nonce, compact tip.
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        let UncheckedExtrinsic { preamble, .. } =
            signed(Sr25519Keyring::Bob, transfer(account(Sr25519Keyring::Dave), 1), 0);
        let (_, _, extension) = preamble.to_signed().unwrap();
        assert_eq!(extension.encode(), [0, 0, 0]);
        let implicit = sp_runtime::traits::TransactionExtension::<RuntimeCall>::implicit(&extension).unwrap();
        let genesis = System::block_hash(0);
        assert_eq!(implicit.encode(), (VERSION.spec_version, VERSION.transaction_version, genesis, genesis).encode());
    });
}
