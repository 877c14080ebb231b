//! Who must sign a deployment, and whether they have.

use crate::{args::RequireArgs, error::CliError, session::Me};
use grid_client::{verify, Hash, View};
use grid_types::{
    challenge,
    deployment::{
        signed_message, Deployment, DeploymentSignature, SignatureRequest, SignatureRequirement, STYLE_RAW,
        STYLE_WALLET,
    },
};
use std::collections::BTreeMap;

/// Asks these twins, and the owner, to sign the deployment. Nothing changes if nobody is asked.
pub fn ask(deployment: &mut Deployment, asked: &RequireArgs) -> Result<(), CliError> {
    if asked.require.is_empty() {
        return Ok(());
    }
    if deployment.signature_requirement.is_some() {
        return Err(CliError::usage("file_contradicts", "the file says already who must sign")
            .hint("leave --require out, or signature_requirement out of the file"));
    }
    let mut requests: Vec<_> = asked.require.iter().map(|signer| (signer.twin, signer.weight)).collect();
    if !requests.iter().any(|(twin, _)| *twin == deployment.twin_id) {
        requests.insert(0, (deployment.twin_id, 1));
    }
    let all = requests.iter().fold(0_u32, |sum, (_, weight)| sum.saturating_add(*weight));
    let owner = deployment.twin_id;
    let request = |(twin_id, weight)| SignatureRequest { twin_id, required: twin_id == owner, weight };
    deployment.signature_requirement = Some(SignatureRequirement {
        requests: requests.into_iter().map(request).collect(),
        weight_required: asked.weight.unwrap_or(all),
        signatures: Vec::new(),
        signature_style: if asked.wallet { STYLE_WALLET } else { STYLE_RAW }.into(),
    });
    Ok(deployment.validate()?)
}

/// Adds your signature, if you are asked for it. Whether you are.
pub fn sign(deployment: &mut Deployment, me: &Me, genesis: &Hash) -> bool {
    let hash = challenge::hash(deployment, genesis);
    let Some(requirement) = &mut deployment.signature_requirement else { return false };
    if !requirement.requests.iter().any(|request| request.twin_id == me.twin) {
        return false;
    }
    let signature = me.key.sign(&signed_message(&hash, &requirement.signature_style));
    let signature_type = me.key.scheme().to_string();
    requirement.put(DeploymentSignature { twin_id: me.twin, signature, signature_type });
    true
}

/// Whether the signatures suffice, as the node will see it.
pub async fn check(view: &View, deployment: &Deployment, genesis: &Hash) -> Result<(), CliError> {
    let Some(requirement) = &deployment.signature_requirement else { return Ok(()) };
    let mut accounts = BTreeMap::new();
    for signature in &requirement.signatures {
        accounts.insert(signature.twin_id, crate::session::twin(view, signature.twin_id).await?.account);
    }
    let hash = challenge::hash(deployment, genesis);
    let verified = requirement.check(deployment.twin_id, &hash, |twin, scheme, message, signature| {
        accounts.get(&twin).is_some_and(|account| verify(scheme, account, message, signature))
    });
    verified.map_err(|fault| {
        CliError::failed("signatures_missing", fault)
            .hint("who has signed: grid deployment show FILE; to ask others: grid deployment ask --help")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::args::Signer;
    use serde_json::json;

    fn deployment() -> Deployment {
        let value = json!({
            "version": 0, "twin_id": 2, "contract_id": 0, "metadata": "", "description": "", "expiration": 0,
            "workloads": [{ "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
                "data": { "module": format!("sha256:{}", "0".repeat(64)), "memory": 1 << 20, "timeout_ms": 1 } }],
        });
        Deployment::from_value(value).unwrap()
    }

    fn asked(signers: &[(u32, u32)], weight: Option<u32>) -> Result<SignatureRequirement, CliError> {
        let require = signers.iter().map(|(twin, weight)| Signer { twin: *twin, weight: *weight }).collect();
        let mut deployment = deployment();
        ask(&mut deployment, &RequireArgs { require, weight, wallet: false })?;
        Ok(deployment.signature_requirement.unwrap_or_default())
    }

    #[test]
    fn the_owner_is_asked_as_well_and_all_must_sign_unless_less_weight_is_said() {
        let all = asked(&[(5, 1), (7, 2)], None).unwrap();
        assert_eq!(all.requests[0], SignatureRequest { twin_id: 2, required: true, weight: 1 });
        assert_eq!((all.requests.len(), all.weight_required), (3, 4));
        assert_eq!(asked(&[(2, 3), (5, 1)], Some(3)).unwrap().requests.len(), 2);
    }

    #[test]
    fn what_cannot_be_fulfilled_is_refused() {
        assert_eq!(asked(&[(5, 1)], Some(9)).unwrap_err().code, "weight_out_of_reach");
        assert_eq!(asked(&[(5, 1), (5, 1)], None).unwrap_err().code, "duplicate_signer");
    }

    #[test]
    fn nobody_is_asked_and_nothing_changes() {
        assert_eq!(asked(&[], None).unwrap(), SignatureRequirement::default());
    }
}
