//! What the agent counts, as Prometheus reads it. Clones share the counters; anybody may add to them, nobody decides on them.

use crate::{
    chain::{ContractState, EndpointStatus},
    engine::decide::World,
};
use prometheus_client::{
    encoding::{text, EncodeLabelSet},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{exponential_buckets, Histogram},
    },
    registry::{Registry, Unit},
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How the answer to a scrape is marked.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// States that a contract can be in, as labels.
const STATES: [&str; 4] = ["created", "deployed", "grace", "ending"];

/// One label, `kind`: what was done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Kind and outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindOutcome {
    kind: &'static str,
    outcome: &'static str,
}

/// One label, `outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// One label, `state`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// One label, `code`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: String,
}

/// One label, `endpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: String,
}

/// The counters. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Mutex<Registry>,
    contracts: Family<State, Gauge>,
    failing: Gauge,
    looks: Family<Outcome, Counter>,
    look_seconds: Histogram,
    actions: Family<KindOutcome, Counter>,
    outbox: Gauge,
    windows: Family<Outcome, Counter>,
    batches: Family<Kind, Counter>,
    heartbeats: Family<Outcome, Counter>,
    heartbeat_age: Gauge,
    endpoint_up: Family<EndpointLabel, Gauge>,
    endpoint_head: Family<EndpointLabel, Gauge>,
    endpoint_behind: Family<EndpointLabel, Gauge>,
    chain_age: Gauge,
    refusals: Family<CodeLabel, Counter>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let inner = Inner {
            registry: Mutex::default(),
            contracts: Family::default(),
            failing: Gauge::default(),
            looks: Family::default(),
            look_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            actions: Family::default(),
            outbox: Gauge::default(),
            windows: Family::default(),
            batches: Family::default(),
            heartbeats: Family::default(),
            heartbeat_age: Gauge::default(),
            endpoint_up: Family::default(),
            endpoint_head: Family::default(),
            endpoint_behind: Family::default(),
            chain_age: Gauge::default(),
            refusals: Family::default(),
        };
        inner.register();
        // Shown from the start, so that a graph begins at zero.
        for outcome in ["accepted", "refused"] {
            drop(inner.windows.get_or_create(&Outcome { outcome }));
        }
        Self { inner: Arc::new(inner) }
    }
}

impl Inner {
    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let agent = registry.sub_registry_with_prefix("zos_agent");
        agent.register("contracts", "Contracts of this node by their state on chain", self.contracts.clone());
        agent.register("failing_workloads", "Workloads that wait for another try", self.failing.clone());
        agent.register(
            "looks",
            "Looks at chain and gateway; unseen: one of them could not be asked",
            self.looks.clone(),
        );
        let (look, seconds) = (self.look_seconds.clone(), Unit::Seconds);
        agent.register_with_unit("look", "How long a look at everything takes", seconds, look);
        agent.register("actions", "What was done, by kind and outcome", self.actions.clone());
        agent.register("outbox_windows", "Report windows that the chain has not settled", self.outbox.clone());
        agent.register("windows", "Report windows that the chain has settled", self.windows.clone());
        agent.register("batches", "Batches of reports, by what became of them", self.batches.clone());
        agent.register("heartbeats", "Heartbeats, by what became of them", self.heartbeats.clone());
        let age = self.heartbeat_age.clone();
        agent.register_with_unit(
            "heartbeat_age",
            "Time since the last heartbeat in a block; -1 before it",
            Unit::Seconds,
            age,
        );
        agent.register("endpoint_up", "Whether an endpoint of the chain can be asked", self.endpoint_up.clone());
        agent.register("endpoint_head", "The newest finalized block of an endpoint", self.endpoint_head.clone());
        let behind = self.endpoint_behind.clone();
        agent.register("endpoint_behind_blocks", "How far an endpoint is behind the furthest one", behind);
        let age = self.chain_age.clone();
        agent.register_with_unit(
            "chain_lag",
            "Age of the newest finalized block; -1 before the first",
            Unit::Seconds,
            age,
        );
        agent.register("bus_refusals", "Commands that were refused, by code", self.refusals.clone());
        self.heartbeat_age.set(-1);
        self.chain_age.set(-1);
    }
}

impl Metrics {
    /// An action was done, or not.
    pub fn acted(&self, kind: &'static str, done: bool) {
        let outcome = if done { "done" } else { "failed" };
        self.inner.actions.get_or_create(&KindOutcome { kind, outcome }).inc();
    }

