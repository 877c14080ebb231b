//! Keys, twins, entities, certifiers.

use clap::{Args, Subcommand};
use grid_client::Account;
use grid_types::signature::Scheme;
use std::path::PathBuf;

/// Secrets.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new secret: 12 words.
    New {
        /// Write it to this file (mode 600) instead of printing it.
        #[arg(long)]
        out: Option<PathBuf>,
        /// The kind of key: sr25519, or ed25519, whose secrets begin with "ed25519:".
        #[arg(long, default_value_t)]
        scheme: Scheme,
    },
    /// The account of your secret.
    Show,
}

/// Twins.
#[derive(Debug, Subcommand)]
pub enum TwinCommand {
    /// Make a twin of your account.
    Create {
        /// RMB relay domains, joined with `_`.
        #[arg(long)]
        relay: Option<String>,
    },
    /// Say where your twin gets its messages.
    #[command(after_help = "Example: grid twin update --relay relay.example.org")]
    Update {
        /// RMB relay domains, joined with `_`; none if left out.
        #[arg(long)]
        relay: Option<String>,
    },
    /// Delete your twin. Its deposit goes back to whoever paid it; nothing may hang on it any more.
    Delete,
    /// A twin.
    Show {
        /// Its id; yours if left out.
        twin: Option<u32>,
    },
    /// Pay the deposit of the twin that an account will make. It stays on hold in your account until the twin is deleted.
    #[command(after_help = "Example: grid twin sponsor 5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX")]
    Sponsor {
        /// The account.
        account: Account,
    },
    /// Take back a sponsorship that has not been used.
    Unsponsor {
        /// The account.
        account: Account,
    },
}

/// Entities.
#[derive(Debug, Subcommand)]
pub enum EntityCommand {
    /// Make an entity. Your account pays the deposit; the entity's own key signs that it agrees.
    #[command(after_help = "\
Example: grid entity create acme --country Belgium --city Ghent --entity-key acme.key")]
    Create {
        #[command(flatten)]
        details: EntityArgs,
        /// The secret of the entity's account, as for --key; your own key if left out.
        #[arg(long, value_name = "SECRET")]
        entity_key: Option<String>,
    },
    /// Give the entity of your key another name or place.
    Update {
        #[command(flatten)]
        details: EntityArgs,
    },
    /// Delete the entity of your key. The deposit goes back to whoever paid it.
    Delete,
    /// An entity.
    Show {
        /// Its id; that of your key if left out.
        entity: Option<u32>,
    },
    /// As the entity of your key, sign that you vouch for a twin. Nothing is sent: its owner does that with `join`.
    #[command(after_help = "Example: grid --key acme.key entity vouch 7")]
    Vouch {
        /// The twin.
        twin: u32,
        /// How long the signature is valid, seconds; at most a day.
        #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        seconds: u64,
    },
    /// Add an entity that vouches for your twin, with what `vouch` printed.
    Join {
        /// The entity.
        entity: u32,
        /// Its signature.
        #[arg(long, value_name = "HEX")]
        signature: String,
        /// Until when the signature is valid, Unix seconds.
        #[arg(long)]
        valid_until: u64,
    },
    /// Take an entity off a twin, as the twin or as the entity.
    Leave {
        /// The entity.
        entity: u32,
        /// The twin; yours if left out.
        #[arg(long)]
        twin: Option<u32>,
    },
}

/// Certifiers.
#[derive(Debug, Subcommand)]
pub enum CertifierCommand {
    /// Choose a certifier. On a development chain with its root key; elsewhere the council decides.
    #[command(after_help = "Example, on a development chain: grid --key //Alice certifier add <ACCOUNT>")]
    Add {
        /// The account.
        account: Account,
    },
    /// Let a certifier go. What it vouched for stays.
    Remove {
        /// The account.
        account: Account,
    },
    /// All certifiers.
    List,
}

/// What an entity tells about itself.
#[derive(Debug, Args)]
pub struct EntityArgs {
    /// Its name, unique on the chain: 3 to 40 of A-Z, a-z, 0-9, - and _.
    pub name: String,
    /// Its country.
    #[arg(long)]
    pub country: String,
    /// Its city.
    #[arg(long)]
    pub city: String,
}
