//! The deployment's list: `api.example.org,*.example.com:8443`.

/// The annotation with the list.
pub(crate) const ANNOTATION: &str = "com.gridchain.egress";
/// Entries of a list.
const MAX_ENTRIES: usize = 64;

/// The servers that a function may send requests to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Egress(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// In lower case; of `*.example.org` what follows the star, with the dot.
    host: String,
    /// `None`: the scheme's own.
    port: Option<u16>,
}

impl Egress {
    /// Reads the annotation. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        if entries.len() > MAX_ENTRIES {
            return Err(format!("{ANNOTATION} may have at most {MAX_ENTRIES} entries"));
        }
        let entries = entries.into_iter().map(|text| {
            Entry::parse(text).ok_or_else(|| {
                let text: String = text.chars().take(80).collect();
                format!("{ANNOTATION}: {text:?} is not host or host:port (without a scheme; *.host allows what is below it)")
            })
        });
        Ok(Self(entries.collect::<Result<_, _>>()?))
    }

    /// Whether a request may go there. `default_port` is the one that the scheme stands for.
    pub fn allows(&self, host: &str, port: u16, default_port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|entry| entry.covers(&host) && entry.port.unwrap_or(default_port) == port)
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address stands in brackets.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok().filter(|port| *port != 0)?)),
            _ => (text, None),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let name = host.strip_prefix("*.").unwrap_or(&host);
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let good = match address {
            Some(address) => name == host && address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => is_name(name),
        };
        let host = host.strip_prefix('*').map(str::to_owned).unwrap_or(host);
        good.then_some(Self { host, port })
    }

    fn covers(&self, host: &str) -> bool {
        match self.host.strip_prefix('.') {
            Some(_) => host.len() > self.host.len() && host.ends_with(&self.host),
            None => host == self.host,
        }
    }
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, host: &str, port: u16) -> bool {
        Egress::parse(list).expect("a good list").allows(host, port, 443)
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!Egress::default().allows("example.org", 443, 443));
        assert!(!allows("", "example.org", 443));
        assert!(!allows(" , ", "", 443));
    }

    #[test]
    fn a_host_means_itself_at_the_schemes_port() {
        assert!(allows("example.org", "example.org", 443));
        assert!(allows("Example.ORG.", "eXample.org", 443));
        assert!(allows("example.org", "example.org.", 443));
        for (host, port) in [("example.org", 8443), ("www.example.org", 443), ("badexample.org", 443), ("org", 443)] {
            assert!(!allows("example.org", host, port), "{host}:{port}");
        }
    }

    #[test]
    fn a_port_means_that_port_only() {
        assert!(allows("example.org:8443", "example.org", 8443));
        assert!(!allows("example.org:8443", "example.org", 443));
    }

    #[test]
    fn a_star_means_what_is_below() {
        for host in ["a.example.org", "b.a.example.org"] {
            assert!(allows("*.example.org", host, 443), "{host}");
        }
        for host in ["example.org", ".example.org", "aexample.org", "example.org.evil.net"] {
            assert!(!allows("*.example.org", host, 443), "{host}");
        }
    }

    #[test]
    fn addresses_may_stand_in_the_list() {
        assert!(allows("192.0.2.7:80", "192.0.2.7", 80));
        assert!(allows("[2001:db8::1]:80", "[2001:db8::1]", 80));
        assert!(allows("[2001:db8::1]", "[2001:DB8::1]", 443));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "https://example.org",
            "example.org/path",
            "*",
            "*.",
            "a.*.org",
            "user@host",
            "host:0",
            "host:x",
            "a..b",
            "-a",
            "[::1",
            "*.[::1]",
            "host:99999",
        ] {
            assert!(Egress::parse(text).is_err(), "{text}");
        }
        assert!(Egress::parse(&"a,".repeat(65)).is_err());
    }
}
