//! The chain's time, and time in which it stood still.

use frame_support::traits::OnTimestampSet;

use crate::{
    billing::window::Window,
    types::{Seconds, Stall},
    Clock, Config, Event, Pallet, Rules, Stalls,
};

impl<T: Config> Pallet<T> {
    /// The time of this block, Unix seconds: the clock that the agenda needs anyway, so that calls read one value for both.
    pub(crate) fn now() -> Seconds {
        Clock::<T>::get().last_block
    }

    /// `now` on the clock of deadlines: it stands still while the chain does.
    pub(crate) fn agenda_time(now: Seconds) -> Seconds {
        Clock::<T>::get().agenda_time(now)
    }

    /// The Unix time at which the clock of deadlines shows `time`, if the chain does not stand still until then.
    pub(crate) fn calendar_time(time: Seconds) -> Seconds {
        time.saturating_add(Clock::<T>::get().stalled)
    }

    /// Reads: Rules, Clock; writes: Clock. With a stall, Stalls too.
    fn note_block_time(now: Seconds) {
        let mut clock = Clock::<T>::get();
        let last = core::mem::replace(&mut clock.last_block, now);
        let rules = Rules::<T>::get();
        let gap = now.saturating_sub(last);
        let stalled = last > 0 && gap > rules.stall_gap;
        if stalled {
            clock.stalled = clock.stalled.saturating_add(gap);
            Self::note_stall(Stall { from: last, until: now }, rules.stall_memory());
        }
        Clock::<T>::put(clock);
    }

    /// Remembers a stall for so many seconds in which the chain runs: what may be charged is counted in those.
    fn note_stall(stall: Stall, memory: Seconds) {
        Stalls::<T>::mutate(|stalls| {
            let known = stalls.clone();
            stalls.retain(|old| Window::outside(&known, old.until, stall.from).seconds <= memory);
            if stalls.is_full() {
                // The oldest two become one: the time between them counts as still, in the users' favour.
                let oldest = stalls.remove(0);
                if let Some(next) = stalls.get_mut(0) {
                    next.from = oldest.from;
                }
            }
            // Cannot fail: there is room now.
            let _ = stalls.try_push(stall);
        });
        Self::deposit_event(Event::ChainStalled { stall });
    }
}

/// Called by the timestamp inherent, before any transaction of the block.
impl<T: Config> OnTimestampSet<u64> for Pallet<T> {
    fn on_timestamp_set(milliseconds: u64) {
        Self::note_block_time(milliseconds / 1_000);
    }
}
