//! What can be done about a contract's work.

use grid_types::{bus::WorkloadState, deployment::ModuleDigest};

/// Something to do. Actions of one contract are done in their order, up to the first that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// See to it that the gateway has the module.
    PutModule(Target, ModuleDigest),
    /// Make a function that is not there.
    Deploy(Target),
    /// Replace a function that is not what was accepted.
    Update(Target),
    /// Remove a function; `wanted` if its workload is still part of the deployment, with the reason to tell.
    Remove(Target, Option<&'static str>),
    /// Forget a workload that is no longer part of the deployment, and of which nothing runs.
    Drop(Target),
    /// Remove from the gateway the secrets that only earlier versions of the deployment had.
    DropSecrets(u64),
    /// Note where a workload stands.
    Note(Target, WorkloadState, &'static str),
    /// Tell the chain that this version runs.
    ReportDeployed(u64, u32),
    /// Tell the chain that this version does not come to run, and why.
    ReportFailed(u64, u32, String),
    /// Note that the contract has another hash than what runs.
    MarkOutdated(u64),
    /// Note that it has the same again.
    ClearOutdated(u64),
    /// The contract is over and its functions are gone: keep its data aside.
    SetAside(u64, &'static str),
    /// It has been kept long enough.
    Forget(u64),
}

/// One workload of one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The contract.
    pub contract_id: u64,
    /// The workload's name.
    pub workload: String,
    /// The function's name on the gateway.
    pub function: String,
}

impl Action {
    /// Its kind, for counting.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PutModule(..) => "put_module",
            Self::Deploy(_) => "deploy",
            Self::Update(_) => "update",
            Self::Remove(..) => "remove",
            Self::Drop(_) => "drop",
            Self::DropSecrets(_) => "drop_secrets",
            Self::Note(..) => "note",
            Self::ReportDeployed(..) => "report_deployed",
            Self::ReportFailed(..) => "report_failed",
            Self::MarkOutdated(_) | Self::ClearOutdated(_) => "mark",
            Self::SetAside(..) => "set_aside",
            Self::Forget(_) => "forget",
        }
    }

    /// The contract it is about.
    pub const fn contract_id(&self) -> u64 {
        match self {
            Self::PutModule(target, _)
            | Self::Deploy(target)
            | Self::Update(target)
            | Self::Remove(target, _)
            | Self::Drop(target)
            | Self::Note(target, ..) => target.contract_id,
            Self::DropSecrets(id)
            | Self::ReportDeployed(id, _)
            | Self::ReportFailed(id, ..)
            | Self::MarkOutdated(id)
            | Self::ClearOutdated(id)
            | Self::SetAside(id, _)
            | Self::Forget(id) => *id,
        }
    }
}
