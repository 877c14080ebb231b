//! The only place that reads the machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix milliseconds.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Unix seconds.
pub fn now() -> u64 {
    now_ms() / 1_000
}

/// Seconds since the machine was started, or since `started` (Unix seconds) where the machine does not say.
pub fn uptime(started: u64) -> u64 {
    let machine = std::fs::read_to_string("/proc/uptime").ok();
    let whole = machine.as_deref().and_then(|text| text.split('.').next()).and_then(|text| text.parse().ok());
    whole.unwrap_or_else(|| now().saturating_sub(started))
}
