//! A function: a WASI module that reads a request from stdin and answers on stdout.

use super::{given, DeploymentError, Digest, ModuleDigest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The least memory limit, bytes: 1 MiB.
pub const MIN_MEMORY: u64 = 1 << 20;
/// The largest memory limit, bytes: 4 GiB, all that a 32-bit module can address.
pub const MAX_MEMORY: u64 = 4 << 30;
/// The longest time for one call, milliseconds.
pub const MAX_TIMEOUT_MS: u32 = 300_000;
/// Who may call when nothing is said.
pub const DEFAULT_ACCESS: Access = Access::Owner;

/// What to run and within which limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The module, by its digest; its bytes travel separately.
    pub module: ModuleDigest,
    /// Limit of the module's linear memory, bytes.
    pub memory: u64,
    /// The longest time for one call, milliseconds.
    pub timeout_ms: u32,
    /// Environment variables of every call.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub env: Option<BTreeMap<String, String>>,
    /// Who may call; [`DEFAULT_ACCESS`] when left out. See [`Function::access`].
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// Who may call a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody, over HTTP.
    Public,
    /// Who knows the token with this digest, over HTTP (`Authorization: Bearer`); and the owner over the bus.
    TokenSha256(Digest),
    /// The contract's twin alone, over the bus.
    Owner,
}

impl Function {
    /// Who may call.
    pub fn access(&self) -> Access {
        self.access.unwrap_or(DEFAULT_ACCESS)
    }

    /// Environment variables of every call.
    pub fn env(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn validate(&self, workload: &str) -> Result<(), DeploymentError> {
        let name = || workload.to_owned();
        if !(MIN_MEMORY..=MAX_MEMORY).contains(&self.memory) {
            return Err(DeploymentError::BadMemory { name: name(), memory: self.memory });
        }
        if !(1..=MAX_TIMEOUT_MS).contains(&self.timeout_ms) {
            return Err(DeploymentError::BadTimeout { name: name(), timeout_ms: self.timeout_ms });
        }
        for (variable, value) in self.env() {
            if !valid_variable(variable) || value.contains('\0') {
                return Err(DeploymentError::BadEnv { name: name(), variable: variable.to_owned() });
            }
        }
        Ok(())
    }
}

/// Whether an environment variable may have this name.
fn valid_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
