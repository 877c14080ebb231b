//! Which endpoints of the chain can be believed: pure, without clock or network.
//!
//! An endpoint is **set aside**, with the reason, while it
//! - does not answer, or not in time;
//! - serves another chain;
//! - is behind what was seen of the chain before, or behind another endpoint in blocks and in time;
//! - tells of a block so far ahead of what was seen that the chain cannot have come to it in the time that it tells of;
//! - stands still while another goes on;
//! - tells of a block whose time has not come yet, while another agrees with this machine's clock;
//! - was caught: it said that a contract had ended which another endpoint has at a later block.
//!
//! If all stand still it is the chain that does, and nobody is set aside for it. An endpoint that claims to be far ahead of one
//! whose newest block is just as young is not believed to be: both stay, and the order of the operator decides. Nor does
//! one set others aside whose newest block is of a time that has not come yet, unless most say the same: then it is this machine's
//! clock that is wrong.

use super::Head;

/// An endpoint may be so many blocks behind another.
pub const MAX_BEHIND: u64 = 10;
/// And its newest block so much older, seconds.
pub const MAX_AGE: u64 = 45;
/// No new finalized block for so long is a standstill, milliseconds.
pub const STALL_MS: u64 = 60_000;
/// And its newest block may be so far ahead of this machine's clock, seconds.
pub const MAX_SKEW: u64 = 300;
/// How long one that was caught is not asked, milliseconds.
pub const DISTRUST_MS: u64 = 600_000;

/// The time of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of the clock by which records are kept.
    pub now: u64,
    /// The machine's clock, Unix seconds.
    pub clock: u64,
}

/// What is known of one endpoint. Times in milliseconds of a clock that only goes forward.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Hash of its chain's first block.
    pub genesis: Option<[u8; 32]>,
    /// The newest finalized block it has told of.
    pub head: Option<Head>,
    /// When it last answered.
    pub heard: Option<u64>,
    /// When its newest block became a newer one.
    pub advanced: Option<u64>,
    /// Why the last question had no answer; nothing once another has.
    pub failure: Option<String>,
    /// What it was caught at, and when.
    pub caught: Option<(String, u64)>,
}

impl Record {
    /// Whether an answer to a question that was asked at `begun` comes late: another one has told of a newer block since. It says
    /// nothing about how far the endpoint is now.
    pub fn overtakes(&self, genesis: [u8; 32], head: Head, begun: u64) -> bool {
        let newer = self.head.is_some_and(|known| known.number > head.number);
        newer && self.genesis == Some(genesis) && self.heard.is_some_and(|heard| heard >= begun)
    }

    /// It answered.
    pub fn sighted(&mut self, genesis: [u8; 32], head: Head, now: u64) {
        let newer = self.head.is_none_or(|known| head.number > known.number);
        if newer || self.genesis != Some(genesis) {
            self.advanced = Some(now);
        }
        self.genesis = Some(genesis);
        self.head = Some(head);
        self.heard = Some(now);
        self.failure = None;
    }
}

/// Why each endpoint is set aside; nothing for those that can be asked. `genesis`: the chain that it must be, if that is known;
/// `seen`: the newest finalized block of it that was acted on.
pub fn judge(records: &[Record], genesis: Option<[u8; 32]>, seen: Head, now: Now) -> Vec<Option<String>> {
    records.iter().map(|record| verdict(record, records, genesis, seen, now)).collect()
}

