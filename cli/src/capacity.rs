//! What this machine has.

use crate::{
    amount::{Bytes, Vcpu},
    args::RegisterArgs,
    error::{file_error, CliError},
};
use grid_types::units::Capacity;
use std::path::Path;

const MEMINFO: &str = "/proc/meminfo";

/// What is given, and what is found out for the rest.
pub fn of(args: &RegisterArgs) -> Result<Capacity, CliError> {
    let given = &args.capacity;
    Ok(Capacity {
        cru: given.cru.map_or_else(processors, Ok)?.0,
        mru: given.mru.map_or_else(memory, Ok)?.0,
        sru: given.sru.map_or_else(|| disk(&args.disk), Ok)?.0,
        hru: given.hru.unwrap_or_default().0,
    })
}

fn processors() -> Result<Vcpu, CliError> {
    let count = std::thread::available_parallelism().map_err(|error| unknown("processors", "--cru", error))?;
    Ok(Vcpu(count.get() as u64 * 1_000))
}

fn memory() -> Result<Bytes, CliError> {
    let text = std::fs::read_to_string(MEMINFO).map_err(|error| file_error(Path::new(MEMINFO), &error))?;
    total_memory(&text).map(Bytes).ok_or_else(|| unknown("memory", "--mru", "no MemTotal in /proc/meminfo"))
}

fn disk(path: &Path) -> Result<Bytes, CliError> {
    let found = rustix::fs::statvfs(path).map_err(|error| unknown("disk", "--sru", error))?;
    Ok(Bytes(found.f_bavail.saturating_mul(found.f_frsize)))
}

/// `MemTotal` of `/proc/meminfo`, bytes.
fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}

fn unknown(what: &str, option: &str, error: impl ToString) -> CliError {
    CliError::failed("capacity_unknown", format!("cannot find out the machine's {what}: {}", error.to_string()))
        .hint(format!("give it with {option}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(total_memory("MemTotal:       24593284 kB\nMemFree: 1 kB\n"), Some(24_593_284 * 1_024));
        assert_eq!(total_memory("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn this_machine_has_something_of_everything() {
        assert!(processors().unwrap().0 >= 1_000);
        assert!(memory().unwrap().0 > 0);
        assert!(disk(Path::new("/")).unwrap().0 > 0);
    }
}
