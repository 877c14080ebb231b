use frame_support::assert_ok;

use crate::{mock::*, BillingOf};

#[test]
fn a_quote_says_what_is_needed() {
    ExtBuilder::default().build_and_execute(|| {
        let quote = quote();
        assert_eq!(quote.hourly, 155_000);
        assert_eq!(quote.traffic, PRICES.nu);
        // low is three hours with full traffic (6·10^9 bytes an hour, 90,000), deployment half an hour.
        assert_eq!(quote.needed, 245_000 * 3 + 245_000 / 2);
        assert_eq!(quote.high, 245_000 * 27);
        assert!(Contracts_::quote_of(99, &wish(), 0).is_none());
    });
}

#[test]
fn funding_counts_down() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = Contracts_::funding_of(id).unwrap();
        assert_eq!(before.escrow, BillingOf::<Test>::get(id).unwrap().escrow);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        let after = Contracts_::funding_of(id).unwrap();
        assert_eq!(after.escrow, before.escrow - 115_000);
        assert_eq!(after.billed, before.billed + 115_000);
        assert_eq!(after.seconds_left, before.seconds_left - 3_600);
        assert!(Contracts_::funding_of(99).is_none());
    });
}
