//! What was accepted, where each workload stands, what is to be done about it, and how it got there.

mod work;

pub use work::{Acceptance, Ended, Standing, Step, Stored, Task, Work};

use super::{decode, encode, Read, StoreError, Write};
use grid_types::{
    bus::{Change, WorkloadState},
    deployment::{Deployment, Digest},
};
use redb::{ReadableTable, TableDefinition};
use std::collections::BTreeMap;

/// contract -> [`Stored`].
const DEPLOYMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("deployments");
/// (contract, workload) -> [`Standing`].
const WORKLOADS: TableDefinition<(u64, &str), &[u8]> = TableDefinition::new("workloads");
/// (contract, step) -> [`Task`].
const QUEUE: TableDefinition<(u64, &str), &[u8]> = TableDefinition::new("queue");
/// (contract, number) -> [`Change`].
const CHANGES: TableDefinition<(u64, u64), &[u8]> = TableDefinition::new("changes");

/// The steps of history that are kept for a contract; the oldest go first.
pub const MAX_CHANGES: u64 = 256;

pub(super) fn create_tables(write: &Write) -> Result<(), StoreError> {
    write.0.open_table(DEPLOYMENTS)?;
    write.0.open_table(WORKLOADS)?;
    write.0.open_table(QUEUE)?;
    write.0.open_table(CHANGES)?;
    Ok(())
}

/// All keys of one contract in a table keyed by (contract, text): text never begins with the last character there is.
fn of_contract(contract_id: u64) -> std::ops::RangeInclusive<(u64, &'static str)> {
    (contract_id, "")..=(contract_id, "\u{10ffff}")
}

impl Read {
    /// The contracts that something is known about, live or ended.
    pub fn contracts(&self) -> Result<Vec<u64>, StoreError> {
        let table = self.0.open_table(DEPLOYMENTS)?;
        let ids = table.iter()?.map(|entry| Ok(entry?.0.value())).collect();
        ids
    }

    /// What was accepted for a contract.
    pub fn stored(&self, contract_id: u64) -> Result<Option<Stored>, StoreError> {
        self.0.open_table(DEPLOYMENTS)?.get(contract_id)?.map(|bytes| decode(bytes.value())).transpose()
    }

    /// Everything about a contract's work.
    pub fn work(&self, contract_id: u64) -> Result<Option<Work>, StoreError> {
        let Some(stored) = self.stored(contract_id)? else { return Ok(None) };
        let mut work = Work { stored, standings: BTreeMap::new(), tasks: BTreeMap::new() };
        for entry in self.0.open_table(WORKLOADS)?.range(of_contract(contract_id))? {
            let (key, standing) = entry?;
            work.standings.insert(key.value().1.to_owned(), decode(standing.value())?);
        }
        for entry in self.0.open_table(QUEUE)?.range(of_contract(contract_id))? {
            let (key, task) = entry?;
            work.tasks.insert(Step::from_key(key.value().1), decode(task.value())?);
        }
        Ok(Some(work))
    }

    /// Everything about everything.
    pub fn works(&self) -> Result<BTreeMap<u64, Work>, StoreError> {
        let mut works = BTreeMap::new();
        for contract_id in self.contracts()? {
            if let Some(work) = self.work(contract_id)? {
                works.insert(contract_id, work);
            }
        }
        Ok(works)
    }

    /// The history of a contract's workloads, oldest first.
    pub fn changes(&self, contract_id: u64) -> Result<Vec<Change>, StoreError> {
        let table = self.0.open_table(CHANGES)?;
        let all = table.range((contract_id, 0)..=(contract_id, u64::MAX))?;
        all.map(|entry| decode(entry?.1.value())).collect()
    }
}

impl Write {
    /// Takes a deployment that has passed all checks, with its queue of work. `update` says that the sender knows that
    /// there is an earlier one.
    pub fn accept(
        &self,
        deployment: Deployment,
        hash: [u8; 32],
        update: bool,
        now: u64,
    ) -> Result<Acceptance, StoreError> {
        let contract_id = deployment.contract_id;
        let earlier = self.stored(contract_id)?.filter(|stored| stored.ended.is_none());
        match &earlier {
            Some(earlier) if earlier.hash == hash => return Ok(Acceptance::Same),
            Some(earlier) if !update || deployment.version <= earlier.deployment.version => {
                return Ok(Acceptance::Conflict(earlier.deployment.version));
            },
            _ => {},
        }
        let stored = Stored {
            deployment,
            hash,
            accepted_at: now,
            ended: None,
            outdated_since: None,
            failed_version: None,
            dropped_secrets: earlier.as_ref().map(Stored::secrets).unwrap_or_default(),
        };
        self.put_stored(contract_id, &stored)?;
        self.clear_tasks(contract_id)?;
        for workload in &stored.deployment.workloads {
            let before = earlier.as_ref().and_then(|earlier| earlier.deployment.workload(&workload.name));
            if before.is_none_or(|before| before.data != workload.data) {
                self.set_standing(contract_id, &workload.name, WorkloadState::Init, "accepted", now)?;
                let task = Task { next_try: now, ..Task::default() };
                self.put_task(contract_id, &Step::Function(workload.name.clone()), &task)?;
            }
        }
        Ok(Acceptance::New)
    }

