//! What a whole node costs, and what the contracts inside it do.

use grid_types::units::{Prices, MAX_PRICE};

/// The prices of a rent: the farmer's, with the surcharge on compute and storage, per cent, rounded down. All of it is
/// charged, used or not: nobody else can have it.
pub fn whole_node(prices: &Prices, surcharge: u16) -> Prices {
    let dearer = |price: u64| {
        let price = u128::from(price).saturating_mul(u128::from(surcharge).saturating_add(100)) / 100;
        u64::try_from(price).unwrap_or(MAX_PRICE).min(MAX_PRICE)
    };
    Prices { cu: dearer(prices.cu), su: dearer(prices.su), min_use: 100, ..*prices }
}

/// The prices of a contract inside a rent: compute and storage are paid for by the rent.
pub const fn inside_rent(prices: &Prices) -> Prices {
    Prices { cu: 0, su: 0, ..*prices }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: Prices = Prices { su: 50_001, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 20 };

    #[test]
    fn a_surcharge_raises_compute_and_storage_only() {
        let rent = whole_node(&PRICES, 25);
        assert_eq!(rent, Prices { su: 62_501, cu: 125_000, min_use: 100, ..PRICES });
    }

    #[test]
    fn without_surcharge_only_min_use_differs() {
        assert_eq!(whole_node(&PRICES, 0), Prices { min_use: 100, ..PRICES });
    }

    #[test]
    fn no_price_leaves_what_the_arithmetic_is_proven_for() {
        let dearest = Prices { su: MAX_PRICE, cu: MAX_PRICE, nu: MAX_PRICE, ipu: MAX_PRICE, gb_second: 0, min_use: 0 };
        for surcharge in [0, 1, 1_000, u16::MAX] {
            assert!(whole_node(&dearest, surcharge).valid());
        }
        assert_eq!(whole_node(&Prices { cu: 0, ..PRICES }, u16::MAX).cu, 0);
    }

    #[test]
    fn inside_a_rent_only_addresses_traffic_and_calls_cost() {
        assert_eq!(inside_rent(&PRICES), Prices { su: 0, cu: 0, ..PRICES });
    }
}
