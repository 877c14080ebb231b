//! What went wrong, for people (message and hint), for programs (code) and for shells (exit status).

use crate::advice::next_step;
use grid_client::{BusError, ChainError, KeyError, SubmitError};
use grid_types::{deployment::DeploymentError, json::JsonError, seal::SealError};

/// Exit status: something refused.
const FAILED: u8 = 1;
/// Exit status: wrong arguments; the same that the argument parser uses.
const USAGE: u8 = 2;
/// Exit status: what was asked for does not exist.
const NOT_FOUND: u8 = 3;
/// Exit status: chain or node cannot be reached; trying again may help.
const UNREACHABLE: u8 = 4;

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CliError {
    /// The stable machine code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
    /// The exit status.
    pub exit: u8,
}

impl CliError {
    /// Something refused, or went wrong.
    pub fn failed(code: &str, message: impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string(), hint: String::new(), exit: FAILED }
    }

    /// Arguments that cannot be meant.
    pub fn usage(code: &str, message: impl ToString) -> Self {
        Self { exit: USAGE, ..Self::failed(code, message) }
    }

    /// What was asked for does not exist.
    pub fn not_found(what: &str, id: impl ToString) -> Self {
        let message = format!("there is no {what} {}", id.to_string());
        Self { exit: NOT_FOUND, ..Self::failed("not_found", message) }
    }

    /// The same with something to do about it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

impl From<ChainError> for CliError {
    fn from(error: ChainError) -> Self {
        let exit = if error.retryable() { UNREACHABLE } else { FAILED };
        Self { exit, ..Self::failed(error.code(), &error).hint(error.hint()) }
    }
}

impl From<SubmitError> for CliError {
    fn from(error: SubmitError) -> Self {
        match &error {
            SubmitError::Chain(inner) => inner.clone().into(),
            SubmitError::Failed(inner) => {
                let message = format!("the chain refused: {}.{}", inner.pallet, inner.name);
                let hint = match next_step(&inner.name) {
                    Some(step) => format!("{} Next: {step}", error.hint()),
                    None => error.hint().to_owned(),
                };
                Self::failed(error.code(), message).hint(hint.trim_start())
            },
            _ => Self::failed(error.code(), &error).hint(error.hint()),
        }
    }
}

impl From<BusError> for CliError {
    fn from(error: BusError) -> Self {
        let exit = if matches!(error, BusError::Unreachable { .. }) { UNREACHABLE } else { FAILED };
        let hint = match &error {
            BusError::Unreachable { .. } => {
                "is the node's agent running, and is the node's bus URL right? see: grid node show"
            },
            BusError::BadReply { .. } => "do not trust this node; its agent account is in: grid node show",
            BusError::Refused(refusal) if refusal.retryable => "try again in a moment",
            _ => "",
        };
        let message = match &error {
            BusError::Refused(refusal) => format!("the node refused: {}", refusal.message),
            other => other.to_string(),
        };
        Self { exit, ..Self::failed(error.code(), message).hint(hint) }
    }
}

impl From<KeyError> for CliError {
    fn from(error: KeyError) -> Self {
        Self::usage(error.code(), &error)
    }
}

impl From<DeploymentError> for CliError {
    fn from(error: DeploymentError) -> Self {
        Self::failed(error.code(), format!("the deployment is not valid: {error}"))
    }
}

impl From<JsonError> for CliError {
    fn from(error: JsonError) -> Self {
        Self::failed(error.code(), &error)
    }
}

impl From<SealError> for CliError {
    fn from(error: SealError) -> Self {
        let code = match error {
            SealError::TooLarge { .. } => "too_large_to_seal",
            SealError::Unreadable => "sealed_to_another_key",
            SealError::NotSealed => "not_sealed",
            _ => "seal_failed",
        };
        Self::failed(code, error)
    }
}

/// A file that cannot be read or written.
pub fn file_error(path: &std::path::Path, error: &std::io::Error) -> CliError {
    CliError::failed("file_error", format!("{}: {error}", path.display()))
}
