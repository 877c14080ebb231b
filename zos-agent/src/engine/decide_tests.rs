//! The decision against a model: a chain, a gateway and a store that do what they are told.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    chain::{ContractKind, Head},
    engine::backoff,
    faas::Ownership,
    store::deployments::{Ended, Standing, Stored, Task},
};
use grid_types::{deployment::Deployment, units::Resources};
use proptest::prelude::*;
use serde_json::json;

#[path = "decide_life_tests.rs"]
mod life;

const NODE: u32 = 1;
const GENESIS: [u8; 32] = [9; 32];
const RULES: Rules = Rules { keep_ended: 1_000, outdated_grace: 600, tries: 3 };

/// Everything that exists, and which attempts fail.
#[derive(Clone, Debug)]
struct Model {
    now: u64,
    chain: Snapshot,
    gateway: BTreeMap<String, Listed>,
    works: BTreeMap<u64, Work>,
    broken: BTreeSet<String>,
    failures_reported: Vec<(u64, u32)>,
}

fn deployment(contract_id: u64, version: u32, names: &[&str]) -> Deployment {
    let workload = |name: &&str| {
        json!({ "version": version, "name": name, "type": "function", "metadata": "", "description": "",
                "data": { "module": format!("sha256:{}", "ab".repeat(32)), "memory": 1_048_576, "timeout_ms": 1_000 + version } })
    };
    let workloads: Vec<_> = names.iter().map(workload).collect();
    Deployment::from_value(json!({
        "version": version, "twin_id": 2, "contract_id": contract_id, "metadata": "", "description": "", "expiration": 0,
        "workloads": workloads,
    }))
    .unwrap()
}

fn hash(deployment: &Deployment) -> [u8; 32] {
    grid_types::challenge::hash(deployment, &GENESIS)
}

fn work(deployment: Deployment) -> Work {
    let stored = Stored {
        hash: hash(&deployment),
        deployment,
        accepted_at: 0,
        ended: None,
        outdated_since: None,
        failed_version: None,
        dropped_secrets: Default::default(),
    };
    Work { stored, standings: BTreeMap::new(), tasks: BTreeMap::new() }
}

fn contract(deployment: &Deployment) -> ContractView {
    ContractView {
        contract_id: deployment.contract_id,
        version: deployment.version,
        twin_id: 2,
        node_id: NODE,
        kind: ContractKind::Capacity,
        hash: hash(deployment),
        resources: Resources { cru: 1_000, mru: 16 << 20, sru: 1 << 30, hru: 0, nru_per_hour: 0 },
        state: ContractState::Created,
        deployed_version: None,
    }
}

fn listed(function: &str, node_id: u32, contract_id: u64, workload: &str) -> Listed {
    let owner = Some(Ownership { contract_id, node_id, workload: workload.to_owned() });
    Listed {
        function: function.to_owned(),
        owner,
        hash: "old".to_owned(),
        ready: true,
        memory: 1 << 20,
        secrets: Vec::new(),
    }
}

impl Model {
    fn new() -> Self {
        Self {
            now: 10_000,
            chain: Snapshot {
                genesis: GENESIS,
                head: Head { number: 100, timestamp: 10_000 },
                next_contract_id: 1,
                capacity: None,
                contracts: BTreeMap::new(),
            },
            gateway: BTreeMap::new(),
            works: BTreeMap::new(),
            broken: BTreeSet::new(),
            failures_reported: Vec::new(),
        }
    }

    /// A contract whose deployment has been accepted.
    fn with(mut self, contract_id: u64, names: &[&str]) -> Self {
        let deployment = deployment(contract_id, 0, names);
        self.chain.contracts.insert(contract_id, contract(&deployment));
        self.chain.next_contract_id = self.chain.next_contract_id.max(contract_id + 1);
        self.works.insert(contract_id, work(deployment));
        self
    }

    /// Another version comes; every version has a secret of its own.
    fn accept(&mut self, deployment: Deployment) {
        let known = self.works.get_mut(&deployment.contract_id).unwrap();
        let secret = ("a".to_owned(), format!("v{}", known.stored.deployment.version));
        let earlier = std::mem::replace(&mut known.stored, work(deployment).stored);
        known.stored.dropped_secrets = earlier.dropped_secrets;
        known.stored.dropped_secrets.insert(secret);
        known.tasks.clear();
    }

