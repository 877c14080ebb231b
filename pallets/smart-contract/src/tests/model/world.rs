//! The model's world: the chain's time, everybody's money, and what a farm has to give.

use std::collections::BTreeMap;

use grid_types::units::{Capacity, Prices};

use super::deal::{Deal, Kind, Stage};
use crate::{
    mock::{EXISTENTIAL_DEPOSIT, FOUNDATION},
    types::{Balance, ContractId, Parameters, Seconds},
};

/// Everything that the rules speak of, in plain maps.
#[derive(Clone, Debug)]
pub struct World {
    pub rules: Parameters,
    /// The farmer's prices of today.
    pub prices: Prices,
    /// What he takes more for the node as a whole, per cent.
    pub surcharge: u16,
    /// The foundation's share of what is charged, per cent; the rest is the farmer's.
    pub foundation: u32,
    /// Where the farmer's share goes.
    pub payout: u64,
    pub now: Seconds,
    pub block: u64,
    /// `[from, until)` in which the chain made no blocks.
    pub stalls: Vec<(Seconds, Seconds)>,
    /// Every sign of life of the node: block and time.
    pub life: Vec<(u64, Seconds)>,
    /// What everybody can spend, with the existential deposit.
    pub money: BTreeMap<u64, Balance>,
    /// What could not be paid out.
    pub waiting: BTreeMap<u64, Balance>,
    pub deals: BTreeMap<ContractId, Deal>,
    /// Rents that wait for what is inside them to end, and since when.
    pub winding_down: BTreeMap<ContractId, Seconds>,
    pub next_id: ContractId,
    /// What the node has, and the farm's addresses.
    pub capacity: Capacity,
    pub public_ips: u32,
}

/// Time.
impl World {
    /// The seconds of `[from, until)` in which the chain ran, one by one.
    pub fn seconds(&self, from: Seconds, until: Seconds) -> Vec<Seconds> {
        let ran = |second: &Seconds| !self.stalls.iter().any(|(from, until)| (from..until).contains(&second));
        (from..until).filter(ran).collect()
    }

    /// The first second that can still be charged: as many have passed since as a report may be late, and the chain ran in all
    /// of them.
    pub fn oldest(&self) -> Seconds {
        let mut left = self.rules.max_report_delay;
        let mut second = self.now;
        while left > 0 {
            second -= 1;
            // Skips whole stalls, which may be long.
            match self.stalls.iter().find(|(from, until)| (from..until).contains(&&second)) {
                Some((from, _)) => second = *from,
                None => left -= 1,
            }
        }
        second
    }

    /// So many seconds in which the chain runs, from `begin` on, as far as they have passed: the first that comes after.
    pub fn after(&self, begin: Seconds, length: Seconds) -> Seconds {
        let passed = self.seconds(begin, self.now);
        passed.get(length as usize).copied().unwrap_or(self.now)
    }

    /// When the node was last heard of in an earlier block.
    pub fn seen_before(&self) -> Seconds {
        self.life.iter().filter(|(block, _)| *block < self.block).map(|(_, time)| *time).max().unwrap_or(0)
    }

    pub fn node_is_unseen(&self) -> bool {
        self.now - self.seen_before() > 2 * self.rules.report_period
    }

    /// The seconds of `[from, until)` in which a deal without reports held capacity of a node that was there: as many as are
    /// left without the dark ones.
    pub fn held_seconds(&self, from: Seconds, until: Seconds) -> Vec<Seconds> {
        let mut all = self.seconds(from, until);
        all.truncate(all.len().saturating_sub(self.dark_seconds(from, until)));
        all
    }

    /// How many seconds since `from` the node was dark: those of a silence that come after its first two report periods. A
    /// silence that is over counts to its end; the one that goes on, until then.
    fn dark_seconds(&self, from: Seconds, until: Seconds) -> usize {
        let patience = 2 * self.rules.report_period;
        let over = self.life.windows(2).map(|signs| (signs[0].1, signs[1].1));
        let goes_on = self.life.last().map(|(_, last)| (*last, until.max(*last)));
        let long = over.chain(goes_on).filter(|(begin, end)| *end > from && end - begin > patience);
        let dark = |(begin, end)| self.seconds(begin, end).into_iter().skip(patience as usize);
        long.flat_map(dark).filter(|second| *second >= from).count()
    }

