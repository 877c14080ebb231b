//! Does what was decided, and notes what came of it. All knowledge of what *should* be done is in [`super::decide`].

use super::{
    backoff,
    decide::{Action, Target},
    trouble::{fail, Class, Trouble, PATIENCE},
};
use crate::{
    chain::{Chain, ChainError, Outcome},
    clock,
    faas::{secret_name, Faas, FunctionSpec, SecretSpec},
    metrics::Metrics,
    store::{
        deployments::{Step, Task},
        Store,
    },
};
use grid_types::{
    bus::WorkloadState,
    deployment::{Digest, ModuleDigest},
};
use std::{collections::BTreeSet, sync::Arc};
use tokio_util::sync::CancellationToken;

/// How long a report to the chain may take to become final before it is sent again, seconds.
const REPORT_PATIENCE: u64 = 30;
/// How long a function may take to become ready before it is deployed again, seconds.
const READY_PATIENCE: u64 = 5;

/// What acts.
pub struct Hands {
    /// Where results are noted.
    pub store: Store,
    /// What is told of them.
    pub chain: Arc<dyn Chain>,
    /// What runs the functions.
    pub faas: Faas,
    /// This node.
    pub node_id: u32,
    /// The longest pause between two attempts, seconds.
    pub max_backoff: u64,
    /// Where actions are counted.
    pub metrics: Metrics,
}

/// How the actions of a contract came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    /// All are done, or the first that failed is noted with its next try.
    Noted,
    /// One failed and that could not be noted: whoever decides must remember to pause by himself.
    Unnoted,
    /// What was decided is not wanted any more.
    Cancelled,
}

impl Hands {
    /// Does one contract's actions in their order, up to the first that fails; its failure is noted for the next time. What
    /// is under way when `cancel` comes is dropped: the next look finds how far it came.
    pub async fn perform(&self, actions: Vec<Action>, cancel: &CancellationToken) -> Performed {
        for action in &actions {
            let done = tokio::select! {
                biased;
                () = cancel.cancelled() => return Performed::Cancelled,
                done = tokio::time::timeout(PATIENCE, self.act(action)) => done.unwrap_or(Err(Trouble::TimedOut)),
            };
            self.metrics.acted(action.kind(), done.is_ok());
            let Err(trouble) = done else { continue };
            tracing::warn!(contract = action.contract_id(), ?action, error = %trouble, "this did not work; it will be tried again");
            let replaces = |other: &Action| matches!((other, action), (Action::Update(one), Action::PutModule(two, _)) if one == two);
            let serving = matches!(action, Action::Update(_)) || actions.iter().any(replaces);
            return match self.note_failure(action, &trouble, serving).await {
                Ok(true) => Performed::Noted,
                Ok(false) => Performed::Unnoted,
                Err(error) => {
                    tracing::error!(contract = action.contract_id(), %error, "the failure could not be noted");
                    Performed::Unnoted
                },
            };
        }
        Performed::Noted
    }

    async fn act(&self, action: &Action) -> Result<(), Trouble> {
        match action {
            Action::PutModule(_, module) => self.put_module(*module).await,
            Action::Deploy(target) => self.apply(target, false).await,
            Action::Update(target) => self.apply(target, true).await,
            Action::Remove(target, reason) => self.remove(target, *reason).await,
            Action::Drop(target) => self.drop_workload(target).await,
            Action::DropSecrets(id) => self.drop_secrets(*id).await,
            Action::Note(target, state, message) => self.note(target, *state, message).await,
            Action::ReportDeployed(id, version) => self.report(*id, *version, Outcome::Deployed).await,
            Action::ReportFailed(id, version, reason) => {
                self.report(*id, *version, Outcome::Failed(reason.clone())).await
            },
            Action::MarkOutdated(id) => self.set_outdated(*id, Some(clock::now())).await,
            Action::ClearOutdated(id) => self.set_outdated(*id, None).await,
            Action::SetAside(id, cause) => self.set_aside(*id, cause).await,
            Action::Forget(id) => self.forget(*id).await,
        }
    }

    async fn put_module(&self, module: ModuleDigest) -> Result<(), Trouble> {
        let hex = module.hex();
        if self.faas.has_module(&hex).await? {
            return Ok(());
        }
        let bytes = self.store.module(module.0).await?.ok_or(Trouble::ModuleMissing(module))?;
        crate::step::reached("engine.module_offering");
        self.faas.put_module(&hex, bytes).await?;
        crate::step::reached("engine.module_offered");
        Ok(())
    }

