//! What a function wrote, over the message bus.

use crate::{
    args::LogsArgs,
    error::CliError,
    session::{self, Session},
    time,
};
use grid_client::{Bus, BusError};
use grid_types::bus::{LogLine, Logs, FUNCTION_LOGS};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Between two questions while following.
const PAUSE: Duration = Duration::from_secs(1);
/// The same while the node does not answer them.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// How far back a question reaches before the newest line, milliseconds: lines may be written a little after their time.
const OVERLAP: u64 = 2_000;

pub async fn run(session: &Session, args: LogsArgs) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let contract = session::contract(&view, args.contract).await?;
    let node = session::node(&view, contract.node_id).await?;
    let bus = me.bus(&chain, &node).await?;
    let since = args.since.map(|seconds| now().saturating_sub(seconds.saturating_mul(1_000)));
    let mut request = Logs { contract_id: args.contract, name: args.name, tail: args.tail, since };
    if !args.follow {
        print(session, &ask(&bus, &request).await?);
        return Ok(());
    }
    let mut lines = match request.tail {
        Some(0) => Vec::new(),
        _ => ask(&bus, &request).await?,
    };
    print(session, &lines);
    // What was left out is not to be shown later: the last line tells where that ends.
    if lines.is_empty() && (request.tail.is_some() || request.since.is_some()) {
        (request.tail, request.since) = (Some(1), None);
        lines = ask(&bus, &request).await?;
    }
    follow(session, &bus, Followed::from(request, lines)).await
}

/// Shows what comes until interrupted. A node that is away for a while ends nothing.
async fn follow(session: &Session, bus: &Bus, mut followed: Followed) -> Result<(), CliError> {
    let (mut pause, mut told) = (PAUSE, false);
    loop {
        tokio::time::sleep(pause).await;
        match ask(bus, &followed.request).await {
            Ok(lines) => {
                print(session, &followed.take(lines));
                (pause, told) = (PAUSE, false);
            },
            Err(error) if error.retryable() => {
                if !told {
                    session.out.note(format!("{error}; trying again"));
                }
                (pause, told) = (LONG_PAUSE, true);
            },
            Err(error) => return Err(error.into()),
        }
    }
}

async fn ask(bus: &Bus, request: &Logs) -> Result<Vec<LogLine>, BusError> {
    bus.call(FUNCTION_LOGS, request).await
}

/// A log that is followed: what to ask next, and what is known of that answer. Times are those of the lines, as the node's
/// clock need not be this machine's.
struct Followed {
    request: Logs,
    shown: Vec<LogLine>,
}

impl Followed {
    /// From the first answer on.
    fn from(request: Logs, lines: Vec<LogLine>) -> Self {
        let mut followed = Self { request: Logs { tail: None, since: None, ..request }, shown: Vec::new() };
        followed.keep(lines);
        followed
    }

    /// What is new in an answer.
    fn take(&mut self, lines: Vec<LogLine>) -> Vec<LogLine> {
        let new = unseen(&self.shown, &lines);
        self.keep(lines);
        new
    }

    fn keep(&mut self, lines: Vec<LogLine>) {
        if lines.is_empty() {
            return;
        }
        let newest = lines.iter().filter_map(|line| time::millis(&line.timestamp)).max();
        self.request.since = newest.map(|newest| newest.saturating_sub(OVERLAP)).or(self.request.since);
        self.shown = lines;
    }
}

/// The lines of an answer that the one before did not have, each as often as it is there more often. What stands before all
/// that was shown is older, and was left out on purpose.
fn unseen(shown: &[LogLine], lines: &[LogLine]) -> Vec<LogLine> {
    let first = lines.iter().position(|line| shown.first() == Some(line)).unwrap_or(0);
    let mut shown: Vec<_> = shown.iter().collect();
    let new = lines[first..].iter().filter(|line| match shown.iter().position(|before| before == line) {
        Some(at) => {
            shown.swap_remove(at);
            false
        },
        None => true,
    });
    new.cloned().collect()
}

fn print(session: &Session, lines: &[LogLine]) {
    for line in lines {
        match session.out.json {
            true => session.out.bytes(format!("{}\n", json!(line)).as_bytes()),
            false => session.out.bytes(format!("{} {}\n", line.timestamp, line.text).as_bytes()),
        }
    }
}

/// Unix milliseconds.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<LogLine> {
        let line = |text: &&str| LogLine { timestamp: String::new(), instance: String::new(), text: (*text).into() };
        texts.iter().map(line).collect()
    }

    #[test]
    fn a_line_is_shown_once_even_if_two_answers_hold_it() {
        let case = |shown: &[&str], now: &[&str], new: &[&str]| {
            assert_eq!(unseen(&lines(shown), &lines(now)), lines(new));
        };
        case(&[], &["a"], &["a"]);
        case(&["a", "b"], &["b", "c"], &["c"]);
        case(&["a", "b"], &["a", "b"], &[]);
        case(&["a"], &["b"], &["b"]);
        case(&["a", "b"], &[], &[]);
    }

    #[test]
    fn the_same_line_again_is_another_line() {
        assert_eq!(unseen(&lines(&["a"]), &lines(&["a", "a"])), lines(&["a"]));
        assert_eq!(unseen(&lines(&["a", "b"]), &lines(&["a", "b", "a", "b"])), lines(&["a", "b"]));
    }

    #[test]
    fn a_line_that_comes_late_is_shown_alone() {
        assert_eq!(unseen(&lines(&["a", "c"]), &lines(&["a", "b", "c"])), lines(&["b"]));
    }

    #[test]
    fn what_is_older_than_the_tail_stays_unshown() {
        assert_eq!(unseen(&lines(&["c"]), &lines(&["a", "b", "c", "d"])), lines(&["d"]));
    }

    #[test]
    fn questions_go_by_the_times_of_the_lines() {
        let request = Logs { contract_id: 1, name: "stats".into(), tail: Some(1), since: None };
        let at =
            |second: u32| LogLine { timestamp: format!("1970-01-01T00:00:{second:02}Z"), ..lines(&["a"])[0].clone() };
        let mut followed = Followed::from(request, Vec::new());
        assert_eq!((followed.request.tail, followed.request.since), (None, None), "there was no line: all are new");
        assert_eq!(followed.take(vec![at(10), at(20)]).len(), 2);
        assert_eq!(followed.request.since, Some(20_000 - OVERLAP));
        assert_eq!(followed.take(vec![at(20), at(21)]), [at(21)]);
        assert_eq!(followed.take(Vec::new()), []);
        assert_eq!(followed.request.since, Some(21_000 - OVERLAP));
    }
}
