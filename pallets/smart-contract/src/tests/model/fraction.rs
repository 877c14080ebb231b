//! Numbers without rounding.

use std::{
    cmp::Ordering,
    ops::{Add, Div, Mul},
};

/// A fraction in lowest terms, so that equal ones are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    above: u128,
    below: u128,
}

impl Fraction {
    pub fn new(above: impl Into<u128>, below: impl Into<u128>) -> Self {
        let (above, below) = (above.into(), below.into());
        let common = greatest_common_divisor(above, below);
        Self { above: above / common, below: below / common }
    }

    pub fn rounded_down(self) -> u128 {
        self.above / self.below
    }

    pub fn rounded_up(self) -> u128 {
        self.above.div_ceil(self.below)
    }
}

impl Add for Fraction {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let common = self.below / greatest_common_divisor(self.below, other.below) * other.below;
        let above = self.above * (common / self.below) + other.above * (common / other.below);
        Self::new(above, common)
    }
}

impl<N: Into<u128>> Mul<N> for Fraction {
    type Output = Self;

    fn mul(self, factor: N) -> Self {
        let factor = Self::new(factor, self.below);
        Self::new(self.above * factor.above, factor.below)
    }
}

impl<N: Into<u128>> Div<N> for Fraction {
    type Output = Self;

    #[allow(clippy::suspicious_arithmetic_impl)] // A fraction is divided by multiplying what is below.
    fn div(self, divisor: N) -> Self {
        Self::new(self.above, self.below * divisor.into())
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.above * other.below).cmp(&(other.above * self.below))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[test]
fn fractions_are_exact() {
    let third = Fraction::new(1_u128, 3_u128);
    assert_eq!(third + third + third, Fraction::new(1_u128, 1_u128));
    assert_eq!(third * 6_u128 / 4_u128, Fraction::new(1_u128, 2_u128));
    assert_eq!((third.rounded_down(), third.rounded_up()), (0, 1));
    assert!(third < Fraction::new(334_u128, 1_000_u128) && third > Fraction::new(333_u128, 1_000_u128));
}
