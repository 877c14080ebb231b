//! The configuration: one TOML file, overridden by environment variables, read strictly.
//!
//! A key that is not known is an error and so is a `ZOS_…` variable that is not known: a typing mistake never turns into a
//! silent default. Secrets are never in the file; it names the files that hold them.

mod environment;

pub use crate::bus::config::BusConfig;
pub use environment::variables;

use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Everything the agent can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of everything that must survive a restart; made when missing.
    #[serde(default = "default_state_dir")]
    pub state_dir: PathBuf,
    /// How to reach the chain.
    #[serde(default)]
    pub chain: ChainConfig,
    /// Who this node is.
    #[serde(default)]
    pub node: NodeConfig,
    /// Where users reach the agent.
    #[serde(default)]
    pub bus: BusConfig,
    /// What runs the functions.
    #[serde(default)]
    pub gateway: GatewayConfig,
    /// How work is kept in step with the chain.
    #[serde(default)]
    pub engine: EngineConfig,
    /// Measuring and reporting. Its periods are the chain's.
    #[serde(default)]
    pub reports: ReportsConfig,
    /// Where the agent tells about itself.
    #[serde(default)]
    pub admin: AdminConfig,
    /// What is written to standard error.
    #[serde(default)]
    pub log: LogConfig,
}

/// How to reach the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChainConfig {
    /// WebSocket addresses of chain nodes; the first that can be believed is asked, and ends are checked with another.
    pub endpoints: Vec<String>,
}

/// Who this node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeConfig {
    /// File with the agent account's secret: a secret URI or a `0x` seed in one line, readable by its owner alone.
    /// The node's number is found on chain by this account.
    pub key_file: PathBuf,
    /// The node that this is, to accept as soon as it names the agent's account. Left out, no node is accepted: whoever may
    /// name any account, so the agent does not take another's word for which node is its own.
    pub id: Option<u32>,
}

/// What runs the functions: the embedded gateway, or an OpenFaaS when `url` is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Address of the embedded gateway, for functions only.
    pub listen: SocketAddr,
    /// Where the agent commands the embedded gateway, with a password. Port 0: whichever is free.
    pub control_listen: SocketAddr,
    /// How users reach the gateway; goes into the addresses that `zos.deployment.get` names. The address at which
    /// this machine reaches the functions when left out.
    pub public_url: Option<String>,
    /// Memory of all running functions of the embedded gateway together, bytes: what of this machine is for rent.
    pub memory: u64,
    /// An external OpenFaaS gateway. With it, nothing is embedded.
    pub url: Option<String>,
    /// The external gateway's user.
    pub user: String,
    /// File with the external gateway's password.
    pub password_file: Option<PathBuf>,
}

/// How work is kept in step with the chain. Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineConfig {
    /// A look at everything even if no block calls for it.
    pub resync: u64,
    /// How long the local data of an ended contract is kept.
    pub keep_ended: u64,
    /// How long a function whose hash is no longer the contract's keeps running.
    pub outdated_grace: u64,
    /// Failed attempts after which the contract is reported as failed. Attempts go on, seldom.
    pub tries: u32,
    /// The longest pause between two attempts.
    pub max_backoff: u64,
    /// Contracts that are worked on at once.
    pub parallel: usize,
}

/// Measuring and reporting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportsConfig {
    /// Reports sent in one transaction, at most; the chain takes 500.
    pub batch: usize,
}