    /// Deploys what is stored *now*, which may be newer than what was decided on.
    async fn apply(&self, target: &Target, present: bool) -> Result<(), Trouble> {
        let contract_id = target.contract_id;
        let stored = self.store.read(move |read| read.stored(contract_id)).await?;
        let Some(stored) = stored.filter(|stored| stored.ended.is_none()) else { return Ok(()) };
        let Some(workload) = stored.deployment.workload(&target.workload) else { return Ok(()) };
        // What was decided on may have had another module.
        self.put_module(workload.data.module).await?;
        let spec = FunctionSpec::of(workload, contract_id, self.node_id);
        crate::step::reached("engine.applying");
        for secret in SecretSpec::all(workload, contract_id) {
            self.faas.put_secret(&secret).await?;
        }
        crate::step::reached("engine.secrets_given");
        if present {
            self.faas.replace(&spec).await?;
        } else {
            self.faas.create(&spec).await?;
        }
        crate::step::reached("engine.applied");
        tracing::info!(contract = contract_id, function = %target.function, "deployed");
        // Until the gateway lists it as ready this counts as an attempt that has not worked yet.
        self.change_task(contract_id, Step::Function(target.workload.clone()), |task, now| {
            task.tries += 1;
            task.next_try = now + READY_PATIENCE;
            task.reason = "deployed, but the gateway does not call it ready".to_owned();
        })
        .await?;
        crate::step::reached("engine.apply_noted");
        Ok(())
    }

    async fn drop_secrets(&self, contract_id: u64) -> Result<(), Trouble> {
        let stored = self.store.read(move |read| read.stored(contract_id)).await?;
        let past = stored.map(|stored| stored.past_secrets()).unwrap_or_default();
        self.remove_secrets(names(&past, contract_id)).await?;
        crate::step::reached("engine.secrets_dropped");
        // Another version may have been accepted meanwhile, and have dropped more.
        let noted = self.store.write(move |write| {
            write.amend(contract_id, |stored| stored.dropped_secrets.retain(|secret| !past.contains(secret)))
        });
        Ok(noted.await?)
    }

    async fn remove_secrets(&self, names: impl IntoIterator<Item = String>) -> Result<(), Trouble> {
        for name in names {
            self.faas.remove_secret(&name).await?;
        }
        Ok(())
    }

    async fn remove(&self, target: &Target, reason: Option<&'static str>) -> Result<(), Trouble> {
        let before = self.faas.status(&target.function).await?;
        crate::step::reached("engine.removing");
        self.faas.remove(&target.function).await?;
        crate::step::reached("engine.removed");
        self.remove_secrets(before.map(|before| before.secrets).unwrap_or_default()).await?;
        crate::step::reached("engine.secrets_removed");
        tracing::info!(contract = target.contract_id, function = %target.function, reason, "removed");
        let Target { contract_id, workload, .. } = target.clone();
        let noted = self.store.write(move |write| {
            write.clear_task(contract_id, &Step::Removal(workload.clone()))?;
            write.clear_task(contract_id, &Step::Function(workload.clone()))?;
            match reason {
                Some(reason) => write.set_standing(contract_id, &workload, WorkloadState::Error, reason, clock::now()),
                None => write.drop_standing(contract_id, &workload, clock::now()),
            }
        });
        noted.await?;
        crate::step::reached("engine.removal_noted");
        Ok(())
    }

    async fn drop_workload(&self, target: &Target) -> Result<(), Trouble> {
        let Target { contract_id, workload, .. } = target.clone();
        let noted = self.store.write(move |write| {
            write.clear_task(contract_id, &Step::Removal(workload.clone()))?;
            write.clear_task(contract_id, &Step::Function(workload.clone()))?;
            write.drop_standing(contract_id, &workload, clock::now())
        });
        Ok(noted.await?)
    }

    async fn note(&self, target: &Target, state: WorkloadState, message: &'static str) -> Result<(), Trouble> {
        let Target { contract_id, workload, .. } = target.clone();
        let noted = self.store.write(move |write| {
            write.clear_task(contract_id, &Step::Function(workload.clone()))?;
            write.set_standing(contract_id, &workload, state, message, clock::now())
        });
        Ok(noted.await?)
    }