    fn world(&self) -> World {
        World {
            now: self.now,
            node_id: NODE,
            genesis: GENESIS,
            cursor: self.chain.head.number,
            rules: RULES,
            chain: Some(self.chain.clone()),
            gateway: Some(self.gateway.values().cloned().collect()),
            works: self.works.clone(),
            busy: BTreeSet::new(),
            holders: BTreeSet::new(),
            doubted: BTreeSet::new(),
        }
    }

    fn decide(&self) -> Vec<Action> {
        decide(&self.world())
    }

    /// Decides and acts until nothing is left to do at this moment.
    fn settle(&mut self) {
        for _ in 0..20 {
            let actions = self.decide();
            if actions.is_empty() {
                return;
            }
            let mut stuck = BTreeSet::new();
            for action in actions {
                if !stuck.contains(&action.contract_id()) && !self.act(&action) {
                    stuck.insert(action.contract_id());
                }
            }
        }
        panic!("still something to do: {:?}", self.decide());
    }

    /// What the hands do; `false` if it fails.
    fn act(&mut self, action: &Action) -> bool {
        let now = self.now;
        match action {
            Action::PutModule(..) => {},
            Action::Deploy(target) | Action::Update(target) => return self.deploy(target),
            Action::Remove(target, reason) => {
                self.gateway.remove(&target.function).expect("only what is there is removed");
                if let Some(work) = self.works.get_mut(&target.contract_id) {
                    work.tasks.remove(&Step::Function(target.workload.clone()));
                    match reason {
                        Some(reason) => stand(work, target, WorkloadState::Error, reason, now),
                        None => drop(work.standings.remove(&target.workload)),
                    }
                }
            },
            Action::Drop(target) => {
                assert!(!self.gateway.contains_key(&target.function), "what runs is not forgotten");
                drop(self.works.get_mut(&target.contract_id).unwrap().standings.remove(&target.workload));
            },
            Action::DropSecrets(id) => {
                let work = self.works.get_mut(id).unwrap();
                let wanted = |workload: &Workload| FunctionSpec::of(workload, *id, NODE).hash().to_owned();
                let wanted: BTreeSet<_> = work.stored.deployment.workloads.iter().map(wanted).collect();
                let own = |owner: &Ownership| owner.contract_id == *id && owner.node_id == NODE;
                let mut running = self.gateway.values().filter(|function| function.owner.as_ref().is_some_and(own));
                assert!(running.all(|function| wanted.contains(&function.hash)), "no earlier version runs");
                work.stored.dropped_secrets.clear();
            },
            Action::Note(target, state, message) => {
                let work = self.works.get_mut(&target.contract_id).unwrap();
                work.tasks.remove(&Step::Function(target.workload.clone()));
                stand(work, target, *state, message, now);
            },
            Action::ReportDeployed(id, version) => {
                let contract = self.chain.contracts.get_mut(id).unwrap();
                contract.state = ContractState::Deployed;
                contract.deployed_version = Some(*version);
            },
            Action::ReportFailed(id, version, _) => {
                self.works.get_mut(id).unwrap().stored.failed_version = Some(*version);
                self.failures_reported.push((*id, *version));
            },
            Action::MarkOutdated(id) => self.works.get_mut(id).unwrap().stored.outdated_since = Some(now),
            Action::ClearOutdated(id) => self.works.get_mut(id).unwrap().stored.outdated_since = None,
            Action::SetAside(id, cause) => {
                let work = self.works.get_mut(id).unwrap();
                work.stored.ended = Some(Ended { at: now, cause: (*cause).to_owned() });
                work.tasks.clear();
            },
            Action::Forget(id) => drop(self.works.remove(id)),
        }
        true
    }

    fn deploy(&mut self, target: &Target) -> bool {
        let now = self.now;
        let works = !self.broken.contains(&target.function);
        let work = self.works.get_mut(&target.contract_id).unwrap();
        let task = work.tasks.entry(Step::Function(target.workload.clone())).or_default();
        task.tries += 1;
        task.next_try = now + backoff::after(task.tries, 100);
        task.reason = "broken".to_owned();
        if works {
            let workload = work.stored.deployment.workload(&target.workload).unwrap();
            let hash = FunctionSpec::of(workload, target.contract_id, NODE).hash().to_owned();
            let present = Listed { hash, ..listed(&target.function, NODE, target.contract_id, &target.workload) };
            self.gateway.insert(target.function.clone(), present);
        }
        works
    }

