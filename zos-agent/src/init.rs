//! `zos-agent init`: a configuration with comments, and the agent's key. Nothing that is there is ever overwritten.

use crate::{config::EXAMPLE, key::AgentKey};
use grid_types::signature::Scheme;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// What the example says of its values, which is not so here.
const DEFAULTS: &str = "What stands here are the defaults.";

/// What the operator wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The configuration's file.
    pub config: PathBuf,
    /// The state folder.
    pub state_dir: PathBuf,
    /// Endpoints of the chain; the one on this machine if none is given.
    pub endpoints: Vec<String>,
    /// The node's number, if it is known.
    pub node: Option<u32>,
    /// The machine's name or address as users reach it; if it is given, both doors are opened to everybody.
    pub public: Option<String>,
    /// Whether to make the agent's key.
    pub key: bool,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The configuration; nothing if there was one.
    pub config: bool,
    /// The key; nothing if there was one, or none was wanted.
    pub key: bool,
    /// The account of the key, if there is one.
    pub account: Option<String>,
}

/// Why something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A file could not be written.
    #[error("cannot write {path}: {reason}; run it as root, or name other places with --config and --state-dir")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// No key could be made, or the one that is there cannot be used.
    #[error("the agent's key: {0}")]
    Key(String),
}

/// Makes what is missing.
pub fn init(wishes: &Wishes) -> Result<Made, InitError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |reason| InitError::Write { path, reason }
    };
    let mut made = Made::default();
    if let Some(folder) = wishes.config.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    made.config = create(&wishes.config, &configuration(wishes), 0o644).map_err(failed(&wishes.config))?;
    DirBuilder::new().recursive(true).mode(0o700).create(&wishes.state_dir).map_err(failed(&wishes.state_dir))?;
    let key_file = key_file(wishes);
    if wishes.key && !key_file.exists() {
        let (_, secret) =
            grid_client::Key::generate(Scheme::Sr25519).map_err(|error| InitError::Key(error.to_string()))?;
        made.key = create(&key_file, &format!("{secret}\n"), 0o600).map_err(failed(&key_file))?;
    }
    if key_file.exists() {
        let key = AgentKey::load(&key_file).map_err(|error| InitError::Key(error.to_string()))?;
        made.account = Some(key.address());
    }
    Ok(made)
}

/// Where the key is.
pub fn key_file(wishes: &Wishes) -> PathBuf {
    wishes.state_dir.join("agent.key")
}

/// What to do next, for the operator.
pub fn next_steps(wishes: &Wishes, made: &Made) -> String {
    let config = wishes.config.display();
    let key = key_file(wishes);
    let account = made.account.as_deref().unwrap_or("<the agent's account>");
    let first = match (&made.account, made.key) {
        (Some(account), true) => format!("The agent's key is in {}; its account is {account}.", key.display()),
        (Some(account), false) => format!("The key that was in {} stays; its account is {account}.", key.display()),
        (None, _) => format!("Put the agent's key into {} (mode 0600), or run this again with --key.", key.display()),
    };
    let written = if made.config { "Written" } else { "There already, and left as it is" };
    let public = wishes.public.as_deref().unwrap_or("<this machine's address>");
    let mut steps =
        vec![format!("give the account a float for fees:   grid --key <farmer's key> transfer {account} --amount 1")];
    match wishes.node {
        Some(node) => steps.push(format!(
            "if the node has another agent:       grid --key <farmer's key> node set-agent {node} {account}"
        )),
        None => steps.extend([
            "let the machine into the farm:       grid --key <farmer's key> farm authorize <farm> <machine's account>".to_owned(),
            format!(
                "register the node:                   grid --key <machine's key> node register --farm <farm> --country <country> \
                 --city <city> --bus ws://{public}:7070 --agent {account}"
            ),
            format!("write its number, which that prints, into {config}: [node] id = <number>"),
        ]),
    }
    steps.extend([
        format!("look whether all is well:            zos-agent doctor --config {config}"),
        format!(
            "start it:                            systemctl enable --now zos-agent, or zos-agent run --config {config}"
        ),
    ]);
    let steps: String = (1..).zip(steps).map(|(number, step)| format!("  {number}. {step}\n")).collect();
    format!("{written}: {config}\n{first}\nNext:\n{steps}docs/farmer.md tells the whole way.")
}

