//! How much may wait. Pure.

use crate::config::AsyncLimits;
use std::collections::BTreeMap;

/// What waits, in all and of each function.
pub(super) struct Room {
    most: Held,
    all: Held,
    functions: BTreeMap<String, Held>,
}

/// Items and the bytes of their bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub items: u64,
    pub bytes: u64,
}

impl Held {
    fn plus(self, bytes: u64) -> Self {
        Self { items: self.items + 1, bytes: self.bytes.saturating_add(bytes) }
    }

    fn fits(self, most: Self) -> bool {
        self.items <= most.items && self.bytes <= most.bytes
    }
}

impl Room {
    pub fn new(limits: &AsyncLimits) -> Self {
        let most = Held { items: limits.items, bytes: limits.bytes };
        Self { most, all: Held::default(), functions: BTreeMap::new() }
    }

    /// Takes a place, if there is one. No function may have more than half of the queue: others shall find room.
    pub fn take(&mut self, function: &str, bytes: u64) -> bool {
        let half = Held { items: self.most.items.div_ceil(2), bytes: self.most.bytes.div_ceil(2) };
        let own = self.functions.get(function).copied().unwrap_or_default().plus(bytes);
        let fits = own.fits(half) && self.all.plus(bytes).fits(self.most);
        if fits {
            self.hold(function, bytes);
        }
        fits
    }

    /// Counts what is there whether or not it fits.
    pub fn hold(&mut self, function: &str, bytes: u64) {
        self.all = self.all.plus(bytes);
        let own = self.functions.entry(function.to_owned()).or_default();
        *own = own.plus(bytes);
    }

    /// Gives a place back.
    pub fn give_back(&mut self, function: &str, bytes: u64) {
        let less = |held: &mut Held| {
            held.items = held.items.saturating_sub(1);
            held.bytes = held.bytes.saturating_sub(bytes);
            held.items == 0
        };
        less(&mut self.all);
        if self.functions.get_mut(function).is_some_and(less) {
            self.functions.remove(function);
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
        assert!(room.take("a", 0) && room.take("a", 0));
        assert!(!room.take("a", 0));
        assert!(room.take("b", 0) && room.take("c", 0));
        assert!(!room.take("d", 0), "all together");
    }

    #[test]
    fn bytes_count_too() {
        let mut room = room(100, 1000);
        assert!(!room.take("a", 501));
        assert!(room.take("a", 500) && !room.take("a", 1));
        assert!(room.take("b", 500) && !room.take("c", 1));
    }

    #[test]
    fn what_goes_makes_room_and_leaves_nothing() {
        let mut room = room(2, 100);
        assert!(room.take("a", 50) && !room.take("a", 1));
        room.give_back("a", 50);
        assert_eq!((room.held(), room.functions.len()), (Held::default(), 0));
        assert!(room.take("a", 50));
    }
}
