//! Where an agent and its gateway live, and the programs that live there.

use crate::{
    process::{binary, free_port, launch},
    steps::Kill,
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, Command},
};

/// The password of a gateway that is a process of its own.
const PASSWORD: &str = "of a gateway that stands alone";

/// Where the things of an agent and its gateway are, and how these are reached.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder with everything.
    pub folder: PathBuf,
    /// The direct door.
    pub bus: SocketAddr,
    /// The gateway.
    pub gateway: SocketAddr,
    /// Where it is commanded.
    pub control: SocketAddr,
    /// Whether the gateway is a process of its own.
    apart: bool,
}

/// A program of a home, and what it is told whenever it starts.
#[derive(Clone, Debug)]
pub struct Program {
    name: &'static str,
    arguments: Vec<OsString>,
    log: PathBuf,
}

impl Home {
    /// A configuration in `folder` for an agent of the chain behind these endpoints, with its gateway in it. `secret`: the agent's
    /// key.
    pub fn furnish(folder: &Path, endpoints: &[String], secret: &str) -> Self {
        Self::furnish_with(folder, endpoints, secret, false)
    }

    /// The same for an agent whose gateway is a process of its own.
    pub fn furnish_apart(folder: &Path, endpoints: &[String], secret: &str) -> Self {
        Self::furnish_with(folder, endpoints, secret, true)
    }

    fn furnish_with(folder: &Path, endpoints: &[String], secret: &str, apart: bool) -> Self {
        let local = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let home = Self { folder: folder.to_owned(), bus: local(), gateway: local(), control: local(), apart };
        let key = folder.join("agent.key");
        write_secret(&key, secret);
        if apart {
            write_secret(&home.password(), PASSWORD);
        }
        let (state, bus, gateway) = (home.state(), home.bus, home.gateway_config());
        let config = format!(
            "state_dir = {state:?}\n\
             [chain]\nendpoints = {endpoints:?}\n\
             [node]\nkey_file = {key:?}\nid = 1\n\
             [bus]\nlisten = \"{bus}\"\n\
             [gateway]\n{gateway}\n\
             [engine]\nkeep_ended = 0\nmax_backoff = 2\n"
        );
        fs::write(home.config(), config).expect("the test's folder is writable");
        home
    }

    fn gateway_config(&self) -> String {
        let Self { gateway, control, .. } = self;
        if self.apart {
            return format!("url = \"http://{control}\"\npassword_file = {:?}", self.password());
        }
        format!("listen = \"{gateway}\"\ncontrol_listen = \"{control}\"\nmemory = 268435456")
    }

    /// The agent's configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    /// What the agent remembers.
    pub fn state(&self) -> PathBuf {
        self.folder.join("agent")
    }

    /// What the gateway remembers.
    pub fn gateway_state(&self) -> PathBuf {
        self.of_gateway().join("gateway")
    }

    /// The password of the gateway's administrator.
    pub fn password(&self) -> PathBuf {
        self.of_gateway().join("gateway.password")
    }

    /// The folder with the gateway's things.
    fn of_gateway(&self) -> PathBuf {
        if self.apart {
            self.folder.clone()
        } else {
            self.state()
        }
    }

    /// The steps that agent and gateway have reached, in all their lives, in their order.
    pub fn steps(&self) -> Vec<String> {
        fs::read_to_string(self.notes()).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    fn notes(&self) -> PathBuf {
        self.folder.join("steps")
    }

    /// The agent, with its gateway if that is no process of its own.
    pub fn agent_program(&self) -> Program {
        self.program("crash-agent", vec!["--config".into(), self.config().into()])
    }

    /// The gateway as a process of its own.
    pub fn gateway_program(&self) -> Program {
        assert!(self.apart, "the agent has a gateway in it");
        let arguments = vec![
            "--listen".into(),
            self.gateway.to_string().into(),
            "--control-listen".into(),
            self.control.to_string().into(),
            "--state-dir".into(),
            self.gateway_state().into(),
            "--password-file".into(),
            self.password().into(),
        ];
        self.program("crash-gateway", arguments)
    }

    fn program(&self, name: &'static str, mut arguments: Vec<OsString>) -> Program {
        arguments.extend(["--steps".into(), self.notes().into()]);
        Program { name, arguments, log: self.folder.join(format!("{name}.log")) }
    }
}

impl Program {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Starts it. It ends at this step, if one is given.
    pub fn start(&self, kill: Option<&Kill>) -> Child {
        let mut command = Command::new(binary(self.name));
        command.args(&self.arguments);
        if let Some(kill) = kill {
            command.arg("--kill").arg(kill.to_string());
        }
        launch(command, &self.log)
    }

    /// All that it wrote, in all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Writes a file that nobody else can read.
fn write_secret(path: &Path, text: &str) {
    let file = File::options().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("the test's folder is writable");
}
