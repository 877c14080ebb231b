//! The rmb door: the Redis of a running rmb-peer, which sends commands in its twin's name.
//!
//! Whoever can write to that Redis speaks for the twin: it must be the peer's own, on a Unix socket or on loopback.

use super::{
    bad_reply, bad_request, life, now, unreachable, without_password, BusError, BusTarget, ANSWER_TIMEOUT,
    CONNECT_TIMEOUT,
};
use grid_types::bus::{
    rmb::{decode, twin_of, RmbAnswer, RmbCommand, LOCAL_QUEUE, RMB_VERSION, SCHEMA},
    MessageId,
};
use redis::{aio::MultiplexedConnection, AsyncConnectionConfig, Client, RedisError, RedisResult};

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
                let number = number
                    .parse()
                    .map_err(|_| bad_request(format!("{}: {part} is no twin's number", without_password(url))))?;
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
            let address = without_password(&address);
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
        let answer: RedisResult<Option<(String, Vec<u8>)>> =
            redis::cmd("BRPOP").arg(&ret).arg(patience).query_async(&mut redis).await;
        match answer {
            Ok(Some((_, answer))) => outcome(&self.url, self.node_twin, &reference, &answer),
            silence => {
                // Nobody looks at that list any more; an answer that came in the last moment would stay there for ever.
                let _: RedisResult<()> = redis::cmd("DEL").arg(&ret).query_async(&mut redis).await;
                let no_answer = format!("no answer came back within {patience} s; is the rmb-peer running?");
                Err(silence.err().map_or_else(|| unreachable(&self.url, no_answer), failed))
            },
        }
    }
}

/// What an answer says: a result or a refusal of the node's, or that the bus did not deliver.
fn outcome(url: &str, node: u32, reference: &str, text: &[u8]) -> Result<Vec<u8>, BusError> {
    let bad = |reason: String| bad_reply(url, reason);
    let answer: RmbAnswer = serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
    if answer.reference.as_deref().is_some_and(|found| found != reference) {
        return Err(bad("it answers another message".into()));
    }
    let source = twin_of(answer.src.as_deref().unwrap_or_default());
    let by_node = source.as_ref() == Ok(&node);
    match answer.err.map(|error| (error.of_node(), error)) {
        Some((Some(refusal), _)) if by_node => return Err(BusError::Refused(refusal)),
        // A peer's or relay's own; those have no name.
        Some((None, error)) => {
            let (code, reason) = (error.code, error.message);
            return Err(BusError::Undelivered { url: without_password(url), code, reason });
        },
        _ if by_node => {},
        _ => {
            let source = source.map_or_else(|_| "nobody".into(), |source| format!("twin {source}"));
            return Err(bad(format!("{source} answered, not the node's twin {node}")));
        },
    }
    decode(&answer.dat).map_err(|failure| bad(failure.message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_types::bus::Code;
    use serde_json::json;

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
    fn only_the_node_refuses_in_its_name() {
        let code = |answer: serde_json::Value| outcome("redis://x", 1, "a", answer.to_string().as_bytes()).unwrap_err();
        let refusal = json!({ "code": Code::NotReady.number(), "message": "soon [not_ready]" });
        assert_eq!(code(json!({ "ref": "a", "src": "1:x", "err": refusal })).refusal(), Some(Code::NotReady));
        for src in [json!("9"), json!(""), json!(null)] {
            assert_eq!(code(json!({ "ref": "a", "src": src, "err": refusal })).code(), "bad_reply");
        }
        let undelivered = json!({ "ref": "a", "src": "", "err": { "code": 102, "message": "expired" } });
        assert_eq!(code(undelivered).code(), "message_undelivered");
        assert_eq!(code(json!({ "ref": "a", "src": "9", "dat": "e30=" })).code(), "bad_reply");
    }

    #[test]
    fn a_password_is_not_printed() {
        for (url, printed) in [
            ("redis://user:secret@127.0.0.1:6379/1?twin=5", "redis://127.0.0.1:6379/1?twin=5"),
            ("redis://:se@cret@[::1]:6379", "redis://[::1]:6379"),
            ("redis+unix:///run/redis.sock?db=1&pass=secret", "redis+unix:///run/redis.sock?db=1"),
            ("unix:///run/redis.sock?pass=secret", "unix:///run/redis.sock"),
            ("wss://node.example.org:7070/bus", "wss://node.example.org:7070/bus"),
        ] {
            assert_eq!(without_password(url), printed);
        }
    }

    #[tokio::test]
    async fn the_address_of_a_redis_that_is_away_is_printed_without_its_password() {
        let url = "redis://:secret@127.0.0.1:1/?twin=2".to_owned();
        let target = BusTarget { url, node_twin: 1, agent: crate::keys::Account([0; 32]), roots: None };
        for twin in [2, 3] {
            let error = Rmb::connect(&target, twin).await.map(|_| ()).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_address_tells_the_door() {
        assert!(is_address("redis://127.0.0.1/") && is_address("redis+unix:///run/redis.sock"));
        assert!(!is_address("ws://127.0.0.1:7070") && !is_address("wss://node.example.org"));
    }
}