/// Where the agent tells about itself. `zos-agent status` needs none of it: it asks over a socket in the state folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminConfig {
    /// Address of `/metrics`, `/healthz`, `/readyz` and `/status`; nobody listens when left out. Whoever reaches it reads it, so it
    /// belongs on loopback or a private network.
    pub listen: Option<SocketAddr>,
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,zos_agent=debug`.
    pub level: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

fn default_state_dir() -> PathBuf {
    PathBuf::from("/var/lib/zos-agent")
}

impl Default for ChainConfig {
    fn default() -> Self {
        Self { endpoints: vec!["ws://127.0.0.1:9944".to_owned()] }
    }
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self { key_file: default_state_dir().join("agent.key"), id: None }
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            control_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            memory: 4 << 30,
            url: None,
            user: "admin".to_owned(),
            password_file: None,
        }
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { resync: 30, keep_ended: 86_400, outdated_grace: 600, tries: 5, max_backoff: 300, parallel: 4 }
    }
}

impl Default for ReportsConfig {
    fn default() -> Self {
        Self { batch: 500 }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), json: false }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            state_dir: default_state_dir(),
            chain: ChainConfig::default(),
            node: NodeConfig::default(),
            bus: BusConfig::default(),
            gateway: GatewayConfig::default(),
            engine: EngineConfig::default(),
            reports: ReportsConfig::default(),
            admin: AdminConfig::default(),
            log: LogConfig::default(),
        }
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ConfigError {
    #[error("cannot read {path}: {reason}; name the file with --config FILE")]
    Unreadable { path: PathBuf, reason: std::io::Error },
    #[error("{path}: {reason}")]
    Syntax { path: PathBuf, reason: toml::de::Error },
    #[error("environment variable {name} is not known; `zos-agent run --help` lists what there is")]
    UnknownVariable { name: String },
    #[error("environment variable {name}: {value:?} is not {expected}")]
    BadVariable { name: String, value: String, expected: &'static str },
    #[error("{key}: {reason}")]
    Invalid { key: &'static str, reason: String },
}

/// A configuration with every key, its default and what it is for.
pub const EXAMPLE: &str = include_str!("../../agent.example.toml");

/// With a longer pause the agent would seem to do nothing, seconds.
const LONGEST_PAUSE: u64 = 86_400;

impl Config {
    /// Reads a file and applies the environment to it.
    pub fn load(path: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| ConfigError::Unreadable { path: path.to_owned(), reason })?;
        Self::parse(&text, path, environment)
    }

    fn parse(
        text: &str,
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let syntax = |reason| ConfigError::Syntax { path: path.to_owned(), reason };
        // Read once by itself, so that a mistake in the file is shown with its line.
        toml::from_str::<Self>(text).map_err(syntax)?;
        let mut table: Table = toml::from_str(text).map_err(syntax)?;
        environment::override_with(&mut table, environment)?;
        let config: Self = Value::Table(table).try_into().map_err(syntax)?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |key, reason: &str| Err(ConfigError::Invalid { key, reason: reason.to_owned() });
        if self.chain.endpoints.is_empty() {
            return invalid("chain.endpoints", "name at least one, such as \"ws://127.0.0.1:9944\"");
        }
        if self.chain.endpoints.iter().any(|url| !url.starts_with("ws://") && !url.starts_with("wss://")) {
            return invalid("chain.endpoints", "each begins with ws:// or wss://");
        }
        let is_http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        if self.gateway.public_url.as_ref().is_some_and(|url| !is_http(url)) {
            return invalid("gateway.public_url", "begins with http:// or https://");
        }
        if self.gateway.url.as_ref().is_some_and(|url| !is_http(url)) {
            return invalid("gateway.url", "begins with http:// or https://");
        }
        if self.gateway.url.is_some() && self.gateway.password_file.is_none() {
            return invalid("gateway.password_file", "an external gateway needs the file with its password");
        }
        self.bus.validate()?;
        if !(1..=500).contains(&self.reports.batch) {
            return invalid("reports.batch", "must be 1 to 500, the most the chain takes");
        }
        if self.engine.parallel == 0 || self.engine.resync == 0 || self.engine.tries == 0 {
            return invalid("engine", "resync, tries and parallel must be 1 or more");
        }
        if self.engine.resync > LONGEST_PAUSE || self.engine.max_backoff > LONGEST_PAUSE {
            return invalid("engine", "resync and max_backoff must be a day at most, 86400");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(text, Path::new("agent.toml"), environment)
    }

    #[test]
    fn an_empty_file_gives_the_defaults() {
        assert_eq!(parse("", &[]).unwrap(), Config::default());
    }

    #[test]
    fn the_example_says_what_the_defaults_are() {
        assert_eq!(parse(EXAMPLE, &[]).unwrap(), Config::default());
    }

    #[test]
    fn a_key_that_is_not_known_is_an_error_in_every_section() {
        for text in
            ["nodes = 1", "[chain]\nendpoint = 'x'", "[bus]\nport = 1", "[gateway]\nx = 1", "[log]\ncolour = true"]
        {
            assert!(matches!(parse(text, &[]), Err(ConfigError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn a_mistake_names_its_line() {
        let error = parse("state_dir = '/x'\n\n[bus]\nlisten = 'nowhere'", &[]).unwrap_err();
        assert!(error.to_string().contains("line 4"), "{error}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = parse(
            "state_dir = '/a'\n[bus]\nlisten = '127.0.0.1:1'",
            &[
                ("ZOS_STATE_DIR", "/b"),
                ("ZOS_BUS_LISTEN", "127.0.0.1:2"),
                ("ZOS_CHAIN_ENDPOINTS", "ws://a, ws://b"),
                ("ZOS_LOG_JSON", "true"),
                ("HOME", "/root"),
            ],
        )
        .unwrap();
        assert_eq!(config.state_dir, PathBuf::from("/b"));
        assert_eq!(config.bus.listen.port(), 2);
        assert_eq!(config.chain.endpoints, ["ws://a", "ws://b"]);
        assert!(config.log.json);
    }

    #[test]
    fn faas_gateway_points_at_an_external_gateway_and_needs_its_password() {
        let set = ("FAAS_GATEWAY", "http://10.0.0.1:8080");
        let error = parse("", &[set]).unwrap_err();
        assert!(error.to_string().contains("password_file"), "{error}");
        let config = parse("[gateway]\npassword_file = '/p'", &[set]).unwrap();
        assert_eq!(config.gateway.url.as_deref(), Some("http://10.0.0.1:8080"));
    }

    #[test]
    fn a_mistyped_variable_is_an_error() {
        assert!(matches!(parse("", &[("ZOS_BUS_LISTENS", "x")]), Err(ConfigError::UnknownVariable { .. })));
        assert!(matches!(parse("", &[("ZOS_ENGINE_TRIES", "many")]), Err(ConfigError::BadVariable { .. })));
    }

    #[test]
    fn values_that_cannot_work_are_refused() {
        for text in [
            "[chain]\nendpoints = []",
            "[chain]\nendpoints = ['http://x']",
            "[gateway]\npublic_url = 'x'",
            "[reports]\nbatch = 501",
            "[bus]\ntwin_rate = 0",
            "[bus]\ntls_key = '/k'",
            "[bus]\nredis = 'localhost:6379'",
            "[engine]\nparallel = 0",
            "[engine]\nresync = 86401",
            "[engine]\nmax_backoff = 86401",
        ] {
            assert!(matches!(parse(text, &[]), Err(ConfigError::Invalid { .. })), "{text}");
        }
    }
}
