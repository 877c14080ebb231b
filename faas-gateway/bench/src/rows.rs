//! Rows of the table: what, measured, to reach, ratio; with tabs between. A ratio of at most 1 is good.

use std::time::Duration;

pub fn at_most(what: &str, measured: f64, limit: f64) {
    println!("{what}\t{measured:.2}\t{limit}\t{:.2}", measured / limit);
}

pub fn at_least(what: &str, measured: f64, least: f64) {
    println!("{what}\t{measured:.0}\t>= {least}\t{:.2}", least / measured);
}

/// Something to compare with.
pub fn beside(what: &str, measured: &str) {
    println!("{what}\t{measured}\t-\t-");
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
