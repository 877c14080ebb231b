//! Headers: which of them are a connection's, and how long they are.

use axum::http::{header, HeaderMap, HeaderName};

/// Headers that say something about one connection, and are not passed on with a request or an answer.
pub(crate) fn is_of_connection(name: &HeaderName) -> bool {
    const THESE: [HeaderName; 7] = [
        header::CONNECTION,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    THESE.contains(name) || name == "keep-alive"
}

/// As HTTP/1.1 writes them, in bytes.
pub(crate) fn bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len() + ": \r\n".len()) as u64).sum()
}