    fn functions(&self) -> Vec<&str> {
        self.gateway.keys().map(String::as_str).collect()
    }
}

fn stand(work: &mut Work, target: &Target, state: WorkloadState, message: &str, now: u64) {
    let standing = Standing { state, message: message.to_owned(), since: now };
    work.standings.insert(target.workload.clone(), standing);
}

#[test]
fn an_accepted_deployment_is_deployed_and_then_reported() {
    let mut model = Model::new().with(1, &["a", "b"]);
    let first = model.decide();
    assert!(first.iter().all(|action| matches!(action, Action::PutModule(..) | Action::Deploy(_))), "{first:?}");
    model.settle();
    assert_eq!(model.functions(), ["a-1", "b-1"]);
    assert_eq!(model.chain.contracts[&1].deployed_version, Some(0));
    assert_eq!(model.works[&1].standings["a"].state, WorkloadState::Ok);
}

#[test]
fn nothing_is_reported_before_all_functions_are_ready() {
    let mut model = Model::new().with(1, &["a", "b"]);
    model.broken.insert("b-1".to_owned());
    model.settle();
    assert_eq!(model.functions(), ["a-1"]);
    assert_eq!(model.chain.contracts[&1].deployed_version, None);
}

#[test]
fn a_function_that_is_listed_but_not_ready_is_not_reported() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.get_mut(&1).unwrap().deployed_version = None;
    model.gateway.get_mut("a-1").unwrap().ready = false;
    assert!(!model.decide().iter().any(|action| matches!(action, Action::ReportDeployed(..))));
}

#[test]
fn a_failure_is_reported_once_after_enough_attempts_and_attempts_go_on() {
    let mut model = Model::new().with(1, &["a"]);
    model.broken.insert("a-1".to_owned());
    for _ in 0..200 {
        model.settle();
        model.now += 1;
    }
    assert_eq!(model.failures_reported, [(1, 0)]);
    model.broken.clear();
    model.now += 1_000;
    model.settle();
    assert_eq!(model.chain.contracts[&1].deployed_version, Some(0));
}

#[test]
fn a_failure_that_will_not_go_away_is_reported_at_once() {
    let mut model = Model::new().with(1, &["a"]);
    let task = Task { tries: 1, next_try: u64::MAX, reason: "not WebAssembly".to_owned(), hopeless: true, waits: 0 };
    model.works.get_mut(&1).unwrap().tasks.insert(Step::Function("a".to_owned()), task);
    assert_eq!(model.decide(), [Action::ReportFailed(1, 0, "a: not WebAssembly".to_owned())]);
}

#[test]
fn a_function_that_vanished_is_deployed_again() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.gateway.clear();
    model.settle();
    assert_eq!(model.functions(), ["a-1"]);
}

#[test]
fn a_contract_that_is_gone_takes_its_functions_with_it_and_its_data_later() {
    let mut model = Model::new().with(1, &["a"]).with(2, &["a"]);
    model.settle();
    model.chain.contracts.remove(&1);
    model.settle();
    assert_eq!(model.functions(), ["a-2"]);
    assert!(model.works[&1].stored.ended.is_some());
    model.now += RULES.keep_ended;
    model.settle();
    assert!(!model.works.contains_key(&1));
}

#[test]
fn a_contract_that_is_ending_is_over() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.get_mut(&1).unwrap().state = ContractState::Ending;
    model.settle();
    assert!(model.functions().is_empty());
}

#[test]
fn a_contract_in_grace_is_paused_with_its_reason_and_its_deployment_is_kept() {
    let mut model = Model::new().with(1, &["a", "b"]).with(2, &["a"]);
    model.settle();
    model.chain.contracts.get_mut(&1).unwrap().state = ContractState::Grace;
    model.settle();
    assert_eq!(model.functions(), ["a-2"]);
    assert!(model.works[&1].stored.ended.is_none());
    assert!(model.works[&1].standings["a"].message.starts_with("paused"));
    model.chain.contracts.get_mut(&1).unwrap().state = ContractState::Deployed;
    model.settle();
    assert_eq!(model.functions(), ["a-1", "a-2", "b-1"]);
}

