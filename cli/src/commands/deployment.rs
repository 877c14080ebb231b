//! Deployment files: what is hashed, and who signs it.

use crate::{
    args::{DeploymentCommand, MadeArgs, RequireArgs},
    deployment::{self, Defaults},
    error::{file_error, CliError},
    output::Fields,
    session::{self, Session},
    signing,
};
use grid_types::{challenge, deployment::Deployment, json};
use serde_json::json;
use std::path::{Path, PathBuf};

pub async fn run(session: &Session, command: DeploymentCommand) -> Result<(), CliError> {
    match command {
        DeploymentCommand::Ask { file, module, for_version: version, asked, out } => {
            ask(session, &file, module, version, &asked, &out).await
        },
        DeploymentCommand::Sign { file, made } => sign(session, &file, &made).await,
        DeploymentCommand::Show { file } => show(session, &file).await,
    }
}

async fn ask(
    session: &Session,
    file: &Path,
    module: Option<PathBuf>,
    version: u32,
    asked: &RequireArgs,
    out: &Path,
) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let me = session.me(&chain.best().await?).await?;
    let defaults = Defaults { twin_id: me.twin, contract_id: 0, version, module: module.as_deref() };
    let mut deployment = deployment::read(file, defaults)?.deployment;
    signing::ask(&mut deployment, asked)?;
    signing::sign(&mut deployment, &me, &chain.genesis());
    write(out, &deployment)?;
    session.out.note(format!(
        "wrote {}; let the others sign it: grid deployment sign {}",
        out.display(),
        out.display()
    ));
    report(session, &deployment, &chain.genesis());
    Ok(())
}

async fn sign(session: &Session, file: &Path, made: &MadeArgs) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let mut deployment = read(file)?;
    match (made.twin, &made.signature) {
        (Some(twin), Some(signature)) => {
            let twin = session::twin(&view, twin).await?;
            signing::add(&mut deployment, &twin, signature, made.scheme, &chain.genesis())?;
        },
        _ => {
            let me = session.me(&view).await?;
            if !signing::sign(&mut deployment, &me, &chain.genesis()) {
                return Err(signing::not_asked(me.twin));
            }
        },
    }
    write(file, &deployment)?;
    report(session, &deployment, &chain.genesis());
    Ok(())
}

async fn show(session: &Session, file: &Path) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let deployment = read(file)?;
    report(session, &deployment, &chain.genesis());
    signing::check(&chain.best().await?, &deployment, &chain.genesis()).await
}

/// A complete file, as others have written it: nothing is filled in, or its hash would be another.
fn read(path: &Path) -> Result<Deployment, CliError> {
    let text = std::fs::read(path).map_err(|error| file_error(path, &error))?;
    Ok(Deployment::from_value(json::parse(&text)?)?)
}

/// Beside the target and renamed, so that a file with signatures is never half written.
fn write(path: &Path, deployment: &Deployment) -> Result<(), CliError> {
    let value = deployment.to_value();
    let text = serde_json::to_string_pretty(&value).unwrap_or_else(|_| value.to_string());
    let draft = path.with_extension("new");
    std::fs::write(&draft, format!("{text}\n")).map_err(|error| file_error(&draft, &error))?;
    std::fs::rename(&draft, path).map_err(|error| file_error(path, &error))
}

fn report(session: &Session, deployment: &Deployment, genesis: &[u8; 32]) {
    let hash = format!("0x{}", hex::encode(challenge::hash(deployment, genesis)));
    let requirement = deployment.signature_requirement.clone().unwrap_or_default();
    let signed = |twin: u32| requirement.signatures.iter().any(|signature| signature.twin_id == twin);
    let rows: Vec<Vec<String>> = requirement
        .requests
        .iter()
        .map(|request| {
            let must = request.required || request.twin_id == deployment.twin_id;
            let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
            vec![request.twin_id.to_string(), request.weight.to_string(), word(must), word(signed(request.twin_id))]
        })
        .collect();
    let fields = Fields::default()
        .with("hash", &hash)
        .with("version", deployment.version)
        .with("weight required", requirement.weight_required);
    let json = json!({ "hash": hash, "version": deployment.version, "signature_requirement": requirement });
    session.out.fields_and_table(json, fields, &["TWIN", "WEIGHT", "MUST SIGN", "SIGNED"], &rows);
}
