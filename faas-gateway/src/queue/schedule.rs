//! Whose turn it is. Pure: time is a number that comes in, items are numbers.
//!
//! **Properties.** *Fair*: functions take turns, however much one has waiting. *Bounded*: never more than `total` run, nor
//! more than `each` of one function. *Live*: an item whose time has come runs as soon as there is room. Within a function
//! items go by their time, then by age; one that waits for a retry holds up no other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Items of many functions that wait for their turn. `K` names a function.
pub(super) struct Schedule<K> {
    total: usize,
    each: usize,
    running: usize,
    functions: BTreeMap<K, Line>,
    /// The functions with something waiting, the next one first.
    turns: VecDeque<K>,
}

#[derive(Default)]
struct Line {
    /// Time it is due, in milliseconds, and number.
    waiting: BTreeSet<(u64, u64)>,
    running: usize,
}

impl<K: Ord + Clone> Schedule<K> {
    pub fn new(total: usize, each: usize) -> Self {
        Self { total, each, running: 0, functions: BTreeMap::new(), turns: VecDeque::new() }
    }

    /// Adds an item.
    pub fn add(&mut self, function: &K, item: u64, due: u64) {
        let line = self.functions.entry(function.clone()).or_default();
        if line.waiting.is_empty() {
            self.turns.push_back(function.clone());
        }
        line.waiting.insert((due, item));
    }

    /// The item that shall run now, if one may. It counts as running until [`Schedule::ended`].
    pub fn next(&mut self, now: u64) -> Option<(K, u64)> {
        if self.running >= self.total {
            return None;
        }
        for _ in 0..self.turns.len() {
            let function = self.turns.pop_front()?;
            let line = self.functions.get_mut(&function)?;
            let ready = line.waiting.first().copied().filter(|(due, _)| *due <= now && line.running < self.each);
            if let Some(item) = ready {
                line.waiting.remove(&item);
                line.running += 1;
                self.running += 1;
            }
            if !line.waiting.is_empty() {
                self.turns.push_back(function.clone());
            }
            if let Some((_, item)) = ready {
                return Some((function, item));
            }
        }
        None
    }

    /// An item of this function has ended, well or not.
    pub fn ended(&mut self, function: &K) {
        self.running = self.running.saturating_sub(1);
        if let Some(line) = self.functions.get_mut(function) {
            line.running = line.running.saturating_sub(1);
            if line.running == 0 && line.waiting.is_empty() {
                self.functions.remove(function);
            }
        }
    }

    /// When something becomes due that is not yet.
    pub fn next_due(&self, now: u64) -> Option<u64> {
        let first = self.functions.values().filter_map(|line| line.waiting.first());
        first.map(|(due, _)| *due).filter(|due| *due > now).min()
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(schedule: &mut Schedule<&'static str>, now: u64) -> Vec<(&'static str, u64)> {
        std::iter::from_fn(|| schedule.next(now)).collect()
    }

    #[test]
    fn functions_take_turns_however_much_one_has_waiting() {
        let mut schedule = Schedule::new(100, 100);
        (0..4).for_each(|item| schedule.add(&"much", item, 0));
        schedule.add(&"little", 10, 0);
        assert_eq!(order(&mut schedule, 0)[..3], [("much", 0), ("little", 10), ("much", 1)]);
    }

    #[test]
    fn never_more_run_than_may() {
        let mut schedule = Schedule::new(3, 2);
        (0..10).for_each(|item| schedule.add(&"a", item, 0));
        (10..20).for_each(|item| schedule.add(&"b", item, 0));
        assert_eq!(order(&mut schedule, 0), [("a", 0), ("b", 10), ("a", 1)]);
        schedule.ended(&"b");
        assert_eq!(order(&mut schedule, 0), [("b", 11)]);
        schedule.ended(&"a");
        schedule.ended(&"a");
        assert_eq!(order(&mut schedule, 0), [("a", 2), ("b", 12)]);
    }

    #[test]
    fn one_function_at_its_bound_leaves_room_for_others() {
        let mut schedule = Schedule::new(10, 1);
        (0..5).for_each(|item| schedule.add(&"a", item, 0));
        schedule.add(&"b", 5, 0);
        assert_eq!(order(&mut schedule, 0), [("a", 0), ("b", 5)]);
    }

    #[test]
    fn what_waits_for_its_time_holds_up_nothing() {
        let mut schedule = Schedule::new(10, 10);
        schedule.add(&"a", 0, 50);
        schedule.add(&"a", 1, 0);
        assert_eq!(order(&mut schedule, 10), [("a", 1)]);
        assert_eq!(schedule.next_due(10), Some(50));
        assert_eq!(order(&mut schedule, 50), [("a", 0)]);
        assert_eq!(schedule.next_due(50), None);
    }

    #[test]
    fn nothing_is_kept_of_a_function_without_items() {
        let mut schedule = Schedule::new(10, 10);
        schedule.add(&"a", 0, 0);
        order(&mut schedule, 0);
        schedule.ended(&"a");
        assert!(schedule.functions.is_empty() && schedule.turns.is_empty() && schedule.running() == 0);
    }

    #[test]
    fn every_item_runs_once_in_any_order_of_events() {
        let mut schedule = Schedule::new(3, 2);
        let mut running = VecDeque::new();
        let mut seen = BTreeSet::new();
        // A fixed walk through additions, turns and ends.
        let mut state = 12345_u64;
        for item in 0..500 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            schedule.add(&((state >> 33) % 7), item, (state >> 40) % 100);
            while let Some((function, item)) = schedule.next(state % 100) {
                assert!(seen.insert(item));
                running.push_back(function);
            }
            if !(state >> 20).is_multiple_of(3) {
                running.pop_front().into_iter().for_each(|function| schedule.ended(&function));
            }
            assert!(running.len() <= 3);
        }
        for _ in 0..2000 {
            running.pop_front().into_iter().for_each(|function| schedule.ended(&function));
            while let Some((function, item)) = schedule.next(100) {
                assert!(seen.insert(item));
                running.push_back(function);
            }
        }
        assert_eq!(seen.len(), 500);
    }
}
