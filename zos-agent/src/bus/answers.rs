//! Answers that may have been lost on their way: whoever sends the very same message again gets the very same answer, and
//! nothing is done twice.
//!
//! Kept in memory for commands that change something, until the message has expired; while such a command is carried out,
//! that is known too. Bounded by [`ROOM`], of which each twin has a quarter; the oldest go first. What is not there any more (or
//! not after a restart) is `replayed`, and can be sent anew with a new id: all commands but calls of functions change nothing
//! when they are done again.

use grid_types::{
    bus::{self, Code, Failure, MessageId},
    deployment::Digest,
};
use std::{
    collections::{hash_map::Entry, BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Bytes of all answers together, and of those to one twin.
const ROOM: usize = 16 << 20;
const ROOM_EACH: usize = ROOM / 4;
/// What an answer weighs beside its payload, bytes.
const OVERHEAD: usize = 256;

/// What was answered.
pub type Outcome = Result<Vec<u8>, Failure>;

/// Remembers answers.
#[derive(Default)]
pub struct Answers {
    memory: Mutex<Memory>,
}

/// Names a message: its sender, and the id that this one gave it.
type Key = (u32, MessageId);

#[derive(Default)]
struct Memory {
    answers: HashMap<Key, Answer>,
    order: BTreeMap<u64, Key>,
    next: u64,
    bytes: usize,
    each: HashMap<u32, Part>,
    carried_out: HashMap<Key, Digest>,
}

/// What one twin has of it.
#[derive(Default)]
struct Part {
    bytes: usize,
    order: BTreeSet<u64>,
}

/// A command that is carried out, until this is dropped.
pub struct InFlight<'a> {
    answers: &'a Answers,
    key: Key,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.answers.locked().carried_out.remove(&self.key);
    }
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
    /// Marks a command as being carried out; refused while it is already. Of another message with the same id nothing is said
    /// here: that is no repetition.
    pub fn begin(&self, key: (u32, MessageId), content: Digest) -> Result<Option<InFlight<'_>>, Failure> {
        match self.locked().carried_out.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(content);
                Ok(Some(InFlight { answers: self, key }))
            },
            Entry::Occupied(entry) if *entry.get() == content => {
                let message = "it is still being carried out; send the same message again for its answer";
                Err(Failure::new(Code::NotReady, message))
            },
            Entry::Occupied(_) => Ok(None),
        }
    }

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
    pub fn keep(&self, key: (u32, MessageId), content: Digest, outcome: &Outcome, deadline: u64, now: u64) {
        let size = weight(outcome);
        if size > ROOM_EACH || deadline <= now {
            return;
        }
        let mut memory = self.locked();
        memory.forget(&key);
        memory.make_room(key.0, size, now);
        memory.insert(key, Answer { number: 0, content, outcome: outcome.clone(), deadline });
    }

    fn locked(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// Forgets what has expired, then the twin's own oldest while it has too much, then the oldest of all.
    fn make_room(&mut self, source: u32, size: usize, now: u64) {
        while let Some(oldest) = self.order.first_key_value().map(|(_, key)| *key) {
            if self.answers.get(&oldest).is_some_and(|answer| answer.deadline > now) {
                break;
            }
            self.forget(&oldest);
        }
        while let Some(number) =
            self.each.get(&source).filter(|part| part.bytes + size > ROOM_EACH).and_then(Part::oldest)
        {
            self.forget_numbered(number);
        }
        while self.bytes + size > ROOM {
            let Some(number) = self.order.first_key_value().map(|(number, _)| *number) else { return };
            self.forget_numbered(number);
        }
    }

    fn insert(&mut self, key: Key, answer: Answer) {
        let (number, size) = (self.next, weight(&answer.outcome));
        self.next += 1;
        self.bytes += size;
        self.order.insert(number, key);
        let part = self.each.entry(key.0).or_default();
        part.bytes += size;
        part.order.insert(number);
        self.answers.insert(key, Answer { number, ..answer });
    }

    fn forget_numbered(&mut self, number: u64) {
        if let Some(key) = self.order.get(&number).copied() {
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &Key) {
        let Some(answer) = self.answers.remove(key) else { return };
        let size = weight(&answer.outcome);
        self.bytes = self.bytes.saturating_sub(size);
        self.order.remove(&answer.number);
        if let Some(part) = self.each.get_mut(&key.0) {
            part.bytes = part.bytes.saturating_sub(size);
            part.order.remove(&answer.number);
            if part.order.is_empty() {
                self.each.remove(&key.0);
            }
        }
    }
}

impl Part {
    fn oldest(&self) -> Option<u64> {
        self.order.first().copied()
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
        for twin in 0..8 {
            answers.keep((twin, id(0)), content(), &outcome, 200, 100);
            assert!(answers.locked().bytes <= ROOM);
        }
        assert_eq!(answers.find(0, id(0), &content()), None);
        assert!(answers.find(7, id(0), &content()).is_some());
        answers.keep((1, id(9)), content(), &Ok(vec![0; ROOM]), 200, 100);
        assert_eq!(answers.find(1, id(9), &content()), None);
    }

    #[test]
    fn one_twin_with_many_answers_forgets_its_own() {
        let answers = Answers::default();
        answers.keep((2, id(0)), content(), &Ok(b"done".to_vec()), 200, 100);
        let outcome = Ok(vec![0; ROOM / 20]);
        for number in 0..100 {
            answers.keep((1, id(number)), content(), &outcome, 200, 100);
        }
        assert!(answers.find(2, id(0), &content()).is_some());
        assert_eq!(answers.find(1, id(95), &content()), None);
        assert!(answers.find(1, id(96), &content()).is_some());
        assert!(answers.locked().bytes <= ROOM / 3);
    }

    #[test]
    fn a_command_that_is_carried_out_is_told_from_one_that_was_heard() {
        let answers = Answers::default();
        let first = answers.begin((1, id(1)), content()).unwrap();
        assert!(first.is_some());
        assert_eq!(answers.begin((1, id(1)), content()).err().unwrap().code, Code::NotReady);
        assert!(answers.begin((1, id(1)), Digest::of(b"other")).unwrap().is_none());
        drop(first);
        assert!(answers.begin((1, id(1)), content()).unwrap().is_some());
        assert!(answers.locked().carried_out.is_empty());
    }

    #[test]
    fn an_answer_that_is_kept_again_takes_no_more_room() {
        let answers = Answers::default();
        for _ in 0..3 {
            answers.keep((1, id(1)), content(), &Ok(Vec::new()), 200, 100);
        }
        let memory = answers.locked();
        assert_eq!((memory.answers.len(), memory.order.len(), memory.bytes), (1, 1, OVERHEAD));
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
