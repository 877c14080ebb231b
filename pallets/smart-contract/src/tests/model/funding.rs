//! Money that goes in: gifts, limits, cushions, refills and deposits.

use super::{
    calls::Outcome,
    deal::{Deal, Stage},
    world::World,
};
use crate::{
    mock,
    types::{Balance, ContractId},
};

impl World {
    pub fn fund(&mut self, id: ContractId, from: u64, amount: Balance) -> Outcome {
        let deal = self.deals.get(&id).ok_or("no such contract")?;
        if deal.stage == Stage::Ending || amount == 0 || self.goes_with_its_rent(deal) {
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
        if deal.stage != Stage::Paused || self.goes_with_its_rent(&deal) {
            return Err("not paused, or not for long");
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
    /// Rule 7: under `low`, draws up to `high` what the owner has and allows. Whether that was enough.
    pub fn refill(&mut self, deal: &mut Deal) -> bool {
        let (low, high) = (deal.low(&self.rules), deal.high(&self.rules));
        if deal.escrow < low {
            self.draw_up_to(deal, high);
        }
        deal.escrow >= low
    }

    /// Makes sure that escrow has `least`, and on that occasion draws up to `most`.
    pub fn draw(&mut self, deal: &mut Deal, least: Balance, most: Balance) -> Outcome {
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

    pub fn keep_deposit(&mut self, deal: &mut Deal, bytes: usize) -> Outcome {
        let deposit = mock::deposit(bytes);
        self.pay(deal.owner, deal.deposit);
        self.take(deal.owner, deposit)?;
        deal.deposit = deposit;
        Ok(())
    }
}
