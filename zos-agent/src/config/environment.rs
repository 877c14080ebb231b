//! Environment variables in place of keys of the file.

use super::ConfigError;
use toml::{Table, Value};

/// How the text of an environment variable becomes a value.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Switch,
    List,
}

/// The variables that override a key: name, section (empty for the top), key, kind.
const VARIABLES: &[(&str, &str, &str, Kind)] = &[
    ("ZOS_STATE_DIR", "", "state_dir", Kind::Text),
    ("ZOS_CHAIN_ENDPOINTS", "chain", "endpoints", Kind::List),
    ("ZOS_NODE_KEY_FILE", "node", "key_file", Kind::Text),
    ("ZOS_NODE_ID", "node", "id", Kind::Number),
    ("ZOS_BUS_LISTEN", "bus", "listen", Kind::Text),
    ("ZOS_BUS_MAX_CONNECTIONS", "bus", "max_connections", Kind::Number),
    ("ZOS_BUS_CONNECTIONS_PER_ADDRESS", "bus", "connections_per_address", Kind::Number),
    ("ZOS_BUS_ADDRESS_RATE", "bus", "address_rate", Kind::Number),
    ("ZOS_BUS_ADDRESS_BURST", "bus", "address_burst", Kind::Number),
    ("ZOS_BUS_TWIN_RATE", "bus", "twin_rate", Kind::Number),
    ("ZOS_BUS_TWIN_BURST", "bus", "twin_burst", Kind::Number),
    ("ZOS_BUS_PARALLEL", "bus", "parallel", Kind::Number),
    ("ZOS_BUS_PLAIN", "bus", "plain", Kind::Text),
    ("ZOS_BUS_TLS_CERTIFICATE", "bus", "tls_certificate", Kind::Text),
    ("ZOS_BUS_TLS_KEY", "bus", "tls_key", Kind::Text),
    ("ZOS_BUS_REDIS", "bus", "redis", Kind::Text),
    ("ZOS_BUS_REDIS_PARALLEL", "bus", "redis_parallel", Kind::Number),
    ("ZOS_BUS_REDIS_MAX_MESSAGE", "bus", "redis_max_message", Kind::Number),
    ("ZOS_GATEWAY_LISTEN", "gateway", "listen", Kind::Text),
    ("ZOS_GATEWAY_CONTROL_LISTEN", "gateway", "control_listen", Kind::Text),
    ("ZOS_GATEWAY_PUBLIC_URL", "gateway", "public_url", Kind::Text),
    ("ZOS_GATEWAY_MEMORY", "gateway", "memory", Kind::Number),
    ("ZOS_GATEWAY_URL", "gateway", "url", Kind::Text),
    ("FAAS_GATEWAY", "gateway", "url", Kind::Text),
    ("ZOS_GATEWAY_USER", "gateway", "user", Kind::Text),
    ("ZOS_GATEWAY_PASSWORD_FILE", "gateway", "password_file", Kind::Text),
    ("ZOS_ENGINE_RESYNC", "engine", "resync", Kind::Number),
    ("ZOS_ENGINE_KEEP_ENDED", "engine", "keep_ended", Kind::Number),
    ("ZOS_ENGINE_OUTDATED_GRACE", "engine", "outdated_grace", Kind::Number),
    ("ZOS_ENGINE_TRIES", "engine", "tries", Kind::Number),
    ("ZOS_ENGINE_MAX_BACKOFF", "engine", "max_backoff", Kind::Number),
    ("ZOS_ENGINE_PARALLEL", "engine", "parallel", Kind::Number),
    ("ZOS_REPORTS_BATCH", "reports", "batch", Kind::Number),
    ("ZOS_ADMIN_LISTEN", "admin", "listen", Kind::Text),
    ("ZOS_LOG_LEVEL", "log", "level", Kind::Text),
    ("ZOS_LOG_JSON", "log", "json", Kind::Switch),
];

/// Read by the command line, not part of the file.
const CONFIG_VARIABLE: &str = "ZOS_CONFIG";

/// Puts what the environment says over what the file says.
pub(super) fn override_with(
    table: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in environment {
        let Some((_, section, key, kind)) = VARIABLES.iter().find(|(known, ..)| *known == name) else {
            if name.starts_with("ZOS_") && name != CONFIG_VARIABLE {
                return Err(ConfigError::UnknownVariable { name });
            }
            continue;
        };
        let value = kind.read(&name, text)?;
        let place = match *section {
            "" => Some(&mut *table),
            section => table.entry(section).or_insert_with(|| Value::Table(Table::new())).as_table_mut(),
        };
        if let Some(place) = place {
            place.insert((*key).to_owned(), value);
        }
    }
    Ok(())
}

impl Kind {
    fn read(self, name: &str, text: String) -> Result<Value, ConfigError> {
        let bad = |expected| ConfigError::BadVariable { name: name.to_owned(), value: text.clone(), expected };
        match self {
            Self::Number => text.parse().map(Value::Integer).map_err(|_| bad("a whole number")),
            Self::Switch => text.parse().map(Value::Boolean).map_err(|_| bad("true or false")),
            Self::List => Ok(Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect())),
            Self::Text => Ok(Value::String(text)),
        }
    }
}

/// The variables that override a key, for the help text.
pub fn variables() -> impl Iterator<Item = (&'static str, String)> {
    VARIABLES.iter().map(|(name, section, key, _)| {
        let key = if section.is_empty() { (*key).to_owned() } else { format!("[{section}] {key}") };
        (*name, key)
    })
}
