//! The ends of contracts, believed only when a second endpoint of the chain has seen them too, where there is one to ask.
//!
//! Bounded: only contracts of which something runs or is kept are remembered.

use super::decide::{is_over, World};
use crate::{
    chain::{Chain, Head, Snapshot},
    faas::Listed,
};
use futures::{stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// Ends that are asked about at once.
const AT_ONCE: usize = 16;

/// The ends that are believed.
#[derive(Debug, Default)]
pub struct Ends {
    believed: BTreeSet<u64>,
    /// The others, with the block at which they were told of first: who is asked about it must have come that far, and not
    /// further with every look.
    told: BTreeMap<u64, Head>,
}

impl Ends {
    /// Contracts that one endpoint says are over, of which something would be removed, and for which that is all there is.
    pub async fn doubted(
        &mut self,
        chain: &dyn Chain,
        snapshot: &Snapshot,
        world: &World,
        gateway: &[Listed],
    ) -> BTreeSet<u64> {
        let over = ends(snapshot, world, gateway);
        self.believed.retain(|id| over.contains(id));
        self.told.retain(|id, _| over.contains(id));
        let news = over.difference(&self.believed);
        let news: Vec<_> = news.map(|id| (*id, *self.told.entry(*id).or_insert(snapshot.head))).collect();
        let ask = |(id, head)| async move { (id, chain.is_over(id, head).await) };
        let mut answers = stream::iter(news).map(ask).buffer_unordered(AT_ONCE);
        let mut doubted = BTreeSet::new();
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(true) => {
                    self.told.remove(&id);
                    self.believed.extend([id]);
                },
                Ok(false) => doubted.extend([id]),
                Err(error) => {
                    tracing::warn!(contract = id, %error, "whether it is over could not be confirmed");
                    doubted.extend([id]);
                },
            }
        }
        doubted
    }

    /// Whether nobody has to be asked again about an end.
    pub fn are_clear(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether an end has been confirmed, or nobody says that there is one.
    pub fn settled(&self, snapshot: &Snapshot, contract_id: u64) -> bool {
        !is_over(snapshot, contract_id) || self.believed.contains(&contract_id)
    }
}

fn ends(snapshot: &Snapshot, world: &World, gateway: &[Listed]) -> BTreeSet<u64> {
    let kept = world.works.iter().filter(|(_, work)| work.stored.ended.is_none()).map(|(id, _)| *id);
    let owners = gateway.iter().filter_map(|function| function.owner.as_ref());
    let running = owners.filter(|owner| owner.node_id == world.node_id).map(|owner| owner.contract_id);
    // Those of whose work something is kept aside have been believed before.
    let holders = world.holders.iter().filter(|id| !world.works.contains_key(id)).copied();
    kept.chain(running).chain(holders).filter(|id| is_over(snapshot, *id)).collect()
}
