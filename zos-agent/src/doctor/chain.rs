//! What the chain says: its endpoints, the clock, the account's float, the node, and whether users reach it.

use super::{Finding, Health};
use crate::{clock, config::Config, key::AgentKey, report::reach::SelfCheck, store::identity::Identity};
use grid_client::{
    records::{BlockRef, Node},
    Account, Chain, ChainError, View,
};
use std::{future::Future, time::Duration};

/// The longest that a question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much younger or older than now the newest finalized block may be, seconds; and beyond which reports suffer.
const AGE: (u64, u64) = (90, 600);
/// The float below which it should be filled, and below which nothing can be sent; base units.
const FLOAT: (u128, u128) = (2_000_000, 100_000);
/// How far an endpoint may be behind another, blocks.
const BEHIND: u64 = 10;

struct Seen {
    url: String,
    chain: Chain,
    genesis: [u8; 32],
    view: View,
    at: BlockRef,
    time: u64,
}

/// Everything that endpoints tell. `known`: the chain that the agent belongs to, as text.
pub(super) async fn examine(config: &Config, key: &AgentKey, known: Option<String>) -> Vec<Finding> {
    let (mut findings, mut seen, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for url in &config.chain.endpoints {
        match look(url).await {
            Ok(found) => seen.push(found),
            Err(error) => silent.push((format!("{}: {error}", grid_client::shown(url)), error.hint())),
        }
    }
    // The agent asks another meanwhile, if there is one.
    let health = if seen.is_empty() { Health::Bad } else { Health::Weak };
    let told = |(found, next): (String, &str)| Finding { what: "endpoint", health, found, next: Some(next.to_owned()) };
    findings.extend(silent.into_iter().map(told));
    if config.chain.endpoints.len() == 1 {
        let next = "name a second one in [chain] endpoints: what one says of an end is then checked with the other";
        findings.push(Finding::weak("endpoints", "there is only one", next));
    }
    let newest = seen.iter().map(|seen| seen.at.number).max().unwrap_or_default();
    let expected = known.or_else(|| seen.first().map(|seen| text(&seen.genesis))).unwrap_or_default();
    findings.extend(seen.iter().map(|seen| endpoint(seen, &expected, newest)));
    let Some(best) = seen.iter().filter(|seen| text(&seen.genesis) == expected).max_by_key(|seen| seen.at.number)
    else {
        return findings;
    };
    findings.push(clock_against(best.time, clock::now()));
    findings.push(match asked(best.view.balance(Account(key.account()))).await {
        Ok(balance) => float(balance.free, &key.address()),
        Err(error) => Finding::weak("float", error.to_string(), error.hint()),
    });
    findings.extend(node(config, key, best).await);
    findings
}

async fn look(url: &str) -> Result<Seen, ChainError> {
    let chain = asked(Chain::connect(&[url.to_owned()])).await?;
    let view = asked(chain.finalized()).await?;
    let time = asked(view.time()).await?;
    Ok(Seen { url: grid_client::shown(url), genesis: chain.genesis(), at: view.block(), chain, view, time })
}

async fn asked<T>(question: impl Future<Output = Result<T, ChainError>>) -> Result<T, ChainError> {
    let silent = || ChainError::Unavailable {
        endpoint: "the endpoint".to_owned(),
        reason: format!("no answer in {} s", PATIENCE.as_secs()),
    };
    tokio::time::timeout(PATIENCE, question).await.unwrap_or_else(|_| Err(silent()))
}

fn text(genesis: &[u8; 32]) -> String {
    format!("0x{}", hex::encode(genesis))
}

fn endpoint(seen: &Seen, expected: &str, newest: u64) -> Finding {
    const WHAT: &str = "endpoint";
    let (url, number) = (&seen.url, seen.at.number);
    if text(&seen.genesis) != expected {
        let found = format!("{url} serves the chain {}, not {expected}", text(&seen.genesis));
        return Finding::bad(WHAT, found, "take it out of [chain] endpoints, or use another state_dir");
    }
    let behind = newest.saturating_sub(number);
    if behind > BEHIND {
        let found = format!("{url} is at block {number}, {behind} behind another");
        return Finding::weak(WHAT, found, "wait until it has caught up; the agent asks another meanwhile");
    }
    Finding::good(WHAT, format!("{url} at block {number}"))
}

fn clock_against(block: u64, now: u64) -> Finding {
    const WHAT: &str = "clock";
    let off = now.abs_diff(block);
    let found = format!("the newest finalized block is {off} s {}", if block > now { "ahead of it" } else { "old" });
    let next = "timedatectl set-ntp true; if the clock is right, finality stands still: see the chain's telemetry";
    match off {
        off if off > AGE.1 => Finding::bad(WHAT, found, next),
        off if off > AGE.0 => Finding::weak(WHAT, found, next),
        _ => Finding::good(WHAT, found),
    }
}

fn float(free: u128, account: &str) -> Finding {
    const WHAT: &str = "float";
    let found = format!("{}.{:07} GRID for fees", free / 10_000_000, free % 10_000_000);
    let next = format!("grid --key <farmer's key> transfer {account} --amount 1");
    match free {
        free if free < FLOAT.1 => Finding::bad(WHAT, found, next),
        free if free < FLOAT.0 => Finding::weak(WHAT, found, next),
        _ => Finding::good(WHAT, found),
    }
}

async fn node(config: &Config, key: &AgentKey, seen: &Seen) -> Vec<Finding> {
    const WHAT: &str = "node";
    let account = Account(key.account());
    let weak = |error: ChainError| vec![Finding::weak(WHAT, error.to_string(), error.hint())];
    let own = match asked(seen.view.node_of_agent(account)).await {
        Ok(own) => own,
        Err(error) => return weak(error),
    };
    let Some(node_id) = own.or(config.node.id) else {
        let next =
            format!("grid --key <machine's key> node register … --agent {account}, then [node] id = <its number>");
        return vec![Finding::bad(WHAT, "no node has this account as its agent", next)];
    };
    let node = match asked(seen.view.node(node_id)).await {
        Ok(Some(node)) => node,
        Ok(None) => return vec![missing(seen, node_id).await],
        Err(error) => return weak(error),
    };
    let mut findings = vec![registered(config, own, &node, account)];
    findings.push(reached(config, key, seen, &node).await);
    findings
}

/// A node that no finalized block has.
async fn missing(seen: &Seen, node_id: u32) -> Finding {
    const WHAT: &str = "node";
    let newest = async { seen.chain.best().await?.node(node_id).await };
    match asked(newest).await {
        Ok(Some(_)) => {
            let found = format!("{node_id} was registered just now, in a block that is not final yet");
            Finding::weak(WHAT, found, "look again in a few seconds")
        },
        _ => {
            let next = "register it again, and put its new number into [node] id";
            Finding::bad(WHAT, format!("there is no node {node_id}"), next)
        },
    }
}

fn registered(config: &Config, own: Option<u32>, node: &Node, account: Account) -> Finding {
    const WHAT: &str = "node";
    let id = node.id;
    match (own, config.node.id) {
        (Some(own), Some(configured)) if own != configured => {
            let found = format!("this account is the agent of node {own}, and [node] id is {configured}");
            Finding::bad(WHAT, found, "use the right number or the right key")
        },
        (Some(_), _) => Finding::good(WHAT, format!("{id}, and this account is its agent")),
        (None, _) if node.agent == account => {
            let next = format!(
                "set [node] id = {id} and start the agent: it accepts by itself; or grid --key <agent's key> node accept-agent {id}"
            );
            Finding::weak(WHAT, format!("{id} names this account as its agent, which has not accepted yet"), next)
        },
        (None, _) => {
            let next = format!("grid --key <farmer's key> node set-agent {id} {account}");
            Finding::bad(WHAT, format!("{id} names another account as its agent"), next)
        },
    }
}

async fn reached(config: &Config, key: &AgentKey, seen: &Seen, node: &Node) -> Finding {
    const WHAT: &str = "bus";
    let Some(url) = &node.spec.bus else {
        if config.bus.redis.is_some() {
            return Finding::good(WHAT, "no address of its own: users reach it through rmb alone");
        }
        let next =
            format!("grid --key <machine's key> node update {} --bus ws://<this machine's address>:7070", node.id);
        return Finding::bad(WHAT, "the node is registered without an address", next);
    };
    let identity = Identity { genesis: seen.genesis, node_id: node.id, twin_id: node.twin_id };
    match SelfCheck::at(url.clone(), key.clone(), identity).knock().await {
        Ok(()) => Finding::good(WHAT, format!("answers at {url}")),
        Err(error) => {
            let next = "is the agent running, [bus] listen open to the world, and the port let through by firewall and router?";
            Finding::bad(WHAT, error.to_string(), next)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_found_in_both_directions() {
        let health = |block| clock_against(block, 10_000).health;
        assert_eq!([health(9_980), health(9_800), health(9_000)], [Health::Good, Health::Weak, Health::Bad]);
        assert_eq!([health(10_020), health(11_000)], [Health::Good, Health::Bad]);
    }

    #[test]
    fn an_account_without_float_is_told_how_to_get_some() {
        assert_eq!(float(10_000_000, "5F").health, Health::Good);
        assert_eq!(float(500_000, "5F").health, Health::Weak);
        let empty = float(0, "5F");
        assert_eq!(empty.health, Health::Bad);
        assert!(empty.next.is_some_and(|next| next.contains("transfer 5F")));
    }
}