    /// A look at everything was taken; `seen`: both chain and gateway answered.
    pub fn looked(&self, took: Duration, seen: bool) {
        self.inner.look_seconds.observe(took.as_secs_f64());
        self.inner.looks.get_or_create(&Outcome { outcome: if seen { "seen" } else { "unseen" } }).inc();
    }

    /// What a look showed.
    pub(crate) fn saw(&self, world: &World) {
        let Some(chain) = &world.chain else { return };
        let label = |state| match state {
            ContractState::Created => "created",
            ContractState::Deployed => "deployed",
            ContractState::Grace => "grace",
            ContractState::Ending => "ending",
        };
        for state in STATES {
            let count = chain.contracts.values().filter(|contract| label(contract.state) == state).count();
            self.inner.contracts.get_or_create(&State { state }).set(count as i64);
        }
        let live = world.works.values().filter(|work| work.stored.ended.is_none());
        let failing = live.flat_map(|work| work.tasks.values()).filter(|task| task.tries > 0).count();
        self.inner.failing.set(failing as i64);
    }

    /// So many windows wait.
    pub fn outbox(&self, windows: u64) {
        self.inner.outbox.set(i64::try_from(windows).unwrap_or(i64::MAX));
    }

    /// Windows were settled.
    pub fn settled(&self, accepted: u64, refused: u64) {
        for (outcome, count) in [("accepted", accepted), ("refused", refused)] {
            self.inner.windows.get_or_create(&Outcome { outcome }).inc_by(count);
        }
    }

    /// A batch of reports became this: `sent`, `settled`, `failed`, `expired`, `forgotten`, `too_large`.
    pub fn batch(&self, kind: &'static str) {
        self.inner.batches.get_or_create(&Kind { kind }).inc();
    }

    /// A heartbeat became this: `taken`, `failed`, `unreachable`.
    pub fn heartbeat(&self, outcome: &'static str) {
        self.inner.heartbeats.get_or_create(&Outcome { outcome }).inc();
    }

    /// A command was refused.
    pub fn refused(&self, code: impl fmt::Display) {
        self.inner.refusals.get_or_create(&CodeLabel { code: code.to_string() }).inc();
    }

    /// All of it as text, with what is only known now: ages in seconds, -1 for never, and the endpoints.
    pub fn encode(
        &self,
        heartbeat_age: i64,
        chain_age: i64,
        endpoints: &[EndpointStatus],
    ) -> Result<String, fmt::Error> {
        self.inner.heartbeat_age.set(heartbeat_age);
        self.inner.chain_age.set(chain_age);
        for endpoint in endpoints {
            let label = EndpointLabel { endpoint: endpoint.url.clone() };
            let number = |number: Option<u64>| number.map_or(-1, |number| i64::try_from(number).unwrap_or(i64::MAX));
            self.inner.endpoint_up.get_or_create(&label).set(i64::from(endpoint.set_aside.is_none()));
            self.inner.endpoint_head.get_or_create(&label).set(number(endpoint.head));
            self.inner.endpoint_behind.get_or_create(&label).set(number(endpoint.behind));
        }
        let mut out = String::new();
        text::encode(&mut out, &self.inner.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::default();
        metrics.acted("deploy", true);
        metrics.acted("deploy", false);
        metrics.clone().refused("hash_mismatch");
        metrics.settled(7, 2);
        metrics.outbox(3);
        metrics.looked(Duration::from_millis(3), true);
        let endpoint = EndpointStatus {
            url: "ws://a:1".to_owned(),
            used: true,
            set_aside: None,
            head: Some(9),
            behind: Some(0),
            heard_at: None,
        };
        let told = metrics.encode(12, -1, &[endpoint]).unwrap();
        for line in [
            r#"zos_agent_actions_total{kind="deploy",outcome="done"} 1"#,
            r#"zos_agent_actions_total{kind="deploy",outcome="failed"} 1"#,
            r#"zos_agent_bus_refusals_total{code="hash_mismatch"} 1"#,
            r#"zos_agent_windows_total{outcome="accepted"} 7"#,
            r#"zos_agent_windows_total{outcome="refused"} 2"#,
            "zos_agent_outbox_windows 3",
            "zos_agent_look_seconds_count 1",
            "zos_agent_heartbeat_age_seconds 12",
            "zos_agent_chain_lag_seconds -1",
            r#"zos_agent_endpoint_up{endpoint="ws://a:1"} 1"#,
        ] {
            assert!(told.lines().any(|told| told == line), "{line} is not in\n{told}");
        }
    }
}
