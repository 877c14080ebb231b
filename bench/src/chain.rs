//! A real chain for real nodes: its genesis has nodes with contracts that wait to report, and their agents' signed batches
//! fill one block.

use codec::{Decode, Encode};
use frame_support::{dispatch::PerDispatchClass, weights::Weight};
use gridchain_runtime::{
    Address, Hash, Runtime, RuntimeCall, RuntimeEvent, Signature, TxExtension, UncheckedExtrinsic, VERSION,
};
use pallet_smart_contract::{pallet::MAX_REPORTS, types::ContractId};
use serde_json::{json, Map, Value};
use sp_core::{storage::well_known_keys, Pair};
use sp_runtime::{
    generic::{Era, SignedPayload},
    Storage,
};

use crate::world::{account_of, key, report, World};

/// What each report covers, seconds: the report period of production.
const WINDOW: u64 = 600;
/// The chain makes blocks at least this often, or it counts as standing still, seconds.
const STEP: u64 = 200;

/// The state of a chain at `now`, Unix seconds, with so many nodes that have a full batch of contracts each, deployed
/// [`WINDOW`] ago and not reported yet.
pub fn genesis(nodes: u32, now: u64) -> Storage {
    let mut world = World::new(now - WINDOW);
    let farm_id = world.farm("farmer");
    let nodes: Vec<_> = (0..nodes)
        .map(|index| {
            let node = world.node("farmer", farm_id, &node_name(index));
            let user = world.twin(&format!("user{index}"));
            world.deployed(&user, &node, MAX_REPORTS);
            node.id
        })
        .collect();
    for time in (1..=WINDOW / STEP).map(|step| now - WINDOW + step * STEP) {
        world.set_time(time);
    }
    nodes.into_iter().for_each(|node_id| world.mark_seen(node_id));
    world.into_genesis()
}

/// A node's specification of a chain that begins with `state`. Code and everything around it are those of `base`, a raw
/// specification of the node that will run it.
pub fn specification(mut base: Value, state: Storage) -> Value {
    let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let code = base.pointer(&format!("/genesis/raw/top/{}", hex(well_known_keys::CODE))).cloned();
    let mut top: Map<_, _> = state.top.iter().map(|(key, value)| (hex(key), hex(value).into())).collect();
    top.insert(hex(well_known_keys::CODE), code.expect("a raw specification has the chain's code"));
    base["genesis"] = json!({ "raw": { "top": top, "childrenDefault": {} } });
    base["name"] = "Gridchain Bench".into();
    base["id"] = "gridchain_bench".into();
    base
}

/// The batches of all nodes of [`genesis`], signed for the chain with this genesis block.
pub fn batches(nodes: u32, now: u64, genesis: Hash) -> impl Iterator<Item = UncheckedExtrinsic> {
    (0..nodes).map(move |index| {
        let first = ContractId::from(index) * ContractId::from(MAX_REPORTS) + 1;
        let reports = (first..first + ContractId::from(MAX_REPORTS)).map(|id| report(id, now, WINDOW)).collect();
        let call = pallet_smart_contract::Call::add_reports { reports: truncated(reports) };
        signed(&key(&format!("{}//agent", node_name(index))), call.into(), genesis)
    })
}

fn truncated<T>(items: Vec<T>) -> frame_support::BoundedVec<T, frame_support::traits::ConstU32<MAX_REPORTS>> {
    frame_support::BoundedVec::truncate_from(items)
}

fn node_name(index: u32) -> String {
    format!("node{index}")
}

/// The first transaction of an account.
fn signed(who: &sp_core::sr25519::Pair, call: RuntimeCall, genesis: Hash) -> UncheckedExtrinsic {
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(0),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
    );
    let implicit = ((), VERSION.spec_version, VERSION.transaction_version, genesis, genesis, (), (), ());
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| who.sign(bytes));
    UncheckedExtrinsic::new_signed(call, Address::Id(account_of(who)), Signature::Sr25519(signature), extension)
}

/// What a block held.
pub struct Block {
    /// Work as it was declared and, where calls say what they really took, corrected; milliseconds.
    pub declared: f64,
    /// Reports that were accepted.
    pub reports: usize,
}

impl Block {
    /// From the values of [`weight_key`] and [`events_key`] after a block. `None` if they are not of this runtime.
    pub fn decode(weight: &[u8], events: &[u8]) -> Option<Self> {
        type Events = Vec<frame_system::EventRecord<RuntimeEvent, Hash>>;
        let weight = PerDispatchClass::<Weight>::decode(&mut &weight[..]).ok()?.total();
        let is_report = |event: &RuntimeEvent| {
            matches!(
                event,
                RuntimeEvent::SmartContractModule(pallet_smart_contract::Event::<Runtime>::ContractBilled { .. })
            )
        };
        let events = Events::decode(&mut &events[..]).ok()?;
        let reports = events.iter().filter(|record| is_report(&record.event)).count();
        Some(Self { declared: weight.ref_time() as f64 / 1e9, reports })
    }
}

/// Where the chain keeps the work of the present block.
pub fn weight_key() -> Vec<u8> {
    frame_system::BlockWeight::<Runtime>::hashed_key().to_vec()
}

/// Where the chain keeps the events of the present block.
pub fn events_key() -> Vec<u8> {
    frame_support::storage::storage_prefix(b"System", b"Events").to_vec()
}
