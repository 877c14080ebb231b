//! How much may wait. Pure.

use crate::config::AsyncLimits;
use std::collections::{BTreeMap, HashMap};

/// What waits, in all and of each function.
pub(super) struct Room {
    most: Held,
    all: Held,
    functions: BTreeMap<String, Held>,
    /// What each item holds, by its number.
    items: HashMap<u64, u64>,
}

/// Items and the bytes that are kept of them: heads and bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub items: u64,
    pub bytes: u64,
}

impl Held {
    fn plus(self, bytes: u64) -> Self {
        Self { items: self.items + 1, bytes: self.bytes.saturating_add(bytes) }
    }

    fn less(self, bytes: u64) -> Self {
        Self { items: self.items.saturating_sub(1), bytes: self.bytes.saturating_sub(bytes) }
    }

    fn fits(self, most: Self) -> bool {
        self.items <= most.items && self.bytes <= most.bytes
    }
}

impl Room {
    pub fn new(limits: &AsyncLimits) -> Self {
        let most = Held { items: limits.items, bytes: limits.bytes };
        Self { most, all: Held::default(), functions: BTreeMap::new(), items: HashMap::new() }
    }

    /// Takes a place, if there is one. No function may have more than half of the queue: others shall find room.
    pub fn take(&mut self, function: &str, item: u64, bytes: u64) -> bool {
        let fits = self.fits(self.of(function).plus(bytes), self.all.plus(bytes));
        if fits {
            self.hold(function, item, bytes);
        }
        fits
    }

    /// Changes what an item holds. Less is always accepted, more if it fits.
    pub fn exchange(&mut self, function: &str, item: u64, bytes: u64) -> bool {
        let held = self.items.get(&item).copied().unwrap_or_default();
        let exchanged = |all: Held| all.less(held).plus(bytes);
        let fits = bytes <= held || self.fits(exchanged(self.of(function)), exchanged(self.all));
        if fits {
            self.insist(function, item, bytes);
        }
        fits
    }

    /// Changes what an item holds whether or not it fits: for what is short.
    pub fn insist(&mut self, function: &str, item: u64, bytes: u64) {
        self.give_back(function, item);
        self.hold(function, item, bytes);
    }

    fn of(&self, function: &str) -> Held {
        self.functions.get(function).copied().unwrap_or_default()
    }

    fn fits(&self, own: Held, all: Held) -> bool {
        let half = Held { items: self.most.items.div_ceil(2), bytes: self.most.bytes.div_ceil(2) };
        own.fits(half) && all.fits(self.most)
    }

    /// Counts what is there whether or not it fits.
    pub fn hold(&mut self, function: &str, item: u64, bytes: u64) {
        self.items.insert(item, bytes);
        self.all = self.all.plus(bytes);
        let own = self.functions.entry(function.to_owned()).or_default();
        *own = own.plus(bytes);
    }

    /// Gives a place back.
    pub fn give_back(&mut self, function: &str, item: u64) {
        let Some(bytes) = self.items.remove(&item) else { return };
        self.all = self.all.less(bytes);
        let own = self.of(function).less(bytes);
        if own.items == 0 {
            self.functions.remove(function);
        } else {
            self.functions.insert(function.to_owned(), own);
        }
    }

    pub fn held(&self) -> Held {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(items: u64, bytes: u64) -> Room {
        Room::new(&AsyncLimits { items, bytes, ..AsyncLimits::default() })
    }

    #[test]
    fn one_function_takes_at_most_half() {
        let mut room = room(4, 1000);
        assert!(room.take("a", 1, 0) && room.take("a", 2, 0));
        assert!(!room.take("a", 3, 0));
        assert!(room.take("b", 3, 0) && room.take("c", 4, 0));
        assert!(!room.take("d", 5, 0), "all together");
    }

    #[test]
    fn bytes_count_too() {
        let mut room = room(100, 1000);
        assert!(!room.take("a", 1, 501));
        assert!(room.take("a", 1, 500) && !room.take("a", 2, 1));
        assert!(room.take("b", 2, 500) && !room.take("c", 3, 1));
    }

    #[test]
    fn what_goes_makes_room_and_leaves_nothing() {
        let mut room = room(2, 100);
        assert!(room.take("a", 1, 50) && !room.take("a", 2, 1));
        room.give_back("a", 1);
        assert_eq!((room.held(), room.functions.len(), room.items.len()), (Held::default(), 0, 0));
        assert!(room.take("a", 2, 50));
    }

    #[test]
    fn an_item_grows_only_into_room_that_there_is() {
        let mut room = room(10, 1000);
        assert!(room.take("a", 1, 100) && room.take("a", 2, 100));
        assert!(!room.exchange("a", 1, 401), "half is the function's");
        assert!(room.exchange("a", 1, 400));
        assert!(room.take("b", 3, 500) && !room.exchange("b", 3, 501), "all together");
        assert!(room.exchange("a", 1, 10));
        assert_eq!(room.held(), Held { items: 3, bytes: 610 });
    }

    #[test]
    fn what_is_too_much_since_the_limits_changed_may_become_less() {
        let mut room = room(1, 100);
        (0..4).for_each(|item| room.hold("a", item, 300));
        assert!(room.exchange("a", 0, 299) && !room.exchange("a", 0, 300));
        assert_eq!(room.held(), Held { items: 4, bytes: 1199 });
    }
}
