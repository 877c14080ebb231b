//! The pallet and the model side by side: each step is done in both, and then they must agree.

use std::collections::BTreeMap;

use frame_support::{
    pallet_prelude::DispatchResult,
    traits::{Hooks, OnTimestampSet},
    weights::Weight,
};
use grid_types::units::{Report, Resources};
use proptest::sample::Index;

use super::{
    calls::{Answer, Change, Outcome},
    deal::{Deal, Stage},
    price::traffic_allowed,
    steps::{amount, By, Item, Setting, Step, Traffic, Window, Wish},
    world::World,
};
use crate::{mock::*, types::*, BillingOf, Contracts, Event, Payable};

/// How often each kind of step was tried, and how often it went through.
pub type Tally = BTreeMap<&'static str, (u32, u32)>;

/// Both, and what was done so far.
pub struct Both {
    world: World,
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
            foundation: setting.foundation,
            payout: PAYOUT,
            now: now(),
            block,
            stalls: vec![],
            life: vec![(block - 1, now() - 1), (block, now())],
            money: accounts.map(|who| (who, free_balance(who))).into(),
            waiting: BTreeMap::new(),
            deals: BTreeMap::new(),
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
            Step::Deployment { pick, old, runs } => self.deployment(pick, *old, *runs),
            Step::Reports(items) => self.reports(&items.iter().map(|item| self.report_of(item)).collect::<Vec<_>>()),
            Step::Prices(prices) => {
                set_prices(*prices);
                self.world.prices = *prices;
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
            Step::Fund { pick, who, hundredths } => {
                let (id, gift) = (self.pick(pick), amount(&self.world.prices, *hundredths));
                let done = Contracts_::fund_contract(origin(*who), id, gift);
                let model = self.world.attempt(|world| world.fund(id, *who, gift));
                self.same("fund", done, model);
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
                let (done, who) = (Contracts_::cancel_contract(self.origin_of(id, *who), id), self.signer(id, *who));
                let model = self.world.attempt(|world| world.cancel(id, who));
                self.same("cancel", done, model);
            },
        }
    }

    fn create(&mut self, who: u64, wish: &Wish, bytes: usize, deployed: bool) {
        let (id, resources) = (self.world.next_id, resources(wish));
        let data = vec![0; bytes].try_into().unwrap();
        let mode = ContractMode::Reserved;
        let done =
            Contracts_::create_contract(origin(who), NODE_ID, [1; 32], data, wish.public_ips, resources, mode, None);
        let model = self.world.attempt(|world| world.create(who, resources, wish.public_ips, bytes));
        if self.same("create", done, model) && deployed {
            let done = report_deployed(id, 0).map(drop).map_err(|failure| failure.error);
            let model = self.world.deployment(id, 0, true);
            self.same("deploy", done, model);
        }
    }

    fn deployment(&mut self, pick: &Index, old: bool, runs: bool) {
        let news = self.world.deals.iter().filter(|(_, deal)| deal.deployed_version != Some(deal.version));
        let news: Vec<_> = news.map(|(id, _)| *id).collect();
        let id = match (old, news.is_empty()) {
            (true, _) => self.pick(pick),
            (false, true) => return,
            (false, false) => *pick.get(&news),
        };
        let version = self.world.deals.get(&id).map_or(0, |deal| if old { deal.version / 2 } else { deal.version });
        let outcome =
            if runs { DeploymentOutcome::Deployed } else { DeploymentOutcome::Failed(FailureReason::default()) };
        let done = Contracts_::report_deployment(origin(NODE), id, version, outcome);
        let model = self.world.attempt(|world| world.deployment(id, version, runs));
        self.same("deployment", done.map(drop).map_err(|failure| failure.error), model);
    }

    fn update(&mut self, pick: &Index, who: By, bytes: usize, wish: Option<&Wish>, give_back: usize, add: u32) {
        let (id, resources) = (self.pick(pick), wish.map(resources));
        let data = vec![0; bytes].try_into().unwrap();
        let held = Contracts::<Test>::get(id).map_or_else(PublicIpList::default, |contract| contract.public_ips_list);
        let give_back = PublicIpList::truncate_from(held.into_iter().take(give_back).collect());
        let change = Change { resources, give_back: give_back.len() as u32, add };
        let signer = self.origin_of(id, who);
        let addresses = Some(PublicIpChange { give_back, add });
        let done = Contracts_::update_contract(signer, id, [2; 32], data, resources, addresses, None);
        let who = self.signer(id, who);
        let model = self.world.attempt(|world| world.update(id, who, bytes, change));
        self.same("update", done, model);
    }

    fn reports(&mut self, reports: &[Report]) {
        System::reset_events();
        assert!(send(reports.to_vec()).is_ok());
        let said: Vec<Answer> = events().iter().filter_map(answer_in).collect();
        let model = self.world.reports(reports);
        assert_eq!(said, model, "{reports:?}");
        for (_, answer) in model {
            self.count("report", answer.is_ok());
            self.count("charge", answer.is_ok_and(|charged| charged > 0));
        }
    }

    /// Reports of all that runs, `share` per cent of what is reserved, window after window.
    fn work(&mut self, windows: u8, share: u8) {
        for _ in 0..windows {
            self.pass(self.world.rules.max_window, self.world.rules.stall_gap, true, Weight::MAX);
            let running = self.world.deals.iter().filter(|(_, deal)| deal.stage == Stage::Running);
            let reports: Vec<_> = running
                .map(|(id, deal)| self.report(*id, deal, now(), Window::Next, [share; 4], share.into()))
                .collect();
            self.reports(&reports);
        }
    }

    fn report_of(&self, item: &Item) -> Report {
        let id = self.pick(&item.pick);
        let timestamp = now().checked_add_signed(-item.age).unwrap();
        let Some(deal) = self.world.deals.get(&id) else {
            return Report { contract_id: id, timestamp, window: 1, ..Default::default() };
        };
        let more = if let Traffic::More(percent) = item.traffic { percent } else { 0 };
        let report = self.report(id, deal, timestamp, item.window, item.used, more);
        match item.traffic {
            Traffic::More(_) => report,
            Traffic::Back(bytes) => Report { nru: deal.counter.saturating_sub(bytes), ..report },
            Traffic::Largest => Report { nru: u64::MAX, ..report },
        }
    }

    /// A report for `deal`: each use and the traffic in per cent of what is reserved.
    fn report(&self, id: u64, deal: &Deal, timestamp: u64, window: Window, used: [u8; 4], traffic: u64) -> Report {
        let window = match window {
            Window::Next => timestamp.saturating_sub(deal.settled).clamp(1, self.world.rules.max_window),
            Window::Long(seconds) => seconds,
            Window::Endless => u64::MAX,
        };
        let [cru, sru, hru, mru] = used;
        let of = |share: u8, reserved: u64| if share == 255 { u64::MAX } else { reserved * u64::from(share) / 100 };
        let allowed = traffic_allowed(deal.resources.nru_per_hour, window.min(self.world.rules.max_window));
        Report {
            contract_id: id,
            timestamp,
            window,
            cru: of(cru, deal.resources.cru),
            sru: of(sru, deal.resources.sru),
            hru: of(hru, deal.resources.hru),
            mru: of(mru, deal.resources.mru),
            nru: deal.counter.saturating_add(allowed * traffic / 100),
        }
    }

    /// Mostly a living contract, sometimes any number up to one that was never given out.
    fn pick(&self, pick: &Index) -> ContractId {
        let living = self.world.deals.keys().copied();
        let mut ids: Vec<_> = living.clone().chain(living.clone()).chain(living).collect();
        ids.extend(1..=self.world.next_id);
        *pick.get(&ids)
    }

    /// A paused contract, if there is one.
    fn pick_paused(&self, pick: &Index) -> ContractId {
        let paused = self.world.deals.iter().filter(|(_, deal)| deal.stage == Stage::Paused);
        let ids: Vec<_> = paused.map(|(id, _)| *id).collect();
        if ids.is_empty() {
            self.pick(pick)
        } else {
            *pick.get(&ids)
        }
    }

    /// None is governance.
    fn signer(&self, id: ContractId, who: By) -> Option<u64> {
        match who {
            By::Owner => Some(self.world.deals.get(&id).map_or(USER, |deal| deal.owner)),
            By::Someone(who) => Some(who),
            By::Governance => None,
        }
    }

    fn origin_of(&self, id: ContractId, who: By) -> RuntimeOrigin {
        self.signer(id, who).map_or(RuntimeOrigin::root(), origin)
    }
}

