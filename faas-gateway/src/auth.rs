//! Reading and comparing credentials. Comparisons take the same time wherever the difference is.

use crate::{config::Credentials, digest::Digest};
use axum::http::{header, HeaderMap};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use subtle::ConstantTimeEq;

/// The challenge OpenFaaS sends with a 401.
pub(crate) const BASIC_CHALLENGE: &str = "Basic realm=\"Restricted\"";
/// The challenge of a function that wants a token.
pub(crate) const BEARER_CHALLENGE: &str = "Bearer realm=\"function\"";

/// The administrator's credentials in the form in which they are compared.
pub(crate) struct Admin {
    // Digests have one length, so that comparing them does not tell how long the password is.
    expected: Digest,
}

impl Admin {
    pub fn new(credentials: &Credentials) -> Self {
        Self { expected: Digest::of(format!("{}:{}", credentials.user, credentials.password).as_bytes()) }
    }

    /// Whether these headers carry the administrator's basic auth.
    pub fn is(&self, headers: &HeaderMap) -> bool {
        let Some(sent) = after_scheme(headers, "basic").and_then(|encoded| STANDARD.decode(encoded).ok()) else {
            return false;
        };
        same(Digest::of(&sent).as_bytes(), self.expected.as_bytes())
    }
}

/// The token of `Authorization: Bearer <token>`, if there is one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    after_scheme(headers, "bearer")
}

/// Equality in constant time for equal lengths.
pub(crate) fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.ct_eq(right).into()
}

/// What follows an authorization scheme, whose name is not case-sensitive.
fn after_scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a [u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (name, rest) = value.split_at_checked(scheme.len())?;
    let rest = rest.strip_prefix(b" ")?.trim_ascii();
    (name.eq_ignore_ascii_case(scheme.as_bytes()) && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn with(value: &'static str) -> HeaderMap {
        [(header::AUTHORIZATION, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn administrator_is_recognised_in_any_case_of_the_scheme() {
        let admin = Admin::new(&Credentials::new("admin", "secret"));
        assert!(admin.is(&with("Basic YWRtaW46c2VjcmV0")));
        assert!(admin.is(&with("basic YWRtaW46c2VjcmV0")));
    }

    #[test]
    fn anything_else_is_not_the_administrator() {
        let admin = Admin::new(&Credentials::new("admin", "secret"));
        // admin:wrong, not base64, another scheme, nothing.
        for value in ["Basic YWRtaW46d3Jvbmc=", "Basic ***", "Bearer YWRtaW46c2VjcmV0", "Basic", "Basic ", ""] {
            assert!(!admin.is(&with(value)), "{value}");
        }
        assert!(!admin.is(&HeaderMap::new()));
    }
}
