//! Capacity, use and price, and the integer arithmetic that turns them into a bill.
//!
//! **Units.** Processor time in thousandths of a vCPU (`cru`), memory (`mru`), fast disk (`sru`), slow disk (`hru`) and
//! traffic (`nru`) in bytes, time in whole seconds, money in base units (1 GRID = 10^7 base units).
//!
//! **Formulae.** With `c` vCPU, `m`, `s`, `h` GiB (2^30 bytes):
//!
//! ```text
//! CU = min( max(m/4, c/2), max(m/8, c), max(m/2, c/4) )        SU = h/1200 + s/200
//! rate per hour = CU·cu + SU·su + IPs·ipu                      traffic = bytes·nu / 10^9
//! due = rate·seconds / 3600
//! ```
//!
//! The compute unit lets a contract be memory-heavy, processor-heavy or balanced and charges the cheapest fit. All terms
//! of the hourly rate are brought to one denominator and rounded down once, to a millionth of a base unit; what a division
//! by time leaves over is carried to the next bill ([`Metered::carry`]). So any split of a window costs exactly what the
//! whole window costs.
//!
//! **No overflow.** Inputs within [`MAX_CAPACITY`], [`MAX_PRICE`] and [`MAX_PUBLIC_IPS`] keep every intermediate value below
//! 2^127; the arithmetic saturates beyond, and callers refuse such inputs with [`Capacity::within`] and [`Prices::valid`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Decimals of the native token.
pub const DECIMALS: u8 = 7;
/// Base units in one GRID.
pub const GRID: u128 = 10_u128.pow(DECIMALS as u32);
/// Bytes in one GiB, the unit in which CU and SU are defined.
pub const GIB: u64 = 1 << 30;
/// Bytes in the unit of traffic that `nu` prices.
pub const TRAFFIC_UNIT: u64 = 1_000_000_000;
/// Seconds in the hour that rates are quoted for.
pub const HOUR: u64 = 3_600;
/// Parts of a base unit in which a [`Rate`] is kept.
pub const MICRO: u128 = 1_000_000;

/// The largest capacity that any record may name: 4,096 vCPU, 16 TiB of memory, 1 PiB of each kind of disk.
pub const MAX_CAPACITY: Capacity = Capacity { cru: 4_096_000, mru: 1 << 44, sru: 1 << 50, hru: 1 << 50 };
/// The largest price of any unit, base units: 100,000 GRID.
pub const MAX_PRICE: u64 = 1_000_000_000_000;
/// The largest number of public addresses that one contract may hold.
pub const MAX_PUBLIC_IPS: u32 = 64;
/// The largest traffic allowance, bytes per hour: about 400 Gbit/s.
pub const MAX_NRU_PER_HOUR: u64 = 1 << 48;

/// Derives shared by all types that live on chain and travel to clients.
macro_rules! chain_type {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
            Serialize, Deserialize,
        )]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)* }
    };
}

chain_type! {
    /// What a machine has, or a part of it.
    pub struct Capacity {
        /// Processor, thousandths of a vCPU.
        pub cru: u64,
        /// Memory, bytes.
        pub mru: u64,
        /// Fast disk (SSD), bytes.
        pub sru: u64,
        /// Slow disk (HDD), bytes.
        pub hru: u64,
    }
}

chain_type! {
    /// What a contract reserves: capacity that nobody else can have, and a ceiling on traffic.
    pub struct Resources {
        /// Processor, thousandths of a vCPU.
        pub cru: u64,
        /// Memory, bytes.
        pub mru: u64,
        /// Fast disk (SSD), bytes.
        pub sru: u64,
        /// Slow disk (HDD), bytes.
        pub hru: u64,
        /// The most traffic that can be billed, bytes per hour.
        pub nru_per_hour: u64,
    }
}

chain_type! {
    /// A node's statement of what one contract used in `[timestamp - window, timestamp)`.
    pub struct Report {
        /// The contract.
        pub contract_id: u64,
        /// End of the window, Unix seconds.
        pub timestamp: u64,
        /// Length of the window, seconds.
        pub window: u64,
        /// Mean processor use, thousandths of a vCPU.
        pub cru: u64,
        /// Mean fast disk in use, bytes.
        pub sru: u64,
        /// Mean slow disk in use, bytes.
        pub hru: u64,
        /// Mean memory in use, bytes.
        pub mru: u64,
        /// Traffic since the first deployment, bytes: a counter that never goes back.
        pub nru: u64,
    }
}

