//! Time on the chain, by which windows are stamped, also while the chain cannot be asked or nothing becomes final.
//!
//! It is the time of the newest finalized block and what has passed since that was first seen, by a clock that only goes
//! forward. The machine's own idea of the time has no part in it, so it may be wrong and it may jump.

use crate::chain::health::MAX_SKEW;
use std::time::Instant;

/// Time on the chain.
#[derive(Debug, Default)]
pub struct ChainTime {
    /// The newest block's time, Unix seconds, and when it was first seen.
    anchor: Option<(u64, Instant)>,
    /// A time far ahead of that which a single look has found, and when.
    doubted: Option<(u64, Instant)>,
    /// The latest time that was told; there is no way back.
    told: u64,
}

impl ChainTime {
    /// The newest finalized block has this time, Unix seconds; nothing if the chain cannot be asked.
    pub fn note(&mut self, head: Option<u64>, now: Instant) {
        let Some(head) = head.filter(|head| self.anchor.is_none_or(|(known, _)| *head > known)) else { return };
        let fits = |(known, seen): (u64, Instant)| head <= passed(known, seen, now).saturating_add(MAX_SKEW);
        // As there is no way back, a jump that one endpoint may have made up is believed when the next look finds it too.
        let confirmed = self.doubted.is_some_and(|doubted| head >= doubted.0 && fits(doubted));
        if confirmed || self.anchor.is_none_or(fits) {
            (self.anchor, self.doubted) = (Some((head, now)), None);
        } else {
            tracing::warn!(head, "the chain's time is far ahead of what it was; it is looked at again");
            self.doubted = Some((head, now));
        }
    }

    /// The time, Unix seconds; nothing before the chain was asked for the first time.
    pub fn at(&mut self, now: Instant) -> Option<u64> {
        let (head, seen) = self.anchor?;
        self.told = self.told.max(passed(head, seen, now));
        Some(self.told)
    }
}

/// The time now, if it was this then.
fn passed(time: u64, then: Instant, now: Instant) -> u64 {
    time.saturating_add(now.saturating_duration_since(then).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn nothing_is_stamped_before_the_chain_has_told_its_time() {
        assert_eq!(ChainTime::default().at(Instant::now()), None);
    }

    #[test]
    fn it_goes_on_while_the_chain_cannot_be_asked_or_finality_stands_still() {
        let (mut time, start) = (ChainTime::default(), Instant::now());
        time.note(Some(1_000), start);
        time.note(None, start + SECOND * 10);
        assert_eq!(time.at(start + SECOND * 10), Some(1_010));
        time.note(Some(1_000), start + SECOND * 20);
        assert_eq!(time.at(start + SECOND * 20), Some(1_020));
    }

    #[test]
    fn a_jump_ahead_is_believed_only_when_a_second_look_finds_it_too() {
        let (mut time, start) = (ChainTime::default(), Instant::now());
        time.note(Some(1_000), start);
        time.note(Some(900_000), start + SECOND);
        assert_eq!(time.at(start + SECOND), Some(1_001));
        time.note(Some(1_010), start + SECOND * 10);
        time.note(Some(5_000_000), start + SECOND * 11);
        assert_eq!(time.at(start + SECOND * 12), Some(1_012), "another one confirms nothing");
        time.note(Some(5_000_006), start + SECOND * 17);
        assert_eq!(time.at(start + SECOND * 17), Some(5_000_006));
    }

    #[test]
    fn it_never_goes_back() {
        let (mut time, start) = (ChainTime::default(), Instant::now());
        time.note(Some(1_000), start);
        assert_eq!(time.at(start + SECOND * 60), Some(1_060));
        // The chain made its next block late; an endpoint that is behind tells of an old one.
        time.note(Some(1_050), start + SECOND * 61);
        assert_eq!(time.at(start + SECOND * 61), Some(1_060));
        time.note(Some(900), start + SECOND * 62);
        assert_eq!(time.at(start + SECOND * 81), Some(1_070));
    }
}
