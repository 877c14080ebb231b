//! A runtime upgrade while a client is connected, played by a small node in this process.

#![allow(clippy::unwrap_used)]

use codec::{Compact, Encode};
use grid_client::Chain;
use jsonrpsee_client::{server::Server, RpcModule};
use serde_json::{json, Value};
use std::sync::{
    atomic::{AtomicU32, AtomicUsize, Ordering},
    Arc,
};

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
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/metadata.scale")).unwrap()
        };
        match method {
            "Core_version" => {
                let apis: Vec<([u8; 8], u32)> = Vec::new();
                ("gridchain", "gridchain", 1_u32, self.now(), 1_u32, apis, 1_u32, 1_u8).encode()
            },
            "Metadata_metadata_versions" => {
                // Of the file, behind its four magic bytes.
                let version = u32::from(metadata()[4]);
                self.described.fetch_sub(1, Ordering::SeqCst);
                vec![version].encode()
            },
            "Metadata_metadata_at_version" => {
                let metadata = metadata();
                let length = Compact(u32::try_from(metadata.len()).unwrap()).encode();
                [vec![1], length, metadata].concat()
            },
            other => panic!("{other} is not expected"),
        }
    }
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
    // Only the time is asked for.
    module.register_method("state_getStorage", |_, node, _| hex((u64::from(node.now()) * 1_000).encode())).unwrap();
    tokio::spawn(server.start(module).stopped());
    url
}

#[tokio::test]
async fn a_new_runtime_is_noticed_without_a_new_connection() {
    let node = Arc::new(Node::default());
    node.version.store(7, Ordering::SeqCst);
    let chain = Chain::connect(&[start(node.clone()).await]).await.unwrap();
    let before = chain.finalized().await.unwrap();
    assert_eq!((before.spec_version(), before.time().await.unwrap()), (7, 7));
    chain.finalized().await.unwrap();
    assert_eq!(node.described.load(Ordering::SeqCst), 1, "what is known is not asked for again");

    node.version.store(8, Ordering::SeqCst);
    let after = chain.finalized().await.unwrap();
    assert_eq!((after.spec_version(), after.time().await.unwrap()), (8, 8));
    assert_eq!(node.described.load(Ordering::SeqCst), 2, "the new runtime's description is read");
}
