//! Random lives: the world changes, the agent looks well or badly, fails, is killed between any two actions, and its clock is
//! set. Nothing may go that should stay, and in the end all is as it should be.

use super::*;

/// What the agent gets to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Clear,
    NoChain,
    NoGateway,
    /// An endpoint that is behind what was seen before.
    Stale,
    /// An endpoint of another chain.
    Elsewhere,
    /// An endpoint of this chain, whose contracts it has not made yet.
    Young,
    /// One endpoint says that all is over, and no other agrees.
    Lied,
}

#[derive(Clone, Debug)]
enum Step {
    Happens(Happening),
    /// A look, and as many of its actions as are done before a kill.
    Look(Sight, usize),
    /// The next version of a contract can't be made to run, and it arrives all the same.
    BadUpdate(u64, u8),
    /// The clock is set back.
    Earlier(u64),
}

fn step() -> impl Strategy<Value = Step> {
    use Sight::*;
    let sight = prop_oneof![
        8 => Just(Clear), 1 => Just(NoChain), 1 => Just(NoGateway), 1 => Just(Stale), 1 => Just(Elsewhere),
        1 => Just(Young), 1 => Just(Lied)
    ];
    prop_oneof![
        6 => happening().prop_map(Step::Happens),
        8 => (sight, 0..12_usize).prop_map(|(sight, acts)| Step::Look(sight, acts)),
        1 => (1..6_u64, 1..4_u8).prop_map(|(id, count)| Step::BadUpdate(id, count)),
        1 => (1..10_000_u64).prop_map(Step::Earlier),
    ]
}

impl Model {
    fn seen(&self, sight: Sight) -> World {
        let world = self.world();
        let empty = || Snapshot { contracts: BTreeMap::new(), ..self.chain.clone() };
        let head = |number| Head { number, ..self.chain.head };
        let ids = self.works.keys().chain(self.chain.contracts.keys()).copied();
        match sight {
            Sight::Clear => world,
            Sight::NoChain => World { chain: None, ..world },
            Sight::NoGateway => World { gateway: None, ..world },
            Sight::Stale => World { chain: Some(Snapshot { head: head(99), ..empty() }), ..world },
            Sight::Elsewhere => World { chain: Some(Snapshot { genesis: [0; 32], ..empty() }), ..world },
            Sight::Young => World { chain: Some(Snapshot { next_contract_id: 0, ..empty() }), ..world },
            Sight::Lied => World { chain: Some(empty()), doubted: ids.collect(), ..world },
        }
    }

    /// Looks once and does so many of the actions; the rest is lost with the process.
    fn look(&mut self, sight: Sight, acts: usize) -> Vec<Action> {
        let actions = decide(&self.seen(sight));
        let mut stuck = BTreeSet::new();
        for action in actions.iter().take(acts) {
            if !stuck.contains(&action.contract_id()) && !self.act(action) {
                stuck.insert(action.contract_id());
            }
        }
        actions
    }

    fn live(&mut self, step: &Step) {
        match step {
            Step::Happens(happening) => self.happen(happening),
            Step::Look(sight, acts) => {
                let before = self.clone();
                let actions = self.look(*sight, *acts);
                before.check_look(*sight, &actions);
                self.check_removed_since(&before);
            },
            Step::BadUpdate(id, count) => {
                self.happen(&Happening::Breaks(*id));
                self.happen(&Happening::Updated(*id, *count));
                self.update_arrives(*id);
            },
            Step::Earlier(seconds) => self.now = self.now.saturating_sub(*seconds),
        }
    }

    /// What could not be seen well is no reason to touch anything that runs.
    fn check_look(&self, sight: Sight, actions: &[Action]) {
        let touches = |action: &&Action| !matches!(action, Action::Forget(_));
        if sight != Sight::Clear {
            assert_eq!(actions.iter().find(touches), None, "{sight:?}");
        }
    }

