//! The watchdog contract: how a request's head reaches a function, as environment variables in the manner of CGI.
//!
//! `Http_Method`, `Http_Path` (what follows the function's name, as it was sent, so percent-encoded), `Http_Query`
//! (absent if empty), `Http_ContentLength` (of a long body without an announced length `Http_Transfer_Encoding`),
//! `Http_Host`, and `Http_<Header_With_Underscores>` for each header, first
//! value only. The deployment's own variables come last: a caller cannot replace them.

use crate::{headers, model::Map};
use axum::http::{HeaderMap, Method};

/// A request's head and the length of its body, in bytes, if it is known before the body has come.
pub(super) struct Head<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body_bytes: Option<u64>,
}

/// The environment of a call.
pub(super) fn environment(head: &Head<'_>, deployed: &Map) -> Vec<(String, String)> {
    let mut variables = Map::new();
    for name in head.headers.keys().filter(|name| !headers::is_of_connection(name)) {
        if let Some(value) = head.headers.get(name) {
            variables.insert(variable_name(name.as_str()), text(value.as_bytes()));
        }
    }
    variables.insert("Http_Method".into(), head.method.to_string());
    variables.insert("Http_Path".into(), head.path.to_owned());
    match head.body_bytes {
        Some(bytes) => {
            variables.insert("Http_ContentLength".into(), bytes.to_string());
            variables.insert("Http_Content_Length".into(), bytes.to_string());
        },
        None => {
            variables.insert("Http_Transfer_Encoding".into(), "chunked".into());
        },
    }
    // A header must not look like a query.
    match head.query.filter(|query| !query.is_empty()) {
        Some(query) => variables.insert("Http_Query".into(), query.to_owned()),
        None => variables.remove("Http_Query"),
    };
    variables.extend(deployed.iter().map(|(name, value)| (name.clone(), value.clone())));
    variables.into_iter().collect()
}

/// `content-type` -> `Http_Content_Type`.
fn variable_name(header: &str) -> String {
    let mut name = String::from("Http_");
    let mut first = true;
    for c in header.chars() {
        name.push(match c {
            '-' => '_',
            c if first => c.to_ascii_uppercase(),
            c => c,
        });
        first = c == '-';
    }
    name
}

/// A header's value as text: other bytes than UTF-8 are replaced.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn environment_of(headers: &[(&'static str, &'static str)], query: Option<&str>, deployed: &Map) -> Map {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let head = Head { method: &Method::PUT, path: "/a/b", query, headers: &headers, body_bytes: Some(3) };
        environment(&head, deployed).into_iter().collect()
    }

    #[test]
    fn headers_become_variables() {
        let environment = environment_of(&[("x-call-id", "7"), ("host", "node:80")], Some("q=1"), &Map::new());
        let expected = [
            ("Http_Method", "PUT"),
            ("Http_Path", "/a/b"),
            ("Http_Query", "q=1"),
            ("Http_ContentLength", "3"),
            ("Http_Content_Length", "3"),
            ("Http_X_Call_Id", "7"),
            ("Http_Host", "node:80"),
        ];
        let expected: Map = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(environment, expected);
    }

    #[test]
    fn an_empty_query_is_absent() {
        assert!(!environment_of(&[], Some(""), &Map::new()).contains_key("Http_Query"));
        assert!(!environment_of(&[("query", "q=1")], None, &Map::new()).contains_key("Http_Query"));
    }

    #[test]
    fn headers_of_the_connection_stay_outside() {
        assert!(!environment_of(&[("connection", "close")], None, &Map::new()).contains_key("Http_Connection"));
    }

    #[test]
    fn a_caller_cannot_replace_a_deployed_variable() {
        let deployed: Map = [("Http_X_Role".to_owned(), "reader".to_owned())].into();
        assert_eq!(environment_of(&[("x-role", "admin")], None, &deployed)["Http_X_Role"], "reader");
    }
}
