//! What the chain does by itself at a known time: rule 10.
//!
//! # Properties
//!
//! * Filing never fails, and an entry is never before the cursor: none is lost.
//! * The cursor passes a tick only when it is empty.
//! * Work per block is bounded by weight; a fixed minimum is done in any block.
//! * An entry that fails is filed again, eight times, and then parked with an event: it cannot block others.

use frame_support::{
    pallet_prelude::DispatchResult,
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};

use grid_types::units::MAX_PUBLIC_IPS;

use crate::{
    types::{AgendaEntry, ContractId, EndCause, Seconds, Task},
    Agenda, BillingOf, Clock, Config, Event, NameContracts, Pallet, Rules, WeightInfo,
};

/// How often a failing entry is tried again.
const MAX_TRIES: u8 = 8;
/// How long after a failure, seconds.
pub(crate) const RETRY_AFTER: Seconds = 3_600;
/// Entries served in any block at least, however full it is and however many addresses they are about.
const MINIMUM: u32 = 1;
/// Empty ticks passed in any block, however full it is.
const MINIMUM_TICKS: u32 = 4;

impl<T: Config> Pallet<T> {
    /// Files `task` for `due`, Unix seconds, and notes the tick at `place`, the record's own. An entry that the contract
    /// had is replaced.
    pub(crate) fn file(contract_id: ContractId, place: &mut Option<u64>, task: Task, due: Seconds) {
        Self::unfile(contract_id, place);
        let tick = Self::tick_for(due);
        Agenda::<T>::insert(tick, contract_id, AgendaEntry { task, tries: 0 });
        *place = Some(tick);
    }

    /// Takes the contract's entry, if any, off the agenda.
    pub(crate) fn unfile(contract_id: ContractId, place: &mut Option<u64>) {
        if let Some(tick) = place.take() {
            Agenda::<T>::remove(tick, contract_id);
        }
    }

    /// In every block: one entry, however many addresses it is about, so that a full block cannot keep contracts alive. Of those
    /// with few, as many as weigh no more.
    pub(crate) fn serve_agenda_minimum() -> Weight {
        let entry = <T as Config>::WeightInfo::serve_agenda_entry(MAX_PUBLIC_IPS);
        let tick = <T as Config>::WeightInfo::serve_agenda_tick();
        let limit = <T as Config>::WeightInfo::serve_agenda_base()
            .saturating_add(entry.saturating_mul(u64::from(MINIMUM)))
            .saturating_add(tick.saturating_mul(u64::from(MINIMUM_TICKS)));
        Self::serve_agenda(limit)
    }

    /// Serves what is due within `limit`; returns what it took.
    pub(crate) fn serve_agenda(limit: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(limit);
        if meter.try_consume(<T as Config>::WeightInfo::serve_agenda_base()).is_err() {
            return Weight::zero();
        }
        let clock = Clock::<T>::get();
        if clock.last_block == 0 {
            return meter.consumed();
        }
        let now = clock.agenda_time(clock.last_block).checked_div(Rules::<T>::get().agenda_tick).unwrap_or(0);
        let mut cursor = clock.cursor.unwrap_or(now);
        while cursor <= now {
            if meter.try_consume(<T as Config>::WeightInfo::serve_agenda_tick()).is_err() {
                break;
            }
            let Some((contract_id, AgendaEntry { task, .. })) = Agenda::<T>::iter_prefix(cursor).next() else {
                if cursor == now {
                    break;
                }
                cursor = cursor.saturating_add(1);
                continue;
            };
            if meter.try_consume(Self::weight_of_task(contract_id, task)).is_err() {
                break;
            }
            // A failing entry is filed after the cursor: it must not come back to this tick, or the loop would not end.
            Self::move_cursor(cursor);
            Self::serve_entry(cursor, contract_id);
        }
        Self::move_cursor(cursor);
        meter.consumed()
    }

    /// What serving an entry takes at most.
    fn weight_of_task(contract_id: ContractId, task: Task) -> Weight {
        match task {
            Task::LeaseEnd => <T as Config>::WeightInfo::serve_agenda_lease(),
            Task::CreateTimeout | Task::End | Task::GraceEnd => {
                let public_ips = BillingOf::<T>::get(contract_id).map_or(0, |record| record.public_ips);
                <T as Config>::WeightInfo::serve_agenda_entry(public_ips)
            },
        }
    }

    fn move_cursor(cursor: u64) {
        let mut clock = Clock::<T>::get();
        if clock.cursor != Some(cursor) {
            clock.cursor = Some(cursor);
            Clock::<T>::put(clock);
        }
    }

    fn serve_entry(tick: u64, contract_id: ContractId) {
        let Some(entry) = Agenda::<T>::take(tick, contract_id) else { return };
        let Err(error) = with_storage_layer(|| Self::perform(contract_id, entry.task)) else { return };
        if entry.tries >= MAX_TRIES {
            Self::note_tick(contract_id, entry.task, None);
            Self::deposit_event(Event::AgendaParked { contract_id, error });
            return;
        }
        let again = Self::tick_for(Self::now().saturating_add(RETRY_AFTER));
        let tries = entry.tries.saturating_add(1);
        Agenda::<T>::insert(again, contract_id, AgendaEntry { task: entry.task, tries });
        Self::note_tick(contract_id, entry.task, Some(again));
        Self::deposit_event(Event::AgendaRetry { contract_id, error });
    }

    fn perform(contract_id: ContractId, task: Task) -> DispatchResult {
        Self::note_tick(contract_id, task, None);
        match task {
            Task::CreateTimeout => Self::end_contract(contract_id, EndCause::CreateTimeout),
            Task::GraceEnd => Self::end_contract(contract_id, EndCause::OutOfFunds),
            // It keeps the cause that it is ending with.
            Task::End => Self::end_contract(contract_id, EndCause::Governance),
            Task::LeaseEnd => Self::end_name_contract(contract_id, EndCause::LeaseOver),
        }
    }

    /// Notes in the record that `task` is about where the contract stands now.
    fn note_tick(contract_id: ContractId, task: Task, tick: Option<u64>) {
        let place = |place: Option<&mut Option<u64>>| {
            if let Some(place) = place {
                *place = tick;
            }
        };
        match task {
            Task::LeaseEnd => {
                NameContracts::<T>::mutate(contract_id, |name| place(name.as_mut().map(|name| &mut name.agenda_tick)));
            },
            Task::CreateTimeout | Task::End | Task::GraceEnd => {
                BillingOf::<T>::mutate(contract_id, |record| {
                    place(record.as_mut().map(|record| &mut record.agenda_tick));
                });
            },
        }
    }

    /// The tick for a deadline: rounded up, and never one that is being served or has passed.
    fn tick_for(due: Seconds) -> u64 {
        let length = Rules::<T>::get().agenda_tick.max(1);
        let clock = Clock::<T>::get();
        let tick = clock.agenda_time(due).div_ceil(length);
        tick.max(clock.cursor.map_or(0, |cursor| cursor.saturating_add(1)))
    }
}
