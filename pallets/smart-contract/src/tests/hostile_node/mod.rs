//! A node that lies. Whatever it says, the user never pays more than was agreed for the time that passed, good reports are
//! taken, each refusal has its reason in an event, and nonsense is not free.

mod batches;
mod contracts;
mod numbers;
mod windows;

use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays};
use grid_types::units::{most_due, Prices, Report, Resources, GIB, MAX_PRICE, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Error, Event};

const PERIOD: Seconds = RULES.report_period;

fn billed(id: ContractId) -> Balance {
    record(id).billed
}

fn paid_until(id: ContractId) -> Seconds {
    record(id).paid_until
}

/// The most that was agreed for so much time: everything used, all traffic.
fn agreed(id: ContractId, seconds: Seconds) -> Balance {
    let record = record(id);
    most_due(&record.prices, &record.resources, record.public_ips, seconds)
}

/// Reasons of refusals since the last batch, in order.
fn refusals() -> Vec<(ContractId, Refusal)> {
    let reason = |event| match event {
        Event::ReportRefused { contract_id, reason, .. } => Some((contract_id, reason)),
        _ => None,
    };
    events().into_iter().filter_map(reason).collect()
}

fn fee(reports: Vec<Report>) -> Pays {
    System::reset_events();
    send(reports).unwrap().pays_fee
}

/// The largest number in every field but those that would have the report refused.
fn boast(id: ContractId) -> Report {
    let all = u64::MAX;
    Report { cru: all, sru: all, hru: all, mru: all, nru: all, ..full_report(id, RULES.max_window) }
}
