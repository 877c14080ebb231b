//! A user: a twin with a key, connected to an agent's direct door.

use super::{fake_chain::GENESIS, NODE_TWIN};
use grid_types::{
    bus::{self, Code, Deploy, DeploymentState, Envelope, Invoked, MessageId, ModulePut, OfContract, Reply, METHOD},
    deployment::{Deployment, Digest},
};
use jsonrpsee_client::{
    core::client::ClientT,
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};
use std::time::{SystemTime, UNIX_EPOCH};
use zos_agent::key::{verify, AgentKey};

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

    /// A message that is right in every way.
    pub fn envelope(&self, command: &str, payload: &impl Serialize) -> Envelope {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let payload = serde_json::to_vec(payload).unwrap();
        let id = MessageId::random().unwrap();
        self.signed(Envelope::unsigned(id, (self.twin, NODE_TWIN), command, payload, (now, 60)))
    }

    pub fn signed(&self, mut envelope: Envelope) -> Envelope {
        envelope.signature = self.key.sign(&envelope.signing_bytes(&GENESIS));
        envelope
    }

    /// Sends any parameter at all and checks that the answer is the node's.
    pub async fn send(&self, parameter: Value) -> Reply {
        let answer: Value = self.door.request(METHOD, rpc_params![parameter]).await.unwrap();
        let reply = Reply::from_json(answer.to_string().as_bytes()).unwrap();
        let agent = AgentKey::from_uri(super::AGENT).unwrap().account();
        assert!(verify(&agent, &reply.signing_bytes(&GENESIS), &reply.signature), "the reply is signed");
        assert_eq!(reply.source, NODE_TWIN);
        reply
    }

    /// The code of the refusal of an envelope.
    pub async fn refusal(&self, envelope: &Envelope) -> Code {
        self.send(envelope.to_value()).await.error.unwrap().known().unwrap()
    }

    pub async fn command<T: DeserializeOwned>(&self, command: &str, payload: &impl Serialize) -> Result<T, Code> {
        let envelope = self.envelope(command, payload);
        let reply = self.send(envelope.to_value()).await;
        assert!(reply.answers(&envelope));
        let outcome = reply.into_outcome().map_err(|error| error.known().unwrap())?;
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
}
