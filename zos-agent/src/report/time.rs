//! Time on the chain, by which windows are stamped, also while the chain cannot be asked or nothing becomes final.
//!
//! It is the time of the newest finalized block and what has passed since that was first seen, by a clock that only goes
//! forward. The machine's own idea of the time has no part in it, so it may be wrong and it may jump.

use std::time::{Duration, Instant};

/// Time on the chain.
#[derive(Debug, Default)]
pub struct ChainTime {
    /// The newest block's time, Unix seconds, and when it was first seen.
    anchor: Option<(u64, Instant)>,
    /// The latest time that was told; there is no way back.
    told: u64,
}

impl ChainTime {
    /// The newest finalized block has this time, Unix seconds; nothing if the chain cannot be asked.
    pub fn note(&mut self, head: Option<u64>, now: Instant) {
        if let Some(head) = head.filter(|head| self.anchor.is_none_or(|(known, _)| *head > known)) {
            self.anchor = Some((head, now));
        }
    }

    /// The time, Unix seconds; nothing before the chain was asked for the first time.
    pub fn at(&mut self, now: Instant) -> Option<u64> {
        let (head, seen) = self.anchor?;
        let since: Duration = now.saturating_duration_since(seen);
        self.told = self.told.max(head.saturating_add(since.as_secs()));
        Some(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
