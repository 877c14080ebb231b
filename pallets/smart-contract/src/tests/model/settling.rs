//! Time without a report: rules 4 and 5.

use super::{
    deal::{Deal, Stage},
    world::World,
};
use crate::{mock::FOUNDATION, types::Balance};

impl World {
    /// What is owed at the end.
    pub fn charge_to_end(&mut self, deal: &mut Deal) {
        match deal.stage {
            Stage::Agreed => self.charge_holding(deal),
            Stage::Running => {
                let charged = self.settle(deal);
                self.share_out(charged);
            },
            Stage::Paused => {
                let charged = deal.hold(&self.paused_seconds(deal), self.rules.holding_share);
                deal.escrow -= charged;
                self.share_out(charged);
            },
            Stage::Ending => {},
        }
    }

    /// Rule 4: charges what was not reported, as far as the node was there, and closes the past. The sum charged.
    pub fn settle(&mut self, deal: &mut Deal) -> Balance {
        let period = self.rules.report_period;
        let end = self.after(deal.settled, 2 * period).min(self.after(self.seen_before(), period));
        let seconds = self.seconds(deal.settled.max(self.oldest()), end);
        let used = deal.last_use.unwrap_or(deal.resources.capacity());
        deal.save_allowance(&self.rules, &seconds);
        let charged = deal.run(&seconds, &used);
        deal.settled = self.now;
        deal.escrow -= charged;
        deal.billed += charged;
        charged
    }

    /// Rule 5: time before deployment, as far as the node was there and did not fail, to the foundation.
    pub fn charge_holding(&mut self, deal: &mut Deal) {
        let seconds = if deal.failed { vec![] } else { self.held_seconds(deal.settled, self.now) };
        let charged = deal.hold(&seconds, self.rules.holding_share);
        deal.settled = self.now;
        deal.escrow -= charged;
        deal.billed += charged;
        self.pay(FOUNDATION, charged);
    }
}
