//! Servers to compare with. Each prints its address when it listens.

use axum::{body::Bytes, http::StatusCode, routing::post, Router};
use std::process::Stdio;
use tokio::{io::AsyncWriteExt as _, process::Command};

pub async fn serve(routes: Router) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}

/// Nothing but HTTP.
pub fn echo() -> Router {
    Router::new().route("/", post(|body: Bytes| async { body }))
}

/// A process for each request, its body on standard input, its answer from standard output: what the classic watchdog
/// does, without its gateway. It is not that watchdog, but a stand-in written for this bench.
pub fn process_per_request() -> Router {
    Router::new().route("/", post(|body: Bytes| async move { cat(&body).await.map_err(|_| StatusCode::BAD_GATEWAY) }))
}

async fn cat(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut process = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(body).await?;
    }
    Ok(process.wait_with_output().await?.stdout)
}
