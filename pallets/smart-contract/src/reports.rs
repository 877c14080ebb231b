//! Batches of consumption reports: the hot path. A report reads and writes one billing record; everything else is once per
//! batch.

use frame_support::{
    pallet_prelude::{BoundedVec, ConstU32, DispatchResultWithPostInfo, Get, Pays},
    weights::Weight,
};
use grid_types::units::Report;
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::{
        charge,
        escrow::{drawable, drawn, Levels},
        window,
    },
    types::{
        Balance, Bill, BillingRecord, ContractId, ContractState, EndCause, Parameters, Refusal, Seconds, StallList,
    },
    BillingOf, Config, Error, Event, FreeReports, NextContractId, Pallet, Rules, Stalls, TotalEscrow, WeightInfo,
    MAX_REPORTS,
};

/// What is the same for all reports of a batch.
struct Batch {
    node_id: u32,
    now: Seconds,
    rules: Parameters,
    stalls: StallList,
    next_contract_id: ContractId,
}

/// What a batch came to.
#[derive(Default)]
struct Tally {
    /// Taken out of escrow, base units.
    charged: Balance,
    /// Drawn into escrow, base units.
    refilled: Balance,
    /// Accepted reports.
    accepted: u32,
    /// Accepted reports that covered enough new time to be free.
    free: u32,
    /// A refused report was the agent's fault.
    fault: bool,
    /// Contracts that were refilled from the owner's account.
    refills: u32,
    /// Contracts that could not be, and were paused or marked to end.
    unfunded: u32,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_add_reports(
        agent: T::AccountId,
        reports: &BoundedVec<Report, ConstU32<MAX_REPORTS>>,
    ) -> DispatchResultWithPostInfo {
        let node_id = Registry::<T>::node_of_agent(&agent).ok_or(Error::<T>::NotAnAgent)?;
        let batch = Batch {
            node_id,
            now: Self::now(),
            rules: Rules::<T>::get(),
            stalls: Stalls::<T>::get(),
            next_contract_id: NextContractId::<T>::get(),
        };
        let mut tally = Tally::default();
        for report in reports {
            Self::take_report(&batch, report, &mut tally);
        }
        TotalEscrow::<T>::mutate(|total| {
            *total = total.saturating_add(tally.refilled).saturating_sub(tally.charged);
        });
        if tally.accepted > 0 {
            Registry::<T>::mark_seen(node_id, batch.now);
        }
        Self::pay_revenue(node_id, Self::payout_of_node(node_id)?, tally.charged, batch.now);
        let weight = Self::weight_of(u32::try_from(reports.len()).unwrap_or(MAX_REPORTS), &tally);
        Ok((Some(weight), Self::fee_for(reports.len(), &tally, weight)).into())
    }

    /// One report: accepted or refused by itself, never an error for the batch.
    fn take_report(batch: &Batch, report: &Report, tally: &mut Tally) {
        let contract_id = report.contract_id;
        let mut record = match Self::acceptable(batch, report) {
            Ok(record) => record,
            Err(reason) => {
                tally.fault |= reason.is_fault();
                let timestamp = report.timestamp;
                Self::deposit_event(Event::ReportRefused { contract_id, timestamp, reason });
                return;
            },
        };
        let newly_covered = report.timestamp.saturating_sub(record.reported_until);
        let bill = Self::bill_report(batch, report, &mut record);
        tally.charged = tally.charged.saturating_add(charge::debit(&mut record, &bill));
        tally.accepted = tally.accepted.saturating_add(1);
        tally.free = tally.free.saturating_add(u32::from(newly_covered >= batch.rules.min_free_window));
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
        Self::refill(batch, contract_id, &mut record, tally);
        BillingOf::<T>::insert(contract_id, record);
    }

    /// Whether the report may be charged at all.
    fn acceptable(batch: &Batch, report: &Report) -> Result<BillingRecord<T::AccountId>, Refusal> {
        let Some(record) = BillingOf::<T>::get(report.contract_id) else {
            let existed = report.contract_id > 0 && report.contract_id < batch.next_contract_id;
            return Err(if existed { Refusal::Ended } else { Refusal::UnknownContract });
        };
        if record.node_id != batch.node_id {
            return Err(Refusal::ForeignContract);
        }
        match record.state {
            ContractState::Deployed => {},
            ContractState::Ending { .. } => return Err(Refusal::Ended),
            ContractState::Created | ContractState::Grace { .. } => return Err(Refusal::NotDeployed),
        }
        if report.timestamp > batch.now {
            return Err(Refusal::InTheFuture);
        }
        if report.window == 0 || report.window > batch.rules.max_window {
            return Err(Refusal::InvalidWindow);
        }
        Ok(record)
    }

