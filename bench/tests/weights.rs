//! What calls declare covers what they touch: each on its longest path, recorded on the runtime.
//!
//! A new revenue split takes effect with the payment, and nobody whom it names has an account: each share is written down to
//! be claimed. Or all have one: then each is written.

use codec::Encode;
use frame_support::{
    dispatch::{GetDispatchInfo, PostDispatchInfo},
    traits::UnfilteredDispatchable,
    weights::{RuntimeDbWeight, Weight},
};
use grid_bench::{
    accesses,
    world::{account, account_of, report, Node, World},
};
use grid_types::units::Resources;
use gridchain_runtime::{AccountId, Runtime, RuntimeCall, RuntimeOrigin, System, TfgridModule};
use pallet_smart_contract::{
    types::{ContractId, ContractMode, DeploymentOutcome, PriceLimit, PublicIpChange, RevenueSplit},
    BillingOf, Call, NextContractId, NextSplit, Split, TotalEscrow,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_runtime::{generic::DigestItem, Permill};

const NOW: u64 = 1_800_000_000;
/// 0.2 vCPU, 256 MiB, 2 GiB of fast disk.
const WISH: Resources = Resources { cru: 200, mru: 1 << 28, sru: 2 << 30, hru: 0, nru_per_hour: 0 };

/// Who is paid: accounts that live, or such that nobody has.
#[derive(Clone, Copy, Debug)]
enum Payees {
    Alive,
    Dead,
}

const PAYEES: [Payees; 2] = [Payees::Alive, Payees::Dead];

/// A farm with addresses, a node and a user.
struct Scene {
    world: World,
    node: Node,
    user: AccountId,
    now: u64,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new(NOW);
        let farm_id = world.farm("farmer");
        world.addresses("farmer", farm_id, 20);
        let node = world.node("farmer", farm_id, "node");
        let user = world.twin("user");
        // So that the block of the measurement has an author.
        world.run(|| System::deposit_log(DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(7).encode())));
        Self { world, node, user, now: NOW }
    }

    /// The payments of the measured call are the first of a new split.
    fn pay(mut self, payees: Payees) -> Self {
        let part = Permill::from_percent(20);
        let (foundation_account, sales_account) = match payees {
            Payees::Alive => (self.world.twin("foundation"), self.world.twin("sales")),
            Payees::Dead => (account("nobody"), account("no one")),
        };
        if let Payees::Dead = payees {
            let origin = RuntimeOrigin::signed(account("farmer"));
            self.world.run(|| TfgridModule::set_farm_payout(origin, 1, account("none"))).expect("it is his farm");
        }
        let split =
            RevenueSplit { foundation_account, foundation: part, sales_account, sales: part, author: part, burn: part };
        let now = self.now;
        self.world.run(|| {
            Split::<Runtime>::put(&split);
            NextSplit::<Runtime>::put((split, now));
        });
        self
    }

    /// A split holds that will be replaced some day.
    fn pay_as_ever(self) -> Self {
        let mut scene = self.pay(Payees::Alive);
        scene.world.run(|| NextSplit::<Runtime>::mutate(|next| next.as_mut().expect("it is there").1 = u64::MAX));
        scene
    }

    fn pass(&mut self, seconds: u64) {
        self.now += seconds;
        self.world.set_time(self.now);
        self.world.mark_seen(self.node.id);
    }

    fn rent(&mut self) -> ContractId {
        let call = Call::<Runtime>::create_rent_contract { node_id: self.node.id, price_limit: None };
        self.make(call)
    }

    fn create(&self, public_ips: u32) -> Call<Runtime> {
        Call::create_contract {
            node_id: self.node.id,
            deployment_hash: [1; 32],
            data: Default::default(),
            public_ips,
            resources: WISH,
            mode: ContractMode::Reserved,
            price_limit: None,
        }
    }

    /// A contract of the user's that was deployed a while ago.
    fn deployed(&mut self, public_ips: u32) -> ContractId {
        let id = self.make(self.create(public_ips));
        self.pass(60);
        let call = Call::report_deployment { contract_id: id, version: 0, outcome: DeploymentOutcome::Deployed };
        self.done(account_of(&self.node.agent), call);
        self.pass(300);
        id
    }

    /// The same, paused a while ago, with little in escrow.
    fn paused(&mut self, public_ips: u32) -> ContractId {
        let id = self.deployed(public_ips);
        self.done(self.user.clone(), Call::set_cushion { contract_id: id, amount: 1_000_000 });
        self.done(self.user.clone(), Call::set_refill_limit { contract_id: id, limit: Some(0) });
        self.drain(id);
        let reports = vec![report(id, self.now, 300)].try_into().expect("one");
        self.done(account_of(&self.node.agent), Call::add_reports { reports });
        self.done(self.user.clone(), Call::set_refill_limit { contract_id: id, limit: None });
        self.pass(60);
        id
    }

    /// The next charge has to draw.
    fn drain(&mut self, id: ContractId) {
        self.world.run(|| {
            BillingOf::<Runtime>::mutate(id, |record| {
                let record = record.as_mut().expect("it is there");
                TotalEscrow::<Runtime>::mutate(|total| *total = *total - record.escrow + 100_000);
                record.escrow = 100_000;
            });
        });
    }

    fn make(&mut self, call: Call<Runtime>) -> ContractId {
        self.done(self.user.clone(), call);
        self.world.run(NextContractId::<Runtime>::get) - 1
    }

    fn done(&mut self, who: AccountId, call: Call<Runtime>) {
        let result = self.world.run(|| RuntimeCall::from(call).dispatch_bypass_filter(RuntimeOrigin::signed(who)));
        assert!(result.is_ok(), "{result:?}");
    }

    /// What the call says that it weighs is at least what it touches.
    fn covers(mut self, what: &str, who: AccountId, call: Call<Runtime>) {
        let origin = RuntimeOrigin::signed(who.clone());
        self.covers_by(what, who, origin, call);
    }

    fn covers_by(&mut self, what: &str, who: AccountId, origin: RuntimeOrigin, call: Call<Runtime>) {
        let call = RuntimeCall::from(call);
        let declared = call.get_dispatch_info().call_weight;
        let (result, accesses) = accesses::of(self.world.state(), || call.dispatch_bypass_filter(origin));
        let PostDispatchInfo { actual_weight, .. } = result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let said = actual_weight.unwrap_or(declared);
        let accesses = accesses.without_base(&who);
        let (reads, writes) = accesses.count();
        let costs: RuntimeDbWeight = <Runtime as frame_system::Config>::DbWeight::get();
        let touched = costs.reads_writes(reads as u64, writes as u64);
        println!("{what}: {reads} reads, {writes} writes, {} of {} us", micros(touched), micros(said));
        assert!(said.all_lte(declared), "{what}: more than declared");
        assert!(touched.all_lte(said), "{what}: {reads} reads, {writes} writes; {}", accesses.names());
    }
}

