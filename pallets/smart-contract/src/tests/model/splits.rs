//! One long window costs what any split of it costs, to the base unit.

use frame_support::assert_ok;
use grid_types::units::{Prices, Report, Resources, GIB, MAX_PRICE};
use proptest::prelude::*;

use super::cases;
use crate::{mock::*, types::*, BillingOf};

/// A contract, and a time that is reported in parts: the cuts, in thousandths.
#[derive(Clone, Debug)]
struct Case {
    prices: Prices,
    resources: Resources,
    public_ips: u32,
    seconds: Seconds,
    cuts: Vec<u64>,
    /// Per cent of the traffic that is allowed.
    traffic: u64,
}

/// When the parts are sent.
#[derive(Clone, Copy)]
enum Sent {
    /// Each at its end.
    Live,
    /// All at the end, from an outbox.
    Late,
}

fn case() -> impl Strategy<Value = Case> {
    let price = || prop_oneof![0..200_000_u64, Just(MAX_PRICE)];
    let prices = (price(), price(), price(), price(), 0..=100_u8).prop_map(|(su, cu, nu, ipu, min_use)| Prices {
        su,
        cu,
        nu,
        ipu,
        gb_second: 0,
        min_use,
    });
    // Traffic is counted in whole bytes, so a ceiling of a few bytes an hour would be mostly rounding.
    let resources = (1..8_000_u64, 0..32 * GIB, 0..1_000 * GIB, 0..2_000 * GIB, 20_000..1_u64 << 40)
        .prop_map(|(cru, mru, sru, hru, nru_per_hour)| Resources { cru, mru, sru, hru, nru_per_hour });
    (prices, resources, 0..4_u32, 1..=RULES.max_window, proptest::collection::vec(0..1_000_u64, 0..12), 0..=50_u64)
        .prop_map(|(prices, resources, public_ips, seconds, cuts, traffic)| Case {
            prices,
            resources,
            public_ips,
            seconds,
            cuts,
            traffic,
        })
}

/// What the contract was charged, and what the farmer got, when the time was reported in parts that end at `ends`.
fn cost(case: &Case, ends: &[Seconds], sent: Sent) -> (Balance, Balance) {
    let mut cost = (0, 0);
    ExtBuilder::default().build_and_execute(|| {
        set_prices(case.prices);
        leave(USER, u128::from(u64::MAX) * u128::from(u64::MAX) / 1_000);
        let id = deployed_with(case.resources, case.public_ips);
        let (start, paid) = (now(), balance(PAYOUT));
        let bytes =
            |end| u128::from(case.resources.nru_per_hour) * u128::from(end) * u128::from(case.traffic) / 360_000;
        let part = |begin: Seconds, end: Seconds| Report {
            timestamp: start + end,
            nru: bytes(end).try_into().unwrap(),
            ..full_report(id, end - begin)
        };
        let begins = std::iter::once(0).chain(ends.iter().copied());
        let parts: Vec<_> = begins.zip(ends).map(|(begin, end)| part(begin, *end)).collect();
        match sent {
            Sent::Late => {
                pass(case.seconds);
                assert_ok!(send(parts));
            },
            Sent::Live => {
                for part in parts {
                    pass(part.timestamp - now());
                    assert_ok!(send(vec![part]));
                }
            },
        }
        cost = (BillingOf::<Test>::get(id).unwrap().billed, balance(PAYOUT) - paid);
    });
    cost
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_long_window_costs_what_any_split_of_it_costs(case in case()) {
        let mut ends: Vec<Seconds> = case.cuts.iter().map(|cut| case.seconds * cut / 1_000).collect();
        ends.push(case.seconds);
        ends.sort_unstable();
        ends.dedup();
        ends.retain(|end| *end > 0);
        let whole = cost(&case, &[case.seconds], Sent::Live);
        prop_assert_eq!(whole.0, whole.1);
        prop_assert_eq!(cost(&case, &ends, Sent::Late), whole);
        prop_assert_eq!(cost(&case, &ends, Sent::Live), whole);
    }
}