chain_type! {
    /// A farmer's prices, base units.
    pub struct Prices {
        /// One storage unit for one hour.
        pub su: u64,
        /// One compute unit for one hour.
        pub cu: u64,
        /// 10^9 bytes of traffic.
        pub nu: u64,
        /// One public address for one hour.
        pub ipu: u64,
        /// One GiB of memory for one second of a function call.
        pub gb_second: u64,
        /// The least share of what is reserved that is billed, per cent: 100 unless the farmer offers less.
        pub min_use: u8,
    }
}

impl Resources {
    /// The reserved capacity, without the traffic ceiling.
    pub const fn capacity(&self) -> Capacity {
        Capacity { cru: self.cru, mru: self.mru, sru: self.sru, hru: self.hru }
    }

    /// Whether all fields are within what the arithmetic is proven for.
    pub const fn valid(&self) -> bool {
        self.capacity().within(&MAX_CAPACITY) && self.nru_per_hour <= MAX_NRU_PER_HOUR
    }
}

impl Report {
    /// The mean use that the report states.
    pub const fn capacity(&self) -> Capacity {
        Capacity { cru: self.cru, mru: self.mru, sru: self.sru, hru: self.hru }
    }
}

impl Prices {
    /// Whether all fields are within what the arithmetic is proven for.
    pub const fn valid(&self) -> bool {
        self.su <= MAX_PRICE
            && self.cu <= MAX_PRICE
            && self.nu <= MAX_PRICE
            && self.ipu <= MAX_PRICE
            && self.gb_second <= MAX_PRICE
            && self.min_use <= 100
    }
}

impl Capacity {
    /// Whether every component is at most the same component of `limit`.
    pub const fn within(&self, limit: &Self) -> bool {
        self.cru <= limit.cru && self.mru <= limit.mru && self.sru <= limit.sru && self.hru <= limit.hru
    }

    /// Whether there is nothing of anything.
    pub const fn is_zero(&self) -> bool {
        self.cru == 0 && self.mru == 0 && self.sru == 0 && self.hru == 0
    }

    /// Each component, at most the same component of `limit`.
    pub fn clamped(&self, limit: &Self) -> Self {
        Self {
            cru: self.cru.min(limit.cru),
            mru: self.mru.min(limit.mru),
            sru: self.sru.min(limit.sru),
            hru: self.hru.min(limit.hru),
        }
    }

    /// Both together; `None` on overflow.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        Some(Self {
            cru: self.cru.checked_add(other.cru)?,
            mru: self.mru.checked_add(other.mru)?,
            sru: self.sru.checked_add(other.sru)?,
            hru: self.hru.checked_add(other.hru)?,
        })
    }

    /// What is left; `None` if `other` has more of anything.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        Some(Self {
            cru: self.cru.checked_sub(other.cru)?,
            mru: self.mru.checked_sub(other.mru)?,
            sru: self.sru.checked_sub(other.sru)?,
            hru: self.hru.checked_sub(other.hru)?,
        })
    }

    /// Compute units, in parts of [`CU_PARTS`].
    fn cu_parts(&self) -> u128 {
        let m = u128::from(self.mru).saturating_mul(1_000);
        let c = u128::from(self.cru).saturating_mul(u128::from(GIB));
        let times = |value: u128, factor: u128| value.saturating_mul(factor);
        let balanced = times(m, 2).max(times(c, 4));
        let processor = m.max(times(c, 8));
        let memory = times(m, 4).max(times(c, 2));
        balanced.min(processor).min(memory)
    }

    /// Storage units, in parts of [`SU_PARTS`].
    fn su_parts(&self) -> u128 {
        u128::from(self.hru).saturating_add(u128::from(self.sru).saturating_mul(6))
    }
}

/// One compute unit in the parts that [`Capacity::cu_parts`] counts: m/8 and c/1000 share this denominator.
const CU_PARTS: u128 = 8_000 * GIB as u128;
/// One storage unit in the parts that [`Capacity::su_parts`] counts.
const SU_PARTS: u128 = 1_200 * GIB as u128;
/// The common denominator of CU, SU and IPs, times 100 for percentages.
const RATE_PARTS: u128 = 24_000 * GIB as u128 * 100;

