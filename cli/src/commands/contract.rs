//! Agreements.

use super::{balance::grid, bill, cancel, contract_ips, node::capacity_text, quote};
use crate::{
    amount::{Amount, Bytes},
    args::ContractCommand,
    error::CliError,
    output::Fields,
    session::{self, Session},
    time::{date, span},
};
use grid_client::{
    records::{Billing, Contract, ContractKind, ContractState, Funding, RentUse},
    Call, Chain, View,
};
use serde_json::json;

pub async fn run(session: &Session, command: ContractCommand) -> Result<(), CliError> {
    match command {
        ContractCommand::Show { contract } => print(session, &session.chain().await?, contract).await,
        ContractCommand::List { twin, node } => list(session, twin, node).await,
        ContractCommand::Bill { contract, all } => bill::run(session, contract, all).await,
        ContractCommand::Fund { contract, amount } => fund(session, contract, amount).await,
        ContractCommand::Quote(args) => quote::run(session, args).await,
        ContractCommand::Cushion { contract, amount } => cushion(session, contract, amount).await,
        ContractCommand::Resume { contract } => resume(session, contract).await,
        ContractCommand::Update { contract, ips, price_limit } => {
            contract_ips::run(session, contract, ips, price_limit).await
        },
        ContractCommand::RefillLimit { contract, amount } => refill_limit(session, contract, amount).await,
        ContractCommand::Cancel { contract } => cancel::run(session, contract).await,
    }
}

async fn list(session: &Session, twin: Option<u32>, node: Option<u32>) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let ids = match (node, twin) {
        (Some(node), _) => view.contracts_of_node(node).await?,
        (None, Some(twin)) => view.contracts_of_twin(twin).await?,
        (None, None) => view.contracts_of_twin(session.me(&view).await?.twin).await?,
    };
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for id in ids {
        let (Some(contract), Some(billing)) = (view.contract(id).await?, view.billing(id).await?) else { continue };
        rows.push(vec![
            id.to_string(),
            contract.node_id.to_string(),
            contract.twin_id.to_string(),
            kind_text(contract.kind, &billing).into(),
            state_text(&contract.state),
            capacity_text(&contract.resources.capacity()),
            grid(billing.escrow),
            grid(billing.billed),
        ]);
        all.push(json!({ "contract": contract, "billing": billing }));
    }
    session.out.table(all, &["CONTRACT", "NODE", "TWIN", "KIND", "STATE", "RESERVES", "ESCROW", "BILLED"], &rows);
    Ok(())
}

async fn fund(session: &Session, contract_id: u64, amount: Amount) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::FundContract { contract_id, amount: amount.0 }).await?;
    print(session, &chain, contract_id).await
}

async fn cushion(session: &Session, contract_id: u64, amount: Amount) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::SetCushion { contract_id, amount: amount.0 }).await?;
    print(session, &chain, contract_id).await
}

async fn resume(session: &Session, contract_id: u64) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::ResumeContract { contract_id }).await?;
    print(session, &chain, contract_id).await
}

async fn refill_limit(session: &Session, contract_id: u64, amount: Option<Amount>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let limit = amount.map(|amount| amount.0);
    session.submit(&chain, &key, Call::SetRefillLimit { contract_id, limit }).await?;
    print(session, &chain, contract_id).await
}

/// Shows a contract.
pub async fn print(session: &Session, chain: &Chain, id: u64) -> Result<(), CliError> {
    let view = chain.best().await?;
    // First: it says best why there is none.
    let contract = session::contract(&view, id).await?;
    let money = Money::of(&view, id).await?;
    let fields = fields(&contract, &money);
    let json = json!({
        "contract": contract, "billing": money.billing, "funding": money.funding, "rent_use": money.rent_use,
    });
    session.out.fields(json, fields);
    Ok(())
}

/// What a contract has cost and what is there for it.
pub struct Money {
    /// What billing knows of it.
    pub billing: Billing,
    /// How that stands now.
    pub funding: Funding,
    /// What it has left for contracts inside it, if it is a rent.
    pub rent_use: Option<RentUse>,
}

impl Money {
    /// Of a contract that exists.
    pub async fn of(view: &View, id: u64) -> Result<Self, CliError> {
        let missing = || CliError::not_found("billing record of contract", id);
        let billing = view.billing(id).await?.ok_or_else(missing)?;
        let funding = view.funding(id).await?.ok_or_else(missing)?;
        Ok(Self { billing, funding, rent_use: view.rent_use(id).await? })
    }
}

