//! `/system/logs`: what functions wrote to their standard error, one JSON object per line.
//!
//! Gives what is kept in memory and ends; following (`follow=true`) is not offered.

use super::{local_name, Api};
use crate::{error::ApiError, model::LogMessage, plan};
use axum::{
    extract::{Query, State},
    http::header,
    response::IntoResponse,
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct LogQuery {
    name: String,
    namespace: Option<String>,
    /// Zero or less means all.
    tail: Option<i64>,
    /// RFC 3339.
    since: Option<String>,
}

/// GET.
pub(super) async fn logs(State(api): State<Api>, Query(query): Query<LogQuery>) -> Result<impl IntoResponse, ApiError> {
    let function = local_name(&query.name)
        .filter(|_| plan::is_here(query.namespace.as_deref()))
        .and_then(|name| api.core.find(name))
        .ok_or_else(|| ApiError::function_not_found(&query.name))?;
    let since = query.since.as_deref().map(humantime::parse_rfc3339_weak).transpose().map_err(|error| {
        ApiError::bad_request("invalid_since", format!("since must be a time as in 2026-01-31T12:00:00Z: {error}"))
    })?;
    let tail = query.tail.and_then(|tail| usize::try_from(tail).ok()).filter(|tail| *tail > 0);
    let mut text = String::new();
    for line in function.shared.log.read(since, tail) {
        let message = LogMessage {
            name: function.record.deployment.service.clone(),
            namespace: plan::NAMESPACE.to_owned(),
            instance: line.call_id,
            timestamp: humantime::format_rfc3339_millis(line.at).to_string(),
            text: line.text,
        };
        text += &serde_json::to_string(&message).map_err(|error| ApiError::internal(error.to_string()))?;
        text.push('\n');
    }
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text))
}
