#![allow(clippy::unwrap_used)]

use super::*;

const OWNER: u32 = 2;
const HASH: [u8; 32] = [7; 32];

fn request(twin_id: u32, required: bool, weight: u32) -> SignatureRequest {
    SignatureRequest { twin_id, required, weight }
}

/// In these tests a signature is good if its first byte is the twin's number.
fn signature(twin_id: u32) -> DeploymentSignature {
    let mut signature = [0; 64];
    signature[0] = twin_id as u8;
    DeploymentSignature { twin_id, signature, signature_type: "sr25519".into() }
}

/// The owner must sign, three others may; two of the four must.
fn requirement(signed: &[u32]) -> SignatureRequirement {
    SignatureRequirement {
        requests: vec![request(OWNER, false, 1), request(3, false, 1), request(4, false, 1), request(5, false, 1)],
        weight_required: 2,
        signatures: signed.iter().map(|twin| signature(*twin)).collect(),
        signature_style: String::new(),
    }
}

fn check(requirement: &SignatureRequirement) -> Result<(), SignatureFault> {
    requirement.check(OWNER, &HASH, |twin, _, message, signature| {
        assert!(signed_messages(&HASH, &requirement.signature_style).contains(&message.to_vec()));
        u32::from(signature[0]) == twin
    })
}

fn refused(change: impl FnOnce(&mut SignatureRequirement)) -> &'static str {
    let mut requirement = requirement(&[OWNER, 3]);
    assert_eq!(requirement.validate(OWNER), Ok(()));
    change(&mut requirement);
    requirement.validate(OWNER).unwrap_err().code()
}

#[test]
fn enough_of_those_who_may_sign_suffice_whoever_they_are() {
    for signed in [[OWNER, 3], [OWNER, 5], [4, OWNER]] {
        assert_eq!(check(&requirement(&signed)), Ok(()));
    }
}

#[test]
fn too_few_are_too_light() {
    assert_eq!(check(&requirement(&[OWNER])), Err(SignatureFault::TooLight { weight: 1, required: 2 }));
}

#[test]
fn the_owner_must_sign_whatever_the_request_says() {
    assert_eq!(check(&requirement(&[3, 4])), Err(SignatureFault::Missing { twin: OWNER }));
}

#[test]
fn one_who_is_required_must_sign_however_much_the_others_weigh() {
    let mut requirement = requirement(&[OWNER, 3, 4]);
    requirement.requests[3].required = true;
    assert_eq!(check(&requirement), Err(SignatureFault::Missing { twin: 5 }));
    requirement.put(signature(5));
    assert_eq!(check(&requirement), Ok(()));
}

#[test]
fn a_bad_signature_is_refused_even_if_the_others_suffice() {
    let mut requirement = requirement(&[OWNER, 3, 4]);
    requirement.signatures[2].signature = [0; 64];
    assert_eq!(check(&requirement), Err(SignatureFault::Bad { twin: 4 }));
}

#[test]
fn without_a_weight_those_who_must_sign_suffice() {
    let mut requirement = requirement(&[OWNER]);
    requirement.weight_required = 0;
    assert_eq!(check(&requirement), Ok(()));
}

#[test]
fn weights_do_not_overflow() {
    let mut requirement = requirement(&[OWNER, 3, 4, 5]);
    for request in &mut requirement.requests {
        request.weight = u32::MAX;
    }
    requirement.weight_required = u32::MAX;
    assert_eq!(requirement.validate(OWNER), Ok(()));
    assert_eq!(check(&requirement), Ok(()));
}

#[test]
fn nobody_is_asked_and_nothing_is_missing() {
    let nobody = SignatureRequirement::default();
    assert_eq!(nobody.validate(OWNER), Ok(()));
    assert_eq!(check(&nobody), Ok(()));
}

#[test]
fn what_can_never_be_fulfilled_is_refused_at_once() {
    assert_eq!(refused(|r| r.weight_required = 5), "weight_out_of_reach");
    assert_eq!(refused(|r| r.requests.clear()), "weight_out_of_reach");
    assert_eq!(refused(|r| r.requests[0].twin_id = 9), "owner_not_asked");
}

#[test]
fn twins_are_asked_and_sign_once() {
    assert_eq!(refused(|r| r.requests[1].twin_id = 4), "duplicate_signer");
    assert_eq!(refused(|r| r.signatures.push(signature(3))), "duplicate_signature");
    assert_eq!(refused(|r| r.signatures.push(signature(9))), "unasked_signature");
    assert_eq!(refused(|r| r.requests = (0..33).map(|twin| request(twin, false, 1)).collect()), "too_many_signers");
}

#[test]
fn other_styles_and_kinds_are_named() {
    assert_eq!(refused(|r| r.signature_style = "other".into()), "bad_signature_style");
    assert_eq!(refused(|r| r.signatures[0].signature_type = "ecdsa".into()), "unsupported_signature");
}

#[test]
fn a_wallet_signs_the_hash_in_hexadecimal_between_its_marks() {
    let text = format!("<Bytes>0x{}</Bytes>", "07".repeat(32));
    assert_eq!(signed_message(&HASH, STYLE_WALLET), text.as_bytes());
    assert_eq!(signed_message(&HASH, STYLE_RAW), HASH);
}

#[test]
fn a_wallet_may_sign_in_each_of_its_ways_and_in_no_other() {
    let wallet = SignatureRequirement { signature_style: STYLE_WALLET.into(), ..requirement(&[OWNER, 3]) };
    let bare = ["<Bytes>".as_bytes(), &HASH, b"</Bytes>"].concat();
    let text = format!("<Bytes>{}</Bytes>", "07".repeat(32)).into_bytes();
    for way in [signed_message(&HASH, STYLE_WALLET), bare, text] {
        assert_eq!(wallet.check(OWNER, &HASH, |_, _, message, _| message == way), Ok(()));
    }
    let unwrapped = wallet.check(OWNER, &HASH, |_, _, message, _| message == HASH);
    assert_eq!(unwrapped, Err(SignatureFault::Bad { twin: OWNER }));
}
