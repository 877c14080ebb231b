//! People and companies that vouch for twins.

use crate::{
    args::{EntityArgs, EntityCommand},
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
};
use grid_client::{records::Entity, Call, EntityDetails, Event, Key, View};
use grid_types::entities::{self, entity_message, twin_entity_message};
use serde_json::json;

/// How long the signature that makes an entity is valid, seconds.
const VALID: u64 = 600;

pub async fn run(session: &Session, command: EntityCommand) -> Result<(), CliError> {
    match command {
        EntityCommand::Create { details, entity_key } => create(session, details, entity_key).await,
        EntityCommand::Update { details } => {
            let details = details_of(details);
            change(session, Call::UpdateEntity { details }).await
        },
        EntityCommand::Delete => delete(session).await,
        EntityCommand::Show { entity } => show(session, entity).await,
        EntityCommand::Vouch { twin, seconds } => vouch(session, twin, seconds).await,
        EntityCommand::Join { entity, signature, valid_until } => join(session, entity, &signature, valid_until).await,
        EntityCommand::Leave { entity, twin } => leave(session, entity, twin).await,
    }
}

async fn create(session: &Session, args: EntityArgs, entity_key: Option<String>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let entity_key = match entity_key {
        Some(secret) => Key::from_uri_or_file(&secret)?,
        None => key.clone(),
    };
    let account = entity_key.account();
    let valid_until = chain.best().await?.time().await?.saturating_add(VALID);
    let details = details_of(args);
    let EntityDetails { name, country, city } = &details;
    let told = entities::EntityDetails { name: name.as_bytes(), country: country.as_bytes(), city: city.as_bytes() };
    let signature = entity_key.sign(&entity_message(&chain.genesis(), &account.0, told, valid_until));
    let call = Call::CreateEntity { account, details, signature, valid_until };
    let included = session.submit(&chain, &key, call).await?;
    let id = expect_event(&included, "EntityCreated", |event| match event {
        Event::EntityCreated { entity_id, .. } => Some(*entity_id),
        _ => None,
    })?;
    print(session, &session::entity(&chain.best().await?, id).await?);
    Ok(())
}

async fn change(session: &Session, call: Call) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, call).await?;
    print(session, &own(session, &chain.best().await?).await?);
    Ok(())
}

async fn delete(session: &Session) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let entity = own(session, &chain.best().await?).await?;
    session.submit(&chain, &key, Call::DeleteEntity).await?;
    let fields = Fields::default().with("entity", entity.id).with("state", "deleted");
    session.out.fields(json!({ "entity_id": entity.id, "deleted": true }), fields);
    Ok(())
}

async fn show(session: &Session, id: Option<u32>) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let entity = match id {
        Some(id) => session::entity(&view, id).await?,
        None => own(session, &view).await?,
    };
    print(session, &entity);
    Ok(())
}

async fn vouch(session: &Session, twin_id: u32, seconds: u64) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let view = chain.best().await?;
    let entity = own(session, &view).await?;
    session::twin(&view, twin_id).await?;
    let valid_until = view.time().await?.saturating_add(seconds);
    let signature = key.sign(&twin_entity_message(&chain.genesis(), entity.id, twin_id, valid_until));
    let signature = format!("0x{}", hex::encode(signature));
    let next = format!("grid entity join {} --signature {signature} --valid-until {valid_until}", entity.id);
    let fields = Fields::default()
        .with("entity", entity.id)
        .with("twin", twin_id)
        .with("signature", &signature)
        .with("valid until", valid_until)
        .with("next", format!("with the twin's key: {next}"));
    let json =
        json!({ "entity_id": entity.id, "twin_id": twin_id, "signature": signature, "valid_until": valid_until });
    session.out.fields(json, fields);
    Ok(())
}

async fn join(session: &Session, entity_id: u32, signature: &str, valid_until: u64) -> Result<(), CliError> {
    let signature = signature_of(signature)?;
    let chain = session.chain().await?;
    let me = session.me(&chain.best().await?).await?;
    session.submit(&chain, &me.key, Call::AddTwinEntity { entity_id, signature, valid_until }).await?;
    vouched(session, entity_id, me.twin, true);
    Ok(())
}

async fn leave(session: &Session, entity_id: u32, twin: Option<u32>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let twin_id = match twin {
        Some(twin) => twin,
        None => session.me(&chain.best().await?).await?.twin,
    };
    session.submit(&chain, &key, Call::DeleteTwinEntity { twin_id, entity_id }).await?;
    vouched(session, entity_id, twin_id, false);
    Ok(())
}

fn vouched(session: &Session, entity_id: u32, twin_id: u32, vouches: bool) {
    let fields = Fields::default()
        .with("entity", entity_id)
        .with("twin", twin_id)
        .with("vouches", if vouches { "yes" } else { "not any more" });
    session.out.fields(json!({ "entity_id": entity_id, "twin_id": twin_id, "vouches": vouches }), fields);
}

/// The entity of your key.
async fn own(session: &Session, view: &View) -> Result<Entity, CliError> {
    let account = session.key()?.account();
    view.entity_of(account).await?.ok_or_else(|| {
        CliError::failed("no_entity", format!("the account {account} is no entity"))
            .hint("make one with: grid entity create, or give its key with --key")
    })
}

/// 64 bytes in hexadecimal, with or without one 0x before them.
fn signature_of(text: &str) -> Result<[u8; 64], CliError> {
    let bad = || {
        CliError::usage("bad_signature", "a signature is 64 bytes in hexadecimal")
            .hint("give it as it was printed by: grid entity vouch")
    };
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|_| bad())?;
    bytes.try_into().map_err(|_| bad())
}

fn details_of(args: EntityArgs) -> EntityDetails {
    EntityDetails { name: args.name, country: args.country, city: args.city }
}

fn print(session: &Session, entity: &Entity) {
    let fields = Fields::default()
        .with("entity", entity.id)
        .with("name", &entity.name)
        .with("place", format!("{}, {}", entity.city, entity.country))
        .with("account", entity.account);
    session.out.fields(entity, fields);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_signature_has_one_prefix_at_most() {
        let digits = "ab".repeat(64);
        assert_eq!(signature_of(&digits).unwrap(), [0xab; 64]);
        assert_eq!(signature_of(&format!("0x{digits}")).unwrap(), [0xab; 64]);
        for text in [&format!("0x0x{digits}"), &digits[2..], "0x", "no"] {
            assert_eq!(signature_of(text).unwrap_err().code, "bad_signature", "{text}");
        }
    }
}
