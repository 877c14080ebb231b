//! Farmers' sites and their public addresses.

use crate::{
    args::{Cidr, FarmCommand},
    error::CliError,
    output::Fields,
    session::{self, expect_event, no_farm, Session},
};
use grid_client::{Account, Call, Chain, Event, View};
use serde_json::json;
use std::net::Ipv4Addr;

pub async fn run(session: &Session, command: FarmCommand) -> Result<(), CliError> {
    match command {
        FarmCommand::Create { name, policy } => create(session, name, policy).await,
        FarmCommand::AddIp { farm, address, gateway } => add_ip(session, farm, address, gateway).await,
        FarmCommand::RemoveIp { farm, address, force } => remove_ip(session, farm, address, force).await,
        FarmCommand::VerifyIp { farm, address } => verify_ip(session, farm, address).await,
        FarmCommand::Authorize { farm, account } => authorize(session, farm, account).await,
        FarmCommand::Revoke { farm, account } => {
            change(session, farm, Call::RevokeNodeAuthorization { farm_id: farm, account }).await
        },
        FarmCommand::Payout { farm, account } => {
            change(session, farm, Call::SetFarmPayout { farm_id: farm, account }).await
        },
        FarmCommand::Update { farm, name, policy } => update(session, farm, name, policy).await,
        FarmCommand::Delete { farm } => delete(session, farm).await,
        FarmCommand::Show { farm } => show(session, &farm).await,
        FarmCommand::List => list(session).await,
    }
}

async fn create(session: &Session, name: String, policy_id: u32) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let included = session.submit(&chain, &key, Call::CreateFarm { name, policy_id }).await?;
    let id = expect_event(&included, "FarmCreated", |event| match event {
        Event::FarmCreated { farm_id, .. } => Some(*farm_id),
        _ => None,
    })?;
    print(session, &chain, id).await
}

async fn add_ip(session: &Session, farm_id: u32, cidr: Cidr, gateway: Ipv4Addr) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let Cidr { address, prefix_len } = cidr;
    let included = session.submit(&chain, &key, Call::AddFarmIp { farm_id, address, prefix_len, gateway }).await?;
    let verified = expect_event(&included, "FarmIpAdded", |event| match event {
        Event::FarmIpAdded { verified, .. } => Some(*verified),
        _ => None,
    })?;
    let state =
        if verified { "verified: it can be reserved" } else { "claimed: it can be reserved when it is verified" };
    let fields = Fields::default().with("farm", farm_id).with("address", address).with("state", state);
    session.out.fields(json!({ "farm_id": farm_id, "address": address, "verified": verified }), fields);
    Ok(())
}

async fn remove_ip(session: &Session, farm_id: u32, address: Ipv4Addr, force: bool) -> Result<(), CliError> {
    let call = match force {
        true => Call::ForceRemoveFarmIp { farm_id, address },
        false => Call::RemoveFarmIp { farm_id, address },
    };
    change(session, farm_id, call).await
}

async fn verify_ip(session: &Session, farm_id: u32, address: Ipv4Addr) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let claims = chain.best().await?.ip_claims_of(farm_id).await?;
    let claim = claims.into_iter().find(|claim| claim.address == address);
    let claim = claim.ok_or_else(|| CliError::not_found("claim to", address))?;
    session.submit(&chain, &key, Call::VerifyFarmIp { farm_id, claim: claim.clone() }).await?;
    let state = "verified: it can be reserved";
    let cidr = format!("{address}/{}", claim.prefix_len);
    let fields = Fields::default().with("farm", farm_id).with("address", cidr).with("gateway", claim.gateway);
    session.out.fields(
        json!({ "farm_id": farm_id, "address": address, "claim": claim, "verified": true }),
        fields.with("state", state),
    );
    Ok(())
}

async fn authorize(session: &Session, farm_id: u32, account: Account) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::AuthorizeNode { farm_id, account }).await?;
    let fields = Fields::default()
        .with("farm", farm_id)
        .with("account", account)
        .with("next", "with that account's key: grid node register --farm …");
    session.out.fields(json!({ "farm_id": farm_id, "account": account }), fields);
    Ok(())
}

async fn update(session: &Session, farm_id: u32, name: Option<String>, policy: Option<u32>) -> Result<(), CliError> {
    let farm = session::farm(&session.chain().await?.best().await?, farm_id).await?;
    let (name, policy_id) = (name.unwrap_or(farm.name), policy.unwrap_or(farm.pricing_policy_id));
    change(session, farm_id, Call::UpdateFarm { farm_id, name, policy_id }).await
}

async fn delete(session: &Session, farm_id: u32) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::DeleteFarm { farm_id }).await?;
    let fields = Fields::default().with("farm", farm_id).with("state", "deleted");
    session.out.fields(json!({ "farm_id": farm_id, "deleted": true }), fields);
    Ok(())
}

async fn change(session: &Session, farm_id: u32, call: Call) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, call).await?;
    print(session, &chain, farm_id).await
}

async fn show(session: &Session, farm: &str) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let id = find(&chain.best().await?, farm).await?;
    print(session, &chain, id).await
}

async fn list(session: &Session) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for farm in view.farms().await? {
        let free = view.free_public_ips(farm.id).await?;
        rows.push(vec![
            farm.id.to_string(),
            farm.name.clone(),
            farm.twin_id.to_string(),
            farm.pricing_policy_id.to_string(),
            format!("{free} of {}", farm.public_ips),
        ]);
        all.push(json!({ "farm": farm, "free_public_ips": free }));
    }
    session.out.table(all, &["FARM", "NAME", "TWIN", "POLICY", "FREE IPS"], &rows);
    Ok(())
}

/// A farm by id or name.
async fn find(view: &View, farm: &str) -> Result<u32, CliError> {
    match farm.parse() {
        Ok(id) => Ok(id),
        Err(_) => view.farm_by_name(farm).await?.ok_or_else(|| no_farm(farm)),
    }
}

async fn print(session: &Session, chain: &Chain, id: u32) -> Result<(), CliError> {
    let view = chain.best().await?;
    let farm = session::farm(&view, id).await?;
    let ips = view.public_ips_of(id).await?;
    let claims = view.ip_claims_of(id).await?;
    let free = view.free_public_ips(id).await?;
    let nodes = view.nodes_of_farm(id).await?;
    let fields = Fields::default()
        .with("farm", farm.id)
        .with("name", &farm.name)
        .with("twin", farm.twin_id)
        .with("policy", farm.pricing_policy_id)
        .with("payout", farm.payout)
        .with("addresses", format!("{free} of {} free", farm.public_ips))
        .with("nodes", nodes.iter().map(u32::to_string).collect::<Vec<_>>().join(" "));
    let verified = ips.iter().map(|ip| {
        let state = ip.contract_id.map_or("free".into(), |contract| format!("contract {contract}"));
        vec![format!("{}/{}", ip.address, ip.prefix_len), ip.gateway.to_string(), state]
    });
    let claimed = claims.iter().map(|claim| {
        vec![format!("{}/{}", claim.address, claim.prefix_len), claim.gateway.to_string(), "claimed".into()]
    });
    let rows: Vec<_> = verified.chain(claimed).collect();
    let json = json!({ "farm": farm, "free_public_ips": free, "public_ips": ips, "claims": claims, "nodes": nodes });
    session.out.fields_and_table(json, fields, &["ADDRESS", "GATEWAY", "STATE"], &rows);
    Ok(())
}
