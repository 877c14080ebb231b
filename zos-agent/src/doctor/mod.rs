//! `zos-agent doctor`: everything that must be so for a node to earn, looked at one by one, each with what to do about it.

mod chain;
mod machine;

use crate::{config::Config, key::AgentKey, status};
use std::fmt;

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and should be better.
    Weak,
    /// The node cannot do its work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it; nothing if all is well.
    pub next: Option<String>,
}

impl Finding {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, health: Health::Good, found: found.into(), next: None }
    }

    fn weak(what: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what, health: Health::Weak, found: found.into(), next: Some(next.into()) }
    }

    fn bad(what: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what, health: Health::Bad, found: found.into(), next: Some(next.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.health {
            Health::Good => "ok  ",
            Health::Weak => "weak",
            Health::Bad => "BAD ",
        };
        write!(f, "{mark} {:<14} {}", self.what, self.found)?;
        self.next.as_ref().map_or(Ok(()), |next| write!(f, "\n     {:<14} -> {next}", ""))
    }
}

/// Looks at everything that a readable configuration allows. Changes nothing.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::good("configuration", "can be read, and every key is known")];
    findings.extend(machine::state_folder(&config.state_dir));
    let status = status::ask(&config.state_dir).await.ok();
    findings.push(match &status {
        Some(status) if status.running => Finding::good("agent", "runs"),
        _ => Finding::weak("agent", "does not run", "systemctl start zos-agent, or zos-agent run --config FILE"),
    });
    let key = match AgentKey::load(&config.node.key_file) {
        Ok(key) => {
            findings.push(Finding::good("key", format!("account {}", key.address())));
            key
        },
        Err(error) => {
            let next = "zos-agent init --key makes one; only its owner may read it (chmod 600)";
            findings.push(Finding::bad("key", error.to_string(), next));
            return findings;
        },
    };
    let genesis = status.as_ref().and_then(|status| status.genesis.clone());
    findings.extend(chain::examine(config, &key, genesis).await);
    findings.push(machine::gateway(config, status.is_some_and(|status| status.running)).await);
    findings
}

/// Whether the node can do its work.
pub fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.health != Health::Bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bad_is_said_with_what_to_do() {
        let findings = [Finding::good("key", "there"), Finding::weak("agent", "away", "start it")];
        assert!(is_well(&findings));
        let bad = Finding::bad("clock", "an hour ahead", "start an NTP service");
        let text = bad.to_string();
        assert!(text.starts_with("BAD") && text.ends_with("-> start an NTP service"), "{text}");
        assert!(!is_well(&[bad]));
    }
}
