use frame_support::traits::BuildGenesisConfig;
use grid_types::units::Prices;

use crate::{mock::*, *};

#[test]
fn sets_floor_and_verification() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(PriceFloor::<Test>::get(), FLOOR);
        assert!(AutoVerifyIps::<Test>::get());
    });
    ExtBuilder::default().with_verifier().build_and_execute(|| assert!(!AutoVerifyIps::<Test>::get()));
}

#[test]
fn has_a_floor_above_nothing_unless_it_says_more() {
    assert_eq!(GenesisConfig::<Test>::default().price_floor, LEAST_PRICES);
}

#[test]
fn refuses_a_floor_of_nothing() {
    for floor in super::policies::for_nothing() {
        let genesis = GenesisConfig::<Test> { price_floor: floor, ..Default::default() };
        let build = || sp_io::TestExternalities::default().execute_with(|| genesis.build());
        assert!(std::panic::catch_unwind(core::panic::AssertUnwindSafe(build)).is_err(), "{floor:?}");
    }
}

#[test]
#[should_panic(expected = "price_floor is above")]
fn refuses_a_floor_that_no_price_can_meet() {
    ExtBuilder::default().price_floor(Prices { min_use: 101, ..FLOOR }).build();
}
