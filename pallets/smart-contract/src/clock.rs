//! The chain's time, and time in which it stood still.

use frame_support::traits::OnTimestampSet;

use crate::{
    types::{Seconds, Stall},
    Config, Event, LastBlockTime, Pallet, Rules, StalledTime, Stalls,
};

impl<T: Config> Pallet<T> {
    /// The clock of deadlines: it stands still while the chain does.
    pub(crate) fn agenda_time(now: Seconds) -> Seconds {
        now.saturating_sub(StalledTime::<T>::get())
    }

    /// The Unix time at which the clock of deadlines shows `time`, if the chain does not stand still until then.
    pub(crate) fn calendar_time(time: Seconds) -> Seconds {
        time.saturating_add(StalledTime::<T>::get())
    }

    /// Reads: Rules, LastBlockTime; writes: LastBlockTime. With a stall, two more of each.
    fn note_block_time(now: Seconds) {
        let last = LastBlockTime::<T>::get();
        LastBlockTime::<T>::put(now);
        let rules = Rules::<T>::get();
        if last == 0 || now.saturating_sub(last) <= rules.stall_gap {
            return;
        }
        let stall = Stall { from: last, until: now };
        StalledTime::<T>::mutate(|time| *time = time.saturating_add(now.saturating_sub(last)));
        Stalls::<T>::mutate(|stalls| {
            // Nothing older than MaxReportDelay is ever charged, so older stalls need not be known.
            let oldest = now.saturating_sub(rules.max_report_delay);
            stalls.retain(|stall| stall.until > oldest);
            if stalls.is_full() {
                stalls.remove(0);
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
