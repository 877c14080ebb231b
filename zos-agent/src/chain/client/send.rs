//! What is said to the chain, and what became of it.

use super::{answered, locked, silent, RpcChain, ANSWER};
use crate::chain::{ChainError, Fate, Outcome, Settled, Signed, Ticket};
use grid_client::{
    records::{Contract, DeploymentOutcome, Refusal},
    report_outcomes, Call, ReportOutcome, SubmitError, View, Wait,
};
use grid_types::units::Report;
use std::{future::Future, sync::atomic::Ordering, time::Duration};
use tokio::time::{error::Elapsed, sleep, timeout};

/// The longest that a search through a few blocks may take.
const SEARCH: Duration = Duration::from_secs(15);
/// The longest that a transaction may take to be in a block.
const INCLUSION: Duration = Duration::from_secs(60);
/// The longest that an acceptance may take to be final.
const FINALITY: Duration = Duration::from_secs(180);
/// How often the pool is asked whether it still has what was sent before.
const LOOK: Duration = Duration::from_millis(500);
/// What the runtime says to a report that it has already.
const ALREADY_REPORTED: &str = "AlreadyReported";
/// Why a report that the chain takes may still come to nothing.
const NOTHING_LEFT: &str = "nothing of its window was left to charge: it was too old, or paid already";
/// What the pool says to a transaction for which no block has room.
const EXHAUSTING: &str = "exhaust the block limits";

impl RpcChain {
    /// That some node has this account as its agent: else heartbeats and reports fail, and each costs a fee.
    async fn check_agent(&self) -> Result<(), ChainError> {
        let node = answered(self.finalized().await?.node_of_agent(self.account())).await?;
        let next = "not sent, as no node has this account as its agent; if one names it, set node.id and start again";
        node.map(drop).ok_or_else(|| ChainError::Refused(next.to_owned()))
    }

    /// That a node names this account as its agent.
    async fn check_named(&self, view: &View, node_id: u32) -> Result<(), ChainError> {
        let node = answered(view.node(node_id)).await?;
        if node.is_some_and(|node| node.agent == self.account()) {
            return Ok(());
        }
        Err(ChainError::Refused(format!("not sent, as node {node_id} does not name this account as its agent")))
    }

    pub(super) async fn send_acceptance(&self, node_id: u32) -> Result<(), ChainError> {
        self.check_named(&self.finalized().await?, node_id).await?;
        let link = self.link().await?;
        let best = answered(link.best()).await?;
        match answered(best.node_of_agent(self.account())).await? {
            // By an earlier transaction, perhaps of an earlier process: another one would fail, and cost a fee.
            Some(own) if own == node_id => return Err(ChainError::Uncertain("in a block, not final yet".to_owned())),
            Some(other) => return Err(ChainError::Refused(format!("not sent, as this is the agent of node {other}"))),
            None => {},
        }
        let sent = link.submit(self.key.client_key(), Call::AcceptAgent { node_id }, Wait::Finalized);
        executed(FINALITY, sent).await.map(drop)
    }

    pub(super) async fn send_outcome(
        &self,
        contract_id: u64,
        version: u32,
        outcome: Outcome,
    ) -> Result<(), ChainError> {
        let outcome = match outcome {
            Outcome::Deployed => DeploymentOutcome::Deployed,
            Outcome::Failed(reason) => DeploymentOutcome::Failed(reason),
        };
        let link = self.link().await?;
        self.outwait_earlier(&link).await?;
        // The newest block tells what an earlier transaction has said: while that is not final, saying it again costs a fee.
        let best = answered(link.best()).await?;
        let contract = answered(best.contract(contract_id)).await?;
        let contract = contract.ok_or_else(|| ChainError::Refused(format!("contract {contract_id} has ended")))?;
        let said = match outcome {
            DeploymentOutcome::Deployed => contract.deployed_version == Some(version),
            DeploymentOutcome::Failed(_) => {
                contract.version == version
                    && answered(best.billing(contract_id)).await?.is_some_and(|billing| billing.failed)
            },
        };
        if said {
            return Ok(());
        }
        check_reportable(&contract, version)?;
        self.check_named(&best, contract.node_id).await?;
        let call = Call::ReportDeployment { contract_id, version, outcome };
        match timeout(INCLUSION, link.submit(self.key.client_key(), call, Wait::InBlock)).await {
            // An earlier transaction whose fate was not known has said it.
            Ok(Err(SubmitError::Failed(error))) if error.name == ALREADY_REPORTED => Ok(()),
            outcome => {
                let told = settled_transaction(outcome, INCLUSION).map(drop);
                if matches!(told, Err(ChainError::Uncertain(_))) {
                    self.unsure.store(true, Ordering::Relaxed);
                }
                told
            },
        }
    }

