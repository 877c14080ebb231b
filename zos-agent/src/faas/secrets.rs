//! How a workload's secrets are called on the gateway, where all contracts share one room.
//!
//! `<mount>-<workload>-<contract id>` where that is unambiguous and a DNS label (what OpenFaaS takes for a name); else a
//! digest of mount and workload in place of both. The two forms cannot meet: the first has two dashes or more, the second one.

use grid_types::deployment::{Digest, Workload};
use std::fmt;

/// The longest DNS label.
const MAX_LABEL: usize = 63;
/// Characters of the digest that stand for mount and workload.
const DIGEST: usize = 32;

/// A secret for the gateway. Its `Debug` keeps the value to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSpec {
    /// Its name on the gateway.
    pub name: String,
    /// The file in which the function finds it.
    pub mount: String,
    /// What it is.
    pub value: String,
}

impl SecretSpec {
    /// All secrets of a workload.
    pub fn all(workload: &Workload, contract_id: u64) -> Vec<Self> {
        let spec = |(mount, value): (&str, &str)| Self {
            name: secret_name(mount, &workload.name, contract_id),
            mount: mount.to_owned(),
            value: value.to_owned(),
        };
        workload.data.secrets().map(spec).collect()
    }
}

impl fmt::Debug for SecretSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretSpec").field("name", &self.name).field("mount", &self.mount).finish_non_exhaustive()
    }
}

/// The name of a secret on the gateway.
pub fn secret_name(mount: &str, workload: &str, contract_id: u64) -> String {
    let plain = format!("{mount}-{workload}-{contract_id}");
    // With a dash in it one could not tell where the mount ends.
    let simple = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if plain.len() <= MAX_LABEL && mount.bytes().all(simple) {
        return plain;
    }
    let digest = Digest::of(format!("{mount}\0{workload}").as_bytes()).to_string();
    format!("{}-{contract_id}", digest.get(..DIGEST).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_label(name: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('-') && !name.ends_with('-')
    }

    #[test]
    fn a_simple_name_can_be_read() {
        assert_eq!(secret_name("token", "stats", 7), "token-stats-7");
    }

    #[test]
    fn every_name_is_a_dns_label_of_its_contract() {
        for mount in ["API_KEY", "a.b", "a-b", &"x".repeat(64), "k"] {
            for workload in ["w", &"y".repeat(36)] {
                let name = secret_name(mount, workload, u64::MAX);
                assert!(is_label(&name) && name.ends_with(&format!("-{}", u64::MAX)), "{name}");
            }
        }
    }

    #[test]
    fn neighbours_never_share_a_name() {
        let pairs = [("a-b", "c"), ("a", "b-c"), ("a_b", "c"), ("A", "b-c"), ("a.b", "c"), ("ab", "c")];
        let names: std::collections::BTreeSet<_> =
            pairs.map(|(mount, workload)| secret_name(mount, workload, 1)).into();
        assert_eq!(names.len(), pairs.len());
    }

    #[test]
    fn debug_output_has_no_value() {
        let spec = SecretSpec { name: "n".into(), mount: "m".into(), value: "hunter2".into() };
        assert!(!format!("{spec:?}").contains("hunter2"));
    }
}
