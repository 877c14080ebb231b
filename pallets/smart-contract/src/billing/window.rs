//! Which seconds may be charged.

use crate::types::{Parameters, Seconds, Stall};

/// Seconds of `[from, until)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Start, Unix seconds.
    pub from: Seconds,
    /// End, Unix seconds.
    pub until: Seconds,
    /// Length without stalls of the chain, seconds.
    pub seconds: Seconds,
}

impl Window {
    /// `[from, until)` without the stalls in it; empty if it ends before it begins.
    pub fn outside(stalls: &[Stall], from: Seconds, until: Seconds) -> Self {
        let from = from.min(until);
        let stalled = |stall: &Stall| stall.until.min(until).saturating_sub(stall.from.max(from));
        let still = stalls.iter().map(stalled).fold(0, Seconds::saturating_add);
        Self { from, until, seconds: until.saturating_sub(from).saturating_sub(still) }
    }
}

/// Rule 1: a report's window, clipped to what is not paid yet and not too old.
///
/// Windows therefore never overlap, a repeated report has nothing left, and time in which a node was dark is never in one.
pub fn reported(
    parameters: &Parameters,
    stalls: &[Stall],
    now: Seconds,
    paid_until: Seconds,
    timestamp: Seconds,
    window: Seconds,
) -> Window {
    let from = timestamp.saturating_sub(window).max(paid_until).max(oldest(parameters, stalls, now));
    Window::outside(stalls, from, timestamp)
}

/// Rule 4: what is settled without a report, as far as the node was there to run the work.
pub fn settled(
    parameters: &Parameters,
    stalls: &[Stall],
    now: Seconds,
    paid_until: Seconds,
    last_seen: Seconds,
) -> Window {
    let from = paid_until.max(oldest(parameters, stalls, now));
    let until = |begin: Seconds, length| deadline(stalls, begin, begin.saturating_add(length));
    let unreported = until(paid_until, parameters.report_period.saturating_mul(2));
    let seen = until(last_seen, parameters.report_period);
    Window::outside(stalls, from, now.min(unreported).min(seen).max(from))
}

/// What lies before this is not charged any more: `max_report_delay` of time in which the chain ran has passed since. While it
/// stood still nobody could report.
fn oldest(parameters: &Parameters, stalls: &[Stall], now: Seconds) -> Seconds {
    let begin = now.saturating_sub(parameters.max_report_delay);
    stalls.iter().rev().fold(begin, |begin, stall| {
        let end = stall.until.min(now);
        let still = if end > begin { end.saturating_sub(stall.from) } else { 0 };
        begin.saturating_sub(still)
    })
}

/// Rules 5 and 8: what is charged for capacity that is held without running. The node was not there to hold it for `dark`
/// seconds.
pub fn held(stalls: &[Stall], from: Seconds, until: Seconds, dark: Seconds) -> Window {
    let all = Window::outside(stalls, from, until);
    Window { seconds: all.seconds.saturating_sub(dark), ..all }
}

/// How many seconds of the silence of a node that was last heard of at `last_seen` count as dark: all but the first two report
/// periods, in which it may still hold what it should.
pub fn dark(parameters: &Parameters, stalls: &[Stall], last_seen: Seconds, until: Seconds) -> Seconds {
    if last_seen == 0 {
        return 0;
    }
    Window::outside(stalls, last_seen, until).seconds.saturating_sub(parameters.unseen_after())
}