    /// Notes where a workload stands; a step of history if that is news. Nothing is noted about a contract of which nothing
    /// else is known.
    pub fn set_standing(
        &self,
        contract_id: u64,
        workload: &str,
        state: WorkloadState,
        message: &str,
        now: u64,
    ) -> Result<(), StoreError> {
        if self.stored(contract_id)?.is_none() {
            return Ok(());
        }
        let mut table = self.0.open_table(WORKLOADS)?;
        let before: Option<Standing> =
            table.get((contract_id, workload))?.map(|bytes| decode(bytes.value())).transpose()?;
        if before.as_ref().is_some_and(|before| before.state == state && before.message == message) {
            return Ok(());
        }
        let since = before.filter(|before| before.state == state).map_or(now, |before| before.since);
        let standing = Standing { state, message: message.to_owned(), since };
        table.insert((contract_id, workload), encode(&standing)?.as_slice())?;
        self.add_change(
            contract_id,
            &Change { at: now, workload: workload.to_owned(), state, message: message.to_owned() },
        )
    }

    /// A workload that is not wanted any more is gone.
    pub fn drop_standing(&self, contract_id: u64, workload: &str, now: u64) -> Result<(), StoreError> {
        self.set_standing(contract_id, workload, WorkloadState::Deleted, "no longer in the deployment", now)?;
        self.0.open_table(WORKLOADS)?.remove((contract_id, workload))?;
        Ok(())
    }

    /// Notes a failed or waiting task; `false`, and nothing is noted, if nothing else is known of the contract.
    pub fn put_task(&self, contract_id: u64, step: &Step, task: &Task) -> Result<bool, StoreError> {
        if self.stored(contract_id)?.is_none() {
            return Ok(false);
        }
        self.0.open_table(QUEUE)?.insert((contract_id, step.key().as_str()), encode(task)?.as_slice())?;
        Ok(true)
    }

    /// A task as it was noted; a fresh one if it was not.
    pub fn task(&self, contract_id: u64, step: &Step) -> Result<Task, StoreError> {
        let table = self.0.open_table(QUEUE)?;
        let task = table.get((contract_id, step.key().as_str()))?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(task.unwrap_or_default())
    }

    /// A task is done.
    pub fn clear_task(&self, contract_id: u64, step: &Step) -> Result<(), StoreError> {
        self.0.open_table(QUEUE)?.remove((contract_id, step.key().as_str()))?;
        Ok(())
    }

    /// Everything that waits becomes due.
    pub fn hasten(&self, contract_id: u64, now: u64) -> Result<(), StoreError> {
        let mut table = self.0.open_table(QUEUE)?;
        let mut waiting = Vec::new();
        for entry in table.range(of_contract(contract_id))? {
            let (key, task) = entry?;
            waiting.push((key.value().1.to_owned(), decode::<Task>(task.value())?));
        }
        for (key, task) in waiting {
            let due = Task { next_try: task.next_try.min(now), ..task };
            table.insert((contract_id, key.as_str()), encode(&due)?.as_slice())?;
        }
        Ok(())
    }

    /// Changes what is noted about a deployment.
    pub fn amend(&self, contract_id: u64, change: impl FnOnce(&mut Stored)) -> Result<(), StoreError> {
        let Some(mut stored) = self.stored(contract_id)? else { return Ok(()) };
        change(&mut stored);
        self.put_stored(contract_id, &stored)
    }

    /// Sets an ended contract's work aside: it is shown for a while, nothing is done about it.
    pub fn end(&self, contract_id: u64, cause: &str, now: u64) -> Result<(), StoreError> {
        let Some(mut stored) = self.stored(contract_id)? else { return Ok(()) };
        for workload in &stored.deployment.workloads {
            self.set_standing(contract_id, &workload.name, WorkloadState::Deleted, cause, now)?;
        }
        stored.ended = Some(Ended { at: now, cause: cause.to_owned() });
        // What is kept aside is for the owner to look at; nobody needs the secrets any more.
        stored.deployment = stored.deployment.without_secrets();
        self.put_stored(contract_id, &stored)?;
        self.clear_tasks(contract_id)?;
        self.forget_meter(contract_id)
    }

    /// Deletes all that is known about a contract; gives the modules that may now be unused.
    pub fn forget(&self, contract_id: u64) -> Result<Vec<Digest>, StoreError> {
        self.0.open_table(DEPLOYMENTS)?.remove(contract_id)?;
        self.0.open_table(WORKLOADS)?.retain_in(of_contract(contract_id), |_, _| false)?;
        self.0.open_table(CHANGES)?.retain_in((contract_id, 0)..=(contract_id, u64::MAX), |_, _| false)?;
        self.clear_tasks(contract_id)?;
        self.forget_meter(contract_id)?;
        self.release_modules(contract_id)
    }

    fn stored(&self, contract_id: u64) -> Result<Option<Stored>, StoreError> {
        self.0.open_table(DEPLOYMENTS)?.get(contract_id)?.map(|bytes| decode(bytes.value())).transpose()
    }

    fn put_stored(&self, contract_id: u64, stored: &Stored) -> Result<(), StoreError> {
        self.0.open_table(DEPLOYMENTS)?.insert(contract_id, encode(stored)?.as_slice())?;
        Ok(())
    }

    fn clear_tasks(&self, contract_id: u64) -> Result<(), StoreError> {
        self.0.open_table(QUEUE)?.retain_in(of_contract(contract_id), |_, _| false)?;
        Ok(())
    }

    fn add_change(&self, contract_id: u64, change: &Change) -> Result<(), StoreError> {
        let mut table = self.0.open_table(CHANGES)?;
        let last = table.range((contract_id, 0)..=(contract_id, u64::MAX))?.next_back();
        let number = last.transpose()?.map_or(0, |(key, _)| key.value().1.saturating_add(1));
        table.insert((contract_id, number), encode(change)?.as_slice())?;
        let first_kept = (number + 1).saturating_sub(MAX_CHANGES);
        table.retain_in((contract_id, 0)..(contract_id, first_kept), |_, _| false)?;
        Ok(())
    }
}
