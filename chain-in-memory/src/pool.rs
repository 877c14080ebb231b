//! Transactions that wait for a block.

use gridchain_runtime::{Hash, UncheckedExtrinsic};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionTag, TransactionValidityError};

/// Why a transaction was not taken, in a node's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwanted {
    /// The bytes are no transaction.
    #[error("Extrinsic has invalid format: {0}")]
    Format(String),
    /// The runtime says that it cannot be included.
    #[error("Invalid Transaction")]
    Invalid(&'static str),
    /// The runtime cannot say.
    #[error("Unknown Transaction Validity")]
    Unknown(String),
    /// It is here already.
    #[error("Transaction Already Imported")]
    Known(Hash),
    /// Another one of the same account and nonce is here.
    #[error("Priority is too low: (0 vs 0)")]
    Taken,
}

/// A transaction that was checked.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub hash: Hash,
    pub transaction: UncheckedExtrinsic,
    /// What nobody else may provide: the account with its nonce.
    pub provides: Vec<TransactionTag>,
}

/// The transactions, in the order in which they came.
#[derive(Default)]
pub(crate) struct Pool(Vec<Waiting>);

impl Pool {
    pub fn add(&mut self, waiting: Waiting) -> Result<(), Unwanted> {
        if self.0.iter().any(|other| other.hash == waiting.hash) {
            return Err(Unwanted::Known(waiting.hash));
        }
        if self.0.iter().any(|other| other.provides.iter().any(|tag| waiting.provides.contains(tag))) {
            return Err(Unwanted::Taken);
        }
        self.0.push(waiting);
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn take_all(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.0)
    }

    pub fn put_back(&mut self, waiting: Waiting) {
        self.0.push(waiting);
    }

    /// Whether one of them provides this.
    pub fn provides(&self, tag: &TransactionTag) -> bool {
        self.0.iter().any(|waiting| waiting.provides.contains(tag))
    }
}

impl From<TransactionValidityError> for Unwanted {
    fn from(error: TransactionValidityError) -> Self {
        match error {
            TransactionValidityError::Invalid(reason) => Self::Invalid(reason.into()),
            TransactionValidityError::Unknown(reason) => Self::Unknown(format!("{reason:?}")),
        }
    }
}

/// Whether a transaction that a block did not take may fit into a later one.
pub(crate) fn may_fit_later(error: &TransactionValidityError) -> bool {
    use InvalidTransaction::{ExhaustsResources, Future};
    matches!(error, TransactionValidityError::Invalid(Future | ExhaustsResources))
}
