//! What a window costs, and the billing record after it.

use grid_types::units::{capacity_due, hourly_rate, traffic_allowance, traffic_due, Capacity, Charge, Report};

use super::window::Window;
use crate::types::{Balance, Bill, BillingRecord, Parameters, Seconds};

/// Charges the use that `report` states for `window`: rule 2.
///
/// Use above the reservation is charged as the reservation. Traffic is charged up to the allowance of the window and what
/// was saved of the allowance before; the rest is forfeit, since the node should have shaped it. A window of which nothing
/// is left, because it is settled already or too old, charges no time. Its traffic is charged all the same if allowance was
/// saved for it: or an update right before each report would make traffic free.
pub fn report<A>(record: &mut BillingRecord<A>, parameters: &Parameters, window: &Window, report: &Report) -> Bill {
    let stated = report.capacity();
    let used = stated.clamped(&record.resources.capacity());
    let mut bill = capacity(record, window, Charge::Used(used));
    bill.clamped = window.seconds > 0 && used != stated;
    note_use(record, report.timestamp, used);

    let stated_bytes = report.nru.saturating_sub(record.nru);
    let allowed = traffic_allowance(record.resources.nru_per_hour, window.seconds).saturating_add(record.nru_unused);
    let bytes = stated_bytes.min(allowed);
    let metered = traffic_due(&record.prices, bytes, record.traffic_carry);
    record.nru = record.nru.max(report.nru);
    record.nru_unused =
        allowed.saturating_sub(bytes).min(traffic_allowance(record.resources.nru_per_hour, parameters.max_window));
    record.traffic_carry = metered.carry;

    bill.bytes = bytes;
    bill.traffic = metered.due;
    bill.clamped |= bytes != stated_bytes;
    bill
}

/// What is charged without a report follows the newest one, also if nothing of its window was left: or an update right before
/// each report would keep the use that was stated once for ever. A report of time in which other resources were reserved says
/// nothing about those of now.
fn note_use<A>(record: &mut BillingRecord<A>, timestamp: Seconds, used: Capacity) {
    if timestamp > record.reported_until.max(record.held_since) {
        record.last_use = Some(used);
    }
    record.reported_until = record.reported_until.max(timestamp);
}

/// Charges `window` without a report, at the last known use, or at the reservation if there is none: rule 4.
///
/// Traffic of that time is charged by the next report, if there is one: its allowance is saved, so that nobody makes traffic
/// free by changing a contract just before each report.
pub fn settlement<A>(record: &mut BillingRecord<A>, parameters: &Parameters, window: &Window) -> Bill {
    let used = record.last_use.unwrap_or_else(|| record.resources.capacity());
    let per_hour = record.resources.nru_per_hour;
    record.nru_unused = record
        .nru_unused
        .saturating_add(traffic_allowance(per_hour, window.seconds))
        .min(traffic_allowance(per_hour, parameters.max_window));
    capacity(record, window, Charge::Used(used))
}

/// What holding capacity without running anything costs: time before deployment, rule 5, and time in grace, rule 8.
pub fn holding<A>(record: &mut BillingRecord<A>, parameters: &Parameters, window: &Window) -> Bill {
    capacity(record, window, Charge::Held(parameters.holding_share))
}

/// Charges time in grace as if the reservation had been used in full: what resuming costs, rule 8.
pub fn resumption<A>(record: &mut BillingRecord<A>, window: &Window) -> Bill {
    let all = record.resources.capacity();
    capacity(record, window, Charge::Used(all))
}

/// Takes `bill` out of escrow. Escrow covers every bill that can come (rule 7); if it ever did not, only what is there is
/// taken.
pub fn debit<A>(record: &mut BillingRecord<A>, bill: &Bill) -> Balance {
    let taken = bill.total().min(record.escrow);
    record.escrow = record.escrow.saturating_sub(taken);
    record.billed = record.billed.saturating_add(taken);
    taken
}

fn capacity<A>(record: &mut BillingRecord<A>, window: &Window, charge: Charge) -> Bill {
    let reserved: Capacity = record.resources.capacity();
    let rate = hourly_rate(&record.prices, &reserved, record.public_ips, charge);
    let metered = capacity_due(&rate, window.seconds, record.carry);
    record.carry = metered.carry;
    let parts = rate.parts(metered.due);
    Bill {
        from: window.from,
        until: window.until,
        seconds: window.seconds,
        cu: parts.cu,
        su: parts.su,
        ip: parts.ip,
        ..Bill::default()
    }
}