#[test]
fn a_pause_in_the_middle_of_an_update_ends_with_the_new_version() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    let second = deployment(1, 1, &["a", "b"]);
    let before = model.chain.contracts[&1];
    model.chain.contracts.insert(1, ContractView { state: ContractState::Grace, ..contract(&second) });
    model.works.insert(1, work(second));
    model.settle();
    assert!(model.functions().is_empty());
    let contract = model.chain.contracts.get_mut(&1).unwrap();
    (contract.state, contract.deployed_version) = (ContractState::Deployed, before.deployed_version);
    model.settle();
    assert_eq!((model.functions(), model.chain.contracts[&1].deployed_version), (vec!["a-1", "b-1"], Some(1)));
}

#[test]
fn nothing_is_done_for_a_rent_and_contracts_inside_it_are_like_any_other() {
    let mut model = Model::new().with(2, &["a"]);
    let rent = ContractView { contract_id: 1, kind: ContractKind::Rent, ..contract(&deployment(1, 0, &["none"])) };
    model.chain.contracts.insert(1, ContractView { state: ContractState::Deployed, ..rent });
    model.settle();
    assert_eq!(model.functions(), ["a-2"]);
}

#[test]
fn functions_of_a_contract_that_is_gone_are_removed_although_no_record_tells_of_them() {
    let mut model = Model::new();
    model.chain.next_contract_id = 5;
    model.gateway.insert("a-3".to_owned(), listed("a-3", NODE, 3, "a"));
    model.settle();
    assert!(model.functions().is_empty());
}

#[test]
fn functions_of_a_live_contract_without_a_record_are_left_alone() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.works.clear();
    assert_eq!(model.decide(), []);
}

#[test]
fn a_contract_that_the_chain_has_not_made_yet_is_unknown() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.clear();
    model.chain.next_contract_id = 1;
    assert_eq!(model.decide(), []);
}

#[test]
fn another_chain_and_an_older_state_and_silence_decide_nothing() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.clear();
    assert_ne!(model.decide(), []);
    let world = model.world();
    let elsewhere = Snapshot { genesis: [0; 32], ..model.chain.clone() };
    assert_eq!(decide(&World { chain: Some(elsewhere), ..world.clone() }), []);
    assert_eq!(decide(&World { cursor: 101, ..world.clone() }), []);
    assert_eq!(decide(&World { chain: None, ..world.clone() }), []);
    assert_eq!(decide(&World { gateway: None, ..world }), []);
}

#[test]
fn a_contract_that_is_being_worked_on_is_left_out() {
    let model = Model::new().with(1, &["a"]);
    assert_eq!(decide(&World { busy: BTreeSet::from([1]), ..model.world() }), []);
}

#[test]
fn grace_pauses_and_funding_resumes() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.get_mut(&1).unwrap().state = ContractState::Grace;
    model.settle();
    assert!(model.functions().is_empty());
    assert!(model.works[&1].standings["a"].message.contains("out of funds"));
    model.chain.contracts.get_mut(&1).unwrap().state = ContractState::Deployed;
    model.settle();
    assert_eq!(model.functions(), ["a-1"]);
}

#[test]
fn an_update_replaces_what_changed_and_removes_what_is_not_wanted() {
    let mut model = Model::new().with(1, &["a", "b"]);
    model.settle();
    let before = model.gateway["a-1"].hash.clone();
    let update = deployment(1, 1, &["a"]);
    let running = model.chain.contracts[&1];
    model.chain.contracts.insert(1, ContractView { hash: hash(&update), version: 1, ..running });
    model.works.get_mut(&1).unwrap().stored = work(update).stored;
    model.settle();
    assert_eq!(model.functions(), ["a-1"]);
    assert_ne!(model.gateway["a-1"].hash, before);
    assert_eq!(model.chain.contracts[&1].deployed_version, Some(1));
}

#[test]
fn an_update_on_chain_whose_deployment_never_comes_stops_the_old_one_after_a_while() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    let contract = model.chain.contracts.get_mut(&1).unwrap();
    (contract.hash, contract.version) = ([1; 32], 1);
    model.settle();
    assert_eq!(model.functions(), ["a-1"], "it keeps running at first");
    model.now += RULES.outdated_grace;
    model.settle();
    assert!(model.functions().is_empty());
    assert_eq!(model.chain.contracts[&1].deployed_version, Some(0), "the new version is never reported");
}

