//! What the chain says: views of its finalized blocks.

use super::{answered, locked, RpcChain};
use crate::chain::{
    Chain, ChainError, ContractKind, ContractState, ContractView, Head, Lookup, NodeView, Snapshot, Times,
};
use futures::{
    stream::{self, BoxStream},
    StreamExt, TryStreamExt,
};
use grid_client::{records, View};
use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

/// Contracts that are read at once.
const READS: usize = 64;
/// A period that the chain may set, seconds: with any other the agent would do nothing else, or nothing at all.
const PERIODS: RangeInclusive<u64> = 1..=86_400;

impl RpcChain {
    pub(super) async fn follow(&self) -> Result<BoxStream<'static, u64>, ChainError> {
        let heads = self.link().await?.finalized_heads(None);
        let blocks = stream::unfold(heads, |mut heads| async move {
            loop {
                match heads.next().await {
                    Ok(block) => return Some((block.number, heads)),
                    // It connects again by itself.
                    Err(error) => tracing::warn!(%error, "the chain's blocks are interrupted"),
                }
            }
        });
        Ok(blocks.boxed())
    }

    pub(super) async fn read_node(&self) -> Result<Option<NodeView>, ChainError> {
        let view = self.finalized().await?;
        let Some(node_id) = answered(view.node_of_agent(self.account())).await? else { return Ok(None) };
        let node = answered(view.node(node_id)).await?;
        Ok(node.map(|node| NodeView { node_id: node.id, twin_id: node.twin_id, capacity: node.spec.capacity }))
    }

    pub(super) async fn read_times(&self) -> Result<Times, ChainError> {
        let view = self.finalized().await?;
        let parameters = answered(view.parameters()).await?;
        let stalls = answered(view.stalls()).await?;
        Ok(Times {
            report_period: period(parameters.report_period),
            heartbeat: period(parameters.heartbeat_period),
            max_window: parameters.max_window,
            oldest: oldest(parameters.max_report_delay, &stalls, answered(view.time()).await?),
        })
    }

    /// Reads the records that have changed since the last time, by their digests.
    pub(super) async fn read_snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let view = self.finalized().await?;
        let next_contract_id = answered(view.next_contract_id()).await?;
        let ids = answered(view.contracts_of_node(node_id)).await?;
        let marks = answered(view.contract_marks(&ids)).await?;
        let known = locked(&self.known).clone();
        let read = |(id, mark): (u64, Option<[u8; 32]>)| {
            let (view, known) = (&view, &known);
            async move {
                // Listed and not there: whatever that is, it is not the end of a contract.
                let missing = || ChainError::Unavailable(format!("contract {id} cannot be read"));
                let mark = mark.ok_or_else(missing)?;
                if let Some((_, contract)) = known.get(&id).filter(|(known, _)| *known == mark) {
                    return Ok((id, (mark, *contract)));
                }
                let contract = answered(view.contract(id)).await?.ok_or_else(missing)?;
                Ok::<_, ChainError>((id, (mark, contract_view(&contract))))
            }
        };
        let found: BTreeMap<_, _> =
            stream::iter(ids.into_iter().zip(marks)).map(read).buffer_unordered(READS).try_collect().await?;
        let contracts = found.iter().map(|(id, (_, contract))| (*id, *contract)).collect();
        *locked(&self.known) = Arc::new(found);
        let capacity = answered(view.node(node_id)).await?.map(|node| node.spec.capacity);
        Ok(Snapshot { genesis: self.genesis().await?, head: head(&view).await?, next_contract_id, capacity, contracts })
    }

    pub(super) async fn read_contract(&self, contract_id: u64) -> Result<Lookup, ChainError> {
        let view = self.finalized().await?;
        let contract = answered(view.contract(contract_id)).await?;
        Ok(Lookup {
            genesis: self.genesis().await?,
            head: head(&view).await?,
            next_contract_id: answered(view.next_contract_id()).await?,
            contract: contract.as_ref().map(contract_view),
        })
    }
}

pub(super) async fn head(view: &View) -> Result<Head, ChainError> {
    Ok(Head { number: view.block().number, timestamp: answered(view.time()).await? })
}

fn contract_view(contract: &records::Contract) -> ContractView {
    ContractView {
        contract_id: contract.contract_id,
        version: contract.version,
        twin_id: contract.twin_id,
        node_id: contract.node_id,
        kind: match contract.kind {
            records::ContractKind::Capacity => ContractKind::Capacity,
            records::ContractKind::Rent => ContractKind::Rent,
        },
        hash: contract.deployment_hash,
        resources: contract.resources,
        state: match contract.state {
            records::ContractState::Created => ContractState::Created,
            records::ContractState::Deployed => ContractState::Deployed,
            records::ContractState::Grace { .. } => ContractState::Grace,
            records::ContractState::Ending { .. } => ContractState::Ending,
        },
        deployed_version: contract.deployed_version,
    }
}

fn period(told: u64) -> u64 {
    told.clamp(*PERIODS.start(), *PERIODS.end())
}

/// What lies before this is not charged any more: `delay` of time in which the chain ran has passed since. The chain's own
/// rule, at `now`; a moment later it is no earlier.
fn oldest(delay: u64, stalls: &[(u64, u64)], now: u64) -> u64 {
    stalls.iter().rev().fold(now.saturating_sub(delay), |begin, (from, until)| {
        let end = (*until).min(now);
        let still = if end > begin { end.saturating_sub(*from) } else { 0 };
        begin.saturating_sub(still)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_periods_an_endpoint_tells_of_the_agent_neither_spins_nor_sleeps_for_ever() {
        assert_eq!([0, 600, u64::MAX].map(period), [1, 600, 86_400]);
    }

    #[test]
    fn time_in_which_the_chain_stood_still_makes_nothing_too_old() {
        assert_eq!(oldest(120, &[], 1_000), 880);
        assert_eq!(oldest(120, &[(100, 500), (640, 980)], 1_000), 540);
        assert_eq!(oldest(120, &[(380, 880)], 1_000), 880);
        assert_eq!(oldest(5_000, &[], 1_000), 0);
    }
}
