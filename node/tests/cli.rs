//! The command line.

use clap::CommandFactory;
use gridchain_node::cli::Cli;

#[test]
fn flags_and_verbs_do_not_contradict_each_other() {
    Cli::command().debug_assert();
}
