//! Who must sign a deployment, and whether they have.

use crate::{args::RequireArgs, error::CliError, session::Me};
use grid_client::{records::Twin, verify, Hash, View};
use grid_types::{
    challenge,
    deployment::{
        signed_message, signed_messages, Deployment, DeploymentSignature, SignatureRequest, SignatureRequirement,
        STYLE_RAW, STYLE_WALLET,
    },
    signature::Scheme,
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
    if !asks(requirement, me.twin) {
        return false;
    }
    let signature = me.key.sign(&signed_message(&hash, &requirement.signature_style));
    let signature_type = me.key.scheme().to_string();
    requirement.put(DeploymentSignature { twin_id: me.twin, signature, signature_type });
    true
}

/// Adds a signature that was made elsewhere, if it is this twin's and of this deployment.
pub fn add(
    deployment: &mut Deployment,
    twin: &Twin,
    text: &str,
    scheme: Scheme,
    genesis: &Hash,
) -> Result<(), CliError> {
    let mut signature = [0; 64];
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode_to_slice(digits, &mut signature)
        .map_err(|_| CliError::usage("bad_signature", "a signature has 128 hexadecimal digits"))?;
    let hash = challenge::hash(deployment, genesis);
    let requirement = deployment.signature_requirement.as_mut().filter(|requirement| asks(requirement, twin.id));
    let requirement = requirement.ok_or_else(|| not_asked(twin.id))?;
    let messages = signed_messages(&hash, &requirement.signature_style);
    if !messages.iter().any(|message| verify(scheme, &twin.account, message, &signature)) {
        let message =
            format!("this is not the {scheme} signature of twin {} for the hash 0x{}", twin.id, hex::encode(hash));
        let hint = match requirement.signature_style.as_str() {
            STYLE_WALLET => "let the wallet sign the hash as it is shown, 0x included; is --scheme right?",
            _ => "a wallet signs other bytes than a key does: ask with --wallet; is --scheme right?",
        };
        return Err(CliError::failed("bad_signature", message).hint(hint));
    }
    requirement.put(DeploymentSignature { twin_id: twin.id, signature, signature_type: scheme.to_string() });
    Ok(())
}

/// Somebody signs who should not.
pub fn not_asked(twin: u32) -> CliError {
    CliError::failed("not_asked", format!("twin {twin} is not among those who are asked to sign this"))
        .hint("its owner asks with: grid deployment ask --require")
}

fn asks(requirement: &SignatureRequirement, twin: u32) -> bool {
    requirement.requests.iter().any(|request| request.twin_id == twin)
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
    use crate::{args::Signer, deployment::tests::sample};
    use grid_client::Key;
    use grid_types::signature::wrapped;

    fn asked(signers: &[(u32, u32)], weight: Option<u32>) -> Result<SignatureRequirement, CliError> {
        let require = signers.iter().map(|(twin, weight)| Signer { twin: *twin, weight: *weight }).collect();
        let mut deployment = sample();
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
    fn a_signature_made_elsewhere_is_checked_before_it_is_written_down() {
        let mut deployment = sample();
        let require = vec![Signer { twin: 5, weight: 1 }];
        ask(&mut deployment, &RequireArgs { require, weight: None, wallet: true }).unwrap();
        let genesis = [7; 32];
        let hash = challenge::hash(&deployment, &genesis);
        let key = Key::from_uri("//Bob").unwrap();
        let twin = |id| Twin { id, account: key.account(), relay: None, pk: None, entities: Vec::new() };
        let made = |message: &[u8]| hex::encode(key.sign(message));
        let mut add = |id, text: &str, scheme| {
            let added = add(&mut deployment, &twin(id), text, scheme, &genesis);
            added.map(|()| deployment.signature_requirement.as_ref().unwrap().signatures.len())
        };
        let code = |outcome: Result<usize, CliError>| outcome.unwrap_err().code;
        assert_eq!(code(add(5, "0x00", Scheme::Sr25519)), "bad_signature");
        assert_eq!(code(add(5, &made(&hash), Scheme::Sr25519)), "bad_signature", "that is no wallet's way");
        assert_eq!(code(add(5, &made(&wrapped(&hash)), Scheme::Ed25519)), "bad_signature");
        assert_eq!(code(add(6, &made(&wrapped(&hash)), Scheme::Sr25519)), "not_asked");
        assert_eq!(add(5, &format!("0x{}", made(&wrapped(&hash))), Scheme::Sr25519), Ok(1));
    }

    #[test]
    fn nobody_is_asked_and_nothing_changes() {
        assert_eq!(asked(&[], None).unwrap(), SignatureRequirement::default());
    }
}
