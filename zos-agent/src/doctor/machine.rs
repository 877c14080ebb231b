//! What can be told of the machine alone: the state folder, and the gateway.

use super::Finding;
use crate::{
    config::Config,
    faas::{embedded::reachable, Endpoint, Faas},
    secret,
};
use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};

/// Room on disk below which an agent should not be, and below which it cannot work; bytes.
const ROOM: (u64, u64) = (2 << 30, 100 << 20);
/// The longest that the gateway may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who may look into it, whether one can write there, and how much.
pub(super) fn state_folder(path: &Path) -> Vec<Finding> {
    const WHAT: &str = "state folder";
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return vec![Finding::bad(WHAT, format!("{shown}: {error}"), "zos-agent init makes it")],
    };
    let mut findings = Vec::new();
    let mode = metadata.permissions().mode() & 0o777;
    findings.push(if mode & 0o077 != 0 {
        let found = format!("{shown}: others can look into it (mode {mode:04o})");
        Finding::bad(WHAT, found, format!("chmod 700 {shown}"))
    } else if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        Finding::bad(WHAT, format!("{shown}: cannot be written to"), format!("chown -R <the agent's user> {shown}"))
    } else {
        Finding::good(WHAT, shown.to_string())
    });
    findings.push(room(path));
    findings
}

fn room(path: &Path) -> Finding {
    const WHAT: &str = "room on disk";
    match rustix::fs::statvfs(path) {
        Ok(found) => judge_room(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => Finding::weak(WHAT, format!("cannot be told: {error}"), "look with df"),
    }
}

fn judge_room(free: u64) -> Finding {
    const WHAT: &str = "room on disk";
    let found = format!("{} MiB are free", free >> 20);
    match free {
        free if free < ROOM.1 => Finding::bad(WHAT, found, "make room: nothing can be accepted or reported without it"),
        free if free < ROOM.0 => {
            Finding::weak(WHAT, found, "make room, or offer less (grid node update <node> --sru <size>)")
        },
        _ => Finding::good(WHAT, found),
    }
}

/// Whether functions can be run: the external gateway takes the password, or the embedded one answers.
pub(super) async fn gateway(config: &Config, running: bool) -> Finding {
    const WHAT: &str = "gateway";
    if let Some((url, file)) = config.gateway.url.as_ref().zip(config.gateway.password_file.as_ref()) {
        let password = match secret::read(file) {
            Ok(password) => password,
            Err(error) => return Finding::bad(WHAT, format!("{}: {error}", file.display()), "put its password there"),
        };
        let next = "is it running, and are [gateway] url, user and password_file right?";
        let Ok(faas) = Faas::new(Endpoint::new(url, &config.gateway.user, password)) else {
            return Finding::bad(WHAT, format!("{url} cannot be asked"), next);
        };
        return match tokio::time::timeout(PATIENCE, faas.list()).await {
            Ok(Ok(functions)) => Finding::good(WHAT, format!("{url} runs {} functions", functions.len())),
            Ok(Err(error)) => Finding::bad(WHAT, format!("{url}: {error}"), next),
            Err(_) => Finding::bad(WHAT, format!("{url}: no answer in {} s", PATIENCE.as_secs()), next),
        };
    }
    let address = reachable(config.gateway.listen);
    match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) if running => Finding::good(WHAT, format!("the embedded one answers at {address}")),
        Ok(Ok(_)) => {
            let found = format!("something else answers at {address}");
            Finding::bad(WHAT, found, "choose another [gateway] listen, or stop what is there")
        },
        _ if running => Finding::bad(WHAT, format!("nothing answers at {address}"), "look into the agent's log"),
        _ => Finding::weak(WHAT, "the embedded one starts with the agent", "start the agent"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{super::Health, *};
    use std::fs::{set_permissions, Permissions};

    #[test]
    fn a_state_folder_that_others_can_look_into_is_bad() {
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let found = &state_folder(folder.path())[0];
        assert_eq!(found.health, Health::Bad);
        assert!(found.next.as_ref().unwrap().starts_with("chmod 700"));
        set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        assert_eq!(state_folder(folder.path())[0].health, Health::Good);
    }

    #[test]
    fn a_state_folder_that_is_not_there_is_bad() {
        assert_eq!(state_folder(Path::new("/nowhere/at/all"))[0].health, Health::Bad);
    }

    #[test]
    fn little_room_is_weak_and_none_is_bad() {
        let health = |free| judge_room(free).health;
        assert_eq!([health(1 << 20), health(1 << 30), health(1 << 40)], [Health::Bad, Health::Weak, Health::Good]);
    }
}
