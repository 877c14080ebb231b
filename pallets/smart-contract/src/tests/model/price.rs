//! What an hour costs, as exact fractions, written down as the price list says it.

use std::cmp::{max, min};

use grid_types::units::{Capacity, Prices, Resources, GIB, TRAFFIC_UNIT};

use super::fraction::Fraction;
use crate::types::{Balance, Seconds};

/// Seconds of an hour.
const HOUR: u128 = 3_600;
/// Rates are kept in millionths of a base unit.
const MILLION: u128 = 1_000_000;

/// What a contract pays for: the use that counts, and its addresses.
pub struct Priced {
    compute: Fraction,
    storage: Fraction,
    public_ips: u32,
}

impl Priced {
    /// A contract that runs: what it used, at least `min_use` per cent of what it reserves.
    pub fn running(prices: &Prices, resources: &Resources, public_ips: u32, used: &Capacity) -> Self {
        let reserved = resources.capacity();
        Self {
            compute: max(compute_units(used), percent(compute_units(&reserved), prices.min_use)),
            storage: max(storage_units(used), percent(storage_units(&reserved), prices.min_use)),
            public_ips,
        }
    }

    /// A contract whose capacity is kept but does not run: a share of the compute units, the rest in full.
    pub fn holding(resources: &Resources, public_ips: u32, share: u8) -> Self {
        let reserved = resources.capacity();
        Self { compute: percent(compute_units(&reserved), share), storage: storage_units(&reserved), public_ips }
    }

    /// Millionths of a base unit per hour, rounded down once.
    pub fn per_hour(&self, prices: &Prices) -> u128 {
        let addresses = Fraction::new(self.public_ips, 1_u32);
        let sum = self.compute * prices.cu + self.storage * prices.su + addresses * prices.ipu;
        (sum * MILLION).rounded_down()
    }
}

/// The dearest that so many seconds can be: everything used, all traffic that is allowed. Both are rounded up.
pub fn dearest(prices: &Prices, resources: &Resources, public_ips: u32, seconds: Seconds) -> Balance {
    let full = Priced::running(prices, resources, public_ips, &resources.capacity()).per_hour(prices);
    let capacity = Fraction::new(full, HOUR * MILLION) * seconds;
    let traffic = Fraction::new(traffic_allowed(resources.nru_per_hour, seconds), TRAFFIC_UNIT) * prices.nu;
    capacity.rounded_up() + traffic.rounded_up()
}

/// Whole bytes of traffic that so many seconds allow.
pub fn traffic_allowed(nru_per_hour: u64, seconds: Seconds) -> u64 {
    let bytes = Fraction::new(nru_per_hour, HOUR) * seconds;
    bytes.rounded_down().try_into().unwrap()
}

/// The cheapest of three shapes of machine: balanced, much processor, much memory.
fn compute_units(capacity: &Capacity) -> Fraction {
    let c = Fraction::new(capacity.cru, 1_000_u32);
    let m = Fraction::new(capacity.mru, GIB);
    let balanced = max(m / 4_u32, c / 2_u32);
    let processor = max(m / 8_u32, c);
    let memory = max(m / 2_u32, c / 4_u32);
    min(balanced, min(processor, memory))
}

fn storage_units(capacity: &Capacity) -> Fraction {
    Fraction::new(capacity.hru, GIB) / 1_200_u32 + Fraction::new(capacity.sru, GIB) / 200_u32
}

fn percent(units: Fraction, share: u8) -> Fraction {
    units * share / 100_u32
}
