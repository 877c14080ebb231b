//! What each subcommand does.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    service,
};
use gridchain_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;
use sc_service::{Configuration, PartialComponents, TaskManager};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "gridchain-node".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "see CONTRIBUTING.md in the repository".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Parses the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => cli.create_runner(&cli.run)?.run_node_until_exit(start),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
            Ok((command.run(client, config.database), task_manager))
        }),
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.database))
        },
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents { client, task_manager, backend, .. } = service::new_partial(&config)?;
            // GRANDPA keeps its own record of authority sets, which must go back with the chain.
            let revert_finality = Box::new(|client, _, blocks| {
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((command.run(client, backend, Some(revert_finality)), task_manager))
        }),
        Some(Subcommand::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
        },
    }
}

/// Starts the node with the network library that `--network-backend` names.
async fn start(config: Configuration) -> sc_cli::Result<TaskManager> {
    let tasks = match config.network.network_backend {
        NetworkBackendType::Libp2p => service::new_full::<sc_network::NetworkWorker<_, _>>(config),
        NetworkBackendType::Litep2p => service::new_full::<sc_network::Litep2pNetworkBackend>(config),
    };
    tasks.map_err(sc_cli::Error::Service)
}
