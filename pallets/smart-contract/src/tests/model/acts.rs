//! Single acts, done in both.

use frame_support::weights::Weight;
use grid_types::units::{Report, Resources};
use proptest::sample::Index;

use super::{
    both::Both,
    calls::Change,
    deal::{Deal, Stage},
    price::traffic_allowed,
    reports::Answer,
    steps::{By, Item, Traffic, Window, Wish},
};
use crate::{mock::*, types::*, Contracts, Event};

impl Both {
    pub fn create(&mut self, who: u64, wish: &Wish, bytes: usize, deployed: bool) {
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

    pub fn deployment(&mut self, pick: &Index, old: bool, runs: bool) {
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

    pub fn update(&mut self, pick: &Index, who: By, bytes: usize, wish: Option<&Wish>, give_back: usize, add: u32) {
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

    /// A gift, or the owner's own money.
    pub fn fund(&mut self, id: ContractId, who: u64, amount: Balance) {
        let paused = |both: &Self| both.world.deals.get(&id).is_some_and(|deal| deal.stage == Stage::Paused);
        let before = paused(self);
        let done = Contracts_::fund_contract(origin(who), id, amount);
        let model = self.world.attempt(|world| world.fund(id, who, amount));
        if self.same("fund", done, model) && before {
            self.count("gift resumes", !paused(self));
        }
    }

    pub fn cancel(&mut self, id: ContractId, who: By) {
        let (done, who) = (Contracts_::cancel_contract(self.origin_of(id, who), id), self.signer(id, who));
        let model = self.world.attempt(|world| world.cancel(id, who));
        self.same("cancel", done.map(drop).map_err(|failure| failure.error), model);
    }

    pub fn reports(&mut self, reports: &[Report]) {
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

    /// Reports of all that runs, `share` per cent of what is reserved, window after window, until somebody is out of funds.
    pub fn work(&mut self, windows: u8, share: u8) {
        let dry = |both: &Self| both.world.deals.values().filter(|deal| deal.stage != Stage::Running).count();
        let before = dry(self);
        for _ in 0..windows {
            if dry(self) > before {
                return;
            }
            self.pass(self.world.rules.max_window, self.world.rules.stall_gap, true, Weight::MAX);
            let running = self.world.deals.iter().filter(|(_, deal)| deal.stage == Stage::Running);
            let reports: Vec<_> = running
                .map(|(id, deal)| self.report(*id, deal, now(), Window::Next, [share; 4], share.into()))
                .collect();
            self.reports(&reports);
        }
    }

    pub fn report_of(&self, item: &Item) -> Report {
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
    pub fn pick(&self, pick: &Index) -> ContractId {
        let living = self.world.deals.keys().copied();
        let mut ids: Vec<_> = living.clone().chain(living.clone()).chain(living).collect();
        ids.extend(1..=self.world.next_id);
        *pick.get(&ids)
    }

    /// A paused contract, if there is one.
    pub fn pick_paused(&self, pick: &Index) -> ContractId {
        let paused = self.world.deals.iter().filter(|(_, deal)| deal.stage == Stage::Paused);
        let ids: Vec<_> = paused.map(|(id, _)| *id).collect();
        if ids.is_empty() {
            self.pick(pick)
        } else {
            *pick.get(&ids)
        }
    }

    /// None is governance.
    pub fn signer(&self, id: ContractId, who: By) -> Option<u64> {
        match who {
            By::Owner => Some(self.world.deals.get(&id).map_or(USER, |deal| deal.owner)),
            By::Someone(who) => Some(who),
            By::Governance => None,
        }
    }

    pub fn origin_of(&self, id: ContractId, who: By) -> RuntimeOrigin {
        self.signer(id, who).map_or(RuntimeOrigin::root(), origin)
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
