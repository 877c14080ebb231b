//! What an operator allows as a source of code.

use base64::{prelude::BASE64_STANDARD, Engine as _};
use oci_client::secrets::RegistryAuth;
use serde::Deserialize;
use std::{collections::HashMap, fmt, fs, io, path::PathBuf, time::Duration};

/// Where code may come from, besides uploads.
#[derive(Clone)]
pub struct Sources {
    /// `file:` images are taken from below this folder; `None`: there are none.
    pub file_folder: Option<PathBuf>,
    /// Registries that images may come from, as `host` or `host:port`. Only these: the gateway asks from inside its
    /// network on behalf of whoever deploys.
    pub registries: Vec<String>,
    /// Those of them that are spoken to without TLS.
    pub insecure_registries: Vec<String>,
    /// Credentials for registries, in the form of Docker's `config.json`: `{"auths":{"host":{"auth":"<base64>"}}}`.
    pub registry_auth_file: Option<PathBuf>,
    /// Time in which an image must have been fetched.
    pub registry_timeout: Duration,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            file_folder: None,
            registries: ["docker.io", "ghcr.io", "quay.io"].map(str::to_owned).into(),
            insecure_registries: Vec::new(),
            registry_auth_file: None,
            registry_timeout: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("file_folder", &self.file_folder)
            .field("registries", &self.registries)
            .field("insecure_registries", &self.insecure_registries)
            .field("registry_auth_file", &self.registry_auth_file)
            .field("registry_timeout", &self.registry_timeout)
            .finish()
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourcesError {
    #[error("the folder for file: images, {0}, cannot be used: {1}")]
    Folder(PathBuf, io::Error),
    #[error("the registries' credentials in {0} cannot be read: {1}")]
    Credentials(PathBuf, String),
    #[error("cannot make a client for registries: {0}")]
    Client(String),
}

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: HashMap<String, DockerAuth>,
}

#[derive(Deserialize)]
struct DockerAuth {
    auth: Option<String>,
}

impl Sources {
    pub(super) fn canonical_folder(&self) -> Result<Option<PathBuf>, SourcesError> {
        let canonical =
            |folder: &PathBuf| folder.canonicalize().map_err(|error| SourcesError::Folder(folder.clone(), error));
        self.file_folder.as_ref().map(canonical).transpose()
    }

    /// Credentials by registry.
    pub(super) fn credentials(&self) -> Result<HashMap<String, RegistryAuth>, SourcesError> {
        let Some(path) = &self.registry_auth_file else { return Ok(HashMap::new()) };
        let wrong = |text: String| SourcesError::Credentials(path.clone(), text);
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        // The parser's own message could quote what it could not read.
        let config: DockerConfig =
            serde_json::from_str(&text).map_err(|_| wrong("it is not JSON like Docker's config.json".into()))?;
        let entries = config.auths.into_iter().filter_map(|(host, entry)| Some((host, entry.auth?)));
        entries
            .map(|(host, auth)| {
                let auth = basic(&auth)
                    .ok_or_else(|| wrong(format!("the entry of {host} is not the base64 form of user:password")))?;
                // Docker's own registry is listed by an address.
                let host = if host.contains("index.docker.io") { "docker.io".to_owned() } else { host };
                Ok((host, auth))
            })
            .collect()
    }
}

fn basic(auth: &str) -> Option<RegistryAuth> {
    let text = String::from_utf8(BASE64_STANDARD.decode(auth).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(RegistryAuth::Basic(user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(text: &str) -> Result<HashMap<String, RegistryAuth>, String> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), text).expect("writable");
        let sources = Sources { registry_auth_file: Some(file.path().to_owned()), ..Sources::default() };
        sources.credentials().map_err(|error| error.to_string())
    }

    #[test]
    fn credentials_are_read_as_docker_writes_them() {
        let read = credentials(
            r#"{"auths":{"https://index.docker.io/v1/":{"auth":"dTpwOng="},"ghcr.io":{"auth":"YTpi"},"other":{}},"x":1}"#,
        )
        .expect("good");
        assert!(matches!(&read["docker.io"], RegistryAuth::Basic(user, password) if user == "u" && password == "p:x"));
        assert!(matches!(&read["ghcr.io"], RegistryAuth::Basic(user, password) if user == "a" && password == "b"));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn credentials_that_cannot_be_read_are_not_shown() {
        for text in [r#"{"auths":{"a":{"auth":"s3cr3t!"}}}"#, r#"{"auths":"s3cr3t"}"#, "s3cr3t"] {
            let error = credentials(text).expect_err("bad");
            assert!(!error.contains("s3cr3t"), "{error}");
        }
    }
}
