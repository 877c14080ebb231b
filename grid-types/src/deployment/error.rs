//! Why a deployment is refused.

use super::{
    egress::MAX_EGRESS,
    secrets::{MAX_MOUNT, MAX_SECRET, MAX_SECRETS},
    signatures::MAX_SIGNERS,
    MAX_MEMORY, MAX_NAME, MAX_TEXT, MAX_TIMEOUT_MS, MAX_WORKLOADS, MIN_MEMORY,
};
use crate::json::JsonError;

/// Why a deployment is refused. [`DeploymentError::code`] is stable; messages say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum DeploymentError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("the deployment has {size} bytes, more than {MAX_TEXT}")]
    TextTooLarge { size: usize },
    #[error("{place}: {reason}")]
    Schema { place: String, reason: String },
    #[error("workloads[{index}]: type {kind:?} is not supported; this version runs \"function\"")]
    UnsupportedWorkload { index: usize, kind: String },
    #[error("{field} is 2^53 or more")]
    IntegerTooLarge { field: &'static str },
    #[error("a deployment needs at least one workload")]
    NoWorkloads,
    #[error("{count} workloads are more than {MAX_WORKLOADS}; split them over several contracts")]
    TooManyWorkloads { count: usize },
    #[error("workload name {name:?}: use 1 to {MAX_NAME} of a-z, 0-9 and -, with no - at either end")]
    BadName { name: String },
    #[error("two workloads are called {name:?}; names are unique within a deployment")]
    DuplicateName { name: String },
    #[error("workload {name}: its version is above the deployment's")]
    VersionAhead { name: String },
    #[error("workload {name}: memory is {memory} bytes, must be {MIN_MEMORY} (1 MiB) to {MAX_MEMORY} (4 GiB)")]
    BadMemory { name: String, memory: u64 },
    #[error("workload {name}: timeout_ms is {timeout_ms}, must be 1 to {MAX_TIMEOUT_MS}")]
    BadTimeout { name: String, timeout_ms: u32 },
    #[error("workload {name}: environment variable {variable:?} is not [A-Za-z_][A-Za-z0-9_]* or its value has a NUL")]
    BadEnv { name: String, variable: String },
    #[error("workload {name}: more than {MAX_SECRETS} secrets")]
    TooManySecrets { name: String },
    #[error("workload {name}: secret {mount:?} needs a name of 1 to {MAX_MOUNT} of A-Z, a-z, 0-9, _, - and . (not first), and a value of 1 to {MAX_SECRET} bytes")]
    BadSecret { name: String, mount: String },
    #[error("workload {name}: more than {MAX_EGRESS} hosts in egress")]
    TooManyHosts { name: String },
    #[error("workload {name}: {host:?} in egress is not host or host:port; leave out scheme and path")]
    BadHost { name: String, host: String },
    #[error(
        "this is a deployment of the old grid ({mark}); this grid has a schema of its own, with workloads of type \"function\": see docs/user.md"
    )]
    OldGrid { mark: String },
    #[error("signature_style {style:?} is not known; use \"\" or \"polka-wallet\"")]
    BadSignatureStyle { style: String },
    #[error("{count} twins are asked to sign, at most {MAX_SIGNERS} can be")]
    TooManySigners { count: usize },
    #[error("twin {twin} is asked twice to sign")]
    DuplicateSigner { twin: u32 },
    #[error("twin {twin}, whose deployment this is, must be among the twins that are asked to sign")]
    OwnerNotAsked { twin: u32 },
    #[error("weight_required is {required}, but all that may sign weigh {weight} together")]
    WeightOutOfReach { weight: u64, required: u32 },
    #[error("twin {twin} signed but was not asked to")]
    UnaskedSignature { twin: u32 },
    #[error("there are two signatures of twin {twin}")]
    DuplicateSignature { twin: u32 },
    #[error("the signature of twin {twin} is of type {kind:?}; sign with sr25519 or ed25519")]
    UnsupportedSignature { twin: u32, kind: String },
}

impl DeploymentError {
    /// The stable machine code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::TextTooLarge { .. } => "too_large",
            Self::Schema { .. } => "bad_schema",
            Self::UnsupportedWorkload { .. } => "unsupported_workload",
            Self::IntegerTooLarge { .. } => "integer_too_large",
            Self::NoWorkloads => "no_workloads",
            Self::TooManyWorkloads { .. } => "too_many_workloads",
            Self::BadName { .. } => "bad_name",
            Self::DuplicateName { .. } => "duplicate_name",
            Self::VersionAhead { .. } => "version_ahead",
            Self::BadMemory { .. } => "bad_memory",
            Self::BadTimeout { .. } => "bad_timeout",
            Self::BadEnv { .. } => "bad_env",
            Self::TooManySecrets { .. } | Self::BadSecret { .. } => "bad_secret",
            Self::TooManyHosts { .. } | Self::BadHost { .. } => "bad_egress",
            Self::OldGrid { .. } => "unsupported_schema",
            Self::BadSignatureStyle { .. } => "bad_signature_style",
            Self::TooManySigners { .. } => "too_many_signers",
            Self::DuplicateSigner { .. } => "duplicate_signer",
            Self::OwnerNotAsked { .. } => "owner_not_asked",
            Self::WeightOutOfReach { .. } => "weight_out_of_reach",
            Self::UnaskedSignature { .. } => "unasked_signature",
            Self::DuplicateSignature { .. } => "duplicate_signature",
            Self::UnsupportedSignature { .. } => "unsupported_signature",
        }
    }
}
