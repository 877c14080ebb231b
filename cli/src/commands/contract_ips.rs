//! Changing which public addresses a contract holds.

use super::{
    contract,
    deploy::{price_limit, prices_of},
    quote,
};
use crate::{
    amount::Amount,
    args::IpArgs,
    error::CliError,
    session::{self, Session},
};
use grid_client::{
    records::{Contract, PriceLimit},
    Call, PublicIpChange, View,
};
use grid_types::units::Resources;

/// Changes the addresses; what runs stays as it is.
pub async fn run(session: &Session, id: u64, ips: IpArgs, limit: Option<Amount>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let view = chain.best().await?;
    let contract = session::contract(&view, id).await?;
    let Some(public_ips) = ip_change(&ips) else {
        return Err(CliError::usage("nothing_to_change", "give --add-ips or --give-back")
            .hint("to change what runs or what is reserved: grid update"));
    };
    let limit = limit_of_now(&view, &contract, contract.resources, &ips, limit).await?;
    let call = Call::UpdateContract {
        contract_id: id,
        deployment_hash: contract.deployment_hash,
        data: contract.data,
        resources: None,
        public_ips: Some(public_ips),
        price_limit: Some(limit),
    };
    session.submit_final(&chain, &key, call).await?;
    contract::print(session, &chain, id).await
}

/// What the options say about addresses, if they say anything.
pub fn ip_change(ips: &IpArgs) -> Option<PublicIpChange> {
    let change = PublicIpChange { give_back: ips.give_back.clone(), add: ips.add_ips };
    (change != PublicIpChange::default()).then_some(change)
}

/// The most that is accepted for a contract as it will be: what is given, else the farmer's price of now.
pub async fn limit_of_now(
    view: &View,
    contract: &Contract,
    wanted: Resources,
    ips: &IpArgs,
    given: Option<Amount>,
) -> Result<PriceLimit, CliError> {
    let given_back = u32::try_from(ips.give_back.len()).unwrap_or(u32::MAX);
    let count = contract.public_ips.saturating_add(ips.add_ips).saturating_sub(given_back);
    let quote = quote::of_wish(view, contract.node_id, wanted, count).await?;
    let prices = prices_of(view, &session::node(view, contract.node_id).await?).await?;
    Ok(price_limit(&quote, prices.gb_second, given))
}
