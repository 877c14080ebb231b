//! Memory: who may take how much of it.

use super::usage::Meter;
use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc,
};
use wasmtime::ResourceLimiter;

/// Elements of one table; a table element is a pointer.
const TABLE_ELEMENTS: usize = 20_000;

/// Bytes that several instances share: a function has one, whose parent is the gateway's.
///
/// That the instances of a function share its limit is what a container's limit means, and it keeps a function within
/// the memory that was reserved for it however many calls run at once.
pub(crate) struct Budget {
    limit: AtomicU64,
    used: AtomicU64,
    parent: Option<Arc<Budget>>,
}

impl Budget {
    pub fn new(limit: u64, parent: Option<Arc<Budget>>) -> Arc<Self> {
        Arc::new(Self { limit: AtomicU64::new(limit), used: AtomicU64::new(0), parent })
    }

    /// The most that may be used, in bytes.
    pub fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    /// What is used now, in bytes.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Changes the limit. What is already taken stays taken.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Takes `bytes` here and from the parents, or nothing at all.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let limit = self.limit();
        let more = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= limit);
        if self.used.fetch_update(Ordering::AcqRel, Ordering::Relaxed, more).is_err() {
            return false;
        }
        if self.parent.as_ref().is_some_and(|parent| !parent.take(bytes)) {
            self.used.fetch_sub(bytes, Ordering::AcqRel);
            return false;
        }
        true
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
        if let Some(parent) = &self.parent {
            parent.give_back(bytes);
        }
    }
}

/// Why memory was refused to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It alone wanted more than the function's limit.
    TooMuch,
    /// The function's or the gateway's other instances hold what it wanted.
    Busy,
}

/// Answers one instance's wishes for memory and keeps its meter.
pub(super) struct Limiter {
    budget: Arc<Budget>,
    held: u64,
    last: u64,
    pub(super) refusal: Option<Refusal>,
    meter: Arc<Meter>,
}

impl Limiter {
    pub fn new(budget: Arc<Budget>, meter: Arc<Meter>) -> Self {
        Self { budget, held: 0, last: 0, refusal: None, meter }
    }

    fn hold(&mut self, bytes: u64) {
        self.held = bytes;
        self.meter.set_memory(bytes);
    }
}

impl ResourceLimiter for Limiter {
    // `false` makes `memory.grow` answer -1, which a program may survive; if it does not, `refusal` tells why it died.
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false); // the module's own maximum, not ours
        }
        let (current, desired) = (current as u64, desired as u64);
        if desired > self.budget.limit() {
            self.refusal = Some(Refusal::TooMuch);
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        if !self.budget.take(more) {
            self.refusal = Some(Refusal::Busy);
            return Ok(false);
        }
        self.last = more;
        self.hold(self.held + more);
        Ok(true)
    }

    // Called when what was allowed did not happen after all.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        let last = std::mem::take(&mut self.last);
        self.budget.give_back(last);
        self.hold(self.held - last);
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS && maximum.is_none_or(|maximum| desired <= maximum))
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.meter.set_memory(0);
        self.budget.give_back(self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::usage::Usage;

    fn limiter(budget: &Arc<Budget>) -> Limiter {
        Limiter::new(budget.clone(), Meter::start(Usage::new()))
    }

    fn grow(limiter: &mut Limiter, from: usize, to: usize) -> bool {
        limiter.memory_growing(from, to, None).expect("the limiter has no errors")
    }

    #[test]
    fn an_instance_may_take_its_limit_and_no_more() {
        let budget = Budget::new(100, None);
        let mut one = limiter(&budget);
        assert!(grow(&mut one, 0, 100));
        assert!(!grow(&mut one, 100, 101));
        assert_eq!(one.refusal, Some(Refusal::TooMuch));
    }

    #[test]
    fn instances_share_and_give_back() {
        let budget = Budget::new(100, None);
        let mut one = limiter(&budget);
        let mut two = limiter(&budget);
        assert!(grow(&mut one, 0, 60));
        assert!(!grow(&mut two, 0, 60));
        assert_eq!(two.refusal, Some(Refusal::Busy));
        drop(one);
        assert!(grow(&mut two, 0, 60));
        drop(two);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_parent_that_refuses_leaves_the_child_unchanged() {
        let parent = Budget::new(50, None);
        let child = Budget::new(100, Some(parent.clone()));
        assert!(!grow(&mut limiter(&child), 0, 60));
        assert_eq!(child.used.load(Ordering::Relaxed), 0);
        assert_eq!(parent.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn growth_that_failed_is_given_back() {
        let budget = Budget::new(100, None);
        let mut one = limiter(&budget);
        assert!(grow(&mut one, 0, 40));
        assert!(grow(&mut one, 40, 80));
        one.memory_grow_failed(wasmtime::Error::msg("no memory")).expect("the limiter has no errors");
        assert_eq!(budget.used.load(Ordering::Relaxed), 40);
    }

    #[test]
    fn a_modules_own_maximum_is_not_our_refusal() {
        let budget = Budget::new(100, None);
        let mut one = limiter(&budget);
        assert!(!one.memory_growing(0, 60, Some(50)).expect("the limiter has no errors"));
        assert_eq!(one.refusal, None);
    }
}
