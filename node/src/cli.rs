//! The command line: the same verbs and flags as any Substrate node.

use sc_cli::RunCmd;

/// A gridchain peer.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// Something else than running the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,
}

/// What the binary can do besides running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write a chain's specification as JSON, to change it or to give it to other nodes.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Check a block of the database again.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state of a block as the specification of a new chain.
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the whole chain from the disk.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Go back by a number of blocks that are not final.
    Revert(sc_cli::RevertCmd),

    /// What the database holds.
    ChainInfo(sc_cli::ChainInfoCmd),
}
