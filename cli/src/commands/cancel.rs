//! Ending a contract.

use super::balance::grid;
use crate::{
    error::CliError,
    output::Fields,
    session::{self, event_missing, Session},
};
use grid_client::{
    records::{Bill, EndCause},
    Call, Event,
};
use serde_json::json;

/// What became of a contract that was cancelled.
#[derive(Debug, Default, PartialEq, Eq)]
struct End {
    cause: Option<EndCause>,
    /// Charged for the time since the last report.
    settled: u128,
    /// What came back; none while contracts inside have to end first.
    refund: Option<u128>,
}

impl End {
    fn of(events: &[Event], contract_id: u64) -> Self {
        let mut end = Self::default();
        for event in events.iter().filter(|event| event.contract_id() == Some(contract_id)) {
            match event {
                Event::ContractBilled { bill, .. } => end.settled += Bill::total(bill),
                Event::RentEnding { cause, .. } => end.cause = Some(*cause),
                Event::ContractEnded { cause, refund, .. } => (end.cause, end.refund) = (Some(*cause), Some(*refund)),
                _ => {},
            }
        }
        end
    }
}

pub async fn run(session: &Session, contract_id: u64) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session::contract(&chain.best().await?, contract_id).await?;
    session.out.note("ending the contract; waiting until that is final");
    let included = session.submit_final(&chain, &key, Call::CancelContract { contract_id }).await?;
    let End { cause, settled, refund } = End::of(&included.events, contract_id);
    let cause = cause.ok_or_else(|| event_missing("ContractEnded", &included))?;
    let fields = match refund {
        Some(_) => Fields::default().with("contract", contract_id).with("ended", cause.as_str()),
        None => Fields::default()
            .with("contract", contract_id)
            .with("ending", format!("{}; the contracts inside end first", cause.as_str())),
    };
    let fields = fields
        .with("settled", format!("{} for the time since the last report", grid(settled)))
        .with("refund", refund.map_or_else(|| "comes with the end".into(), grid))
        .with("block", included.block);
    let json = json!({
        "contract_id": contract_id, "ended": refund.is_some(), "cause": cause, "settled": settled, "refund": refund,
        "block": included.block.number,
    });
    session.out.fields(json, fields);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAUSE: EndCause = EndCause::CanceledByUser;

    fn billed(contract_id: u64) -> Event {
        Event::ContractBilled { contract_id, bill: Bill { cu: 7, ip: 1, ..Bill::default() } }
    }

    #[test]
    fn a_contract_ends_with_a_refund() {
        let ended = Event::ContractEnded { contract_id: 1, twin_id: 2, node_id: 3, cause: CAUSE, refund: 50 };
        let end = End::of(&[billed(1), billed(2), ended], 1);
        assert_eq!(end, End { cause: Some(CAUSE), settled: 8, refund: Some(50) });
    }

    #[test]
    fn a_rent_with_contracts_inside_is_ending() {
        let ending = Event::RentEnding { contract_id: 1, cause: CAUSE };
        assert_eq!(End::of(&[billed(1), ending], 1), End { cause: Some(CAUSE), settled: 8, refund: None });
    }

    #[test]
    fn ends_of_others_do_not_count() {
        let ending = Event::RentEnding { contract_id: 2, cause: CAUSE };
        assert_eq!(End::of(&[ending], 1), End::default());
    }
}
