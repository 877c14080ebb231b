//! The rmb door: the Redis of a running rmb-peer, which sends commands in its twin's name.
//!
//! Whoever can write to that Redis speaks for the twin: it must be the peer's own, on a Unix socket or on loopback.

use super::{bad_reply, bad_request, life, now, unreachable, BusError, BusTarget, ANSWER_TIMEOUT, CONNECT_TIMEOUT};
use grid_types::bus::{
    rmb::{decode, twin_of, RmbAnswer, RmbCommand, LOCAL_QUEUE, RMB_VERSION, SCHEMA},
    MessageId,
};
use redis::{aio::MultiplexedConnection, AsyncConnectionConfig, Client, RedisError};

/// How much longer than that an answer is waited for, seconds.
const GRACE: u64 = 2;

/// The Redis of a peer.
pub struct Rmb {
    redis: MultiplexedConnection,
    url: String,
    node_twin: u32,
}

/// Whether an address is that of a Redis.
pub fn is_address(url: &str) -> bool {
    ["redis://", "redis+unix://", "unix://"].iter().any(|scheme| url.starts_with(scheme))
}

/// The address without what it says about the twin (`?twin=5`), and that twin.
fn parts(url: &str) -> Result<(String, Option<u32>), BusError> {
    let Some((address, query)) = url.split_once('?') else { return Ok((url.into(), None)) };
    let (mut twin, mut rest) = (None, Vec::new());
    for part in query.split('&') {
        match part.strip_prefix("twin=") {
            Some(number) => {
                let number = number.parse().map_err(|_| bad_request(format!("{url}: {part} is no twin's number")))?;
                twin = Some(number);
            },
            None => rest.push(part),
        }
    }
    let address = if rest.is_empty() { address.into() } else { format!("{address}?{}", rest.join("&")) };
    Ok((address, twin))
}

impl Rmb {
    /// Connects to the Redis of `twin`'s peer. If the address names a twin (`?twin=5`), it must be that one.
    pub async fn connect(target: &BusTarget, twin: u32) -> Result<Self, BusError> {
        let (address, named) = parts(&target.url)?;
        if let Some(named) = named.filter(|named| *named != twin) {
            return Err(bad_request(format!("the peer at {address} is twin {named}'s, your key is twin {twin}'s")));
        }
        let failed = |error: RedisError| unreachable(&address, error);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT + CONNECT_TIMEOUT));
        let client = Client::open(address.as_str()).map_err(failed)?;
        let redis = client.get_multiplexed_async_connection_with_config(&config).await.map_err(failed)?;
        Ok(Self { redis, url: address, node_twin: target.node_twin })
    }

    /// Sends a command and gives its result.
    pub async fn call(&self, command: &str, payload: Vec<u8>) -> Result<Vec<u8>, BusError> {
        let reference = MessageId::random().map_err(bad_request)?.to_string();
        // A list of its own for each command: no answer can be taken for another's.
        let ret = format!("msgbus.grid.{reference}");
        let exp = life(command);
        let message = RmbCommand {
            ver: RMB_VERSION,
            reference: reference.clone(),
            cmd: command.into(),
            exp,
            dat: payload,
            dst: vec![self.node_twin],
            ret: ret.clone(),
            shm: SCHEMA.into(),
            now: now()?,
        };
        let text = serde_json::to_vec(&message).map_err(bad_request)?;
        drop(message);
        let mut redis = self.redis.clone();
        let failed = |error: RedisError| unreachable(&self.url, error);
        let () = redis::cmd("LPUSH").arg(LOCAL_QUEUE).arg(text).query_async(&mut redis).await.map_err(failed)?;
        // After its expiration the peer delivers no answer any more.
        let patience = exp.saturating_add(GRACE);
        let answer: Option<(String, Vec<u8>)> =
            redis::cmd("BRPOP").arg(&ret).arg(patience).query_async(&mut redis).await.map_err(failed)?;
        let silence =
            || unreachable(&self.url, format!("no answer came back within {patience} s; is the rmb-peer running?"));
        let (_, answer) = answer.ok_or_else(silence)?;
        self.outcome(&reference, &answer)
    }

    fn outcome(&self, reference: &str, text: &[u8]) -> Result<Vec<u8>, BusError> {
        let bad = |reason: String| bad_reply(&self.url, reason);
        let answer: RmbAnswer = serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
        if answer.reference.as_deref().is_some_and(|found| found != reference) {
            return Err(bad("it answers another message".into()));
        }
        if let Some(error) = answer.err {
            return Err(match error.of_node() {
                Some(refusal) => BusError::Refused(refusal),
                None => BusError::Undelivered { url: self.url.clone(), code: error.code, reason: error.message },
            });
        }
        let source = twin_of(answer.src.as_deref().unwrap_or_default()).map_err(|failure| bad(failure.message))?;
        if source != self.node_twin {
            return Err(bad(format!("twin {source} answered, not the node's twin {}", self.node_twin)));
        }
        decode(&answer.dat).map_err(|failure| bad(failure.message))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_may_say_whose_peer_it_is() {
        for (url, address, twin) in [
            ("redis://127.0.0.1:6379/1?twin=5", "redis://127.0.0.1:6379/1", Some(5)),
            ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379", None),
            ("redis+unix:///run/redis.sock?db=1&twin=7", "redis+unix:///run/redis.sock?db=1", Some(7)),
        ] {
            assert_eq!(parts(url).unwrap(), (address.to_owned(), twin));
        }
        assert_eq!(parts("redis://x?twin=").unwrap_err().code(), "bad_request");
    }

    #[test]
    fn the_address_tells_the_door() {
        assert!(is_address("redis://127.0.0.1/") && is_address("redis+unix:///run/redis.sock"));
        assert!(!is_address("ws://127.0.0.1:7070") && !is_address("wss://node.example.org"));
    }
}
