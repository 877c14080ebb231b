//! A closed loop: each connection sends its next request when the last one is answered.

use anyhow::{bail, Context as _};
use futures::future::try_join_all;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What was sent and how long the answers took.
pub struct Report {
    /// Sorted.
    times: Vec<Duration>,
    took: Duration,
}

impl Report {
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    /// `part` of 1.
    pub fn quantile(&self, part: f64) -> Duration {
        let index = ((self.times.len() as f64 * part) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(index).copied().unwrap_or_default()
    }
}

/// Sends `body` to a path until the time is over. Every answer must be a 200 with the body that was sent.
pub async fn run(address: &str, path: &str, connections: usize, body: &str, time: Duration) -> anyhow::Result<Report> {
    let began = Instant::now();
    let loops = (0..connections).map(|_| one(address, path, body, began + time));
    let mut times = try_join_all(loops).await?.concat();
    times.sort_unstable();
    Ok(Report { times, took: began.elapsed() })
}

async fn one(address: &str, path: &str, body: &str, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let request = request(path, body);
    let mut times = Vec::with_capacity(1 << 16);
    while Instant::now() < until {
        let began = Instant::now();
        connection.call(&request, body).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

pub fn request(path: &str, body: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request whose answer is expected to be a 200 with this body.
    pub async fn call(&mut self, request: &[u8], body: &str) -> anyhow::Result<()> {
        let (head, got) = self.exchange(request).await?;
        anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "not a good answer: {head}");
        anyhow::ensure!(got.windows(body.len().max(1)).any(|bytes| bytes == body.as_bytes()), "another body: {got:?}");
        Ok(())
    }

    /// Sends a request; gives the status of whatever the answer is.
    pub async fn status_of(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        let (head, _) = self.exchange(request).await?;
        Ok(head.split(' ').nth(1).context("no status")?.parse()?)
    }

    /// Gives the head of the answer, and its body as it was sent.
    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(&str, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
            if let Some(head) = whole(&self.buffer)? {
                break head;
            }
        };
        let (head, body) = self.buffer.split_at(head);
        Ok((text(head)?, body))
    }
}

/// The length of the head, if the answer is all there.
fn whole(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = answer.split_at(end + 4);
    let whole = match length(text(head)?) {
        Some(length) => body.len() >= length,
        None => body.ends_with(b"0\r\n\r\n"),
    };
    Ok(whole.then_some(head.len()))
}

fn text(head: &[u8]) -> anyhow::Result<&str> {
    std::str::from_utf8(head).context("a head that is no text")
}

fn length(head: &str) -> Option<usize> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-length:"))?;
    line.split(':').nth(1)?.trim().parse().ok()
}
