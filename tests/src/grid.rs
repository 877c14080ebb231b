//! `grid` as a test uses it: JSON in, JSON out.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use serde_json::Value;

use crate::{process::binary, scene::PATIENCE};

/// Somebody at the command line: a key, and the chain that he talks to.
#[derive(Clone)]
pub struct Grid {
    folder: PathBuf,
    url: String,
    key: String,
}

/// Why a command failed: the stable code.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl Grid {
    /// Somebody whose secret is `key`: a URI, or a file in `folder`.
    pub fn new(folder: &Path, url: &str, key: &str) -> Self {
        Self { folder: folder.to_owned(), url: url.to_owned(), key: key.to_owned() }
    }

    /// Runs a command that must succeed.
    pub fn run(&self, arguments: &[&str]) -> Value {
        self.try_run(arguments).unwrap_or_else(|refused| panic!("grid {}: {refused:?}", arguments.join(" ")))
    }

    /// Runs a command; a failure is its code.
    pub fn try_run(&self, arguments: &[&str]) -> Result<Value, Refused> {
        let output = self.output(arguments);
        if output.status.success() {
            return Ok(serde_json::from_slice(&output.stdout).expect("--json prints JSON"));
        }
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let error: Value = serde_json::from_str(errors.trim()).unwrap_or_else(|_| panic!("not a JSON error: {errors}"));
        let code = error["error"]["code"].as_str().unwrap_or_else(|| panic!("no code: {errors}"));
        Err(Refused(code.to_owned()))
    }

    /// Starts a command that goes on until it is dropped.
    pub fn start(&self, arguments: &[&str]) -> Going {
        let mut child = self.command(arguments).stdout(Stdio::piped()).spawn().expect("grid can be started");
        let (sender, lines) = mpsc::channel();
        let output = child.stdout.take().expect("its output is piped");
        thread::spawn(move || {
            let values = BufReader::new(output).lines().map_while(Result::ok);
            values.filter_map(|line| serde_json::from_str(&line).ok()).try_for_each(|value| sender.send(value))
        });
        Going { child, lines }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("grid can be started")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("grid"));
        command.args(["--json", "--node-url", &self.url, "--key", &self.key]).args(arguments).current_dir(&self.folder);
        command
    }

    /// What the account has, free and held, base units.
    pub fn money(&self) -> u128 {
        let balance = self.run(&["balance"]);
        amount(&balance["free"]) + amount(&balance["held"])
    }

    /// The account's address.
    pub fn account(&self) -> String {
        self.run(&["key", "show"])["account"].as_str().expect("key show names the account").to_owned()
    }
}

/// A command that goes on; it ends when this is dropped.
pub struct Going {
    child: Child,
    lines: Receiver<Value>,
}

impl Going {
    /// What it prints next; nothing if nothing comes for long.
    pub fn next(&self) -> Option<Value> {
        self.lines.recv_timeout(PATIENCE).ok()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An amount in JSON, base units: a whole number of up to 128 bits.
pub fn amount(value: &Value) -> u128 {
    let number = value.as_number().unwrap_or_else(|| panic!("not an amount: {value}"));
    number.to_string().parse().unwrap_or_else(|_| panic!("not an amount: {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_may_have_128_bits() {
        for sum in [0, 10_000_000, u128::from(u64::MAX) + 1, u128::MAX] {
            assert_eq!(amount(&serde_json::json!(sum)), sum);
        }
    }
}
