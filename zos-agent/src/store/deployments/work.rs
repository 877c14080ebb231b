//! What is known about one contract's work.

use grid_types::{bus::WorkloadState, deployment::Deployment};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A deployment that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The deployment.
    pub deployment: Deployment,
    /// Its hash.
    pub hash: [u8; 32],
    /// When it was accepted, Unix seconds.
    pub accepted_at: u64,
    /// Since when it is only kept aside, and why.
    pub ended: Option<Ended>,
    /// Since when the contract has had another hash, Unix seconds.
    pub outdated_since: Option<u64>,
    /// The contract's version whose failure has been reported.
    pub failed_version: Option<u32>,
    /// Workload and mount of secrets that earlier versions had, and that the gateway may still have.
    #[serde(default)]
    pub dropped_secrets: BTreeSet<(String, String)>,
}

impl Stored {
    /// Workload and mount of the secrets that the deployment has.
    fn own_secrets(&self) -> BTreeSet<(String, String)> {
        let workloads = self.deployment.workloads.iter();
        let secrets = workloads
            .flat_map(|workload| workload.data.secrets().map(|(mount, _)| (workload.name.clone(), mount.to_owned())));
        secrets.collect()
    }

    /// Of those that the gateway may have of this contract, the ones that only earlier versions had.
    pub fn past_secrets(&self) -> BTreeSet<(String, String)> {
        &self.dropped_secrets - &self.own_secrets()
    }

    /// All that the gateway may have of this contract.
    pub fn secrets(&self) -> BTreeSet<(String, String)> {
        &self.dropped_secrets | &self.own_secrets()
    }
}

/// The end of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When the agent saw it, Unix seconds.
    pub at: u64,
    /// Why.
    pub cause: String,
}

/// Where a workload stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Init, running, failed or gone.
    pub state: WorkloadState,
    /// Why, if there is more to say.
    pub message: String,
    /// Since when, Unix seconds.
    pub since: u64,
}

/// Something to be done, and what came of earlier attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Attempts that failed.
    pub tries: u32,
    /// Not before this, Unix seconds.
    pub next_try: u64,
    /// Why the last attempt failed.
    pub reason: String,
    /// Whether the failure would be the same again, as far as one can tell.
    pub hopeless: bool,
    /// Attempts since the last failure that came to nothing because somebody who is needed was away.
    #[serde(default)]
    pub waits: u32,
}

/// What a task is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Making this workload's function what it should be.
    Function(String),
    /// Removing this workload's function. Apart, so that failed attempts to make it do not delay its removal.
    Removal(String),
    /// Telling the chain.
    Report,
}

/// Everything that is known about one contract's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What was accepted.
    pub stored: Stored,
    /// Where its workloads stand, by name.
    pub standings: BTreeMap<String, Standing>,
    /// What is waiting or has failed.
    pub tasks: BTreeMap<Step, Task>,
}

/// What became of a deployment that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// It is new and will be worked on.
    New,
    /// It is what is there already.
    Same,
    /// Another one is there, with this version.
    Conflict(u32),
}

impl Step {
    const REPORT: &'static str = "report";
    const FUNCTION: &'static str = "function/";
    const REMOVAL: &'static str = "removal/";

    pub(super) fn key(&self) -> String {
        match self {
            Self::Function(workload) => format!("{}{workload}", Self::FUNCTION),
            Self::Removal(workload) => format!("{}{workload}", Self::REMOVAL),
            Self::Report => Self::REPORT.to_owned(),
        }
    }

    pub(super) fn from_key(key: &str) -> Self {
        if let Some(workload) = key.strip_prefix(Self::FUNCTION) {
            return Self::Function(workload.to_owned());
        }
        key.strip_prefix(Self::REMOVAL).map_or(Self::Report, |workload| Self::Removal(workload.to_owned()))
    }
}
