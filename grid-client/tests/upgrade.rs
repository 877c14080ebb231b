//! A runtime upgrade while a client is connected, played by a small node in this process.

#![allow(clippy::unwrap_used)]

use codec::{Compact, Decode, Encode};
use frame_metadata_16::{RuntimeMetadata, RuntimeMetadataPrefixed};
use grid_client::{Call, Chain, Key};
use jsonrpsee_client::{server::Server, RpcModule};
use serde_json::{json, Value};
use std::sync::{
    atomic::{AtomicU32, AtomicUsize, Ordering},
    Arc,
};

/// The first runtime, and the one after it.
const OLD: u32 = 7;
const NEW: u32 = 8;
/// Where the registry is in the new one: nothing is there in the old one.
const MOVED: u8 = 200;

/// What the runtime is, and how often its description was asked for.
#[derive(Default)]
struct Node {
    version: AtomicU32,
    described: AtomicUsize,
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    json!(format!("0x{}", bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// A block for each version, so that what is known of one block never has to change.
fn hash(number: u32) -> Value {
    let mut hash = [9; 32];
    hash[28..].copy_from_slice(&number.to_be_bytes());
    hex(hash)
}

impl Node {
    fn now(&self) -> u32 {
        self.version.load(Ordering::SeqCst)
    }

    fn call(&self, method: &str) -> Vec<u8> {
        let metadata = || {
            self.described.fetch_add(1, Ordering::SeqCst);
            description(self.now()).encode()
        };
        match method {
            "Core_version" => {
                let apis: Vec<([u8; 8], u32)> = Vec::new();
                ("gridchain", "gridchain", 1_u32, self.now(), 1_u32, apis, 1_u32, 1_u8).encode()
            },
            "Metadata_metadata_versions" => vec![description(self.now()).1.version()].encode(),
            "Metadata_metadata_at_version" => {
                let metadata = metadata();
                let length = Compact(u32::try_from(metadata.len()).unwrap()).encode();
                [vec![1], length, metadata].concat()
            },
            other => panic!("{other} is not expected"),
        }
    }
}

/// What a runtime says of itself: the new one has the registry in another place, as when pallets come and go.
fn description(version: u32) -> RuntimeMetadataPrefixed {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/metadata.scale")).unwrap();
    let mut description = RuntimeMetadataPrefixed::decode(&mut &file[..]).unwrap();
    if version == NEW {
        *place_of_registry(&mut description) = MOVED;
    }
    description
}

fn place_of_registry(description: &mut RuntimeMetadataPrefixed) -> &mut u8 {
    let RuntimeMetadata::V16(metadata) = &mut description.1 else { panic!("the file has another version") };
    let registry = metadata.pallets.iter_mut().find(|pallet| pallet.name == "TfgridModule").unwrap();
    &mut registry.index
}

async fn start(node: Arc<Node>) -> String {
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", server.local_addr().unwrap());
    let mut module = RpcModule::from_arc(node);
    module
        .register_method("chain_getBlockHash", |params, node, _| {
            let number: Option<u32> = params.sequence().optional_next().unwrap();
            hash(number.unwrap_or_else(|| node.now()))
        })
        .unwrap();
    module.register_method("chain_getFinalizedHead", |_, node, _| hash(node.now())).unwrap();
    module
        .register_method("chain_getHeader", |_, node, _| {
            json!({ "parentHash": hash(0), "number": format!("{:#x}", node.now()), "stateRoot": hex([0; 32]),
                    "extrinsicsRoot": hex([0; 32]), "digest": { "logs": [] } })
        })
        .unwrap();
    module
        .register_method("state_call", |params, node, _| {
            let method: String = params.sequence().next().unwrap();
            hex(node.call(&method))
        })
        .unwrap();
    module.register_method("system_accountNextIndex", |_, _, _| 0).unwrap();
    // Only the time is asked for.
    module.register_method("state_getStorage", |_, node, _| hex((u64::from(node.now()) * 1_000).encode())).unwrap();
    tokio::spawn(server.start(module).stopped());
    url
}

/// A client of a node with the old runtime.
async fn connected() -> (Arc<Node>, Chain) {
    let node = Arc::new(Node::default());
    node.version.store(OLD, Ordering::SeqCst);
    let chain = Chain::connect(&[start(node.clone()).await]).await.unwrap();
    (node, chain)
}

/// In which pallet of the runtime a call of the registry is looked for.
async fn place_in_call(chain: &Chain) -> u8 {
    let prepared = chain.prepare(&Key::from_uri("//Alice").unwrap(), Call::DeleteTwin).await.unwrap();
    // It has no arguments: the transaction ends with the numbers of its pallet and of the call.
    prepared.bytes[prepared.bytes.len() - 2]
}

#[tokio::test]
async fn a_call_that_is_made_after_an_upgrade_goes_where_the_new_runtime_has_it() {
    let (node, chain) = connected().await;
    let before = place_in_call(&chain).await;
    assert_eq!(before, *place_of_registry(&mut description(OLD)));
    node.version.store(NEW, Ordering::SeqCst);
    assert_ne!(before, MOVED);
    assert_eq!(place_in_call(&chain).await, MOVED);
}

#[tokio::test]
async fn a_new_runtime_is_noticed_without_a_new_connection() {
    let (node, chain) = connected().await;
    let before = chain.finalized().await.unwrap();
    assert_eq!((before.spec_version(), before.time().await.unwrap()), (OLD, u64::from(OLD)));
    chain.finalized().await.unwrap();
    assert_eq!(node.described.load(Ordering::SeqCst), 1, "what is known is not asked for again");

    node.version.store(NEW, Ordering::SeqCst);
    let after = chain.finalized().await.unwrap();
    assert_eq!((after.spec_version(), after.time().await.unwrap()), (NEW, u64::from(NEW)));
    assert_eq!(node.described.load(Ordering::SeqCst), 2, "the new runtime's description is read");
}
