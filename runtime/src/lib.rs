//! The gridchain runtime: which pallets there are, in which order, and what types they share.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`configs`] | each pallet's configuration, one file per theme |
//! | [`apis`] | what the node and its clients ask the runtime |
//! | [`currency`] | the token's units and what storage and existence cost |
//! | [`weights`] | how much work a block may hold and where the weights come from |
//! | [`genesis_presets`] | the chains that this repository can start |
//! | [`slot_time`] | the length of a slot, a genesis value |
//! | [`validators`] | who produces blocks, chosen by governance |
//! | `benchmarks` | what is measured, in a runtime built for that |
//!
//! Names and indices of pallets are part of the interface: `TfgridModule` and its storage names are what message bus
//! relays look for. Hooks and genesis builders run in the order of the indices.

#![cfg_attr(not(feature = "std"), no_std)]
// The macros that compose the runtime expand deeply.
#![recursion_limit = "512"]
// A panic in the runtime stops the chain: arithmetic, access and conversion are checked.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod currency;
pub mod genesis_presets;
pub mod migrations;
pub mod slot_time;
pub mod upgrades;
pub mod validators;
pub mod weights;

#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;

/// Signature of a transaction: sr25519, ed25519, ECDSA, or ECDSA as on Ethereum (Keccak).
pub type Signature = MultiSignature;
/// The account that a signature belongs to: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of the native token, base units.
pub type Balance = u128;
/// The number of transactions that an account has sent.
pub type Nonce = u32;
/// A block's height.
pub type BlockNumber = u32;
/// A hash of anything.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block, with its transactions decoded.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction whose signature has not been checked.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What every signed transaction carries besides its call, in the order of the bytes: era, nonce and tip; genesis hash
/// and versions are signed without being sent.
///
/// `CheckMetadataHash` is absent on purpose: it adds a byte that message bus peers do not write, and their transactions
/// would be refused.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
);

/// Runs blocks and transactions through all pallets.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
    /// The keys that a validator signs with: blocks and finality.
    pub struct SessionKeys {
        /// Signs blocks (sr25519).
        pub aura: Aura,
        /// Votes on finality (ed25519).
        pub grandpa: Grandpa,
    }
}

/// Prefix of this chain's addresses as text: the generic one of Substrate chains.
pub const SS58_PREFIX: u16 = 42;

/// The version that nodes and clients compare; `spec_version` grows with every release of the runtime,
/// `transaction_version` whenever a call's encoding changes. The rules are in `docs/upgrades.md`.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("gridchain"),
    impl_name: Cow::Borrowed("gridchain"),
    authoring_version: 1,
    spec_version: 2,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 2,
    system_version: 1,
};

/// Types for the node, which handles transactions without decoding them, so that it stays valid across upgrades.
pub mod opaque {
    use sp_runtime::{generic, traits::BlakeTwo256, OpaqueExtrinsic};

    /// A block's header.
    pub type Header = generic::Header<super::BlockNumber, BlakeTwo256>;
    /// A block with its transactions as bytes.
    pub type Block = generic::Block<Header, OpaqueExtrinsic>;
}

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    // The base: blocks, time, money.
    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type SlotTime = crate::slot_time;
    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(4)]
    pub type TransactionPayment = pallet_transaction_payment;

    // Consensus. Authorship notes a block's author before Session may change the validators; Validators must have its
    // genesis members before Session asks for them.
    #[runtime::pallet_index(5)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(6)]
    pub type Validators = crate::validators;
    #[runtime::pallet_index(7)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(8)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(9)]
    pub type Grandpa = pallet_grandpa;

    // Governance and conveniences.
    #[runtime::pallet_index(10)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(11)]
    pub type Council = pallet_collective<Instance1>;
    #[runtime::pallet_index(12)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(13)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(14)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(15)]
    pub type Upgrades = crate::upgrades;

    // The grid.
    #[runtime::pallet_index(20)]
    pub type TfgridModule = pallet_tfgrid;
    #[runtime::pallet_index(21)]
    pub type SmartContractModule = pallet_smart_contract;
}
