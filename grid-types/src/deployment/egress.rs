//! Where a function may connect to. Nowhere, unless its deployment says so.

/// The most hosts of one function.
pub const MAX_EGRESS: usize = 32;
/// The longest name of a host, by the rules of DNS.
const MAX_HOST: usize = 253;

/// Whether this names hosts to connect to: `host` or `host:port`, a name or an address, `*.` before a name for all below it.
/// No scheme, no path. IPv6 addresses stand in brackets.
pub(super) fn valid(entry: &str) -> bool {
    let (host, port) = match entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => return address.parse::<std::net::Ipv6Addr>().is_ok(),
        Some((address, rest)) => {
            return address.parse::<std::net::Ipv6Addr>().is_ok() && rest.strip_prefix(':').is_some_and(valid_port)
        },
        None => entry.split_once(':').map_or((entry, None), |(host, port)| (host, Some(port))),
    };
    port.is_none_or(valid_port) && valid_host(host.strip_prefix("*.").unwrap_or(host))
}

fn valid_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn valid_host(host: &str) -> bool {
    let label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= MAX_HOST && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn names_and_addresses_with_and_without_port() {
        for entry in ["example.org", "api.example.org:8443", "*.example.org", "10.0.0.1:53", "[::1]", "[::1]:80", "db"]
        {
            assert!(valid(entry), "{entry}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for entry in [
            "",
            "*",
            "*.",
            "https://example.org",
            "example.org/path",
            "a,b",
            "a b",
            "example.org:",
            "example.org:0",
            "example.org:65536",
            "example.org:+80",
            "-a.org",
            "a..org",
            "::1",
            "[::1]x",
            "[example.org]",
            "*.*.org",
            "a:1:2",
        ] {
            assert!(!valid(entry), "{entry}");
        }
    }
}
