//! The pallet and the model side by side: each step is done in both, and then they must agree.

use std::collections::BTreeMap;

use frame_support::{pallet_prelude::DispatchResult, weights::Weight};

use super::{
    calls::Outcome,
    deal::Stage,
    steps::{amount, By, Setting, Step},
    world::World,
};
use crate::{mock::*, types::*, BillingOf, Contracts, Payable};

/// How often each kind of step was tried, and how often it went through.
pub type Tally = BTreeMap<&'static str, (u32, u32)>;

/// Both, and what was done so far.
pub struct Both {
    pub world: World,
    tally: Tally,
}

/// Does `steps` in a new world.
pub fn play(setting: &Setting, steps: &[Step]) -> Tally {
    let mut tally = Tally::new();
    ExtBuilder::default().with_rules(setting.rules).with_foundation(setting.foundation).build_and_execute(|| {
        let mut both = Both::begin(setting);
        for step in steps {
            System::reset_events();
            both.step(step);
            both.agree();
        }
        tally = core::mem::take(&mut both.tally);
    });
    tally
}

impl Both {
    fn begin(setting: &Setting) -> Self {
        set_prices(setting.prices);
        for who in [USER, OTHER] {
            leave(who, EXISTENTIAL_DEPOSIT + 2 * deposit(0) + amount(&setting.prices, setting.wealth));
        }
        let block = System::block_number();
        let accounts = [USER, OTHER, STRANGER, PAYOUT, FOUNDATION];
        let world = World {
            rules: setting.rules,
            prices: setting.prices,
            surcharge: 0,
            foundation: setting.foundation,
            payout: PAYOUT,
            now: now(),
            block,
            stalls: vec![],
            life: vec![(block - 1, now() - 1), (block, now())],
            money: accounts.map(|who| (who, free_balance(who))).into(),
            waiting: BTreeMap::new(),
            deals: BTreeMap::new(),
            winding_down: BTreeMap::new(),
            next_id: 1,
            capacity: node_capacity(),
            public_ips: 4,
        };
        Self { world, tally: Tally::new() }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Pass { seconds, gap, node_lives, full } => {
                let idle = if *full { Weight::zero() } else { Weight::MAX };
                self.pass(*seconds, *gap, *node_lives, idle);
            },
            Step::Stall(seconds) => self.next_block(*seconds, false, Weight::MAX),
            Step::Work { windows, share } => self.work(*windows, *share),
            Step::Create { who, wish, bytes, deployed } => self.create(*who, wish, *bytes, *deployed),
            Step::Rent(who) => {
                let done = try_rent(*who);
                let model = self.world.attempt(|world| world.create_rent(*who));
                self.same("rent", done, model);
            },
            Step::Deployment { pick, old, runs } => self.deployment(pick, *old, *runs),
            Step::Reports(items) => self.reports(&items.iter().map(|item| self.report_of(item)).collect::<Vec<_>>()),
            Step::Prices(prices, surcharge) => {
                set_prices(*prices);
                set_surcharge(*surcharge);
                (self.world.prices, self.world.surcharge) = (*prices, *surcharge);
            },
            Step::Payout(lives) => {
                self.world.payout = if *lives { PAYOUT } else { NOBODY };
                set_payout(self.world.payout);
            },
            Step::Claim => {
                let done = Contracts_::claim(origin(USER), NOBODY);
                let model = self.world.claim(NOBODY);
                self.same("claim", done, model);
            },
            Step::Limit { pick, who, hundredths } => {
                let (id, limit) = (self.pick(pick), hundredths.map(|part| amount(&self.world.prices, part)));
                let done = Contracts_::set_refill_limit(self.origin_of(id, *who), id, limit);
                let model = self.world.limit(id, self.signer(id, *who), limit);
                self.same("limit", done, model);
            },
            Step::Fund { pick, paused, who, hundredths } => {
                let id = if *paused { self.pick_paused(pick) } else { self.pick(pick) };
                self.fund(id, *who, amount(&self.world.prices, *hundredths));
            },
            Step::Spend { who, percent } => {
                let gone = self.world.spendable(*who) * Balance::from(*percent) / 100;
                *self.world.money.get_mut(who).unwrap() -= gone;
                leave(*who, self.world.balance(*who));
            },
            Step::Earn { who, hundredths } => {
                self.world.pay(*who, amount(&self.world.prices, *hundredths));
                leave(*who, self.world.balance(*who));
            },
            Step::Update { pick, who, bytes, wish, give_back, add } => {
                self.update(pick, *who, *bytes, wish.as_ref(), *give_back, *add);
            },
            Step::Cushion { pick, who, hundredths } => {
                let (id, cushion) = (self.pick(pick), amount(&self.world.prices, *hundredths));
                let (signer, who) = (self.origin_of(id, *who), self.signer(id, *who));
                let done = Contracts_::set_cushion(signer, id, cushion);
                let model = self.world.attempt(|world| world.cushion(id, who, cushion));
                self.same("cushion", done, model);
            },
            Step::Resume { pick, who } => {
                let id = self.pick_paused(pick);
                let (signer, who) = (self.origin_of(id, *who), self.signer(id, *who));
                let done = Contracts_::resume_contract(signer, id);
                let model = self.world.attempt(|world| world.resume_by(id, who));
                self.same("resume", done, model);
            },
            Step::Cancel { pick, who } => {
                let id = self.pick(pick);
                self.cancel(id, *who);
            },
            Step::Clear => {
                let ids: Vec<_> = self.world.deals.keys().rev().copied().collect();
                ids.into_iter().for_each(|id| self.cancel(id, By::Someone(NODE)));
            },
        }
    }
}

