//! The gateway's JSON, and how a workload becomes a function.

use super::{annotations, labels, SecretSpec};
use grid_types::deployment::{function_name, Access, Digest, Workload};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is sent to deploy or update a function (OpenFaaS' `FunctionDeployment`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionSpec {
    /// Its name on the gateway.
    pub service: String,
    /// `module:sha256:<hex>`.
    pub image: String,
    /// Environment of every call.
    pub env_vars: BTreeMap<String, String>,
    /// Whose it is.
    pub labels: BTreeMap<String, String>,
    /// How to run it.
    pub annotations: BTreeMap<String, String>,
    /// The gateway's secrets that it may read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// What it may take.
    pub limits: Limits,
}

/// What a function may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Linear memory, bytes in decimal.
    pub memory: String,
}

impl FunctionSpec {
    /// The function that a workload asks for.
    pub fn of(workload: &Workload, contract_id: u64, node_id: u32) -> Self {
        let function = &workload.data;
        let access = match function.access() {
            Access::Public => "public".to_owned(),
            Access::Owner => "owner".to_owned(),
            Access::TokenSha256(digest) => format!("token-sha256:{digest}"),
        };
        let text = |name: &str, value: String| (name.to_owned(), value);
        let mut spec = Self {
            service: workload.function_name(contract_id),
            image: format!("module:{}", function.module),
            env_vars: function.env().map(|(name, value)| text(name, value.to_owned())).collect(),
            labels: BTreeMap::from([
                text(labels::CONTRACT, contract_id.to_string()),
                text(labels::NODE, node_id.to_string()),
                text(labels::WORKLOAD, workload.name.clone()),
            ]),
            annotations: BTreeMap::from([
                text(annotations::ACCESS, access),
                text(annotations::TIMEOUT_MS, function.timeout_ms.to_string()),
            ]),
            secrets: Vec::new(),
            limits: Limits { memory: function.memory.to_string() },
        };
        if !function.egress().is_empty() {
            spec.annotations.insert(annotations::EGRESS.to_owned(), function.egress().join(","));
        }
        let secrets = SecretSpec::all(workload, contract_id);
        for secret in &secrets {
            spec.annotations.insert(format!("{}{}", annotations::SECRET, secret.mount), secret.name.clone());
            spec.secrets.push(secret.name.clone());
        }
        let fingerprint = spec.fingerprint(&secrets);
        spec.annotations.insert(annotations::HASH.to_owned(), fingerprint);
        spec
    }

    /// Digest of everything that was asked for. Another value of a secret is another function to deploy.
    fn fingerprint(&self, secrets: &[SecretSpec]) -> String {
        // Maps are ordered, so one spec has one text.
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        for secret in secrets {
            text.extend(Digest::of(secret.value.as_bytes()).0);
        }
        Digest::of(&text).to_string()
    }

    /// The fingerprint that the gateway keeps with the function.
    pub fn hash(&self) -> &str {
        self.annotations.get(annotations::HASH).map_or("", String::as_str)
    }
}

/// A function as the gateway tells of it (OpenFaaS' `FunctionStatus`), as far as the agent cares.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FunctionStatus {
    pub name: String,
    pub labels: Option<BTreeMap<String, String>>,
    pub annotations: Option<BTreeMap<String, String>>,
    pub available_replicas: u64,
    pub limits: Option<StatedLimits>,
    pub usage: Option<Usage>,
}

/// What a function may take, as the gateway tells of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatedLimits {
    pub memory: Option<String>,
}

/// What a function has used since its counters began. All but `started_at` is the embedded gateway's extension.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Usage {
    pub cpu_seconds: f64,
    pub memory_byte_seconds: f64,
    pub disk_bytes: f64,
    pub network_bytes: f64,
    pub started_at: u64,
}

/// A function on the gateway that carries an agent's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub function: String,
    /// Whose it is, if its labels and its name say so together.
    pub owner: Option<Ownership>,
    /// The fingerprint it was deployed with.
    pub hash: String,
    /// Whether it answers.
    pub ready: bool,
    /// Memory that it may take, bytes; 0 if that is not told in bytes, as it is of every function of an agent's.
    pub memory: u64,
    /// The gateway's secrets that it reads.
    pub secrets: Vec<String>,
}

/// Whose a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The contract.
    pub contract_id: u64,
    /// The node whose agent deployed it.
    pub node_id: u32,
    /// The workload's name.
    pub workload: String,
}

/// A function's counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// When the counters began, Unix milliseconds.
    pub started_at: u64,
    /// Processor time, seconds.
    pub cpu_seconds: f64,
    /// Memory of running instances over time, byte seconds.
    pub memory_byte_seconds: f64,
    /// Bytes on disk now.
    pub disk_bytes: u64,
    /// Bytes of requests and answers.
    pub network_bytes: u64,
}

impl FunctionStatus {
    pub(super) fn listed(self) -> Listed {
        let owner = self.labels.as_ref().and_then(|labels| Ownership::read(labels, &self.name));
        let mut notes = self.annotations.unwrap_or_default();
        let memory = self.limits.and_then(|limits| limits.memory).and_then(|text| text.parse().ok());
        let is_secret = |name: &String| name.starts_with(annotations::SECRET);
        Listed {
            function: self.name,
            owner,
            hash: notes.remove(annotations::HASH).unwrap_or_default(),
            ready: self.available_replicas > 0,
            memory: memory.unwrap_or_default(),
            secrets: notes.into_iter().filter(|(name, _)| is_secret(name)).map(|(_, secret)| secret).collect(),
        }
    }
}

