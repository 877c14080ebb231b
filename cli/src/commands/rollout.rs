//! Sending a deployment to its node and waiting until it runs.

use crate::{deployment::Prepared, error::CliError, output::Output};
use grid_client::{Bus, BusError};
use grid_types::bus::{
    Accepted, Code, Deploy, DeploymentState, ModulePut, ModuleStored, OfContract, WorkloadState, WorkloadStatus,
    DEPLOYMENT_GET, MODULE_PUT,
};
use serde::{de::DeserializeOwned, Serialize};
use std::time::{Duration, Instant};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a node may need to learn what its owner has just seen become final.
const LAG: Duration = Duration::from_secs(20);

/// The code of a deployment that its node has given up.
const OVER: &str = "deployment_over";

/// One rollout.
pub struct Rollout<'a> {
    /// The node's door.
    pub bus: &'a Bus,
    /// Where to say what goes on.
    pub out: Output,
    /// When to give up.
    pub deadline: Instant,
    /// Until when the node may not know yet what is on chain.
    pub known_by: Instant,
}

impl<'a> Rollout<'a> {
    /// For a contract that has just been made or changed, or for one that the node has had time to learn of.
    pub fn new(bus: &'a Bus, out: Output, seconds: u64, just_changed: bool) -> Self {
        let now = Instant::now();
        let known_by = if just_changed { now + LAG } else { now };
        Self { bus, out, deadline: now + Duration::from_secs(seconds), known_by }
    }

    /// Puts the modules, sends the deployment by `command`, and waits until every workload runs.
    pub async fn run(&self, command: &str, prepared: &Prepared) -> Result<Vec<WorkloadStatus>, CliError> {
        let deployment = &prepared.deployment;
        for (digest, module) in &prepared.modules {
            self.out.note(format!("sending module {digest}, {} bytes", module.len()));
            let put = ModulePut { contract_id: deployment.contract_id, sha256: digest.0, module: module.clone() };
            let _stored: ModuleStored = self.persist(MODULE_PUT, &put).await?;
        }
        self.out.note("sending the deployment");
        let _accepted: Accepted = self.persist(command, &Deploy::of(deployment)).await?;
        self.out.note("accepted; waiting until it runs");
        self.until_it_runs(deployment.contract_id, deployment.version).await
    }

    /// Sends a command again while that may help.
    async fn persist<P: Serialize, R: DeserializeOwned>(&self, command: &str, payload: &P) -> Result<R, CliError> {
        loop {
            match self.bus.call(command, payload).await {
                Ok(result) => return Ok(result),
                Err(error) if self.passes(&error) => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn until_it_runs(&self, contract_id: u64, version: u32) -> Result<Vec<WorkloadStatus>, CliError> {
        loop {
            let state: DeploymentState = self.persist(DEPLOYMENT_GET, &OfContract { contract_id }).await?;
            let current = state.deployment.get("version").and_then(serde_json::Value::as_u64) == Some(version.into());
            let runs = |workload: &WorkloadStatus| workload.state == WorkloadState::Ok;
            if current && state.workloads.iter().all(runs) {
                return Ok(state.workloads);
            }
            let why = || {
                let not_running = state.workloads.iter().filter(|workload| !runs(workload)).map(|workload| {
                    format!("{} is {} {}", workload.name, workload.state.as_str(), workload.message).trim().to_owned()
                });
                not_running.collect::<Vec<_>>().join("; ")
            };
            if current && state.workloads.iter().all(|workload| workload.state == WorkloadState::Deleted) {
                return Err(CliError::failed(OVER, format!("its contract is over: {}", why()))
                    .hint("mend what the message names and deploy it anew: grid deploy FILE --node NODE"));
            }
            if Instant::now() >= self.deadline {
                return Err(CliError::failed("not_running", format!("it does not run yet: {}", why()))
                    .hint(format!("see: grid status {contract_id}; give up with: grid cancel {contract_id}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether a refusal may pass by itself. A node that asks another endpoint learns of a block a little later.
    fn passes(&self, error: &BusError) -> bool {
        let behind =
            matches!(error.refusal(), Some(Code::ContractNotFound | Code::HashMismatch | Code::VersionConflict));
        let now = Instant::now();
        now < self.deadline && (error.retryable() || (behind && now < self.known_by))
    }
}

/// An error after the chain has agreed: unless it is over, the contract stands, and what was agreed can be sent again.
pub fn go_on(error: CliError, node: u32, contract_id: u64) -> CliError {
    if error.code == OVER {
        return error;
    }
    let again = format!(
        "the contract stands: go on with: grid deploy FILE --node {node} --contract {contract_id}, or end it: grid cancel \
         {contract_id}"
    );
    let hint = if error.hint.is_empty() { again } else { format!("{}; {again}", error.hint) };
    error.hint(hint)
}

/// The rows of a table of workloads.
pub fn rows(workloads: &[WorkloadStatus]) -> Vec<Vec<String>> {
    let row = |workload: &WorkloadStatus| {
        let WorkloadStatus { name, state, function, url, message, .. } = workload;
        vec![name.clone(), state.as_str().into(), function.clone(), url.clone(), message.clone()]
    };
    workloads.iter().map(row).collect()
}

/// The header of these.
pub const HEADER: [&str; 5] = ["WORKLOAD", "STATE", "FUNCTION", "URL", "MESSAGE"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_chain_has_agreed_an_error_says_how_to_go_on() {
        for hint in ["", "wait"] {
            let error = go_on(CliError::failed("not_running", "it does not run yet").hint(hint), 3, 7);
            assert!(error.hint.starts_with(hint));
            assert!(error.hint.contains("grid deploy FILE --node 3 --contract 7,"), "{}", error.hint);
        }
        let over = go_on(CliError::failed(OVER, "it is over").hint("deploy it anew"), 3, 7);
        assert_eq!(over.hint, "deploy it anew");
    }
}
