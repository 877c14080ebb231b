//! Puts the parts together: start, run, stop.
//!
//! The gateway starts before the chain is asked, so that functions serve also while it cannot be; the bus opens last, so
//! that whoever is answered is answered by a whole agent.

use crate::{
    admin::{Admin, Source},
    board::Board,
    bus::{
        accounts::Accounts,
        answers::Answers,
        counter::Counter,
        direct::{door::Door, Direct},
        handlers::Desk,
        introduce::Introducer,
        limits::Limits,
        replay::ReplayGuard,
        rmb::Rmb,
        seal_keys::SealKeys,
    },
    chain::{Chain, Head, Snapshot},
    clock,
    config::Config,
    engine::{act::Hands, decide::Rules, nudge::Nudge, run::Engine},
    error::AgentError,
    faas::{embedded, Endpoint, Faas},
    identify::Identifier,
    key::AgentKey,
    metrics::Metrics,
    report::{heartbeat::Heart, measure::Measurer, outbox::Sender, reach::SelfCheck},
    secret,
    store::{identity::Identity, Store},
};
use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    sync::{watch, Notify},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long everything but door and gateway may take to end.
const DRAIN: Duration = Duration::from_secs(25);
/// How long the last reads and writes of the store may take to end.
const RELEASE: Duration = Duration::from_secs(5);
/// How long stopping takes at most: the door, everything, the gateway twice its own patience, and the store.
pub const LONGEST_STOP: Duration = Duration::from_secs(15 + 25 + 20 + 5);

/// An agent at work. Dropping it stops it at once; [`Agent::stop`] lets what has begun come to its end.
#[must_use = "the agent stops when this is dropped"]
pub struct Agent {
    identity: Identity,
    gateway_url: String,
    gateway_control: String,
    stop: CancellationToken,
    door: Option<Door>,
    rmb: Option<Rmb>,
    bus: SocketAddr,
    admin: Option<SocketAddr>,
    tasks: JoinSet<&'static str>,
    gateway: Option<faas_gateway::Running>,
    /// Who has the store open.
    holders: TaskTracker,
}

impl Agent {
    /// Starts everything. Waits for the chain if this node has never seen it, until `stop`.
    pub async fn start(
        config: &Config,
        chain: Arc<dyn Chain>,
        key: AgentKey,
        stop: CancellationToken,
    ) -> Result<Self, AgentError> {
        let unusable = |reason| AgentError::State { path: config.state_dir.clone(), reason };
        make_private(&config.state_dir).map_err(|error| unusable(error.into()))?;
        let store = Store::open(&config.state_dir).map_err(unusable)?;
        store.sweep_modules().await.map_err(unusable)?;
        crate::step::reached("start.store_open");
        let replays = ReplayGuard::open(&config.state_dir.join("messages.journal"), clock::now())
            .map_err(|error| unusable(error.into()))?;
        if let Some(known) = store.read(|read| Ok(read.identity()?.zip(Some(read.seen()?)))).await? {
            chain.expect(known.0.genesis, known.1);
        }
        let (gateway, endpoint) = gateway(config).await?;
        crate::step::reached("start.gateway_up");
        let gateway_control = endpoint.url().to_owned();
        let gateway_url = gateway.as_ref().map_or_else(|| gateway_control.clone(), embedded::url);
        let faas = Faas::new(endpoint)?;
        let (metrics, board) = (Metrics::default(), Board::default());
        let (view, viewed) = watch::channel(None);
        // Before the chain is asked who this is: whoever waits for that can see why.
        let source = Source::new(config, &key, &store, &chain, &metrics, &board, viewed.clone());
        let admin = Admin::open(config, source).await?;
        let (admin_address, mut tasks) = (admin.address(), JoinSet::new());
        spawn(&mut tasks, "admin", admin.run(stop.clone()));
        let mut identifier = Identifier::new(chain.clone(), store.clone(), &key, config.node.id);
        let (identity, confirmed) = identifier.identify(&stop).await?;
        tracing::info!(node = identity.node_id, twin = identity.twin_id, "this node");
        chain.expect(identity.genesis, Head::default());

        let (nudge, filled) = (Nudge::default(), Arc::new(Notify::new()));
        let accounts = Arc::new(Accounts::new(chain.clone()));
        let desk = Desk {
            identity,
            accounts: accounts.clone(),
            store: store.clone(),
            chain: chain.clone(),
            faas: faas.clone(),
            nudge: nudge.clone(),
            view: viewed.clone(),
            public_url: config.gateway.public_url.as_ref().unwrap_or(&gateway_url).trim_end_matches('/').to_owned(),
        };
        let keys = SealKeys::open(&config.state_dir.join("bus.keys"), identity.genesis, clock::now())
            .map_err(|error| unusable(error.into()))?;
        let counter = Arc::new(Counter {
            limits: Arc::new(Limits::new(&config.bus)),
            replays,
            answers: Answers::default(),
            introducer: Arc::new(Introducer { identity, key: key.clone(), keys }),
            desk: Arc::new(desk),
            metrics: metrics.clone(),
        });
        let plain = config.bus.plain;
        let direct = Direct { identity, key: key.clone(), accounts, plain, counter: counter.clone() };
        let door = Door::open(&config.bus, Arc::new(direct)).await?;
        let rmb = Rmb::open(&config.bus, counter)?;
        crate::step::reached("start.bus_open");

        let mut agent = Self {
            identity,
            gateway_url,
            gateway_control,
            stop: stop.clone(),
            bus: door.address(),
            admin: admin_address,
            door: Some(door),
            rmb,
            tasks,
            gateway,
            holders: store.holders(),
        };
        let parts = Parts { store, chain, faas, identity, metrics, board };
        let check = SelfCheck::new(agent.bus, &config.bus, key, identity);
        let heart =
            Heart { chain: parts.chain.clone(), check, metrics: parts.metrics.clone(), board: parts.board.clone() };
        let measurer = parts.measurer(viewed, filled.clone());
        let sender = parts.sender(filled, config.reports.batch);
        if !confirmed {
            agent.spawn("identity", identifier.confirm(identity, stop.clone()));
        }
        agent.spawn("engine", parts.engine(config, nudge, view).run(stop.clone()));
        agent.spawn("measurer", measurer.run(stop.clone()));
        agent.spawn("sender", sender.run(stop.clone()));
        agent.spawn("heartbeat", heart.run(stop));
        Ok(agent)
    }

