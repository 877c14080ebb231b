//! Machines: how they join, what they say, how they go.

use grid_types::units::{Capacity, GIB, MAX_CAPACITY};
use gridchain_runtime::{AccountId, Runtime};
use pallet_tfgrid::{
    Call, Ipv4Cidr, Location, Machine, NodeAuthorizations, NodeIdByAgent, NodeIdByTwinID, NodeOf, NodeSpec, PowerState,
    PublicConfig, RentTerms,
};

use super::{anyone, decision, entry, one_of, text, wish, Entry, Wish};
use crate::{draw::Draw, grid};

/// 8 vCPU, 32 GiB, 1,000 GiB of fast disk, 2,000 GiB of slow disk.
const MACHINE: Capacity = Capacity { cru: 8_000, mru: 32 * GIB, sru: 1_000 * GIB, hru: 2_000 * GIB };

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("authorize_node", 4, authorize_node),
        entry("revoke_node_authorization", 1, revoke_node_authorization),
        entry("create_node", 5, create_node),
        entry("update_node", 3, update_node),
        entry("set_node_agent", 2, set_node_agent),
        entry("accept_agent", 3, accept_agent),
        entry("resign_agent", 1, resign_agent),
        entry("set_node_public_config", 2, set_node_public_config),
        entry("delete_node", 1, delete_node),
        entry("report_uptime", 6, report_uptime),
        entry("report_degraded", 2, report_degraded),
        entry("change_power_target", 2, change_power_target),
        entry("change_power_state", 2, change_power_state),
        entry("set_node_rent_terms", 2, set_node_rent_terms),
        entry("move_node", 2, move_node),
        entry("set_node_certification", 2, set_node_certification),
    ]
}

fn has_node(account: &AccountId) -> bool {
    grid::twin_of(account).is_some_and(NodeIdByTwinID::<Runtime>::contains_key)
}

/// Mostly one of which `fits` is true.
fn node(draw: &mut Draw, fits: impl Fn(&NodeOf<Runtime>) -> bool) -> Option<NodeOf<Runtime>> {
    draw.one_of_fitting(&grid::nodes(), fits)
}

fn id_of(draw: &mut Draw, node: &Option<NodeOf<Runtime>>) -> u32 {
    draw.id32(node.as_ref().map_or(1, |node| node.id))
}

fn farmer_of(node: &Option<NodeOf<Runtime>>) -> AccountId {
    grid::farmer_of(node.as_ref().map_or(0, |node| node.farm_id))
}

fn owner_of(node: &Option<NodeOf<Runtime>>) -> AccountId {
    grid::account_of(node.as_ref().map_or(0, |node| node.twin_id))
}

fn farmer_or_owner(draw: &mut Draw, node: &Option<NodeOf<Runtime>>) -> AccountId {
    if draw.byte() < 128 {
        farmer_of(node)
    } else {
        owner_of(node)
    }
}

fn authorize_node(draw: &mut Draw) -> Wish {
    let farm = draw.one_of_fitting(&grid::farms(), |_| true);
    let (farm_id, by) = farm.map_or_else(|| (1, anyone(draw)), |farm| (farm.id, grid::account_of(farm.twin_id)));
    // One with a node may move it here.
    let account = one_of(draw, |account| {
        let known = NodeAuthorizations::<Runtime>::contains_key(farm_id, account);
        grid::twin_of(account).is_some() && !known && *account != by
    });
    wish(by, Call::<Runtime>::authorize_node { farm_id: draw.id32(farm_id), account })
}

/// Mostly one for an account of which `fits` is true.
fn authorization(draw: &mut Draw, fits: impl Fn(&AccountId) -> bool) -> (u32, AccountId) {
    let all = grid::sorted(NodeAuthorizations::<Runtime>::iter_keys(), |key| key.clone());
    draw.one_of_fitting(&all, |(_, account)| fits(account)).unwrap_or_else(|| (1, anyone(draw)))
}

fn revoke_node_authorization(draw: &mut Draw) -> Wish {
    let (farm_id, account) = authorization(draw, |_| true);
    wish(grid::farmer_of(farm_id), Call::<Runtime>::revoke_node_authorization { farm_id: draw.id32(farm_id), account })
}

fn spec(draw: &mut Draw, plausible: Capacity) -> NodeSpec {
    let zero = Capacity::default();
    let more = Capacity { cru: plausible.cru + 1_000, ..plausible };
    let options =
        [plausible, plausible, more, half(plausible), MAX_CAPACITY, Capacity { cru: u64::MAX, ..MAX_CAPACITY }, zero];
    let capacity = draw.one_of(&options);
    let (country, city) = draw.one_of(&[("Belgium", "Lochristi"), ("Egypt", "Cairo"), ("", "")]);
    let location = Location { country: text(country), city: text(city), latitude: None, longitude: None };
    let serial = draw.one_of(&[None, Some("ABC-1"), Some("")]).map(text);
    NodeSpec { capacity, location, interfaces: Default::default(), serial, bus: None }
}

fn half(capacity: Capacity) -> Capacity {
    let Capacity { cru, mru, sru, hru } = capacity;
    Capacity { cru: cru / 2, mru: mru / 2, sru: sru / 2, hru: hru / 2 }
}

fn free_agent(draw: &mut Draw) -> AccountId {
    one_of(draw, |account| !NodeIdByAgent::<Runtime>::contains_key(account))
}

