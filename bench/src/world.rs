//! A chain's state as large as one likes, made by the runtime's own calls: what measurements start from.
//!
//! It begins as the `local_testnet` preset: slots of 6 s and production's times. Nothing here is a block: calls are made one
//! by one in a block that is never finished, so that the state can also be the genesis of a real chain
//! ([`World::into_genesis`]).

use frame_support::{pallet_prelude::DispatchResult, traits::OnTimestampSet};
use grid_types::units::{Prices, Report, Resources, GIB, MAX_CAPACITY};
use gridchain_runtime::{
    currency::GRID, genesis_presets, AccountId, Balances, Runtime, RuntimeOrigin, SmartContractModule, System,
    TfgridModule,
};
use pallet_smart_contract::types::{ContractId, ContractMode, DeploymentData, DeploymentOutcome};
use pallet_tfgrid::{Ipv4Cidr, Location, NameInput, NodeSpec, ShortText};
use sp_core::{sr25519, Pair};
use sp_io::TestExternalities;
use sp_runtime::{traits::IdentifyAccount, MultiSigner, Storage};
use sp_state_machine::Backend;

/// What every account of a world starts with, base units.
const FORTUNE: u128 = 100_000 * GRID;
/// The addresses of farms are from here on, in one subnet of 65,534: 5.5.0.1.
const FIRST_ADDRESS: u32 = 0x0505_0001;
/// Their gateway: 5.5.255.254.
const GATEWAY: u32 = 0x0505_fffe;

/// Prices of the worked example in `docs/chain.md`.
pub const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };

/// What the contracts of a world reserve: 0.1 vCPU, 128 MiB, 1 GiB of fast disk. Many fit on one node.
pub const SMALL: Resources = Resources { cru: 100, mru: GIB / 8, sru: GIB, hru: 0, nru_per_hour: 0 };

/// A state with farms, nodes, users and contracts.
pub struct World {
    ext: TestExternalities,
    addresses: u32,
}

/// A node of a world, and the key that signs for it.
pub struct Node {
    /// Its id.
    pub id: u32,
    /// The key of its agent.
    pub agent: sr25519::Pair,
}

impl World {
    /// An empty grid at `now`, Unix seconds.
    pub fn new(now: u64) -> Self {
        let state = genesis_presets::state("local_testnet").expect("the runtime has this preset");
        let mut world = Self { ext: state.into(), addresses: 0 };
        world.run(|| {
            System::set_block_number(1);
            pallet_tfgrid::AutoVerifyIps::<Runtime>::put(true);
        });
        world.set_time(now);
        world
    }

    /// Runs something on the state.
    pub fn run<R>(&mut self, action: impl FnOnce() -> R) -> R {
        self.ext.execute_with(action)
    }

    /// What was made becomes the state below; its events are forgotten. After every some thousand calls: a block with the events
    /// of all of them is none, and changes that are not committed make each call slower.
    pub fn settle(&mut self) {
        self.run(System::reset_events);
        self.ext.commit_all().expect("a state in memory can be committed");
    }

    /// The state.
    pub fn state(&mut self) -> &mut TestExternalities {
        &mut self.ext
    }

    /// The next block begins at `now`, as the timestamp inherent tells the pallets.
    pub fn set_time(&mut self, now: u64) {
        self.run(|| {
            System::set_block_number(System::block_number() + 1);
            pallet_timestamp::Now::<Runtime>::put(now * 1_000);
            SmartContractModule::on_timestamp_set(now * 1_000);
        });
    }

    /// A farm of `name`'s with one price list.
    pub fn farm(&mut self, name: &str) -> u32 {
        let farmer = self.twin(name);
        self.run(|| {
            let origin = RuntimeOrigin::signed(farmer);
            done(TfgridModule::create_pricing_policy(origin.clone(), text(name), PRICES));
            let policy_id = pallet_tfgrid::NextPricingPolicyId::<Runtime>::get() - 1;
            done(TfgridModule::create_farm(origin, text(name), policy_id));
            pallet_tfgrid::NextFarmId::<Runtime>::get() - 1
        })
    }

    /// More free addresses for a farm of `name`'s.
    pub fn addresses(&mut self, name: &str, farm_id: u32, count: u32) {
        let first = FIRST_ADDRESS + self.addresses;
        self.addresses += count;
        self.run(|| {
            for address in first..first + count {
                let origin = RuntimeOrigin::signed(account(name));
                done(TfgridModule::add_farm_ip(origin, farm_id, Ipv4Cidr { address, prefix_len: 16 }, GATEWAY));
            }
        });
    }