/// Time.
impl Both {
    fn pass(&mut self, seconds: Seconds, gap: Seconds, node_lives: bool, idle: Weight) {
        let until = now() + seconds;
        while now() < until {
            self.next_block(gap.min(until - now()), node_lives, idle);
        }
    }

    /// Ends the block with so much weight to spare, and begins the next.
    fn next_block(&mut self, seconds: Seconds, node_lives: bool, idle: Weight) {
        System::reset_events();
        SmartContractModule::on_idle(System::block_number(), idle);
        self.chain_ended();
        if idle == Weight::MAX {
            let late = |id| self.world.overdue(id).is_some_and(|time| time >= self.world.rules.agenda_tick);
            assert!(!self.world.deals.keys().any(|id| late(*id)), "a deadline was missed");
        }
        self.world.block += 1;
        System::set_block_number(self.world.block);
        System::reset_events();
        SmartContractModule::on_initialize(self.world.block);
        self.chain_ended();
        let time = now() + seconds;
        pallet_timestamp::Now::<Test>::put(time * 1_000);
        SmartContractModule::on_timestamp_set(time * 1_000);
        self.world.time(time);
        if node_lives {
            mark_seen();
            self.world.alive();
        }
    }

    /// What the chain ended by itself was due, and the model ends it now.
    fn chain_ended(&mut self) {
        for event in events() {
            assert!(!matches!(event, Event::AgendaRetry { .. } | Event::AgendaParked { .. }), "{event:?}");
            if let Event::ContractEnded { contract_id, .. } = event {
                assert!(self.world.overdue(contract_id).is_some(), "{contract_id} ended before its time");
                let stage = self.world.deals[&contract_id].stage;
                let what = match stage {
                    Stage::Agreed => "timeout",
                    Stage::Paused => "grace",
                    _ => "out of funds",
                };
                self.count(what, true);
                assert_eq!(self.world.end(contract_id), Ok(()));
            }
        }
    }
}

/// Agreement.
impl Both {
    /// Both did it, or neither. Whether they did.
    fn same(&mut self, what: &'static str, done: DispatchResult, model: Outcome) -> bool {
        assert_eq!(done.is_ok(), model.is_ok(), "{what}: the pallet {done:?}, the model {model:?}");
        self.count(what, done.is_ok());
        done.is_ok()
    }

    fn count(&mut self, what: &'static str, done: bool) {
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
        ContractState::Ending { .. } => Stage::OutOfFunds,
    }
}

fn answer_in(event: &Event<Test>) -> Option<Answer> {
    match event {
        Event::ContractBilled { contract_id, bill } => Some((*contract_id, Ok(bill.total()))),
        Event::ReportRefused { contract_id, reason, .. } => Some((*contract_id, Err(*reason))),
        _ => None,
    }
}

fn resources(wish: &Wish) -> Resources {
    Resources { cru: wish.cru, mru: wish.memory, sru: wish.ssd, hru: wish.hdd, nru_per_hour: wish.traffic }
}
