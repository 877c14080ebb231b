//! The examples of `grid-client`, run one after the other against a real chain: what they print is what they promise.

use grid_tests::{
    by_hand::heartbeat,
    grid::Grid,
    process::{binary, Process},
    scene::{start_chain, PATIENCE},
    wait::until,
};
use std::{path::Path, process::Command};

/// What an example prints. It must succeed.
fn run(url: &str, name: &str, arguments: &[&str]) -> String {
    let output = Command::new(binary(&format!("examples/{name}")))
        .args(arguments)
        .env("GRID_URL", url)
        .output()
        .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {told}{}", String::from_utf8_lossy(&output.stderr));
    told
}

/// Somebody with 100 GRID.
fn somebody(folder: &Path, url: &str, secret: &str) -> Grid {
    let somebody = Grid::new(folder, url, secret);
    somebody.run(&["faucet", "--amount", "100"]);
    somebody
}

#[track_caller]
fn tells(told: &str, all: &[&str]) {
    for part in all {
        assert!(told.contains(part), "{part:?} is not in: {told}");
    }
}

#[test]
fn the_examples_do_what_they_say() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path();
    let (_chain, url) = start_chain(path);
    let run = |name: &str, arguments: &[&str]| run(&url, name, arguments);
    for secret in ["//farmer", "//machine", "//user"] {
        somebody(path, &url, secret);
        tells(&run("create_twin", &[secret]), &["twin ", "in block "]);
    }
    tells(&run("create_twin", &["//user"]), &["has twin 3 already"]);
    tells(&run("watch_blocks", &["2"]), &["genesis 0x", "events of the grid"]);

    let machine = Grid::new(path, &url, "//machine").account();
    tells(&run("become_farmer", &["//farmer", "meadow", "203.0.113.10", &machine]), &["farm 1", &machine]);
    tells(&run("register_node", &["//machine", "1"]), &["node 1 joined farm 1", "fee None"]);

    heartbeat(&url, "//machine");
    tells(&run("free_nodes", &[]), &["1 nodes have room for it", "node 1: 0.01625 GRID an hour"]);
    tells(&run("create_contract", &["//user", "1"]), &["contract 1 holds [203.0.113.10]"]);
    // It tells only what is final, so it is started before anything happens, and read when the contract has ended.
    let bills = Process::start_with(path, "examples/watch_bills", &["1"], &[("GRID_URL", &url)]);
    until("the example to watch", PATIENCE, || bills.log().contains("charged before").then_some(()));
    tells(&run("report_use", &["//machine", "1"]), &["version 0 of contract 1 runs", "charged ", "for 6 s"]);
    tells(&run("fund_contract", &["//user", "1"]), &["of it 5000000 cushion", "lasts "]);
    tells(&run("report_use", &["//machine", "1"]), &["charged "]);
    tells(&run("cancel_contract", &["//machine", "1"]), &["cancelled by its node"]);
    tells(&run("cancel_contract", &["//user", "1"]), &["refused: SmartContractModule.ContractNotFound"]);
    until("the example to see the end", PATIENCE, || bills.log().contains("came back").then_some(()));
    tells(&bills.log(), &["6 s: ", "ended: cancelled by its node"]);

    tells(&run("lease_name", &["//user", "shop", "7"]), &["shop is yours until"]);
    tells(&run("lease_name", &["//machine", "shop", "7"]), &["shop is twin 3's"]);
    heartbeat(&url, "//machine");
    tells(&run("rent_node", &["//user", "1"]), &["node 1 as a whole costs", "rented by Some("]);
}
