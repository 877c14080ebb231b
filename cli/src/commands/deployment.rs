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
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The mode of a file that only its owner reads.
const PRIVATE: u32 = 0o600;
/// Names that are tried for a draft.
const DRAFTS: u32 = 100;

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

/// Beside the target and renamed, so that a file with signatures is never half written. Who may read the file stays as it is;
/// a new one is its owner's alone, as a deployment may hold secrets.
fn write(path: &Path, deployment: &Deployment) -> Result<(), CliError> {
    let value = deployment.to_value();
    let text = serde_json::to_string_pretty(&value).unwrap_or_else(|_| value.to_string());
    let failed = |error: std::io::Error| file_error(path, &error);
    let mode = fs::metadata(path).map_or(PRIVATE, |file| file.permissions().mode() & 0o777);
    let (draft, mut file) = draft(path).map_err(failed)?;
    let written = file
        .write_all(format!("{text}\n").as_bytes())
        .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|error| {
        // Nothing of it is worth keeping.
        let _ = fs::remove_file(&draft);
        failed(error)
    })
}

/// A new file beside another, of a name that nothing had.
fn draft(path: &Path) -> std::io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut number = 0_u32;
    loop {
        let draft = path.with_file_name(format!(".{name}.{number}"));
        match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&draft) {
            Ok(file) => return Ok((draft, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < DRAFTS => number += 1,
            Err(error) => return Err(error),
        }
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::deployment::tests::sample;

    #[test]
    fn a_file_keeps_its_readers_and_its_neighbours_stay_as_they_are() {
        let folder = std::env::temp_dir().join(format!("grid-cli-write-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (file, neighbour) = (folder.join("asked.json"), folder.join("asked.new"));
        fs::write(&neighbour, "mine").unwrap();
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        write(&file, &sample()).unwrap();
        assert_eq!((mode(), read(&file).unwrap()), (0o600, sample()));
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        write(&file, &sample()).unwrap();
        assert_eq!((mode(), fs::read_to_string(&neighbour).unwrap().as_str()), (0o640, "mine"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no draft is left");
        fs::remove_dir_all(&folder).unwrap();
    }
}
