//! How a contract stands on chain and on its node.

use super::{
    contract::{fields, Money},
    rollout,
};
use crate::{
    error::CliError,
    session::{self, Session},
};
use grid_client::{
    records::{Contract, ContractKind},
    Chain, View,
};
use grid_types::bus::{DeploymentState, OfContract, DEPLOYMENT_GET};
use serde_json::json;

pub async fn run(session: &Session, contract_id: u64) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let contract = session::contract(&view, contract_id).await?;
    let money = Money::of(&view, contract_id).await?;
    // What the chain says is worth printing even if the node does not answer.
    let (workloads, trouble) = match contract.kind {
        // Nothing is deployed under a rent: what runs on its node has contracts of its own.
        ContractKind::Rent => (Vec::new(), None),
        ContractKind::Capacity => match ask_node(session, &chain, &view, &contract).await {
            Ok(state) => (state.workloads, None),
            Err(error) => (Vec::new(), Some(error)),
        },
    };
    let words = fields(&contract, &money)
        .maybe("on the node", trouble.as_ref().map(|error| format!("{error} [{}]", error.code)));
    let json = json!({
        "contract": contract, "billing": money.billing, "funding": money.funding, "rent_use": money.rent_use,
        "workloads": workloads,
        "node_error": trouble.as_ref().map(|error| json!({ "code": error.code, "message": error.message })),
    });
    session.out.fields_and_table(json, words, &rollout::HEADER, &rollout::rows(&workloads));
    Ok(())
}

async fn ask_node(
    session: &Session,
    chain: &Chain,
    view: &View,
    contract: &Contract,
) -> Result<DeploymentState, CliError> {
    let me = session.me(view).await?;
    let node = session::node(view, contract.node_id).await?;
    let bus = me.bus(chain, &node).await?;
    Ok(bus.call(DEPLOYMENT_GET, &OfContract { contract_id: contract.contract_id }).await?)
}
