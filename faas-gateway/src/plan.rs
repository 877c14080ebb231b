//! From the deployment a client sent to the conditions a function runs under: everything is checked here, before
//! anything is stored. What the gateway cannot honour and a function could depend on is refused; what only shares out
//! machines is kept, shown, and named as not honoured.

use crate::{
    access::{self, Access},
    config::{Limits, FUNCTION_MEMORY_BYTES, FUNCTION_TIMEOUT_MS},
    digest::Digest,
    error::ApiError,
    model::{FunctionDeployment, FunctionResources, Map},
    names, quantity,
    queue::Retry,
    replicas::Replicas,
    runtime::{Egress, EGRESS_ANNOTATION},
    secret::{self, Mounts},
};
use std::{sync::Arc, time::Duration};

/// The annotation with a function's time limit in milliseconds.
const TIMEOUT_ANNOTATION: &str = "com.gridchain.timeout-ms";
/// Names and values of the environment together, in bytes.
const MAX_ENVIRONMENT_BYTES: usize = 64 << 10;
/// Labels, annotations and texts of a deployment together, in bytes.
const MAX_DESCRIPTION_BYTES: usize = 64 << 10;

/// A function's conditions, checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub module: Digest,
    /// Most linear memory of all running instances together, in bytes.
    pub memory_bytes: u64,
    pub timeout: Duration,
    pub access: Access,
    /// `argv`; the first is the function's name unless `envProcess` says otherwise.
    pub arguments: Vec<String>,
    pub environment: Map,
    /// The secrets it sees, file -> secret. That they exist is the core's to check.
    pub secrets: Mounts,
    pub replicas: Replicas,
    /// Whether a call that waited and failed is run again.
    pub retry: Option<Retry>,
    /// The servers it may send requests to.
    pub egress: Arc<Egress>,
    /// What the deployment asks for in vain.
    pub not_honoured: Vec<&'static str>,
}

impl Plan {
    /// Checks a deployment whose image stands for `module`. The error names the field and what would be accepted.
    pub fn of(deployment: &FunctionDeployment, module: Digest, limits: &Limits) -> Result<Self, ApiError> {
        check_name(&deployment.service)?;
        check_namespace(names::or_default(deployment.namespace.as_deref()))?;
        check_unsupported(deployment)?;
        check_size(deployment)?;
        let environment = deployment.env_vars.clone().unwrap_or_default();
        check_environment(&environment)?;
        Ok(Self {
            module,
            memory_bytes: memory_of(deployment.limits.as_ref(), limits)?,
            timeout: timeout_of(deployment, limits)?,
            access: access_of(deployment)?,
            arguments: arguments_of(deployment)?,
            environment,
            secrets: secret::mounts_of(deployment)?,
            replicas: Replicas::of(deployment)?,
            retry: Retry::of(deployment)?,
            egress: Arc::new(egress_of(deployment)?),
            not_honoured: not_honoured(deployment)?,
        })
    }
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if names::is_label(name) {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "invalid_name",
        "service must be 1 to 63 lowercase letters, digits or '-', beginning and ending with a letter or digit",
    ))
}

// Here it must only be one that can exist, which a stored deployment's always is.
fn check_namespace(namespace: &str) -> Result<(), ApiError> {
    if names::is_label(namespace) {
        return Ok(());
    }
    Err(ApiError::unknown_namespace(namespace))
}

fn check_unsupported(deployment: &FunctionDeployment) -> Result<(), ApiError> {
    if deployment.limits.as_ref().is_some_and(|limits| !limits.other.is_empty()) {
        let text = format!(
            "this gateway cannot honour limits other than memory and cpu; remove them (a call is bounded by limits.memory \
             and {TIMEOUT_ANNOTATION})"
        );
        return Err(ApiError::bad_request("unsupported_field", text));
    }
    Ok(())
}

/// Stacks made for other providers set these everywhere; a function runs as well without.
fn not_honoured(deployment: &FunctionDeployment) -> Result<Vec<&'static str>, ApiError> {
    let mut fields = Vec::new();
    let cpu = deployment.limits.as_ref().and_then(|limits| limits.cpu.as_deref()).filter(|cpu| !cpu.is_empty());
    if let Some(cpu) = cpu {
        if !quantity::is_cpu(cpu) {
            let text = "limits.cpu must be thousandths or a number of processors, as in \"100m\" or \"0.5\"";
            return Err(ApiError::bad_request("invalid_cpu", text));
        }
        fields.push("limits.cpu");
    }
    if deployment.constraints.as_ref().is_some_and(|constraints| !constraints.is_empty()) {
        fields.push("constraints");
    }
    Ok(fields)
}

