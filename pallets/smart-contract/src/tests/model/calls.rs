//! What users, farmers and the chain's clock do to a contract, by the rules.

use grid_types::units::Resources;

use super::{
    deal::{Deal, Kind, Stage},
    world::World,
};
use crate::{
    mock::{FARMER, NODE},
    types::ContractId,
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
        let kind = self.kind_for(owner)?;
        let mut deal = Deal::new(owner, kind, self.prices_for(kind), resources, self.now);
        deal.public_ips = public_ips;
        deal.deadline = Some((self.now, self.rules.create_timeout));
        self.keep_deposit(&mut deal, bytes)?;
        let needed = deal.to_begin(&self.rules);
        self.begin(deal, needed)
    }

    /// Takes the first money: what is needed, and up to `high` if the owner has it.
    pub fn begin(&mut self, mut deal: Deal, needed: u128) -> Outcome {
        deal.escrow = self.spendable(deal.owner).min(needed.max(deal.high(&self.rules)));
        if deal.escrow < needed {
            return Err("too poor");
        }
        self.take(deal.owner, deal.escrow)?;
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
        if deal.stage == Stage::Agreed && self.overdue(id).is_some() {
            return Err("too late");
        }
        if !runs && deal.failed {
            return Err("reported before");
        }
        if runs && deal.stage == Stage::Agreed {
            self.charge_holding(&mut deal);
            deal.stage = Stage::Running;
            deal.deadline = None;
            (deal.heard, deal.since) = (self.now, self.now);
        }
        if runs {
            deal.deployed_version = Some(version);
        }
        deal.failed = !runs;
        self.deals.insert(id, deal);
        Ok(())
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
        let takes_more = change.resources.is_some_and(|new| !new.capacity().within(&deal.resources.capacity()));
        if (takes_more || change.add > 0) && self.node_is_unseen() {
            return Err("nobody there to give more");
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
            deal.since = self.now;
            deal.save(&self.rules, deal.saved);
        }
        let mut least = deal.low(&self.rules);
        if resources.is_some() || change.add + change.give_back > 0 {
            deal.prices = self.prices_for(deal.kind);
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

    /// Ended by someone who may, or by the chain itself; a rent only after all that is inside.
    pub fn end(&mut self, id: ContractId) -> Outcome {
        let mut deal = self.deals.get(&id).cloned().ok_or("no such contract")?;
        if self.has_inside(id) {
            return self.wind_down(id);
        }
        self.charge_to_end(&mut deal);
        self.deals.remove(&id);
        self.winding_down.remove(&id);
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

    /// What a new contract of `owner` is: a part of the node, or of what he rents.
    fn kind_for(&self, owner: u64) -> Result<Kind, &'static str> {
        match self.rent() {
            None => Ok(Kind::Part),
            Some((id, rent)) if rent.owner == owner && rent.stage == Stage::Running => Ok(Kind::Inside(id)),
            Some(_) => Err("rented by another, or the rent ends"),
        }
    }
}
