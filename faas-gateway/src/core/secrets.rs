//! Secrets: made, changed, removed, and given to the functions that name them.

use super::Core;
use crate::{
    error::ApiError,
    model::FunctionDeployment,
    names::{self, Key},
    plan::Plan,
    secret::{invalid_name, SecretRequest},
    secret_folder::SecretFolder,
};
use axum::http::StatusCode;
use std::{io, sync::Arc};

impl Core {
    /// The names of a namespace's secrets.
    pub fn secret_names(&self, namespace: &str) -> Result<Vec<String>, ApiError> {
        Ok(self.store.secret_names(namespace)?)
    }

    pub fn create_secret(&self, request: &SecretRequest) -> Result<(), ApiError> {
        let key = key_of(request)?;
        let value = request.value()?;
        let _serialised = self.lock();
        self.check_namespace(key.namespace)?;
        if self.store.secret(key)?.is_some() {
            let text = format!("a secret called {:?} exists; change it with PUT", key.name);
            return Err(ApiError::new(StatusCode::CONFLICT, "secret_exists", text));
        }
        self.store.set_secret(key, Some(&value))?;
        tracing::info!(secret = key.name, namespace = key.namespace, "made a secret");
        Ok(())
    }

    /// Changes a secret's value. When this returns, every call that begins sees the new one.
    pub fn update_secret(&self, request: &SecretRequest) -> Result<(), ApiError> {
        let key = key_of(request)?;
        let value = request.value()?;
        let _serialised = self.lock();
        self.store.secret(key)?.ok_or_else(|| not_found(key.name))?;
        self.store.set_secret(key, Some(&value))?;
        for folder in self.users_of(key).into_iter().filter_map(|function| function.secrets.clone()) {
            self.secrets.change(&folder, key.name, &value)?;
        }
        tracing::info!(secret = key.name, namespace = key.namespace, "changed a secret");
        Ok(())
    }

    /// Removes a secret that no function names.
    pub fn delete_secret(&self, name: &str, namespace: Option<&str>) -> Result<(), ApiError> {
        let key = Key { namespace: names::or_default(namespace), name };
        let _serialised = self.lock();
        self.store.secret(key)?.ok_or_else(|| not_found(name))?;
        let users: Vec<String> = self.users_of(key).iter().map(|function| function.key().name.to_owned()).collect();
        if !users.is_empty() {
            let text = format!("functions use this secret; update or remove them first: {}", users.join(", "));
            return Err(ApiError::new(StatusCode::CONFLICT, "secret_in_use", text));
        }
        self.store.set_secret(key, None)?;
        tracing::info!(secret = name, namespace = key.namespace, "removed a secret");
        Ok(())
    }

    /// The functions that name a secret, also those that cannot run at the moment.
    fn users_of(&self, key: Key<'_>) -> Vec<Arc<crate::function::Function>> {
        let mut functions = self.list_in(key.namespace);
        functions.retain(|function| function.plan.secrets.values().any(|secret| secret == key.name));
        functions
    }

    /// The files of a deployment's secrets, which must all exist.
    pub(super) fn secret_folder(
        &self,
        deployment: &FunctionDeployment,
        plan: &Plan,
    ) -> Result<Option<Arc<SecretFolder>>, ApiError> {
        if plan.secrets.is_empty() {
            return Ok(None);
        }
        let namespace = names::or_default(deployment.namespace.as_deref());
        let value = |name: &str| {
            let missing = || {
                let text = format!("there is no secret called {name:?} in {namespace}; make it first");
                ApiError::bad_request("unknown_secret", text)
            };
            self.store.secret(Key { namespace, name })?.ok_or_else(missing)
        };
        self.secrets.make(plan.secrets.clone(), value).map(|folder| Some(Arc::new(folder)))
    }
}

fn key_of(request: &SecretRequest) -> Result<Key<'_>, ApiError> {
    if !names::is_secret(&request.name) {
        return Err(invalid_name(&request.name));
    }
    Ok(Key { namespace: names::or_default(request.namespace.as_deref()), name: &request.name })
}

fn not_found(name: &str) -> ApiError {
    ApiError::not_found("secret_not_found", format!("there is no secret called {}", names::shown(name)))
}

// Only names of files can be in it, never what is in them.
impl From<io::Error> for ApiError {
    fn from(error: io::Error) -> Self {
        ApiError::internal(format!("cannot write the files of a secret: {error}"))
    }
}
