//! A short life of a node: what happens in it, and how it must end whatever became of the agent on the way.

use crate::{
    home::Home,
    ledger::Ledger,
    meadow::{eventually, found_at_last, http, Meadow, NODE, SECRETS},
};
use grid_types::bus;
use reqwest::{Method, RequestBuilder};
use serde_json::{json, Value};
use std::{collections::BTreeSet, fs, path::Path};
use zos_agent::faas::secret_name;

/// How a story ended: the same whatever happened on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The functions of the gateway.
    pub functions: BTreeSet<String>,
    /// The secrets of the gateway.
    pub secrets: BTreeSet<String>,
    /// The contracts of the node on chain.
    pub contracts: Vec<u64>,
    /// The contracts that the agent knows of.
    pub deployments: Vec<u64>,
    /// Files of modules: the agent's, and the gateway's.
    pub modules: (BTreeSet<String>, BTreeSet<String>),
}

/// The contracts of a story.
#[derive(Clone, Copy, Debug)]
pub struct Contracts {
    /// It was updated, and has ended.
    pub ended: u64,
    /// It stays.
    pub stays: u64,
    /// Its function never came to run, and it has ended.
    pub failed: u64,
}

/// A contract is made, updated and cancelled while another one stays; what a third one wants cannot be done.
pub async fn live(meadow: &Meadow, home: &Home) -> Contracts {
    let first = meadow.deployed("one").await;
    let stays = meadow.deployed("stays").await.contract_id;
    let ended = first.contract_id;
    meadow.updated(&first, "two").await;
    let dropped = secret_name(SECRETS[1], "f", ended);
    let gone = || async { !listed(home, "secrets").await.contains(&dropped) };
    eventually("the secret that the update dropped is gone", gone).await;
    meadow.billed(ended).await;
    meadow.billed(stays).await;
    meadow.cancel(ended).await.expect("it can be cancelled");
    meadow.gone(ended).await;
    let failed = meadow.given_up().await;
    meadow.cancel(failed).await.expect("it can be cancelled");
    Contracts { ended, stays, failed }
}

/// Waits until nothing is left to be done, and tells how it ended. Panics if anything but what this contract has is left, or not
/// all of that.
pub async fn ending(meadow: &Meadow, home: &Home, stays: u64) -> Ending {
    eventually("the agent forgets what is over", || async { deployments(meadow).await == [stays] }).await;
    meadow.answers(stays, "stays").await;
    meadow.billed(stays).await;
    let modules = home.state().join("modules");
    eventually("modules of what is over are deleted", || async { files(&modules).len() == 1 }).await;
    let ending = Ending {
        functions: listed(home, "functions").await,
        secrets: listed(home, "secrets").await,
        contracts: contracts_of_node(meadow).await,
        deployments: deployments(meadow).await,
        modules: (files(&modules), files(&home.gateway_state().join("modules"))),
    };
    ending.assert_only(stays);
    ending
}

impl Ending {
    fn assert_only(&self, stays: u64) {
        let secrets = SECRETS.map(|mount| secret_name(mount, "f", stays));
        assert_eq!(self.functions, BTreeSet::from([format!("f-{stays}")]), "functions of what stays: {self:?}");
        assert_eq!(self.secrets, BTreeSet::from(secrets), "secrets of what stays: {self:?}");
        assert_eq!(self.contracts, [stays], "nothing is lost: {self:?}");
    }
}

async fn deployments(meadow: &Meadow) -> Vec<u64> {
    meadow.insist(bus::DEPLOYMENT_LIST, &json!({})).await
}

async fn contracts_of_node(meadow: &Meadow) -> Vec<u64> {
    let view = meadow.chain.finalized().await.expect("the user's endpoint serves");
    view.contracts_of_node(NODE).await.expect("the user's endpoint serves")
}

/// Panics unless all was fair, and the chain was told of each version that runs and of the one that does not, once.
pub fn assert_told(ledger: &Ledger, contracts: Contracts) {
    let Contracts { ended, stays, failed } = contracts;
    ledger.assert_fair(&[(failed, 0)]);
    assert_eq!(ledger.reported(), [(ended, 0), (ended, 1), (stays, 0)], "each version is reported once");
}

/// The gateway's administrator removes all modules that no function uses; gives the files that are left.
pub async fn tidied(home: &Home) -> BTreeSet<String> {
    let folder = home.gateway_state().join("modules");
    for file in files(&folder) {
        let path = format!("modules/{}", file.trim_end_matches(".wasm"));
        let settled = || async {
            let answer = administrator(home, Method::DELETE, &path).send().await;
            // Gone now or before, or in use.
            answer.is_ok_and(|answer| matches!(answer.status().as_u16(), 202 | 404 | 409))
        };
        eventually(&format!("the gateway answers about {file}"), settled).await;
    }
    files(&folder)
}

/// The names of what the gateway's administrator sees, all functions or all secrets.
async fn listed(home: &Home, what: &str) -> BTreeSet<String> {
    let ask = || async {
        let answer = administrator(home, Method::GET, what).send().await.ok()?;
        answer.error_for_status().ok()?.json::<Vec<Value>>().await.ok()
    };
    // A kill may come as late as this.
    let listed = found_at_last(&format!("the gateway lists its {what}"), ask).await;
    listed.iter().map(|each| each["name"].as_str().expect("each has a name").to_owned()).collect()
}

/// A request of the gateway's administrator, to a path below `/system`.
pub fn administrator(home: &Home, method: Method, path: &str) -> RequestBuilder {
    let password = fs::read_to_string(home.password()).expect("the gateway has a password");
    let request = http().request(method, format!("http://{}/system/{path}", home.control));
    request.basic_auth("admin", Some(password.trim()))
}

/// The names of all files in a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect()
}
