//! What `scripts/bench chain` asks for: each verb prints rows of its table, or something for the real nodes.

use std::{env, fs, process::ExitCode};

use codec::Encode;
use grid_bench::{budgets, chain, hooks};
use gridchain_runtime::Hash;

const HELP: &str = "grid-bench: measures the chain. Called by `scripts/bench chain`.

  grid-bench storage                              rows: the storage work of reports and new contracts
  grid-bench hooks                                rows: an empty block with 10 contracts and with 100,000
  grid-bench specification BASE NODES NOW         a chain's specification, from the node's raw one
  grid-bench batches NODES NOW GENESIS            the signed batches of that chain, a line each
  grid-bench keys                                 storage keys of a block's work and of its events
  grid-bench block WEIGHT EVENTS                  declared milliseconds and accepted reports, from files with hex

A row is: what, measured, to reach, ratio; with tabs between.";

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        },
        Err(error) => {
            eprintln!("grid-bench: {error}");
            ExitCode::FAILURE
        },
    }
}

fn run(arguments: &[&str]) -> Result<Vec<String>> {
    match arguments {
        ["storage"] => Ok(storage()),
        ["hooks"] => Ok(empty_blocks()),
        ["specification", base, nodes, now] => {
            let base = serde_json::from_slice(&fs::read(base)?)?;
            let state = chain::genesis(nodes.parse()?, now.parse()?);
            Ok(vec![chain::specification(base, state).to_string()])
        },
        ["batches", nodes, now, genesis] => {
            let genesis = Hash::from_slice(&unhex(genesis)?);
            let batches = chain::batches(nodes.parse()?, now.parse()?, genesis);
            Ok(batches.map(|batch| format!("0x{}", hex::encode(batch.encode()))).collect())
        },
        ["keys"] => Ok(vec![hex::encode(chain::weight_key()), hex::encode(chain::events_key())]),
        ["block", weight, events] => {
            let read = |path: &str| -> Result<Vec<u8>> { unhex(fs::read_to_string(path)?.trim()) };
            let block = chain::Block::decode(&read(weight)?, &read(events)?).ok_or("not a block of this runtime")?;
            Ok(vec![format!("{:.1} {}", block.declared, block.reports)])
        },
        _ => Err(HELP.into()),
    }
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    Ok(hex::decode(text.trim_start_matches("0x"))?)
}

fn row(what: &str, measured: impl ToString, to_reach: impl ToString, ratio: f64) -> String {
    format!("{what}\t{}\t{}\t{ratio:.2}", measured.to_string(), to_reach.to_string())
}

fn storage() -> Vec<String> {
    let (reads, writes) = budgets::per_report();
    let mut rows = vec![
        row("reads per report of a full batch", format!("{reads:.3}"), 2, reads / 2.0),
        row("writes per report of a full batch", format!("{writes:.3}"), 1, writes),
    ];
    let mut site = budgets::Site::new(100, 100);
    for public_ips in [1, 2, 8] {
        let (reads, writes) = site.create(public_ips).count();
        let (most_reads, most_writes) = budgets::of_new_contract(public_ips as usize);
        let what = |access: &str| format!("{access} of a new contract with {public_ips} IPs");
        rows.push(row(&what("reads"), reads, most_reads, reads as f64 / most_reads as f64));
        rows.push(row(&what("writes"), writes, most_writes, writes as f64 / most_writes as f64));
    }
    rows
}

fn empty_blocks() -> Vec<String> {
    let (mut few, mut many) = (hooks::world(10), hooks::world(100_000));
    let touched = |world: &mut _| {
        let (reads, writes) = hooks::accesses(world).count();
        reads + writes
    };
    let (least, most) = (touched(&mut few), touched(&mut many));
    let (short, long) = (hooks::time(&mut few).as_secs_f64() * 1e6, hooks::time(&mut many).as_secs_f64() * 1e6);
    let (accesses, time) = (most as f64 / least as f64, long / short);
    vec![
        row("accesses of an empty block, 100,000 contracts against 10", format!("{most} : {least}"), "1.1", accesses),
        row("its time (hooks, native)", format!("{long:.1} : {short:.1} us"), "1.1", time),
    ]
}
