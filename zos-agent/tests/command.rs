//! The program itself: its configuration, its signals, its silence about secrets.

#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

const SECRET: &str = "//A well kept secret";

struct Home {
    folder: TempDir,
}

impl Home {
    /// A key, and a configuration whose chain is not there.
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(home.path("agent.key"), SECRET).unwrap();
        fs::set_permissions(home.path("agent.key"), Permissions::from_mode(0o600)).unwrap();
        home.configure(&format!(
            "state_dir = {:?}\n[chain]\nendpoints = ['ws://127.0.0.1:1']\n[node]\nkey_file = {:?}\n\
             [bus]\nlisten = '127.0.0.1:0'\n[gateway]\nlisten = '127.0.0.1:0'\n[log]\nlevel = 'trace'\njson = true\n",
            home.path("state"),
            home.path("agent.key"),
        ));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, text: &str) {
        fs::write(self.path("agent.toml"), text).unwrap();
    }

    fn agent(&self, command: &str) -> Command {
        let mut agent = Command::new(env!("CARGO_BIN_EXE_zos-agent"));
        agent.arg(command).arg("--config").arg(self.path("agent.toml"));
        agent
    }

    fn check(&self) -> Output {
        self.agent("check-config").output().unwrap()
    }

    fn refusal(&self) -> String {
        let output = self.check();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn check_config_shows_what_is_in_effect_and_no_secret() {
    let home = Home::new();
    let output = home.agent("check-config").env("ZOS_BUS_LISTEN", "127.0.0.1:7171").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(shown.contains("127.0.0.1:7171") && shown.contains("the agent's account"), "{shown}");
    assert!(!shown.contains("well kept"));
    assert!(!home.path("state").exists(), "nothing is changed");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let home = Home::new();
    fs::set_permissions(home.path("agent.key"), Permissions::from_mode(0o644)).unwrap();
    assert!(home.refusal().contains("chmod 600"));
}

#[test]
fn a_key_that_is_none_is_refused_without_showing_it() {
    let home = Home::new();
    fs::write(home.path("agent.key"), "not a key at all").unwrap();
    let refusal = home.refusal();
    assert!(refusal.contains("agent.key") && !refusal.contains("not a key at all"), "{refusal}");
}

#[test]
fn a_mistake_in_the_file_is_named() {
    let home = Home::new();
    home.configure("[bus]\nport = 1\n");
    let refusal = home.refusal();
    assert!(refusal.contains("unknown field") && refusal.contains("port"), "{refusal}");
}

#[test]
fn the_help_teaches() {
    let output = Command::new(env!("CARGO_BIN_EXE_zos-agent")).args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for words in ["check-config", "[chain]", "ZOS_BUS_LISTEN", "FAAS_GATEWAY", "SIGTERM"] {
        assert!(help.contains(words), "{words}");
    }
}

#[test]
fn it_serves_without_a_chain_stops_when_told_and_logs_no_secret() {
    let home = Home::new();
    let mut agent = home.agent("run").stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(agent.stderr.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("waiting for the chain") {
        assert_ne!(log.read_line(&mut lines).unwrap(), 0, "it ended: {lines}");
    }
    assert!(lines.contains("the embedded gateway runs"), "{lines}");
    terminate(&agent);
    assert!(agent.wait().unwrap().success());
    log.read_to_string(&mut lines).unwrap();
    let password = fs::read_to_string(home.path("state/gateway.password")).unwrap();
    for secret in ["well kept", password.trim()] {
        assert!(!lines.contains(secret), "{lines}");
    }
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
}

fn terminate(agent: &Child) {
    let sent = Command::new("kill").args(["-TERM", &agent.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
