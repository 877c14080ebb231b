//! Rows of the table: what, measured, to reach, ratio; with tabs between. A ratio of at most 1 is good,
//! except where a peer stands in the place of what is to be reached: there it says how the two relate.

use std::time::Duration;

pub fn at_most(what: &str, measured: f64, limit: f64) {
    println!("{what}\t{measured:.2}\t{limit}\t{:.2}", measured / limit);
}

pub fn at_least(what: &str, measured: f64, least: f64) {
    println!("{what}\t{measured:.0}\t>= {least}\t{:.2}", least / measured);
}

/// A figure of the gateway and the same one of a peer, measured in the same run.
pub fn against(what: &str, measured: f64, peer: f64, decimals: usize) {
    println!("{what}\t{measured:.decimals$}\tpeer {peer:.decimals$}\t{:.2}", measured / peer);
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
