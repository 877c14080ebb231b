//! A function: a WASI module that reads a request from stdin and answers on stdout.

use super::{
    egress::{self, MAX_EGRESS},
    given,
    secrets::{valid_mount, Secrets, MAX_SECRET, MAX_SECRETS},
    DeploymentError, Digest, ModuleDigest,
};
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
    /// What the function alone may know, by the name of the file in which it finds it. The hash covers the values, so they
    /// should not be guessable.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Secrets>,
    /// Where it may connect to: `host` or `host:port`, `*.` before a name for all below it. Nowhere when left out.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub egress: Option<Vec<String>>,
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

    /// What the function alone may know: names and values.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.secrets.iter().flat_map(Secrets::iter)
    }

    /// Where it may connect to.
    pub fn egress(&self) -> &[String] {
        self.egress.as_deref().unwrap_or_default()
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
        if self.secrets.as_ref().is_some_and(|secrets| secrets.len() > MAX_SECRETS) {
            return Err(DeploymentError::TooManySecrets { name: name() });
        }
        for (mount, value) in self.secrets() {
            if !valid_mount(mount) || value.is_empty() || value.len() > MAX_SECRET {
                return Err(DeploymentError::BadSecret { name: name(), mount: mount.to_owned() });
            }
        }
        if self.egress().len() > MAX_EGRESS {
            return Err(DeploymentError::TooManyHosts { name: name() });
        }
        if let Some(host) = self.egress().iter().find(|host| !egress::valid(host)) {
            return Err(DeploymentError::BadHost { name: name(), host: host.clone() });
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
