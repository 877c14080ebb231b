//! How much must be set aside, and how much may be drawn from the owner: rule 7.

use grid_types::units::{most_due, Prices, Resources};

use crate::types::{Balance, BillingRecord, Parameters, Refill, Seconds};

/// Seconds in a UTC day.
const DAY: Seconds = 86_400;

/// What escrow is held between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Below this the chain draws from the owner.
    pub low: Balance,
    /// What it draws up to.
    pub high: Balance,
}

impl Levels {
    /// For a contract with these prices that reserves these resources.
    pub fn of(parameters: &Parameters, prices: &Prices, resources: &Resources, public_ips: u32) -> Self {
        let most = |seconds| most_due(prices, resources, public_ips, seconds);
        Self { low: most(parameters.low_seconds()), high: most(parameters.high_seconds()) }
    }

    /// For an existing contract, with its cushion.
    pub fn of_record<A>(parameters: &Parameters, record: &BillingRecord<A>) -> Self {
        let Self { low, high } = Self::of(parameters, &record.prices, &record.resources, record.public_ips);
        Self { low: low.saturating_add(record.cushion), high: high.saturating_add(record.cushion) }
    }
}

/// What must be there to create a contract: `low`, and the time that deployment may take.
pub fn needed_to_create(parameters: &Parameters, prices: &Prices, resources: &Resources, public_ips: u32) -> Balance {
    let levels = Levels::of(parameters, prices, resources, public_ips);
    levels.low.saturating_add(most_due(prices, resources, public_ips, parameters.create_timeout))
}

/// How much may be drawn into `escrow`: what lacks to `most`, what the owner has, and what the day's limit leaves.
pub fn drawable(most: Balance, escrow: Balance, reducible: Balance, refill: &Refill, now: Seconds) -> Balance {
    most.saturating_sub(escrow).min(reducible).min(left_today(refill, now))
}

/// The record of what was drawn after drawing `amount` at `now`.
pub fn drawn(refill: &Refill, amount: Balance, now: Seconds) -> Refill {
    let day = day_of(now);
    let before = if refill.day == day { refill.drawn } else { 0 };
    Refill { limit: refill.limit, day, drawn: before.saturating_add(amount) }
}

fn left_today(refill: &Refill, now: Seconds) -> Balance {
    let drawn = if refill.day == day_of(now) { refill.drawn } else { 0 };
    refill.limit.map_or(Balance::MAX, |limit| limit.saturating_sub(drawn))
}

fn day_of(now: Seconds) -> u32 {
    u32::try_from(now / DAY).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH: Balance = 1_000;

    #[test]
    fn draws_up_to_high() {
        assert_eq!(drawable(HIGH, 90, 5_000, &Refill::default(), 0), 910);
    }

    #[test]
    fn draws_what_the_owner_has() {
        assert_eq!(drawable(HIGH, 90, 7, &Refill::default(), 0), 7);
    }

    #[test]
    fn a_limit_counts_per_utc_day() {
        let refill = Refill { limit: Some(50), day: 0, drawn: 0 };
        let refill = drawn(&refill, 30, 10);
        assert_eq!(drawable(HIGH, 0, 5_000, &refill, DAY - 1), 20);
        assert_eq!(drawable(HIGH, 0, 5_000, &refill, DAY), 50);
        assert_eq!(drawn(&refill, 5, DAY).drawn, 5);
    }

    #[test]
    fn a_limit_of_zero_means_prepaid() {
        let refill = Refill { limit: Some(0), ..Refill::default() };
        assert_eq!(drawable(HIGH, 0, 5_000, &refill, 0), 0);
    }
}
