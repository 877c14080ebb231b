//! Farmers' price lists.

use super::balance::grid;
use crate::{
    amount::Amount,
    args::{NewPriceArgs, PolicyCommand, PriceArgs},
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
};
use grid_client::{Call, Chain, Event};
use grid_types::units::{Prices, MAX_PRICE};
use serde_json::json;

pub async fn run(session: &Session, command: PolicyCommand) -> Result<(), CliError> {
    match command {
        PolicyCommand::Create { name, prices } => create(session, name, prices_of(&prices)?).await,
        PolicyCommand::Update { policy, prices } => update(session, policy, &prices).await,
        PolicyCommand::Delete { policy } => delete(session, policy).await,
        PolicyCommand::Show { policy } => print(session, &session.chain().await?, policy).await,
    }
}

async fn create(session: &Session, name: String, prices: Prices) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let included = session.submit(&chain, &key, Call::CreatePricingPolicy { name, prices }).await?;
    let id = expect_event(&included, "PricingPolicyCreated", |event| match event {
        Event::PolicyCreated { policy_id, .. } => Some(*policy_id),
        _ => None,
    })?;
    print(session, &chain, id).await
}

async fn update(session: &Session, policy_id: u32, given: &NewPriceArgs) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let had = session::policy(&chain.best().await?, policy_id).await?.prices;
    let prices = changed(given, had)?;
    session.submit(&chain, &key, Call::UpdatePricingPolicy { policy_id, prices }).await?;
    print(session, &chain, policy_id).await
}

async fn delete(session: &Session, policy_id: u32) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::DeletePricingPolicy { policy_id }).await?;
    let fields = Fields::default().with("policy", policy_id).with("state", "deleted");
    session.out.fields(json!({ "policy_id": policy_id, "deleted": true }), fields);
    Ok(())
}

async fn print(session: &Session, chain: &Chain, id: u32) -> Result<(), CliError> {
    let policy = session::policy(&chain.best().await?, id).await?;
    let prices = policy.prices;
    let per = |price: u64, unit: &str| format!("{} per {unit}", grid(price.into()));
    let fields = Fields::default()
        .with("policy", policy.id)
        .with("name", &policy.name)
        .with("twin", policy.twin_id)
        .with("cu", per(prices.cu, "compute unit and hour"))
        .with("su", per(prices.su, "storage unit and hour"))
        .with("nu", per(prices.nu, "10^9 bytes of traffic"))
        .with("ipu", per(prices.ipu, "public address and hour"))
        .with("gb_second", per(prices.gb_second, "GiB and second of a call"))
        .with("min_use", format!("{} % of what is reserved is billed at least", prices.min_use));
    session.out.fields(policy, fields);
    Ok(())
}

fn prices_of(args: &PriceArgs) -> Result<Prices, CliError> {
    Ok(Prices {
        cu: price(args.cu)?,
        su: price(args.su)?,
        nu: price(args.nu)?,
        ipu: price(args.ipu)?,
        gb_second: price(args.gb_second)?,
        min_use: args.min_use,
    })
}

/// What is given, and what was for the rest.
fn changed(given: &NewPriceArgs, had: Prices) -> Result<Prices, CliError> {
    let or = |given: Option<Amount>, had: u64| given.map_or(Ok(had), price);
    Ok(Prices {
        cu: or(given.cu, had.cu)?,
        su: or(given.su, had.su)?,
        nu: or(given.nu, had.nu)?,
        ipu: or(given.ipu, had.ipu)?,
        gb_second: or(given.gb_second, had.gb_second)?,
        min_use: given.min_use.unwrap_or(had.min_use),
    })
}

fn price(amount: Amount) -> Result<u64, CliError> {
    u64::try_from(amount.0)
        .map_err(|_| CliError::usage("price_too_high", format!("{} is too much for a price", grid(amount.0))))
        .map_err(|error| error.hint(format!("the most is {}", grid(MAX_PRICE.into()))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn prices_that_are_not_given_stay() {
        let had = Prices { cu: 1, su: 2, nu: 3, ipu: 4, gb_second: 5, min_use: 60 };
        let given = NewPriceArgs { su: Some(Amount(20)), ..NewPriceArgs::default() };
        assert_eq!(changed(&given, had).unwrap(), Prices { su: 20, ..had });
        let given = NewPriceArgs { min_use: Some(0), ..NewPriceArgs::default() };
        assert_eq!(changed(&given, had).unwrap(), Prices { min_use: 0, ..had });
    }

    #[test]
    fn a_price_that_no_record_can_hold_names_the_most() {
        let error = price(Amount(u128::MAX)).unwrap_err();
        assert_eq!((error.code.as_str(), error.hint.as_str()), ("price_too_high", "the most is 100000 GRID"));
    }
}
