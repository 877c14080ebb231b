//! What went wrong, for people (message and hint), for programs (code) and for shells (exit status).

use crate::advice::{next_step, Errand};
use grid_client::{BusError, ChainError, DispatchError, KeyError, SubmitError};
use grid_types::{deployment::DeploymentError, json::JsonError, seal::SealError};
use std::io::ErrorKind;

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

    /// A transaction did not do what it should.
    pub fn of_submit(error: &SubmitError, errand: Errand) -> Self {
        match error {
            SubmitError::Chain(inner) => inner.clone().into(),
            SubmitError::Failed(inner) => Self::refused(inner, errand),
            _ => Self::failed(error.code(), error).hint(error.hint()),
        }
    }

    /// The chain refused. What it calls not found is not there, whoever asks.
    fn refused(error: &DispatchError, errand: Errand) -> Self {
        let message = format!("the chain refused: {}.{}", error.pallet, error.name);
        let hint = match next_step(&error.name, errand) {
            Some(step) => format!("{} Next: {step}", error.hint),
            None => error.hint.clone(),
        };
        let exit = if error.name.ends_with("NotFound") { NOT_FOUND } else { FAILED };
        Self { exit, ..Self::failed(&error.name, message).hint(hint.trim_start()) }
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

impl From<BusError> for CliError {
    fn from(error: BusError) -> Self {
        let away = matches!(error, BusError::Unreachable { .. } | BusError::Undelivered { .. });
        let exit = if away { UNREACHABLE } else { FAILED };
        let hint = match &error {
            BusError::Unreachable { .. } => {
                "is the node's agent running, and is the node's bus URL right? see: grid node show"
            },
            BusError::BadReply { .. } => "do not trust this node; its agent account is in: grid node show",
            BusError::Undelivered { .. } => "are your rmb-peer and the node's running, and do they share a relay?",
            BusError::Refused(refusal) if refusal.retryable => "try again in a moment",
            BusError::Refused(refusal) if refusal.code == "signatures_missing" => {
                "who has signed: grid deployment show FILE; to ask others: grid deployment ask --help"
            },
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
        let hint = match &error {
            KeyError::NotASecret => "make one with: grid key new",
            KeyError::SoftDerivation => "use an sr25519 key, or a path with // only",
            KeyError::NotAnAddress { .. } => "its owner sees the address with: grid key show",
            KeyError::Unreadable { .. } => "is the path right? make a new secret with: grid key new --out",
            KeyError::Exposed { .. } => "if others may have read it, move to a new key: grid key new --out",
            KeyError::NoRandomness => "try again, or on another machine",
        };
        Self::usage(error.code(), &error).hint(hint)
    }
}

impl From<DeploymentError> for CliError {
    fn from(error: DeploymentError) -> Self {
        Self::failed(error.code(), format!("the deployment is not valid: {error}"))
            .hint("what a deployment looks like: grid deploy --help")
    }
}

impl From<JsonError> for CliError {
    fn from(error: JsonError) -> Self {
        Self::failed(error.code(), &error).hint("mend the JSON there; what a deployment looks like: grid deploy --help")
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
    let hint = match error.kind() {
        ErrorKind::NotFound => "is the path right?",
        ErrorKind::AlreadyExists => "choose another name: nothing is written over",
        ErrorKind::PermissionDenied => "you have no right to this file",
        _ => "can this file be used like that? try another one",
    };
    CliError::failed("file_error", format!("{}: {error}", path.display())).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> CliError {
        let error = DispatchError { pallet: "SmartContractModule".into(), name: name.into(), hint: "Words.".into() };
        CliError::of_submit(&SubmitError::Failed(error), Errand::Change)
    }

    #[test]
    fn what_the_chain_cannot_find_is_not_there() {
        assert_eq!(refused("ContractNotFound").exit, NOT_FOUND);
        assert_eq!(refused("NotTheOwner").exit, FAILED);
    }

    #[test]
    fn a_refusal_has_the_chains_words_and_the_next_step() {
        let error = refused("NotInGrace");
        assert_eq!(
            (error.code.as_str(), error.hint.as_str()),
            ("NotInGrace", "Words. Next: it is not paused: grid contract show")
        );
        assert_eq!(refused("VersionMismatch").hint, "Words.");
    }

    #[test]
    fn what_people_give_comes_back_with_a_hint() {
        let path = std::path::Path::new("none");
        let errors = [
            KeyError::NotASecret.into(),
            DeploymentError::NoWorkloads.into(),
            JsonError::NotUtf8 { at: 1 }.into(),
            file_error(path, &ErrorKind::NotFound.into()),
            file_error(path, &ErrorKind::IsADirectory.into()),
        ];
        for error in errors {
            let CliError { hint, message, .. } = error;
            assert!(!hint.is_empty(), "{message}");
        }
    }
}
