//! Billing records, charges, quotes and rules.

use crate::{
    records::{Bill, Billing, Funding, Parameters, PriceLimit, Quote, Refill},
    runtime::api::runtime_types::pallet_smart_contract::types as contracts,
};
use subxt::utils::AccountId32;

/// The chain's sums of seconds stop at the largest number. Nothing that pays for its time comes near half of it.
const FOR_EVER: u64 = u64::MAX / 2;

impl From<contracts::BillingRecord<AccountId32>> for Billing {
    fn from(record: contracts::BillingRecord<AccountId32>) -> Self {
        Self {
            node_id: record.node_id,
            payer: record.payer.into(),
            state: record.state.into(),
            prices: record.prices.0,
            resources: record.resources.0,
            public_ips: record.public_ips,
            held_since: record.held_since,
            paid_until: record.paid_until,
            last_use: record.last_use.map(|used| used.0),
            nru: record.nru,
            escrow: record.escrow,
            billed: record.billed,
            refill: Refill { limit: record.refill.limit, day: record.refill.day, drawn: record.refill.drawn },
            cushion: record.cushion,
            rent: record.rent,
            failed: record.failed,
        }
    }
}

impl From<PriceLimit> for contracts::PriceLimit {
    fn from(limit: PriceLimit) -> Self {
        Self { max_hourly: limit.max_hourly, max_gb_second: limit.max_gb_second }
    }
}

impl From<contracts::Bill> for Bill {
    fn from(bill: contracts::Bill) -> Self {
        Self {
            from: bill.from,
            until: bill.until,
            seconds: bill.seconds,
            cu: bill.cu,
            su: bill.su,
            ip: bill.ip,
            traffic: bill.traffic,
            bytes: bill.bytes,
            clamped: bill.clamped,
        }
    }
}

impl From<contracts::Parameters> for Parameters {
    fn from(rules: contracts::Parameters) -> Self {
        Self {
            report_period: rules.report_period,
            heartbeat_period: rules.heartbeat_period,
            min_free_window: rules.min_free_window,
            max_window: rules.max_window,
            max_report_delay: rules.max_report_delay,
            create_timeout: rules.create_timeout,
            funding_ahead: rules.funding_ahead,
            holding_share: rules.holding_share,
            stall_gap: rules.stall_gap,
            governance_notice: rules.governance_notice,
            agenda_tick: rules.agenda_tick,
            max_grace: rules.max_grace,
            farmer_cancel_after: rules.farmer_cancel_after,
            max_lease_ahead: rules.max_lease_ahead,
        }
    }
}

impl From<contracts::Quote> for Quote {
    fn from(quote: contracts::Quote) -> Self {
        Self {
            hourly: quote.hourly,
            traffic: quote.traffic,
            needed: quote.needed,
            high: quote.high,
            held_hourly: quote.held_hourly,
        }
    }
}

impl From<contracts::Funding> for Funding {
    fn from(funding: contracts::Funding) -> Self {
        Self {
            escrow: funding.escrow,
            low: funding.low,
            high: funding.high,
            hourly: funding.hourly,
            seconds_left: bounded(funding.seconds_left),
            billed: funding.billed,
            cushion: funding.cushion,
            restore: funding.restore,
            drawable: funding.drawable,
            grace_until: funding.grace_until,
        }
    }
}

fn bounded(seconds: u64) -> Option<u64> {
    (seconds < FOR_EVER).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn what_costs_nothing_has_no_last_second() {
        assert_eq!(bounded(0), Some(0));
        assert_eq!(bounded(3_600), Some(3_600));
        // The largest number less the time of now.
        assert_eq!(bounded(u64::MAX - 1_800_000_000), None);
        assert_eq!(bounded(u64::MAX), None);
    }
}
