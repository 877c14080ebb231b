//! What stands behind the question mark, with errors in this API's form.

use crate::error::ApiError;
use axum::{
    extract::{FromRequestParts, Query as Parsed},
    http::request::Parts,
};
use serde::{de::DeserializeOwned, Deserialize};

/// A query, read into `T`.
pub(super) struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Parsed(query) = Parsed::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::bad_request("bad_query", format!("the query cannot be read: {error}")))?;
        Ok(Self(query))
    }
}

/// `?namespace=NAME`.
#[derive(Deserialize)]
pub(super) struct Namespace {
    pub namespace: Option<String>,
}

impl Namespace {
    /// The namespace of a body, or else the query's: clients put it into either.
    pub fn unless(self, in_body: Option<String>) -> Option<String> {
        in_body.filter(|namespace| !namespace.is_empty()).or(self.namespace)
    }
}
