//! A secret on its way: the request that brings it, the value that never shows itself, and which of them a deployment
//! wants.

use crate::{error::ApiError, model::FunctionDeployment, names};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// Largest value, in bytes.
const MAX_VALUE_BYTES: usize = 256 << 10;
/// Most files a function may see.
const MAX_MOUNTS: usize = 64;
/// `com.gridchain.secret.MOUNT` = `SECRET`: the function sees SECRET under the name MOUNT. For those who must give
/// secrets unique names, as an agent does that serves several contracts.
const MOUNT_ANNOTATION: &str = "com.gridchain.secret.";

/// The value of a secret. `{:?}` does not show it, and nothing turns it into text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretValue(Vec<u8>);

impl SecretValue {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// For those who write it to its place.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(<hidden>)")
    }
}

/// Body of POST, PUT and DELETE `/system/secrets`. No `Debug`: it holds the value in clear.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretRequest {
    pub name: String,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    value: Option<String>,
    /// Base64, for what is not text. Counts if there is no `value`.
    #[serde(default)]
    raw_value: Option<String>,
}

impl SecretRequest {
    /// The value sent. No error repeats any of it.
    pub fn value(&self) -> Result<SecretValue, ApiError> {
        let sent = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let bytes = match (sent(&self.value), sent(&self.raw_value)) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(encoded)) => STANDARD
                .decode(encoded)
                .map_err(|_| ApiError::bad_request("invalid_secret", "rawValue is not base64"))?,
            (None, None) => {
                return Err(ApiError::bad_request("invalid_secret", "give the secret a value or a rawValue"))
            },
        };
        if bytes.len() > MAX_VALUE_BYTES {
            let text = format!("a secret may have at most {MAX_VALUE_BYTES} bytes");
            return Err(ApiError::bad_request("invalid_secret", text));
        }
        Ok(SecretValue(bytes))
    }
}

/// Which secret a function sees under which name: file -> secret.
pub(crate) type Mounts = BTreeMap<String, String>;

/// The secrets that a deployment names.
pub(crate) fn mounts_of(deployment: &FunctionDeployment) -> Result<Mounts, ApiError> {
    let mut mounts = Mounts::new();
    for name in deployment.secrets.iter().flatten() {
        mounts.insert(name.clone(), name.clone());
    }
    for (key, secret) in deployment.annotations.iter().flatten() {
        let Some(mount) = key.strip_prefix(MOUNT_ANNOTATION) else { continue };
        if mounts.insert(mount.to_owned(), secret.clone()).is_some_and(|other| other != *secret) {
            let text = format!("two secrets would be called {}", names::shown(mount));
            return Err(ApiError::bad_request("invalid_secret_mount", text));
        }
    }
    if let Some(wrong) = mounts.values().find(|secret| !names::is_secret(secret)) {
        return Err(invalid_name(wrong));
    }
    if let Some(wrong) = mounts.keys().find(|mount| !names::is_file(mount)) {
        let text = format!(
            "{} cannot be the name of a function's secret: it must be 1 to 255 letters, digits, '_', '-' and '.', and not \
             begin with '.'",
            names::shown(wrong)
        );
        return Err(ApiError::bad_request("invalid_secret_mount", text));
    }
    if mounts.len() > MAX_MOUNTS {
        let text = format!("a function may see at most {MAX_MOUNTS} secrets");
        return Err(ApiError::bad_request("invalid_secret_mount", text));
    }
    Ok(mounts)
}

pub(crate) fn invalid_name(name: &str) -> ApiError {
    let text = format!(
        "{} cannot be a secret's name: it must be lowercase letters, digits, '-' and '.', each part between dots \
         beginning and ending with a letter or digit",
        names::shown(name)
    );
    ApiError::bad_request("invalid_name", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts(secrets: &[&str], annotations: &[(&str, &str)]) -> Result<Vec<(String, String)>, &'static str> {
        let text = |s: &&str| (*s).to_owned();
        let deployment = FunctionDeployment {
            secrets: Some(secrets.iter().map(text).collect()),
            annotations: Some(annotations.iter().map(|(k, v)| (text(k), text(v))).collect()),
            ..FunctionDeployment::default()
        };
        mounts_of(&deployment).map(|mounts| mounts.into_iter().collect()).map_err(|error| error.code)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(mount, secret)| ((*mount).to_owned(), (*secret).to_owned())).collect()
    }

    fn request(json: &str) -> SecretRequest {
        serde_json::from_str(json).expect("a request")
    }

    #[test]
    fn a_named_secret_has_its_own_name() {
        assert_eq!(mounts(&["key"], &[]), Ok(pairs(&[("key", "key")])));
    }

    #[test]
    fn an_annotation_gives_it_another() {
        let expected = Ok(pairs(&[("key", "key-7"), ("key-7", "key-7")]));
        assert_eq!(mounts(&["key-7"], &[("com.gridchain.secret.key", "key-7"), ("topic", "x")]), expected);
        assert_eq!(mounts(&[], &[("com.gridchain.secret.API_KEY", "key-7")]), Ok(pairs(&[("API_KEY", "key-7")])));
    }

    #[test]
    fn two_secrets_under_one_name_are_refused() {
        assert_eq!(mounts(&["a"], &[("com.gridchain.secret.a", "b")]), Err("invalid_secret_mount"));
        assert_eq!(mounts(&["a"], &[("com.gridchain.secret.a", "a")]), Ok(pairs(&[("a", "a")])));
    }

    #[test]
    fn no_name_can_leave_the_folder() {
        for name in ["..", "../a", "a/b", "/etc", "", "a\0"] {
            assert_eq!(mounts(&[name], &[]), Err("invalid_name"), "{name}");
            assert_eq!(mounts(&[], &[("com.gridchain.secret.a", name)]), Err("invalid_name"), "{name}");
            let key = format!("com.gridchain.secret.{name}");
            assert_eq!(mounts(&[], &[(&key, "a")]), Err("invalid_secret_mount"), "{name}");
        }
    }

    #[test]
    fn a_function_sees_a_bounded_number() {
        let many: Vec<String> = (0..=MAX_MOUNTS).map(|n| format!("s{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(mounts(&many, &[]), Err("invalid_secret_mount"));
        assert!(mounts(&many[1..], &[]).is_ok());
    }

    #[test]
    fn the_text_counts_before_the_raw_value() {
        let value = |json: &str| request(json).value().map(|value| value.0).map_err(|error| error.code);
        assert_eq!(value(r#"{"name":"a","value":"x","rawValue":"eQ=="}"#), Ok(b"x".to_vec()));
        assert_eq!(value(r#"{"name":"a","value":"","rawValue":"AP8="}"#), Ok(vec![0, 255]));
        assert_eq!(value(r#"{"name":"a","rawValue":"***"}"#), Err("invalid_secret"));
        assert_eq!(value(r#"{"name":"a"}"#), Err("invalid_secret"));
    }

    #[test]
    fn debug_hides_the_value() {
        assert!(!format!("{:?}", SecretValue::new(b"hunter2".to_vec())).contains("hunter2"));
    }
}
