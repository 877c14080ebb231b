//! How often the clock ticks: what the query says, checked.

use std::{num::ParseIntError, time::Duration};

/// More would take longer than a call may.
const MOST: u32 = 100;
const LONGEST: Duration = Duration::from_secs(10);

/// So many ticks, so far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    pub count: u32,
    pub every: Duration,
}

impl Ticks {
    /// Reads `count=3&every_ms=500`; 3 and a second where nothing is said.
    pub fn from_query(query: &str) -> Result<Self, String> {
        let mut ticks = Self { count: 3, every: Duration::from_secs(1) };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let wrong = |error: ParseIntError| format!("{name}: {error}");
            match name {
                "count" => ticks.count = value.parse().map_err(wrong)?,
                "every_ms" => ticks.every = Duration::from_millis(value.parse().map_err(wrong)?),
                _ => return Err(format!("{name} is not known; there are count and every_ms")),
            }
        }
        if ticks.count > MOST || ticks.every > LONGEST {
            return Err(format!("at most {MOST} ticks, at most {} ms apart", LONGEST.as_millis()));
        }
        Ok(ticks)
    }
}

#[cfg(test)]
mod tests {
    use super::Ticks;
    use std::time::Duration;

    fn ticks(count: u32, millis: u64) -> Ticks {
        Ticks { count, every: Duration::from_millis(millis) }
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        assert_eq!(Ticks::from_query(""), Ok(ticks(3, 1000)));
        assert_eq!(Ticks::from_query("count=5"), Ok(ticks(5, 1000)));
        assert_eq!(Ticks::from_query("every_ms=20&count=0"), Ok(ticks(0, 20)));
    }

    #[test]
    fn ticks_that_nobody_should_wait_for_are_refused() {
        for query in ["count=101", "every_ms=10001", "count=-1", "count=", "every=1"] {
            assert!(Ticks::from_query(query).is_err(), "{query}");
        }
    }
}