    /// Who this node is.
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// Where the bus listens.
    pub const fn bus(&self) -> SocketAddr {
        self.bus
    }

    /// Where the agent tells about itself over HTTP, if it does.
    pub const fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Where this machine reaches the functions.
    pub fn gateway_url(&self) -> &str {
        &self.gateway_url
    }

    /// Where the agent commands the gateway.
    pub fn gateway_control(&self) -> &str {
        &self.gateway_control
    }

    /// Waits until a part ends that should not; gives its name.
    pub async fn failed(&mut self) -> String {
        match self.tasks.join_next().await {
            Some(Ok(part)) => part.to_owned(),
            Some(Err(error)) => error.to_string(),
            None => "everything".to_owned(),
        }
    }

    /// Stops: no new commands, what has begun comes to its end within bounds, then the gateway.
    pub async fn stop(mut self) {
        let (door, rmb) = (self.door.take(), self.rmb.take());
        let closing_direct = async {
            if let Some(door) = door {
                door.close().await;
            }
        };
        let closing_rmb = async {
            if let Some(rmb) = rmb {
                rmb.close().await;
            }
        };
        tokio::join!(closing_direct, closing_rmb);
        self.stop.cancel();
        let mut tasks = std::mem::take(&mut self.tasks);
        let rest = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on after the next start");
        }
        tasks.shutdown().await;
        if let Some(gateway) = self.gateway.take() {
            gateway.shutdown().await;
        }
        // A write runs to its end even if nobody waits for it; after that the files are free for the next start.
        self.holders.close();
        if tokio::time::timeout(RELEASE, self.holders.wait()).await.is_err() {
            tracing::warn!("the state folder is still in use");
        }
        tracing::info!("stopped");
    }

    fn spawn(&mut self, part: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        spawn(&mut self.tasks, part, work);
    }
}

/// A part of the agent at work, which tells its name when it ends.
fn spawn(tasks: &mut JoinSet<&'static str>, part: &'static str, work: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(async move {
        work.await;
        part
    });
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The configured gateway, or the embedded one.
async fn gateway(config: &Config) -> Result<(Option<faas_gateway::Running>, Endpoint), AgentError> {
    let external = config.gateway.url.as_ref().zip(config.gateway.password_file.as_ref());
    let Some((url, password_file)) = external else {
        let (running, endpoint) = embedded::start(&config.gateway, &config.state_dir).await?;
        return Ok((Some(running), endpoint));
    };
    let password =
        secret::read(password_file).map_err(|reason| AgentError::Password { path: password_file.clone(), reason })?;
    tracing::info!(url, "an external gateway runs the functions");
    Ok((None, Endpoint::new(url, &config.gateway.user, password)))
}

/// What most parts need.
struct Parts {
    store: Store,
    chain: Arc<dyn Chain>,
    faas: Faas,
    identity: Identity,
    metrics: Metrics,
    board: Board,
}

impl Parts {
    fn engine(&self, config: &Config, nudge: Nudge, view: watch::Sender<Option<Arc<Snapshot>>>) -> Engine {
        let settings = &config.engine;
        let hands = Hands {
            store: self.store.clone(),
            chain: self.chain.clone(),
            faas: self.faas.clone(),
            node_id: self.identity.node_id,
            max_backoff: settings.max_backoff,
            metrics: self.metrics.clone(),
        };
        Engine {
            store: self.store.clone(),
            chain: self.chain.clone(),
            faas: self.faas.clone(),
            identity: self.identity,
            rules: Rules {
                keep_ended: settings.keep_ended,
                outdated_grace: settings.outdated_grace,
                tries: settings.tries,
            },
            hands: Arc::new(hands),
            nudge,
            view,
            resync: settings.resync,
            parallel: settings.parallel,
            metrics: self.metrics.clone(),
            board: self.board.clone(),
        }
    }

    fn measurer(&self, view: watch::Receiver<Option<Arc<Snapshot>>>, filled: Arc<Notify>) -> Measurer {
        let Self { store, chain, faas, .. } = self;
        Measurer { store: store.clone(), chain: chain.clone(), faas: faas.clone(), view, filled }
    }

    fn sender(&self, filled: Arc<Notify>, batch: usize) -> Sender {
        let Self { store, chain, metrics, board, .. } = self;
        let (store, chain, metrics, board) = (store.clone(), chain.clone(), metrics.clone(), board.clone());
        Sender { store, chain, filled, batch, metrics, board }
    }
}

/// The state folder holds a password and users' code: one that is made is its owner's alone, one that is found stays as it is.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can look into the state folder; run: chmod 700");
    }
    Ok(())
}
