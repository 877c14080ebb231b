//! The JSON bodies of the OpenFaaS API, and this gateway's extensions of them.
//!
//! Unknown fields are accepted, as OpenFaaS does; `null` counts as absent.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// Labels, annotations, environment: sorted, so that answers are stable.
pub(crate) type Map = BTreeMap<String, String>;

/// Body of POST and PUT `/system/functions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionDeployment {
    pub service: String,
    pub image: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_process: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_vars: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraints: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<FunctionResources>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<FunctionResources>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<bool>,
}

/// Limits or requests of a function, as texts. GPUs arrive in `other`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionResources {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    #[serde(flatten, deserialize_with = "without_nulls")]
    pub other: Map,
}

fn without_nulls<'de, D: Deserializer<'de>>(input: D) -> Result<Map, D::Error> {
    let all = BTreeMap::<String, Option<String>>::deserialize(input)?;
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// One element of GET `/system/functions`; the body of GET `/system/function/NAME`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionStatus {
    pub name: String,
    #[serde(flatten)]
    pub deployment: DeploymentEcho,
    pub invocation_count: f64,
    pub replicas: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub available_replicas: u64,
    pub created_at: String,
    pub usage: FunctionUsage,
    /// Fields of the deployment that are kept and shown, and change nothing. An extension; absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_honoured: Vec<&'static str>,
    /// Why there is no available replica. An extension; absent when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A deployment as a status shows it: `service` is called `name` there and stands outside.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct DeploymentEcho(serde_json::Map<String, serde_json::Value>);

impl From<&FunctionDeployment> for DeploymentEcho {
    fn from(deployment: &FunctionDeployment) -> Self {
        let mut fields = match serde_json::to_value(deployment) {
            Ok(serde_json::Value::Object(fields)) => fields,
            // A struct of strings and maps always serialises to an object.
            _ => serde_json::Map::new(),
        };
        fields.remove("service");
        Self(fields)
    }
}

/// What a function uses. `cpu` and `totalMemoryBytes` are OpenFaaS' fields; the others are extensions and count from
/// `startedAt` on, so that a reader who sees another `startedAt` knows that they began again at zero.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionUsage {
    /// Thousandths of a CPU, mean over the last interval of a few seconds.
    pub cpu: f64,
    /// Linear memory of the instances that run now, in bytes.
    pub total_memory_bytes: f64,
    /// Processor time of all calls, in seconds.
    pub cpu_seconds: f64,
    /// Linear memory of running instances, summed over time, in byte seconds.
    pub memory_byte_seconds: f64,
    /// The module and its compiled form, in bytes.
    pub disk_bytes: u64,
    /// Requests and answers of all calls, heads and bodies, in bytes.
    pub network_bytes: u64,
    /// When counting began, in milliseconds since the Unix epoch.
    pub started_at: u64,
}

/// Body of POST, PUT and DELETE `/system/namespace/NAME`, and the answer of GET.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionNamespace {
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map>,
}

/// An element of GET `/system/secrets`. Values are never shown.
#[derive(Debug, Serialize)]
pub(crate) struct SecretName {
    pub name: String,
    pub namespace: String,
}

/// Body of POST `/system/scale-function/NAME`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleServiceRequest {
    pub service_name: String,
    // Clients written in Go leave zeros out.
    #[serde(default)]
    pub replicas: u64,
    #[serde(default)]
    pub namespace: Option<String>,
}

/// Body of DELETE `/system/functions`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteFunctionRequest {
    pub function_name: String,
    #[serde(default)]
    pub namespace: Option<String>,
}

/// Answer of PUT `/system/modules/<hex>`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModuleStatus {
    /// `sha256:<hex>`.
    pub digest: String,
    /// The module, in bytes.
    pub size: u64,
    /// Its compiled form, in bytes.
    pub compiled_size: u64,
}

/// One line of GET `/system/logs`.
#[derive(Debug, Serialize)]
pub(crate) struct LogMessage {
    pub name: String,
    pub namespace: String,
    /// The call's id.
    pub instance: String,
    /// RFC 3339, UTC.
    pub timestamp: String,
    pub text: String,
}