fn micros(weight: Weight) -> u64 {
    weight.ref_time() / 1_000_000
}

/// A scene for each of those who may be paid.
fn scenes() -> impl Iterator<Item = (Payees, Scene)> {
    PAYEES.into_iter().map(|payees| (payees, Scene::new()))
}

#[test]
fn of_reports() {
    let batch = |scene: &Scene, id| {
        let reports = vec![report(id, scene.now, 300)].try_into().expect("one");
        (account_of(&scene.node.agent), Call::add_reports { reports })
    };
    let mut scene = Scene::new();
    let id = scene.deployed(1);
    let (agent, call) = batch(&scene, id);
    scene.pay_as_ever().covers("a report", agent, call);
    for (payees, mut scene) in scenes() {
        let id = scene.deployed(1);
        let (agent, call) = batch(&scene, id);
        scene.pay(payees).covers(&format!("a report under a new split, {payees:?}"), agent, call);
    }
    for (payees, mut scene) in scenes() {
        let id = scene.deployed(1);
        scene.drain(id);
        let (agent, call) = batch(&scene, id);
        scene.pay(payees).covers(&format!("a report that refills, {payees:?}"), agent, call);
    }
    for (payees, mut scene) in scenes() {
        let id = scene.deployed(1);
        scene.done(scene.user.clone(), Call::set_cushion { contract_id: id, amount: 1_000_000 });
        scene.done(scene.user.clone(), Call::set_refill_limit { contract_id: id, limit: Some(10) });
        scene.drain(id);
        let (agent, call) = batch(&scene, id);
        scene.pay(payees).covers(&format!("a report that pauses, {payees:?}"), agent, call);
    }
}

#[test]
fn of_what_owners_do_to_their_contracts() {
    for (payees, mut scene) in scenes() {
        let id = scene.paused(1);
        let user = scene.user.clone();
        let giver = scene.world.twin("giver");
        scene.drain(id);
        let call = Call::fund_contract { contract_id: id, amount: 1_000_000_000 };
        scene.pay(payees).covers(&format!("a gift that resumes, {payees:?}"), giver, call);

        let mut scene = Scene::new();
        let id = scene.paused(1);
        scene.drain(id);
        let call = Call::resume_contract { contract_id: id };
        scene.pay(payees).covers(&format!("resuming, {payees:?}"), user.clone(), call);

        let mut scene = Scene::new();
        scene.rent();
        let id = scene.paused(1);
        scene.drain(id);
        let call = Call::resume_contract { contract_id: id };
        scene.pay(payees).covers(&format!("resuming inside a rent, {payees:?}"), user.clone(), call);

        for rented in [false, true] {
            let mut scene = Scene::new();
            if rented {
                scene.rent();
            }
            let id = scene.deployed(2);
            scene.drain(id);
            let held = scene.world.run(|| {
                let contract = pallet_smart_contract::Contracts::<Runtime>::get(id).expect("it is there");
                contract.public_ips_list
            });
            let call = Call::update_contract {
                contract_id: id,
                deployment_hash: [2; 32],
                data: Default::default(),
                resources: Some(Resources { cru: 300, ..WISH }),
                public_ips: Some(PublicIpChange { give_back: held, add: 3 }),
                price_limit: Some(PriceLimit { max_hourly: u128::MAX, max_gb_second: u64::MAX }),
            };
            let what = format!("an update, {payees:?}, rented: {rented}");
            scene.pay(payees).covers(&what, user.clone(), call);
        }
    }
}

