//! A node as a whole, and what is inside: rule 13.

use grid_types::units::{Prices, Resources};

use super::{
    calls::Outcome,
    deal::{Deal, Kind, Stage},
    world::World,
};
use crate::types::ContractId;

impl World {
    pub fn create_rent(&mut self, owner: u64) -> Outcome {
        if self.node_is_unseen() {
            return Err("nobody there");
        }
        if !self.deals.is_empty() {
            return Err("not empty");
        }
        let (all, prices) = (self.capacity, self.prices_for(Kind::Whole));
        let all = Resources { cru: all.cru, mru: all.mru, sru: all.sru, hru: all.hru, nru_per_hour: 0 };
        let mut deal = Deal::new(owner, Kind::Whole, prices, all, self.now);
        // There is nothing to deploy.
        deal.stage = Stage::Running;
        deal.deployed_version = Some(0);
        self.keep_deposit(&mut deal, 0)?;
        let needed = deal.low(&self.rules);
        self.begin(deal, needed)
    }

    /// The farmer's prices of today for such a contract.
    pub fn prices_for(&self, kind: Kind) -> Prices {
        let today = self.prices;
        let dearer = |price: u64| price + price * u64::from(self.surcharge) / 100;
        match kind {
            Kind::Part => today,
            Kind::Whole => Prices { cu: dearer(today.cu), su: dearer(today.su), min_use: 100, ..today },
            Kind::Inside(_) => Prices { cu: 0, su: 0, ..today },
        }
    }

    pub fn rent(&self) -> Option<(ContractId, &Deal)> {
        self.deals.iter().find(|(_, deal)| deal.kind == Kind::Whole).map(|(id, deal)| (*id, deal))
    }

    pub fn has_inside(&self, id: ContractId) -> bool {
        self.deals.values().any(|deal| deal.kind == Kind::Inside(id))
    }

    /// From now on the rent costs nothing, and what is inside is to end.
    pub fn wind_down(&mut self, id: ContractId) -> Outcome {
        if self.winding_down.contains_key(&id) {
            return Err("it ends already");
        }
        let mut rent = self.deals[&id].clone();
        self.charge_to_end(&mut rent);
        rent.stage = Stage::Ending;
        rent.deadline = Some((self.now, 0));
        self.winding_down.insert(id, self.now);
        self.deals.insert(id, rent);
        Ok(())
    }

    /// Whether it goes with its rent.
    pub fn goes_with_its_rent(&self, deal: &Deal) -> bool {
        matches!(deal.kind, Kind::Inside(rent) if self.deals[&rent].stage == Stage::Ending)
    }
}
