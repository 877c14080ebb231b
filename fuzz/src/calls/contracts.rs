//! Contracts: made, changed, deployed, ended.

use grid_types::units::{Capacity, Resources, GIB, MAX_NRU_PER_HOUR, MAX_PUBLIC_IPS, TRAFFIC_UNIT};
use gridchain_runtime::{AccountId, Runtime};
use pallet_smart_contract::{
    types::{ContractMode, DeploymentData, DeploymentOutcome, PriceLimit, PublicIpChange},
    Call,
};
use pallet_tfgrid::NodeOf;

use super::{anyone, entry, text, twin_owner, wish, Entry, Wish};
use crate::{
    draw::Draw,
    grid::{self, Contract},
};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("create_contract", 16, create_contract),
        entry("create_rent_contract", 5, create_rent_contract),
        entry("update_contract", 6, update_contract),
        entry("cancel_contract", 4, cancel_contract),
        entry("report_deployment", 14, report_deployment),
    ]
}

/// 2 vCPU, 2 GiB, 60 GiB of fast disk, 6·10^9 bytes an hour.
const PLAUSIBLE: Resources =
    Resources { cru: 2_000, mru: 2 * GIB, sru: 60 * GIB, hru: 0, nru_per_hour: 6 * TRAFFIC_UNIT };

fn resources(draw: &mut Draw, node: Option<&NodeOf<Runtime>>) -> Resources {
    let small = Resources { cru: 100, mru: GIB / 8, ..Resources::default() };
    let Capacity { cru, mru, sru, hru } = node.map_or_else(Capacity::default, |node| node.capacity);
    let whole = Resources { cru, mru, sru, hru, nru_per_hour: 0 };
    let traffic = Resources { nru_per_hour: MAX_NRU_PER_HOUR, ..small };
    let beyond = Resources { nru_per_hour: u64::MAX, ..whole };
    let options = [PLAUSIBLE, PLAUSIBLE, small, small, small, traffic, whole, Resources::default(), beyond];
    draw.one_of(&options)
}

fn price_limit(draw: &mut Draw) -> Option<PriceLimit> {
    let limit = |max_hourly| PriceLimit { max_hourly, max_gb_second: 1_000 };
    draw.one_of(&[None, None, None, Some(limit(1 << 60)), Some(limit(100_000)), Some(limit(0))])
}

fn data(draw: &mut Draw) -> DeploymentData {
    let length = draw.one_of(&[0, 0, 0, 1, 500, 8_192]);
    text(vec![7; length])
}

fn create_contract(draw: &mut Draw) -> Wish {
    let node = draw.one_of_fitting(&grid::nodes(), |node| node.accepts_contracts());
    let node_id = draw.id32(node.as_ref().map_or(1, |node| node.id));
    let resources = resources(draw, node.as_ref());
    let public_ips = draw.one_of(&[0, 1, 0, 0, 2, 3, MAX_PUBLIC_IPS, MAX_PUBLIC_IPS + 1, u32::MAX]);
    let (by, data) = (twin_owner(draw), data(draw));
    let mode = if draw.byte() < 240 { ContractMode::Reserved } else { ContractMode::PerCall };
    let (deployment_hash, price_limit) = ([draw.byte(); 32], price_limit(draw));
    wish(
        by,
        Call::<Runtime>::create_contract { node_id, deployment_hash, data, public_ips, resources, mode, price_limit },
    )
}

fn create_rent_contract(draw: &mut Draw) -> Wish {
    let nodes = grid::nodes();
    let node = draw.one_of_fitting(&nodes, |node| node.accepts_contracts() && grid::contracts_on(node.id) == 0);
    let node_id = draw.id32(node.map_or(1, |node| node.id));
    wish(twin_owner(draw), Call::<Runtime>::create_rent_contract { node_id, price_limit: price_limit(draw) })
}

/// Mostly one of which `fits` is true; its number, mostly.
pub(super) fn contract(draw: &mut Draw, fits: impl Fn(&Contract) -> bool) -> (u64, Option<Contract>) {
    let contract = draw.one_of_fitting(&grid::contracts(), fits);
    let id = draw.id(contract.as_ref().map_or(1, |contract| contract.id));
    (id, contract)
}

/// Who pays for it.
pub(super) fn payer_of(draw: &mut Draw, contract: &Option<Contract>) -> AccountId {
    contract.as_ref().map_or_else(|| anyone(draw), |contract| contract.billing.payer.clone())
}

fn update_contract(draw: &mut Draw) -> Wish {
    let (contract_id, contract) = contract(draw, |contract| contract.billing.state.can_update());
    let by = payer_of(draw, &contract);
    let resources = (draw.byte() >= 100).then(|| resources(draw, None));
    let next = contract.as_ref().and_then(|contract| grid::next_address(contract.billing.node_id));
    let addresses = contract.map_or_else(Vec::new, |contract| contract.addresses);
    let public_ips = address_change(draw, addresses, next);
    let (data, deployment_hash, price_limit) = (data(draw), [draw.byte(); 32], price_limit(draw));
    let call = Call::update_contract { contract_id, deployment_hash, data, resources, public_ips, price_limit };
    wish(by, call)
}

/// `next` is the address that the contract gets if it asks for one.
fn address_change(draw: &mut Draw, mut held: Vec<u32>, next: Option<u32>) -> Option<PublicIpChange> {
    let change = |held: Vec<u32>, add| Some(PublicIpChange { give_back: held.try_into().unwrap_or_default(), add });
    match draw.byte() {
        0..=127 => None,
        128..=159 => change(held, 0),
        160..=191 => change(vec![], 1),
        192..=223 => change(held, 1),
        224..=239 => {
            held.extend(held.clone());
            change(held, 0)
        },
        240..=243 => change(vec![0x0505_0002], 0),
        244..=247 => change(next.into_iter().collect(), 1),
        _ => change(held, u32::MAX),
    }
}

fn cancel_contract(draw: &mut Draw) -> Wish {
    let (contract_id, contract) = contract(draw, |_| true);
    let node = contract.as_ref().and_then(|contract| pallet_tfgrid::Nodes::<Runtime>::get(contract.billing.node_id));
    let by = match (draw.byte(), node) {
        (170..=219, Some(node)) => grid::account_of(node.twin_id),
        (220.., Some(node)) => grid::farmer_of(node.farm_id),
        _ => payer_of(draw, &contract),
    };
    wish(by, Call::<Runtime>::cancel_contract { contract_id })
}

fn report_deployment(draw: &mut Draw) -> Wish {
    let news = |contract: &Contract| contract.billing.state.runs() && contract.deployed != Some(contract.version);
    let (contract_id, contract) = contract(draw, news);
    let version = draw.id32(contract.as_ref().map_or(0, |contract| contract.version));
    let outcome = match draw.byte() {
        0..=219 => DeploymentOutcome::Deployed,
        _ => DeploymentOutcome::Failed(text("no such image")),
    };
    let by = grid::agent_of(contract.map_or(0, |contract| contract.billing.node_id));
    wish(by, Call::<Runtime>::report_deployment { contract_id, version, outcome })
}