#[test]
fn an_update_that_reserves_less_stops_at_once_what_needs_more() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    let contract = model.chain.contracts.get_mut(&1).unwrap();
    (contract.hash, contract.resources.mru) = ([1; 32], 1_000);
    model.settle();
    assert!(model.functions().is_empty());
}

#[test]
fn an_expired_deployment_stops() {
    let mut model = Model::new().with(1, &["a"]);
    let mut expiring = deployment(1, 0, &["a"]);
    expiring.expiration = model.now + 10;
    model.chain.contracts.insert(1, contract(&expiring));
    model.works.insert(1, work(expiring));
    model.settle();
    assert_eq!(model.functions(), ["a-1"]);
    model.now += 10;
    model.settle();
    assert!(model.functions().is_empty());
}

/// An update to these workloads that has been agreed and accepted.
fn update(model: &mut Model, contract_id: u64, names: &[&str]) {
    let version = model.chain.contracts[&contract_id].version + 1;
    let update = deployment(contract_id, version, names);
    let contract = model.chain.contracts.get_mut(&contract_id).unwrap();
    (contract.hash, contract.version) = (hash(&update), version);
    model.accept(update);
}

#[test]
fn what_an_update_drops_serves_until_the_new_version_runs() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    update(&mut model, 1, &["b"]);
    model.broken.insert("b-1".to_owned());
    model.settle();
    assert_eq!(model.functions(), ["a-1"], "the old one serves while the new one fails");
    assert_eq!(model.chain.contracts[&1].deployed_version, Some(0));
    model.broken.clear();
    model.now += 1_000;
    model.settle();
    assert_eq!((model.functions(), model.chain.contracts[&1].deployed_version), (vec!["b-1"], Some(1)));
}

#[test]
fn secrets_that_only_earlier_versions_had_go_when_none_of_these_runs() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    update(&mut model, 1, &["b"]);
    model.broken.insert("b-1".to_owned());
    model.settle();
    assert!(!model.works[&1].stored.dropped_secrets.is_empty(), "the one that serves needs them");
    model.broken.clear();
    model.now += 1_000;
    model.settle();
    assert!(model.works[&1].stored.dropped_secrets.is_empty());
}

#[test]
fn what_an_update_drops_goes_at_once_if_both_are_more_than_is_reserved() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    update(&mut model, 1, &["b"]);
    model.broken.insert("b-1".to_owned());
    model.chain.contracts.get_mut(&1).unwrap().resources.mru = 1 << 20;
    model.settle();
    assert!(model.functions().is_empty());
}

