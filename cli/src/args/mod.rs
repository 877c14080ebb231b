//! The command line: verbs on nouns, and help that teaches.
//!
//! | file | whose words |
//! | --- | --- |
//! | `people` | keys, twins, entities, certifiers |
//! | `farm` | price lists, farms and their addresses |
//! | `node` | machines |
//! | `contract` | contracts, rents, names |
//! | `deploy` | reserving and running, calls, logs, modules, the bus |
//! | `deployment` | deployment files and their signatures |
//! | `address` | addresses with a prefix |
//! | `capacity` | processors, memory and disks |

mod address;
mod capacity;
mod contract;
mod deploy;
mod deployment;
mod farm;
mod node;
mod people;
#[cfg(test)]
mod written;

use crate::amount::Amount;
use clap::{Parser, Subcommand};
use grid_client::Account;

pub use address::Cidr;
pub use capacity::CapacityArgs;
pub use contract::{ContractCommand, IpArgs, NameCommand, QuoteArgs, RentCommand};
pub use deploy::{BusCommand, DeployArgs, InvokeArgs, LogsArgs, ModuleCommand, ResourceArgs, UpdateArgs};
#[cfg(test)]
pub use deployment::Signer;
pub use deployment::{DeploymentCommand, MadeArgs, RequireArgs};
pub use farm::{FarmCommand, NewPriceArgs, PolicyCommand, PriceArgs};
pub use node::{NodeChange, NodeCommand, NodeUpdateArgs, PublicConfigArgs, RegisterArgs, RentTermsArgs, WishArgs};
pub use people::{CertifierCommand, EntityArgs, EntityCommand, KeyCommand, TwinCommand};

const EXAMPLES: &str = r#"Examples, on a development chain (gridchain-node --dev):
  grid key new --out me.key                              a new secret, in a file that only you can read
  export GRID_KEY=me.key                                 use it from now on
  grid faucet --amount 100                               tokens to try things with
  grid twin create                                       your presence on the grid
  grid node list                                         machines and what they have free
  grid contract quote --node 1 --mru 1GiB                what a wish costs
  grid deploy stats.json --node 1 --module stats.wasm    reserve, send, wait until it runs
  grid invoke 1 stats --data '{"values": [1, 2, 3]}'     call the function
  grid contract bill 1                                   what it has cost so far
  grid cancel 1                                          end it and get back what is left

Amounts are in GRID with up to 7 decimals; with --json they are base units (1 GRID = 10^7).

Exit status: 0 done, 1 refused or failed, 2 wrong arguments, 3 there is no such thing,
4 chain or node not reachable (try again)."#;

