//! The verbs of the command line that no other test needs, against a real chain.

use grid_tests::{
    grid::{Grid, Refused},
    process::Process,
    scene::{heartbeat, start_chain},
};
use serde_json::{json, Value};
use tempfile::TempDir;

/// A chain, and people with money on it. No agent: nothing runs here.
struct Town {
    folder: TempDir,
    url: String,
    _chain: Process,
}

impl Town {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let (chain, url) = start_chain(folder.path());
        Self { folder, url, _chain: chain }
    }

    /// Somebody with 100 GRID.
    fn somebody(&self, secret: &str) -> Grid {
        let somebody = Grid::new(self.folder.path(), &self.url, secret);
        somebody.run(&["faucet", "--amount", "100"]);
        somebody
    }

    fn twin(&self, secret: &str) -> Grid {
        let somebody = self.somebody(secret);
        somebody.run(&["twin", "create"]);
        somebody
    }

    /// A farmer with farm 1 and price list 1, and a machine that is its own agent, node 1.
    fn farm(&self) -> (Grid, Grid) {
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

fn refused(code: &str) -> Result<Value, Refused> {
    Err(Refused(code.to_owned()))
}

#[test]
fn farmers_change_and_delete_what_they_have() {
    let town = Town::start();
    let (farmer, machine) = town.farm();
    let prices = ["--cu", "2", "--su", "1", "--nu", "1", "--ipu", "1"];
    let policy = farmer.run(&[&["policy", "update", "1"], &prices[..]].concat());
    assert_eq!(policy["prices"]["cu"], 20_000_000);
    assert_eq!(farmer.try_run(&["policy", "delete", "1"]), refused("PolicyInUse"));
    farmer.run(&[&["policy", "create", "second"], &prices[..]].concat());
    let farm = farmer.run(&["farm", "update", "1", "--policy", "2"]);
    assert_eq!((&farm["farm"]["name"], &farm["farm"]["pricing_policy_id"]), (&json!("meadow"), &json!(2)));
    farmer.run(&["policy", "delete", "1"]);
    assert_eq!(farmer.run(&["farm", "update", "1", "--name", "field"])["farm"]["name"], "field");

    let bank = town.somebody("//bank").account();
    assert_eq!(farmer.run(&["farm", "payout", "1", &bank])["farm"]["payout"], bank);
    assert_eq!(machine.try_run(&["farm", "payout", "1", &bank]), refused("NotFarmOwner"));
    farmer.run(&["farm", "authorize", "1", &bank]);
    farmer.run(&["farm", "revoke", "1", &bank]);
    assert_eq!(farmer.try_run(&["farm", "revoke", "1", &bank]), refused("AuthorizationNotFound"));
    assert_eq!(farmer.try_run(&["claim"]), refused("NothingToClaim"));

    assert_eq!(farmer.try_run(&["farm", "delete", "1"]), refused("FarmInUse"));
    assert_eq!(farmer.run(&["node", "delete", "1"])["closing"], false);
    assert_eq!(farmer.run(&["farm", "remove-ip", "1", "203.0.113.10"])["public_ips"], json!([]));
    farmer.run(&["farm", "delete", "1"]);
    farmer.run(&["policy", "delete", "2"]);
    assert_eq!(farmer.run(&["twin", "delete"])["deleted"], true);
    assert_eq!(farmer.try_run(&["twin", "show"]), refused("no_twin"));
}

#[test]
fn machines_are_switched_moved_and_described() {
    let town = Town::start();
    let (farmer, machine) = town.farm();
    let node = farmer.run(&["node", "rent-terms", "1", "--surcharge", "20", "--whole-only"]);
    assert_eq!(node["node"]["rent"], json!({ "surcharge": 20, "whole_only": true }));
    let address = ["--ip4", "203.0.113.5/24", "--gateway4", "203.0.113.1", "--domain", "node1.example.org"];
    let node = farmer.run(&[&["node", "public-config", "1"], &address[..]].concat());
    assert_eq!(node["node"]["public_config"]["ip4"]["address"], "203.0.113.5");
    assert_eq!(farmer.run(&["node", "public-config", "1", "--none"])["node"]["public_config"], Value::Null);

    assert_eq!(farmer.run(&["node", "power", "1", "down"])["node"]["power"]["target"], "down");
    assert_eq!(machine.run(&["node", "powered", "down"])["node"]["power"]["state"], "down");
    assert_eq!(machine.try_run(&["node", "power", "1", "up"]), refused("NotFarmOwner"));
    machine.run(&["node", "powered", "up"]);
    farmer.run(&["node", "power", "1", "up"]);

    let broken = machine.run(&["node", "degraded", "--sru", "200GiB"]);
    assert_eq!(broken["node"]["capacity"]["sru"], json!(200_u64 << 30));
    assert_eq!(machine.try_run(&["node", "degraded", "--sru", "300GiB"]), refused("NotDegraded"));
    assert_eq!(farmer.try_run(&["node", "degraded", "--sru", "1GiB"]), refused("no_node"));

    assert_eq!(machine.try_run(&["node", "move", "1", "--farm", "2"]), refused("FarmNotFound"));
    farmer.run(&["farm", "create", "hill", "--policy", "1"]);
    assert_eq!(machine.try_run(&["node", "move", "1", "--farm", "2"]), refused("NodeNotAuthorized"));
    farmer.run(&["farm", "authorize", "2", &machine.account()]);
    assert_eq!(machine.run(&["node", "move", "1", "--farm", "2"])["node"]["farm_id"], 2);

    assert_eq!(machine.run(&["node", "resign-agent"])["node"]["id"], 1);
    assert_eq!(machine.try_run(&["node", "resign-agent"]), refused("no_node"));
    assert_eq!(machine.run(&["node", "accept-agent", "1"])["node"]["agent"], machine.account());
}

#[test]
fn certifiers_vouch_for_machines_and_addresses() {
    let town = Town::start();
    let (farmer, _) = town.farm();
    let (root, certifier) = (town.somebody("//Alice"), town.somebody("//certifier"));
    assert_eq!(certifier.try_run(&["node", "certify", "1"]), refused("NotCertifier"));
    assert_eq!(farmer.try_run(&["certifier", "add", &certifier.account()]), refused("RequireSudo"));
    assert_eq!(root.run(&["certifier", "add", &certifier.account()])["certifier"], true);
    assert_eq!(root.try_run(&["certifier", "add", &certifier.account()]), refused("nothing_changed"));
    assert_eq!(farmer.run(&["certifier", "list"]), json!([certifier.account()]));

    assert_eq!(certifier.run(&["node", "certify", "1"])["node"]["certified"], true);
    assert_eq!(certifier.run(&["node", "certify", "1", "--revoke"])["node"]["certified"], false);
    let unclaimed = certifier.try_run(&["farm", "verify-ip", "1", "203.0.113.99"]);
    assert_eq!(unclaimed, refused("not_found"));
    let force = ["farm", "remove-ip", "1", "203.0.113.10", "--force"];
    assert_eq!(farmer.try_run(&force), refused("NotCertifier"));
    assert_eq!(certifier.run(&force)["public_ips"], json!([]));
    assert_eq!(root.run(&["certifier", "remove", &certifier.account()])["certifier"], false);
}

#[test]
fn twins_are_sponsored_and_entities_vouch_for_them() {
    let town = Town::start();
    let (acme, user) = (town.somebody("//acme"), town.twin("//user"));
    let poor = Grid::new(town.folder.path(), &town.url, "//poor");
    poor.run(&["faucet", "--amount", "0.1"]);
    assert_eq!(poor.try_run(&["twin", "create"]), refused("CannotPayDeposit"));
    assert_eq!(user.try_run(&["twin", "unsponsor", &poor.account()]), refused("NotSponsored"));
    user.run(&["twin", "sponsor", &poor.account()]);
    let twin = poor.run(&["twin", "create"])["id"].to_string();
    assert_eq!(poor.run(&["twin", "update", "--relay", "relay.example.org"])["relay"], "relay.example.org");

    let entity = acme.run(&["entity", "create", "acme", "--country", "Belgium", "--city", "Ghent"])["id"].to_string();
    let word = acme.run(&["entity", "vouch", &twin, "--seconds", "60"]);
    let (signature, until) = (word["signature"].as_str().expect("it is text"), word["valid_until"].to_string());
    let join = ["entity", "join", &entity, "--signature", signature, "--valid-until", &until];
    assert_eq!(user.try_run(&join), refused("InvalidSignature"), "the word is for another twin");
    poor.run(&join);
    assert_eq!(poor.run(&["twin", "show"])["entities"].to_string(), format!("[{entity}]"));
    assert_eq!(acme.try_run(&["entity", "delete"]), refused("EntityInUse"));
    assert_eq!(poor.try_run(&["entity", "leave", &entity]), refused("SignatureStillValid"));
    assert_eq!(acme.run(&["entity", "update", "acme2", "--country", "Belgium", "--city", "Bruges"])["name"], "acme2");
}

#[test]
fn names_are_leased_and_nodes_are_rented() {
    let town = Town::start();
    let (_, machine) = town.farm();
    let user = town.twin("//user");
    assert_eq!(user.run(&["name", "show", "myshop"])["lease"], Value::Null);
    assert_eq!(user.try_run(&["name", "lease", "My-Shop", "--days", "2"]), refused("InvalidName"));
    assert_eq!(
        user.try_run(&["name", "lease", "myshop", "--days", "2", "--max-price", "0"]),
        refused("PriceAboveLimit")
    );
    let leased = user.run(&["name", "lease", "myshop", "--days", "2"]);
    assert_eq!(machine.try_run(&["name", "lease", "myshop", "--days", "2"]), refused("NameTaken"));
    let renewed = user.run(&["name", "renew", "myshop", "--days", "1"]);
    let end = |answer: &Value| answer["lease"]["lease_until"].as_u64().expect("a lease has an end");
    assert_eq!(end(&renewed), end(&leased) + 86_400);
    assert_eq!(user.run(&["name", "list"])[0]["name"], "myshop");
    assert_eq!(machine.try_run(&["name", "cancel", "myshop"]), refused("NotTheOwner"));
    assert_eq!(user.run(&["name", "cancel", "myshop"])["leased"], false);
    assert_eq!(user.run(&["name", "list"]), json!([]));

    let quote = user.run(&["rent", "quote", "1"]);
    // 8 vCPU with 16 GiB are 4 CU, 500 GiB of SSD are 2.5 SU; each costs 1 GRID.
    assert_eq!(quote["hourly"], 65_000_000);
    heartbeat(&town.url, "//machine");
    assert_eq!(user.try_run(&["rent", "create", "1", "--price-limit", "6"]), refused("PriceAboveLimit"));
    let rent = user.run(&["rent", "create", "1"])["contract"]["contract_id"].to_string();
    assert_eq!(machine.run(&["node", "show", "1"])["status"]["rented_by"].to_string(), rent);
    assert_eq!(user.try_run(&["contract", "cushion", &rent, "--amount", "1"]), refused("WrongKind"));
    assert_eq!(user.run(&["cancel", &rent])["cause"], "canceled_by_user");
    assert_eq!(machine.run(&["node", "show", "1"])["status"]["rented_by"], Value::Null);
}