#[test]
fn a_workload_that_failed_and_was_dropped_leaves_nothing_behind() {
    let mut model = Model::new().with(1, &["a", "b"]);
    model.broken.insert("b-1".to_owned());
    model.settle();
    model
        .works
        .get_mut(&1)
        .unwrap()
        .standings
        .insert("b".to_owned(), Standing { state: WorkloadState::Error, message: "broken".to_owned(), since: 0 });
    update(&mut model, 1, &["a"]);
    model.settle();
    assert_eq!(model.works[&1].standings.keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_failed_update_leaves_the_earlier_version_running() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    let before = model.gateway["a-1"].clone();
    update(&mut model, 1, &["a"]);
    model.broken.insert("a-1".to_owned());
    for _ in 0..100 {
        model.settle();
        model.now += 1;
        assert_eq!(model.gateway["a-1"], before);
    }
    assert_eq!(model.failures_reported, [(1, 1)]);
}

/// A node that is full: two contracts of one function each, and room for two functions.
fn full() -> Model {
    let mut model = Model::new().with(1, &["a"]).with(2, &["a"]);
    model.chain.capacity = Some(grid_types::units::Capacity { mru: 2 << 20, ..Default::default() });
    model.settle();
    model
}

#[test]
fn on_a_full_node_what_is_new_waits_for_what_is_leaving_and_nothing_fails() {
    let mut model = full();
    model.chain.contracts.remove(&1);
    let mut model = model.with(3, &["a"]);
    let actions = model.decide();
    assert!(actions.iter().any(|action| matches!(action, Action::Remove(target, _) if target.contract_id == 1)));
    assert!(!actions.iter().any(|action| matches!(action, Action::Deploy(_))), "{actions:?}");
    // The removal takes its time.
    let notes: Vec<_> = actions.into_iter().filter(|action| action.contract_id() == 3).collect();
    assert!(notes.iter().all(|note| model.act(note)));
    let standing = &model.works[&3].standings["a"];
    assert_eq!((standing.state, standing.message.as_str()), (WorkloadState::Init, FULL));
    model.settle();
    assert_eq!(model.functions(), ["a-2", "a-3"]);
    assert_eq!(model.works[&3].standings["a"].state, WorkloadState::Ok);
    assert!(model.failures_reported.is_empty());
}

#[test]
fn what_is_new_begins_at_once_as_far_as_there_is_room_beside_what_is_leaving() {
    let mut model = full();
    model.chain.capacity = Some(grid_types::units::Capacity { mru: 3 << 20, ..Default::default() });
    model.chain.contracts.remove(&1);
    let model = model.with(3, &["a"]).with(4, &["a"]);
    let deployed: Vec<_> = model.decide().into_iter().filter(|action| matches!(action, Action::Deploy(_))).collect();
    assert_eq!(deployed.len(), 1, "{deployed:?}");
}

#[test]
fn an_end_that_only_one_endpoint_tells_of_is_not_believed() {
    let mut model = Model::new().with(1, &["a"]);
    model.settle();
    model.chain.contracts.clear();
    assert_eq!(decide(&World { doubted: BTreeSet::from([1]), ..model.world() }), []);
    assert_ne!(model.decide(), []);
}

#[test]
fn modules_of_a_contract_that_never_got_a_deployment_go_when_it_is_over() {
    let mut model = Model::new().with(1, &["a"]);
    model.works.clear();
    let world = |model: &Model| World { holders: BTreeSet::from([1, 7]), ..model.world() };
    assert_eq!(decide(&world(&model)), [], "one lives, and the other is not made yet");
    model.chain.contracts.clear();
    assert_eq!(decide(&World { doubted: BTreeSet::from([1]), ..world(&model) }), []);
    assert_eq!(decide(&world(&model)), [Action::Forget(1)]);
}

/// Something that happens in the world.
#[derive(Clone, Debug)]
enum Happening {
    Made(u8),
    Updated(u64, u8),
    UpdateArrives(u64),
    Ends(u64),
    Vanishes(u64),
    Grace(u64),
    Funded(u64),
    FunctionLost(u64),
    Breaks(u64),
    Heals,
    Later(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let id = || 1..6_u64;
    prop_oneof![
        3 => (1..4_u8).prop_map(Made),
        2 => (id(), 1..4_u8).prop_map(|(id, count)| Updated(id, count)),
        2 => id().prop_map(UpdateArrives),
        1 => id().prop_map(Ends),
        1 => id().prop_map(Vanishes),
        1 => id().prop_map(Grace),
        1 => id().prop_map(Funded),
        2 => id().prop_map(FunctionLost),
        1 => id().prop_map(Breaks),
        1 => Just(Heals),
        2 => (1..700_u64).prop_map(Later),
    ]
}

const NAMES: [&str; 3] = ["a", "b", "c"];

impl Model {
    fn happen(&mut self, happening: &Happening) {
        match *happening {
            Happening::Made(count) => {
                let id = self.chain.next_contract_id;
                *self = self.clone().with(id, &NAMES[..usize::from(count)]);
            },
            Happening::Updated(id, count) => {
                if let Some(contract) = self.chain.contracts.get_mut(&id) {
                    contract.version += 1;
                    contract.hash = hash(&deployment(id, contract.version, &NAMES[..usize::from(count)]));
                }
            },
            Happening::UpdateArrives(id) => self.update_arrives(id),
            Happening::Ends(id) => {
                if let Some(contract) = self.chain.contracts.get_mut(&id) {
                    contract.state = ContractState::Ending;
                }
            },
            Happening::Vanishes(id) => drop(self.chain.contracts.remove(&id)),
            Happening::Grace(id) => self.turn(id, ContractState::Deployed, ContractState::Grace),
            Happening::Funded(id) => self.turn(id, ContractState::Grace, ContractState::Deployed),
            Happening::FunctionLost(id) => self.gateway.retain(|_, function| {
                function.owner.as_ref().is_none_or(|owner| owner.contract_id != id || owner.node_id != NODE)
            }),
            Happening::Breaks(id) => self.broken.extend(NAMES.map(|name| format!("{name}-{id}"))),
            Happening::Heals => self.broken.clear(),
            Happening::Later(seconds) => self.now += seconds,
        }
    }

    fn update_arrives(&mut self, id: u64) {
        let Some(contract) = self.chain.contracts.get(&id) else { return };
        let newest = (1..=3).map(|count| deployment(id, contract.version, &NAMES[..count]));
        let newest = newest.into_iter().find(|newest| hash(newest) == contract.hash);
        if let Some(newest) = newest.filter(|_| self.works.get(&id).is_some_and(|known| known.stored.ended.is_none())) {
            self.accept(newest);
        }
    }

    fn turn(&mut self, id: u64, from: ContractState, to: ContractState) {
        if let Some(contract) = self.chain.contracts.get_mut(&id).filter(|contract| contract.state == from) {
            contract.state = to;
        }
    }

    /// What must hold whenever nothing is left to do.
    fn check(&self) {
        for (name, function) in &self.gateway {
            let Some(owner) = function.owner.as_ref().filter(|owner| owner.node_id == NODE) else { continue };
            let contract = self.chain.contracts.get(&owner.contract_id).expect("its contract is there");
            assert!(!matches!(contract.state, ContractState::Ending | ContractState::Grace), "{name} runs");
        }
        for (id, work) in &self.works {
            let contract = self.chain.contracts.get(id).filter(|contract| contract.state != ContractState::Ending);
            let Some(contract) = contract else {
                assert!(work.stored.ended.is_some(), "contract {id} is over");
                continue;
            };
            let agreed = contract.hash == work.stored.hash && contract.state != ContractState::Grace;
            if agreed && self.broken.is_empty() && work.tasks.is_empty() {
                let wanted: BTreeSet<_> =
                    work.stored.deployment.workloads.iter().map(|workload| workload.function_name(*id)).collect();
                let running = self.gateway.iter().filter(|(_, function)| {
                    function.owner.as_ref().is_some_and(|owner| owner.contract_id == *id && owner.node_id == NODE)
                });
                assert_eq!(running.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>(), wanted);
                assert_eq!(contract.deployed_version, Some(contract.version));
                assert!(work.stored.dropped_secrets.is_empty(), "secrets of earlier versions are left");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_the_work_settles_and_nobody_elses_function_is_touched(
        happenings in proptest::collection::vec(happening(), 1..40),
    ) {
        let mut model = Model::new();
        // A user's own function, one of another node, and one whose labels and name disagree.
        let own = Listed { function: "mine".to_owned(), owner: None, hash: String::new(), ready: true, memory: 0, secrets: Vec::new() };
        let foreign = [own.clone(), listed("a-1", 2, 1, "a"), Listed { function: "z-1".to_owned(), ..own }];
        // The other node's function has a name that this node would use: it stands for a gateway of its own.
        for (number, function) in foreign.iter().enumerate() {
            model.gateway.insert(format!("foreign/{number}"), function.clone());
        }
        for happening in &happenings {
            model.happen(happening);
            model.settle();
            model.check();
            for (number, function) in foreign.iter().enumerate() {
                prop_assert_eq!(&model.gateway[&format!("foreign/{number}")], function);
            }
        }
        model.broken.clear();
        model.now += 10_000;
        model.settle();
        model.check();
    }

    #[test]
    fn a_chain_that_cannot_be_believed_never_moves_anything(happenings in proptest::collection::vec(happening(), 1..20)) {
        let mut model = Model::new();
        for happening in &happenings {
            model.happen(happening);
            model.settle();
            let world = model.world();
            prop_assert_eq!(decide(&World { chain: None, ..world.clone() }), []);
            let elsewhere = Snapshot { genesis: [0; 32], contracts: BTreeMap::new(), ..model.chain.clone() };
            prop_assert_eq!(decide(&World { chain: Some(elsewhere), ..world.clone() }), []);
            let young = Snapshot { next_contract_id: 0, contracts: BTreeMap::new(), ..model.chain.clone() };
            let acted = decide(&World { chain: Some(young), ..world });
            prop_assert!(acted.iter().all(|action| matches!(action, Action::Forget(_))), "{:?}", acted);
        }
    }
}
