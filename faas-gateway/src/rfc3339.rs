//! Times as clients write them: RFC 3339, in UTC or with an offset (Go's clients send their local one).

use std::time::{Duration, SystemTime};

/// Reads `2026-01-31T12:00:00Z`, `2026-01-31 12:00:00`, `2026-01-31T13:00:00.5+01:00`.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let Some((local, sign, hours, minutes)) = split_offset(text) else {
        return humantime::parse_rfc3339_weak(text).ok();
    };
    let time = humantime::parse_rfc3339_weak(local).ok()?;
    let offset = Duration::from_secs((hours * 60 + minutes) * 60);
    if sign == b'+' {
        time.checked_sub(offset)
    } else {
        time.checked_add(offset)
    }
}

/// `...+01:30` -> `...`, `+`, 1, 30. A space is what an unescaped plus in a query becomes.
fn split_offset(text: &str) -> Option<(&str, u8, u64, u64)> {
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let number = |from: usize| offset.get(from..from + 2)?.parse::<u64>().ok();
    let [sign, _, _, b':', _, _] = offset.as_bytes() else { return None };
    let sign = match sign {
        b'+' | b' ' => b'+',
        b'-' => b'-',
        _ => return None,
    };
    let (hours, minutes) = (number(1)?, number(4)?);
    // A time without offset ends in ":MM:SS", whose first byte is no sign; one that is only a date has no colon.
    (hours < 24 && minutes < 60 && local.contains(':')).then_some((local, sign, hours, minutes))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn same(left: &str, right: &str) {
        assert!(parse(left).is_some(), "{left}");
        assert_eq!(parse(left), parse(right), "{left} {right}");
    }

    #[test]
    fn utc_and_offsets_mean_the_same_moment() {
        same("2026-01-31T12:00:00Z", "2026-01-31T13:30:00+01:30");
        same("2026-01-31T12:00:00Z", "2026-01-31T04:00:00-08:00");
        same("2026-01-31T12:00:00.25Z", "2026-01-31T12:00:00.25+00:00");
        same("2026-01-31T12:00:00Z", "2026-01-31T13:00:00 01:00");
        same("2026-01-31T12:00:00Z", "2026-01-31 12:00:00");
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in ["", "now", "5m", "2026-01-31", "2026-01-31T12:00:00+25:00", "2026-13-31T12:00:00Z", "é:00:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