/// Agreement.
impl Both {
    /// Both did it, or neither. Whether they did.
    pub fn same(&mut self, what: &'static str, done: DispatchResult, model: Outcome) -> bool {
        assert_eq!(done.is_ok(), model.is_ok(), "{what}: the pallet {done:?}, the model {model:?}");
        self.count(what, done.is_ok());
        done.is_ok()
    }

    pub fn count(&mut self, what: &'static str, done: bool) {
        let count = self.tally.entry(what).or_default();
        *count = (count.0 + u32::from(done), count.1 + 1);
    }

    /// Everybody's money and every contract, to the base unit and the second.
    fn agree(&self) {
        for who in [USER, OTHER, STRANGER, PAYOUT, FOUNDATION, NOBODY] {
            assert_eq!(free_balance(who), self.world.balance(who), "money of {who}");
            assert_eq!(
                Payable::<Test>::get(who),
                self.world.waiting.get(&who).copied().unwrap_or(0),
                "waits for {who}"
            );
        }
        assert_eq!(Contracts::<Test>::iter_keys().count(), self.world.deals.len());
        for (id, deal) in &self.world.deals {
            let contract = Contracts::<Test>::get(id).unwrap();
            let record = BillingOf::<Test>::get(id).unwrap();
            assert_eq!(record.escrow, deal.escrow, "escrow of {id}");
            assert_eq!(record.billed, deal.billed, "billed to {id}");
            assert_eq!(stage_of(record.state), deal.stage, "state of {id}");
            let settled = if deal.stage == Stage::Agreed { record.held_since } else { record.paid_until };
            assert_eq!(settled, deal.settled, "paid_until of {id}");
            assert_eq!((contract.version, contract.deployed_version), (deal.version, deal.deployed_version));
            assert_eq!((record.resources, record.public_ips), (deal.resources, deal.public_ips));
        }
        check();
    }
}

fn stage_of(state: ContractState) -> Stage {
    match state {
        ContractState::Created => Stage::Agreed,
        ContractState::Deployed => Stage::Running,
        ContractState::Grace { .. } => Stage::Paused,
        ContractState::Ending { .. } => Stage::Ending,
    }
}