fn create_node(draw: &mut Draw) -> Wish {
    let (farm_id, by) = authorization(draw, |account| !has_node(account));
    let node = spec(draw, MACHINE);
    let agent = if draw.byte() < 192 { None } else { Some(free_agent(draw)) };
    wish(by, Call::<Runtime>::create_node { farm_id: draw.id32(farm_id), node, agent })
}

fn update_node(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let spec = spec(draw, node.as_ref().map_or(MACHINE, |node| node.capacity));
    wish(owner_of(&node), Call::<Runtime>::update_node { node_id: id_of(draw, &node), node: spec })
}

fn set_node_agent(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let by = farmer_or_owner(draw, &node);
    wish(by, Call::<Runtime>::set_node_agent { node_id: id_of(draw, &node), agent: free_agent(draw) })
}

/// One that was named and has not said yes, if there is one.
fn accept_agent(draw: &mut Draw) -> Wish {
    let node = node(draw, |node| NodeIdByAgent::<Runtime>::get(&node.agent) != Some(node.id));
    let by = node.as_ref().map_or_else(|| anyone(draw), |node| node.agent.clone());
    wish(by, Call::<Runtime>::accept_agent { node_id: id_of(draw, &node) })
}

/// One that has said yes, if there is one.
fn resign_agent(draw: &mut Draw) -> Wish {
    let node = node(draw, |node| NodeIdByAgent::<Runtime>::get(&node.agent) == Some(node.id));
    wish(agent_of(&node), Call::<Runtime>::resign_agent {})
}

fn set_node_public_config(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let ip4 = (Ipv4Cidr { address: 0x0606_0602, prefix_len: draw.one_of(&[24, 31, 0, 32]) }, draw.id32(0x0606_0601));
    let domain = draw.one_of(&[Some("node.example.org"), None, Some("..")]).map(text);
    let config = PublicConfig { ip4: Some(ip4), ip6: None, domain };
    let config = (draw.byte() < 192).then_some(config);
    wish(farmer_of(&node), Call::<Runtime>::set_node_public_config { node_id: id_of(draw, &node), config })
}

fn delete_node(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let by = farmer_or_owner(draw, &node);
    wish(by, Call::<Runtime>::delete_node { node_id: id_of(draw, &node) })
}

fn agent_of(node: &Option<NodeOf<Runtime>>) -> AccountId {
    grid::agent_of(node.as_ref().map_or(0, |node| node.id))
}

fn report_uptime(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let since = node.as_ref().map_or(0, |node| grid::now().saturating_sub(node.created));
    wish(agent_of(&node), Call::<Runtime>::report_uptime { uptime: draw.amount64(since) })
}

fn report_degraded(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let all = node.as_ref().map_or(MACHINE, |node| node.capacity);
    let no_disk = Capacity { sru: 0, hru: 0, ..all };
    let less = Capacity { cru: all.cru.saturating_sub(1_000), ..all };
    let capacity = draw.one_of(&[less, half(all), no_disk, Capacity::default(), all, MAX_CAPACITY]);
    wish(agent_of(&node), Call::<Runtime>::report_degraded { capacity })
}

fn is_empty(node: &NodeOf<Runtime>) -> bool {
    grid::contracts_on(node.id) == 0
}

fn change_power_target(draw: &mut Draw) -> Wish {
    let node = node(draw, |node| node.power.target == PowerState::Down || is_empty(node));
    let down = node.as_ref().is_some_and(|node| node.power.target == PowerState::Down);
    let target =
        draw.one_of(if down { &[PowerState::Up, PowerState::Down] } else { &[PowerState::Down, PowerState::Up] });
    wish(farmer_of(&node), Call::<Runtime>::change_power_target { node_id: id_of(draw, &node), target })
}

fn change_power_state(draw: &mut Draw) -> Wish {
    let node = node(draw, |node| node.power.state == PowerState::Down || is_empty(node));
    let down = node.as_ref().is_some_and(|node| node.power.state == PowerState::Down);
    let state =
        draw.one_of(if down { &[PowerState::Up, PowerState::Down] } else { &[PowerState::Down, PowerState::Up] });
    wish(agent_of(&node), Call::<Runtime>::change_power_state { state })
}

fn set_node_rent_terms(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let terms = RentTerms {
        surcharge: draw.one_of(&[20, 0, 1_000, 1_001, u16::MAX]),
        whole_only: draw.one_of(&[false, false, true]),
    };
    wish(farmer_of(&node), Call::<Runtime>::set_node_rent_terms { node_id: id_of(draw, &node), terms })
}

fn move_node(draw: &mut Draw) -> Wish {
    let (farm_id, by) = authorization(draw, has_node);
    let node_id = grid::twin_of(&by).and_then(NodeIdByTwinID::<Runtime>::get).unwrap_or(1);
    wish(by, Call::<Runtime>::move_node { node_id: draw.id32(node_id), farm_id: draw.id32(farm_id) })
}

fn set_node_certification(draw: &mut Draw) -> Wish {
    let node = node(draw, |_| true);
    let certified = draw.one_of(&[true, false]);
    let node_id = id_of(draw, &node);
    let known = node.map_or(Machine { capacity: MACHINE, serial: None }, |node| node.machine());
    let serial = if draw.byte() < 230 { known.serial } else { Some(text("XYZ-9")) };
    let machine = certified.then_some(Machine { serial, ..known });
    decision(Call::<Runtime>::set_node_certification { node_id, machine })
}
