//! What each call does, by the rules.

use grid_types::units::{Report, Resources};

use super::{
    deal::{Deal, Stage},
    world::World,
};
use crate::{
    mock::{self, FARMER, FOUNDATION, NODE},
    types::{Balance, ContractId, Refusal},
};

/// A call went through, or it changed nothing and this is why.
pub type Outcome = Result<(), &'static str>;

/// What an update changes besides hash and data.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub resources: Option<Resources>,
    pub give_back: u32,
    pub add: u32,
}

/// What the chain says to each report: the sum charged, or the reason why not.
pub type Answer = (ContractId, Result<Balance, Refusal>);

impl World {
    /// Does `call`, or nothing at all.
    pub fn attempt(&mut self, call: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.clone();
        let outcome = call(self);
        if outcome.is_err() {
            *self = before;
        }
        outcome
    }

    pub fn create(&mut self, owner: u64, resources: Resources, public_ips: u32, bytes: usize) -> Outcome {
        if self.node_is_unseen() {
            return Err("nobody there");
        }
        if resources.capacity().is_zero() && public_ips == 0 {
            return Err("nothing reserved");
        }
        let mut deal = Deal {
            owner,
            stage: Stage::Agreed,
            version: 0,
            prices: self.prices,
            resources,
            public_ips,
            escrow: 0,
            deposit: 0,
            billed: 0,
            settled: self.now,
            deadline: Some((self.now, self.rules.create_timeout)),
            failed: false,
            cushion: 0,
            deployed_version: None,
            last_use: None,
            counter: 0,
            saved: 0,
            owed: 0,
            owed_traffic: 0,
            limit: None,
            drawn: (0, 0),
        };
        self.keep_deposit(&mut deal, bytes)?;
        let needed = deal.to_begin(&self.rules);
        deal.escrow = self.spendable(owner).min(needed.max(deal.high(&self.rules)));
        if deal.escrow < needed {
            return Err("too poor");
        }
        self.take(owner, deal.escrow)?;
        self.deals.insert(self.next_id, deal);
        self.next_id += 1;
        self.has_room().then_some(()).ok_or("no room")
    }

    pub fn deployment(&mut self, id: ContractId, version: u32, runs: bool) -> Outcome {
        let mut deal = self.deals.get(&id).cloned().ok_or("no such contract")?;
        let runs_or_may = matches!(deal.stage, Stage::Agreed | Stage::Running);
        if !runs_or_may || version != deal.version || deal.deployed_version == Some(version) {
            return Err("not to be reported");
        }
        if !runs && deal.failed {
            return Err("reported before");
        }
        if runs && deal.stage == Stage::Agreed {
            self.charge_holding(&mut deal);
            deal.stage = Stage::Running;
            deal.deadline = None;
        }
        if runs {
            deal.deployed_version = Some(version);
        }
        deal.failed = !runs;
        self.deals.insert(id, deal);
        Ok(())
    }

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
            Stage::OutOfFunds => return Err(Refusal::Ended),
            Stage::Running => {},
        }
        if report.timestamp > self.now {
            return Err(Refusal::InTheFuture);
        }
        if !(1..=self.rules.max_window).contains(&report.window) {
            return Err(Refusal::InvalidWindow);
        }
        let begin = report.timestamp.saturating_sub(report.window).max(deal.settled);
        let seconds = self.seconds(begin.max(self.now - self.rules.max_report_delay), report.timestamp);
        let mut charged = deal.transfer(&self.rules, &seconds, report.nru);
        if !seconds.is_empty() {
            let used = report.capacity().clamped(&deal.resources.capacity());
            charged += deal.run(&seconds, &used);
            deal.last_use = Some(used);
        }
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

    pub fn update(&mut self, id: ContractId, owner: Option<u64>, bytes: usize, change: Change) -> Outcome {
        let mut deal = self.changeable(id, owner)?.clone();
        self.keep_deposit(&mut deal, bytes)?;
        if deal.stage == Stage::Running {
            let charged = self.settle(&mut deal);
            self.share_out(charged);
        } else {
            self.charge_holding(&mut deal);
        }
        // Others come before any goes back.
        if change.add > self.free_addresses() || change.give_back > deal.public_ips {
            return Err("no such addresses");
        }
        let resources = change.resources.filter(|resources| *resources != deal.resources);
        deal.public_ips = deal.public_ips + change.add - change.give_back;
        if let Some(resources) = resources {
            deal.resources = resources;
            deal.last_use = None;
            deal.save(&self.rules, deal.saved);
        }
        let mut least = deal.low(&self.rules);
        if resources.is_some() || change.add + change.give_back > 0 {
            deal.prices = self.prices;
            if deal.resources.capacity().is_zero() && deal.public_ips == 0 {
                return Err("nothing reserved");
            }
            least = if deal.stage == Stage::Agreed { deal.to_begin(&self.rules) } else { deal.low(&self.rules) };
        }
        deal.version += 1;
        deal.failed = false;
        let most = least.max(deal.high(&self.rules));
        self.draw(&mut deal, least, most)?;
        self.deals.insert(id, deal);
        self.has_room().then_some(()).ok_or("no room")
    }

    /// Ended by someone who may, or by the chain itself.
    pub fn end(&mut self, id: ContractId) -> Outcome {
        let mut deal = self.deals.remove(&id).ok_or("no such contract")?;
        match deal.stage {
            Stage::Agreed => self.charge_holding(&mut deal),
            Stage::Running => {
                let charged = self.settle(&mut deal);
                self.share_out(charged);
            },
            Stage::Paused => {
                let charged = deal.hold(&self.paused_seconds(&deal), self.rules.holding_share);
                deal.escrow -= charged;
                self.share_out(charged);
            },
            Stage::OutOfFunds => {},
        }
        self.pay(deal.owner, deal.escrow + deal.deposit);
        Ok(())
    }

    pub fn cancel(&mut self, id: ContractId, who: Option<u64>) -> Outcome {
        let owner = self.deals.get(&id).ok_or("no such contract")?.owner;
        match who {
            // None is governance.
            None | Some(NODE) => self.end(id),
            Some(who) if who == owner || who == FARMER && self.farmer_may_cancel() => self.end(id),
            Some(_) => Err("a third party"),
        }
    }

    pub fn fund(&mut self, id: ContractId, from: u64, amount: Balance) -> Outcome {
        let deal = self.deals.get(&id).ok_or("no such contract")?;
        if deal.stage == Stage::OutOfFunds || amount == 0 {
            return Err("not now, or nothing");
        }
        self.take(from, amount)?;
        let mut deal = self.deals[&id].clone();
        deal.escrow += amount;
        if deal.stage == Stage::Paused {
            self.ensure_not_over(id)?;
            if deal.escrow >= self.to_resume(&deal) {
                self.resume(&mut deal);
            }
        }
        self.deals.insert(id, deal);
        Ok(())
    }

    pub fn limit(&mut self, id: ContractId, who: Option<u64>, limit: Option<Balance>) -> Outcome {
        let deal =
            self.deals.get_mut(&id).filter(|deal| Some(deal.owner) == who).ok_or("no such contract of theirs")?;
        deal.limit = limit;
        Ok(())
    }

    pub fn cushion(&mut self, id: ContractId, who: Option<u64>, amount: Balance) -> Outcome {
        let mut deal = self.changeable(id, who)?.clone();
        let more = amount.saturating_sub(deal.cushion);
        deal.cushion = amount;
        if more > 0 {
            let least = deal.low(&self.rules).max(deal.escrow + more);
            self.draw(&mut deal, least, least)?;
        }
        self.deals.insert(id, deal);
        Ok(())
    }

    pub fn resume_by(&mut self, id: ContractId, who: Option<u64>) -> Outcome {
        let mut deal = self.deals.get(&id).filter(|deal| Some(deal.owner) == who).ok_or("no such contract")?.clone();
        if deal.stage != Stage::Paused {
            return Err("not paused");
        }
        self.ensure_not_over(id)?;
        let needed = self.to_resume(&deal);
        self.draw(&mut deal, needed, needed)?;
        self.resume(&mut deal);
        self.deals.insert(id, deal);
        Ok(())
    }
}

