//! Batches of consumption reports: honest, sloppy, and worse.

use frame_support::BoundedVec;
use grid_types::units::Report;
use gridchain_runtime::Runtime;
use pallet_smart_contract::{pallet::MAX_REPORTS, types::ContractState, Call, Rules};

use super::{entry, wish, Entry, Wish};
use crate::{
    draw::Draw,
    grid::{self, Contract},
};

pub(super) fn entries() -> Vec<Entry> {
    vec![entry("add_reports", 16, add_reports)]
}

fn is_deployed(contract: &Contract) -> bool {
    contract.billing.state == ContractState::Deployed
}

/// Of all contracts on a node, of foreign ones too, or of one many times.
fn add_reports(draw: &mut Draw) -> Wish {
    let contracts = grid::contracts();
    let chosen = draw.one_of_fitting(&contracts, is_deployed);
    let node_id = chosen.as_ref().map_or(0, |contract| contract.billing.node_id);
    let on_node = |contract: &&Contract| contract.billing.node_id == node_id;
    let named: Vec<&Contract> = match draw.byte() {
        0..=179 => contracts.iter().filter(on_node).filter(|contract| is_deployed(contract)).collect(),
        180..=219 => contracts.iter().collect(),
        220..=239 => std::iter::repeat_n(chosen.iter(), 50).flatten().collect(),
        _ => std::iter::repeat_n(contracts.iter(), 500).flatten().take(MAX_REPORTS as usize).collect(),
    };
    let style = Style::draw(draw);
    let reports = named.into_iter().enumerate().map(|(place, contract)| style.report(place, contract)).collect();
    wish(grid::agent_of(node_id), Call::<Runtime>::add_reports { reports: BoundedVec::truncate_from(reports) })
}

/// How the items of one batch look.
struct Style {
    back: u64,
    window: u64,
    use_per_cent: u64,
    bytes: u64,
    every_second_bad: bool,
}

impl Style {
    fn draw(draw: &mut Draw) -> Self {
        let rules = Rules::<Runtime>::get();
        Self {
            back: draw.one_of(&[0, 0, 0, rules.report_period, rules.max_report_delay, rules.max_report_delay + 1]),
            window: draw.amount64(rules.max_window),
            use_per_cent: draw.one_of(&[100, 100, 50, 0, 101, 1_000]),
            bytes: draw.amount64(1_000_000_000),
            every_second_bad: draw.byte() >= 224,
        }
    }

    fn report(&self, place: usize, contract: &Contract) -> Report {
        let of = |reserved: u64| reserved.saturating_mul(self.use_per_cent) / 100;
        let reserved = contract.billing.resources;
        let bad = self.every_second_bad && place % 2 == 1;
        let timestamp = grid::now().saturating_sub(self.back).saturating_add(if bad { 1 } else { 0 });
        Report {
            contract_id: contract.id,
            timestamp,
            // Mostly from where the last one ended.
            window: match self.window {
                0 | u64::MAX => self.window,
                window => timestamp.saturating_sub(contract.billing.paid_until).clamp(1, window.max(1)),
            },
            cru: of(reserved.cru),
            sru: of(reserved.sru),
            hru: of(reserved.hru),
            mru: of(reserved.mru),
            nru: contract.billing.nru.saturating_add(self.bytes),
        }
    }
}
