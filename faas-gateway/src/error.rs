//! The errors of the two outer doors: starting the gateway, and answering HTTP.

use crate::names;
use axum::{
    http::{header, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use serde_json::json;
use std::{io, net::SocketAddr, path::PathBuf};

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting makes no sense.
    #[error("invalid configuration: {0}")]
    Config(String),
    /// The state folder cannot be made or used.
    #[error("cannot use the state folder {path}: {source}. Check that it exists and belongs to this user")]
    StateDir {
        /// The folder or file concerned.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another gateway has the database open.
    #[error("the state folder {0} is in use by another gateway; stop it or choose another --state-dir")]
    InUse(PathBuf),
    /// The database cannot be read.
    #[error("cannot open the database in {path}: {message}")]
    Store {
        /// The state folder.
        path: PathBuf,
        /// What the database said.
        message: String,
    },
    /// The WebAssembly engine refused its settings or could not reserve address space.
    #[error(
        "cannot start the WebAssembly engine: {0}. With little address space lower the number of concurrent calls"
    )]
    Engine(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// An answer other than success: a status, a stable code for machines and a sentence for people.
///
/// Written as `{"error":{"code","message"[,"output"]}}`; `output` is what a failed function had written.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub output: Option<String>,
    pub challenge: Option<&'static str>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), output: None, challenge: None }
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub fn function_not_found(name: &str) -> Self {
        Self::not_found("function_not_found", format!("there is no function called {}", names::shown(name)))
    }

    /// A namespace that something should be put into.
    pub fn unknown_namespace(name: &str) -> Self {
        let text = format!("there is no namespace called {}; make it with POST /system/namespace/", names::shown(name));
        Self::bad_request("unknown_namespace", text)
    }

    pub fn unauthorized(challenge: &'static str, message: impl Into<String>) -> Self {
        Self { challenge: Some(challenge), ..Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message) }
    }

    pub fn with_output(mut self, output: Option<String>) -> Self {
        self.output = output;
        self
    }
}

/// An error with what caused it: the outermost alone says only that something failed.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Put among an answer's extensions: the gateway said this, not a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub &'static str);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(output) = self.output {
            error["output"] = output.into();
        }
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        response.extensions_mut().insert(ErrorCode(self.code));
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        // Refused for lack of room, not for what was asked: the same request may pass in a moment.
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
