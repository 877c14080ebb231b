//! The program itself: its configuration, its signals, its silence about secrets.

#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::fs::{MetadataExt, PermissionsExt},
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

/// The service runs as nobody in particular; who runs the tests may be root.
#[test]
fn it_runs_as_an_unprivileged_user_and_drains_when_told() {
    use std::os::unix::{fs::chown, process::CommandExt};
    const NOBODY: u32 = 65_534;
    let home = Home::new();
    // Where the program was built, another user may not be able to look.
    let program = home.path("zos-agent");
    fs::copy(env!("CARGO_BIN_EXE_zos-agent"), &program).unwrap();
    let mut agent = Command::new(&program);
    agent.arg("run").arg("--config").arg(home.path("agent.toml"));
    // Only root can become another user; anybody else is unprivileged already.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        fs::create_dir(home.path("state")).unwrap();
        fs::set_permissions(home.path("state"), Permissions::from_mode(0o700)).unwrap();
        for path in [home.folder.path().to_owned(), home.path("state"), home.path("agent.key"), home.path("agent.toml")]
        {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        agent.uid(NOBODY).gid(NOBODY);
    }
    let mut agent = agent.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(agent.stderr.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("waiting for the chain") {
        assert_ne!(log.read_line(&mut lines).unwrap(), 0, "it ended: {lines}");
    }
    let owner = fs::metadata(format!("/proc/{}", agent.id())).unwrap().uid();
    assert_ne!(owner, 0);
    terminate(&agent);
    assert!(agent.wait().unwrap().success());
}

#[test]
fn init_writes_what_check_config_takes_and_says_what_is_next() {
    let folder = tempfile::tempdir().unwrap();
    let (config, state) = (folder.path().join("etc/agent.toml"), folder.path().join("state"));
    let agent = |arguments: &[&str]| {
        let mut agent = Command::new(env!("CARGO_BIN_EXE_zos-agent"));
        agent.args(arguments).arg("--config").arg(&config);
        agent
    };
    let init =
        || agent(&["init", "--key", "--public", "node7.example"]).arg("--state-dir").arg(&state).output().unwrap();
    let first = init();
    let said = String::from_utf8(first.stdout).unwrap();
    assert!(first.status.success() && said.contains("zos-agent doctor") && said.contains("node register"), "{said}");
    let written = fs::read_to_string(&config).unwrap();
    assert!(written.contains("# "), "it has comments");
    let secret = fs::read_to_string(state.join("agent.key")).unwrap();
    assert!(!said.contains(secret.trim()));
    assert!(agent(&["check-config"]).output().unwrap().status.success());
    init();
    assert_eq!(fs::read_to_string(&config).unwrap(), written);
    assert_eq!(fs::read_to_string(state.join("agent.key")).unwrap(), secret);
}

#[test]
fn status_of_a_folder_without_an_agent_says_so() {
    let home = Home::new();
    let output = home.agent("status").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("start the agent first"));
}

#[test]
fn status_is_text_for_people_and_json_for_programs() {
    let home = Home::new();
    let mut agent = home.agent("run").stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(agent.stderr.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("waiting for the chain") {
        assert_ne!(log.read_line(&mut lines).unwrap(), 0, "it ended: {lines}");
    }
    terminate(&agent);
    assert!(agent.wait().unwrap().success());
    let table = String::from_utf8(home.agent("status").output().unwrap().stdout).unwrap();
    assert!(table.contains("not running") && table.contains("outbox"), "{table}");
    let json = home.agent("status").arg("--json").output().unwrap().stdout;
    let status: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&status["running"], &status["outbox"]), (&serde_json::json!(false), &serde_json::json!(0)));
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do_and_fails() {
    let home = Home::new();
    let output = home.agent("doctor").output().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    for words in ["BAD  state folder", "zos-agent init makes it", "BAD  endpoint", "ok   key", "weak agent"] {
        assert!(found.contains(words), "{words} is not in\n{found}");
    }
    assert!(!found.contains("well kept"));
}

#[test]
fn the_unit_gives_the_agent_more_time_than_it_takes_to_drain() {
    let unit = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/zos-agent.service")).unwrap();
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned);
    let patience: u64 = value("TimeoutStopSec").unwrap().parse().unwrap();
    assert!(patience > zos_agent::agent::LONGEST_STOP.as_secs(), "{patience} s");
    assert_eq!(value("User").as_deref(), Some("zos-agent"));
    assert_eq!(value("NoNewPrivileges").as_deref(), Some("yes"));
    assert_eq!(value("Restart").as_deref(), Some("always"));
    assert!(value("ExecStart").unwrap().ends_with("zos-agent run --config /etc/zos-agent/agent.toml"));
}

fn terminate(agent: &Child) {
    let sent = Command::new("kill").args(["-TERM", &agent.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
