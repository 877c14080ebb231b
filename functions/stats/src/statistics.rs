//! The arithmetic, without input and output.

use serde::Serialize;
use std::fmt;

/// What can be said about a list of numbers.
#[derive(Debug, PartialEq, Serialize)]
pub struct Statistics {
    pub count: usize,
    pub sum: f64,
    pub mean: f64,
    /// The middle value; of an even number of values, the mean of the two in the middle.
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// Standard deviation of the values as a whole population: divided by their number, not by one less.
    pub stddev: f64,
}

/// Why there are no statistics.
#[derive(Debug, PartialEq, Eq)]
pub enum NoStatistics {
    Empty,
    /// Finite values whose sum or spread is not.
    TooLarge,
}

impl fmt::Display for NoStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "values is empty: there is nothing to sum up",
            Self::TooLarge => "the values are too large: their sum or spread exceeds a 64-bit floating-point number",
        })
    }
}

/// O(n log n) for the median.
pub fn statistics(values: &[f64]) -> Result<Statistics, NoStatistics> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return Err(NoStatistics::Empty) };
    let count = sorted.len();
    let sum = sum(values.iter().copied());
    let mean = sum / count as f64;
    let variance = self::sum(values.iter().map(|value| (value - mean).powi(2))) / count as f64;
    let result = Statistics { count, sum, mean, median: median(&sorted), min, max, stddev: variance.sqrt() };
    if [result.sum, result.median, result.stddev].iter().all(|number| number.is_finite()) {
        Ok(result)
    } else {
        Err(NoStatistics::TooLarge)
    }
}

/// Sums with compensation (Neumaier): the error does not grow with the number of values.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// Of a sorted list that is not empty.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        // Halved first: two values near the largest number would not have a sum.
        sorted[middle - 1] / 2.0 + sorted[middle] / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Statistics {
        statistics(values).expect("finite values")
    }

    #[test]
    fn a_known_sample() {
        let result = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        let expected = Statistics { count: 8, sum: 40.0, mean: 5.0, median: 4.5, min: 2.0, max: 9.0, stddev: 2.0 };
        assert_eq!(result, expected);
    }

    #[test]
    fn one_value_is_its_own_middle_without_spread() {
        let result = of(&[-3.25]);
        assert_eq!((result.median, result.min, result.max, result.stddev), (-3.25, -3.25, -3.25, 0.0));
    }

    #[test]
    fn order_does_not_matter() {
        assert_eq!(of(&[3.0, 1.0, 2.0]), of(&[1.0, 2.0, 3.0]));
    }

    #[test]
    fn small_values_are_not_lost_beside_large_ones() {
        assert_eq!(of(&[1.0, 1e100, 1.0, -1e100]).sum, 2.0);
        assert_eq!(of(&[0.1; 10]).sum, 1.0);
    }

    #[test]
    fn nothing_has_no_statistics() {
        assert_eq!(statistics(&[]), Err(NoStatistics::Empty));
    }

    #[test]
    fn what_overflows_is_refused_rather_than_infinite() {
        assert_eq!(statistics(&[f64::MAX, f64::MAX]), Err(NoStatistics::TooLarge));
        assert_eq!(statistics(&[f64::MAX, -f64::MAX]), Err(NoStatistics::TooLarge));
    }
}