fn verdict(
    record: &Record,
    all: &[Record],
    genesis: Option<[u8; 32]>,
    seen: Head,
    Now { now, clock }: Now,
) -> Option<String> {
    if let Some((what, _)) = record.caught.as_ref().filter(|(_, at)| now < at.saturating_add(DISTRUST_MS)) {
        return Some(what.clone());
    }
    if let Some(failure) = &record.failure {
        return Some(failure.clone());
    }
    let (Some(own), Some(head)) = (record.genesis, record.head) else { return Some("not heard of yet".to_owned()) };
    if let Some(expected) = genesis.filter(|expected| *expected != own) {
        return Some(format!(
            "serves another chain: its genesis is 0x{}, not 0x{}",
            hex::encode(own),
            hex::encode(expected)
        ));
    }
    if head.number < seen.number {
        return Some(format!("is at block {}, and block {} has been seen", head.number, seen.number));
    }
    let made_up = |head: Head| !seen.can_reach(head);
    if made_up(head) {
        return Some(format!(
            "tells of block {}, which takes longer than the time since block {}",
            head.number, seen.number
        ));
    }
    let counts = |other: &&Record| {
        other.failure.is_none()
            && other.genesis == Some(own)
            && other.caught.is_none()
            && !other.head.is_some_and(made_up)
    };
    let same = || all.iter().filter(counts);
    let early = |other: &Record| other.head.is_some_and(|head| head.timestamp > clock.saturating_add(MAX_SKEW));
    let most_are_early = same().filter(|other| early(other)).count() * 2 > same().count();
    let others = || same().filter(|other| most_are_early || !early(other));
    let agrees = |other: &Record| other.head.is_some_and(|head| head.timestamp.saturating_add(MAX_SKEW) >= clock);
    if !most_are_early && early(record) && others().any(agrees) {
        let ahead = head.timestamp.saturating_sub(clock);
        return Some(format!(
            "tells of a block {ahead} s ahead of this machine's clock, and another endpoint does not"
        ));
    }
    // A time that has not come yet makes nobody late.
    let come = |other: &Head| if most_are_early { other.timestamp } else { other.timestamp.min(clock) };
    let ahead = |other: &Head| {
        other.number > head.number.saturating_add(MAX_BEHIND) && come(other) > head.timestamp.saturating_add(MAX_AGE)
    };
    if let Some(other) = others().filter_map(|other| other.head).filter(ahead).max_by_key(|other| other.number) {
        return Some(format!("is {} blocks behind another endpoint", other.number - head.number));
    }
    let stands = |record: &Record| record.advanced.is_none_or(|at| now.saturating_sub(at) > STALL_MS);
    let goes_on = |other: &Record| !stands(other) && other.head.is_some_and(|other| other.number > head.number);
    if stands(record) && others().any(goes_on) {
        return Some(format!("stands still at block {} while another endpoint goes on", head.number));
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const OURS: [u8; 32] = [1; 32];
    const NOW: u64 = 1_000_000;
    /// When block 111 is new.
    const CLOCK: u64 = 50_000 + 111 * 6;

    const START: Head = Head { number: 0, timestamp: 50_000 };

    fn block(number: u64) -> Head {
        // One every six seconds.
        Head { number, timestamp: START.timestamp + number * 6 }
    }

    fn at(number: u64) -> Record {
        let mut record = Record::default();
        record.sighted(OURS, block(number), NOW);
        record
    }

    fn judged(records: &[Record]) -> Vec<Option<String>> {
        judge(records, Some(OURS), START, at_time(NOW))
    }

    fn at_time(now: u64) -> Now {
        Now { now, clock: CLOCK }
    }

    /// One that claims to be at a block whose time has not come yet.
    fn early() -> Record {
        at(111 + MAX_SKEW / 6 + 1)
    }

    #[test]
    fn those_that_agree_can_all_be_asked() {
        assert_eq!(judged(&[at(100), at(98), at(101)]), [None, None, None]);
    }

    #[test]
    fn a_height_at_a_time_that_has_not_come_yet_makes_nobody_late() {
        let mut ahead = at(111);
        ahead.sighted(OURS, Head { number: 111 + 400, timestamp: CLOCK + MAX_SKEW - 50 }, NOW);
        assert_eq!(judged(&[at(111), ahead])[0], None);
    }

    #[test]
    fn who_serves_another_chain_is_set_aside_and_holds_nobody_else_back() {
        let other = Record { genesis: Some([2; 32]), ..at(5_000) };
        let verdicts = judged(&[other, at(100)]);
        assert!(verdicts[0].as_ref().unwrap().contains("another chain"), "{verdicts:?}");
        assert_eq!(verdicts[1], None);
    }

    #[test]
    fn who_is_far_behind_another_is_set_aside_and_comes_back() {
        let verdicts = judged(&[at(100), at(111)]);
        assert!(verdicts[0].as_ref().unwrap().contains("11 blocks behind"), "{verdicts:?}");
        assert_eq!(judged(&[at(101), at(111)]), [None, None]);
    }

    #[test]
    fn who_is_behind_what_was_seen_is_set_aside_also_if_it_is_alone() {
        assert!(judge(&[at(99)], Some(OURS), block(100), at_time(NOW))[0].is_some());
        assert_eq!(judge(&[at(100)], Some(OURS), block(100), at_time(NOW)), [None]);
    }

    #[test]
    fn who_claims_to_be_ahead_with_blocks_that_are_no_younger_sets_nobody_aside() {
        let mut boaster = at(100);
        boaster.head = Some(Head { number: 1_000_000, ..boaster.head.unwrap() });
        assert_eq!(judged(&[at(100), boaster])[0], None);
    }

    #[test]
    fn who_claims_a_height_that_time_does_not_allow_is_set_aside_and_sets_nobody_aside() {
        let mut liar = at(111 + MAX_AGE / 6 + 1);
        liar.head = Some(Head { number: 1 << 40, ..liar.head.unwrap() });
        let verdicts = judge(&[at(100), liar], Some(OURS), block(99), at_time(NOW));
        assert_eq!(verdicts[0], None);
        assert!(verdicts[1].as_ref().unwrap().contains("takes longer than the time"), "{verdicts:?}");
    }

    #[test]
    fn the_fastest_chain_there_is_is_believed() {
        let fast = |number: u64| Head { number, timestamp: 1_000 + number / 2 };
        assert!((0..500).all(|step| fast(7).can_reach(fast(7 + step))));
        assert!(
            fast(0).can_reach(Head { number: 64, ..fast(0) }) && !fast(0).can_reach(Head { number: 65, ..fast(0) })
        );
    }

    #[test]
    fn who_claims_a_time_that_has_not_come_yet_sets_nobody_aside() {
        let verdicts = judged(&[at(110), at(111), early()]);
        assert_eq!(verdicts[..2], [None, None]);
        assert!(verdicts[2].as_ref().unwrap().contains("ahead of this machine's clock"), "{verdicts:?}");
        assert_eq!(judged(&[at(111), early()])[0], None, "nor against a single one");
    }

    #[test]
    fn if_nobody_agrees_with_the_machines_clock_nobody_is_set_aside_for_it() {
        assert_eq!(judged(&[at(1), early()]), [None, None]);
        assert_eq!(judged(&[early()]), [None]);
    }

    #[test]
    fn if_most_claim_it_the_machines_clock_is_wrong() {
        let verdicts = judged(&[at(100), early(), early()]);
        assert!(verdicts[0].as_ref().unwrap().contains("behind another"), "{verdicts:?}");
        assert_eq!(verdicts[1..], [None, None]);
    }

    #[test]
    fn who_goes_on_in_times_that_have_not_come_yet_does_not_make_others_stand_still() {
        let later = NOW + STALL_MS + 1;
        let (still, mut liar) = (at(111), at(111));
        liar.sighted(OURS, early().head.unwrap(), later);
        assert_eq!(judge(&[still, liar], Some(OURS), START, at_time(later))[0], None);
    }

    #[test]
    fn an_answer_that_comes_late_says_nothing_about_now() {
        let (record, earlier) = (at(100), at(99).head.unwrap());
        assert!(record.overtakes(OURS, earlier, NOW - 1));
        assert!(!record.overtakes(OURS, earlier, NOW + 1), "it was asked since, and has gone back");
        assert!(!record.overtakes([2; 32], earlier, NOW - 1));
        assert!(!record.overtakes(OURS, record.head.unwrap(), NOW - 1));
    }

    #[test]
    fn who_stands_still_while_another_goes_on_is_set_aside() {
        let (still, mut going) = (at(100), at(101));
        let later = NOW + STALL_MS + 1;
        going.sighted(OURS, Head { number: 105, timestamp: 50_000 + 105 * 6 }, later);
        let verdicts = judge(&[still.clone(), going], Some(OURS), START, at_time(later));
        assert!(verdicts[0].as_ref().unwrap().contains("stands still"), "{verdicts:?}");
        assert_eq!(
            judge(&[still, at(101)], Some(OURS), START, at_time(later)),
            [None, None],
            "it is the chain that stands still"
        );
    }

    #[test]
    fn who_does_not_answer_is_set_aside_until_it_does() {
        let mut record = Record { failure: Some("no answer in 5 s".to_owned()), ..at(100) };
        assert_eq!(judged(std::slice::from_ref(&record)), [Some("no answer in 5 s".to_owned())]);
        record.sighted(OURS, block(100), NOW);
        assert_eq!(judged(&[record]), [None]);
    }

    #[test]
    fn who_was_caught_is_not_asked_for_a_while() {
        let caught = Record { caught: Some(("lied".to_owned(), NOW)), ..at(100) };
        assert_eq!(
            judge(std::slice::from_ref(&caught), Some(OURS), START, at_time(NOW + DISTRUST_MS - 1)),
            [Some("lied".to_owned())]
        );
        assert_eq!(judge(&[caught], Some(OURS), START, at_time(NOW + DISTRUST_MS)), [None]);
    }
}
