//! How long a pause lasts, and what it takes to end it: rule 8.
//!
//! While a contract is paused, storage and addresses cost full and compute the holding share. The length is chosen when it
//! begins, so that escrow pays for all of it whatever happens later.

use grid_types::units::{capacity_due, hourly_rate, seconds_for, Charge};

use super::{
    escrow::Levels,
    window::{deadline, held, Window},
};
use crate::types::{Balance, BillingRecord, Parameters, Seconds, Stall};

/// How long what is in escrow pays for a pause; at most `max_grace`.
pub fn length<A>(parameters: &Parameters, record: &BillingRecord<A>) -> Seconds {
    let charge = Charge::Held(parameters.holding_share);
    let rate = hourly_rate(&record.prices, &record.resources.capacity(), record.public_ips, charge);
    seconds_for(&rate, record.escrow, record.carry).min(parameters.max_grace)
}

/// A pause at one moment of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What is to be charged for it so far, as far as the node was there.
    pub window: Window,
    /// When it ends, Unix seconds: later than was said at its begin by the time that the chain stood still in it.
    pub end: Seconds,
}

impl Pause {
    /// Of a contract that is paused since its `paid_until`, for a length that ends at `until`. `dark_until` says for how long
    /// its node was dark in all until a moment.
    pub fn at<A>(
        stalls: &[Stall],
        record: &BillingRecord<A>,
        until: Seconds,
        now: Seconds,
        dark_until: impl FnOnce(Seconds) -> Seconds,
    ) -> Self {
        let end = deadline(stalls, record.paid_until, until);
        let charged_until = now.min(end);
        let dark = dark_until(charged_until).saturating_sub(record.dark_before);
        Self { window: held(stalls, record.paid_until, charged_until, dark), end }
    }

    /// Whether it has come to its end: from then on nothing can resume the contract.
    pub const fn is_over(&self, now: Seconds) -> bool {
        now >= self.end
    }

    /// What escrow must have so that the contract can be resumed: the pause at the full rate, and `high`.
    pub fn needed_to_resume<A>(&self, parameters: &Parameters, record: &BillingRecord<A>) -> Balance {
        let all = record.resources.capacity();
        let rate = hourly_rate(&record.prices, &all, record.public_ips, Charge::Used(all));
        let due = capacity_due(&rate, self.window.seconds, record.carry).due;
        due.saturating_add(Levels::of_record(parameters, record).high)
    }
}

