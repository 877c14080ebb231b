//! Reading a deployment back from the chain.

use crate::{
    copy,
    error::CliError,
    session::{self, Session},
};
use grid_types::{challenge, deployment::SignatureRequirement};

pub async fn run(session: &Session, contract_id: u64) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let contract = session::contract(&chain.best().await?, contract_id).await?;
    if contract.data.is_empty() {
        let message = format!("contract {contract_id} keeps no copy of its deployment on chain");
        return Err(CliError::failed("no_data", message)
            .hint("it was made with --no-data: use your own copy, or put one there with: grid update"));
    }
    let deployment = copy::open(&key, &chain.genesis(), &contract.data, contract_id)?;
    if challenge::hash(&deployment, &chain.genesis()) != contract.deployment_hash {
        let message = "the sealed copy is not the deployment whose hash is on chain";
        return Err(CliError::failed("hash_mismatch", message)
            .hint("the node runs what the hash says: use your own copy, or agree anew with: grid update"));
    }
    let unsigned = |asked: &SignatureRequirement| !asked.requests.is_empty() && asked.signatures.is_empty();
    if deployment.signature_requirement.as_ref().is_some_and(unsigned) {
        session
            .out
            .note("the copy has no signatures; let those who are asked sign it again: grid deployment sign FILE");
    }
    let text =
        serde_json::to_string_pretty(&deployment.to_value()).map_err(|error| CliError::failed("internal", error))?;
    session.out.bytes(format!("{text}\n").as_bytes());
    Ok(())
}
