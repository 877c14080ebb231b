//! A sample function for the gateway, a `wasi:http` component: it has paths, verbs and statuses of its own, and an answer
//! that goes on while it is read.
//!
//! - `GET /`: the time, `{"unix_ms":1700000000000}`.
//! - `GET /ticks?count=3&every_ms=500`: the time as server-sent events, `count` of them, `every_ms` apart.
//!
//! Another verb: 405 and which verbs there are. Another path: 404. Ticks that nobody should wait for: 400 and why.

mod ticks;

use futures_lite::stream;
use serde_json::json;
use std::{
    fmt::Display,
    time::{SystemTime, UNIX_EPOCH},
};
use ticks::Ticks;
use wstd::{
    http::{Body, Error, Method, Request, Response, StatusCode},
    task,
};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    if request.method() != Method::GET {
        let refusal = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).header("allow", "GET");
        return Ok(refusal.body(Body::empty())?);
    }
    match request.uri().path() {
        "/" => json(StatusCode::OK, &now()),
        "/ticks" => match Ticks::from_query(request.uri().query().unwrap_or_default()) {
            Ok(ticks) => events(ticks),
            Err(error) => json(StatusCode::BAD_REQUEST, &problem(error)),
        },
        _ => json(StatusCode::NOT_FOUND, &problem("there are / and /ticks")),
    }
}

fn now() -> serde_json::Value {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({ "unix_ms": since.as_millis() as u64 })
}

fn problem(error: impl Display) -> serde_json::Value {
    json!({ "error": error.to_string() })
}

fn json(status: StatusCode, value: &serde_json::Value) -> Result<Response<Body>, Error> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Ok(answer.body(format!("{value}\n").into())?)
}

/// Each event is sent when it is due: the body is asked for the next one when the caller has got the last.
fn events(ticks: Ticks) -> Result<Response<Body>, Error> {
    let body = stream::unfold(0, move |sent| async move {
        if sent == ticks.count {
            return None;
        }
        if sent > 0 {
            task::sleep(ticks.every.into()).await;
        }
        Some((format!("id: {sent}\ndata: {}\n\n", now()), sent + 1))
    });
    let answer = Response::builder().header("content-type", "text/event-stream").header("cache-control", "no-store");
    Ok(answer.body(Body::from_stream(body))?)
}