    /// Waits until no transaction waits of which nobody here knows what it says: to say it again would cost a fee. One that no
    /// block takes for so long is not waited for.
    async fn outwait_earlier(&self, link: &grid_client::Chain) -> Result<(), ChainError> {
        if !self.unsure.load(Ordering::Relaxed) {
            return Ok(());
        }
        let waited = async {
            while answered(link.has_waiting(self.account())).await? {
                sleep(LOOK).await;
            }
            Ok(())
        };
        timeout(INCLUSION, waited).await.unwrap_or(Ok(()))?;
        self.unsure.store(false, Ordering::Relaxed);
        Ok(())
    }

    pub(super) async fn sign_batch(&self, reports: &[Report]) -> Result<Signed, ChainError> {
        // What was signed before and never sent is given up.
        locked(&self.prepared).take();
        self.check_agent().await?;
        let call = Call::AddReports(reports.to_vec());
        let prepared = executed(ANSWER, self.link().await?.prepare(self.key.client_key(), call)).await?;
        let ticket = Ticket { transaction: prepared.transaction, from: prepared.from.number };
        let signed = Signed { ticket, bytes: prepared.bytes.clone() };
        *locked(&self.prepared) = Some(prepared);
        Ok(signed)
    }

    pub(super) async fn send_batch(&self, signed: &Signed) -> Result<(), ChainError> {
        // From now on the pool knows whose nonce it is.
        let prepared = locked(&self.prepared).take_if(|prepared| prepared.transaction == signed.ticket.transaction);
        let sent = executed(ANSWER, self.link().await?.broadcast(&signed.bytes)).await;
        drop(prepared);
        sent
    }

