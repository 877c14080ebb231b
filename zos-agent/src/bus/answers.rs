//! Answers that may have been lost on their way: whoever sends the very same message again gets the very same answer, and
//! nothing is done twice.
//!
//! Kept in memory for commands that change something, until the message has expired. Bounded by [`ROOM`]; the oldest go
//! first. What is not there any more (or not after a restart) is `replayed`, and can be sent anew with a new id: all commands
//! but calls of functions change nothing when they are done again.

use grid_types::{
    bus::{self, Failure, MessageId},
    deployment::Digest,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Bytes of all answers together.
const ROOM: usize = 16 << 20;
/// What an answer weighs beside its payload, bytes.
const OVERHEAD: usize = 256;

/// What was answered.
pub type Outcome = Result<Vec<u8>, Failure>;

/// Remembers answers.
#[derive(Default)]
pub struct Answers {
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<(u32, MessageId), Answer>,
    order: BTreeMap<u64, (u32, MessageId)>,
    next: u64,
    bytes: usize,
}

struct Answer {
    number: u64,
    content: Digest,
    outcome: Outcome,
    deadline: u64,
}

/// Whether a command's answer is worth keeping.
pub fn changes_something(command: &str) -> bool {
    [bus::DEPLOYMENT_DEPLOY, bus::DEPLOYMENT_UPDATE, bus::MODULE_PUT, bus::FUNCTION_INVOKE].contains(&command)
}

impl Answers {
    /// What the same message was answered.
    pub fn find(&self, source: u32, id: MessageId, content: &Digest) -> Option<Outcome> {
        let memory = self.locked();
        memory
            .answers
            .get(&(source, id))
            .filter(|answer| answer.content == *content)
            .map(|answer| answer.outcome.clone())
    }

    /// Keeps an answer until `deadline`, Unix seconds.
    pub fn keep(&self, (source, id): (u32, MessageId), content: Digest, outcome: &Outcome, deadline: u64, now: u64) {
        let size = weight(outcome);
        if size > ROOM / 4 || deadline <= now {
            return;
        }
        let mut memory = self.locked();
        while let Some((number, key)) = memory.order.first_key_value().map(|(number, key)| (*number, *key)) {
            let expired = memory.answers.get(&key).is_none_or(|answer| answer.deadline <= now);
            if !expired && memory.bytes.saturating_add(size) <= ROOM {
                break;
            }
            memory.forget(number, &key);
        }
        let number = memory.next;
        memory.next += 1;
        memory.bytes += size;
        memory.order.insert(number, (source, id));
        let replaced =
            memory.answers.insert((source, id), Answer { number, content, outcome: outcome.clone(), deadline });
        if let Some(replaced) = replaced {
            memory.bytes = memory.bytes.saturating_sub(weight(&replaced.outcome));
            memory.order.remove(&replaced.number);
        }
    }

    fn locked(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn forget(&mut self, number: u64, key: &(u32, MessageId)) {
        self.order.remove(&number);
        if let Some(answer) = self.answers.remove(key) {
            self.bytes = self.bytes.saturating_sub(weight(&answer.outcome));
        }
    }
}

fn weight(outcome: &Outcome) -> usize {
    OVERHEAD + outcome.as_ref().map_or_else(|failure| failure.message.len(), Vec::len)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn id(number: u8) -> MessageId {
        MessageId([number; 16])
    }

    fn content() -> Digest {
        Digest::of(b"content")
    }

    #[test]
    fn the_same_message_has_the_same_answer() {
        let answers = Answers::default();
        answers.keep((1, id(1)), content(), &Ok(b"done".to_vec()), 200, 100);
        assert_eq!(answers.find(1, id(1), &content()), Some(Ok(b"done".to_vec())));
    }

    #[test]
    fn another_sender_another_id_or_other_content_has_none() {
        let answers = Answers::default();
        answers.keep((1, id(1)), content(), &Ok(b"done".to_vec()), 200, 100);
        assert_eq!(answers.find(2, id(1), &content()), None);
        assert_eq!(answers.find(1, id(2), &content()), None);
        assert_eq!(answers.find(1, id(1), &Digest::of(b"other")), None);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_go_first() {
        let answers = Answers::default();
        let outcome = Ok(vec![0; ROOM / 5]);
        for number in 0..8 {
            answers.keep((1, id(number)), content(), &outcome, 200, 100);
            assert!(answers.locked().bytes <= ROOM);
        }
        assert_eq!(answers.find(1, id(0), &content()), None);
        assert!(answers.find(1, id(7), &content()).is_some());
        answers.keep((1, id(9)), content(), &Ok(vec![0; ROOM]), 200, 100);
        assert_eq!(answers.find(1, id(9), &content()), None);
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let answers = Answers::default();
        answers.keep((1, id(1)), content(), &Ok(Vec::new()), 200, 100);
        answers.keep((1, id(2)), content(), &Ok(Vec::new()), 300, 250);
        let memory = answers.locked();
        assert_eq!((memory.answers.len(), memory.order.len(), memory.bytes), (1, 1, OVERHEAD));
    }
}
