//! The direct door: a JSON-RPC server on a WebSocket with one method.

use super::Service;
use crate::{config::BusConfig, error::AgentError};
use grid_types::bus::{MAX_MESSAGE, METHOD};
use jsonrpsee_client::{
    server::{BatchRequestConfig, Server, ServerConfig, ServerHandle},
    RpcModule,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// How long commands that have begun may go on when the agent stops.
const DRAIN: Duration = Duration::from_secs(15);
/// Answers of one connection that may wait to be read.
const BUFFER: u32 = 64;

/// The open door.
pub struct Door {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Door {
    /// Opens it.
    pub async fn open(config: &BusConfig, service: Arc<Service>) -> Result<Self, AgentError> {
        let failed = |reason| AgentError::Bus { address: config.listen, reason };
        let limit = u32::try_from(MAX_MESSAGE).unwrap_or(u32::MAX);
        let limits = ServerConfig::builder()
            .max_request_body_size(limit)
            .max_response_body_size(limit)
            .max_connections(config.max_connections)
            .set_batch_request_config(BatchRequestConfig::Disabled)
            .set_message_buffer_capacity(BUFFER)
            .ws_only()
            .build();
        let server = Server::builder().set_config(limits).build(config.listen).await.map_err(failed)?;
        let address = server.local_addr().map_err(failed)?;
        let handle = server.start(methods(service));
        tracing::info!(listen = %address, "the bus is open");
        Ok(Self { address, handle })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new commands and lets those that have begun come to their end.
    pub async fn close(self) {
        // An error means that it is closed already.
        let _ = self.handle.stop();
        if tokio::time::timeout(DRAIN, self.handle.stopped()).await.is_err() {
            tracing::warn!("some commands did not end in time");
        }
    }
}

fn methods(service: Arc<Service>) -> RpcModule<Service> {
    let mut module = RpcModule::from_arc(service);
    let registered = module.register_async_method(METHOD, |params, service, _| {
        // What cannot be read is answered as well.
        let params = params.as_str().unwrap_or("[]").to_owned();
        async move { service.answer(params).await.to_value() }
    });
    if let Err(error) = registered {
        // Only a name that is taken is refused, and this is the only one.
        tracing::error!(%error, "the bus has no method");
    }
    module
}
