//! What a batch of reports does: rules 1, 2 and 7.

use grid_types::units::Report;

use super::{deal::Stage, world::World};
use crate::types::{Balance, ContractId, Refusal};

/// What the chain says to each report: the sum charged, or the reason why not.
pub type Answer = (ContractId, Result<Balance, Refusal>);

impl World {
    pub fn reports(&mut self, reports: &[Report]) -> Vec<Answer> {
        let answers: Vec<Answer> = reports.iter().flat_map(|report| self.report(report)).collect();
        if answers.iter().any(|(_, answer)| answer.is_ok()) {
            self.alive();
        }
        self.share_out(answers.iter().map(|(_, answer)| answer.unwrap_or(0)).sum());
        answers
    }

    /// The answer to a report, and what closing the past cost if it is the last before a pause.
    fn report(&mut self, report: &Report) -> Vec<Answer> {
        let id = report.contract_id;
        match self.take_report(report) {
            Ok(bills) => bills.into_iter().map(|bill| (id, Ok(bill))).collect(),
            Err(reason) => vec![(id, Err(reason))],
        }
    }

    fn take_report(&mut self, report: &Report) -> Result<Vec<Balance>, Refusal> {
        let id = report.contract_id;
        let gone = if (1..self.next_id).contains(&id) { Refusal::Ended } else { Refusal::UnknownContract };
        let mut deal = self.deals.get(&id).cloned().ok_or(gone)?;
        match deal.stage {
            Stage::Agreed | Stage::Paused => return Err(Refusal::NotDeployed),
            Stage::Ending => return Err(Refusal::Ended),
            Stage::Running => {},
        }
        if report.timestamp > self.now {
            return Err(Refusal::InTheFuture);
        }
        if !(1..=self.rules.max_window).contains(&report.window) {
            return Err(Refusal::InvalidWindow);
        }
        let begin = report.timestamp.saturating_sub(report.window).max(deal.settled);
        let seconds = self.seconds(begin.max(self.oldest()), report.timestamp);
        let mut charged = deal.transfer(&self.rules, &seconds, report.nru);
        if !seconds.is_empty() {
            let used = report.capacity().clamped(&deal.resources.capacity());
            charged += deal.run(&seconds, &used);
        }
        // News, and of what is reserved now: what goes unreported next will cost as much, whoever closed this time before.
        if report.timestamp > deal.heard && report.timestamp > deal.since {
            deal.last_use = Some(report.capacity().clamped(&deal.resources.capacity()));
        }
        deal.heard = deal.heard.max(report.timestamp);
        deal.settled = deal.settled.max(report.timestamp);
        deal.escrow -= charged;
        deal.billed += charged;
        let mut bills = vec![charged];
        if !self.refill(&mut deal) {
            bills.extend(self.run_out(&mut deal));
        }
        self.deals.insert(id, deal);
        Ok(bills)
    }
}
