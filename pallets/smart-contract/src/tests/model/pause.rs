//! The pause of a deal that is out of funds: rule 8.

use super::{
    calls::Outcome,
    deal::{Deal, Stage},
    world::World,
};
use crate::types::{Balance, ContractId, Seconds};

impl World {
    /// Out of funds: with a cushion the past is closed and the deal paused, without one it is over. What closing cost.
    pub fn run_out(&mut self, deal: &mut Deal) -> Option<Balance> {
        if deal.cushion == 0 {
            deal.stage = Stage::Ending;
            deal.deadline = Some((self.now, 0));
            return None;
        }
        let charged = self.settle(deal);
        deal.stage = Stage::Paused;
        deal.deadline = Some((self.now, deal.can_hold(self.rules.holding_share, self.rules.max_grace)));
        Some(charged)
    }

    /// The seconds of a pause that are to be charged: those before its end, in which the node was there.
    pub fn paused_seconds(&self, deal: &Deal) -> Vec<Seconds> {
        let (begin, length) = deal.deadline.unwrap();
        let last = self.seconds(begin, self.now).into_iter().take(length as usize).next_back();
        last.map_or(vec![], |last| self.held_seconds(begin, last + 1))
    }

    pub fn ensure_not_over(&self, id: ContractId) -> Outcome {
        self.overdue(id).is_none().then_some(()).ok_or("too late")
    }

    /// The pause in full, and `high`.
    pub fn to_resume(&self, deal: &Deal) -> Balance {
        let mut then = deal.clone();
        then.run(&self.paused_seconds(deal), &deal.resources.capacity()) + deal.high(&self.rules)
    }

    /// Charges the pause as if the reservation had been used in full, and runs on.
    pub fn resume(&mut self, deal: &mut Deal) {
        let charged = deal.run(&self.paused_seconds(deal), &deal.resources.capacity());
        deal.escrow -= charged;
        deal.billed += charged;
        deal.stage = Stage::Running;
        deal.settled = self.now;
        deal.heard = self.now;
        deal.deadline = None;
        self.share_out(charged);
    }
}
