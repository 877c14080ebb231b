//! The commands of a node: their names, what they take and what they give.
//!
//! Requests are strict (unknown fields are refused); results may gain fields.

use super::text;
use crate::{
    deployment::{Deployment, Digest},
    units::Capacity,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Who is there: [`Empty`] -> [`SystemVersion`].
pub const SYSTEM_VERSION: &str = "zos.system.version";
/// What the node has and uses: [`Empty`] -> [`Statistics`].
pub const STATISTICS_GET: &str = "zos.statistics.get";
/// Puts a module on the node, for a live contract of the caller's: [`ModulePut`] -> [`ModuleStored`].
pub const MODULE_PUT: &str = "zos.module.put";
/// Asks the node to run a deployment; again with the same one changes nothing: [`Deploy`] -> [`Accepted`].
pub const DEPLOYMENT_DEPLOY: &str = "zos.deployment.deploy";
/// The same for a higher version, whose hash is on chain already: [`Deploy`] -> [`Accepted`].
pub const DEPLOYMENT_UPDATE: &str = "zos.deployment.update";
/// What became of it: [`OfContract`] -> [`DeploymentState`].
pub const DEPLOYMENT_GET: &str = "zos.deployment.get";
/// How it got there: [`OfContract`] -> list of [`Change`].
pub const DEPLOYMENT_CHANGES: &str = "zos.deployment.changes";
/// The caller's contracts on this node: [`Empty`] -> list of ids.
pub const DEPLOYMENT_LIST: &str = "zos.deployment.list";
/// Always refused with `cancel_on_chain`: a deployment ends with its contract.
pub const DEPLOYMENT_DELETE: &str = "zos.deployment.delete";
/// Calls a function: [`Invoke`] -> [`Invoked`].
pub const FUNCTION_INVOKE: &str = "zos.function.invoke";
/// What a function wrote to its log: [`Logs`] -> list of [`LogLine`].
pub const FUNCTION_LOGS: &str = "zos.function.logs";
/// Who is there, for doors without [`super::HELLO_METHOD`]: [`super::Hello`] -> [`super::Introduction`].
pub const HELLO: &str = "zos.bus.hello";

/// All commands.
pub const COMMANDS: &[&str] = &[
    HELLO,
    SYSTEM_VERSION,
    STATISTICS_GET,
    MODULE_PUT,
    DEPLOYMENT_DEPLOY,
    DEPLOYMENT_UPDATE,
    DEPLOYMENT_GET,
    DEPLOYMENT_CHANGES,
    DEPLOYMENT_LIST,
    DEPLOYMENT_DELETE,
    FUNCTION_INVOKE,
    FUNCTION_LOGS,
];
/// Commands of the old grid that make no sense here. They are answered with `unknown_command`, also on a door that would
/// otherwise not hear them.
pub const OLD_COMMANDS: &[&str] = &[
    "zos.system.dmi",
    "zos.system.hypervisor",
    "zos.system.diagnostics",
    "zos.system.node_features_get",
    "zos.storage.pools",
    "zos.gpu.list",
    "zos.location.get",
    "zos.perf.get",
    "zos.perf.get_all",
    "zos.network.list_wg_ports",
    "zos.network.public_config_get",
    "zos.network.interfaces",
    "zos.network.has_ipv6",
    "zos.network.list_public_ips",
    "zos.network.list_private_ips",
    "zos.admin.interfaces",
    "zos.admin.set_public_nic",
    "zos.admin.get_public_nic",
];
/// The most lines of a log that one answer holds.
pub const MAX_LOG_LINES: u32 = 1_000;

/// Nothing: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// One contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfContract {
    /// The contract.
    pub contract_id: u64,
}

/// Who is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemVersion {
    /// The agent's version.
    pub agent: String,
    /// The node's id on chain.
    pub node_id: u32,
    /// The chain's genesis hash, `0x` and 64 hexadecimal digits.
    pub genesis: String,
}

/// What a node has and uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// What it registered.
    pub total: Capacity,
    /// What its contracts reserve.
    pub used: Capacity,
    /// Live contracts.
    pub contracts: u32,
    /// Workloads of these.
    pub workloads: u32,
}

/// A module for a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModulePut {
    /// A live contract of the caller's on this node; the module counts against its `sru`.
    pub contract_id: u64,
    /// Digest of the bytes.
    pub sha256: Digest,
    /// The bytes, at most [`super::MAX_MODULE`]; base64 on the wire.
    #[serde(with = "text::base64")]
    pub module: Vec<u8>,
}

/// Whether the module is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleStored {
    /// `false` if it was there already.
    pub stored: bool,
}

/// A deployment to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// The contract, as in the deployment.
    pub contract_id: u64,
    /// The deployment, to be read with [`Deployment::from_value`], whose errors say more than serde's.
    pub deployment: Value,
}

impl Deploy {
    /// The request for a deployment.
    pub fn of(deployment: &Deployment) -> Self {
        Self { contract_id: deployment.contract_id, deployment: deployment.to_value() }
    }
}

/// The deployment passed all checks and is being worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Always `true`; refusals are errors.
    pub accepted: bool,
    /// The deployment's version.
    pub version: u32,
}

/// What became of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentState {
    /// The deployment that was accepted last.
    pub deployment: Value,
    /// Its workloads, in its order.
    pub workloads: Vec<WorkloadStatus>,
}

/// What became of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadStatus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: WorkloadState,
    /// Why, if there is more to say.
    #[serde(default)]
    pub message: String,
    /// The name under which the gateway serves it: `<name>-<contract id>`.
    pub function: String,
    /// Where it can be called over HTTP.
    pub url: String,
    /// Since when it stands there, Unix seconds.
    pub since: u64,
    /// When failed work is tried again, Unix seconds.
    #[serde(default)]
    pub next_try: Option<u64>,
}

/// Where a workload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadState {
    /// Accepted, not yet tried.
    Init,
    /// Running.
    Ok,
    /// Failed; tried again later.
    Error,
    /// Removed.
    Deleted,
}

impl WorkloadState {
    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Deleted => "deleted",
        }
    }
}

/// One step of a deployment's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When, Unix seconds.
    pub at: u64,
    /// Which workload.
    pub workload: String,
    /// Where it stood from then on.
    pub state: WorkloadState,
    /// Why, if there is more to say.
    #[serde(default)]
    pub message: String,
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoke {
    /// The contract.
    pub contract_id: u64,
    /// The workload's name.
    pub name: String,
    /// The request body; base64 on the wire.
    #[serde(with = "text::base64")]
    pub body: Vec<u8>,
    /// The body's media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// What the function answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoked {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The response body; base64 on the wire.
    #[serde(with = "text::base64")]
    pub body: Vec<u8>,
}

/// Which part of a function's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// The contract.
    pub contract_id: u64,
    /// The workload's name.
    pub name: String,
    /// Only the last so many lines; [`MAX_LOG_LINES`] at most and if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<u32>,
    /// Only lines of this time and later, Unix milliseconds. To follow a log, ask again with that of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
}

/// One line of a function's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written, RFC 3339, as the gateway gives it.
    pub timestamp: String,
    /// Which instance wrote it; empty if the gateway does not say.
    #[serde(default)]
    pub instance: String,
    /// The line.
    pub text: String,
}