#[test]
fn of_what_touches_no_payee() {
    for rented in [false, true] {
        let what = |what| format!("{what}, rented: {rented}");
        let scene = || {
            let mut scene = Scene::new();
            if rented {
                scene.rent();
            }
            scene
        };
        let mut cushion = scene();
        let (id, user) = (cushion.deployed(0), cushion.user.clone());
        cushion.covers(&what("a cushion"), user.clone(), Call::set_cushion { contract_id: id, amount: 1_000_000_000 });

        let mut limit = scene();
        let id = limit.deployed(0);
        limit.covers(&what("a limit"), user.clone(), Call::set_refill_limit { contract_id: id, limit: Some(1) });

        for public_ips in [0, 1, 8] {
            let scene = scene();
            let call = scene.create(public_ips);
            scene.covers(&what("a contract"), user.clone(), call);
        }
    }
    let scene = Scene::new();
    let (user, node_id) = (scene.user.clone(), scene.node.id);
    scene.covers("a rent", user, Call::create_rent_contract { node_id, price_limit: None });
}

#[test]
fn of_ends() {
    for payees in PAYEES {
        for rented in [false, true] {
            for public_ips in [0, 8] {
                let mut scene = Scene::new();
                if rented {
                    scene.rent();
                }
                let id = scene.paused(public_ips);
                let machine = account("node");
                let call = Call::cancel_contract { contract_id: id };
                let what = format!("an end, {payees:?}, rented: {rented}, {public_ips} addresses");
                scene.pay(payees).covers(&what, machine, call);
            }
        }
        let mut scene = Scene::new();
        let rent = scene.rent();
        scene.deployed(0);
        let user = scene.user.clone();
        let call = Call::cancel_contract { contract_id: rent };
        scene.pay(payees).covers(&format!("the begin of a rent's end, {payees:?}"), user.clone(), call);

        let mut scene = Scene::new();
        let rent = scene.rent();
        scene.pass(300);
        let call = Call::cancel_contract { contract_id: rent };
        scene.pay(payees).covers(&format!("a rent's end, {payees:?}"), user, call);
    }
}

#[test]
fn of_deployments_names_and_splits() {
    let name = |text: &str| text.as_bytes().to_vec().try_into().expect("a short name");
    for (payees, mut scene) in scenes() {
        let id = scene.make(scene.create(1));
        scene.pass(600);
        let agent = account_of(&scene.node.agent);
        let call = Call::report_deployment { contract_id: id, version: 0, outcome: DeploymentOutcome::Deployed };
        scene.pay(payees).covers(&format!("a deployment, {payees:?}"), agent, call);

        let scene = Scene::new().pay(payees);
        let user = scene.user.clone();
        let call = Call::create_name_contract { name: name("bakery"), days: 1, max_price: None };
        scene.covers(&format!("a name, {payees:?}"), user.clone(), call);

        let mut scene = Scene::new();
        let id = scene.make(Call::create_name_contract { name: name("bakery"), days: 1, max_price: None });
        let call = Call::renew_name_contract { contract_id: id, days: 1, max_price: None };
        scene.pay(payees).covers(&format!("a name's renewal, {payees:?}"), user.clone(), call);

        let mut scene = Scene::new();
        let id = scene.make(Call::create_name_contract { name: name("bakery"), days: 1, max_price: None });
        let call = Call::cancel_name_contract { contract_id: id };
        scene.pay(payees).covers(&format!("a name's end, {payees:?}"), user.clone(), call);

        let mut scene = Scene::new().pay(payees);
        let split = scene.world.run(Split::<Runtime>::get).expect("there is one");
        scene.covers_by("a split", user.clone(), RuntimeOrigin::root(), Call::announce_split { split });

        let mut scene = Scene::new();
        scene.covers_by("a price of names", user, RuntimeOrigin::root(), Call::set_name_price { per_day: 5 });
    }
}
