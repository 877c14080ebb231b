//! A contract as the newest finalized block has it, for a command about it.

use super::Desk;
use crate::{
    chain::ContractView,
    checks::{live_contract, Context},
    clock,
};
use grid_types::bus::{Code, Failure};

impl Desk {
    pub(super) fn context(&self, sender_twin: u32) -> Context {
        Context { node_id: self.identity.node_id, sender_twin, genesis: self.identity.genesis, now: clock::now() }
    }

    /// The contract, or nothing if it is certain that there is none. Not certain is `contract_unknown`: whoever has just
    /// made a contract may see it final before this node does.
    pub(super) async fn contract(&self, contract_id: u64) -> Result<Option<ContractView>, Failure> {
        let cursor = self.store.read(|read| read.cursor()).await?;
        let found = self.chain.contract(contract_id).await?;
        let unavailable = |message: String| Err(Failure::new(Code::ChainUnavailable, message));
        if found.genesis != self.identity.genesis {
            tracing::error!(genesis = %hex::encode(found.genesis), "the endpoint serves another chain");
            return unavailable("the node cannot ask its chain at the moment; try again later".to_owned());
        }
        if found.head.number < cursor {
            let (head, cursor) = (found.head.number, cursor);
            return unavailable(format!("the node's endpoint is at block {head} and was at {cursor}; try again"));
        }
        if found.contract.is_none() && contract_id >= found.next_contract_id {
            let (head, next) = (found.head.number, found.next_contract_id);
            return Err(Failure::new(
                Code::ContractUnknown,
                format!(
                    "no contract {contract_id} at block {head}, the next one is {next}; if you just made it, try again"
                ),
            ));
        }
        Ok(found.contract)
    }

    /// The sender's live contract on this node.
    pub(super) async fn senders_contract(&self, sender: u32, contract_id: u64) -> Result<ContractView, Failure> {
        let contract = self.contract(contract_id).await?;
        live_contract(contract_id, contract.as_ref(), &self.context(sender)).copied()
    }
}