/// The example with what is wished for in place of the defaults.
fn configuration(wishes: &Wishes) -> String {
    let quoted = |path: &Path| format!("{:?}", path.to_string_lossy());
    let mut lines = Vec::new();
    let mut section = "";
    for line in EXAMPLE.lines() {
        if line.starts_with('[') {
            section = line.split(']').next().unwrap_or(line);
        }
        let key = line.trim_start_matches("# ").split(['=', ' ']).next().unwrap_or_default();
        let value = match (section, key) {
            ("", "state_dir") => Some(quoted(&wishes.state_dir)),
            ("[chain", "endpoints") if !wishes.endpoints.is_empty() => Some(format!("{:?}", wishes.endpoints)),
            ("[node", "key_file") => Some(quoted(&key_file(wishes))),
            ("[node", "id") => wishes.node.map(|node| node.to_string()),
            ("[bus", "listen") => wishes.public.as_ref().map(|_| "\"0.0.0.0:7070\"".to_owned()),
            ("[gateway", "listen") => wishes.public.as_ref().map(|_| "\"0.0.0.0:8080\"".to_owned()),
            ("[gateway", "public_url") => wishes.public.as_ref().map(|host| format!("\"http://{host}:8080\"")),
            ("[admin", "listen") => Some("\"127.0.0.1:7071\"".to_owned()),
            _ => None,
        };
        lines.push(match value {
            None if line.ends_with(DEFAULTS) => line.replace(DEFAULTS, "Made by zos-agent init."),
            Some(value) => {
                let comment = line.rsplit_once(" # ").map(|(_, comment)| format!("   # {comment}")).unwrap_or_default();
                format!("{key} = {value}{comment}")
            },
            None => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

/// Makes a file; `false` if there is one.
fn create(path: &Path, text: &str, mode: u32) -> io::Result<bool> {
    match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            Ok(true)
        },
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::Config;
    use std::os::unix::fs::PermissionsExt;

    fn wishes(folder: &Path) -> Wishes {
        Wishes {
            config: folder.join("etc/agent.toml"),
            state_dir: folder.join("state"),
            endpoints: vec!["ws://a:1".to_owned(), "ws://b:2".to_owned()],
            node: Some(3),
            public: Some("node3.example.org".to_owned()),
            key: true,
        }
    }

    #[test]
    fn what_is_written_is_read_as_what_was_wished_for() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = wishes(folder.path());
        let made = init(&wishes).unwrap();
        assert!(made.config && made.key && made.account.is_some());
        let config = Config::load(&wishes.config, []).unwrap();
        assert!(!fs::read_to_string(&wishes.config).unwrap().contains("defaults"));
        assert_eq!(config.state_dir, wishes.state_dir);
        assert_eq!((config.chain.endpoints, config.node.id), (wishes.endpoints.clone(), Some(3)));
        assert_eq!(config.node.key_file, key_file(&wishes));
        assert_eq!(
            (config.bus.listen.to_string(), config.gateway.listen.to_string()),
            ("0.0.0.0:7070".to_owned(), "0.0.0.0:8080".to_owned())
        );
        assert_eq!(config.gateway.public_url.as_deref(), Some("http://node3.example.org:8080"));
        assert_eq!(config.admin.listen.unwrap().port(), 7071);
    }

    #[test]
    fn without_wishes_nothing_is_open_to_the_world() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = Wishes { public: None, endpoints: Vec::new(), node: None, key: false, ..wishes(folder.path()) };
        assert_eq!(init(&wishes).unwrap(), Made { config: true, key: false, account: None });
        let config = Config::load(&wishes.config, []).unwrap();
        assert!(config.bus.listen.ip().is_loopback() && config.gateway.listen.ip().is_loopback());
        assert_eq!(config.node.id, None);
    }

    #[test]
    fn the_key_and_the_state_folder_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = wishes(folder.path());
        init(&wishes).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&key_file(&wishes)), mode(&wishes.state_dir)), (0o600, 0o700));
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = wishes(folder.path());
        let first = init(&wishes).unwrap();
        fs::write(&wishes.config, "# mine\n").unwrap();
        let second = init(&wishes).unwrap();
        assert_eq!(second, Made { config: false, key: false, account: first.account });
        assert_eq!(fs::read_to_string(&wishes.config).unwrap(), "# mine\n");
    }

    #[test]
    fn the_next_steps_name_the_account_and_never_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = wishes(folder.path());
        let made = init(&wishes).unwrap();
        let steps = next_steps(&wishes, &made);
        assert!(steps.contains(made.account.as_deref().unwrap()) && steps.contains("zos-agent doctor"), "{steps}");
        let secret = fs::read_to_string(key_file(&wishes)).unwrap();
        assert!(!steps.contains(secret.trim()));
    }

    #[test]
    fn who_has_no_node_yet_is_told_to_register_one_and_all_steps_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let known = wishes(folder.path());
        let unknown = Wishes { node: None, ..known.clone() };
        let (known, unknown) = (next_steps(&known, &Made::default()), next_steps(&unknown, &Made::default()));
        for (steps, count) in [(&known, 4), (&unknown, 6)] {
            let numbers: Vec<_> =
                steps.lines().filter_map(|line| line.trim().split_once(". ")?.0.parse::<u32>().ok()).collect();
            assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{steps}");
        }
        assert!(unknown.contains("farm authorize") && unknown.contains("--country"), "{unknown}");
        assert!(!known.contains("node register"), "{known}");
    }
}
