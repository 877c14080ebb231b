//! What another endpoint says to what one has said.

use super::{Failover, PATIENCE};
use crate::{
    chain::{
        health::{Record, MAX_BEHIND, MAX_SKEW},
        ChainError, Head,
    },
    clock,
};
use futures::future::join_all;
use tokio::time::timeout;

impl Failover {
    /// Those that can be asked besides this one. Being a little behind what was seen is no reason not to.
    fn witnesses(&self, besides: usize) -> Vec<usize> {
        let verdicts = self.judged(Head::default()).into_iter().enumerate();
        verdicts.filter(|(index, aside)| *index != besides && aside.is_none()).map(|(index, _)| index).collect()
    }

    /// A height that this endpoint has told of, as far as another has about come too: else a single one could make up a
    /// height behind which all others are then. If there is no other that can be asked, one word is enough; not so as long as
    /// another has not been heard at all, and never for a time that has not come yet.
    pub(super) fn vouched_by_others(&self, index: usize, head: Head) -> Head {
        let (state, now) = (self.state(), clock::now());
        let genesis = state.genesis;
        let unheard =
            |(other, record): (usize, &Record)| other != index && record.head.is_none() && record.failure.is_none();
        if head.timestamp > now.saturating_add(MAX_SKEW) || state.records.iter().enumerate().any(unheard) {
            return Head::default();
        }
        // Not by their verdicts: he who made it up would see to it that all others seem to be behind.
        let counts = |other: &Record| other.failure.is_none() && other.caught.is_none() && other.genesis == genesis;
        let others = state.records.iter().enumerate().filter(|(other, record)| *other != index && counts(record));
        let fresh = |head: &Head| head.timestamp.saturating_add(MAX_SKEW) >= now;
        match others.filter_map(|(_, record)| record.head).filter(fresh).max_by_key(|other| other.number) {
            Some(other) if other.number.saturating_add(MAX_BEHIND) < head.number => {
                Head { number: other.number + MAX_BEHIND, ..other }
            },
            _ => head,
        }
    }

    /// Before when windows are too old: what one says is lost for ever if nobody else is asked.
    pub(super) async fn oldest(&self, asked: usize, told: u64) -> u64 {
        for index in self.witnesses(asked) {
            let Some((_, chain)) = self.endpoints.get(index) else { continue };
            match timeout(PATIENCE, chain.times()).await {
                Ok(Ok(times)) => return told.min(times.oldest),
                Ok(Err(error)) => self.failed(index, error.to_string()),
                Err(_) => self.failed(index, silent()),
            }
        }
        told
    }

    /// Asked of an endpoint other than the one that said so. If there is none that can be asked, one word is enough. One that
    /// is a little behind is one that can be asked: it is waited for.
    pub(super) async fn witnessed(&self, contract_id: u64, head: Head) -> Result<bool, ChainError> {
        let (said, used) = {
            let state = self.state();
            (state.said, state.used)
        };
        // Whoever is asked now may be another one than who said it.
        let Some(accuser) = said.or(used) else { return Err(self.nobody()) };
        if self.witnesses(accuser).is_empty() {
            let others = (0..self.endpoints.len()).filter(|index| *index != accuser);
            join_all(others.map(|index| self.glance(index))).await;
        }
        for index in self.witnesses(accuser) {
            let Some((_, chain)) = self.endpoints.get(index) else { continue };
            let found = match timeout(PATIENCE, chain.contract(contract_id)).await {
                Ok(Ok(found)) => found,
                Ok(Err(error)) => {
                    self.failed(index, error.to_string());
                    continue;
                },
                Err(_) => {
                    self.failed(index, silent());
                    continue;
                },
            };
            // What it says of an earlier block says nothing.
            if found.head.number < head.number {
                return Ok(false);
            }
            if found.is_over(contract_id) {
                return Ok(true);
            }
            let (number, other) = (found.head.number, self.url(index));
            let lie = format!("said that contract {contract_id} was over, and {other} has it at block {number}");
            self.caught(accuser, lie);
            return Ok(false);
        }
        Ok(true)
    }

    fn caught(&self, index: usize, what: String) {
        tracing::error!(endpoint = self.url(index), what, "an endpoint of the chain cannot be believed");
        let now = self.now();
        if let Some(record) = self.state().records.get_mut(index) {
            record.caught = Some((what, now));
        }
        self.choose();
    }
}

fn silent() -> String {
    format!("no answer in {} s", PATIENCE.as_secs())
}
