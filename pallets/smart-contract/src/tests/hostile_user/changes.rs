//! Changes at the right moment.

use super::*;

#[test]
fn cancelling_at_any_second_before_the_report_saves_nothing() {
    for second in [1, 59, 299, 599] {
        ExtBuilder::default().with_foundation(0).build_and_execute(|| {
            let id = deployed(1);
            pass(PERIOD);
            assert_ok!(report(id, PERIOD));
            pass(second);
            cancel(USER, id);
            assert_eq!(earned(), HOURLY * Balance::from(PERIOD + second) / 3_600);
        });
    }
}

#[test]
fn shrinking_right_before_the_report_is_paid_as_what_it_was() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        update(id, Some(Resources { cru: 1, mru: 1, sru: 0, hru: 0, nru_per_hour: 0 }));
        assert_eq!(earned(), HOURLY / 6);
        assert_ok!(report(id, PERIOD));
        assert_eq!(earned(), HOURLY / 6);
    });
}

#[test]
fn an_update_in_every_block_costs_what_none_costs() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        for second in 1..=PERIOD {
            pass(1);
            update(id, None);
            if second % 60 == 0 {
                assert_ok!(send(vec![Report { nru: second * TRAFFIC_UNIT / PERIOD, ..full_report(id, 60) }]));
            }
        }
        // Traffic is allowed by the second: a fraction of a byte of each is nobody's.
        let due = HOURLY / 6 + 15_000;
        assert!((due - 1..=due).contains(&earned()), "{}", earned());
    });
}

#[test]
fn traffic_saved_at_a_high_ceiling_is_not_left_over_for_a_low_one() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed_with(Resources { nru_per_hour: 1 << 40, ..wish() }, 0);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        set_prices(Prices { nu: PRICES.nu * 1_000, ..PRICES });
        update(id, Some(Resources { nru_per_hour: 0, ..wish() }));
        let before = record(id).billed;
        pass(PERIOD);
        assert_ok!(send(vec![Report { nru: u64::MAX, ..full_report(id, PERIOD) }]));
        assert!(record(id).billed - before <= most_due(&PRICES, &record(id).resources, 0, PERIOD) + 1);
    });
}

#[test]
fn a_price_raised_in_the_same_block_costs_the_careful_user_nothing() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let careful = Some(PriceLimit { max_hourly: quote().hourly, max_gb_second: PRICES.gb_second });
        let id = deployed(1);
        let before = (balance(USER), record(id));
        // The farmer sees both calls coming.
        set_prices(Prices { cu: PRICES.cu + 1, ..PRICES });
        let (hash, data) = ([1; 32], DeploymentData::default());
        let mode = ContractMode::Reserved;
        let create = Contracts_::create_contract(origin(USER), NODE_ID, hash, data.clone(), 1, wish(), mode, careful);
        assert_noop!(create, Error::<Test>::PriceAboveLimit);
        let other = Some(Resources { nru_per_hour: 0, ..wish() });
        let update = Contracts_::update_contract(origin(USER), id, hash, data, other, None, careful);
        assert_noop!(update, Error::<Test>::PriceAboveLimit);
        assert_eq!((balance(USER), record(id)), before);
    });
}
