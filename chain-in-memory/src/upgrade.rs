//! Another version of the runtime, played: the rules stay, the number that clients must sign for grows.
//!
//! The native runtime checks signatures for its own number. For any other one the check is made here, in the words of
//! `Executive`: everything after it is the runtime's own.

use crate::state::State;
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use gridchain_runtime::{
    AccountId, Address, Executive, Hash, Runtime, RuntimeCall, System, TxExtension, UncheckedExtrinsic, VERSION,
};
use sp_runtime::{
    generic::{CheckedExtrinsic, ExtrinsicFormat, Preamble, SignedPayload},
    traits::{Applyable, TransactionExtension, Verify},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError},
    ApplyExtrinsicResult,
};

type Checked = CheckedExtrinsic<AccountId, RuntimeCall, TxExtension>;

/// Whether the transaction may be included in a block after the one with this state.
pub(crate) fn validate(state: &State, version: u32, transaction: UncheckedExtrinsic, at: Hash) -> TransactionValidity {
    const SOURCE: TransactionSource = TransactionSource::External;
    state.read(|| {
        if version == VERSION.spec_version {
            return Executive::validate_transaction(SOURCE, transaction, at);
        }
        System::initialize(&System::block_number().saturating_add(1), &at, &Default::default());
        let length = transaction.encoded_size();
        let checked = check(version, transaction)?;
        let info = checked.get_dispatch_info();
        checked.validate::<Runtime>(SOURCE, &info, length)
    })
}

/// Executes the transaction in the open block.
pub(crate) fn apply(version: u32, transaction: UncheckedExtrinsic) -> ApplyExtrinsicResult {
    if version == VERSION.spec_version {
        return Executive::apply_extrinsic(transaction);
    }
    let encoded = transaction.encode();
    let length = encoded.len();
    let checked = check(version, transaction)?;
    let info = checked.get_dispatch_info();
    System::note_extrinsic(encoded);
    let applied = Applyable::apply::<Runtime>(checked, &info, length)?;
    System::note_applied_extrinsic(&applied, info);
    Ok(applied.map(drop).map_err(|failed| failed.error))
}

/// That the transaction is signed for this version.
fn check(version: u32, transaction: UncheckedExtrinsic) -> Result<Checked, TransactionValidityError> {
    let Preamble::Signed(Address::Id(account), signature, extension) = transaction.preamble else {
        return Err(InvalidTransaction::BadSigner.into());
    };
    let (sender, _, format, genesis, birth, nonce, weight, payment) = extension.implicit()?;
    let implicit = (sender, version, format, genesis, birth, nonce, weight, payment);
    let payload = SignedPayload::from_raw(transaction.function, extension, implicit);
    if !payload.using_encoded(|bytes| signature.verify(bytes, &account)) {
        return Err(InvalidTransaction::BadProof.into());
    }
    let (function, extension, _) = payload.deconstruct();
    Ok(Checked { format: ExtrinsicFormat::Signed(account, extension), function })
}
