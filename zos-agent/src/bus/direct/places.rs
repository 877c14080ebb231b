//! Places for strangers with large messages: so many in all, and so few for one address that a slow sender or two do not keep
//! all others waiting.

use super::super::limits::neighbourhood;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{ready, Context, Poll},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::PollSemaphore;

/// Strangers that may send large messages at once.
pub(super) const PLACES: usize = 8;
/// Of these, strangers of one address.
const PLACES_EACH: usize = 2;

/// The places for strangers with large messages.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    own: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl Places {
    /// All are free.
    pub fn free() -> Self {
        Self::so_many(PLACES)
    }

    pub(super) fn so_many(places: usize) -> Self {
        let [all, own] = [(); 2].map(|()| Arc::new(Semaphore::new(places)));
        Self { all, own, each: Arc::default() }
    }

    /// A line for whoever comes from this address.
    pub fn line(&self, address: IpAddr) -> Line {
        Line { all: PollSemaphore::new(Arc::clone(&self.all)), each: PollSemaphore::new(self.of(address)), one: None }
    }

    /// How many are free.
    #[cfg(test)]
    pub fn left(&self) -> usize {
        self.all.available_permits()
    }

    /// Takes one of all.
    #[cfg(test)]
    pub fn take(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.all).try_acquire_owned().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Those of an address, which it shares with nobody. A proxy that stands on this machine speaks for all.
    fn of(&self, address: IpAddr) -> Arc<Semaphore> {
        if address.to_canonical().is_loopback() {
            return Arc::clone(&self.own);
        }
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.retain(|_, places| places.strong_count() > 0);
        let whose = neighbourhood(address);
        if let Some(places) = each.get(&whose).and_then(Weak::upgrade) {
            return places;
        }
        let places = Arc::new(Semaphore::new(PLACES_EACH));
        each.insert(whose, Arc::downgrade(&places));
        places
    }
}

/// Where one connection waits for a place.
pub struct Line {
    all: PollSemaphore,
    each: PollSemaphore,
    /// First one of its address.
    one: Option<OwnedSemaphorePermit>,
}

/// A place that is taken until this is dropped.
pub struct Place {
    _all: OwnedSemaphorePermit,
    _one: OwnedSemaphorePermit,
}

impl Line {
    /// Ready when a place is taken. The semaphores are never closed: `None` does not come.
    pub fn poll_place(&mut self, context: &mut Context<'_>) -> Poll<Option<Place>> {
        if self.one.is_none() {
            self.one = ready!(self.each.poll_acquire(context));
        }
        let all = ready!(self.all.poll_acquire(context));
        Poll::Ready(all.zip(self.one.take()).map(|(all, one)| Place { _all: all, _one: one }))
    }

    /// Goes to the end of the line, so that a place that becomes free is another's.
    pub fn leave(&mut self) {
        // A clone waits for nothing yet.
        (self.all, self.each, self.one) = (self.all.clone(), self.each.clone(), None);
    }
}
