//! The embedded gateway: started in this process, commanded over loopback like any other.

use super::client::Endpoint;
use crate::{config::GatewayConfig, error::AgentError, secret};
use faas_gateway::{Credentials, Gateway, Running};
use std::{net::SocketAddr, path::Path};

/// The embedded gateway's administrator.
const USER: &str = "admin";

/// Starts the gateway below `state_dir`, with a password that is made at the first start and kept there (mode 0600). Where
/// functions are called, nobody can command it.
pub async fn start(config: &GatewayConfig, state_dir: &Path) -> Result<(Running, Endpoint), AgentError> {
    let password = secret::load_or_create(&state_dir.join("gateway.password"))?;
    let credentials = Credentials::new(USER, password.clone());
    let mut gateway = faas_gateway::GatewayConfig::new(config.listen, state_dir.join("gateway"), credentials);
    gateway.limits.memory_bytes = config.memory;
    gateway.control_listen = Some(config.control_listen);
    let running = Gateway::start(gateway).await.map_err(|error| AgentError::Gateway(error.to_string()))?;
    let control = running.control_addr().unwrap_or_else(|| running.addr());
    tracing::info!(listen = %running.addr(), %control, "the embedded gateway runs");
    Ok((running, Endpoint::new(&format!("http://{}", reachable(control)), USER, password)))
}

/// Where this machine reaches its functions.
pub fn url(running: &Running) -> String {
    format!("http://{}", reachable(running.addr()))
}

/// Where this machine reaches a server that listens on `address`, which may stand for all interfaces.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_interfaces_is_reached_over_loopback() {
        assert_eq!(reachable(([0, 0, 0, 0], 8080).into()), ([127, 0, 0, 1], 8080).into());
        assert_eq!(reachable(([10, 0, 0, 1], 8080).into()), ([10, 0, 0, 1], 8080).into());
    }
}
