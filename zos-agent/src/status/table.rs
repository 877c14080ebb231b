//! A status as people read it.

use super::{ContractStatus, Status};
use grid_types::bus::WorkloadState;
use std::fmt::{self, Display, Formatter};

/// Base units of one GRID.
const GRID: u128 = 10_000_000;
/// The longest text that is shown of a reason.
const REASON: usize = 100;

impl Status {
    /// As lines of text. `now`: Unix seconds.
    pub fn table(&self, now: u64) -> String {
        Table { status: self, now }.to_string()
    }
}

struct Table<'a> {
    status: &'a Status,
    now: u64,
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Status { notes, windows, .. } = self.status;
        let mut line = |what: &str, text: String| writeln!(f, "{what:<11} {text}");
        line(
            "agent",
            if self.status.running { "running".to_owned() } else { "not running; this is what it left".to_owned() },
        )?;
        line("node", optional(self.status.node_id, "not known yet"))?;
        line("twin", optional(self.status.twin_id, "not known yet"))?;
        line("account", optional(self.status.account.as_ref(), "-"))?;
        line("float", self.status.float.map_or("not known".to_owned(), grid))?;
        let age = self.status.block_at.map(|at| format!(", {} old", span(self.now.saturating_sub(at))));
        line("block", format!("{}{}", self.status.block, age.unwrap_or_default()))?;
        line("heartbeat", said(self.ago(notes.heartbeat_at), notes.heartbeat_failure.as_deref()))?;
        line("own door", said(self.ago(notes.door_at), notes.door_failure.as_deref()))?;
        let outbox = format!("{} windows wait, {} of them under way", self.status.outbox, self.status.in_flight);
        line("outbox", said(outbox, notes.report_failure.as_deref()))?;
        let settled = format!(
            "{} accepted, {} refused; last {}",
            windows.accepted,
            windows.refused,
            self.ago(windows.settled_at)
        );
        line(
            "windows",
            said(settled, windows.refusal.as_deref().map(|last| format!("last refusal: {last}")).as_deref()),
        )?;
        for endpoint in &self.status.endpoints {
            let head = optional(endpoint.head, "-");
            let lag = endpoint.behind.filter(|behind| *behind > 0).map(|behind| format!(", {behind} behind"));
            let what = if endpoint.used { "endpoint *" } else { "endpoint" };
            let standing = format!("{} at block {head}{}", endpoint.url, lag.unwrap_or_default());
            line(
                what,
                said(standing, endpoint.set_aside.as_deref().map(|why| format!("set aside: {why}")).as_deref()),
            )?;
        }
        writeln!(f, "\n{:>10}  {:<9} {:<7} {:<24} {:<8} what", "contract", "on chain", "version", "workload", "state")?;
        self.status.contracts.iter().try_for_each(|contract| self.contract(f, contract))
    }
}

impl Table<'_> {
    fn contract(&self, f: &mut Formatter<'_>, contract: &ContractStatus) -> fmt::Result {
        let state = contract.state.as_deref().unwrap_or("-");
        let version = optional(contract.version, "-");
        let id = contract.contract_id;
        if contract.workloads.is_empty() {
            writeln!(f, "{id:>10}  {state:<9} {version:<7} {:<24} {:<8} nothing was deployed", "-", "-")?;
        }
        for workload in &contract.workloads {
            let mut what = short(&workload.message);
            if let Some(ended) = &contract.ended {
                what = format!("kept aside: {ended}");
            } else if let Some(next) = workload.next_try.filter(|_| workload.state != WorkloadState::Ok) {
                what = format!("{what}; next try {}", self.until(next));
            }
            let (name, standing) = (&workload.name, workload.state.as_str());
            writeln!(f, "{id:>10}  {state:<9} {version:<7} {name:<24} {standing:<8} {what}")?;
        }
        match &contract.report {
            Some(report) => {
                let (why, next) = (short(&report.reason), self.until(report.next_try));
                writeln!(
                    f,
                    "{id:>10}  {:<9} {:<7} {:<24} {:<8} {why}; next try {next}",
                    "", "", "(telling the chain)", ""
                )
            },
            None => Ok(()),
        }
    }

    fn ago(&self, at: Option<u64>) -> String {
        at.map_or("never".to_owned(), |at| format!("{} ago", span(self.now.saturating_sub(at))))
    }

    fn until(&self, at: u64) -> String {
        match at.saturating_sub(self.now) {
            0 => "now".to_owned(),
            left => format!("in {}", span(left)),
        }
    }
}

fn said(text: String, reason: Option<&str>) -> String {
    reason.map_or(text.clone(), |reason| format!("{text}; {}", short(reason)))
}

fn optional(value: Option<impl Display>, otherwise: &str) -> String {
    value.map_or_else(|| otherwise.to_owned(), |value| value.to_string())
}

fn short(text: &str) -> String {
    match text.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

fn grid(units: u128) -> String {
    let fraction = format!("{:07}", units % GRID);
    match fraction.trim_end_matches('0') {
        "" => format!("{} GRID", units / GRID),
        fraction => format!("{}.{fraction} GRID", units / GRID),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::WorkloadStatus, *};

    #[test]
    fn failed_work_is_shown_with_its_reason_and_next_try() {
        let workload = WorkloadStatus {
            name: "stats".to_owned(),
            state: WorkloadState::Error,
            message: "not WebAssembly".to_owned(),
            since: 900,
            next_try: Some(1_300),
            tries: 3,
        };
        let contract =
            ContractStatus { contract_id: 7, workloads: vec![workload], version: Some(2), ..ContractStatus::default() };
        let table = Status { contracts: vec![contract], ..Status::default() }.table(1_000);
        assert!(table.contains("not WebAssembly; next try in 5 min"), "{table}");
        assert!(table.contains("not running"), "{table}");
    }

    #[test]
    fn amounts_and_spans_are_for_people() {
        assert_eq!([grid(10_000_000), grid(12_500_000), grid(1)], ["1 GRID", "1.25 GRID", "0.0000001 GRID"]);
        assert_eq!([span(119), span(120), span(7_200), span(200_000)], ["119 s", "2 min", "2 h", "2 d"]);
    }
}
