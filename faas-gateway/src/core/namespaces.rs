//! Namespaces: made, described, removed.

use super::{now, Core};
use crate::{
    error::ApiError,
    model::FunctionNamespace,
    names::{self, DEFAULT_NAMESPACE},
    store::NamespaceRecord,
};
use axum::http::StatusCode;

impl Core {
    /// The names of all namespaces.
    pub fn namespaces(&self) -> Vec<String> {
        self.read().keys().cloned().collect()
    }

    /// A namespace's description.
    pub fn namespace(&self, name: &str) -> Result<FunctionNamespace, ApiError> {
        let record = self.store.namespace(name)?.ok_or_else(|| not_found(name))?;
        Ok(FunctionNamespace { name: name.to_owned(), labels: record.labels, annotations: record.annotations })
    }

    pub fn create_namespace(&self, request: FunctionNamespace) -> Result<(), ApiError> {
        let FunctionNamespace { name, labels, annotations } = request;
        if !names::is_label(&name) {
            let text = "a namespace must be 1 to 63 lowercase letters, digits or '-', beginning and ending with a \
                        letter or digit";
            return Err(ApiError::bad_request("invalid_name", text));
        }
        let _serialised = self.lock();
        if self.store.namespace(&name)?.is_some() {
            let text = format!("a namespace called {name:?} exists; change it with PUT");
            return Err(ApiError::new(StatusCode::CONFLICT, "namespace_exists", text));
        }
        let record = NamespaceRecord { labels, annotations, created_at: now().as_secs() };
        self.store.set_namespace(&name, Some(&record))?;
        self.write().entry(name.clone()).or_default();
        tracing::info!(namespace = name, "made a namespace");
        Ok(())
    }

    /// Replaces labels and annotations.
    pub fn update_namespace(&self, request: FunctionNamespace) -> Result<(), ApiError> {
        let FunctionNamespace { name, labels, annotations } = request;
        let _serialised = self.lock();
        let old = self.store.namespace(&name)?.ok_or_else(|| not_found(&name))?;
        Ok(self.store.set_namespace(&name, Some(&NamespaceRecord { labels, annotations, ..old }))?)
    }

    /// Removes a namespace that holds nothing.
    pub fn delete_namespace(&self, name: &str) -> Result<(), ApiError> {
        if name == DEFAULT_NAMESPACE {
            return Err(ApiError::bad_request("default_namespace", "the default namespace is always there"));
        }
        let _serialised = self.lock();
        self.store.namespace(name)?.ok_or_else(|| not_found(name))?;
        let (functions, secrets) = (self.list_in(name).len(), self.store.secret_names(name)?.len());
        if functions + secrets > 0 {
            let text = format!("the namespace holds {functions} functions and {secrets} secrets; remove them first");
            return Err(ApiError::new(StatusCode::CONFLICT, "namespace_not_empty", text));
        }
        self.store.set_namespace(name, None)?;
        self.write().remove(name);
        tracing::info!(namespace = name, "removed a namespace");
        Ok(())
    }

    /// That something can be put there.
    pub(super) fn check_namespace(&self, name: &str) -> Result<(), ApiError> {
        if self.read().contains_key(name) {
            return Ok(());
        }
        Err(ApiError::unknown_namespace(name))
    }
}

fn not_found(name: &str) -> ApiError {
    ApiError::not_found("namespace_not_found", format!("there is no namespace called {}", names::shown(name)))
}
