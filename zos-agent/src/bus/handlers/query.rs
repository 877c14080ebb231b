//! `zos.deployment.get`, `.changes`, `.list`: what was accepted and what came of it. Asked of the store alone, so they answer
//! also while the chain cannot be asked, and for ended contracts as long as their data is kept.

use super::Desk;
use crate::store::deployments::{Step, Work};
use grid_types::{
    bus::{Change, Code, DeploymentState, Empty, Failure, OfContract, WorkloadState, WorkloadStatus},
    deployment::Workload,
};

impl Desk {
    pub(super) async fn deployment(&self, sender: u32, request: OfContract) -> Result<DeploymentState, Failure> {
        let work = self.senders_work(sender, request.contract_id).await?;
        let workloads = work.stored.deployment.workloads.iter().map(|workload| self.status(&work, workload)).collect();
        Ok(DeploymentState { deployment: work.stored.deployment.without_secrets().to_value(), workloads })
    }

    pub(super) async fn changes(&self, sender: u32, request: OfContract) -> Result<Vec<Change>, Failure> {
        self.senders_work(sender, request.contract_id).await?;
        Ok(self.store.read(move |read| read.changes(request.contract_id)).await?)
    }

    pub(super) async fn deployments(&self, sender: u32, _: Empty) -> Result<Vec<u64>, Failure> {
        let works = self.store.read(|read| read.works()).await?;
        let senders = works
            .into_iter()
            .filter(|(_, work)| work.stored.deployment.twin_id == sender && work.stored.ended.is_none());
        Ok(senders.map(|(contract_id, _)| contract_id).collect())
    }

    /// What was accepted from this sender for this contract.
    pub(super) async fn senders_work(&self, sender: u32, contract_id: u64) -> Result<Work, Failure> {
        let work = self.store.read(move |read| read.work(contract_id)).await?.ok_or_else(|| {
            Failure::new(
                Code::ContractNotFound,
                format!("nothing was deployed for contract {contract_id} on this node"),
            )
        })?;
        if work.stored.deployment.twin_id != sender {
            return Err(Failure::new(Code::WrongSender, format!("contract {contract_id} is not twin {sender}'s")));
        }
        Ok(work)
    }

    fn status(&self, work: &Work, workload: &Workload) -> WorkloadStatus {
        let function = workload.function_name(work.stored.deployment.contract_id);
        let standing = work.standings.get(&workload.name);
        let steps = [Step::Removal(workload.name.clone()), Step::Function(workload.name.clone())];
        let next_try = steps.iter().filter_map(|step| work.tasks.get(step)).map(|task| task.next_try).min();
        WorkloadStatus {
            name: workload.name.clone(),
            state: standing.map_or(WorkloadState::Init, |standing| standing.state),
            message: standing.map(|standing| standing.message.clone()).unwrap_or_default(),
            url: format!("{}/function/{function}", self.public_url),
            function,
            since: standing.map_or(work.stored.accepted_at, |standing| standing.since),
            next_try,
        }
    }
}
