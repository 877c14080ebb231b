//! An endpoint's view of the chain: what its manners leave of it.

use super::refusal;
use crate::{
    chain::{locked, Chain},
    endpoint::Manners,
    ledger::Block,
    state::State,
};
use gridchain_runtime::{Hash, Runtime};
use jsonrpsee_client::core::RpcResult;
use pallet_smart_contract::keys::NewestFirst;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// A node's code of what its client could not find.
const NOT_FOUND: i32 = 4_003;

/// An endpoint's view of the chain.
pub(crate) struct Door {
    pub(super) chain: Chain,
    manners: watch::Receiver<Manners>,
    asked: Arc<Mutex<u64>>,
}

impl Door {
    pub fn new(chain: Chain, manners: watch::Receiver<Manners>, asked: Arc<Mutex<u64>>) -> Self {
        Self { chain, manners, asked }
    }

    /// Takes a question: waits as long as the endpoint is silent, and as long as its answers take.
    pub(super) async fn attend(&self) {
        *locked(&self.asked) += 1;
        let delay = self.manners().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        // It ends only with the endpoint, and then nobody waits for an answer.
        let _ = self.manners.clone().wait_for(|manners| !manners.silent).await;
    }

    pub(super) fn manners(&self) -> Manners {
        self.manners.borrow().clone()
    }

    /// Of the newest block and the newest finalized one, as far as this endpoint knows.
    pub(super) fn heights(&self) -> (u32, u32) {
        let (best, finalized) = self.chain.heights();
        let most = self.manners().knows_up_to.unwrap_or(u32::MAX);
        (best.min(most), finalized.min(most))
    }

    /// The hash of a block that this endpoint knows.
    pub(super) fn hash_of(&self, number: u32) -> Option<Hash> {
        match self.manners().genesis {
            Some(genesis) if number == 0 => return Some(genesis),
            _ => {},
        }
        (number <= self.heights().0).then(|| self.with_block(number, |block| block.hash)).flatten()
    }

    /// Looks at a block, by its hash or the newest.
    pub(super) fn at<R>(&self, hash: Option<Hash>, look: impl FnOnce(&Block) -> R) -> Option<R> {
        let (best, _) = self.heights();
        let number = match hash {
            Some(hash) => self.chain.ledger().number_of(&hash)?,
            None => best,
        };
        (number <= best).then(|| self.with_block(number, look)).flatten()
    }

    /// The state after a block with the runtime's version there, by the block's hash or after the newest.
    pub(super) fn state(&self, hash: Option<Hash>) -> RpcResult<(State, u32)> {
        let named = || hash.map_or_else(|| "the newest".to_owned(), |hash| format!("{hash:?}"));
        let found = self.at(hash, |block| (block.state.clone(), block.version));
        let missing = || refusal(NOT_FOUND, format!("Client error: UnknownBlock: Header was not found: {}", named()));
        let (state, version) = found.ok_or_else(missing)?;
        let discarded =
            || refusal(NOT_FOUND, format!("Client error: UnknownBlock: State already discarded for {}", named()));
        Ok((state.ok_or_else(discarded)?, version))
    }

    /// Runs something on a state as this endpoint tells of it.
    pub(super) fn read<R>(&self, state: &State, question: impl FnOnce() -> R) -> R {
        let forgets = self.manners().forgets;
        state.read(|| {
            forgets.into_iter().for_each(forget);
            question()
        })
    }

    fn with_block<R>(&self, number: u32, look: impl FnOnce(&Block) -> R) -> Option<R> {
        self.chain.ledger().block(number).map(look)
    }
}

/// As if there were no such contract.
fn forget(contract_id: u64) {
    if let Some(contract) = pallet_smart_contract::Contracts::<Runtime>::take(contract_id) {
        pallet_smart_contract::ContractsOfNode::<Runtime>::remove(contract.node_id, NewestFirst(contract_id));
        pallet_smart_contract::ContractsOfTwin::<Runtime>::remove(contract.twin_id, NewestFirst(contract_id));
    }
}
