//! A chain on this machine with people who have money, and no agent: nothing runs here.

use crate::{grid::Grid, process::Process, scene::start_chain};
use tempfile::TempDir;

/// The stage. Everything ends with it.
pub struct Town {
    /// The chain's endpoint.
    pub url: String,
    // The process before the folder: it is gone when that is removed.
    _chain: Process,
    folder: TempDir,
}

impl Town {
    /// Starts the chain and waits for its first blocks.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let (chain, url) = start_chain(folder.path());
        Self { url, _chain: chain, folder }
    }

    /// Somebody without money.
    pub fn stranger(&self, secret: &str) -> Grid {
        Grid::new(self.folder.path(), &self.url, secret)
    }

    /// Somebody with 100 GRID.
    pub fn somebody(&self, secret: &str) -> Grid {
        let somebody = self.stranger(secret);
        somebody.run(&["faucet", "--amount", "100"]);
        somebody
    }

    /// Somebody with 100 GRID and a twin.
    pub fn twin(&self, secret: &str) -> Grid {
        let somebody = self.somebody(secret);
        somebody.run(&["twin", "create"]);
        somebody
    }

    /// A farmer with farm 1 and price list 1, and a machine that is its own agent, node 1.
    pub fn farm(&self) -> (Grid, Grid) {
        let (farmer, machine) = (self.twin("//farmer"), self.twin("//machine"));
        farmer.run(&["policy", "create", "standard", "--cu", "1", "--su", "1", "--nu", "1", "--ipu", "1"]);
        farmer.run(&["farm", "create", "meadow", "--policy", "1"]);
        farmer.run(&["farm", "add-ip", "1", "203.0.113.10/24", "--gateway", "203.0.113.1"]);
        farmer.run(&["farm", "authorize", "1", &machine.account()]);
        let capacity = ["--cru", "8", "--mru", "16GiB", "--sru", "500GiB"];
        let place = ["--farm", "1", "--country", "Belgium", "--city", "Ghent"];
        machine.run(&[&["node", "register"], &capacity[..], &place[..]].concat());
        (farmer, machine)
    }
}
