//! The command line of the fuzzer; `scripts/fuzz` builds and starts it.

use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use gridchain_fuzz::{
    case::{Case, Failure},
    search::{search, Done, Work},
    seeds,
    shrink::shrink,
    tally::Tally,
};

const USAGE: &str = "Usage: gridchain-fuzz [--minutes N | --seconds N] [--seed S]
       gridchain-fuzz --replay HEX|FILE

  --minutes N, --seconds N
                 how long to search (5 minutes)
  --seed S       the number that all chance follows from (the time)
  --replay WHAT  run one case instead: the hex that a failure printed, or a file of steps";
/// Seconds between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(20);

struct Options {
    time: Duration,
    seed: u64,
    replay: Option<String>,
}

fn main() -> ExitCode {
    let outcome = options().and_then(|options| match &options.replay {
        Some(what) => replay(what),
        None => fuzz(&options),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        },
    }
}

fn options() -> Result<Options, String> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut options = Options { time: Duration::from_secs(300), seed: since.as_secs(), replay: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n{USAGE}"));
        let number = |value: String| value.parse::<u64>().map_err(|_| format!("`{value}` is no number\n{USAGE}"));
        match word.as_str() {
            "--minutes" => options.time = Duration::from_secs(number(value()?)?.saturating_mul(60)),
            "--seconds" => options.time = Duration::from_secs(number(value()?)?),
            "--seed" => options.seed = number(value()?)?,
            "--replay" => options.replay = Some(value()?),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

/// Whether nothing broke.
fn fuzz(options: &Options) -> Result<bool, String> {
    let seeds = seeds::read_all(Path::new(seeds::FOLDER))?;
    println!("seed {}, {} cases to begin with, {:?}", options.seed, seeds.len(), options.time);
    let seeds = seeds.into_iter().map(|(_, case)| case).collect();
    let work = Work::Time(options.time);
    let mut last = Instant::now();
    let (done, result) = search(seeds, options.seed, work, |done| {
        if last.elapsed() >= PROGRESS {
            last = Instant::now();
            println!("{}", summary(done));
        }
    });
    println!("{}\n{}", done.tally, summary(&done));
    let Err(failure) = result else { return Ok(true) };
    println!("\nBROKEN, seed {}: {}\nmaking it smaller ...", options.seed, failure.why);
    tell(&shrink(failure));
    Ok(false)
}

fn summary(done: &Done) -> String {
    format!(
        "{} cases, {} steps ({:.1} % succeeded), {} blocks, the longest took {:?}",
        done.cases,
        done.tally.total.tried,
        done.tally.total.share(),
        done.blocks.blocks,
        done.blocks.longest_block,
    )
}

fn tell(failure: &Failure) {
    println!("{}\npreset {}", failure.why, failure.case.preset_name());
    for step in &failure.case.steps {
        println!("{step}");
    }
    println!("replay with: scripts/fuzz --replay {}", failure.case.to_hex());
}

/// Whether nothing broke.
fn replay(what: &str) -> Result<bool, String> {
    let file = Path::new(what);
    let case = if file.exists() { seeds::read(file)? } else { Case::from_hex(what)? };
    println!("preset {}", case.preset_name());
    let result = case.run_and_tell(&mut Tally::default(), |step, result| match result.result {
        Some(Ok(())) => println!("{step}"),
        Some(Err(error)) => println!("{step}    # fails: {error:?}"),
        None => println!("{step}    # too heavy"),
    });
    if let Err(failure) = &result {
        println!("BROKEN at step {}: {}", failure.case.steps.len(), failure.why);
    }
    Ok(result.is_ok())
}