impl Ownership {
    /// Labels alone are not believed: the name must be what they make.
    fn read(labels: &BTreeMap<String, String>, name: &str) -> Option<Self> {
        let owner = Self {
            contract_id: labels.get(labels::CONTRACT)?.parse().ok()?,
            node_id: labels.get(labels::NODE)?.parse().ok()?,
            workload: labels.get(labels::WORKLOAD)?.clone(),
        };
        (function_name(&owner.workload, owner.contract_id) == name).then_some(owner)
    }
}

impl Usage {
    pub(super) fn reading(self) -> Reading {
        // `as` saturates: no number and negative ones become 0.
        Reading {
            started_at: self.started_at,
            cpu_seconds: if self.cpu_seconds.is_finite() { self.cpu_seconds.max(0.0) } else { 0.0 },
            memory_byte_seconds: if self.memory_byte_seconds.is_finite() {
                self.memory_byte_seconds.max(0.0)
            } else {
                0.0
            },
            disk_bytes: self.disk_bytes as u64,
            network_bytes: self.network_bytes as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn workload(access: &str) -> Workload {
        serde_json::from_value(serde_json::json!({
            "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
            "data": { "module": format!("sha256:{}", "ab".repeat(32)), "memory": 1_048_576, "timeout_ms": 500,
                      "env": { "B": "2", "A": "1" }, "access": serde_json::from_str::<serde_json::Value>(access).unwrap() },
        }))
        .unwrap()
    }

    fn status(name: &str, labels: &[(&str, &str)]) -> Listed {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        FunctionStatus { name: name.to_owned(), labels: Some(labels), ..FunctionStatus::default() }.listed()
    }

    #[test]
    fn a_workload_becomes_a_function_of_its_contract() {
        let spec = FunctionSpec::of(&workload(r#""public""#), 7, 3);
        assert_eq!(spec.service, "stats-7");
        assert_eq!(spec.image, format!("module:sha256:{}", "ab".repeat(32)));
        assert_eq!(spec.limits.memory, "1048576");
        assert_eq!(spec.labels[labels::CONTRACT], "7");
        assert_eq!(spec.annotations[annotations::TIMEOUT_MS], "500");
        assert_eq!(spec.env_vars["A"], "1");
    }

    #[test]
    fn secrets_are_named_and_never_sent_with_the_function() {
        let mut workload = workload(r#""public""#);
        let plain = FunctionSpec::of(&workload, 7, 3);
        workload.data.secrets = Some([("token".to_owned(), "hunter2".to_owned())].into_iter().collect());
        let spec = FunctionSpec::of(&workload, 7, 3);
        assert_eq!(spec.annotations["com.gridchain.secret.token"], "token-stats-7");
        assert_eq!(spec.secrets, ["token-stats-7"]);
        assert!(!serde_json::to_string(&spec).unwrap().contains("hunter2"));
        assert_ne!(spec.hash(), plain.hash());
        workload.data.secrets = Some([("token".to_owned(), "another".to_owned())].into_iter().collect());
        assert_ne!(spec.hash(), FunctionSpec::of(&workload, 7, 3).hash(), "a new value is deployed");
    }

    #[test]
    fn hosts_that_may_be_reached_are_said_to_the_gateway() {
        let mut workload = workload(r#""public""#);
        assert!(!FunctionSpec::of(&workload, 7, 3).annotations.contains_key(annotations::EGRESS));
        workload.data.egress = Some(vec!["example.org".to_owned(), "*.example.net:8443".to_owned()]);
        let spec = FunctionSpec::of(&workload, 7, 3);
        assert_eq!(spec.annotations[annotations::EGRESS], "example.org,*.example.net:8443");
    }

    #[test]
    fn access_is_said_to_the_gateway() {
        let digest = "cd".repeat(32);
        let said = |access: &str| FunctionSpec::of(&workload(access), 7, 3).annotations[annotations::ACCESS].clone();
        assert_eq!(said(r#""public""#), "public");
        assert_eq!(said(r#""owner""#), "owner");
        assert_eq!(said(&format!(r#"{{"token_sha256":"{digest}"}}"#)), format!("token-sha256:{digest}"));
    }

    #[test]
    fn the_fingerprint_changes_with_what_is_asked_for_and_with_nothing_else() {
        let spec = FunctionSpec::of(&workload(r#""public""#), 7, 3);
        assert_eq!(spec.hash(), FunctionSpec::of(&workload(r#""public""#), 7, 3).hash());
        assert_ne!(spec.hash(), FunctionSpec::of(&workload(r#""owner""#), 7, 3).hash());
        let mut described = workload(r#""public""#);
        described.description = "for people".into();
        assert_eq!(spec.hash(), FunctionSpec::of(&described, 7, 3).hash());
    }

    #[test]
    fn a_function_is_owned_only_if_labels_and_name_agree() {
        let labels = [(labels::CONTRACT, "7"), (labels::NODE, "3"), (labels::WORKLOAD, "stats")];
        assert_eq!(status("stats-7", &labels).owner.unwrap().contract_id, 7);
        assert_eq!(status("stats-8", &labels).owner, None);
        assert_eq!(status("stats-7", &labels[..2]).owner, None);
        assert_eq!(status("stats-7", &[]).owner, None);
    }

    #[test]
    fn counters_that_are_no_numbers_count_nothing() {
        let usage = Usage {
            cpu_seconds: f64::NAN,
            memory_byte_seconds: -1.0,
            network_bytes: f64::INFINITY,
            ..Usage::default()
        };
        let reading = usage.reading();
        assert_eq!((reading.cpu_seconds, reading.memory_byte_seconds), (0.0, 0.0));
    }
}