    pub(super) async fn find_batch(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError> {
        let link = self.link().await?;
        let searched = locked(&self.searched).filter(|(other, _)| other == ticket).map_or(0, |(_, searched)| searched);
        let found = link.fate(ticket.transaction, ticket.from, searched);
        match timeout(SEARCH, found).await.map_err(|_| silent(SEARCH))? {
            Ok(grid_client::Fate::Open { searched }) => {
                *locked(&self.searched) = Some((*ticket, searched));
                Ok(Fate::Open)
            },
            Ok(grid_client::Fate::Expired) => Ok(Fate::Expired),
            Ok(grid_client::Fate::Forgotten) => Ok(Fate::Forgotten),
            Ok(grid_client::Fate::Final(Ok(included))) => {
                // What cannot be read now will not be later; whatever of it counted does not count twice.
                let outcomes = report_outcomes(reports, &included.events);
                Ok(outcomes
                    .map_or(Fate::Forgotten, |outcomes| Fate::Settled(outcomes.into_iter().map(settled).collect())))
            },
            Ok(grid_client::Fate::Final(Err(error))) => Ok(Fate::Failed(error.to_string())),
            Err(error) => Err(ChainError::Unavailable(error.to_string())),
        }
    }

    pub(super) async fn send_heartbeat(&self, uptime: u64) -> Result<(), ChainError> {
        self.check_agent().await?;
        let link = self.link().await?;
        let sent = link.submit(self.key.client_key(), Call::ReportUptime { uptime }, Wait::InBlock);
        executed(INCLUSION, sent).await.map(drop)
    }
}

/// That the chain would take an outcome of this version: else it costs a fee and says nothing.
fn check_reportable(contract: &Contract, version: u32) -> Result<(), ChainError> {
    let id = contract.contract_id;
    if contract.version != version {
        let now = contract.version;
        return Err(ChainError::Refused(format!("not sent, as contract {id} has version {now} now, not {version}")));
    }
    if !contract.state.runs() {
        return Err(ChainError::Refused(format!("not sent, as contract {id} is paused or ending")));
    }
    Ok(())
}

fn settled(outcome: ReportOutcome) -> Settled {
    match outcome {
        ReportOutcome::Billed(bill) if bill.seconds == 0 => Settled::Refused(NOTHING_LEFT.to_owned()),
        ReportOutcome::Billed(_) => Settled::Taken,
        ReportOutcome::Refused(Refusal::InTheFuture) => Settled::TooEarly,
        ReportOutcome::Refused(refusal) => Settled::Refused(format!("{refusal:?}")),
    }
}

/// A transaction with its bound in time.
async fn executed<T>(
    bound: Duration,
    transaction: impl Future<Output = Result<T, SubmitError>>,
) -> Result<T, ChainError> {
    settled_transaction(timeout(bound, transaction).await, bound)
}

fn settled_transaction<T>(outcome: Result<Result<T, SubmitError>, Elapsed>, bound: Duration) -> Result<T, ChainError> {
    let outcome = outcome.map_err(|_| ChainError::Uncertain(format!("not seen in {} s", bound.as_secs())))?;
    outcome.map_err(|error| match &error {
        SubmitError::Chain(_) => ChainError::Unavailable(error.to_string()),
        SubmitError::Refused { reason } if reason.contains(EXHAUSTING) => ChainError::TooLarge(error.to_string()),
        SubmitError::Lost { .. } => ChainError::Uncertain(error.to_string()),
        _ => ChainError::Refused(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_client::records::{self, ContractState};

    #[test]
    fn an_outcome_that_the_chain_would_refuse_is_not_sent() {
        let contract = |version, state| Contract {
            version,
            contract_id: 7,
            twin_id: 3,
            node_id: 1,
            kind: records::ContractKind::Capacity,
            deployment_hash: [0; 32],
            data: Vec::new(),
            public_ips: 0,
            public_ips_list: Vec::new(),
            resources: grid_types::units::Resources::default(),
            mode: records::ContractMode::Reserved,
            state,
            deployed_version: None,
        };
        assert_eq!(check_reportable(&contract(2, ContractState::Created), 2), Ok(()));
        let refused = |contract| matches!(check_reportable(&contract, 2), Err(ChainError::Refused(_)));
        assert!(refused(contract(3, ContractState::Deployed)), "it was updated since");
        assert!(refused(contract(2, ContractState::Grace { until: 0 })), "it is paused");
    }

    #[test]
    fn a_transaction_for_which_no_block_has_room_is_too_large_and_not_just_refused() {
        let said = |reason: &str| {
            let refused: Result<(), _> = Err(SubmitError::Refused { reason: reason.to_owned() });
            settled_transaction(Ok(refused), ANSWER)
        };
        let large = said("Invalid Transaction: Transaction would exhaust the block limits");
        assert!(matches!(large, Err(ChainError::TooLarge(_))));
        assert!(matches!(said("Invalid Transaction: Inability to pay some fees"), Err(ChainError::Refused(_))));
    }

    #[test]
    fn a_report_of_which_nothing_was_left_to_charge_counts_as_refused() {
        let billed = |seconds| ReportOutcome::Billed(records::Bill { seconds, ..records::Bill::default() });
        assert_eq!(settled(billed(10)), Settled::Taken);
        assert!(matches!(settled(billed(0)), Settled::Refused(_)));
        assert_eq!(settled(ReportOutcome::Refused(Refusal::InTheFuture)), Settled::TooEarly);
    }
}
