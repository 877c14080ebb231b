//! Who may call a function, as its annotation `com.gridchain.access` says.

use crate::{auth, digest::Digest, error::ApiError};
use axum::http::{header, HeaderMap};

/// The annotation's key.
pub(crate) const ANNOTATION: &str = "com.gridchain.access";

/// Who may call a function. The administrator always may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody; also what an absent annotation means, as in OpenFaaS.
    Public,
    /// Whoever sends the token with this SHA-256.
    Token(Digest),
    /// The administrator only (who passes the owner's calls on).
    Owner,
}

impl Access {
    /// Reads the annotation's value: `public`, `owner` or `token-sha256:<hex>`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "public" => Some(Self::Public),
            "owner" => Some(Self::Owner),
            _ => Some(Self::Token(text.strip_prefix("token-sha256:")?.parse().ok()?)),
        }
    }

    /// Whether a caller with these headers may pass. Removes a credential that was meant for the gateway, so that no
    /// function ever sees the administrator's password or its own callers' token.
    pub fn admit(&self, admin: &auth::Admin, headers: &mut HeaderMap) -> Result<(), ApiError> {
        if admin.is(headers) {
            headers.remove(header::AUTHORIZATION);
            return Ok(());
        }
        match self {
            Self::Public => Ok(()),
            Self::Owner => Err(ApiError::unauthorized(
                auth::BASIC_CHALLENGE,
                "this function is private: only its owner may call it, over the node's message bus",
            )),
            Self::Token(expected) => match auth::bearer(headers) {
                Some(token) if auth::same(Digest::of(token).as_bytes(), expected.as_bytes()) => {
                    headers.remove(header::AUTHORIZATION);
                    Ok(())
                },
                Some(_) => Err(ApiError::unauthorized(auth::BEARER_CHALLENGE, "the token is not this function's")),
                None => Err(ApiError::unauthorized(
                    auth::BEARER_CHALLENGE,
                    "this function wants a token: send the header Authorization: Bearer <token>",
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Credentials;
    use axum::http::HeaderValue;

    fn headers(authorization: Option<&'static str>) -> HeaderMap {
        authorization.map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value))).into_iter().collect()
    }

    fn admin() -> auth::Admin {
        auth::Admin::new(&Credentials::new("admin", "secret"))
    }

    // base64 of admin:secret
    const ADMIN: &str = "Basic YWRtaW46c2VjcmV0";

    #[test]
    fn annotation_has_three_forms() {
        let hex = Digest::of(b"token").to_string();
        assert_eq!(Access::parse("public"), Some(Access::Public));
        assert_eq!(Access::parse("owner"), Some(Access::Owner));
        assert_eq!(Access::parse(&format!("token-sha256:{hex}")), Some(Access::Token(Digest::of(b"token"))));
        for text in ["", "Public", "token", "token-sha256:", "token-sha256:00"] {
            assert_eq!(Access::parse(text), None, "{text}");
        }
    }

    #[test]
    fn administrator_passes_everywhere_and_leaves_no_password() {
        for access in [Access::Public, Access::Owner, Access::Token(Digest::of(b"token"))] {
            let mut sent = headers(Some(ADMIN));
            assert!(access.admit(&admin(), &mut sent).is_ok());
            assert!(sent.is_empty());
        }
    }

    #[test]
    fn a_public_function_sees_its_callers_own_authorization() {
        let mut sent = headers(Some("Bearer anything"));
        assert!(Access::Public.admit(&admin(), &mut sent).is_ok());
        assert!(sent.contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn a_token_function_wants_its_token() {
        let access = Access::Token(Digest::of(b"token"));
        let mut right = headers(Some("Bearer token"));
        assert!(access.admit(&admin(), &mut right).is_ok());
        assert!(right.is_empty());
        for wrong in [None, Some("Bearer other"), Some("Basic dG9rZW4="), Some("token")] {
            assert!(access.admit(&admin(), &mut headers(wrong)).is_err(), "{wrong:?}");
        }
    }
}