/// Your twin on the command line: keys, contracts, functions.
#[derive(Debug, Parser)]
#[command(name = "grid", version, about, after_help = EXAMPLES, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// Chain endpoint; several, separated by commas, are tried in turn.
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        value_name = "URL",
        env = "GRID_URL",
        default_value = "ws://127.0.0.1:9944",
        value_delimiter = ','
    )]
    pub node_url: Vec<String>,
    /// Your secret: a file with it, a phrase, a 0x seed, or a development name such as //Alice.
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        env = "GRID_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub key: Option<String>,
    /// How to reach nodes, instead of the door that each has on chain: ws:// or wss:// of one node, or the Redis of your own
    /// rmb-peer: redis://127.0.0.1:6379/0?twin=5 or redis+unix:///PATH?twin=5 (twin: whose peer it is, checked if given).
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        env = "GRID_BUS",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub bus: Option<String>,
    /// Certificates (PEM) that wss:// doors are checked with, instead of the system's.
    #[arg(long, global = true, help_heading = "Everywhere", env = "GRID_BUS_CA", value_name = "FILE")]
    pub bus_ca: Option<std::path::PathBuf>,
    /// Print JSON for programs, amounts in base units.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Secrets and the accounts they sign for.
    #[command(subcommand)]
    Key(KeyCommand),
    /// What an account has.
    Balance {
        /// The account; yours if left out.
        account: Option<Account>,
    },
    /// Send tokens to another account. What keeps yours alive stays.
    #[command(after_help = "Example: grid transfer 5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX --amount 1")]
    Transfer {
        /// Who gets them.
        to: Account,
        /// How much, GRID.
        #[arg(long, value_name = "GRID")]
        amount: Amount,
    },
    /// Tokens to try things with, from the development key //Alice. Development chains only.
    #[command(after_help = "Example: grid faucet --to 5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX --amount 100")]
    Faucet {
        /// Who gets them; you if left out.
        #[arg(long)]
        to: Option<Account>,
        /// How much, GRID.
        #[arg(long, value_name = "GRID")]
        amount: Amount,
    },
    /// Accounts' presence on the grid.
    #[command(subcommand)]
    Twin(TwinCommand),
    /// People and companies that vouch for twins.
    #[command(subcommand)]
    Entity(EntityCommand),
    /// Accounts that vouch for machines and for public addresses.
    #[command(subcommand)]
    Certifier(CertifierCommand),
    /// Pay out what the chain could not pay to an account when it was due, as that account did not exist.
    Claim {
        /// The account; yours if left out. Anyone may do this for it.
        account: Option<Account>,
    },
    /// Farmers' price lists.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Farmers' sites and their public addresses.
    #[command(subcommand)]
    Farm(FarmCommand),
    /// Machines.
    #[command(subcommand)]
    Node(NodeCommand),
    /// Agreements and what they cost.
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Whole nodes.
    #[command(subcommand)]
    Rent(RentCommand),
    /// Names, leased by the day.
    #[command(subcommand)]
    Name(NameCommand),
    /// Functions as WebAssembly modules.
    #[command(subcommand)]
    Module(ModuleCommand),
    /// Reserve capacity on a node and run a deployment there.
    Deploy(DeployArgs),
    /// Change what a contract runs, and, if they are given, what it reserves and which public addresses it holds.
    Update(UpdateArgs),
    /// Deployment files: what is hashed, and who signs it.
    #[command(subcommand)]
    Deployment(DeploymentCommand),
    /// Call a function of a contract of yours.
    Invoke(InvokeArgs),
    /// What a function of a contract of yours wrote to its log.
    Logs(LogsArgs),
    /// How a contract stands on chain and on its node.
    Status {
        /// The contract.
        contract: u64,
    },
    /// End a contract: what is owed is settled, the rest comes back. With a rent, the contracts inside end first.
    Cancel {
        /// The contract.
        contract: u64,
    },
    /// Talk to a node by hand.
    #[command(subcommand)]
    Bus(BusCommand),
    /// Read the deployment of a contract back from the chain, with the key it was sealed to.
    #[command(after_help = "Example: grid recover 1 > stats.json")]
    Recover {
        /// The contract.
        contract: u64,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_after_the_verb() {
        let cli = Cli::try_parse_from(["grid", "twin", "show", "3", "--json", "--key", "//Bob"]).unwrap();
        assert!(cli.json);
        assert_eq!(cli.key.as_deref(), Some("//Bob"));
    }

    #[test]
    fn going_on_with_a_contract_takes_no_terms() {
        let go_on = ["grid", "deploy", "a.json", "--node", "1", "--contract", "2"];
        assert!(Cli::try_parse_from(go_on).is_ok());
        for terms in [&["--ips", "1"][..], &["--mru", "1GiB"], &["--price-limit", "1"], &["--no-data"]] {
            assert!(Cli::try_parse_from([&go_on, terms].concat()).is_err(), "{terms:?}");
        }
    }

    #[test]
    fn a_change_says_what_to_change() {
        for nothing in [&["policy", "update", "1"][..], &["node", "rent-terms", "1"], &["node", "public-config", "1"]] {
            assert!(Cli::try_parse_from([&["grid"], nothing].concat()).is_err(), "{nothing:?}");
        }
        for something in [
            &["policy", "update", "1", "--min-use", "50"][..],
            &["node", "rent-terms", "1", "--whole-only"],
            &["node", "rent-terms", "1", "--whole-only=false"],
        ] {
            assert!(Cli::try_parse_from([&["grid"], something].concat()).is_ok(), "{something:?}");
        }
    }

    /// Each command has its own defaults for resources.
    #[test]
    fn only_what_makes_a_contract_tells_defaults() {
        let help = |path: &[&str]| {
            let mut command = Cli::command();
            for name in path {
                command = command.find_subcommand(name).unwrap().clone();
            }
            command.render_long_help().to_string()
        };
        assert!(help(&["deploy"]).contains("the sum of the workloads' limits"));
        assert!(help(&["contract", "quote"]).contains("1GiB of memory"));
        let update = help(&["update"]);
        assert!(!update.contains("default: 1GiB") && update.contains("stays as it is"), "{update}");
    }

    #[test]
    fn who_must_sign_is_a_twin_and_a_weight() {
        let signer = |text: &str| text.parse::<Signer>().map(|signer| (signer.twin, signer.weight));
        assert_eq!(signer("5"), Ok((5, 1)));
        assert_eq!(signer("5:3"), Ok((5, 3)));
        for wrong in ["", "x", "5:", "5:-1", "5:3:1", "0"] {
            assert!(signer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_signature_that_is_given_is_somebodys() {
        let sign = ["grid", "deployment", "sign", "a.json"];
        for fine in [
            &[][..],
            &["--twin", "5", "--signature", "00"],
            &["--twin", "5", "--signature", "00", "--scheme", "ed25519"],
        ] {
            assert!(Cli::try_parse_from([&sign, fine].concat()).is_ok(), "{fine:?}");
        }
        for wrong in [&["--twin", "5"][..], &["--signature", "00"], &["--scheme", "ed25519"]] {
            assert!(Cli::try_parse_from([&sign, wrong].concat()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_the_environment_says_of_secrets_is_not_in_the_help() {
        let command = Cli::command();
        for secret in ["key", "bus"] {
            let hidden = command.get_arguments().find(|argument| argument.get_id() == secret).unwrap();
            assert!(hidden.is_hide_env_values_set(), "{secret}");
        }
    }

    #[test]
    fn several_endpoints_are_separated_by_commas() {
        let cli = Cli::try_parse_from(["grid", "--node-url", "ws://a:1,ws://b:2", "node", "list"]).unwrap();
        assert_eq!(cli.node_url, ["ws://a:1", "ws://b:2"]);
    }
}
