//! Rule 3, the snapshot: a contract keeps the prices it was made under.

use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use grid_types::units::{Prices, Resources};

use crate::{mock::*, types::*, Error};

/// Every one of the six is another.
const DEAR: Prices = Prices { su: 50_001, cu: 100_001, nu: 15_001, ipu: 40_001, gb_second: 101, min_use: 99 };

fn update(
    id: ContractId,
    resources: Option<Resources>,
    public_ips: Option<PublicIpChange>,
    limit: Option<PriceLimit>,
) -> DispatchResult {
    Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), resources, public_ips, limit)
}

fn limit(max_hourly: Balance, max_gb_second: u64) -> Option<PriceLimit> {
    Some(PriceLimit { max_hourly, max_gb_second })
}

#[test]
fn holds_all_six_prices() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_eq!(record(id).prices, PRICES);
        set_prices(DEAR);
        assert_eq!(record(id).prices, PRICES);
        assert_eq!(record(deployed(1)).prices, DEAR);
    });
}

#[test]
fn reports_are_charged_by_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_prices(Prices { cu: PRICES.cu * 9, su: PRICES.su * 9, ipu: PRICES.ipu * 9, nu: PRICES.nu * 9, ..PRICES });
        let before = balance(PAYOUT);
        pass(3_600);
        let bytes = 3 * grid_types::units::TRAFFIC_UNIT;
        assert_ok!(send(vec![grid_types::units::Report { nru: bytes, ..full_report(id, 3_600) }]));
        assert_eq!(balance(PAYOUT) - before, 200_000);
    });
}

#[test]
fn an_update_of_hash_or_data_keeps_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_prices(DEAR);
        assert_ok!(update(id, None, None, None));
        // The same again is no change.
        assert_ok!(update(id, Some(wish()), Some(PublicIpChange::default()), None));
        assert_eq!(record(id).prices, PRICES);
    });
}

#[test]
fn an_update_of_resources_renews_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_prices(DEAR);
        assert_ok!(update(id, Some(Resources { nru_per_hour: 1, ..wish() }), None, None));
        assert_eq!(record(id).prices, DEAR);
    });
}

#[test]
fn an_update_of_addresses_renews_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_prices(DEAR);
        assert_ok!(update(id, None, Some(PublicIpChange { add: 1, ..Default::default() }), None));
        assert_eq!(record(id).prices, DEAR);
    });
}

#[test]
fn the_limit_speaks_of_what_will_hold() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_prices(Prices { cu: PRICES.cu + 1_000, gb_second: PRICES.gb_second + 1, ..PRICES });
        // Hash and data: at the old price.
        assert_ok!(update(id, None, None, limit(155_000, PRICES.gb_second)));
        assert_noop!(update(id, None, None, limit(154_999, PRICES.gb_second)), Error::<Test>::PriceAboveLimit);
        // Another address: at the new one, with the address.
        let add = || Some(PublicIpChange { add: 1, ..Default::default() });
        let dear = PRICES.gb_second + 1;
        assert_noop!(update(id, None, add(), limit(195_999, dear)), Error::<Test>::PriceAboveLimit);
        assert_noop!(update(id, None, add(), limit(196_000, dear - 1)), Error::<Test>::PriceAboveLimit);
        assert_ok!(update(id, None, add(), limit(196_000, dear)));
    });
}

#[test]
fn a_pause_is_charged_by_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(105_000);
        set_prices(Prices { cu: PRICES.cu * 9, ..PRICES });
        let before = balance(PAYOUT);
        pass(3_600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(balance(PAYOUT) - before, 105_000);
    });
}
