//! What a transaction did in its block, by the events there.

use crate::{
    connect::AtBlock,
    error::{ChainError, DispatchError, SubmitError},
    events::Event,
    records::{Bill, BlockRef, Refusal},
    runtime::api,
    Hash,
};
use grid_types::units::Report;
use subxt::{error::DispatchError as RuntimeError, metadata::ArcMetadata, SubstrateConfig};

/// The event that tells what became of root's call.
const SUDID: (&str, &str) = ("Sudo", "Sudid");
/// The event of a transaction that failed.
const FAILED: (&str, &str) = ("System", "ExtrinsicFailed");

/// A transaction that is in a block and did what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// The block.
    pub block: BlockRef,
    /// The transaction's hash.
    pub transaction: Hash,
    /// What it did, as far as the grid's pallets tell.
    pub events: Vec<Event>,
    /// What it cost, base units; none if it was free.
    pub fee: Option<u128>,
}

/// What became of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOutcome {
    /// Accepted and charged.
    Billed(Bill),
    /// Not accepted; the rest of its batch is not affected.
    Refused(Refusal),
}

/// What a transaction did, by its events.
pub(crate) fn done<'a>(
    at: &AtBlock,
    transaction: Hash,
    happened: impl IntoIterator<Item = Result<subxt::events::Event<'a, SubstrateConfig>, subxt::error::EventsError>>,
) -> Result<Included, SubmitError> {
    let (mut events, mut fee) = (Vec::new(), None);
    for event in happened {
        let event = event.map_err(|error| ChainError::unreadable("an event", error))?;
        match (event.pallet_name(), event.event_name()) {
            SUDID => root_result(event.field_bytes(), at.metadata())?,
            FAILED => {
                let error = RuntimeError::decode_from(event.field_bytes(), at.metadata());
                let error = error.map_err(|error| ChainError::unreadable("why a transaction failed", error))?;
                return Err(SubmitError::Failed(named(&error)));
            },
            _ => {},
        }
        if let Some(paid) = event.decode_fields_as::<api::transaction_payment::events::TransactionFeePaid>() {
            let paid = paid.map_err(|error| ChainError::unreadable("TransactionFeePaid", error))?;
            fee = Some(paid.actual_fee).filter(|fee| *fee > 0);
        }
        events.extend(Event::read(&event)?);
    }
    let block = BlockRef { number: at.block_number(), hash: at.block_hash().0 };
    Ok(Included { block, transaction, events, fee })
}

/// What became of root's call, by the fields of [`SUDID`]: the transaction around it succeeds either way.
fn root_result(fields: &[u8], metadata: ArcMetadata) -> Result<(), SubmitError> {
    match fields {
        [0] => Ok(()),
        [1, error @ ..] => {
            let error = RuntimeError::decode_from(error, metadata);
            let error = error.map_err(|error| ChainError::unreadable("the result of root's call", error))?;
            Err(SubmitError::Failed(named(&error)))
        },
        _ => Err(ChainError::unreadable("the result of root's call", "it is neither done nor an error").into()),
    }
}

/// An error of the runtime with its name, and its documentation as a hint.
pub(super) fn named(error: &RuntimeError) -> DispatchError {
    let general = |pallet: &str, name: String| DispatchError { pallet: pallet.into(), name, hint: error.to_string() };
    match error {
        RuntimeError::Module(module) => match module.details() {
            Ok(details) => DispatchError {
                pallet: details.pallet.name().into(),
                name: details.variant.name.clone(),
                hint: details.variant.docs.join(" ").trim().into(),
            },
            Err(unknown) => general("Module", unknown.to_string()),
        },
        RuntimeError::Token(kind) => general("Token", format!("{kind:?}")),
        RuntimeError::Arithmetic(kind) => general("Arithmetic", format!("{kind:?}")),
        other => general("Dispatch", format!("{other:?}")),
    }
}