/// What an hour costs, in millionths of a base unit, by component.
///
/// `total` is rounded once from the exact sum; `cu` and `su` are each rounded down and serve to show a bill's parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Share of compute units.
    pub cu: u128,
    /// Share of storage units.
    pub su: u128,
    /// The whole hour, with public addresses.
    pub total: u128,
}

/// A sum, shown by what it is for; the three always add up to the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Compute units.
    pub cu: u128,
    /// Storage units.
    pub su: u128,
    /// Public addresses, and the fraction that rounding leaves.
    pub ip: u128,
}

impl Rate {
    /// Splits `due`, a sum charged at this rate, into what it is for.
    pub fn parts(&self, due: u128) -> Parts {
        // Large sums are split by whole base units, so that the products stay within 128 bits.
        let unit = if due > 1 << 48 { MICRO } else { 1 };
        let whole = (self.total / unit).max(1);
        let share = |rate: u128| due.saturating_mul(rate / unit) / whole;
        let cu = share(self.cu).min(due);
        let su = share(self.su).min(due.saturating_sub(cu));
        Parts { cu, su, ip: due.saturating_sub(cu).saturating_sub(su) }
    }
}

/// How much of the reserved processor and memory is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// What was used, at least `min_use` per cent of what is reserved.
    Used(Capacity),
    /// This share of the reserved compute units, per cent; storage in full. While a contract holds capacity without running.
    Held(u8),
}

/// The hourly rate of a contract that reserves `reserved` and holds `public_ips` addresses.
///
/// Use beyond the reservation is charged as the reservation.
pub fn hourly_rate(prices: &Prices, reserved: &Capacity, public_ips: u32, charge: Charge) -> Rate {
    let percent = |parts: u128, share: u8| parts.saturating_mul(u128::from(share));
    let (cu, su) = match charge {
        Charge::Used(used) => {
            let used = used.clamped(reserved);
            (
                percent(used.cu_parts(), 100).max(percent(reserved.cu_parts(), prices.min_use)),
                percent(used.su_parts(), 100).max(percent(reserved.su_parts(), prices.min_use)),
            )
        },
        Charge::Held(share) => (percent(reserved.cu_parts(), share), percent(reserved.su_parts(), 100)),
    };
    let priced = |parts: u128, to_common: u128, price: u64| {
        parts.saturating_mul(to_common).saturating_mul(u128::from(price)).saturating_mul(MICRO)
    };
    let cu = priced(cu, RATE_PARTS / CU_PARTS / 100, prices.cu);
    let su = priced(su, RATE_PARTS / SU_PARTS / 100, prices.su);
    let ip = priced(u128::from(public_ips), RATE_PARTS, prices.ipu);
    let total = cu.saturating_add(su).saturating_add(ip);
    Rate { cu: cu / RATE_PARTS, su: su / RATE_PARTS, total: total / RATE_PARTS }
}

/// What an hour costs at full use, without traffic, in whole base units, rounded up: what a price limit is held against.
pub fn most_hourly(prices: &Prices, reserved: &Resources, public_ips: u32) -> u128 {
    let capacity = reserved.capacity();
    hourly_rate(prices, &capacity, public_ips, Charge::Used(capacity)).total.div_ceil(MICRO)
}

/// A sum due and what the division left over for the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// Base units due.
    pub due: u128,
    /// The remainder, in the unit of the divisor; goes into the next call.
    pub carry: u128,
}

/// What `seconds` at `rate` cost. `carry` is the remainder of the bill before, in 1 / (3600·10^6) base units.
pub fn capacity_due(rate: &Rate, seconds: u64, carry: u128) -> Metered {
    let sum = rate.total.saturating_mul(u128::from(seconds)).saturating_add(carry);
    let divisor = u128::from(HOUR).saturating_mul(MICRO);
    Metered { due: sum / divisor, carry: sum % divisor }
}

