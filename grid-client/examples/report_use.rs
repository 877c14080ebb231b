//! What a node's agent says about a contract: that it runs, and what it used. `zos-agent` measures; here nothing was used.
//!
//! ```sh
//! cargo run -p grid-client --example report_use agent.key 1
//! ```

use grid_client::{records::DeploymentOutcome, Call, Chain, Key, ReportOutcome, Wait};
use grid_types::units::Report;
use std::{error::Error, time::Duration};

/// The time that is reported, seconds.
const WINDOW: u64 = 6;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, contract] = &arguments[..] else { return Err("usage: report_use KEY CONTRACT".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let contract_id: u64 = contract.parse()?;
    let chain = Chain::connect(&[url]).await?;

    let contract = chain.best().await?.contract(contract_id).await?.ok_or("there is no such contract")?;
    if contract.deployed_version != Some(contract.version) {
        let (version, outcome) = (contract.version, DeploymentOutcome::Deployed);
        chain.submit(&key, Call::ReportDeployment { contract_id, version, outcome }, Wait::InBlock).await?;
        println!("version {version} of contract {contract_id} runs");
    }

    // A window ends at a time that the chain has reached, and the chain takes none of it twice.
    let from = chain.best().await?.billing(contract_id).await?.ok_or("it has ended")?.paid_until;
    while chain.best().await?.time().await? < from + WINDOW {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let report = Report { contract_id, timestamp: from + WINDOW, window: WINDOW, ..Report::default() };
    for outcome in chain.add_reports(&key, &[report], Wait::InBlock).await? {
        match outcome {
            ReportOutcome::Billed(bill) => println!("charged {} base units for {} s", bill.total(), bill.seconds),
            ReportOutcome::Refused(reason) => println!("refused: {reason:?}"),
        }
    }
    Ok(())
}
