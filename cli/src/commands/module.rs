//! Functions as WebAssembly modules.

use crate::{args::ModuleCommand, deployment, error::CliError, output::Fields, session::Session};
use serde_json::json;

pub fn run(session: &Session, command: ModuleCommand) -> Result<(), CliError> {
    let ModuleCommand::Hash { file } = command;
    let (digest, bytes) = deployment::module(&file)?;
    let fields = Fields::default().with("module", digest).with("bytes", bytes.len());
    session.out.fields(json!({ "module": digest, "bytes": bytes.len() }), fields);
    Ok(())
}
