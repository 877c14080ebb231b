//! The stable codes of refusals.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the codes once: the variant, its number, its text, whether trying again later can help.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal $text:literal $(, $retryable:ident)?;)*) => {
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

            /// The same as a number, for doors whose errors have no text of their own (see the rmb door).
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number,)* }
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
    NotJson = 1001 "not_json";
    /// A field is missing, unknown, or out of its bounds.
    BadSchema = 1002 "bad_schema";
    /// The signature is not by the source twin's account.
    BadSignature = 1003 "bad_signature";
    /// A kind of signature that this node does not check.
    UnsupportedSignature = 1004 "unsupported_signature";
    /// Arrived after its expiration.
    Expired = 1005 "expired";
    /// The sender's clock is ahead by more than [`super::MAX_SKEW`].
    FromTheFuture = 1006 "from_the_future";
    /// An id that was seen before.
    Replayed = 1007 "replayed";
    /// For another twin than this node's.
    WrongDestination = 1008 "wrong_destination";
    /// For another chain than this node's.
    WrongChain = 1009 "wrong_chain";
    /// No such command.
    UnknownCommand = 1010 "unknown_command";
    /// The source is not a twin on chain.
    UnknownTwin = 1011 "unknown_twin";
    /// Message, payload, module or result beyond its limit.
    TooLarge = 1012 "too_large";
    /// Too many messages in too short a time.
    RateLimited = 1013 "rate_limited", retryable;
    /// The node cannot ask the chain at the moment.
    ChainUnavailable = 1014 "chain_unavailable", retryable;
    /// No such contract at the latest finalized block, and none of this number was made yet: it may become final soon.
    ContractUnknown = 1015 "contract_unknown", retryable;
    /// There is no such contract any more at the latest finalized block.
    ContractNotFound = 1016 "contract_not_found";
    /// The contract is ending.
    ContractNotLive = 1017 "contract_not_live";
    /// The contract is out of funds and paused.
    ContractInGrace = 1018 "contract_in_grace";
    /// The contract is for another node.
    WrongNode = 1019 "wrong_node";
    /// The contract belongs to another twin.
    WrongSender = 1020 "wrong_sender";
    /// The deployment is not the one whose hash is on chain.
    HashMismatch = 1021 "hash_mismatch";
    /// The deployment breaks a rule of its schema.
    InvalidDeployment = 1022 "invalid_deployment";
    /// A workload of a kind that this node does not run.
    UnsupportedWorkload = 1023 "unsupported_workload";
    /// More is asked for than the contract reserves.
    OverReserved = 1024 "over_reserved";
    /// A workload's module has not been put on this node.
    ModuleMissing = 1025 "module_missing";
    /// The module is not WebAssembly, does not match its digest, or cannot be compiled.
    ModuleInvalid = 1026 "module_invalid";
    /// Not the deployment version that should come next.
    VersionConflict = 1027 "version_conflict";
    /// No such function in the contract.
    FunctionNotFound = 1028 "function_not_found";
    /// The function trapped, ran out of time or of memory.
    FunctionFailed = 1029 "function_failed";
    /// Accepted but not running yet.
    NotReady = 1030 "not_ready", retryable;
    /// The node failed; its log says why.
    Internal = 1031 "internal", retryable;
    /// The payload must be sealed to the node's key: ask for the key with [`super::HELLO_METHOD`].
    EncryptionRequired = 1032 "encryption_required";
    /// Sealed to a key that the node does not have, or not any more: ask for the current one.
    UnknownKey = 1033 "unknown_key", retryable;
    /// Sealed to the node's key, but for another message, or changed since.
    Unreadable = 1034 "unreadable";
    /// A deployment of the old grid.
    UnsupportedSchema = 1035 "unsupported_schema";
    /// The signatures that the deployment asks for do not suffice.
    SignaturesMissing = 1036 "signatures_missing";
    /// Done by cancelling the contract on chain, not by a message.
    CancelOnChain = 1037 "cancel_on_chain";
    /// What runs the functions on this node cannot do this.
    Unsupported = 1038 "unsupported";
}

impl Code {
    /// The code of a number.
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number() == number)
    }
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
            E::OldGrid { .. } => Code::UnsupportedSchema,
            E::UnsupportedSignature { .. } => Code::UnsupportedSignature,
            _ => Code::InvalidDeployment,
        };
        Self::new(code, format!("{error} [{}]", error.code()))
    }
}

impl From<crate::deployment::SignatureFault> for Failure {
    fn from(fault: crate::deployment::SignatureFault) -> Self {
        use crate::deployment::SignatureFault as F;
        let code = match fault {
            F::Bad { .. } => Code::BadSignature,
            F::Missing { .. } | F::TooLight { .. } => Code::SignaturesMissing,
        };
        Self::new(code, fault.to_string())
    }
}

impl From<crate::signature::UnknownScheme> for Failure {
    fn from(error: crate::signature::UnknownScheme) -> Self {
        Self::new(Code::UnsupportedSignature, error.to_string())
    }
}