/// When a deadline that was set at `from` for `due` really is: later by the time that the chain stood still before it.
pub fn deadline(stalls: &[Stall], from: Seconds, due: Seconds) -> Seconds {
    stalls.iter().fold(due, |due, stall| {
        let begin = stall.from.max(from);
        let still = if begin < due { stall.until.saturating_sub(begin) } else { 0 };
        due.saturating_add(still)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Parameters = Parameters::development(); // period 10, window 60, delay 120

    #[test]
    fn a_report_covers_its_window() {
        assert_eq!(reported(&P, &[], 1_000, 990, 1_000, 10), Window { from: 990, until: 1_000, seconds: 10 });
    }

    #[test]
    fn a_gap_before_the_window_is_not_charged() {
        assert_eq!(reported(&P, &[], 1_000, 900, 1_000, 10).seconds, 10);
    }

    #[test]
    fn paid_time_is_not_charged_again() {
        assert_eq!(reported(&P, &[], 1_000, 996, 1_000, 10).seconds, 4);
        assert_eq!(reported(&P, &[], 1_000, 1_000, 1_000, 10).seconds, 0);
        assert_eq!(reported(&P, &[], 1_000, 2_000, 1_000, 10).seconds, 0);
    }

    #[test]
    fn time_that_is_too_old_is_not_charged() {
        assert_eq!(reported(&P, &[], 1_000, 0, 900, 60).seconds, 20);
        assert_eq!(reported(&P, &[], 1_000, 0, 880, 60).seconds, 0);
    }

    #[test]
    fn a_stall_of_the_chain_is_not_charged() {
        let stalls = [Stall { from: 910, until: 950 }];
        assert_eq!(reported(&P, &stalls, 1_000, 900, 960, 60).seconds, 20);
        assert_eq!(reported(&P, &stalls, 1_000, 930, 960, 60).seconds, 10);
        assert_eq!(reported(&P, &stalls, 1_000, 960, 970, 60).seconds, 10);
    }

    #[test]
    fn a_stall_makes_no_time_too_old() {
        // 120 seconds that ran are those from 540 to 640 and from 980 on.
        let stalls = [Stall { from: 100, until: 500 }, Stall { from: 640, until: 980 }];
        assert_eq!(reported(&P, &stalls, 1_000, 0, 640, 640).seconds, 100);
        assert_eq!(reported(&P, &stalls, 1_000, 0, 540, 60).seconds, 0);
        // It begins where what is too old ends.
        let stalls = [Stall { from: 100, until: 500 }, Stall { from: 880, until: 980 }];
        assert_eq!(reported(&P, &stalls, 1_000, 0, 1_000, 1_000).seconds, 120);
        let stalls = [Stall { from: 380, until: 880 }];
        assert_eq!(reported(&P, &stalls, 1_000, 0, 1_000, 1_000).seconds, 120);
    }

    #[test]
    fn settling_goes_on_after_a_stall() {
        let stalls = [Stall { from: 955, until: 995 }];
        assert_eq!(settled(&P, &stalls, 1_000, 950, 1_000).seconds, 10);
        assert_eq!(settled(&P, &stalls, 1_000, 940, 1_000).seconds, 20);
        // Seen last five seconds before it: five more are settled after it.
        assert_eq!(settled(&P, &stalls, 1_002, 950, 950).seconds, 10);
    }

    #[test]
    fn settling_stops_at_two_periods_without_report() {
        assert_eq!(settled(&P, &[], 1_000, 990, 1_000).seconds, 10);
        assert_eq!(settled(&P, &[], 1_000, 950, 1_000).seconds, 20);
    }

    #[test]
    fn dark_time_is_not_held() {
        assert_eq!(held(&[], 900, 1_000, 0).seconds, 100);
        assert_eq!(held(&[], 900, 1_000, 20).seconds, 80);
        assert_eq!(held(&[], 900, 1_000, 200).seconds, 0);
    }

    #[test]
    fn a_silence_is_dark_after_two_report_periods_in_which_the_chain_ran() {
        assert_eq!(dark(&P, &[], 900, 920), 0);
        assert_eq!(dark(&P, &[], 900, 1_000), 80);
        assert_eq!(dark(&P, &[], 900, 800), 0);
        let stalls = [Stall { from: 910, until: 950 }];
        assert_eq!(dark(&P, &stalls, 900, 1_000), 40);
        // It was never heard of: it cannot have gone dark.
        assert_eq!(dark(&P, &[], 0, 1_000), 0);
    }

    #[test]
    fn a_deadline_stands_still_while_the_chain_does() {
        let stalls =
            [Stall { from: 100, until: 200 }, Stall { from: 910, until: 950 }, Stall { from: 990, until: 995 }];
        assert_eq!(deadline(&[], 900, 960), 960);
        assert_eq!(deadline(&stalls, 900, 960), 1_005);
        // It begins after the deadline.
        assert_eq!(deadline(&stalls, 900, 905), 905);
        // It began before what it delays.
        assert_eq!(deadline(&stalls, 930, 960), 980);
    }

    #[test]
    fn settling_stops_one_period_after_the_node_was_seen() {
        assert_eq!(settled(&P, &[], 1_000, 990, 985).seconds, 5);
        assert_eq!(settled(&P, &[], 1_000, 990, 900).seconds, 0);
    }
}