    fn bill_report(batch: &Batch, report: &Report, record: &mut BillingRecord<T::AccountId>) -> Bill {
        let window = window::reported(
            &batch.rules,
            &batch.stalls,
            batch.now,
            record.paid_until,
            report.timestamp,
            report.window,
        );
        record.paid_until = record.paid_until.max(report.timestamp);
        charge::report(record, &batch.rules, &window, report)
    }

    /// Rule 7: under `low`, draws from the owner; still under `low`, the contract is out of funds.
    fn refill(batch: &Batch, contract_id: ContractId, record: &mut BillingRecord<T::AccountId>, tally: &mut Tally) {
        let levels = Levels::of_record(&batch.rules, record);
        if record.escrow >= levels.low {
            return;
        }
        let wanted = drawable(levels.high, record.escrow, Self::spendable(&record.payer), &record.refill, batch.now);
        let amount = if wanted > 0 && Self::draw(&record.payer, wanted).is_ok() { wanted } else { 0 };
        record.escrow = record.escrow.saturating_add(amount);
        record.refill = drawn(&record.refill, amount, batch.now);
        if amount > 0 {
            Self::deposit_event(Event::ContractFunded { contract_id, from: record.payer.clone(), amount });
        }
        tally.refilled = tally.refilled.saturating_add(amount);
        if record.escrow >= levels.low {
            tally.refills = tally.refills.saturating_add(1);
        } else {
            tally.unfunded = tally.unfunded.saturating_add(1);
            Self::deposit_event(Event::ContractOutOfFunds { contract_id });
            Self::run_out(batch, contract_id, record, tally);
        }
    }

    /// Out of funds: with a cushion the past is closed and the contract paused, without one the agenda ends it.
    fn run_out(batch: &Batch, contract_id: ContractId, record: &mut BillingRecord<T::AccountId>, tally: &mut Tally) {
        if record.cushion == 0 {
            Self::mark_ending(contract_id, record, EndCause::OutOfFunds, batch.now);
            return;
        }
        let taken = Self::close_past(contract_id, record, &batch.rules, &batch.stalls, batch.now);
        tally.charged = tally.charged.saturating_add(taken);
        Self::pause(contract_id, record, &batch.rules, batch.now);
    }

    /// What the batch really took: most reports only charge. Never more than was declared, however the measured parts add up.
    fn weight_of(items: u32, tally: &Tally) -> Weight {
        let charging = <T as Config>::WeightInfo::add_reports;
        let above = |dearer: fn(u32) -> Weight, items: u32| match items {
            0 => Weight::zero(),
            items => dearer(items).saturating_sub(charging(items)),
        };
        let refills = above(<T as Config>::WeightInfo::add_reports_refilling, tally.refills);
        let unfunded = above(<T as Config>::WeightInfo::add_reports_unfunded, tally.unfunded);
        let declared = <T as Config>::WeightInfo::add_reports_unfunded(items);
        charging(items).saturating_add(refills).saturating_add(unfunded).min(declared)
    }

    /// Rule 12. What makes a report free is the time since the newest report before it, not the length of its window: repeats
    /// are not free, so the number of free batches is bounded by time. Nor is it the time that is charged: an update right
    /// before each report, which settles it, does not make the agent pay.
    fn fee_for(items: usize, tally: &Tally, weight: Weight) -> Pays {
        let free = usize::try_from(tally.free).unwrap_or(0);
        if tally.fault || free == 0 || free.saturating_mul(2) < items {
            return Pays::Yes;
        }
        if Self::take_free_weight(weight) {
            Pays::No
        } else {
            Pays::Yes
        }
    }

    fn take_free_weight(weight: Weight) -> bool {
        let block = frame_system::Pallet::<T>::block_number();
        let (counted, used) = FreeReports::<T>::get();
        let used = if counted == block { used } else { 0 };
        let used = used.saturating_add(weight.ref_time());
        if used > T::FreeReportWeight::get().ref_time() {
            return false;
        }
        FreeReports::<T>::put((block, used));
        true
    }
}