    /// The farmer may give up what a node that is long gone should run.
    pub fn farmer_may_cancel(&self) -> bool {
        self.seconds(self.seen_before(), self.now).len() as u64 >= self.rules.farmer_cancel_after
    }

    /// A sign of life of the node, now.
    pub fn alive(&mut self) {
        self.life.push((self.block, self.now));
    }

    pub fn day(&self) -> u64 {
        self.now / 86_400
    }

    /// The timestamp of a new block.
    pub fn time(&mut self, now: Seconds) {
        if now - self.now > self.rules.stall_gap {
            self.stalls.push((self.now, now));
        }
        self.now = now;
    }

    /// How long the deal's deadline has been over, or its rent, on a clock that stands still while the chain does; none if
    /// it is not.
    pub fn overdue(&self, id: ContractId) -> Option<Seconds> {
        let deal = &self.deals[&id];
        let over = |(since, length)| (self.seconds(since, self.now).len() as u64).checked_sub(length);
        let with_its_rent = match deal.kind {
            Kind::Inside(rent) => self.winding_down.get(&rent).map(|since| (*since, 0)),
            Kind::Part | Kind::Whole => None,
        };
        deal.deadline.and_then(over).max(with_its_rent.and_then(over))
    }
}

/// Money.
impl World {
    pub fn balance(&self, who: u64) -> Balance {
        self.money.get(&who).copied().unwrap_or(0)
    }

    /// What `who` can spend without dying.
    pub fn spendable(&self, who: u64) -> Balance {
        self.balance(who).saturating_sub(EXISTENTIAL_DEPOSIT)
    }

    /// Takes `amount` of `who`, who stays alive.
    pub fn take(&mut self, who: u64, amount: Balance) -> Result<(), &'static str> {
        if amount > self.spendable(who) {
            return Err("cannot spend this");
        }
        *self.money.entry(who).or_default() -= amount;
        Ok(())
    }

    /// Gives `amount` to `who`; what a dead account cannot receive waits for it.
    pub fn pay(&mut self, who: u64, amount: Balance) {
        let lives = self.balance(who) + amount >= EXISTENTIAL_DEPOSIT;
        let place = if lives { &mut self.money } else { &mut self.waiting };
        *place.entry(who).or_default() += amount;
    }

    /// What work cost goes to the farmer, and the foundation's share, rounded down, to the foundation.
    pub fn share_out(&mut self, total: Balance) {
        let foundation = total * Balance::from(self.foundation) / 100;
        self.pay(self.payout, total - foundation);
        self.pay(FOUNDATION, foundation);
    }

    pub fn claim(&mut self, who: u64) -> Result<(), &'static str> {
        let amount = self.waiting.get(&who).copied().unwrap_or(0);
        if amount == 0 || self.balance(who) + amount < EXISTENTIAL_DEPOSIT {
            return Err("nothing to claim, or nobody there");
        }
        self.waiting.remove(&who);
        self.pay(who, amount);
        Ok(())
    }
}

/// What the farm has to give.
impl World {
    pub fn free_addresses(&self) -> u32 {
        self.public_ips - self.deals.values().map(|deal| deal.public_ips).sum::<u32>()
    }

    pub fn has_room(&self) -> bool {
        let parts = || self.deals.values().filter(|deal| deal.kind != Kind::Whole);
        let sum = |part: fn(&Deal) -> u64| parts().map(part).sum::<u64>();
        sum(|deal| deal.resources.cru) <= self.capacity.cru
            && sum(|deal| deal.resources.mru) <= self.capacity.mru
            && sum(|deal| deal.resources.sru) <= self.capacity.sru
            && sum(|deal| deal.resources.hru) <= self.capacity.hru
            && self.deals.values().map(|deal| deal.public_ips).sum::<u32>() <= self.public_ips
    }

    /// The deal with this number if it belongs to `owner` and can be changed.
    pub fn changeable(&self, id: ContractId, owner: Option<u64>) -> Result<&Deal, &'static str> {
        let deal = self.deals.get(&id).ok_or("no such contract")?;
        match deal.stage {
            _ if Some(deal.owner) != owner => Err("another's"),
            _ if deal.kind == Kind::Whole => Err("nothing of it can change"),
            _ if self.goes_with_its_rent(deal) => Err("it goes with its rent"),
            Stage::Agreed | Stage::Running => Ok(deal),
            Stage::Paused | Stage::Ending => Err("out of funds"),
        }
    }
}
