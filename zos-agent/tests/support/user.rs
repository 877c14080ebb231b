//! A user: a twin with a key, connected to an agent's direct door.

use super::{fake_chain::GENESIS, NODE_TWIN};
use grid_types::{
    bus::{
        self, Code, Deploy, DeploymentState, Envelope, Hello, Introduction, Invoked, MessageId, ModulePut, OfContract,
        Reply, Seal, HELLO_METHOD, METHOD,
    },
    deployment::{Deployment, Digest},
    seal::SealKey,
};
use jsonrpsee_client::{
    core::client::ClientT,
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};
use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};
use zos_agent::key::{verify, AgentKey};

/// The agent's account. It takes a while to derive it from its phrase.
static AGENT: LazyLock<[u8; 32]> = LazyLock::new(|| AgentKey::from_uri(super::AGENT).unwrap().account());

pub struct User {
    pub twin: u32,
    pub key: AgentKey,
    door: WsClient,
}

impl User {
    pub async fn connect(url: &str, twin: u32, uri: &str) -> Self {
        let door =
            WsClientBuilder::new().max_request_size(32 << 20).max_response_size(32 << 20).build(url).await.unwrap();
        Self { twin, key: AgentKey::from_uri(uri).unwrap(), door }
    }

    /// Who the node says it is; checks that its agent says so.
    pub async fn introduction(&self) -> Introduction {
        let hello = Hello { challenge: MessageId::random().unwrap() };
        let answer: Value = self.door.request(HELLO_METHOD, rpc_params![hello]).await.unwrap();
        let said = Introduction::from_json(answer.to_string().as_bytes()).unwrap();
        assert!(verify(said.scheme().unwrap(), &AGENT, &said.signing_bytes(), &said.signature));
        assert_eq!((said.challenge, said.genesis), (hello.challenge, GENESIS));
        said
    }

    /// A message that is right in every way and sealed, and the key that opens its answer.
    pub async fn sealed(&self, command: &str, payload: &impl Serialize) -> (Envelope, SealKey) {
        let own = SealKey::random(&GENESIS).unwrap();
        let seal = Seal { node_key: self.introduction().await.seal_key, reply_key: own.public() };
        let payload = serde_json::to_vec(payload).unwrap();
        let (id, parties) = (MessageId::random().unwrap(), (self.twin, NODE_TWIN));
        let envelope = Envelope::sealed(id, parties, command, &payload, (now(), 60), seal, &GENESIS).unwrap();
        (self.signed(envelope), own)
    }

    /// A message that is right in every way, in the clear.
    pub fn envelope(&self, command: &str, payload: &impl Serialize) -> Envelope {
        let payload = serde_json::to_vec(payload).unwrap();
        let id = MessageId::random().unwrap();
        self.signed(Envelope::unsigned(id, (self.twin, NODE_TWIN), command, payload, (now(), 60)))
    }

    pub fn signed(&self, mut envelope: Envelope) -> Envelope {
        envelope.signature_type = self.key.scheme().to_string();
        envelope.signature = self.key.sign(&envelope.signing_bytes(&GENESIS));
        envelope
    }

    /// Sends any parameter at all and checks that the answer is the node's.
    pub async fn send(&self, parameter: Value) -> Reply {
        let answer: Value = self.door.request(METHOD, rpc_params![parameter]).await.unwrap();
        let reply = Reply::from_json(answer.to_string().as_bytes()).unwrap();
        let signed = verify(reply.scheme().unwrap(), &AGENT, &reply.signing_bytes(&GENESIS), &reply.signature);
        assert!(signed, "the reply is signed");
        assert_eq!(reply.source, NODE_TWIN);
        reply
    }

    /// The code of the refusal of an envelope.
    pub async fn refusal(&self, envelope: &Envelope) -> Code {
        self.send(envelope.to_value()).await.error.unwrap().known().unwrap()
    }

    pub async fn command<T: DeserializeOwned>(&self, command: &str, payload: &impl Serialize) -> Result<T, Code> {
        let (envelope, own) = self.sealed(command, payload).await;
        let reply = self.send(envelope.to_value()).await;
        assert!(reply.answers(&envelope));
        assert!(reply.is_sealed(), "nobody else can read the answer: {reply:?}");
        let outcome = reply.open(&own).unwrap().map_err(|error| error.known().unwrap())?;
        Ok(serde_json::from_slice(&outcome).unwrap())
    }

    pub async fn put_module(&self, contract_id: u64, module: &[u8]) -> Result<bool, Code> {
        let request = ModulePut { contract_id, sha256: Digest::of(module), module: module.to_vec() };
        let stored: bus::ModuleStored = self.command(bus::MODULE_PUT, &request).await?;
        Ok(stored.stored)
    }

    pub async fn deploy(&self, deployment: &Deployment) -> Result<bus::Accepted, Code> {
        self.command(bus::DEPLOYMENT_DEPLOY, &Deploy::of(deployment)).await
    }

    pub async fn update(&self, deployment: &Deployment) -> Result<bus::Accepted, Code> {
        self.command(bus::DEPLOYMENT_UPDATE, &Deploy::of(deployment)).await
    }

    pub async fn state(&self, contract_id: u64) -> Result<DeploymentState, Code> {
        self.command(bus::DEPLOYMENT_GET, &OfContract { contract_id }).await
    }

    pub async fn changes(&self, contract_id: u64) -> Result<Vec<bus::Change>, Code> {
        self.command(bus::DEPLOYMENT_CHANGES, &OfContract { contract_id }).await
    }

    pub async fn contracts(&self) -> Vec<u64> {
        self.command(bus::DEPLOYMENT_LIST, &json!({})).await.unwrap()
    }

    pub async fn invoke(&self, contract_id: u64, name: &str, body: &str) -> Result<Invoked, Code> {
        let request = bus::Invoke {
            contract_id,
            name: name.to_owned(),
            body: body.as_bytes().to_vec(),
            content_type: Some("text/plain".to_owned()),
        };
        self.command(bus::FUNCTION_INVOKE, &request).await
    }

    pub async fn logs(&self, request: &bus::Logs) -> Result<Vec<bus::LogLine>, Code> {
        self.command(bus::FUNCTION_LOGS, request).await
    }
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
