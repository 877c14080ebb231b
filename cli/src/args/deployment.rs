//! Deployment files and their signatures.

use clap::{Args, Subcommand};
use grid_types::signature::Scheme;
use std::{path::PathBuf, str::FromStr};

const SIGN_HELP: &str = "\
Several twins can be asked to sign a deployment; its node takes it when all who must have signed, and what the signatures
weigh together suffices. The owner of the contract always must. A deployment that others sign is written out first:

  grid deployment ask stats.json --module stats.wasm --require 5 --require 7:2 --weight 3 --out asked.json
  grid deployment sign asked.json                           by twin 5, with its key; then by twin 7
  grid deployment sign asked.json --twin 7 --signature <HEX>  or with what the wallet of twin 7's account made of the hash
  grid deploy asked.json --module stats.wasm --node 1       by the owner, whose signature is added here

Every update has another hash and needs new signatures.";

/// Deployment files.
#[derive(Debug, Subcommand)]
pub enum DeploymentCommand {
    /// Complete a deployment, with those who are asked to sign it, and write it to a file for them.
    #[command(after_help = SIGN_HELP)]
    Ask {
        /// The deployment.
        file: PathBuf,
        /// The module of the workloads that name none.
        #[arg(long)]
        module: Option<PathBuf>,
        /// The version that it is to have: 0 for a new contract, one more than the contract's for an update.
        #[arg(long, value_name = "VERSION", default_value_t = 0)]
        for_version: u32,
        #[command(flatten)]
        asked: RequireArgs,
        /// Where to write it.
        #[arg(long)]
        out: PathBuf,
    },
    /// Add your twin's signature to a deployment file.
    #[command(after_help = SIGN_HELP)]
    Sign {
        /// The file, as `grid deployment ask` wrote it; it is changed in place.
        file: PathBuf,
        #[command(flatten)]
        made: MadeArgs,
    },
    /// The hash of a deployment file, and who has signed it.
    Show {
        /// The file.
        file: PathBuf,
    },
}

/// A signature that was made elsewhere.
#[derive(Debug, Args)]
pub struct MadeArgs {
    /// Whose signature it is.
    #[arg(long, requires = "signature")]
    pub twin: Option<u32>,
    /// A signature that a wallet made, 128 hexadecimal digits; it is checked before it is written down.
    #[arg(long, requires = "twin", value_name = "HEX")]
    pub signature: Option<String>,
    /// The kind of the twin's key.
    #[arg(long, requires = "signature", default_value_t, value_name = "sr25519|ed25519")]
    pub scheme: Scheme,
}

/// Who must sign.
#[derive(Debug, Default, Args)]
pub struct RequireArgs {
    /// A twin that is asked to sign, and what its signature weighs (1 if left out); once for each. You are always asked.
    #[arg(long, value_name = "TWIN[:WEIGHT]")]
    pub require: Vec<Signer>,
    /// The weight that the signatures must reach together, yours (1) included; all of them if left out.
    #[arg(long, requires = "require")]
    pub weight: Option<u32>,
    /// The twins sign with a wallet, which puts <Bytes> around the hash. Give it the hash as text or as bytes.
    #[arg(long, requires = "require")]
    pub wallet: bool,
}

/// A twin that is asked to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The twin.
    pub twin: u32,
    /// What its signature counts.
    pub weight: u32,
}

impl FromStr for Signer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (twin, weight) = text.split_once(':').unwrap_or((text, "1"));
        let number = |digits: &str| digits.parse::<u32>().map_err(|_| format!("{digits:?} is not a number"));
        match number(twin)? {
            0 => Err("twins are counted from 1".into()),
            twin => Ok(Self { twin, weight: number(weight)? }),
        }
    }
}