    /// A function goes only for a reason.
    fn check_removed_since(&self, before: &Self) {
        for (name, function) in before.gateway.iter().filter(|(name, _)| !self.gateway.contains_key(*name)) {
            let owner = function.owner.as_ref().expect("a user's own function stays");
            assert_eq!(owner.node_id, NODE, "another node's function stays");
            let contract = before.chain.contracts.get(&owner.contract_id);
            let Some(contract) = contract.filter(|contract| contract.state != ContractState::Ending) else { continue };
            let work = before.works.get(&owner.contract_id).expect("without a record it is left alone");
            let deployment = &work.stored.deployment;
            let dropped = deployment.workload(&owner.workload).is_none();
            let overdue = work.stored.outdated_since.is_some_and(|since| before.now >= since + RULES.outdated_grace);
            let paused = contract.state == ContractState::Grace;
            let exceeds = !deployment.required().within(&contract.resources.capacity());
            assert!(paused || overdue || exceeds || dropped, "{name} was removed for no reason");
            if dropped && !(paused || overdue || exceeds) && contract.resources.mru >= 8 << 20 {
                let wanted = |workload: &Workload| {
                    let hash = FunctionSpec::of(workload, owner.contract_id, NODE).hash().to_owned();
                    before.gateway.get(&workload.function_name(owner.contract_id)).is_some_and(|one| one.hash == hash)
                };
                assert!(deployment.workloads.iter().all(wanted), "{name} was removed before what replaces it ran");
            }
        }
    }

    /// What all that was lived through must come to.
    fn check_end(&self) {
        self.check();
        for (id, contract) in &self.chain.contracts {
            let Some(work) = self.works.get(id).filter(|work| work.stored.ended.is_none()) else { continue };
            let running = |workload: &Workload| {
                let hash = FunctionSpec::of(workload, *id, NODE).hash().to_owned();
                self.gateway.get(&workload.function_name(*id)).is_some_and(|function| function.hash == hash)
            };
            let runs = matches!(contract.state, ContractState::Created | ContractState::Deployed);
            if runs && work.stored.hash == contract.hash {
                assert!(work.stored.deployment.workloads.iter().all(running), "contract {id} does not run");
                assert!(work.standings.values().all(|standing| standing.state == WorkloadState::Ok));
                assert_eq!(contract.deployed_version, Some(contract.version));
            }
        }
    }
}

fn foreign() -> [Listed; 3] {
    let own = Listed { owner: None, ..listed("mine", NODE, 1, "x") };
    [own.clone(), listed("a-1", NODE + 1, 1, "a"), Listed { function: "z-1".to_owned(), ..own }]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_life_of_failures_kills_and_bad_sight_ends_as_it_should(steps in proptest::collection::vec(step(), 1..60)) {
        let mut model = Model::new();
        for (number, function) in foreign().iter().enumerate() {
            model.gateway.insert(format!("foreign/{number}"), function.clone());
        }
        for step in &steps {
            model.live(step);
            for (number, function) in foreign().iter().enumerate() {
                prop_assert_eq!(&model.gateway[&format!("foreign/{number}")], function);
            }
        }
        model.broken.clear();
        // Everything waits at most until then, however the clock was set before.
        model.now = 10_000_000;
        model.settle();
        model.check_end();
    }

    #[test]
    fn who_is_killed_at_any_step_ends_like_one_who_is_not(
        happenings in proptest::collection::vec(happening(), 1..20),
        kills in proptest::collection::vec(0..6_usize, 1..20),
    ) {
        let (mut killed, mut whole) = (Model::new(), Model::new());
        for (happening, kill) in happenings.iter().zip(kills.iter().cycle()) {
            for model in [&mut killed, &mut whole] {
                model.happen(happening);
            }
            for acts in 0..*kill {
                killed.look(Sight::Clear, acts);
            }
            for model in [&mut killed, &mut whole] {
                model.settle();
            }
            prop_assert_eq!(&killed.gateway, &whole.gateway);
            prop_assert_eq!(&killed.chain, &whole.chain);
            let told = |model: &Model| {
                let works = model.works.iter().filter(|(_, work)| work.stored.ended.is_none());
                works.map(|(id, work)| (*id, work.standings.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(told(&killed), told(&whole));
        }
    }
}
