//! Times as people read them: dates in UTC, spans in days, hours, minutes and seconds.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Seconds of a day.
pub const DAY: u64 = 24 * HOUR;

/// Unix seconds as a date.
pub fn date(unix: u64) -> String {
    let (year, month, day) = civil(unix / DAY);
    let (hour, minute, second) = (unix % DAY / HOUR, unix % HOUR / MINUTE, unix % MINUTE);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Seconds in the two largest units that they fill.
pub fn span(seconds: u64) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")];
    let first = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let parts = units.iter().skip(first).take(2).map(|(size, name)| {
        let count = rest / size;
        rest %= size;
        (count, name)
    });
    let parts: Vec<_> = parts.enumerate().filter(|(at, (count, _))| *at == 0 || *count > 0).collect();
    parts.iter().map(|(_, (count, name))| format!("{count} {name}")).collect::<Vec<_>>().join(" ")
}

/// Year, month and day of a day since 1970. Counted in years that begin in March: then the leap day is the last of a year.
const fn civil(day: u64) -> (u64, u64, u64) {
    const FOUR_CENTURIES: u64 = 146_097;
    let day = day + 719_468;
    let (era, day) = (day / FOUR_CENTURIES, day % FOUR_CENTURIES);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = 400 * era + year + if month <= 2 { 1 } else { 0 };
    (year, month, day - (153 * march_month + 2) / 5 + 1)
}

/// Unix milliseconds of a time as RFC 3339 writes it.
pub fn millis(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok())?
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| text.as_bytes().get(*at).map(u8::to_ascii_uppercase) != Some(*mark)) {
        return None;
    }
    let days = day_of(number(0..4)?, number(5..7)?, number(8..10)?)?;
    let seconds = days * DAY + number(11..13)? * HOUR + number(14..16)? * MINUTE + number(17..19)?;
    let rest = text.get(19..)?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone);
    let fraction: u64 = match fraction.strip_prefix('.') {
        Some(digits) => format!("{digits:0<3}").get(..3)?.parse().ok()?,
        None => 0,
    };
    let ahead = match zone.get(1..).filter(|ahead| !ahead.is_empty()) {
        Some(ahead) => {
            let (hours, minutes) = ahead.split_once(':')?;
            hours.parse::<u64>().ok()? * HOUR + minutes.parse::<u64>().ok()? * MINUTE
        },
        None => 0,
    };
    let seconds = if zone.starts_with('-') { seconds.checked_add(ahead) } else { seconds.checked_sub(ahead) };
    Some(seconds? * 1_000 + fraction)
}

/// The day since 1970 of a date from then on.
fn day_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1_970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days are those of the years before, then looked for: there is no second calendar to get wrong.
    let guess = (year - 1_970) * 365 + (month - 1) * 28;
    (guess..guess + 64 + (year - 1_970) / 4).find(|candidate| civil(*candidate) == (year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_gateways_write_them() {
        for (text, millis_of) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00:00.5Z", Some(951_782_400_500)),
            ("2025-12-31T23:59:59.123456789Z", Some(1_767_225_599_123)),
            ("2026-01-01T01:59:59+02:00", Some(1_767_225_599_000)),
            ("2025-12-31t18:59:59-05:00", Some(1_767_225_599_000)),
            ("9999-12-31T00:00:00Z", Some(253_402_214_400_000)),
            ("2025-02-30T00:00:00Z", None),
            ("2025-12-31 23:59:59", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(millis(text), millis_of, "{text}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (unix, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_767_225_599, "2025-12-31 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(date(unix), text);
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (86_400, "1 d"), (266_400, "3 d 2 h")]
        {
            assert_eq!(span(seconds), text);
        }
    }
}
