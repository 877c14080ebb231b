//! What a user asks a node to run.
//!
//! A deployment is JSON, read strictly ([`crate::json`]): unknown fields, duplicate keys, floats, `null` and integers of
//! 2^53 or more are refused. Optional fields that are left out stay left out when written again, so that the text a user
//! signs and hashes in any language is the text a node checks ([`crate::challenge`]).
//!
//! ```json
//! { "version": 0, "twin_id": 2, "contract_id": 1, "metadata": "", "description": "statistics", "expiration": 0,
//!   "workloads": [ { "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
//!     "data": { "module": "sha256:2cf2…", "memory": 67108864, "timeout_ms": 10000, "access": "public" } } ] }
//! ```

mod digest;
mod egress;
mod error;
mod function;
mod old_grid;
mod secrets;
mod signatures;

use crate::{
    json::{self, MAX_INTEGER},
    units::Capacity,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

pub use digest::{Digest, DigestError, ModuleDigest};
pub use error::DeploymentError;
pub use function::{Access, Function, DEFAULT_ACCESS, MAX_MEMORY, MAX_TIMEOUT_MS, MIN_MEMORY};
pub use secrets::Secrets;
pub use signatures::{
    signed_message, signed_messages, DeploymentSignature, SignatureFault, SignatureRequest, SignatureRequirement,
    MAX_SIGNERS, STYLE_RAW, STYLE_WALLET,
};

/// The longest deployment text, bytes.
pub const MAX_TEXT: usize = 256 * 1024;
/// The most workloads in one deployment.
pub const MAX_WORKLOADS: usize = 64;
/// The longest name of a workload, so that `<name>-<contract id>` stays a DNS label (63).
pub const MAX_NAME: usize = 36;

/// Everything that one contract runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// 0 when created, one more with every update.
    pub version: u32,
    /// The twin that owns the contract.
    pub twin_id: u32,
    /// The contract; not part of the hash, because the contract is made with the hash.
    pub contract_id: u64,
    /// For programs.
    pub metadata: String,
    /// For people.
    pub description: String,
    /// Unix seconds after which the node may stop it; 0 for never.
    pub expiration: u64,
    /// Who else must sign.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub signature_requirement: Option<SignatureRequirement>,
    /// What to run; names are unique.
    pub workloads: Vec<Workload>,
}

/// One thing to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// The deployment version that last changed this workload.
    pub version: u32,
    /// `[a-z0-9-]`, 1 to [`MAX_NAME`] characters, neither beginning nor ending with `-`.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: WorkloadKind,
    /// How to run it.
    pub data: Function,
    /// For programs.
    pub metadata: String,
    /// For people.
    pub description: String,
}

/// What a workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadKind {
    /// A WASI module that is called over HTTP or the bus.
    Function,
}

/// The same shape with workloads not yet read, so that an error can name the one it is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unread {
    version: u32,
    twin_id: u32,
    contract_id: u64,
    metadata: String,
    description: String,
    expiration: u64,
    #[serde(default, deserialize_with = "given")]
    signature_requirement: Option<SignatureRequirement>,
    workloads: Vec<Value>,
}

impl Deployment {
    /// Reads and validates a deployment.
    pub fn from_json(text: &[u8]) -> Result<Self, DeploymentError> {
        if text.len() > MAX_TEXT {
            return Err(DeploymentError::TextTooLarge { size: text.len() });
        }
        Self::from_value(json::parse(text)?)
    }

    /// Reads and validates a deployment that is part of a larger text, which [`json::parse`] has read.
    pub fn from_value(value: Value) -> Result<Self, DeploymentError> {
        if let Some(mark) = old_grid::mark(&value) {
            return Err(DeploymentError::OldGrid { mark });
        }
        let unread: Unread = from_value(value, "deployment")?;
        let workloads = unread.workloads.into_iter().enumerate().map(|(index, value)| Workload::read(index, value));
        let deployment = Self {
            version: unread.version,
            twin_id: unread.twin_id,
            contract_id: unread.contract_id,
            metadata: unread.metadata,
            description: unread.description,
            expiration: unread.expiration,
            signature_requirement: unread.signature_requirement,
            workloads: workloads.collect::<Result<_, _>>()?,
        };
        deployment.validate()?;
        Ok(deployment)
    }

