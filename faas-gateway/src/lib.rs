//! An OpenFaaS-compatible gateway that runs WASI functions in its own process.
//!
//! **Terminology**
//! - *module*: WebAssembly bytes, named by their SHA-256, kept in the gateway's store.
//! - *function*: a name, a module and the conditions under which it runs (memory, time, environment, who may call).
//! - *call*: one HTTP request answered by one fresh instance of the module. Nothing is shared between calls.
//!
//! **The rooms**
//! - [`config`]: what an operator decides. [`gateway`]: start and stop.
//! - `server`: sockets and connections. `api`: the REST doors, one file each. `auth`, `access`: who may pass.
//! - `core`: deploy, update, delete, scale, namespaces, secrets; the one place where functions in memory, modules on
//!   disk and the database meet. `names`, `plan`, `replicas`, `secret`: what of a request is accepted.
//! - `queue`: calls that wait; `callback`: where their answers go. `public_address`: what strangers may make the gateway
//!   reach.
//! - `sources`: where code comes from. `modules`, `store`, `secret_folder`: what is on disk. `metrics`, `log_ring`: what
//!   can be watched.
//! - `runtime`: the sandbox.
//!
//! **Use from another program**
//! ```no_run
//! use faas_gateway::{Credentials, Gateway, GatewayConfig};
//!
//! # async fn example() -> Result<(), faas_gateway::StartError> {
//! let credentials = Credentials::new("admin", "a long random secret");
//! let config = GatewayConfig::new(([127, 0, 0, 1], 0).into(), "/var/lib/faas-gateway".into(), credentials);
//! let running = Gateway::start(config).await?;
//! println!("listening on http://{}", running.addr());
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod access;
mod api;
mod auth;
mod callback;
pub mod config;
mod core;
mod digest;
mod error;
mod function;
pub mod gateway;
mod headers;
mod impatient;
mod log_ring;
mod metrics;
mod model;
mod modules;
mod names;
mod places;
mod plan;
mod public_address;
mod quantity;
mod queue;
mod replicas;
mod rfc3339;
mod runtime;
mod secret;
mod secret_folder;
mod server;
mod sources;
mod step;
mod store;

pub use config::{AsyncLimits, Credentials, GatewayConfig, Limits};
pub use error::StartError;
pub use gateway::{Gateway, Running};
pub use ipnet::IpNet;
pub use sources::Sources;

/// The gateway's name and version as it signs its answers (`X-Served-By`).
pub(crate) const SERVED_BY: &str = concat!("faas-gateway/", env!("CARGO_PKG_VERSION"));