fn check_size(deployment: &FunctionDeployment) -> Result<(), ApiError> {
    let map = |map: &Option<Map>| map.iter().flatten().map(|(k, v)| k.len() + v.len()).sum::<usize>();
    let size = map(&deployment.labels)
        + map(&deployment.annotations)
        + deployment.env_process.iter().map(String::len).sum::<usize>();
    if size > MAX_DESCRIPTION_BYTES {
        return Err(ApiError::bad_request("too_large", "labels, annotations and envProcess exceed 64 KiB together"));
    }
    Ok(())
}

fn check_environment(environment: &Map) -> Result<(), ApiError> {
    for (name, value) in environment {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(ApiError::bad_request(
                "invalid_environment",
                format!("envVars: the name {name:?} is empty or it or its value holds '=' or a NUL"),
            ));
        }
    }
    if environment.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_ENVIRONMENT_BYTES {
        return Err(ApiError::bad_request("too_large", "envVars exceed 64 KiB together"));
    }
    Ok(())
}

fn memory_of(resources: Option<&FunctionResources>, limits: &Limits) -> Result<u64, ApiError> {
    let Some(text) = resources.and_then(|r| r.memory.as_deref()).filter(|text| !text.is_empty()) else {
        return Ok(limits.default_function_memory);
    };
    quantity::bytes(text).filter(|bytes| FUNCTION_MEMORY_BYTES.contains(bytes)).ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        let why = format!("limits.memory {text:?} must be 1Mi to 4Gi, as in \"64Mi\" or \"67108864\"");
        ApiError::bad_request("invalid_memory", why)
    })
}

fn annotation<'a>(deployment: &'a FunctionDeployment, key: &str) -> Option<&'a str> {
    deployment.annotations.as_ref()?.get(key).map(String::as_str)
}

fn timeout_of(deployment: &FunctionDeployment, limits: &Limits) -> Result<Duration, ApiError> {
    let Some(text) = annotation(deployment, TIMEOUT_ANNOTATION) else { return Ok(limits.default_timeout) };
    let millis = text.parse().ok().filter(|millis| FUNCTION_TIMEOUT_MS.contains(millis)).ok_or_else(|| {
        ApiError::bad_request(
            "invalid_timeout",
            format!("{TIMEOUT_ANNOTATION} must be a whole number from 1 to 300000"),
        )
    })?;
    Ok(Duration::from_millis(millis))
}

fn access_of(deployment: &FunctionDeployment) -> Result<Access, ApiError> {
    let Some(text) = annotation(deployment, access::ANNOTATION) else { return Ok(Access::Public) };
    Access::parse(text).ok_or_else(|| {
        ApiError::bad_request(
            "invalid_access",
            format!("{} must be public, owner or token-sha256:<64 hex digits>", access::ANNOTATION),
        )
    })
}

fn egress_of(deployment: &FunctionDeployment) -> Result<Egress, ApiError> {
    let text = annotation(deployment, EGRESS_ANNOTATION).unwrap_or_default();
    Egress::parse(text).map_err(|problem| ApiError::bad_request("invalid_egress", problem))
}

