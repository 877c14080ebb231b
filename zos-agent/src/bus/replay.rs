//! Every message is acted on once: ids are remembered until the message has expired, across restarts too.
//!
//! The file is a journal of fixed records, written before a message is acted on; at start what has expired is left out.
//! It is not flushed to the disk for each message, so it outlives a kill of the process but the last moments may be lost
//! when the machine loses power; every command but a call of a function is idempotent.
//!
//! Bounded: [`PER_TWIN`] messages of one twin and [`TOTAL`] in all. Whoever has more that have not expired is told to wait. Beyond
//! half of all, only those are heard who have few, [`FEW`]: some twins that send much leave room for the others.

use grid_types::bus::{Code, Failure, MessageId};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Messages of one twin that are remembered.
pub const PER_TWIN: usize = 4_096;
/// Messages that are remembered in all.
pub const TOTAL: usize = 262_144;
/// Messages of one twin that are remembered when there are many in all.
pub const FEW: usize = PER_TWIN / 16;
/// So many in all are many.
const CROWDED: usize = TOTAL / 2;
/// Deadline, source, id.
const RECORD: usize = 8 + 4 + 16;
/// Records in the file beyond what is remembered before it is written anew.
const SLACK: usize = 16_384;

/// Remembers what was heard.
pub struct ReplayGuard {
    memory: Mutex<Memory>,
}

struct Memory {
    path: PathBuf,
    journal: File,
    written: usize,
    /// A record was written in part: what comes after it could not be told apart.
    torn: bool,
    seen: HashSet<(u32, MessageId)>,
    per_twin: HashMap<u32, usize>,
    deadlines: BTreeMap<u64, Vec<(u32, MessageId)>>,
}

impl ReplayGuard {
    /// Opens the journal, taking up what has not expired.
    pub fn open(path: &Path, now: u64) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut memory = Memory {
            path: path.to_owned(),
            journal: OpenOptions::new().create(true).append(true).open(path)?,
            written: 0,
            torn: false,
            seen: HashSet::new(),
            per_twin: HashMap::new(),
            deadlines: BTreeMap::new(),
        };
        // What a kill has left of a last record is no record.
        for record in bytes.chunks_exact(RECORD) {
            let (deadline, source, id) = decode(record);
            if deadline > now {
                memory.remember(source, id, deadline);
            }
        }
        memory.rewrite()?;
        Ok(Self { memory: Mutex::new(memory) })
    }

    /// Lets a message pass that was not heard before and is good until `deadline`.
    pub fn admit(&self, source: u32, id: MessageId, deadline: u64, now: u64) -> Result<(), Failure> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget_expired(now);
        if memory.seen.contains(&(source, id)) {
            return Err(Failure::new(Code::Replayed, format!("message {id} was heard before; send a new id")));
        }
        let most = match memory.seen.len() {
            TOTAL.. => 0,
            CROWDED.. => FEW,
            _ => PER_TWIN,
        };
        if memory.per_twin.get(&source).copied().unwrap_or_default() >= most {
            return Err(Failure::new(
                Code::RateLimited,
                format!("too many messages that have not expired (at most {most}); wait, or let them expire sooner"),
            ));
        }
        memory.note(source, id, deadline).map_err(|error| {
            tracing::error!(%error, "the journal of messages cannot be written");
            Failure::new(Code::Internal, "the node cannot take messages at the moment")
        })?;
        memory.remember(source, id, deadline);
        Ok(())
    }
}

impl Memory {
    fn remember(&mut self, source: u32, id: MessageId, deadline: u64) {
        if self.seen.insert((source, id)) {
            *self.per_twin.entry(source).or_default() += 1;
            self.deadlines.entry(deadline).or_default().push((source, id));
        }
    }

    fn forget_expired(&mut self, now: u64) {
        while let Some(first) = self.deadlines.first_entry().filter(|first| *first.key() <= now) {
            for (source, id) in first.remove() {
                self.seen.remove(&(source, id));
                let count = self.per_twin.entry(source).or_default();
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.per_twin.remove(&source);
                }
            }
        }
    }

    fn note(&mut self, source: u32, id: MessageId, deadline: u64) -> io::Result<()> {
        if self.torn || self.written > self.seen.len().saturating_add(SLACK) {
            self.rewrite()?;
        }
        let written = self.journal.write_all(&encode(source, id, deadline));
        self.torn = written.is_err();
        written?;
        self.written += 1;
        Ok(())
    }

    /// Replaces the journal by one of what is remembered.
    fn rewrite(&mut self) -> io::Result<()> {
        let records = self
            .deadlines
            .iter()
            .flat_map(|(deadline, messages)| messages.iter().flat_map(|(source, id)| encode(*source, *id, *deadline)));
        let draft = self.path.with_extension("new");
        fs::write(&draft, records.collect::<Vec<u8>>())?;
        fs::rename(&draft, &self.path)?;
        self.journal = OpenOptions::new().append(true).open(&self.path)?;
        (self.written, self.torn) = (self.seen.len(), false);
        Ok(())
    }
}

