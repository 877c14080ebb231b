//! Where users reach the agent: the section `[bus]` of the configuration.

use crate::config::ConfigError;
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};

/// Where users reach the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusConfig {
    /// Address of the direct door.
    pub listen: SocketAddr,
    /// The most open connections.
    pub max_connections: u32,
    /// The most open connections of one address (of one /64 network of IPv6; of a /48, four times as many). Those of this
    /// machine are not counted.
    pub connections_per_address: u32,
    /// Messages a second that one address may send, whoever signs them; an answer still says that there were too many.
    pub address_rate: u32,
    /// So many may come at once after silence.
    pub address_burst: u32,
    /// Messages a second that one twin may send, through both doors together.
    pub twin_rate: u32,
    /// So many may come at once after silence.
    pub twin_burst: u32,
    /// Commands that are carried out at once, of all twins together; a quarter of them, of one twin.
    pub parallel: u32,
    /// Which messages may come in the clear on the direct door.
    pub plain: Plain,
    /// PEM file with the certificate chain of the direct door; with it the door is `wss://`. Read again when it changes.
    pub tls_certificate: Option<PathBuf>,
    /// PEM file with the private key of that certificate.
    pub tls_key: Option<PathBuf>,
    /// The Redis of this node's rmb-peer: `redis+unix:///PATH` or `redis://127.0.0.1:PORT/DB`. Whoever can write to it
    /// speaks for every twin; without it there is no rmb door.
    pub redis: Option<String>,
    /// Commands of the rmb door that are carried out at once, of all twins together; a quarter of them, of one twin.
    pub redis_parallel: u32,
    /// The largest message on the rmb door, bytes.
    pub redis_max_message: usize,
}

/// Which messages may come in the clear on the direct door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plain {
    /// Only those that carry nothing private and are answered with nothing private.
    #[default]
    Harmless,
    /// All: for clients that cannot seal.
    All,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7070)),
            max_connections: 256,
            connections_per_address: 64,
            address_rate: 500,
            address_burst: 2_000,
            twin_rate: 200,
            twin_burst: 1_000,
            parallel: 128,
            plain: Plain::Harmless,
            tls_certificate: None,
            tls_key: None,
            redis: None,
            redis_parallel: 64,
            redis_max_message: 4 << 20,
        }
    }
}

impl BusConfig {
    /// Refuses what cannot work.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |key, reason: &str| Err(ConfigError::Invalid { key, reason: reason.to_owned() });
        let limits = [
            self.max_connections,
            self.connections_per_address,
            self.address_rate,
            self.address_burst,
            self.twin_rate,
            self.twin_burst,
            self.parallel,
            self.redis_parallel,
        ];
        if limits.contains(&0) {
            return invalid("bus", "limits must be 1 or more");
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return invalid(
                "bus.tls_key",
                "a certificate needs its key and a key its certificate; give both or neither",
            );
        }
        let known = ["redis://", "redis+unix://", "unix://"];
        if self.redis.as_ref().is_some_and(|url| !known.iter().any(|scheme| url.starts_with(scheme))) {
            return invalid("bus.redis", "begins with redis+unix:// or redis://");
        }
        Ok(())
    }
}