    /// Writes it as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("a deployment has string keys and integers only; qed")
    }

    /// Writes it as JSON text in canonical form (RFC 8785).
    pub fn to_json(&self) -> String {
        json::canonical(&self.to_value())
    }

    /// Checks everything that can be checked without a chain or a machine.
    pub fn validate(&self) -> Result<(), DeploymentError> {
        for (field, value) in [("contract_id", self.contract_id), ("expiration", self.expiration)] {
            if value > MAX_INTEGER {
                return Err(DeploymentError::IntegerTooLarge { field });
            }
        }
        if let Some(requirement) = &self.signature_requirement {
            requirement.validate(self.twin_id)?;
        }
        match self.workloads.len() {
            0 => return Err(DeploymentError::NoWorkloads),
            count @ ..=MAX_WORKLOADS => count,
            count => return Err(DeploymentError::TooManyWorkloads { count }),
        };
        let mut names = BTreeSet::new();
        for workload in &self.workloads {
            workload.validate(self.version)?;
            if !names.insert(workload.name.as_str()) {
                return Err(DeploymentError::DuplicateName { name: workload.name.clone() });
            }
        }
        Ok(())
    }

    /// The capacity that all workloads together may take: their memory limits. Modules on disk are counted by the node,
    /// which knows their size.
    pub fn required(&self) -> Capacity {
        let mru = self.workloads.iter().fold(0_u64, |sum, workload| sum.saturating_add(workload.data.memory));
        Capacity { mru, ..Capacity::default() }
    }

    /// The same with the names of its secrets and no values: what may be shown, and kept after the end. Hashes to something else.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        for workload in &mut shown.workloads {
            workload.data.secrets = workload.data.secrets.as_ref().map(Secrets::names_only);
        }
        shown
    }

    /// The workload of that name.
    pub fn workload(&self, name: &str) -> Option<&Workload> {
        self.workloads.iter().find(|workload| workload.name == name)
    }
}

impl Workload {
    /// The name under which a node's gateway serves it: `<name>-<contract id>`, unique on the whole chain.
    pub fn function_name(&self, contract_id: u64) -> String {
        function_name(&self.name, contract_id)
    }

    fn read(index: usize, value: Value) -> Result<Self, DeploymentError> {
        let kind = value.get("type").and_then(Value::as_str);
        if let Some(kind) = kind.filter(|kind| *kind != "function") {
            return Err(DeploymentError::UnsupportedWorkload { index, kind: kind.into() });
        }
        from_value(value, &format!("workloads[{index}]"))
    }

    fn validate(&self, deployment_version: u32) -> Result<(), DeploymentError> {
        if !valid_name(&self.name) {
            return Err(DeploymentError::BadName { name: self.name.clone() });
        }
        if self.version > deployment_version {
            return Err(DeploymentError::VersionAhead { name: self.name.clone() });
        }
        self.data.validate(&self.name)
    }
}

/// The name under which a node's gateway serves a workload: `<name>-<contract id>`.
pub fn function_name(workload: &str, contract_id: u64) -> String {
    format!("{workload}-{contract_id}")
}

/// Whether a workload may have this name: `[a-z0-9-]`, 1 to [`MAX_NAME`] characters, no `-` at either end.
pub fn valid_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('-') && !name.ends_with('-')
}

/// Reads an optional field that, if it is there, must have a value: `null` would be hashed by others and lost here.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn from_value<T: serde::de::DeserializeOwned>(value: Value, place: &str) -> Result<T, DeploymentError> {
    serde_json::from_value(value)
        .map_err(|error| DeploymentError::Schema { place: place.into(), reason: error.to_string() })
}

#[cfg(test)]
mod tests;
