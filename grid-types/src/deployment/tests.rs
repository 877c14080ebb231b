#![allow(clippy::unwrap_used)]

use super::*;
use crate::challenge::hash;
use proptest::{collection, prelude::*};

const GENESIS: [u8; 32] = [9; 32];

fn any_access() -> impl Strategy<Value = Access> {
    prop_oneof![
        Just(Access::Public),
        Just(Access::Owner),
        any::<[u8; 32]>().prop_map(|d| Access::TokenSha256(Digest(d)))
    ]
}

fn any_function() -> impl Strategy<Value = Function> {
    let env = collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,6}", "[^\\x00]{0,8}", 0..4);
    let secrets = collection::btree_map("[A-Za-z0-9_][A-Za-z0-9_.-]{0,6}", ".{1,8}", 0..4);
    let secrets = secrets.prop_map(|secrets| secrets.into_iter().collect::<Secrets>());
    let egress = collection::vec(r"(\*\.)?[a-z0-9]{1,5}(\.[a-z0-9]{1,5})?(:[1-9][0-9]{0,3})?", 0..4);
    (
        any::<[u8; 32]>(),
        MIN_MEMORY..=MAX_MEMORY,
        1..=MAX_TIMEOUT_MS,
        proptest::option::of(env),
        proptest::option::of(any_access()),
        proptest::option::of(secrets),
        proptest::option::of(egress),
    )
        .prop_map(|(module, memory, timeout_ms, env, access, secrets, egress)| Function {
            module: ModuleDigest(Digest(module)),
            memory,
            timeout_ms,
            env,
            access,
            secrets,
            egress,
        })
}

fn any_deployment() -> impl Strategy<Value = Deployment> {
    let texts = || (any::<String>(), any::<String>());
    let workload = (any_function(), texts());
    let workloads = collection::btree_map("[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", workload, 1..4);
    let numbers = (any::<u32>(), any::<u32>(), 0..=MAX_INTEGER, 0..=MAX_INTEGER);
    (numbers, texts(), any::<bool>(), workloads).prop_map(|(numbers, texts, signed, workloads)| Deployment {
        version: numbers.0,
        twin_id: numbers.1,
        contract_id: numbers.2,
        metadata: texts.0,
        description: texts.1,
        expiration: numbers.3,
        signature_requirement: signed.then(SignatureRequirement::default),
        workloads: workloads
            .into_iter()
            .map(|(name, (data, (metadata, description)))| Workload {
                version: 0,
                name,
                kind: WorkloadKind::Function,
                data,
                metadata,
                description,
            })
            .collect(),
    })
}

fn deployment() -> Deployment {
    let text = r#"{"version":1,"twin_id":2,"contract_id":3,"metadata":"m","description":"d","expiration":4,"workloads":[
        {"version":0,"name":"stats","type":"function","metadata":"","description":"","data":
            {"module":"sha256:0000000000000000000000000000000000000000000000000000000000000000","memory":67108864,
             "timeout_ms":1000,"env":{"A":"1"},"access":"public"}}]}"#;
    Deployment::from_json(text.as_bytes()).unwrap()
}

/// The same JSON value as text with keys in an order and white space between tokens that `salt` decides.
fn scrambled(value: &Value, salt: u64) -> String {
    let space = ["", " ", "\n\t", "\r\n  "][(salt % 4) as usize];
    let next = salt.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            let turn = next as usize % entries.len().max(1);
            entries.rotate_left(turn);
            if next & 1 == 0 {
                entries.reverse();
            }
            let field = |(key, value): &(&String, &Value)| {
                format!("{key:?}:{space}{}", scrambled(value, next)).replacen(
                    &format!("{key:?}"),
                    &Value::from(key.as_str()).to_string(),
                    1,
                )
            };
            let fields: Vec<_> = entries.iter().map(field).collect();
            format!("{{{space}{}{space}}}", fields.join(&format!("{space},")))
        },
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| scrambled(item, next)).collect();
            format!("[{}{space}]", items.join(&format!(",{space}")))
        },
        Value::String(text) if salt.is_multiple_of(3) => {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            format!("\"{}\"", units.collect::<String>())
        },
        leaf => leaf.to_string(),
    }
}

proptest! {
    #[test]
    fn reads_back_what_was_written(deployment in any_deployment()) {
        prop_assert_eq!(Deployment::from_json(deployment.to_json().as_bytes()).unwrap(), deployment);
    }

    #[test]
    fn order_of_keys_white_space_and_escapes_do_not_change_the_hash(deployment in any_deployment(), salt in any::<u64>()) {
        let text = scrambled(&deployment.to_value(), salt);
        let again = Deployment::from_json(text.as_bytes()).unwrap();
        prop_assert_eq!(hash(&again, &GENESIS), hash(&deployment, &GENESIS), "{}", text);
    }

    #[test]
    fn two_deployments_hash_alike_only_if_they_are_alike(one in any_deployment(), mut two in any_deployment()) {
        prop_assert_ne!(hash(&one, &GENESIS), hash(&two, &GENESIS));
        two = Deployment { contract_id: two.contract_id, ..one.clone() };
        prop_assert_eq!(hash(&one, &GENESIS), hash(&two, &GENESIS));
    }
}

