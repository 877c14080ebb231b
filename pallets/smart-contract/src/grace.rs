//! The pause of a contract that is out of funds: rule 8.
//!
//! # Properties
//!
//! * Its end is known when it begins, escrow pays for all of it, and no gift moves it.
//! * Its time is charged once: held when it ends the contract, in full when the contract is resumed.
//! * Nothing draws from the owner in it unless he resumes.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::{charge, grace, grace::Pause, window::Window},
    types::{BillingRecord, ContractId, ContractState, Parameters, Seconds, Task},
    BillingOf, Config, Error, Event, Pallet, Rules, Stalls,
};

impl<T: Config> Pallet<T> {
    /// Begins grace. The past is closed: `paid_until` is now, and marks the begin.
    pub(crate) fn pause(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        rules: &Parameters,
        now: Seconds,
    ) {
        let until = now.saturating_add(grace::length(rules, record));
        record.dark_before = Registry::<T>::dark_seconds(record.node_id, now);
        Self::set_state(contract_id, record, ContractState::Grace { until });
        Self::file(contract_id, &mut record.agenda_tick, Task::GraceEnd, until);
        Self::deposit_event(Event::GraceStarted { contract_id, until });
    }

    pub(crate) fn do_resume(owner: T::AccountId, contract_id: ContractId) -> DispatchResult {
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(record.payer == owner, Error::<T>::NotTheOwner);
        let ContractState::Grace { until } = record.state else { return Err(Error::<T>::NotInGrace.into()) };
        Self::ensure_open(&record)?;
        let (now, rules) = (Self::now(), Rules::<T>::get());
        let pause = Self::pause_of(&record, until, now);
        ensure!(!pause.is_over(now), Error::<T>::GraceOver);
        let needed = pause.needed_to_resume(&rules, &record);
        Self::draw_at_least(contract_id, &mut record, needed, needed, now)?;
        Self::resume(contract_id, &mut record, &pause.window, now)?;
        BillingOf::<T>::insert(contract_id, record);
        Ok(())
    }

    /// After a gift: resumes a contract whose escrow now covers all that resuming takes.
    pub(crate) fn resume_if_covered(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        until: Seconds,
    ) -> DispatchResult {
        let (now, rules) = (Self::now(), Rules::<T>::get());
        let pause = Self::pause_of(record, until, now);
        ensure!(!pause.is_over(now), Error::<T>::GraceOver);
        if record.escrow < pause.needed_to_resume(&rules, record) {
            return Ok(());
        }
        Self::resume(contract_id, record, &pause.window, now)
    }

    /// Charges the pause in full and lets the contract run on.
    fn resume(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        window: &Window,
        now: Seconds,
    ) -> DispatchResult {
        let bill = charge::resumption(record, window);
        let taken = charge::debit(record, &bill);
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
        Self::earn(record.node_id, taken, now)?;
        Self::unfile(contract_id, &mut record.agenda_tick);
        Self::set_state(contract_id, record, ContractState::Deployed);
        record.paid_until = now;
        record.reported_until = now;
        Self::deposit_event(Event::ContractResumed { contract_id });
        Ok(())
    }

    /// The end of a contract in grace: what was held is the farmer's, except while the node was dark.
    pub(crate) fn charge_grace(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        until: Seconds,
        now: Seconds,
    ) -> DispatchResult {
        let rules = Rules::<T>::get();
        let pause = Self::pause_of(record, until, now);
        let bill = charge::holding(record, &rules, &pause.window);
        let taken = charge::debit(record, &bill);
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
        Self::earn(record.node_id, taken, now)
    }

    pub(crate) fn pause_of(record: &BillingRecord<T::AccountId>, until: Seconds, now: Seconds) -> Pause {
        let dark_until = |moment| Registry::<T>::dark_seconds(record.node_id, moment);
        Pause::at(&Stalls::<T>::get(), record, until, now, dark_until)
    }
}
