//! Callbacks: where they may go, and how they are sent.
//!
//! A caller names the target, and the gateway goes there from inside its operator's network. So it goes to public
//! addresses only, unless the operator allows a network. A name is resolved once, here, and the connection is made to the
//! addresses that were looked at: a name that resolves to something else a moment later leads nowhere. Redirects are not
//! followed and no proxy of the environment is used.

use crate::{error::causes, public_address};
use axum::http::HeaderMap;
use bytes::Bytes;
use ipnet::IpNet;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect, Client, Url,
};
use std::{io, net::IpAddr, sync::Arc, time::Duration};

/// Longest address of a callback, in bytes.
const MAX_URL_BYTES: usize = 2048;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a target is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it must be an absolute http or https address of at most {MAX_URL_BYTES} bytes")]
    NotAUrl,
    #[error("it must not hold a user or a password")]
    Credentials,
    #[error("this gateway sends callbacks to public addresses only; its operator can allow others")]
    NotPublic,
}

/// Checks a target. What a name stands for is looked at when the callback is sent.
pub(crate) fn check(url: &str, also: &[IpNet]) -> Result<Url, Refused> {
    if url.len() > MAX_URL_BYTES {
        return Err(Refused::NotAUrl);
    }
    let url = Url::parse(url).map_err(|_| Refused::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Credentials);
    }
    // The parser has turned every spelling of an IPv4 address (0x7f.1, 2130706433) into the plain one.
    let host = url.host_str().ok_or(Refused::NotAUrl)?;
    let literal: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    if literal.is_some_and(|address| !public_address::allowed(address, also)) {
        return Err(Refused::NotPublic);
    }
    Ok(url)
}

/// Sends callbacks.
pub(crate) struct Callbacks {
    client: Client,
    networks: Vec<IpNet>,
}

impl Callbacks {
    /// Needs rustls' default provider, even for plain HTTP.
    pub fn new(networks: Vec<IpNet>, timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Allowed { networks: networks.clone() }))
            .build()?;
        Ok(Self { client, networks })
    }

    /// Sends one; gives the status of the answer, or what went wrong in words (without the address, which may hold a
    /// secret of the caller's). The answer's body is not read.
    pub async fn send(&self, url: &str, headers: HeaderMap, body: Bytes) -> Result<u16, String> {
        // Again, because the networks may be others than when the call was queued.
        let url = check(url, &self.networks).map_err(|refused| refused.to_string())?;
        let sent = self.client.post(url).headers(headers).body(body).send().await;
        sent.map(|answer| answer.status().as_u16()).map_err(|error| causes(&error.without_url()))
    }
}

/// Resolves names to the addresses that may be called.
struct Allowed {
    networks: Vec<IpNet>,
}

impl Resolve for Allowed {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.networks.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|addr| public_address::allowed(addr.ip(), &networks)).collect();
            if allowed.is_empty() {
                return Err(io::Error::other(Refused::NotPublic).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str) -> Result<(), Refused> {
        check(url, &[]).map(drop)
    }

    #[test]
    fn public_targets_pass() {
        for url in ["https://example.org/hook?x=1", "http://8.8.8.8:8080/", "http://[2606:4700::1111]/"] {
            assert_eq!(checked(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn anything_but_http_is_refused() {
        let long = format!("http://example.org/{}", "a".repeat(MAX_URL_BYTES));
        for url in ["", "hook", "/hook", "ftp://example.org/", "file:///etc/passwd", "gopher://x/", "http://", &long] {
            assert_eq!(checked(url), Err(Refused::NotAUrl), "{url}");
        }
    }

    #[test]
    fn credentials_are_refused() {
        assert_eq!(checked("http://user:password@example.org/"), Err(Refused::Credentials));
        assert_eq!(checked("http://user@example.org/"), Err(Refused::Credentials));
    }

    #[test]
    fn the_neighbourhood_is_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "017700000001",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "169.254.169.254",
        ] {
            assert_eq!(checked(&format!("http://{host}/")), Err(Refused::NotPublic), "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_leads_nowhere() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let callbacks = Callbacks::new(Vec::new(), Duration::from_secs(5)).expect("a client");
        let sent = callbacks.send("http://localhost:9/", HeaderMap::new(), Bytes::new()).await;
        assert!(sent.as_ref().is_err_and(|error| error.contains("public addresses only")), "{sent:?}");
    }
}