#[cfg(test)]
mod tests {
    use grid_types::units::{Prices, Report, Resources, GIB};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        billing::charge,
        types::{ContractState, Refill},
    };

    const P: Parameters = Parameters::production();
    const START: Seconds = 1_000_000;

    fn record(prices: Prices, resources: Resources, public_ips: u32, escrow: Balance) -> BillingRecord<u64> {
        BillingRecord {
            node_id: 1,
            payer: 1,
            state: ContractState::Grace { until: START },
            prices,
            resources,
            public_ips,
            held_since: 0,
            dark_before: 0,
            paid_until: START,
            reported_until: START,
            last_use: None,
            nru: 0,
            nru_unused: 0,
            carry: 0,
            traffic_carry: 0,
            escrow,
            billed: 0,
            refill: Refill::default(),
            failed: false,
            agenda_tick: None,
            cushion: 1,
            rent: None,
        }
    }

    /// CU 1, SU 0.3, one address: 155,000 an hour, 105,000 while held.
    fn example(escrow: Balance) -> BillingRecord<u64> {
        let prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };
        let resources = Resources { cru: 2_000, mru: 2 * GIB, sru: 60 * GIB, hru: 0, nru_per_hour: 0 };
        record(prices, resources, 1, escrow)
    }

    fn pause(record: &BillingRecord<u64>, until: Seconds, now: Seconds) -> Pause {
        Pause::at(&[], record, until, now, |_| 0)
    }

    #[test]
    fn lasts_as_long_as_escrow_pays() {
        // Below one unit more, the last second is free.
        assert_eq!(length(&P, &example(105_000)), 3_600);
        assert_eq!(length(&P, &example(210_000)), 7_200);
    }

    #[test]
    fn lasts_at_most_max_grace() {
        assert_eq!(length(&P, &example(Balance::MAX)), P.max_grace);
    }

    #[test]
    fn is_over_at_once_without_escrow() {
        assert_eq!(length(&P, &example(0)), 0);
        assert!(pause(&example(0), START, START).is_over(START));
    }

    #[test]
    fn what_costs_nothing_lasts_for_max_grace() {
        let free = Prices { su: 0, cu: 0, nu: 0, ipu: 0, gb_second: 0, min_use: 0 };
        assert_eq!(length(&P, &BillingRecord { prices: free, ..example(0) }), P.max_grace);
    }

    #[test]
    fn is_over_exactly_at_its_end() {
        let paused = |now| pause(&example(0), START + 100, now);
        assert!(!paused(START + 99).is_over(START + 99));
        assert!(paused(START + 100).is_over(START + 100));
        assert_eq!(paused(START + 5_000).window.seconds, 100);
    }

    #[test]
    fn a_stall_is_not_charged_and_moves_the_end() {
        let stalls = [Stall { from: START + 50, until: START + 1_050 }];
        let paused = Pause::at(&stalls, &example(0), START + 100, START + 1_060, |_| 0);
        assert_eq!(paused.end, START + 1_100);
        assert_eq!(paused.window.seconds, 60);
        assert!(!paused.is_over(START + 1_060));
    }

    #[test]
    fn dark_time_is_free() {
        // Dark for 500 seconds before the pause, and from its 1,200th second on.
        let record = BillingRecord { dark_before: 500, ..example(0) };
        let paused = Pause::at(&[], &record, START + 9_000, START + 10_000, |until| 500 + until - (START + 1_200));
        assert_eq!(paused.window.seconds, 1_200);
    }

    #[test]
    fn needs_the_pause_in_full_and_high() {
        let record = example(0);
        let high = Levels::of_record(&P, &record).high;
        assert_eq!(pause(&record, START + 7_200, START).needed_to_resume(&P, &record), high);
        assert_eq!(pause(&record, START + 7_200, START + 3_600).needed_to_resume(&P, &record), high + 155_000);
    }

    prop_compose! {
        fn any_record()(
            (su, cu, ipu, min_use) in (1..1_000_000_u64, 1..1_000_000_u64, 1..1_000_000_u64, 0..=100_u8),
            (cru, mru, sru, hru) in (1..64_000_u64, 0..(256 * GIB), 0..(4_096 * GIB), 0..(8_192 * GIB)),
            public_ips in 0..4_u32, escrow in 0..100_000_000_u128, carry in 0..3_600_000_000_u128,
        ) -> BillingRecord<u64> {
            let prices = Prices { su, cu, nu: 15_000, ipu, gb_second: 100, min_use };
            let resources = Resources { cru, mru, sru, hru, nru_per_hour: 0 };
            BillingRecord { carry, ..record(prices, resources, public_ips, escrow) }
        }
    }

    proptest! {
        #[test]
        fn the_whole_pause_never_costs_more_than_escrow(record in any_record(), late in 0..100_000_u64) {
            let until = START + length(&P, &record);
            let window = pause(&record, until, until + late).window;
            let mut record = record;
            let bill = charge::holding(&mut record, &P, &window);
            prop_assert!(bill.total() <= record.escrow);
        }

        #[test]
        fn it_is_as_long_as_escrow_allows(record in any_record()) {
            let length = length(&P, &record);
            prop_assume!(length < P.max_grace);
            let mut record = record;
            let longer = Window { from: START, until: START + length + 1, seconds: length + 1 };
            let bill = charge::holding(&mut record, &P, &longer);
            prop_assert!(bill.total() > record.escrow);
        }

        #[test]
        fn resuming_costs_exactly_what_running_in_full_would_have_cost(
            record in any_record(), seconds in 0..604_800_u64, later in 1..10_000_u64,
        ) {
            let until = START + P.max_grace;
            let (mut paused, mut ran) = (record.clone(), record);
            let window = pause(&paused, until, START + seconds).window;
            let needed = pause(&paused, until, START + seconds).needed_to_resume(&P, &paused);
            let due = charge::resumption(&mut paused, &window).total();
            prop_assert_eq!(needed, due + Levels::of_record(&P, &paused).high);

            let all = ran.resources;
            let full = Report {
                contract_id: 1, timestamp: 0, window: 1, cru: all.cru, sru: all.sru, hru: all.hru, mru: all.mru, nru: 0,
            };
            prop_assert_eq!(due, charge::report(&mut ran, &P, &window, &full).total());
            // And no remainder gets lost between the two.
            let next = Window { from: 0, until: later, seconds: later };
            let after = |record: &mut BillingRecord<u64>| charge::report(record, &P, &next, &full).total();
            prop_assert_eq!(after(&mut paused), after(&mut ran));
        }

        #[test]
        fn a_pause_is_cheaper_only_for_those_who_end(record in any_record(), seconds in 0..604_800_u64) {
            let window = pause(&record, START + P.max_grace, START + seconds).window;
            let (mut ended, mut resumed) = (record.clone(), record);
            let held = charge::holding(&mut ended, &P, &window).total();
            prop_assert!(held <= charge::resumption(&mut resumed, &window).total());
        }
    }
}