/// A contract in words.
pub fn fields(contract: &Contract, money: &Money) -> Fields {
    let ips: Vec<_> = contract.public_ips_list.iter().map(ToString::to_string).collect();
    let fields = Fields::default()
        .with("contract", contract.contract_id)
        .with("state", state_text(&contract.state))
        .with("version", version_text(contract))
        .with("twin", contract.twin_id)
        .with("node", contract.node_id);
    let fields = match contract.kind {
        ContractKind::Rent => fields.with("rents", "the whole node").maybe("inside", money.rent_use.map(inside_text)),
        ContractKind::Capacity => fields
            .maybe("inside", money.billing.rent.map(|rent| format!("the rent of the node, contract {rent}")))
            .with("hash", format!("0x{}", hex::encode(contract.deployment_hash)))
            .with("data", format!("{} bytes, sealed", contract.data.len())),
    };
    let fields = fields
        .with("reserves", capacity_text(&contract.resources.capacity()))
        .maybe("traffic", traffic_text(contract))
        .maybe("public ips", (!ips.is_empty()).then(|| ips.join(" ")));
    money_fields(fields, contract, money)
}

fn money_fields(fields: Fields, contract: &Contract, Money { billing, funding, .. }: &Money) -> Fields {
    let limit = billing.refill.limit.map(|limit| match limit {
        0 => "0: prepaid only".to_owned(),
        limit => format!("{} a day", grid(limit)),
    });
    let paused = funding.grace_until.map(|until| {
        let missing = grid(funding.restore);
        let id = contract.contract_id;
        format!("until {}, then it ends; to go on: {missing}, by grid contract resume {id} or fund", date(until))
    });
    let traffic = if contract.kind == ContractKind::Rent { "" } else { ", and traffic" };
    Fields::with(fields, "costs", format!("at most {} per hour{traffic}", grid(funding.hourly)))
        .with("billed", grid(funding.billed))
        .with(
            "escrow",
            format!("{}, at least {}, filled up to {}", grid(funding.escrow), grid(funding.low), grid(funding.high)),
        )
        .with("lasts", lasts_text(funding))
        .with("drawable", format!("{} from the owner now", grid(funding.drawable)))
        .maybe("cushion", (funding.cushion > 0).then(|| format!("{} for a pause", grid(funding.cushion))))
        .maybe("paused", paused)
        .maybe("refill", limit)
}

fn lasts_text(funding: &Funding) -> String {
    match (funding.seconds_left, funding.grace_until) {
        (None, _) => "for ever, but for traffic".into(),
        (Some(seconds), Some(_)) => format!("{} of the pause", span(seconds)),
        (Some(seconds), None) => format!("{} at full use, if nothing can be drawn", span(seconds)),
    }
}

/// Traffic is the business of the contracts inside a rent.
fn traffic_text(contract: &Contract) -> Option<String> {
    let most = Bytes(contract.resources.nru_per_hour);
    (contract.kind == ContractKind::Capacity).then(|| format!("at most {most} per hour"))
}

fn inside_text(rent: RentUse) -> String {
    format!("{} contracts; left for more: {}", rent.contracts, capacity_text(&rent.free))
}

const fn kind_text(kind: ContractKind, billing: &Billing) -> &'static str {
    match (kind, billing.rent) {
        (ContractKind::Rent, _) => "rent",
        (ContractKind::Capacity, Some(_)) => "inside a rent",
        (ContractKind::Capacity, None) => "capacity",
    }
}

fn state_text(state: &ContractState) -> String {
    match state {
        ContractState::Grace { .. } => "grace: out of funds and paused".into(),
        ContractState::Ending { cause } => format!("ending: {}", cause.as_str()),
        other => other.as_str().into(),
    }
}

fn version_text(contract: &Contract) -> String {
    match contract.deployed_version {
        Some(deployed) if deployed == contract.version => format!("{deployed}, deployed"),
        Some(deployed) => format!("{}, deployed is {deployed}", contract.version),
        None => format!("{}, not deployed yet", contract.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_types::units::Capacity;

    fn funding(seconds_left: Option<u64>, grace_until: Option<u64>) -> Funding {
        Funding {
            escrow: 0,
            low: 0,
            high: 0,
            hourly: 0,
            seconds_left,
            billed: 0,
            cushion: 0,
            restore: 0,
            drawable: 0,
            grace_until,
        }
    }

    #[test]
    fn what_costs_nothing_lasts_for_ever() {
        assert_eq!(lasts_text(&funding(None, None)), "for ever, but for traffic");
        assert_eq!(lasts_text(&funding(Some(60), None)), "1 min at full use, if nothing can be drawn");
        assert_eq!(lasts_text(&funding(Some(60), Some(9))), "1 min of the pause");
    }

    #[test]
    fn a_rent_says_what_is_left_inside() {
        let free = Capacity { cru: 1_000, mru: 1 << 30, sru: 0, hru: 0 };
        let text = inside_text(RentUse { free, contracts: 2 });
        assert_eq!(text, "2 contracts; left for more: 1 vCPU, 1 GiB memory, 0 B SSD");
    }
}
