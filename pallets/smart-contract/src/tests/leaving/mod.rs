//! Rule 14: nodes that go, and nodes that broke.

mod closing;
mod degraded;
mod weight;

use frame_support::{assert_noop, assert_ok, weights::Weight};
use grid_types::units::{Capacity, Resources, GIB};
use pallet_tfgrid::{Error as RegistryError, Leaving, NodeIdByTwinID, NodeStatus, Nodes, PublicIps};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event, PassedOver, TotalEscrow};

fn close(node_id: u32) {
    let twin = if node_id == NODE_ID { NODE } else { OTHER_NODE };
    assert_ok!(Registry::delete_node(origin(twin), node_id));
}

fn degrade(capacity: Capacity) {
    assert_ok!(Registry::report_degraded(origin(NODE), capacity));
}
