//! What the node says about a deployment: the beginning of billing.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::{charge, window},
    types::{BillingRecord, ContractId, ContractState, DeploymentOutcome, Seconds},
    BillingOf, Config, ContractOf, Contracts, Error, Event, Pallet, Rules, Stalls,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_report_deployment(
        agent: T::AccountId,
        contract_id: ContractId,
        version: u32,
        outcome: DeploymentOutcome,
    ) -> DispatchResult {
        let mut contract = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        // By the index: whom a node names is its agent only when he has accepted.
        ensure!(Registry::<T>::node_of_agent(&agent) == Some(contract.node_id), Error::<T>::NotTheNodesAgent);
        ensure!(contract.state.runs(), Error::<T>::WrongState);
        ensure!(version == contract.version, Error::<T>::VersionMismatch);
        ensure!(contract.deployed_version != Some(version), Error::<T>::AlreadyReported);
        ensure!(!Self::is_too_late(&record), Error::<T>::TooLateToDeploy);
        match &outcome {
            DeploymentOutcome::Deployed => Self::note_deployed(&mut contract, &mut record),
            DeploymentOutcome::Failed(_) => {
                ensure!(!record.failed, Error::<T>::AlreadyReported);
                record.failed = true;
            },
        }
        BillingOf::<T>::insert(contract_id, record);
        Contracts::<T>::insert(contract_id, contract);
        Self::deposit_event(Event::DeploymentReported { contract_id, version, outcome });
        Ok(())
    }

    /// Whether the time to deploy is over, although the agenda, which is late in full blocks, has not ended the contract yet. It
    /// began with the contract, and stands still while the chain does.
    fn is_too_late(record: &BillingRecord<T::AccountId>) -> bool {
        if record.state != ContractState::Created {
            return false;
        }
        let due = record.paid_until.saturating_add(Rules::<T>::get().create_timeout);
        Self::now() >= window::deadline(&Stalls::<T>::get(), record.paid_until, due)
    }

    fn note_deployed(contract: &mut ContractOf<T>, record: &mut BillingRecord<T::AccountId>) {
        contract.deployed_version = Some(contract.version);
        if contract.state == ContractState::Created {
            let now = Self::now();
            Self::charge_holding(contract.contract_id, record, now);
            Self::unfile(contract.contract_id, &mut record.agenda_tick);
            contract.state = ContractState::Deployed;
            record.state = ContractState::Deployed;
            record.paid_until = now;
            record.reported_until = now;
        }
        record.failed = false;
    }

    /// Rule 5: time in `Created` costs what holding costs, except while the node was dark, and nothing if it said that it
    /// cannot deploy.
    pub(crate) fn charge_holding(contract_id: ContractId, record: &mut BillingRecord<T::AccountId>, now: Seconds) {
        let held_since = core::mem::replace(&mut record.held_since, now);
        let dark_now = Registry::<T>::dark_seconds(record.node_id, now);
        let dark = dark_now.saturating_sub(core::mem::replace(&mut record.dark_before, dark_now));
        if record.failed {
            return;
        }
        let window = window::held(&Stalls::<T>::get(), held_since, now, dark);
        let bill = charge::holding(record, &Rules::<T>::get(), &window);
        let taken = charge::debit(record, &bill);
        Self::release_escrow(taken);
        Self::pay_holding(taken, now);
        Self::deposit_event(Event::ContractBilled { contract_id, bill });
    }
}
