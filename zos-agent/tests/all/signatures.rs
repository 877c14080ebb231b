//! Deployments that several twins must sign.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{
    bus::Code,
    challenge,
    deployment::{
        signed_message, Deployment, DeploymentSignature, SignatureRequest, SignatureRequirement, STYLE_RAW,
        STYLE_WALLET,
    },
};
use support::{deployment, echo, fake_chain::GENESIS, Bench, STRANGER, STRANGER_TWIN, USER, USER_TWIN};
use zos_agent::key::AgentKey;

const THIRD_TWIN: u32 = 4;
const THIRD: &str = "ed25519://Dave";

/// The owner and one of two others must sign.
async fn bench(style: &str) -> (Bench, Deployment) {
    let bench = Bench::start().await;
    bench.chain.set_account(THIRD_TWIN, THIRD);
    let requests = [USER_TWIN, STRANGER_TWIN, THIRD_TWIN];
    let requirement = SignatureRequirement {
        requests: requests.map(|twin_id| SignatureRequest { twin_id, required: false, weight: 1 }).to_vec(),
        weight_required: 2,
        signatures: Vec::new(),
        signature_style: style.to_owned(),
    };
    let deployment = Deployment { signature_requirement: Some(requirement), ..deployment(&["echo"]) };
    let contract_id = bench.chain.create(&deployment);
    bench.user().await.put_module(contract_id, &echo()).await.unwrap();
    (bench, Deployment { contract_id, ..deployment })
}

/// The deployment with one more signature, made as its style says.
fn signed(mut deployment: Deployment, twin_id: u32, uri: &str) -> Deployment {
    let hash = challenge::hash(&deployment, &GENESIS);
    let requirement = deployment.signature_requirement.as_mut().unwrap();
    let key = AgentKey::from_uri(uri).unwrap();
    let signature = key.sign(&signed_message(&hash, &requirement.signature_style));
    requirement.put(DeploymentSignature { twin_id, signature, signature_type: key.scheme().to_string() });
    deployment
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_and_any_other_suffice_with_either_kind_of_key() {
    for (other, uri) in [(STRANGER_TWIN, STRANGER), (THIRD_TWIN, THIRD)] {
        let (bench, deployment) = bench(STYLE_RAW).await;
        let deployment = signed(signed(deployment, USER_TWIN, USER), other, uri);
        bench.user().await.deploy(&deployment).await.unwrap();
        bench.running(deployment.contract_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wallets_may_sign_if_the_deployment_says_so_and_else_not() {
    let (bench_of_wallets, deployment) = bench(STYLE_WALLET).await;
    let deployment = signed(signed(deployment, USER_TWIN, USER), THIRD_TWIN, THIRD);
    bench_of_wallets.user().await.deploy(&deployment).await.unwrap();

    let (bench, deployment) = bench(STYLE_RAW).await;
    let hash = challenge::hash(&deployment, &GENESIS);
    let mut deployment = signed(deployment, USER_TWIN, USER);
    let signature = AgentKey::from_uri(THIRD).unwrap().sign(&signed_message(&hash, STYLE_WALLET));
    let by_wallet = DeploymentSignature { twin_id: THIRD_TWIN, signature, signature_type: "ed25519".to_owned() };
    deployment.signature_requirement.as_mut().unwrap().put(by_wallet);
    assert_eq!(bench.user().await.deploy(&deployment).await, Err(Code::BadSignature));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_signatures_are_refused_and_nothing_is_accepted() {
    let (bench, deployment) = bench(STYLE_RAW).await;
    let user = bench.user().await;
    assert_eq!(user.deploy(&deployment).await, Err(Code::SignaturesMissing));
    let others = signed(signed(deployment.clone(), STRANGER_TWIN, STRANGER), THIRD_TWIN, THIRD);
    assert_eq!(user.deploy(&others).await, Err(Code::SignaturesMissing), "the owner's own is missing");
    assert_eq!(user.deploy(&signed(deployment, USER_TWIN, USER)).await, Err(Code::SignaturesMissing));
    assert_eq!(user.contracts().await, Vec::<u64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_by_another_key_or_of_another_deployment_is_refused() {
    let (bench, deployment) = bench(STYLE_RAW).await;
    let user = bench.user().await;
    let own = signed(deployment.clone(), USER_TWIN, USER);
    assert_eq!(user.deploy(&signed(own.clone(), STRANGER_TWIN, "//Eve")).await, Err(Code::BadSignature));
    let other = signed(Deployment { version: 1, ..deployment }, STRANGER_TWIN, STRANGER);
    let stolen = other.signature_requirement.unwrap().signatures.remove(0);
    let mut deployment = own;
    deployment.signature_requirement.as_mut().unwrap().put(stolen);
    assert_eq!(user.deploy(&deployment).await, Err(Code::BadSignature));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_is_not_on_chain_is_named_and_one_that_did_not_sign_is_not_missed() {
    let (bench, mut deployment) = bench(STYLE_RAW).await;
    let requirement = deployment.signature_requirement.as_mut().unwrap();
    requirement.requests.push(SignatureRequest { twin_id: 99, required: false, weight: 1 });
    let contract_id = bench.chain.create(&deployment);
    deployment.contract_id = contract_id;
    let user = bench.user().await;
    user.put_module(contract_id, &echo()).await.unwrap();
    let deployment = signed(signed(deployment, USER_TWIN, USER), THIRD_TWIN, THIRD);
    assert_eq!(user.deploy(&signed(deployment.clone(), 99, "//Eve")).await, Err(Code::UnknownTwin));
    user.deploy(&deployment).await.unwrap();
}