    async fn report(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), Trouble> {
        let failed = matches!(outcome, Outcome::Failed(_));
        crate::step::reached("engine.reporting");
        let told = self.chain.report_deployment(contract_id, version, outcome).await;
        crate::step::reached("engine.reported");
        // A failure that the chain may not have heard is told again: nothing on chain reminds of it.
        let noted_failure = failed && told.is_ok();
        match told {
            Ok(()) => tracing::info!(contract = contract_id, version, failed, "told the chain"),
            Err(ChainError::Uncertain(reason)) => {
                tracing::warn!(contract = contract_id, version, reason, "told the chain, not sure that it heard");
            },
            Err(error) => return Err(error.into()),
        }
        let noted = self.store.write(move |write| {
            if noted_failure {
                write.amend(contract_id, |stored| stored.failed_version = Some(version))?;
            }
            let next_try = clock::now() + REPORT_PATIENCE;
            let reason = "told the chain, not final yet".to_owned();
            write.put_task(contract_id, &Step::Report, &Task { next_try, reason, ..Task::default() }).map(drop)
        });
        noted.await?;
        crate::step::reached("engine.report_noted");
        Ok(())
    }

    async fn set_outdated(&self, contract_id: u64, since: Option<u64>) -> Result<(), Trouble> {
        let noted = self.store.write(move |write| write.amend(contract_id, |stored| stored.outdated_since = since));
        Ok(noted.await?)
    }

    async fn set_aside(&self, contract_id: u64, cause: &'static str) -> Result<(), Trouble> {
        // Also those of functions that never came to run, and those that a kill has left.
        let stored = self.store.read(move |read| read.stored(contract_id)).await?;
        let secrets = stored.map(|stored| stored.secrets()).unwrap_or_default();
        self.remove_secrets(names(&secrets, contract_id)).await?;
        self.store.write(move |write| write.end(contract_id, cause, clock::now())).await?;
        crate::step::reached("engine.set_aside");
        tracing::info!(contract = contract_id, cause, "over; its data is kept aside");
        Ok(())
    }

    async fn forget(&self, contract_id: u64) -> Result<(), Trouble> {
        let modules: Vec<Digest> = self.store.write(move |write| write.forget(contract_id)).await?;
        crate::step::reached("engine.forgotten");
        self.store.drop_unused_modules(modules).await?;
        crate::step::reached("engine.modules_dropped");
        tracing::info!(contract = contract_id, "forgotten");
        Ok(())
    }

    /// Notes a failure with its next try; `false` if there is no place for it, as for functions that no record tells of.
    async fn note_failure(&self, action: &Action, trouble: &Trouble, serving: bool) -> Result<bool, Trouble> {
        let (reason, class) = (trouble.to_string(), trouble.class());
        let (target, step) = match action {
            Action::PutModule(target, _) | Action::Deploy(target) | Action::Update(target) => {
                (target, Step::Function(target.workload.clone()))
            },
            Action::Remove(target, _) => (target, Step::Removal(target.workload.clone())),
            Action::ReportDeployed(id, _) | Action::ReportFailed(id, ..) => {
                return self.defer_report(*id, reason).await.map(|()| true);
            },
            _ => return Ok(false),
        };
        let message = match (&step, serving) {
            (Step::Removal(_), _) => format!("cannot be removed yet: {reason}"),
            (_, true) => format!("the earlier version keeps serving: {reason}"),
            (_, false) => reason.clone(),
        };
        let (Target { contract_id, workload, .. }, longest) = (target.clone(), self.max_backoff);
        let noted = self.store.write(move |write| {
            let now = clock::now();
            let mut task = write.task(contract_id, &step)?;
            fail(&mut task, class, reason, now, longest);
            let known = write.put_task(contract_id, &step, &task)?;
            // While it only waits, it has not failed.
            let state = if class == Class::Waits { WorkloadState::Init } else { WorkloadState::Error };
            write.set_standing(contract_id, &workload, state, &message, now)?;
            Ok(known)
        });
        let known = noted.await?;
        crate::step::reached("engine.failure_noted");
        Ok(known)
    }

    async fn defer_report(&self, contract_id: u64, reason: String) -> Result<(), Trouble> {
        let longest = self.max_backoff;
        self.change_task(contract_id, Step::Report, move |task, now| {
            task.tries += 1;
            task.next_try = now + backoff::after(task.tries, longest);
            task.reason = reason;
        })
        .await
    }

    async fn change_task(
        &self,
        contract_id: u64,
        step: Step,
        change: impl FnOnce(&mut Task, u64) + Send + 'static,
    ) -> Result<(), Trouble> {
        let noted = self.store.write(move |write| {
            let mut task = write.task(contract_id, &step)?;
            change(&mut task, clock::now());
            write.put_task(contract_id, &step, &task).map(drop)
        });
        Ok(noted.await?)
    }
}

/// The names on the gateway of a contract's secrets, of which workload and mount are given.
fn names(secrets: &BTreeSet<(String, String)>, contract_id: u64) -> impl Iterator<Item = String> + '_ {
    secrets.iter().map(move |(workload, mount)| secret_name(mount, workload, contract_id))
}
