//! `zos.deployment.deploy` and `.update`: accepted or refused at once, carried out by the engine.

use super::Desk;
use crate::{checks, clock, store::deployments::Acceptance};
use grid_types::{
    bus::{Accepted, Code, Deploy, Failure},
    deployment::Deployment,
};
use std::collections::{BTreeMap, BTreeSet};

impl Desk {
    pub(super) async fn deploy(&self, sender: u32, request: Deploy, update: bool) -> Result<Accepted, Failure> {
        let deployment = Deployment::from_value(request.deployment)?;
        if deployment.contract_id != request.contract_id {
            return Err(Failure::new(
                Code::InvalidDeployment,
                format!(
                    "the deployment names contract {}, the request {}",
                    deployment.contract_id, request.contract_id
                ),
            ));
        }
        let contract = self.contract(request.contract_id).await?;
        let accepted = checks::check(&deployment, contract.as_ref(), &self.context(sender))?;
        self.check_signatures(&deployment, &accepted.hash).await?;
        self.check_modules(&deployment, accepted.contract.resources.sru).await?;
        self.accept(deployment, accepted.hash, update).await
    }

    /// All who were asked to sign have signed, or enough of them.
    async fn check_signatures(&self, deployment: &Deployment, hash: &[u8; 32]) -> Result<(), Failure> {
        let Some(requirement) = &deployment.signature_requirement else { return Ok(()) };
        let mut accounts = BTreeMap::new();
        for signature in &requirement.signatures {
            accounts.insert(signature.twin_id, self.accounts.of(signature.twin_id, None).await?);
        }
        checks::signatures(requirement, deployment.twin_id, hash, &accounts)
    }

    /// All modules are here, put for this contract, and fit into the disk it reserves.
    async fn check_modules(&self, deployment: &Deployment, reserved: u64) -> Result<(), Failure> {
        let contract_id = deployment.contract_id;
        let here = self.store.read(move |read| read.modules_of(contract_id)).await?;
        let wanted: BTreeSet<_> = deployment.workloads.iter().map(|workload| workload.data.module).collect();
        let mut needed = 0_u64;
        for module in wanted {
            let size = here.get(&module.0).ok_or_else(|| {
                Failure::new(
                    Code::ModuleMissing,
                    format!(
                        "module {module} was not put for contract {contract_id}; send it with zos.module.put first"
                    ),
                )
            })?;
            needed = needed.saturating_add(*size);
        }
        if needed > reserved {
            return Err(Failure::new(
                Code::OverReserved,
                format!("the modules have {needed} bytes, the contract reserves {reserved} of fast disk (sru)"),
            ));
        }
        Ok(())
    }

    async fn accept(&self, deployment: Deployment, hash: [u8; 32], update: bool) -> Result<Accepted, Failure> {
        let (contract_id, version) = (deployment.contract_id, deployment.version);
        crate::step::reached("deploy.checked");
        let acceptance = self
            .store
            .write(move |write| {
                let now = clock::now();
                let acceptance = write.accept(deployment, hash, update, now)?;
                // Sent again: whoever asks is there to see what comes of it, so nothing waits any longer.
                if acceptance == Acceptance::Same {
                    write.hasten(contract_id, now)?;
                }
                Ok(acceptance)
            })
            .await?;
        crate::step::reached("deploy.stored");
        match acceptance {
            Acceptance::Conflict(present) if update => Err(Failure::new(
                Code::VersionConflict,
                format!("version {present} is here; an update needs a higher one than {version}"),
            )),
            Acceptance::Conflict(present) => Err(Failure::new(
                Code::VersionConflict,
                format!("version {present} is here already; send the new one with zos.deployment.update"),
            )),
            Acceptance::New | Acceptance::Same => {
                tracing::info!(contract = contract_id, version, ?acceptance, "accepted");
                self.nudge.contract(contract_id);
                Ok(Accepted { accepted: true, version })
            },
        }
    }
}
