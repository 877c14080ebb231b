//! The stable codes of refusals.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the codes once: the variant, its text, whether trying again later can help.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal $(, $retryable:ident)?;)*) => {
        /// Why a message was refused. The text is stable: programs may match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether the same message (with a new id) may succeed later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => codes!(@ $($retryable)?),)* }
            }
        }
    };
    (@ retryable) => { true };
    (@) => { false };
}

codes! {
    /// The text is not JSON, or not the strict kind (duplicate keys, floats, too deep).
    NotJson = "not_json";
    /// A field is missing, unknown, or out of its bounds.
    BadSchema = "bad_schema";
    /// The signature is not by the source twin's account.
    BadSignature = "bad_signature";
    /// A kind of signature that this node does not check.
    UnsupportedSignature = "unsupported_signature";
    /// Arrived after its expiration.
    Expired = "expired";
    /// The sender's clock is ahead by more than [`super::MAX_SKEW`].
    FromTheFuture = "from_the_future";
    /// An id that was seen before.
    Replayed = "replayed";
    /// For another twin than this node's.
    WrongDestination = "wrong_destination";
    /// For another chain than this node's.
    WrongChain = "wrong_chain";
    /// No such command.
    UnknownCommand = "unknown_command";
    /// The source is not a twin on chain.
    UnknownTwin = "unknown_twin";
    /// Message, payload, module or result beyond its limit.
    TooLarge = "too_large";
    /// Too many messages in too short a time.
    RateLimited = "rate_limited", retryable;
    /// The node cannot ask the chain at the moment.
    ChainUnavailable = "chain_unavailable", retryable;
    /// No such contract at the latest finalized block, and none of this number was made yet: it may become final soon.
    ContractUnknown = "contract_unknown", retryable;
    /// There is no such contract any more at the latest finalized block.
    ContractNotFound = "contract_not_found";
    /// The contract is ending.
    ContractNotLive = "contract_not_live";
    /// The contract is out of funds and paused.
    ContractInGrace = "contract_in_grace";
    /// The contract is for another node.
    WrongNode = "wrong_node";
    /// The contract belongs to another twin.
    WrongSender = "wrong_sender";
    /// The deployment is not the one whose hash is on chain.
    HashMismatch = "hash_mismatch";
    /// The deployment breaks a rule of its schema.
    InvalidDeployment = "invalid_deployment";
    /// A workload of a kind that this node does not run.
    UnsupportedWorkload = "unsupported_workload";
    /// More is asked for than the contract reserves.
    OverReserved = "over_reserved";
    /// A workload's module has not been put on this node.
    ModuleMissing = "module_missing";
    /// The module is not WebAssembly, does not match its digest, or cannot be compiled.
    ModuleInvalid = "module_invalid";
    /// Not the deployment version that should come next.
    VersionConflict = "version_conflict";
    /// No such function in the contract.
    FunctionNotFound = "function_not_found";
    /// The function trapped, ran out of time or of memory.
    FunctionFailed = "function_failed";
    /// Accepted but not running yet.
    NotReady = "not_ready", retryable;
    /// The node failed; its log says why.
    Internal = "internal", retryable;
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: the code for programs, the message for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Failure {
    /// What programs match on.
    pub code: Code,
    /// What people read: what was wrong and what to do.
    pub message: String,
}

impl Failure {
    /// A refusal with its message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<crate::json::JsonError> for Failure {
    fn from(error: crate::json::JsonError) -> Self {
        Self::new(Code::NotJson, error.to_string())
    }
}

impl From<crate::deployment::DeploymentError> for Failure {
    fn from(error: crate::deployment::DeploymentError) -> Self {
        use crate::deployment::DeploymentError as E;
        let code = match &error {
            E::Json(_) => Code::NotJson,
            E::TextTooLarge { .. } => Code::TooLarge,
            E::UnsupportedWorkload { .. } => Code::UnsupportedWorkload,
            _ => Code::InvalidDeployment,
        };
        Self::new(code, format!("{error} [{}]", error.code()))
    }
}
