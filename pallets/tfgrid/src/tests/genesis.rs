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
#[should_panic(expected = "price_floor")]
fn refuses_a_floor_that_no_price_can_meet() {
    ExtBuilder::default().price_floor(Prices { min_use: 101, ..FLOOR }).build();
}
