//! All charges of a contract by what they were for, checked against its escrow to the base unit.

use super::balance::grid;
use crate::{
    error::CliError,
    output::Fields,
    session::{lease_not_contract, Session},
};
use futures::{StreamExt, TryStreamExt};
use grid_client::{
    records::{Bill, EndCause},
    Chain, ChainError, Event,
};
use serde::Serialize;
use serde_json::json;

/// How many blocks are asked for at a time.
const AT_ONCE: usize = 16;

/// What the events of a contract's life add up to; base units.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Account {
    cu: u128,
    su: u128,
    ip: u128,
    traffic: u128,
    total: u128,
    bytes: u64,
    seconds: u64,
    charges: usize,
    /// What was set aside when the contract was made; none if that block is not known any more.
    created_with: Option<u128>,
    funded: u128,
    ended: Option<Ended>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Ended {
    cause: EndCause,
    refund: u128,
}

impl Account {
    fn add(&mut self, event: &Event) {
        match event {
            Event::ContractCreated { escrow, .. } => self.created_with = Some(*escrow),
            Event::ContractFunded { amount, .. } => self.funded += amount,
            Event::ContractEnded { cause, refund, .. } => self.ended = Some(Ended { cause: *cause, refund: *refund }),
            Event::ContractBilled { bill, .. } => {
                self.cu += bill.cu;
                self.su += bill.su;
                self.ip += bill.ip;
                self.traffic += bill.traffic;
                self.total += bill.total();
                self.bytes += bill.bytes;
                self.seconds += bill.seconds;
                self.charges += 1;
            },
            _ => {},
        }
    }

    /// Whether what was set aside is what was charged and what is left; none if the events are not all there.
    fn agrees(&self, left: Option<u128>) -> Option<bool> {
        let set_aside = self.created_with?.saturating_add(self.funded);
        Some(set_aside == self.total.saturating_add(left?))
    }
}

pub async fn run(session: &Session, contract_id: u64, all: bool) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    if contract_id == 0 || contract_id >= view.next_contract_id().await? {
        return Err(CliError::not_found("contract", contract_id).hint("see: grid contract list"));
    }
    let billing = view.billing(contract_id).await?;
    if let Some(lease) = view.name_lease(contract_id).await? {
        return Err(lease_not_contract(contract_id, &lease.name));
    }
    let events = events_of(&chain, view.block().number, contract_id).await?;
    if let Some(name) = leased_name(&events) {
        return Err(lease_not_contract(contract_id, name));
    }
    let mut account = Account::default();
    events.iter().for_each(|(_, event)| account.add(event));
    let escrow = match (&billing, &account.ended) {
        (Some(billing), _) => Some(billing.escrow),
        (None, Some(ended)) => Some(ended.refund),
        (None, None) => None,
    };
    let agrees = account.agrees(escrow);

    let parts =
        [("CU", account.cu), ("SU", account.su), ("IP", account.ip), ("NU", account.traffic), ("all", account.total)];
    let mut rows: Vec<_> = parts.iter().map(|(name, sum)| vec![(*name).into(), grid(*sum), sum.to_string()]).collect();
    if all {
        rows.extend(charges(&events).map(|(block, bill)| {
            let window = format!("{}+{} s", bill.from, bill.until.saturating_sub(bill.from));
            vec![format!("#{block} {window}"), grid(bill.total()), bill.total().to_string()]
        }));
    }
    let fields = Fields::default()
        .with("contract", contract_id)
        .with("charges", format!("{} over {} s, {} bytes of traffic", account.charges, account.seconds, account.bytes))
        .maybe("set aside", account.created_with.map(|sum| format!("{} + {} later", grid(sum), grid(account.funded))))
        .maybe(
            "left",
            escrow.map(|escrow| match &account.ended {
                Some(ended) => format!("{} went back: {}", grid(escrow), ended.cause.as_str()),
                None => format!("{} in escrow", grid(escrow)),
            }),
        )
        .with(
            "check",
            match agrees {
                Some(true) => "set aside = charged + left, to the base unit",
                Some(false) => "DOES NOT ADD UP: set aside is not charged + left",
                None => "not possible: this node has discarded blocks of the contract",
            },
        );
    let listed: Vec<_> = charges(&events).map(|(block, bill)| json!({ "block": block, "bill": bill })).collect();
    let json = json!({
        "contract_id": contract_id, "account": account, "escrow": billing.as_ref().map(|billing| billing.escrow),
        "billed": billing.as_ref().map(|billing| billing.billed), "agrees": agrees,
        "charges": all.then_some(listed),
    });
    session.out.fields_and_table(json, fields, &["PART", "SUM", "BASE UNITS"], &rows);
    match agrees {
        Some(false) => Err(CliError::failed("bill_does_not_add_up", "set aside is not charged + left")
            .hint("please report it, with the output of --json --all")),
        _ => Ok(()),
    }
}