fn encode(source: u32, id: MessageId, deadline: u64) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..8].copy_from_slice(&deadline.to_le_bytes());
    record[8..12].copy_from_slice(&source.to_le_bytes());
    record[12..].copy_from_slice(&id.0);
    record
}

fn decode(record: &[u8]) -> (u64, u32, MessageId) {
    let (mut deadline, mut source, mut id) = ([0; 8], [0; 4], [0; 16]);
    deadline.copy_from_slice(&record[..8]);
    source.copy_from_slice(&record[8..12]);
    id.copy_from_slice(&record[12..RECORD]);
    (u64::from_le_bytes(deadline), u32::from_le_bytes(source), MessageId(id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn id(number: u32) -> MessageId {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_le_bytes());
        MessageId(id)
    }

    fn guard(folder: &tempfile::TempDir, now: u64) -> ReplayGuard {
        ReplayGuard::open(&folder.path().join("replay"), now).unwrap()
    }

    fn refusal(outcome: Result<(), Failure>) -> Code {
        outcome.unwrap_err().code
    }

    #[test]
    fn a_message_passes_once() {
        let folder = tempfile::tempdir().unwrap();
        let guard = guard(&folder, 100);
        guard.admit(1, id(1), 200, 100).unwrap();
        assert_eq!(refusal(guard.admit(1, id(1), 200, 101)), Code::Replayed);
        guard.admit(2, id(1), 200, 101).unwrap();
    }

    #[test]
    fn a_message_is_remembered_over_a_restart_until_it_has_expired() {
        let folder = tempfile::tempdir().unwrap();
        guard(&folder, 100).admit(1, id(1), 200, 100).unwrap();
        assert_eq!(refusal(guard(&folder, 150).admit(1, id(1), 200, 150)), Code::Replayed);
        guard(&folder, 200).admit(1, id(1), 300, 200).unwrap();
    }

    #[test]
    fn half_a_record_at_the_end_of_the_journal_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        guard(&folder, 100).admit(1, id(1), 200, 100).unwrap();
        let path = folder.path().join("replay");
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend([1, 2, 3]);
        fs::write(&path, bytes).unwrap();
        guard(&folder, 101).admit(1, id(2), 200, 101).unwrap();
        let guard = guard(&folder, 102);
        assert_eq!(refusal(guard.admit(1, id(1), 200, 102)), Code::Replayed);
        assert_eq!(refusal(guard.admit(1, id(2), 200, 102)), Code::Replayed);
    }

    #[test]
    fn a_record_that_was_written_in_part_does_no_harm_to_those_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replay");
        let broken = guard(&folder, 100);
        broken.admit(1, id(1), 200, 100).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&[9; 5]).unwrap();
        broken.memory.lock().unwrap().journal = File::open(&path).unwrap();
        assert_eq!(refusal(broken.admit(1, id(2), 200, 100)), Code::Internal);
        broken.admit(1, id(2), 200, 100).unwrap();
        let guard = guard(&folder, 101);
        for number in [1, 2] {
            assert_eq!(refusal(guard.admit(1, id(number), 200, 101)), Code::Replayed);
        }
    }

    #[test]
    fn one_twin_cannot_fill_the_memory_and_is_heard_again_later() {
        let folder = tempfile::tempdir().unwrap();
        let guard = guard(&folder, 100);
        for number in 0..PER_TWIN as u32 {
            guard.admit(1, id(number), 200, 100).unwrap();
        }
        assert_eq!(refusal(guard.admit(1, id(9_999), 200, 100)), Code::RateLimited);
        guard.admit(2, id(9_999), 200, 100).unwrap();
        guard.admit(1, id(9_999), 300, 200).unwrap();
    }

    #[test]
    fn some_twins_that_send_much_leave_room_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let guard = guard(&folder, 100);
        let send = |twin: u32, messages: usize| {
            (0..messages as u32).map(|number| guard.admit(twin, id(number), 200, 100)).filter(Result::is_ok).count()
        };
        for twin in 1..=(CROWDED / PER_TWIN) as u32 {
            assert_eq!(send(twin, PER_TWIN), PER_TWIN);
        }
        assert_eq!(send(1_000, PER_TWIN), FEW);
        assert_eq!(send(1_001, 10), 10);
    }
}
