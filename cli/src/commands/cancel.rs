//! Ending a contract.

use super::balance::grid;
use crate::{
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
};
use grid_client::{records::Bill, Call, Event};
use serde_json::json;

pub async fn run(session: &Session, contract_id: u64) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session::contract(&chain.best().await?, contract_id).await?;
    session.out.note("ending the contract; waiting until that is final");
    let included = session.submit_final(&chain, &key, Call::CancelContract { contract_id }).await?;
    let (cause, refund) = expect_event(&included, "ContractEnded", |event| match event {
        Event::ContractEnded { contract_id: id, cause, refund, .. } if *id == contract_id => Some((*cause, *refund)),
        _ => None,
    })?;
    let settled: u128 = included
        .events
        .iter()
        .filter_map(|event| match event {
            Event::ContractBilled { bill, .. } => Some(Bill::total(bill)),
            _ => None,
        })
        .sum();
    let fields = Fields::default()
        .with("contract", contract_id)
        .with("ended", cause.as_str())
        .with("settled", format!("{} for the time since the last report", grid(settled)))
        .with("refund", grid(refund))
        .with("block", included.block);
    let json = json!({
        "contract_id": contract_id, "cause": cause, "settled": settled, "refund": refund, "block": included.block.number,
    });
    session.out.fields(json, fields);
    Ok(())
}
