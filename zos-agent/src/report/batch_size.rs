//! How many reports go into one transaction: as many as the operator allows, and fewer while blocks do not take so many.
//!
//! What fits depends on the length of the chain's slots and on its weights, which may change with the chain's next version; so it
//! is found out by trying.

/// The size of the next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize {
    now: usize,
    most: usize,
}

impl BatchSize {
    /// At most so many; one at least.
    pub fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { now: most, most }
    }

    /// Reports in the next batch, at most.
    pub const fn get(self) -> usize {
        self.now
    }

    /// The chain says that so many are too many: half of them are enough from now on. `false` if there are no fewer.
    pub fn too_many(&mut self, sent: usize) -> bool {
        self.most = self.most.min(half(sent));
        self.now = self.now.min(self.most);
        sent > 1
    }

    /// No block took so many, for whatever reason.
    pub fn expired(&mut self, sent: usize) {
        self.now = self.now.min(half(sent));
    }

    /// A batch was taken: a little more may be tried again.
    pub fn settled(&mut self) {
        self.now = self.now.saturating_add(self.now / 8 + 1).min(self.most);
    }
}

fn half(sent: usize) -> usize {
    (sent / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_halved_down_to_one_and_never_tried_again() {
        let mut size = BatchSize::new(500);
        let mut tried = Vec::new();
        while size.get() > 3 {
            tried.push(size.get());
            assert!(size.too_many(size.get()));
        }
        assert_eq!(tried, [500, 250, 125, 62, 31, 15, 7]);
        for _ in 0..100 {
            size.settled();
        }
        assert_eq!(size.get(), 3);
        let mut one = BatchSize::new(1);
        assert!(!one.too_many(1));
        assert_eq!(one.get(), 1);
    }

    #[test]
    fn what_expired_is_halved_and_grows_again_as_batches_are_taken() {
        let mut size = BatchSize::new(100);
        size.expired(100);
        size.expired(50);
        assert_eq!(size.get(), 25);
        size.settled();
        assert_eq!(size.get(), 29);
        for _ in 0..100 {
            size.settled();
        }
        assert_eq!(size.get(), 100);
    }

    #[test]
    fn a_small_batch_that_expired_says_nothing_for_larger_ones_that_were_refused() {
        let mut size = BatchSize::new(100);
        size.expired(3);
        assert_eq!(size.get(), 1);
        assert!(size.too_many(40));
        for _ in 0..100 {
            size.settled();
        }
        assert_eq!(size.get(), 20);
    }
}
