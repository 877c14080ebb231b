//! Reading request bodies: bounded in size and in time.

use crate::error::ApiError;
use axum::{
    body::Body,
    http::{header, HeaderMap, StatusCode},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest JSON body under `/system`, in bytes.
const MAX_JSON_BYTES: usize = 1 << 20;

/// Refuses a body whose announced length is beyond the limit, before a byte of it is read.
pub(super) fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    Ok(())
}

/// The whole body, at most `limit` bytes, sent within `time`.
pub(super) async fn read(body: Body, limit: usize, time: Duration) -> Result<Bytes, ApiError> {
    let collected = tokio::time::timeout(time, Limited::new(body, limit).collect()).await.map_err(|_| {
        let text = format!("the body did not arrive within {} s", time.as_secs_f32());
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", text)
    })?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(error) => Err(ApiError::bad_request("body_unreadable", format!("the body broke off: {error}"))),
    }
}

/// A JSON body.
pub(super) async fn read_json<T: DeserializeOwned>(body: Body, time: Duration) -> Result<T, ApiError> {
    parse(&read(body, MAX_JSON_BYTES, time).await?)
}

/// A JSON body, or none: then what is the default.
pub(super) async fn read_json_or_nothing<T: DeserializeOwned + Default>(
    body: Body,
    time: Duration,
) -> Result<T, ApiError> {
    let bytes = read(body, MAX_JSON_BYTES, time).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    parse(&bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::bad_request("bad_json", format!("the body is not the JSON expected here: {error}")))
}

/// A JSON body with something secret in it: the error says where it is wrong, not what stands there.
pub(super) async fn read_hidden_json<T: DeserializeOwned>(body: Body, time: Duration) -> Result<T, ApiError> {
    let bytes = read(body, MAX_JSON_BYTES, time).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        ApiError::bad_request("bad_json", format!("the body is not the JSON expected here: see {place}"))
    })
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("a body may have at most {limit} bytes"))
}
