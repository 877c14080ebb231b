//! Addresses as they may be shown: who pays for an endpoint often has his key in its path or query.

/// Scheme, host and port of an address, and nothing else of it.
pub fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or((None, url), |(scheme, rest)| (Some(scheme), rest));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    scheme.map_or_else(|| host.to_owned(), |scheme| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_shown_wherever_it_is() {
        for url in
            ["wss://a.example:443/v1/SECRET", "wss://a.example:443?key=SECRET", "wss://me:SECRET@a.example:443/#SECRET"]
        {
            assert_eq!(shown(url), "wss://a.example:443");
        }
        assert_eq!(shown("ws://127.0.0.1:9944"), "ws://127.0.0.1:9944");
        assert_eq!(shown("nonsense/SECRET"), "nonsense");
    }
}
