//! The storage work of the calls that there are most of: making a contract, and reporting its use.

use gridchain_runtime::{AccountId, RuntimeOrigin, SmartContractModule};
use pallet_smart_contract::pallet::MAX_REPORTS;

use crate::{
    accesses::{self, Accesses},
    world::{account_of, create, report, World},
};

/// When the chain of a measurement stands, Unix seconds.
const NOW: u64 = 1_800_000_000;

/// The most reads and writes of a new contract: 14 and 13 with one address, two more of each for every further one.
pub const fn of_new_contract(public_ips: usize) -> (usize, usize) {
    let further = public_ips.saturating_sub(1);
    (14 + 2 * further, 13 + 2 * further)
}

/// A node on which a contract is made, with so much around it.
pub struct Site {
    world: World,
    node_id: u32,
    user: AccountId,
}

impl Site {
    /// A farm with so many free addresses, and a node of it with so many contracts.
    pub fn new(addresses: u32, contracts: u32) -> Self {
        let mut world = World::new(NOW);
        let farm_id = world.farm("farmer");
        world.addresses("farmer", farm_id, addresses);
        let node = world.node("farmer", farm_id, "node");
        let neighbour = world.twin("neighbour");
        world.deployed(&neighbour, &node, contracts);
        let user = world.twin("user");
        world.contract(&user, node.id, 0);
        Self { world, node_id: node.id, user }
    }

    /// What `create_contract` with so many addresses touches, without what every transaction touches.
    pub fn create(&mut self, public_ips: u32) -> Accesses {
        let (user, node_id) = (&self.user, self.node_id);
        let (result, accesses) = accesses::of(self.world.state(), || create(user, node_id, public_ips));
        assert!(result.is_ok(), "a measured call failed: {result:?}");
        accesses.without_base(user)
    }
}

/// What a batch of so many reports touches, each accepted and covered by escrow, without what every transaction touches.
pub fn of_reports(reports: u32) -> Accesses {
    let mut world = World::new(NOW);
    let farm_id = world.farm("farmer");
    let node = world.node("farmer", farm_id, "node");
    let user = world.twin("user");
    let contracts = world.deployed(&user, &node, reports);
    world.set_time(NOW + 300);

    let batch: Vec<_> = contracts.into_iter().map(|id| report(id, NOW + 300, 300)).collect();
    let batch = batch.try_into().expect("no more than a batch may hold");
    let agent = account_of(&node.agent);
    let origin = RuntimeOrigin::signed(agent.clone());
    let (result, accesses) = accesses::of(world.state(), || SmartContractModule::add_reports(origin, batch));
    assert!(result.is_ok(), "a measured call failed: {result:?}");
    accesses.without_base(&agent)
}

/// Storage reads and writes for each report of a full batch, everything included.
pub fn per_report() -> (f64, f64) {
    let (reads, writes) = of_reports(MAX_REPORTS).count();
    (reads as f64 / f64::from(MAX_REPORTS), writes as f64 / f64::from(MAX_REPORTS))
}
