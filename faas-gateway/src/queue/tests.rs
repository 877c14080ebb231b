//! The queue with its disk.

use super::*;
use std::collections::BTreeSet;

fn item(name: &str, callback: bool) -> Item {
    let header = axum::http::HeaderValue::from_static("a value of some length");
    let headers = Headers::from(&[(axum::http::header::ACCEPT, header)].into_iter().collect());
    let answer = Answer { status: 200, headers: headers.clone(), seconds: "0.1".into() };
    Item {
        namespace: "n".into(),
        name: name.into(),
        created_at: 1,
        uri: name.into(),
        headers,
        call_id: "id".into(),
        callback: None,
        queued_at: 0,
        due: 0,
        stage: if callback { Stage::Callback { attempts: 1, answer } } else { Stage::Call { attempts: 0 } },
    }
}

/// A queue whose writer runs.
fn opened(folder: &Path) -> (Arc<Queue>, tokio::task::JoinHandle<()>, CancellationToken) {
    let (queue, writer) = Queue::open(folder, &AsyncLimits::default()).expect("a database");
    let stop = CancellationToken::new();
    (queue, tokio::spawn(writer.run(stop.clone())), stop)
}

#[tokio::test]
async fn a_start_counts_what_was_counted_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (queue, writer, stop) = opened(folder.path());
    for name in ["a", "b"] {
        queue.add(&item(name, false), Bytes::from_static(b"body")).await.expect("room");
    }
    let turn = queue.turn().await;
    queue
        .answered(turn, &item("a", true), Bytes::from_static(b"answer"), || panic!("there is room"))
        .await
        .expect("kept");
    let before = queue.depth().held;
    assert!(before.bytes > 2 * 100, "heads count too: {before:?}");
    stop.cancel();
    writer.await.expect("it ends");
    drop(queue);
    let (queue, _writer, _stop) = opened(folder.path());
    assert_eq!(queue.depth().held, before);
    let (first, second) = (queue.turn().await, queue.turn().await);
    assert!(first.callback && !second.callback, "each is as far as it was");
    let functions: BTreeSet<&str> = [&first, &second].map(|turn| turn.function.as_str()).into();
    assert_eq!(functions, ["a.n", "b.n"].into());
}

#[tokio::test]
async fn a_delivery_that_panics_gives_its_turn_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (queue, _writer, stop) = opened(folder.path());
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let deliver = move |turn: Turn| {
        let _ = sender.send(());
        async move { panic!("at {}", turn.number) }
    };
    queue.add(&item("a", false), Bytes::new()).await.expect("room");
    let running = tokio::spawn(run(queue.clone(), TaskTracker::new(), stop.clone(), deliver));
    receiver.recv().await.expect("its turn");
    let given_back = async {
        while queue.depth().calls_running > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), given_back).await.expect("the place is free again");
    stop.cancel();
    running.await.expect("it stops");
}
