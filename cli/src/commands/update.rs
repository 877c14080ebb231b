//! Changing what a contract runs.

use super::{
    contract_ips::{ip_change, limit_of_now},
    deploy::{ensure_enough, resources, sealed},
    rollout::{self, Rollout},
};
use crate::{
    args::UpdateArgs,
    deployment::{self, Defaults},
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
    signing,
};
use grid_client::{Call, Event};
use grid_types::{bus::DEPLOYMENT_UPDATE, challenge};
use serde_json::json;

pub async fn run(session: &Session, args: UpdateArgs) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let contract = session::contract(&view, args.contract).await?;
    let node = session::node(&view, contract.node_id).await?;
    let version = contract.version.saturating_add(1);
    let defaults = Defaults { twin_id: me.twin, contract_id: args.contract, version, module: args.module.as_deref() };
    let genesis = chain.genesis();
    let mut prepared = deployment::read(&args.file, defaults)?;
    signing::sign(&mut prepared.deployment, &me, &genesis);
    signing::check(&view, &prepared.deployment, &genesis).await?;
    let deployment = &prepared.deployment;
    if deployment.version != version {
        let message = format!("the file says version {}, but the next one is {version}", deployment.version);
        return Err(CliError::failed("version_conflict", message).hint("leave version out of the file"));
    }
    let wanted = resources(&args.resources, deployment, Some(contract.resources));
    ensure_enough(&wanted, deployment)?;
    let changed = (wanted != contract.resources).then_some(wanted);
    let public_ips = ip_change(&args.ips);
    let limit = match changed.is_some() || public_ips.is_some() {
        true => Some(limit_of_now(&view, &contract, wanted, &args.ips, args.price_limit).await?),
        false => None,
    };
    let bus = me.bus(&chain, &node).await?;
    // Heard before the chain has another hash than what runs.
    session::hear(&bus, &node).await?;

    session.out.note("changing the contract; waiting until that is final");
    let call = Call::UpdateContract {
        contract_id: args.contract,
        deployment_hash: challenge::hash(deployment, &genesis),
        data: sealed(&me, &genesis, deployment, args.no_data)?,
        resources: changed,
        public_ips,
        price_limit: limit,
    };
    let included = session.submit_final(&chain, &me.key, call).await?;
    expect_event(&included, "ContractUpdated", |event| match event {
        Event::ContractUpdated { version: made, .. } if *made == version => Some(()),
        _ => None,
    })?;

    let rollout = Rollout::new(&bus, session.out, args.timeout, true);
    let workloads = rollout.run(DEPLOYMENT_UPDATE, &prepared).await;
    let workloads = workloads.map_err(|error| rollout::go_on(error, node.id, args.contract))?;
    let fields = Fields::default().with("contract", args.contract).with("version", version);
    let json = json!({ "contract_id": args.contract, "version": version, "workloads": workloads });
    session.out.fields_and_table(json, fields, &rollout::HEADER, &rollout::rows(&workloads));
    Ok(())
}
