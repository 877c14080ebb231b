//! `zos.system.version` and `zos.statistics.get`: about the node itself.

use super::Desk;
use crate::chain::ContractKind;
use grid_types::{
    bus::{Code, Empty, Failure, Statistics, SystemVersion},
    units::Capacity,
};

impl Desk {
    pub(super) fn system_version(&self, _: Empty) -> SystemVersion {
        SystemVersion {
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            node_id: self.identity.node_id,
            genesis: format!("0x{}", hex::encode(self.identity.genesis)),
        }
    }

    pub(super) async fn statistics(&self, _: Empty) -> Result<Statistics, Failure> {
        let not_yet =
            || Failure::new(Code::NotReady, "the node has not seen the chain yet; try again in a few seconds");
        let node = self.chain.node().await?.ok_or_else(not_yet)?;
        let view = self.view.borrow().clone().ok_or_else(not_yet)?;
        let works = self.store.read(|read| read.works()).await?;
        let live = works.values().filter(|work| work.stored.ended.is_none());
        let workloads: usize = live.map(|work| work.stored.deployment.workloads.len()).sum();
        // A rent is all of the node; what is used of it are the contracts inside.
        let parts = view.contracts.values().filter(|contract| contract.kind == ContractKind::Capacity);
        let reserved = parts.map(|contract| contract.resources.capacity());
        let used = reserved.fold(Capacity::default(), |sum, capacity| sum.checked_add(&capacity).unwrap_or(sum));
        Ok(Statistics {
            total: node.capacity,
            used,
            contracts: u32::try_from(view.contracts.len()).unwrap_or(u32::MAX),
            workloads: u32::try_from(workloads).unwrap_or(u32::MAX),
        })
    }
}
