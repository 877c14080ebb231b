//! Names: of functions, namespaces and secrets, and how they stand in addresses.

/// OpenFaaS' default namespace; always there.
pub(crate) const DEFAULT_NAMESPACE: &str = "openfaas-fn";
/// The longest name of a secret, in bytes (a DNS subdomain).
const MAX_SECRET_NAME: usize = 253;
/// The longest name under which a function sees a secret, in bytes.
const MAX_FILE_NAME: usize = 255;

/// What a function or a secret is found by. Made only of names that can exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

impl<'a> Key<'a> {
    /// A function's key, if such a function can exist. No namespace, or an empty one, is the default one.
    pub fn of(name: &'a str, namespace: Option<&'a str>) -> Option<Self> {
        let namespace = or_default(namespace);
        (is_label(name) && is_label(namespace)).then_some(Self { namespace, name })
    }

    /// Reads `NAME` or `NAME.NAMESPACE`: the namespace stands after the last dot.
    pub fn parse(text: &'a str) -> Option<Self> {
        match text.rsplit_once('.') {
            Some((_, "")) => None,
            Some((name, namespace)) => Self::of(name, Some(namespace)),
            None => Self::of(text, None),
        }
    }

    /// Reads `NAME[.NAMESPACE]` beside a query's namespace, which must not say otherwise.
    pub fn parse_within(text: &'a str, namespace: Option<&'a str>) -> Option<Self> {
        match namespace.filter(|namespace| !namespace.is_empty()) {
            Some(namespace) if text.contains('.') => Self::parse(text).filter(|key| key.namespace == namespace),
            Some(namespace) => Self::of(text, Some(namespace)),
            None => Self::parse(text),
        }
    }

    /// `NAME.NAMESPACE`, as OpenFaaS labels its metrics.
    pub fn full(&self) -> String {
        format!("{}.{}", self.name, self.namespace)
    }
}

/// The namespace that a client's optional one means.
pub(crate) fn or_default(namespace: Option<&str>) -> &str {
    namespace.filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT_NAMESPACE)
}

/// A DNS label: names of functions and namespaces stand in addresses, where a dot separates the two.
pub(crate) fn is_label(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

/// A DNS subdomain, labels with dots between them. It is also a file's name, and can be neither `..` nor hold a slash.
pub(crate) fn is_secret(name: &str) -> bool {
    name.len() <= MAX_SECRET_NAME && name.split('.').all(is_label)
}

/// A plain file name, as programs like to call their secrets: `API_KEY`. It is not hidden, so neither `.` nor `..`.
pub(crate) fn is_file(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    (1..=MAX_FILE_NAME).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

/// A name as errors show it: quoted, and short.
pub(crate) fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(80).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(&str, &str)> {
        Key::parse(text).map(|key| (key.name, key.namespace))
    }

    #[test]
    fn a_namespace_stands_after_the_last_dot() {
        assert_eq!(parsed("stats-7"), Some(("stats-7", "openfaas-fn")));
        assert_eq!(parsed("stats-7.openfaas-fn"), Some(("stats-7", "openfaas-fn")));
        assert_eq!(parsed("stats-7.other"), Some(("stats-7", "other")));
        for text in ["", ".", "stats.", ".other", "a.b.other", "a/b", "../a", "a.UP", "ä", "a\0", "a%2e"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn an_absent_or_empty_namespace_is_the_default_one() {
        assert_eq!(Key::of("a", None), Key::of("a", Some("")));
        assert_eq!(Key::of("a", None), Key::of("a", Some("openfaas-fn")));
    }

    #[test]
    fn a_namespace_beside_the_name_must_not_contradict_it() {
        assert_eq!(Key::parse_within("a", Some("b")), Key::of("a", Some("b")));
        assert_eq!(Key::parse_within("a.b", Some("b")), Key::of("a", Some("b")));
        assert_eq!(Key::parse_within("a.b", Some("")), Key::of("a", Some("b")));
        assert_eq!(Key::parse_within("a.c", Some("b")), None);
    }

    #[test]
    fn names_of_functions_are_dns_labels() {
        assert!(is_label("a") && is_label("stats-18446744073709551615") && is_label("7up"));
        for name in ["", "-a", "a-", "A", "a.b", "a_b", "a/b", "..", "é", &"a".repeat(64)] {
            assert!(!is_label(name), "{name}");
        }
    }

    #[test]
    fn names_of_secrets_are_dns_subdomains() {
        assert!(is_secret("db") && is_secret("db.password-7") && is_secret("tls.crt"));
        for name in ["", ".", "..", "a..b", ".a", "a.", "../a", "a/b", "A", "a_b", "a\\b", "é", &"a.".repeat(200)] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_file_of_a_secret_is_plain_and_never_hidden() {
        assert!(is_file("API_KEY") && is_file("db.password-7") && is_file("tls.crt"));
        for name in ["", ".", "..", ".a", "../a", "a/b", "a\\b", "a b", "a\0", "é", &"a".repeat(256)] {
            assert!(!is_file(name), "{name}");
        }
    }
}
