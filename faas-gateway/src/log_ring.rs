//! The last lines that a function wrote to its standard error, kept in memory.
//!
//! Readers that follow hold a place, not a queue: who reads slower than a function writes finds that lines have gone, is
//! told how many, and goes on. So no reader costs memory and none holds a function up.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};
use tokio::sync::watch;

/// Lines kept for a function, and their texts together in bytes.
const MAX_LINES: usize = 1000;
const MAX_BYTES: usize = 256 << 10;
/// Longer lines are cut, in bytes.
const MAX_LINE_BYTES: usize = 4 << 10;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub at: SystemTime,
    pub call_id: String,
    pub text: String,
}

/// What a reader got.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// Lines that were gone before they could be read.
    pub missed: u64,
    /// Oldest first.
    pub lines: Vec<Line>,
    /// Where to go on.
    pub next: u64,
}

/// A bounded list: the oldest lines go first.
pub(crate) struct LogRing {
    lines: Mutex<Kept>,
    /// The number of the next line, for those who wait for it.
    written: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<Line>,
    bytes: usize,
    /// The number of the first line of `lines`.
    first: u64,
}

impl Default for LogRing {
    fn default() -> Self {
        Self { lines: Mutex::default(), written: watch::channel(0).0 }
    }
}

impl Kept {
    fn next(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    fn push(&mut self, line: Line) {
        self.bytes += line.text.len();
        self.lines.push_back(line);
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.text.len();
            self.first += 1;
        }
    }
}

impl LogRing {
    /// Adds each line of `text`, which may be a blank one.
    pub fn add(&self, call_id: &str, text: &str) {
        let at = SystemTime::now();
        let mut kept = self.lock();
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let text = line[..line.floor_char_boundary(MAX_LINE_BYTES)].to_owned();
            kept.push(Line { at, call_id: call_id.to_owned(), text });
        }
        self.written.send_replace(kept.next());
    }

    /// The lines that are there and satisfy the condition, at most the last `tail` of them.
    pub fn read(&self, wanted: impl Fn(&Line) -> bool, tail: Option<usize>) -> Lines {
        let kept = self.lock();
        let lines: Vec<&Line> = kept.lines.iter().filter(|line| wanted(line)).collect();
        let skip = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        Lines { missed: 0, lines: lines.into_iter().skip(skip).cloned().collect(), next: kept.next() }
    }

    /// The lines from number `next` on.
    pub fn read_from(&self, next: u64, wanted: impl Fn(&Line) -> bool) -> Lines {
        let kept = self.lock();
        let missed = kept.first.saturating_sub(next);
        let skip = usize::try_from(next.saturating_sub(kept.first)).unwrap_or(usize::MAX);
        let lines = kept.lines.iter().skip(skip).filter(|line| wanted(line)).cloned().collect();
        Lines { missed, lines, next: kept.next() }
    }

    /// Changes with every line that is added.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &Lines) -> Vec<&str> {
        lines.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let ring = LogRing::default();
        for number in 0..=MAX_LINES {
            ring.add("call", &format!("{number}\n"));
        }
        let read = ring.read(|_| true, None);
        assert_eq!(read.lines.len(), MAX_LINES);
        assert_eq!(read.lines[0].text, "1");
    }

    #[test]
    fn long_lines_leave_room_for_few() {
        let ring = LogRing::default();
        for _ in 0..MAX_LINES {
            ring.add("call", &"x".repeat(MAX_LINE_BYTES));
        }
        assert_eq!(ring.read(|_| true, None).lines.len(), MAX_BYTES / MAX_LINE_BYTES);
    }

    #[test]
    fn tail_takes_the_last_of_what_is_wanted() {
        let ring = LogRing::default();
        ring.add("one", "a\nb\nc");
        ring.add("two", "d");
        assert_eq!(texts(&ring.read(|line| line.call_id == "one", Some(2))), ["b", "c"]);
    }

    #[test]
    fn a_blank_line_is_a_line() {
        let ring = LogRing::default();
        ring.add("call", "a\r\n\nb\n");
        ring.add("call", "");
        assert_eq!(texts(&ring.read(|_| true, None)), ["a", "", "b", ""]);
    }

    #[test]
    fn a_follower_gets_each_line_once() {
        let ring = LogRing::default();
        ring.add("call", "a");
        let first = ring.read(|_| true, None);
        ring.add("call", "b\nc");
        let second = ring.read_from(first.next, |_| true);
        assert_eq!((texts(&second), second.missed), (vec!["b", "c"], 0));
        assert!(ring.read_from(second.next, |_| true).lines.is_empty());
    }

    #[test]
    fn a_slow_follower_is_told_what_it_missed() {
        let ring = LogRing::default();
        let start = ring.read(|_| true, None).next;
        for number in 0..MAX_LINES + 7 {
            ring.add("call", &number.to_string());
        }
        let read = ring.read_from(start, |_| true);
        assert_eq!((read.missed, read.lines.len(), read.lines[0].text.as_str()), (7, MAX_LINES, "7"));
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let ring = LogRing::default();
        ring.add("call", &"ä".repeat(MAX_LINE_BYTES));
        assert_eq!(ring.read(|_| true, None).lines[0].text.len(), MAX_LINE_BYTES);
    }
}