/// What several calls do.
impl World {
    /// Rule 4: charges what was not reported, as far as the node was there, and closes the past. The sum charged.
    pub fn settle(&mut self, deal: &mut Deal) -> Balance {
        let period = self.rules.report_period;
        let end = self.now.min(deal.settled + 2 * period).min(self.seen_before() + period);
        let seconds = self.seconds(deal.settled.max(self.now - self.rules.max_report_delay), end);
        let used = deal.last_use.unwrap_or(deal.resources.capacity());
        deal.save_allowance(&self.rules, &seconds);
        let charged = deal.run(&seconds, &used);
        deal.settled = self.now;
        deal.escrow -= charged;
        deal.billed += charged;
        charged
    }

    /// Rule 5: time before deployment, as far as the node was there and did not fail, to the foundation.
    fn charge_holding(&mut self, deal: &mut Deal) {
        let seconds = if deal.failed { vec![] } else { self.held_seconds(deal.settled) };
        let charged = deal.hold(&seconds, self.rules.holding_share);
        deal.settled = self.now;
        deal.escrow -= charged;
        deal.billed += charged;
        self.pay(FOUNDATION, charged);
    }

    /// Rule 7: under `low`, draws up to `high` what the owner has and allows. Whether that was enough.
    fn refill(&mut self, deal: &mut Deal) -> bool {
        let (low, high) = (deal.low(&self.rules), deal.high(&self.rules));
        if deal.escrow < low {
            self.draw_up_to(deal, high);
        }
        deal.escrow >= low
    }

    /// Makes sure that escrow has `least`, and on that occasion draws up to `most`.
    fn draw(&mut self, deal: &mut Deal, least: Balance, most: Balance) -> Outcome {
        if deal.escrow < least {
            self.draw_up_to(deal, most);
        }
        (deal.escrow >= least).then_some(()).ok_or("too poor, or too careful")
    }

    fn draw_up_to(&mut self, deal: &mut Deal, most: Balance) {
        let amount = (most - deal.escrow).min(self.spendable(deal.owner)).min(deal.left_today(self.day()));
        self.take(deal.owner, amount).unwrap();
        deal.note_drawn(self.day(), amount);
        deal.escrow += amount;
    }

    fn keep_deposit(&mut self, deal: &mut Deal, bytes: usize) -> Outcome {
        let deposit = mock::deposit(bytes);
        self.pay(deal.owner, deal.deposit);
        self.take(deal.owner, deposit)?;
        deal.deposit = deposit;
        Ok(())
    }
}
