//! What is written to standard error.

use crate::config::{ConfigError, LogConfig};
use tracing_subscriber::{filter::ParseError, fmt, EnvFilter};

/// The crates whose details a plain level shows. What others say below `info` can hold whole messages, and with them what
/// users wrote into their deployments.
const OURS: [&str; 3] = ["zos_agent", "faas_gateway", "grid_client"];

/// Starts logging, once in a process.
pub fn init(config: &LogConfig) -> Result<(), ConfigError> {
    let lines = fmt().with_env_filter(filter(config)?).with_writer(std::io::stderr);
    let started = if config.json { lines.json().try_init() } else { lines.with_ansi(false).try_init() };
    started.map_err(|error| ConfigError::Invalid { key: "log", reason: error.to_string() })
}

/// Whether a level can be used.
pub fn check(config: &LogConfig) -> Result<(), ConfigError> {
    filter(config).map(drop)
}

/// What is shown at a level.
pub fn filter(config: &LogConfig) -> Result<EnvFilter, ConfigError> {
    let invalid = |error: ParseError| ConfigError::Invalid { key: "log.level", reason: error.to_string() };
    EnvFilter::builder().parse(directives(&config.level)).map_err(invalid)
}

/// A plain level as a filter; a filter as it is.
fn directives(level: &str) -> String {
    match level {
        "debug" | "trace" => OURS.iter().fold("info".to_owned(), |all, name| format!("{all},{name}={level}")),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(level: &str) -> LogConfig {
        LogConfig { level: level.to_owned(), json: false }
    }

    #[test]
    fn a_plain_level_shows_details_of_our_own_parts_only() {
        assert_eq!(directives("debug"), "info,zos_agent=debug,faas_gateway=debug,grid_client=debug");
        assert_eq!(directives("warn,hyper=trace"), "warn,hyper=trace");
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        assert!(check(&with("info")).is_ok());
        assert!(check(&with("zos_agent=loud")).is_err());
    }
}