/// Each report's outcome: the chain tells them in the order of the batch. A report that leaves a contract out of funds may be
/// followed by a second bill of that contract, which closes its past before the pause and answers no report.
pub fn report_outcomes(reports: &[Report], events: &[Event]) -> Result<Vec<ReportOutcome>, ChainError> {
    let mut out_of_funds = None;
    let mut told = Vec::with_capacity(reports.len());
    for event in events {
        match event {
            Event::ContractOutOfFunds { contract_id } => out_of_funds = Some(*contract_id),
            Event::ContractBilled { contract_id, .. } if out_of_funds == Some(*contract_id) => out_of_funds = None,
            Event::ContractBilled { contract_id, bill } => told.push((*contract_id, ReportOutcome::Billed(*bill))),
            Event::ReportRefused { contract_id, reason, .. } => {
                out_of_funds = None;
                told.push((*contract_id, ReportOutcome::Refused(*reason)));
            },
            _ => {},
        }
    }
    let matches =
        told.len() == reports.len() && told.iter().zip(reports).all(|(told, sent)| told.0 == sent.contract_id);
    if !matches {
        return Err(ChainError::unreadable("the outcome of reports", "its events do not match the batch"));
    }
    Ok(told.into_iter().map(|(_, outcome)| outcome).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::keys::Account;

    fn metadata() -> ArcMetadata {
        subxt::metadata::Metadata::decode_from(include_bytes!("../../metadata.scale")).unwrap().arc()
    }

    fn report(contract_id: u64) -> Report {
        Report { contract_id, ..Report::default() }
    }

    #[test]
    fn roots_call_is_done_only_if_the_one_inside_is() {
        assert_eq!(root_result(&[0], metadata()), Ok(()));
        let metadata = metadata();
        let pallet = metadata.pallet_by_name("TfgridModule").unwrap();
        let refused = pallet.error_variants().unwrap().iter().find(|error| error.name == "AlreadyCertifier").unwrap();
        // An error, of a module, and which one of its own.
        let fields = [1, 3, pallet.error_index(), refused.index, 0, 0, 0];
        let error = root_result(&fields, metadata.clone()).unwrap_err();
        assert_eq!((error.code(), error.hint()), ("AlreadyCertifier", "The account is a certifier already."));
        assert_eq!(root_result(&[2], metadata).unwrap_err().code(), "unreadable");
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_reports() {
        let events = [
            Event::ContractFunded { contract_id: 9, from: Account([0; 32]), amount: 1 },
            Event::ContractBilled { contract_id: 1, bill: Bill::default() },
            Event::ReportRefused { contract_id: 2, timestamp: 3, reason: Refusal::Ended },
        ];
        let found = report_outcomes(&[report(1), report(2)], &events).unwrap();
        assert_eq!(found, [ReportOutcome::Billed(Bill::default()), ReportOutcome::Refused(Refusal::Ended)]);
    }

    #[test]
    fn the_bill_that_closes_the_past_of_a_paused_contract_answers_no_report() {
        let billed =
            |contract_id, seconds| Event::ContractBilled { contract_id, bill: Bill { seconds, ..Bill::default() } };
        let refused = Event::ReportRefused { contract_id: 1, timestamp: 3, reason: Refusal::NotDeployed };
        let events =
            [billed(1, 600), Event::ContractOutOfFunds { contract_id: 1 }, billed(1, 5), refused, billed(2, 600)];
        let found = report_outcomes(&[report(1), report(1), report(2)], &events).unwrap();
        let bill = ReportOutcome::Billed(Bill { seconds: 600, ..Bill::default() });
        assert_eq!(found, [bill, ReportOutcome::Refused(Refusal::NotDeployed), bill]);
    }

    #[test]
    fn outcomes_that_do_not_match_the_batch_are_unreadable() {
        let events = [Event::ContractBilled { contract_id: 1, bill: Bill::default() }];
        assert_eq!(report_outcomes(&[report(2)], &events).unwrap_err().code(), "unreadable");
        assert_eq!(report_outcomes(&[report(1), report(1)], &events).unwrap_err().code(), "unreadable");
    }
}