/// The longest time at `rate` that costs at most `sum`, seconds: the inverse of [`capacity_due`]. What costs nothing lasts
/// for ever.
pub fn seconds_for(rate: &Rate, sum: u128, carry: u128) -> u64 {
    let divisor = u128::from(HOUR).saturating_mul(MICRO);
    let covered = sum.saturating_add(1).saturating_mul(divisor).saturating_sub(carry.saturating_add(1));
    let seconds = covered.checked_div(rate.total).unwrap_or(u128::MAX);
    u64::try_from(seconds).unwrap_or(u64::MAX)
}

/// What `bytes` of traffic cost. `carry` is the remainder of the bill before, in 10^-9 base units.
pub fn traffic_due(prices: &Prices, bytes: u64, carry: u128) -> Metered {
    let sum = u128::from(bytes).saturating_mul(u128::from(prices.nu)).saturating_add(carry);
    let divisor = u128::from(TRAFFIC_UNIT);
    Metered { due: sum / divisor, carry: sum % divisor }
}

/// The most traffic that `seconds` allow at `nru_per_hour`, bytes.
pub fn traffic_allowance(nru_per_hour: u64, seconds: u64) -> u64 {
    let bytes = u128::from(nru_per_hour).saturating_mul(u128::from(seconds)) / u128::from(HOUR);
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The most that `seconds` can cost, base units, rounded up: full use, full traffic.
pub fn most_due(prices: &Prices, reserved: &Resources, public_ips: u32, seconds: u64) -> u128 {
    let capacity = reserved.capacity();
    let rate = hourly_rate(prices, &capacity, public_ips, Charge::Used(capacity));
    let bytes = traffic_allowance(reserved.nru_per_hour, seconds);
    let capacity = capacity_due(&rate, seconds, 0);
    let traffic = traffic_due(prices, bytes, 0);
    let up = |metered: Metered| metered.due.saturating_add(u128::from(metered.carry > 0));
    up(capacity).saturating_add(up(traffic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The prices of the golden table.
    const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };

    fn capacity(vcpu: u64, memory_gib: u64, ssd_gib: u64, hdd_gib: u64) -> Capacity {
        Capacity { cru: vcpu * 1_000, mru: memory_gib * GIB, sru: ssd_gib * GIB, hru: hdd_gib * GIB }
    }

    fn bill(reserved: Capacity, ips: u32, seconds: u64) -> u128 {
        capacity_due(&hourly_rate(&PRICES, &reserved, ips, Charge::Used(reserved)), seconds, 0).due
    }

    #[test]
    fn golden_table() {
        assert_eq!(bill(capacity(1, 2, 50, 0), 0, 3_600), 62_500);
        assert_eq!(bill(capacity(4, 8, 160, 0), 1, 3_600), 280_000);
        assert_eq!(bill(capacity(8, 32, 352, 0), 1, 3_600), 928_000);
        assert_eq!(bill(capacity(0, 0, 0, 1_200), 0, 3_600), 50_000);
    }

    #[test]
    fn golden_table_three_minutes_lose_no_unit() {
        let reserved = capacity(2, 2, 60, 0);
        let rate = hourly_rate(&PRICES, &reserved, 0, Charge::Used(reserved));
        let (mut sum, mut carry) = (0, 0);
        for _ in 0..3 {
            let metered = capacity_due(&rate, 60, carry);
            sum += metered.due;
            carry = metered.carry;
        }
        assert_eq!(sum, 5_750);
    }

    #[test]
    fn golden_table_traffic() {
        let traffic = traffic_due(&PRICES, 3 * TRAFFIC_UNIT, 0).due;
        assert_eq!(bill(capacity(2, 2, 60, 0), 0, 3_600) + traffic, 160_000);
    }

    #[test]
    fn use_above_the_reservation_costs_the_reservation() {
        let reserved = capacity(1, 2, 50, 0);
        let rate = hourly_rate(&PRICES, &reserved, 0, Charge::Used(MAX_CAPACITY));
        assert_eq!(rate, hourly_rate(&PRICES, &reserved, 0, Charge::Used(reserved)));
    }

    #[test]
    fn idle_costs_min_use_of_the_reservation() {
        let reserved = capacity(1, 2, 50, 0);
        let half = Prices { min_use: 50, ..PRICES };
        let idle = hourly_rate(&half, &reserved, 0, Charge::Used(Capacity::default()));
        assert_eq!(capacity_due(&idle, 3_600, 0).due, 31_250);
    }

    #[test]
    fn holding_discounts_compute_only() {
        let reserved = capacity(1, 2, 50, 0);
        let held = hourly_rate(&PRICES, &reserved, 1, Charge::Held(50));
        assert_eq!(capacity_due(&held, 3_600, 0).due, 25_000 + 12_500 + 40_000);
    }

    #[test]
    fn largest_inputs_do_not_saturate() {
        let dear =
            Prices { su: MAX_PRICE, cu: MAX_PRICE, nu: MAX_PRICE, ipu: MAX_PRICE, gb_second: MAX_PRICE, min_use: 100 };
        let all = hourly_rate(&dear, &MAX_CAPACITY, MAX_PUBLIC_IPS, Charge::Used(MAX_CAPACITY));
        let micro = MICRO * u128::from(MAX_PRICE);
        // c = 4096, m = 16384: CU = min(max(4096, 2048), max(2048, 4096), max(8192, 1024)) = 4096.
        assert_eq!(all.cu, 4_096 * micro);
        let gib = u128::from((1_u64 << 50) / GIB);
        assert_eq!(all.su, (gib * micro * 7) / 1_200);
        assert_eq!(all.total / micro, 4_096 + (gib * 7) / 1_200 + u128::from(MAX_PUBLIC_IPS));
        assert!(capacity_due(&all, u64::from(u32::MAX), 0).due < u128::MAX / 2);
    }

    proptest! {
        #[test]
        fn any_split_of_a_window_costs_the_same(
            cru in 0..64_000_u64, mru in 0..(256 * GIB), sru in 0..(4_096 * GIB), hru in 0..(8_192 * GIB), ips in 0..4_u32,
            splits in proptest::collection::vec(0..5_000_u64, 1..20),
        ) {
            let reserved = Capacity { cru, mru, sru, hru };
            let rate = hourly_rate(&PRICES, &reserved, ips, Charge::Used(reserved));
            let (mut sum, mut carry) = (0, 0);
            for seconds in &splits {
                let metered = capacity_due(&rate, *seconds, carry);
                sum += metered.due;
                carry = metered.carry;
            }
            prop_assert_eq!(sum, capacity_due(&rate, splits.iter().sum(), 0).due);
        }

        #[test]
        fn seconds_for_is_the_inverse(
            cru in 1..64_000_u64, mru in 0..(256 * GIB), sum in 0..u128::from(u64::MAX), carry in 0..3_600_000_000_u128,
        ) {
            let reserved = Capacity { cru, mru, sru: 0, hru: 0 };
            let rate = hourly_rate(&PRICES, &reserved, 1, Charge::Held(50));
            let seconds = seconds_for(&rate, sum, carry);
            prop_assert!(capacity_due(&rate, seconds, carry).due <= sum);
            prop_assert!(capacity_due(&rate, seconds + 1, carry).due > sum);
        }

        #[test]
        fn parts_never_exceed_the_total(cru in 0..64_000_u64, mru in 0..(256 * GIB), sru in 0..(4_096 * GIB), ips in 0..4_u32) {
            let reserved = Capacity { cru, mru, sru, hru: 0 };
            let rate = hourly_rate(&PRICES, &reserved, ips, Charge::Used(reserved));
            prop_assert!(rate.cu + rate.su <= rate.total);
            let due = capacity_due(&rate, 12_345, 0).due;
            let parts = rate.parts(due);
            prop_assert_eq!(parts.cu + parts.su + parts.ip, due);
        }

        #[test]
        fn most_due_covers_any_use(
            cru in 0..64_000_u64, mru in 0..(256 * GIB), sru in 0..(4_096 * GIB), nru_per_hour in 0..(1_u64 << 40),
            seconds in 0..100_000_u64, used in 0..64_000_u64,
        ) {
            let reserved = Resources { cru, mru, sru, hru: 0, nru_per_hour };
            let used = Capacity { cru: used, ..reserved.capacity() };
            let rate = hourly_rate(&PRICES, &reserved.capacity(), 1, Charge::Used(used));
            let traffic = traffic_due(&PRICES, traffic_allowance(nru_per_hour, seconds), 0).due;
            prop_assert!(capacity_due(&rate, seconds, 0).due + traffic <= most_due(&PRICES, &reserved, 1, seconds));
        }
    }
}
