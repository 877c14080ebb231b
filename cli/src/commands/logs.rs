//! What a function wrote, over the message bus.

use crate::{
    args::LogsArgs,
    error::CliError,
    session::{self, Session},
};
use grid_client::Bus;
use grid_types::bus::{LogLine, Logs, FUNCTION_LOGS};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Between two questions while following.
const PAUSE: Duration = Duration::from_secs(1);
/// How far back a question reaches beyond the one before, milliseconds: lines may be written a little after their time.
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
    let asked = now();
    let mut shown = ask(&bus, &request).await?;
    print(session, &shown);
    request.tail = None;
    request.since = Some(asked);
    if !args.follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        let asked = now();
        request.since = request.since.map(|since| since.saturating_sub(OVERLAP));
        let lines = ask(&bus, &request).await?;
        print(session, unseen(&shown, &lines));
        (shown, request.since) = (lines, Some(asked));
    }
}

async fn ask(bus: &Bus, request: &Logs) -> Result<Vec<LogLine>, CliError> {
    Ok(bus.call(FUNCTION_LOGS, request).await?)
}

/// What comes after that which both have: the longest end of the first that the second begins with, or has inside.
fn unseen<'a>(shown: &[LogLine], lines: &'a [LogLine]) -> &'a [LogLine] {
    let Some(last) = shown.last() else { return lines };
    let same = |index: &usize| {
        let (mut before, mut now) = (shown.iter().rev(), lines[..=*index].iter().rev());
        std::iter::from_fn(|| Some((before.next()?, now.next()?))).all(|(before, now)| before == now)
    };
    let ends = lines.iter().enumerate().filter(|(_, line)| *line == last).map(|(index, _)| index);
    ends.rev().find(same).map_or(lines, |index| &lines[index + 1..])
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
        let case = |shown: &[&str], now: &[&str], unseen_from: usize| {
            let (shown, now) = (lines(shown), lines(now));
            assert_eq!(unseen(&shown, &now), &now[unseen_from..]);
        };
        case(&[], &["a"], 0);
        case(&["a", "b"], &["b", "c"], 1);
        case(&["a", "b"], &["a", "b"], 2);
        case(&["a"], &["b"], 0);
        case(&["x", "a"], &["a", "a"], 1);
        case(&["a", "b"], &[], 0);
    }
}