fn arguments_of(deployment: &FunctionDeployment) -> Result<Vec<String>, ApiError> {
    let process = deployment.env_process.as_deref().unwrap_or_default();
    if process.contains('\0') {
        return Err(ApiError::bad_request("invalid_process", "envProcess holds a NUL"));
    }
    let words: Vec<String> = process.split_whitespace().map(str::to_owned).collect();
    Ok(if words.is_empty() { vec![deployment.service.clone()] } else { words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> FunctionDeployment {
        FunctionDeployment {
            service: "stats-7".into(),
            image: format!("module:sha256:{}", Digest::of(b"module")),
            ..FunctionDeployment::default()
        }
    }

    fn plan(change: impl FnOnce(&mut FunctionDeployment)) -> Result<Plan, &'static str> {
        let mut deployment = deployment();
        change(&mut deployment);
        Plan::of(&deployment, Digest::of(b"module"), &Limits::default()).map_err(|error| error.code)
    }

    fn annotated(key: &str, value: &str) -> Result<Plan, &'static str> {
        plan(|d| d.annotations = Some([(key.to_owned(), value.to_owned())].into()))
    }

    fn with_memory(memory: &str) -> Result<Plan, &'static str> {
        plan(|d| d.limits = Some(FunctionResources { memory: Some(memory.into()), ..FunctionResources::default() }))
    }

    #[test]
    fn defaults_are_those_of_the_gateway_and_of_openfaas() {
        let plan = plan(|_| ()).expect("a plain deployment");
        assert_eq!(plan.memory_bytes, 128 << 20);
        assert_eq!(plan.timeout, Duration::from_secs(60));
        assert_eq!(plan.access, Access::Public);
        assert_eq!(plan.arguments, ["stats-7"]);
    }

    #[test]
    fn names_are_dns_labels() {
        assert!(plan(|d| d.service = "7up".into()).is_ok());
        for name in ["", "a.b", "a/b", "..", "ä"] {
            assert_eq!(plan(|d| d.service = name.into()), Err("invalid_name"));
        }
    }

    #[test]
    fn a_namespace_must_be_one_that_can_exist() {
        assert!(plan(|d| d.namespace = Some("other".into())).is_ok());
        assert!(plan(|d| d.namespace = Some(String::new())).is_ok());
        assert_eq!(plan(|d| d.namespace = Some("../other".into())), Err("unknown_namespace"));
    }

    #[test]
    fn memory_has_a_lower_and_an_upper_end() {
        assert_eq!(with_memory("1Mi").expect("the least").memory_bytes, 1 << 20);
        assert_eq!(with_memory("4294967296").expect("the most").memory_bytes, 4 << 30);
        for text in ["1048575", "4294967297", "0", "lots"] {
            assert_eq!(with_memory(text), Err("invalid_memory"), "{text}");
        }
    }

    #[test]
    fn timeout_has_a_lower_and_an_upper_end() {
        assert_eq!(annotated(TIMEOUT_ANNOTATION, "1").expect("the least").timeout, Duration::from_millis(1));
        assert_eq!(annotated(TIMEOUT_ANNOTATION, "300000").expect("the most").timeout, Duration::from_secs(300));
        for text in ["0", "300001", "-1", "1s", ""] {
            assert_eq!(annotated(TIMEOUT_ANNOTATION, text), Err("invalid_timeout"), "{text}");
        }
    }

    #[test]
    fn a_misspelt_access_is_refused_rather_than_public() {
        assert_eq!(annotated(access::ANNOTATION, "private"), Err("invalid_access"));
        assert_eq!(annotated(access::ANNOTATION, "owner").expect("owner").access, Access::Owner);
    }

    #[test]
    fn nothing_outside_is_in_reach_unless_it_is_named() {
        assert_eq!(*plan(|_| ()).expect("a plain deployment").egress, Egress::default());
        assert!(annotated(EGRESS_ANNOTATION, "example.org").expect("a host").egress.allows("example.org", 80, 80));
        assert_eq!(annotated(EGRESS_ANNOTATION, "https://example.org"), Err("invalid_egress"));
    }

    #[test]
    fn what_only_shares_out_machines_is_taken_and_named() {
        let resources = |text: &str| FunctionResources { cpu: Some(text.into()), ..FunctionResources::default() };
        let plain = plan(|d| (d.limits, d.constraints) = (Some(resources("")), Some(Vec::new())));
        assert!(plain.expect("nothing asked").not_honoured.is_empty());
        let asked = plan(|d| (d.limits, d.constraints) = (Some(resources("100m")), Some(vec!["zone=a".into()])));
        assert_eq!(asked.expect("taken").not_honoured, ["limits.cpu", "constraints"]);
        assert_eq!(plan(|d| d.limits = Some(resources("lots"))), Err("invalid_cpu"));
        assert!(plan(|d| d.requests = Some(resources("100m"))).expect("taken").not_honoured.is_empty());
    }

    #[test]
    fn limits_that_nobody_knows_are_refused_unless_they_are_null() {
        let limits = |text: &str| serde_json::from_str(text).expect("limits");
        let gpu = plan(|d| d.limits = Some(limits(r#"{"memory":"5Mi","nvidia.com/gpu":"1"}"#)));
        assert_eq!(gpu, Err("unsupported_field"));
        assert!(plan(|d| d.limits = Some(limits(r#"{"memory":"5Mi","nvidia.com/gpu":null}"#))).is_ok());
    }

    #[test]
    fn the_process_becomes_the_arguments() {
        assert_eq!(
            plan(|d| d.env_process = Some(" stats  --exact ".into())).expect("words").arguments,
            ["stats", "--exact"]
        );
    }

    #[test]
    fn environment_names_cannot_hold_an_equals_sign() {
        assert_eq!(plan(|d| d.env_vars = Some([("a=b".into(), "c".into())].into())), Err("invalid_environment"));
        assert!(plan(|d| d.env_vars = Some([("a".into(), "b=c".into())].into())).is_ok());
    }
}
