//! The last lines that a function wrote to its standard error, kept in memory.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

/// Lines kept for a function.
const MAX_LINES: usize = 1000;
/// Longer lines are cut, in bytes.
const MAX_LINE_BYTES: usize = 4 << 10;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub at: SystemTime,
    pub call_id: String,
    pub text: String,
}

/// A bounded list: the oldest lines go first.
#[derive(Default)]
pub(crate) struct LogRing(Mutex<VecDeque<Line>>);

impl LogRing {
    /// Adds each line of `text`.
    pub fn add(&self, call_id: &str, text: &str) {
        let at = SystemTime::now();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for line in text.lines() {
            if lines.len() == MAX_LINES {
                lines.pop_front();
            }
            let text = line[..line.floor_char_boundary(MAX_LINE_BYTES)].to_owned();
            lines.push_back(Line { at, call_id: call_id.to_owned(), text });
        }
    }

    /// The lines written since then, oldest first, at most the last `tail` of them.
    pub fn read(&self, since: Option<SystemTime>, tail: Option<usize>) -> Vec<Line> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent: Vec<&Line> = lines.iter().filter(|line| since.is_none_or(|since| line.at >= since)).collect();
        let skip = tail.map_or(0, |tail| recent.len().saturating_sub(tail));
        recent.into_iter().skip(skip).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_go_first() {
        let ring = LogRing::default();
        for number in 0..=MAX_LINES {
            ring.add("call", &format!("{number}\n"));
        }
        let lines = ring.read(None, None);
        assert_eq!(lines.len(), MAX_LINES);
        assert_eq!(lines[0].text, "1");
    }

    #[test]
    fn tail_takes_the_last() {
        let ring = LogRing::default();
        ring.add("call", "a\nb\nc");
        let texts: Vec<String> = ring.read(None, Some(2)).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["b", "c"]);
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let ring = LogRing::default();
        ring.add("call", &"ä".repeat(MAX_LINE_BYTES));
        assert_eq!(ring.read(None, None)[0].text.len(), MAX_LINE_BYTES);
    }
}
