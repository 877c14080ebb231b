//! Where callbacks go: a server that keeps what it gets and answers as it is told.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    Router,
};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A callback as it came.
#[derive(Clone, Debug)]
pub struct Got {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct Kept {
    got: Vec<Got>,
    answers: VecDeque<StatusCode>,
}

pub struct Hook {
    addr: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    serving: JoinHandle<()>,
}

impl Hook {
    pub async fn start() -> Self {
        Self::answering([]).await
    }

    /// Gives these answers first, then 200.
    pub async fn answering(answers: impl IntoIterator<Item = StatusCode>) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), answers).await
    }

    pub async fn at(addr: SocketAddr, answers: impl IntoIterator<Item = StatusCode>) -> Self {
        let kept = Arc::new(Mutex::new(Kept { got: Vec::new(), answers: answers.into_iter().collect() }));
        // Where one has just been, its socket may not be closed yet.
        let mut tries = 0;
        let listener = loop {
            tries += 1;
            match TcpListener::bind(addr).await {
                Ok(listener) => break listener,
                Err(error) if tries > 500 => panic!("{addr} does not become free: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        let addr = listener.local_addr().unwrap();
        let router = Router::new().fallback(keep).with_state(kept.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { addr, kept, serving }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.addr)
    }

    pub fn got(&self) -> Vec<Got> {
        self.kept.lock().unwrap().got.clone()
    }

    /// Waits until what came satisfies a condition.
    pub async fn until(&self, condition: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        for _ in 0..1500 {
            let got = self.got();
            if condition(&got) {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("what was waited for did not come: {:?}", self.got());
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn keep(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut kept = kept.lock().unwrap();
    kept.got.push(Got { headers, body });
    kept.answers.pop_front().unwrap_or(StatusCode::OK)
}