/// The name, if it was a lease.
fn leased_name(events: &[(u64, Event)]) -> Option<&str> {
    events.iter().find_map(|(_, event)| match event {
        Event::NameContractCreated { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

fn charges(events: &[(u64, Event)]) -> impl Iterator<Item = (u64, &Bill)> {
    events.iter().filter_map(|(block, event)| match event {
        Event::ContractBilled { bill, .. } => Some((*block, bill)),
        _ => None,
    })
}

/// The events of a contract, oldest first: goes back from block `last` until the contract was made, or until the node has no
/// older state.
async fn events_of(chain: &Chain, last: u64, contract_id: u64) -> Result<Vec<(u64, Event)>, CliError> {
    let mut found = Vec::new();
    let mut blocks = futures::stream::iter((0..=last).rev())
        .map(|number| async move {
            let events = match chain.at_number(number).await {
                Ok(view) => view.events().await,
                Err(error) => Err(error),
            };
            match events {
                Ok(events) => Ok(Some((number, events))),
                Err(ChainError::UnknownBlock { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .buffered(AT_ONCE);
    while let Some(Some((number, events))) = blocks.try_next().await? {
        let made = events.iter().any(|event| event.contract_id() == Some(contract_id) && begins(event));
        let of_contract = events.into_iter().rev().filter(|event| event.contract_id() == Some(contract_id));
        found.extend(of_contract.map(|event| (number, event)));
        if made {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

/// Whether nothing of a contract, or of a lease, can be older.
const fn begins(event: &Event) -> bool {
    matches!(event, Event::ContractCreated { .. } | Event::NameContractCreated { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billed(cu: u128, traffic: u128) -> Event {
        Event::ContractBilled { contract_id: 1, bill: Bill { cu, traffic, seconds: 10, ..Bill::default() } }
    }

    fn account(events: &[Event]) -> Account {
        let mut account = Account::default();
        events.iter().for_each(|event| account.add(event));
        account
    }

    fn created(escrow: u128) -> Event {
        Event::ContractCreated { contract_id: 1, twin_id: 2, node_id: 1, escrow, public_ips: Vec::new() }
    }

    #[test]
    fn charges_add_up_by_part() {
        let account = account(&[created(100), billed(7, 1), billed(5, 0)]);
        assert_eq!((account.cu, account.traffic, account.total, account.seconds), (12, 1, 13, 20));
        assert_eq!(account.agrees(Some(87)), Some(true));
        assert_eq!(account.agrees(Some(86)), Some(false));
    }

    #[test]
    fn nothing_can_be_checked_without_the_first_block() {
        assert_eq!(account(&[billed(7, 1)]).agrees(Some(1)), None);
        assert_eq!(account(&[created(100)]).agrees(None), None);
    }

    #[test]
    fn what_was_added_later_counts() {
        let from = grid_client::Account([0; 32]);
        let funded = Event::ContractFunded { contract_id: 1, from, amount: 50 };
        assert_eq!(account(&[created(100), funded, billed(120, 0)]).agrees(Some(30)), Some(true));
    }

    #[test]
    fn more_charged_than_set_aside_does_not_add_up() {
        assert_eq!(account(&[created(100), billed(120, 0)]).agrees(Some(0)), Some(false));
    }

    #[test]
    fn leases_begin_too() {
        let leased =
            Event::NameContractCreated { contract_id: 1, twin_id: 2, name: "a".into(), lease_until: 3, paid: 4 };
        assert_eq!(leased_name(&[(1, leased.clone())]), Some("a"));
        assert!(begins(&leased) && begins(&created(100)) && !begins(&billed(1, 0)));
    }
}
