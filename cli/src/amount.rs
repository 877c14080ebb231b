//! Amounts as people write them: GRID with up to seven decimals, bytes with units, vCPU with three decimals.

use grid_types::units::{DECIMALS, GRID};
use std::{fmt, str::FromStr};

/// An amount of the token; kept in base units, written in GRID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u128);

/// A number of bytes; written with a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// Processor in thousandths of a vCPU; written in vCPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vcpu(pub u64);

/// Units of bytes, largest first.
const UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("KB", 1_000),
    ("B", 1),
];

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        decimal(text, u32::from(DECIMALS)).map(Self).ok_or_else(|| {
            format!("{text:?} is not an amount in GRID: write digits, and after a point at most {DECIMALS}, as in 12.5")
        })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.0, GRID, usize::from(DECIMALS)))
    }
}

impl FromStr for Vcpu {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let thousandths = decimal(text, 3).and_then(|value| u64::try_from(value).ok());
        thousandths.map(Self).ok_or_else(|| format!("{text:?} is not a number of vCPU, as in 2 or 0.25"))
    }
}

impl fmt::Display for Vcpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.0.into(), 1_000, 3))
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad =
            || format!("{text:?} is not a size: write a whole number with B, KiB, MiB, GiB, TiB, kB, MB, GB or TB");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "" => 1,
            name => UNITS.iter().find(|(unit, _)| unit.eq_ignore_ascii_case(name)).ok_or_else(bad)?.1,
        };
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).map(Self).ok_or_else(bad)
    }
}

impl fmt::Display for Bytes {
    /// The largest binary unit that leaves a whole number, or else one decimal of the largest that fits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = UNITS.iter().filter(|(name, _)| name.contains('i') || *name == "B");
        let fits =
            binary.clone().find(|(_, size)| self.0 >= *size && self.0.is_multiple_of(*size) && self.0 / size < 10_240);
        if let Some((name, size)) = fits {
            return write!(f, "{} {name}", self.0 / size);
        }
        match binary.into_iter().find(|(_, size)| self.0 >= *size) {
            Some((name, size)) => write!(f, "{:.1} {name}", self.0 as f64 / *size as f64),
            None => f.write_str("0 B"),
        }
    }
}

/// A decimal number in parts of `10^-places`; none if it is not one or has more places.
fn decimal(text: &str, places: u32) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let length = u32::try_from(fraction.len()).ok()?;
    let empty = whole.is_empty() || (text.contains('.') && fraction.is_empty());
    if empty || !digits(whole) || !digits(fraction) || length > places {
        return None;
    }
    let whole: u128 = whole.parse().ok()?;
    let fraction: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scaled = fraction.checked_mul(10_u128.checked_pow(places - length)?)?;
    whole.checked_mul(10_u128.checked_pow(places)?)?.checked_add(scaled)
}

/// Parts written as a decimal number without trailing zeros.
fn written(parts: u128, one: u128, places: usize) -> String {
    let (whole, fraction) = (parts / one, parts % one);
    if fraction == 0 {
        return whole.to_string();
    }
    let fraction = format!("{fraction:0places$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn amount(text: &str) -> Result<u128, String> {
        text.parse::<Amount>().map(|amount| amount.0)
    }

    #[test]
    fn amounts_are_read_to_the_base_unit() {
        assert_eq!(amount("1"), Ok(10_000_000));
        assert_eq!(amount("12.5"), Ok(125_000_000));
        assert_eq!(amount("0.0000001"), Ok(1));
        assert_eq!(amount("0"), Ok(0));
        assert_eq!(amount("007.10"), Ok(71_000_000));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.00000001", "1.2.3", "one", " 1", &"9".repeat(40)]
        {
            assert!(amount(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn amounts_are_written_without_trailing_zeros() {
        for (base, text) in
            [(0, "0"), (1, "0.0000001"), (10_000_000, "1"), (125_000_000, "12.5"), (10_000_001, "1.0000001")]
        {
            assert_eq!(Amount(base).to_string(), text);
            assert_eq!(amount(text), Ok(base));
        }
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        let size = |text: &str| text.parse::<Bytes>().map(|bytes| bytes.0);
        assert_eq!(size("1024"), Ok(1_024));
        assert_eq!(size("64MiB"), Ok(67_108_864));
        assert_eq!(size("64 mib"), Ok(67_108_864));
        assert_eq!(size("2GB"), Ok(2_000_000_000));
        assert_eq!(size("0"), Ok(0));
        for text in ["", "MiB", "1.5GiB", "-1", "1 XB", "99999999999TiB"] {
            assert!(size(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_are_written_in_the_largest_unit_that_fits() {
        let cases = [(0, "0 B"), (1, "1 B"), (67_108_864, "64 MiB"), (1 << 30, "1 GiB"), (1_500_000_000, "1.4 GiB")];
        for (bytes, text) in cases {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn processors_are_read_and_written_in_thousandths() {
        assert_eq!("2".parse(), Ok(Vcpu(2_000)));
        assert_eq!("0.25".parse(), Ok(Vcpu(250)));
        assert!("0.0001".parse::<Vcpu>().is_err());
        assert_eq!(Vcpu(1_500).to_string(), "1.5");
    }
}
