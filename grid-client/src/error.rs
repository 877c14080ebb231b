//! Why the chain could not be asked, or would not do what it was asked.

use crate::{records::BlockRef, Hash};

/// Why a question to the chain has no answer. Never means "there is none": that is `Ok(None)`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No endpoint answers. Passes by itself.
    #[error("no answer from the chain at {endpoint}: {reason}")]
    Unavailable {
        /// Who was asked last.
        endpoint: String,
        /// What came instead of an answer.
        reason: String,
    },
    /// An endpoint belongs to another chain.
    #[error(
        "{endpoint} belongs to another chain: its genesis is 0x{}, expected 0x{}",
        hex::encode(found),
        hex::encode(expected)
    )]
    WrongChain {
        /// Who was asked.
        endpoint: String,
        /// The genesis hash that was expected.
        expected: Hash,
        /// The genesis hash that the endpoint has.
        found: Hash,
    },
    /// The chain's runtime and this program disagree about a call or a record.
    #[error("the chain's runtime does not fit this program ({what}): {reason}")]
    RuntimeMismatch {
        /// What about.
        what: String,
        /// How.
        reason: String,
    },
    /// The endpoint does not have this block, or not its state any more.
    #[error("block {block} is not known at this endpoint, or its state was discarded")]
    UnknownBlock {
        /// Number or hash.
        block: String,
    },
    /// The endpoint gave something that cannot be read.
    #[error("cannot read {what}: {reason}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
}

impl ChainError {
    /// The stable machine code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "chain_unavailable",
            Self::WrongChain { .. } => "wrong_chain",
            Self::RuntimeMismatch { .. } => "runtime_mismatch",
            Self::UnknownBlock { .. } => "unknown_block",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Whether asking again later may help.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::UnknownBlock { .. })
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "is the node running, and is the URL (with its port) right?",
            Self::WrongChain { .. } => {
                "check the URL; a development chain gets a new genesis each time it starts with --tmp"
            },
            Self::RuntimeMismatch { .. } => "use the version of this program that belongs to the chain's runtime",
            Self::UnknownBlock { .. } => "ask an archive node (--state-pruning archive) for old blocks",
            Self::Unreadable { .. } => "use the version of this program that belongs to the chain's runtime",
        }
    }

    pub(crate) fn unreadable(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Unreadable { what: what.into(), reason: reason.to_string() }
    }
}

/// Why a transaction did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The chain could not be asked; nothing was sent.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The transaction pool did not take it; nothing happened.
    #[error("the chain did not accept the transaction: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// It is in a block and failed there; only its fee was paid.
    #[error("the chain refused: {0}")]
    Failed(DispatchError),
    /// It was sent, and nobody knows what became of it. It cannot be included any more once `block` plus its life has passed.
    #[error("it is not known what became of transaction 0x{}: {reason}", hex::encode(transaction))]
    Lost {
        /// Its hash.
        transaction: Hash,
        /// The block from which its life of [`crate::submit::LIFE`] blocks counts.
        from: BlockRef,
        /// Why nobody knows.
        reason: String,
    },
    /// More items than one call takes.
    #[error("{given} items are more than one call takes ({most})")]
    TooMany {
        /// How many were given.
        given: usize,
        /// How many are allowed.
        most: usize,
    },
}

/// An error of the runtime, by name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pallet}.{name}: {hint}")]
pub struct DispatchError {
    /// The pallet, or a word for the runtime's general kinds: `Token`, `Arithmetic`, `Dispatch`.
    pub pallet: String,
    /// The error's name.
    pub name: String,
    /// What the runtime's documentation says about it.
    pub hint: String,
}

impl SubmitError {
    /// The stable machine code; an error of the runtime goes by its name.
    pub fn code(&self) -> &str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Refused { .. } => "transaction_refused",
            Self::Failed(error) => &error.name,
            Self::Lost { .. } => "transaction_lost",
            Self::TooMany { .. } => "too_many_items",
        }
    }

    /// Whether sending it again later may help.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Chain(error) => error.retryable(),
            Self::Refused { .. } | Self::Lost { .. } => true,
            Self::Failed(_) | Self::TooMany { .. } => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Chain(error) => error.hint(),
            Self::Refused { .. } => "can the account pay the fee? see its balance",
            Self::Failed(error) => &error.hint,
            Self::Lost { .. } => "look at the chain's state before sending it again",
            Self::TooMany { .. } => "split them over several calls",
        }
    }

    /// The error of the runtime, if it is one.
    pub const fn dispatch(&self) -> Option<&DispatchError> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}