    /// A node in a farm of `farmer`'s, as large as nodes may be, with an agent of its own. It lives.
    pub fn node(&mut self, farmer: &str, farm_id: u32, name: &str) -> Node {
        let machine = self.twin(name);
        let agent = key(&format!("{name}//agent"));
        endow(&mut self.ext, &account_of(&agent));
        let id = self.run(|| {
            done(TfgridModule::authorize_node(RuntimeOrigin::signed(account(farmer)), farm_id, machine.clone()));
            let (origin, agent) = (RuntimeOrigin::signed(machine), account_of(&agent));
            done(TfgridModule::create_node(origin, farm_id, machine_spec(), Some(agent.clone())));
            let id = pallet_tfgrid::NextNodeId::<Runtime>::get() - 1;
            done(TfgridModule::accept_agent(RuntimeOrigin::signed(agent), id));
            id
        });
        self.mark_seen(id);
        Node { id, agent }
    }

    /// A sign of life of a node in the block before this one: what counts for new contracts.
    pub fn mark_seen(&mut self, node_id: u32) {
        self.run(|| {
            let block = System::block_number();
            System::set_block_number(block - 1);
            TfgridModule::mark_seen(node_id, TfgridModule::now());
            System::set_block_number(block);
        });
    }

    /// The account of `name`, with money and a twin.
    pub fn twin(&mut self, name: &str) -> AccountId {
        let who = account(name);
        endow(&mut self.ext, &who);
        self.run(|| done(TfgridModule::create_twin(RuntimeOrigin::signed(who.clone()), None, None)));
        who
    }

    /// A contract of `user`'s on a node.
    pub fn contract(&mut self, user: &AccountId, node_id: u32, public_ips: u32) -> ContractId {
        self.run(|| done(create(user, node_id, public_ips)));
        self.run(|| pallet_smart_contract::NextContractId::<Runtime>::get() - 1)
    }

    /// So many contracts of `user`'s on a node, all deployed.
    pub fn deployed(&mut self, user: &AccountId, node: &Node, count: u32) -> Vec<ContractId> {
        let agent = account_of(&node.agent);
        (0..count)
            .map(|_| {
                let id = self.contract(user, node.id, 0);
                let origin = RuntimeOrigin::signed(agent.clone());
                let outcome = DeploymentOutcome::Deployed;
                self.run(|| done(SmartContractModule::report_deployment(origin, id, 0, outcome)));
                id
            })
            .collect()
    }

    /// The state as the genesis of a chain: what was made stays, what belongs to the unfinished block goes.
    pub fn into_genesis(mut self) -> Storage {
        self.run(|| System::set_block_number(0));
        self.settle();
        let top = self.ext.backend.pairs(Default::default()).expect("a state in memory can be listed");
        Storage { top: top.map(|pair| pair.expect("a state in memory can be read")).collect(), ..Default::default() }
    }
}

/// `create_contract` as measurements call it.
pub fn create(user: &AccountId, node_id: u32, public_ips: u32) -> DispatchResult {
    SmartContractModule::create_contract(
        RuntimeOrigin::signed(user.clone()),
        node_id,
        [7; 32],
        DeploymentData::default(),
        public_ips,
        SMALL,
        ContractMode::Reserved,
        None,
    )
}

/// A report of full use of a [`SMALL`] contract in the last `window` seconds.
pub fn report(contract_id: ContractId, now: u64, window: u64) -> Report {
    let Resources { cru, mru, sru, hru, .. } = SMALL;
    Report { contract_id, timestamp: now, window, cru, sru, hru, mru, nru: 0 }
}

/// The key of `name`.
pub fn key(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(&format!("//{name}"), None).expect("a derivation path is a key")
}

/// The account of a key.
pub fn account_of(key: &sr25519::Pair) -> AccountId {
    MultiSigner::Sr25519(key.public()).into_account()
}

/// The account of `name`.
pub fn account(name: &str) -> AccountId {
    account_of(&key(name))
}

fn endow(ext: &mut TestExternalities, who: &AccountId) {
    use frame_support::traits::fungible::Mutate;
    ext.execute_with(|| {
        done(Balances::mint_into(who, FORTUNE));
    });
}

fn machine_spec() -> NodeSpec {
    let text = |text: &str| ShortText::truncate_from(text.as_bytes().to_vec());
    NodeSpec {
        capacity: MAX_CAPACITY,
        location: Location { country: text("Belgium"), city: text("Lochristi"), latitude: None, longitude: None },
        interfaces: Default::default(),
        serial: None,
        bus: None,
    }
}

fn text(name: &str) -> NameInput {
    NameInput::truncate_from(name.as_bytes().to_vec())
}

/// A step of the set-up that cannot fail.
fn done<O, E: std::fmt::Debug>(result: Result<O, E>) -> O {
    result.unwrap_or_else(|error| panic!("the world could not be made: {error:?}"))
}