#[test]
fn a_change_of_any_field_changes_the_hash() {
    let changes: [fn(&mut Deployment); 20] = [
        |d| d.version += 1,
        |d| d.twin_id += 1,
        |d| d.metadata.push('x'),
        |d| d.description.push('x'),
        |d| d.expiration += 1,
        |d| d.signature_requirement = Some(SignatureRequirement::default()),
        |d| d.workloads.push(Workload { name: "more".into(), ..d.workloads[0].clone() }),
        |d| d.workloads[0].version += 1,
        |d| d.workloads[0].name.push('x'),
        |d| d.workloads[0].metadata.push('x'),
        |d| d.workloads[0].description.push('x'),
        |d| d.workloads[0].data.module.0 .0[31] ^= 1,
        |d| d.workloads[0].data.memory += 1,
        |d| d.workloads[0].data.timeout_ms += 1,
        |d| d.workloads[0].data.env = Some([("A".into(), "2".into())].into()),
        |d| d.workloads[0].data.env = None,
        |d| d.workloads[0].data.access = Some(Access::Owner),
        |d| d.workloads[0].data.secrets = Some([("KEY".into(), "1".into())].into_iter().collect()),
        |d| d.workloads[0].data.secrets = Some([("KEY".into(), "2".into())].into_iter().collect()),
        |d| d.workloads[0].data.egress = Some(vec!["example.org".into()]),
    ];
    let mut hashes = BTreeSet::from([hash(&deployment(), &GENESIS), hash(&deployment(), &[8; 32])]);
    for change in changes {
        let mut changed = deployment();
        change(&mut changed);
        assert!(hashes.insert(hash(&changed, &GENESIS)), "{changed:?}");
    }
}

#[test]
fn text_moved_between_neighbouring_fields_changes_the_hash() {
    let moved = Deployment { metadata: String::new(), description: "md".into(), ..deployment() };
    assert_ne!(hash(&moved, &GENESIS), hash(&deployment(), &GENESIS));
}

#[test]
fn contract_id_and_signatures_are_not_hashed() {
    let mut signed = deployment();
    signed.signature_requirement = Some(SignatureRequirement::default());
    let before = hash(&signed, &GENESIS);
    signed.contract_id += 1;
    let signature = DeploymentSignature { twin_id: 2, signature: [1; 64], signature_type: "sr25519".into() };
    signed.signature_requirement = Some(SignatureRequirement { signatures: vec![signature], ..Default::default() });
    assert_eq!(hash(&signed, &GENESIS), before);
}

#[test]
fn an_integer_beyond_what_is_hashed_exactly_is_refused_in_a_record_built_by_hand() {
    let large = Deployment { expiration: MAX_INTEGER + 1, ..deployment() };
    assert_eq!(large.validate().unwrap_err().code(), "integer_too_large");
}

#[test]
fn a_text_beyond_the_limit_is_refused_before_it_is_read() {
    let refused = Deployment::from_json(&vec![b'['; MAX_TEXT + 1]).unwrap_err();
    assert_eq!(refused, DeploymentError::TextTooLarge { size: MAX_TEXT + 1 });
}

#[test]
fn what_is_required_is_the_sum_of_memory_limits() {
    let mut twice = deployment();
    twice.workloads.push(Workload { name: "more".into(), ..twice.workloads[0].clone() });
    assert_eq!(twice.required(), Capacity { mru: 2 * 67_108_864, ..Capacity::default() });
}

#[test]
fn who_may_call_is_the_owner_unless_said_otherwise() {
    let mut data = deployment().workloads[0].data.clone();
    assert_eq!(data.access(), Access::Public);
    data.access = None;
    assert_eq!(data.access(), Access::Owner);
}

#[test]
fn a_function_is_served_under_its_name_and_contract() {
    assert_eq!(deployment().workloads[0].function_name(u64::MAX), "stats-18446744073709551615");
    assert!(function_name(&"x".repeat(MAX_NAME), u64::MAX).len() <= 63);
}

#[test]
fn errors_name_the_workload_they_are_about() {
    let text = deployment().to_json().replace("\"memory\":67108864,", "");
    let refused = Deployment::from_json(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(refused, "workloads[0]: missing field `memory`");
}

#[test]
fn a_deployment_without_its_secrets_has_their_names_and_no_value() {
    let mut deployment = deployment();
    deployment.workloads[0].data.secrets = Some([("KEY".into(), "hunter2".into())].into_iter().collect());
    let shown = deployment.without_secrets().to_json();
    assert!(shown.contains(r#""secrets":{"KEY":""}"#) && !shown.contains("hunter2"), "{shown}");
    assert!(!format!("{deployment:?}").contains("hunter2"));
}

#[test]
fn secrets_and_hosts_beyond_the_rules_are_refused_by_name() {
    let refusal = |change: fn(&mut Function)| {
        let mut deployment = deployment();
        change(&mut deployment.workloads[0].data);
        deployment.validate().unwrap_err()
    };
    let long = refusal(|f| f.secrets = Some([("A".into(), "x".repeat(8 * 1024 + 1))].into_iter().collect()));
    assert_eq!(long.code(), "bad_secret");
    assert!(long.to_string().len() < 300, "the value is not in the message");
    assert_eq!(refusal(|f| f.secrets = Some([("../a".into(), "x".into())].into_iter().collect())).code(), "bad_secret");
    assert_eq!(
        refusal(|f| f.secrets = Some((0..17).map(|n| (format!("S{n}"), "x".into())).collect())).code(),
        "bad_secret"
    );
    assert_eq!(refusal(|f| f.egress = Some(vec!["https://example.org".into()])).code(), "bad_egress");
    assert_eq!(refusal(|f| f.egress = Some(vec!["a".into(); 33])).code(), "bad_egress");
}
