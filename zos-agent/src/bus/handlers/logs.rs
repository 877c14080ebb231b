//! `zos.function.logs`: what a function of the sender's wrote. Private to the owner of its contract.

use super::Desk;
use crate::faas::FaasError;
use grid_types::bus::{Code, Failure, LogLine, Logs, MAX_LOG_LINES};
use std::time::{Duration, UNIX_EPOCH};

/// The largest time that is taken, Unix milliseconds: the year 9999.
const LATEST: u64 = 253_402_300_799_000;

impl Desk {
    pub(super) async fn logs(&self, sender: u32, request: Logs) -> Result<Vec<LogLine>, Failure> {
        let Logs { contract_id, name, tail, since } = request;
        let work = self.senders_work(sender, contract_id).await?;
        let missing =
            || Failure::new(Code::FunctionNotFound, format!("contract {contract_id} has no workload {name:?}"));
        let function = work.stored.deployment.workload(&name).ok_or_else(missing)?.function_name(contract_id);
        let tail = tail.unwrap_or(MAX_LOG_LINES).min(MAX_LOG_LINES);
        let since = since.map(rfc3339);
        let lines = match self.faas.logs(&function, since.as_deref(), tail).await {
            Ok(lines) => lines,
            // It does not run, or not yet: nothing was written.
            Err(FaasError::NotFound) => Vec::new(),
            Err(FaasError::Unavailable(reason)) => {
                tracing::warn!(contract = contract_id, function, reason, "no log");
                return Err(Failure::new(Code::NotReady, "the node's gateway gives no log at the moment; try again"));
            },
            Err(FaasError::AnswerTooLarge) => {
                let message = "these lines are more than one answer holds; ask for fewer with tail";
                return Err(Failure::new(Code::TooLarge, message));
            },
            Err(error) => {
                return Err(Failure::new(Code::Unsupported, format!("this node's gateway gives no logs: {error}")))
            },
        };
        let line = |line: crate::faas::WrittenLine| LogLine {
            timestamp: line.timestamp,
            instance: line.instance,
            text: line.text,
        };
        Ok(lines.into_iter().map(line).collect())
    }
}

/// Unix milliseconds as text that a gateway reads.
fn rfc3339(millis: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(millis.min(LATEST))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_the_gateway() {
        assert_eq!(rfc3339(1_800_000_000_123), "2027-01-15T08:00:00.123Z");
        assert_eq!(rfc3339(u64::MAX), "9999-12-31T23:59:59.000Z");
    }
}
