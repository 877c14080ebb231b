//! The node itself: database, transaction pool, network, block production and finality, wired together.
//!
//! There are no off-chain workers: everything that moves money is signed by an agent, a user or an operator outside of the
//! node, never by the node on its own, so no pallet has one. `--offchain-worker` is accepted and starts nothing.

use gridchain_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_client_api::BlockBackend;
use sc_consensus_aura::{ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{
    GrandpaBlockImport, GrandpaParams, GrandpaPruningFilter, LinkHalf, SharedVoterState, VotingRule, VotingRulesBuilder,
};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_service::{
    config::Configuration, error::Error, BuildNetworkParams, ChainType, PartialComponents, SpawnTasksParams,
    TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::{
    inherents::InherentDataProvider as SlotProvider, sr25519::AuthorityPair as AuraPair, SlotDuration,
};
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::{sync::Arc, time::Duration};

type Client = sc_service::TFullClient<Block, RuntimeApi, sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>>;
type Backend = sc_service::TFullBackend<Block>;
type SelectChain = sc_consensus::LongestChain<Backend, Block>;
type Pool = TransactionPoolHandle<Block, Client>;
type BlockImport = GrandpaBlockImport<Backend, Block, Client, SelectChain>;
type FinalityLink = LinkHalf<Block, Client, SelectChain>;

/// What every command needs of a node, before there is a network.
pub type Partial = PartialComponents<
    Client,
    Backend,
    SelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    Pool,
    (BlockImport, FinalityLink, Option<Telemetry>),
>;

/// How often a finality proof is kept for nodes that catch up, blocks.
const JUSTIFICATION_PERIOD: u32 = 512;
/// The part of a slot that a validator fills a block in; the rest is for sending it. Executing it takes others at most
/// the third of a slot that the runtime allows.
const PROPOSAL_PORTION: f32 = 2.0 / 3.0;

/// Opens the database and builds what works without a network.
pub fn new_partial(config: &Configuration) -> Result<Partial, Error> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let (client, backend, keystore_container, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
        config,
        telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
        sc_service::new_wasm_executor(&config.executor),
        // A node that prunes keeps the blocks with finality proofs: others need them to catch up.
        vec![Arc::new(GrandpaPruningFilter)],
    )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = SelectChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (block_import, finality_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(Telemetry::handle),
    )?;

    let slot_client = client.clone();
    let import_queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |parent, _| {
            let client = slot_client.clone();
            async move { Ok(inherents(sc_consensus_aura::standalone::slot_duration_at(&*client, parent)?)) }
        },
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: telemetry.as_ref().map(Telemetry::handle),
        compatibility_mode: Default::default(),
    })?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (block_import, finality_link, telemetry),
    })
}

/// What a block says of the world outside: the slot and the time, from this machine's clock.
fn inherents(slot_duration: SlotDuration) -> (SlotProvider, TimestampProvider) {
    let timestamp = TimestampProvider::from_system_time();
    (SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration), timestamp)
}

/// How finality is voted on: how long a round waits for the network, and which blocks are voted for.
///
/// A development chain has one validator on one machine: it need not wait for messages, and no fork competes with the
/// block that it has just made. Others vote a little behind the best block, so that votes rarely meet on a lost fork.
fn finality_pace(chain: ChainType) -> (Duration, impl VotingRule<Block, Client> + Clone) {
    match chain {
        ChainType::Development => (Duration::from_millis(100), VotingRulesBuilder::new().build()),
        ChainType::Local | ChainType::Live | ChainType::Custom(_) => {
            (Duration::from_millis(333), VotingRulesBuilder::default().build())
        },
    }
}

/// Starts a full node, or a validator if the configuration says so. The node runs as long as the returned tasks do.
pub fn new_full<N: NetworkBackend<Block, Hash>>(config: Configuration) -> Result<TaskManager, Error> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (block_import, finality_link, mut telemetry),
    } = new_partial(&config)?;

    let registry = config.prometheus_registry().cloned();
    let metrics = N::register_notification_metrics(registry.as_ref());
    let mut net_config = FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.clone());

    let genesis = client.block_hash(0)?.ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
    let finality_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (finality_config, finality_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        finality_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(finality_config);

    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        finality_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let role = config.role;
    let name = config.network.node_name.clone();
    let force_authoring = config.force_authoring;
    let finality_enabled = !config.disable_grandpa;
    let (gossip_duration, voting_rule) = finality_pace(config.chain_spec.chain_type());

    let rpc_builder = {
        let (client, pool) = (client.clone(), transaction_pool.clone());
        Box::new(move |_| crate::rpc::methods(client.clone(), pool.clone()).map_err(Error::Application))
    };
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore_container.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    let telemetry = telemetry.as_ref().map(Telemetry::handle);

    if role.is_authority() {
        let proposer_factory = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            registry.as_ref(),
            telemetry.clone(),
        );
        let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
        let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(StartAuraParams {
            slot_duration,
            client: client.clone(),
            select_chain,
            block_import,
            proposer_factory,
            create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
            force_authoring,
            backoff_authoring_blocks: None::<()>,
            keystore: keystore_container.keystore(),
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.clone(),
            compatibility_mode: Default::default(),
        })?;
        // A validator that cannot make blocks any more stops as a whole, so that its operator notices.
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
    }

    if finality_enabled {
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration,
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                // Only a validator votes; others follow.
                keystore: role.is_authority().then(|| keystore_container.keystore()),
                local_role: role,
                telemetry: telemetry.clone(),
                protocol_name: finality_protocol,
            },
            link: finality_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: finality_notifications,
            voting_rule,
            prometheus_registry: registry,
            shared_voter_state: SharedVoterState::empty(),
            telemetry,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }

    Ok(task_manager)
}
