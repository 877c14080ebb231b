//! The reports of contracts under which nothing is deployed: rents of the whole node. They say that it was there.
//!
//! Nothing is kept on disk: a window goes back to the last look of this process, so that time in which no agent ran is not
//! claimed. Time before a rent began is the chain's to leave out.

use grid_types::units::Report;

/// Looks at the clock once every report period.
#[derive(Debug, Default)]
pub struct Rents {
    /// Time of the last look, Unix seconds of the chain.
    looked: Option<u64>,
}

impl Rents {
    /// One report for each rent, of the time since the last look. `max_window`: the longest that the chain takes, seconds.
    pub fn look(&mut self, rents: impl Iterator<Item = u64>, chain_now: u64, max_window: u64) -> Vec<Report> {
        let from = self.looked.unwrap_or(chain_now).min(chain_now);
        self.looked = self.looked.max(Some(chain_now));
        let window = (chain_now - from).min(max_window);
        if window == 0 {
            return Vec::new();
        }
        rents.map(|contract_id| Report { contract_id, timestamp: chain_now, window, ..Report::default() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(rents: &mut Rents, now: u64) -> Vec<(u64, u64, u64)> {
        let reports = rents.look([7].into_iter(), now, 60);
        reports.iter().map(|report| (report.contract_id, report.timestamp, report.window)).collect()
    }

    #[test]
    fn windows_touch() {
        let mut rents = Rents::default();
        look(&mut rents, 100);
        assert_eq!(look(&mut rents, 110), [(7, 110, 10)]);
        assert_eq!(look(&mut rents, 125), [(7, 125, 15)]);
    }

    #[test]
    fn time_before_the_agent_started_is_not_claimed() {
        assert_eq!(look(&mut Rents::default(), 100), []);
    }

    #[test]
    fn a_window_is_never_longer_than_the_chain_takes() {
        let mut rents = Rents::default();
        look(&mut rents, 100);
        assert_eq!(look(&mut rents, 300), [(7, 300, 60)]);
    }

    #[test]
    fn a_clock_that_stands_or_goes_back_claims_nothing_twice() {
        let mut rents = Rents::default();
        look(&mut rents, 100);
        assert_eq!(look(&mut rents, 100), []);
        assert_eq!(look(&mut rents, 90), []);
        assert_eq!(look(&mut rents, 110), [(7, 110, 10)]);
    }
}
