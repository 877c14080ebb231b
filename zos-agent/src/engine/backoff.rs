//! How long to wait before the next attempt.

/// Seconds to wait after `tries` failures: doubling from one second, at most `max`.
pub fn after(tries: u32, max: u64) -> u64 {
    let doubled = 1_u64.checked_shl(tries.saturating_sub(1)).unwrap_or(u64::MAX);
    doubled.clamp(1, max.max(1))
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<_> = (1..=6).map(|tries| after(tries, 10)).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10]);
        assert_eq!(after(u32::MAX, 300), 300);
        assert_eq!(after(0, 0), 1);
    }
}
